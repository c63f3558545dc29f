"""What somebody would want to be told about their spend: each an amount, a sentence, and where to look further.

Pure: an insight is a small function of answers that were asked for once. It says what was counted; where it has to
guess it says what it assumes; below a sensible amount it says nothing.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import polars as pl

from models.money import NANO
from models.spend.drift import SHARE as DRIFT
from models.spend.table import PERIOD
from models.spend.uncached import Uncached

BY = ("provider", "model", "endpoint", "token", "team", "status")  # that the calls must be told by
MEASURES = (
    "cost", "saved", "prompt_cache_saved", "drift", "listed_cost", "requests", "unpriced_requests", "cache_hits",
    "total_tokens",
)  # fmt: skip

SMALLEST = NANO  # of an amount over the period: nobody changes anything for less than a dollar
SMALLEST_SHARE = 200  # nor for less than one part in so many of the spend
CONCENTRATED = 0.6  # share of spend in few hands
FEW = 3
DEARER = 1.25  # times
ENOUGH = 20  # calls, for a mean to mean something
UNFINISHED = frozenset({"dev", "development", "test", "testing", "qa", "ci", "stage", "staging", "preview", "sandbox"})
FRIDAY = 5  # Polars counts days of the week from 1
NUMBERS = ("No", "One", "Two", "Three")

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Money:
    nano: int


@dataclass(frozen=True)
class Share:
    ratio: float


@dataclass(frozen=True)
class Count:
    number: int


@dataclass(frozen=True)
class Name:
    """What strangers sent."""

    text: str


Part = str | Money | Share | Count | Name


@dataclass(frozen=True)
class Insight:
    """`amount_nano_usd` is over the period that was asked about. `page` and `where` (dimension, value) say where to
    look further."""

    kind: str
    amount_nano_usd: int
    says: tuple[Part, ...]
    page: str = "explorer"
    where: tuple[tuple[str, str | None], ...] = ()
    asks: tuple[tuple[str, str], ...] = ()  # what else stands in the link
    assumes: str = ""


@dataclass(frozen=True)
class Figures:
    """The answers. `calls` are by BY with MEASURES, `before` those of the period before; `by_env` is by env and day.
    `uncached` are those that a prompt cache could spare most at."""

    calls: pl.DataFrame
    before: pl.DataFrame
    by_env: pl.DataFrame
    days: int
    uncached: Sequence[Uncached] = ()

    @cached_property
    def spent(self) -> int:
        return int(self.calls["cost_nano_usd"].cast(pl.Int128).sum())

    @property
    def least(self) -> int:
        return max(SMALLEST, self.spent // SMALLEST_SHARE)


def insights(figures: Figures, most: int) -> tuple[Insight, ...]:
    """The largest amounts first."""
    found = [insight for told in INSIGHTS for insight in told(figures) if insight.amount_nano_usd >= figures.least]
    return tuple(sorted(found, key=lambda each: (-each.amount_nano_usd, each.kind))[:most])


# -- one by one ---------------------------------------------------------------------------------------------------


def concentration(figures: Figures) -> Iterator[Insight]:
    """A few of many endpoints are most of the spend."""
    named = [row for row in summed(figures.calls, ["endpoint"]) if row["endpoint"] is not None]
    ranked = sorted(named, key=lambda row: -row["cost_nano_usd"])
    for few in range(1, FEW + 1):
        amount = sum(row["cost_nano_usd"] for row in ranked[:few])
        if len(ranked) > 2 * few and amount >= CONCENTRATED * figures.spent > 0:
            names = [row["endpoint"] for row in ranked[:few]]
            verb = " endpoint is " if few == 1 else " endpoints are "
            says = (NUMBERS[few], verb, Share(amount / figures.spent), " of spend: ", *listed(names))
            where = tuple(("endpoint", name) for name in names)
            yield Insight("concentration", amount, says, "endpoints", where)
            return


def prompt_caching(figures: Figures) -> Iterator[Insight]:
    """Endpoints with long input that is never read from a prompt cache, of models that would read it for less."""
    spared: dict[str, int] = {}
    for each in figures.uncached:
        if each.endpoint is not None:
            spared[each.endpoint] = spared.get(each.endpoint, 0) + each.spared_nano_usd
    for endpoint, saved in spared.items():
        says = ("Prompt caching on ", Name(endpoint), " would have saved ", Money(saved // figures.days), " a day")
        assumes = "if half of the input repeats while it is cached, at list prices"
        yield Insight("prompt caching", saved, says, "cache", (("endpoint", endpoint),), assumes=assumes)


def response_cache(figures: Figures) -> Iterator[Insight]:
    whole = summed(figures.calls, [])[0]
    says = ("The response cache spared ", Money(whole["saved_nano_usd"]), ": ", Count(whole["cache_hits"]),
            " calls that nobody had to pay")  # fmt: skip
    yield Insight("response cache", whole["saved_nano_usd"], says, "cache")


def dearer(figures: Figures) -> Iterator[Insight]:
    """Endpoints whose calls cost more than they did."""
    before = {row["endpoint"]: row for row in summed(figures.before, ["endpoint"])}
    for row in summed(figures.calls, ["endpoint"]):
        endpoint, then = row["endpoint"], before.get(row["endpoint"])
        if endpoint is None or then is None or min(priced(row), priced(then)) < ENOUGH or not then["cost_nano_usd"]:
            continue
        each, was = row["cost_nano_usd"] / priced(row), then["cost_nano_usd"] / priced(then)
        if each >= DEARER * was:
            says = ("A call of ", Name(endpoint), " costs ", Share(each / was - 1), " more than in the period before: ",
                    Money(round(each)), " instead of ", Money(round(was)))  # fmt: skip
            more = row["cost_nano_usd"] - round(was * priced(row))
            yield Insight("dearer", more, says, "explorer", (("endpoint", endpoint),), MEANS)


MEANS = (("measures", "cost_per_request,requests,cost"), ("granularity", "day"), ("group_by", "model"))


def failures(figures: Figures) -> Iterator[Insight]:
    """Calls that failed and cost nevertheless."""
    failed = figures.calls.filter(pl.col("status") == "failure")
    ranked = sorted(summed(failed, ["endpoint"]), key=lambda row: -row["cost_nano_usd"])
    amount = sum(row["cost_nano_usd"] for row in ranked)
    if not amount:
        return
    endpoint = ranked[0]["endpoint"]
    most: tuple[Part, ...] = (", most of it on ", Name(endpoint)) if endpoint is not None else ()
    says = ("Calls that failed cost ", Money(amount), *most)
    yield Insight(
        "failures", amount, says, "explorer", (("status", "failure"),), (("group_by", "endpoint,error_type"),)
    )


def unpriced(figures: Figures) -> Iterator[Insight]:
    whole = summed(figures.calls, [])[0]
    number, known = whole["unpriced_requests"], priced(whole)
    if number and known:
        guess = whole["cost_nano_usd"] * number // known
        verb = " request has" if number == 1 else " requests have"
        says = (Count(number), verb, " no known price, and may have cost ", Money(guess))
        where = (("cost_source", "unpriced"),)
        yield Insight("unpriced", guess, says, "explorer", where, (("group_by", "model"), ("measures", "requests")),
                      "if they cost as much as those whose price is known")  # fmt: skip


def drift(figures: Figures) -> Iterator[Insight]:
    """Models for which clients say another cost than the price list."""
    for row in summed(figures.calls, ["provider", "model"]):
        off, list_price = row["drift_nano_usd"], row["listed_cost_nano_usd"]
        if list_price > 0 and abs(off) > DRIFT * list_price:
            direction = " above" if off > 0 else " below"
            says = ("What clients report for ", Name(row["model"] or "(none)"), " is ", Share(abs(off) / list_price),
                    direction, " its list price: ", Money(abs(off)))  # fmt: skip
            where = (("provider", row["provider"]), ("model", row["model"]))
            yield Insight("drift", abs(off), says, "models", where)


def weekends(figures: Figures) -> Iterator[Insight]:
    """What is not for customers spends on days on which nobody works on it."""
    for env in figures.by_env["env"].unique(maintain_order=True).drop_nulls():
        rows = figures.by_env.filter(pl.col("env") == env, pl.col(PERIOD).dt.weekday() > FRIDAY)
        if env.lower() in UNFINISHED and rows.height:
            amount = int(rows["cost_nano_usd"].cast(pl.Int128).sum())
            says = (Name(env), " spent ", Money(amount), " on Saturdays and Sundays")
            yield Insight("weekends", amount, says, "explorer", (("env", env),), (("granularity", "day"),))


INSIGHTS: tuple[Callable[[Figures], Iterator[Insight]], ...] = (
    concentration, prompt_caching, response_cache, dearer, failures, unpriced, drift, weekends,
)  # fmt: skip


# -- what they share ----------------------------------------------------------------------------------------------


def summed(rows: pl.DataFrame, keys: Sequence[str]) -> list[dict[str, Any]]:
    """Everything that adds up, by these; without keys one row, of zeros where there is nothing."""
    sums = pl.selectors.integer().cast(pl.Int128).sum()
    return (rows.group_by(keys, maintain_order=True).agg(sums) if keys else rows.select(sums)).to_dicts()


def priced(row: Row) -> int:
    return int(row["requests"] - row["unpriced_requests"])


def listed(names: Sequence[str]) -> Iterator[Part]:
    """a, b and c."""
    for place, name in enumerate(names):
        if place:
            yield " and " if place == len(names) - 1 else ", "
        yield Name(name)
