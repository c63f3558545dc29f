"""People and sessions."""

from models.accounts import users
from models.installation import Installation
from tests.factories import NOON, make_workspace


def test_signing_in_and_out(installation: Installation) -> None:
    workspace = make_workspace(installation)
    with installation.database.write() as connection:
        user_id = users.ensure(connection, "Ops@Example.com", "correct horse", NOON)
        users.add_owner(connection, user_id, workspace.id)
        assert users.sign_in(connection, "ops@example.com", "wrong", NOON) is None
        assert users.sign_in(connection, "nobody@example.com", "correct horse", NOON) is None
        cookie = users.sign_in(connection, " OPS@example.com ", "correct horse", NOON)
        assert cookie is not None
        assert users.signed_in(connection, cookie, NOON) == "ops@example.com"
        assert [(each.workspace.name, each.role) for each in users.memberships(connection, "ops@example.com")] == [
            ("team", "owner")
        ]
        assert users.signed_in(connection, cookie, NOON + users.SESSION_LIFE) is None
        assert users.signed_in(connection, cookie + "x", NOON) is None
        users.sign_out(connection, cookie)
        assert users.signed_in(connection, cookie, NOON) is None


def test_neither_password_nor_cookie_is_stored(installation: Installation) -> None:
    with installation.database.write() as connection:
        users.ensure(connection, "a@example.com", "correct horse", NOON)
        cookie = users.sign_in(connection, "a@example.com", "correct horse", NOON)
    installation.database.close()
    content = b"".join(path.read_bytes() for path in installation.settings.data_dir.iterdir() if path.is_file())
    assert b"correct horse" not in content
    assert str(cookie).encode() not in content
    assert b"$argon2id$" in content
