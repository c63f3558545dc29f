"""Price overrides through real servers: made, seen by the next event on every process, deleted; the past stays."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from models import audit
from models.database import Database
from models.pricing.terms import MAX_DOLLARS, OWN
from models.settings import Settings
from tests.servers import Farthing

NOW = datetime.now(UTC)
PUBLISHED = 3_500_000  # nano-dollars: gpt-4o with 1,000 tokens in and 100 out


def make(server: Farthing, key: str | None = None, **wanted: Any) -> dict[str, Any]:
    answer = server.post("/api/v1/prices", wanted, key=key or server.master_key)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def delete(server: Farthing, price_id: str, key: str | None = None, **headers: str) -> httpx2.Response:
    sent = {"Authorization": f"Bearer {key or server.master_key}"} | headers
    return httpx2.delete(f"{server.url}/api/v1/prices/{price_id}", headers=sent)


def listed(server: Farthing, **headers: str) -> list[dict[str, Any]]:
    sent = {"Authorization": f"Bearer {server.master_key}"} | headers
    found: list[dict[str, Any]] = httpx2.get(f"{server.url}/api/v1/prices", headers=sent).json()["prices"]
    return found


def send(server: Farthing, model: str, at: datetime = NOW, **values: Any) -> str:
    """One call with 1,000 tokens in and 100 out; its id."""
    event = {"model": model, "startTime": at.isoformat(), "prompt_tokens": 1_000, "completion_tokens": 100} | values
    answer = server.post("/api/v1/ingest", event)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def cost(server: Farthing, event_id: str) -> tuple[int | None, str]:
    found = server.get(f"/api/v1/events/{event_id}")
    return found["cost_nano_usd"], found["cost_source"]


def unheard_of() -> str:
    """A model of a test's own, on a server that tests share."""
    return f"model-{uuid4().hex}"


# -- the life of an override --------------------------------------------------------------------------------------


def test_the_next_event_costs_what_it_says_the_past_stays_and_deleted_it_is_gone(server: Farthing) -> None:
    before = send(server, "gpt-4o")
    made = make(server, provider="openai", model="gpt-4o", input_per_million_usd=1, output_per_million_usd=4)
    under = send(server, "gpt-4o")
    assert delete(server, made["id"]).status_code == 204
    after = send(server, "gpt-4o")
    costs = {name: cost(server, each) for name, each in (("before", before), ("under", under), ("after", after))}
    assert costs == {
        "before": (PUBLISHED, "computed"), "under": (1_400_000, "computed"), "after": (PUBLISHED, "computed"),
    }  # fmt: skip
    assert server.get("/api/v1/spend", last="1d")["totals"]["cost_nano_usd"] == 2 * PUBLISHED + 1_400_000
    assert listed(server) == []
    assert delete(server, made["id"]).status_code == 404


def test_the_cost_says_which_override_it_stands_on(shared: Farthing) -> None:
    model = unheard_of()
    made = make(shared, model=model, input_per_million_usd=2, output_per_million_usd=3)
    event = send(shared, model)
    assert cost(shared, event) == (2_300_000, "computed")
    assert delete(shared, made["id"]).status_code == 204
    explained = shared.get(f"/api/v1/events/{event}")["explanation"]
    assert made["id"] in str(explained["card"]), "kept beside the event, after the override is gone"
    assert sum(line["amount_nano_usd"] for line in explained["lines"]) == 2_300_000


def test_a_price_of_twenty_decimals_under_a_discount_of_as_many_can_be_explained(shared: Farthing) -> None:
    model = unheard_of()
    price = "0.12345678901234567891"
    make(shared, model=model, input_per_million_usd=price, output_per_million_usd="999999.99999999999999999999")
    event = shared.get(f"/api/v1/events/{send(shared, model)}")
    assert event["cost_nano_usd"] == 100_000_123_457, "half up, once"
    assert sum(line["amount_nano_usd"] for line in event["explanation"]["lines"]) == event["cost_nano_usd"]
    make(shared, model="gpt-4o-mini", discount_percent="33.33333333333333333333")
    event = shared.get(f"/api/v1/events/{send(shared, 'gpt-4o-mini')}")
    assert event["cost_nano_usd"] == 140_000
    assert sum(line["amount_nano_usd"] for line in event["explanation"]["lines"]) == event["cost_nano_usd"]


def test_every_process_knows_within_two_seconds(server: Farthing) -> None:
    other = Farthing.on(server.data_dir)
    other.made = server.made
    try:
        other.start_api()
        assert cost(other, send(other, "gpt-4o")) == (PUBLISHED, "computed")
        made = make(server, model="gpt-4o", discount_percent=100)
        assert eventually_costs(other, 0), "made"
        delete(server, made["id"])
        assert eventually_costs(other, PUBLISHED), "deleted"
    finally:
        other.stop()


