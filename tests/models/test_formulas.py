"""Nothing that a stranger sent runs in a spreadsheet; all else stays as it is."""

import polars as pl
import pytest

from models import formulas


@pytest.mark.parametrize("text", ["=1+1", "+1", "-2+3", "\t=1", "\r=1", "@SUM(A1)", "@a\n(b", '=HYPERLINK("x")'])
def test_what_a_spreadsheet_would_run_is_text(text: str) -> None:
    assert formulas.as_text(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "search", "@cf/meta/llama-3", "a=1", "a@b(c)", "(none)", "'=1", "gpt-4o"])
def test_other_names_stay(text: str) -> None:
    assert formulas.as_text(text) == text


def test_a_table_goes_by_the_same_rule_in_its_texts_only() -> None:
    names = ["=1+1", "@f(x)", "@cf/meta", "-1", "a", None]
    rows = pl.DataFrame({"team": names, "cost": [-1, 0, 1, 2, 3, 4], "user": names[::-1]})
    told = [name if name is None else formulas.as_text(name) for name in names]
    assert formulas.texts(rows).to_dict(as_series=False) == {
        "team": told, "cost": [-1, 0, 1, 2, 3, 4], "user": told[::-1],
    }  # fmt: skip
