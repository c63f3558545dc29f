"""Every operation of the OpenAPI document, with data that meets it and data that does not, under every sort of key:
no answer is a 5xx, and each is declared there, its status, its type and its body."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.main import create_app
from models.settings import Settings
from tests.api.test_doors import NOW, event
from tests.servers import Farthing

CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# A copy: what is sent is made from its examples, and changed.
DOCUMENT = deepcopy(create_app(Settings(_env_file=None)).app.openapi())  # type: ignore[call-arg, attr-defined]
OPERATIONS = [found.ok() for found in schemathesis.openapi.from_dict(DOCUMENT).get_all_operations()]
EXAMPLES = 40  # of each operation and sort of data

OF_KEYS = ("authorization", "x-api-key")
WHO_MAY = {"ingest": "ingest", "query": "read", "management": "master", "health": "nobody", "integrations": "nobody"}
WORDS = {
    "last": ["7d", "2h"],
    "from": [(NOW - timedelta(days=3)).date().isoformat()],
    "to": [NOW.isoformat()],
    "where": ["team:search", "tag:a:b", "provider!:openai", "team:(none)"],
    "group_by": ["model", "tag,hour", "tag.a", "team,key"],
    "measures": ["cost,latency_p95", "saved_share,requests", "tokens_per_minute"],
    "granularity": ["day", "minute"],
    "order": ["-requests", "model"],
    "team_id": ["frontend-team"],
    "user_id": ["ada"],
}


def named(operation: APIOperation) -> str:
    return f"{operation.method.upper()} {operation.path}"


def takes_something(operation: APIOperation) -> bool:
    return bool(operation.body or operation.path_parameters or operation.query or operation.headers)


@dataclass
class Installation:
    """A server with events in it, keys of every scope, and ids that are really there."""

    server: Farthing
    keys: dict[str, str | None]
    ids: dict[str, list[str]]

    @classmethod
    def on(cls, server: Farthing) -> "Installation":
        for each in (event(), event(model="unheard-of"), event(metadata={"team": "search"}, request_tags=["a:b"])):
            assert server.post("/api/v1/ingest", each).status_code == 202
            assert server.post("/api/v1/ingest", each | {"startTime": "soon"}).status_code == 400
        made = {scope: new_key(server, f"for {scope}", scope) for scope in ("ingest", "read", "admin")}
        others = [new_key(server, f"other {number}", "ingest")["id"] for number in range(8)]
        prices = [new_price(server, f"model-{number}") for number in range(8)]
        held = server.get("/api/v1/quarantine", key=server.master_key)["events"]
        server.post("/team/new", {"team_alias": "frontend-team"}, key=server.master_key)
        server.post("/user/new", {"user_id": "ada", "team_id": "frontend-team"}, key=server.master_key)
        return cls(
            server,
            {"nobody": None, "nonsense": "sk-nonsense", "master": server.master_key}
            | {scope: each["key"] for scope, each in made.items()},
            {
                "event_id": [row["id"] for row in server.events()],
                "key_id": others,
                "key": others,
                "held_id": [each["id"] for each in held],
                "price_id": [each["id"] for each in prices],
            },
        )


def new_key(server: Farthing, name: str, scope: str) -> dict[str, Any]:
    made: dict[str, Any] = server.post("/api/v1/keys", {"name": name, "scope": scope}, key=server.master_key).json()
    return made


def new_price(server: Farthing, model: str) -> dict[str, Any]:
    wanted = {"model": model, "input_per_million_usd": 1}
    made: dict[str, Any] = server.post("/api/v1/prices", wanted, key=server.master_key).json()
    return made


@pytest.fixture(scope="module")
def installed(shared: Farthing) -> Installation:
    return Installation.on(shared)


def conforms(operation: APIOperation, mode: GenerationMode, installed: Installation) -> None:
    cases, keys = operation.as_strategy(generation_mode=mode), [*[WHO_MAY[operation.tags[0]]] * 12, *installed.keys]

    @settings(max_examples=EXAMPLES, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(case=cases, who=st.sampled_from(keys), data=st.data())
    def asked(case: Case, who: str, data: st.DataObject) -> None:
        case.path_parameters |= data.draw(sometimes(installed.ids, case.path_parameters))
        case.query |= data.draw(sometimes(WORDS, case.query))
        if isinstance(case.body, dict):
            case.body |= data.draw(sometimes({"startTime": [NOW.isoformat()]}, case.body))
        headers = {name: value for name, value in case.headers.items() if name.lower() not in OF_KEYS}
        case.headers = headers | ({"x-api-key": key} if (key := installed.keys[who]) else {})
        answer = case.call(base_url=installed.server.url, timeout=60)
        case.validate_response(answer, checks=CHECKS)

    asked()


def sometimes(good: Mapping[str, list[str]], drawn: Mapping[str, Any]) -> st.SearchStrategy[dict[str, str]]:
    """Words that are understood, for some of what was drawn."""
    known = {name: st.sampled_from(values) for name, values in good.items() if name in drawn and values}
    return st.fixed_dictionaries({}, optional=known)


@pytest.mark.parametrize("operation", OPERATIONS, ids=named)
def test_what_meets_the_document_is_answered_by_the_document(operation: APIOperation, installed: Installation) -> None:
    conforms(operation, GenerationMode.POSITIVE, installed)


@pytest.mark.parametrize("operation", list(filter(takes_something, OPERATIONS)), ids=named)
def test_what_does_not_meet_it_is_answered_by_it_too(operation: APIOperation, installed: Installation) -> None:
    conforms(operation, GenerationMode.NEGATIVE, installed)
