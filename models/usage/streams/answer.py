"""What an answer has told of itself so far: usage, model, tier, how it ended.

Counts of a stream are cumulative, so they replace one another and never add up; frames that come twice or in another
order change nothing for the worse. Of an error only type and code are kept: its words may quote the prompt.
"""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from models.usage.event import MAX_MODEL

NOTHING: Mapping[str, Any] = {}
WORD = re.compile(r"[A-Za-z][A-Za-z_.]{0,63}")  # what a provider calls an error: no sentence, and nobody's key
TIER = re.compile(r"[A-Za-z0-9_.-]{1,64}")


class Answer(msgspec.Struct):
    api: str | None = None  # the flavour of its usage, where its frames tell that
    model: str | None = None
    service_tier: str | None = None
    usage: dict[str, Any] = {}
    settled: bool = False  # the usage is a closing frame's
    began: bool = False  # something of an answer came, be it only its head
    stopped: bool = False  # no more will be said, but the last counts may still come
    ended: bool = False  # it came to its documented end
    ends_with_choices: bool = False  # which is when all of its choices have finished
    broken: bool = False  # an error took its place
    failed: bool = False
    error_type: str | None = None
    error_code: str | None = None
    choices: set[int] = set()
    finished: set[int] = set()

    @property
    def complete(self) -> bool:
        done = self.ends_with_choices and bool(self.finished) and self.choices <= self.finished
        return (self.ended or done) and not (self.began and self.broken)

    @property
    def cut(self) -> bool:
        """It began, and nobody can tell how it went on."""
        return self.began and not self.complete

    def name(self, model: Any) -> None:
        """The first name counts; what is no name is none."""
        if self.model is None and isinstance(model, str) and model.strip() and len(model) <= MAX_MODEL:
            self.model = model

    def tier(self, said: Any) -> None:
        tier = said.get("type") if isinstance(said, Mapping) else said  # Bedrock's is an object
        if isinstance(tier, str) and TIER.fullmatch(tier):
            self.service_tier = tier

    def tell(self, usage: Any, *, closing: bool) -> None:
        """The last one counts, but none from within the answer goes before one from its end."""
        if isinstance(usage, Mapping) and usage and (closing or not self.settled):
            self.usage = dict(usage)
            self.settled = closing

    def choose(self, choices: Any, *reasons: str) -> bool:
        """Note which choices there are, and which have finished; whether one of these has."""
        told = [each for each in listed(choices) if isinstance(each, Mapping)]
        ends = [each for each in told if any(each.get(reason) for reason in reasons)]
        self.choices.update(map(index, told))
        self.finished.update(map(index, ends))
        return bool(ends)

    def fail(self, error: Any) -> None:
        said = members(error)
        self.failed = True
        self.error_type = word(said.get("type")) or word(said.get("status")) or self.error_type
        self.error_code = word(said.get("code")) or self.error_code


def index(choice: Mapping[str, Any]) -> int:
    at = choice.get("index")
    return at if isinstance(at, int) else 0


def members(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else NOTHING


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def word(value: Any) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 100_000:
        return str(value)
    return value if isinstance(value, str) and WORD.fullmatch(value) else None
