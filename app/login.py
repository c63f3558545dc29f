"""Signing in and out: two routes of the app's own, since a cookie that scripts can't read is not Streamlit's to set.

It sends nobody to another site, takes no form from another site, and repeats no password: not in an address, not in
a log, not on the page.
"""

import asyncio
from html import escape
from http import HTTPStatus
from pathlib import Path
from string import Template
from urllib.parse import parse_qs, quote, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from app.sessions import COOKIE, Sessions
from models.accounts.users import SESSION_LIFE
from models.errors import BadRequest, FarthingError, Forbidden, TooLarge, Unauthorized
from models.periods import SECOND, now_us

PAGE = Template((Path(__file__).parent / "login.html").read_text(encoding="utf-8"))
MAX_FORM = 16 * 1024  # bytes
HASHING_AT_ONCE = 2  # each takes 64 MB and most of a core for a moment
OURS = ("same-origin", "none")  # what a browser says of a request that no other site had a hand in


class Login:
    """The routes, over one installation's sessions."""

    def __init__(self, sessions: Sessions) -> None:
        self.sessions = sessions
        self.hashing = asyncio.Semaphore(HASHING_AT_ONCE)

    def routes(self) -> list[Route]:
        return [
            Route("/login", self.show, methods=["GET"]),
            Route("/login", self.sign_in, methods=["POST"]),
            Route("/logout", self.sign_out, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        target = local(request.query_params.get("next"))
        cookie = request.cookies.get(COOKIE)
        if await asyncio.to_thread(self.sessions.viewer, cookie, now_us()):
            return RedirectResponse(target, HTTPStatus.SEE_OTHER)
        return page(target)

    async def sign_in(self, request: Request) -> Response:
        target = local(request.query_params.get("next"))
        email = ""
        try:
            check_origin(request)
            form = await read_form(request)
            email, password = form.get("email", ""), form.get("password", "")
            cookie = await self.begin(email, password)
        except FarthingError as problem:
            return page(target, email, problem)
        answer = RedirectResponse(target, HTTPStatus.SEE_OTHER)
        answer.set_cookie(
            COOKIE, cookie, max_age=SESSION_LIFE // SECOND, httponly=True, samesite="lax", secure=is_secure(request)
        )
        return answer

    async def begin(self, email: str, password: str) -> str:
        async with self.hashing:
            cookie = await asyncio.to_thread(self.sessions.begin, email, password, now_us())
        if cookie is None:
            raise Unauthorized("E-mail and password do not match")
        return cookie

    async def sign_out(self, request: Request) -> Response:
        try:
            check_origin(request)
            if cookie := request.cookies.get(COOKIE):
                await asyncio.to_thread(self.sessions.end, cookie)
        except FarthingError as problem:
            return page("/", problem=problem)
        answer = RedirectResponse("/login", HTTPStatus.SEE_OTHER)
        answer.delete_cookie(COOKIE, httponly=True, samesite="lax", secure=is_secure(request))
        return answer


def page(target: str, email: str = "", problem: FarthingError | None = None) -> HTMLResponse:
    said = f'<p class="problem" role="alert">{escape(problem.message)}</p>' if problem else ""
    focus = {"at_email": "" if email else " autofocus", "at_password": " autofocus" if email else ""}
    body = PAGE.substitute(focus, action=escape(action(target)), email=escape(email), problem=said)
    return HTMLResponse(body, problem.status if problem else HTTPStatus.OK)


def action(target: str) -> str:
    return "/login" if target == "/" else f"/login?next={quote(target, safe='')}"


def local(target: str | None) -> str:
    """Where to go after signing in: a path of this server, `/` for anything else."""
    if not target or not target.startswith("/") or target.startswith("//") or "\\" in target:
        return "/"
    parts = urlsplit(target)
    plain = target.isprintable() and not parts.scheme and not parts.netloc
    return target if plain and parts.path not in ("/login", "/logout") else "/"


async def read_form(request: Request) -> dict[str, str]:
    """The fields of a plain form, the last of each name."""
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
        raise Forbidden("This form came from another site: sign in here")


def is_secure(request: Request) -> bool:
    """Whether the browser speaks https, to us or to a proxy before us."""
    return request.url.scheme == "https" or request.headers.get("origin", "").startswith("https://")
