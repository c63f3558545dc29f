"""Plotly.js as a browser gets it: bars, lines, areas and treemaps. What Streamlit brings for its own charts has four
times as much, and nothing is drawn before a browser has read and run all of it. `make plotly` builds it."""

from functools import cache
from hashlib import sha256
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

FILE = Path(__file__).parent / "assets" / "plotly.min.js"
FOREVER = "public, max-age=31536000, immutable"


@cache
def address() -> str:
    """Another one whenever there is something else in it."""
    return f"/assets/plotly.{sha256(FILE.read_bytes()).hexdigest()[:12]}.js"


def route() -> Route:
    return Route(address(), sent)


async def sent(_: Request) -> Response:
    return FileResponse(FILE, media_type="text/javascript", headers={"Cache-Control": FOREVER})
