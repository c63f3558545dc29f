"""`farthing users …`: the operator's way to people, whatever their role. Passwords and links are printed once."""

import secrets
import sys
from typing import Annotated

import typer

from jobs.commands import WorkspaceOption, author, in_workspace, installation, looking_at
from models import addresses
from models import settings as configuration

cli = typer.Typer(help="Manage users.", no_args_is_help=True)

Role = Annotated[str, typer.Option(help="viewer, admin or owner")]
FromStdin = Annotated[bool, typer.Option("--password-stdin", help="read the password from standard input")]


@cli.command("list")
def list_users(workspace: WorkspaceOption = None) -> None:
    """Every member of a workspace with their role, and who is invited."""
    from models.accounts import invitations, members
    from models.periods import iso, now_us

    with looking_at(workspace) as (connection, found):
        for person in members.people(connection, found.id):
            print(f"{person.role:7}  {person.email}")
        for each in invitations.pending(connection, found.id, now_us()):
            print(f"{each.role:7}  {each.email}  (invited, until {iso(each.expires_us)})")


@cli.command("add")
def add_user(
    email: str, role: Role = "viewer", password_stdin: FromStdin = False, workspace: WorkspaceOption = None
) -> None:
    """Make somebody a member; where they have no account of your making, a made-up password is printed once."""
    from models.accounts import members, passwords, users
    from models.errors import Conflict

    email, role = users.read_email(email), members.read_role(role)
    password = from_stdin() if password_stdin else secrets.token_urlsafe(12)
    hashed = passwords.hashed(password)
    with in_workspace(workspace) as (connection, found):
        there = users.id_of(connection, email)
        user_id = there or users.create(connection, email, hashed, author().at_us, proven=True)
        keeps = there and not users.prove(connection, user_id, hashed, author())
        if not members.join(connection, user_id, found.id, role, author(), "the operator"):
            raise Conflict(f"{email} is a member of {found.name} already: see `farthing users role`")
    print("added" if keeps or password_stdin else password)


@cli.command("invite")
def invite_user(email: str, role: Role = "viewer", workspace: WorkspaceOption = None) -> None:
    """Print a link that lets one person join, once, within 7 days."""
    from models.accounts import invitations, members, users

    email, role = users.read_email(email), members.read_role(role)
    with in_workspace(workspace) as (connection, found):
        word = invitations.invite(connection, found.id, email, role, author())
    print(link(f"/join?invitation={word}"))


@cli.command("role")
def change_role(email: str, role: str, workspace: WorkspaceOption = None) -> None:
    """Change what a member may do."""
    from models.accounts import members, users

    with in_workspace(workspace) as (connection, found):
        members.change_role(connection, found.id, users.read_email(email), members.read_role(role), author())
    print(role)


@cli.command("remove")
def remove_user(email: str, workspace: WorkspaceOption = None) -> None:
    """Take somebody out of a workspace; their account stays."""
    from models.accounts import members, users

    with in_workspace(workspace) as (connection, found):
        members.remove(connection, found.id, users.read_email(email), author())
    print("removed")


@cli.command("reset-password")
def reset_password(email: str, password_stdin: FromStdin = False) -> None:
    """Print a link by which they choose a new password, once, within 24 hours; or set it, and end their sessions."""
    from models.accounts import passwords, resets, users

    email = users.read_email(email)
    hashed = passwords.hashed(from_stdin()) if password_stdin else None
    with installation() as opened, opened.database.write() as connection:
        if hashed:
            user_id = users.named(connection, email)
            users.set_password(connection, user_id, hashed, author())
            users.vouch(connection, user_id)
            done = "set"
        else:
            done = link(f"/reset?token={resets.make(connection, email, author())}")
    print(done)


@cli.command("sign-out")
def sign_out(email: str) -> None:
    """End every session of somebody; their open pages close within 2 seconds."""
    from models.accounts import users

    with installation() as opened, opened.database.write() as connection:
        ended = users.sign_out_everywhere(connection, users.named(connection, users.read_email(email)), author())
    print(f"{ended} {'session' if ended == 1 else 'sessions'} ended")


def from_stdin() -> str:
    from models.accounts import passwords

    return passwords.read(sys.stdin.readline().rstrip("\r\n"))


def link(path: str) -> str:
    return addresses.dashboard(configuration.load()) + path
