"""HTML of our own, where Streamlit's elements do not read like a page of figures. Every value is escaped: names of
endpoints and tokens are what strangers sent."""

from pathlib import Path
from typing import Any

import streamlit as st
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app import formats

HERE = Path(__file__).parent
STYLE = HERE / "style.css"

TEMPLATES = Environment(
    loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined,
    trim_blocks=True, lstrip_blocks=True, auto_reload=False,
)  # fmt: skip
TEMPLATES.filters |= {
    "money": formats.money, "exact": formats.exact, "signed_money": formats.signed_money, "count": formats.count,
    "compact_count": formats.compact_count, "percent": formats.percent, "whole_percent": formats.whole_percent,
}  # fmt: skip


def style() -> None:
    st.html(STYLE)


def draw(template: str, **values: Any) -> None:
    st.html(TEMPLATES.get_template(f"{template}.html").render(values))
