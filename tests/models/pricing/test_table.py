"""Which row of the price table is a model's. Exact or nothing."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.pricing.names import canonical
from models.pricing.providers import GATEWAYS, UNPRICED, priced_as
from models.pricing.table import Row, packaged
from tests.models.pricing.names import FOUND, REFUSED, SERVERS

TABLE = packaged()


def found(provider, model):
    row = TABLE.find(provider, model)
    return (row.provider, row.model.id) if isinstance(row, Row) else row


def test_the_source_names_its_version():
    assert TABLE.source == "genai-prices 0.2.3"


def asked(groups):
    return [pytest.param(*case, id=f"{group}-{case[1]}") for group, cases in groups.items() for case in cases]


@pytest.mark.parametrize(("provider", "model", "row"), asked(FOUND))
def test_a_name_s_row(provider, model, row):
    assert found(*canonical(provider, model)) == tuple(row.split("/", 1))


@pytest.mark.parametrize(("provider", "model"), asked(REFUSED))
def test_a_name_that_is_nobody_s(provider, model):
    who, name = canonical(provider, model)
    known = who is None or priced_as(who) in TABLE.shelves
    assert TABLE.find(who, name) == ("unknown_model" if known else "unknown_provider")


@pytest.mark.parametrize("provider", SERVERS)
def test_each_provider_of_litellm_is_priced_or_known_to_have_no_prices_here(provider):
    assert (priced_as(provider) in TABLE.shelves) or provider in UNPRICED | GATEWAYS


def test_azure_borrows_openai_s_rows_and_a_borrowed_row_says_so():
    assert TABLE.find("azure", "gpt-4.1") == Row(
        TABLE.source, "openai", TABLE.shelves["openai"].models["gpt-4.1"], borrowed=True
    )
    assert TABLE.find("openai", "gpt-4.1").borrowed is False


def test_a_global_call_never_takes_a_regional_price():
    for row in TABLE.shelves["aws"].models.values():
        name = "global." + row.id.removeprefix("regional.")
        got = TABLE.find("aws", name)
        assert isinstance(got, str) or got.model.id.startswith("global.")


def every_row():
    """But for fine-tunes, whose names go on with their owner's."""
    return [(each.id, model) for each in TABLE.providers for model in each.models if not model.id.startswith("ft:")]


def test_no_two_rows_contend_for_a_name_and_the_table_s_own_look_up_agrees():
    for provider in TABLE.providers:
        for name, row in TABLE.shelves[provider.id].models.items():
            theirs = provider.find_model(name)
            assert theirs is row or theirs is None, (provider.id, name)


def spelled_out(got, provider, name):
    """The row itself says the name, dates aside; or it is one of Vertex's aliases, or Claude Code's."""
    spelled = TABLE.shelves[got.provider].models
    plain = re.sub(r"@(default|latest|\d{3})$|\[1m\]$", "", name.lower())
    return any(form in spelled or f"{provider}/{form}" in spelled for form in (name.lower(), plain))


ENDS = st.from_regex(r"[-.:@/_][a-z0-9-]{0,11}[a-z]", fullmatch=True)


@given(st.sampled_from(every_row()), ENDS)
def test_a_name_with_something_behind_it_never_gets_its_neighbour_s_row(row, rest):
    provider, model = row
    got = TABLE.find(provider, model.id + rest)
    assert isinstance(got, str) or spelled_out(got, provider, model.id + rest)


@given(st.sampled_from(every_row()), st.from_regex(r"[a-z0-9][a-z0-9-]{0,11}[-.:@_]", fullmatch=True))
def test_a_name_with_something_before_it_never_gets_its_neighbour_s_row(row, first):
    provider, model = row
    name = first + model.id
    got = TABLE.find(provider, name)
    region = provider == "aws" and re.fullmatch(r"(us|eu|apac|au|jp|in|ca)\.", first)
    assert isinstance(got, str) or region or spelled_out(got, provider, name)


@given(st.sampled_from(every_row()), ENDS, st.data())
def test_a_name_with_something_within_it_never_gets_its_neighbour_s_row(row, infix, data):
    provider, model = row
    cut = data.draw(st.integers(1, len(model.id) - 1))
    name = model.id[:cut] + infix + model.id[cut:]
    got = TABLE.find(provider, name)
    assert isinstance(got, str) or spelled_out(got, provider, name)


@given(st.none() | st.sampled_from([each.id for each in TABLE.providers]), st.text(max_size=256))
def test_any_text_is_found_or_refused(provider, name):
    assert TABLE.find(provider, name) in ("unknown_model", "unknown_provider") or isinstance(
        TABLE.find(provider, name), Row
    )
