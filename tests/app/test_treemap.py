"""Shares as areas: every level as large as what is in it, and each tile leads on."""

from app import treemap
from app.treemap import Leaf
from models.money import NANO

LEAVES = [
    Leaf(("gpt-4o", "search"), 3 * NANO, "/explorer?where=team%3Asearch"),
    Leaf(("gpt-4o", "chat"), NANO, "/explorer?where=team%3Achat"),
    Leaf(("other",), 0),
]


def drawn() -> dict:
    return treemap.draw(LEAVES, {"gpt-4o": "#08625a"}, "nano_usd").to_dict()["data"][0]


def test_a_level_is_as_large_as_what_is_in_it_and_nothing_is_drawn_for_nothing() -> None:
    found = {node.path: node.value for node in treemap.nodes(LEAVES)}
    assert found == {("gpt-4o",): 4 * NANO, ("gpt-4o", "search"): 3 * NANO, ("gpt-4o", "chat"): NANO}


def test_names_that_are_alike_on_two_levels_are_two_tiles() -> None:
    ids = [node.id for node in treemap.nodes([Leaf(("a", "a"), 1), Leaf(("b", "a"), 1)])]
    assert len(ids) == len(set(ids)) == 4


def test_a_tile_says_its_amount_its_share_and_where_it_leads() -> None:
    assert [list(each) for each in drawn()["customdata"]] == [
        ["$4.00", "$4.00", "100.0\u202f%", ""],
        ["$3.00", "$3.00", "75.0\u202f%", "/explorer?where=team%3Asearch"],
        ["$1.00", "$1.00", "25.0\u202f%", "/explorer?where=team%3Achat"],
    ]


def test_a_tile_that_is_pointed_at_says_all_of_its_amount() -> None:
    tile = treemap.draw([Leaf(("a",), 12_345_000_000_001)], {}, "nano_usd").to_dict()["data"][0]
    assert list(tile["customdata"][0][:2]) == ["$12.3k", "$12,345.000000001"]
    assert "%{customdata[1]}" in tile["hovertemplate"]
