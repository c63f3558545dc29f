"""The month's allowance at the doors of a real server: what each answers, and that it is exact whoever sends at once."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import httpx2
import pytest

from tests.api.dialects.samples import BATCH, CALLBACK, INGEST, LITELLM, LLMTRACK, RESPONSE
from tests.api.test_doors import event
from tests.servers import MASTER_KEY, Farthing

FREE, PAID = {"error": "Free plan quota exceeded"}, {"error": "Usage limit reached"}


class Tenant:
    """A workspace of its own on the shared server, with an allowance and a key."""

    def __init__(self, server: Farthing, **plan: Any) -> None:
        self.server, self.name = server, f"w-{uuid4()}"
        made = json.loads(server.run("init", "--workspace", self.name, "--json").stdout)
        self.key, self.read_key = made["ingest_key"], made["read_key"]
        self.change(**({"plan": "free"} | plan))

    def change(self, **values: Any) -> None:
        answer = self.as_operator.patch("/api/v1/workspace", json=values)
        assert answer.status_code == 200, answer.text

    @property
    def as_operator(self) -> httpx2.Client:
        headers = {"Authorization": f"Bearer {MASTER_KEY}", "X-Farthing-Workspace": self.name}
        return httpx2.Client(base_url=self.server.url, headers=headers, timeout=60)

    def send(self, *events: dict[str, Any], to: str = BATCH) -> httpx2.Response:
        bodies: dict[str, Any] = {BATCH: {"events": events}, LITELLM: events, CALLBACK: events}
        return self.server.post(to, bodies.get(to, events[0]), key=self.key)

    @property
    def used(self) -> int:
        found: int = self.as_operator.get("/api/v1/workspace").json()["events_this_month"]
        return found

    @property
    def stored(self) -> int:
        found: int = self.server.get("/api/v1/spend", key=self.read_key, last="7d", measures="requests")["totals"][
            "requests"
        ]
        return found


def llmtrack(**values: Any) -> dict[str, Any]:
    return event(provider="openai", **values)


def response(**values: Any) -> dict[str, Any]:
    return event(provider="openai", response={"usage": {"prompt_tokens": 3, "completion_tokens": 1}}, **values)


SINGLE = {INGEST: event, LLMTRACK: llmtrack, RESPONSE: response}


# -- what doors answer --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("door", SINGLE)
@pytest.mark.parametrize(
    ("plan", "said"), [({}, FREE), ({"plan": "paid", "overage": "block"}, PAID)], ids=["free", "paid"]
)
def test_a_single_event_beyond_the_allowance_is_402(
    shared: Farthing, door: str, plan: dict[str, Any], said: Any
) -> None:
    tenant = Tenant(shared, monthly_events=1, **plan)
    first = SINGLE[door]()
    answered = tenant.send(first, to=door)
    assert answered.status_code in (201, 202)
    refused = tenant.send(SINGLE[door](), to=door)
    assert (refused.status_code, refused.json()) == (402, said)
    again = tenant.send(first, to=door)
    assert (again.status_code, again.json()) == (answered.status_code, answered.json()), "the first one's answer"
    assert tenant.stored == tenant.used == 1


def test_a_batch_that_crosses_the_line_is_taken_up_to_the_line(shared: Farthing) -> None:
    tenant = Tenant(shared, monthly_events=2)
    events = [event(), event(model=None), event(), event(), event()]
    answer = tenant.send(*events)
    body = answer.json()
    assert (answer.status_code, body["count"], body["ids"]) == (202, 2, [events[0]["id"], events[2]["id"]])
    assert [(each["index"], each["error"]) for each in body["rejected"]][1:] == [(3, FREE["error"]), (4, FREE["error"])]
    assert (body["rejected"][0]["index"], body["rejected"][0]["details"]["field"]) == (1, "model")


def test_a_batch_of_which_nothing_fits_is_402(shared: Farthing) -> None:
    tenant = Tenant(shared, monthly_events=0)
    answer = tenant.send(event(), event())
    assert answer.status_code == 402
    assert answer.json() == FREE | {"rejected": [{"index": each} | FREE for each in range(2)]}


def test_so_is_one_whose_other_events_are_bad(shared: Farthing) -> None:
    tenant = Tenant(shared, monthly_events=0, plan="paid", overage="block")
    answer = tenant.send(event(model=None), event())
    assert (answer.status_code, answer.json()["error"]) == (402, PAID["error"])
    assert [each["index"] for each in answer.json()["rejected"]] == [0, 1]


def test_a_batch_of_bad_events_alone_stays_400(shared: Farthing) -> None:
    assert Tenant(shared, monthly_events=0).send(event(model=None)).status_code == 400


def test_a_batch_of_what_is_there_already_is_taken_over_quota_too(shared: Farthing) -> None:
    tenant = Tenant(shared, monthly_events=1)
    known = event()
    assert tenant.send(known).status_code == 202
    answer = tenant.send(event(), known)
    assert (answer.status_code, answer.json()["ids"]) == (202, [known["id"]])
    assert answer.json()["rejected"] == [{"index": 0} | FREE]


@pytest.mark.parametrize("door", [LITELLM, CALLBACK])
def test_the_litellm_doors_are_always_2xx(shared: Farthing, door: str) -> None:
    tenant = Tenant(shared, monthly_events=1)
    events = [event(), event()]
    for _ in range(2):
        answer = tenant.send(*events, to=door)
        assert answer.status_code in (200, 202)
        assert answer.json()["rejected"] == [{"index": 1} | FREE]
    nothing_fits = tenant.send(event(), to=door)
    assert nothing_fits.status_code in (200, 202)
    assert nothing_fits.json()["rejected"] == [{"index": 0} | FREE]
    assert tenant.stored == 1


def test_their_line_in_the_log_says_so(shared: Farthing) -> None:
    Tenant(shared, monthly_events=0).send(event(), event(), to=LITELLM)
    assert f"[LITELLM] accepted=0 rejected=2 reason={FREE['error']}" in shared.log_path.read_text()


def test_llmtrack_says_what_it_was_consumed_from(shared: Farthing) -> None:
    tenant = Tenant(shared, plan="paid", monthly_events=1)
    included, overage = llmtrack(), llmtrack()
    for _ in range(2):
        for sent, source in ((included, "included"), (overage, "overage")):
            answer = tenant.send(sent, to=LLMTRACK)
            assert (answer.status_code, answer.json()) == (201, {"ok": True, "consumption_source": source})


def test_what_is_over_quota_is_not_quarantined(shared: Farthing) -> None:
    tenant = Tenant(shared, monthly_events=0)
    tenant.send(event(), event(), to=LITELLM)
    tenant.send(event())
    assert tenant.as_operator.get("/api/v1/quarantine").json()["events"] == []


def test_a_replay_takes_from_the_allowance_like_any_event(shared: Farthing) -> None:
    tenant = Tenant(shared, monthly_events=1)
    for _ in range(2):
        assert tenant.send(event(prompt_tokens=-3), to=INGEST).status_code == 400
    fix = {"event": {"prompt_tokens": 3}}
    held = [each["id"] for each in tenant.as_operator.get("/api/v1/quarantine").json()["events"]]
    first, second = (tenant.as_operator.post(f"/api/v1/quarantine/{each}/replay", json=fix) for each in held)
    assert first.status_code == 200, first.text
    assert (second.status_code, second.json()) == (402, FREE)
    assert [each["id"] for each in tenant.as_operator.get("/api/v1/quarantine").json()["events"]] == held[1:], (
        "it stays"
    )


def test_a_change_of_plan_holds_at_once(shared: Farthing) -> None:
    tenant = Tenant(shared, monthly_events=0)
    assert tenant.send(event(), to=INGEST).status_code == 402
    tenant.change(plan="paid")
    assert tenant.send(event(), to=INGEST).status_code == 202
    tenant.change(plan="free", monthly_events=1)
    assert (answer := tenant.send(event(), to=INGEST)).status_code == 402, answer.text


# -- many at once -------------------------------------------------------------------------------------------------


def test_exactly_as_many_as_allowed_are_stored_whoever_sends_at_once(shared: Farthing) -> None:
    tenant = Tenant(shared, monthly_events=150)
    accepted = at_once(tenant, shared.url)
    assert len(accepted) == tenant.stored == tenant.used == 150


def test_so_it_is_over_two_processes(shared: Farthing) -> None:
    tenant = Tenant(shared, monthly_events=150, plan="paid", overage="block")
    other = Farthing(shared.data_dir, shared.environment)
    try:
        other.start_api()
        accepted = at_once(tenant, shared.url, other.url)
    finally:
        other.stop()
    assert len(accepted) == tenant.stored == tenant.used == 150


SENDERS, TURNS = 8, 12  # some 350 events


def at_once(tenant: Tenant, *urls: str) -> set[str]:
    """The ids that were acknowledged to senders of singles, batches and LiteLLM's batches, who send everything twice."""

    def sending(sender: int) -> set[str]:
        taken: set[str] = set()
        with httpx2.Client(headers={"Authorization": f"Bearer {tenant.key}"}, timeout=60) as client:
            for turn in range(TURNS):
                door = (INGEST, BATCH, LITELLM)[turn % 3]
                events = [event() for _ in range(1 if door == INGEST else 5)]
                for url in (urls[sender % len(urls)], urls[turn % len(urls)]):
                    taken.update(acknowledged(client, url + door, events))
        return taken

    with ThreadPoolExecutor(SENDERS) as pool:
        return set().union(*pool.map(sending, range(SENDERS)))


def acknowledged(client: httpx2.Client, address: str, events: list[dict[str, Any]]) -> list[str]:
    """Sent until the store takes it or says that it won't."""
    body = {INGEST: events[0], BATCH: {"events": events}, LITELLM: events}[urlsplit(address).path]
    while (answer := client.post(address, json=body)).status_code == 503:
        pass
    assert answer.status_code in (202, 402), answer.text
    said = answer.json()
    return said.get("ids") or ([said["id"]] if "id" in said else [])
