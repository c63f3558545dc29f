"""How far a long piece of work has come, for whoever waits for it: a bar on a terminal, plain lines elsewhere."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial


@contextmanager
def progress(doing: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on a terminal, plain lines elsewhere; on stderr, for results are stdout's."""
    if not sys.stderr.isatty():
        yield partial(say_plainly, doing)
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(doing, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def say_plainly(doing: str, done: int, total: int) -> None:
    print(f"{doing}: {done} of {total}", file=sys.stderr)
