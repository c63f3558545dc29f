"""Re-pricing: what calls cost at the prices that are known now, as an act that corrects the ledger; and its undo.

Costs that were reported are never touched. A dry run and an act judge alike, but an act judges again, under the
counter's lock, what it writes, in transactions so short that ingest goes on beside it. Killed anywhere and run again,
it applies once. The rollups take corrections up as they do events.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select, tuple_

from jobs.repriced import COMPARED, Repriced
from jobs.rollup import Said, quiet
from models import acts, corrections, ledger, periods, price_cards
from models.accounts.workspaces import WorkspaceInfo
from models.acts import Act
from models.audit import COMMAND_LINE
from models.corrections import NOW, OWN
from models.database import Database
from models.errors import BadField, Conflict
from models.pricing.cost import Cost, price
from models.pricing.prices import Prices
from models.rows import EVENTS, PRICED_BY, Row, amounts_of, event_of

PIECE = 10_000  # calls looked at in one read
CHUNK = 150  # calls corrected in one transaction: some 20 ms
BREATH = 1.0  # seconds of rest for each second of writing: whoever waits to write gets in
# A call is told otherwise where one of these differs. Another card, or another reason for not knowing, changes nothing.
TELLING = (
    "cost_nano_usd", "input_cost_nano_usd", "output_cost_nano_usd", "saved_nano_usd", "prompt_cache_saved_nano_usd",
    "computed_cost_nano_usd", "partial_cost_nano_usd", "cost_source",
)  # fmt: skip
JUDGED = tuple(dict.fromkeys((*PRICED_BY, *COMPARED, *TELLING)))

LAST_DAY = date(9000, 1, 1)  # beyond it, days can't be counted in every zone

Clock = Callable[[], int]


@dataclass(frozen=True)
class Wanted:
    """Which calls of a workspace: local days from first to last, of one model or of all."""

    workspace: WorkspaceInfo
    first: date
    last: date
    model: str | None = None

    def __post_init__(self) -> None:
        if not self.first <= self.last < LAST_DAY:
            raise BadField("to", self.last.isoformat(), f"a day from {self.first} on, before {LAST_DAY}")

    @property
    def span(self) -> tuple[int, int]:
        zone = self.workspace.timezone
        return periods.day_start(self.first, zone), periods.day_start(self.last + timedelta(days=1), zone)

    def terms(self, through: int) -> dict[str, Any]:
        start, end = self.span
        asked = {"from": self.first.isoformat(), "to": self.last.isoformat(), "model": self.model}
        return asked | {"start_us": start, "end_us": end, "through_seq": through}


@dataclass(frozen=True)
class Why:
    """Under which name, for what reason, who says so, and who has it done."""

    name: str
    reason: str
    author: str
    actor: str = COMMAND_LINE


@dataclass(frozen=True)
class Done:
    """An act, finished, and what it has changed."""

    act: Act
    changes: Repriced
    before: bool = False  # it was finished before; this run did nothing


# -- re-pricing ---------------------------------------------------------------------------------------------------


def tried(database: Database, wanted: Wanted, prices: Prices, said: Said = quiet) -> Repriced:
    """What an act would change now. Nothing is written."""
    with database.read() as connection:
        through = ledger.last_seq(connection)
    changes = Repriced()
    for rows in pieces(database, wanted, wanted.span, through, said):
        for row in rows:
            if cost := restated(row, prices):
                changes.add(row, row | amounts_of(cost))
    return changes


def reprice(
    database: Database, wanted: Wanted, prices: Prices, why: Why, said: Said = quiet, clock: Clock = periods.now_us
) -> Done:
    """Correct every call that costs something else now, of those that stood when the act began."""
    with database.write() as connection:
        terms = wanted.terms(ledger.lock(connection)) | {"prices": prices.identity}
        ours = acts.new(wanted.workspace.id, "reprice", why.name, why.reason, why.author, terms, clock())
        act = acts.begin(connection, ours, why.actor)
    if act.finished_us is None:
        for rows in pieces(database, wanted, act.span, act.terms["through_seq"], said):  # in the zone it began in
            changed = [row["home"] for row in rows if restated(row, prices)]
            for homes in chunks(changed):
                with gently():
                    correct(database, act, homes, prices)
    return finished(database, act, clock, why.actor)


def correct(database: Database, act: Act, homes: Sequence[int], prices: Prices) -> None:
    """One transaction. What counts now is judged again: nothing is taken back that was not looked at."""
    costs: list[Cost] = []

    def told(row: Row) -> dict[str, Any] | None:
        if cost := restated(row, prices):
            costs.append(cost)
            return amounts_of(cost)
        return None

    with database.write() as connection:
        acts.require_open(connection, act)
        corrections.correct(connection, act.id, homes, told)
        price_cards.keep(connection, (cost.card for cost in costs if cost.card))


def restated(row: Row, prices: Prices) -> Cost | None:
    """What the call costs now; None where that is what it cost before."""
    cost = price(event_of(row), prices)
    amounts = amounts_of(cost)
    return cost if any(amounts[name] != row[name] for name in TELLING) else None


def pieces(
    database: Database, wanted: Wanted, span: tuple[int, int], through: int, said: Said
) -> Iterator[list[dict[str, Any]]]:
    """The calls that can be priced again, as they count now, in the order of time."""
    query = corrections.standing(*JUDGED).where(*within(wanted, span, through), can_be_priced())
    yield from paged(database, query, OWN.c.started_us, OWN.c.seq, said)


def within(wanted: Wanted, span: tuple[int, int], through: int) -> tuple[ColumnElement[bool], ...]:
    start, end = span
    ours = (OWN.c.workspace_id == wanted.workspace.id, OWN.c.started_us >= start, OWN.c.started_us < end)
    return (*ours, OWN.c.seq <= through, *([NOW.c.model == wanted.model] if wanted.model is not None else []))


def can_be_priced() -> ColumnElement[bool]:
    """Not what was reported; of what a response cache spared, only what was computed from the call's own tokens."""
    computed = or_(NOW.c.price_card.is_not(None), NOW.c.saved_nano_usd == 0)
    own = NOW.c.tokens_avoided == func.coalesce(NOW.c.input_tokens, 0) + func.coalesce(NOW.c.output_tokens, 0)
    return or_(NOW.c.cost_source.in_(("computed", "unpriced")), and_(NOW.c.cost_source == "cached", computed, own))


