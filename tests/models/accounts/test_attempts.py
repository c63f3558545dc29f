"""Attempts: guessing is slow, and nobody is shut out for good."""

import threading

import pytest

from models.accounts import attempts
from models.accounts.attempts import MINUTE, Attempts, Window, place_of
from models.errors import StoreUnavailable, TooManyRequests, Unauthorized
from models.periods import SECOND
from tests.factories import NOON

ADA, HERE = "ada@example.com", "192.0.2.7"


def fail(made: Attempts, email: str = ADA, address: str | None = HERE, now_us: int = NOON, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(Unauthorized), made.at(email, address, now_us):
            raise Unauthorized("no")


def succeed(made: Attempts, email: str = ADA, address: str | None = HERE, now_us: int = NOON) -> None:
    with made.at(email, address, now_us):
        pass


def test_ten_failures_for_an_account_from_one_place_are_enough() -> None:
    made = Attempts()
    fail(made, times=10)
    with pytest.raises(TooManyRequests) as refused:
        succeed(made, f" {ADA.upper()} ")
    assert refused.value.message == "Too many attempts: try again in 15 minutes"
    assert refused.value.headers == {"Retry-After": "900"}
    succeed(made, "bob@example.com")
    succeed(made, address="198.51.100.1")  # its owner is not shut out by who guesses elsewhere


def test_a_hundred_are_wherever_they_come_from() -> None:
    made = Attempts()
    for number in range(100):
        fail(made, address=f"192.0.2.{number}")
    with pytest.raises(TooManyRequests):
        succeed(made, address="198.51.100.1")
    made.forgive(ADA, HERE)
    succeed(made, address="198.51.100.1")


def test_fifty_from_an_address_are_whichever_accounts_they_are_for() -> None:
    made = Attempts()
    for number in range(50):
        fail(made, f"{number}@example.com")
    with pytest.raises(TooManyRequests):
        succeed(made)
    succeed(made, address="198.51.100.1")


def test_what_is_refused_is_not_tried_and_does_not_count() -> None:
    made = Attempts()
    fail(made, times=10)
    for _ in range(100):
        with pytest.raises(TooManyRequests), made.at(ADA, HERE, NOON + MINUTE):
            raise AssertionError("it was tried")
    succeed(made, now_us=NOON + 15 * MINUTE)


def test_the_window_moves() -> None:
    made = Attempts()
    fail(made, times=5)
    fail(made, times=5, now_us=NOON + 10 * MINUTE)
    with pytest.raises(TooManyRequests, match="in a minute"):
        fail(made, now_us=NOON + 14 * MINUTE + SECOND)
    fail(made, times=5, now_us=NOON + 15 * MINUTE)
    with pytest.raises(TooManyRequests, match="in 10 minutes"):
        fail(made, now_us=NOON + 15 * MINUTE)


def test_a_success_forgets_the_account_s_failures_and_counts_for_nothing() -> None:
    made = Attempts()
    for _ in range(20):
        fail(made, times=2)
        succeed(made)
    fail(made, times=10)
    with pytest.raises(TooManyRequests):
        succeed(made)


def test_a_stranger_s_own_account_does_not_clear_their_address() -> None:
    made = Attempts()
    for number in range(50):
        fail(made, f"{number}@example.com")
        if number < 49:
            succeed(made, "mine@example.com")
    with pytest.raises(TooManyRequests):
        succeed(made, "mine@example.com")


def test_a_store_that_is_away_is_nobody_s_failure() -> None:
    made = Attempts()
    for _ in range(100):
        with pytest.raises(StoreUnavailable), made.at(ADA, HERE, NOON):
            raise StoreUnavailable("away")
    succeed(made)


def test_many_at_once_are_no_more_than_one_after_the_other() -> None:
    made, tried, together = Attempts(), [], threading.Barrier(40)

    def guess() -> None:
        together.wait()
        try:
            with made.at(ADA, HERE, NOON):
                tried.append(1)
                raise Unauthorized("no")
        except (Unauthorized, TooManyRequests):
            pass

    threads = [threading.Thread(target=guess) for _ in range(40)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(tried) == 10


def test_who_has_proved_who_they_are_may_try_again() -> None:
    made = Attempts()
    fail(made, times=10)
    made.forgive(ADA, HERE)
    succeed(made)


def test_a_few_accounts_an_hour_are_made_from_an_address() -> None:
    made = Attempts()
    for _ in range(10):
        made.sign_up(HERE, NOON)
    with pytest.raises(TooManyRequests, match="in 60 minutes"):
        made.sign_up(HERE, NOON)
    made.sign_up("198.51.100.1", NOON)
    made.sign_up(HERE, NOON + 60 * MINUTE)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff:1", True),  # a subscriber's own
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("192.0.2.1", "192.0.2.2", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("fe80::1%eth0", "fe80::2%eth0", True),
        (None, "not an address", True),
    ],
)
def test_an_address_is_one_subscriber_s(one: str | None, other: str, same: bool) -> None:
    assert (place_of(one) == place_of(other)) == same


def test_memory_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "MAX_NAMES", 100)
    window = Window(10, MINUTE)
    for number in range(1_000):
        window.take("x" * 10_000 + str(number), NOON)
    assert len(window.used) == 100
    assert {len(name) for name in window.used} == {16}
