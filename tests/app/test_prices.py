"""The Prices page as Streamlit runs it: what has no price, what a workspace pays instead, what a model costs, and past
calls priced anew with preview, act and undo, carried out by the real job."""

from collections.abc import Callable
from typing import Any

import pytest

from app.components import price_form, price_list
from app.components import repricing as view
from app.sessions import Viewer, Visit
from jobs import repricing
from jobs import repricing_orders as jobs
from models import acts, audit, price_overrides, repricing_orders
from models.accounts import members, users
from models.accounts.directory import Directory
from models.accounts.members import Membership
from models.accounts.sources import Source
from models.accounts.workspaces import WorkspaceInfo
from models.audit import Author
from models.errors import Forbidden
from models.money import NANO
from models.periods import DAY, day_of, now_us
from models.pricing.overrides import Override
from models.repricing_orders import Asked, Order
from models.usage.event import Tokens
from tests.app.conftest import EMAIL, PASSWORD, Dashboard, Page, call
from tests.factories import AUTHOR, make_workspace, spend_of
from tests.factories import ask as spend_ask

MILLION = Tokens(input=1_000_000, output=0, total=1_000_000)


def enter(dashboard: Dashboard, **query: str) -> Page:
    dashboard.sign_in()
    return dashboard.open("prices", **query)


def house(ago_s: int = 60, model: str | None = "house", **values: Any) -> Any:
    """A call that nobody prices: a million tokens."""
    return call(ago_s, None, **({"provider": "local", "model": model, "tokens": MILLION} | values))


def as_viewer(dashboard: Dashboard) -> WorkspaceInfo:
    """A workspace that Ada may only look at."""
    workspace = dashboard.workspace(email="owner@example.com")
    with dashboard.installation.database.write() as connection:
        members.add(connection, users.ensure(connection, EMAIL, PASSWORD, now_us()), workspace.id, "viewer")
    return workspace


def labels(page: Page) -> list[str]:
    """The buttons, as they are read out."""
    return [button.label.replace(":gray[", "").replace("]", "").replace("\\", "") for button in page.app.button]


def press(page: Page, label: str) -> Page:
    button = dict(zip(labels(page), page.app.button, strict=True))[label]
    return Page(button.click().run())


def fill(page: Page, key: str, value: Any) -> None:
    """Without a run: what comes next sends it."""
    page.app.text_input(key=key).set_value(value)


def charge(dashboard: Dashboard, workspace: WorkspaceInfo, model: str = "house", **terms: Any) -> Override:
    body = {"model": model} | (terms or {"input_per_million_usd": 2})
    override = price_overrides.of_body(body, workspace.timezone, now_us())
    with dashboard.installation.database.write() as connection:
        price_overrides.create(connection, workspace, override, AUTHOR)
    return override


def overrides(dashboard: Dashboard, workspace: WorkspaceInfo) -> list[dict[str, Any]]:
    with dashboard.installation.database.read() as connection:
        found = price_overrides.of_workspace(connection, workspace.id)
    return [price_overrides.shown(each, workspace.timezone) for each in found]


def orders(dashboard: Dashboard, workspace: WorkspaceInfo) -> list[Order]:
    with dashboard.installation.database.read() as connection:
        return repricing_orders.of_workspace(connection, workspace.id)


def told(dashboard: Dashboard, workspace: WorkspaceInfo) -> list[tuple[str, str, str, str | None]]:
    """Who did what to what, from where, the newest first."""
    with dashboard.installation.database.read() as connection:
        records = audit.listed(connection, workspace.id).records
    return [(each["actor"], each["action"], each["subject"], each["address"]) for each in records]


def ask(dashboard: Dashboard, workspace: WorkspaceInfo, does: Any, actor: str, ago_s: int = 0, **asked: Any) -> str:
    """An order of that person, as their own page would have asked it."""
    wanted = Asked(does, "2026-01-01", "2026-11-30", **asked)
    with dashboard.installation.database.write() as connection:
        author = Author(actor, now_us() - ago_s * 1_000_000)
        return repricing_orders.ask(connection, workspace.id, wanted, author)


