"""Joining a workspace by the link of an invitation, under the e-mail that it names: with a new account, with the
password of the one that is there, or with one button where its owner is signed in already."""

from functools import partial
from http import HTTPStatus
from urllib.parse import quote

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from app.entrance import forms
from app.entrance.page import dead_end, secretive
from app.entrance.reception import Reception
from models.accounts import invitations, users
from models.accounts.invitations import Invited
from models.audit import Author
from models.errors import FarthingError
from models.periods import now_us


class Join:
    def __init__(self, reception: Reception) -> None:
        self.reception = reception

    def routes(self) -> list[Route]:
        return [Route("/join", self.show, methods=["GET"]), Route("/join", self.join, methods=["POST"])]

    async def show(self, request: Request) -> Response:
        return await self.page(request, request.query_params.get("invitation", ""))

    async def join(self, request: Request) -> Response:
        try:
            form = await forms.read(request)
        except FarthingError as problem:
            return dead_end(problem)
        word = form.get("invitation", "")
        try:
            return await self.enter(request, word, form.get("password", ""))
        except FarthingError as problem:
            return await self.page(request, word, problem)

    async def enter(self, request: Request, word: str, password: str) -> Response:
        invited = await self.find(word)
        standing = await self.standing(request, invited)
        answer = RedirectResponse(f"/?workspace={quote(invited.workspace, safe='')}", HTTPStatus.SEE_OTHER)
        if standing == "new":
            act = partial(register, word=word, hashed=await self.reception.hashed(password))
        else:
            act = partial(accept, word=word)
        if standing == "known":
            await self.reception.check(request, invited.email, password)
        user_id = await self.reception.write(request, invited.email, act)
        return answer if standing == "here" else await self.reception.begin(request, user_id, answer)

    async def find(self, word: str) -> Invited:
        return await self.reception.read(lambda connection: invitations.find(connection, word, now_us()))

    async def standing(self, request: Request, invited: Invited) -> str:
        """`here` where the invited person is signed in, `known` where they have an account, else `new`."""
        viewer = await self.reception.viewer(request)
        if viewer and viewer.email == invited.email:
            return "here"
        known = await self.reception.read(lambda connection: users.exists(connection, invited.email))
        return "known" if known else "new"

    async def page(self, request: Request, word: str, problem: FarthingError | None = None) -> Response:
        try:
            invited = await self.find(word)
            standing = await self.standing(request, invited)
        except FarthingError as no_invitation:
            return dead_end(no_invitation)
        return secretive("join", problem, word=word, invited=invited, standing=standing)


def register(connection: Connection, author: Author, word: str, hashed: str) -> str:
    """An account for whom the link names, and a member."""
    invited = invitations.find(connection, word, author.at_us)
    users.create(connection, invited.email, hashed, author.at_us)
    return invitations.accept(connection, word, author)


def accept(connection: Connection, author: Author, word: str) -> str:
    return invitations.accept(connection, word, author)
