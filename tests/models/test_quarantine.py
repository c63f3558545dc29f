"""Quarantine: what waits there, how it is looked at, and how somebody asks for a replay."""

from typing import Any

import pytest

from models import audit, quarantine
from models.audit import Author
from models.errors import BadRequest, NotFound
from models.installation import Installation
from models.quarantine import Held, Problem, Refusal, Which
from tests.factories import AUTHOR, NOON, make_workspace

COUNT = "a whole number from 0 to 1000000000000"
KEPT = {"model": "gpt-4o", "prompt_tokens": -3, "metadata": {"team": "search"}}


def held(workspace_id: str, ago: int = 0, field: str | None = "prompt_tokens", **kept: Any) -> Held:
    details = {"field": field, "value": -3, "expected": COUNT} if field else {}
    error = f"Invalid payload: {field} is -3" if field else "This event could not be stored"
    return Held(workspace_id, NOON - ago, "ingest", "default", error, details, KEPT | kept)


def fill(installation: Installation, *events: Held) -> None:
    with installation.database.write() as connection:
        quarantine.hold(connection, list(events))


def row(installation: Installation, workspace_id: str, place: int = 0) -> Any:
    with installation.database.read() as connection:
        return quarantine.page(connection, workspace_id, Which(), place, 1)[0]


# -- looking ------------------------------------------------------------------------------------------------------


def test_pages_have_the_newest_first_and_nobody_elses(installation: Installation) -> None:
    one, other = make_workspace(installation, "one").id, make_workspace(installation, "other").id
    fill(installation, *(held(one, ago, model=f"m{ago}") for ago in (3, 1, 2)), held(other, 0, model="theirs"))
    with installation.database.read() as connection:
        pages = [quarantine.page(connection, one, Which(), offset, 2) for offset in (0, 2)]
        assert [[each["kept"]["model"] for each in page] for page in pages] == [["m1", "m2"], ["m3"]]
        assert [quarantine.count(connection, one), quarantine.count(connection, one, bound=2)] == [3, 2]


def test_they_are_told_apart_by_field_and_by_reason(installation: Installation) -> None:
    ours = make_workspace(installation).id
    fill(installation, held(ours), held(ours, 1), held(ours, 2, "total_tokens"), held(ours, 3, None))
    with installation.database.read() as connection:
        assert quarantine.problems(connection, ours) == [
            Problem("prompt_tokens", COUNT, 2),
            Problem("", "This event could not be stored", 1),
            Problem("total_tokens", COUNT, 1),
        ]
        counts = {
            which: quarantine.count(connection, ours, which)
            for which in (Which("prompt_tokens"), Which(""), Which(None, COUNT), Which("", COUNT), Which("model"))
        }
    assert list(counts.values()) == [2, 1, 3, 0, 0]


def test_a_glance_sees_what_arrives_what_leaves_and_what_is_asked_for(installation: Installation) -> None:
    ours = make_workspace(installation).id
    seen: list[object] = []

    def look(later: int = 0) -> bool:
        """Whether it is another one than ever before."""
        with installation.database.read() as connection:
            found = quarantine.glance(connection, ours, ids, NOON + later)
        seen.append(found)
        return found not in seen[:-1]

    ids: list[str] = []
    assert look()
    fill(installation, held(ours, 1), held(ours, 2))
    assert look()
    ids = [row(installation, ours, place)["id"] for place in (0, 1)]
    assert look()
    assert not look(later=quarantine.PATIENCE)
    with installation.database.write() as connection:
        quarantine.ask(connection, ours, ids[1], {}, AUTHOR)
    assert look()
    assert look(later=quarantine.PATIENCE + 1)
    with installation.database.write() as connection:
        quarantine.refuse(connection, quarantine.wishes(connection, 1)[0], Refusal("no", {}, {}), NOON)
    assert look()
    with installation.database.write() as connection:
        quarantine.discard(connection, ours, ids[1], AUTHOR)
    assert look()


# -- wishes -------------------------------------------------------------------------------------------------------


