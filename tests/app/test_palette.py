"""A member's colour in a workspace: the same on every page, whatever stands beside it and however much is called today."""

from typing import Any

import pytest

from app import colours, palette
from app.data import seen
from tests.app.conftest import Dashboard, Page, call, explore, filled

DAY = 86_400
CROWD = [f"model-{number}" for number in range(20)]
DEAREST = CROWD[:8]


def spent(number: int) -> int:
    return (40 - number) * 1_000_000_000


@pytest.fixture
def crowded(dashboard: Dashboard) -> Dashboard:
    """Each model called yesterday, the first the dearest; the last of them in a team of its own, with the dearest."""
    calls = [call(2 * DAY, spent(place), model=name, team="crowd") for place, name in enumerate(CROWD)]
    filled(
        dashboard,
        *calls,
        call(2 * DAY, 1, model=CROWD[-1], team="small"),
        call(2 * DAY, 1, model="model-0", team="small"),
    )
    return dashboard


def bars(page: Page) -> dict[str, Any]:
    (chart,) = page.charts
    return {each["name"]: each["marker"]["color"] for each in chart["data"] if each["type"] == "bar"}


def test_the_dearest_keep_their_colours_whatever_a_page_is_about(crowded: Dashboard) -> None:
    lens = bars(crowded.open("models"))
    whole = bars(explore(crowded, group_by="model", granularity="day"))
    small = bars(explore(crowded, group_by="model", granularity="day", where="team:small"))
    alone = bars(explore(crowded, group_by="model", granularity="day", where="model:model-3"))
    assert {name: lens[name] for name in DEAREST[:7]} == {name: whole[name] for name in DEAREST[:7]}
    assert small["model-0"] == whole["model-0"] != small[CROWD[-1]]
    assert alone == {"model-3": whole["model-3"]}


def test_a_day_has_one_answer(crowded: Dashboard) -> None:
    workspace = crowded.workspace("other")
    crowded.send(workspace, *[call(2 * DAY, spent(place), model=name) for place, name in enumerate(DEAREST)])
    today = seen(workspace).today
    before = palette.of(workspace, "model", today)
    crowded.send(workspace, call(10, 10 * spent(0), model="newcomer"))
    palette.of.clear()
    assert palette.of(workspace, "model", today) == before
    assert {*before} == {*DEAREST, colours.OTHER}
