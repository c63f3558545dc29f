"""JSON is read exactly or refused without an echo."""

from decimal import Decimal

import pytest

from api.dialects.json_body import read, read_leniently
from models.errors import BadRequest

DEEP = b"[" * 10_000 + b"]" * 10_000


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"cost": 0.00015}', {"cost": Decimal("0.00015")}),
        (b'{"cost": 0.00028319999999999994}', {"cost": Decimal("0.00028319999999999994")}),
        (b'{"cost": 1e400}', {"cost": Decimal("1e400")}),
        (b'{"n": 123456789012345678901234567890}', {"n": 123456789012345678901234567890}),
        (b' \r\n {"a": 1, "a": 2} ', {"a": 2}),
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        (b'{"a": "\\ud800"}', {"a": "\ud800"}),
        (b'{"a": "\\u0000"}', {"a": "\x00"}),
        (b"null", None),
    ],
)
def test_values(body: bytes, value: object) -> None:
    assert read(body) == value


def test_decimals_are_exact_beside_a_lone_surrogate_too() -> None:
    assert read(b'{"a": "\\ud800", "cost": 0.00015}')["cost"] == Decimal("0.00015")


@pytest.mark.parametrize(
    ("body", "trouble"),
    [
        (b"", "not JSON"),
        (b" ", "not JSON"),
        (b"hello secret", "not JSON"),
        (b'{"secret": 1', "not JSON"),
        (b'{"secret": 1} x', "not JSON"),
        (b"{'secret': 1}", "not JSON"),
        (b'"\xff secret"', "not UTF-8"),
        ('{"a": "secret"}'.encode("utf-16"), "not UTF-8"),
        (DEEP, "nested too deeply"),
        (b'{"a": ' + DEEP + b"}", "nested too deeply"),
        (b"1e99999999999999999999", "a number out of range"),
        (b"1e999999", "a number out of range"),
        (b"9" * 5_000, "a number out of range"),
        (b'{"a": NaN}', "a number out of range"),
        (b"[-Infinity]", "a number out of range"),
    ],
)
def test_the_rest_is_refused_without_an_echo(body: bytes, trouble: str) -> None:
    with pytest.raises(BadRequest) as refused:
        read(body)
    assert refused.value.body() == {
        "error": "Invalid payload",
        "details": {"field": "body", "value": trouble, "expected": "JSON"},
    }
    assert refused.value.__suppress_context__


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "1e99999999999999999999", "1e-999999", "9" * 5_000])
def test_read_leniently_makes_odd_numbers_nan(text: str) -> None:
    value = read_leniently(f'{{"odd": {text}, "cost": 0.00015}}')
    assert value["odd"].is_nan()
    assert value["cost"] == Decimal("0.00015")


def test_read_leniently_still_refuses_what_is_not_json() -> None:
    with pytest.raises(BadRequest):
        read_leniently("{hello")
    with pytest.raises(BadRequest):
        read_leniently(DEEP.decode())
