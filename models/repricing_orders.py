"""Orders of re-pricing: what somebody asks of the jobs on a page, to say what an act or its undo would change, or to do
it.

An order waits here until a jobs process takes it up, says how far it is, and answers. All that it means is fixed when
it is asked, the act's name too: taken up again after its process died, it means the same, and acts apply once. A
workspace has one order that is not answered yet, and of each person the latest answer.
"""

from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any, Literal

from sqlalchemy import Connection, RowMapping, delete, func, insert, select, update

from models import acts, audit, identity, periods
from models.audit import Author
from models.errors import BadField, Conflict, NotFound
from models.tables import RepricingOrder, table

ORDERS = table(RepricingOrder)

PATIENCE = 5 * periods.SECOND  # that an order waits before somebody wonders; jobs look each second
SILENCE = 60 * periods.SECOND  # that one in hand says nothing of itself: to count events takes long

Does = Literal["try", "reprice", "try undo", "undo"]


@dataclass(frozen=True)
class Asked:
    """What is to be done. Local days, the last one too; `name` is the act's."""

    does: Does
    first: str | None = None
    last: str | None = None
    model: str | None = None
    name: str | None = None
    reason: str = ""

    @property
    def changes(self) -> bool:
        """Whether it changes anything, or only says what it would."""
        return self.does in ("reprice", "undo")

    @property
    def undoes(self) -> bool:
        return self.does in ("try undo", "undo")


@dataclass(frozen=True)
class Order:
    id: str
    workspace_id: str
    asked: Asked
    author: str
    asked_us: int
    begun_us: int | None
    told_us: int | None
    progress: float
    finished_us: int | None
    answer: dict[str, Any] | None
    error: str | None

    def is_stuck(self, now_us: int) -> bool:
        """Whether it waits, or says nothing, for longer than it should while jobs are running and free."""
        if self.begun_us is None:
            return now_us - self.asked_us > PATIENCE
        return now_us - (self.told_us or self.begun_us) > SILENCE

    def is_at_work(self, now_us: int) -> bool:
        return self.begun_us is not None and self.finished_us is None and not self.is_stuck(now_us)


# -- asking -------------------------------------------------------------------------------------------------------


def ask(connection: Connection, workspace_id: str, asked: Asked, author: Author) -> str:
    """The order's id. The answer that the same person had before is dropped."""
    require_free(connection, workspace_id)
    wanted = settled(connection, workspace_id, asked)
    answered = (ORDERS.c.workspace_id == workspace_id, ORDERS.c.author == author.actor)
    connection.execute(delete(ORDERS).where(*answered))
    made = identity.new_id("order")
    values = {"id": made, "workspace_id": workspace_id, "terms": asdict(wanted), "author": author.actor}
    connection.execute(insert(ORDERS).values(values | {"asked_us": author.at_us}))
    if wanted.changes:
        tell(connection, workspace_id, wanted, "undo.ask" if wanted.undoes else "reprice.ask", author)
    return made


def require_free(connection: Connection, workspace_id: str) -> None:
    open_ones = select(ORDERS.c.id).where(ORDERS.c.workspace_id == workspace_id, ORDERS.c.finished_us.is_(None))
    if connection.execute(open_ones).first():
        raise Conflict("Another re-pricing is being worked on: wait until it is answered")


def settled(connection: Connection, workspace_id: str, asked: Asked) -> Asked:
    """With all that was left open, and read as the act will be."""
    if asked.undoes:
        name = acts.named(connection, workspace_id, asked.name or "").name
        return replace(asked, name=name, reason=acts.read_reason(asked.reason, acts.UNDONE))
    require_days(asked.first, asked.last)
    wanted = replace(asked, model=asked.model or None, reason=acts.read_reason(asked.reason, acts.REPRICED))
    return replace(wanted, name=act_name(connection, workspace_id, wanted)) if asked.changes else wanted


def require_days(first: str | None, last: str | None) -> None:
    if not first or not last:
        raise BadField("to" if first else "from", last if first else first, "a day")
    if date.fromisoformat(last) < date.fromisoformat(first):
        raise BadField("to", last, f"a day from {first} on")


