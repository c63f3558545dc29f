"""Prompts and responses that a workspace keeps: with their events or not at all, seen by nobody unnoticed."""

from typing import Any

import pytest
from sqlalchemy import select

from models import audit, contents, ledger
from models.accounts import workspaces
from models.accounts.workspaces import WorkspaceInfo
from models.contents import CONTENTS
from models.errors import BadField, Conflict, NotFound
from models.installation import Installation
from models.ledger import Entry, Fates
from models.seal import Seal
from models.usage.content import Content, content_of
from tests.factories import AUTHOR, NOON, make_entry, make_event, make_workspace

SEAL = Seal.made_from("a key of thirty-two characters or more")


def said(text: str) -> Content:
    found = content_of([{"role": "user", "content": text}], None)
    assert found is not None
    return found


def entry(workspace: WorkspaceInfo, id: str, text: str = "hello", received_us: int = NOON) -> Entry:
    made = make_entry(workspace.id, make_event(received_us, id=id), received_us)
    made.sealed = SEAL.close(workspace.id, id, said(text))
    return made


def append(installation: Installation, *entries: Entry) -> Fates:
    with installation.database.write() as connection:
        return ledger.append(connection, entries)


def kept(installation: Installation) -> list[str]:
    with installation.database.read() as connection:
        return list(connection.execute(select(CONTENTS.c.event_id).order_by(CONTENTS.c.event_id)).scalars())


def look(installation: Installation, workspace: WorkspaceInfo, event_id: str, seal: Seal | None = SEAL) -> Content:
    with installation.database.write() as connection:
        return contents.look(connection, workspace.id, event_id, seal, AUTHOR)


def records(installation: Installation, workspace: WorkspaceInfo) -> list[tuple[str, str]]:
    with installation.database.read() as connection:
        found = audit.listed(connection, workspace.id).records
    return [(each["action"], each["subject"]) for each in found if each["action"].startswith("content.")]


def change(installation: Installation, workspace: WorkspaceInfo, **wanted: Any) -> None:
    with installation.database.write() as connection:
        workspaces.change(connection, workspaces.by_id(connection, workspace.id), wanted, AUTHOR)


@pytest.fixture
def keeping(installation: Installation) -> WorkspaceInfo:
    return make_workspace(installation, capture_content=True)


def test_it_stands_beside_its_event(installation: Installation, keeping: WorkspaceInfo) -> None:
    append(installation, entry(keeping, "a", "what is it?"))
    assert look(installation, keeping, "a") == said("what is it?")


def test_a_repeat_changes_nothing(installation: Installation, keeping: WorkspaceInfo) -> None:
    append(installation, entry(keeping, "a", "first"), entry(keeping, "a", "second"))
    append(installation, entry(keeping, "a", "third"))
    assert look(installation, keeping, "a") == said("first")


def test_an_event_that_was_stored_without_gets_none_later(installation: Installation, keeping: WorkspaceInfo) -> None:
    append(installation, make_entry(keeping.id, make_event(id="a")))
    append(installation, entry(keeping, "a"))
    assert kept(installation) == []


def test_what_is_refused_is_not_kept(installation: Installation) -> None:
    full = make_workspace(installation, capture_content=True, monthly_events=1, overage="block")
    fates = append(installation, entry(full, "a"), entry(full, "b"))
    assert (set(fates.refused), kept(installation)) == ({1}, ["a"])


def test_event_and_content_are_there_together_or_not_at_all(installation: Installation, keeping: WorkspaceInfo) -> None:
    with installation.database.write() as connection:
        ledger.append(connection, [entry(keeping, "a")])
        connection.rollback()
    assert kept(installation) == []
    with installation.database.read() as connection:
        assert ledger.last_seq(connection) == 0


def test_the_switch_decides_at_the_moment_of_the_commit(installation: Installation, keeping: WorkspaceInfo) -> None:
    """Whoever sealed it knew an older view."""
    other = make_workspace(installation, "other", capture_content=True)
    change(installation, keeping, capture_content=False)
    append(installation, entry(keeping, "a"), entry(other, "b"))
    assert kept(installation) == ["b"]


