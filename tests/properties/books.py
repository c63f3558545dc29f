"""What the answers are held against: the same questions in SQL over the ledger's rows, and nothing else.

Days are zoneinfo's, the free plan is read here a second time. This module imports nothing of `models/spend`.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tests.properties.streams import Question

# The measures that add up. A row of the ledger counts as often as its sign says: a reversal takes one back.
SUMS = {
    "cost": "sum(cost_nano_usd * sign)",
    "input_cost": "sum(input_cost_nano_usd * sign)",
    "output_cost": "sum(output_cost_nano_usd * sign)",
    "saved": "sum(saved_nano_usd * sign)",
    "prompt_cache_saved": "sum(prompt_cache_saved_nano_usd * sign)",
    "cache_saved": "sum((saved_nano_usd + prompt_cache_saved_nano_usd) * sign)",
    "known_tokens_cost": "sum(iif(total_tokens IS NULL, NULL, cost_nano_usd) * sign)",
    "drift": "sum((reported_cost_nano_usd - computed_cost_nano_usd) * sign)",
    "listed_cost": "sum(iif(reported_cost_nano_usd IS NULL, NULL, computed_cost_nano_usd) * sign)",
    "requests": "sum(sign)",
    "errors": "sum((status = 'failure') * sign)",
    "cache_hits": "sum(cache_hit * sign)",
    "unpriced_requests": "sum((cost_source = 'unpriced') * sign)",
    "input_tokens": "sum(input_tokens * sign)",
    "output_tokens": "sum(output_tokens * sign)",
    "cache_read_tokens": "sum(cache_read_tokens * sign)",
    "cache_write_tokens": "sum(cache_write_tokens * sign)",
    "reasoning_tokens": "sum(reasoning_tokens * sign)",
    "total_tokens": "sum(total_tokens * sign)",
    "tokens_avoided": "sum(tokens_avoided * sign)",
}
SELECTED = ", ".join(f"coalesce({sql}, 0)" for sql in SUMS.values())

Group = tuple[Any, ...]  # the period, unless it is total, and the dimensions
Amounts = tuple[int, ...]  # in the order of SUMS
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Books:
    """One workspace's events."""

    connection: sqlite3.Connection
    workspace_id: str

    def totals(self, question: Question) -> Amounts:
        return next(iter(self.added(question, [], "").values()))

    def rows(self, question: Question) -> dict[Group, Amounts]:
        period = [] if question.granularity == "total" else [f"period('{question.granularity}', started_us)"]
        joined = "".join(join_of(name) for name in question.group_by)
        return self.added(question, [*period, *map(column_of, question.group_by)], joined)

    def added(self, question: Question, columns: list[str], joined: str) -> dict[Group, Amounts]:
        kept, values = conditions(question)
        grouped = f"GROUP BY {', '.join(columns)} HAVING sum(sign) <> 0" if columns else ""
        found = self.connection.execute(
            f"SELECT {', '.join([*columns, SELECTED])} FROM events {joined}"
            f" WHERE workspace_id = ? AND shown(events.key, provider, model, feature) AND {kept} {grouped}",
            (self.workspace_id, *values),
        )
        return {row[: len(columns)]: row[len(columns) :] for row in found}

    def stored(self) -> list[tuple[str, int]]:
        """Every event's id and start."""
        found = self.connection.execute(
            "SELECT id, started_us FROM events WHERE workspace_id = ? AND corrects IS NULL", (self.workspace_id,)
        )
        return sorted(found.fetchall())

    def log(self) -> list[tuple[str, int | None, str]]:
        """Every event that shows, newest first, with what it costs now: as its newest row says."""
        found = self.connection.execute(
            "SELECT id, cost_nano_usd, cost_source FROM events AS now WHERE workspace_id = ?"
            " AND shown(key, provider, model, feature) AND seq = (SELECT max(seq) FROM events"
            " WHERE events.seq = coalesce(now.corrects, now.seq) OR events.corrects = coalesce(now.corrects, now.seq))"
            " ORDER BY started_us DESC, coalesce(corrects, seq) DESC",
            (self.workspace_id,),
        )
        return found.fetchall()

    def balanced(self) -> bool:
        """What the newest rows say is what all rows add up to; every correction is a pair, and names its call."""
        (newest,) = self.connection.execute(
            "SELECT coalesce(sum(cost_nano_usd), 0) FROM events WHERE workspace_id = ? AND seq IN"
            " (SELECT max(seq) FROM events GROUP BY coalesce(corrects, seq))",
            (self.workspace_id,),
        ).fetchone()
        (added,) = self.connection.execute(
            "SELECT coalesce(sum(cost_nano_usd * sign), 0) FROM events WHERE workspace_id = ?", (self.workspace_id,)
        ).fetchone()
        (odd,) = self.connection.execute(
            "SELECT count(*) FROM events AS old LEFT JOIN events AS new ON new.seq = old.seq + 1"
            " AND (new.sign, new.corrects, new.act, new.id, new.started_us, new.received_us)"
            " = (1, old.corrects, old.act, old.id, old.started_us, old.received_us)"
            " WHERE old.sign < 0 AND new.seq IS NULL"
        ).fetchone()
        return newest == added and not odd

    def counted(self, day: str, through: int) -> tuple[int, int]:
        """Requests and cost of all events of a day up to a seq, hidden ones too."""
        found = self.connection.execute(
            "SELECT coalesce(sum(sign), 0), coalesce(sum(cost_nano_usd * sign), 0) FROM events"
            " WHERE workspace_id = ? AND period('day', started_us) = ? AND seq <= ?",
            (self.workspace_id, day, through),
        )
        return found.fetchone()


