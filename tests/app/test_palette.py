"""A member's colour in a workspace: the same on every page, whatever stands beside it and however much is called today."""

from typing import Any

import pytest

from app import colours, palette
from app.data import seen
from models import names
from models.accounts.workspaces import WorkspaceInfo
from models.names import Rename
from tests.app.conftest import Dashboard, Page, call, explore, filled
from tests.factories import AUTHOR

DAY = 86_400
DEAREST = [f"model-{number}" for number in range(8)]
DEAR, CHEAP = "model-2", "model-17"  # alike by their names, and the cheap one comes first in the alphabet


def spent(place: int) -> int:
    return (40 - place) * 1_000_000_000


@pytest.fixture
def crowded(dashboard: Dashboard) -> WorkspaceInfo:
    """All was called the day before yesterday; a small team calls but two."""
    calls = [call(2 * DAY, spent(place), model=name, team="large") for place, name in enumerate([*DEAREST, CHEAP])]
    return filled(dashboard, *calls, *(call(2 * DAY, 1, model=name, team="small") for name in (DEAR, CHEAP)))


def bars(page: Page) -> dict[str, Any]:
    (chart,) = page.charts
    return {each["name"]: each["marker"]["color"] for each in chart["data"] if each["type"] == "bar"}


@pytest.mark.usefixtures("crowded")
def test_the_dearest_keep_their_colours_whatever_a_page_is_about(dashboard: Dashboard) -> None:
    whole = bars(explore(dashboard, group_by="model", granularity="day"))
    small = bars(explore(dashboard, group_by="model", granularity="day", where="team:small"))
    lens = bars(dashboard.open("models", where="team:small"))
    assert colours.assign([DEAR, CHEAP])[DEAR].light != whole[DEAR]
    assert small[DEAR] == lens[DEAR] == whole[DEAR]
    assert small[CHEAP] == lens[CHEAP] != whole[DEAR]


def test_what_is_called_today_moves_nothing(dashboard: Dashboard, crowded: WorkspaceInfo) -> None:
    before = palette.of(crowded, "model", seen(crowded))
    dashboard.send(crowded, call(10, 10 * spent(0), model="newcomer"))
    palette.lately.clear()
    assert palette.of(crowded, "model", seen(crowded)) == before
    assert {*before} == {*DEAREST, colours.OTHER}


def test_who_is_called_otherwise_now_has_a_colour_under_the_new_name(
    dashboard: Dashboard, crowded: WorkspaceInfo
) -> None:
    assert DEAR in palette.of(crowded, "model", seen(crowded))
    with dashboard.installation.database.write() as connection:
        names.create(connection, crowded.id, Rename("model", DEAR, "ours"), AUTHOR)
    renamed = palette.of(crowded, "model", seen(crowded))
    assert "ours" in renamed
    assert DEAR not in renamed


def test_sets_of_tags_have_colours_too(dashboard: Dashboard) -> None:
    workspace = filled(dashboard, call(2 * DAY, tags=["a", "b"]))
    assert {*palette.of(workspace, "tags", seen(workspace))} == {"a, b", colours.OTHER}
