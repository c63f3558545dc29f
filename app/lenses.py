"""Lenses: spend seen by one dimension. A lens is one declaration here; app/views/lenses.py draws them all alike, each
with the parts that only it has."""

from collections.abc import Callable
from dataclasses import dataclass

from app.address import Address
from app.data import Seen
from app.sessions import Visit

Part = Callable[[Visit, Seen, Address], None]


@dataclass(frozen=True)
class Lens:
    """`path` is also the name of its members, many of them; `says` is the question that it answers."""

    path: str
    dimension: str
    says: str
    parts: tuple[Part, ...] = ()

    @property
    def title(self) -> str:
        return self.path.capitalize()


LENSES = (
    Lens("providers", "provider", "Who is paid, and how much of it goes to one of them."),
    Lens("endpoints", "endpoint", "Which part of the application spends it."),
    Lens("tokens", "token", "Who calls, and which client hammers."),
    Lens("models", "model", "What each model costs, how well it answers, and what another would cost."),
    Lens("cache", "endpoint", "What caches spare, and where they could spare more."),
    Lens("teams", "team", "Which team spends it, on which agents and features."),
    Lens("departments", "department", "Which department spends it."),
    Lens("agents", "agent", "Which agent spends it."),
)
