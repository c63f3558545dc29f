"""An event as a row of the ledger, and a row as the event that it can be priced as again. Both directions stand here,
so that what is written of an event is what is read of it."""

from collections.abc import Mapping
from operator import attrgetter
from typing import Any

import msgspec

from models.pricing.cost import Cost
from models.tables import EventRow, table
from models.usage.event import Claim, Event, Tokens

Row = Mapping[Any, Any]  # by the name of a column

EVENTS = table(EventRow)

# Where each column of `events` comes from; the rest are numbered and computed in `row_of`.
OF_EVENT = {
    column.name: column.name
    for column in EVENTS.columns
    if column.name in Event.__struct_fields__ and column.name not in ("tags", "flags", "units")
}
OF_TOKENS = {
    "input_tokens": "input",
    "cache_read_tokens": "cache_read",
    "cache_write_tokens": "cache_write",
    "cache_write_1h_tokens": "cache_write_1h",
    "output_tokens": "output",
    "reasoning_tokens": "reasoning",
    "total_tokens": "total",
}
OF_COST = {
    "cost_nano_usd": "cost",
    "input_cost_nano_usd": "input_cost",
    "output_cost_nano_usd": "output_cost",
    "saved_nano_usd": "saved",
    "prompt_cache_saved_nano_usd": "prompt_cache_saved",
    "reported_cost_nano_usd": "reported",
    "computed_cost_nano_usd": "computed",
    "cost_source": "source",
    "partial_cost_nano_usd": "partial",
    "unpriced_reason": "unpriced_reason",
    "price_card": "price_card",
}
COMPUTED = ("seq", "workspace_id", "received_us", "tags", "flags", "units", "tokens_avoided")
COLUMNS = (*COMPUTED, *OF_EVENT, *OF_TOKENS, *OF_COST)  # of a call's own row; of a correction there are three more
# What `event_of` reads of a row.
PRICED_BY = (
    "source", "started_us", "provider", "model", "status", "cache_hit", "units", "flags", "service_tier", "batch",
    "reported_cost_nano_usd", *OF_TOKENS,
)  # fmt: skip

of_event = attrgetter(*OF_EVENT.values())
of_tokens = attrgetter(*OF_TOKENS.values())
of_cost = attrgetter(*OF_COST.values())


def row_of(seq: int, workspace_id: str, received_us: int, event: Event, cost: Cost) -> tuple[Any, ...]:
    """One row of `events`, in the order of COLUMNS."""
    return (
        seq,
        workspace_id,
        received_us,
        as_json(event.tags) if event.tags else "[]",
        as_json(event.flags) if event.flags else "[]",
        None if event.units is None else as_json(event.units),
        tokens_avoided(event),
        *of_event(event),
        *of_tokens(event.tokens),
        *of_cost(cost),
    )


def as_json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def tokens_avoided(event: Event) -> int:
    """The tokens that a response-cache hit spared: as told, else all of the call's."""
    if not event.cache_hit:
        return 0
    if event.avoided_input is not None or event.avoided_output is not None:
        return (event.avoided_input or 0) + (event.avoided_output or 0)
    return event.tokens.total or 0


def event_of(row: Row) -> Event:
    """As much of the event as its price depends on. What its sender claimed stands beside its cost and decides nothing:
    a call whose cost was reported is not priced again."""
    return Event(
        source=row["source"],
        started_us=row["started_us"],
        provider=row["provider"],
        model=row["model"],
        status=row["status"],
        cache_hit=bool(row["cache_hit"]),
        tokens=tokens_in(row),
        units=units_in(row),
        flags=msgspec.json.decode(row["flags"]),
        service_tier=row["service_tier"],
        batch=bool(row["batch"]),
        claim=Claim(cost=row["reported_cost_nano_usd"], binding=False),
    )


def tokens_in(row: Row) -> Tokens:
    return Tokens(**{name: row[column] for column, name in OF_TOKENS.items()})


def units_in(row: Row) -> dict[str, int] | None:
    return None if row["units"] is None else msgspec.json.decode(row["units"])


def amounts_of(cost: Cost) -> dict[str, Any]:
    """The columns that a cost fills."""
    return dict(zip(OF_COST, of_cost(cost), strict=True))
