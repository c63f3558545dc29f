"""The lens Cache: what caches spare, to the nano-dollar, and where they could spare more."""

from typing import Any

from app import formats
from models.accounts.sources import Source
from models.money import NANO
from models.periods import now_us
from models.usage.event import Event, Tokens
from tests.app.conftest import Dashboard, call
from tests.factories import ask, spend_of

LONG = Tokens(input=20_000, output=100, total=20_100)
READ = Tokens(input=20_000, cache_read=16_000, output=100, total=20_100)
WRITTEN = Tokens(input=20_000, cache_write=16_000, output=100, total=20_100)
SONNET = {"provider": "anthropic", "model": "claude-sonnet-4-5"}


def cached(number: int = 3) -> list[Event]:
    return [call(cost=None, cache_hit=True, endpoint="/answers", token="web") for _ in range(number)]


def prompt_cached(tokens: Tokens = READ, **values: Any) -> Event:
    return call(cost=None, tokens=tokens, **({"endpoint": "/chat", "token": "bot"} | SONNET | values))


def test_every_figure_is_the_api_s_to_the_last_digit(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    dashboard.send(workspace, *cached(), *(prompt_cached() for _ in range(4)), call(), call(cost=None, model="ours"))
    dashboard.sign_in()
    page = dashboard.open("cache", by="token")
    assert not page.app.exception
    totals = ask(
        spend_of(dashboard.installation, workspace), now_us(), measures="cost,saved,prompt_cache_saved,cache_saved"
    ).totals
    cost, saved, read = (int(totals[f"{name}_nano_usd"]) for name in ("cost", "saved", "prompt_cache_saved"))
    assert int(totals["cache_saved_nano_usd"]) == saved + read > 0
    assert f'<b title="{formats.exact(cost + saved + read)}">' in page.source
    for amount in (cost, saved, read):
        assert f'title="{formats.exact(amount)}"' in page.source
    assert "By response cache" in page.text
    assert "3 calls not made" in page.text
    assert page.text.index("bot") < page.text.index("web")  # who saves most comes first
    assert {trace["name"] for trace in page.charts[-1]["data"]} >= {"by response cache", "by prompt cache"}


def test_writing_that_cost_more_than_reading_spared_is_said_to_be_a_loss(dashboard: Dashboard) -> None:
    dashboard.send(dashboard.workspace(), *(prompt_cached(WRITTEN) for _ in range(2)))
    dashboard.sign_in()
    page = dashboard.open("cache")
    assert "less $0.024 , since writing to prompt caches cost more than reading from them spared" in page.text
    assert "a loss: writes cost more" in page.text


def test_without_caches_it_says_what_to_do_and_where_it_would_pay(dashboard: Dashboard) -> None:
    often = [call(cost=None, tokens=LONG, endpoint="/long", **SONNET) for _ in range(24 * 30)]
    again = [call(cost=NANO, endpoint="/again", tokens=Tokens(input=77, output=1, total=78)) for _ in range(12)]
    dashboard.send(dashboard.workspace(), *often, *again)
    dashboard.sign_in()
    page = dashboard.open("cache")
    assert "Switch on the response cache of your gateway" in page.text
    assert "Who saves by them" not in page.text
    unread, _, repeated = page.text.partition("A response cache would have spared up to")
    half = 24 * 30 * 10_000 * 2_700  # nano-dollars: $3 a million, and $0.30 from the cache
    assert f'title="{formats.exact(half)}"' in page.source
    assert "/long" in unread.partition("if prompt caches were asked")[2]
    assert "$11.00" in repeated
    assert "/again" in repeated
    assert "prompts are not compared, so nobody can tell" in repeated
    assert "Of 732 calls since" in repeated


def test_little_traffic_is_no_candidate_and_a_new_workspace_is_shown_the_way(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    dashboard.sign_in()
    assert "Where caches could spare more" not in dashboard.open("cache").text
    dashboard.send(workspace, call(endpoint="/a"))
    page = dashboard.open("cache")
    assert not page.app.exception
    assert "Nothing stands out" in page.text


def test_the_free_plan_shows_what_its_sources_name(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace(plan="free")
    dashboard.key(workspace, "default", Source("openai", None, None))
    repeats = [call(cost=NANO, endpoint="/theirs", tokens=LONG, **SONNET) for _ in range(20)]
    dashboard.send(workspace, *cached(), *(prompt_cached() for _ in range(4)), *repeats)
    dashboard.sign_in()
    page = dashboard.open("cache", by="endpoint")
    assert "3 calls not made" in page.text
    assert "/theirs" not in page.source
    assert "/chat" not in page.source.partition("hidden")[0]