def test_it_is_off_by_default(installation: Installation) -> None:
    workspace = make_workspace(installation)
    assert (workspace.capture_content, workspace.content_days) == (False, 7)
    append(installation, entry(workspace, "a"))
    assert kept(installation) == []


def test_each_look_is_recorded_with_the_event(installation: Installation, keeping: WorkspaceInfo) -> None:
    append(installation, entry(keeping, "a"))
    look(installation, keeping, "a")
    look(installation, keeping, "a")
    assert records(installation, keeping)[:2] == [("content.look", "a")] * 2


def test_what_could_not_be_read_was_not_looked_at(installation: Installation, keeping: WorkspaceInfo) -> None:
    append(installation, entry(keeping, "a"))
    with pytest.raises(Conflict, match="another FARTHING_CONTENT_KEY"):
        look(installation, keeping, "a", Seal.made_from("quite another key, and long enough"))
    with pytest.raises(Conflict, match="set FARTHING_CONTENT_KEY"):
        look(installation, keeping, "a", None)
    with pytest.raises(NotFound):
        look(installation, keeping, "b")
    with pytest.raises(NotFound):
        look(installation, make_workspace(installation, "other"), "a")
    assert ("content.look", "a") not in records(installation, keeping)


def test_switching_is_recorded_by_itself(installation: Installation, keeping: WorkspaceInfo) -> None:
    change(installation, keeping, capture_content=False, content_days=3)
    change(installation, keeping, capture_content=False)
    assert records(installation, keeping) == [("content.off", "team"), ("content.on", "team")]
    with installation.database.read() as connection:
        newest = audit.listed(connection, keeping.id, 1).records[0]
    assert newest["details"] == {"before": {"content_days": 7}, "after": {"content_days": 3}}


@pytest.mark.parametrize(
    "wanted",
    [{"capture_content": "yes"}, {"capture_content": 1}, {"capture_content": None}, {"content_days": 0},
     {"content_days": 366}, {"content_days": True}, {"content_days": "7"}],
)  # fmt: skip
def test_odd_wishes_are_refused(installation: Installation, keeping: WorkspaceInfo, wanted: dict[str, Any]) -> None:
    with pytest.raises(BadField):
        change(installation, keeping, **wanted)


def test_without_a_key_it_can_not_be_switched_on_and_all_else_can_be_changed() -> None:
    with pytest.raises(Conflict, match="FARTHING_CONTENT_KEY"):
        contents.require_key({"capture_content": True}, None)
    contents.require_key({"capture_content": False, "name": "x"}, None)
    contents.require_key({"capture_content": True}, SEAL)


def test_what_is_old_is_deleted_in_chunks_and_nothing_else(
    installation: Installation, keeping: WorkspaceInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contents, "CHUNK", 2)
    other = make_workspace(installation, "other", capture_content=True)
    append(installation, *(entry(keeping, f"old{number}", received_us=NOON - 1) for number in range(5)))
    append(installation, entry(keeping, "new"), entry(other, "old", received_us=NOON - 1))
    assert contents.delete_before(installation.database, keeping.id, NOON) == 5
    assert kept(installation) == ["new", "old"]
    assert contents.delete_before(installation.database, keeping.id, NOON) == 0
    with installation.database.read() as connection:
        assert ledger.last_seq(connection) == 7, "events stay"


def test_a_chunk_is_bounded_in_bytes_and_never_empty(
    installation: Installation, keeping: WorkspaceInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(installation, *(entry(keeping, f"e{number}", received_us=NOON - 9 + number) for number in range(5)))
    monkeypatch.setattr(contents, "CHUNK_BYTES", 1)
    assert contents.oldest_before(installation.database, keeping.id, NOON) == ["e0"]
    monkeypatch.setattr(contents, "CHUNK_BYTES", 200)
    assert 1 < len(contents.oldest_before(installation.database, keeping.id, NOON)) < 5
    assert contents.delete_before(installation.database, keeping.id, NOON) == 5
