"""What a re-pricing changes, or has changed: calls and money by model, exact, and in the words of a table."""

from dataclasses import dataclass, field
from typing import Any

from models.money import exact_usd
from models.rows import Row

# What is read of a row on either side of a change.
COMPARED = ("provider", "model", "cost_nano_usd", "saved_nano_usd", "cost_source")
HEADINGS = ("provider", "model", "events", "old USD", "new USD", "difference", "unpriced", "saved")
NUMBERS = slice(2, None)  # the headings whose columns hold numbers


@dataclass
class Change:
    """Calls that are told otherwise. A cost that is not known is in no sum, and is counted instead."""

    events: int = 0
    old: int = 0  # nano-dollars, as are the rest
    new: int = 0
    unpriced_before: int = 0
    unpriced_after: int = 0
    saved: int = 0  # what response caching spared: the difference

    @property
    def difference(self) -> int:
        return self.new - self.old

    def add(self, old: Row, new: Row) -> None:
        self.events += 1
        self.old += old["cost_nano_usd"] or 0
        self.new += new["cost_nano_usd"] or 0
        self.unpriced_before += old["cost_source"] == "unpriced"
        self.unpriced_after += new["cost_source"] == "unpriced"
        self.saved += new["saved_nano_usd"] - old["saved_nano_usd"]

    def shown(self) -> dict[str, int]:
        return {
            "events": self.events,
            "old_cost_nano_usd": self.old,
            "new_cost_nano_usd": self.new,
            "difference_nano_usd": self.difference,
            "unpriced_before": self.unpriced_before,
            "unpriced_after": self.unpriced_after,
            "saved_difference_nano_usd": self.saved,
        }

    def cells(self) -> tuple[str, ...]:
        unpriced = f"{self.unpriced_before:,} → {self.unpriced_after:,}"
        return (
            f"{self.events:,}", amount(self.old, self.unpriced_before == self.events),
            amount(self.new, self.unpriced_after == self.events), signed(self.difference), unpriced, signed(self.saved),
        )  # fmt: skip


@dataclass
class Repriced:
    """All of it, and by provider and model."""

    totals: Change = field(default_factory=Change)
    models: dict[tuple[str | None, str | None], Change] = field(default_factory=dict)

    def add(self, old: Row, new: Row) -> None:
        self.totals.add(old, new)
        self.models.setdefault((old["provider"], old["model"]), Change()).add(old, new)

    def sorted(self) -> list[tuple[tuple[str | None, str | None], Change]]:
        """What weighs most first; ties by name."""
        return sorted(self.models.items(), key=lambda each: (-abs(each[1].difference), *map(str, each[0])))

    def shown(self) -> dict[str, Any]:
        rows = [{"provider": who, "model": what} | change.shown() for (who, what), change in self.sorted()]
        return {"rows": rows, "totals": self.totals.shown()}

    def table(self) -> str:
        if not self.totals.events:
            return "no event costs anything else"
        rows = [(who or "(none)", what or "(none)", *change.cells()) for (who, what), change in self.sorted()]
        return aligned([HEADINGS, *rows, ("all", "", *self.totals.cells())])


def aligned(rows: list[tuple[str, ...]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lefts = len(HEADINGS[: NUMBERS.start])
    cells = [
        [
            cell.ljust(width) if index < lefts else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        for row in rows
    ]
    return "\n".join("  ".join(row).rstrip() for row in cells)


def amount(nano: int, unknown: bool) -> str:
    return "unpriced" if unknown else exact_usd(nano)


def signed(nano: int) -> str:
    return f"+{exact_usd(nano)}" if nano > 0 else exact_usd(nano)
