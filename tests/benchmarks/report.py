"""What a run found: a table for people, a JSON file with every turn, and a line of history.

The target is the first of those that Farthing has set itself; a missed one is said, and fails nothing.
"""

import json
import os
import platform
import re
import sqlite3
import subprocess
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tests.benchmarks.benchmark import AtLeast, Line, Turns

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "bench-results"
PAGE = ROOT / "docs" / "performance.md"
RECORDED = r"(?<=<!-- figures: {} -->\n).*?(?=<!-- end of figures -->)"
HEADINGS: dict[str, Literal["left", "right"]] = {
    "benchmark": "left",
    "measured": "left",
    "Farthing": "right",
    "against": "left",
    "": "right",
    "ratio": "right",
    "target": "right",
    "verdict": "left",
}
VERDICTS = {True: Text("met", "green"), False: Text("missed", "bold red"), None: Text("")}


@dataclass
class Report:
    quick: bool
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    lines: list[Line] = field(default_factory=list)
    turns: dict[str, Turns] = field(default_factory=dict)

    def print(self, console: Console) -> None:
        table = Table(title="Medians" + (" of a short run: look, don't quote" if self.quick else ""))
        for heading, side in HEADINGS.items():
            table.add_column(heading, justify=side, no_wrap=True)
        for line in self.lines:
            table.add_row(*cells(line))
        console.print(table)

    def write(self) -> Path:
        """Everything into a file of its own, the gist into the history."""
        about = {"at": f"{self.at:%Y-%m-%dT%H:%M:%SZ}", "quick": self.quick, "commit": commit()}
        file = RESULTS / f"{self.at:%Y-%m-%dT%H%M%SZ}.json"
        found = {"machine": machine(), "lines": [told(line) for line in self.lines], "turns": self.turns}
        file.write_text(json.dumps(about | found, indent=1) + "\n")
        with (RESULTS / "history.jsonl").open("a") as history:
            history.write(json.dumps(about | {"found": gist(self.lines)}) + "\n")
        return file

    def record(self, name: str) -> None:
        """Put the table in its place in docs/performance.md."""
        told = machine()
        about = f"{self.at:%Y-%m-%d}{', a short run' if self.quick else ''}, at `{commit()}`: {told['cores']} cores, "
        about += f"load {told['load_5_min']:.1f}, Python {told['python']}, SQLite {told['sqlite']}.\n\n"
        rows = [list(HEADINGS), ["---"] * len(HEADINGS), *([str(cell) for cell in cells(line)] for line in self.lines)]
        table = "".join(f"| {' | '.join(row)} |\n" for row in rows)
        place = re.compile(RECORDED.format(name), re.DOTALL)
        PAGE.write_text(place.sub(lambda _: about + table, PAGE.read_text(), count=1))


def cells(line: Line) -> list[str | Text]:
    asked = line.comparison
    return [
        line.benchmark,
        asked.figure,
        amount(line.ours, line),
        asked.against or "",
        "" if line.theirs is None else amount(line.theirs, line),
        "" if line.ratio is None else f"{line.ratio:.3g} ×",
        target(line),
        VERDICTS[line.met],
    ]


def amount(value: float, line: Line) -> str:
    return f"{value:,.{line.comparison.digits}f}"


def target(line: Line) -> str:
    asked = line.comparison.target
    if asked is None:
        return ""
    sign = "≥" if isinstance(asked, AtLeast) else "≤"
    return f"{sign} {asked.bound:g}{' ×' if line.comparison.against else ''}"


def told(line: Line) -> dict[str, Any]:
    asked = line.comparison
    about = {"benchmark": line.benchmark, "measured": asked.figure, "against": asked.against}
    bound = asked.target.bound if asked.target else None
    return about | {"ours": line.ours, "theirs": line.theirs, "ratio": line.ratio, "target": bound, "met": line.met}


def gist(lines: list[Line]) -> dict[str, float]:
    """Ratios, for figures drift with the machine; the figure itself where there is no yardstick."""
    return {name(line): round(line.ours if line.ratio is None else line.ratio, 4) for line in lines}


def name(line: Line) -> str:
    against = line.comparison.against
    return f"{line.benchmark}: {line.comparison.figure}" + (f" against {against}" if against else "")


def commit() -> str | None:
    """What was measured, as far as git knows it."""
    asked = ["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"]
    try:
        return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None


def machine() -> dict[str, Any]:
    """What the figures depend on beside the code; the load says how much of it was others' work."""
    load = os.getloadavg()[1] if hasattr(os, "getloadavg") else None
    versions = {"python": platform.python_version(), "sqlite": sqlite3.sqlite_version}
    return {"cores": os.cpu_count(), "system": platform.platform(), "load_5_min": load, **versions}
