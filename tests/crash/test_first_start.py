"""A first start that is killed leaves nothing behind that stands in the way of the next."""

import json
from pathlib import Path

import pytest

from tests.crash.points import MAKING, Point
from tests.crash.rounds import died
from tests.servers import Farthing


@pytest.mark.parametrize("point", MAKING, ids=lambda point: point.name)
def test_a_first_start_that_was_killed_can_be_started_again(tmp_path: Path, point: Point) -> None:
    server = Farthing.on(tmp_path / "data")
    trigger = tmp_path / "trigger"
    trigger.touch()
    died(server.spawn("init", module=("tests.crash.launch", point.name, str(point.most), str(trigger))))
    assert json.loads(server.run("init", "--json").stdout)["workspace"] == "default"
