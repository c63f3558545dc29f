"""The free plan: whatever is sent, by whichever key or none, and whatever becomes of keys, definitions and plan
meanwhile, what shows and what is hidden add up to all of it, and the definitions that are suggested show the rest."""

import shutil
import tempfile
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from jobs import rollup
from models.accounts import keys
from models.accounts.keys import NewKey
from models.accounts.sources import Source
from models.accounts.workspaces import WorkspaceInfo
from models.spend.hidden import Amount, Hidden, hidden
from models.spend.query import parse_period
from tests.factories import AUTHOR, NOON, VALUES, ask, random_event
from tests.properties.effort import examples
from tests.properties.life import Life
from tests.properties.streams import BEGIN, END

KEYS = ("default", "other")
PARTS = (st.sampled_from((*VALUES[part], None)) for part in ("provider", "model", "feature"))
definitions = st.lists(st.builds(Source, *PARTS), max_size=3).map(lambda found: tuple(dict.fromkeys(found)))
steps = st.one_of(
    st.tuples(st.just("send"), st.integers(0, 2**31)),
    st.tuples(st.just("define"), st.sampled_from(KEYS), definitions),
    st.tuples(st.sampled_from(["rotate", "revoke"]), st.sampled_from(KEYS), st.integers(0, 7)),
    st.tuples(st.just("plan"), st.sampled_from(["free", "paid"])),
    st.tuples(st.just("rollup")),
)


class Account:
    """A workspace on the free plan with two keys."""

    def __init__(self, folder: Path) -> None:
        self.life = Life(folder)
        self.workspace = self.life.make_workspace("one", "Europe/Berlin", "free")
        self.sent = 0
        with self.life.database.write() as connection:
            for name in KEYS:
                keys.create(connection, self.workspace.id, NewKey(name, "ingest", ()), AUTHOR)

    def do(self, step: tuple[Any, ...]) -> None:
        match step:
            case ("send", look):
                chance = Random(look)
                events = [random_event(chance, f"e{self.sent + n}", NOON - chance.randrange(10**13)) for n in range(8)]
                self.sent += len(events)
                self.life.commit(*((self.workspace.id, event) for event in events))
            case ("define", name, found):
                self.life.define(self.workspace, name, found)
            case ("plan", plan):
                self.life.change_plan(self.workspace, plan)
            case ("rollup",):
                self.life.do(rollup.run)
            case (act, name, which):
                self.of_a_secret(act, name, which)

    def of_a_secret(self, act: str, name: str, which: int) -> None:
        """Of one of its secrets; what a revoked one refuses changes nothing."""
        with self.life.database.write() as connection:
            found = [each for each in keys.shown_all(connection, self.workspace.id, NOON) if each["name"] == name]
            chosen = found[which % len(found)]["id"]
            if act == "revoke":
                keys.revoke(connection, self.workspace.id, chosen, AUTHOR)
            elif found[which % len(found)]["state"] != "revoked":
                keys.rotate(connection, self.workspace.id, chosen, 0, AUTHOR)

    def hides(self) -> Hidden | None:
        spend = self.life.spend(self.workspace.id)
        return hidden(spend, parse_period({"from": [BEGIN], "to": [END]}, spend.workspace.timezone, NOON), NOON)

    def shows(self) -> Amount:
        answer = ask(self.life.spend(self.workspace.id), **{"from": BEGIN}, to=END)
        return Amount(*(answer.totals[name] for name in ("requests", "cost_nano_usd", "unpriced_requests")))

    def holds(self) -> Amount:
        """In SQL, over all rows of the ledger."""
        with self.life.books(self.workspace.id) as books:
            return Amount(*books.connection.execute(
                "SELECT coalesce(sum(sign), 0), coalesce(sum(cost_nano_usd * sign), 0),"
                " coalesce(sum((cost_source = 'unpriced') * sign), 0) FROM events"
            ).fetchone())  # fmt: skip

    def named(self) -> WorkspaceInfo:
        return next(each for each in self.life.workspaces() if each.id == self.workspace.id)


NOTHING = Amount(0, 0, 0)


def added(one: Amount, other: Amount) -> Amount:
    return Amount(
        one.requests + other.requests, one.cost_nano_usd + other.cost_nano_usd,
        one.unpriced_requests + other.unpriced_requests,
    )  # fmt: skip


def adds_up(account: Account) -> Hidden | None:
    found = account.hides()
    assert added(account.shows(), found.amount if found else NOTHING) == account.holds()
    return found


@examples(30)
@given(told=st.lists(steps, min_size=2, max_size=12))
def test_shown_and_hidden_are_all_of_it(told: list[tuple[Any, ...]]) -> None:
    folder = Path(tempfile.mkdtemp(prefix="farthing-"))
    account = Account(folder)
    try:
        for step in told:
            account.do(step)
            found = adds_up(account)
            assert found is None or account.named().plan == "free"
        account.do(("plan", "free"))
        what_is_suggested_shows_it(account)
        account.do(("plan", "paid"))
        assert (account.hides(), account.shows()) == (None, account.holds())
    finally:
        account.life.end()
        shutil.rmtree(folder)


def what_is_suggested_shows_it(account: Account) -> None:
    """One after the other, each as much as it says beside what those before it showed; all of them everything."""
    before = account.hides()
    while before is not None:
        first = before.suggestions[0]
        with account.life.database.write() as connection:
            keys.add_source(connection, account.workspace.id, first.key or KEYS[0], first.source, AUTHOR)
        after = adds_up(account)
        least = before.amount.requests - first.amount.requests
        left = after.amount.requests if after else 0
        assert left == least if first.key else left <= least
        before = after
    assert account.shows() == account.holds()
