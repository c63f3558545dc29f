"""Addresses: a page and what it is asked, under the names of the query API. The address is the state of a page, so
that a link shows a colleague exactly the same view. It knows no Streamlit: components read it and write it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from models.spend.dimensions import NONE

PERIOD = ("last", "from", "to")
FILTERS = (*PERIOD, "compare", "where")  # the same on each page, and carried from page to page
EXPLORED = ("group_by", "granularity", "measures", "order", "limit")  # what the query API takes besides
WORKSPACE = "workspace"  # stands in addresses of people who have several


@dataclass(frozen=True)
class Address:
    """`path` as in `View.path`; `parameters` in the order in which they stand, names repeated where they have several
    values."""

    path: str = ""
    parameters: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, path: str, parameters: Mapping[str, Iterable[str]]) -> "Address":
        return cls(path, tuple((name, value) for name, values in parameters.items() for value in values if value))

    @classmethod
    def read(cls, href: str) -> "Address":
        path, _, query = href.partition("?")
        return cls(path.strip("/"), tuple(parse_qsl(query)))

    def all(self, name: str) -> tuple[str, ...]:
        return tuple(value for each, value in self.parameters if each == name)

    def get(self, name: str, default: str = "") -> str:
        """The last of its values."""
        return next(iter(reversed(self.all(name))), default)

    def names(self, name: str) -> tuple[str, ...]:
        """Comma-separated, repeated, or both; without doubles."""
        given = (each.strip() for value in self.all(name) for each in value.split(","))
        return tuple(dict.fromkeys(each for each in given if each))

    def put(self, **values: str | Iterable[str] | None) -> "Address":
        """With these in place of what stood under their names; nothing removes a name. `from` is spelled `from_`."""
        named = {name.rstrip("_"): value for name, value in values.items()}
        kept = tuple(each for each in self.parameters if each[0] not in named)
        return Address(self.path, kept + tuple(pair for name in named for pair in pairs(name, named[name])))

    def only(self, dimension: str, *values: object) -> "Address":
        """Narrowed to these values of a dimension. Others that filters name go, since they would be or-ed with them;
        tags stay, since they are and-ed."""
        others = [each for each in self.all("where") if dimension == "tag" or each.partition(":")[0] != dimension]
        return self.put(where=dict.fromkeys([*others, *(where(dimension, value) for value in values)]))

    def without(self, stated: str) -> "Address":
        """Without that filter."""
        return self.put(where=[each for each in self.all("where") if each != stated])

    def to(self, path: str) -> "Address":
        """Another page under the same filters."""
        return Address(path, tuple(each for each in self.parameters if each[0] in (*FILTERS, WORKSPACE)))

    def asked(self, *names: str) -> tuple[tuple[str, str], ...]:
        """Of what the query API takes, what stands here under these names."""
        return tuple(each for each in self.parameters if each[0] in names)

    @property
    def query(self) -> dict[str, list[str]]:
        return {name: list(self.all(name)) for name, _ in self.parameters}

    @property
    def href(self) -> str:
        return f"/{self.path}?{urlencode(self.parameters)}" if self.parameters else f"/{self.path}"


def pairs(name: str, value: str | Iterable[str] | None) -> tuple[tuple[str, str], ...]:
    values = [value] if isinstance(value, str) else value or ()
    return tuple((name, each) for each in values if each)


def can_name(dimension: str, value: object) -> bool:
    """Whether a filter can mean this value, and no other: of tags, `|` reads as one or the other."""
    return dimension != "tag" or "|" not in str(value)


def where(dimension: str, value: object, negated: bool = False) -> str:
    """One filter, as the query API writes it. Flags are `true` and `false`."""
    text = NONE if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    return f"{dimension}{'!' if negated else ''}:{text}"
