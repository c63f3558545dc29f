"""Editions of the price data: what genai-prices publishes as one JSON file, read as a whole or refused as a whole.

Nothing of an edition is believed before all of it is checked: a row that can't be drawn would fail at an event, a price
with a billion digits would never come back. An error names the row and what is wrong with it.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from genai_prices.types import (
    ClauseAnd,
    ClauseOr,
    ClauseRegex,
    MatchLogic,
    ModelInfo,
    ModelPrice,
    Provider,
    TieredPrices,
)
from genai_prices.types import _providers_from_raw as built  # as its own updater does
from pydantic import ValidationError

from models.errors import BadRequest, FarthingError
from models.pricing.cards import card_of
from models.pricing.table import Row
from models.pricing.terms import MAX_DECIMALS, MAX_DOLLARS
from models.pricing.timelines import named_tier, quotes

MAX_BYTES = 32 * 1024 * 1024  # some twenty times what genai-prices publishes
MAX_NAME = 256  # characters, as of an event's model
MAX_LENGTH = 10**12  # input tokens of an event
KEY = re.compile(r"[a-z][a-z0-9_]*")


class Wrong(ValueError):
    """What is wrong, in words."""


def read(data: bytes) -> list[Provider]:
    """The edition's providers, with every row checked; BadRequest where anything is wrong."""
    try:
        return checked(parsed(decoded(data)))
    except Wrong as problem:
        raise BadRequest(f"This is no price data of genai-prices: {problem}") from None


def restored(data: bytes) -> list[Provider]:
    """The same again, of data that was checked before it was stored."""
    try:
        return parsed(decoded(data))
    except Wrong as problem:
        raise FarthingError(
            f"The stored price data can't be read any more: {problem}: run `farthing prices update`"
        ) from None


def decoded(data: bytes) -> list[Any]:
    """Decimals stay exact. What extracts usage is left out: we read usage ourselves."""
    if len(data) > MAX_BYTES:
        raise Wrong(f"larger than {MAX_BYTES} bytes")
    try:
        said = json.loads(data.decode(), parse_float=Decimal, parse_constant=refuse)
    except RecursionError:
        raise Wrong("nested too deeply") from None
    except (ValueError, ArithmeticError) as problem:
        raise Wrong(f"not JSON ({problem})") from None
    if not isinstance(said, list) or not said:
        raise Wrong("a list of providers is expected")
    return [{**each, "extractors": None} if isinstance(each, dict) else each for each in said]


def refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number")


def checked(providers: list[Provider]) -> list[Provider]:
    unique("provider", (each.id for each in providers))
    for provider in providers:
        unique(f"row of {provider.id}", (each.id for each in provider.models))
        for row in provider.models:
            named(f"{provider.id}/{row.id}", check, provider, row)
    if not any(each.models for each in providers):
        raise Wrong("it has no rows")
    return providers


def parsed(said: list[Any]) -> list[Provider]:
    try:
        return built(said)
    except Exception:  # what is wrong is told by the row that it is wrong with
        for provider in said:
            named(row_name(provider), one, provider, [])
            for row in provider.get("models") or ():
                named(row_name(provider, row), one, provider, [row])
        raise Wrong("its parts do not fit together") from None


def one(provider: Any, rows: list[Any]) -> list[Provider]:
    if not isinstance(provider, dict) or not isinstance(provider.get("models"), list):
        raise Wrong("an object with a list of models is expected")
    return built([{**provider, "models": rows}])


def row_name(provider: Any, row: Any = None) -> str:
    said = [each.get("id") if isinstance(each, dict) else None for each in (provider, row)]
    return "/".join(str(each)[:MAX_NAME] for each in said if each) or "a provider"


def named(name: str, act: Callable[..., Any], *given: Any) -> None:
    """Do it; whatever goes wrong is told of that name."""
    try:
        act(*given)
    except ValidationError as problem:
        first = problem.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(each) for each in first["loc"] if each not in (0, "models"))
        raise Wrong(f"{name}: {where}: {first['msg']}" if where else f"{name}: {first['msg']}") from None
    except Wrong as problem:
        raise Wrong(f"{name}: {problem}") from None
    except Exception as problem:
        raise Wrong(f"{name}: {type(problem).__name__}") from None


def unique(what: str, ids: Iterator[str]) -> None:
    seen: set[str] = set()
    for each in ids:
        if not 0 < len(each) <= MAX_NAME:
            raise Wrong(f"{what}: an id of 1 to {MAX_NAME} characters is expected")
        if each in seen:
            raise Wrong(f"{what}: {each!r} is there twice")
        seen.add(each)


# -- a row --------------------------------------------------------------------------------------------------------


def check(provider: Provider, row: ModelInfo) -> None:
    if not row.prices and isinstance(row.prices, list):
        raise Wrong("an empty list of prices")
    for prices in every(row):
        for key, price in vars(prices).items():
            check_price(key, price)
    check_match(row.match)
    for tier in {"", *(named_tier(value, key == "processing") for key, value in asked(row))}:
        quotes(Row("", provider.id, row, borrowed=False), tier).map(card_of)


def check_match(logic: MatchLogic) -> None:
    match logic:
        case ClauseOr(parts) | ClauseAnd(parts):
            for part in parts:
                check_match(part)
        case ClauseRegex(pattern):
            try:
                re.compile(pattern)
            except re.error:
                raise Wrong(f"{pattern[:MAX_NAME]!r} is no regular expression") from None


def every(row: ModelInfo) -> Iterator[ModelPrice]:
    plain = row.prices if isinstance(row.prices, list) else [row]
    yield from (each.prices for each in plain)  # type: ignore[misc]
    yield from (each.prices for each in row.price_variants or ())


def asked(row: ModelInfo) -> Iterator[tuple[str, str]]:
    return (pair for variant in row.price_variants or () for pair in variant.when.items())


def check_price(key: str, price: Decimal | TieredPrices | None) -> None:
    if not KEY.fullmatch(key):
        raise Wrong(f"{key[:MAX_NAME]!r} names no price")
    steps: Sequence[Any] = price.tiers if isinstance(price, TieredPrices) else ()
    for step in steps:
        if not 0 < step.start <= MAX_LENGTH:
            raise Wrong(f"{key}: a tier starts at {step.start}")
    for amount in (price.base if isinstance(price, TieredPrices) else price, *(step.price for step in steps)):
        if amount is not None and not bounded(amount):
            raise Wrong(f"{key}: {str(amount)[:40]} is not from 0 to {MAX_DOLLARS} dollars, with few decimals")


def bounded(amount: Decimal) -> bool:
    """Before anything is computed with it."""
    return amount.is_finite() and 0 <= amount <= MAX_DOLLARS and amount.as_tuple().exponent >= -MAX_DECIMALS  # type: ignore[operator]
