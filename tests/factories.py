"""Events for tests, and the short way of getting them into a ledger."""

import random
from typing import Any

from models import identity, ledger
from models.accounts import workspaces
from models.accounts.workspaces import WorkspaceInfo
from models.audit import Author
from models.installation import Installation
from models.ledger import Entry
from models.pricing.cost import price
from models.pricing.prices import published
from models.spend.answer import Store, WorkspaceSpend
from models.spend.query import parse
from models.spend.table import Spend
from models.usage.event import Claim, Event, Tokens

NOON = 1_795_262_400_000_000  # 2026-11-21 12:00 UTC, in microseconds
AUTHOR = Author("tests", NOON)
HOUR = 3_600_000_000
DAY = 24 * HOUR

# What a random event may say of itself; None is nothing.
VALUES: dict[str, tuple[str | bool | None, ...]] = {
    "provider": ("openai", "anthropic", None),
    "model": ("gpt-4o", "claude-sonnet-4-5", "gone"),
    "model_group": ("smart", None),
    "endpoint": ("/a", "/b", None),
    "feature": ("chat", "unknown"),
    "project": ("p", None),
    "prompt": ("p1", None),
    "team": ("search", "ünïcode", None),
    "department": ("d1", None),
    "agent": ("a1", None),
    "env": ("prod", None),
    "user": ("u1", None),
    "end_user": ("c1", "c2", None),
    "token": ("t1", "t2"),
    "key": ("default", "other", None),
    "source": ("rest", "litellm", "import"),
    "status": ("success", "failure"),
    "error_type": (None, "Timeout"),
    "cache_hit": (False, False, False, True),
}
TAGS = ("a", "b", "env:prod", "env:qa", "x|y")
COSTS = (None, 0, 1, 999, 10**15)
LATENCIES = (None, 1, 250_000, 3_000_000)


def make_event(started_us: int = NOON, cost: int | None = 1_000, **values: Any) -> Event:
    """A priced call; `cost` in nano-dollars as its sender claims it, None for no claim."""
    values = {"id": identity.new_event_id(started_us), "model": "gpt-4o", "feature": "unknown"} | values
    values.setdefault("tokens", Tokens(input=10, output=5, total=15))
    return Event(source=values.pop("source", "rest"), started_us=started_us, claim=Claim(cost=cost), **values)


def random_event(chance: random.Random, id: str, started_us: int) -> Event:
    """Any combination of VALUES."""
    values: dict[str, Any] = {name: chance.choice(choices) for name, choices in VALUES.items()}
    tags = chance.sample(TAGS, chance.randrange(4))
    tokens = chance.choice([Tokens(input=100, cache_read=40, output=20, reasoning=5, total=120), Tokens()])
    return make_event(
        started_us, chance.choice(COSTS), id=id, tags=tags, tokens=tokens, latency_us=chance.choice(LATENCIES), **values
    )


def make_entry(workspace_id: str, event: Event, received_us: int | None = None) -> Entry:
    return Entry(workspace_id, received_us or event.started_us, event, price(event, published()))


def append(installation: Installation, workspace_id: str, *events: Event) -> int:
    """All events in one transaction; how many were new."""
    with installation.database.write() as connection:
        return ledger.append(connection, [make_entry(workspace_id, event) for event in events]).stored


def make_workspace(installation: Installation, name: str = "team", **values: Any) -> WorkspaceInfo:
    with installation.database.write() as connection:
        made = workspaces.create(connection, name, values.pop("plan", "paid"), 90, AUTHOR)
        workspaces.change(connection, made, values, AUTHOR, by_operator=True)
        return workspaces.by_id(connection, made.id)


def spend_of(installation: Installation, workspace: WorkspaceInfo, sources: Any = None) -> WorkspaceSpend:
    return Store.open(installation.database, installation.lake).of(workspace, sources or {})


def ask(spend: WorkspaceSpend, now_us: int = NOON, **parameters: str | list[str]) -> Spend:
    """A question in the words of the query string."""
    words = {name: [value] if isinstance(value, str) else value for name, value in parameters.items()}
    return spend.answer(parse(words, spend.workspace.timezone, now_us), now_us)
