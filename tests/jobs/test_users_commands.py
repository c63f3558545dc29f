"""`farthing users …`: what an operator types, and what it prints."""

import json
import subprocess
from pathlib import Path

import pytest

from models.accounts import invitations, members, passwords, resets, sessions, users
from models.installation import Installation, open_installation
from models.periods import now_us
from models.settings import Settings
from tests.servers import NURSERY, Farthing


@pytest.fixture(scope="module")
def farthing(tmp_path_factory: pytest.TempPathFactory) -> Farthing:
    folder = tmp_path_factory.mktemp("users")
    return Farthing.prepare(
        folder, FARTHING_PUBLIC_URL="https://farthing.example", FARTHING_ADMIN_EMAIL="ada@example.com"
    )


@pytest.fixture
def opened(farthing: Farthing) -> Installation:
    return open_installation(Settings(data_dir=farthing.data_dir, _env_file=None))


def run(farthing: Farthing, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    return farthing.run("users", *arguments, check=check)


def with_password(farthing: Farthing, password: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["-m", "farthing", "users", *arguments, "--password-stdin"]
    return NURSERY.run(command, farthing.environment, timeout=120, stdin=password + "\n")


def test_people_are_added_listed_given_roles_and_removed(farthing: Farthing, opened: Installation) -> None:
    password = run(farthing, "add", "Bob@Example.com", "--role", "admin").stdout.strip()
    with opened.database.read() as connection:
        assert users.known(connection, "bob@example.com", password)
    assert run(farthing, "role", "bob@example.com", "viewer").stdout == "viewer\n"
    assert run(farthing, "list").stdout.splitlines() == ["owner    ada@example.com", "viewer   bob@example.com"]
    again = run(farthing, "add", "bob@example.com", check=False)
    assert (again.returncode, again.stdout) == (1, "")
    assert "is a member of default already" in again.stderr
    assert run(farthing, "remove", "bob@example.com").stdout == "removed\n"
    assert run(farthing, "list").stdout.splitlines() == ["owner    ada@example.com"]
    assert run(farthing, "add", "bob@example.com").stdout == "added\n"  # the account was there


def test_an_account_that_somebody_made_in_their_name_is_theirs_from_then_on(
    farthing: Farthing, opened: Installation
) -> None:
    squatted, chosen = "squatted@example.com", "chosen by a stranger"
    with opened.database.write() as connection:
        user_id = users.create(connection, squatted, passwords.hashed(chosen), now_us())
        cookie = sessions.begin(connection, user_id, now_us())
    password = run(farthing, "add", squatted).stdout.strip()
    with opened.database.read() as connection:
        assert users.known(connection, squatted, password) == user_id
        assert users.known(connection, squatted, chosen) is None
        assert sessions.holder(connection, cookie, now_us()) is None


def test_nobody_becomes_the_owner_of_what_init_makes_by_taking_its_e_mail(tmp_path: Path) -> None:
    farthing = Farthing.prepare(tmp_path, FARTHING_ADMIN_EMAIL="ops@example.com")
    opened = open_installation(Settings(data_dir=farthing.data_dir, _env_file=None))
    with opened.database.write() as connection:
        users.create(connection, "boss@example.com", passwords.hashed("chosen by a stranger"), now_us())
    farthing.environment["FARTHING_ADMIN_EMAIL"] = "boss@example.com"
    made = json.loads(farthing.run("init", "--workspace", "two", "--json").stdout)
    again = json.loads(farthing.run("init", "--workspace", "three", "--json").stdout)
    with opened.database.read() as connection:
        assert users.known(connection, "boss@example.com", made["admin_password"])
        assert users.known(connection, "boss@example.com", "chosen by a stranger") is None
    assert again["admin_password"] is None
    opened.database.close()


def test_the_last_owner_stays(farthing: Farthing) -> None:
    for arguments in (("remove", "ada@example.com"), ("role", "ada@example.com", "viewer")):
        refused = run(farthing, *arguments, check=False)
        assert refused.returncode == 1
        assert "A workspace needs an owner" in refused.stderr


def test_an_invitation_is_a_link_to_where_people_reach_the_dashboard(farthing: Farthing, opened: Installation) -> None:
    link = run(farthing, "invite", "new@example.com", "--role", "owner").stdout.strip()
    address, _, word = link.partition("?invitation=")
    assert address == "https://farthing.example/join"
    with opened.database.read() as connection:
        assert invitations.find(connection, word, now_us()).role == "owner"
    assert "new@example.com  (invited, until" in run(farthing, "list").stdout


def test_a_password_is_reset_by_a_link_or_set(farthing: Farthing, opened: Installation) -> None:
    link = run(farthing, "reset-password", "ada@example.com").stdout.strip()
    address, _, word = link.partition("?token=")
    assert address == "https://farthing.example/reset"
    with opened.database.read() as connection:
        assert resets.find(connection, word, now_us()).email == "ada@example.com"
    assert with_password(farthing, "battery staple", "reset-password", "ada@example.com").stdout == "set\n"
    with opened.database.read() as connection:
        assert users.known(connection, "ada@example.com", "battery staple")
    short = with_password(farthing, "short", "reset-password", "ada@example.com")
    assert (short.returncode, short.stdout) == (1, "")
    assert "10 to 256" in short.stderr
    assert "Traceback" not in short.stderr


def test_somebody_is_signed_out_everywhere(farthing: Farthing, opened: Installation) -> None:
    with opened.database.write() as connection:
        for _ in range(2):
            sessions.begin(connection, users.named(connection, "ada@example.com"), now_us())
    assert run(farthing, "sign-out", "ada@example.com").stdout == "2 sessions ended\n"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("invite", "nobody"), "no e-mail address"),
        (("invite", "x@example.com", "--role", "king"), "role: expected viewer, admin or owner"),
        (("role", "x@example.com", "viewer"), "x@example.com is no member"),
        (("reset-password", "x@example.com"), "Nobody has an account as x@example.com"),
        (("list", "--workspace", "none"), "No workspace is named 'none'"),
    ],
)
def test_what_is_wrong_is_one_line(farthing: Farthing, arguments: tuple[str, ...], says: str) -> None:
    refused = run(farthing, *arguments, check=False)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert says in refused.stderr
    assert len(refused.stderr.splitlines()) == 1


def test_people_of_another_workspace_are_its_own(farthing: Farthing, opened: Installation) -> None:
    farthing.run("init", "--workspace", "other")
    assert (
        with_password(farthing, "battery staple", "add", "carol@example.com", "--workspace", "other").stdout
        == "added\n"
    )
    assert "carol" not in run(farthing, "list").stdout
    with opened.database.read() as connection:
        assert [each.workspace.name for each in members.memberships(connection, "carol@example.com")] == ["other"]


def test_no_password_and_no_word_is_kept_in_clear(farthing: Farthing) -> None:
    printed = [
        run(farthing, "add", "dora@example.com").stdout.strip(),
        run(farthing, "invite", "eve@example.com").stdout.strip().partition("=")[2],
        run(farthing, "reset-password", "dora@example.com").stdout.strip().partition("=")[2],
    ]
    kept = b"".join(path.read_bytes() for path in Path(farthing.data_dir).iterdir() if path.is_file())
    assert all(len(each) >= 16 and each.encode() not in kept for each in printed)
