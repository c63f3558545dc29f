"""A request body's JSON as Python values, every decimal exactly as it was written.

`read` takes what is JSON and refuses the rest; `read_leniently` is for senders that must not lose a body over one
odd number in it. Neither echoes anything of a body that it refuses: what stands there may be somebody's prompt.
"""

import json
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from models.errors import BadRequest
from models.usage.decimals import exact

NOT_A_NUMBER = Decimal("NaN")
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
UNREADABLE = (ValueError, ArithmeticError, RecursionError)  # all that msgspec and json raise, DecodeErrors included


def read(body: bytes) -> Any:
    """The body's value; BadRequest where it is not JSON, or holds what no event can hold."""
    try:
        return EXACT.decode(body)
    except UNREADABLE:
        return read_again(body)


def read_again(body: bytes) -> Any:
    """Slower than msgspec, which refuses lone surrogates: a label cut in the middle of an emoji loses no money."""
    try:
        return json.loads(body.decode("utf-8-sig"), parse_float=exact, parse_constant=refuse)
    except UNREADABLE as error:
        raise unreadable(error) from None


def read_leniently(text: str) -> Any:
    """Like `read`, but NaN, Infinity and endless digits become a NaN, which only the field that needs it refuses."""
    try:
        return LENIENT.decode(text)
    except UNREADABLE as error:
        raise unreadable(error) from None


def exact_or_nan(digits: str) -> Decimal:
    try:
        return exact(digits)
    except InvalidOperation:
        return NOT_A_NUMBER


def whole_or_nan(digits: str) -> int | Decimal:
    try:
        return int(digits)
    except ValueError:  # more digits than Python converts
        return NOT_A_NUMBER


def nan(_: str) -> Decimal:
    return NOT_A_NUMBER


def refuse(constant: str) -> None:
    raise InvalidOperation(constant)


def unreadable(error: Exception | None = None) -> BadRequest:
    return BadRequest("Invalid payload", {"field": "body", "value": kind_of_trouble(error), "expected": "JSON"})


def kind_of_trouble(error: Exception | None) -> str:
    match error:
        case RecursionError():
            return "nested too deeply"
        case UnicodeDecodeError():
            return "not UTF-8"
        case json.JSONDecodeError() | None:
            return "not JSON"
        case _:
            return "a number out of range"


EXACT = msgspec.json.Decoder(float_hook=exact)
LENIENT = json.JSONDecoder(parse_float=exact_or_nan, parse_int=whole_or_nan, parse_constant=nan, strict=False)
