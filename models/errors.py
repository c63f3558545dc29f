"""What can go wrong, as a small tree. Each error knows its HTTP status; its message is safe to show to anyone.

An error names the offending value and the remedy. It never carries a prompt, a response, a key or a traceback.
"""

import json
import math
import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

# Anything that looks like somebody's key, wherever it was written by mistake.
# A short beginning needs more behind it: `hf_transfer` is a package.
KEY_LIKE = re.compile(
    r"(?<![A-Za-z0-9])(?:(?:sk-|fth_live_|trk_|AIza|xai-|gsk_|pplx-|nvapi-|csk-|ya29\.|Bearer\s+)[\w.*\-]{6,}"
    r"|(?:AKIA|ASIA|ABSK|hf_|r8_|fw_|tgp_v1_)[\w+/=*\-]{16,})"
)
SHOWN_CHARACTERS = 64  # of an offending value: enough to find it in the sender's code
MAX_INTEGER = 2**63 - 1  # a larger one is shown as text, for not every reader of JSON would keep it


class FarthingError(Exception):
    """Base of everything that a user may be told about."""

    status = 500
    headers: Mapping[str, str] = {}  # of the answer

    def __init__(self, message: str, details: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.details = dict(details) if details else None

    def body(self) -> dict[str, Any]:
        return {"error": self.message} | ({"details": self.details} if self.details else {})


class BadRequest(FarthingError):
    status = 400


class BadField(BadRequest):
    """A field of an event or a request holds what it must not.

    `value` is shown as it was sent, cut short, where a scalar belongs; where an object belongs, or where one was
    sent, only the kind is shown, for what stands there may be somebody's prompt.
    """

    def __init__(self, field: str, value: Any, expected: str, *, show: bool = True) -> None:
        shown = shown_value(value) if show else kind_of(value)
        super().__init__("Invalid payload", {"field": field, "value": shown, "expected": expected})
        self.field = field
        self.quoted = show and is_scalar(value)

    @property
    def reason(self) -> str:
        """One sentence for lists, the quarantine and logs."""
        details = self.details or {}
        shown = json.dumps(details["value"], ensure_ascii=False) if self.quoted else details["value"]
        return f"Invalid payload: {self.field} is {shown}, expected {details['expected']}"


class Unauthorized(FarthingError):
    status = 401


class OverQuota(FarthingError):
    """The month's allowance is used up, and the plan takes nothing beyond it."""

    status = 402


class Forbidden(FarthingError):
    status = 403


class NotFound(FarthingError):
    status = 404


class Conflict(FarthingError):
    status = 409


class TooSlow(FarthingError):
    status = 408
    headers = {"Connection": "close"}  # nobody waits for the rest


class TooLarge(FarthingError):
    status = 413


class TooManyRequests(FarthingError):
    """More requests than a rate limit lets through."""

    status = 429

    def __init__(self, message: str, seconds: int) -> None:
        super().__init__(message)
        self.headers = {"Retry-After": str(seconds)}


class StoreUnavailable(FarthingError):
    """The store can't take or answer it now; the same request may succeed later."""

    status = 503
    headers = {"Retry-After": "2"}  # seconds


class EventsGone(StoreUnavailable):
    """A question needs events that the ledger no longer has. Part of them is no answer."""

    headers = {"Retry-After": "3600"}  # seconds: damaged files that can be mended are mended each hour

    def __init__(self, day: date, why: str) -> None:
        super().__init__(f"The events of {day} are no longer in the ledger, and {why}")


class TimeZoneChanged(StoreUnavailable):
    """Who asks knows the workspace as it was before. Old days and new ones are never mixed in one answer."""

    headers = {"Retry-After": "1"}  # seconds

    def __init__(self) -> None:
        super().__init__("The time zone of the workspace was changed this moment: ask again")


class SettingError(FarthingError):
    """An environment variable holds what it must not; stops the start."""


def kind_of(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case str():
            return "a string"
        case Mapping():
            return "an object"
        case list() | tuple():
            return "an array"
        case _:
            return "a number"


def is_scalar(value: Any) -> bool:
    return not isinstance(value, (Mapping, list, tuple))


def shown_value(value: Any) -> Any:
    """The value as it may stand in an error: scalars as sent, cut to 64 characters; the kind of anything else."""
    if not is_scalar(value):
        return kind_of(value)
    if isinstance(value, str):
        return cut(without_keys(value).encode("utf-8", "replace").decode().replace("\x00", "�"))
    return value if value is None or isinstance(value, bool) else shown_number(value)


def shown_number(value: int | float | Decimal) -> int | float | str:
    """As JSON has it, as text where JSON or a reader of it would lose something."""
    if isinstance(value, int):
        return value if abs(value) <= MAX_INTEGER else cut(str(value))
    short = float(value) if len(str(value)) <= SHOWN_CHARACTERS else math.inf
    return short if math.isfinite(short) and Decimal(str(short)) == value else cut(str(value))


def without_keys(text: str) -> str:
    """Without whatever looks like somebody's key: LiteLLM's calls have one in a path."""
    return KEY_LIKE.sub("[key removed]", text)


def cut(text: str) -> str:
    return text if len(text) <= SHOWN_CHARACTERS else text[:SHOWN_CHARACTERS] + "…"