# -- undo ---------------------------------------------------------------------------------------------------------


def undo_tried(database: Database, workspace: WorkspaceInfo, name: str) -> Repriced:
    """What taking an act back would change now. Nothing is written."""
    with database.read() as connection:
        act = acts.named(connection, workspace.id, name)
        acts.require_not_undone(connection, act)
        require_untouched(connection, act, acts.in_force(connection, workspace.id) - {act.id})
        changes = Repriced()
        for old, new in pairs(connection, act):
            changes.add(new, old)
    return changes


def undo(
    database: Database, workspace: WorkspaceInfo, why: Why, said: Said = quiet, clock: Clock = periods.now_us
) -> Done:
    """Take back all that an act did, so that what counted before it counts again; all of it or, where another act has
    come upon it, nothing."""
    act, undoing = begin_undo(database, workspace, why, clock())
    if undoing.finished_us is None:
        query = corrections.of_act(act.id, act.workspace_id, *act.span, "started_us", "seq", "corrects")
        for rows in paged(database, query, EVENTS.c.started_us, EVENTS.c.seq, said):
            for homes in chunks([row["old_corrects"] for row in rows]):
                with gently():
                    take_back(database, act, undoing, homes)
    return finished(database, undoing, clock, why.actor)


def begin_undo(database: Database, workspace: WorkspaceInfo, why: Why, now_us: int) -> tuple[Act, Act]:
    """The act and its undo, once it is sure that no other act in force has come upon the same calls. To look takes
    long: that is done first; that no other act began meanwhile is made sure of under the lock."""
    with database.read() as connection:
        act = acts.named(connection, workspace.id, why.name)
        there = acts.undo_of(connection, act)
        others = acts.in_force(connection, workspace.id) - {act.id}
        if there is None:
            require_untouched(connection, act, others)
    ours = acts.new(workspace.id, "undo", act.name, why.reason, why.author, act.terms, now_us, undoes=act.id)
    with database.write() as connection:
        undoing = acts.begin(connection, ours, why.actor)
        if there is None and acts.in_force(connection, workspace.id) != others:
            raise Conflict("Another act began just now: try again")
    return act, undoing


def require_untouched(connection: Connection, act: Act, others: set[str]) -> None:
    if touching := corrections.touched(connection, act.id, act.workspace_id, *act.span, sorted(others)):
        later = acts.by_id(connection, touching)
        raise Conflict(f"The {later.called} has corrected some of the same events since: take it back first")


def take_back(database: Database, act: Act, undoing: Act, homes: Sequence[int]) -> None:
    with database.write() as connection:
        acts.require_open(connection, undoing)
        before = corrections.before(connection, act.id, homes)
        corrections.correct(connection, undoing.id, homes, lambda row: before[row["home"]])


# -- in parts -----------------------------------------------------------------------------------------------------


def paged(
    database: Database, query: Select[Any], started: ColumnElement[int], seq: ColumnElement[int], said: Said
) -> Iterator[list[dict[str, Any]]]:
    """Rows in the order of time, a piece a snapshot, so that nothing is held open for long."""
    with database.read() as connection:
        total = int(connection.execute(select(func.count()).select_from(query.subquery())).scalar_one())
    ordered = query.add_columns(started.label("at"), seq.label("place")).order_by(started, seq).limit(PIECE)
    looked_at, after = 0, (0, 0)
    while looked_at < total:
        rest = ordered.where(started >= after[0], tuple_(started, seq) > after)
        with database.read() as connection:
            rows = [dict(row) for row in connection.execute(rest).mappings()]
        if not rows:
            return
        yield rows
        looked_at, after = looked_at + len(rows), (rows[-1]["at"], rows[-1]["place"])
        said(looked_at, total)


def chunks(homes: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(homes), CHUNK):
        yield homes[start : start + CHUNK]


@contextmanager
def gently() -> Iterator[None]:
    began = time.monotonic()
    yield
    time.sleep(BREATH * (time.monotonic() - began))


def finished(database: Database, act: Act, clock: Clock, actor: str) -> Done:
    """What the act did in all, as the ledger has it, whichever run did it."""
    changes = Repriced()
    with database.read() as connection:
        for old, new in pairs(connection, act):
            changes.add(old, new)
    if act.finished_us is not None:
        return Done(act, changes, before=True)
    with database.write() as connection:
        return Done(acts.finish(connection, act, clock(), changes.totals.shown(), actor), changes)


def pairs(connection: Connection, act: Act) -> Iterator[tuple[Row, Row]]:
    """What counted before the act, and since."""
    query = corrections.of_act(act.id, act.workspace_id, *act.span, *COMPARED)
    for values in connection.execution_options(yield_per=PIECE).execute(query):
        old, new = values[: len(COMPARED)], values[len(COMPARED) :]
        yield dict(zip(COMPARED, old, strict=True)), dict(zip(COMPARED, new, strict=True))
