"""`/api/v1/events`, the route itself: how long it looks."""

import pytest

from api.routes.events import events
from models.installation import Installation
from models.periods import now_us
from models.spend import log
from tests.factories import append, make_event, make_workspace, spend_of


@pytest.mark.parametrize("asked", [{"where": ["provider:rare"]}, {"where": ["tag!:common"]}, {"search": ["boom"]}, {}])
def test_no_question_is_looked_into_for_longer_than_anybody_waits(
    installation: Installation, monkeypatch: pytest.MonkeyPatch, asked: dict[str, list[str]]
) -> None:
    monkeypatch.setattr(log, "PATIENCE", 100)
    workspace, now = make_workspace(installation), now_us()
    append(installation, workspace.id, *(make_event(now - n, id=f"e{n}", tags=["common"]) for n in range(1, 400)))
    append(installation, workspace.id, make_event(now - 400, id="rare", provider="rare", error_str="boom"))
    parameters = asked | {"last": ["7d"], "limit": ["2"]}
    page = events(spend_of(installation, workspace), parameters)
    assert (len(page["rows"]), page["next_cursor"] is None) == (0 if asked else 2, False)
    if asked:
        seen = []
        while page["next_cursor"]:
            page = events(spend_of(installation, workspace), parameters | {"cursor": [page["next_cursor"]]})
            seen += [row["id"] for row in page["rows"]]
        assert seen == ["rare"]
