"""An installation's processes side by side: API, dashboard and jobs, until one of them ends."""

import os
import shlex
import socket
import sys
from collections.abc import Mapping
from types import MappingProxyType

from models.errors import FarthingError


def of_all(api_port: int, app_port: int) -> dict[str, list[str]]:
    """The commands of an installation, with their arguments."""
    return {"api": ["--port", str(api_port)], "app": ["--port", str(app_port)], "jobs": []}


def require_free(host: str, port: int) -> None:
    """Before anything is made anew: whoever listens there may be an older demo, on the same folder."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as problem:
            raise FarthingError(f"Port {port} can't be listened on ({problem.strerror}): choose another") from None


def run(commands: dict[str, list[str]], environment: Mapping[str, str] = MappingProxyType({})) -> int:
    """Run them side by side until one ends; then end all."""
    from honcho.manager import Manager
    from honcho.printer import Printer

    manager = Manager(Printer(sys.stderr))
    for name, arguments in commands.items():
        command = shlex.join([sys.executable, "-m", "farthing", name, *arguments])
        manager.add_process(name, command, env={**os.environ, **environment, "PYTHONUNBUFFERED": "1"})
    manager.loop()
    return int(manager.returncode or 0)
