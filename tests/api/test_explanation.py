"""`/api/v1/events/{id}` explains what a call cost: over all fixtures, through a real server, to the nano-dollar."""

import json
import sqlite3
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.servers import Farthing

FIXTURES = Path(__file__).parents[1] / "fixtures"
CASES = json.loads((FIXTURES / "pricing/cases.json").read_text())["cases"]
LITELLM = json.loads((FIXTURES / "litellm/expected.json").read_text())
BODIES = sorted(path for path in (FIXTURES / "litellm").iterdir() if path.stem not in ("README", "expected"))


def sent(case: dict[str, Any]) -> dict[str, Any]:
    said = case["input"]
    event = {name: said[name] for name in ("provider", "api", "model", "usage") if said[name] is not None}
    return event | {"id": case["id"], "startTime": said["timestamp"], **said.get("context", {})}


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with Farthing.start(tmp_path_factory.mktemp("explained")) as server:
        answer = server.post("/api/v1/ingest/batch", {"events": [sent(case) for case in CASES]})
        assert (answer.status_code, answer.json()["count"]) == (202, len(CASES))
        for body in BODIES:
            answer = server.client(server.ingest_key).post("/api/v1/ingest/litellm", content=body.read_bytes())
            assert answer.status_code == 202
        yield server


def summed(lines: list[dict[str, Any]]) -> int:
    return sum(line["amount_nano_usd"] for line in lines)


def by_hand(lines: list[dict[str, Any]]) -> float:
    return sum(line["quantity"] * line["unit_price_nano_usd"] for line in lines)


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_a_case_is_explained_as_it_was_written_down(filled: Farthing, case: dict[str, Any]) -> None:
    event = filled.get(f"/api/v1/events/{case['id']}")
    explanation = event["explanation"]
    assert event["cost_nano_usd"] == case["expected"]["cost_nano_usd"]
    if event["cost_nano_usd"] is None:
        assert explanation["reason"] == event["unpriced_reason"]
        return
    assert summed(explanation["lines"]) == event["cost_nano_usd"]
    lines = [(line["class"], line["quantity"], float(line["quoted_usd"])) for line in explanation["lines"]]
    used = [(each["class"], each["tokens"], float(each["usd_per_mtok"])) for each in case["components"]]
    assert sorted(lines) == sorted(each for each in used if each[1])
    assert explanation["card"]["identity"] == event["price_card"]


def test_every_litellm_event_is_explained(filled: Farthing) -> None:
    rows = filled.get("/api/v1/events", last="3000d", where="source:litellm", limit="1000")["rows"]
    assert len(rows) > 20
    for row in rows:
        event = filled.get(f"/api/v1/events/{row['id']}")
        explanation = event["explanation"]
        assert summed(explanation["lines"]) == (event["cost_nano_usd"] or 0)
        if event["computed_cost_nano_usd"] is not None:
            beside = explanation["price_list"] if event["cost_source"] == "reported" else explanation
            assert summed(beside["lines"]) == event["computed_cost_nano_usd"]
            assert abs(by_hand(beside["lines"]) - event["computed_cost_nano_usd"]) <= 1


def test_the_card_is_kept_with_the_events(filled: Farthing) -> None:
    identities = {row["price_card"] for row in filled.get("/api/v1/events", last="3000d", limit="1000")["rows"]}
    with sqlite3.connect(f"file:{filled.data_dir}/farthing.db?mode=ro", uri=True) as database:
        kept = {identity for (identity,) in database.execute("SELECT identity FROM price_cards")}
    assert identities - {None} == kept


def test_a_call_is_priced_by_its_own_time(filled: Farthing) -> None:
    moments = ("2026-08-01T12:00:00Z", "2026-11-18T12:00:00Z")
    for moment in moments:
        call = {"provider": "deepseek", "model": "deepseek-v4-flash", "startTime": moment, "id": moment}
        assert filled.post("/api/v1/ingest", call | {"prompt_tokens": 10, "completion_tokens": 1}).status_code == 202
    since = [filled.get(f"/api/v1/events/{moment}")["explanation"]["card"]["since"] for moment in moments]
    assert since == [None, "2026-09-10"]
    assert all(datetime.fromisoformat(each) for each in since if each)
