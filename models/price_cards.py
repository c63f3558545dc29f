"""The cards that computed amounts stand on, kept beside the events: written with the first of them, never changed."""

from collections.abc import Iterable

from sqlalchemy import Connection, insert, select

from models.pricing.cards import Card
from models.tables import PriceCard, table

CARDS = table(PriceCard)


def keep(connection: Connection, used: Iterable[Card]) -> None:
    """Store those that are not stored yet; in the transaction that stores their events."""
    cards = {card.identity: card for card in used}
    if not cards:
        return
    there = known(connection, tuple(cards))
    new = [{"identity": name, "card": card.stored()} for name, card in cards.items() if name not in there]
    if new:
        connection.execute(insert(CARDS), new)


def known(connection: Connection, identities: tuple[str, ...]) -> set[str]:
    """Asked in each commit, so without the toolkit's way of asking, which takes ten times as long."""
    places = ", ".join("?" * len(identities))
    asked = f"SELECT identity FROM {CARDS.name} WHERE identity IN ({places})"
    return set(connection.exec_driver_sql(asked, identities).scalars())


def kept(connection: Connection, identity: str) -> Card | None:
    found = connection.execute(select(CARDS.c.card).where(CARDS.c.identity == identity)).scalar()
    return None if found is None else Card.of(found)
