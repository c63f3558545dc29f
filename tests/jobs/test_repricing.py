"""Re-pricing as an act: what it changes, what it never touches, that it applies once, and that it can be taken back."""

import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from typing import Any

import pytest

from jobs import rebuild, repricing, rollup
from models import acts, audit, corrections, price_cards
from models.accounts.workspaces import all_workspaces
from models.errors import BadField, Conflict, NotFound
from models.installation import Installation
from models.spend.cubes import BY_ID
from models.usage.event import Tokens
from tests.factories import DAY, NOON, append, ask, make_event, make_workspace, spend_of
from tests.pricings import Pricing

MILLION = Tokens(input=1_000_000, output=0, total=1_000_000)
NANO = 1_000_000_000


@pytest.fixture
def pricing(installation: Installation) -> Pricing:
    return Pricing.of(installation, make_workspace(installation))


def call(id: str, model: str = "house-model", started_us: int = NOON, cost: int | None = None, **values: Any) -> Any:
    return make_event(started_us, cost, id=id, model=model, **({"tokens": MILLION} | values))


def costs(pricing: Pricing) -> dict[str, int | None]:
    """Of each call, as it counts now."""
    with pricing.database.read() as connection:
        return {row["id"]: row["cost_nano_usd"] for row in connection.execute(corrections.standing()).mappings()}


# -- what it changes ----------------------------------------------------------------------------------------------


def test_calls_that_nobody_priced_cost_something_once_their_price_is_known(
    installation: Installation, pricing: Pricing
) -> None:
    append(installation, pricing.workspace.id, call("a"), call("b", provider="local"), call("c", "gpt-4o", cost=7))
    assert pricing.total() == (3, 7, 2)
    pricing.charge("house-model", "2.5")
    done = pricing.reprice()
    assert pricing.total() == (3, 7 + 5 * NANO, 0)
    assert costs(pricing) == {"a": 2_500_000_000, "b": 2_500_000_000, "c": 7}
    assert done.changes.totals.shown() == {
        "events": 2, "old_cost_nano_usd": 0, "new_cost_nano_usd": 5 * NANO, "difference_nano_usd": 5 * NANO,
        "unpriced_before": 2, "unpriced_after": 0, "saved_difference_nano_usd": 0,
    }  # fmt: skip


def test_nothing_that_was_stored_is_changed(installation: Installation, pricing: Pricing) -> None:
    append(installation, pricing.workspace.id, call("a", team="search", tags=["x"], latency_us=5))
    before = pricing.rows()
    pricing.charge("house-model", 1)
    done = pricing.reprice()
    own, reversal, restatement = pricing.rows()
    assert [own] == before
    marks = {"sign": -1, "corrects": own["seq"], "act": done.act.id, "seq": own["seq"] + 1}
    assert reversal == own | marks
    changed = {name for name in own if restatement[name] != own[name]} - {"seq", "corrects", "act"}
    assert changed == {
        "cost_nano_usd", "input_cost_nano_usd", "output_cost_nano_usd", "computed_cost_nano_usd", "cost_source",
        "unpriced_reason", "price_card",
    }  # fmt: skip
    assert (restatement["seq"], restatement["sign"], restatement["corrects"]) == (own["seq"] + 2, 1, own["seq"])


def test_the_card_is_kept_that_the_new_cost_stands_on(installation: Installation, pricing: Pricing) -> None:
    append(installation, pricing.workspace.id, call("a"))
    pricing.charge("house-model", 3)
    pricing.reprice()
    identity = pricing.rows()[-1]["price_card"]
    with pricing.database.read() as connection:
        card = price_cards.kept(connection, identity)
    assert card is not None
    assert 1_000_000 * card.rates["input"] == 3 * NANO * card.scale


def test_what_was_reported_is_never_touched(installation: Installation, pricing: Pricing) -> None:
    append(installation, pricing.workspace.id, call("a", cost=5), call("b", "gpt-4o", cost=0))
    pricing.charge("*", 99)
    assert pricing.reprice().changes.totals.events == 0
    assert len(pricing.rows()) == 2


def test_what_costs_the_same_stays_as_it_is(installation: Installation, pricing: Pricing) -> None:
    """Another card alone is no other cost."""
    append(installation, pricing.workspace.id, call("a", "gpt-4o"))
    pricing.charge("gpt-4o", "2.5", output_per_million_usd=1)  # its input costs just that
    assert pricing.prices().card(None, "gpt-4o", NOON).identity != pricing.rows()[0]["price_card"]  # type: ignore[union-attr]
    assert pricing.reprice().changes.totals.events == 0


