"""The explanation of one stored call's cost: its counts and the card that was kept with them."""

from typing import Any

from sqlalchemy import Connection

from models import price_cards
from models.pricing.cards import Card
from models.pricing.explanation import Known, explain
from models.pricing.prices import published
from models.rows import Row, tokens_in, units_in


def of(connection: Connection, row: Row) -> dict[str, Any]:
    return explain(known(row), card_of(connection, row))


def known(row: Row) -> Known:
    tokens = tokens_in(row)
    return Known(
        source=row["cost_source"],
        cost=row["cost_nano_usd"],
        input_cost=row["input_cost_nano_usd"],
        output_cost=row["output_cost_nano_usd"],
        computed=row["computed_cost_nano_usd"],
        partial=row["partial_cost_nano_usd"],
        saved=row["saved_nano_usd"],
        reason=row["unpriced_reason"],
        tokens=tokens,
        units=units_in(row),
        spared=row["tokens_avoided"] == (tokens.input or 0) + (tokens.output or 0),
    )


def card_of(connection: Connection, row: Row) -> Card | None:
    if row["price_card"] is None:
        return None
    return price_cards.kept(connection, row["price_card"]) or of_today(row)


def of_today(row: Row) -> Card | None:
    """Calls that were priced before cards were kept stand on today's table, where it still says the same."""
    asked = (row["provider"], row["model"], row["started_us"], row["input_tokens"] or 0)
    card = published().card(*asked, row["service_tier"], bool(row["batch"]))
    return card if isinstance(card, Card) and card.identity == row["price_card"] else None
