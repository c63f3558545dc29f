"""What routes say of themselves in the OpenAPI document beyond their types: errors, bodies, parameters."""

from typing import Any

from models.spend import dimensions

ERROR = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
MEANINGS = {
    400: "not understood: the field and the value are named",
    401: "no key, or not a good one",
    402: "the month's allowance is used up",
    403: "the key's scope does not reach here",
    404: "not found in this workspace",
    405: "another method is meant",
    408: "the body took too long",
    409: "in conflict with what is there",
    413: "too large, or too many events",
    429: "more requests than the rate limit lets through; Retry-After says in how many seconds there is room",
    503: "the store can't take or answer it now; try again",
}
OF_EVENTS = (402, 429)  # answered where events come in
SAID: dict[int | str, dict[str, Any]] = {
    status: {"description": meaning, "content": ERROR} for status, meaning in MEANINGS.items()
}
ERRORS = {status: said for status, said in SAID.items() if status not in OF_EVENTS}


def taking(*required: str, **properties: Any) -> dict[str, Any]:
    """What a route says of its JSON body."""
    schema = {"type": "object", "properties": properties} | ({"required": list(required)} if required else {})
    return {"requestBody": {"required": bool(required), "content": {"application/json": {"schema": schema}}}}


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
