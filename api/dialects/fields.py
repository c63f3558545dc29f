"""Fields of an event as senders write them, read by kind: object, id, amount, time, flag, name. Or refused by name.

Every reader takes the field's name, so that a refusal says which field held what. Null is the same as absent.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from models.errors import BadField
from models.money import MAX_EVENT_NANO, NANO, nano_usd
from models.periods import MAX_AHEAD, MAX_LATENCY, SECOND, YEAR_2000, latency_between, parse_time
from models.pricing.names import canonical
from models.usage.event import MAX_MODEL
from models.usage.text import clean, identifier, label

MILLISECOND = SECOND // 1_000
NOTHING: Mapping[str, Any] = {}
A_NAME = f"a string of 1 to {MAX_MODEL} characters"
AN_AMOUNT = f"US dollars from 0 to {MAX_EVENT_NANO // NANO}"
A_TIME = "an ISO 8601 time, epoch seconds or epoch milliseconds"
A_START = f"{A_TIME}, from the year 2000 to 24 hours from now"
A_LATENCY = "milliseconds, 0 or more"
A_FLAG = "true or false"
FLAGS = {"true": True, "false": False}


def members(value: Any, field: str) -> Mapping[str, Any]:
    """An object, empty where nothing was sent. What stands in its place is never shown."""
    if value is None:
        return NOTHING
    if not isinstance(value, dict):
        raise BadField(field, value, "an object", show=False)
    return value


def members_if_any(value: Any) -> Mapping[str, Any]:
    """For objects that hold labels and details only: anything else in their place counts as nothing sent."""
    return value if isinstance(value, dict) else NOTHING


def id_if_any(value: Any) -> str | None:
    """For ids that an event can do without: whole or not at all, since a cut one is another's."""
    try:
        return identifier(value)
    except BadField:
        return None


def amount(value: Any, field: str) -> int | None:
    """Nano-US-dollars."""
    if value is None:
        return None
    try:
        return nano_usd(value)
    except (ValueError, ArithmeticError):
        raise BadField(field, value, AN_AMOUNT) from None


def flag(value: Any, field: str) -> bool:
    if value is None or isinstance(value, bool):
        return bool(value)
    if isinstance(value, str) and value.lower() in FLAGS:
        return FLAGS[value.lower()]
    raise BadField(field, value, A_FLAG)


def instant(value: Any, field: str, expected: str = A_TIME) -> int:
    try:
        return parse_time(value)
    except (ValueError, ArithmeticError):
        raise BadField(field, value, expected) from None


def start(value: Any, field: str, received_us: int) -> int:
    started = instant(value, field, A_START)
    if not YEAR_2000 <= started <= received_us + MAX_AHEAD:
        raise BadField(field, value, A_START)
    return started


def end(value: Any, field: str, received_us: int) -> int | None:
    """None also where the clock that told it is broken beyond use; an end before the start is kept as sent."""
    if value is None or value == "":
        return None
    ended = instant(value, field)
    return ended if YEAR_2000 <= ended <= received_us + MAX_AHEAD + MAX_LATENCY else None


def latency(milliseconds: Any, started: int, ended: int | None) -> int | None:
    """Microseconds: the latency that was sent goes before the one between the two times."""
    if milliseconds is None:
        return latency_between(started, ended)
    return sent_latency(milliseconds)


def sent_latency(milliseconds: Any, field: str = "latency_ms") -> int | None:
    if isinstance(milliseconds, bool) or not isinstance(milliseconds, (int, float, Decimal)):
        raise BadField(field, milliseconds, A_LATENCY)
    number = Decimal(milliseconds)
    if not number.is_finite() or number < 0:
        raise BadField(field, milliseconds, A_LATENCY)
    return int(number * MILLISECOND) if number * MILLISECOND <= MAX_LATENCY else None


def served(sent: Mapping[str, Any]) -> tuple[str | None, str]:
    """Who served the call, and with which model: the provider lower-cased, the model without a prefix repeating it."""
    model = sent.get("model")
    if not isinstance(model, str) or len(model) > MAX_MODEL:
        raise BadField("model", model, A_NAME)
    return served_by(label(sent.get("provider")) or label(sent.get("custom_llm_provider")), model)


def served_by(provider: str | None, model: str) -> tuple[str | None, str]:
    if not model.strip():
        raise BadField("model", model, A_NAME)
    return canonical(provider, clean(model))
