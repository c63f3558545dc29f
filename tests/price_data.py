"""Price data as genai-prices publishes it, for tests: the installed edition written as its JSON, and small ones."""

import json
from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from datetime import date, time
from decimal import Decimal
from typing import Any

from genai_prices.types import ClauseAnd, ClauseOr, ModelPrice, Provider

GPT = {
    "id": "gpt-4o",
    "match": {"or": [{"equals": "gpt-4o"}, {"equals": "gpt-4o-2024-11-20"}]},
    "prices": {"input_mtok": 5, "output_mtok": 20},
}
NEW = {"id": "gpt-99", "match": {"equals": "gpt-99"}, "prices": {"input_mtok": 1, "output_mtok": 2.5}}


def provider(*rows: Any, **said: Any) -> dict[str, Any]:
    return {"id": "openai", "name": "OpenAI", "api_pattern": "https://api.openai.com", "models": list(rows)} | said


def data(*providers: Any) -> bytes:
    return json.dumps(providers or [provider(GPT, NEW)]).encode()


def written(providers: Sequence[Provider]) -> bytes:
    return json.dumps([as_json(each) for each in providers], default=str).encode()


def as_json(said: Any) -> Any:
    match said:
        case ModelPrice():
            return {key: as_json(price) for key, price in vars(said).items() if price is not None}
        case ClauseOr(parts):
            return {"or": [as_json(part) for part in parts]}
        case ClauseAnd(parts):
            return {"and": [as_json(part) for part in parts]}
        case list() | tuple():
            return [as_json(each) for each in said]
        case Decimal() | date() | time():
            return str(said)
    if not is_dataclass(said):
        return said
    members = {each.name: getattr(said, each.name) for each in fields(said) if each.name != "extractors"}
    return {name: as_json(value) for name, value in members.items() if value is not None}
