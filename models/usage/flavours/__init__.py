"""The providers' own words for what a call used: one file for each family of providers, one small function for each
flavour.

Each reads a raw usage object into our token classes (input with cache reads and writes inside, output with reasoning
inside) and further units. A file registers its flavours by name and by the words that give them away; a new flavour is
one more declaration. Counts are never estimated.
"""

import importlib
import pkgutil

from models.usage.counted import CACHED_ABOVE_INPUT, TOTAL_MISMATCH, Counted
from models.usage.shapes import FLAVOURS, Flavour, recognised

for found in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{found.name}")

__all__ = ["CACHED_ABOVE_INPUT", "FLAVOURS", "TOTAL_MISMATCH", "Counted", "Flavour", "recognised"]
