"""Source definitions: which events of a key the free plan shows.

A definition belongs to the logical key that sends, not to one that reads; rotation and revocation keep it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from models.errors import BadField
from models.pricing.names import canonical
from models.usage.text import label

PARTS = ("provider", "model", "feature")
MAX_SOURCES = 200  # of one key


@dataclass(frozen=True)
class Source:
    """Matches an event whose stated parts are equal; None matches anything."""

    provider: str | None = None
    model: str | None = None
    feature: str | None = None

    def shown(self) -> dict[str, str | None]:
        return {"provider": self.provider, "model": self.model, "feature": self.feature}


ANYTHING = Source()


def source(value: Any, field: str) -> Source:
    """A definition as sent, normalised like events: provider lower-cased, a repeated prefix dropped."""
    if not isinstance(value, dict):
        raise BadField(field, value, "an object with provider, model, feature")
    if unknown := next((name for name in value if name not in PARTS), None):
        raise BadField(f"{field}.{unknown}"[:80], value[unknown], "one of provider, model, feature", show=False)
    for part in PARTS:
        if not isinstance(value.get(part), str | None):
            raise BadField(f"{field}.{part}", value[part], "a string or null")
    provider, model, feature = (label(value.get(part)) for part in PARTS)
    provider = provider.lower() if provider else None
    model = canonical(provider, model)[1] if model else None
    return Source(provider, model, feature)


def sources(value: Any, field: str = "sources") -> list[Source]:
    if not isinstance(value, list):
        raise BadField(field, value, "an array of source definitions")
    if len(value) > MAX_SOURCES:
        raise BadField(field, value, f"at most {MAX_SOURCES} source definitions")
    return list(dict.fromkeys(source(each, f"{field}[{index}]") for index, each in enumerate(value)))


def shown(definitions: Iterable[Source]) -> list[dict[str, str | None]]:
    return [each.shown() for each in definitions]
