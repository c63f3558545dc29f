"""The demo's data folder: its own, made anew on another day, and told by a note from any other folder.

The note holds the day up to which there are calls, and the keys: those of made-up data guard nothing, and are shown at
every start. Only a folder with such a note, or one with nothing in it, is ever emptied or written to.
"""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path

import msgspec

from jobs import rollup
from jobs.demo import calls, seed
from jobs.demo.stories import ALL_DAYS
from jobs.rollup import Said, quiet
from models.errors import Conflict
from models.installation import Installation, Made, open_installation
from models.settings import Settings

DEFAULT = Path("demo-data")
NOTE = "demo.json"
STEP = 10  # days that are rolled up together, which bounds memory

Saying = Callable[[str], AbstractContextManager[Said]]  # what is being done, and how far it is


class Note(msgspec.Struct):
    """`today` is the start of the last day that there are calls of, None while the folder is being filled."""

    today: int | None
    scale: float
    made: list[Made] = []


def quietly(_: str) -> AbstractContextManager[Said]:
    return nullcontext(quiet)


def settings_of(settings: Settings) -> Settings:
    """Everything in one folder, which is the demo's alone."""
    chosen = settings.data_dir if "data_dir" in settings.model_fields_set else DEFAULT
    return settings.model_copy(update={"data_dir": chosen, "database_url": "", "lake_url": ""})


def environment(settings: Settings) -> dict[str, str]:
    """What leads Farthing's processes to that folder, whatever else is set."""
    return {"FARTHING_DATA_DIR": str(settings.data_dir), "FARTHING_DATABASE_URL": "", "FARTHING_LAKE_URL": ""}


def prepare(
    settings: Settings, now_us: int, scale: float = 1, saying: Saying = quietly, days: Sequence[int] = ALL_DAYS
) -> list[Made]:
    """Ninety days that end now: all of them where the folder is empty or of another day, else what is new since."""
    note = read(settings.data_dir)
    if note is None or (note.today, note.scale) != (calls.start_of(0, now_us), scale):
        return fill(settings, now_us, scale, saying, days)
    with opened(settings) as installation:
        store(installation, now_us, scale, (0,), saying)
    return note.made


def fill(settings: Settings, now_us: int, scale: float, saying: Saying, days: Sequence[int]) -> list[Made]:
    folder = settings.data_dir
    folder.mkdir(parents=True, exist_ok=True)
    write(folder, Note(None, scale))
    empty(folder)
    with opened(settings) as installation:
        made = seed.found(installation, now_us)
        store(installation, now_us, scale, days, saying)
    write(folder, Note(calls.start_of(0, now_us), scale, noted(made, settings)))
    return made


def store(installation: Installation, now_us: int, scale: float, days: Sequence[int], saying: Saying) -> None:
    with saying("making the demo, days") as said:
        for first in range(0, len(days), STEP):
            seed.seed(installation, now_us, scale, days[first : first + STEP], said)
            rollup.run(installation.database, installation.lake)


@contextmanager
def opened(settings: Settings) -> Iterator[Installation]:
    installation = open_installation(settings)
    try:
        yield installation
    finally:
        installation.database.close()


# -- the note -----------------------------------------------------------------------------------------------------


def read(folder: Path) -> Note | None:
    """The folder's note; None where there is nothing yet. Conflict where what is there is somebody's."""
    if (folder / NOTE).exists():
        return msgspec.json.decode((folder / NOTE).read_bytes(), type=Note)
    if folder.exists() and any(folder.iterdir()):
        raise Conflict(f"{folder} holds data that is not the demo's: set FARTHING_DATA_DIR to a folder for the demo")
    return None


def write(folder: Path, note: Note) -> None:
    """As a whole, and for nobody else to read."""
    fresh = folder / f"{NOTE}.new"
    fresh.touch(mode=0o600)
    fresh.write_bytes(msgspec.json.encode(note))
    fresh.replace(folder / NOTE)


def noted(made: list[Made], settings: Settings) -> list[Made]:
    """A password that was chosen is its chooser's to keep."""
    return [replace(each, admin_password=None) for each in made] if settings.admin_password else made


def empty(folder: Path) -> None:
    """All but the note, which says whose the folder is, should this be cut off."""
    for each in folder.iterdir():
        if each.is_dir():
            shutil.rmtree(each)
        elif each.name != NOTE:
            each.unlink()
