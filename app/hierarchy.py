"""Spend as a hierarchy: each level within the one above it, every subtotal exact, beside the period before. Figures in,
figures out; it asks nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from models.spend.table import Spend

Path = tuple[Any, ...]  # members from the top down
UNSAID = (None, "unknown")  # what stands where nobody said the member


@dataclass
class Branch:
    """`before` is None where the period before had nothing of it; `shown` is its path without what nobody said and
    what stands alone, where it says nothing."""

    path: Path
    cost: int = 0
    requests: int = 0
    unpriced: int = 0
    before: int | None = None
    within: dict[Any, "Branch"] = field(default_factory=dict)
    shown: Path = ()

    def child(self, member: Any) -> "Branch":
        return self.within.setdefault(member, Branch((*self.path, member)))

    def down(self) -> Iterator["Branch"]:
        """All that is within it, the dearest first, each with what is within it right below."""
        for each in sorted(self.within.values(), key=lambda each: (-each.cost, -(each.before or 0), str(each.path))):
            yield each
            yield from each.down()


def levels_of(spend: Spend) -> list[str]:
    """Of what was grouped by, what anybody said."""
    return [name for name in spend.query.group_by if any(each not in UNSAID for each in spend.rows[name].unique())]


def tree(spend: Spend, levels: Sequence[str]) -> Branch:
    """From an answer by at least these, with cost, requests and unpriced_requests, compared with the period before."""
    root = Branch(())
    for row in spend.rows.iter_rows(named=True):
        for branch in along(root, [row[name] for name in levels]):
            branch.cost += int(row["cost_nano_usd"])
            branch.requests += int(row["requests"])
            branch.unpriced += int(row["unpriced_requests"])
    for row in spend.previous.rows.iter_rows(named=True) if spend.previous else ():
        for branch in along(root, [row[name] for name in levels]):
            branch.before = (branch.before or 0) + int(row["cost_nano_usd"])
    return folded(root)


def folded(branch: Branch, above: Path = ()) -> Branch:
    """Without levels on which all that is within a branch is what nobody said."""
    branch.shown = (*above, *branch.path[-1:])
    while [*branch.within] in [[unsaid] for unsaid in UNSAID]:
        branch.within = next(iter(branch.within.values())).within
    for each in branch.within.values():
        folded(each, branch.shown)
    return branch


def along(root: Branch, members: Sequence[Any]) -> Iterator[Branch]:
    yield root
    for member in members:
        root = root.child(member)
        yield root
