"""What these pages have in common: a password that is checked, a transaction, a session that begins."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from app.entrance.forms import address_of, browser_of, is_secure
from app.opened import Opened
from app.sessions import COOKIE, Viewer
from models.accounts import passwords
from models.accounts.sessions import LIFE
from models.audit import Author
from models.errors import Unauthorized
from models.periods import SECOND, now_us

HASHING_AT_ONCE = 2  # each takes 64 MB and most of a core for a moment

Found = TypeVar("Found")


class Reception:
    def __init__(self, here: Opened) -> None:
        self.here = here
        self.hashing = asyncio.Semaphore(HASHING_AT_ONCE)

    async def viewer(self, request: Request) -> Viewer | None:
        return await asyncio.to_thread(self.here.sessions.viewer, request.cookies.get(COOKIE), now_us())

    async def check(self, request: Request, email: str, password: str) -> str:
        """The user whom they belong to. Who has failed too often is refused before anything is hashed."""
        with self.here.attempts.at(email, address_of(request), now_us()):
            async with self.hashing:
                user_id = await asyncio.to_thread(self.here.sessions.known, email, password)
            if user_id is None:
                raise Unauthorized("E-mail and password do not match")
        return user_id

    async def hashed(self, chosen: str) -> str:
        async with self.hashing:
            return await asyncio.to_thread(passwords.hashed, passwords.read(chosen))

    async def read(self, ask: Callable[[Connection], Found]) -> Found:
        def asking() -> Found:
            with self.here.installation.database.read() as connection:
                return ask(connection)

        return await asyncio.to_thread(asking)

    async def write(self, request: Request, email: str, act: Callable[[Connection, Author], Found]) -> Found:
        """One transaction of that person; it holds here at once."""
        author = Author(f"user {email}", now_us(), address_of(request))

        def acting() -> Found:
            with self.here.installation.database.write() as connection:
                return act(connection, author)

        done = await asyncio.to_thread(acting)
        self.here.sessions.answers.clear()
        return done

    async def begin(self, request: Request, user_id: str, answer: Response) -> Response:
        """That answer, with a fresh session of that user, however they proved who they are."""
        cookie = await asyncio.to_thread(
            self.here.sessions.begin_for, user_id, now_us(), browser_of(request), request.cookies.get(COOKIE)
        )
        answer.set_cookie(
            COOKIE, cookie, max_age=LIFE // SECOND, httponly=True, samesite="lax", secure=is_secure(request)
        )
        return answer
