"""Names: which values are told as others, since when and by whom; values that look alike, and one button that merges
them."""

from functools import partial
from typing import Any

import streamlit as st

from app import data, deeds, formats, naming
from app.components import asking, listing, live, markup
from app.components import naming as form
from app.data import Seen
from app.naming import Merge
from app.sessions import Visit
from app.views import View
from models import names
from models.accounts.workspaces import WorkspaceInfo
from models.names import Kept

SAYS = (
    "Values that are told as others: on every page, in every answer and in every file, for what is stored and what "
    "comes. Events keep what they came with, so each can be taken back, and no total changes by it."
)
NOTHING = "Every value is told as it was sent."
ALIKE = "Likely the same, by the values of the last 90 days. Nothing is merged that you do not merge."
CERTAIN = "they differ in case, accents or separators only"
LIKELY = "they differ in one letter at most, beside case, accents and separators"


def page(visit: Visit) -> None:
    live.attend(visit, data.control())
    markup.draw("title", title="Names", says=SAYS)
    seen = data.seen(visit.workspace)
    arrive(visit)
    if visit.may("admin"):
        st.button("Rename or merge", key="new-name", type="primary", icon=":material/add:", on_click=form.begin)
        form.draw(visit, seen)
    in_force(visit, seen)
    suggested(visit, seen)


def arrive(visit: Visit) -> None:
    """An address that names two values has the form filled in, once."""
    about = [st.query_params.pop(each, "") for each in ("dimension", "name", "becomes")]
    if any(about) and visit.may("admin"):
        form.begin(*about)


def in_force(visit: Visit, seen: Seen) -> None:
    found = naming.kept(visit.workspace, data.control())
    if not found:
        markup.draw("note", text=NOTHING)
    for each in listing.shown("names", found, searchable):
        with listing.row(each.id):
            with listing.told(each.id):
                markup.draw("name", **told(each, visit.workspace))
            if visit.may("admin"):
                form.take_back(visit, seen, each)


def told(kept: Kept, workspace: WorkspaceInfo) -> dict[str, Any]:
    rename = kept.rename
    return {"dimension": rename.dimension, "name": rename.name, "becomes": rename.becomes, "days": days(kept),
            "author": deeds.who(kept.author), "at": formats.moment(kept.created_us, workspace.timezone)}  # fmt: skip


def days(kept: Kept) -> str:
    shown = names.shown(kept)
    stated = [f"{word} {shown[word_of]}" for word, word_of in (("from", "from"), ("until", "to")) if shown[word_of]]
    return " ".join(stated) or "always"


def searchable(kept: Kept) -> str:
    return f"{kept.rename.dimension} {kept.rename.name} {kept.rename.becomes} {kept.author}"


# -- look-alikes --------------------------------------------------------------------------------------------------


def suggested(visit: Visit, seen: Seen) -> None:
    found = naming.merges(visit.workspace, seen)
    if not found:
        return
    markup.draw("part", title="Look-alikes", says=ALIKE)
    for each in listing.shown("look-alikes", found, lambda each: " ".join((each.dimension, *each.names, each.becomes))):
        alike(visit, each)


def alike(visit: Visit, each: Merge) -> None:
    key = f"{each.dimension}-{each.becomes}"
    with listing.row(f"alike-{key}"):
        with listing.told(f"alike-{key}"):
            markup.draw("merge", dimension=each.dimension, names=each.names, becomes=each.becomes, spend=each.spend,
                        says=CERTAIN if each.certain else LIKELY)  # fmt: skip
        pressed = visit.may("admin") and merged(each, key)
    if pressed and asking.attempt(partial(form.merge, visit, each)):
        st.rerun()


def merged(each: Merge, key: str) -> bool:
    with listing.verbs(f"alike-{key}"):
        label = listing.verb("Merge", f"{', '.join(each.names)} into {each.becomes}")
        return st.button(label, key=f"merge-{key}", type="tertiary")


VIEW = View("names", "Names", page, order=76, group="Workspace")
