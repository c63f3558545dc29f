"""Searching the request log: what somebody has pasted or remembers of a call.

An id is found at once, whenever the call was. Everything else is looked for in the calls of the period: the request id
as a whole, a piece of the error's text, of the user or of the end user, as they were sent or as they are told on some
day. Capital and small letters are the same, in ASCII: SQLite knows no others.
"""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, FromClause, or_

from models.errors import BadField
from models.spend.renames import Names

MAX_CHARACTERS = 1_024  # as long as an id may be
PIECES = ("error_str", "user", "end_user")  # of which a piece is enough


@dataclass(frozen=True)
class Search:
    text: str

    def sql(self, table: FromClause, names: Names) -> ColumnElement[bool]:
        pieces = (table.c[name].icontains(self.text, autoescape=True) for name in PIECES)
        sent = {name: names.sent_with(name, self.text) for name in names.among(PIECES)}
        told = (table.c[name].in_(sorted(values)) for name, values in sent.items() if values)
        return or_(table.c.request_id == self.text, *pieces, *told)


def read(text: str | None) -> Search | None:
    """None where nothing is searched for."""
    said = (text or "").strip()
    if len(said) > MAX_CHARACTERS or "\x00" in said:
        raise BadField("search", said, f"text of at most {MAX_CHARACTERS} characters")
    return Search(said) if said else None
