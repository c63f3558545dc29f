"""Connect as Streamlit runs it: a key is made or pasted, snippets carry it, and the light says what has arrived."""

import pytest
from sqlalchemy import select

from app.components import sending_key
from app.opened import opened
from models.accounts import keys, members, secrets, users
from models.accounts.keys import KEYS, NewKey
from models.accounts.workspaces import WorkspaceInfo
from models.money import NANO
from models.periods import now_us
from tests.app.conftest import EMAIL, PASSWORD, Dashboard, Page, call
from tests.factories import AUTHOR

VIEWER = "bob@example.com"


def press(page: Page, label: str) -> Page:
    return Page(next(each for each in page.app.button if each.label == label).click().run())


def paste(page: Page, workspace: WorkspaceInfo, text: str) -> Page:
    return Page(page.app.text_input(key=f"pasted-{workspace.id}").set_value(text).run())


def choose(page: Page, group: str, title: str) -> Page:
    page.app.segmented_control(key="via").set_value(group).run()
    return Page(page.app.segmented_control(key="with").set_value(title).run())


def snippet(page: Page) -> str:
    return "\n".join(block.value for block in page.app.code)


def made(dashboard: Dashboard, workspace: WorkspaceInfo, name: str = "mine", scope: str = "ingest") -> str:
    """A key that was made somewhere else."""
    with dashboard.installation.database.write() as connection:
        _, secret = keys.create(connection, workspace.id, NewKey(name, scope), AUTHOR)
    opened().directory.look(now_us())
    return secret


def stored(dashboard: Dashboard) -> list[dict[str, object]]:
    with dashboard.installation.database.read() as connection:
        return [dict(row) for row in connection.execute(select(KEYS)).mappings()]


def connected(dashboard: Dashboard) -> tuple[WorkspaceInfo, Page]:
    workspace = dashboard.workspace()
    dashboard.sign_in()
    return workspace, dashboard.open("connect")


# -- the key ------------------------------------------------------------------------------------------------------


def test_without_a_key_the_snippet_says_where_it_goes(dashboard: Dashboard) -> None:
    _, page = connected(dashboard)
    assert "Authorization: Bearer YOUR_INGEST_KEY" in snippet(page)


def test_a_key_that_is_made_stands_in_every_snippet_until_it_is_kept(dashboard: Dashboard) -> None:
    _, page = connected(dashboard)
    page = press(page, "Make a key")
    (row,) = stored(dashboard)
    secret = page.app.code[0].value
    assert secrets.digest(secret) == row["digest"]
    assert (row["name"], row["scope"]) == ("my-app", "ingest")
    assert f"Authorization: Bearer {secret}" in snippet(page)
    assert f"export FARTHING_API_KEY={secret}" in snippet(choose(page, "LiteLLM proxy", "config.yaml"))
    page = press(page.again(), "I have kept it")
    assert secret not in snippet(page) + page.source
    assert "YOUR_INGEST_KEY" in snippet(page)


def test_it_is_made_under_the_name_that_is_asked_for(dashboard: Dashboard) -> None:
    _, page = connected(dashboard)
    page.app.text_input[0].set_value("<b>web shop</b>")
    page = press(page, "Make a key")
    assert "&lt;b&gt;web shop&lt;/b&gt;" in page.source
    assert [row["name"] for row in stored(dashboard)] == ["<b>web shop</b>"]


