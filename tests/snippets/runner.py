"""Does what a snippet says: writes its files, and runs its shell blocks one after the other."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.snippets import Block, Snippet, Values
from tests.clients import programs
from tests.clients.conftest import LITELLM_PYTHON
from tests.servers import free_port, wait_until_up

HERE = Path(__file__).parent
PACKAGES = HERE / "node_modules"
PATH = os.pathsep.join([str(PACKAGES / ".bin"), str(LITELLM_PYTHON.parent), os.environ["PATH"]])
ENVIRONMENT = programs.isolated(
    {"PATH": PATH, "HOME": os.environ.get("HOME", "/"), "CGO_ENABLED": "0", "DEFAULT_FLUSH_INTERVAL_SECONDS": "1"}
)
SECONDS = 240  # until a program that does not end is given up
PROXY_PORT = "4000"  # what the snippets say
COMMAND = re.compile(r"^(?!export )(\w+)", re.MULTILINE)
PACKAGE = re.compile(r'^import \w+ from "(\w+)"', re.MULTILINE)


@dataclass
class Run:
    """A snippet in a folder of its own, filled in."""

    snippet: Snippet
    values: Values
    folder: Path
    proxy_port: str

    @property
    def blocks(self) -> list[tuple[Block, str]]:
        return [(each, self.text(each)) for each in self.snippet.blocks]

    def text(self, block: Block) -> str:
        return block.filled(self.values).replace(PROXY_PORT, self.proxy_port)

    @property
    def missing(self) -> list[str]:
        """What this machine has not, of what it needs."""
        commands = {found for block, text in self.blocks if not block.file for found in COMMAND.findall(text)}
        packages = {found for _, text in self.blocks for found in PACKAGE.findall(text)}
        return [
            *sorted(each for each in commands if not shutil.which(each, path=PATH)),
            *sorted(each for each in packages if not (PACKAGES / each).exists()),
        ]

    def require(self) -> None:
        if self.missing:
            (pytest.fail if os.environ.get("CI") else pytest.skip)(f"not installed: {', '.join(self.missing)}")

    def prepare(self) -> None:
        self.folder.mkdir()
        (self.folder / "node_modules").symlink_to(PACKAGES)
        for block, text in self.blocks:
            if block.file:
                (self.folder / block.file).write_text(text + "\n", encoding="utf-8")

    def finish(self) -> None:
        """All shell blocks but the one that serves."""
        for block, text in self.blocks:
            if not block.file and not block.serves:
                self.shell(block, text)

    def shell(self, block: Block, text: str) -> None:
        assert block.language == "sh", f"nothing runs {block.language}: mend it, or say why in not_run.toml"
        done = subprocess.run(
            ["bash", "-euc", text], cwd=self.folder, env=ENVIRONMENT, capture_output=True, text=True, timeout=SECONDS,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr + done.stdout

    @contextmanager
    def serving(self) -> Iterator[subprocess.Popen[bytes]]:
        """With the block that serves in the background; it is not waited for yet."""
        (command,) = (text for block, text in self.blocks if block.serves)
        with (self.folder / "server.log").open("wb") as log:
            process = subprocess.Popen(
                ["bash", "-euc", re.sub(r"^(litellm )", r"exec \1", command, flags=re.MULTILINE)],
                cwd=self.folder, env=ENVIRONMENT, stdout=log, stderr=log,
            )  # fmt: skip
        try:
            yield process
        finally:
            process.terminate()
            process.wait(30)

    def wait_for(self, process: subprocess.Popen[bytes]) -> None:
        wait_until_up(f"http://127.0.0.1:{self.proxy_port}/health/liveliness", process)


def run_of(snippet: Snippet, values: Values, folder: Path, proxy_port: str | None = None) -> Run:
    return Run(snippet, values, folder / snippet.name, proxy_port or str(free_port()))
