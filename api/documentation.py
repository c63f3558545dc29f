"""What the OpenAPI document says beyond what the routes' types tell: the doors, parameters, errors."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.dialects import Dialect, Outcome, dialects
from models.spend import dimensions, measures
from models.spend.query import GRANULARITIES

ERROR = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
MEANINGS = {
    400: "not understood: the field and the value are named",
    401: "no key, or not a good one",
    403: "the key's scope does not reach here",
    404: "not found in this workspace",
    405: "another method is meant",
    409: "in conflict with what is there",
    503: "the store can't take or answer it now; try again",
}
ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"description": meaning, "content": ERROR} for status, meaning in MEANINGS.items()
}
SECURITY: list[dict[str, list[str]]] = [{"bearer": []}, {"apiKey": []}]


def parameter(name: str, description: str, **schema: Any) -> dict[str, Any]:
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": description,
        "schema": {"type": "string"} | schema,
    }


PERIOD_PARAMETERS = [
    parameter("last", "a period that ends now: 15m, 1h, 24h, 7d, 30d, …; days are local and include today"),
    parameter("from", "first day (2026-06-01) or instant"),
    parameter("to", "the day or instant after the last"),
    parameter(
        "where",
        f"dimension:value or dimension!:value, repeatable; dimensions: {dimensions.listed()}",
        type="array",
        items={"type": "string"},
    ),
]
SPEND_PARAMETERS = [
    *PERIOD_PARAMETERS,
    parameter("group_by", f"dimensions, comma-separated: {dimensions.listed()}"),
    parameter("measures", f"comma-separated: {measures.listed()}"),
    parameter("granularity", "the grain of the rows", enum=list(GRANULARITIES)),
    parameter("compare", "add the period of the same length before", enum=["previous"]),
    parameter("order", "a measure or a dimension, - in front for descending"),
    parameter("limit", "groups, the same in each period", type="integer", minimum=1),
    parameter("format", "the answer's form", enum=["json", "csv", "parquet"]),
]
EVENTS_PARAMETERS = [
    *PERIOD_PARAMETERS,
    parameter("limit", "rows of a page", type="integer", minimum=1, maximum=1000),
    parameter("cursor", "next_cursor of the page before"),
]


def install(app: FastAPI) -> None:
    """Make the document once, when somebody asks for it."""

    def document() -> dict[str, Any]:
        if not app.openapi_schema:
            app.openapi_schema = made(app)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def made(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    for path, dialect in dialects().items():
        document["paths"][path] = {"post": door(dialect)}
    components = document.setdefault("components", {})
    components.setdefault("schemas", {})["Error"] = {
        "type": "object",
        "required": ["error"],
        "properties": {"error": {"type": "string"}, "details": {"type": "object"}},
    }
    components["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer"},
        "apiKey": {"type": "apiKey", "in": "header", "name": "x-api-key"},
    }
    for path, item in document["paths"].items():
        for method, operation in item.items():
            operation["responses"].pop("422", None)  # declared by the framework, never answered
            if method in ("post", "patch", "put"):
                operation.setdefault("requestBody", {"content": {"application/json": {"schema": {"type": "object"}}}})
            if path.startswith("/api/"):
                operation["security"] = SECURITY
    return document


def door(dialect: Dialect) -> dict[str, Any]:
    status, answer = dialect.answer(Outcome(["evt_019aa6c5e2007d1f0c6b2e9a4f3d8b51"], []))
    refusals = [400, 401, 403, 503] if dialect.batching_client else [400, 401, 403, 413, 503]
    descriptions = MEANINGS | {413: "too large, or too many events"}
    return {
        "tags": ["ingest"],
        "summary": dialect.summary,
        "requestBody": {"required": True, "content": {"application/json": {"schema": {}, "example": dialect.example}}},
        "responses": {
            str(status): {"description": "on disk", "content": {"application/json": {"example": answer}}},
            **{str(code): {"description": descriptions[code], "content": ERROR} for code in refusals},
        },
    }
