"""Runs `report_with_callback.py` with the callback file as a server serves it, and talks with it."""

import json
import subprocess
from pathlib import Path
from threading import Timer
from typing import Any, Self

from tests.clients.programs import HERE, SCRIPT_SECONDS, isolated

NOTHING = object()


class Reporter:
    """A program that reports. It ends, as a program does, with the `with` block, unless it was killed before."""

    def __init__(self, python: Path, folder: Path, url: str, key: str, marker: str = "hush", **options: Any) -> None:
        self._told = folder / "told.log"
        settings = {"FARTHING_API_URL": url, "FARTHING_API_KEY": key, "MARKER": marker, "PYTHONPATH": str(folder)}
        with self._told.open("ab") as told:
            self._process = subprocess.Popen(
                [python, HERE / "report_with_callback.py", json.dumps(options)],
                env=isolated(settings),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=told,
                text=True,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        try:
            self.end()
        finally:
            self.kill()

    def __call__(self, name: str, *arguments: Any) -> Any:
        self.ask(name, *arguments)
        return self.answer()

    def ask(self, name: str, *arguments: Any) -> None:
        assert self._process.stdin
        self._process.stdin.write(json.dumps([name, *arguments]) + "\n")
        self._process.stdin.flush()

    def answer(self) -> Any:
        """What the command returned; LiteLLM prints lines of its own."""
        assert self._process.stdout
        patience = Timer(SCRIPT_SECONDS, self._process.kill)
        patience.start()
        try:
            return next(read for line in self._process.stdout if (read := in_json(line)) is not NOTHING)
        except StopIteration:
            raise AssertionError(self._told.read_text()) from None
        finally:
            patience.cancel()

    def end(self) -> None:
        if self._process.poll() is None:
            self._process.communicate(timeout=SCRIPT_SECONDS)
            assert self._process.returncode == 0, self._told.read_text()

    def kill(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()

    @property
    def warnings(self) -> list[str]:
        """What the callback told the operator."""
        return [line for line in self._told.read_text().splitlines() if line.startswith("Farthing: ")]


def in_json(line: str) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        return NOTHING