def carried_out(dashboard: Dashboard, page: Page) -> Page:
    """After the jobs have looked."""
    assert jobs.run(dashboard.installation)
    return page.again()


def totals(dashboard: Dashboard, workspace: WorkspaceInfo) -> tuple[int, int, int]:
    """Requests, nano-dollars, unpriced requests of 90 days."""
    asked = {"last": "90d", "measures": "cost,requests,unpriced_requests"}
    found = spend_ask(spend_of(dashboard.installation, workspace), now_us(), **asked).totals
    return found["requests"], found["cost_nano_usd"], found["unpriced_requests"]


# -- what is shown ------------------------------------------------------------------------------------------------


def test_a_new_workspace_has_nothing_unpriced_no_price_of_its_own_and_no_act(dashboard: Dashboard) -> None:
    dashboard.workspace()
    page = enter(dashboard)
    assert not page.app.exception
    assert "Prices What calls cost in this workspace" in page.text
    assert "None of your own: published prices hold, where a model has one." in page.text
    assert "Nothing was priced anew." in page.text
    assert "Unpriced models" not in page.text


def test_unpriced_models_come_first_with_their_requests_and_days(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    calls = [house(), house(2 * 86_400), house(60, "rare"), house(40 * 86_400, "bygone"), call(model="gpt-4o")]
    dashboard.send(workspace, *calls, house(60, None, provider=None))
    page = enter(dashboard)
    days = [day_of(now_us() - ago * DAY, "UTC") for ago in (2, 0)]
    assert f"local / house 2 unpriced requests {days[0]} to {days[1]} No price is known." in page.text
    assert "(none) / (none) 1 unpriced request" in page.text
    assert "No model was sent, so no price can be known." in page.text
    assert page.text.index("local / house") < page.text.index("local / rare")
    assert "bygone" not in page.text
    assert "gpt-4o" not in page.text
    prices = [label for label in labels(page) if label.startswith("Set a price of")]
    assert prices == ["Set a price of local / house", "Set a price of local / rare"]


def test_what_the_free_plan_hides_is_not_named_here(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace(plan="free")
    dashboard.key(workspace, "default", Source(model="house"))
    dashboard.send(workspace, house(), house(60, "secret"))
    text = enter(dashboard).text
    assert "local / house 1 unpriced request" in text
    assert "secret" not in text


def test_of_many_models_one_page_is_drawn_and_they_can_be_searched(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    dashboard.send(workspace, *(house(60, f"house-{number}") for number in range(60)))
    for number in range(30):
        charge(dashboard, workspace, f"mine-{number}")
    page = enter(dashboard)
    assert page.source.count("1 unpriced request") == 25
    assert page.source.count("any provider / mine-") == 25
    fill(page, "models-search", "house-59")
    fill(page, "prices-search", "mine-7")
    page = page.again()
    assert page.source.count("1 unpriced request") == 1
    assert page.source.count("any provider / mine-") == 1


def test_names_are_text_whatever_they_say(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    dashboard.send(workspace, house(60, "<script>alert(1)</script>"), house(60, "**x** :red[y]"))
    charge(dashboard, workspace, "<b>m</b>")
    page = enter(dashboard)
    assert "<script>" not in page.source
    assert "<b>m</b>" not in page.source
    assert "Set a price of local / **x** :red[y" in labels(page)


def test_a_viewer_looks_and_has_nothing_to_press(dashboard: Dashboard) -> None:
    workspace = as_viewer(dashboard)
    dashboard.send(workspace, house())
    charge(dashboard, workspace, "mine")
    ask(dashboard, workspace, "try", "user owner@example.com")
    page = enter(dashboard, model="gpt-4o")
    assert labels(page) == []
    for told in ("local / house", "any provider / mine", "Preview of 2026-01-01", "gpt-4o openai published", "$10.00"):
        assert told in page.text
    assert "Set a price" not in page.text


# -- what a model costs -------------------------------------------------------------------------------------------


def test_a_model_is_looked_up_by_published_and_own_prices(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    page = enter(dashboard, provider="openai", model="gpt-4o-mini")
    assert "gpt-4o-mini openai published Tier input / 1M" in page.text
    assert "standard $0.15" in page.text
    assert "genai-prices" in page.text
    charge(dashboard, workspace, "gpt-4o-mini", output_per_million_usd="0.123")
    page = page.again()
    assert "gpt-4o-mini openai your price" in page.text
    assert "standard $0.15 $0.075 $0.123" in page.text
    fill(page, "looked-up-model", "gpt-4o-minni")
    page = page.again()
    assert "gpt-4o-minni openai no price The price data knows no such model of it." in page.text
    assert "Near it: gpt-4o-mini" in page.text


# -- one's own ----------------------------------------------------------------------------------------------------


def test_an_address_fills_in_the_form_once_and_a_price_is_set_to_the_last_digit(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    dashboard.send(workspace, house(), house(86_400), call(60, provider="local", model="house"))
    page = enter(dashboard, provider="local", model="house")
    assert page.app.text_input(key="new-price-provider").value == "local"
    assert page.app.text_input(key="new-price-model").value == "house"
    assert "model" not in page.app.query_params
    fill(page, "new-price-input", " $0.123456789012 ")
    fill(page, "new-price-output", "1.5")
    page.app.date_input(key="new-price-from").set_value(day_of(now_us() - 10 * DAY, "UTC"))
    page = press(page, "Set the price")
    (made,) = overrides(dashboard, workspace)
    assert (made["provider"], made["model"], made["input_per_million_usd"]) == ("local", "house", 0.123456789012)
    assert made["valid_from"] == day_of(now_us() - 10 * DAY, "UTC").isoformat()
    assert told(dashboard, workspace)[0][:3] == (f"user {EMAIL}", "price.create", made["id"])
    assert "local / house from" in page.text
    assert "input $0.123456789012 a million output $1.50 a million" in page.text
    assert "2 stored calls from" in page.text, "what was reported is none of them"
    page = press(page, "Preview re-pricing them")
    (order,) = orders(dashboard, workspace)
    days = [day_of(now_us() - ago * DAY, "UTC").isoformat() for ago in (1, 0)]
    assert (order.asked.does, order.asked.first, order.asked.last, order.asked.model) == ("try", *days, "house")


def test_a_discount_and_other_units_are_set(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    page = press(enter(dashboard), "Set a price")
    fill(page, "new-price-model", "gpt-*")
    page = Page(page.app.radio(key="new-price-kind").set_value("A discount").run())
    fill(page, "new-price-percent", "12.5 %")
    page = press(page, "Set the price")
    assert "any provider / gpt-* 12.5\u202f% off the published price" in page.text.replace(" % off", "\u202f% off")
    page = press(page, "Set a price")
    fill(page, "new-price-model", "mine")
    page.app.text_area(key="new-price-more").set_value("web_searches_per_thousand_usd=10")
    page = press(page, "Set the price")
    assert "web searches $10.00 a thousand" in page.text
    assert len(overrides(dashboard, workspace)) == 2


def test_what_is_wrong_with_a_price_is_told_beside_it(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    page = press(enter(dashboard), "Set a price")
    fill(page, "new-price-model", "mine")
    fill(page, "new-price-input", "cheap")
    page = press(page, "Set the price")
    assert "input_per_million_usd: expected dollars from 0 to 1000000" in page.text
    assert page.app.text_input(key="new-price-model").value == "mine"
    assert overrides(dashboard, workspace) == []


def test_a_price_is_deleted_after_a_question_that_says_what_will_hold(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    charge(dashboard, workspace, "gpt-4o", provider="openai", input_per_million_usd=1)
    page = press(enter(dashboard), "Delete the price of openai / gpt-4o")
    assert "it will cost $2.50 input, $10.00 output for a million tokens." in page.text
    assert "What is stored keeps its cost" in page.text
    page = press(page, "Delete")
    assert overrides(dashboard, workspace) == []
    assert "None of your own: published prices hold, where a model has one." in page.text
    assert told(dashboard, workspace)[0][:2] == (f"user {EMAIL}", "price.delete")


def test_of_a_model_that_nobody_publishes_the_question_says_that_it_will_be_unpriced(dashboard: Dashboard) -> None:
    charge(dashboard, dashboard.workspace(), "house")
    assert (
        "is gone for calls from now on, which will be unpriced."
        in press(enter(dashboard), "Delete the price of any provider / house").text
    )


# -- re-pricing ---------------------------------------------------------------------------------------------------


def test_preview_act_preview_of_its_undo_and_undo_to_the_nano_dollar(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    dashboard.send(workspace, house(), house(2 * 86_400), call(60, 7, model="gpt-4o"))
    charge(dashboard, workspace, "house", input_per_million_usd="2.000000001")
    before = totals(dashboard, workspace)
    page = press(enter(dashboard), "Preview re-pricing of local / house")
    assert "Waiting for the jobs to take it up." in page.text
    assert totals(dashboard, workspace) == before
    page = carried_out(dashboard, page)
    assert "What re-pricing would change" in page.text
    assert "local / house 2 unpriced $4.00 +$4.00 2 → 0" in page.text
    assert 'title="4.000000002 USD"' in page.source
    assert totals(dashboard, workspace) == before, "a preview changes nothing"
    page = press(page, "Re-price 2 calls")
    fill(page, "reprice-name", "house model")
    fill(page, "reprice-why", "its price is known")
    page = carried_out(dashboard, press(page, "Re-price"))
    assert totals(dashboard, workspace) == (3, 7 + 4_000_000_002, 0)
    assert "Re-priced: “house model”" in page.text
    assert "house model +$4.00 ada@example.com: its price is known" in page.text
    assert "Unpriced models" not in page.text
    page = carried_out(dashboard, press(page, "Undo house model"))
    assert "local / house 2 $4.00 unpriced −$4.00 0 → 2" in page.text
    assert totals(dashboard, workspace)[1] == 7 + 4_000_000_002
    page = press(press(page, "Take back 2 calls"), "Take it back")
    page = carried_out(dashboard, page)
    assert totals(dashboard, workspace) == before
    assert "Undo of “house model” −$4.00" in page.text
    assert "house model taken back" in page.text
    assert {
        (actor, address) for actor, action, _, address in told(dashboard, workspace) if action == "reprice.ask"
    } == {(f"user {EMAIL}", "192.0.2.7")}


def test_the_form_asks_for_its_days_and_its_model(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    dashboard.send(workspace, house())
    page = enter(dashboard)
    page.app.date_input(key="reprice-from").set_value(day_of(now_us() - 3 * DAY, "UTC"))
    page.app.selectbox(key="reprice-model").select("house")
    fill(page, "reprice-reason", "why not")
    page = press(page, "Preview")
    asked = orders(dashboard, workspace)[0].asked
    today, since = (day_of(now_us() - ago * DAY, "UTC").isoformat() for ago in (0, 3))
    assert asked == Asked("try", since, today, "house", None, "why not")
    page = carried_out(dashboard, page)
    assert "No call costs anything else." in page.text
    page = press(page, "Close")
    assert orders(dashboard, workspace) == []


def test_days_the_wrong_way_round_are_told(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    page = enter(dashboard)
    page.app.date_input(key="reprice-to").set_value(day_of(now_us() - 60 * DAY, "UTC"))
    assert "to: expected a day from" in press(page, "Preview").text
    assert orders(dashboard, workspace) == []


def test_an_order_survives_a_reload_and_says_when_nobody_takes_it_up(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    ask(dashboard, workspace, "try", f"user {EMAIL}", ago_s=20)
    page = enter(dashboard)
    assert "Preview of 2026-01-01 to 2026-11-30, all models asked by ada@example.com" in page.text
    assert "Waiting for farthing jobs: is it running?" in page.text
    page = press(page, "Withdraw")
    assert orders(dashboard, workspace) == []
    assert "Waiting" not in page.text


def test_behind_the_order_of_another_workspace_it_waits_and_nobody_is_blamed(dashboard: Dashboard) -> None:
    ask(dashboard, make_workspace(dashboard.installation, "secret"), "try", "user bob@example.com", ago_s=30)
    with dashboard.installation.database.write() as connection:
        repricing_orders.take_up(connection, now_us())
    ask(dashboard, dashboard.workspace(), "try", f"user {EMAIL}", ago_s=20)
    page = enter(dashboard)
    assert "Another re-pricing is being carried out on this server" in page.text
    assert "is it running?" not in page.text
    assert "bob@example.com" not in page.text


def test_one_in_hand_shows_how_far_it_is_and_an_act_can_not_be_withdrawn(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    order_id = ask(dashboard, workspace, "reprice", "user bob@example.com", name="spring")
    with dashboard.installation.database.write() as connection:
        repricing_orders.take_up(connection, now_us())
        repricing_orders.advance(connection, order_id, 0.42, now_us())
    page = enter(dashboard)
    assert "Re-pricing “spring” asked by bob@example.com" in page.text
    assert 'aria-valuenow="42"' in page.source
    assert "Withdraw" not in labels(page)


def test_what_could_not_be_done_is_told_in_a_sentence(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    order_id = ask(dashboard, workspace, "try", f"user {EMAIL}")
    with dashboard.installation.database.write() as connection:
        repricing_orders.finish(connection, order_id, now_us(), error="The act 'spring' was taken back")
    page = enter(dashboard)
    assert "It was not done. The act 'spring' was taken back" in page.text
    assert "It was not done" not in press(page, "Close").text


def test_answers_to_others_are_not_shown(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    ask(dashboard, workspace, "try", "user bob@example.com")
    jobs.run(dashboard.installation)
    assert "What re-pricing would change" not in enter(dashboard).text


def test_past_the_page_a_viewer_changes_nothing_either(dashboard: Dashboard) -> None:
    workspace = as_viewer(dashboard)
    override = charge(dashboard, workspace)
    order_id = ask(dashboard, workspace, "try", "user owner@example.com")
    waiting = orders(dashboard, workspace)
    dashboard.sign_in()
    pretended = Membership(workspace, "owner")
    visit = Visit(Viewer(EMAIL, (pretended,)), pretended)
    tried: list[Callable[[], None]] = [
        lambda: view.ask(visit, Asked("reprice", "2026-01-01", "2026-01-02")),
        lambda: view.drop(visit, waiting[0]),
        lambda: price_form.create(visit, {"model": "mine", "input_per_million_usd": 1}),
        lambda: price_list.remove(visit, override),
    ]
    for act in tried:
        with pytest.raises(Forbidden, match="Your role here is viewer: this needs admin"):
            act()
    assert [each.id for each in orders(dashboard, workspace)] == [order_id]
    assert [each["id"] for each in overrides(dashboard, workspace)] == [override.id]


def test_an_act_that_was_cut_short_goes_on(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    dashboard.send(workspace, house())
    charge(dashboard, workspace)
    today = day_of(now_us(), "UTC")
    wanted = repricing.Wanted(workspace, today, today)
    prices = Directory(dashboard.installation.database).newest(now_us()).prices_of(workspace.id)
    terms = wanted.terms(99) | {"prices": prices.identity}
    with dashboard.installation.database.write() as connection:
        acts.begin(connection, acts.new(workspace.id, "reprice", "spring", "why", "finance", terms, now_us()))
    page = enter(dashboard)
    assert "spring not finished finance: why" in page.text
    page = press(press(page, "Go on with act 'spring'"), "Go on")
    page = carried_out(dashboard, page)
    assert totals(dashboard, workspace) == (1, 2 * NANO, 0)
    assert "not finished" not in page.text
