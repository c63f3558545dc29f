"""`/api/v1/spend` and `/api/v1/events` through a real server: their words, forms and errors."""

import io
import sqlite3
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import polars as pl
import pytest

from tests.servers import Farthing

NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A server with twenty calls of two teams, an hour apart, some of them rolled up."""
    with Farthing.start(tmp_path_factory.mktemp("query")) as server:
        calls = [call(index) for index in range(20)]
        assert server.post("/api/v1/ingest/batch", {"events": calls[:12]}).status_code == 202
        server.run("rollup")
        assert server.post("/api/v1/ingest/batch", {"events": calls[12:]}).status_code == 202
        yield server


def call(index: int) -> dict[str, Any]:
    started = NOW - timedelta(hours=index)
    return {
        "id": f"call-{index}", "model": "gpt-4o", "provider": "openai", "response_cost": 0.001 * (index + 1),
        "startTime": started.isoformat(), "endTime": (started + timedelta(milliseconds=100 * (index + 1))).isoformat(),
        "metadata": {"team": "search" if index % 2 else "växjö", "env": "prod"}, "prompt_tokens": 10,
        "completion_tokens": 5, "request_tags": ["even"] if index % 2 == 0 else [],
        "status": "failure" if index == 3 else "success",
    }  # fmt: skip


TOTAL = sum(1_000_000 * (index + 1) for index in range(20))


def test_defaults(filled: Farthing) -> None:
    body = filled.get("/api/v1/spend")
    assert set(body) == {"from", "to", "timezone", "granularity", "group_by", "rows", "totals", "as_of"}
    assert body["totals"] == {"cost_nano_usd": TOTAL, "cost_usd": TOTAL / 1e9, "requests": 20, "unpriced_requests": 0}
    assert (body["timezone"], body["granularity"]) == ("UTC", "total")
    assert body["to"] == (NOW.date() + timedelta(days=1)).isoformat()


def test_rows_carry_the_measures_under_their_names(filled: Farthing) -> None:
    body = filled.get(
        "/api/v1/spend", group_by="team", measures="cost,requests,error_rate,latency_p50,cost_per_request"
    )
    row = next(row for row in body["rows"] if row["team"] == "search")
    assert (row["requests"], row["error_rate"]) == (10, 0.1)
    assert row["cost_nano_usd"] == sum(1_000_000 * (index + 1) for index in range(1, 20, 2))
    assert row["cost_per_request_nano_usd"] == row["cost_nano_usd"] / 10
    assert row["latency_p50"] == pytest.approx(1000, rel=0.02)
    assert [each["cost_nano_usd"] for each in body["rows"]] == sorted(
        (each["cost_nano_usd"] for each in body["rows"]), reverse=True
    )


@pytest.mark.parametrize(("granularity", "width"), [("day", 10), ("hour", 20), ("week", 10), ("month", 10)])
def test_periods(filled: Farthing, granularity: str, width: int) -> None:
    body = filled.get("/api/v1/spend", granularity=granularity, last="7d", group_by="team")
    assert all(len(row["period"]) == width for row in body["rows"])
    assert [row["period"] for row in body["rows"]] == sorted(row["period"] for row in body["rows"])
    assert sum(row["cost_nano_usd"] for row in body["rows"]) == TOTAL


def test_minutes(filled: Farthing) -> None:
    body = filled.get("/api/v1/spend", granularity="minute", last="24h")
    assert sum(row["requests"] for row in body["rows"]) == 20
    assert body["rows"][-1]["period"] == NOW.replace(second=0).isoformat().replace("+00:00", "Z")


def test_previous(filled: Farthing) -> None:
    body = filled.get("/api/v1/spend", last="10h", compare="previous")
    assert body["totals"]["requests"] == 10
    assert body["previous"]["totals"]["requests"] == 10
    assert body["previous"]["to"] == body["from"]


def test_what_is_beyond_a_limit_is_one_row_more(filled: Farthing) -> None:
    body = filled.get("/api/v1/spend", group_by="team", limit=1, other="true", measures="cost,requests,latency_p95")
    first, other = body["rows"]
    assert (first["team"], first["other"]) == ("search", False)
    assert (other["team"], other["other"], other["requests"]) == (None, True, 10)
    assert other["latency_p95"] == pytest.approx(1900, rel=0.02)
    assert first["cost_nano_usd"] + other["cost_nano_usd"] == body["totals"]["cost_nano_usd"] == TOTAL
    assert "other" not in filled.get("/api/v1/spend", group_by="team", limit=1)["rows"][0]


def test_an_order_and_a_limit(filled: Farthing) -> None:
    body = filled.get("/api/v1/spend", group_by="team", order="-requests", limit=1, measures="cost")
    assert [set(row) for row in body["rows"]] == [{"team", "cost_nano_usd", "cost_usd"}]
    names = filled.get("/api/v1/spend", group_by="team", order="team")["rows"]
    assert [row["team"] for row in names] == ["search", "växjö"]


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_files_say_the_same(filled: Farthing, form: str) -> None:
    headers = {"Authorization": f"Bearer {filled.read_key}"}
    asked = {"group_by": "team,tag,tags", "granularity": "day", "format": form}
    answer = httpx2.get(f"{filled.url}/api/v1/spend", params=asked, headers=headers)
    rows = (pl.read_csv if form == "csv" else pl.read_parquet)(io.BytesIO(answer.content))
    assert rows["cost_nano_usd"].sum() == TOTAL
    assert {"period", "team", "tag", "tags"} <= set(rows.columns)


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ({"group_by": "colour"}, "colour"), ({"measures": "joy"}, "joy"), ({"granularity": "eon"}, "eon"),
        ({"last": "soon"}, "soon"), ({"last": "0d"}, "0d"), ({"where": "colour:red"}, "colour:red"), ({"where": "team"}, "team"),
        ({"where": "status:meh"}, "meh"), ({"where": "cache_hit:perhaps"}, "perhaps"), ({"order": "-joy"}, "joy"),
        ({"limit": "many"}, "many"), ({"limit": "0"}, "0"), ({"format": "xml"}, "xml"), ({"compare": "next"}, "next"),
        ({"from": "2026-13-01"}, "2026-13-01"), ({"from": "2026-06-02", "to": "2026-06-01"}, "2026-06-02"),
        ({"to": "2026-06-01"}, "from"), ({"granularity": "minute", "last": "7d"}, "minute"), ({"last": "99999w"}, "99999w"),
        ({"from": "9999-12-31"}, "9999-12-31"), ({"from": "0001-01-01", "to": "0001-01-02"}, "from is 0001-01-01"),
        ({"from": "9999-12-30", "to": "9999-12-31"}, "years 1900 to 2999"),
        ({"from": "2026-06-01", "to": "9999-12-31T23:00:00Z"}, "to is 9999-12-31"), ({"from": "-1"}, "-1"), ({"group_by": "tag."}, "tag."),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_named(filled: Farthing, asked: dict[str, str], named: str) -> None:
    headers = {"Authorization": f"Bearer {filled.read_key}"}
    answer = httpx2.get(f"{filled.url}/api/v1/spend", params=asked, headers=headers)
    assert answer.status_code == 400, answer.text
    assert named in answer.json()["error"]


def test_an_unknown_dimension_lists_what_there_is(filled: Farthing) -> None:
    answer = httpx2.get(f"{filled.url}/api/v1/spend?group_by=colour", headers={"x-api-key": filled.read_key})
    assert all(name in answer.json()["error"] for name in ("end_user", "cost_source", "tag.<key>"))


# -- drift --------------------------------------------------------------------------------------------------------


def test_drift_is_asked_by_model(filled: Farthing) -> None:
    body = filled.get("/api/v1/drift", last="7d", where="team:search")
    listed = 10 * (10 * 2_500 + 5 * 10_000)
    reported = sum(1_000_000 * (index + 1) for index in range(1, 20, 2))
    assert (body["above"], len(body["rows"])) == (0.01, 1)
    row = body["rows"][0]
    assert (row["provider"], row["model"], row["requests"]) == ("openai", "gpt-4o", 10)
    assert (row["reported_nano_usd"], row["computed_nano_usd"]) == (reported, listed)
    assert row["drift_nano_usd"] == reported - listed
    assert row["drift_share"] == pytest.approx((reported - listed) / listed)
    assert filled.get("/api/v1/drift", last="7d", above="1e6")["rows"] == []


@pytest.mark.parametrize("above", ["-1", "nan", "inf", "much"])
def test_a_share_that_is_none_is_refused(filled: Farthing, above: str) -> None:
    answer = httpx2.get(f"{filled.url}/api/v1/drift?above={above}", headers={"x-api-key": filled.read_key})
    assert (answer.status_code, answer.json()["details"]["field"]) == (400, "above")


# -- the log ------------------------------------------------------------------------------------------------------


def test_pages_of_events_follow_each_other(filled: Farthing) -> None:
    seen, cursor = [], None
    while True:
        page = filled.get("/api/v1/events", limit=7, last="7d", **({"cursor": cursor} if cursor else {}))
        seen += [row["id"] for row in page["rows"]]
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert seen == [f"call-{index}" for index in range(20)]


@pytest.mark.parametrize(
    ("where", "count"),
    [("team:search", 10), ("tag:even", 10), ("tag:(none)", 10), ("status:failure", 1), ("team!:search", 10)],
)
def test_events_are_filtered_like_spend(filled: Farthing, where: str, count: int) -> None:
    assert len(filled.get("/api/v1/events", where=where, last="7d")["rows"]) == count
    assert filled.get("/api/v1/spend", where=where, last="7d")["totals"]["requests"] == count


def test_an_event_has_every_attribute(filled: Farthing) -> None:
    row = filled.get("/api/v1/events/call-3")
    expected = [
        "id",
        "provider",
        "model",
        "model_group",
        "endpoint",
        "feature",
        "project",
        "prompt",
        "team",
        "department",
        "agent",
        "env",
        "user",
        "end_user",
        "token",
        "key",
        "tags",
        "source",
        "status",
        "error_type",
        "error_code",
        "error_str",
        "cache_hit",
        "cost_source",
        "input_tokens",
        "output_tokens",
        "cache_read_tokens",
        "cache_write_tokens",
        "reasoning_tokens",
        "total_tokens",
        "cost_nano_usd",
        "input_cost_nano_usd",
        "output_cost_nano_usd",
        "saved_nano_usd",
        "prompt_cache_saved_nano_usd",
        "reported_cost_nano_usd",
        "computed_cost_nano_usd",
        "latency_ms",
        "started_at",
        "ended_at",
        "received_at",
    ]
    assert set(expected) <= set(row)
    assert (row["latency_ms"], row["status"], row["cost_nano_usd"]) == (400, "failure", 4_000_000)


@pytest.mark.parametrize(
    "asked",
    [
        {"limit": "1001"},
        {"cursor": "nonsense"},
        {"cursor": "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTkuMQ"},
        {"where": "colour:red"},
    ],
)
def test_a_wrong_page_is_refused(filled: Farthing, asked: dict[str, str]) -> None:
    answer = httpx2.get(f"{filled.url}/api/v1/events", params=asked, headers={"x-api-key": filled.read_key})
    assert answer.status_code == 400


def test_an_unknown_event_is_404(filled: Farthing) -> None:
    assert httpx2.get(f"{filled.url}/api/v1/events/nobody", headers={"x-api-key": filled.read_key}).status_code == 404


def test_reading_needs_a_reading_key(filled: Farthing) -> None:
    for path in ("/api/v1/spend", "/api/v1/events", "/api/v1/events/call-1"):
        assert httpx2.get(filled.url + path).json() == {"error": "Missing API key"}
        assert httpx2.get(filled.url + path, headers={"x-api-key": filled.ingest_key}).status_code == 403


def test_every_way_of_adding_up_agrees(filled: Farthing) -> None:
    """By the API, by SQL over the events, and, once it is rolled up, by reading the lake with Polars."""
    filled.run("rollup")
    with_sql = filled.data_dir / "farthing.db"
    sql = pl.read_database("SELECT sum(cost_nano_usd) FROM events", sqlite3.connect(with_sql)).item()
    assert filled.get("/api/v1/spend", group_by="team")["totals"]["cost_nano_usd"] == sql == TOTAL
    for cube in sorted((filled.data_dir / "lake" / "rollups").iterdir()):
        lake = pl.read_parquet(f"{cube}/**/*.parquet", hive_partitioning=True)
        assert lake["cost_nano_usd"].sum() == TOTAL, cube.name


def test_health_and_documentation(filled: Farthing) -> None:
    assert httpx2.get(f"{filled.url}/healthz").json() == {"status": "ok"}
    assert httpx2.get(f"{filled.url}/readyz").json() == {"status": "ready"}
    paths = httpx2.get(f"{filled.url}/openapi.json").json()["paths"]
    doors = {"/api/v1/ingest", "/api/v1/ingest/batch", "/api/v1/ingest/litellm", "/api/ingest", "/api/litellm/callback"}
    assert doors | {"/api/v1/spend", "/api/v1/events", "/api/v1/keys", "/api/v1/workspace"} <= set(paths)
