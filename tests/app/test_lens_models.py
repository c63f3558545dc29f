"""The lens Models: side by side, at work, as routed, at other prices."""

from typing import Any

from app import formats
from models import names
from models.accounts import members, users
from models.money import NANO
from models.periods import now_us
from models.spend.renames import Rename
from models.usage.event import Event, Tokens
from tests.app.conftest import PASSWORD, Dashboard, call
from tests.factories import AUTHOR, ask, spend_of

USED = Tokens(input=1_000, output=200, total=1_200)
MINI = 1_000 * 150 + 200 * 600  # of gpt-4o-mini, nano-dollars
GPT_4O = 1_000 * 2_500 + 200 * 10_000


def used(model: str = "gpt-4o", cost: int | None = None, **values: Any) -> Event:
    return call(cost=cost, model=model, tokens=USED, **values)


def test_compared_with_every_figure_as_the_api_has_it(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    dashboard.send(
        workspace, used(latency_us=250_000), used(status="failure", error_type="Timeout"), used("gpt-4o-mini"),
        used("ours", provider="vllm"), used("gpt-4.1", 3 * NANO),
    )  # fmt: skip
    dashboard.sign_in()
    page = dashboard.open("models")
    assert not page.app.exception
    rows = ask(
        spend_of(dashboard.installation, workspace), now_us(), group_by="provider,model",
        measures="cost,cost_per_request,cost_per_1k_tokens",
    ).rows  # fmt: skip
    for row in rows.filter(rows["cost_nano_usd"] > 0).iter_rows(named=True):
        for name in ("cost", "cost_per_request", "cost_per_1k_tokens"):
            assert formats.exact(row[f"{name}_nano_usd"]) in page.source
    assert "vllm/ours 1 of 1 requests" in page.text
    assert 'href="/prices?provider=vllm&amp;model=ours"' in page.source
    assert "Clients of one model report other costs" in page.text  # gpt-4.1
    assert "50.0" in page.text  # per cent of gpt-4o's calls failed


def test_at_work_with_its_peak_and_what_goes_wrong(dashboard: Dashboard) -> None:
    failed = [used(status="failure", error_type=name) for name in ("Timeout", "Timeout", "<b>RateLimit</b>")]
    dashboard.send(dashboard.workspace(), *(used(ago_s=5) for _ in range(27)), *failed)
    dashboard.sign_in()
    page = dashboard.open("models", show="health")
    assert not page.app.exception
    assert "Now, the last 15 minutes 2/min requests; 2,400/min tokens" in page.text
    assert "in one minute" in page.text
    _, _, errors = page.text.partition("Errors by model and type")
    assert errors.index("Timeout") < errors.index("<b>RateLimit</b>")
    assert "<b>RateLimit" not in page.source


def test_requested_and_served(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    dashboard.send(workspace, used(model_group="gpt-4o"))
    dashboard.sign_in()
    assert "every call was served by the model that it asked for" in dashboard.open("models", show="routing").text
    dashboard.send(workspace, *(used(model_group="smart") for _ in range(3)), used("gpt-4o-mini", model_group="smart"))
    routes = dashboard.open("models", show="routing").text.partition("Served by")[2]
    assert routes.index("openai/gpt-4o") < routes.index("75.0") < routes.index("openai/gpt-4o-mini")


def test_what_if_is_exact_and_stands_in_the_address(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    dashboard.send(workspace, *(used() for _ in range(10)), used("gpt-4o-mini"), used(cache_hit=True))
    with dashboard.installation.database.write() as connection:  # a viewer may ask, too
        members.add(connection, users.ensure(connection, "eve@example.com", PASSWORD, now_us()), workspace.id, "viewer")
    dashboard.sign_in("eve@example.com")
    page = dashboard.open("models", what_if="openai/gpt-4o-mini")
    assert not page.app.exception
    assert page.app.multiselect[0].value == ["openai/gpt-4o"]  # the dearest, where nobody has said
    assert page.app.segmented_control[0].value == "what_if"
    for amount in (10 * GPT_4O, 10 * MINI, 10 * (MINI - GPT_4O)):
        assert f'title="{formats.exact(amount)}"' in page.source
    assert "The same number of tokens, at today's list price." in page.text
    page = type(page)(page.app.multiselect[0].set_value(["openai/gpt-4o", "openai/gpt-4o-mini"]).run())
    assert page.app.query_params["what_if_of"] == ["openai/gpt-4o", "openai/gpt-4o-mini"]
    assert f'title="{formats.exact(11 * MINI)}"' in page.source


def test_a_model_that_nobody_prices_is_said_so(dashboard: Dashboard) -> None:
    dashboard.send(dashboard.workspace(), used())
    dashboard.sign_in()
    page = dashboard.open("models", what_if="vllm/<i>ours</i>")
    assert "No price is known for vllm/<i>ours</i> (unknown_provider)" in page.text
    assert "<i>ours" not in page.source


def test_a_price_is_said_for_the_name_that_calls_came_with(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    dashboard.send(workspace, used("ours", provider="vllm"), used("theirs", provider="vllm"))
    with dashboard.installation.database.write() as connection:
        names.create(connection, workspace.id, Rename("model", "ours", "ours-renamed"), AUTHOR)
    dashboard.sign_in()
    page = dashboard.open("models")
    assert "vllm/ours-renamed" in page.text
    assert 'href="/prices?provider=vllm&amp;model=theirs"' in page.source
    assert "/prices?provider=vllm&amp;model=ours" not in page.source
    assert 'href="/prices"' in page.source


def test_calls_without_a_price_can_not_be_moved(dashboard: Dashboard) -> None:
    dashboard.send(dashboard.workspace(), used("ours", provider="vllm"))
    dashboard.sign_in()
    page = dashboard.open("models", show="what_if")
    assert "No call of this period has a cost that another could be compared with." in page.text


def test_what_if_says_what_a_request_costs_only_where_it_counted_them(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    dashboard.send(workspace, *(used(cost=NANO) for _ in range(2)))
    dashboard.sign_in()
    assert "2 requests, $1.00 each" in dashboard.open("models", what_if="openai/gpt-4o-mini").text
    dashboard.send(workspace, *(call(cost=NANO, model="gpt-4o", tokens=Tokens()) for _ in range(6)))
    page = dashboard.open("models", what_if="openai/gpt-4o-mini")
    assert not page.app.exception
    assert " each" not in page.text.partition("Cost now")[2].partition("Difference")[0]
    assert "Left out: $6.00 of calls whose input and output are not known" in page.text