def test_the_name_that_is_offered_is_free(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    dashboard.key(workspace, "my-app")
    dashboard.key(workspace, "my-app-2")
    dashboard.sign_in()
    assert dashboard.open("connect").app.text_input[0].value == "my-app-3"


def test_a_name_that_is_taken_is_told_and_nothing_is_made(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    dashboard.key(workspace, "taken")
    dashboard.sign_in()
    page = dashboard.open("connect")
    page.app.text_input[0].set_value("taken")
    assert "name: expected a name that no key of this workspace has or had" in press(page, "Make a key").text
    assert len(stored(dashboard)) == 1


def test_its_calls_show_on_the_free_plan(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace(plan="free")
    dashboard.sign_in()
    press(dashboard.open("connect"), "Make a key")
    dashboard.send(workspace, call(key="my-app", endpoint="/visible"))
    assert "/visible" in dashboard.open().text


def test_a_viewer_makes_none_and_is_told_whom_to_ask(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    with dashboard.installation.database.write() as connection:
        members.add(connection, users.ensure(connection, VIEWER, PASSWORD, now_us()), workspace.id, "viewer")
    dashboard.sign_in(VIEWER)
    page = dashboard.open("connect")
    assert "Make a key" not in [each.label for each in page.app.button]
    assert f"Ask {EMAIL} for one" in page.text


def test_who_lost_the_role_meanwhile_makes_none(dashboard: Dashboard) -> None:
    workspace, page = connected(dashboard)
    with dashboard.installation.database.write() as connection:
        members.add(connection, users.ensure(connection, VIEWER, PASSWORD, now_us()), workspace.id, "owner")
        members.change_role(connection, workspace.id, EMAIL, "viewer", AUTHOR)
    press(page, "Make a key")
    assert stored(dashboard) == []


def test_a_key_is_shown_beside_its_own_workspace_only(dashboard: Dashboard) -> None:
    dashboard.workspace("one")
    dashboard.workspace("two")
    dashboard.sign_in()
    page = press(dashboard.open("connect"), "Make a key")
    secret = page.app.code[0].value
    page = Page(page.app.selectbox(key="workspace").set_value("two").run())
    assert secret not in snippet(page) + page.source


# -- a key that somebody has --------------------------------------------------------------------------------------


def test_a_pasted_key_stands_in_the_snippets_and_nowhere_else(dashboard: Dashboard) -> None:
    workspace, page = connected(dashboard)
    secret = made(dashboard, workspace)
    page = paste(page, workspace, f"  {secret}\n")
    assert f"Bearer {secret}" in snippet(page)
    assert secret not in page.source
    assert secret not in str(page.app.query_params)


def test_what_is_no_key_is_told_and_not_repeated(dashboard: Dashboard) -> None:
    workspace, page = connected(dashboard)
    good = made(dashboard, workspace)
    for wrong, told in (
        ("sk-ant-something", "This looks like a provider's key (Anthropic)"),
        (good[:-1], "with a character mistyped or cut off"),
        (f"{good[:-1]}~", "with a character mistyped or cut off"),
        ("correct horse battery", "This is no key of Farthing's"),
        (secrets.new_secret(), "team has no such key"),
    ):
        page = paste(page, workspace, wrong)
        assert told in page.text
        assert wrong not in page.source + snippet(page)
        assert "YOUR_INGEST_KEY" in snippet(page)


def test_a_key_that_cannot_send_is_told(dashboard: Dashboard) -> None:
    workspace, page = connected(dashboard)
    reader = made(dashboard, workspace, "reader", "read")
    assert "The key reader has the scope read" in paste(page, workspace, reader).text
    secret = made(dashboard, workspace)
    with dashboard.installation.database.write() as connection:
        (key_id,) = [row["id"] for row in stored(dashboard) if row["name"] == "mine"]
        keys.revoke(connection, workspace.id, str(key_id), AUTHOR)
    opened().directory.look(now_us())
    assert "The key mine is revoked" in paste(page, workspace, secret).text


# -- the light ----------------------------------------------------------------------------------------------------


def test_it_waits_for_the_first_event_and_then_says_what_arrived(dashboard: Dashboard) -> None:
    workspace, page = connected(dashboard)
    assert "Waiting for the first event Run a snippet" in page.text
    assert "f-arrived" not in page.source
    dashboard.send(workspace, call(cost=2_400_000, model="gpt-4o-mini"))
    page = page.again()
    assert "Events arrive gpt-4o-mini, $0.0024," in page.text
    assert "f-arrived" in page.source
    assert "See it on the Overview" in [each.proto.label for each in page.app.get("page_link")]


def test_with_a_key_made_it_waits_for_that_one(dashboard: Dashboard) -> None:
    workspace, page = connected(dashboard)
    dashboard.send(workspace, call())
    page = press(page, "Make a key")
    assert "Waiting for the first event of the key my-app" in page.text
    dashboard.send(workspace, call(key="another"))
    assert "f-arrived" not in page.again().source
    dashboard.send(workspace, call(key="my-app", cost=3 * NANO, model="o3"))
    assert "The key my-app sends events o3, $3.00," in page.again().text


def test_with_a_key_pasted_too(dashboard: Dashboard) -> None:
    workspace, page = connected(dashboard)
    dashboard.send(workspace, call(ago_s=86_400, key="mine"))
    page = paste(page, workspace, made(dashboard, workspace)).again()
    assert "Waiting for the first event of the key mine" in page.text
    dashboard.send(workspace, call(key="mine"))
    assert "The key mine sends events" in page.again().text


def test_an_event_without_a_price_says_so(dashboard: Dashboard) -> None:
    workspace, page = connected(dashboard)
    dashboard.send(workspace, call(cost=None, model="in-house<b>"))
    page = page.again()
    assert "in-house<b>, no known price" in page.text
    assert "in-house<b>" not in page.source


# -- which snippet ------------------------------------------------------------------------------------------------


def test_the_address_says_which_snippet(dashboard: Dashboard) -> None:
    dashboard.workspace()
    dashboard.sign_in()
    page = dashboard.open("connect", via="LiteLLM proxy", **{"with": "config.json"})
    assert '"callback_settings"' in snippet(page)
    assert "package main" in snippet(choose(page, "REST", "Go"))


def test_an_address_that_names_none_shows_the_first(dashboard: Dashboard) -> None:
    dashboard.workspace()
    dashboard.sign_in()
    assert "curl -sS" in snippet(dashboard.open("connect", via="Carrier pigeon", **{"with": "config.json"}))


def test_snippets_carry_the_address_that_clients_reach(dashboard: Dashboard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FARTHING_PUBLIC_API_URL", "https://cost.example.com/o'brien/")
    dashboard.workspace()
    dashboard.sign_in()
    page = dashboard.open("connect", via="REST", **{"with": "Python"})
    assert '"https://cost.example.com/o\'brien/api/v1/ingest"' in snippet(page)


# -- on the Overview ----------------------------------------------------------------------------------------------


def test_an_empty_workspace_has_it_on_its_first_page(dashboard: Dashboard) -> None:
    dashboard.workspace()
    dashboard.sign_in()
    page = press(dashboard.open(), "Make a key")
    assert "Send the first event" in page.text
    assert f"Bearer {page.app.code[0].value}" in snippet(page)


def test_a_key_that_is_not_kept_yet_stays_in_sight_when_the_figures_come(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    dashboard.sign_in()
    page = press(dashboard.open(), "Make a key")
    secret = page.app.code[0].value
    dashboard.send(workspace, call(key="my-app"))
    page = page.again()
    assert "The key my-app sends events" in page.text
    assert "Spend, last 30 days" in page.text
    assert page.app.code[0].value == secret
    page = press(page, "I have kept it")
    assert not page.app.code
    assert "sends events" not in page.text


def test_the_offered_name_goes_on_counting() -> None:
    assert sending_key.free_name(frozenset()) == "my-app"
    assert sending_key.free_name(frozenset({"my-app", "my-app-3"})) == "my-app-2"
