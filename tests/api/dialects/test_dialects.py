"""The doors are gathered from the files; each keeps the protocol."""

import importlib
import pkgutil

import api.dialects
from api.dialects import dialects

from .samples import DOORS


def test_every_door_is_found() -> None:
    assert set(DOORS) <= set(dialects())


def test_no_two_doors_share_a_path_or_a_name() -> None:
    modules = [
        importlib.import_module(f"api.dialects.{found.name}") for found in pkgutil.iter_modules(api.dialects.__path__)
    ]
    declared = [dialect for module in modules for dialect in getattr(module, "DIALECTS", ())]
    assert len({dialect.path for dialect in declared}) == len(declared) == len({dialect.name for dialect in declared})


def test_a_path_has_no_trailing_slash() -> None:
    assert not [path for path in dialects() if path.endswith("/")]
