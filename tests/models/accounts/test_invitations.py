"""Invitations: one person, one workspace, one use, one week."""

import pytest

from models import audit
from models.accounts import invitations, members, users
from models.accounts.invitations import LIFE
from models.accounts.workspaces import WorkspaceInfo
from models.audit import Author
from models.errors import Conflict, Forbidden, NotFound
from models.installation import Installation
from tests.factories import AUTHOR, NOON, make_workspace
from tests.models.accounts.test_members import at_once

ADA, BOB = "ada@example.com", "bob@example.com"


@pytest.fixture
def workspace(installation: Installation) -> WorkspaceInfo:
    """Ada's; Bob has an account."""
    made = make_workspace(installation)
    with installation.database.write() as connection:
        members.add(connection, users.create(connection, ADA, "x", NOON), made.id, "admin")
        users.create(connection, BOB, "x", NOON)
    return made


def invite(installation: Installation, workspace: WorkspaceInfo, role: str = "viewer", by: str | None = ADA) -> str:
    with installation.database.write() as connection:
        return invitations.invite(connection, workspace.id, BOB, role, AUTHOR, by)


def test_whoever_is_invited_joins_with_the_role_that_was_given(
    installation: Installation, workspace: WorkspaceInfo
) -> None:
    word = invite(installation, workspace, "admin")
    with installation.database.write() as connection:
        found = invitations.find(connection, word, NOON)
        assert (found.email, found.role, found.workspace, found.invited_by) == (BOB, "admin", "team", ADA)
        invitations.accept(connection, word, AUTHOR)
        assert members.role_of(connection, BOB, workspace.id) == "admin"


def test_a_link_works_once(installation: Installation, workspace: WorkspaceInfo) -> None:
    word = invite(installation, workspace)
    with installation.database.write() as connection:
        invitations.accept(connection, word, AUTHOR)
        members.remove(connection, workspace.id, BOB, AUTHOR)
        with pytest.raises(NotFound, match="can't be used"):
            invitations.accept(connection, word, AUTHOR)


def test_of_two_who_use_it_at_once_one_does(installation: Installation, workspace: WorkspaceInfo) -> None:
    word = invite(installation, workspace)
    refused = at_once(installation, [lambda to: invitations.accept(to, word, AUTHOR)] * 2)
    assert [type(each) for each in refused] == [NotFound]
    with installation.database.read() as connection:
        joins = [each for each in audit.listed(connection, workspace.id).records if each["action"] == "user.join"]
    assert len(joins) == 1


def test_for_a_week(installation: Installation, workspace: WorkspaceInfo) -> None:
    word = invite(installation, workspace)
    with installation.database.write() as connection:
        assert invitations.find(connection, word, NOON + LIFE - 1)
        with pytest.raises(NotFound):
            invitations.find(connection, word, NOON + LIFE)
        with pytest.raises(NotFound):
            invitations.accept(connection, word, Author("b", NOON + LIFE))
        assert invitations.pending(connection, workspace.id, NOON + LIFE) == []


def test_until_it_is_withdrawn(installation: Installation, workspace: WorkspaceInfo) -> None:
    word = invite(installation, workspace)
    with installation.database.write() as connection:
        (waiting,) = invitations.pending(connection, workspace.id, NOON)
        invitations.withdraw(connection, workspace.id, waiting.id, AUTHOR, ADA)
        with pytest.raises(NotFound):
            invitations.find(connection, word, NOON)
        with pytest.raises(NotFound, match="not open"):
            invitations.withdraw(connection, workspace.id, waiting.id, AUTHOR, ADA)


def test_one_that_is_used_can_not_be_withdrawn(installation: Installation, workspace: WorkspaceInfo) -> None:
    word = invite(installation, workspace)
    with installation.database.write() as connection:
        (waiting,) = invitations.pending(connection, workspace.id, NOON)
        invitations.accept(connection, word, AUTHOR)
        with pytest.raises(NotFound):
            invitations.withdraw(connection, workspace.id, waiting.id, AUTHOR, ADA)


def test_the_newest_link_for_an_e_mail_counts(installation: Installation, workspace: WorkspaceInfo) -> None:
    first, second = invite(installation, workspace), invite(installation, workspace)
    with installation.database.write() as connection:
        with pytest.raises(NotFound):
            invitations.find(connection, first, NOON)
        assert invitations.find(connection, second, NOON)
        assert len(invitations.pending(connection, workspace.id, NOON)) == 1


def test_used_withdrawn_old_and_made_up_links_are_told_alike(
    installation: Installation, workspace: WorkspaceInfo
) -> None:
    used = invite(installation, workspace)
    said = set()
    with installation.database.write() as connection:
        invitations.accept(connection, used, AUTHOR)
        for word in (used, "made up", "", "x" * 10_000):
            with pytest.raises(NotFound) as refused:
                invitations.find(connection, word, NOON)
            said.add(refused.value.message)
    assert len(said) == 1


def test_nobody_invites_above_their_own_role(installation: Installation, workspace: WorkspaceInfo) -> None:
    with pytest.raises(Forbidden, match="only an owner"):
        invite(installation, workspace, "owner")
    with installation.database.write() as connection:
        members.change_role(connection, workspace.id, ADA, "viewer", AUTHOR)
    with pytest.raises(Forbidden, match="needs admin"):
        invite(installation, workspace)
    assert invite(installation, workspace, "owner", by=None)


def test_an_owner_s_invitation_is_an_owner_s_to_withdraw(installation: Installation, workspace: WorkspaceInfo) -> None:
    invite(installation, workspace, "owner", by=None)
    with installation.database.write() as connection:
        (waiting,) = invitations.pending(connection, workspace.id, NOON)
        with pytest.raises(Forbidden):
            invitations.withdraw(connection, workspace.id, waiting.id, AUTHOR, ADA)


def test_a_member_is_not_invited_again(installation: Installation, workspace: WorkspaceInfo) -> None:
    with pytest.raises(Conflict, match="member of this workspace already"), installation.database.write() as connection:
        invitations.invite(connection, workspace.id, ADA, "viewer", AUTHOR)


def test_a_link_raises_no_member_s_role(installation: Installation, workspace: WorkspaceInfo) -> None:
    word = invite(installation, workspace, "admin")
    with installation.database.write() as connection:
        members.add(connection, users.named(connection, BOB), workspace.id, "viewer")
        invitations.accept(connection, word, AUTHOR)
        assert members.role_of(connection, BOB, workspace.id) == "viewer"


def test_the_log_tells_of_it_without_the_word_and_nothing_else_keeps_it(
    installation: Installation, workspace: WorkspaceInfo
) -> None:
    word = invite(installation, workspace)
    with installation.database.write() as connection:
        invitations.accept(connection, word, AUTHOR)
        records = audit.listed(connection, workspace.id).records
    assert [each["action"] for each in records[:2]] == ["user.join", "user.invite"]
    assert records[0]["details"] == {"role": "viewer", "by": f"invitation of {ADA}"}
    installation.database.close()
    content = b"".join(path.read_bytes() for path in installation.settings.data_dir.iterdir() if path.is_file())
    assert word.encode() not in content