def test_a_wish_says_which_members_to_replace(installation: Installation) -> None:
    ours = make_workspace(installation).id
    fill(installation, held(ours, usage={"input_tokens": -1, "details": {"cached": 2}}))
    changes = {"prompt_tokens": 3, "usage.input_tokens": 5, "usage.details.cached": 0}
    with installation.database.write() as connection:
        quarantine.ask(connection, ours, row(installation, ours)["id"], changes, Author("user ada", NOON, "::1"))
        (wish,) = quarantine.wishes(connection, 10)
        (told, _) = audit.listed(connection, ours).records
    assert wish["wanted"] == {"prompt_tokens": 3, "usage": {"input_tokens": 5, "details": {"cached": 0}}}
    assert (told["actor"], told["action"], told["subject"]) == ("user ada", "quarantine.replay", wish["id"])
    assert told["details"] == {"changes": changes}


def test_usage_that_litellm_keeps_in_its_metadata_is_replaced_there() -> None:
    kept = {"metadata": {"team": "a", "usage_object": {"prompt_tokens": -1, "total_tokens": 4}}}
    wanted = quarantine.replacing(kept, {"usage.prompt_tokens": 1, "model": "gpt-4o"})
    assert wanted == {
        "metadata": {"team": "a", "usage_object": {"prompt_tokens": 1, "total_tokens": 4}}, "model": "gpt-4o",
    }  # fmt: skip


@pytest.mark.parametrize("changes", [{"": 1}, {"usage..x": 1}, {"model": "x" * 7_000}])
def test_what_can_not_be_replaced_is_refused_and_nothing_is_asked_for(
    installation: Installation, changes: dict[str, Any]
) -> None:
    ours = make_workspace(installation).id
    fill(installation, held(ours))
    with pytest.raises(BadRequest), installation.database.write() as connection:
        quarantine.ask(connection, ours, row(installation, ours)["id"], changes, AUTHOR)
    with installation.database.read() as connection:
        assert quarantine.wishes(connection, 10) == []


def test_all_of_a_kind_are_asked_for_and_those_that_wait_stay_as_they_wait(installation: Installation) -> None:
    ours, other = make_workspace(installation, "one").id, make_workspace(installation, "other").id
    fill(installation, held(ours), held(ours, 1), held(ours, 2, None), held(other))
    with installation.database.write() as connection:
        quarantine.ask(connection, ours, row(installation, ours)["id"], {"prompt_tokens": 1}, AUTHOR)
        assert quarantine.ask_all(connection, ours, Which("prompt_tokens"), AUTHOR) == 1
        assert [each["wanted"] for each in quarantine.wishes(connection, 10)] in (
            [{"prompt_tokens": 1}, {}], [{}, {"prompt_tokens": 1}],
        )  # fmt: skip
        told = audit.listed(connection, ours).records[0]
    assert told["details"] == {"events": 1, "field": "prompt_tokens", "reason": None}


def test_a_refusal_takes_the_wish_away_but_not_a_newer_one(installation: Installation) -> None:
    ours = make_workspace(installation).id
    fill(installation, held(ours))
    held_id = row(installation, ours)["id"]
    refusal = Refusal("Invalid payload: model is null", {"field": "model"}, {"prompt_tokens": 3})
    with installation.database.write() as connection:
        quarantine.ask(connection, ours, held_id, {"model": None}, AUTHOR)
        (taken,) = quarantine.wishes(connection, 10)
        quarantine.ask(connection, ours, held_id, {"model": "gpt-4o"}, AUTHOR._replace(at_us=NOON + 1))
        quarantine.refuse(connection, taken, refusal, NOON + 2)
        (newer,) = quarantine.wishes(connection, 10)
        assert newer["wanted"] == {"model": "gpt-4o"}
        quarantine.refuse(connection, newer, refusal, NOON + 3)
        assert quarantine.wishes(connection, 10) == []
        stays = quarantine.one(connection, ours, held_id)
    assert (stays["error"], stays["kept"], stays["wanted"]) == (refusal.error, {"prompt_tokens": 3}, None)
    assert stays["refused_us"] == NOON + 3


def test_another_workspaces_events_are_out_of_reach(installation: Installation) -> None:
    ours, other = make_workspace(installation, "one").id, make_workspace(installation, "other").id
    fill(installation, held(other))
    theirs = row(installation, other)["id"]
    with installation.database.write() as connection:
        for act in (lambda: quarantine.ask(connection, ours, theirs, {}, AUTHOR),
                    lambda: quarantine.discard(connection, ours, theirs, AUTHOR)):  # fmt: skip
            with pytest.raises(NotFound):
                act()
        assert quarantine.ask_all(connection, ours, Which(), AUTHOR) == 0
        assert quarantine.count(connection, other) == 1
        assert quarantine.wishes(connection, 10) == []
