"""Filters: what a question leaves out. One predicate is one `where`; a filter holds where all of them hold.

What the plan shows is decided by names as they were sent, what was asked for by names as they are told (`renames.py`).
Polars decides; the SQL form only narrows what is read from the ledger and may let more through, never less.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import reduce
from operator import and_

import polars as pl
from sqlalchemy import ColumnElement, FromClause, false, true
from sqlalchemy import and_ as sql_and
from sqlalchemy import or_ as sql_or

from models.accounts.sources import PARTS, Source
from models.errors import BadRequest
from models.spend import dimensions
from models.spend.dimensions import DIMENSIONS, NONE, TAG_KEY
from models.spend.renames import AS_SENT, Names

Value = str | bool | None
MAX_VALUES = 1_000  # of one question
MAX_IN_SQL = 200  # alternatives, each a condition of its own; SQLite takes conditions of a bounded depth


@dataclass(frozen=True)
class Predicate:
    """A dimension is (or, negated, is not) one of these values; None is the absence of one."""

    dimension: str
    values: tuple[Value, ...]
    negated: bool = False

    @property
    def column(self) -> str | None:
        return dimensions.column_of(self.dimension)

    def polars(self, workspace: str) -> pl.Expr:
        holds = self.holds(workspace)
        return ~holds if self.negated else holds

    def holds(self, workspace: str) -> pl.Expr:
        if self.column is None:
            return pl.lit(workspace in self.values)
        if self.column == "tags":
            return self.tags_hold()
        return is_one_of(pl.col(self.column), self.values)

    def tags_hold(self) -> pl.Expr:
        values = values_of_key(self.dimension) if dimensions.is_tag_key(self.dimension) else pl.col("tags")
        stated = [value for value in self.values if value is not None]
        tagged = values.list.eval(pl.element().is_in(stated)).list.any() if stated else pl.lit(False)
        return tagged | (values.list.len() == 0) if None in self.values else tagged

    def as_sent(self, names: Names) -> "Predicate | None":
        """What events must say of themselves for this to hold, at most; None where that can't be told: which of a
        renamed value's events are left out depends on their days."""
        if self.column not in names.columns:
            return self
        if self.negated:
            surely = tuple(value for value in self.values if value not in names.columns[self.column].since)
            return replace(self, values=surely) if surely else None
        sent = {each for value in self.values if isinstance(value, str) for each in names.sent_as(self.column, value)}
        return replace(self, values=(*(value for value in self.values if value is None), *sorted(sent)))

    def sql(self, table: FromClause) -> ColumnElement[bool]:
        if self.column in (None, "tags"):
            return true()
        column = table.c[str(self.column)]
        stated = [value for value in self.values if value is not None]
        if self.negated:
            kept = column.not_in(stated)
            return column.is_not(None) & kept if None in self.values else column.is_(None) | kept
        return sql_or(column.in_(stated), column.is_(None)) if None in self.values else column.in_(stated)


def is_one_of(column: pl.Expr, values: tuple[Value, ...]) -> pl.Expr:
    stated = [value for value in values if value is not None]
    found = column.is_in(stated).fill_null(False) if stated else pl.lit(False)
    return found | column.is_null() if None in values else found


def values_of_key(dimension: str) -> pl.Expr:
    """The values of `key:value` tags with this key, as a list."""
    prefix = f"{dimension.removeprefix(TAG_KEY)}:"
    return pl.col("tags").list.eval(pl.element().filter(pl.element().str.starts_with(prefix)).str.strip_prefix(prefix))


@dataclass(frozen=True)
class Visibility:
    """The free plan's view: an event shows where a definition of the key that sent it matches; one without a key,
    where any definition of the workspace does."""

    sources: Mapping[str, tuple[Source, ...]]

    def polars(self) -> pl.Expr:
        shown = [
            (pl.col("key").is_null() | pl.col("key").eq_missing(pl.lit(key))) & matches(source)
            for key, definitions in self.sources.items()
            for source in definitions
        ]
        return pl.any_horizontal(shown) if shown else pl.lit(False)

    def sql(self, table: FromClause) -> ColumnElement[bool]:
        """So that the newest call that shows is found however many after it are hidden."""
        definitions = [(key, source) for key, found in self.sources.items() for source in found]
        if len(definitions) > MAX_IN_SQL:
            return true()
        return sql_or(false(), *(defined(table, key, source) for key, source in definitions))


def defined(table: FromClause, key: str, source: Source) -> ColumnElement[bool]:
    stated = [table.c[part] == value for part in PARTS if (value := getattr(source, part)) is not None]
    return sql_and(sql_or(table.c.key == key, table.c.key.is_(None)), *stated)


