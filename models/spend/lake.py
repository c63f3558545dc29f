"""The lake: rollup files, one per cube, workspace and local day, each saying how far it has counted.

`rollups/cube=<name>/workspace=<id>/day=<YYYY-MM-DD>/rollup.parquet`. A file is replaced as a whole; a reader takes
its bytes once and finds rows and `through_seq` in the same bytes. Temporary files lie outside `rollups/`.

Another time zone cuts other days: its files are another generation of the workspace's, and carry its number,
`rollup-2.parquet`. They are made beside the old ones, which go when the new ones serve.
"""

import fcntl
import io
import itertools
import os
import re
import secrets
import shutil
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import IO, NamedTuple, Protocol

import polars as pl
import structlog

from models.errors import Conflict, FarthingError
from models.spend.cubes import Cube

log = structlog.get_logger()

FILE = "rollup.parquet"  # of the first generation
ROLLUP = re.compile(r"rollups/cube=([^/]+)/workspace=([^/]+)/day=(\d{4}-\d\d-\d\d)/rollup(?:-([1-9]\d*))?\.parquet")
UNREADABLE = (OSError, KeyError, ValueError, pl.exceptions.PolarsError)

# Which statistics stand in the pages' headers, and so where each column begins. Readers that open a path twice can get
# the footer of one version and the rows of the next. Where the columns of both begin at the same places, they read the
# next version's rows by the number of the old one's, and add up a part of them; where not, they are refused.
LAYOUTS = [
    {"min": least, "max": greatest, "null_count": nulls}
    for least, greatest, nulls in itertools.product((True, False), repeat=3)
]
CACHE_BYTES = 96 * 1024 * 1024  # decoded frames that a reading process keeps


class Damage(FarthingError):
    """A file that should be there is missing, unreadable or older than it must be."""


class Owner(Protocol):
    """Whose files, and of which generation: a workspace as it is, or as it will be."""

    @property
    def id(self) -> str: ...

    @property
    def generation(self) -> int: ...


@dataclass(frozen=True)
class Stamp:
    """What a file says of itself."""

    epoch: str
    through_seq: int
    stamp: str


@dataclass(frozen=True)
class Rollup:
    """One day of one cube."""

    rows: pl.DataFrame
    stamp: Stamp


class Found(NamedTuple):
    """A rollup file that lies in the lake, and what it says of itself (None where that can't be read)."""

    cube: str
    workspace: str
    day: str
    generation: int
    stamp: Stamp | None


