"""Searching the log: an id at once, all else in the period, and no further than there is patience for."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from models.accounts.sources import Source
from models.accounts.workspaces import WorkspaceInfo
from models.errors import BadRequest
from models.installation import Installation
from models.spend import filters, log, search
from models.spend.answer import WorkspaceSpend
from models.spend.filters import MAX_IN_SQL, MAX_VALUES, Filter, Predicate
from models.spend.log import Looking, Page
from models.spend.query import Period
from models.spend.renames import Names, Rename
from models.usage.event import Event
from tests.factories import DAY, NOON, append, make_event, make_workspace, spend_of

ALL = Period(NOON - 30 * DAY, NOON + DAY, "UTC")


@pytest.fixture
def workspace(installation: Installation) -> WorkspaceInfo:
    return make_workspace(installation)


def look(
    installation: Installation, workspace: WorkspaceInfo, text: str | None = None, where: str = "", period: Period = ALL,
    limit: int = 50, cursor: str | None = None, patience: int | None = None,
) -> Page:  # fmt: skip
    asked = filters.parse([where] if where else [])
    return log.page(spend_of(installation, workspace), period, asked, limit, cursor, search.read(text), patience)


def ids(page: Page) -> list[str]:
    return [row["id"] for row in page.rows]


def some(number: int, **values: Any) -> list[Event]:
    return [make_event(NOON - place, id=f"e{place}", **values) for place in range(number)]


def test_an_id_is_found_whatever_the_period_and_the_filters(
    installation: Installation, workspace: WorkspaceInfo
) -> None:
    append(installation, workspace.id, make_event(NOON - 300 * DAY, id="call 4711"), make_event(id="e1"))
    page = look(installation, workspace, " call 4711 ", "provider:nobody")
    assert (ids(page), page.by_id, page.next_cursor) == (["call 4711"], True, None)
    assert not look(installation, workspace).by_id


def test_another_workspaces_id_is_not(installation: Installation, workspace: WorkspaceInfo) -> None:
    other = make_workspace(installation, "other")
    append(installation, other.id, make_event(id="secret"))
    assert ids(look(installation, workspace, "secret")) == []


def test_what_the_plan_hides_is_not_found(installation: Installation) -> None:
    free = make_workspace(installation, plan="free")
    shown = {"mine": (Source("openai", None, None),)}
    append(
        installation, free.id, make_event(id="a", key="mine", provider="openai", error_str="boom"),
        make_event(id="hidden", key="mine", provider="mistral", error_str="boom"),
    )  # fmt: skip
    spend = spend_of(installation, free, shown)
    assert ids(log.page(spend, ALL, (), 50, None, search.read("hidden"))) == []
    assert ids(log.page(spend, ALL, (), 50, None, search.read("boom"))) == ["a"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("req-9", ["request"]), ("req", []), ("rate limit", ["error"]), ("RATE", ["error"]), ("ada@", ["user"]),
        ("customer", ["end user"]), ("100%", ["percent"]), ("%", ["percent"]), ("_", []), ("nothing such", []),
        ("'; DROP TABLE events", []), ("\\", []),
    ],
)  # fmt: skip
def test_pieces_of_error_and_users_and_whole_request_ids(
    installation: Installation, workspace: WorkspaceInfo, text: str, found: list[str]
) -> None:
    append(
        installation, workspace.id, make_event(NOON - 1, id="request", request_id="req-9"),
        make_event(NOON - 2, id="error", error_str="Rate limit reached"), make_event(NOON - 3, id="user", user="ada@example.com"),
        make_event(NOON - 4, id="end user", end_user="customer 12"), make_event(NOON - 5, id="percent", error_str="at 100% now"),
        make_event(NOON - 40 * DAY, id="old", error_str="Rate limit reached"),
    )  # fmt: skip
    assert ids(look(installation, workspace, text)) == found


def test_it_goes_with_filters_and_pages(installation: Installation, workspace: WorkspaceInfo) -> None:
    append(installation, workspace.id, *some(9, error_str="boom"), make_event(NOON - 100, id="x", team="qa"))
    append(installation, workspace.id, make_event(NOON - 50, id="mine", error_str="boom", team="qa"))
    assert ids(look(installation, workspace, "boom", "team:qa")) == ["mine"]
    first = look(installation, workspace, "boom", limit=6)
    assert ids(first) == ["e0", "e1", "e2", "e3", "e4", "e5"]
    assert ids(look(installation, workspace, "boom", limit=6, cursor=first.next_cursor)) == ["e6", "e7", "e8", "mine"]


def test_a_user_is_found_by_the_name_that_it_is_told_by_and_by_the_one_it_was_sent_by(
    installation: Installation, workspace: WorkspaceInfo
) -> None:
    append(
        installation, workspace.id, make_event(NOON, id="a", user="u-17"),
        make_event(NOON - 1, id="b", end_user="c-4", user="x"), make_event(NOON - 2, id="c", user="Adam"),
    )  # fmt: skip
    spend = told_by(
        installation, workspace, Rename("user", "u-17", "Ada Lovelace"), Rename("end_user", "c-4", "House of Ada"),
        Rename("team", "x", "Ada"),
    )  # fmt: skip
    for text, found in {"ada": ["a", "b", "c"], "LOVE": ["a"], "u-17": ["a"], "c-4": ["b"], "of ada": ["b"]}.items():
        assert ids(log.page(spend, ALL, (), 50, None, search.read(text))) == found, text


def test_capital_and_small_letters_are_the_same_in_ascii() -> None:
    names = Names((Rename("user", "u-17", "ÄDA"), Rename("user", "u-18", "äda")))
    assert (names.sent_with("user", "Äda"), names.sent_with("user", "DA")) == ({"u-17"}, {"u-17", "u-18"})


def test_text_that_is_too_long_is_refused(installation: Installation) -> None:
    with pytest.raises(BadRequest):
        search.read("x" * 1_025)
    with pytest.raises(BadRequest):
        search.read("a\x00b")
    assert search.read("  ") is None


# -- patience -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["", "provider:rare", "tag!:common"])
def test_looking_ends_in_time_and_the_next_page_goes_on(
    installation: Installation, workspace: WorkspaceInfo, where: str
) -> None:
    """Whether the database leaves the others out, or Polars does."""
    append(installation, workspace.id, *some(400, tags=["common"]))
    append(
        installation, workspace.id, make_event(NOON - 350, id="rare", provider="rare", tags=["rare"], error_str="boom")
    )
    text = None if where else "boom"
    page = look(installation, workspace, text, where, limit=2, patience=100)
    assert ids(page) == []
    assert page.back_to_us is not None
    assert NOON - 350 < page.back_to_us < NOON
    seen, pages = [], 0
    while page.next_cursor:
        page = look(installation, workspace, text, where, limit=2, patience=100, cursor=page.next_cursor)
        seen += ids(page)
        pages += 1
    assert (seen, page.back_to_us, pages > 1) == (["rare"], None, True)


TAGS = ("plain", 'with "quotes"', "back\\slash", "ünïcode ☀", "100%", "under_score", "a\tb", "x|y")


@pytest.mark.parametrize("tag", [*TAGS, "env:prod"])
def test_whatever_is_in_a_tag_it_is_found_by_it(installation: Installation, workspace: WorkspaceInfo, tag: str) -> None:
    append(installation, workspace.id, make_event(id="it", tags=["other", tag]), make_event(id="not", tags=["other"]))
    asked = (Predicate("tag", (tag,)),)
    assert ids(log.page(spend_of(installation, workspace), ALL, asked, 50, None)) == ["it"]
    if tag == "env:prod":
        assert ids(look(installation, workspace, where="tag.env:prod")) == ["it"]
        assert ids(look(installation, workspace, where="tag.env!:prod")) == ["not"]
        assert ids(look(installation, workspace, where="tag.env:(none)")) == ["not"]


@pytest.mark.parametrize("asked", ["|".join(map(str, range(MAX_VALUES))), "x" * 50_001, "%" * 30_000])
def test_no_tag_is_too_much_for_the_database(installation: Installation, workspace: WorkspaceInfo, asked: str) -> None:
    append(installation, workspace.id, make_event(id="a", tags=["7"]), make_event(id="b", tags=["8"]))
    found = ["b", "a"] if "|" in asked else []
    assert ids(look(installation, workspace, where=f"tag:{asked}")) == found


def test_nor_are_many_filters_by_tag(installation: Installation, workspace: WorkspaceInfo) -> None:
    append(installation, workspace.id, make_event(id="a", tags=["7", "8"]), make_event(id="b", tags=["8"]))
    asked = filters.parse(["tag:7", *["tag:8"] * (MAX_VALUES - 1)])
    assert ids(log.page(spend_of(installation, workspace), ALL, asked, 50, None)) == ["a"]


# -- names --------------------------------------------------------------------------------------------------------


def told_by(installation: Installation, workspace: WorkspaceInfo, *renames: Rename) -> WorkspaceSpend:
    return replace(spend_of(installation, workspace), names=Names(renames))


def handed_over(spend: WorkspaceSpend, *where: str) -> int:
    """How many rows the database does not leave out by itself."""
    with spend.store.database.read() as connection:
        wanted = Filter(filters.parse(where), spend.visibility, spend.names)
        return len(Looking(connection, spend, ALL, wanted, None).look((ALL.end_us, 0), None, log.MAX_PIECE))


MAPPED = (Rename("team", "x", "y"), Rename("tag", "x", "y"), Rename("tag", "env:x", "env:prod"))


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("team!:common", ["rare"]), ("tag:rare", ["rare"]), ("tag:y", ["rare"]), ("tag.env:prod", ["rare"]),
        ("team:y", ["rare"]), ("tag:rare|none such", ["rare"]),
    ],
)  # fmt: skip
def test_whatever_is_mapped_the_database_still_leaves_out_what_it_can(
    installation: Installation, workspace: WorkspaceInfo, where: str, found: list[str]
) -> None:
    append(installation, workspace.id, *some(50, team="common", tags=["common"]))
    append(installation, workspace.id, make_event(NOON - 60, id="rare", team="x", tags=["rare", "x", "env:x"]))
    spend = told_by(installation, workspace, *MAPPED)
    assert ids(log.page(spend, ALL, filters.parse([where]), 5, None)) == found
    assert handed_over(spend, where) == 1


def test_what_is_renamed_on_some_days_is_left_out_by_its_day(
    installation: Installation, workspace: WorkspaceInfo
) -> None:
    append(
        installation, workspace.id, make_event(NOON, id="now", team="x"), make_event(NOON - DAY, id="before", team="x")
    )
    spend = told_by(installation, workspace, Rename("team", "x", "y", first=date(2026, 11, 21)))
    for where, found in {"team!:x": ["now"], "team!:y": ["before"], "team:x": ["before"], "team:y": ["now"]}.items():
        assert ids(log.page(spend, ALL, filters.parse([where]), 5, None)) == found, where


def test_as_many_tags_told_as_one_as_there_may_be(installation: Installation, workspace: WorkspaceInfo) -> None:
    append(installation, workspace.id, make_event(id="it", tags=["t7"]), make_event(id="not", tags=["other"]))
    for number in (MAX_IN_SQL - 1, MAX_IN_SQL):
        spend = told_by(installation, workspace, *(Rename("tag", f"t{each}", "all") for each in range(number)))
        assert ids(log.page(spend, ALL, filters.parse(["tag:all"]), 5, None)) == ["it"]
        assert handed_over(spend, "tag:all") == (1 if number < MAX_IN_SQL else 2), "what is not said is decided beside"


# -- pages --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("patience", [20, None])
def test_an_instant_of_more_calls_than_one_stride_is_got_past(
    installation: Installation, workspace: WorkspaceInfo, monkeypatch: pytest.MonkeyPatch, patience: int | None
) -> None:
    """Imports know no more than the day of a call."""
    monkeypatch.setattr(log, "STRIDE", 5)
    append(installation, workspace.id, *(make_event(NOON, id=f"e{place}") for place in range(50)))
    append(installation, workspace.id, make_event(NOON - 1, id="rare", provider="rare"))
    seen: list[str] = []
    cursor, pages = None, 0
    while pages == 0 or cursor:
        page = look(installation, workspace, where="provider:rare", limit=1, cursor=cursor, patience=patience)
        seen, cursor, pages = seen + ids(page), page.next_cursor, pages + 1
        assert pages < 50
    assert seen == ["rare"]


@pytest.mark.parametrize("limit", [1, 3, 7])
def test_pages_leave_out_nothing_and_repeat_nothing(
    installation: Installation, workspace: WorkspaceInfo, limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where many calls began at the same instant, and strides are short."""
    monkeypatch.setattr(log, "STRIDE", 5)
    events = [make_event(NOON - place // 10, id=f"e{place:03}", provider="ab"[place % 2]) for place in range(100)]
    append(installation, workspace.id, *events)
    seen: list[str] = []
    cursor = None
    while True:
        page = look(installation, workspace, where="provider:a", limit=limit, cursor=cursor, patience=7)
        seen, cursor = seen + ids(page), page.next_cursor
        if cursor is None:
            break
    wanted = [event for event in events if event.provider == "a"]
    assert seen == [event.id for event in sorted(wanted, key=lambda e: (e.started_us, e.id), reverse=True)]


def test_without_patience_all_of_the_period_is_looked_through(
    installation: Installation, workspace: WorkspaceInfo
) -> None:
    append(installation, workspace.id, *some(400), make_event(NOON - 500, id="rare", provider="rare"))
    page = look(installation, workspace, where="provider:rare", limit=1)
    assert (ids(page), page.next_cursor, page.back_to_us) == (["rare"], None, None)
