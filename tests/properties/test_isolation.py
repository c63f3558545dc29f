"""Two workspaces that are alike in every name never see each other: whatever is asked, a workspace with a neighbour gets
the answer that it gets alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import httpx2
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from api.main import create_app
from jobs import rollup
from models.installation import make_workspace, open_installation
from models.ledger import Entry, append
from models.periods import DAY, now_us
from models.pricing.cost import price
from models.pricing.prices import published
from models.settings import Settings
from models.spend.dimensions import DIMENSIONS
from models.spend.measures import MEASURES
from models.spend.query import GRANULARITIES
from tests.factories import VALUES, random_event
from tests.properties.effort import examples

MASTER = "master-key-for-tests-0123456789"
EVENTS, SEED = 120, 20_261_121
HERE, NEXT_DOOR = "here", "next door"
OF_THE_MOMENT = ("as_of",)
OF_NO_MOMENT = [name for name in MEASURES if not name.endswith("_per_minute")]  # those go up to this very moment
MADE_UP = ("id", "prefix", "key", "created_at", "last_used_at", "at")

pytestmark = pytest.mark.xdist_group("isolation")


@dataclass
class House:
    """An installation: the workspace that is looked at, alone or with a neighbour of the same names."""

    client: TestClient
    lake: Path
    workspace_id: str
    reader: str
    neighbour: str | None = None  # its reader

    def get(self, path: str, key: str | None = None, **parameters: Any) -> httpx2.Response:
        return self.client.get(path, params=parameters, headers={"Authorization": f"Bearer {key or self.reader}"})

    def manage(self, path: str) -> Any:
        headers = {"Authorization": f"Bearer {MASTER}", "X-Farthing-Workspace": HERE}
        return self.client.get(path, headers=headers).json()


def entries(workspace_id: str, seed: int, now: int) -> list[Entry]:
    """The same ids in every workspace; everything else as chance has it."""
    chance = Random(seed)
    events = [random_event(chance, f"call-{number}", now - chance.randrange(5 * DAY)) for number in range(EVENTS)]
    return [Entry(workspace_id, now, event, price(event, published())) for event in events]


def house(folder: Path, names: tuple[str, ...], now: int) -> Iterator[House]:
    settings = Settings(data_dir=folder / "data", master_key=MASTER, _env_file=None)
    installation = open_installation(settings)
    made = {name: make_workspace(installation, name, "paid", now) for name in names}
    for half in (slice(0, EVENTS // 2), slice(EVENTS // 2, EVENTS)):  # in files, and in the tail
        for seed, (name, each) in enumerate(reversed(made.items())):
            with installation.database.write() as connection:
                append(connection, entries(each.workspace_id, SEED + (name == NEXT_DOOR) * (seed + 1), now)[half])
        if half.start == 0:
            rollup.run(installation.database, installation.lake)
    installation.database.close()
    with TestClient(create_app(settings)) as client:
        neighbour = made[NEXT_DOOR].read_key if NEXT_DOOR in made else None
        yield House(client, settings.lake_path, made[HERE].workspace_id, made[HERE].read_key, neighbour)


@pytest.fixture(scope="module")
def now() -> int:
    return now_us()


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory, now: int) -> Iterator[House]:
    yield from house(tmp_path_factory.mktemp("alone"), (HERE,), now)


@pytest.fixture(scope="module")
def beside(tmp_path_factory: pytest.TempPathFactory, now: int) -> Iterator[House]:
    yield from house(tmp_path_factory.mktemp("beside"), (NEXT_DOOR, HERE), now)


WHERE = st.sampled_from(sorted(VALUES)).flatmap(
    lambda name: st.sampled_from(VALUES[name]).map(
        lambda value: (
            f"{name}:{'(none)' if value is None else str(value).lower() if isinstance(value, bool) else value}"
        )
    )
) | st.sampled_from([f"workspace:{HERE}", f"workspace:{NEXT_DOOR}", f"workspace!:{HERE}", "tag:a|b", "team!:search"])

QUESTIONS = st.fixed_dictionaries(
    {
        "last": st.sampled_from(["1d", "3d", "7d", "90d"]),
        "group_by": st.lists(st.sampled_from([*DIMENSIONS, "tag.env"]), max_size=3, unique=True).map(",".join),
        "measures": st.lists(st.sampled_from(OF_NO_MOMENT), min_size=1, max_size=4, unique=True).map(",".join),
        "granularity": st.sampled_from([each for each in GRANULARITIES if each != "minute"]),
        "where": st.lists(WHERE, max_size=3),
    },
    optional={
        "limit": st.integers(1, 5),
        "compare": st.just("previous"),
        "order": st.sampled_from(["-requests", "cost"]),
    },
)


def body(answer: httpx2.Response) -> Any:
    said = answer.json()
    return {name: value for name, value in said.items() if name not in OF_THE_MOMENT}


@examples(150)
@given(question=QUESTIONS)
def test_spend_is_the_same_with_a_neighbour(alone: House, beside: House, question: dict[str, Any]) -> None:
    one, other = (each.get("/api/v1/spend", **question) for each in (alone, beside))
    assert one.status_code == other.status_code
    assert body(one) == body(other)


@examples(60)
@given(where=st.lists(WHERE, max_size=2), limit=st.integers(1, 50))
def test_so_is_the_request_log(alone: House, beside: House, where: list[str], limit: int) -> None:
    pages = [each.get("/api/v1/events", last="90d", where=where, limit=limit).json() for each in (alone, beside)]
    assert pages[0]["rows"] == pages[1]["rows"]
    assert bool(pages[0]["next_cursor"]) == bool(pages[1]["next_cursor"])


@examples(40)
@given(limit=st.integers(1, 60))
def test_a_neighbours_cursor_leads_to_ones_own_events_only(beside: House, limit: int) -> None:
    theirs = beside.get("/api/v1/events", beside.neighbour, last="90d", limit=limit).json()["next_cursor"]
    page = beside.get("/api/v1/events", last="90d", limit=1000, cursor=theirs).json()
    assert {row["workspace"] for row in page["rows"]} == {HERE}
    own = {row["id"]: row for row in beside.get("/api/v1/events", last="90d", limit=1000).json()["rows"]}
    assert all(own[row["id"]] == row for row in page["rows"])


@pytest.mark.parametrize("number", range(0, EVENTS, 7))
def test_an_id_that_both_have_names_ones_own(alone: House, beside: House, number: int) -> None:
    path = f"/api/v1/events/call-{number}"
    assert alone.get(path).json() == beside.get(path).json()
    assert beside.get(path, beside.neighbour).json()["workspace"] == NEXT_DOOR


def test_a_table_is_the_same(alone: House, beside: House) -> None:
    tables = [each.get("/api/v1/spend", last="90d", format="csv", group_by="team,key").text for each in (alone, beside)]
    assert tables[0] == tables[1]


def test_drift_is_the_same(alone: House, beside: House) -> None:
    assert body(alone.get("/api/v1/drift", last="90d")) == body(beside.get("/api/v1/drift", last="90d"))


@pytest.mark.parametrize("path", ["keys", "prices", "quarantine", "workspace"])
def test_what_is_managed_is_ones_own(alone: House, beside: House, path: str) -> None:
    shown = [plain(each.manage(f"/api/v1/{path}")) for each in (alone, beside)]
    assert shown[0] == shown[1]


def test_the_audit_log_is_ones_own(alone: House, beside: House) -> None:
    told = [[each["action"] for each in house.manage("/api/v1/audit")["records"]] for house in (alone, beside)]
    assert told[0] == told[1]


def test_files_hold_one_workspace_each(alone: House, beside: House) -> None:
    """By the folder that names it."""
    sums = []
    for each in (alone, beside):
        for cube in sorted((each.lake / "rollups").iterdir()):
            rows = pl.read_parquet(
                cube / f"workspace={each.workspace_id}" / "**" / "*.parquet", hive_partitioning=False
            )
            sums.append((cube.name, rows["requests"].sum(), rows["cost_nano_usd"].sum()))
    assert sums[: len(sums) // 2] == sums[len(sums) // 2 :]


def plain(value: Any) -> Any:
    """Without what is made up anew in each installation."""
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items() if name not in MADE_UP}
    return sorted((plain(each) for each in value), key=str) if isinstance(value, list) else value
