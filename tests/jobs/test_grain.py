"""No file is written that breaks its cube's grain."""

import polars as pl
import pytest
from pandera.errors import SchemaError

from jobs.counting import grouped, narrowed
from jobs.grain import COUNTS, check
from models.spend import events
from models.spend.cubes import BY_ID, CUBES, Cube
from models.spend.facts import facts


def row(cube: Cube, **values: object) -> dict[str, object]:
    return (
        dict.fromkeys(cube.schema)
        | dict.fromkeys([*COUNTS, "drift_nano_usd", "prompt_cache_saved_nano_usd"], 1)
        | values
    )


def frame(cube: Cube, *rows: dict[str, object]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=cube.schema)


@pytest.mark.parametrize("cube", CUBES, ids=lambda cube: cube.id)
def test_a_good_file_passes_and_so_does_an_empty_one(cube: Cube) -> None:
    rows = frame(cube, row(cube), row(cube, model="gpt-4o", drift_nano_usd=-5))
    assert check(rows, cube).equals(rows)
    assert check(grouped(narrowed(facts(events.none(), "UTC"), cube), cube), cube).height == 0


@pytest.mark.parametrize("cube", CUBES, ids=lambda cube: cube.id)
def test_a_file_with_one_combination_twice_is_refused(cube: Cube) -> None:
    with pytest.raises(SchemaError, match="one row per combination"):
        check(frame(cube, row(cube), row(cube)), cube)


@pytest.mark.parametrize("wrong", [{"cost_nano_usd": -1}, {"requests": 0}, {"errors": None}])
def test_impossible_sums_are_refused(wrong: dict[str, object]) -> None:
    cube = BY_ID["models-v2"]
    with pytest.raises(SchemaError, match="sums are known"):
        check(frame(cube, row(cube, **wrong)), cube)


def test_other_columns_are_refused() -> None:
    cube = BY_ID["models-v2"]
    with pytest.raises(SchemaError, match="the columns of the cube"):
        check(frame(cube, row(cube)).drop("provider"), cube)
    with pytest.raises(SchemaError, match="the columns of the cube"):
        check(frame(cube, row(cube)).cast({"requests": pl.Int32}), cube)
