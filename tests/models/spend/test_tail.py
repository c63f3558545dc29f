"""The live tail: what no rollup has counted, kept within a bound and let go once it is counted."""

import pytest

from jobs import rollup
from models.installation import Installation
from models.spend import tail
from tests.factories import NOON, append, ask, make_event, make_workspace, spend_of


def requests(spend: object) -> int:
    return int(ask(spend, last="7d").totals["requests"])


def test_it_grows_with_each_commit_and_is_let_go_once_it_is_counted(installation: Installation) -> None:
    workspace = make_workspace(installation)
    spend = spend_of(installation, workspace)
    for number in range(1, 4):
        append(installation, workspace.id, make_event())
        assert requests(spend) == number
        assert spend.store.tail.rows.height == number
    rollup.run(installation.database, installation.lake)
    assert requests(spend) == 3
    assert spend.store.tail.rows.height == 0


def test_beyond_its_bound_the_ledger_is_asked_and_nothing_is_kept(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tail, "BOUND", 3)
    workspace = make_workspace(installation)
    spend = spend_of(installation, workspace)
    append(installation, workspace.id, *(make_event() for _ in range(3)))
    assert requests(spend) == 3
    append(installation, workspace.id, *(make_event(NOON - 1) for _ in range(4)))
    assert requests(spend) == 7
    assert spend.store.tail.rows.height == 0
    rollup.run(installation.database, installation.lake)
    append(installation, workspace.id, make_event())
    assert requests(spend) == 8
    assert spend.store.tail.rows.height == 1
