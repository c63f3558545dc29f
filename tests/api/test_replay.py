"""Replays: bad events go in again, over HTTP at once, and as wishes that an API process carries out."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from models import quarantine
from models.accounts.keys import KEYS
from models.installation import Installation, open_installation
from models.periods import now_us
from models.quarantine import Held, Which
from models.settings import Settings
from tests.factories import AUTHOR
from tests.servers import Farthing

PATIENCE = 60  # seconds until a wish that nobody carries out is given up
INGEST, QUARANTINE = "/api/v1/ingest", "/api/v1/quarantine"


@pytest.fixture
def beside(server: Farthing) -> Iterator[Installation]:
    """The same installation, as the dashboard has it open."""
    opened = open_installation(Settings(data_dir=server.data_dir, _env_file=None))
    yield opened
    opened.database.close()


def call(**values: Any) -> dict[str, Any]:
    started = datetime.now(UTC).isoformat()
    return {"model": "gpt-4o", "startTime": started, "response_cost": 1.5, "prompt_tokens": -3} | values


def hold(server: Farthing, **values: Any) -> str:
    """Send a bad event; its place in quarantine."""
    assert server.post(INGEST, call(**values)).status_code == 400
    return str(held(server)[0]["id"])


def held(server: Farthing) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = server.get(QUARANTINE, server.master_key)["events"]
    return found


def ask(beside: Installation, server: Farthing, held_id: str, **changes: Any) -> None:
    with beside.database.write() as connection:
        quarantine.ask(connection, server.made["workspace_id"], held_id, changes, AUTHOR)


def carried_out(beside: Installation) -> None:
    """Return when no wish waits any more."""
    for _ in range(PATIENCE * 10):
        with beside.database.read() as connection:
            if not quarantine.wishes(connection, 1):
                return
        time.sleep(0.1)
    raise AssertionError("nobody carried the wish out")


def audited(server: Farthing, action: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = server.get("/api/v1/audit", server.master_key, action=action)["records"]
    return found


# -- at once ------------------------------------------------------------------------------------------------------


def test_a_replay_is_on_the_audit_log_with_what_was_changed(server: Farthing) -> None:
    held_id = hold(server, id="mine")
    answer = server.post(f"{QUARANTINE}/{held_id}/replay", {"event": {"prompt_tokens": 3}}, server.master_key)
    assert (answer.status_code, answer.json()) == (200, {"status": "accepted", "id": "mine"})
    assert held(server) == []
    (told,) = audited(server, "quarantine")
    assert (told["actor"], told["action"], told["subject"]) == ("master key", "quarantine.replay", held_id)
    assert told["details"] == {"event": "mine", "changes": {"prompt_tokens": 3}}


def test_what_is_still_bad_stays_as_it_was(server: Farthing) -> None:
    held_id, before = hold(server), held(server)
    answer = server.post(f"{QUARANTINE}/{held_id}/replay", {"event": {"prompt_tokens": "x"}}, server.master_key)
    assert (answer.status_code, answer.json()["details"]["value"]) == (400, "x")
    assert held(server) == before
    assert audited(server, "quarantine") == []


def test_deleted_it_is_gone_and_that_is_on_the_log(server: Farthing) -> None:
    held_id = hold(server)
    with server.client(server.master_key) as client:
        assert client.delete(f"{QUARANTINE}/{held_id}").status_code == 204
        assert client.delete(f"{QUARANTINE}/{held_id}").status_code == 404
    assert held(server) == []
    assert [each["subject"] for each in audited(server, "quarantine.delete")] == [held_id]


def test_without_its_key_or_its_door_nothing_can_be_replayed(server: Farthing, beside: Installation) -> None:
    with beside.database.write() as connection:
        for dialect, key in (("ingest", "nobody"), ("ingest", None), ("telegraph", "default")):
            lost = Held(server.made["workspace_id"], now_us(), dialect, key, "bad", {}, call(prompt_tokens=3))
            quarantine.hold(connection, [lost])
    answers = [server.post(f"{QUARANTINE}/{each['id']}/replay", {}, server.master_key) for each in held(server)]
    assert {answer.status_code for answer in answers} == {409}
    said = " ".join(answer.json()["error"] for answer in answers)
    assert "no key named 'nobody'" in said
    assert "no key that sent it" in said
    assert "telegraph" in said


# -- wishes -------------------------------------------------------------------------------------------------------


def test_a_wish_is_carried_out_and_counts_for_the_key_that_sent_it(server: Farthing, beside: Installation) -> None:
    ask(beside, server, hold(server, id="mine"), prompt_tokens=7)
    carried_out(beside)
    assert held(server) == []
    (event,) = server.events()
    assert (event["id"], event["input_tokens"], event["key"], event["cost_usd"]) == ("mine", 7, "default", 1.5)


def test_a_wish_that_is_refused_leaves_the_new_reason_and_what_was_mended(
    server: Farthing, beside: Installation
) -> None:
    held_id = hold(server, completion_tokens=-4)
    ask(beside, server, held_id, prompt_tokens=3)
    carried_out(beside)
    (still,) = held(server)
    assert (still["details"]["field"], still["event"]["prompt_tokens"]) == ("completion_tokens", 3)
    ask(beside, server, held_id, completion_tokens=4)
    carried_out(beside)
    assert held(server) == []
    assert [(each["input_tokens"], each["output_tokens"]) for each in server.events()] == [(3, 4)]


def test_an_event_without_an_id_is_stored_once_however_often_it_is_replayed(
    server: Farthing, beside: Installation
) -> None:
    hold(server)
    with beside.database.read() as connection:
        (row,) = quarantine.page(connection, server.made["workspace_id"], Which(), 0, 1)
    ask(beside, server, row["id"], prompt_tokens=3)
    carried_out(beside)
    with beside.database.write() as connection:  # as if the process had died between ledger and quarantine
        connection.execute(quarantine.QUARANTINE.insert().values(dict(row)))
    ask(beside, server, row["id"], prompt_tokens=3)
    carried_out(beside)
    assert held(server) == []
    assert len(server.events()) == 1


def test_two_api_processes_store_it_once(server: Farthing, beside: Installation) -> None:
    for number in range(30):
        hold(server, endpoint=f"/{number}")
    server.port = 0
    server.start_api()
    with beside.database.write() as connection:
        connection.execute(quarantine.QUARANTINE.update().values(
            wanted={"prompt_tokens": 3}, asked_us=AUTHOR.at_us
        ))  # fmt: skip
    carried_out(beside)
    assert held(server) == []
    assert len(server.events()) == 30


def test_more_than_one_turn_takes_and_what_is_bad_among_it(server: Farthing, beside: Installation) -> None:
    good, bad = call(prompt_tokens=3), call()
    workspace = server.made["workspace_id"]
    with beside.database.write() as connection:
        rows = [Held(workspace, now_us(), "ingest", "default", "bad", {}, each) for each in [good] * 600 + [bad] * 5]
        quarantine.hold(connection, rows)
        assert quarantine.ask_all(connection, workspace, Which(), AUTHOR) == 605
    carried_out(beside)
    assert {each["details"]["field"] for each in held(server)} == {"prompt_tokens"}
    assert len(held(server)) == 5
    assert len(server.events()) == 600


def test_a_revoked_key_is_still_the_one_that_sent_it(server: Farthing, beside: Installation) -> None:
    held_id = hold(server)
    with beside.database.write() as connection:
        connection.execute(KEYS.update().where(KEYS.c.name == "default").values(revoked_us=now_us()))
    ask(beside, server, held_id, prompt_tokens=3)
    carried_out(beside)
    assert [each["key"] for each in server.events()] == ["default"]


def test_beyond_the_plan_it_waits_on_with_that_reason_and_its_new_values(
    server: Farthing, beside: Installation
) -> None:
    held_id = hold(server)
    with server.client(server.master_key) as client:
        assert client.patch("/api/v1/workspace", json={"monthly_events": 0, "overage": "block"}).status_code == 200
    ask(beside, server, held_id, prompt_tokens=3)
    carried_out(beside)
    (still,) = held(server)
    assert (still["error"], still["event"]["prompt_tokens"]) == ("Usage limit reached", 3)
    with server.client(server.master_key) as client:
        assert client.patch("/api/v1/workspace", json={"monthly_events": None}).status_code == 200
    ask(beside, server, held_id)
    carried_out(beside)
    assert len(server.events()) == 1
