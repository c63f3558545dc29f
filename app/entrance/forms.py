"""What a request to one of these pages says, and how far it is believed: its form, the site that it comes from, where
it wants to go, who its browser is."""

import ipaddress
from posixpath import normpath
from urllib.parse import parse_qs, unquote, urlsplit

from starlette.requests import Request

from models.accounts.sessions import Browser
from models.errors import BadRequest, Forbidden, TooLarge

MAX_FORM = 16 * 1024  # bytes
OURS = ("same-origin", "none")  # what a browser says of a request that no other site had a hand in
PATHS = ("/login", "/logout", "/join", "/signup", "/reset")  # nobody is led to them: their addresses hold words


async def read(request: Request) -> dict[str, str]:
    """The fields of a plain form of this site, the last of each name."""
    check_origin(request)
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_FORM:
            raise TooLarge("That form is too large")
    try:
        return {name: values[-1] for name, values in parse_qs(body.decode(), max_num_fields=10).items()}
    except ValueError:
        raise BadRequest("That form can't be read") from None


def check_origin(request: Request) -> None:
    """Forbidden where another site's page sent this; a client that says nothing is no browser."""
    fetched = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if fetched is not None:
        ours = fetched in OURS
    else:
        ours = origin is None or urlsplit(origin).netloc == request.headers.get("host")
    if not ours:
        raise Forbidden("This form came from another site: use the one here")


def local(target: str | None) -> str:
    """Where to go after signing in: a path of this server, `/` for anything else."""
    if not target or not target.startswith("/") or target.startswith("//") or "\\" in target:
        return "/"
    try:
        parts = urlsplit(target)
    except ValueError:
        return "/"
    plain = target.isprintable() and not parts.scheme and not parts.netloc
    return target if plain and not is_ours(parts.path) else "/"


def is_ours(path: str) -> bool:
    """However it is spelled."""
    plain = normpath(unquote(path)).lower()
    return any(plain == each or plain.startswith(f"{each}/") for each in PATHS)


def is_secure(request: Request) -> bool:
    """Whether the browser speaks https, to us or to a proxy before us."""
    return request.url.scheme == "https" or request.headers.get("origin", "").startswith("https://")


def browser_of(request: Request) -> Browser:
    return Browser(request.headers.get("user-agent"), address_of(request))


def address_of(request: Request) -> str | None:
    """Where the browser is. Behind a proxy that uvicorn trusts (one on this machine, unless FORWARDED_ALLOW_IPS says
    otherwise) it is what that proxy says; from anybody else such a header counts for nothing."""
    try:
        return str(ipaddress.ip_address(request.client.host)) if request.client else None
    except ValueError:
        return None
