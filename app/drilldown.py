"""Drilling down: where a click on a bar, a tile or a row leads. One filter more, and grouped by the next dimension of a
chain; where the chain ends, to the calls themselves."""

from collections.abc import Iterable, Mapping
from typing import Any

from app.address import Address, can_name, where
from models.spend.dimensions import is_tag_key

CALLS = ("provider", "model", "endpoint", "token", "end_user")
ORGANISATION = ("department", "team", "agent", "feature")
REQUESTS = "requests"  # the page where every chain ends

Members = Mapping[str, Any]  # of each dimension that is grouped by


def into(here: Address, members: Members) -> Address | None:
    """What is behind a group; None where no filter says what it is."""
    held = [each for name, value in members.items() for each in held_by(name, value)]
    if not all(can_name(*each) for each in held):
        return None
    narrowed = here
    for name, value in held:
        narrowed = narrowed.only(name, value)
    return deeper(narrowed, [*members])


def beyond(here: Address, dimension: str, first: Iterable[Any]) -> Address | None:
    """What is behind `other`: the groups that are not among the first."""
    if dimension in ("tag", "tags") or is_tag_key(dimension):
        return None  # a call may have a tag of the first, and others
    left_out = (where(dimension, value, negated=True) for value in first)
    return here.put(where=dict.fromkeys([*here.all("where"), *left_out]), limit=None, other=None)


def deeper(here: Address, left: list[str]) -> Address:
    """Grouped by what comes next after the dimensions that are left behind."""
    following = after(left[-1] if left else "", fixed(here))
    if following is None:
        return here.to(REQUESTS)
    order = here.get("order")
    kept = None if order.removeprefix("-") in left else order
    return here.put(group_by=following, order=kept, limit=None, other=None)


def after(dimension: str, skipped: set[str]) -> str | None:
    """The next dimension of the chain that this one stands in, without what is skipped."""
    if dimension in ORGANISATION:
        chain = (*ORGANISATION[ORGANISATION.index(dimension) + 1 :], *CALLS)
    else:
        start = CALLS.index(dimension) + 1 if dimension in CALLS else 0
        chain = (*CALLS[start:], *CALLS[:start])
    return next((name for name in chain if name not in skipped), None)


def fixed(here: Address) -> set[str]:
    """The dimensions that a filter holds at one value."""
    named = [each.partition(":")[0] for each in here.all("where")]
    return {name for name in named if not name.endswith("!") and named.count(name) == 1}


def begun(here: Address) -> str:
    """What to group by where nobody says: the next after what the last filter is about."""
    named = [each.partition(":")[0] for each in here.all("where")]
    held = [name for name in named if name in fixed(here)]
    return after(held[-1] if held else "", fixed(here)) or CALLS[-1]


def about(here: Address, dimension: str, value: Any, measure: str = "cost") -> Address:
    """The explorer, filtered by one member; where not its cost is meant, asked for that."""
    there = here.to("explorer").only(dimension, value)
    return there if measure == "cost" else there.put(measures=f"{measure},cost", group_by=begun(there))


def held_by(dimension: str, value: Any) -> list[tuple[str, Any]]:
    """What holds for a group's calls: of a set of tags, each of them."""
    return [("tag", each) for each in value or [None]] if dimension == "tags" else [(dimension, value)]
