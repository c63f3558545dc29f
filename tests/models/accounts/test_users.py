"""People: e-mails and passwords."""

import pytest

from models import audit
from models.accounts import members, passwords, sessions, users, words
from models.errors import BadRequest, Conflict
from models.installation import Installation
from tests.factories import AUTHOR, NOON, make_workspace

PASSWORD = "correct horse"


def test_somebody_is_known_by_e_mail_and_password(installation: Installation) -> None:
    with installation.database.write() as connection:
        user_id = users.ensure(connection, "Ops@Example.com", PASSWORD, NOON)
        assert users.known(connection, " OPS@example.com ", PASSWORD) == user_id
        assert users.known(connection, "ops@example.com", "wrong") is None
        assert users.known(connection, "nobody@example.com", PASSWORD) is None


def test_an_account_that_is_there_keeps_its_password(installation: Installation) -> None:
    with installation.database.write() as connection:
        user_id = users.ensure(connection, "a@example.com", PASSWORD, NOON)
        assert users.ensure(connection, "A@example.com", "another one", NOON) == user_id
        assert users.known(connection, "a@example.com", PASSWORD)
        with pytest.raises(Conflict, match="exists already"):
            users.create(connection, "A@Example.com", "x", NOON)


def test_a_new_password_ends_every_session_but_the_one_that_set_it(installation: Installation) -> None:
    workspace = make_workspace(installation)
    with installation.database.write() as connection:
        user_id = users.ensure(connection, "a@example.com", PASSWORD, NOON)
        members.add(connection, user_id, workspace.id, "owner")
        here, elsewhere = (sessions.begin(connection, user_id, NOON) for _ in range(2))
        users.set_password(connection, user_id, passwords.hashed("battery staple"), AUTHOR, keep=words.digest(here))
        assert sessions.holder(connection, here, NOON) == "a@example.com"
        assert sessions.holder(connection, elsewhere, NOON) is None
        assert users.known(connection, "a@example.com", "battery staple") == user_id
        assert users.known(connection, "a@example.com", PASSWORD) is None
        record = audit.listed(connection, workspace.id).records[0]
        assert (record["action"], record["subject"], record["details"]) == (
            "user.password", "a@example.com", {"sessions_ended": 1},
        )  # fmt: skip


def test_what_somebody_without_a_workspace_does_stands_on_the_installation_s_log(installation: Installation) -> None:
    workspace = make_workspace(installation)
    with installation.database.write() as connection:
        user_id = users.create(connection, "a@example.com", "x", NOON)
        users.sign_out_everywhere(connection, user_id, AUTHOR)
        assert "user.sign_out" not in [each["action"] for each in audit.listed(connection, workspace.id).records]
        assert audit.listed(connection, workspace.id, operator=True).records[0]["action"] == "user.sign_out"


@pytest.mark.parametrize("typed", [" Ada@Example.com\n", "ada@example.com", "ada@EXAMPLE.com"])
def test_an_e_mail_is_kept_in_one_way(typed: str) -> None:
    assert users.read_email(typed) == "ada@example.com"


@pytest.mark.parametrize(
    "typed", ["", "ada", "ada@", "@example.com", "a b@example.com", "a@b@c", "a\x00@b.c", "a" * 251 + "@b.c"]
)
def test_what_is_no_e_mail_is_refused(typed: str) -> None:
    with pytest.raises(BadRequest, match="no e-mail"):
        users.read_email(typed)


# -- passwords ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("chosen", ["ten chars!", "x" * 256, "pässwörter 密码 🔑", "          "])
def test_a_password_is_ten_to_256_printable_characters(chosen: str) -> None:
    assert passwords.read(chosen) == chosen


@pytest.mark.parametrize(
    "chosen", ["", "nine char", "x" * 257, "with a\nnew line", "with a\x00 nul", "lone \ud800 half"]
)
def test_any_other_is_refused_without_being_repeated(chosen: str) -> None:
    with pytest.raises(BadRequest) as refused:
        passwords.read(chosen)
    assert refused.value.message == "Choose a password of 10 to 256 printable characters"


def test_the_same_letters_from_another_keyboard_are_the_same_password() -> None:
    assert passwords.match("cafe\u0301 au lait", passwords.hashed("caf\u00e9 au lait"))


def test_no_password_is_right_where_there_is_none() -> None:
    assert not passwords.match(PASSWORD, None)


def test_neither_password_nor_cookie_is_stored(installation: Installation) -> None:
    with installation.database.write() as connection:
        cookie = sessions.begin(connection, users.ensure(connection, "a@example.com", PASSWORD, NOON), NOON)
    installation.database.close()
    content = b"".join(path.read_bytes() for path in installation.settings.data_dir.iterdir() if path.is_file())
    assert PASSWORD.encode() not in content
    assert cookie.encode() not in content
    assert b"$argon2id$" in content
