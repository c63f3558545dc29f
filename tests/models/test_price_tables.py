"""Adopted price data: which edition is in use, and how every process comes to know."""

import gc
import weakref
from decimal import Decimal

import pytest
from sqlalchemy import func, select, update

from models import price_tables
from models.accounts import control
from models.accounts.directory import Directory
from models.audit import AUDIT
from models.errors import BadRequest, FarthingError
from models.installation import Installation
from models.periods import SECOND
from models.price_tables import PRICE_TABLES, Update
from models.pricing.table import packaged
from tests.factories import DAY, NOON, append, make_event, make_workspace
from tests.price_data import GPT, NEW, data, provider, written

FILE = data(provider(GPT, NEW))
OTHER = data(provider(GPT | {"prices": {"input_mtok": 6, "output_mtok": 20}}, NEW))


def take(installation: Installation, content: bytes | None, at_us: int = NOON) -> Update:
    return price_tables.update(installation.database, content, at_us, "command line")


def source(installation: Installation) -> str:
    with installation.database.read() as connection:
        return price_tables.in_use(connection).source


def input_price(directory: Directory, model: str = "gpt-4o") -> tuple[str, int] | str:
    card = directory.view.published.card("openai", model, NOON)
    return card if isinstance(card, str) else (card.identity, (card.input or 0) // card.scale)


def test_before_any_is_taken_up_the_installed_package_s_is_in_use(installation: Installation) -> None:
    assert source(installation) == packaged().source
    assert take(installation, None) == Update(packaged().source, packaged().source, False, [])
    with installation.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(PRICE_TABLES)).scalar_one() == 0


def test_a_file_is_taken_up_under_a_name_that_no_other_content_has(installation: Installation) -> None:
    first = take(installation, FILE)
    second = take(installation, OTHER)
    assert first.taken
    assert first.after.startswith("prices file ")
    assert first.after.endswith(" of 2026-11-21")
    assert (second.before, second.after != first.after) == (first.after, True)
    assert source(installation) == second.after


def test_the_same_again_changes_nothing_on_another_day_neither(installation: Installation) -> None:
    first = take(installation, FILE)
    again = take(installation, FILE, NOON + 3 * DAY)
    assert (again.taken, source(installation)) == (False, first.after)


def test_what_changes_is_told_row_by_row(installation: Installation) -> None:
    take(installation, FILE)
    (change,) = take(installation, OTHER).changes
    assert (change.row, change.kind) == ("openai/gpt-4o", "changed")
    assert (change.before, change.after) == ((Decimal(5), Decimal(20)), (Decimal(6), Decimal(20)))
    told = price_tables.as_text(take(installation, data(provider(GPT | {"id": "gpt-0"}, NEW))))
    assert told[1:] == [
        "added: 1 rows",
        "  openai/gpt-0  5 / 20",
        "removed: 1 rows",
        "  openai/gpt-4o  6 / 20",
        "changed: 0 rows",
    ]


def test_a_file_that_is_wrong_anywhere_changes_nothing(installation: Installation) -> None:
    before = control_version(installation)
    with pytest.raises(BadRequest, match=r"openai/gpt-99: input_mtok: -1 is not"):
        take(installation, data(provider(GPT, NEW | {"prices": {"input_mtok": -1}})))
    assert source(installation) == packaged().source
    assert control_version(installation) == before


def control_version(installation: Installation) -> int:
    with installation.database.read() as connection:
        return control.version(connection)


def test_the_installed_package_s_can_be_taken_up_again(installation: Installation) -> None:
    take(installation, FILE)
    assert take(installation, None).taken
    assert source(installation) == packaged().source


def test_it_is_in_the_audit_log(installation: Installation) -> None:
    done = take(installation, FILE)
    with installation.database.read() as connection:
        (record,) = connection.execute(select(AUDIT)).mappings()
    assert (record["actor"], record["action"], record["subject"]) == ("command line", "price_data.adopt", done.after)
    assert record["details"]["before"] == packaged().source
    assert record["details"]["added"] == 1
    assert record["details"]["changed"] == 1


