"""The OpenAPI document: the routes as the framework tells them, and the doors, which it does not know.

What a door answers is told from its own answers, so the two cannot differ.
"""

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.dialects import Dialect, Outcome, dialects
from api.documentation import SAID

NEVER_ANSWERED = ("HTTPValidationError", "ValidationError")  # declared by the framework, as is their status
UNPROCESSABLE = "422"
OF_MANAGERS = "management"  # LiteLLM's calls have addresses of their own
OF_BODIES = ("408", "413")  # answered only where a body is read
SECURITY: list[dict[str, list[str]]] = [{"bearer": []}, {"apiKey": []}]
SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "apiKey": {"type": "apiKey", "in": "header", "name": "x-api-key"},
}


def install(app: FastAPI) -> None:
    """Make the document once, when somebody asks for it."""

    def document() -> dict[str, Any]:
        if not app.openapi_schema:
            app.openapi_schema = made(app)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def made(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    document["paths"] |= {path: {"post": door(dialect)} for path, dialect in dialects().items()}
    for path, item in document["paths"].items():
        for operation in item.values():
            keep_what_is_answered(operation)
            if path.startswith("/api/") or OF_MANAGERS in operation["tags"]:
                operation.setdefault("security", SECURITY)
    return document | {"components": components(document.get("components", {}))}


def keep_what_is_answered(operation: dict[str, Any]) -> None:
    never = (UNPROCESSABLE,) if "requestBody" in operation else (UNPROCESSABLE, *OF_BODIES)
    for status in never:
        operation["responses"].pop(status, None)


def components(declared: dict[str, Any]) -> dict[str, Any]:
    schemas = {name: schema for name, schema in declared.get("schemas", {}).items() if name not in NEVER_ANSWERED}
    return declared | {"schemas": schemas | {"Error": error()}, "securitySchemes": SCHEMES}


def error() -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["error"],
        "properties": {"error": {"type": "string"}, "details": {"type": "object"}, "rejected": met_by([REFUSED])},
    }


# -- doors ------------------------------------------------------------------------------------------------------

IDS = ["evt_019aa6c5e2007d1f0c6b2e9a4f3d8b51"]
REFUSED = [{"index": 1, "error": "Invalid payload: …", "details": {}}, {"index": 2, "error": "Invalid API key"}]


def door(dialect: Dialect) -> dict[str, Any]:
    status, answer = dialect.answer(Outcome(IDS, []))
    taken = {"schema": met_by(answers(dialect)), "example": answer}
    body = {"schema": dialect.schema, "example": dialect.example}
    operation = {
        "tags": ["ingest"],
        "summary": dialect.summary,
        "requestBody": {"required": True, "content": {"application/json": body}},
        "responses": {
            str(status): {"description": "on disk", "content": {"application/json": taken}},
            **{str(code): SAID[code] for code in refusals(dialect)},
        },
    }
    return operation | ({"security": [{}, *SECURITY]} if dialect.event_keys else {})


def answers(dialect: Dialect) -> list[dict[str, Any]]:
    """One of each sort that the door gives."""
    given = [dialect.answer(Outcome(IDS, refused))[1] for refused in ([], REFUSED)]
    tested = dialect.probe and dialect.probe(b'{"test": true}')
    return [*given, tested] if tested else given


def refusals(dialect: Dialect) -> list[int]:
    of_keys = [] if dialect.event_keys else [401, 403]
    return [400, *of_keys, 503] if dialect.batching_client else [400, *of_keys, 402, 408, 413, 429, 503]


KINDS = {bool: "boolean", int: "integer", str: "string"}


def met_by(values: Sequence[Any]) -> dict[str, Any]:
    """A schema that these values meet: what all of them have is required."""
    if not values:
        return {}
    if isinstance(values[0], list):
        return {"type": "array", "items": met_by([item for value in values for item in value])}
    if not isinstance(values[0], dict):
        return {"type": KINDS[type(values[0])]}
    names = dict.fromkeys(name for value in values for name in value)
    return {
        "type": "object",
        "required": [name for name in names if all(name in value for value in values)],
        "properties": {name: met_by([value[name] for value in values if name in value]) for name in names},
    }
