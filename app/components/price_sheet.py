"""What a model costs now: looked up by provider and model, and told with where each price comes from."""

from typing import Any

import streamlit as st

from app import pricing
from app.components import listing, markup, price_form
from app.sessions import Visit
from models.pricing.rates import COUNT, HOUR, QUOTED, TOKENS
from models.pricing.sheet import Line, Sheet, told, units
from models.usage.event import MAX_MODEL
from models.usage.text import LABEL_CHARACTERS

PROVIDER, MODEL = "looked-up-provider", "looked-up-model"
QUANTITIES = {TOKENS: "1M", COUNT: "1k", HOUR: "hour"}
REASONS = {
    "unknown_provider": "The price data knows no such provider.",
    "unknown_model": "The price data knows no such model of it.",
}


def look_up(provider: str, model: str) -> None:
    """Have the page tell of that model from its next run on."""
    st.session_state[PROVIDER], st.session_state[MODEL] = provider, model


def draw(visit: Visit, control: int) -> None:
    left, right = st.columns(2)
    provider = left.text_input(
        "Provider", key=PROVIDER, placeholder="told from the model's name", max_chars=LABEL_CHARACTERS
    )
    model = right.text_input("Model", key=MODEL, placeholder="gpt-4o", max_chars=MAX_MODEL)
    if not model.strip():
        return
    sheet = pricing.sheet(visit.workspace, control, provider.strip().lower() or None, model.strip())
    with st.container(border=True, key="looked-up", gap="small"):
        markup.draw("price_sheet", **shown(sheet))
        if visit.may("admin"):
            whose = f"of {sheet.model}"
            with st.container(horizontal=True, key="acts-looked-up"):
                st.button(listing.verb("Set a price", whose), key="price-looked-up", type="tertiary",
                          on_click=price_form.begin, args=[sheet.provider, sheet.model])  # fmt: skip


def shown(sheet: Sheet) -> dict[str, Any]:
    heads = [(unit.replace("_", " "), QUANTITIES[QUOTED[unit].per]) for unit in units(sheet)]
    return {
        "model": sheet.model, "provider": sheet.provider, "source": source(sheet), "heads": heads,
        "rows": [(label(line), [money(line.dollars.get(unit)) for unit in units(sheet)]) for line in sheet.lines],
        "cards": list(dict.fromkeys(line.identity for line in sheet.lines)),
        "history": [told(each) for each in sheet.history] if len(sheet.history) > 1 else [],
        "reason": REASONS.get(sheet.reason or "", "It has no price on this day."), "near": sheet.near,
    }  # fmt: skip


def source(sheet: Sheet) -> tuple[str, str]:
    """In a word, and its tone."""
    if not sheet.lines:
        return "no price", "warn"
    return ("your price", "good") if sheet.override else ("published", "plain")


def label(line: Line) -> str:
    """What those prices are for: `standard`, `batch over 200,000 tokens`."""
    when = f"from {line.clock} UTC" if line.clock else ""
    length = f"above {line.over:,} tokens" if line.over else ""
    return " ".join(filter(None, (line.tier or "standard", when, length)))


def money(dollars: str | None) -> str:
    """Every digit, and cents at least."""
    if dollars is None:
        return "–"
    whole, _, places = dollars.partition(".")
    return f"${int(whole):,}.{places.ljust(2, '0')}"


def in_words(sheet: Sheet) -> str:
    """The plain prices of the shortest input: `$2.50 input, $10.00 output for a million tokens`."""
    line = sheet.lines[0]
    of_tokens = [unit for unit in ("input", "output") if unit in line.dollars]
    return f"{', '.join(f'{money(line.dollars[unit])} {unit}' for unit in of_tokens)} for a million tokens"
