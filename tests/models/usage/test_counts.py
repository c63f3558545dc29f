from decimal import Decimal

import pytest

from models.errors import BadField
from models.usage.counts import count
from models.usage.event import MAX_TOKENS


@pytest.mark.parametrize(
    ("sent", "read"),
    [(0, 0), (12, 12), (12.0, 12), (Decimal("12"), 12), (Decimal("1.2E+1"), 12), (-0.0, 0), (MAX_TOKENS, MAX_TOKENS)],
)
def test_a_whole_number_is_a_count_however_json_spells_it(sent, read):
    assert count(sent, "usage.prompt_tokens") == read
    assert type(count(sent, "usage.prompt_tokens")) is int


def test_null_is_unknown_not_zero():
    assert count(None, "usage.prompt_tokens") is None


@pytest.mark.parametrize(
    "sent",
    [
        *(-1, -0.5, 1.5, Decimal("1.5"), Decimal("-3"), MAX_TOKENS + 1, float("inf"), float("nan")),
        *(Decimal("NaN"), Decimal("Infinity"), Decimal("1E+999999"), Decimal("1E-999999")),
        *(True, False, "12", "", [], {}, [12]),
    ],
)
def test_anything_else_is_a_bad_field_named_by_its_path(sent):
    with pytest.raises(BadField) as bad:
        count(sent, "usage.prompt_tokens")
    assert bad.value.details["field"] == "usage.prompt_tokens"
    assert bad.value.details["expected"] == "a whole number from 0 to 1000000000000"


def test_the_offending_value_is_shown():
    with pytest.raises(BadField, match="Invalid payload") as bad:
        count(-7, "prompt_tokens")
    assert bad.value.details["value"] == -7
