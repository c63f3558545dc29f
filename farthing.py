"""The front door: commands over api, app, jobs and models. It parses and prints; it decides nothing."""

import json
import logging
import sys
from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated

import structlog
import typer

from jobs.commands import JsonOption, WorkspaceOption, installation, keys, prices, users
from jobs.progress import progress
from models import settings as configuration
from models.errors import FarthingError
from models.settings import API_PORT, APP_PORT, Settings

UVICORN_COULD_NOT_START = 3  # its exit code, where ours is 1

cli = typer.Typer(
    help="Cost observability for LLM applications, exact to the nano-dollar.",
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
)  # fmt: skip
cli.add_typer(keys.cli, name="keys")
cli.add_typer(prices.cli, name="prices")
cli.add_typer(users.cli, name="users")


def main() -> None:
    """Run a command; what goes wrong is one line on stderr and exit code 1, or 2 for wrong usage."""
    configure_logs()
    try:
        code = cli(standalone_mode=False)
    except typer.TyperException as wrong:
        code = complain(wrong.format_message(), wrong.exit_code)
    except typer.Abort:
        code = complain("interrupted")
    except FarthingError as problem:
        code = complain(in_words(problem))
    except SystemExit as done:
        code = 1 if done.code == UVICORN_COULD_NOT_START else done.code
    except OSError as problem:
        code = complain(f"{problem.strerror or type(problem).__name__}: {problem.filename or ''}")
    except Exception as problem:
        # What nobody thought of. A traceback can hold somebody's data; the kind of the error is enough to ask for help.
        code = complain(f"{type(problem).__module__}.{type(problem).__name__}: see `farthing doctor`")
    sys.exit(code)


def complain(sentence: str, code: int = 1) -> int:
    print(f"farthing: {' '.join(sentence.split())}", file=sys.stderr)
    return code


def in_words(problem: FarthingError) -> str:
    details = problem.details or {}
    return problem.message + (f" ({details['field']}: expected {details['expected']})" if "expected" in details else "")


def configure_logs() -> None:
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


# -- making and running -------------------------------------------------------------------------------------------


@cli.command()
def init(
    workspace: Annotated[str, typer.Option(help="name of the workspace to make")] = "default",
    plan: Annotated[str, typer.Option(help="free or paid")] = "paid",
    as_json: JsonOption = False,
) -> None:
    """Make data folder and database, a workspace, its owner, an ingest key and a read key."""
    from models.installation import make_workspace
    from models.periods import now_us
    from models.welcome import welcome

    with installation() as opened:
        made = make_workspace(opened, workspace, plan, now_us())
    print(json.dumps(asdict(made)) if as_json else welcome(made, configuration.load(), API_PORT, APP_PORT))


@cli.command()
def up(api_port: int = API_PORT, app_port: int = APP_PORT) -> None:
    """Start API, dashboard and jobs; the first start makes a workspace and says, once, how to reach it."""
    from jobs import processes
    from models.installation import is_new, make_workspace
    from models.periods import now_us
    from models.welcome import welcome

    settings = configuration.load()
    with installation() as opened:
        if is_new(opened.database):
            made = make_workspace(opened, "default", "paid", now_us())
            print(welcome(made, settings, api_port, app_port), flush=True)
        else:
            print(
                f"Dashboard  {settings.app_address(app_port)}\nAPI        {settings.api_address(api_port)}", flush=True
            )
    sys.exit(processes.run(processes.of_all(api_port, app_port), reached_at(settings, api_port)))


@cli.command()
def demo(
    api_port: int = API_PORT,
    app_port: int = APP_PORT,
    scale: Annotated[float, typer.Option(min=0.01, max=1, help="share of the calls to make; 1 is all of them")] = 1,
) -> None:
    """The same on ninety days of made-up data, in a folder of its own; on another day it is made anew."""
    from jobs import processes
    from jobs.demo import folder
    from jobs.demo.welcome import welcome
    from models.periods import now_us

    settings = folder.settings_of(configuration.load())
    for port in (api_port, app_port):
        processes.require_free(settings.host, port)
    made = folder.prepare(settings, now_us(), scale, progress)
    print(welcome(made, settings, api_port, app_port), flush=True)
    environment = folder.environment(settings) | reached_at(settings, api_port)
    sys.exit(processes.run(processes.of_all(api_port, app_port), environment))


