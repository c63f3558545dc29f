"""Members: who may change whom, and that a workspace always has an owner."""

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import Connection

from models import audit
from models.accounts import control, invitations, members, roles, users
from models.accounts.workspaces import WorkspaceInfo
from models.errors import Conflict, FarthingError, Forbidden, NotFound
from models.installation import Installation
from tests.factories import AUTHOR, NOON, make_workspace

OWNER, ADMIN, VIEWER = "owner@example.com", "admin@example.com", "viewer@example.com"


@pytest.fixture
def workspace(installation: Installation) -> WorkspaceInfo:
    """With one member of each role."""
    made = make_workspace(installation)
    with installation.database.write() as connection:
        for email in (OWNER, ADMIN, VIEWER):
            join(connection, made, email, email.partition("@")[0])
    return made


def join(connection: Connection, workspace: WorkspaceInfo, email: str, role: str) -> None:
    members.add(connection, users.create(connection, email, "x", NOON), workspace.id, role)


def roles_in(connection: Connection, workspace: WorkspaceInfo) -> dict[str, str]:
    return {each.email: each.role for each in members.people(connection, workspace.id)}


# Who may give whom which role; everything else is refused. None is the operator.
MAY_CHANGE = {
    (OWNER, ADMIN): set(roles.ROLES), (OWNER, VIEWER): set(roles.ROLES), (OWNER, OWNER): {"owner"},
    (ADMIN, ADMIN): {"viewer", "admin"}, (ADMIN, VIEWER): {"viewer", "admin"}, (ADMIN, OWNER): set(),
    (VIEWER, OWNER): set(), (VIEWER, ADMIN): set(), (VIEWER, VIEWER): set(),
    (None, OWNER): {"owner"}, (None, ADMIN): set(roles.ROLES), (None, VIEWER): set(roles.ROLES),
}  # fmt: skip


@pytest.mark.parametrize("role", roles.ROLES)
@pytest.mark.parametrize(("by", "whom"), MAY_CHANGE)
def test_who_may_give_whom_which_role(
    installation: Installation, workspace: WorkspaceInfo, by: str | None, whom: str, role: str
) -> None:
    with installation.database.write() as connection:
        before = roles_in(connection, workspace)
        if role in MAY_CHANGE[by, whom]:
            members.change_role(connection, workspace.id, whom, role, AUTHOR, by)
            assert roles_in(connection, workspace) == before | {whom: role}
        else:
            with pytest.raises((Forbidden, Conflict)):
                members.change_role(connection, workspace.id, whom, role, AUTHOR, by)
            assert roles_in(connection, workspace) == before


MAY_REMOVE = {
    (OWNER, ADMIN), (OWNER, VIEWER), (ADMIN, ADMIN), (ADMIN, VIEWER), (VIEWER, VIEWER), (None, ADMIN), (None, VIEWER),
}  # fmt: skip


@pytest.mark.parametrize("whom", [OWNER, ADMIN, VIEWER])
@pytest.mark.parametrize("by", [OWNER, ADMIN, VIEWER, None])
def test_who_may_remove_whom_and_leave(
    installation: Installation, workspace: WorkspaceInfo, by: str | None, whom: str
) -> None:
    with installation.database.write() as connection:
        if (by, whom) in MAY_REMOVE:
            members.remove(connection, workspace.id, whom, AUTHOR, by)
        else:
            with pytest.raises((Forbidden, Conflict)):
                members.remove(connection, workspace.id, whom, AUTHOR, by)
        assert (whom in roles_in(connection, workspace)) == ((by, whom) not in MAY_REMOVE)


def test_a_stranger_changes_nobody(installation: Installation, workspace: WorkspaceInfo) -> None:
    other = make_workspace(installation, "other")
    with installation.database.write() as connection:
        join(connection, other, "stranger@example.com", "owner")
        with pytest.raises(Forbidden, match="no member"):
            members.change_role(connection, workspace.id, VIEWER, "admin", AUTHOR, "stranger@example.com")
        with pytest.raises(NotFound):
            members.remove(connection, other.id, VIEWER, AUTHOR, "stranger@example.com")


