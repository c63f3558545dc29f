"""Cubes: which combinations of dimensions are rolled up. A cube is one declaration; all carry all sums, so all have
the same totals. A query takes the one with the least to read that has what it names, else it reads the ledger.

Every cube carries what the free plan's visibility asks for: key, provider, model and feature.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from models.spend import latency
from models.spend.dimensions import DIMENSIONS
from models.spend.facts import DAY, HOUR, SUM_NAMES

VISIBILITY = ("key", "provider", "model", "feature")


@dataclass(frozen=True)
class Cube:
    """Grain: one row per combination of `columns` and local day (and hour where it is hourly)."""

    name: str
    dimensions: tuple[str, ...]
    meaning: str
    version: int = 2  # since the second, sums tell what drift is a share of

    @property
    def id(self) -> str:
        """Its name in the lake; a changed schema is a new name."""
        return self.name if self.version == 1 else f"{self.name}-v{self.version}"

    @property
    def columns(self) -> list[str]:
        return [*VISIBILITY, *self.dimensions]

    @property
    def hourly(self) -> bool:
        return HOUR in self.dimensions

    @property
    def schema(self) -> dict[str, pl.DataType]:
        return {name: dtype_of(name) for name in self.columns} | {name: pl.Int64() for name in SUM_NAMES}

    def answers(self, columns: Iterable[str]) -> bool:
        return set(columns) <= {*self.columns, DAY}


def dtype_of(column: str) -> pl.DataType:
    special: dict[str, pl.DataType] = {
        HOUR: pl.Int64(),
        latency.BUCKET: pl.Int16(),
        "tags": pl.List(pl.String()),
        "cache_hit": pl.Boolean(),
    }
    return special.get(column, pl.String())


CUBES = (
    Cube("models", (), "spend by model: the smallest"),
    Cube("hourly", (HOUR, "team", "env", "endpoint", "source", "status"), "spend by hour"),
    Cube("errors", ("status", "error_type", "endpoint", "team"), "failures by their class"),
    Cube("prompts", ("prompt", "endpoint", "env"), "spend by prompt"),
    Cube("customers", ("user", "end_user", "team"), "spend by account and by customer served"),
    Cube("tags", ("tags", "team", "env", "endpoint"), "spend by sets of tags"),
    Cube("latency", (latency.BUCKET, "endpoint", "team", "status"), "latency as a histogram"),
    Cube(
        "spend",
        (
            "source", "status", "cost_source", "cache_hit", "model_group", "team", "department", "agent",
            "project", "env", "endpoint", "token",
        ),
        "spend by every dimension of few values",
    ),
)  # fmt: skip
BY_ID = {cube.id: cube for cube in CUBES}


def able(columns: Iterable[str], available: Iterable[str]) -> list[Cube]:
    """The available cubes that have all these columns, the narrowest first."""
    wanted, served = set(columns), set(available)
    return sorted((cube for cube in CUBES if cube.id in served and cube.answers(wanted)), key=width)


def finer(cube: Cube) -> list[Cube]:
    """The cubes of whose rows this one's can be made, the narrowest first."""
    return sorted((each for each in CUBES if each.id != cube.id and each.answers(cube.columns)), key=width)


def width(cube: Cube) -> int:
    return len(cube.columns)


assert all(name in DIMENSIONS or name in (HOUR, latency.BUCKET) for cube in CUBES for name in cube.columns)
