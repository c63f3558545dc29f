"""What the page Prices asks: prices, calls that have none, orders of re-pricing, acts. As `app/data.py` has it: cached
with a bound, under all that an answer depends on. Models are called here as they were sent, for so are prices."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import streamlit as st

from app import data
from app.data import MAX_ENTRIES, MAX_SECONDS, Seen
from app.opened import opened
from models import acts, periods, price_overrides, repricing_orders
from models.accounts.workspaces import WorkspaceInfo
from models.acts import Act
from models.periods import now_us
from models.pricing import sheet as sheets
from models.pricing.overrides import Override, Overrides
from models.pricing.prices import OwnPrices, Prices
from models.pricing.sheet import Sheet
from models.repricing_orders import Order
from models.spend.query import parse
from models.spend.table import PERIOD, Spend

RECENT = "30d"  # of which unpriced models are named
PAST = "90d"  # in which calls are looked for that a new price is for
MAX_MODELS = 500  # names that are offered


@dataclass(frozen=True)
class Calls:
    """Calls of one provider's model, from the first local day of them to the last."""

    provider: str | None
    model: str | None
    requests: int
    first: date
    last: date


# -- prices -------------------------------------------------------------------------------------------------------


def prices(workspace: WorkspaceInfo) -> Prices:
    return opened().directory.view.prices_of(workspace.id)


@st.cache_data(show_spinner=False, ttl=MAX_SECONDS, max_entries=MAX_ENTRIES)
def overrides(workspace: WorkspaceInfo, control: int) -> list[Override]:  # noqa: ARG001 - part of the key
    """The newest first."""
    with opened().installation.database.read() as connection:
        return price_overrides.of_workspace(connection, workspace.id)[::-1]


@st.cache_data(show_spinner=False, ttl=MAX_SECONDS, max_entries=MAX_ENTRIES)
def sheet(workspace: WorkspaceInfo, control: int, provider: str | None, model: str) -> Sheet:  # noqa: ARG001
    """What a model costs now."""
    return sheets.sheet(prices(workspace), provider, model, now_us())


def sheet_without(workspace: WorkspaceInfo, control: int, override: Override) -> Sheet:
    """What its model costs once an override is gone."""
    rest = Overrides(each for each in overrides(workspace, control) if each.id != override.id)
    left = OwnPrices(opened().directory.view.published, rest)
    return sheets.sheet(left, override.provider, override.model, now_us())


# -- calls --------------------------------------------------------------------------------------------------------


@st.cache_data(show_spinner=False, ttl=MAX_SECONDS, max_entries=MAX_ENTRIES)
def unpriced(workspace: WorkspaceInfo, seen: Seen) -> list[Calls]:  # noqa: ARG001 - part of the key
    """Of the last 30 days, the most calls first."""
    return by_model(day for day in each_day(workspace, RECENT, "unpriced_requests") if day["requests"])


@st.cache_data(show_spinner=False, ttl=MAX_SECONDS, max_entries=MAX_ENTRIES)
def concerned(workspace: WorkspaceInfo, seen: Seen, override: Override) -> list[Calls]:  # noqa: ARG001
    """Stored calls that a price is for: those whose cost was not reported."""
    own = OwnPrices(opened().directory.view.published, Overrides([override]))
    rows = each_day(workspace, PAST, "requests", "cost_source:computed", "cost_source:unpriced")
    meant = (each for each in by_model(row for row in rows if holds_on(override, row[PERIOD], workspace)))
    return [each for each in meant if each.model and any(own.overrides.fitting(*own.called(each.provider, each.model)))]


def holds_on(override: Override, day: date, workspace: WorkspaceInfo) -> bool:
    """At any time of that day."""
    start, end = periods.day_span(day, workspace.timezone)
    return (override.valid_from_us or 0) < end and (override.valid_to_us is None or start < override.valid_to_us)


@st.cache_data(show_spinner=False, ttl=MAX_SECONDS, max_entries=MAX_ENTRIES)
def models(workspace: WorkspaceInfo, seen: Seen) -> list[str]:  # noqa: ARG001 - part of the key
    """Names that were called lately, those with the most calls first."""
    found = answer(workspace, last=[PAST], group_by=["model"], measures=["requests"], order=["-requests"])
    return [name for name in found.rows["model"].to_list() if name is not None][:MAX_MODELS]


def each_day(workspace: WorkspaceInfo, last: str, measure: str, *where: str) -> list[dict[str, Any]]:
    """Provider, model, day, and as `requests` so many of that measure."""
    grouped = {"granularity": ["day"], "group_by": ["provider,model"], "measures": [measure], "order": [f"-{measure}"]}
    return answer(workspace, last=[last], where=list(where), **grouped).rows.rename({measure: "requests"}).to_dicts()


def answer(workspace: WorkspaceInfo, **parameters: list[str]) -> Spend:
    now = now_us()
    return opened().spend(workspace).as_sent().answer(parse(parameters, workspace.timezone, now), now)


def by_model(rows: Iterable[dict[str, Any]]) -> list[Calls]:
    """The most calls first."""
    found: dict[tuple[str | None, str | None], list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault((row["provider"], row["model"]), []).append(row)
    calls = [calls_of(days) for days in found.values()]
    return sorted(calls, key=lambda each: (-each.requests, str(each.provider), str(each.model)))


def calls_of(days: list[dict[str, Any]]) -> Calls:
    first, last = (pick(day[PERIOD] for day in days) for pick in (min, max))
    return Calls(days[0]["provider"], days[0]["model"], sum(int(day["requests"]) for day in days), first, last)


# -- orders and acts ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Told:
    """An act as the page tells of it: what it did in all, and whether another one took it back."""

    act: Act
    did: dict[str, int] | None
    taken_back: bool


def orders(workspace: WorkspaceInfo) -> list[Order]:
    """Never cached: a small read."""
    with opened().installation.database.read() as connection:
        return repricing_orders.of_workspace(connection, workspace.id)


def are_busy() -> bool:
    """Whether the jobs carry out an order, of whichever workspace."""
    with opened().installation.database.read() as connection:
        return repricing_orders.are_busy(connection, now_us())


def history(workspace: WorkspaceInfo) -> list[Told]:
    """The newest first. Never cached: a small read, on a page that few look at."""
    with opened().installation.database.read() as connection:
        found = acts.listed(connection, workspace.id)
        did = acts.did(connection, workspace.id)
    taken_back = {act.undoes for act in found}
    return [Told(act, did.get(act.id), act.id in taken_back) for act in reversed(found)]


def glance(workspace: WorkspaceInfo) -> object:
    """Another one when prices, orders, acts or unpriced calls are others; how far an order is does not count."""
    here = opened()
    without = unpriced(workspace, data.seen(workspace))
    with here.installation.database.read() as connection:
        waiting = repricing_orders.of_workspace(connection, workspace.id)
        stood = tuple((act.id, act.finished_us) for act in acts.listed(connection, workspace.id))
    moved = tuple((each.id, each.begun_us, each.finished_us) for each in waiting)
    return here.directory.view.version, moved, stood, without
