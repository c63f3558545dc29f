"""`farthing keys …`"""

from typing import Annotated

import typer

from jobs.commands import WorkspaceOption, author, in_workspace, looking_at

cli = typer.Typer(help="Manage keys.", no_args_is_help=True)


@cli.command("list")
def list_keys(workspace: WorkspaceOption = None) -> None:
    """Every key of a workspace: id, state, scope, prefix, name."""
    from models.accounts import keys
    from models.periods import now_us

    with looking_at(workspace) as (connection, found):
        for key in keys.shown_all(connection, found.id, now_us()):
            print(f"{key['id']}  {key['state']:8}  {key['scope']:6}  {key['prefix']}…  {key['name']}")


@cli.command("create")
def create_key(
    name: str,
    scope: Annotated[str, typer.Option(help="ingest, read or admin")] = "ingest",
    workspace: WorkspaceOption = None,
) -> None:
    """Make a key; its secret is printed once."""
    from models.accounts import keys

    wanted = keys.NewKey(keys.read_name(name), keys.read_scope(scope))
    with in_workspace(workspace) as (connection, found):
        _, secret = keys.create(connection, found.id, wanted, author())
    print(secret)


@cli.command("rotate")
def rotate_key(
    key_id: str,
    grace_seconds: Annotated[int, typer.Option(min=0, help="how long the old secret still works")] = 0,
    workspace: WorkspaceOption = None,
) -> None:
    """A new secret for the same key, printed once."""
    from models.accounts import keys

    with in_workspace(workspace) as (connection, found):
        _, secret = keys.rotate(connection, found.id, key_id, grace_seconds, author())
    print(secret)


@cli.command("revoke")
def revoke_key(key_id: str, workspace: WorkspaceOption = None) -> None:
    """Revoke a key for good."""
    from models.accounts import keys

    with in_workspace(workspace) as (connection, found):
        keys.revoke(connection, found.id, key_id, author())
    print("revoked")


@cli.command("deactivate")
def deactivate_key(key_id: str, workspace: WorkspaceOption = None) -> None:
    """Refuse a key until it is activated again."""
    switch_key(key_id, workspace, active=False)


@cli.command("activate")
def activate_key(key_id: str, workspace: WorkspaceOption = None) -> None:
    """Take a key again."""
    switch_key(key_id, workspace, active=True)


def switch_key(key_id: str, workspace: str | None, active: bool) -> None:
    from models.accounts import keys

    with in_workspace(workspace) as (connection, found):
        keys.set_active(connection, found.id, key_id, active, author())
    print("active" if active else "inactive")
