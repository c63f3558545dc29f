"""One snippet of the many, filled in, to be copied. Which one stands in the address, so that a link shows it."""

from collections.abc import Sequence

import streamlit as st

from app.components import markup
from app.snippets import Block, Snippet, Values, snippets

HIGHLIGHTED_AS = {"sh": "bash"}


def draw(values: Values) -> None:
    snippet = choose()
    for piece in snippet.pieces:
        if isinstance(piece, str):
            st.markdown(piece)
        else:
            block(piece, values)
    markup.draw("arrives", arrives=snippet.arrives)


def choose() -> Snippet:
    groups = list(dict.fromkeys(snippet.group for snippet in snippets()))
    group = st.segmented_control("What sends", groups, default=groups[0], required=True, key="via", bind="query-params")
    return one_of([snippet for snippet in snippets() if snippet.group == group])


def one_of(found: Sequence[Snippet]) -> Snippet:
    by_title = {snippet.title: snippet for snippet in found}
    titles = list(by_title)
    title = st.segmented_control("With", titles, default=titles[0], required=True, key="with", bind="query-params")
    return by_title[title]


def block(piece: Block, values: Values) -> None:
    if piece.file:
        markup.draw("file_name", name=piece.file)
    language = HIGHLIGHTED_AS.get(piece.language, piece.language)
    st.code(piece.filled(values), language=language, wrap_lines=True)
