"""The filter bar: which events a page is about. It is the same on every page of figures and stands in the address
under the names of the query API; what is chosen goes with its reader from page to page."""

from collections.abc import Callable
from datetime import date, timedelta

import streamlit as st

from app import figures, questions, spans
from app.address import FILTERS, PERIOD, WORKSPACE, Address, can_name, where
from app.components import markup
from app.components.listing import plain
from app.data import Seen
from app.sessions import Visit
from models.errors import BadRequest, FarthingError
from models.periods import now_us
from models.spend.dimensions import DIMENSIONS, TAG_KEY
from models.spend.query import DEFAULT_LAST

REMEMBERED = "filters"  # what was chosen last
CUSTOM = "custom"
PERIODS = {
    "1h": "Last hour", "24h": "Last 24 hours", "7d": "Last 7 days", "30d": "Last 30 days", "90d": "Last 90 days",
    "365d": "Last 365 days", "month": "This month", "before": "Last month", CUSTOM: "From … to …",
}  # fmt: skip
SOURCES = {"litellm": "LiteLLM", "rest": "REST", "otlp": "OpenTelemetry", "import": "Import"}
FILTERABLE = [name for name in DIMENSIONS if name not in ("source", "workspace", "tags")]
EARLIEST = date(2000, 1, 1)  # day that there is to choose, where the address names none before it
NO_LONGER = 40  # characters of a value on a chip


def draw(visit: Visit, seen: Seen, path: str, *own: str, compares: bool = True) -> Address:
    """The address of the page as it stands after it; `own` are the page's parameters besides the filters. Where a page
    compares whatever is chosen, that is no choice."""
    several = len(visit.viewer.workspaces) > 1  # whose address names theirs, and no other
    here = read(path, own).put(workspace=visit.workspace.name if several else None)
    with st.container(key="filters", gap="small"):
        with st.container(horizontal=True, vertical_alignment="bottom", key="filter-bar"):
            choose_period(here, seen)
            if compares:
                st.checkbox(
                    "Compare", key=shown("compare", here.get("compare") == "previous"), on_change=change,
                    args=[here, compared], help="With the period of the same length before",
                )  # fmt: skip
            choose_source(here)
            add_filter(visit, seen, here)
        chips(here)
        st.session_state[REMEMBERED] = spanned(visit, here)
    return here


def spanned(visit: Visit, here: Address) -> Address:
    """The same, once it can be asked, with the days that it is about and whose clocks they go by. BadRequest says what
    is wrong; the bar stands above it, for mending, and no other page gets it."""
    found = questions.parse(visit.workspace, here.asked(*FILTERS), now_us())
    markup.draw("filter_span", span=spans.exactly(found.period), timezone=visit.workspace.timezone,
                before=spans.exactly(found.period.previous()) if found.compare else "")  # fmt: skip
    return here


# -- the address --------------------------------------------------------------------------------------------------


def read(path: str, own: tuple[str, ...] = ()) -> Address:
    """What stands in the browser's address line."""
    names = (*FILTERS, WORKSPACE, *own)
    return Address.of(path, {name: st.query_params.get_all(name) for name in names if name in st.query_params})


def carried(visit: Visit, on_page: bool) -> Address:
    """The filters that links of the menu take along: those of the page, of one without a filter bar those that were
    chosen last. What can't be asked is left behind."""
    found = read("") if on_page else st.session_state.get(REMEMBERED, Address())
    try:
        questions.parse(visit.workspace, found.asked(*FILTERS), now_us())
    except BadRequest:
        return Address()
    return Address("", found.asked(*FILTERS))


def write(address: Address) -> None:
    """Put it in the browser's address line; what stands there of others stays."""
    st.query_params.from_dict(address.query)


def change(here: Address, changed: Callable[..., Address], *more: object) -> None:
    """What a widget does when somebody has changed it: to the address as it is by then, for the page that they see may
    have been drawn from the one before."""
    stands = {name: st.query_params.get_all(name) for name in st.query_params}
    write(changed(Address.of(here.path, stands), *more))


def shown(name: str, value: object) -> str:
    """The key of a widget, which shows what the address says, whatever was chosen in it before."""
    st.session_state[name] = value
    return name


# -- period -------------------------------------------------------------------------------------------------------


def choose_period(here: Address, seen: Seen) -> None:
    chosen = named_period(here, seen.today)
    st.selectbox(
        "Period", list(dict.fromkeys([*PERIODS, chosen])), key=shown("period", chosen), width=170,
        format_func=called,
        on_change=lambda: change(here, with_period, st.session_state["period"], seen.today),
    )  # fmt: skip
    if chosen == CUSTOM:
        first, last = days(here)
        st.date_input(
            "Days", key=shown("days", (first, last)), width=230, format="YYYY-MM-DD", min_value=min(first, EARLIEST),
            max_value=max(last, seen.today), on_change=lambda: change(here, with_days, st.session_state["days"]),
        )  # fmt: skip


def named_period(here: Address, today: date) -> str:
    """One of those that there are to choose from, or what the address says instead: `from/to` of times."""
    start, end = here.get("from"), here.get("to")
    if start or end:
        months = (each for each in ("month", "before") if month(each, today) == (start, end))
        return next(months, CUSTOM if whole_days(start, end) else f"{start}/{end}")
    return here.get("last", DEFAULT_LAST)


def whole_days(*moments: str) -> bool:
    try:
        return all(date.fromisoformat(each).isoformat() == each for each in moments)
    except ValueError:
        return False


