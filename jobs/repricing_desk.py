"""What a re-pricing is told, on the command line or on a page, and what it answers: one task, one answer, in words and
as JSON."""

import getpass
import os
from dataclasses import dataclass
from datetime import date
from typing import Any

from jobs import repricing, rollup
from jobs.repriced import Repriced
from jobs.repricing import Done, Wanted, Why
from jobs.rollup import Said
from models import acts, periods
from models.accounts import workspaces
from models.accounts.directory import Directory
from models.accounts.workspaces import WorkspaceInfo
from models.acts import Act
from models.audit import COMMAND_LINE
from models.installation import Installation
from models.pricing.prices import Prices


@dataclass(frozen=True, kw_only=True)
class Task:
    """What is to be done, or tried, in a workspace. Days are local, the last one too."""

    first: date | None
    last: date | None
    model: str | None
    name: str | None
    reason: str | None
    author: str | None
    dry_run: bool
    undo: str | None
    actor: str = COMMAND_LINE  # who has it done

    def why(self, name: str) -> Why:
        otherwise = acts.UNDONE if self.undo is not None else acts.REPRICED
        return Why(name, self.reason or otherwise, self.author or user(), self.actor)


@dataclass(frozen=True, kw_only=True)
class Typed(Task):
    """A command line."""

    listing: bool
    workspace: str | None

    def wrong(self) -> str | None:
        """What does not go together, or is missing."""
        if self.listing or self.undo is not None:
            if self.first or self.last or self.model or self.name or (self.listing and self.undo is not None):
                return f"{'--list' if self.listing else '--undo'} goes without --from, --to, --model and --name"
            return None
        if self.first is None or self.last is None:
            return "--from and --to are needed: the first and the last local day"
        return f"--to {self.last} is before --from {self.first}" if self.first > self.last else None


def user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may have nobody of that number
        return f"uid {os.getuid()}"


@dataclass(frozen=True)
class Tried:
    """What a task would change."""

    changes: Repriced

    def __str__(self) -> str:
        return f"{self.changes.table()}\n\na dry run: nothing was changed"

    def shown(self) -> dict[str, Any]:
        return {"dry_run": True, "act": None, **self.changes.shown()}


@dataclass(frozen=True)
class Carried:
    """What it has changed."""

    done: Done

    def __str__(self) -> str:
        act = self.done.act
        said = f"{act.called}, finished at {periods.iso(act.finished_us)}"
        again = ", before: nothing was done now" if self.done.before else ""
        return f"{self.done.changes.table()}\n\n{said}{again}"

    def shown(self) -> dict[str, Any]:
        said = {"dry_run": False, "act": self.done.act.shown(), "before": self.done.before}
        return {**said, **self.done.changes.shown()}


@dataclass(frozen=True)
class Listed:
    acts: list[Act]

    def __str__(self) -> str:
        return "\n".join(map(line, self.acts)) or "none"

    def shown(self) -> dict[str, Any]:
        return {"acts": [act.shown() for act in self.acts]}


def line(act: Act) -> str:
    model = f" {act.terms['model']}" if act.terms["model"] else ""
    done = periods.iso(act.finished_us) or "unfinished"
    what = f"{act.terms['from']}..{act.terms['to']}{model}"
    return f"{periods.iso(act.begun_us)}  {done}  {act.kind:7}  {act.name}  {what}  {act.author}: {act.reason}"


def carry_out(installation: Installation, typed: Typed, said: Said) -> Tried | Carried | Listed:
    with installation.database.read() as connection:
        workspace = workspaces.named_or_oldest(connection, typed.workspace)
    if typed.listing:
        with installation.database.read() as connection:
            return Listed(acts.listed(connection, workspace.id))
    return answered(installation, workspace, typed, said)


def answered(installation: Installation, workspace: WorkspaceInfo, task: Task, said: Said) -> Tried | Carried:
    """Whoever asked is told this first, and then what was corrected is rolled up."""
    if task.dry_run:
        return Tried(tried(installation, workspace, task, said))
    return Carried(performed(installation, workspace, task, said))


def roll_up(installation: Installation) -> None:
    """Bring the rollups up to date with what was corrected. Where that fails the task is done nevertheless: answers are
    exact without it, and the next rollup makes up for it."""
    rollup.run(installation.database, installation.lake)


def tried(installation: Installation, workspace: WorkspaceInfo, task: Task, said: Said) -> Repriced:
    if task.undo is not None:
        return repricing.undo_tried(installation.database, workspace, task.undo)
    return repricing.tried(installation.database, wanted(workspace, task), prices(installation, workspace), said)


def performed(installation: Installation, workspace: WorkspaceInfo, task: Task, said: Said) -> Done:
    if task.undo is not None:
        return repricing.undo(installation.database, workspace, task.why(task.undo), said)
    asked, ours = wanted(workspace, task), prices(installation, workspace)
    name = task.name or made_up_name(installation, asked)
    return repricing.reprice(installation.database, asked, ours, task.why(name), said)


def made_up_name(installation: Installation, asked: Wanted) -> str:
    days = asked.first.isoformat(), asked.last.isoformat()
    with installation.database.read() as connection:
        return acts.made_up_name(connection, asked.workspace.id, *days, asked.model)


def wanted(workspace: WorkspaceInfo, task: Task) -> Wanted:
    assert task.first is not None
    assert task.last is not None
    return Wanted(workspace, task.first, task.last, task.model)


def prices(installation: Installation, workspace: WorkspaceInfo) -> Prices:
    """Those that the workspace has now."""
    return Directory(installation.database).newest(periods.now_us()).prices_of(workspace.id)