def eventually_costs(server: Farthing, wanted: int) -> bool:
    """Whatever is sent two seconds after a change is priced by it, however slow this machine is."""
    until = datetime.now(UTC) + timedelta(seconds=2)
    while True:
        late = datetime.now(UTC) > until
        if cost(server, send(server, "gpt-4o"))[0] == wanted:
            return True
        if late:
            return False


def test_a_price_holds_from_its_day_on(shared: Farthing) -> None:
    model = unheard_of()
    day = NOW.date() - timedelta(days=2)
    make(shared, model=model, input_per_million_usd=1, output_per_million_usd=0)
    make(shared, model=model, valid_from=day.isoformat(), input_per_million_usd=2, output_per_million_usd=0)
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    costs = [cost(shared, send(shared, model, at))[0] for at in (midnight - timedelta(microseconds=1), midnight)]
    assert costs == [1_000_000, 2_000_000]


def test_days_are_those_of_the_workspace(server: Farthing) -> None:
    headers = {"Authorization": f"Bearer {server.master_key}"}
    zone = {"timezone": "Asia/Kathmandu"}
    assert httpx2.patch(f"{server.url}/api/v1/workspace", json=zone, headers=headers).status_code == 200
    made = make(server, model="mine", valid_from="2026-06-01", valid_to="2026-06-01T18:15:00Z", input_per_million_usd=1)
    assert (made["valid_from"], made["valid_to"]) == ("2026-06-01", "2026-06-02"), "shown as days where they begin one"
    exact = make(server, model="mine", valid_from="2026-06-01T00:00:00Z", input_per_million_usd=1)
    assert exact["valid_from"] == "2026-06-01T00:00:00Z"


def test_a_local_model_can_be_free_which_is_not_unpriced(shared: Farthing) -> None:
    model = f"llama3:{uuid4().hex}"
    assert cost(shared, send(shared, model, provider="ollama")) == (None, "unpriced")
    make(shared, provider="ollama", model="llama3*", input_per_million_usd=0, output_per_million_usd=0)
    assert cost(shared, send(shared, model, provider="ollama")) == (0, "computed")
    assert cost(shared, send(shared, model, provider="vllm")) == (None, "unpriced")


def test_an_embedding_that_is_free_has_no_output_to_be_known(shared: Farthing) -> None:
    model = unheard_of()
    make(shared, model=model, input_per_million_usd=0, output_per_million_usd=0)
    event = {"model": model, "provider": "ollama", "startTime": NOW.isoformat(), "prompt_tokens": 8}
    sent = shared.post("/api/v1/ingest", event).json()["id"]
    assert cost(shared, sent) == (0, "computed")


def test_a_batch_has_its_own_price(shared: Farthing) -> None:
    model = unheard_of()
    make(shared, model=model, input_per_million_usd=2, output_per_million_usd=0)
    assert cost(shared, send(shared, model, batch=True)) == (None, "unpriced")
    make(shared, model=model, service_tier="batch", input_per_million_usd=1, output_per_million_usd=0)
    assert cost(shared, send(shared, model, batch=True)) == (1_000_000, "computed")
    assert cost(shared, send(shared, model)) == (2_000_000, "computed")


def test_a_reported_cost_stays_as_it_was_reported(shared: Farthing) -> None:
    model = unheard_of()
    make(shared, model=model, input_per_million_usd=2, output_per_million_usd=0)
    event = shared.get(f"/api/v1/events/{send(shared, model, response_cost=0.5)}")
    assert (event["cost_nano_usd"], event["cost_source"], event["computed_cost_nano_usd"]) == (
        500_000_000, "reported", 2_000_000,
    )  # fmt: skip


# -- what is taken, and what is shown -----------------------------------------------------------------------------


def test_what_is_sent_is_shown_in_one_form_which_can_be_sent_again(shared: Farthing) -> None:
    sent = {"provider": "OpenAI", "model": "openai/GPT-Mine", "input_cost_per_token": 1.5e-7, "output_cost_per_token": "0.0000006",
            "input_cost_per_token_above_200k_tokens": 3e-7, "cache_read_input_token_cost_batches": 1e-8,
            "search_context_cost_per_query": {"search_context_size_low": 0.01, "search_context_size_high": 0.01}}  # fmt: skip
    made = make(shared, **sent)
    names = ("id", "created_at")
    form = {name: value for name, value in made.items() if name not in names}
    assert form == {
        "provider": "openai", "model": "gpt-mine", "valid_from": None, "valid_to": None, "service_tier": None,
        "input_per_million_usd": 0.15, "input_per_million_usd_above_200k_tokens": 0.3, "output_per_million_usd": 0.6,
        "cache_read_per_million_usd_batch": 0.01, "web_searches_per_thousand_usd": 10,
    }  # fmt: skip
    again = make(shared, **form)
    assert {name: value for name, value in again.items() if name not in names} == form
    assert [each for each in listed(shared) if each["id"] in (made["id"], again["id"])] == [made, again]


