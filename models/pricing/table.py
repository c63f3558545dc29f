"""The price table, in the form that genai-prices gives it: which of its rows is a model's, if any.

Rows are found by whole names only. The names are those that the rows themselves spell out: their ids, what they equal,
and the stems of what they match by beginning or part, which stand here for exactly that name. Nothing is fetched, and
genai-prices' own look-up, which matches beginnings and remembers every name for ever, is not used.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cache, cached_property
from importlib.metadata import version
from typing import NamedTuple

from genai_prices.data import providers as packaged_providers
from genai_prices.types import (
    ClauseAnd,
    ClauseContains,
    ClauseEndsWith,
    ClauseEquals,
    ClauseOr,
    ClauseRegex,
    ClauseStartsWith,
    ConditionalPrice,
    MatchLogic,
    ModelInfo,
    PriceVariant,
    Provider,
    StartDateConstraint,
)

from models.pricing.names import canonical
from models.pricing.providers import GATEWAYS, priced_as

# What stands before a model's name and leaves its price as it is: resource paths, LiteLLM's routes, and of regions
# only those at whose prices Bedrock's rows are. Data zones, GovCloud and other regions have prices of their own.
BEFORE = {
    "aws": re.compile(
        r"arn:aws:bedrock:(?:us-(?:east|west)-\d)?:\d*:foundation-model/|"
        r"arn:aws:bedrock:[a-z0-9-]*:\d*:inference-profile/|"
        r"(?:converse/|invoke/)?(?:us-(?:east|west)-\d/)?"
    ),
    "azure": re.compile(r"(?:responses/)?(?:global/|global-standard/)?"),
    "google": re.compile(r"(?:projects/[^/]+/locations/(?P<region>[^/]+)/)?publishers/[^/]+/models/|models/"),
    "openai": re.compile(r"responses/"),
}
DATED = re.compile(r"[-@](20\d\d)-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])$")
VERSIONS = {  # what may follow it, where the row matches the whole name
    "aws": re.compile(r"-v\d+(?::\d+)?$"),
    "google": re.compile(r"-\d{3}$|-(?:0[1-9]|1[0-2])-20\d\d$|@(?:default|latest|\d{3})$"),
}
REGION = re.compile(r"^(?:us|eu|apac|au|jp|in|ca)\.")  # Bedrock's geographic inference profiles
# Vertex AI charges more for staying in a region, but not yet for these.
SAME_EVERYWHERE = re.compile(
    r"claude-3|claude-(?:opus|sonnet)-4(?:-[01])?(?:@|$)|gemini-(?:[12]|embedding)|text-(?:multilingual-)?embedding"
)
AZURE_GPT_35 = re.compile(r"^gpt-35-")
LONG_CONTEXT = re.compile(r"(claude-.*)\[1m\]$")  # how Claude Code asks for it; what it costs is the row's to say
FINE_TUNED = re.compile(r"(ft:[^:]+?)(?:-(?:0[1-9]|1[0-2])\d\d)?(?::.*)?")  # ft:base-0125:organisation:name:id
HALF_A_DATE = re.compile(r"-20\d\d$")
REGIONAL = "regional."  # begins the ids of Bedrock rows that cost 10 % more than their `global.` twins
# Names of one model that its row matches by their beginning only.
ALIASES = {
    "anthropic": {"claude-3-5-sonnet-latest": "claude-3-5-sonnet"},
    "google": {
        "claude-3-5-sonnet-v2": "claude-3-5-sonnet",
        "gemini-3.1-pro-preview-customtools": "gemini-3.1-pro-preview",
        "gemini-live-2.5-flash-native-audio": "gemini-live-2.5-flash",
        "gemini-live-2.5-flash-preview-native-audio": "gemini-live-2.5-flash",
    },
    "openai": {"computer-use-preview": "computer-use"},
}
# Azure charges prices of its own for open weights and for fine-tunes, whatever the lender of the row does.
NOT_LENT = re.compile(r"deepseek/|openai/(?:gpt-oss-|ft:)")


class Row(NamedTuple):
    source: str  # of the table: its name and version
    provider: str  # of the table, whose row it is: Azure's gpt-4.1 is priced by OpenAI's row
    model: ModelInfo
    borrowed: bool  # a row of another provider: its batch and tier prices are not the server's


class Shelf(NamedTuple):
    """The rows of one provider by every name that they spell out, and whose rows it borrows."""

    models: dict[str, ModelInfo]
    lenders: tuple[str, ...]


class Table:
    """One edition of the price data."""

    def __init__(self, source: str, providers: Sequence[Provider]) -> None:
        self.source = source
        self.providers = providers

    @cached_property
    def shelves(self) -> Mapping[str, Shelf]:
        """Built at first use, in some 20 ms."""
        there = {each.id for each in self.providers}
        lenders = {each.id: each.fallback_model_providers or () for each in self.providers}
        return {
            each.id: Shelf(named(each), tuple(lender for lender in lenders[each.id] if lender in there))
            for each in self.providers
        }

    def last_change(self, today: date) -> date | None:
        """The newest day, up to today, from which on a row has other prices than before."""
        dated = (price.constraint for each in self.providers for row in each.models for price in in_turn(row))
        days = (each.start_date for each in dated if isinstance(each, StartDateConstraint))
        return max((day for day in days if day <= today), default=None)

    def find(self, provider: str | None, model: str) -> Row | str:
        """The row of a model, or why there is none: `unknown_provider`, `unknown_model`."""
        if provider is None or provider in GATEWAYS:
            provider, model = canonical(None, model)
        if provider is None:
            return "unknown_model"
        server = priced_as(provider)
        if server not in self.shelves:
            return "unknown_provider"
        return next(self.rows(server, model.strip().lower()), "unknown_model")

    def rows(self, server: str, model: str) -> Iterator[Row]:
        """Rows under any of the model's forms, the closest form first; the server's own before those it borrows."""
        owners = (server, *self.shelves[server].lenders)
        for form, witness in forms(server, model):
            for owner in owners:
                row = self.shelves[owner].models.get(form)
                if row and (witness is None or row.is_match(witness)) and (owner == server or lent(owner, row)):
                    yield Row(self.source, owner, row, borrowed=owner != server)


@cache
def packaged() -> Table:
    """The edition that is installed."""
    return Table(f"genai-prices {version('genai-prices')}", packaged_providers)


def in_turn(row: ModelInfo) -> Iterator[ConditionalPrice | PriceVariant]:
    yield from row.prices if isinstance(row.prices, list) else ()
    yield from row.price_variants or ()


def lent(owner: str, row: ModelInfo) -> bool:
    return not NOT_LENT.match(f"{owner}/{row.id}")


def forms(server: str, model: str) -> Iterator[tuple[str, str | None]]:
    """Names to look under, each with the fuller name that the row must match too where the form drops more than a date.

    In this order: as it is, its date in the table's spelling, without its date, without version, without region.
    """
    name = bare(server, model)
    yield from ((form, None) for form in dated(name))
    for local in dict.fromkeys((name, REGION.sub("", name, count=1) if server == "aws" else name)):
        yield from ((form, name) for form in dated(local) if local != name)
        if server in VERSIONS and (found := VERSIONS[server].search(local)):
            stem = local[: found.start()]
            yield from ((form, name) for form in dated(stem) if not VERSIONS[server].search(stem))
    yield f"{server}/{name}", None


def dated(name: str) -> Iterator[str]:
    yield name
    if found := DATED.search(name):
        stem, (year, month, day) = name[: found.start()], found.groups()
        yield from (f"{stem}-{year}-{month}-{day}", f"{stem}-{year}{month}{day}", stem)


def bare(server: str, model: str) -> str:
    """The model's name without where it stands: resource path, repeated provider, a fine-tune's owner."""
    prefix, _, rest = model.partition("/")
    if rest and (priced_as(prefix) == server or (server, prefix) == ("google", "anthropic")):
        model = rest
    before = BEFORE[server].match(model) if server in BEFORE else None
    if before and in_a_region(before.groupdict().get("region"), model[before.end() :]):
        return model
    name = LONG_CONTEXT.sub(r"\1", model[before.end() :] if before else model)
    if server == "azure":
        return AZURE_GPT_35.sub("gpt-3.5-", name, count=1)
    tuned = FINE_TUNED.fullmatch(name) if server == "openai" else None
    return tuned[1] if tuned else name


def in_a_region(region: str | None, name: str) -> bool:
    """Whether a region is named in which the model may cost more than its row says."""
    return region not in (None, "global") and not SAME_EVERYWHERE.match(name)


def named(provider: Provider) -> dict[str, ModelInfo]:
    """Names that rows equal go before ids, ids before stems; no two rows of the table contend for one."""
    shelf: dict[str, ModelInfo] = {}
    for spelled_out in (equals, ids, stems):
        for model in provider.models:
            for name in spelled_out(model):
                shelf.setdefault(name.lower(), model)
    aliases = ALIASES.get(provider.id, {})
    return shelf | {alias: shelf[name] for alias, name in aliases.items() if name in shelf and alias not in shelf}


def equals(model: ModelInfo) -> Iterator[str]:
    return (clause.equals for clause in clauses(model.match) if isinstance(clause, ClauseEquals))


def ids(model: ModelInfo) -> Iterator[str]:
    """Some Bedrock rows hold for geographic profiles only, and not for the plain name."""
    name = model.id.removeprefix(REGIONAL)
    if name == model.id or model.is_match(name):
        yield name.rstrip("-")


def stems(model: ModelInfo) -> Iterator[str]:
    """Whole names only: `claude-opus-4@` and `claude-sonnet-4-2025` are beginnings of one."""
    for clause in clauses(model.match):
        match clause:
            case ClauseStartsWith(text) | ClauseEndsWith(text) | ClauseContains(text):
                if text[-1:].isalnum() and not HALF_A_DATE.search(text) and model.is_match(text):
                    yield text


def clauses(logic: MatchLogic) -> Iterator[MatchLogic]:
    match logic:
        case ClauseOr(parts) | ClauseAnd(parts):
            for part in parts:
                yield from clauses(part)
        case ClauseRegex():
            return  # the dated forms of names that the row also spells out
        case _:
            yield logic
