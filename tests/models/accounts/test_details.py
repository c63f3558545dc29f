"""Details: kept as they were said, without keys, within bounds."""

from decimal import Decimal
from typing import Any

import pytest

from models.accounts import details
from models.errors import BadField

FIELDS: details.Fields = {
    "metadata": "object",
    "models": "array",
    "tpm_limit": "number",
    "organization_id": "string",
    "blocked": "boolean",
}


def test_what_is_said_is_kept_what_is_not_listed_is_not() -> None:
    said = {
        "metadata": {"a": [1, {"b": None}]},
        "tpm_limit": Decimal("2.5"),
        "blocked": False,
        "models": None,
        "colour": "red",
    }
    assert details.read(said, FIELDS) == {"metadata": {"a": [1, {"b": None}]}, "tpm_limit": 2.5, "blocked": False}


def test_where_nothing_was_said_it_is_told_as_litellm_does() -> None:
    assert details.shown({}, FIELDS) == {
        "metadata": {},
        "models": [],
        "tpm_limit": None,
        "organization_id": None,
        "blocked": False,
    }


def test_keys_are_taken_out_wherever_they_stand() -> None:
    key = "sk-proj-0123456789abcdef"
    kept = details.read({"metadata": {key: [f"Bearer {key}", {"deep": key}]}, "organization_id": key}, FIELDS)
    assert key not in str(kept)
    assert "[key removed]" in str(kept)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("metadata", []), ("metadata", "x"), ("models", {}), ("tpm_limit", "5"), ("tpm_limit", True), ("organization_id", 5),
        ("blocked", 1), ("tpm_limit", 2**63), ("tpm_limit", Decimal("1e300")), ("metadata", {"a": -(2**70)}),
    ],
)  # fmt: skip
def test_what_is_of_another_kind_is_refused(field: str, value: Any) -> None:
    with pytest.raises(BadField) as refused:
        details.read({field: value}, FIELDS)
    assert refused.value.field == field


@pytest.mark.parametrize("nothing", [None, "", "  "])
def test_an_empty_name_is_none(nothing: str | None) -> None:
    assert details.name({"team_id": nothing}, "team_id") is None


def test_what_is_too_deep_is_refused() -> None:
    value: dict[str, Any] = {}
    for _ in range(details.MAX_DEPTH):
        value = {"a": value}
    assert details.read({"metadata": value}, FIELDS) == {"metadata": value}
    with pytest.raises(BadField):
        details.read({"metadata": {"a": value}}, FIELDS)
