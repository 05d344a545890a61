"""What a DataFrame turns into: its labels as row 1, its records from row 2, every value as a plain Python one."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum

import numpy
import pandas
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batch_editor.model import Cell
from batch_editor.sheets import read_frame


def rows_of(frame: pandas.DataFrame) -> list[tuple[int, tuple[Cell, ...]]]:
    return [(row.number, row.cells) for row in read_frame(frame).rows()]


def value_of(column: object) -> Cell:
    """What the one value of a column becomes."""
    _, (number, (value, last)) = rows_of(pandas.DataFrame({"a": column, "b": ["last"]}))
    assert (number, last) == (2, "last")
    return value


class Colour(StrEnum):
    RED = "red"


class Thing:
    def __str__(self) -> str:
        return "a thing"


@pytest.mark.parametrize(
    ("column", "value"),
    [
        (["x"], "x"),
        ([" x "], " x "),
        ([""], None),
        ([None], None),
        ([float("nan")], None),
        ([pandas.NA], None),
        ([pandas.NaT], None),
        (pandas.Series([pandas.NaT], dtype="datetime64[ns]"), None),
        (pandas.Series([None], dtype="Int64"), None),
        (pandas.Series([None], dtype="string"), None),
        (pandas.Series([numpy.datetime64("NaT", "ns")], dtype=object), None),
        (pandas.Series([Decimal("NaN")], dtype=object), None),
        ([1591005521987921928], 1591005521987921928),
        (pandas.Series([1591005521987921928], dtype="Int64"), 1591005521987921928),
        (pandas.Series([7], dtype="uint8"), 7),
        (pandas.Series([numpy.int64(7)], dtype=object), 7),
        (pandas.Series([2**70], dtype=object), 2**70),
        ([1.5], 1.5),
        ([2.0], 2.0),
        (pandas.Series([1.5], dtype="float32"), 1.5),
        (pandas.Series([1.5], dtype="Float64"), 1.5),
        ([True], True),
        (pandas.Series([False], dtype="boolean"), False),
        (pandas.Series([numpy.bool_(True)], dtype=object), True),
        ([Decimal("1591005521987921928")], 1591005521987921928),
        ([Decimal("1E+3")], 1000),
        ([Decimal("1.50")], 1.5),
        ([Decimal("Infinity")], float("inf")),
        ([pandas.Timestamp("1990-05-01")], datetime(1990, 5, 1)),
        ([pandas.Timestamp("1990-05-01 12:00:00.000000001")], datetime(1990, 5, 1, 12)),
        (pandas.Series([datetime(1990, 5, 1, 12)], dtype=object), datetime(1990, 5, 1, 12)),
        (pandas.Series([date(1990, 5, 1)], dtype=object), datetime(1990, 5, 1)),
        ([time(6)], time(6)),
        ([pandas.Timedelta("1D")], timedelta(days=1)),
        (pandas.Series(["x"], dtype="category"), "x"),
        (pandas.Series([Colour.RED], dtype=object), "red"),
        ([Thing()], "a thing"),
        ([[1, 2]], "[1, 2]"),
    ],
)
def test_every_value_becomes_a_plain_one(column: object, value: Cell) -> None:
    cell = value_of(column)
    assert cell == value
    assert type(cell) is type(value)


def test_labels_are_row_1_and_records_begin_at_row_2_whatever_the_index() -> None:
    frame = pandas.DataFrame({"clue_id": [1, 2], 7: ["x", "y"]}, index=[10, 20])
    assert rows_of(frame) == [(1, ("clue_id", "7")), (2, (1, "x")), (3, (2, "y"))]


def test_a_label_that_occurs_twice_or_not_at_all_keeps_its_column() -> None:
    frame = pandas.DataFrame([[1, 2, 3]], columns=["a", None, "a"])
    assert rows_of(frame) == [(1, ("a", None, "a")), (2, (1, 2, 3))]


def test_blank_records_are_no_rows_but_count() -> None:
    assert rows_of(pandas.DataFrame({"a": ["x", None, " ", "y"]})) == [(1, ("a",)), (2, ("x",)), (5, ("y",))]


def test_an_empty_frame_has_its_labels_alone() -> None:
    assert rows_of(pandas.DataFrame({"a": []})) == [(1, ("a",))]
    assert rows_of(pandas.DataFrame()) == []


def test_the_sheet_has_no_name_and_may_be_read_again() -> None:
    sheet = read_frame(pandas.DataFrame({"a": [1]}))
    assert (sheet.name, sheet.visible) == ("", True)
    assert list(sheet.rows()) == list(sheet.rows())


@given(st.lists(st.tuples(st.integers(-(2**63), 2**63 - 1), st.text(max_size=5), st.booleans()), max_size=20))
@settings(deadline=None)
def test_any_records_come_back_exactly(records: list[tuple[int, str, bool]]) -> None:
    frame = pandas.DataFrame(records, columns=["clue_id", "remark", "flag"])
    assert rows_of(frame)[1:] == [(n, (i, text or None, flag)) for n, (i, text, flag) in enumerate(records, 2)]
