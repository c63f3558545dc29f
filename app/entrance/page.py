"""How these pages look: one frame and a form in it. Every value is escaped."""

from http import HTTPStatus
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from models.accounts import passwords
from models.errors import FarthingError

TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined,
    trim_blocks=True, lstrip_blocks=True, auto_reload=False,
)  # fmt: skip
TEMPLATES.globals |= {"shortest": passwords.SHORTEST, "longest": passwords.LONGEST}

SECRETIVE = {"Referrer-Policy": "no-referrer"}  # of pages whose address holds a word


def page(template: str, problem: FarthingError | None = None, **values: Any) -> HTMLResponse:
    """With what is wrong, if anything: then its status is the answer's, too."""
    body = TEMPLATES.get_template(f"{template}.html").render(values, problem=problem.message if problem else "")
    answer = HTMLResponse(body, problem.status if problem else HTTPStatus.OK)
    answer.headers.update(problem.headers if problem else {})
    return answer


def secretive(template: str, problem: FarthingError | None = None, **values: Any) -> HTMLResponse:
    answer = page(template, problem, **values)
    answer.headers.update(SECRETIVE)
    return answer


def dead_end(problem: FarthingError) -> HTMLResponse:
    """There is no form to fill in again."""
    return secretive("dead_end", problem)
