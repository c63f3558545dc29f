"""HTML of our own: names are strangers' text."""

from app.components.markup import TEMPLATES


def rendered(name: str) -> str:
    return TEMPLATES.from_string("<b>{{ name }}</b>").render(name=name)


def test_a_name_is_never_markup() -> None:
    assert rendered("<img src=x>") == "<b>&lt;img src=x&gt;</b>"


def test_a_name_turns_nothing_round_that_stands_beside_it() -> None:
    assert rendered("a\u202e42\u2066") == "<b>a42</b>"
    assert rendered("مرحبا") == "<b>مرحبا</b>"