def matches(source: Source) -> pl.Expr:
    stated = [
        pl.col(part).eq_missing(pl.lit(getattr(source, part))) for part in PARTS if getattr(source, part) is not None
    ]
    return pl.all_horizontal(stated) if stated else pl.lit(True)


@dataclass(frozen=True)
class Filter:
    """Everything that a question asks for, and what the asker may see."""

    predicates: tuple[Predicate, ...] = ()
    visibility: Visibility | None = field(default=None, compare=False)
    names: Names = field(default=AS_SENT, compare=False)

    @property
    def asked(self) -> set[str]:
        """What rows must carry for the question to be decided."""
        return {predicate.column for predicate in self.predicates if predicate.column}

    @property
    def columns(self) -> set[str]:
        """What rows must carry for this filter to be decided."""
        return self.asked | ({"key", *PARTS} if self.visibility else set())

    def visible(self) -> pl.Expr:
        """What the plan shows, of rows as they were sent."""
        return self.visibility.polars() if self.visibility else pl.lit(True)

    def holds(self, workspace: str) -> pl.Expr:
        """What was asked for, of rows under the names that they are told by."""
        return reduce(and_, (predicate.polars(workspace) for predicate in self.predicates), pl.lit(True))

    def through(self, rows: pl.DataFrame, workspace: str, kept: list[str]) -> pl.DataFrame:
        """These columns of the rows that it lets through, under the names that they are told by."""
        named = {*kept, *self.asked}
        if self.names.among(named):
            told = self.names.told(rows.filter(self.visible()), named)
            return told.lazy().filter(self.holds(workspace)).select(kept).collect()
        return rows.lazy().filter(self.visible() & self.holds(workspace)).select(kept).collect()

    def decided(self, rows: pl.DataFrame, workspace: str) -> list[bool]:
        """Whether it lets each of the rows through."""
        told = self.names.told(rows.with_columns(visible=self.visible()), self.asked)
        return told.with_columns(shows=pl.col("visible") & self.holds(workspace))["shows"].to_list()

    def sql(self, table: FromClause) -> ColumnElement[bool]:
        narrowing = (predicate.as_sent(self.names) for predicate in self.predicates)
        conditions: list[ColumnElement[bool]] = [each.sql(table) for each in narrowing if each]
        conditions += [self.visibility.sql(table)] if self.visibility else []
        return reduce(lambda one, other: one & other, conditions, true())


def parse(where: Iterable[str]) -> tuple[Predicate, ...]:
    """`provider:openai`, `team!:qa`, `tag:a|b`; several values of one dimension are or-ed, except tags."""
    merged: dict[tuple[str, bool], Predicate] = {}
    each_holds = []
    for text in bounded(where):
        found = parse_one(text)
        if found.dimension == "tag":
            each_holds.append(found)
            continue
        slot = (found.dimension, found.negated)
        before = merged[slot].values if slot in merged else ()
        merged[slot] = Predicate(found.dimension, tuple(dict.fromkeys(before + found.values)), found.negated)
    return (*merged.values(), *each_holds)


def bounded(where: Iterable[str]) -> list[str]:
    asked = list(where)
    if sum(1 + text.count("|") for text in asked) > MAX_VALUES:
        raise BadRequest(
            f"where names more than {MAX_VALUES} values", {"field": "where", "expected": f"at most {MAX_VALUES}"}
        )
    return asked


def parse_one(text: str) -> Predicate:
    name, separator, value = text.partition(":")
    negated = name.endswith("!")
    name = name.removesuffix("!")
    if not separator or not (name in DIMENSIONS or dimensions.is_tag_key(name)) or name == "tags":
        raise BadRequest(
            f"where={text[:80]} names no dimension: it takes <dimension>:<value>",
            {"field": "where", "value": text[:80], "dimensions": dimensions.listed(without="tags")},
        )
    values = value.split("|") if name == "tag" else [value]
    return Predicate(name, tuple(read_value(name, each) for each in values), negated)


def read_value(name: str, text: str) -> Value:
    if text == NONE:
        return None
    dimension = DIMENSIONS.get(name)
    if dimension and dimension.choices and text not in dimension.choices:
        raise BadRequest(
            f"where={name}:{text[:80]} is no value of {name}: it takes {', '.join(dimension.choices)}",
            {"field": f"where={name}", "value": text[:80], "choices": list(dimension.choices)},
        )
    return text == "true" if dimension and dimension.kind == "flag" else text
