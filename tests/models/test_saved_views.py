"""Saved views: a question under a name, for one workspace and nobody else."""

import pytest

from models import audit, saved_views
from models.accounts.workspaces import WorkspaceInfo
from models.audit import Author
from models.errors import BadField, Conflict, Forbidden, NotFound
from models.installation import Installation
from models.saved_views import SavedView
from tests.factories import NOON, make_workspace

ADA, BOB = Author("user ada@example.com", NOON), Author("user bob@example.com", NOON + 1)
QUERY = "last=7d&where=team%3Asearch&group_by=model"


@pytest.fixture
def workspace(installation: Installation) -> WorkspaceInfo:
    return make_workspace(installation)


def save(installation: Installation, workspace: WorkspaceInfo, name: str = "By model", by: Author = ADA) -> SavedView:
    with installation.database.write() as connection:
        return saved_views.save(connection, workspace.id, name, "explorer", QUERY, by)


def remove(installation: Installation, workspace: WorkspaceInfo, view_id: str, by: Author, admin: bool = False) -> None:
    with installation.database.write() as connection:
        saved_views.remove(connection, workspace.id, view_id, by, any_author=admin)


def names(installation: Installation, workspace: WorkspaceInfo) -> list[str]:
    with installation.database.read() as connection:
        return [each.name for each in saved_views.of_workspace(connection, workspace.id)]


def test_a_view_is_kept_as_it_was_saved(installation: Installation, workspace: WorkspaceInfo) -> None:
    made = save(installation, workspace, "  By   model ")
    with installation.database.read() as connection:
        assert saved_views.of_workspace(connection, workspace.id) == [made]
    assert (made.name, made.path, made.query, made.author) == ("By model", "explorer", QUERY, ADA.actor)


def test_views_are_listed_by_name(installation: Installation, workspace: WorkspaceInfo) -> None:
    for name in ("beta", "Alpha", "gamma"):
        save(installation, workspace, name)
    assert names(installation, workspace) == ["Alpha", "beta", "gamma"]


def test_a_name_is_one_views_in_a_workspace_and_another_ones_elsewhere(
    installation: Installation, workspace: WorkspaceInfo
) -> None:
    other = make_workspace(installation, "other")
    save(installation, workspace)
    with pytest.raises(Conflict, match="'By model' already"):
        save(installation, workspace, by=BOB)
    save(installation, other)
    assert names(installation, workspace) == names(installation, other) == ["By model"]


def test_views_of_one_workspace_are_not_to_be_had_in_another(
    installation: Installation, workspace: WorkspaceInfo
) -> None:
    made, other = save(installation, workspace), make_workspace(installation, "other")
    assert names(installation, other) == []
    with pytest.raises(NotFound):
        remove(installation, other, made.id, ADA, admin=True)
    assert names(installation, workspace) == ["By model"]


def test_only_who_saved_it_or_an_admin_deletes_it(installation: Installation, workspace: WorkspaceInfo) -> None:
    one, two = save(installation, workspace, "one"), save(installation, workspace, "two")
    with pytest.raises(Forbidden):
        remove(installation, workspace, one.id, BOB)
    remove(installation, workspace, one.id, ADA)
    remove(installation, workspace, two.id, BOB, admin=True)
    assert names(installation, workspace) == []


def test_saving_and_deleting_stand_on_the_audit_log(installation: Installation, workspace: WorkspaceInfo) -> None:
    remove(installation, workspace, save(installation, workspace).id, BOB, admin=True)
    with installation.database.read() as connection:
        deleted, saved, *_ = audit.listed(connection, workspace.id).records
    assert (saved["action"], saved["actor"], saved["subject"]) == ("view.save", ADA.actor, "By model")
    assert (deleted["action"], deleted["actor"]) == ("view.delete", BOB.actor)
    assert saved["details"] == {"path": "explorer", "query": QUERY}


@pytest.mark.parametrize(
    ("name", "path", "query"),
    [("", "explorer", ""), (" ", "explorer", ""), ("x" * 81, "explorer", ""), ("a\x00", "explorer", ""),
     ("a", "//evil.example", ""), ("a", "explorer?x", ""), ("a", "explorer", "x" * 8_001)],
)  # fmt: skip
def test_what_is_no_view_is_refused(
    installation: Installation, workspace: WorkspaceInfo, name: str, path: str, query: str
) -> None:
    with pytest.raises(BadField), installation.database.write() as connection:
        saved_views.save(connection, workspace.id, name, path, query, ADA)
    assert names(installation, workspace) == []
