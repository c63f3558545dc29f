"""Teams: one name in the ledger, whichever one was sent; known to every process without a read of the database."""

import pytest

from models.accounts import teams
from models.accounts.directory import Directory
from models.accounts.teams import NewTeam, Team
from models.errors import BadRequest
from models.installation import Installation
from models.periods import SECOND
from tests.factories import AUTHOR, NOON, make_workspace


def make_team(installation: Installation, workspace_id: str, **said: str) -> Team:
    with installation.database.write() as connection:
        return teams.create(connection, workspace_id, NewTeam.of(said), AUTHOR)


def test_a_new_team_holds_elsewhere_when_the_view_is_two_seconds_old(installation: Installation) -> None:
    workspace = make_workspace(installation)
    other = Directory(installation.database)
    other.check(NOON)
    make_team(installation, workspace.id, team_id="t-1", team_alias="search")
    assert other.current(NOON + 2 * SECOND + 1).team_of(workspace.id, "t-1") == "search"


def test_events_ask_no_database(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = make_workspace(installation)
    make_team(installation, workspace.id, team_id="t-1", team_alias="search")
    found = Directory(installation.database)
    found.check(NOON)
    monkeypatch.setattr(installation.database, "read", None)
    view = found.current(NOON + SECOND)
    assert [view.team_of(workspace.id, name) for name in ("t-1", "search", "else", None)] == [
        "search",
        "search",
        "else",
        None,
    ]


def test_only_workspaces_with_teams_are_in_the_view(installation: Installation) -> None:
    one, other, third = (make_workspace(installation, name) for name in ("one", "other", "third"))
    make_team(installation, one.id, team_id="t-1", team_alias="search")
    make_team(installation, third.id, team_id="named by its id")
    found = Directory(installation.database)
    found.check(NOON)
    assert found.view.teams == {one.id: {"t-1": "search"}}
    assert found.view.team_of(other.id, "t-1") == "t-1"


@pytest.mark.parametrize(
    "said",
    [
        {"team_alias": "search"},
        {"team_id": "t-1"},
        {"team_alias": "t-1"},
        {"team_id": "search"},
        {"team_id": "t-1", "team_alias": "new"},
    ],
)
def test_no_name_of_a_team_is_a_name_of_another(installation: Installation, said: dict[str, str]) -> None:
    workspace, elsewhere = make_workspace(installation), make_workspace(installation, "elsewhere")
    make_team(installation, workspace.id, team_id="t-1", team_alias="search")
    with pytest.raises(BadRequest, match="exists already"):
        make_team(installation, workspace.id, **said)
    make_team(installation, elsewhere.id, **said)