def test_what_a_cache_spared_is_priced_again_where_it_was_computed(
    installation: Installation, pricing: Pricing
) -> None:
    hit = {"cache_hit": True}
    told = make_event(NOON, None, id="told", model="house-model", tokens=MILLION, **hit)
    told.claim.saved = 42
    append(
        installation, pricing.workspace.id, call("a", **hit), told,
        call("apart", tokens=Tokens(), avoided_input=1_000_000, avoided_output=0, **hit),
    )  # fmt: skip
    pricing.charge("house-model", 2)
    done = pricing.reprice()
    saved = {row["id"]: row["saved_nano_usd"] for row in pricing.rows()}  # the last of each id
    assert saved == {"a": 2 * NANO, "told": 42, "apart": 0}, "how the tokens were split is known of the first alone"
    assert done.changes.totals.saved == 2 * NANO
    assert pricing.total() == (3, 0, 0), "a hit costs nothing"


def test_a_claim_that_decides_nothing_stays_beside_the_cost(installation: Installation, pricing: Pricing) -> None:
    event = call("a", cost=11)
    event.claim.binding = False
    append(installation, pricing.workspace.id, event)
    pricing.charge("house-model", 1)
    pricing.reprice()
    now = pricing.rows()[-1]
    assert (now["cost_source"], now["cost_nano_usd"], now["reported_cost_nano_usd"]) == ("computed", NANO, 11)


def test_a_price_that_is_gone_makes_a_call_unpriced(installation: Installation, pricing: Pricing) -> None:
    append(installation, pricing.workspace.id, call("a"))
    pricing.charge("house-model", 1)
    pricing.reprice("up")
    with pricing.database.write() as connection:
        connection.exec_driver_sql("DELETE FROM price_overrides")
        connection.exec_driver_sql("UPDATE control SET version = version + 1")
    totals = pricing.reprice("down").changes.totals
    assert (totals.old, totals.new, totals.unpriced_before, totals.unpriced_after) == (NANO, 0, 0, 1)
    assert costs(pricing) == {"a": None}


def test_days_are_local_from_the_first_to_the_last(installation: Installation) -> None:
    zoned = make_workspace(installation, "berlin", timezone="Europe/Berlin")
    pricing = Pricing.of(installation, zoned)
    midnight = 1_795_215_600_000_000  # of the 21st of November in Berlin
    for id, started in (("before", midnight - 1), ("first", midnight), ("last", midnight + DAY - 1)):
        append(installation, zoned.id, call(id, started_us=started))
    append(installation, zoned.id, call("after", started_us=midnight + DAY))
    pricing.charge("house-model", 1)
    pricing.reprice(first=date(2026, 11, 21), last=date(2026, 11, 21))
    assert costs(pricing) == {"before": None, "first": NANO, "last": NANO, "after": None}
    with pytest.raises(BadField):
        pricing.wanted(first=date(2026, 11, 22), last=date(2026, 11, 21))


def test_one_model_alone(installation: Installation, pricing: Pricing) -> None:
    append(installation, pricing.workspace.id, call("a"), call("b", "house-model-2"))
    pricing.charge("house-*", 1)
    pricing.reprice(model="house-model")
    assert costs(pricing) == {"a": NANO, "b": None}


def test_other_workspaces_are_left_alone(installation: Installation, pricing: Pricing) -> None:
    other = Pricing.of(installation, make_workspace(installation, "other"))
    append(installation, other.workspace.id, call("a"))
    append(installation, pricing.workspace.id, call("a"))
    for each in (pricing, other):
        each.charge("house-model", 1)
    pricing.reprice()
    assert (pricing.total(), other.total()) == ((1, NANO, 0), (1, 0, 1))


def test_what_came_after_an_act_began_is_not_its_own(
    installation: Installation, pricing: Pricing, dying: Callable[..., None]
) -> None:
    append(installation, pricing.workspace.id, call("a"))
    pricing.charge("house-model", 1)
    dying(pricing.reprice, after=0)
    append(installation, pricing.workspace.id, call("late"))
    pricing.reprice()
    assert costs(pricing) == {"a": NANO, "late": None}


# -- a dry run ----------------------------------------------------------------------------------------------------


