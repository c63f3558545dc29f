"""Names through real servers: mapped here, told so everywhere, taken back; events stay as they were sent."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from tests.servers import MASTER_KEY, Farthing


def send(shared: Farthing, **values: Any) -> str:
    event = {"model": "gpt-4o", "provider": "openai", "response_cost": 1, "startTime": datetime.now(UTC).isoformat()}
    answer = shared.post("/api/v1/ingest", event | values)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def mapped(shared: Farthing, **body: Any) -> Any:
    return shared.client(MASTER_KEY).post("/api/v1/names", json=body)


def rows(shared: Farthing, **asked: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = shared.get("/api/v1/spend", **asked)["rows"]
    return found


def fresh(name: str) -> str:
    return f"{name}-{uuid4().hex}"


def test_a_value_is_told_as_another_until_that_is_taken_back(shared: Farthing) -> None:
    eng, engineering = fresh("eng"), fresh("engineering")
    sent = send(shared, team=eng, request_tags=["b", "a", eng])
    send(shared, team=engineering)
    made = mapped(shared, dimension="team", name=eng, becomes=engineering)
    assert made.status_code == 201, made.text
    kept = made.json()
    assert kept["from"] is kept["to"] is None
    assert (kept["name"], kept["becomes"], kept["author"]) == (eng, engineering, "master key")
    assert kept in shared.client(MASTER_KEY).get("/api/v1/names").json()["names"]
    tag = mapped(shared, dimension="tag", name=eng, becomes="a").json()

    (row,) = rows(shared, group_by="team", where=f"team:{engineering}")
    assert (row["team"], row["requests"]) == (engineering, 2)
    assert rows(shared, group_by="team", where=f"team:{eng}") == []
    logged = shared.get("/api/v1/events", where=f"team:{engineering}")["rows"]
    assert [each["team"] for each in logged] == [engineering] * 2
    one = shared.get(f"/api/v1/events/{sent}")
    assert (one["team"], one["tags"]) == (engineering, ["a", "b"])
    assert one["as_sent"] == {"team": eng, "tags": ["b", "a", eng]}

    for each in (kept, tag):
        assert shared.client(MASTER_KEY).delete(f"/api/v1/names/{each['id']}").status_code == 204
    one = shared.get(f"/api/v1/events/{sent}")
    assert (one["team"], one["tags"], one["as_sent"]) == (eng, ["b", "a", eng], {})
    assert shared.client(MASTER_KEY).delete(f"/api/v1/names/{kept['id']}").status_code == 404


def test_what_is_refused_is_named(shared: Farthing) -> None:
    eng, other = fresh("eng"), fresh("other")
    refused = mapped(shared, dimension="source", name=eng, becomes=other)
    assert refused.status_code == 400
    assert refused.json()["details"]["field"] == "dimension"
    assert refused.json()["details"]["value"] == "source"
    assert mapped(shared, dimension="team", name=eng, becomes=other).status_code == 201
    twice = mapped(shared, dimension="team", name=eng, becomes=fresh("third"))
    assert (twice.status_code, twice.json()["error"]) == (
        409, f"team '{eng}' is told as '{other}' on some of these days already",
    )  # fmt: skip
    circle = mapped(shared, dimension="team", name=other, becomes=eng)
    assert (circle.status_code, circle.json()["error"]) == (
        409, f"team '{eng}' is told as '{other}' on some of these days, at once or in the end",
    )  # fmt: skip
