"""What one edition of the price data says otherwise than another, row by row. Which names a row has is not compared."""

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple, TypeAlias

from genai_prices.types import ModelInfo

from models.pricing.rates import quoted
from models.pricing.table import Row, Table
from models.pricing.timelines import quotes

Headline: TypeAlias = tuple[Decimal | None, Decimal | None]  # dollars per million tokens of input and of output


class Change(NamedTuple):
    """A row's headline in either edition, as it is at one time; None where the edition has no such row."""

    row: str
    before: Headline | None
    after: Headline | None

    @property
    def kind(self) -> str:
        return "added" if self.before is None else "removed" if self.after is None else "changed"


def changes(before: Table, after: Table, at_us: int) -> list[Change]:
    """Rows that came, went or have other prices, now or at another time, than before."""
    old, new = rows(before), rows(after)
    found = []
    for name in sorted(old.keys() | new.keys()):
        was, now = old.get(name), new.get(name)
        if was is None or now is None or priced(was) != priced(now):
            found.append(Change(name, was and headline(was, at_us), now and headline(now, at_us)))
    return found


def counted(found: list[Change]) -> dict[str, int]:
    return {kind: sum(each.kind == kind for each in found) for kind in ("added", "removed", "changed")}


def rows(table: Table) -> Mapping[str, Row]:
    return {
        f"{provider.id}/{model.id}": Row(table.source, provider.id, model, borrowed=False)
        for provider in table.providers
        for model in provider.models
    }


def priced(row: Row) -> tuple[object, object]:
    model: ModelInfo = row.model
    return model.prices, model.price_variants


def headline(row: Row, at_us: int) -> Headline:
    quote = quotes(row, "").at(at_us)
    rates = {} if isinstance(quote, str) else quote.steps[0][1]
    dollars = {unit: quoted(unit, rate) for unit, rate in rates.items()}
    return dollars.get("input"), dollars.get("output")


# -- as text ------------------------------------------------------------------------------------------------------

SHOWN = 20  # of each kind; a new edition can change hundreds


def as_text(found: list[Change]) -> list[str]:
    """A line for each, by kind; dollars per million tokens of input and output."""
    lines = []
    for kind, count in counted(found).items():
        lines.append(f"{kind}: {count} rows")
        of_kind = [each for each in found if each.kind == kind]
        lines += [f"  {each.row}  {told(each)}" for each in of_kind[:SHOWN]]
        lines += [f"  and {count - SHOWN} more"] if count > SHOWN else []
    return lines


def told(change: Change) -> str:
    said = [" / ".join(map(amount, side)) for side in (change.before, change.after) if side]
    if len(said) == 2 and said[0] == said[1]:
        return f"{said[0]}, in other prices or at other times"
    return " -> ".join(said)


def amount(dollars: Decimal | None) -> str:
    return "-" if dollars is None else f"{dollars.normalize():f}"
