"""The lake's files: replaced as a whole, and laid out so that two versions can't be taken for one."""

import io
import random
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
import pytest

from jobs.counting import grouped
from models.errors import Conflict
from models.spend.cubes import BY_ID, Cube
from models.spend.lake import LAYOUTS, Lake

DAY = date(2026, 11, 21)


class Whose(NamedTuple):
    id: str
    generation: int


OWNER = Whose("ws", 0)
CHOICES: dict[str, tuple[Any, ...]] = {
    "key": ("default", "other"),
    "provider": ("openai", "anthropic", None),
    "model": ("gpt-4o", "claude-sonnet-4-5", "gpt-4o-mini", "o3"),
    "feature": ("chat", "unknown"),
    "status": ("success", "failure"),
    "error_type": (None, "Timeout"),
    "hour": (0, 3_600_000_000, 7_200_000_000),
    "team": ("search", None),
}


def some_rows(cube: Cube, number: int, chance: random.Random) -> pl.DataFrame:
    values: dict[str, list[Any]] = {
        name: [chance.choice(CHOICES.get(name, (None,))) for _ in range(number)] for name in cube.columns
    }
    sums = {name: [chance.randrange(1, 1_000) for _ in range(number)] for name in cube.schema if name not in values}
    return pl.DataFrame(values | sums | {"requests": [1] * number}, schema=cube.schema)


def read_across_a_replacement(before: bytes, after: bytes, column: str) -> int | None:
    """What a reader adds up that took the footer before and the rows after; None where it is refused."""
    footer = before[-8 - int.from_bytes(before[-8:-4], "little") :]
    try:
        rows = pl.read_parquet(io.BytesIO(after.ljust(len(before), b"\0") + footer), columns=[column])
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError):
        return None
    return int(rows[column].sum())


@pytest.mark.parametrize("cube", ["models-v2", "errors-v2"])
def test_the_footer_of_one_version_and_the_rows_of_the_next_are_never_a_third(tmp_path: Path, cube: str) -> None:
    lake, chance, declared = Lake(tmp_path), random.Random(2), BY_ID[cube]
    path = lake.path(declared, OWNER, DAY)
    for start in range(1, 20):
        rows = some_rows(declared, start, chance)
        lake.publish(declared, OWNER, DAY, grouped(rows, declared), "epoch", 1)
        for _ in range(5):
            before, old = path.read_bytes(), pl.read_parquet(path, hive_partitioning=False)
            rows = grouped(pl.concat([old, some_rows(declared, chance.randrange(1, 6), chance)]), declared)
            lake.publish(declared, OWNER, DAY, rows, "epoch", 1)
            for column in ("requests", "cost_nano_usd"):
                seen = read_across_a_replacement(before, path.read_bytes(), column)
                assert seen in (None, old[column].sum(), rows[column].sum())


def test_no_version_is_laid_out_like_the_few_before_it(tmp_path: Path) -> None:
    lake, cube = Lake(tmp_path), BY_ID["models-v2"]
    layouts = []
    for _ in range(2 * len(LAYOUTS)):
        lake.publish(cube, OWNER, DAY, some_rows(cube, 3, random.Random(1)), "epoch", 1)
        layouts.append(pl.read_parquet_metadata(lake.path(cube, OWNER, DAY))["layout"])
    assert len(set(layouts[: len(LAYOUTS)])) == len(LAYOUTS)
    assert layouts[: len(LAYOUTS)] == layouts[len(LAYOUTS) :]


def test_nothing_is_published_under_a_lock_that_was_taken_away(tmp_path: Path) -> None:
    lake, cube = Lake(tmp_path), BY_ID["models-v2"]
    rows = some_rows(cube, 3, random.Random(1))
    with lake.publishing():
        lake.publish(cube, OWNER, DAY, rows, "epoch", 1)
        lake.lock_path.unlink()
        with pytest.raises(Conflict, match="lock was taken away"):
            lake.publish(cube, OWNER, DAY, rows, "epoch", 2)
        with Lake(tmp_path).publishing(), pytest.raises(Conflict):
            lake.publish(cube, OWNER, DAY, rows, "epoch", 2)
    assert lake.read(cube, OWNER, DAY).stamp.through_seq == 1
