"""The tables of docs/, made from the code: `python -m tests.docs.generate` writes them between their markers.

A table stands between `<!-- table: name -->` and `<!-- end of table -->`; all other text is people's. What a table says is
said in the code already, so nothing is explained here.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from pydantic import AfterValidator
from pydantic.fields import FieldInfo

from api import openapi
from api.dialects import Dialect, Outcome, attribution, dialects
from api.main import create_app
from api.routes import events, spend
from app import snippets
from app.snippets import Snippet, Values
from jobs.demo.stories import OLDEST, STORIES, Story
from models.pricing.terms import LITELLM, OWN
from models.settings import API_PORT, Settings
from models.spend import latency
from models.spend.cubes import CUBES, dtype_of
from models.spend.dimensions import DIMENSIONS, TAG_KEY, Dimension, column_of
from models.spend.dimensions import listed as dimension_names
from models.spend.facts import HOUR
from models.spend.measures import MEASURES, SUMS, Measure
from models.spend.measures import listed as measure_names
from models.usage.flavours import FLAVOURS
from models.usage.units import BESIDE, WITHIN

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
MARKED = re.compile(r"(?P<begin><!-- table: (?P<name>\w+) -->\n).*?(?P<end><!-- end of table -->)", re.DOTALL)

KINDS = {"text": "any label", "tags": "labels, many per event"}
UNITS = {
    "nano_usd": "nano-dollars",
    "count": "calls",
    "tokens": "tokens",
    "ratio": "share or quotient",
    "ms": "milliseconds",
    "per_minute": "per minute",
}
BOUNDS = {"gt": "more than", "ge": "at least", "lt": "less than", "le": "at most"}
TAKES: dict[Any, str] = {int: "a whole number", float: "a number", Path: "a folder"}
UNUSABLE = "no://such thing"  # what every setting with a rule of its own refuses, saying what it takes
SCOPES = {"ingest": "ingest", "query": "read", "management": "admin", "health": "no key", "integrations": "no key"}


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Markdown. A bar inside a cell would end it."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


def code(*names: str) -> str:
    return ", ".join(f"`{name}`" for name in names)


# -- settings ---------------------------------------------------------------------------------------------------


def settings() -> str:
    rows = [
        [code(variable(name)), default(field), takes(field), field.description or ""]
        for name, field in Settings.model_fields.items()
    ]
    return table(["variable", "default", "takes", "meaning"], rows)


def variable(name: str) -> str:
    return f"FARTHING_{name.upper()}"


def default(field: FieldInfo) -> str:
    if isinstance(field.default, Path):
        return code(f"./{field.default}")
    return "–" if field.default == "" else code(str(field.default))


def takes(field: FieldInfo) -> str:
    rules = [rule.func for rule in field.metadata if isinstance(rule, AfterValidator)]
    bounds = [
        f"{words} {getattr(bound, name):,}"
        for bound in field.metadata
        for name, words in BOUNDS.items()
        if hasattr(bound, name)
    ]
    kind = refusal_of(rules[0]) if rules else TAKES.get(field.annotation, "text")
    return ", ".join([kind, *bounds])


def refusal_of(rule: Callable[[Any], Any]) -> str:
    try:
        rule(UNUSABLE)
    except ValueError as problem:
        return str(problem)
    raise AssertionError(f"{rule.__name__} takes {UNUSABLE!r}")


# -- what spend is made of --------------------------------------------------------------------------------------


def dimensions() -> str:
    rows = [[code(each.name), values(each), where_fast(each.name), each.meaning] for each in DIMENSIONS.values()]
    by_key = [code(f"{TAG_KEY}<key>"), KINDS["text"], where_fast("tag"), "the value of `key:value` tags with that key"]
    return table(["dimension", "values", "rolled up in", "meaning"], [*rows, by_key])


def values(dimension: Dimension) -> str:
    return code(*dimension.choices) if dimension.choices else KINDS[dimension.kind]


def where_fast(name: str) -> str:
    """The cubes that answer a question with this dimension."""
    column = column_of(name)
    found = [cube.name for cube in CUBES if column is None or column in cube.columns]
    return "all" if len(found) == len(CUBES) else code(*found)


def measures() -> str:
    rows = [
        [code(each.name), code(*columns(each)), UNITS[each.unit], adds_up(each), each.meaning]
        for each in MEASURES.values()
    ]
    return table(["measure", "in answers", "unit", "adds up", "meaning"], rows)


def columns(measure: Measure) -> list[str]:
    return [measure.column, f"{measure.name}_usd"] if measure.money else [measure.column]


def adds_up(measure: Measure) -> str:
    return "yes" if measure.additive else "no"


def made_of() -> str:
    """Which columns of the files a measure comes from."""
    rows = [[code(name), measures_of(name)] for name in SUMS]
    return table(["column of the files", "measures made of it"], rows)


def measures_of(column: str) -> str:
    return code(*(each.name for each in MEASURES.values() if column in each.needs))


def cubes() -> str:
    rows = [[code(f"cube={cube.id}"), code(*cube.columns), cube.meaning] for cube in CUBES]
    return table(["folder", "one row for each combination of", "what for"], rows)


def cube_columns() -> str:
    """What stands in the columns that cubes are grouped by."""
    found = {name: dtype_of(name) for cube in CUBES for name in cube.columns}
    rows = [[code(name), code(str(dtype)), meaning(name)] for name, dtype in found.items()]
    return table(["column", "type", "meaning"], rows)


def meaning(name: str) -> str:
    if name == HOUR:
        return "microseconds since the epoch, UTC, at which the local hour starts"
    return (
        f"its number, which grows by 1 for each {latency.GAMMA - 1:.0%}"
        if name == latency.BUCKET
        else DIMENSIONS[name].meaning
    )


# -- HTTP -------------------------------------------------------------------------------------------------------


def document() -> dict[str, Any]:
    return openapi.made(create_app(Settings(_env_file=None)).app)  # type: ignore[call-arg, arg-type]


def routes() -> str:
    operations = [
        (path, method, operation) for path, item in document()["paths"].items() for method, operation in item.items()
    ]
    operations.sort(key=lambda each: [*SCOPES].index(each[2]["tags"][0]))
    rows = [
        [code(f"{method.upper()} {path}"), scope(path, operation), success(operation), does(operation)]
        for path, method, operation in operations
    ]
    return table(["route", "key", "answers", "does"], rows)


def scope(path: str, operation: dict[str, Any]) -> str:
    dialect = dialects().get(path)
    return "ingest, or each event's own" if dialect and dialect.event_keys else SCOPES[operation["tags"][0]]


def does(operation: dict[str, Any]) -> str:
    said: str = operation.get("description") or operation["summary"]
    return said.rstrip(".")


def success(operation: dict[str, Any]) -> str:
    return next(status for status in operation["responses"] if status.startswith("2"))


def spend_parameters() -> str:
    return parameters(spend.PARAMETERS)


def events_parameters() -> str:
    return parameters(events.PARAMETERS)


def parameters(listed: list[dict[str, Any]]) -> str:
    return table(["parameter", "takes"], [[code(each["name"]), described(each)] for each in listed])


def described(parameter: dict[str, Any]) -> str:
    said: str = parameter["description"]
    for there_are, page in ((dimension_names(), "dimensions"), (measure_names(), "measures")):
        said = said.replace(there_are, f"[{page}]({page}.md)").replace(f"{page}: [", "[")
    choices, most = parameter["schema"].get("enum"), parameter["schema"].get("maximum")
    return said + (f": {code(*choices)}" if choices else f", at most {most:,}" if most else "")


def doors() -> str:
    return table(["door", "takes", "answers", "a bad event"], [door(each) for each in dialects().values()])


def door(dialect: Dialect) -> list[str]:
    status, _ = dialect.answer(Outcome(["id"], []))
    if dialect.batching_client:
        bad = f"{status}, named in `rejected`"
    else:
        bad = "400" if dialect.single else f"{status}, named in `rejected`; 400 where all are bad"
    return [code(f"POST {dialect.path}"), dialect.summary, str(status), bad]


def attributes() -> str:
    """Where each attribute is looked for."""
    rows = [[code(name), ", ".join(place(*each) for each in places)] for name, places in attribution.PLACES.items()]
    return table(["attribute", "looked for in this order"], rows)


def place(scope: str, key: str) -> str:
    if scope == "headers":
        return f"header `{key.title()}`"
    folders = {
        "requester": "metadata.requester_metadata.",
        "metadata": "metadata.",
        "spend_logs": "metadata.spend_logs_metadata.",
        "parameters": "model_parameters.",
        "event": "",
    }
    return code(folders[scope] + key)


def flavours() -> str:
    return code(*FLAVOURS) + ".\n"


# -- the demo ---------------------------------------------------------------------------------------------------


def stories() -> str:
    rows = [[each.name, code(each.company), days_of(each), each.says, code(each.question)] for each in STORIES]
    return table(["story", "workspace", "days before today", "what happens", "`/api/v1/spend?` …"], rows)


def days_of(story: Story) -> str:
    if (story.since, story.until) == (OLDEST, 0):
        return "always"
    if story.since == story.until:
        return str(story.since)
    return f"{story.since} to {story.until}" if story.until else f"from {story.since} on"


# -- writing ----------------------------------------------------------------------------------------------------

# -- prices -----------------------------------------------------------------------------------------------------


def price_words() -> str:
    rows = [[code(word), code(*of_litellm(each.unit)) or "–", priced(each.unit)] for word, each in OWN.items()]
    return table(["word", "LiteLLM's word, for one", "what it prices"], rows)


def of_litellm(unit: str) -> list[str]:
    return [word for word, each in LITELLM.items() if each.unit == unit]


def priced(unit: str) -> str:
    if unit in BESIDE:
        return BESIDE[unit]
    of_whole = WITHIN.get(unit)
    return f"the part of `{of_whole}` that is {unit.rpartition('_')[2]}" if of_whole else f"the token class `{unit}`"


# -- snippets ---------------------------------------------------------------------------------------------------


def litellm_sdk() -> str:
    return fenced(snippets.named("litellm-sdk"))


def litellm_proxy() -> str:
    return fenced(snippets.named("proxy-yaml"))


def fenced(snippet: Snippet) -> str:
    """All that is to be pasted, as the Connect page shows it before there is a key."""
    values = Values(f"http://127.0.0.1:{API_PORT}", "fth_live_…", now_us=0)
    return "\n".join(f"```{block.language}\n{block.filled(values)}\n```\n" for block in snippet.blocks)


def connections() -> str:
    return table(
        ["what sends", "with", "what to know"],
        [[each.group, each.title, " ".join(str(each.pieces[0]).split())] for each in snippets.snippets()],
    )


TABLES: dict[str, Callable[[], str]] = {
    each.__name__: each
    for each in (
        settings, dimensions, measures, made_of, cubes, cube_columns,
        routes, spend_parameters, events_parameters, doors, attributes, flavours, price_words, stories,
        litellm_sdk, litellm_proxy, connections,
    )
}  # fmt: skip


def pages() -> list[Path]:
    return [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]


def filled(text: str) -> str:
    """The page with its tables as the code has them now."""
    return MARKED.sub(lambda found: f"{found['begin']}{TABLES[found['name']]()}{found['end']}", text)


def main() -> None:
    for page in pages():
        before = page.read_text(encoding="utf-8")
        after = filled(before)
        if after != before:
            page.write_text(after, encoding="utf-8")
            print(f"written: {page.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
