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
    "money": formats.money, "count": formats.count, "percent": formats.percent, "compact_count": formats.compact_count,
}  # fmt: skip


def style() -> None:
    st.html(STYLE)


def draw(template: str, **values: Any) -> None:
    st.html(TEMPLATES.get_template(f"{template}.html").render(values))
