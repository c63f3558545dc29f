"""Open sign-up, where the operator allows it: from a form to a key that works, in one step.

It says that an e-mail has an account already, after the same work as for a new one and a few times an hour from one
address: without sending mail there is no way to keep that from whoever asks, and somebody who forgot wants to know.
"""

from functools import partial

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.entrance import forms
from app.entrance.forms import address_of
from app.entrance.page import dead_end, page
from app.entrance.reception import Reception
from models.accounts import passwords, signup, users
from models.accounts.signup import SignedUp
from models.audit import Author
from models.errors import FarthingError, NotFound
from models.periods import now_us


class SignUp:
    def __init__(self, reception: Reception) -> None:
        self.reception = reception
        self.settings = reception.here.installation.settings

    def routes(self) -> list[Route]:
        return [Route("/signup", self.show, methods=["GET"]), Route("/signup", self.sign_up, methods=["POST"])]

    async def show(self, _: Request) -> Response:
        try:
            self.require_open()
        except NotFound as problem:
            return dead_end(problem)
        return page("signup", email="", workspace="")

    async def sign_up(self, request: Request) -> Response:
        form: dict[str, str] = {}
        try:
            self.require_open()
            form = await forms.read(request)
            made = await self.make(request, form)
            shown = page("signed_up", workspace=made.workspace.name, ingest_key=made.ingest_key)
            return await self.reception.begin(request, made.user_id, shown)
        except NotFound as problem:
            return dead_end(problem)
        except FarthingError as problem:
            return page("signup", problem, email=form.get("email", ""), workspace=form.get("workspace", ""))

    def require_open(self) -> None:
        if not self.settings.open_signup:
            raise NotFound("Accounts are made by invitation here: ask somebody who has one")

    async def make(self, request: Request, form: dict[str, str]) -> SignedUp:
        email = users.read_email(form.get("email", ""))
        password = passwords.read(form.get("password", ""))
        wanted = signup.read_workspace_name(form.get("workspace", ""))
        self.reception.here.attempts.sign_up(address_of(request), now_us())
        hashed = await self.reception.hashed(password)

        act = partial(sign_up, email=email, hashed=hashed, name=wanted, days=self.settings.retention_days)
        return await self.reception.write(request, email, act)


def sign_up(connection: Connection, author: Author, email: str, hashed: str, name: str, days: int) -> SignedUp:
    return signup.sign_up(connection, email, hashed, name, days, author)