class Lake:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.rollups = root / "rollups"
        self.staging = root / "staging"
        self.lock_path = root / "publisher.lock"
        self.lock: IO[str] | None = None
        self.cache: OrderedDict[tuple[str, str, date, str], Rollup] = OrderedDict()
        self.cached_bytes = 0
        self.guard = threading.Lock()

    def path(self, cube: Cube, owner: Owner, day: date, root: Path | None = None) -> Path:
        folder = root or self.rollups
        of_day = folder / f"cube={cube.id}" / f"workspace={owner.id}" / f"day={day.isoformat()}"
        return of_day / (f"rollup-{owner.generation}.parquet" if owner.generation else FILE)

    # -- reading --------------------------------------------------------------------------------------------------

    def load(self, cube: Cube, owner: Owner, day: date, stamp: str, columns: list[str]) -> Rollup:
        """These columns of that day's file; from memory where those of the file with this stamp were read before.
        Damage where it can't be read."""
        with self.guard:
            found = self.cache.get((cube.id, owner.id, day, stamp))
            if found:
                self.cache.move_to_end((cube.id, owner.id, day, stamp))
        if found and set(columns) <= set(found.rows.columns):
            return Rollup(found.rows[columns], found.stamp)
        # What was asked for before is asked for again: one reading has both.
        rollup = self.read(cube, owner, day, sorted({*columns, *(found.rows.columns if found else [])}))
        self.keep((cube.id, owner.id, day, rollup.stamp.stamp), rollup)
        return Rollup(rollup.rows[columns], rollup.stamp)

    def read(self, cube: Cube, owner: Owner, day: date, columns: list[str] | None = None) -> Rollup:
        """That day's file, or these columns of it; its bytes are taken once."""
        path = self.path(cube, owner, day)
        try:
            content = io.BytesIO(path.read_bytes())
            stamp = stamp_of(pl.read_parquet_metadata(content))
            content.seek(0)
            rows = pl.read_parquet(content, columns=columns, hive_partitioning=False)
        except FileNotFoundError as problem:
            raise Damage(f"{self.named(path)} is missing") from problem
        except UNREADABLE as problem:
            raise Damage(f"{self.named(path)} can't be read") from problem
        if dict(rows.schema) != {name: cube.schema[name] for name in columns or cube.schema}:
            raise Damage(f"{self.named(path)} has other columns than the cube {cube.id}")
        return Rollup(rows, stamp)

    def named(self, path: Path) -> str:
        return str(path.relative_to(self.root))

    def keep(self, slot: tuple[str, str, date, str], rollup: Rollup) -> None:
        with self.guard:
            if slot in self.cache:
                self.cached_bytes -= weight(self.cache.pop(slot))
            self.cache[slot] = rollup
            self.cached_bytes += weight(rollup)
            while self.cached_bytes > CACHE_BYTES:
                self.cached_bytes -= weight(self.cache.popitem(last=False)[1])

    def stamps(self) -> Iterator[Found]:
        """Every rollup file, of all generations."""
        for path in self.files():
            if not (named := ROLLUP.fullmatch(self.named(path))):
                continue
            try:
                stamp = stamp_of(pl.read_parquet_metadata(path))
            except UNREADABLE:
                stamp = None
            yield Found(named[1], named[2], named[3], int(named[4] or 0), stamp)

    def strangers(self) -> Iterator[Path]:
        """What nobody of ours has put there, and a glob finds all the same."""
        return (path for path in self.files() if not ROLLUP.fullmatch(self.named(path)))

    def files(self, owner: Owner | None = None) -> list[Path]:
        """All, or one owner's. Folders may vanish meanwhile: nobody needs the lock to look."""
        roots = self.rollups.glob(f"cube=*/workspace={owner.id}") if owner else [self.rollups]
        found = (Path(folder, name) for root in roots for folder, _, names in os.walk(root) for name in names)
        return sorted(path for path in found if path.suffix == ".parquet")

    # -- publishing -----------------------------------------------------------------------------------------------

    @contextmanager
    def publishing(self) -> Iterator[None]:
        """Be the one publisher: a lock of the kernel's, which a killed process gives back and a paused one keeps."""
        self.root.mkdir(parents=True, exist_ok=True)
        with locked(self.lock_path) as self.lock:
            try:
                yield
            finally:
                self.lock = None

    def require_lock(self) -> None:
        """A publisher that was paused may find its lock's file gone, and a successor at work: it replaces no file."""
        if self.lock and not is_at(self.lock, self.lock_path):
            raise Conflict("The lake's lock was taken away: this run's events are counted by the next one")

    def publish(self, cube: Cube, owner: Owner, day: date, rows: pl.DataFrame, epoch: str, through: int) -> Stamp:
        """Replace that day's file as a whole; on disk when this returns."""
        self.require_lock()
        return self.write(self.path(cube, owner, day), rows, Stamp(epoch, through, secrets.token_hex(8)))

    def stage(self, cube: Cube, owner: Owner, day: date, rows: pl.DataFrame, epoch: str, through: int) -> Stamp:
        """Write a file of a cube, or of a generation, that is not served yet, outside `rollups/`."""
        path = self.path(cube, owner, day, self.staging)
        return self.write(path, rows, Stamp(epoch, through, secrets.token_hex(8)))

    def write(self, path: Path, rows: pl.DataFrame, stamp: Stamp) -> Stamp:
        self.staging.mkdir(parents=True, exist_ok=True)
        temporary = self.staging / f"{stamp.stamp}.parquet"
        metadata = {"epoch": stamp.epoch, "through_seq": str(stamp.through_seq), "stamp": stamp.stamp}
        layout = next_layout(path)
        rows.write_parquet(
            temporary, compression="zstd", metadata=metadata | {"layout": str(layout)}, statistics=LAYOUTS[layout]
        )
        sync(temporary)
        make_durably(path.parent, self.root)
        os.replace(temporary, path)
        sync(path.parent)
        return stamp

    def serve_staged(self, cube: Cube) -> None:
        """Put a backfilled cube in its place, all days at once."""
        staged, place = self.staging / f"cube={cube.id}", self.rollups / f"cube={cube.id}"
        shutil.rmtree(place, ignore_errors=True)  # left by a backfill that was killed after this point
        if staged.exists():
            self.rollups.mkdir(parents=True, exist_ok=True)
            os.replace(staged, place)
            sync(self.rollups)

    def place_staged(self, owner: Owner) -> None:
        """Put a staged generation beside the one that serves; on disk when this returns."""
        for staged in sorted(self.staging.glob(f"cube=*/workspace={owner.id}/day=*/*.parquet")):
            self.require_lock()
            place = self.rollups / staged.relative_to(self.staging)
            make_durably(place.parent, self.root)
            os.replace(staged, place)
            sync(place.parent)

    def leftovers(self, owner: Owner) -> list[Path]:
        """The owner's files of other generations than its own: a glob finds them all the same."""
        named = ((path, ROLLUP.fullmatch(self.named(path))) for path in self.files(owner))
        return [path for path, found in named if found and int(found[4] or 0) != owner.generation]

    def remove_leftovers(self, owner: Owner) -> int:
        """Take them away, for good when this returns; how many there were."""
        left = self.leftovers(owner)
        for path in left:
            self.require_lock()
            remove_durably(path)
        return len(left)

    def remove(self, cube_id: str) -> None:
        """Take a cube's files away, once its successor serves."""
        self.require_lock()
        shutil.rmtree(self.rollups / f"cube={cube_id}", ignore_errors=True)

    def clear_staging(self) -> None:
        """Throw away what a killed publisher left; only the publisher may call this."""
        shutil.rmtree(self.staging, ignore_errors=True)


