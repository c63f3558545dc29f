"""Files that a browser keeps for good: the address of each changes with what is in it.

`PLOTLY` draws charts: bars, lines, areas and treemaps. What Streamlit brings for its own charts has four times as much,
and nothing is drawn before a browser has read and run all of it. `make plotly` builds it. `STYLE` is there before
anything is drawn, so that nothing is drawn twice.
"""

from functools import cache
from hashlib import sha256
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

HERE = Path(__file__).parent
PLOTLY = HERE / "assets" / "plotly.min.js"
STYLE = HERE / "components" / "style.css"
KINDS = {".js": "text/javascript", ".css": "text/css"}
FOREVER = "public, max-age=31536000, immutable"


@cache
def address(file: Path) -> str:
    return f"/assets/{file.stem}.{sha256(file.read_bytes()).hexdigest()[:12]}{file.suffix}"


def routes() -> list[Route]:
    return [route(file) for file in (PLOTLY, STYLE)]


def route(file: Path) -> Route:
    async def sent(_: Request) -> Response:
        return FileResponse(file, media_type=KINDS[file.suffix], headers={"Cache-Control": FOREVER})

    return Route(address(file), sent)
