"""Cursors: where the next page of a listing begins, as text that nobody needs to understand."""

import base64

from models.errors import MAX_INTEGER, BadRequest


def written(*place: int) -> str:
    return base64.urlsafe_b64encode(".".join(map(str, place)).encode()).decode().rstrip("=")


def read(cursor: str, numbers: int) -> tuple[int, ...]:
    """The place, of so many numbers; BadRequest for what is not one of ours."""
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        place = tuple(map(int, text.split(".")))
    except ValueError:
        place = ()
    if len(place) != numbers or not all(0 <= each <= MAX_INTEGER for each in place):
        raise BadRequest("cursor is not one of ours", {"field": "cursor", "value": cursor[:80]})
    return place