def test_the_last_owner_stays_until_there_is_another(installation: Installation, workspace: WorkspaceInfo) -> None:
    with installation.database.write() as connection:
        for by in (OWNER, None):
            with pytest.raises(Conflict, match="needs an owner"):
                members.remove(connection, workspace.id, OWNER, AUTHOR, by)
            with pytest.raises(Conflict, match="needs an owner"):
                members.change_role(connection, workspace.id, OWNER, "viewer", AUTHOR, by)
        members.change_role(connection, workspace.id, ADMIN, "owner", AUTHOR, OWNER)
        members.remove(connection, workspace.id, OWNER, AUTHOR, OWNER)
        assert roles_in(connection, workspace)[ADMIN] == "owner"


def test_two_owners_who_leave_at_once_leave_one(installation: Installation, workspace: WorkspaceInfo) -> None:
    with installation.database.write() as connection:
        members.change_role(connection, workspace.id, ADMIN, "owner", AUTHOR)
    refused = at_once(installation, [lambda to, email=email: members.remove(to, workspace.id, email, AUTHOR, email)
                                     for email in (OWNER, ADMIN)])  # fmt: skip
    assert [type(each) for each in refused] == [Conflict]
    with installation.database.read() as connection:
        assert list(roles_in(connection, workspace).values()).count("owner") == 1


def at_once(installation: Installation, acts: list[Callable[[Connection], object]]) -> list[FarthingError]:
    """Each in a transaction and thread of its own; what was refused."""
    refused, together = [], threading.Barrier(len(acts))

    def run(act: Callable[[Connection], object]) -> None:
        together.wait()
        try:
            with installation.database.write() as connection:
                act(connection)
        except FarthingError as problem:
            refused.append(problem)

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return refused


@pytest.mark.parametrize(("becomes", "left"), [(None, []), ("viewer", []), ("admin", ["viewer", "admin"])])
def test_links_that_somebody_may_not_give_any_more_lose_their_use(
    installation: Installation, workspace: WorkspaceInfo, becomes: str | None, left: list[str]
) -> None:
    with installation.database.write() as connection:
        members.change_role(connection, workspace.id, VIEWER, "owner", AUTHOR)
        given = {
            role: invitations.invite(connection, workspace.id, f"{role}@elsewhere.com", role, AUTHOR, VIEWER)
            for role in roles.ROLES
        }
        kept = invitations.invite(connection, workspace.id, "kept@elsewhere.com", "owner", AUTHOR, OWNER)
        if becomes:
            members.change_role(connection, workspace.id, VIEWER, becomes, AUTHOR, OWNER)
        else:
            members.remove(connection, workspace.id, VIEWER, AUTHOR, OWNER)
        usable = [role for role, word in given.items() if is_usable(connection, word)]
        assert usable == left
        assert is_usable(connection, kept)


def is_usable(connection: Connection, word: str) -> bool:
    try:
        return bool(invitations.find(connection, word, NOON))
    except NotFound:
        return False


def test_every_change_is_on_the_log_and_seen_by_every_process(
    installation: Installation, workspace: WorkspaceInfo
) -> None:
    with installation.database.write() as connection:
        versions = [control.version(connection)]
        members.change_role(connection, workspace.id, VIEWER, "admin", AUTHOR, OWNER)
        versions.append(control.version(connection))
        members.remove(connection, workspace.id, VIEWER, AUTHOR, OWNER)
        versions.append(control.version(connection))
        said = [
            (each["action"], each["subject"], each["details"])
            for each in audit.listed(connection, workspace.id).records
        ]
    assert said[:2] == [
        ("user.remove", VIEWER, {"role": "admin"}),
        ("user.role", VIEWER, {"before": "viewer", "after": "admin"}),
    ]
    assert versions == sorted(set(versions))


def test_somebody_is_a_member_of_several_workspaces(installation: Installation, workspace: WorkspaceInfo) -> None:
    other = make_workspace(installation, "other")
    with installation.database.write() as connection:
        members.add(connection, users.named(connection, VIEWER), other.id, "owner")
        found = [(each.workspace.name, each.role) for each in members.memberships(connection, VIEWER)]
        members.remove(connection, workspace.id, VIEWER, AUTHOR, VIEWER)
        assert sorted(found) == [("other", "owner"), ("team", "viewer")]  # both were made at the same instant
        assert [each.workspace.name for each in members.memberships(connection, VIEWER)] == ["other"]
