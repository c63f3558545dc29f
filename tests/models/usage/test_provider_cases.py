"""Each provider's usage objects as its documentation shows them, named by their flavour and told from their shape alone.

The files of `tests/fixtures/usage` hold a case a line: what was sent, and what is counted. `tokens` is null where none are
told; a unit, flag, tier or cost that is left out is expected not to be there.
"""

import json
from collections import Counter
from pathlib import Path

import pytest

from models.usage.normalise import normalise
from models.usage.units import UNITS

FILES = sorted((Path(__file__).parents[2] / "fixtures/usage").glob("*.json"))
CASES = [(file.stem, case) for file in FILES for case in json.loads(file.read_text())]
CLASSES = ("input", "cache_read", "cache_write", "output", "reasoning", "total")


@pytest.mark.parametrize("api", ["named", "told from the shape"])
@pytest.mark.parametrize(("file", "case"), CASES, ids=[f"{file}: {case['title']}" for file, case in CASES])
def test_case(file, case, api):
    read = normalise(case["usage"], case["api"] if api == "named" else None, case["provider"])
    expected = case["tokens"] or {}
    assert {name: getattr(read.tokens, name) for name in CLASSES} == {name: expected.get(name) for name in CLASSES}
    assert (read.tokens.cache_write_1h or 0) == (expected.get("cache_write_1h") or 0)
    assert read.units == case.get("units")
    assert list(read.flags) == case.get("flags", [])
    assert (read.service_tier, read.batch) == (case.get("tier"), case.get("tier") == "batch")
    assert read.provider_cost == case.get("cost")


@pytest.mark.parametrize(
    "flavour",
    [
        *("openai.chat", "openai.responses", "openai.embeddings", "anthropic.messages", "google.generate_content"),
        *(
            "google.embed_content",
            "bedrock.converse",
            "cohere.v1.chat",
            "cohere.v2.chat",
            "cohere.embed",
            "cohere.rerank",
        ),
        *(
            "mistral.chat",
            "deepseek.chat",
            "groq.chat",
            "xai.chat",
            "xai.responses",
            "together.chat",
            "openrouter.chat",
        ),
    ],
)
def test_every_flavour_of_the_contract_has_six_cases_at_least(flavour):
    assert Counter(case["api"] for _, case in CASES)[flavour] >= 6


def test_every_provider_has_six_cases_at_least():
    assert {file for file, count in Counter(file for file, _ in CASES).items() if count < 6} == set()


def test_every_unit_is_known():
    assert {unit for _, case in CASES for unit in case.get("units") or ()} <= set(UNITS)