def test_every_word_of_ours_is_taken(shared: Farthing) -> None:
    made = make(shared, model=unheard_of(), **{word: index for index, word in enumerate(OWN)})
    assert {word: made[word] for word in OWN} == {word: index for index, word in enumerate(OWN)}


PRICED = {"model": "m", "input_per_million_usd": 1}
WRONG: list[tuple[dict[str, Any], str]] = [
    ({}, "model"), ({"model": ""}, "model"), ({"model": " "}, "model"), ({"model": 5}, "model"), ({"model": "x" * 257}, "model"),
    ({"model": "a\x00"}, "model"), (PRICED | {"provider": 5}, "provider"), (PRICED | {"provider": "p" * 300}, "provider"),
    ({"model": "m"}, "discount_percent"), (PRICED | {"discount_percent": 5}, "discount_percent"),
    ({"model": "m", "discount_percent": 100.5}, "discount_percent"), ({"model": "m", "discount_percent": -101}, "discount_percent"),
    ({"model": "m", "discount_percent": "many"}, "discount_percent"), ({"model": "m", "discount_percent": True}, "discount_percent"),
    ({"model": "m", "input_per_milion_usd": 1}, "input_per_milion_usd"), (PRICED | {"colour": "red"}, "colour"),
    (PRICED | {"reasoning_per_million_usd": 1}, "reasoning_per_million_usd"),
    ({"model": "m", "input_per_million_usd": -1}, "input_per_million_usd"), ({"model": "m", "input_per_million_usd": "NaN"}, "input_per_million_usd"),
    ({"model": "m", "input_per_million_usd": "Infinity"}, "input_per_million_usd"), ({"model": "m", "input_per_million_usd": []}, "input_per_million_usd"),
    ({"model": "m", "input_per_million_usd": True}, "input_per_million_usd"), ({"model": "m", "input_per_million_usd": ""}, "input_per_million_usd"),
    ({"model": "m", "input_per_million_usd": MAX_DOLLARS + 1}, "input_per_million_usd"), ({"model": "m", "input_cost_per_token": 1.5}, "input_cost_per_token"),
    ({"model": "m", "input_per_million_usd": "1e-999999999"}, "input_per_million_usd"), ({"model": "m", "input_per_million_usd": "1e999999999"}, "input_per_million_usd"),
    ({"model": "m", "input_per_million_usd": "0." + "1" * 21}, "input_per_million_usd"), ({"model": "m", "input_per_million_usd": "1" * 100_000}, "input_per_million_usd"),
    (PRICED | {"input_cost_per_token": 2}, "input_cost_per_token"), (PRICED | {"input_cost_per_token": 2e-6}, "input_cost_per_token"),
    ({"model": "m", "search_context_cost_per_query": {"low": 0.01, "high": 0.02}}, "search_context_cost_per_query"),
    (PRICED | {"service_tier": ""}, "service_tier"), (PRICED | {"service_tier": 5}, "service_tier"),
    ({"model": "m", "service_tier": "flex", "input_per_million_usd_batch": 1}, "input_per_million_usd_batch"),
    (PRICED | {"valid_from": "soon"}, "valid_from"), (PRICED | {"valid_from": "2026-13-01"}, "valid_from"), (PRICED | {"valid_from": "1969-01-01"}, "valid_from"),
    (PRICED | {"valid_from": {}}, "valid_from"), (PRICED | {"valid_from": 1e300}, "valid_from"), (PRICED | {"valid_to": "9999-12-32"}, "valid_to"),
    (PRICED | {"valid_from": "2026-06-01", "valid_to": "2026-06-01"}, "valid_to"),
]  # fmt: skip


@pytest.mark.parametrize(("wanted", "field"), WRONG, ids=str)
def test_what_is_wrong_is_named(shared: Farthing, wanted: dict[str, Any], field: str) -> None:
    before = listed(shared)
    answer = shared.post("/api/v1/prices", wanted, key=shared.master_key)
    assert answer.status_code == 400, answer.text
    assert answer.json()["details"]["field"] == field
    assert listed(shared) == before


