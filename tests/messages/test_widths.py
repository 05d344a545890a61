"""How wide a text is where a Chinese character takes two columns; texts that are cut, padded or broken to fit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import settings as tries
from hypothesis import strategies as st

from batch_editor.messages.visible import visible
from batch_editor.messages.widths import broken, fitted, height, padded, width


@given(st.text(), st.integers(1, 40))
@tries(max_examples=3 * tries.default.max_examples)
def test_a_fitted_text_is_one_line_that_fits_and_loses_nothing_that_has_room(text: str, columns: int) -> None:
    found, whole = fitted(text, columns), visible(" ".join(text.split()))
    assert width(found) <= columns and "\n" not in found
    if width(whole) <= columns:
        assert found == whole
    else:
        assert found.endswith("…") and whole.startswith(found[:-1])
        assert columns - width(found) <= 1 or whole[len(found) - 1].isspace()
    assert width(padded(found, columns)) == columns


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("one two  three", ["one two", "three"]),
        ("运行 20261125 以相同的值", ["运行", "20261125", "以相同的", "值"]),
        ("四个汉字，再来", ["四个汉", "字，再来"]),
        ("abcdefghijkl", ["abcdefgh", "ijkl"]),
        ("", [""]),
    ],
)
def test_chinese_breaks_anywhere_but_before_a_sign_that_closes(text: str, lines: list[str]) -> None:
    assert broken(text, 8) == lines


@given(st.text(alphabet="ab 中文，。"), st.integers(2, 20))
def test_broken_lines_fit_and_lose_nothing(text: str, columns: int) -> None:
    found = broken(text, columns)
    assert max(map(width, found)) <= columns and "".join("".join(found).split()) == "".join(text.split())


def test_chinese_takes_two_columns_and_an_accent_none() -> None:
    assert [width(text) for text in ("描述", "ab", "e\u0301", "a\u200b", "ａ", "", "a\n描述")] == [4, 2, 1, 1, 2, 0, 4]


@pytest.mark.parametrize(
    ("text", "columns", "taken"),
    [
        ("", 10, 1),
        ("ab cd", 5, 1),
        ("ab cd", 4, 2),
        ("a\nb\n", 9, 3),
        ("线索线索", 8, 1),
        ("线索线索", 7, 2),
        ("x" * 21, 10, 3),
    ],
)
def test_how_many_lines_a_text_takes(text: str, columns: int, taken: int) -> None:
    assert height(text, columns) == taken
