"""Keys & Sources as Streamlit runs it: making, rotating, switching and revoking keys, editing what the free plan shows;
and what the Overview says of what it hides."""

from typing import Any

import pytest

from models.accounts import keys, members, users
from models.accounts.keys import NewKey
from models.accounts.lifetimes import Lifetime
from models.accounts.sources import ANYTHING, Source
from models.accounts.workspaces import WorkspaceInfo
from models.audit import Author
from models.errors import Unauthorized
from models.money import NANO
from models.periods import DAY, now_us
from tests.app.conftest import EMAIL, PASSWORD, Dashboard, Page, a_moment_later, call

OPENAI, GOOGLE = Source(provider="openai"), Source(provider="google")


def enter(dashboard: Dashboard, path: str = "keys") -> Page:
    dashboard.sign_in()
    return dashboard.open(path)


def labels(page: Page) -> list[str]:
    """The buttons, as they are read out."""
    return [button.label.replace(":gray[", "").replace("]", "").replace("\\", "") for button in page.app.button]


def press(page: Page, label: str) -> Page:
    button = dict(zip(labels(page), page.app.button, strict=True))[label]
    return Page(button.click().run())


def fill(page: Page, label: str, value: Any) -> Page:
    fields = [*page.app.text_input, *page.app.text_area, *page.app.number_input, *page.app.radio]
    return Page(next(field for field in fields if field.label == label).set_value(value).run())


def make(dashboard: Dashboard, workspace: WorkspaceInfo, name: str, ago_days: int = 0, **values: Any) -> str:
    """A key of that age; its secret."""
    author = Author("tests", now_us() - ago_days * DAY)
    with dashboard.installation.database.write() as connection:
        return keys.create(connection, workspace.id, NewKey(name, values.pop("scope", "ingest"), **values), author)[1]


def shown(dashboard: Dashboard, workspace: WorkspaceInfo) -> list[dict[str, Any]]:
    with dashboard.installation.database.read() as connection:
        return keys.shown_all(connection, workspace.id, now_us())


def opens(dashboard: Dashboard, secret: str) -> str:
    from models.accounts.directory import Directory

    try:
        return Directory(dashboard.installation.database).authenticate(secret, now_us()).name
    except Unauthorized as problem:
        return problem.message


# -- the list -----------------------------------------------------------------------------------------------------


