"""HTML of our own, where Streamlit's elements do not read like a page of figures. Every value is escaped: names of
endpoints and tokens are what strangers sent."""

from pathlib import Path
from typing import Any

import streamlit as st
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app import formats

HERE = Path(__file__).parent

TURNING = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])  # signs that turn the text around them


def straight(value: Any) -> Any:
    """A name must not turn the figures beside it round; letters that are read from the right still are."""
    return value.translate(TURNING) if isinstance(value, str) else value


TEMPLATES = Environment(
    loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined, finalize=straight,
    trim_blocks=True, lstrip_blocks=True, auto_reload=False,
)  # fmt: skip
TEMPLATES.filters |= {
    "money": formats.money, "exact": formats.exact, "signed_money": formats.signed_money, "count": formats.count,
    "compact_count": formats.compact_count, "percent": formats.percent, "whole_percent": formats.whole_percent,
}  # fmt: skip


def draw(template: str, **values: Any) -> None:
    st.html(TEMPLATES.get_template(f"{template}.html").render(values))
