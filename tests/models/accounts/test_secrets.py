"""Secrets: their form, their checksum, and what is said of a provider's key."""

import json
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.accounts import keys, secrets
from models.accounts.directory import Directory
from models.accounts.keys import NewKey
from models.errors import BadField, Unauthorized
from models.installation import Installation
from models.usage.text import without_keys
from tests.factories import AUTHOR, NOON, make_workspace


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
    ("secret", "whose"),
    [
        ("sk-ant-x", "Anthropic"), ("sk-proj-x", "OpenAI"), ("sk-or-x", "OpenRouter"), ("sk-x", "OpenAI"), ("AIzaX", "Google"),
        ("gsk_x", "Groq"), ("xai-x", "xAI"), ("AKIAX", "AWS"), ("hf_x", "Hugging Face"), ("r8_x", "Replicate"), ("pplx-x", "Perplexity"),
    ],
)  # fmt: skip
def test_a_providers_key_is_named(secret: str, whose: str) -> None:
    assert f"a provider's key ({whose}" in str(secrets.hint(secret))
    assert secret not in str(secrets.hint(secret)).split()
    assert secrets.hint("what") is None


def test_the_longer_beginning_comes_before_the_one_that_it_begins_with() -> None:
    known = list(secrets.PROVIDER_KEYS)
    assert [one for place, one in enumerate(known) for other in known[:place] if one.startswith(other)] == []


@pytest.mark.parametrize("beginning", [*secrets.PROVIDER_KEYS, secrets.PREFIX])
def test_what_is_known_as_a_key_is_taken_out_of_errors(beginning: str) -> None:
    key = beginning + "Planted0451Planted0451Planted"
    assert "Planted" not in without_keys(f"refused: {key}, and '{key}'")
    assert "Planted" not in json.dumps(BadField("model", key, "a name").body())


@pytest.mark.parametrize(
    "innocent", ["hf_transfer is not installed", "task-sk is odd", "r8_x", "ASIA and EUROPE", "fw_update"]
)
def test_what_only_begins_like_a_key_stays(innocent: str) -> None:
    assert without_keys(innocent) == innocent


# -- mistyped, unknown, and nothing in between ---------------------------------------------------------------------


@given(st.integers(9, 46), st.sampled_from(secrets.BASE62))
def test_a_mistyped_key_is_told_so_an_unknown_one_is_not(position: int, other: str) -> None:
    secret = secrets.new_secret()
    mistyped = secret[:position] + other + secret[position + 1 :]
    expected = None if mistyped == secret else secrets.MISTYPED
    assert secrets.hint(mistyped) == expected


@given(st.integers(1, 37), st.text(secrets.BASE62, min_size=1, max_size=5))
def test_so_is_one_that_is_cut_or_too_long(cut: int, more: str) -> None:
    secret = secrets.new_secret()
    assert secrets.hint(secret[:-cut]) == secrets.hint(secret + more) == secrets.MISTYPED


def test_no_check_can_be_timed_for_nothing_of_a_secret_is_there_to_be_compared_with(installation: Installation) -> None:
    """Whoever asks is known by the SHA-256 of all that they sent, and by nothing else: a guess that shares all but its
    last character with a good key has another digest altogether, and no prefix, no part and no length of the good
    one stands in what the guess is held against."""
    workspace = make_workspace(installation)
    with installation.database.write() as connection:
        _, secret = keys.create(connection, workspace.id, NewKey("k", "ingest"), AUTHOR)
    directory = Directory(installation.database)
    directory.check(NOON)
    assert set(directory.view.keys) == {sha256(secret.encode()).hexdigest()}
    view = repr(directory.view)
    assert [part for part in (secret, secret[: secrets.SHOWN], secret[-6:]) if part in view] == []
    body = secret[9:-7] + ("0" if secret[-7] != "0" else "1")
    near = f"{secrets.PREFIX}{body}{secrets.checksum(body)}"
    assert secrets.well_formed(near)
    asked: list[str] = []
    find = directory.find
    directory.find = lambda digest, now: (asked.append(digest), find(digest, now))[1]  # type: ignore[method-assign]
    with pytest.raises(Unauthorized):
        directory.authenticate(near, NOON)
    assert directory.authenticate(secret, NOON).name == "k"
    assert asked == [sha256(near.encode()).hexdigest(), sha256(secret.encode()).hexdigest()]
    assert sum(one == other for one, other in zip(*asked, strict=True)) < 32, "as many as chance has it"


def test_a_mistyped_key_asks_no_database(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    directory = Directory(installation.database)
    directory.check(NOON)
    monkeypatch.setattr(installation.database, "read", None)
    for secret in (secrets.new_secret()[:-1] + "~", secrets.new_secret()[:-1], "fth_live_", "sk-ant-x"):
        with pytest.raises(Unauthorized, match="Invalid API key") as problem:
            directory.authenticate(secret, NOON)
        assert secrets.hint(secret) in str(problem.value.details)
