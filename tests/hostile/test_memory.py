"""Memory that does not grow: every cache that senders can fill has a bound, and a real process under rounds of hostile
traffic stays as large as the first rounds made it."""

import gc
import gzip
import importlib
import json
import os
import pkgutil
import subprocess
import tracemalloc
from collections.abc import Iterator
from itertools import repeat
from types import ModuleType
from typing import Any
from uuid import uuid4

import pytest

import api
import models
from api.dialects import dialects
from api.dialects import litellm as litellm_dialect
from api.doors import MAX_REFUSED, sort
from api.sender import Sender
from models.accounts import directory, secrets
from models.accounts.directory import Directory
from models.errors import Unauthorized
from models.installation import Installation
from models.periods import now_us, zone
from models.pricing import names
from models.pricing.cost import price
from models.pricing.prices import published
from tests.api.dialects.samples import ARRIVAL, CALLBACK, INGEST, LITELLM, decode, litellm
from tests.api.test_doors import NOW
from tests.factories import NOON, make_event
from tests.servers import Farthing

OWN = {  # remembered without a bound: what they are asked for is ours, and there are few of it
    "api.dialects.dialects": "nothing",
    "api.dialects.litellm.no_event": "the kinds of JSON",
    "api.dialects.litellm.empty_event": "nothing",
    "models.accounts.passwords.of_nobody": "nothing",
    "models.ledger.insertion": "two tables, and the rows of a statement",
    "models.pricing.prices.published": "nothing",
    "models.pricing.table.packaged": "nothing",
    "models.spend.events.decoder": "nothing",
}


# -- bounds -------------------------------------------------------------------------------------------------------


def modules(room: ModuleType) -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
        if ".migrations" not in found.name:
            yield importlib.import_module(found.name)


def caches() -> Iterator[tuple[str, Any]]:
    """Every function of the two rooms that remembers its answers."""
    for room in (api, models):
        for module in modules(room):
            for name, value in vars(module).items():
                if hasattr(value, "cache_info") and value.__module__ == module.__name__:
                    yield f"{module.__name__}.{name}", value


def test_every_cache_has_a_bound_or_is_asked_only_by_us() -> None:
    unbounded = {name for name, cached in caches() if cached.cache_info().maxsize is None}
    assert unbounded == set(OWN)
    assert len(list(caches())) > len(OWN)


def test_names_that_senders_choose_are_remembered_within_bounds() -> None:
    for number in range(10_000):
        price(make_event(cost=None, model=f"gpt-4o-{number}", provider=f"provider-{number % 7}"), published())
        names.canonical(None, f"openai/{number}")
    for cached in (published().timeline, names.canonical):
        info = cached.cache_info()
        assert 0 < info.currsize <= info.maxsize


SENT_NAMES = (  # each number is another name; forms that the table looks at the longest among them
    (None, "made-up-{}"),
    ("openai", "gpt-4o-{}"),
    ("azure", "azure/deployment-{}"),
    ("bedrock", "us.anthropic.claude-sonnet-{}-20250929-v1:0"),
    ("vertex_ai", "publishers/google/models/gemini-{}@20250929"),
    ("openrouter", "anthropic/{}:free"),
    (None, "provider-{}/gpt-4o"),
    ("provider-{}", "gpt-4o"),
)
MOST_FOR_NAMES = 16 * 1024  # KB; a million names that are kept take a hundred thousand and more


def price_names(numbers: range) -> None:
    for number in numbers:
        provider, model = SENT_NAMES[number % len(SENT_NAMES)]
        known = names.canonical(provider and provider.format(number), model.format(number))
        assert isinstance(published().card(*known, NOON), str)


def test_a_million_names_that_nobody_knows_leave_memory_as_it_is() -> None:
    price_names(range(50_000))
    gc.collect()
    before = resident_here()
    price_names(range(50_000, 1_050_000))
    gc.collect()
    assert resident_here() - before < MOST_FOR_NAMES


# A pattern that steps back would take ages for one such name.
@pytest.mark.parametrize(
    "part", ["-2024", "us.", "ft:", "projects/", "-v1:0", "@2", "arn:aws:", "/", "-0125", "[1m]", "a"]
)
def test_names_as_long_as_they_may_be_are_looked_up_at_once(part: str) -> None:
    name = (part * 256)[:256]
    for provider in (None, "openai", "azure", "bedrock", "vertex_ai", "anthropic", "openrouter", name):
        for model in (name, f"{part}{name}!"[-256:], f"ft:{name}:"[:256], f"publishers/{name}"[:256]):
            assert isinstance(published().card(*names.canonical(provider, model), NOON), str)


def test_zones_that_do_not_exist_are_not_remembered() -> None:
    before = zone.cache_info().currsize
    for number in range(1_000):
        with pytest.raises(ValueError, match="unknown time zone"):
            zone(f"Europe/Nowhere-{number}")
    assert zone.cache_info().currsize == before


def test_what_is_no_event_makes_one_object_of_a_kind() -> None:
    decode(LITELLM, [None, 1, 2.5, "a", "b", True, ["x"], [], {}, {"unheard": "of"}] * 1_000)
    decode(LITELLM, b"{}\n" + b"nonsense\n" * 1_000)
    assert litellm_dialect.no_event.cache_info().currsize <= 8