def reached_at(settings: Settings, api_port: int) -> dict[str, str]:
    """What the dashboard shows as the API's address, whichever port that listens on."""
    return {"FARTHING_PUBLIC_API_URL": settings.api_address(api_port)}


@cli.command()
def api(port: int = API_PORT) -> None:
    """Start the API."""
    import uvicorn

    from api.main import create_app

    settings = configuration.load()
    structlog.get_logger().info("api listens", address=f"http://{settings.host}:{port}")
    uvicorn.run(
        create_app(settings), host=settings.host, port=port, access_log=False, log_config=None, log_level="warning",
        timeout_graceful_shutdown=5, server_header=False, proxy_headers=False,
    )  # fmt: skip


@cli.command()
def app(port: int = APP_PORT) -> None:
    """Start the dashboard."""
    from app.server import serve

    settings = configuration.load()
    structlog.get_logger().info("dashboard listens", address=f"http://{settings.host}:{port}")
    serve(settings, port)


@cli.command()
def jobs() -> None:
    """Start the scheduled jobs."""
    from jobs import schedule

    with installation() as opened:
        schedule.run(opened)


# -- work by hand -------------------------------------------------------------------------------------------------


@cli.command()
def rollup() -> None:
    """Roll up what is new, mend what is damaged, change time zones as asked, and say what was done."""
    from jobs import rebuild as rebuilding
    from jobs import rollup as rolling
    from jobs import zones

    with installation() as opened:
        with progress("rolling up") as said:
            done = rolling.run(opened.database, opened.lake, said)
            healed = rebuilding.heal(opened.database, opened.lake)
        with progress("changing the time zone") as said:
            changed = zones.run(opened.database, opened.lake, said)
    print("\n".join(filter(None, map(str, (done, healed, changed)))))


@cli.command()
def rebuild(
    first: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="first local day")] = None,
    last: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="last local day")] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Rebuild rollups from events; the result equals the incremental one, row for row."""
    from jobs import rebuild as rebuilding
    from models.accounts import workspaces

    wanted = rebuilding.Wanted(day_of(first), day_of(last), workspace)
    with installation() as opened, progress("rebuilding") as said:
        if workspace:
            with opened.database.read() as connection:
                workspaces.named(connection, workspace)
        done = rebuilding.run(opened.database, opened.lake, wanted, said)
    print(done)
    if done.lost:
        raise typer.Exit(1)


def day_of(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


@cli.command()
def migrate() -> None:
    """Bring the database to this version's schema."""
    from models import migrations
    from models.database import Database

    changed = migrations.migrate(Database.of(configuration.load()))
    print(f"migrated to {migrations.newest()}" if changed else f"nothing to do: {migrations.newest()} is the newest")


@cli.command()
def doctor() -> None:
    """Check the installation and say what is wrong."""
    from jobs.doctor import examine

    findings = list(examine(configuration.load()))
    for finding in findings:
        print(f"{'ok     ' if finding.good else 'WRONG  '}{finding.says}")
    if not all(finding.good for finding in findings):
        raise typer.Exit(1)


@cli.command()
def reprice(
    first: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="first local day")] = None,
    last: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="last local day")] = None,
    model: Annotated[str | None, typer.Option(help="as events have it; by default all")] = None,
    name: Annotated[str | None, typer.Option(help="of the act; by default its days and its model")] = None,
    reason: Annotated[str | None, typer.Option(help="why, for the audit log")] = None,
    author: Annotated[str | None, typer.Option(help="who says so; by default the system's name of the user")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="say what would change, and change nothing")] = False,
    undo: Annotated[str | None, typer.Option(help="take back all that the act of this name did")] = None,
    listing: Annotated[bool, typer.Option("--list", help="every act, the oldest first")] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Price past events anew by the prices known now, as an act that is recorded and can be taken back."""
    from jobs import repricing_desk
    from jobs.repricing_desk import Typed

    typed = Typed(
        first=day_of(first), last=day_of(last), model=model, name=name, reason=reason, author=author, dry_run=dry_run,
        undo=undo, listing=listing, workspace=workspace,
    )  # fmt: skip
    if wrong := typed.wrong():
        raise typer.BadParameter(wrong)
    with installation() as opened:
        with progress("re-pricing") as said:
            done = repricing_desk.carry_out(opened, typed, said)
        print(json.dumps(done.shown()) if as_json else done)
        if isinstance(done, repricing_desk.Carried):
            repricing_desk.roll_up(opened)


if __name__ == "__main__":
    main()
