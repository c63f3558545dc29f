"""Every error body is `{"error": "<sentence>"}`, with `details` where a field is at fault."""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from models.errors import FarthingError

WORDS = {404: "Not found", 405: "Method not allowed"}


def install(app: FastAPI) -> None:
    app.add_exception_handler(FarthingError, known)
    app.add_exception_handler(HTTPException, of_the_framework)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(Exception, unknown)


async def known(_: Request, problem: Exception) -> JSONResponse:
    assert isinstance(problem, FarthingError)
    return JSONResponse(problem.body(), problem.status, problem.headers)


async def of_the_framework(_: Request, problem: Exception) -> JSONResponse:
    assert isinstance(problem, HTTPException)
    sentence = WORDS.get(problem.status_code, str(problem.detail))
    return JSONResponse({"error": sentence}, problem.status_code, problem.headers)


async def unknown(_: Request, __: Exception) -> JSONResponse:
    """Nothing of it: the door logs its kind."""
    return JSONResponse({"error": "Internal server error"}, 500)


async def invalid(_: Request, problem: Exception) -> JSONResponse:
    assert isinstance(problem, RequestValidationError)
    first = problem.errors()[0]
    field = ".".join(str(part) for part in first["loc"][1:]) or "body"
    return JSONResponse({"error": "Invalid payload", "details": {"field": field, "expected": first["msg"]}}, 400)
