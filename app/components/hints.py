"""Insights on screen: an amount, a sentence, a link to where more of it is to be seen, and what was assumed."""

from app import formats
from app.address import Address
from app.components import markup
from models.insights import Count, Insight, Money, Name, Part, Share


def draw(found: tuple[Insight, ...], here: Address) -> None:
    markup.draw("hints", rows=[(each, leads(each, here), [said(part) for part in each.says]) for each in found])


def leads(insight: Insight, here: Address) -> str:
    there = here.to(insight.page)
    for dimension in dict.fromkeys(name for name, _ in insight.where):
        there = there.only(dimension, *(value for name, value in insight.where if name == dimension))
    return there.put(**dict(insight.asks)).href


def said(part: Part) -> tuple[str, str]:
    """How a part is written, and all of it."""
    match part:
        case Money(nano):
            return formats.money(nano), formats.exact(nano)
        case Share(ratio):
            return formats.whole_percent(ratio), formats.percent(ratio)
        case Count(number):
            return formats.count(number), ""
        case Name(text):
            return text, text
    return part, ""
