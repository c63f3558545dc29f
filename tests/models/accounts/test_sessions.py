"""Sessions: rows that begin and end."""

from sqlalchemy import Connection

from models.accounts import sessions, users, words
from models.accounts.sessions import LIFE, Browser
from models.installation import Installation
from tests.factories import NOON

AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def person(connection: Connection, email: str = "ada@example.com") -> str:
    return users.create(connection, email, "x", NOON)


def test_a_session_lasts_until_it_is_ended(installation: Installation) -> None:
    with installation.database.write() as connection:
        cookie = sessions.begin(connection, person(connection), NOON)
        assert sessions.holder(connection, cookie, NOON) == "ada@example.com"
        sessions.end(connection, cookie)
        assert sessions.holder(connection, cookie, NOON) is None


def test_or_for_thirty_days(installation: Installation) -> None:
    with installation.database.write() as connection:
        cookie = sessions.begin(connection, person(connection), NOON)
        assert sessions.holder(connection, cookie, NOON + LIFE - 1) == "ada@example.com"
        assert sessions.holder(connection, cookie, NOON + LIFE) is None


def test_no_other_word_opens_it(installation: Installation) -> None:
    with installation.database.write() as connection:
        cookie = sessions.begin(connection, person(connection), NOON)
        for word in (cookie + "x", cookie[:-1], words.digest(cookie), "", None):
            assert sessions.holder(connection, word, NOON) is None


def test_every_session_has_a_word_of_its_own(installation: Installation) -> None:
    with installation.database.write() as connection:
        user_id = person(connection)
        cookies = {sessions.begin(connection, user_id, NOON) for _ in range(50)}
    assert len(cookies) == 50
    assert all(len(cookie) == 43 for cookie in cookies)  # 32 bytes


def test_what_is_over_is_swept_out(installation: Installation) -> None:
    with installation.database.write() as connection:
        user_id = person(connection)
        sessions.begin(connection, user_id, NOON)
        sessions.begin(connection, user_id, NOON + LIFE)
        assert len(sessions.of_user(connection, user_id, NOON)) == 1


def test_a_session_says_where_it_is(installation: Installation) -> None:
    with installation.database.write() as connection:
        user_id = person(connection)
        cookie = sessions.begin(connection, user_id, NOON, Browser(AGENT, "192.0.2.7"))
        (found,) = sessions.of_user(connection, user_id, NOON)
    assert (found.digest, found.created_us, found.agent, found.address) == (
        words.digest(cookie),
        NOON,
        AGENT,
        "192.0.2.7",
    )


def test_what_a_browser_calls_itself_is_short_and_printable(installation: Installation) -> None:
    with installation.database.write() as connection:
        user_id = person(connection)
        sessions.begin(connection, user_id, NOON, Browser("evil\x00\r\n\x1b[31m " + "x" * 500))
        (found,) = sessions.of_user(connection, user_id, NOON)
    assert found.agent is not None
    assert found.agent.isprintable()
    assert len(found.agent) == 200


def test_one_of_them_can_be_ended_by_its_owner_only(installation: Installation) -> None:
    with installation.database.write() as connection:
        ada, bob = person(connection), person(connection, "bob@example.com")
        cookie, other = sessions.begin(connection, ada, NOON), sessions.begin(connection, ada, NOON)
        sessions.end_one(connection, bob, words.digest(cookie))
        assert sessions.holder(connection, cookie, NOON) == "ada@example.com"
        sessions.end_one(connection, ada, words.digest(cookie))
        assert sessions.holder(connection, cookie, NOON) is None
        assert sessions.holder(connection, other, NOON) == "ada@example.com"


def test_all_of_them_can_and_nobody_else_s(installation: Installation) -> None:
    with installation.database.write() as connection:
        ada, bob = person(connection), person(connection, "bob@example.com")
        cookies = [sessions.begin(connection, ada, NOON) for _ in range(3)]
        theirs = sessions.begin(connection, bob, NOON)
        assert sessions.end_all(connection, ada) == 3
        assert [sessions.holder(connection, cookie, NOON) for cookie in cookies] == [None] * 3
        assert sessions.holder(connection, theirs, NOON) == "bob@example.com"