# -- on the command line ------------------------------------------------------------------------------------------


def test_what_the_command_line_makes_and_removes_holds_on_a_running_server(server: Farthing) -> None:
    added = ("gpt-4o", "input_per_million_usd=1", "output_per_million_usd=4", "--provider", "openai")
    for word in ("provider=azure", "service_tier=batch", "valid_to=2026-01-01", "model=other"):
        refused = server.run("prices", "add", *added, word, check=False)
        assert (refused.returncode, refused.stdout) == (2, ""), "an option said as a term would be lost"
    price_id = server.run("prices", "add", *added, "--valid-from", "2026-01-01").stdout.strip()
    assert eventually_costs(server, 1_400_000)
    terms = "valid_from=2026-01-01  input_per_million_usd=1  output_per_million_usd=4"
    assert server.run("prices", "list").stdout == f"{price_id}  openai  gpt-4o  {terms}\n"
    assert json.loads(server.run("prices", "list", "--json").stdout)["prices"] == listed(server)
    assert server.run("prices", "remove", price_id).stdout == "removed\n"
    assert eventually_costs(server, PUBLISHED)
    assert server.run("prices", "list").stdout == "none\n"
    actions = [(each["action"], each["actor"]) for each in audited(server.data_dir, server.made["workspace_id"])]
    assert actions == [("price.delete", "command line"), ("price.create", "command line")]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("add", "gpt-4o", "input_per_milion_usd=1"), "input_per_milion_usd"),
        (("add", "gpt-4o", "input_per_million_usd"), "input_per_million_usd"),
        (("add", "gpt-4o", "discount_percent=15", "--valid-from", "soon"), "valid_from"),
        (("remove", "price_nobody"), "No such price override"),
        (("import", "/nowhere/prices.json"), "/nowhere/prices.json"),
    ],
)
def test_what_is_wrong_on_the_command_line_is_one_line(shared: Farthing, arguments: tuple[str, ...], says: str) -> None:
    done = shared.run("prices", *arguments, check=False)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert says in done.stderr


# -- who may ------------------------------------------------------------------------------------------------------


def test_an_admin_key_or_the_master_key_of_that_workspace(server: Farthing) -> None:
    admin = server.post("/api/v1/keys", {"name": "boss", "scope": "admin"}, key=server.master_key).json()["key"]
    made = make(server, key=admin, **PRICED)
    assert server.get("/api/v1/prices", key=admin)["prices"] == [made]
    for key, status in ((server.ingest_key, 403), (server.read_key, 403), ("sk-nonsense", 401)):
        assert server.post("/api/v1/prices", PRICED, key=key).status_code == status
        assert delete(server, made["id"], key=key).status_code == status
    assert listed(server) == [made]


def test_an_override_is_of_its_workspace_only(server: Farthing) -> None:
    server.run("init", "--workspace", "elsewhere", "--json")
    there = {"X-Farthing-Workspace": "elsewhere"}
    theirs = server.post(
        "/api/v1/prices", {"model": "gpt-4o", "discount_percent": 100}, key=server.master_key, **there
    ).json()
    assert delete(server, theirs["id"]).status_code == 404
    assert (listed(server), listed(server, **there)) == ([], [theirs])
    assert cost(server, send(server, "gpt-4o")) == (PUBLISHED, "computed")
    assert delete(server, theirs["id"], **there).status_code == 204


def test_who_made_and_deleted_it_stands_on_the_audit_log(server: Farthing) -> None:
    admin = server.post("/api/v1/keys", {"name": "boss", "scope": "admin"}, key=server.master_key).json()["key"]
    made = make(server, key=admin, **PRICED)
    assert server.post("/api/v1/prices", {"model": "m"}, key=admin).status_code == 400
    delete(server, made["id"])
    gone, new = audited(server.data_dir, server.made["workspace_id"])
    assert (new["action"], new["subject"], new["actor"], new["address"]) == (
        "price.create", made["id"], "key boss", "127.0.0.1",
    )  # fmt: skip
    assert new["details"] == gone["details"] == {name: value for name, value in made.items() if name != "id"}
    assert (gone["action"], gone["subject"], gone["actor"]) == ("price.delete", made["id"], "master key")


def audited(data_dir: Path, workspace_id: str) -> list[dict[str, Any]]:
    database = Database.of(Settings(data_dir=data_dir, _env_file=None))
    with database.read() as connection:
        records = audit.listed(connection, workspace_id).records
    database.close()
    return [each for each in records if each["action"].startswith("price.")]
