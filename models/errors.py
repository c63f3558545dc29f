"""What can go wrong, as a small tree. Each error knows its HTTP status; its message is safe to show to anyone.

An error names the offending value and the remedy. It never carries a prompt, a response, a key or a traceback.
"""

import re
from collections.abc import Mapping
from typing import Any

# Anything that looks like somebody's key, wherever it was written by mistake.
KEY_LIKE = re.compile(r"(?<![A-Za-z0-9])(?:sk-|fth_live_|trk_|AIza|xai-|gsk_|Bearer\s+)[\w.*\-]{6,}")
SHOWN_CHARACTERS = 64  # of an offending value: enough to find it in the sender's code


class FarthingError(Exception):
    """Base of everything that a user may be told about."""

    status = 500

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

    `value` is shown cut short where a scalar belongs; where an object belongs, or where one was sent, only the
    kind is shown, for what stands there may be somebody's prompt.
    """

    def __init__(self, field: str, value: Any, expected: str, *, show: bool = True) -> None:
        shown = shown_value(value) if show else kind_of(value)
        super().__init__("Invalid payload", {"field": field, "value": shown, "expected": expected})
        self.field = field

    @property
    def reason(self) -> str:
        """One sentence for lists, the quarantine and logs."""
        details = self.details or {}
        return f"Invalid payload: {self.field} is {details['value']}, expected {details['expected']}"


class Unauthorized(FarthingError):
    status = 401


class Forbidden(FarthingError):
    status = 403


class NotFound(FarthingError):
    status = 404


class Conflict(FarthingError):
    status = 409


class TooLarge(FarthingError):
    status = 413


class StoreUnavailable(FarthingError):
    """The store can't take or answer it now; the same request may succeed later."""

    status = 503
    retry_after = 2  # seconds


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


def shown_value(value: Any) -> str:
    """The value as it may stand in an error: scalars cut to 64 characters, the kind of anything else."""
    if isinstance(value, str):
        value = KEY_LIKE.sub("[key removed]", value)
        text = value[:SHOWN_CHARACTERS].encode("utf-8", "replace").decode().replace("\x00", "�")
        return repr(text) + ("…" if len(value) > SHOWN_CHARACTERS else "")
    if value is None or isinstance(value, (Mapping, list, tuple)):
        return kind_of(value)
    text = str(value)
    return text if len(text) <= SHOWN_CHARACTERS else text[:SHOWN_CHARACTERS] + "…"
