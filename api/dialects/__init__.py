"""Wire formats: each file here turns one format's body into canonical events, purely.

A file declares `DIALECTS`, the doors it serves; a new format is one more file. A dialect refuses a body that it
cannot read (BadRequest) and hands back a `BadEvent` for each event that it can read but not accept, so that
neighbours are never refused with it. Prompts, responses and provider keys end here: nothing of them is returned, but
prompts and responses of LiteLLM's events where somebody keeps them (`Arrival.keeps_content`).
"""

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from models.errors import BadField
from models.usage.event import Event


@dataclass(frozen=True)
class Arrival:
    """What the decoder may know beside the body."""

    received_us: int
    headers: Mapping[str, str] = field(default_factory=dict)  # lower-cased names
    keeps_content: bool = False  # whether a workspace that these events may belong to keeps prompts and responses


@dataclass(frozen=True)
class BadEvent:
    """An event that was read but can't be stored. `kept` is what of it may rest in quarantine, known fields only; made
    when it is asked for, since nothing is kept of what nobody may send."""

    error: str
    details: dict[str, Any]
    keep: Callable[[], dict[str, Any]] = field(repr=False, compare=False)
    credential: str | None = None

    @classmethod
    def of(cls, bad: BadField, keep: Callable[[], dict[str, Any]], credential: str | None = None) -> "BadEvent":
        return cls(bad.reason, bad.details or {}, keep, credential)

    @property
    def kept(self) -> dict[str, Any]:
        return self.keep()


@dataclass(frozen=True)
class Outcome:
    """What became of a body: ids of what is stored (in order of arrival), and what was refused and why."""

    ids: list[str]
    rejected: list[dict[str, Any]]  # {"index", "error"} and "details" where there are some
    overage: bool = False  # one of them is beyond the plan's allowance


Decode = Callable[[bytes, Arrival], Iterable[Event | BadEvent]]  # one by one: millions of bad ones fit into no memory


@dataclass(frozen=True)
class Dialect:
    """One door: where it is, how its body is read, how it answers."""

    name: str  # stands beside a quarantined event, so that a replay finds its way back
    path: str
    summary: str
    decode: Decode
    decode_one: Callable[[dict[str, Any], Arrival], Event | BadEvent]  # for replay
    answer: Callable[[Outcome], tuple[int, dict[str, Any]]]
    example: dict[str, Any] | list[Any]
    schema: dict[str, Any] = field(default_factory=dict, compare=False)  # of the body, as the OpenAPI document says it
    single: bool = False  # one event: a bad one is answered 400, and an Idempotency-Key header names it
    batching_client: bool = False  # LiteLLM: drops whole batches on 3xx and 4xx, so bad events are answered 2xx
    large: bool = False  # a body may hold a provider's whole answer, and be as large as LiteLLM's
    event_keys: bool = False  # an event may carry a key of its own, and the request's key may be missing
    probe: Callable[[bytes], dict[str, Any] | None] | None = None  # a body answered 200 without a key


@cache
def dialects() -> Mapping[str, Dialect]:
    """Every door by its path, gathered from the files in this folder."""
    modules = (importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__))
    return {dialect.path: dialect for module in modules for dialect in getattr(module, "DIALECTS", ())}