def test_past_events_keep_their_cost_and_their_card(installation: Installation) -> None:
    workspace = make_workspace(installation)
    append(installation, workspace.id, make_event(cost=None, provider="openai"))
    with installation.database.read() as connection:
        before = connection.exec_driver_sql("SELECT * FROM events").fetchall()
    take(installation, FILE)
    Directory(installation.database).check(NOON)
    with installation.database.read() as connection:
        assert connection.exec_driver_sql("SELECT * FROM events").fetchall() == before


# -- every process ------------------------------------------------------------------------------------------------


def test_every_process_prices_by_it_after_its_next_check(installation: Installation) -> None:
    other = Directory(installation.database)
    other.check(NOON)
    assert input_price(other) == ("genai-prices 0.2.3 openai/gpt-4o", 2_500)
    done = take(installation, FILE)
    other.check(NOON + SECOND)
    assert input_price(other) == (f"{done.after} openai/gpt-4o", 5_000)
    assert input_price(other, "gpt-99") == (f"{done.after} openai/gpt-99", 1_000)
    assert input_price(other, "gpt-5") == "unknown_model"
    take(installation, None)
    other.check(NOON + 2 * SECOND)
    assert input_price(other, "gpt-99") == "unknown_model"


def test_a_process_that_starts_later_prices_by_it_at_once(installation: Installation) -> None:
    take(installation, FILE)
    late = Directory(installation.database)
    late.check(NOON)
    assert input_price(late, "gpt-99") != "unknown_model"


def test_whoever_asks_for_the_newest_has_it_at_once(installation: Installation) -> None:
    take(installation, FILE)
    view = Directory(installation.database).newest(NOON)
    assert view.published.card("openai", "gpt-99", NOON) != "unknown_model"


def test_a_look_on_the_event_loop_never_reads_an_edition(installation: Installation) -> None:
    other = Directory(installation.database)
    other.check(NOON)
    take(installation, FILE)
    other.look(NOON + SECOND)
    assert other.view.version == control_version(installation)
    assert input_price(other) == ("genai-prices 0.2.3 openai/gpt-4o", 2_500)
    other.check(NOON + SECOND)
    assert input_price(other, "gpt-99") != "unknown_model"


def test_an_edition_is_read_once_and_remembered_through_other_changes(installation: Installation) -> None:
    take(installation, FILE)
    other = Directory(installation.database)
    other.check(NOON)
    published = other.view.published
    make_workspace(installation)
    other.check(NOON + SECOND)
    assert other.view.version == control_version(installation)
    assert other.view.published is published


def test_the_table_that_was_in_use_is_let_go(installation: Installation) -> None:
    take(installation, FILE)
    other = Directory(installation.database)
    other.check(NOON)
    old = weakref.ref(other.view.published.table)
    take(installation, OTHER)
    other.check(NOON + SECOND)
    gc.collect()
    assert old() is None


def test_an_event_in_flight_keeps_the_card_it_was_priced_by(installation: Installation) -> None:
    other = Directory(installation.database)
    other.check(NOON)
    card = other.view.published.card("openai", "gpt-4o", NOON)
    take(installation, FILE)
    other.check(NOON + SECOND)
    assert not isinstance(card, str)
    assert card.identity == "genai-prices 0.2.3 openai/gpt-4o"


def test_the_installed_edition_as_a_file_has_the_same_prices_under_another_name(installation: Installation) -> None:
    done = take(installation, written(packaged().providers))
    assert (done.taken, done.changes) == (True, [])
    other = Directory(installation.database)
    other.check(NOON)
    assert input_price(other) == (f"{done.after} openai/gpt-4o", 2_500)


def test_what_can_not_be_read_any_more_is_said_and_can_be_replaced(installation: Installation) -> None:
    take(installation, FILE)
    with installation.database.write() as connection:
        connection.execute(update(PRICE_TABLES).values(content=price_tables.packed(b"[]")))
    with pytest.raises(FarthingError, match=r"can't be read any more: .*: run `farthing prices update`"):
        Directory(installation.database).check(NOON)
    assert take(installation, None).taken
    Directory(installation.database).check(NOON)
