"""Look-alikes: values of one dimension that likely mean the same, such as `eng` and `Eng`, `front-end` and `front_end`,
`engineering` and `enginering`. They are suggestions: nothing is merged that nobody has merged.

Names that merely count up are never alike: `user-1` and `user-2`, `gpt-4` and `gpt-4o`. Work has a bound, whatever
senders call things.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

MAX_VALUES = 2_000  # looked at, those with most spend first
MAX_LOOKED_AT = 64  # characters of a name in which a slip is looked for
LEAST_WORD = 5  # characters of the shorter word: among short words most are other words
SEPARATORS = re.compile(r"[\s_.\-]+")
WORDS = re.compile(r"([\s_.\-/:@]+)")

Words = tuple[str, ...]


@dataclass(frozen=True)
class Pair:
    """The first, with less spend, likely means the second. `certain` is where they differ in nothing but case, accents
    and separators."""

    name: str
    becomes: str
    spend: int  # of the first
    certain: bool


def pairs(spend: Mapping[str, int]) -> list[Pair]:
    """The best first: certain ones, then those with most spend. No name stands twice as the one that is merged, and
    none is merged into one that is itself merged."""
    largest_first = sorted(spend, key=lambda name: (-spend[name], name))[:MAX_VALUES]
    into = dict(same(largest_first))
    into |= dict(slips([name for name in largest_first if name not in into]))
    found = [Pair(name, becomes := last(into, name), spend[name], bare(name) == bare(becomes)) for name in into]
    return sorted(found, key=lambda pair: (not pair.certain, -pair.spend, pair.name))


def last(into: Mapping[str, str], name: str) -> str:
    """Each is merged into a larger one: there is an end."""
    while name in into:
        name = into[name]
    return name


# -- the same but for how it is written ---------------------------------------------------------------------------


def same(largest_first: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each with the largest that is written alike."""
    largest: dict[str, str] = {}
    for name in largest_first:
        form = bare(name)
        if form and largest.setdefault(form, name) != name:
            yield name, largest[form]


def bare(name: str) -> str:
    """Without case, accents and separators; what stands between two digits parts two numbers, and stays."""
    plain = unicodedata.normalize("NFKD", name).casefold().strip().rstrip("/")
    letters = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return SEPARATORS.sub(between, letters)


def between(found: re.Match[str]) -> str:
    before, after = found.string[: found.start()][-1:], found.string[found.end() :][:1]
    return "." if before.isdigit() and after.isdigit() else ""


# -- a slip of the pen --------------------------------------------------------------------------------------------


def slips(largest_first: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each with the largest that differs in one letter of one word.

    Two such names become one when a letter is left out of that word in one of them, or in both: each is looked up by
    what is left."""
    largest: dict[Words, str] = {}
    for name in largest_first:
        words = words_of(name)
        left = list(leavings(words))
        found = next((each for key in left if (each := largest.get(key)) and slipped(words, words_of(each))), None)
        if found:
            yield name, found
        for key in left:
            largest.setdefault(key, name)


def words_of(name: str) -> Words:
    """Words and what parts them. Addresses of people are alike by chance."""
    looked_at = len(name) <= MAX_LOOKED_AT and "@" not in name
    return tuple(WORDS.split(name.casefold().strip())) if looked_at else ()


def leavings(words: Words) -> Iterator[Words]:
    yield words
    for place, word in enumerate(words):
        if may_slip(word):
            for at in range(1, len(word)):
                yield (*words[:place], word[:at] + word[at + 1 :], *words[place + 1 :])


def may_slip(word: str) -> bool:
    return len(word) >= LEAST_WORD and word.isalpha()


def slipped(one: Words, other: Words) -> bool:
    """Whether they differ in one word, and there by one letter or by two that changed places."""
    different = [pair for pair in zip(one, other, strict=False) if pair[0] != pair[1]]
    return len(one) == len(other) and len(different) == 1 and near(*different[0])


def near(one: str, other: str) -> bool:
    if not (may_slip(one) and may_slip(other)) or one[0] != other[0]:
        return False
    short, long = sorted((one, other), key=len)
    at = next((place for place, letter in enumerate(short) if letter != long[place]), len(short))
    if len(short) < len(long):
        return short[at:] == long[at + 1 :]
    swapped = short[at : at + 2] == long[at : at + 2][::-1] and short[at + 2 :] == long[at + 2 :]
    return swapped or short[at + 1 :] == long[at + 1 :]
