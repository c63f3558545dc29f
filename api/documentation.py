"""What the OpenAPI document says beyond what the routes' types tell: the doors, parameters, errors."""

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.dialects import Dialect, Outcome, dialects
from models.accounts import keys, sources
from models.spend import dimensions, measures
from models.spend.query import GRANULARITIES
from models.usage.text import LABEL_CHARACTERS

ERROR = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
MEANINGS = {
    400: "not understood: the field and the value are named",
    401: "no key, or not a good one",
    403: "the key's scope does not reach here",
    404: "not found in this workspace",
    405: "another method is meant",
    408: "the body took too long",
    409: "in conflict with what is there",
    413: "too large, or too many events",
    503: "the store can't take or answer it now; try again",
}
ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"description": meaning, "content": ERROR} for status, meaning in MEANINGS.items()
}
OF_BODIES = ("408", "413")  # answered only where a body is read
SECURITY: list[dict[str, list[str]]] = [{"bearer": []}, {"apiKey": []}]


def taking(*required: str, **properties: Any) -> dict[str, Any]:
    """What a route says of its JSON body."""
    schema = {"type": "object", "properties": properties} | ({"required": list(required)} if required else {})
    return {"requestBody": {"required": bool(required), "content": {"application/json": {"schema": schema}}}}


TEXT = {"type": "string"}
TEXT_OR_NULL = {"type": ["string", "null"]}
SOURCES = {
    "type": "array",
    "maxItems": sources.MAX_SOURCES,
    "items": {
        "type": "object",
        "properties": dict.fromkeys(sources.PARTS, TEXT_OR_NULL),
        "additionalProperties": False,
    },
}
KEY = taking(
    "name",
    name={"type": "string", "minLength": 1, "maxLength": LABEL_CHARACTERS},
    scope={"enum": list(keys.SCOPES)},
    sources=SOURCES,
    attributes={
        "type": "object",
        "properties": dict.fromkeys(keys.ATTRIBUTES, TEXT),
        "additionalProperties": False,
    },
    tags={"type": "array", "items": {"type": "string"}},
)


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
        "properties": {"error": {"type": "string"}, "details": {"type": "object"}, "rejected": met_by([REFUSED])},
    }
    for never_answered in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(never_answered, None)
    components["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer"},
        "apiKey": {"type": "apiKey", "in": "header", "name": "x-api-key"},
    }
    for path, item in document["paths"].items():
        for operation in item.values():
            operation["responses"].pop("422", None)  # declared by the framework, never answered
            if "requestBody" not in operation:
                for status in OF_BODIES:
                    operation["responses"].pop(status, None)
            if path.startswith("/api/"):
                operation.setdefault("security", SECURITY)
    return document


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
            **{str(code): ERRORS[code] for code in refusals(dialect)},
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
    return [400, *of_keys, 503] if dialect.batching_client else [400, *of_keys, 408, 413, 503]


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
