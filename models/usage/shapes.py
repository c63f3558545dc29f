"""Flavours by name, and by the words that give them away.

Both are declared where a flavour is written. A word belongs to one shape; of several words in one object that with the
lowest rank decides, since some words are everybody's and some are one provider's alone. A few words mean something else
with some providers.
"""

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from models.usage.counted import Counted
from models.usage.raw import Raw

Flavour: TypeAlias = Callable[[Raw], Counted]
Register: TypeAlias = Callable[[Flavour], Flavour]

# Ranks of words.
FIRST, OWN, CHAT, CACHE, DETAILS, TOKENS, TOTAL = range(7)


class Shape(NamedTuple):
    rank: int
    read: Flavour


FLAVOURS: dict[str, Flavour] = {}
SHAPES: dict[str, Shape] = {}
SHAPES_OF: dict[str, dict[str, Shape]] = {}  # by provider, before those of all


def flavour(*names: str) -> Register:
    def register(read: Flavour) -> Flavour:
        FLAVOURS.update(dict.fromkeys(names, read))
        return read

    return register


def shape(*words: str, rank: int = OWN, of: tuple[str, ...] = ()) -> Register:
    """An object with one of these words is read so; `of` some providers only."""

    def register(read: Flavour) -> Flavour:
        for known in [SHAPES_OF.setdefault(provider, {}) for provider in of] or [SHAPES]:
            known.update(dict.fromkeys(words, Shape(rank, read)))
        return read

    return register


def recognised(usage: Raw, provider: str) -> Flavour | None:
    best: Shape | None = None
    own = SHAPES_OF.get(provider, {})
    for word, value in usage.items():
        found = own.get(word) or SHAPES.get(word)
        if found and value is not None and (best is None or found.rank < best.rank):
            best = found
    return best.read if best else None
