"""Files that run in other people's programs, served as they are: to fetch one takes no key, and none holds a secret."""

import hashlib
from pathlib import Path

from fastapi import APIRouter, Request, Response

router = APIRouter(prefix="/integrations", tags=["integrations"])

FOLDER = Path(__file__).parents[1] / "integrations"
PYTHON = "text/x-python; charset=utf-8"
CACHING = "public, no-cache"  # keep it, and ask whether it is still the same: an upgrade changes it


class PythonFile(Response):
    media_type = PYTHON


@router.get(
    "/farthing_callback.py",
    response_class=PythonFile,
    responses={
        200: {"content": {"text/x-python": {"schema": {"type": "string"}}}},
        304: {"description": "the same as the one whose ETag was sent"},
    },
)
def farthing_callback(request: Request) -> Response:
    """The callback for LiteLLM, to be put beside a program or a proxy's configuration."""
    return served("farthing_callback.py", request.headers.get("if-none-match", ""))


def served(name: str, held: str) -> Response:
    content = (FOLDER / name).read_bytes()
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": CACHING}
    if tag in held:
        return Response(status_code=304, headers=headers)
    return Response(content, headers=headers | {"Content-Type": PYTHON, "X-Content-Type-Options": "nosniff"})
