"""Choosing a new password by a link that the operator made."""

from functools import partial
from http import HTTPStatus

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from app.entrance import forms
from app.entrance.page import dead_end, secretive
from app.entrance.reception import Reception
from models.accounts import resets
from models.audit import Author
from models.errors import FarthingError
from models.periods import now_us


class Reset:
    def __init__(self, reception: Reception) -> None:
        self.reception = reception

    def routes(self) -> list[Route]:
        return [Route("/reset", self.show, methods=["GET"]), Route("/reset", self.choose, methods=["POST"])]

    async def show(self, request: Request) -> Response:
        return await self.page(request.query_params.get("token", ""))

    async def choose(self, request: Request) -> Response:
        """Set it and sign in: whoever holds the link has proved who they are."""
        try:
            form = await forms.read(request)
        except FarthingError as problem:
            return dead_end(problem)
        word = form.get("token", "")
        try:
            found = await self.find(word)
            hashed = await self.reception.hashed(form.get("password", ""))
            await self.reception.write(request, found.email, partial(use, word=word, hashed=hashed))
            self.reception.here.attempts.forgive(found.email, forms.address_of(request))
            return await self.reception.begin(request, found.user_id, RedirectResponse("/", HTTPStatus.SEE_OTHER))
        except FarthingError as problem:
            return await self.page(word, problem)

    async def find(self, word: str) -> resets.Reset:
        return await self.reception.read(lambda connection: resets.find(connection, word, now_us()))

    async def page(self, word: str, problem: FarthingError | None = None) -> Response:
        try:
            found = await self.find(word)
        except FarthingError as no_link:
            return dead_end(no_link)
        return secretive("reset", problem, word=word, email=found.email)


def use(connection: Connection, author: Author, word: str, hashed: str) -> None:
    resets.use(connection, word, hashed, author)
