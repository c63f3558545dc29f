"""Runs `report_with_callback.py` with the callback file as a server serves it, and talks with it."""

import json
import os
from pathlib import Path
from threading import Timer
from typing import IO, Any, Self

from tests.clients.programs import HERE, SCRIPT_SECONDS, isolated, nursery

NOTHING = object()


class Reporter:
    """A program that reports. It ends, as a program does, with the `with` block, unless it was killed before."""

    def __init__(self, python: Path, folder: Path, url: str, key: str, marker: str = "hush", **options: Any) -> None:
        self._told = folder / "told.log"
        settings = {"FARTHING_API_URL": url, "FARTHING_API_KEY": key, "MARKER": marker, "PYTHONPATH": str(folder)}
        with self._told.open("ab") as told:
            heard, self._ask = a_pipe()
            self._answers, said = a_pipe()
            with heard, said:
                program = [HERE / "report_with_callback.py", json.dumps(options)]
                self._process = nursery(python).spawn(program, isolated(settings), said, told, heard)

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
        self._ask.write(json.dumps([name, *arguments]) + "\n")
        self._ask.flush()

    def answer(self) -> Any:
        """What the command returned; LiteLLM prints lines of its own."""
        patience = Timer(SCRIPT_SECONDS, self._process.kill)
        patience.start()
        try:
            return next(read for line in self._answers if (read := in_json(line)) is not NOTHING)
        except StopIteration:
            raise AssertionError(self._told.read_text()) from None
        finally:
            patience.cancel()

    def end(self) -> None:
        if self._process.poll() is None:
            self._ask.close()
            assert self._process.wait(SCRIPT_SECONDS) == 0, self._told.read_text()

    def kill(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._ask.close()
        self._answers.close()

    @property
    def warnings(self) -> list[str]:
        """What the callback told the operator."""
        return [line for line in self._told.read_text().splitlines() if line.startswith("Farthing: ")]


def a_pipe() -> tuple[IO[str], IO[str]]:
    reading, writing = os.pipe()
    return open(reading), open(writing, "w")


def in_json(line: str) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        return NOTHING