def test_a_dry_run_says_what_an_act_would_do_and_changes_nothing(installation: Installation, pricing: Pricing) -> None:
    append(installation, pricing.workspace.id, call("a"), call("b"), call("c", "gpt-4o"), call("d", "elsewhere"))
    pricing.charge("house-model", "0.000000045", provider=None)
    pricing.charge("gpt-4o", 5)
    before = pricing.rows()
    tried = pricing.tried()
    assert pricing.rows() == before
    assert tried.table().splitlines() == [
        "provider  model        events   old USD     new USD   difference  unpriced  saved",
        "(none)    gpt-4o            1      2.50        5.00        +2.50     0 → 0   0.00",
        "(none)    house-model       2  unpriced  0.00000009  +0.00000009     2 → 0   0.00",
        "all                         3      2.50  5.00000009  +2.50000009     2 → 0   0.00",
    ]
    assert tried.shown() == pricing.reprice().changes.shown()
    assert pricing.tried().table() == "no event costs anything else"


# -- acts ---------------------------------------------------------------------------------------------------------


def test_an_act_that_is_finished_says_so_and_does_nothing(installation: Installation, pricing: Pricing) -> None:
    append(installation, pricing.workspace.id, call("a"))
    pricing.charge("house-model", 1)
    first = pricing.reprice()
    pricing.charge("house-model", 2)
    again = pricing.reprice()
    assert (first.before, again.before) == (False, True)
    assert (again.act, again.changes) == (first.act, first.changes)
    assert pricing.total() == (1, NANO, 0)


@pytest.mark.parametrize(
    ("field", "terms"),
    [
        ("model", {"model": "gpt-4o"}), ("from", {"first": date(2026, 2, 1)}), ("to", {"last": date(2026, 3, 1)}),
    ],
)  # fmt: skip
def test_the_same_name_with_other_terms_is_refused(pricing: Pricing, field: str, terms: dict[str, Any]) -> None:
    pricing.reprice()
    with pytest.raises(Conflict) as refused:
        pricing.reprice(**terms)
    assert refused.value.details is not None
    assert refused.value.details["field"] == field
    assert f"its {field} is" in refused.value.message


@pytest.mark.parametrize(
    ("name", "reason"), [("", "why"), ("  ", "why"), ("name", ""), ("a\0b", "why"), ("a" * 257, "why")]
)
def test_an_act_has_a_name_and_a_reason(pricing: Pricing, name: str, reason: str) -> None:
    with pytest.raises(BadField):
        pricing.reprice(name, reason)


def test_each_act_leaves_its_records(installation: Installation, pricing: Pricing) -> None:
    append(installation, pricing.workspace.id, call("a"))
    pricing.charge("house-model", 1)
    pricing.reprice()
    pricing.undo()
    with pricing.database.read() as connection:
        records = audit.listed(connection, pricing.workspace.id).records
    said = [(each["action"], each["subject"], each["actor"], each["details"].get("author")) for each in records]
    assert said[:4] == [
        ("undo.finish", "spring", "command line", "ada"), ("undo.begin", "spring", "command line", "ada"),
        ("reprice.finish", "spring", "command line", "ada"), ("reprice.begin", "spring", "command line", "ada"),
    ]  # fmt: skip
    assert records[2]["details"]["events"] == 1
    assert records[3]["details"]["reason"] == "new prices"


# -- killed -------------------------------------------------------------------------------------------------------


