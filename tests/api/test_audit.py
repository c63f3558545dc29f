"""`/api/v1/audit`: who did what, newest first, page by page, for those who may manage the workspace."""

import pytest
from sqlalchemy.exc import IntegrityError

from models import audit
from models.audit import Author
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


def test_only_an_admin_reads_it(server: Farthing) -> None:
    for key, status in ((server.read_key, 403), (server.ingest_key, 403), ("nobody", 401)):
        assert server.client(key).get("/api/v1/audit").status_code == status
    for wrong in ("limit=0", "limit=x", "limit=1001", "cursor=!", "cursor=OTk5OTk5OTk5OTk5OTk5OTk5OTk5OQ"):
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
