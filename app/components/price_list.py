"""What a workspace pays where that is not what is published: its overrides, one below the other, and the way out of
each."""

from collections.abc import Iterator

import streamlit as st

from app import pricing
from app.changes import changing
from app.components import asking, listing, markup, price_sheet
from app.sessions import Visit
from models import price_overrides
from models.accounts.workspaces import WorkspaceInfo
from models.pricing.overrides import ANY, Override
from models.pricing.rates import COUNT, HOUR, QUOTED, TOKENS
from models.pricing.terms import Steps, Terms

NONE = "None of your own: published prices hold, where a model has one."
QUANTITIES = {TOKENS: "a million", COUNT: "a thousand", HOUR: "an hour"}
KEPT = "What is stored keeps its cost, until you price it anew."


def draw(visit: Visit, control: int) -> None:
    found = pricing.overrides(visit.workspace, control)
    if not found:
        markup.draw("note", text=NONE)
    for override in listing.shown("prices", found, searchable):
        with listing.row(f"price-{override.id}"):
            with listing.told(f"price-{override.id}"):
                markup.draw("override", **told(override, visit.workspace))
            if visit.may("admin"):
                delete(visit, override, control)


def told(override: Override, workspace: WorkspaceInfo) -> dict[str, object]:
    since, until = (
        price_overrides.shown_moment(instant, workspace.timezone)
        for instant in (override.valid_from_us, override.valid_to_us)
    )
    return {"name": named(override), "terms": list(in_words(override.terms)), "since": since, "until": until,
            "id": override.id}  # fmt: skip


def named(override: Override) -> str:
    return f"{override.provider or 'any provider'} / {'any model' if override.model == ANY else override.model}"


def searchable(override: Override) -> str:
    return " ".join([named(override), override.id, *in_words(override.terms)])


def in_words(terms: Terms) -> Iterator[str]:
    """`input $2.50 a million`, `12.5 % off`."""
    if terms.discount is not None:
        percent = f"{abs(terms.discount).normalize():f}\u202f% {'off' if terms.discount >= 0 else 'on top of'}"
        yield f"{percent} the published price{of_tier(terms.tier)}"
    for tier, units in terms.prices.items():
        for unit, steps in units.items():
            yield from (f"{step}{of_tier(tier)}" for step in by_length(unit, steps))


def by_length(unit: str, steps: Steps) -> Iterator[str]:
    per, name = QUANTITIES[QUOTED[unit].per], unit.removesuffix("_seconds").replace("_", " ")
    for over, price in steps:
        yield f"{name} {price_sheet.money(f'{price.normalize():f}')} {per}{f' above {over:,} tokens' if over else ''}"


def of_tier(tier: str | None) -> str:
    return f", {tier}" if tier else ""


# -- the way out --------------------------------------------------------------------------------------------------


def delete(visit: Visit, override: Override, control: int) -> None:
    question = f"delete-{override.id}"
    with listing.verbs(override.id):
        st.button(listing.verb("Delete", f"the price of {named(override)}"), key=f"ask-{question}", type="tertiary",
                  on_click=asking.ask, args=[question])  # fmt: skip
    if asking.is_asked(question):
        says = (
            f"The price of {named(override)} is gone for calls from now on{instead(visit, override, control)}. {KEPT}"
        )
        asking.confirm(question, "Delete this price?", says, "Delete", lambda: remove(visit, override), danger=True)


def instead(visit: Visit, override: Override, control: int) -> str:
    """What will hold; of a pattern nobody can say it in a sentence."""
    if override.is_pattern:
        return "; each model has its next price, yours or the published one, or none"
    left = pricing.sheet_without(visit.workspace, control, override)
    return f": it will cost {price_sheet.in_words(left)}" if left.lines else ", which will be unpriced"


def remove(visit: Visit, override: Override) -> None:
    with changing(visit, "admin") as (connection, author):
        price_overrides.remove(connection, visit.workspace, override.id, author)
