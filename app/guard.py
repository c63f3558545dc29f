"""Nothing is shown before sign-in: the guard stands in front of pages, media, uploads and the websocket.

Pure ASGI, so that nothing goes around it. An open page whose session ends is sent to the sign-in page and its
websocket is closed, whatever its script is doing. Every answer says that the browser must ask no other host.
"""

import asyncio
from http import HTTPStatus
from time import monotonic
from urllib.parse import quote, urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from app.entrance.forms import local
from app.sessions import COOKIE, Sessions
from models.errors import StoreUnavailable
from models.periods import now_us

FORM = ("GET", "HEAD", "POST")
OPEN = {
    "/login": FORM, "/logout": ("POST",), "/join": FORM, "/signup": FORM, "/reset": FORM, "/healthz": ("GET", "HEAD"),
    "/login/sso": ("GET",), "/login/back": ("GET",), "/auth/login": ("GET",), "/oauth2callback": ("GET",),
}  # fmt: skip
RECONNECTING = ("/_stcore/health", "/_stcore/host-config")  # what an open page asks before its websocket
LOOK_EVERY = 0.5  # seconds between two looks at the session of an open websocket
SIGNED_OUT = 4401  # websocket close codes: ours
TRY_AGAIN = 1013  # and the standard's

# Streamlit runs inline scripts, and ours from blobs; neither may reach anything but this server.
POLICY = (
    "default-src 'self' 'unsafe-inline' data: blob:; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


class Guard:
    def __init__(self, app: ASGIApp, sessions: Sessions, public_url: str = "") -> None:
        self.app = app
        self.sessions = sessions
        self.public = urlsplit(public_url).netloc

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self.http(scope, receive, with_headers(send))
        elif scope["type"] == "websocket":
            await self.websocket(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def http(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            welcome = is_open(scope) or await self.signed_in(scope)
        except StoreUnavailable as problem:
            await JSONResponse(problem.body(), problem.status)(scope, receive, send)
            return
        await (self.app if welcome else refusal(scope))(scope, receive, send)

    async def websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        watched = Watched(self, scope, receive, send)
        if not self.is_ours(scope):
            await watched.refuse_strangers()
            return
        try:
            if await self.signed_in(scope):
                await self.app(scope, watched.receive, watched.send)
            else:
                await watched.refuse()
        except StoreUnavailable:
            await send({"type": "websocket.close", "code": TRY_AGAIN})
        finally:
            watched.stop()

    def is_ours(self, scope: Scope) -> bool:
        """Whether one of our own pages opens it. A browser sends the cookie along whichever page of this host does, on
        whatever port; a client that names no origin is no browser."""
        headers = HTTPConnection(scope).headers
        origin = headers.get("origin")
        return origin is None or urlsplit(origin).netloc in {headers.get("host"), self.public} - {""}

    async def signed_in(self, scope: Scope) -> bool:
        return await asyncio.to_thread(self.sessions.viewer, cookie_of(scope), now_us()) is not None


def cookie_of(scope: Scope) -> str | None:
    return HTTPConnection(scope).cookies.get(COOKIE)


def is_open(scope: Scope) -> bool:
    """Nothing of a workspace is behind it; nor behind what a page asks that comes back after its session ended."""
    if scope["path"] in RECONNECTING:
        return cookie_of(scope) is not None
    return scope["method"] in OPEN.get(scope["path"], ())


class Watched:
    """One open websocket. What the browser sends passes through; when the session has ended, the page is over."""

    def __init__(self, guard: Guard, scope: Scope, receive: Receive, send: Send) -> None:
        self.guard, self.scope = guard, scope
        self.from_browser, self.to_browser = receive, send
        self.next_message: asyncio.Task[Message] | None = None
        self.next_look = monotonic() + LOOK_EVERY
        self.over = False

    async def receive(self) -> Message:
        while not self.over:
            if monotonic() >= self.next_look:
                self.next_look = monotonic() + LOOK_EVERY
                if await self.ended():
                    break
            message = await self.message(self.next_look - monotonic())
            if message:
                return message
        await self.close()
        return {"type": "websocket.disconnect", "code": SIGNED_OUT}

    async def message(self, patience: float) -> Message | None:
        """The next one from the browser; None where it does not come in time, and then it is not lost."""
        if self.next_message is None:
            self.next_message = asyncio.ensure_future(receive_one(self.from_browser))
        done, _ = await asyncio.wait({self.next_message}, timeout=max(0, patience))
        if not done:
            return None
        message, self.next_message = self.next_message.result(), None
        return message

    async def ended(self) -> bool:
        try:
            return not await self.guard.signed_in(self.scope)
        except StoreUnavailable:  # not known now: asked again at the next look; the page's own queries fail meanwhile
            return False

    async def send(self, message: Message) -> None:
        if not self.over:
            await self.to_browser(message)

    async def refuse(self) -> None:
        """A stranger gets no websocket; a page that was signed in once is sent to the sign-in page."""
        await self.from_browser()
        if cookie_of(self.scope) is None:
            await self.to_browser({"type": "websocket.close", "code": SIGNED_OUT})
            return
        await self.to_browser({"type": "websocket.accept", "subprotocol": "streamlit"})
        await self.close()

    async def refuse_strangers(self) -> None:
        await self.from_browser()
        await self.to_browser({"type": "websocket.close", "code": SIGNED_OUT})

    async def close(self) -> None:
        """Send the page to the sign-in page, in Streamlit's own words, and hang up."""
        if not self.over:
            self.over = True
            leave = ForwardMsg()
            leave.auth_redirect.url = "/login"
            await self.to_browser({"type": "websocket.send", "bytes": leave.SerializeToString()})
            await self.to_browser({"type": "websocket.close", "code": SIGNED_OUT})

    def stop(self) -> None:
        if self.next_message:
            self.next_message.cancel()


async def receive_one(receive: Receive) -> Message:
    return await receive()


def refusal(scope: Scope) -> Response:
    """Somebody who reads a page is led to the sign-in page, and back afterwards; everything else is told."""
    reads_page = "text/html" in HTTPConnection(scope).headers.get("accept", "")
    if scope["method"] not in ("GET", "HEAD") or not reads_page:
        return JSONResponse({"error": "Not signed in"}, HTTPStatus.UNAUTHORIZED)
    query = scope["query_string"].decode("latin-1")
    asked = scope["path"] + (f"?{query}" if query else "")
    back = "" if local(asked) == "/" else f"?next={quote(asked, safe='')}"
    return RedirectResponse(f"/login{back}", HTTPStatus.SEE_OTHER)


def with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            if headers.get("content-type", "").startswith("text/html"):
                headers["Cache-Control"] = "no-store"  # the way back after signing out leads to the sign-in page
        await send(message)

    return sending
