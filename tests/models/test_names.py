"""Names as they are kept: what may be asked for, what is refused, who did it, and how processes learn of it."""

from datetime import date
from typing import Any

import pytest

from models import audit, names, periods
from models.accounts.directory import STALE, Directory
from models.errors import BadField, BadRequest, Conflict, FarthingError, NotFound
from models.installation import Installation
from models.names import Kept
from models.spend.renames import AS_SENT, Rename
from tests.factories import AUTHOR, DAY, NOON, append, ask, make_event, make_workspace, spend_of

ENG = {"dimension": "team", "name": "eng", "becomes": "engineering"}


def create(installation: Installation, workspace_id: str, **body: Any) -> Kept:
    with installation.database.write() as connection:
        return names.create(connection, workspace_id, names.of_body(ENG | body), AUTHOR)


def test_a_body_is_read() -> None:
    assert names.of_body(ENG) == Rename("team", "eng", "engineering")
    dated = names.of_body(ENG | {"from": "2026-05-01", "to": "2026-06-01"})
    assert (dated.first, dated.end) == (date(2026, 5, 1), date(2026, 6, 1))


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"dimension": "source"}, "dimension"), ({"dimension": "workspace"}, "dimension"),
        ({"dimension": "cost_source"}, "dimension"), ({"dimension": "cache_hit"}, "dimension"),
        ({"dimension": "tag.env"}, "dimension"), ({"dimension": "tags"}, "dimension"), ({"dimension": None}, "dimension"),
        ({"dimension": ["team"]}, "dimension"),
        ({"name": "(none)"}, "name"), ({"name": ""}, "name"), ({"name": None}, "name"), ({"name": 7}, "name"),
        ({"name": "x" * 257}, "name"), ({"name": "\x00"}, "name"),
        ({"becomes": "(none)"}, "becomes"), ({"becomes": None}, "becomes"), ({"becomes": "eng"}, "becomes"),
        ({"from": "yesterday"}, "from"), ({"from": "2026-02-30"}, "from"), ({"to": 20260601}, "to"),
        ({"to": "2026-06-01T00:00:00Z"}, "to"),
        ({"from": "2026-06-01", "to": "2026-06-01"}, "to"), ({"from": "2026-06-02", "to": "2026-06-01"}, "to"),
        ({"until": "2026-06-01"}, "until"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(changed: dict[str, Any], field: str) -> None:
    with pytest.raises(BadField) as problem:
        names.of_body(ENG | changed)
    assert problem.value.field == field


def test_what_was_shown_may_be_sent_again(installation: Installation) -> None:
    workspace = make_workspace(installation)
    shown = names.shown(create(installation, workspace.id, to="2026-06-01"))
    assert shown | {"id": "", "created_at": ""} == ENG | {
        "id": "", "from": None, "to": "2026-06-01", "author": "tests", "created_at": "",
    }  # fmt: skip
    assert names.of_body(shown) == Rename("team", "eng", "engineering", end=date(2026, 6, 1))


@pytest.mark.parametrize(
    ("second", "error"),
    [
        ({"becomes": "e"}, Conflict),
        ({"becomes": "e", "from": "2026-06-30"}, Conflict),
        ({"name": "engineering", "becomes": "eng", "to": "2026-06-02"}, Conflict),
        ({"becomes": "e", "from": "2026-07-01"}, None),
        ({"name": "engineering", "becomes": "eng", "from": "2026-07-01"}, None),
        ({"dimension": "department"}, None),
        ({"name": "engineering", "becomes": "r&d"}, None),
    ],
)
def test_on_no_day_a_value_has_two_names_or_leads_back_to_itself(
    installation: Installation, second: dict[str, Any], error: type[FarthingError] | None
) -> None:
    workspace = make_workspace(installation)
    create(installation, workspace.id, **{"from": "2026-06-01", "to": "2026-07-01"})
    if error:
        with pytest.raises(error):
            create(installation, workspace.id, **second)
    else:
        create(installation, workspace.id, **second)
    with installation.database.read() as connection:
        assert len(names.of_workspace(connection, workspace.id)) == (1 if error else 2)


def test_they_have_a_bound(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace, other = make_workspace(installation), make_workspace(installation, "other")
    monkeypatch.setattr(names, "MAX_NAMES", 1)
    create(installation, workspace.id)
    create(installation, other.id)
    with pytest.raises(BadRequest, match="at most 1 names"):
        create(installation, workspace.id, name="e")


def test_what_is_removed_is_told_as_it_was_sent_and_events_stay(installation: Installation) -> None:
    workspace = make_workspace(installation)
    append(installation, workspace.id, make_event(team="eng"), make_event(team="engineering"), make_event())
    kept = create(installation, workspace.id)
    assert by_team(installation, workspace) == {"engineering": 2, None: 1}
    with installation.database.write() as connection:
        names.remove(connection, workspace.id, kept.id, AUTHOR)
    assert by_team(installation, workspace) == {"eng": 1, "engineering": 1, None: 1}


def test_what_a_name_leaves_out_is_decided_day_by_day(installation: Installation) -> None:
    """Also where no rollup has what is asked, and the ledger is read."""
    workspace = make_workspace(installation)
    append(installation, workspace.id, *(make_event(NOON - ago * DAY, team="eng") for ago in (0, 1)))
    create(installation, workspace.id, **{"from": "2026-11-21"})
    view = Directory(installation.database).newest(NOON)
    spend = spend_of(installation, workspace).store.of(workspace, {}, view.names_of(workspace.id))
    start, end = (str(periods.iso(instant)) for instant in (NOON - DAY - 1, NOON + 1))
    for where, teams in (("team!:engineering", ["eng"]), ("team:engineering", ["engineering"])):
        found = ask(spend, group_by="team,end_user,prompt", where=where, **{"from": start, "to": end})
        assert found.rows["team"].to_list() == teams


def by_team(installation: Installation, workspace: Any) -> dict[str | None, int]:
    view = Directory(installation.database).newest(NOON)
    spend = spend_of(installation, workspace)
    rows = spend.store.of(workspace, {}, view.names_of(workspace.id))
    return dict(ask(rows, group_by="team").rows.select("team", "requests").iter_rows())


def test_nobody_removes_those_of_another_workspace(installation: Installation) -> None:
    workspace, other = make_workspace(installation), make_workspace(installation, "other")
    kept = create(installation, workspace.id)
    with pytest.raises(NotFound), installation.database.write() as connection:
        names.remove(connection, other.id, kept.id, AUTHOR)


def test_both_are_on_the_audit_log(installation: Installation) -> None:
    workspace = make_workspace(installation)
    kept = create(installation, workspace.id, **{"from": "2026-06-01"})
    with installation.database.write() as connection:
        names.remove(connection, workspace.id, kept.id, AUTHOR)
    with installation.database.read() as connection:
        records = audit.listed(connection, workspace.id, which=audit.Which(nouns=("name",))).records
    said = ENG | {"from": "2026-06-01", "to": None}
    assert [(each["action"], each["subject"], each["details"]) for each in records] == [
        ("name.unmap", kept.id, said),
        ("name.map", kept.id, said),
    ]


def test_every_process_knows_when_its_view_is_two_seconds_old(installation: Installation) -> None:
    workspace, directory = make_workspace(installation), Directory(installation.database)
    directory.check(NOON)
    kept = create(installation, workspace.id)
    assert directory.current(NOON + STALE).names_of(workspace.id) is AS_SENT
    view = directory.current(NOON + STALE + 1)
    assert view.names_of(workspace.id).renames == (kept.rename,)


def test_what_is_resolved_once_stays_while_other_things_change(installation: Installation) -> None:
    workspace, directory = make_workspace(installation), Directory(installation.database)
    create(installation, workspace.id)
    before = directory.newest(NOON)
    make_workspace(installation, "other")
    after = directory.newest(NOON)
    assert after.version > before.version
    assert after.names_of(workspace.id) is before.names_of(workspace.id)
