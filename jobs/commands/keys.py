"""`farthing keys …`"""

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jobs.commands import JsonOption, WorkspaceOption, author, in_workspace, installation

if TYPE_CHECKING:
    from models.accounts.keys import NewKey

cli = typer.Typer(help="Manage keys.", no_args_is_help=True)

PREFIX = 14  # characters, with the sign that says that it goes on


@cli.command("list")
def list_keys(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Every key of a workspace, with its age, its last use and its calls in 30 days."""
    found = keys_of(workspace)
    print(json.dumps({"keys": found}) if as_json else "\n".join(map(line, found)))


def keys_of(workspace: str | None) -> list[dict[str, Any]]:
    from models.accounts import keys, workspaces
    from models.periods import now_us
    from models.spend import by_key
    from models.spend.answer import Store

    now = now_us()
    with installation() as opened:
        with opened.database.read() as connection:
            where = workspaces.named_or_oldest(connection, workspace)
            found = keys.shown_all(connection, where.id, now)
        sent = by_key.calls(Store.open(opened.database, opened.lake).of(where, {}), now)
    return [each | {"events_30d": by_key.of(sent, each["name"])} for each in found]


def line(key: dict[str, Any]) -> str:
    """Its name comes last: it may be long."""
    sent = "unknown" if key["events_30d"] is None else f"{key['events_30d']:,}"
    facts = [
        f"{key['age_days']} days old" + (", rotate it" if key["rotation_due"] else ""),
        f"used {key['last_used_at'][:10]}" if key["last_used_at"] else "never used",
        f"{sent} calls in 30 days",
        *([f"expires {key['expires_at'][:10]}"] if key["expires_at"] else []),
    ]
    head = f"{key['id']}  {key['state']:8}  {key['scope']:6}  {key['prefix'] + '…':{PREFIX}}"
    return f"{head}  {' · '.join(facts)}  {key['name']}"


@cli.command("create")
def create_key(
    name: str,
    scope: Annotated[str, typer.Option(help="ingest, read or admin")] = "ingest",
    source: Annotated[
        list[str] | None,
        typer.Option(help="what the free plan shows of its calls: provider=…,model=…,feature=…; by default everything"),
    ] = None,
    attribute: Annotated[list[str] | None, typer.Option(help="team=…: fills in where an event has none")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="the tags of events that have none")] = None,
    expires_in_days: Annotated[int | None, typer.Option(help="by default it works for ever")] = None,
    rotate_after_days: Annotated[
        int | None, typer.Option(help="from this age on, people are reminded to rotate it")
    ] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Make a key; its secret is printed once."""
    from models.accounts import keys

    who = author()
    body = {"expires_in_days": expires_in_days, "rotate_after_days": rotate_after_days}
    sources = [pairs(each.split(","), "--source") for each in source] if source else [{}]
    wanted = new_key(name, scope, sources, pairs(attribute or (), "--attribute"), tag or [], body, who.at_us)
    with in_workspace(workspace) as (connection, found):
        _, secret = keys.create(connection, found.id, wanted, who)
    print(secret)


def new_key(
    name: str, scope: str, sources: list[dict[str, str]], attributes: dict[str, str], tags: list[str],
    life: dict[str, int | None], now_us: int,
) -> "NewKey":  # fmt: skip
    from models.accounts import keys, lifetimes
    from models.accounts import sources as definitions

    return keys.NewKey(
        keys.read_name(name),
        keys.read_scope(scope),
        tuple(definitions.sources(sources)),
        keys.read_attributes(attributes),
        keys.read_tags(tags),
        lifetimes.read(life, now_us),
    )


def pairs(words: Iterable[str], option: str) -> dict[str, str]:
    """`team=search`; a value may have any sign in it but the comma that parts the pairs of a source."""
    found = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not value or name in found:
            raise typer.BadParameter(f"{word[:80]!r} is no NAME=VALUE, or its name is said twice", param_hint=option)
        found[name] = value
    return found


@cli.command("rotate")
def rotate_key(
    key_id: str,
    grace_seconds: Annotated[int, typer.Option(min=0, max=30 * 86_400, help="how long the old secret still works")] = 0,
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
