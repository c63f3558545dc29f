"""Same thing, same colour: which colour a provider (or a model, or a team) has, on every page.

Eight colours that can be told apart with any kind of colour blindness, in a light and a dark cut of the same hue,
each with contrast 3:1 to its page. What is more than eight is `other`, and grey. tests/app/test_colours.py measures it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from zlib import crc32

MAX_SERIES = 8
OTHER = "other"


@dataclass(frozen=True)
class Colour:
    light: str
    dark: str

    @property
    def css(self) -> str:
        """For HTML; follows the page's own theme."""
        return f"light-dark({self.light}, {self.dark})"

    def on(self, theme: str) -> str:
        return self.dark if theme == "dark" else self.light


TEAL = Colour("#08625a", "#41c4af")
CLAY = Colour("#cb8545", "#fda537")
BLUE = Colour("#3960e0", "#6983ef")
PINK = Colour("#d64c98", "#d04f92")
SKY = Colour("#369cdb", "#a0dbfe")
PLUM = Colour("#633b93", "#c19ffd")
OLIVE = Colour("#717203", "#e6e48b")
BROWN = Colour("#702f04", "#bd8356")
PALETTE = (TEAL, CLAY, BLUE, PINK, SKY, PLUM, OLIVE, BROWN)
GREY = Colour("#878e99", "#7c8492")

# Those whom nearly everybody has keep the same place everywhere; all others are placed by their name.
WELL_KNOWN = {
    "openai": TEAL,
    "anthropic": CLAY,
    "google": BLUE, "gemini": BLUE, "vertex_ai": BLUE,
    "mistral": PINK,
    "azure": SKY, "azure_ai": SKY,
    "cohere": PLUM,
    "bedrock": OLIVE, "aws": OLIVE,
    "groq": BROWN,
}  # fmt: skip


NONE_KEPT: Mapping[str, Colour] = {}


def assign(names: Iterable[str], kept: Mapping[str, Colour] = NONE_KEPT) -> dict[str, Colour]:
    """A colour for each of these names, no two alike. Those of `kept` have theirs whoever stands beside them; any other
    gets its own wherever nobody of those, better known, or earlier in the alphabet has the same."""
    wanted = {*names} - {OTHER}
    given = {name: kept[name] for name in wanted if name in kept}
    for name in sorted(wanted - {*given}, key=lambda name: (name not in WELL_KNOWN, name)):
        free = [colour for colour in PALETTE if colour not in given.values()]
        own = own_colour(name)
        given[name] = own if own in free or not free else free[crc32(name.encode()) % len(free)]
    return given | {OTHER: GREY}


def own_colour(name: str) -> Colour:
    return WELL_KNOWN.get(name) or PALETTE[crc32(name.encode()) % len(PALETTE)]
