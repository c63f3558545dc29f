"""Holding answers and files against the books: what they say must be what SQL says, row for row."""

import json
from typing import Any

from models import periods
from models.spend import log
from models.spend.answer import WorkspaceSpend
from models.spend.cubes import BY_ID
from models.spend.measures import MEASURES
from models.spend.query import parse_period
from models.spend.table import Spend
from tests.factories import NOON, ask
from tests.properties.books import SUMS, Amounts, Books, Group
from tests.properties.life import Life
from tests.properties.streams import BEGIN, END, Question

COLUMNS = [MEASURES[name].column for name in SUMS]


def answered(spend: WorkspaceSpend, question: Question) -> Spend:
    words: dict[str, Any] = {
        "from": written(question.start),
        "to": written(question.end),
        "granularity": question.granularity,
        "measures": ",".join(SUMS),
        "where": list(question.where),
    }
    return ask(spend, NOON, **words, group_by=",".join(question.group_by))


def written(moment: str | int) -> str:
    return str(periods.iso(moment)) if isinstance(moment, int) else moment


def rows_of(answer: Spend, question: Question) -> dict[Group, Amounts]:
    keys = [*([] if question.granularity == "total" else ["period"]), *question.group_by]
    rows = list(answer.rows.iter_rows(named=True))
    found = {tuple(plain(row[key]) for key in keys): tuple(row[name] for name in COLUMNS) for row in rows}
    assert len(found) == len(rows), f"a group stands twice: {question}"
    return found


def plain(value: Any) -> Any:
    """As SQL has it: sets of tags and days are text."""
    if isinstance(value, list):
        return json.dumps(value)
    return value.isoformat() if hasattr(value, "isoformat") else value


def assert_agrees(spend: WorkspaceSpend, books: Books, question: Question) -> None:
    answer = answered(spend, question)
    rows, totals = rows_of(answer, question), books.totals(question)
    assert tuple(answer.totals[name] for name in COLUMNS) == totals, question
    assert rows == books.rows(question), question
    if question.adds_up:
        assert added(rows) == totals, question


def assert_log_agrees(spend: WorkspaceSpend, books: Books, limit: int) -> None:
    """The log of requests shows each event once, as it counts now, whatever its pages hold."""
    period = parse_period({"from": [BEGIN], "to": [END]}, spend.workspace.timezone, NOON)
    rows, cursor = [], None
    while True:
        page = log.page(spend, period, (), limit, cursor)
        rows += [(row["id"], row["cost_nano_usd"], row["cost_source"]) for row in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert rows == books.log()
    assert books.balanced()


def added(rows: dict[Group, Amounts]) -> Amounts:
    return tuple(map(sum, zip(*rows.values(), strict=True))) or (0,) * len(SUMS)


def assert_files_hold_what_they_say(life: Life) -> None:
    """Each file has counted every event of its day up to its own `through_seq`, once, and none above: then a glob
    adds up, unless the workspace says that files of other days lie there too, and whoever takes the rest from the
    ledger is exact."""
    known = {workspace.id for workspace in life.workspaces()}
    assert [each for each in life.workspaces() if each.files_exact and life.lake.leftovers(each)] == []
    for (cube, workspace_id, day), (rows, through) in life.rollups().items():
        if workspace_id in known:
            names = list(BY_ID[cube].schema)
            counted = tuple(sum(row[names.index(name)] for row in rows) for name in ("requests", "cost_nano_usd"))
            with life.books(workspace_id) as books:
                assert counted == books.counted(day, through), (cube, day, through)
