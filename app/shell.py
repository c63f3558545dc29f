"""The page that Streamlit's script starts from, told what it would find out by asking: where its server is (else it
tries the page's own path first, which nobody answers), which scripts it will need, what it looks like, and what the
dashboard is called."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import lasting, preloaded

HEAD, BODY = b"<head>", b"<body>"
HERE = b"<script>window.__streamlit = {BACKEND_BASE_URL: location.origin, MAIN_PAGE_BASE_URL: location.origin}</script>"
NAME, OURS = b"<title>Streamlit</title>", b"<title>Farthing</title>"


class Shell:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and "text/html" in Headers(scope=scope).get("accept", ""):
            await self.app(uncompressed(scope), receive, Telling(send, scope["path"]))
        else:
            await self.app(scope, receive, send)


def uncompressed(scope: Scope) -> Scope:
    """The page is some kilobytes; it is read here."""
    return {**scope, "headers": [each for each in scope["headers"] if each[0] != b"accept-encoding"]}


class Telling:
    """One answer: where it is the page, it goes out as a whole, with what it is told; all else passes through."""

    def __init__(self, send: Send, path: str) -> None:
        self.send = send
        self.path = path
        self.start: Message | None = None
        self.body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and is_page(message):
            self.start = message
        elif self.start is None:
            await self.send(message)
        else:
            await self.gather(message)

    async def gather(self, message: Message) -> None:
        self.body += message.get("body", b"")
        if not message.get("more_body") and self.start:
            told = tell(self.body, self.path)
            headers = MutableHeaders(scope=self.start)
            headers["Content-Length"] = str(len(told))
            del headers["etag"]
            await self.send(self.start)
            await self.send({"type": "http.response.body", "body": told})


def tell(page: bytes, path: str) -> bytes:
    """Streamlit's page; those before sign-in have a name of their own."""
    if NAME not in page:
        return page
    told = page.replace(HEAD, HEAD + HERE + preloaded.links(path), 1).replace(NAME, OURS, 1)
    return told.replace(BODY, BODY + style() + preloaded.run(), 1)


def style() -> bytes:
    """In the body, where it has the last word: Streamlit's own styles are written into the head."""
    return f'<link rel="stylesheet" href="{lasting.address(lasting.STYLE)}">'.encode()


def is_page(start: Message) -> bool:
    return Headers(raw=start["headers"]).get("content-type", "").startswith("text/html")