@pytest.fixture
def dying(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Runs something that dies before it may correct once more than so many chunks, of one call each."""

    class Killed(BaseException):
        pass

    correct = corrections.correct

    def run(work: Callable[[], Any], after: int) -> None:
        left = after

        def mortal(*arguments: Any) -> int:
            nonlocal left
            left -= 1
            if left < 0:
                raise Killed
            return correct(*arguments)

        with monkeypatch.context() as patched:
            patched.setattr(corrections, "correct", mortal)
            with pytest.raises(Killed):
                work()

    monkeypatch.setattr(repricing, "CHUNK", 1)
    monkeypatch.setattr(repricing, "PIECE", 2)
    return run


@pytest.mark.parametrize("after", [0, 1, 3])
def test_killed_half_way_and_run_again_it_applies_once(
    installation: Installation, pricing: Pricing, dying: Callable[..., None], after: int
) -> None:
    append(installation, pricing.workspace.id, *(call(f"e{each}", started_us=NOON - each * DAY) for each in range(5)))
    pricing.charge("house-model", 1)
    dying(pricing.reprice, after=after)
    assert pricing.total() == (5, after * NANO, 5 - after)
    done = pricing.reprice()
    assert pricing.total() == (5, 5 * NANO, 0)
    assert done.changes.totals.events == 5, "what it did in all, whichever run did it"
    assert len(pricing.rows()) == 15


def test_what_was_cut_short_does_not_go_on_at_other_prices(
    installation: Installation, pricing: Pricing, dying: Callable[..., None]
) -> None:
    append(installation, pricing.workspace.id, call("a"), call("b", started_us=NOON + 1))
    pricing.charge("house-model", 1)
    dying(pricing.reprice, after=1)
    pricing.charge("house-model", 2, valid_from="2026-01-01")
    with pytest.raises(Conflict, match="Prices have changed since the act 'spring' began"):
        pricing.reprice()
    pricing.undo()
    assert costs(pricing) == {"a": None, "b": None}
    pricing.reprice("summer")
    assert costs(pricing) == {"a": 2 * NANO, "b": 2 * NANO}


def test_while_an_act_is_unfinished_no_other_begins_but_its_undo(
    installation: Installation, pricing: Pricing, dying: Callable[..., None]
) -> None:
    append(installation, pricing.workspace.id, call("a"), call("b"))
    pricing.charge("house-model", 1)
    dying(pricing.reprice, after=1)
    with pytest.raises(Conflict, match="The act 'spring' is not finished"):
        pricing.reprice("summer")
    dying(pricing.undo, after=0)
    with pytest.raises(Conflict, match="The undo of 'spring' is not finished"):
        pricing.reprice("summer")
    with pytest.raises(Conflict, match="The act 'spring' was taken back"):
        pricing.reprice()
    assert pricing.undo().changes.totals.events == 1
    assert pricing.total() == (2, 0, 2)
    assert pricing.reprice("summer").changes.totals.events == 2


def test_another_process_that_took_it_back_stops_it(installation: Installation, pricing: Pricing) -> None:
    append(installation, pricing.workspace.id, call("a"))
    pricing.charge("house-model", 1)
    act = pricing.reprice().act
    with pytest.raises(Conflict, match="finished by another process"):
        repricing.correct(pricing.database, act, [1], pricing.prices())
    pricing.undo()
    with pytest.raises(Conflict):
        repricing.correct(pricing.database, act, [1], pricing.prices())


# -- undo ---------------------------------------------------------------------------------------------------------


def standing(pricing: Pricing) -> dict[str, dict[str, Any]]:
    with pricing.database.read() as connection:
        rows = connection.execute(corrections.standing()).mappings()
        return {row["id"]: {name: row[name] for name in row if name not in corrections.MARKS} for row in rows}


def test_an_undo_restores_exactly_what_counted_before(installation: Installation, pricing: Pricing) -> None:
    append(
        installation, pricing.workspace.id, call("a"), call("b", "gpt-4o"), call("c", cost=3), call("d", "elsewhere")
    )
    before, total = standing(pricing), pricing.total()
    pricing.charge("house-model", 1)
    pricing.charge("gpt-4o", 9)
    done = pricing.reprice()
    assert standing(pricing) != before
    undone = pricing.undo()
    assert (standing(pricing), pricing.total()) == (before, total)
    assert undone.changes.totals.difference == -done.changes.totals.difference
    again = pricing.undo()
    assert (again.before, again.changes) == (True, undone.changes)
    assert (standing(pricing), pricing.total()) == (before, total)


def test_killed_half_way_and_run_again_an_undo_applies_once(
    installation: Installation, pricing: Pricing, dying: Callable[..., None]
) -> None:
    append(installation, pricing.workspace.id, *(call(f"e{each}", started_us=NOON + each) for each in range(5)))
    before = standing(pricing)
    pricing.charge("house-model", 1)
    pricing.reprice()
    dying(pricing.undo, after=2)
    assert pricing.total() == (5, 3 * NANO, 2)
    pricing.undo()
    assert standing(pricing) == before
    assert len(pricing.rows()) == 25


def test_an_undo_is_refused_as_a_whole_where_a_later_act_touched_an_event(
    installation: Installation, pricing: Pricing
) -> None:
    append(installation, pricing.workspace.id, call("a"), call("b", "house-model-2"))
    pricing.charge("house-*", 1)
    pricing.reprice("first")
    first = standing(pricing)
    pricing.charge("house-model-2", 2)
    pricing.reprice("second")
    rows = pricing.rows()
    with pytest.raises(Conflict, match="The act 'second' has corrected some of the same events since"):
        pricing.undo("first")
    assert pricing.rows() == rows
    pricing.undo("second")
    assert standing(pricing) == first
    pricing.undo("first")
    assert costs(pricing) == {"a": None, "b": None}


def test_later_acts_on_other_events_do_not_hinder_an_undo(installation: Installation, pricing: Pricing) -> None:
    append(installation, pricing.workspace.id, call("a"), call("b", "other"))
    pricing.charge("house-model", 1)
    pricing.reprice("first")
    pricing.charge("other", 1)
    pricing.reprice("second")
    pricing.undo("first")
    assert costs(pricing) == {"a": None, "b": NANO}


def test_what_was_taken_back_stays_so(pricing: Pricing) -> None:
    pricing.reprice()
    pricing.undo()
    with pytest.raises(Conflict, match="was taken back: choose another name"):
        pricing.reprice()
    with pytest.raises(NotFound):
        pricing.undo("never was")
    with pricing.database.read() as connection:
        assert [act.kind for act in acts.listed(connection, pricing.workspace.id)] == ["reprice", "undo"]


# -- rollups ------------------------------------------------------------------------------------------------------


def files(installation: Installation) -> dict[tuple[str, str, str], Any]:
    with installation.database.read() as connection:
        known = {each.id: each for each in all_workspaces(connection)}
    return {
        (cube, owner, day): installation.lake.read(BY_ID[cube], known[owner], date.fromisoformat(day)).rows.rows()
        for cube, owner, day, _, _ in list(installation.lake.stamps())
    }


@pytest.mark.parametrize("step", [1, 2, 5])
def test_no_file_is_cut_between_the_halves_of_a_correction(
    installation: Installation, pricing: Pricing, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """Whoever reads the files alone sees a call as it was told before or as it is told now, and never not at all."""
    monkeypatch.setattr(rollup, "STEP", step)
    append(installation, pricing.workspace.id, call("a"), call("b"))
    pricing.charge("house-model", 1)
    pricing.reprice()
    ends = [last for _, last in rollup.steps(installation.database, 0, 6)]
    assert ends[-1] == 6
    assert not {3, 5} & set(ends), "the seq of reversals"


@pytest.mark.parametrize("step", [1, 2, 5, 100])
def test_rollups_are_healed_and_equal_a_rebuild(
    installation: Installation, pricing: Pricing, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """Wherever a step of the rollup ends."""
    monkeypatch.setattr(rollup, "STEP", step)
    spend = spend_of(installation, pricing.workspace)

    def answered() -> Any:
        asked = {"last": "7d", "measures": "cost,requests,unpriced_requests", "group_by": "cost_source,model"}
        return ask(spend, **asked).rows.sort("cost_source", "model").rows()  # type: ignore[arg-type]

    def rolled_up() -> Any:
        live = answered()
        rollup.run(installation.database, installation.lake)
        assert answered() == live
        counted = files(installation)
        rebuild.run(installation.database, installation.lake, rebuild.Wanted())
        assert files(installation) == counted
        assert rebuild.heal(installation.database, installation.lake).mended == []
        return live

    append(installation, pricing.workspace.id, call("a"), call("b", started_us=NOON - DAY), call("c", "gpt-4o"))
    before = rolled_up()
    pricing.charge("house-model", 1)
    pricing.reprice()
    assert rolled_up() == [("computed", "gpt-4o", 2_500_000_000, 1, 0), ("computed", "house-model", 2 * NANO, 2, 0)]
    pricing.undo()
    assert rolled_up() == before


# -- beside ingest ------------------------------------------------------------------------------------------------


def test_events_come_in_while_an_act_goes_on(
    installation: Installation, pricing: Pricing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between two of its transactions anybody may write; numbers stay without a gap, and nobody's event is touched."""
    monkeypatch.setattr(repricing, "CHUNK", 1)
    append(installation, pricing.workspace.id, *(call(f"e{each}") for each in range(20)))
    pricing.charge("house-model", 1)
    acting = threading.Thread(target=pricing.reprice)
    acting.start()
    late = 0
    while acting.is_alive():
        append(installation, pricing.workspace.id, call(f"late{late}", cost=3))
        late += 1
    acting.join()
    assert [row["seq"] for row in pricing.rows()] == list(range(1, 61 + late))
    assert pricing.total() == (20 + late, 20 * NANO + 3 * late, 0)


def test_two_processes_that_run_one_act_apply_it_once(
    installation: Installation, pricing: Pricing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The slower one may be told that the other has finished it."""
    monkeypatch.setattr(repricing, "CHUNK", 1)
    append(installation, pricing.workspace.id, *(call(f"e{each}") for each in range(20)))
    pricing.charge("house-model", 1)

    def run() -> None:
        with suppress(Conflict):
            pricing.reprice()

    both = [threading.Thread(target=run) for _ in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert pricing.total() == (20, 20 * NANO, 0)
    assert pricing.reprice().before