def called(name: str) -> str:
    """`Last 45d`, `From 2026-06-01T12:00:00Z to 2026-06-01T14:00:00Z`."""
    start, slash, end = name.partition("/")
    if slash:
        return f"From {start} to {end}" if end else f"Since {start}"
    return PERIODS.get(name, f"Last {name}")


def month(name: str, today: date) -> tuple[str, str]:
    """First day and end of this month so far, or of the one before."""
    first = today.replace(day=1)
    before = (first - timedelta(days=1)).replace(day=1)
    start, end = (first, today + timedelta(days=1)) if name == "month" else (before, first)
    return start.isoformat(), end.isoformat()


def with_period(here: Address, name: str | None, today: date) -> Address:
    rest = here.put(**{f"{each}_": None for each in PERIOD})
    if name in ("month", "before"):
        start, end = month(name, today)
        return rest.put(from_=start, to=end)
    if name == CUSTOM:
        return rest.put(from_=(today - timedelta(days=13)).isoformat(), to=(today + timedelta(days=1)).isoformat())
    return rest if name in (None, DEFAULT_LAST) else rest.put(last=name)


def days(here: Address) -> tuple[date, date]:
    """First and last day, both included; of a period that ends before it begins, the day on which it would begin."""
    start, end = (date.fromisoformat(here.get(name)) for name in ("from", "to"))
    return start, end - timedelta(days=1) if end > start else start


def with_days(here: Address, chosen: tuple[date, ...]) -> Address:
    """Both ends, once both are chosen."""
    if len(chosen) != 2:
        return here
    first, last = chosen[0], min(chosen[1], date.max - timedelta(days=1))
    return here.put(last=None, from_=first.isoformat(), to=(last + timedelta(days=1)).isoformat())


# -- filters ------------------------------------------------------------------------------------------------------


def compared(here: Address) -> Address:
    return here.put(compare=None if here.get("compare") else "previous")


def choose_source(here: Address) -> None:
    chosen = source_of(here)
    st.selectbox(
        "Source", list(SOURCES), format_func=lambda name: SOURCES[name], key=shown("source", chosen),
        placeholder="All", width=140, on_change=lambda: change(here, with_source, st.session_state["source"]),
    )  # fmt: skip


def source_of(here: Address) -> str | None:
    """The one that the address names, if it is one."""
    stated = [each.removeprefix("source:") for each in here.all("where") if each.startswith("source:")]
    return stated[0] if len(stated) == 1 and stated[0] in SOURCES else None


def with_source(here: Address, name: str | None) -> Address:
    others = [each for each in here.all("where") if not each.startswith("source:")]
    return here.put(where=[*others, where("source", name)] if name else others)


def add_filter(visit: Visit, seen: Seen, here: Address) -> None:
    """What there is to choose from is asked when somebody opens it."""
    place = st.popover("Filter", key=f"filter {here.href}", on_change="rerun")  # closed by what is chosen in it
    if not place.open:
        return
    with place:
        names = [*FILTERABLE, *tag_keys(visit, seen, here)]
        name = st.selectbox("Filter by", names, format_func=figures.label, key="filter-dimension")
        negated = st.segmented_control("Which", ["is", "is not"], default="is", key="filter-which", required=True)
        chosen = st.multiselect(
            "Values", offered(visit, seen, here, name), key=f"filter-values-{name}", accept_new_options=True,
            placeholder="Search or type",
        )  # fmt: skip
        st.button(
            "Apply", key="filter-apply", type="primary", disabled=not any(can_name(name, each) for each in chosen),
            on_click=change,
            args=[here, with_filter, name, chosen, negated == "is not"],
        )  # fmt: skip


def offered(visit: Visit, seen: Seen, here: Address, name: str) -> list[str]:
    """Values of the period, the dearest first; none where the period can't be answered."""
    try:
        return [each for each in questions.values(visit.workspace, seen, here, name) if can_name(name, each)]
    except FarthingError:
        return []


def tag_keys(visit: Visit, seen: Seen, here: Address) -> list[str]:
    try:
        return [f"{TAG_KEY}{key}" for key in questions.tag_keys(visit.workspace, seen, here)]
    except FarthingError:
        return []


def with_filter(here: Address, name: str, values: list[str], negated: bool) -> Address:
    """Tags that are chosen together: one or the other of them. What no filter can name is left out."""
    named = [each for each in values if can_name(name, each)]
    joined = ["|".join(named)] if name == "tag" and named else named
    stated = [where(name, value, negated) for value in joined]
    return here.put(where=dict.fromkeys([*here.all("where"), *stated]))


def chips(here: Address) -> None:
    """What the page is narrowed to, each to be taken away."""
    chosen = where("source", source_of(here) or "")  # which stands beside the period
    stated = [each for each in here.all("where") if each != chosen]
    if not stated:
        return
    with st.container(horizontal=True, key="filter-chips", gap="small"):
        for number, each in enumerate(stated):
            st.button(
                f"{plain(said(each))} ✕", key=f"chip {number} {each}", help="Take this filter away", type="tertiary",
                on_click=change, args=[here, Address.without, each],
            )  # fmt: skip
        if len(stated) > 1:
            st.button("Clear all", key="filters-clear", type="tertiary", on_click=change, args=[here, cleared])


def cleared(here: Address) -> Address:
    return here.put(where=None)


def said(stated: str) -> str:
    """`team is search`."""
    name, _, value = stated.partition(":")
    verb = "is not" if name.endswith("!") else "is"
    shown = " or ".join(value.split("|")) if name.startswith("tag") else value
    return f"{figures.label(name.removesuffix('!'))} {verb} {shortened(shown)}"


def shortened(value: str) -> str:
    return value if len(value) <= NO_LONGER else f"{value[: NO_LONGER - 1]}…"
