"""`/api/v1/audit`: who did what, newest first, page by page, for those who may manage the workspace."""

import pytest
from sqlalchemy.exc import IntegrityError

from models import audit
from models.accounts import workspaces
from models.audit import Author, Which
from models.installation import Installation
from tests.factories import NOON, make_workspace
from tests.servers import Farthing


def test_what_was_done_is_told_newest_first_page_by_page(server: Farthing) -> None:
    for day in ("2026-06-01", "2026-07-01"):
        server.run("reprice", "--from", day, "--to", "2026-08-01", "--name", day, "--reason", "new prices")
    page = server.get("/api/v1/audit", server.master_key, limit=3)
    told = [(record["action"], record["subject"]) for record in page["records"]]
    assert told == [("reprice.finish", "2026-07-01"), ("reprice.begin", "2026-07-01"), ("reprice.finish", "2026-06-01")]
    begun = page["records"][1]
    assert (begun["actor"], begun["address"], begun["details"]["reason"]) == ("command line", None, "new prices")
    assert begun["at"].endswith("Z")
    rest = server.get("/api/v1/audit", server.master_key, limit=3, cursor=page["next_cursor"])
    made = ["key.create", "key.create", "workspace.create"]
    assert [record["action"] for record in rest["records"]] == ["reprice.begin", *made][:3]
    rest = server.get("/api/v1/audit", server.master_key, limit=3, cursor=rest["next_cursor"])
    assert [record["action"] for record in rest["records"]] == made[2:]
    assert rest["next_cursor"] is None


def test_it_is_searched_by_actor_action_and_period(server: Farthing) -> None:
    with server.client(server.master_key) as client:
        made = client.post("/api/v1/keys", json={"name": "new", "scope": "ingest"}).json()
        client.post(f"/api/v1/keys/{made['id']}/rotate")
        client.patch("/api/v1/workspace", json={"retention_days": 30})

    def found(**asked: str) -> list[str]:
        page = server.get("/api/v1/audit", server.master_key, **asked)
        return [record["action"] for record in page["records"]]

    assert found(actor="master key") == ["workspace.change", "key.rotate", "key.create"]
    assert found(actor="master key", action="key") == ["key.rotate", "key.create"]
    assert found(action="key.rotate") == ["key.rotate"]
    assert found(action="k") == found(action="key.") == found(action="%") == found(actor="nobody") == []
    assert found(**{"from": "2099-01-01"}) == found(to="2020-01-01") == []
    assert found(**{"from": "2020-01-01", "to": "2099-01-01T00:00:00Z"}) == found()
    first = server.get("/api/v1/audit", server.master_key, action="key", limit=1)
    rest = server.get("/api/v1/audit", server.master_key, action="key", cursor=first["next_cursor"])
    assert [first["records"][0]["action"], *(each["action"] for each in rest["records"])] == found(action="key")


def test_an_instant_ends_what_came_before_and_begins_what_came_then(installation: Installation) -> None:
    workspace = make_workspace(installation)
    with installation.database.write() as connection:
        audit.record(connection, Author("ada", NOON + 5), workspace.id, "price.create", "p")
        told = [
            [each["action"] for each in audit.listed(connection, workspace.id, which=which).records]
            for which in (Which(from_us=NOON + 5), Which(to_us=NOON + 5), Which(nouns=("price", "key")))
        ]
    assert told == [["price.create"], ["workspace.create"], ["price.create"]]


def test_a_change_of_plan_is_a_record_of_its_own_and_nothing_new_is_none(installation: Installation) -> None:
    workspace = make_workspace(installation, plan="free")
    with installation.database.write() as connection:
        for wanted in ({"name": "new", "plan": "paid"}, {"name": "newer"}, {"name": "newer"}):
            now = workspaces.by_id(connection, workspace.id)
            workspaces.change(connection, now, wanted, Author("ada", NOON), by_operator=True)
        told = [
            (each["action"], each["details"]["after"]) for each in audit.listed(connection, workspace.id).records[:-1]
        ]
    assert told == [
        ("workspace.change", {"name": "newer"}),
        ("workspace.change", {"name": "new"}),
        ("plan.change", {"monthly_events": None, "overage": "allow", "plan": "paid"}),
    ]


def test_only_an_admin_reads_it(server: Farthing) -> None:
    for key, status in ((server.read_key, 403), (server.ingest_key, 403), ("nobody", 401)):
        assert server.client(key).get("/api/v1/audit").status_code == status
    for wrong in (
        "from=yesterday",
        "to=x",
        "limit=0",
        "limit=x",
        "limit=1001",
        "cursor=!",
        "cursor=OTk5OTk5OTk5OTk5OTk5OTk5OTk5OQ",
    ):
        assert server.client(server.master_key).get(f"/api/v1/audit?{wrong}").status_code == 400


def test_a_workspace_reads_its_own_records(installation: Installation) -> None:
    one, other = make_workspace(installation, "one"), make_workspace(installation, "other")
    with installation.database.write() as connection:
        for workspace in (one.id, other.id, None):
            author = Author("ada", NOON, "127.0.0.1")
            audit.record(connection, author, workspace, "price.create", "price_1", {"model": "gpt-4o"})
        page = audit.listed(connection, one.id)
    newest, made = page.records
    assert (made["action"], made["subject"], page.next_cursor) == ("workspace.create", "one", None)
    assert {name: newest[name] for name in newest if name != "id"} == {
        "at": "2026-11-21T12:00:00Z", "actor": "ada", "action": "price.create", "subject": "price_1",
        "details": {"model": "gpt-4o"}, "address": "127.0.0.1",
    }  # fmt: skip


@pytest.mark.parametrize("change", ["UPDATE audit SET actor = 'nobody'", "DELETE FROM audit"])
def test_the_database_itself_refuses_changes(installation: Installation, change: str) -> None:
    workspace = make_workspace(installation)
    with installation.database.write() as connection:
        audit.record(connection, Author("ada", NOON), workspace.id, "a", "b")
        with pytest.raises(IntegrityError, match="append-only"):
            connection.exec_driver_sql(change)
        assert [each["actor"] for each in audit.listed(connection, workspace.id).records] == ["ada", "tests"]
