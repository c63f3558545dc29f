"""Pieces that pages are put together from. A component is given its figures; it queries nothing."""
