"""What the free plan hides, said beside every total that it is missing from: how many calls, how much spend, why, and
behind a button the definitions that would show them."""

import streamlit as st

from app import data, formats
from app.changes import changing
from app.components import asking, definitions, listing, live, markup
from app.data import Seen
from app.sessions import Visit
from models.accounts import keys
from models.accounts.sources import Source
from models.spend.dimensions import NONE
from models.spend.hidden import Amount, Hidden, Suggestion

QUESTION = "hidden"
SUGGESTED = 20  # definitions of one list; whoever needs more lets a key show everything
LARGEST = 5  # of what is hidden, named


def draw(visit: Visit, seen: Seen) -> None:
    """Nothing where nothing is hidden."""
    found = data.hidden(visit.workspace, seen)
    if found is None:
        if asking.is_asked(QUESTION):
            asking.forget()
        return
    with st.container(key="hidden", gap=None):
        markup.draw("hidden", requests=found.amount.requests, cost=known_cost(found.amount))
        st.button("Show what would match", key="hidden-open", type="tertiary", on_click=asking.ask, args=[QUESTION])
    explain(visit, seen, found)


def known_cost(amount: Amount) -> str | None:
    """None where no call has a price: that is not nothing."""
    known = amount.cost_nano_usd or amount.unpriced_requests < amount.requests
    return formats.money(amount.cost_nano_usd) if known else None


def cost(amount: Amount) -> str:
    return known_cost(amount) or "unpriced"


def explain(visit: Visit, seen: Seen, found: Hidden) -> None:
    if not asking.is_asked(QUESTION):
        return

    @st.dialog("Hidden on the free plan", width="medium", on_dismiss=asking.forget)
    def shown() -> None:
        live.still(visit)
        markup.draw("hidden_largest", rows=largest(found), more=found.groups.height > LARGEST)
        senders = sending(visit, seen)
        for number, each in enumerate(found.suggestions[:SUGGESTED]):
            suggestion(visit, each, senders, number)
        markup.draw("hidden_more", more=max(0, len(found.suggestions) - SUGGESTED), admin=visit.may("admin"))

    shown()


def largest(found: Hidden) -> list[tuple[str, str, str, str]]:
    """Key, what was called, how many calls, what they cost."""
    return [
        (row["key"] or "without a key", called(row), formats.count(int(row["requests"])), cost(amount_of(row)))
        for row in found.groups.head(LARGEST).iter_rows(named=True)
    ]


def called(row: dict[str, str | None]) -> str:
    return f"{row['provider'] or NONE} / {row['model'] or NONE}, feature {row['feature'] or NONE}"


def amount_of(row: dict[str, int]) -> Amount:
    return Amount(int(row["requests"]), int(row["cost_nano_usd"]), int(row["unpriced_requests"]))


def sending(visit: Visit, seen: Seen) -> list[str]:
    """The names of keys that send, those that still do first."""
    found = [key for key in data.keys_of(visit.workspace, seen) if key["scope"] == "ingest"]
    return [key["name"] for key in sorted(found, key=lambda key: key["state"] == "revoked")]


def suggestion(visit: Visit, each: Suggestion, senders: list[str], number: int) -> None:
    """One definition, what it would show, and for those who manage keys the button that adds it."""
    key = each.key or next(iter(senders), None)
    says = definitions.in_words(each.source.shown())
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"suggested-{number}"):
        markup.draw("suggestion", key=key, keyless=each.key is None, says=says, requests=each.amount.requests,
                    cost=cost(each.amount))  # fmt: skip
        if visit.may("admin") and key in senders:
            label = listing.verb("Add this definition", f"{says} to {key}")
            if st.button(label, key=f"suggested-{number}-add") and asking.attempt(
                lambda: add(visit, str(key), each.source)
            ):
                st.rerun()


def add(visit: Visit, key: str, source: Source) -> None:
    with changing(visit, "admin") as (connection, author):
        keys.add_source(connection, visit.workspace.id, key, source, author)
