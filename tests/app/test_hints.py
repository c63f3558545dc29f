"""Where an insight leads."""

from app.address import Address
from app.components.hints import leads
from models.insights import Insight

HERE = Address("", (("last", "7d"), ("where", "endpoint:/c"), ("where", "team:search")))


def test_to_all_that_it_names_and_to_nothing_else_of_that_dimension() -> None:
    where = (("endpoint", "/a"), ("endpoint", "/b"), ("model", None))
    there = Address.read(leads(Insight("concentration", 1, (), where=where), HERE))
    assert there.all("where") == ("team:search", "endpoint:/a", "endpoint:/b", "model:(none)")
