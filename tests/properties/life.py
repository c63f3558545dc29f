"""One installation through the lives of its processes: what is on disk stays, what is in memory dies with each."""

import shutil
import sqlite3
from collections.abc import Callable, Container
from contextlib import AbstractContextManager, closing, suppress
from datetime import date
from pathlib import Path
from typing import Any

from jobs import doctor
from models import acts, ledger
from models.accounts import keys, workspaces
from models.accounts.directory import Directory
from models.accounts.sources import Source
from models.accounts.workspaces import WorkspaceInfo
from models.acts import Act
from models.database import Database
from models.settings import Settings
from models.spend.answer import Store, WorkspaceSpend
from models.spend.cubes import BY_ID, Cube
from models.spend.lake import Lake
from models.spend.progress import FILES, WATERMARKS
from models.usage.event import Event
from tests.factories import AUTHOR, NOON, make_entry, make_workspace
from tests.installations import open_installation
from tests.pricings import Pricing
from tests.properties import books, kills
from tests.properties.kills import Death

Job = Callable[[Database, Lake], Any]


class Life:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings = Settings(data_dir=self.folder / "data", _env_file=None)
        self.begin()

    def begin(self) -> None:
        self.installation = open_installation(self.settings)
        self.database, self.lake = self.installation.database, self.installation.lake
        self.store = Store.open(self.database, self.lake)

    def begin_again(self) -> None:
        self.database.close()
        self.begin()

    def copy(self, folder: Path) -> "Life":
        """Another installation with the same on disk."""
        self.database.close()
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        self.begin()
        return Life(folder)

    def end(self) -> None:
        self.database.close()

    # -- what happens ---------------------------------------------------------------------------------------------

    def make_workspace(self, name: str, zone: str, plan: str) -> WorkspaceInfo:
        return make_workspace(self.installation, name, timezone=zone, plan=plan)

    def commit(self, *events: tuple[str, Event]) -> int:
        """Events, each with its workspace's id, in one transaction."""
        with self.database.write() as connection:
            return ledger.append(connection, [make_entry(*each) for each in events]).stored

    def change_plan(self, workspace: WorkspaceInfo, plan: str) -> None:
        with self.database.write() as connection:
            workspaces.change(connection, workspace, {"plan": plan}, AUTHOR, by_operator=True)

    def ask_for_zone(self, workspace: WorkspaceInfo, zone: str) -> None:
        with self.database.write() as connection:
            workspaces.change(connection, workspace, {"timezone": zone}, AUTHOR)

    def define(self, workspace: WorkspaceInfo, key: str, definitions: tuple[Source, ...]) -> None:
        with self.database.write() as connection:
            keys.define(connection, workspace.id, key, definitions)

    def pricing(self, workspace: WorkspaceInfo) -> Pricing:
        return Pricing(self.database, workspace)

    def acts(self, workspace: WorkspaceInfo) -> list[Act]:
        with self.database.read() as connection:
            return acts.listed(connection, workspace.id)

    def in_hand(self, workspace: WorkspaceInfo) -> Act | None:
        with self.database.read() as connection:
            return next(iter(acts.in_hand(connection, workspace.id)), None)

    def do(self, job: Job) -> Any:
        return job(self.database, self.lake)

    def dies_doing(self, job: Job, survived: int, spared: Container[str] = ()) -> Death | None:
        """Its death, if it died of it; then everything begins again."""
        with kills.killed_after(survived, spared) as death, suppress(kills.Killed):
            job(self.database, self.lake)
        if death.before:
            self.begin_again()
        return death if death.before else None

    def forget(self, cube: Cube) -> None:
        """As if the cube were declared only now."""
        with self.database.write() as connection:
            connection.execute(WATERMARKS.delete().where(WATERMARKS.c.cube == cube.id))
            connection.execute(FILES.delete().where(FILES.c.cube == cube.id))
        shutil.rmtree(self.lake.rollups / f"cube={cube.id}", ignore_errors=True)

    def back_up(self) -> Path:
        with (
            closing(sqlite3.connect(self.database.path)) as here,
            closing(sqlite3.connect(self.folder / "backup.db")) as there,
        ):
            here.backup(there)
        return self.folder / "backup.db"

    def restore(self, backup: Path) -> None:
        """The database as it was; the lake as it is."""
        self.database.close()
        for leftover in ("-wal", "-shm"):
            Path(f"{self.database.path}{leftover}").unlink(missing_ok=True)
        shutil.copy(backup, self.database.path)
        self.begin()

    # -- what is there --------------------------------------------------------------------------------------------

    def workspaces(self) -> list[WorkspaceInfo]:
        """By name: their ids are chance, and the tests made them all at one instant."""
        with self.database.read() as connection:
            return sorted(workspaces.all_workspaces(connection), key=lambda each: each.name)

    def spend(self, workspace_id: str) -> WorkspaceSpend:
        """As a door would open it just now."""
        view = Directory(self.database).newest(NOON)
        sources, names = view.sources.get(workspace_id, {}), view.names_of(workspace_id)
        return self.store.of(view.workspaces[workspace_id], sources, names)

    def books(self, workspace_id: str) -> AbstractContextManager[books.Books]:
        return books.opened(self.database.path, workspace_id)

    def rollups(self) -> dict[tuple[str, str, str], tuple[list[tuple[Any, ...]], int]]:
        """Every file of the generations that serve, by cube, workspace and day: its rows, and how far it has counted."""
        found, serving = {}, {(each.id, each.generation): each for each in self.workspaces()}
        for cube, workspace_id, day, generation, _ in self.lake.stamps():
            if owner := serving.get((workspace_id, generation)):
                rollup = self.lake.read(BY_ID[cube], owner, date.fromisoformat(day))
                found[cube, workspace_id, day] = rollup.rows.rows(), rollup.stamp.through_seq
        return found

    def complaints(self) -> list[str]:
        return [finding.says for finding in doctor.examine(self.settings) if not finding.good]