@contextmanager
def locked(path: Path) -> Iterator[IO[str]]:
    """Alone on this machine while it lasts; a killed process gives its lock back."""
    with path.open("a+") as handle:
        wait_for(handle, path)
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        yield handle


def wait_for(handle: IO[str], path: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        handle.seek(0)
        log.info("waiting for another process to finish", lock=str(path), process=handle.read())
        fcntl.flock(handle, fcntl.LOCK_EX)


def is_at(handle: IO[str], path: Path) -> bool:
    """Whether the open file is still the one that stands at the path."""
    return path.exists() and os.path.samestat(os.fstat(handle.fileno()), path.stat())


def next_layout(path: Path) -> int:
    """Another layout than that of the version which is replaced, or of the few before it."""
    try:
        return (int(pl.read_parquet_metadata(path)["layout"]) + 1) % len(LAYOUTS)
    except UNREADABLE:
        return 0


def stamp_of(metadata: dict[str, str]) -> Stamp:
    return Stamp(metadata["epoch"], int(metadata["through_seq"]), metadata["stamp"])


def weight(rollup: Rollup) -> int:
    return int(rollup.rows.estimated_size()) + 1_000


def sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_durably(folder: Path, root: Path) -> None:
    """Make a folder so that it survives a power cut: each new one is synced in its parent."""
    missing: Iterable[Path] = [each for each in (folder, *folder.parents) if not each.exists() and each != root]
    folder.mkdir(parents=True, exist_ok=True)
    for each in missing:
        sync(each.parent)


def remove_durably(path: Path) -> None:
    """Remove a file so that no power cut brings it back, and its folder with it where that is empty then."""
    path.unlink()
    if any(path.parent.iterdir()):
        sync(path.parent)
    else:
        path.parent.rmdir()
        sync(path.parent.parent)
