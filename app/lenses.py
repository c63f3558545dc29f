"""Lenses: spend seen by one dimension. A lens is one declaration here; app/views/lenses.py draws them all alike, each
with the parts that only it has."""

from collections.abc import Callable
from dataclasses import dataclass

from app.address import Address
from app.data import Seen
from app.drilldown import ORGANISATION
from app.parts import (
    cache_candidates,
    cache_members,
    cache_savings,
    end_users,
    models_prices,
    models_sections,
    organisation,
    tokens_pace,
)
from app.sessions import Visit
from models.spend.measures import MEASURES, Measure

Part = Callable[[Visit, Seen, Address], None]


@dataclass(frozen=True)
class Lens:
    """`members` are what its dimension's values are called, `says` is the question that it answers, `about` the
    measure of its total, shares and trends, an amount of money; `measures` are the columns beside it. Its parts are
    drawn below, in this order; `own` are their parameters in the address."""

    path: str
    dimension: str
    members: str
    says: str
    about: str = "cost"
    measures: tuple[str, ...] = ("requests", "error_rate")
    parts: tuple[Part, ...] = ()
    own: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        return self.path.capitalize()

    @property
    def measure(self) -> Measure:
        return MEASURES[self.about]

    @property
    def order(self) -> str:
        """Of its members, where the address says nothing: the largest first."""
        return f"-{self.about}"


LENSES = (
    Lens("providers", "provider", "providers", "Who is paid, and how much of it goes to one of them."),
    Lens("endpoints", "endpoint", "endpoints", "Which part of the application spends it."),
    Lens("tokens", "token", "tokens", "Who calls, and which client hammers.", parts=(tokens_pace.draw,)),
    Lens(
        "models", "model", "models", "What each model costs, how well it answers, and what another would cost.",
        parts=(models_prices.draw, models_sections.draw), own=models_sections.OWN,
    ),
    Lens(
        "cache", "endpoint", "endpoints", "What caches spare, and where they could spare more.", about="cache_saved",
        measures=("saved", "prompt_cache_saved", "cache_hit_rate", "cost"),
        parts=(cache_savings.draw, cache_members.draw, cache_candidates.draw), own=(cache_members.BY,),
    ),
    Lens(
        "teams", "team", "teams", "Which team spends it, on which agents and features.",
        parts=(organisation.part(*ORGANISATION), end_users.draw),
    ),
    Lens(
        "departments", "department", "departments", "Which department spends it.",
        parts=(organisation.part(*ORGANISATION),),
    ),
    Lens(
        "agents", "agent", "agents", "Which agent spends it, on what.",
        parts=(organisation.part("agent", "feature"),),
    ),
)  # fmt: skip
