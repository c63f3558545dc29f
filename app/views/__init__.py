"""Pages, one per question: each asks, queries and draws. A page is one file here that declares `VIEW`; where several
are alike, one file declares them all as `VIEWS`."""

import importlib
import pkgutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from types import ModuleType

from app.sessions import Visit


@dataclass(frozen=True)
class View:
    """One page: its stable address, its name, who may open it, and how it is drawn."""

    path: str  # empty is the first page
    title: str
    draw: Callable[[Visit], None]
    order: int  # its place in the menu
    group: str = ""  # its heading in the menu
    least: str = "viewer"  # the role that opens it
    shown: bool = True  # in the menu
    filtered: bool = False  # has the filter bar: what is chosen in it goes along


@cache
def views() -> tuple[View, ...]:
    """Every page, gathered from the files in this folder, in the order of the menu."""
    modules = (importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__))
    declared = (view for module in modules for view in declared_by(module))
    return tuple(sorted(declared, key=lambda view: view.order))


def declared_by(module: ModuleType) -> Iterable[View]:
    return module.VIEWS if hasattr(module, "VIEWS") else (module.VIEW,)
