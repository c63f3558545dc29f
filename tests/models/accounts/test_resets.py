"""Links for a new password: a day, and once."""

import pytest

from models import audit
from models.accounts import passwords, resets, sessions, users
from models.audit import Author
from models.errors import NotFound
from models.installation import Installation
from tests.factories import AUTHOR, NOON
from tests.models.accounts.test_members import at_once

EMAIL = "ada@example.com"
HASHED = "argon2 of something"


@pytest.fixture
def word(installation: Installation) -> str:
    with installation.database.write() as connection:
        sessions.begin(connection, users.create(connection, EMAIL, "x", NOON), NOON)
        return resets.make(connection, EMAIL, AUTHOR)


def test_it_sets_the_password_and_ends_every_session(installation: Installation, word: str) -> None:
    with installation.database.write() as connection:
        found = resets.use(connection, word, passwords.hashed("correct horse"), AUTHOR)
        assert found.email == EMAIL
        assert users.known(connection, EMAIL, "correct horse") == found.user_id
        assert sessions.of_user(connection, found.user_id, NOON) == []


def test_it_works_once_also_for_two_at_once(installation: Installation, word: str) -> None:
    refused = at_once(installation, [lambda to: resets.use(to, word, HASHED, AUTHOR)] * 2)
    assert [type(each) for each in refused] == [NotFound]


def test_it_works_for_a_day(installation: Installation, word: str) -> None:
    with installation.database.write() as connection:
        assert resets.find(connection, word, NOON + resets.LIFE - 1)
        with pytest.raises(NotFound, match="can't be used"):
            resets.use(connection, word, HASHED, Author("x", NOON + resets.LIFE))


def test_a_newer_one_and_a_new_password_take_its_use(installation: Installation, word: str) -> None:
    with installation.database.write() as connection:
        newer = resets.make(connection, EMAIL, AUTHOR)
        with pytest.raises(NotFound):
            resets.find(connection, word, NOON)
        users.set_password(connection, users.named(connection, EMAIL), HASHED, AUTHOR)
        with pytest.raises(NotFound):
            resets.find(connection, newer, NOON)


def test_who_has_no_account_gets_no_link(installation: Installation) -> None:
    with pytest.raises(NotFound, match="Nobody has an account"), installation.database.write() as connection:
        resets.make(connection, "nobody@example.com", AUTHOR)


def test_the_word_is_kept_nowhere(installation: Installation, word: str) -> None:
    with installation.database.read() as connection:
        records = audit.listed(connection, "", operator=True).records  # the account has no workspace
    assert "user.reset" in [each["action"] for each in records]
    installation.database.close()
    content = b"".join(path.read_bytes() for path in installation.settings.data_dir.iterdir() if path.is_file())
    assert word.encode() not in content
