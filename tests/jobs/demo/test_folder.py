"""The demo's folder: filled once, topped up the same day, made anew on another, and never anybody else's."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from jobs import doctor, rollup
from jobs.demo import folder
from jobs.demo.folder import NOTE, Note
from models.accounts import keys, members, users
from models.errors import Conflict
from models.periods import DAY, HOUR, parse_time
from tests.demo import EVENTS, Demo, seeded, settings

pytestmark = pytest.mark.xdist_group("demo")

NOON = parse_time("2026-11-18T12:00:00Z")
FEW = 0.1, (2, 1, 0)  # of the calls, of the days


def test_everything_is_stored_rolled_up_and_sound(demo: Demo) -> None:
    assert rollup.run(demo.installation.database, demo.installation.lake).events == 0
    assert [finding.says for finding in doctor.examine(demo.installation.settings) if not finding.good] == []


def test_nothing_is_of_the_future_and_today_goes_up_to_now(demo: Demo) -> None:
    received = [event["received_us"] for company in ("acme", "acme-labs") for event in demo.stored(company)]
    assert demo.now_us - HOUR < max(received) <= demo.now_us
    assert min(received) < demo.now_us // DAY * DAY - 88 * DAY


def test_every_call_came_with_a_key_that_is_there(demo: Demo) -> None:
    for made in demo.made:
        with demo.installation.database.read() as connection:
            there = {key["name"] for key in keys.shown_all(connection, made.workspace_id, demo.now_us)}
        assert {event["key"] for event in demo.stored(made.workspace)} <= there


def test_a_key_was_last_used_by_its_last_call(demo: Demo) -> None:
    for made in demo.made:
        with demo.installation.database.read() as connection:
            told = {
                each["name"]: each["last_used_at"]
                for each in keys.shown_all(connection, made.workspace_id, demo.now_us)
            }
        latest = {event["key"]: event["received_us"] for event in sorted(demo.stored(made.workspace), key=received)}
        assert {name: parse_time(told[name]) for name in latest} == latest


def received(event: Mapping[str, Any]) -> int:
    return int(event["received_us"])


def test_one_owner_sees_both_workspaces_the_paid_one_first(demo: Demo) -> None:
    paid, free = demo.made
    assert (paid.plan, free.plan) == ("paid", "free")
    with demo.installation.database.read() as connection:
        assert users.known(connection, paid.admin_email, str(paid.admin_password))
        assert [each.workspace.name for each in members.memberships(connection, free.admin_email)] == [
            "acme",
            "acme-labs",
        ]


def test_a_second_start_stores_only_what_has_happened_since(tmp_path: Path) -> None:
    with seeded(tmp_path, NOON, *FEW) as first:
        before = {event["id"] for event in first.stored("acme")}
    with seeded(tmp_path, NOON, *FEW) as again:
        assert {event["id"] for event in again.stored("acme")} == before
        assert again.made == first.made
    with seeded(tmp_path, NOON + 3 * HOUR, *FEW) as later:
        since = [event for event in later.stored("acme") if event["id"] not in before]
        assert since
        assert all(NOON < event["received_us"] <= NOON + 3 * HOUR for event in since)
        assert later.ask("last=1d&measures=requests").totals["requests"] > len(since)


def test_on_another_day_it_is_made_anew(tmp_path: Path) -> None:
    with seeded(tmp_path, NOON, *FEW) as first:
        pass
    with seeded(tmp_path, NOON + DAY, *FEW) as second:
        assert second.made[0].read_key != first.made[0].read_key
        days = second.ask("last=90d&granularity=day&measures=requests").rows["period"].to_list()
        assert (len(days), days[-1]) == (3, second.today)
        assert second.ask("last=365d&measures=requests").totals == second.ask("last=90d&measures=requests").totals


def test_what_was_cut_off_is_made_anew(tmp_path: Path) -> None:
    folder.write(tmp_path, Note(None, FEW[0]))
    (tmp_path / "farthing.db").write_bytes(b"half a file")
    with seeded(tmp_path, NOON, *FEW) as demo:
        assert demo.stored("acme")


def test_a_folder_of_somebody_else_s_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "farthing.db").write_bytes(b"precious")
    with pytest.raises(Conflict, match="holds data that is not the demo's"):
        folder.prepare(settings(tmp_path), NOON)
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("farthing.db", b"precious")]


def test_it_keeps_to_its_folder_whatever_else_is_set(tmp_path: Path) -> None:
    elsewhere = {"database_url": f"sqlite:///{tmp_path}/ledger.db", "lake_url": str(tmp_path / "lake")}
    with seeded(tmp_path / "demo", NOON, *FEW, **elsewhere) as demo:
        assert demo.installation.database.path == tmp_path / "demo" / "farthing.db"
    assert [path.name for path in tmp_path.iterdir()] == ["demo"]
    assert folder.settings_of(folder.Settings(_env_file=None)).data_dir == Path("demo-data")


def test_the_note_is_private_and_holds_no_password_that_was_chosen(tmp_path: Path) -> None:
    with seeded(tmp_path, NOON, *FEW, admin_password="chosen by hand") as demo:
        assert demo.made[0].admin_password == "chosen by hand"
    assert (tmp_path / NOTE).stat().st_mode & 0o777 == 0o600
    assert b"chosen by hand" not in (tmp_path / NOTE).read_bytes()
    with seeded(tmp_path, NOON, *FEW, admin_password="chosen by hand") as again:
        assert again.made[0].read_key == demo.made[0].read_key


def test_only_what_is_meant_to_has_no_price(demo: Demo) -> None:
    unpriced = {event["model"] for event in demo.stored("acme") if event["cost_source"] == "unpriced"}
    assert unpriced == {"qwen3-32b", "mistral-next-preview"}
    assert {event["cost_source"] for event in demo.stored("acme-labs")} == {"computed", "reported"}


def test_calls_go_in_by_the_ledger_with_costs_of_every_kind(demo: Demo) -> None:
    with demo.installation.database.read() as connection:
        sources = set(connection.execute(select(EVENTS.c.cost_source).distinct()).scalars())
        seqs = list(connection.execute(select(EVENTS.c.seq).order_by(EVENTS.c.seq)).scalars())
    assert sources == {"reported", "cached", "computed", "unpriced"}
    assert seqs == list(range(1, len(seqs) + 1))
