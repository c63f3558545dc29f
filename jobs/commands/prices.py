"""`farthing prices …`"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jobs.commands import JsonOption, WorkspaceOption, author, in_workspace, installation, looking_at
from jobs.progress import progress
from models.errors import FarthingError

if TYPE_CHECKING:
    from models.pricing.prices import Prices

cli = typer.Typer(help="Prices: what is published, and what a workspace pays instead.", no_args_is_help=True)


@cli.command("update")
def update_prices(
    file: Annotated[
        Path | None, typer.Option(help="price data of genai-prices; by default the installed package's")
    ] = None,
) -> None:
    """Take up other price data, for events from now on; nothing is fetched, and past events stay as they are."""
    from models import price_tables
    from models.audit import COMMAND_LINE
    from models.periods import now_us

    data = price_tables.read_file(file) if file else None
    with installation() as opened:
        done = price_tables.update(opened.database, data, now_us(), COMMAND_LINE)
    print("\n".join(price_tables.as_text(done)))


@cli.command("show")
def show_prices(
    model: str,
    at: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="a day, UTC; by default now")] = None,
    provider: Annotated[str | None, typer.Option(help="who serves it; by default told from the name")] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """What a call of a model costs, by the workspace's own prices too, and what has changed when."""
    from models.periods import now_us, to_us
    from models.pricing import sheet

    at_us = to_us(at.replace(tzinfo=UTC)) if at else now_us()
    found = sheet.sheet(prices_of(workspace), provider, model, at_us)
    if as_json:
        print(json.dumps(found.as_json()))
    elif found.lines:
        print(sheet.as_text(found))
    if not found.lines:
        raise typer.Exit(1) if as_json else FarthingError(sheet.why_not(found))


def prices_of(workspace: str | None) -> "Prices":
    """A workspace's; the published ones while there is no workspace."""
    from models.accounts import workspaces
    from models.accounts.directory import Directory
    from models.periods import now_us

    with installation() as opened:
        view = Directory(opened.database).newest(now_us())
        with opened.database.read() as connection:
            found = workspaces.named(connection, workspace) if workspace else None
        oldest = next(iter(view.workspaces), "")
        return view.prices_of(found.id if found else oldest)


@cli.command("list")
def list_prices(
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """The price overrides of a workspace: id, provider, model, and what they say."""
    from models import price_overrides

    with looking_at(workspace) as (connection, found):
        overrides = price_overrides.of_workspace(connection, found.id)
    shown = [price_overrides.shown(each, found.timezone) for each in overrides]
    print(json.dumps({"prices": shown}) if as_json else "\n".join(map(price_overrides.line, shown)) or "none")


@cli.command("add")
def add_price(
    model: Annotated[str, typer.Argument(help="its name; * stands for any characters")],
    terms: Annotated[list[str], typer.Argument(help="input_per_million_usd=2.5 …, or discount_percent=15")],
    provider: Annotated[str | None, typer.Option(help="by default any")] = None,
    valid_from: Annotated[str | None, typer.Option(help="a day or a time; by default always")] = None,
    valid_to: Annotated[str | None, typer.Option(help="the day or time after the last")] = None,
    service_tier: Annotated[str | None, typer.Option(help="batch, flex, …; by default the plain price")] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Override a price from now on; events that are stored keep their cost. Prints its id."""
    from models import price_overrides

    body: dict[str, str | None] = {
        "model": model, "provider": provider, "service_tier": service_tier, "valid_from": valid_from,
        "valid_to": valid_to,
    }  # fmt: skip
    for word, _, value in (term.partition("=") for term in terms):
        if body.setdefault(word, value) != value:
            raise typer.BadParameter(f"{word} is an option, or is said twice: --{word.replace('_', '-')}")
    who = author()
    with in_workspace(workspace) as (connection, found):
        override = price_overrides.of_body(body, found.timezone, who.at_us)
        price_overrides.create(connection, found, override, who)
    print(override.id)


@cli.command("remove")
def remove_price(price_id: str, workspace: WorkspaceOption = None) -> None:
    """Delete an override: from now on the published price holds again, or the next override."""
    from models import price_overrides

    with in_workspace(workspace) as (connection, found):
        price_overrides.remove(connection, found, price_id, author())
    print("removed")


@cli.command("import")
def import_prices(
    file: Annotated[Path, typer.Argument(help="a price file as LiteLLM has it")],
    only: Annotated[str, typer.Option(help="rows whose names fit; * stands for any characters")] = "*",
    missing_only: Annotated[
        bool, typer.Option("--missing-only/--all", help="models without a published price only")
    ] = True,
    free: Annotated[bool, typer.Option("--free", help="also rows that say 0 for everything")] = False,
    valid_from: Annotated[str | None, typer.Option(help="a day or a time; by default always")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="say what would be taken, and take nothing")] = False,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Take a LiteLLM price file as overrides; the same file twice adds nothing."""
    from jobs import price_import
    from models.accounts import workspaces

    wanted = price_import.Wanted(only, missing_only, free, valid_from)
    read = price_import.PriceFile.at(file)
    with installation() as opened, progress("importing") as said:
        with opened.database.read() as connection:
            found = workspaces.named_or_oldest(connection, workspace)
        done = price_import.run(opened.database, found, read, wanted, author(), said, dry_run)
    print(json.dumps(done.shown()) if as_json else "\n".join(done.lines()))
