"""Editions: read as a whole, or refused as a whole with what is wrong."""

import json
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import BadRequest
from models.pricing import editions
from models.pricing.table import Table, packaged
from tests.price_data import GPT, data, provider, written


def test_the_installed_edition_written_as_a_file_reads_the_same():
    installed = [replace(each, extractors=None) for each in packaged().providers]
    assert editions.read(written(installed)) == installed
    assert editions.restored(written(installed)) == installed


def test_prices_are_the_decimals_that_the_file_writes():
    said = '[{"id":"p","name":"","api_pattern":"","models":[{"id":"m","match":{"equals":"m"},"prices":{"input_mtok":%s}}]}]'
    for written_as in ("0.1", "2.50", "1e-3", "0.30000000000000004", '"0.075"'):
        (found,) = editions.read((said % written_as).encode())
        assert found.models[0].prices.input_mtok == Decimal(written_as.strip('"'))


def row(**said):
    return data(provider(GPT | said))


def price(value):
    return row(prices={"input_mtok": value})


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (b"", "not JSON"),
        (b"prices", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 100_000, "nested too deeply"),
        (b'[{"id": 1e99999999999999999999}]', "not JSON"),
        (b'[{"id": NaN}]', "NaN is no number"),
        (b"{}", "a list of providers is expected"),
        (b"[]", "a list of providers is expected"),
        (b"[1]", "a provider: an object with a list of models is expected"),
        (data(provider()), "it has no rows"),
        (data(provider(GPT), provider(GPT)), "provider: 'openai' is there twice"),
        (data(provider(GPT, GPT)), "row of openai: 'gpt-4o' is there twice"),
        (data(provider(GPT, name=None)), "openai: name: Input should be a valid string"),
        (data(provider({"id": "gpt-4o"})), "openai/gpt-4o: match: Field required"),
        (row(id=""), "row of openai: an id of 1 to 256 characters is expected"),
        (row(match={}), "openai/gpt-4o: "),
        (row(match={"sounds_like": "gpt"}), "openai/gpt-4o: match: "),
        (row(match={"or": [{"regex": "("}]}), "openai/gpt-4o: '(' is no regular expression"),
        (row(prices=[]), "openai/gpt-4o: an empty list of prices"),
        (row(prices={"__class__": 1}), "openai/gpt-4o: "),
        (row(prices="free"), "openai/gpt-4o: "),
        (price("cheap"), "openai/gpt-4o: input_mtok"),
        (price(-1), "openai/gpt-4o: input_mtok: -1 is not from 0 to 1000000 dollars"),
        (price(1_000_001), "openai/gpt-4o: input_mtok: 1000001 is not from 0"),
        (price("1e-999999999"), "openai/gpt-4o: input_mtok: 1E-999999999 is not from 0"),
        (price("Infinity"), "openai/gpt-4o: input_mtok.decimal: Input should be a finite number"),
        (price({"base": 1, "tiers": [{"start": 0, "price": 2}]}), "openai/gpt-4o: input_mtok: a tier starts at 0"),
        (price({"base": 1, "tiers": [{"start": 5, "price": -2}]}), "openai/gpt-4o: input_mtok: -2 is not from 0"),
        (row(price_variants=[{"when": {"speed": "fast"}, "prices": {"input_mtok": -3}}]), "input_mtok: -3 is not"),
        (row(price_variants=[{"when": {}, "prices": {}}]), "openai/gpt-4o: "),
    ],
)
def test_what_is_wrong_is_named(given, says):
    with pytest.raises(BadRequest, match="This is no price data of genai-prices: ") as refused:
        editions.read(given)
    assert says in refused.value.message
    assert "\n" not in refused.value.message


def test_a_row_that_matches_everything_is_nobody_s_name():
    found = Table("x", editions.read(row(match={"starts_with": ""})))
    assert found.find("openai", "") == found.find("openai", "gpt-5") == "unknown_model"


def test_who_borrows_from_somebody_that_the_edition_does_not_have_borrows_nothing():
    found = Table("x", editions.read(data(provider(GPT, id="azure", fallback_model_providers=["nobody"]))))
    assert found.find("azure", "gpt-5") == "unknown_model"
    assert found.find("azure", "gpt-4o") != "unknown_model"


def test_a_file_has_a_bound():
    with pytest.raises(BadRequest, match="larger than 33554432 bytes"):
        editions.read(b" " * (editions.MAX_BYTES + 1))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*sorted(GPT), "or", "base"]), inner),
    max_leaves=6,
)
WHOLE = provider(GPT | {"price_variants": [{"when": {"processing": "batch"}, "prices": {"input_mtok": 1}}]})


def paths(said, path=()):
    yield path
    parts = said.items() if isinstance(said, dict) else enumerate(said) if isinstance(said, list) else ()
    for key, part in parts:
        yield from paths(part, (*path, key))


def changed(said, path, value):
    if not path:
        return value
    copy = dict(said) if isinstance(said, dict) else list(said)
    copy[path[0]] = changed(said[path[0]], path[1:], value)
    return copy


def refusal(said):
    """Whatever is taken can be asked; empty where it was taken."""
    try:
        Table("x", editions.read(said)).find("openai", "gpt-4o")
    except BadRequest as refused:
        return refused.message
    return ""


@given(st.sampled_from(list(paths([WHOLE]))), JSON)
def test_any_part_may_be_anything(path, value):
    assert "\n" not in refusal(json.dumps(changed([WHOLE], path, value)).encode())
