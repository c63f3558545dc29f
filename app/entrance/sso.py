"""Single sign-on: Streamlit's own `[auth]`, where secrets.toml has it, leads to an OpenID Connect provider and back.

What comes back is an identity in Streamlit's signed cookie. It is taken once, within minutes of its making, for a
session of ours, and then deleted: signing out here is signing out, and a session can be ended from everywhere. The
provider's word for an e-mail counts unless it says that nobody has verified it. SAML comes through a bridge that
speaks OpenID Connect.
"""

import json
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from secrets import token_urlsafe

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from streamlit.auth_util import (
    encode_provider_token,
    get_cookie_with_chunks,
    get_origin_from_redirect_uri,
    get_secrets_auth_section,
    validate_auth_credentials,
)
from streamlit.errors import StreamlitAuthError
from streamlit.web.server.server_util import get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
from streamlit.web.server.starlette.starlette_server_config import TOKENS_COOKIE_NAME, USER_COOKIE_NAME

from app.entrance.forms import local
from app.entrance.page import page
from app.entrance.reception import Reception
from models.accounts import invitations, users, words
from models.audit import Author
from models.errors import FarthingError, Forbidden, SettingError

BEGIN, BACK = "/login/sso", "/login/back"
PATHS = ("/auth/login", "/oauth2callback")  # Streamlit's own, open to those who are not signed in yet
DEFAULT = "default"  # the provider whose settings stand in [auth] itself
SECRET_CHARACTERS = 32  # of cookie_secret at least: who guesses it signs in as anybody
MAX_USED = 10_000  # identities that are remembered; each is good for ten minutes
FRESH = 10 / (24 * 60)  # days: within ten minutes of its making an identity is taken for a session


@dataclass(frozen=True)
class Provider:
    """One that is configured: what its section is called, and what people read on its button."""

    name: str
    title: str


class SingleSignOn:
    def __init__(self, reception: Reception) -> None:
        self.reception = reception
        self.used: OrderedDict[str, None] = OrderedDict()  # digests of identities, so that each is taken once

    def routes(self) -> list[Route]:
        return [Route(BEGIN, self.leave, methods=["GET"]), Route(BACK, self.come_back, methods=["GET"])]

    async def leave(self, request: Request) -> Response:
        """To the provider that was asked for; where to go afterwards waits in Streamlit's own signed cookie."""
        wanted = request.query_params.get("provider")
        found = next((each for each in providers() if each.name == wanted), None)
        if found is None:
            return RedirectResponse("/login", HTTPStatus.SEE_OTHER)
        request.session["next"] = local(request.query_params.get("next"))
        return RedirectResponse(f"{PATHS[0]}?provider={encode_provider_token(found.name)}", HTTPStatus.SEE_OTHER)

    async def come_back(self, request: Request) -> Response:
        """With an identity, which is of no use any more from here on."""
        answer = await self.entered(request)
        for name in request.cookies:
            if name.startswith((USER_COOKIE_NAME, TOKENS_COOKIE_NAME)):
                answer.delete_cookie(name)
        return answer

    async def entered(self, request: Request) -> Response:
        target = local(request.session.pop("next", None))
        try:
            email = identity(request)
            self.take(request.cookies[USER_COOKIE_NAME])
            hashed = await self.reception.hashed(token_urlsafe(32))  # that nobody knows: it is never asked for
            user_id = await self.reception.write(request, email, partial(enter, email=email, hashed=hashed))
            return await self.reception.begin(request, user_id, RedirectResponse(target, HTTPStatus.SEE_OTHER))
        except FarthingError as problem:
            return page("dead_end", problem)

    def take(self, signed: str) -> None:
        """Forbidden where that identity was taken before: somebody has kept a copy."""
        digest = words.digest(signed)
        if digest in self.used:
            raise Forbidden("This sign-in was used already: sign in again")
        self.used[digest] = None
        while len(self.used) > MAX_USED:
            self.used.popitem(last=False)


def enter(connection: Connection, author: Author, email: str, hashed: str) -> str:
    """The user of that e-mail. Whoever is invited under it joins by that: the provider says that it is theirs."""
    invited = invitations.open_for(connection, email, author.at_us)
    user_id = users.id_of(connection, email)
    if user_id is None and not invited:
        raise Forbidden(f"{email} has no account here: ask the owner of a workspace for an invitation")
    user_id = user_id or users.create(connection, email, hashed, author.at_us, proven=True)
    users.prove(connection, user_id, hashed, author)
    for each in invited:
        invitations.admit(connection, each, author)
    return user_id


def providers() -> tuple[Provider, ...]:
    """Those of `[auth]`; none where there is no such section."""
    section = get_secrets_auth_section()
    named = [name for name, value in section.items() if isinstance(value, Mapping) and "client_id" in value]
    names = [DEFAULT, *named] if "client_id" in section else named
    return tuple(Provider(name, "single sign-on" if name == DEFAULT else name.capitalize()) for name in names)


def require_usable() -> None:
    """SettingError where `[auth]` is there and can't work, or could be guessed."""
    if providers() and len(get_cookie_secret()) < SECRET_CHARACTERS:
        raise SettingError(f"[auth] in secrets.toml needs a cookie_secret of at least {SECRET_CHARACTERS} characters")
    for provider in providers():
        try:
            validate_auth_credentials(provider.name)
        except StreamlitAuthError as problem:
            raise SettingError(f"[auth] in secrets.toml is not usable: {' '.join(str(problem).split())}") from None


def identity(request: Request) -> str:
    """The e-mail that a provider has just vouched for. Forbidden where it has not."""
    claims = claims_of(request) or {}
    if not isinstance(claims.get("email"), str):
        raise Forbidden("Your sign-in provider has not told your e-mail: try again, or ask whoever runs Farthing")
    if claims.get("email_verified") in (False, "false"):
        raise Forbidden("Your sign-in provider says that this e-mail is not verified")
    return users.read_email(str(claims["email"]))


def is_vouched_for(request: Request) -> bool:
    """Whether somebody comes back from a provider."""
    return claims_of(request) is not None


def claims_of(request: Request) -> dict[str, object] | None:
    content = get_cookie_with_chunks(lambda name: signed(request, name), USER_COOKIE_NAME)
    try:
        claims = json.loads(content) if content else None
    except ValueError:
        return None
    ours = isinstance(claims, dict) and claims.get("origin") == get_origin_from_redirect_uri()
    return claims if ours else None


def signed(request: Request, name: str) -> bytes | None:
    """What such a cookie holds, where this server has signed it just now."""
    value = request.cookies.get(name)
    return decode_signed_value(get_cookie_secret(), name, value, FRESH) if value and providers() else None
