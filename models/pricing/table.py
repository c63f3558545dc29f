"""The price table, in the form that genai-prices gives it: which of its rows is a model's, if any.

Rows are found by whole names only. The names are those that the rows themselves spell out: their ids, what they equal,
and the stems of what they match by beginning or part, which stand here for exactly that name. Nothing is fetched, and
genai-prices' own look-up, which matches beginnings and remembers every name for ever, is not used.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
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
    MatchLogic,
    ModelInfo,
    Provider,
)

from models.pricing.names import canonical
from models.pricing.providers import GATEWAYS, priced_as

# What stands before a model's name in resource names and in LiteLLM's routes.
RESOURCE = re.compile(
    r"arn:aws[^/]*/|(?:projects/[^/]+/locations/[^/]+/)?publishers/[^/]+/models/|models/|converse/|invoke/"
)
DATED = re.compile(r"[-@](20\d\d)-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])$")
VERTEX_ALIAS = re.compile(r"@(?:default|latest|\d{3})$")
REGION = re.compile(r"^(?:us|us-gov|eu|apac|au|jp|in|ca|global)\.")  # Bedrock's inference profiles
VERSIONS = {"aws": re.compile(r"-v\d+(?::\d+)?$"), "google": re.compile(r"-\d{3}$")}  # gemini-2.0-flash-001
FINE_TUNED = re.compile(r"(ft:[^:]+?)(?:-(?:0[1-9]|1[0-2])\d\d)?(?::.*)?")  # ft:base-0125:organisation:name:id
HALF_A_DATE = re.compile(r"-20\d\d$")
REGIONAL = "regional."  # begins the ids of Bedrock rows that cost 10 % more than their `global.` twins


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
        return {each.id: Shelf(named(each), tuple(each.fallback_model_providers or ())) for each in self.providers}

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
                if row and agrees(row, form, witness):
                    yield Row(self.source, owner, row, borrowed=owner != server)


@cache
def packaged() -> Table:
    """The edition that is installed."""
    return Table(f"genai-prices {version('genai-prices')}", packaged_providers)


def agrees(row: ModelInfo, form: str, witness: str | None) -> bool:
    """False for a version that the row itself does not match, and for a regional price on a global call."""
    if witness is None:
        return True
    if witness.startswith("global.") and not form.startswith("global.") and row.id.startswith(REGIONAL):
        return False
    return row.is_match(witness) or row.is_match(REGION.sub("", witness, count=1))


def forms(server: str, model: str) -> Iterator[tuple[str, str | None]]:
    """Names to look under, each with the fuller name that the row must match too where the form drops more than a date.

    In this order: as it is, its date in the table's spelling, without its date, without version, without region.
    """
    name = bare(server, model)
    yield from ((form, None) for form in dated(name))
    for local in dict.fromkeys((name, REGION.sub("", name, count=1) if server == "aws" else name)):
        yield from ((form, name) for form in dated(local) if local != name)
        if server in VERSIONS:
            yield from ((form, name) for form in dated(VERSIONS[server].sub("", local)))
    yield f"{server}/{name}", None


def dated(name: str) -> Iterator[str]:
    yield name
    if found := DATED.search(name):
        stem, (year, month, day) = name[: found.start()], found.groups()
        yield from (f"{stem}-{year}-{month}-{day}", f"{stem}-{year}{month}{day}", stem)
    elif alias := VERTEX_ALIAS.search(name):
        yield name[: alias.start()]


def bare(server: str, model: str) -> str:
    """The model's name without where it stands: resource path, repeated provider, a fine-tune's owner."""
    prefix, _, rest = model.partition("/")
    if rest and (priced_as(prefix) == server or (server, prefix) == ("google", "anthropic")):
        model = rest
    name = RESOURCE.sub("", model, count=1) if RESOURCE.match(model) else model
    tuned = FINE_TUNED.fullmatch(name)
    return tuned[1] if tuned else name


def named(provider: Provider) -> dict[str, ModelInfo]:
    """Names that rows equal go before ids, ids before stems; no two rows of the table contend for one."""
    shelf: dict[str, ModelInfo] = {}
    for spelled_out in (equals, ids, stems):
        for model in provider.models:
            for name in spelled_out(model):
                shelf.setdefault(name.lower(), model)
    return shelf


def equals(model: ModelInfo) -> Iterator[str]:
    return (clause.equals for clause in clauses(model.match) if isinstance(clause, ClauseEquals))


def ids(model: ModelInfo) -> Iterator[str]:
    yield model.id.removeprefix(REGIONAL).rstrip("-")


def stems(model: ModelInfo) -> Iterator[str]:
    """Whole names only: `claude-opus-4@` and `claude-sonnet-4-2025` are beginnings of one."""
    for clause in clauses(model.match):
        match clause:
            case ClauseStartsWith(text) | ClauseEndsWith(text) | ClauseContains(text):
                if text[-1].isalnum() and not HALF_A_DATE.search(text) and model.is_match(text):
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
