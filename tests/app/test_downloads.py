"""Figures as files: the API's bytes, without formulas, and for whom they are there this moment."""

import io

import polars as pl

from app import questions
from app.address import Address
from app.components import download
from app.opened import opened
from app.sessions import COOKIE
from models.periods import now_us
from models.spend.export import file_of
from tests.app.conftest import Dashboard, a_moment_later, call

BY_TEAM = questions.asked(Address(), group_by="team,model", measures="cost")


def test_a_file_of_csv_has_no_formula_and_one_of_parquet_what_was_sent(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    dashboard.send(workspace, call(team="=1+1", model="@cf/meta/llama"))
    spend = questions.spend_now(workspace, BY_TEAM)
    assert pl.read_csv(io.BytesIO(file_of(spend, "csv"))).row(0)[:2] == ("'=1+1", "@cf/meta/llama")
    assert pl.read_parquet(io.BytesIO(file_of(spend, "parquet"))).row(0)[:2] == ("=1+1", "@cf/meta/llama")


def test_it_shows_what_the_plan_of_this_moment_shows(dashboard: Dashboard) -> None:
    workspace = dashboard.workspace()
    dashboard.send(workspace, call(team="hidden on the free plan", key="unknown"))
    dashboard.sign_in()
    cookie = dashboard.cookies[COOKIE]
    viewer = opened().sessions.viewer(cookie, now_us())
    assert viewer
    drawn = viewer.visit(workspace)
    assert b"hidden on" in download.made(drawn, BY_TEAM, "csv", cookie)
    dashboard.change(workspace, plan="free")
    a_moment_later()
    opened().directory.look(now_us())
    assert b"hidden on" not in download.made(drawn, BY_TEAM, "csv", cookie)