@contextmanager
def opened(database: Path, workspace_id: str) -> Iterator[Books]:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        connection.execute("BEGIN")  # one snapshot
        name, plan, zone = connection.execute(
            "SELECT name, plan, timezone FROM workspaces WHERE id = ?", (workspace_id,)
        ).fetchone()
        definitions = connection.execute(
            "SELECT key, provider, model, feature FROM key_sources WHERE workspace_id = ?", (workspace_id,)
        ).fetchall()
        connection.create_function("named", 0, lambda: name)
        connection.create_function("shown", 4, shown_by(definitions) if plan == "free" else lambda *_: True)
        connection.create_function("period", 2, periods_of(ZoneInfo(zone)))
        connection.create_function("tag_set", 1, lambda tags: json.dumps(sorted(json.loads(tags))))
        connection.create_function("of_key", 2, of_key)
        connection.create_function("tagged", 3, tagged)
        yield Books(connection, workspace_id)


def shown_by(definitions: list[tuple[str | None, ...]]) -> Callable[..., bool]:
    """The free plan: a definition of the key that sent the event matches it; of any key, where none sent it."""

    def shown(key: str | None, *parts: str | None) -> bool:
        return any(
            key in (None, owner) and all(want in (None, part) for want, part in zip(wanted, parts, strict=True))
            for owner, *wanted in definitions
        )

    return shown


# -- time ---------------------------------------------------------------------------------------------------------


def periods_of(zone: ZoneInfo) -> Callable[[str, int], str | int]:
    """The start of the period that an instant lies in: of hours and minutes an instant, else a day."""

    def period(granularity: str, started_us: int) -> str | int:
        wall = (EPOCH + timedelta(microseconds=started_us)).astimezone(zone)
        if granularity in ("minute", "hour"):
            into = wall.second * 1_000_000 + wall.microsecond
            return started_us - into - (wall.minute * 60_000_000 if granularity == "hour" else 0)
        day = wall.date()
        if granularity == "week":
            day -= timedelta(days=day.weekday())
        return (day.replace(day=1) if granularity == "month" else day).isoformat()

    return period


# -- columns and conditions ---------------------------------------------------------------------------------------


def column_of(name: str) -> str:
    if name == "workspace":
        return "named()"
    if name == "tags":
        return "tag_set(events.tags)"
    return f'"{name}".value' if is_tag(name) else f'events."{name}"'


def join_of(name: str) -> str:
    """A row for each of an event's tags, or one for none."""
    return f" LEFT JOIN json_each(of_key('{key_of(name)}', events.tags)) AS \"{name}\"" if is_tag(name) else ""


def is_tag(name: str) -> bool:
    return name == "tag" or name.startswith("tag.")


def key_of(name: str) -> str:
    return name.replace("tag", "", 1).replace(".", "", 1)


def values_of(key: str, tags: str) -> list[str]:
    prefix = f"{key}:" if key else ""
    return list(dict.fromkeys(tag[len(prefix) :] for tag in json.loads(tags) if tag.startswith(prefix)))


def of_key(key: str, tags: str) -> str:
    return json.dumps(values_of(key, tags))


def tagged(key: str, tags: str, value: str | None) -> bool:
    values = values_of(key, tags)
    return value in values if value is not None else not values


def conditions(question: Question) -> tuple[str, list[Any]]:
    """The period and the filters, and the values that they are bound to."""
    texts, values = period_of(question)
    for name, negated, alternatives in alternatives_of(question.where):
        one = f"tagged('{key_of(name)}', events.tags, ?)" if is_tag(name) else f"{column_of(name)} IS ?"
        texts.append(f"{'NOT ' if negated else ''}({' OR '.join([one] * len(alternatives))})")
        values += alternatives
    return " AND ".join(texts), values


def period_of(question: Question) -> tuple[list[str], list[Any]]:
    instants = isinstance(question.start, int)
    when = "started_us" if instants else "period('day', started_us)"
    return [f"{when} >= ?", f"{when} < ?"], [question.start, question.end]


def alternatives_of(where: Iterable[str]) -> Iterator[tuple[str, bool, list[Any]]]:
    """Values of one dimension are or-ed, of tags each must hold or has its alternatives."""
    merged: dict[tuple[str, bool], list[Any]] = {}
    for text in where:
        name, value = text.split(":", 1)
        name, negated = name.removesuffix("!"), name.endswith("!")
        if name == "tag":
            yield name, negated, [None if each == "(none)" else each for each in value.split("|")]
        else:
            merged.setdefault((name, negated), []).append(bound(name, value))
    for (name, negated), values in merged.items():
        yield name, negated, values


def bound(name: str, value: str) -> Any:
    if value == "(none)":
        return None
    return value == "true" if name == "cache_hit" else value
