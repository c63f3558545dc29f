"""What tests share: a real server, and an installation in this process."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings

from models.installation import Installation
from models.settings import Settings
from tests.installations import open_installation
from tests.servers import Farthing

# No test depends on the speed of this machine. The usual profile draws the same examples in every run, `torture` many
# others in each (`--hypothesis-profile=torture`); what fails is printed so that it can be run again.
hypothesis_settings.register_profile("farthing", deadline=None, print_blob=True, derandomize=True)
hypothesis_settings.register_profile("torture", deadline=None, print_blob=True, max_examples=2_000)
hypothesis_settings.load_profile("farthing")


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that share what a fixture made run in one worker, so that it is made once. What takes long begins before what
    does not, so that no worker is left alone with it at the end."""
    for item in items:
        if not item.get_closest_marker("xdist_group") and (group := shares(item)):
            item.add_marker(pytest.mark.xdist_group(group))
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


def shares(item: pytest.Item) -> str | None:
    """The folder or the file with whose other tests it shares a fixture."""
    made = getattr(item, "_fixtureinfo").name2fixturedefs.values()  # noqa: B009
    scopes = {fixture.scope for each in made for fixture in each}
    file = item.nodeid.partition("::")[0]
    return file.rpartition("/")[0] if "package" in scopes else file if "module" in scopes else None


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Farthing]:
    """A real server on a fresh data folder."""
    with Farthing.start(tmp_path) as started:
        yield started


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farthing]:
    """A real server that a module's tests share: each must bring ids and names of its own."""
    with Farthing.start(tmp_path_factory.mktemp("farthing")) as started:
        yield started


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """Database and lake in this process, without a server."""
    opened = open_installation(Settings(data_dir=tmp_path / "data", _env_file=None))
    yield opened
    opened.database.close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What a test that draws at random needs in order to be run again."""
    for report in (*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")):
        for name, value in report.user_properties:
            if name == "replay":
                terminalreporter.write_line(f"{value} replays {report.nodeid}")
