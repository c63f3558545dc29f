"""A line below a table: which of its values look alike, and the way to merge them."""

from collections.abc import Mapping

from app.address import WORKSPACE, Address
from app.components import markup
from app.sessions import Visit
from models.spend import lookalikes
from models.spend.lookalikes import Pair
from models.spend.renames import RENAMABLE

NAMED = 3  # pairs


def draw(visit: Visit, dimension: str, spend: Mapping[str, int]) -> None:
    """Of the values of one dimension, with what they cost."""
    found = alike(visit, dimension, spend)
    if found:
        links = [(pair.name, pair.becomes, address(visit, dimension, pair).href) for pair in found[:NAMED]]
        markup.draw("lookalikes", pairs=links, more=len(found) - len(links), names=page(visit).href)


def alike(visit: Visit, dimension: str, spend: Mapping[str, int]) -> list[Pair]:
    """None of a dimension that keeps its names, and none for those who may not merge."""
    return lookalikes.pairs(spend) if dimension in RENAMABLE and visit.may("admin") else []


def address(visit: Visit, dimension: str, pair: Pair) -> Address:
    """The page Names with the form filled in."""
    return page(visit).put(dimension=dimension, name=pair.name, becomes=pair.becomes)


def page(visit: Visit) -> Address:
    return Address("names").put(**{WORKSPACE: visit.workspace.name if len(visit.viewer.workspaces) > 1 else None})
