"""Secrets: their form, their checksum, and what is said of a provider's key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.accounts import secrets


def test_the_form() -> None:
    secret = secrets.new_secret()
    assert secret.startswith("fth_live_")
    assert len(secret) == 9 + 32 + 6
    assert secrets.well_formed(secret)
    assert len({secrets.new_secret() for _ in range(100)}) == 100


@given(st.integers(0, 46), st.sampled_from(secrets.BASE62))
def test_a_mistyped_character_is_told_without_a_database(position: int, other: str) -> None:
    secret = secrets.new_secret()
    mistyped = secret[:position] + other + secret[position + 1 :]
    assert secrets.well_formed(mistyped) is (mistyped == secret)


@given(st.text(max_size=60))
def test_nothing_else_is_well_formed(text: str) -> None:
    assert not secrets.well_formed(text)
    assert len(secrets.digest(text)) == 64


@pytest.mark.parametrize(
    ("secret", "whose"), [("sk-ant-x", "Anthropic"), ("sk-x", "OpenAI"), ("AIzaX", "Google"), ("gsk_x", "Groq")]
)
def test_a_providers_key_is_named(secret: str, whose: str) -> None:
    assert whose in str(secrets.hint(secret))
    assert secret not in str(secrets.hint(secret)).split()
    assert secrets.hint("what") is None
