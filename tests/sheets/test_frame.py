"""What a DataFrame turns into: its labels as row 1, its records from row 2, every value as a plain Python one."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from fractions import Fraction
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

import numpy
import pandas
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batch_editor.cell_values import Cell, Texts, Unusable
from batch_editor.errors import SheetError
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
        ([pandas.Timedelta("1D")], Unusable("Timedelta")),
        (pandas.Series(["x"], dtype="category"), "x"),
        (pandas.Series([Colour.RED], dtype=object), "red"),
        ([Thing()], "a thing"),
    ],
)
def test_every_value_becomes_a_plain_one(column: object, value: Cell) -> None:
    cell = value_of(column)
    assert cell == value
    assert type(cell) is type(value)


class OldColour(str, Enum):  # noqa: UP042  # as it was written before StrEnum
    RED = "red"


class Number(IntEnum):
    ONE = 1


class Plain(Enum):
    RED = "red"


class Liar(str):
    __slots__ = ()

    def __str__(self) -> str:
        return "something else"


class Hostile:
    def __str__(self) -> str:
        raise KeyError("not today")


class NoText:
    def __str__(self) -> str:
        return 5  # type: ignore[return-value]  # that is the point


def objects(value: object) -> pandas.Series[Any]:
    """A column of one value, which pandas is to leave as it is."""
    column = pandas.Series([None], dtype=object)
    column.iat[0] = value
    return column


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (["a", "b"], Texts(("a", "b"))),
        (("a", 1), Texts(("a", "1"))),
        ({"b", "a"}, Texts(("a", "b"))),
        (frozenset({"x"}), Texts(("x",))),
        (numpy.array(["b", "a"]), Texts(("b", "a"))),
        (numpy.array([1591005521987921928, 2]), Texts(("1591005521987921928", "2"))),
        (pandas.Series(["x", "y"]), Texts(("x", "y"))),
        (pandas.Index(["q"]), Texts(("q",))),
        (pandas.array(["q", "r"]), Texts(("q", "r"))),
        ([], None),
        (set(), None),
        (numpy.array("x"), "x"),
        (numpy.float32(0.1), 0.1),
        (numpy.float16(0.1), 0.1),
        (numpy.longdouble("0.1"), 0.1),
        (numpy.float32(16777215), 16777215.0),
        (numpy.float32(13800138000), "1.3800138e+10"),
        (numpy.float64(0.1) * 3, 0.30000000000000004),
        (Decimal("sNaN"), None),
        (Decimal("-NaN"), None),
        (Decimal("-Infinity"), float("-inf")),
        (Decimal("0.12345678901234567890"), "0.12345678901234567890"),
        (Decimal("1591005521987921928.5"), "1591005521987921928.5"),
        (OldColour.RED, "red"),
        (Number.ONE, 1),
        (Liar("mine"), "mine"),
        (numpy.str_("x"), "x"),
        (UUID(int=5), "00000000-0000-0000-0000-000000000005"),
        (PurePosixPath("/x"), "/x"),
        (Fraction(1, 3), "1/3"),
        (pandas.Period("2024-11-27"), "2024-11-27"),
        (numpy.datetime64("2024-11-27"), datetime(2024, 11, 27)),
        (numpy.datetime64("2024-11"), "2024-11"),
        (numpy.timedelta64("NaT", "s"), None),
    ],
)
def test_what_python_shows_of_a_value_is_its_cell(value: object, cell: Cell) -> None:
    found = value_of([value]) if isinstance(value, numpy.floating) else value_of(objects(value))
    assert (found, type(found)) == (cell, type(cell))


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ({"a": 1}, "dict"),
        (b"x", "bytes"),
        (bytearray(b"x"), "bytearray"),
        (numpy.bytes_(b"x"), "bytes_"),
        (["a", None], "list"),
        (["a", 1.5], "list"),
        ([["a"]], "list"),
        ([True], "list"),
        ([b"x"], "list"),
        (numpy.array([[1]]), "ndarray"),
        (pandas.DataFrame({"a": [1]}), "DataFrame"),
        (complex(1, 2), "complex"),
        (numpy.complex64(1), "complex64"),
        (Plain.RED, "Plain"),
        (object(), "object"),
        (Hostile(), "Hostile"),
        (NoText(), "NoText"),
        (range(3), "range"),
        (pandas.Interval(0, 1), "Interval"),
        (pandas.Timedelta(days=1, hours=6), "Timedelta"),
        (timedelta(days=1), "timedelta"),
        (numpy.timedelta64(10**12, "D"), "timedelta64"),
        (Decimal("1E+999999"), "Decimal"),
        (Decimal("1E-999999"), "Decimal"),
        (pandas.Timestamp(numpy.datetime64("12000-01-01", "s")), "Timestamp"),
        (numpy.datetime64("12000-01-01"), "datetime64"),
    ],
)
def test_what_has_no_form_for_people_is_no_value_and_is_called_by_its_kind(value: object, kind: str) -> None:
    assert value_of(objects(value)) == Unusable(kind)


def test_labels_of_several_levels_are_refused() -> None:
    with pytest.raises(SheetError) as caught:
        read_frame(pandas.DataFrame([[1, 2]], columns=pandas.MultiIndex.from_tuples([("a", "x"), ("a", "y")])))
    assert caught.value.message.key == "sheet.several_labels"


def test_labels_are_row_1_and_records_begin_at_row_2() -> None:
    frame = pandas.DataFrame({"clue_id": [1, 2], 7: ["x", "y"]})
    assert rows_of(frame) == [(1, ("clue_id", "7")), (2, (1, "x")), (3, (2, "y"))]
    assert rows_of(frame.set_axis(pandas.Index([0, 1]))) == rows_of(frame)
    assert read_frame(frame).index_columns == 0


def test_an_index_that_says_more_than_a_place_stands_before_the_columns_and_labels_the_rows() -> None:
    frame = pandas.DataFrame({"clue_id": [1, 2]})
    sheet = read_frame(frame[frame["clue_id"] > 1])
    assert [(row.number, row.cells) for row in sheet.rows()] == [(1, (None, "clue_id")), (2, (1, 2))]
    assert sheet.label and (sheet.index_columns, sheet.label(2)) == (1, "1")
    levels = pandas.MultiIndex.from_tuples([("A", 1), ("A", 1)], names=["team", None])
    sheet = read_frame(frame.set_axis(levels))
    assert [row.cells for row in sheet.rows()] == [("team", None, "clue_id"), ("A", 1, 1), ("A", 1, 2)]
    assert sheet.label and (sheet.index_columns, sheet.label(3)) == (2, "('A', 1)")


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
