"""Where processes of tests are born: an interpreter that has imported libraries already, and forks.

Importing them takes longer than all that is ours, and hundreds of processes are started. Only libraries: what is ours,
each process imports itself, so that none begins with anything of another in memory. Polars is none of them, since its
threads do not survive a fork. What is born is a process like any other, with a pid of its own, and ends like any other.

`python tests/nursery.py LIBRARY …` is one, in whichever venv; it listens at its standard input, and ends with it.
"""

import atexit
import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import IO, Any

NUMBER = 4  # bytes of a pid and of a status
CLOSING = 30  # seconds


# -- in the tests -------------------------------------------------------------------------------------------------


class Child:
    """A process that was born here; what `subprocess.Popen` says of one that was started."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self.pid = self._told()
        self.returncode: int | None = None

    def _told(self) -> int:
        return int.from_bytes(self._line.recv(NUMBER), "big")

    def wait(self, timeout: float | None = None) -> int:
        while self.returncode is None:
            self._hear(timeout)
        return self.returncode

    def stops(self, timeout: float) -> bool:
        """Whether that is the next thing it does, and not to end."""
        return os.WIFSTOPPED(self._hear(timeout))

    def _hear(self, timeout: float | None) -> int:
        if not select.select([self._line], [], [], timeout)[0]:
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
        status = self._told()
        if not os.WIFSTOPPED(status):
            self.returncode = os.waitstatus_to_exitcode(status)
            self._line.close()
        return status

    def poll(self) -> int | None:
        with suppress(subprocess.TimeoutExpired):
            return self.wait(0)
        return None

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class Nursery:
    """One interpreter, started when the first process is wanted, and the line to it."""

    def __init__(self, python: Path, libraries: Sequence[str], environment: Mapping[str, str]) -> None:
        self._command = [str(python), __file__, *libraries]
        self._environment = {name: value for name, value in environment.items() if name != "PYTHONPATH"}
        self._line: socket.socket | None = None

    def spawn(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        out: IO[Any],
        err: IO[Any],
        in_: IO[Any] | None = None,
    ) -> Child:
        """`python` with such arguments: a script, or `-m` and a module, or `-c` and a program."""
        ours, theirs = socket.socketpair()
        with theirs, open(os.devnull, "rb") as nothing:
            files = [theirs.fileno(), (in_ or nothing).fileno(), out.fileno(), err.fileno()]
            socket.send_fds(self._line or self._open(), [b"!"], files)
        wanted = {"arguments": [*map(str, arguments)], "environment": dict(environment), "folder": str(Path.cwd())}
        ours.sendall(json.dumps(wanted).encode() + b"\n")
        return Child(ours)

    def run(
        self, arguments: Sequence[str], environment: Mapping[str, str], timeout: float, stdin: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """To its end; what it printed is text."""
        with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            given.write(stdin.encode())
            given.seek(0)
            child = self.spawn(arguments, environment, out, err, given)
            try:
                code = child.wait(timeout)
            finally:
                child.kill()
            return subprocess.CompletedProcess([*arguments], code, *map(text, (out, err)))

    def _open(self) -> socket.socket:
        self._line, theirs = socket.socketpair()
        with theirs:
            process = subprocess.Popen(self._command, stdin=theirs, stdout=subprocess.DEVNULL, env=self._environment)
        atexit.register(process.wait, CLOSING)
        atexit.register(self._line.close)
        return self._line


def text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode()


# -- in the interpreter -------------------------------------------------------------------------------------------


def main() -> None:
    for library in sys.argv[1:]:
        importlib.import_module(library)
    gc.collect()
    gc.freeze()  # a collection in a child would otherwise copy all of it
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who interrupts the tests means them
    if born := bear_children():
        live(*born)


def bear_children() -> tuple[socket.socket, list[int]] | None:
    """Returns in each child, and at the end."""
    with socket.socket(fileno=os.dup(0)) as line:
        while True:
            _, files, _, _ = socket.recv_fds(line, 1, 4)
            if not files:
                return None
            if os.fork() == 0:
                return socket.socket(fileno=files[0]), files[1:]
            for file in files:
                os.close(file)
            reap()


def reap() -> None:
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def live(line: socket.socket, files: list[int]) -> None:
    """Two processes from here on: the one that was wanted, and its parent, who tells when it stops and how it ends."""
    with line:
        wanted = json.loads(line.makefile().readline())
        if child := os.fork():
            for file in files:
                os.close(file)
            tell(line, child)
            watch(line, child)
            os._exit(0)
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    run(wanted["arguments"], wanted["environment"], wanted["folder"])


def watch(line: socket.socket, child: int) -> None:
    status = None
    while status is None or os.WIFSTOPPED(status):
        _, status = os.waitpid(child, os.WUNTRACED)
        tell(line, status)


def tell(line: socket.socket, number: int) -> None:
    with suppress(OSError):  # nobody listens any more
        line.sendall(number.to_bytes(NUMBER, "big"))


def run(arguments: list[str], environment: dict[str, str], folder: str) -> None:
    """As `python` would: what it finds is found from the folder, or beside the script."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    given = arguments[0] in ("-m", "-c")
    sys.argv = arguments[given:]
    first = folder if given else str(Path(arguments[0]).parent)
    sys.path[:1] = [first, *filter(None, environment.get("PYTHONPATH", "").split(os.pathsep))]
    if arguments[0] == "-m":
        runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
    elif arguments[0] == "-c":
        sys.modules["__main__"] = main = ModuleType("__main__")
        exec(arguments[1], main.__dict__)
    else:
        runpy.run_path(arguments[0], run_name="__main__")


if __name__ == "__main__":
    main()
