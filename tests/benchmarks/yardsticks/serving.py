"""A yardstick's server: uvicorn exactly as `farthing api` runs it."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn

from tests.servers import free_port, wait_until_up


def serve(app: Any, port: int) -> None:
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=port,
        access_log=False,
        log_config=None,
        log_level="warning",
        timeout_graceful_shutdown=15,
        server_header=False,
        proxy_headers=False,
    )


@contextmanager
def served(yardstick: str, folder: Path) -> Iterator[tuple[str, int]]:
    """The address and the process of a yardstick that runs until the end of the block."""
    port = free_port()
    command = [sys.executable, "-m", f"{__package__}.{yardstick}", str(port), str(folder)]
    with (folder / "yardstick.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        wait_until_up(f"http://127.0.0.1:{port}/", process)
        yield f"http://127.0.0.1:{port}", process.pid
    finally:
        process.terminate()
        process.wait(30)