def test_unknown_keys_are_remembered_within_a_bound(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory, "MAX_MISSES", 100)
    found = Directory(installation.database)
    for _ in range(500):
        with pytest.raises(Unauthorized):
            found.authenticate(secrets.new_secret(), now_us())
    assert len(found.misses) == 100


def test_no_secret_of_another_length_than_a_keys_is_remembered(installation: Installation) -> None:
    """A thousand tokens of megabytes, which events of the callback may carry, would be gigabytes."""
    found = Directory(installation.database)
    before = secrets.remembered_digest.cache_info()
    for size in (1, 40, 46, 48, 1_000_000):
        with pytest.raises(Unauthorized):
            found.authenticate(secrets.PREFIX + "x" * (size - 9) if size > 9 else "x" * size, now_us())
    assert secrets.remembered_digest.cache_info() == before


def test_bad_events_beyond_count_are_not_all_in_memory_at_once() -> None:
    """They are judged one by one, while they are sorted."""
    found = litellm_dialect.decode(b"[" + b'{"model": 5},' * 1_000 + b"{}]", ARRIVAL)
    assert isinstance(found, Iterator)


def refused_without_a_key(installation: Installation, events: int) -> int:
    """The most bytes that are held while so many events of one body are refused."""
    null = litellm_dialect.no_event("null")
    sender = Sender(Directory(installation.database), None, now_us())
    tracemalloc.start()
    found = sort(repeat(null, events), dialects()[CALLBACK], sender, now_us())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (found.refused, len(found.rejected)) == (events, MAX_REFUSED)
    return peak


def test_events_that_nobody_may_send_take_no_memory_beyond_those_that_are_named(installation: Installation) -> None:
    """The callback asks for no key before it has read the body."""
    few, many = (refused_without_a_key(installation, events) for events in (MAX_REFUSED, 5 * MAX_REFUSED))
    assert many - few < 1_000_000, "bytes; a traceback that grows with them takes 20 MB"


# -- a real process -----------------------------------------------------------------------------------------------

WARM, ROUNDS = 2, 3
MOST = 16 * 1024  # KB: less than the rounds after the warm ones send in names, labels and keys


def resident(server: Farthing) -> int:
    """KB of the API process that are in memory."""
    return resident_of(server.processes[0].pid)


def resident_here() -> int:
    return resident_of(os.getpid())


def resident_of(process: int) -> int:
    pid = str(process)
    return int(subprocess.run(["ps", "-o", "rss=", "-p", pid], capture_output=True, text=True, check=True).stdout)


def hostile_round(server: Farthing, client: Any) -> None:
    """Some 8 MB of names, labels, tags, keys and rubbish that were never seen before, and never will be again. Nothing
    is asked that has an answer: the live tail remembers events, within a bound of its own."""
    for _ in range(5):
        events = [unheard_of() for _ in range(1_000)]
        assert client.post(LITELLM, content=json.dumps(events)).status_code == 202
        assert client.post(CALLBACK, content=json.dumps(events[:100])).status_code == 200
    for _ in range(200):
        assert client.post(INGEST, content=f'{{"model": "{uuid4()}", "startTime": "never"}}').status_code == 400
        assert client.post(INGEST, content=b"\xff" + uuid4().bytes).status_code == 400
        assert client.post(INGEST, content=b"{}", headers={"authorization": secret()}).status_code == 401
        assert client.get(f"/api/v1/events/{uuid4()}", headers=reading(server)).status_code == 404
        assert client.get(f"/{uuid4()}").status_code == 404
    assert client.post(LITELLM, content=b"{}\n" * 100_000).status_code == 202
    assert client.post(LITELLM, content=b"[" * 1_000_000).status_code == 400
    bomb = gzip.compress(b" " * 40_000_000, 1)
    assert client.post(LITELLM, content=bomb, headers={"content-encoding": "gzip"}).status_code == 400
    for refused in ({"group_by": str(uuid4())}, {"where": f"{uuid4()}:x"}, {"last": "0d"}, {"measures": "x" * 8_000}):
        assert client.get("/api/v1/spend", params=refused, headers=reading(server)).status_code == 400


def unheard_of() -> dict[str, Any]:
    label = f"{uuid4()}-" * 6
    headers = {"x-farthing-key": secret().removeprefix("Bearer ")}
    metadata = {"team": label, "agent": label, "requester_metadata": {"feature": label, "project": label}}
    own = {"requester_custom_headers": headers} if uuid4().int % 10 == 0 else {}
    names = {"model": f"m-{uuid4()}", "custom_llm_provider": str(uuid4())}
    return litellm(id=str(uuid4()), startTime=NOW.timestamp(), request_tags=[label], metadata=metadata | own) | names


def secret() -> str:
    return f"Bearer {secrets.new_secret()}"


def reading(server: Farthing) -> dict[str, str]:
    return {"authorization": f"Bearer {server.read_key}"}


def test_a_process_under_hostile_traffic_does_not_grow(server: Farthing) -> None:
    with server.client(server.ingest_key) as client:
        sizes = []
        for _ in range(WARM + ROUNDS):
            hostile_round(server, client)
            sizes.append(resident(server))
    assert sizes[-1] - sizes[WARM - 1] < MOST, sizes