def test_each_key_says_how_it_is_doing(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    lifetime = Lifetime(now_us() + 5 * DAY, 30)
    make(
        dashboard,
        workspace,
        "production",
        40,
        sources=(OPENAI,),
        attributes=(("team", "search"),),
        tags=("web",),
        lifetime=lifetime,
    )
    make(dashboard, workspace, "reports", scope="read")
    dashboard.send(
        workspace, *(call(number, key="production") for number in range(3)), call(40 * 86_400, key="production")
    )
    text = enter(dashboard).text
    assert "production ingest active time to rotate fth_live_" in text
    assert "40 days old never used 3 calls in 30 days expires 20" in text
    assert "Sources provider openai Fills in team search tag web" in text
    assert "reports read active" in text


def test_names_are_text_whatever_they_say(dashboard: Dashboard) -> None:
    name = "<img src=x onerror=alert(1)> [a](http://b) **c** `d` :red[e] $f$"
    make(dashboard, dashboard.workspace(), name)
    page = enter(dashboard)
    assert "<img" not in page.source
    assert name in page.text
    assert all("[a](" not in button.label and "**" not in button.label for button in page.app.button)


def test_many_are_searched_and_those_that_ended_stand_apart(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    for number in range(12):
        make(dashboard, workspace, f"key-{number:02}")
    with dashboard.installation.database.write() as connection:
        last = shown(dashboard, workspace)[-1]
        keys.revoke(connection, workspace.id, last["id"], Author("tests", now_us()))
    page = enter(dashboard)
    assert [expander.label for expander in page.app.expander] == ["1 that no longer works"]
    assert not any("Rotate key-11" in label or "Revoke key-11" in label for label in labels(page))
    assert "Edit sources of key-11" in labels(page), "it still decides over what it sent"
    page = fill(page, "Search keys", "KEY-07")
    assert [label for label in labels(page) if label.startswith("Rotate")] == ["Rotate key-07"]


def test_a_viewer_sees_them_and_can_do_nothing(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace(email="owner@example.com")
    make(dashboard, workspace, "production")
    with dashboard.installation.database.write() as connection:
        members.add(connection, users.ensure(connection, EMAIL, PASSWORD, now_us()), workspace.id, "viewer")
    page = enter(dashboard)
    assert "production ingest active" in page.text
    assert [label for label in labels(page) if "production" in label or "New" in label] == []


def test_the_page_says_what_the_definitions_decide(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace(plan="free")
    make(dashboard, workspace, "k", sources=())
    page = enter(dashboard)
    assert "On the free plan a call shows where it matches" in page.text
    assert "Sources none: the free plan shows nothing of it" in page.text
    dashboard.change(workspace, plan="paid")
    assert "On the paid plan every call shows" in page.again().text


# -- a new one ----------------------------------------------------------------------------------------------------


def test_a_new_key_is_made_as_asked_and_shown_once(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace(plan="free")
    page = press(enter(dashboard), "New key")
    page = fill(page, "Name", "production")
    page = fill(page, "Provider of definition 1", "OpenAI")
    page = press(page, "Add a definition")
    page = fill(page, "Feature of definition 2", "chat")
    page = fill(fill(page, "Attributes, one a line", "team=search\n env = prod"), "Tags, one a line", "web\n\nnight")
    page = fill(fill(page, "Expires after (days)", 90), "Remind to rotate after (days)", 30)
    page = press(page, "Create key")
    (secret,) = (block.value for block in page.app.code)
    assert opens(dashboard, secret) == "production"
    (made,) = shown(dashboard, workspace)
    assert made["sources"] == [OPENAI.shown(), Source(feature="chat").shown()]
    assert (made["attributes"], made["tags"]) == ({"team": "search", "env": "prod"}, ["web", "night"])
    assert (made["rotate_after_days"], made["prefix"]) == (30, secret[:13])
    assert secret not in page.source
    page = press(page, "I have kept it")
    assert not page.app.code
    assert secret not in page.source


def test_by_default_it_shows_everything_and_a_removed_definition_is_gone(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    page = fill(press(enter(dashboard), "New key"), "Name", "plain")
    press(page, "Create key")
    page = fill(press(dashboard.open("keys"), "New key"), "Name", "bare")
    press(press(page, "Remove definition 1"), "Create key")
    assert [each["sources"] for each in shown(dashboard, workspace)] == [[ANYTHING.shown()], []]


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("Name", " ", "name: expected a name"), ("Name", "taken", "name: expected a name that no key of this workspace has"),
        ("Attributes, one a line", "colour=red", "attributes.colour: expected one of team"),
        ("Attributes, one a line", "search", "Attributes: expected lines such as team=search"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_and_nothing_is_lost(dashboard: Dashboard, field: str, value: str, says: str) -> None:
    workspace = dashboard.workspace()
    make(dashboard, workspace, "taken")
    page = fill(press(enter(dashboard), "New key"), "Name", "fresh")
    page = press(fill(page, field, value), "Create key")
    assert says in page.text
    assert next(each for each in page.app.text_input if each.label == "Name").value == (
        value if field == "Name" else "fresh"
    )
    assert len(shown(dashboard, workspace)) == 1


# -- rotate, switch, revoke ---------------------------------------------------------------------------------------


def test_rotating_says_what_happens_and_to_what(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    old = make(dashboard, workspace, "production")
    page = press(enter(dashboard), "Rotate production")
    assert "production gets a new secret" in page.text
    assert "Both work until then" in page.text  # nothing is lost unless somebody wants it
    page = fill(page, "The old secret stops working", "At once")
    assert "refused within 2 seconds" in page.text
    page = fill(page, "The old secret stops working", "After 24 hours")
    page = press(page, "Rotate")
    (new,) = (block.value for block in page.app.code)
    assert opens(dashboard, old) == opens(dashboard, new) == "production"
    assert "rotated, still works" in page.text
    assert "works until 20" in page.text


def test_rotating_at_once_ends_the_old_one(dashboard: Dashboard) -> None:
    old = make(dashboard, dashboard.workspace(), "production")
    page = fill(press(enter(dashboard), "Rotate production"), "The old secret stops working", "At once")
    page = press(page, "Rotate")
    (new,) = (block.value for block in page.app.code)
    assert (opens(dashboard, old), opens(dashboard, new)) == ("Revoked API key", "production")


def test_an_expired_key_can_be_rotated_and_nothing_else(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    make(dashboard, workspace, "late", 40, lifetime=Lifetime(now_us() - 10 * DAY))
    page = enter(dashboard)
    assert "late ingest expired" in page.text
    assert [label for label in labels(page) if "late" in label] == ["Rotate late", "Edit sources of late"]
    page = press(press(page, "Rotate late"), "Rotate")
    assert opens(dashboard, page.app.code[0].value) == "late"


def test_switching_off_and_on(dashboard: Dashboard) -> None:
    secret = make(dashboard, dashboard.workspace(), "production")
    page = press(enter(dashboard), "Deactivate production")
    assert opens(dashboard, secret) == "production", "nothing happens before it is confirmed"
    page = press(page, "Deactivate")
    assert opens(dashboard, secret) == "Inactive API key"
    assert "production ingest inactive" in page.text
    press(press(page, "Activate production"), "Activate")
    assert opens(dashboard, secret) == "production"


def test_revoking_asks_and_says_for_whom_it_is_for_good(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    secret = make(dashboard, workspace, "production")
    dashboard.send(workspace, call(key="production"), call(key="production"))
    page = press(enter(dashboard), "Revoke production")
    assert "for good" in page.text
    assert "It was never used; its name has sent 2 calls in 30 days" in page.text
    page = press(page, "Revoke for good")
    assert opens(dashboard, secret) == "Revoked API key"
    assert "production ingest revoked" in page.text


def test_whoever_may_not_any_more_changes_nothing(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    secret = make(dashboard, workspace, "production")
    page = press(enter(dashboard), "Revoke production")
    with dashboard.installation.database.write() as connection:
        connection.execute(members.MEMBERS.update().values(role="viewer"))
    a_moment_later()
    page = press(page, "Revoke for good") if "Revoke for good" in labels(page) else page.again()
    assert opens(dashboard, secret) == "production"


# -- source definitions, and what they hide -----------------------------------------------------------------------


def test_edited_definitions_replace_those_that_were(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    make(dashboard, workspace, "production", sources=(OPENAI, GOOGLE))
    page = press(enter(dashboard), "Edit sources of production")
    assert "these decide nothing now" in page.text
    page = fill(press(page, "Remove definition 1"), "Model of definition 1", "gemini-2.5-pro")
    press(page, "Save sources")
    assert shown(dashboard, workspace)[0]["sources"] == [
        {"provider": "google", "model": "gemini-2.5-pro", "feature": None}
    ]


def hiding(dashboard: Dashboard) -> WorkspaceInfo:
    """One call shows, three do not."""
    workspace = dashboard.workspace(plan="free")
    make(dashboard, workspace, "default", sources=(OPENAI,))
    dashboard.send(
        workspace, call(cost=NANO), *(call(cost=2 * NANO, provider="google", model="gemini") for _ in range(3))
    )
    return workspace


def test_the_overview_says_how_much_is_hidden_and_why(dashboard: Dashboard) -> None:
    hiding(dashboard)
    page = enter(dashboard, "")
    assert "Spend, last 30 days $1.00" in page.text
    assert "3 calls and $6.00 of the last 30 days are hidden" in page.text
    assert "matches a source definition of the key that sent it" in page.text
    assert "gemini" not in page.source, "no name before it is asked for"


def test_one_button_says_what_would_match_another_adds_it_and_history_shows(dashboard: Dashboard) -> None:
    workspace = hiding(dashboard)
    page = press(enter(dashboard, ""), "Show what would match")
    assert "default google / gemini, feature unknown 3 $6.00" in page.text
    assert "provider google for key default shows 3 calls, $6.00" in page.text
    assert "On the paid plan everything shows" in page.text
    page = press(page, "Add this definition provider google to default")
    assert "Spend, last 30 days $7.00" in page.text
    assert "hidden" not in page.text
    assert shown(dashboard, workspace)[0]["sources"] == [OPENAI.shown(), GOOGLE.shown()]


def test_a_viewer_is_told_and_adds_nothing(dashboard: Dashboard) -> None:
    workspace = hiding(dashboard)
    with dashboard.installation.database.write() as connection:
        connection.execute(members.MEMBERS.update().values(role="viewer"))
    assert workspace.plan == "free"
    page = press(enter(dashboard, ""), "Show what would match")
    assert "provider google for key default shows 3 calls" in page.text
    assert "Admins of this workspace may add them" in page.text
    assert not any(label.startswith("Add") for label in labels(page))


def test_calls_without_a_key_are_offered_to_a_key_that_sends(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace(plan="free")
    make(dashboard, workspace, "reports", scope="read", sources=())
    dashboard.send(workspace, call(key=None, provider="google"))
    page = press(enter(dashboard, ""), "Show what would match")
    assert "they came without a key, and a definition of any key shows them: make one first" in page.text
    make(dashboard, workspace, "sends", sources=())
    page = press(page.again(), "Add this definition provider google to sends")
    assert "hidden" not in page.text


def test_where_everything_is_hidden_it_is_said_too(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace(plan="free")
    make(dashboard, workspace, "default", sources=())
    dashboard.send(workspace, call(cost=None, model="in-house", provider="acme"))
    page = enter(dashboard, "")
    assert "1 call and unpriced of the last 30 days" not in page.text
    assert "1 call of the last 30 days is hidden" in page.text
    dashboard.change(workspace, plan="paid")
    assert "hidden" not in page.again().text