def act_name(connection: Connection, workspace_id: str, asked: Asked) -> str:
    """Free, or of an act that was cut short and has the same terms: it goes on."""
    if not (asked.name or "").strip():
        return acts.made_up_name(connection, workspace_id, str(asked.first), str(asked.last), asked.model)
    name = acts.read("name", str(asked.name))
    there = acts.found(connection, acts.id_of(workspace_id, "reprice", name))
    if there is None:
        acts.require_alone(connection, workspace_id)
    elif there.finished_us is not None or (there.asked["from"], there.asked["to"]) != (asked.first, asked.last):
        raise Conflict(f"There is an act named {name!r} already: choose another name")
    return name


def tell(connection: Connection, workspace_id: str, asked: Asked, action: str, author: Author) -> None:
    days = {} if asked.undoes else {"from": asked.first, "to": asked.last, "model": asked.model}
    audit.record(connection, author, workspace_id, action, str(asked.name), {"reason": asked.reason, **days})


def withdraw(connection: Connection, workspace_id: str, order_id: str, author: Author) -> None:
    """Drop an answer that was read, or an order that has changed nothing yet."""
    found = next((each for each in of_workspace(connection, workspace_id) if each.id == order_id), None)
    if found is None:
        raise NotFound("No such order in this workspace")
    if found.finished_us is None and found.asked.changes:
        if found.begun_us is not None:
            raise Conflict("It is being carried out: take the act back once it is finished")
        tell(connection, workspace_id, found.asked, "undo.drop" if found.asked.undoes else "reprice.drop", author)
    connection.execute(delete(ORDERS).where(ORDERS.c.id == order_id))


# -- finding ------------------------------------------------------------------------------------------------------


def of_workspace(connection: Connection, workspace_id: str) -> list[Order]:
    """The oldest first: few, for answers are dropped."""
    query = select(ORDERS).where(ORDERS.c.workspace_id == workspace_id).order_by(ORDERS.c.asked_us, ORDERS.c.id)
    return [order_of(row) for row in connection.execute(query).mappings()]


def foremost(connection: Connection) -> Order | None:
    """That which has waited longest for its answer, in any workspace."""
    query = select(ORDERS).where(ORDERS.c.finished_us.is_(None)).order_by(ORDERS.c.asked_us, ORDERS.c.id).limit(1)
    row = connection.execute(query).mappings().first()
    return order_of(row) if row else None


def are_busy(connection: Connection, now_us: int) -> bool:
    """Whether the jobs carry out an order, of whichever workspace: one that waits is to wait on."""
    begun = select(ORDERS).where(ORDERS.c.begun_us.is_not(None), ORDERS.c.finished_us.is_(None))
    return any(order_of(row).is_at_work(now_us) for row in connection.execute(begun).mappings())


def order_of(row: RowMapping) -> Order:
    values = dict(row)
    return Order(asked=Asked(**values.pop("terms")), **values)


# -- carrying out -------------------------------------------------------------------------------------------------


def take_up(connection: Connection, now_us: int) -> Order | None:
    """The foremost order, for the one process that carries them out. It may have been begun by one that died."""
    found = foremost(connection)
    if found is None:
        return None
    begun = {"begun_us": func.coalesce(ORDERS.c.begun_us, now_us), "told_us": now_us}
    connection.execute(update(ORDERS).where(ORDERS.c.id == found.id).values(begun))
    return found


def advance(connection: Connection, order_id: str, progress: float, now_us: int) -> bool:
    """Say how far it is; False where somebody has withdrawn it."""
    mine = update(ORDERS).where(ORDERS.c.id == order_id)
    return bool(connection.execute(mine.values(progress=progress, told_us=now_us)).rowcount)


def finish(
    connection: Connection, order_id: str, now_us: int, answer: dict[str, Any] | None = None, error: str | None = None
) -> None:
    said = {"finished_us": now_us, "told_us": now_us, "answer": answer, "error": error}
    connection.execute(update(ORDERS).where(ORDERS.c.id == order_id).values(said))
