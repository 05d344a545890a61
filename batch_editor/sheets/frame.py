"""Reads a pandas DataFrame into exact rows: the column labels are row 1, the first record is row 2.

An index that says more than the place of a record stands in columns of its own before the others. What becomes of a value is
said in ``python_values``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from functools import partial
from itertools import chain
from types import NoneType
from typing import TYPE_CHECKING, Any, TypeGuard

from ..cell_values import Cell, Row
from ..errors import SheetError
from .cell_lines import Digest
from .python_values import cell_from, label_of, shown_label
from .sheet import Sheet, row_of

if TYPE_CHECKING:
    import pandas

#: Which row the first record is.
FIRST = 2
_HALF = ("float16", "halffloat[pyarrow]")
_SINGLE = ("float32", "float[pyarrow]")
#: How many rows of a column are made cells at a time.
_CHUNK = 65_536
#: Types of values that are cells as they stand, and those that are, but for an empty text and for NaN.
_SAME: frozenset[type] = frozenset({bool, int, datetime, NoneType})
_PLAIN: frozenset[type] = frozenset({*_SAME, str, float})


def is_frame(value: object) -> TypeGuard[pandas.DataFrame]:
    """Returns whether a value is a DataFrame."""
    pandas = sys.modules.get("pandas")  # without it there is none
    return pandas is not None and isinstance(value, pandas.DataFrame)


def read_frame(frame: pandas.DataFrame) -> Sheet:
    """Returns the frame as a sheet. A missing value of any kind is a blank, and so is a missing label.

    Raises ``SheetError`` for a frame whose columns have labels of several levels.
    """
    if frame.columns.nlevels > 1:
        raise SheetError("sheet.several_labels")
    index = frame.index
    rows = partial(_rows, frame)
    return Sheet("", True, rows, index_columns=_levels(frame), label=lambda number: shown_label(index[number - FIRST]))


def _is_counted(index: pandas.Index[Any]) -> bool:
    """Whether an index is what pandas gives a frame without one."""
    import pandas

    return index.nlevels == 1 and index.name is None and index.equals(pandas.RangeIndex(len(index)))


def digest_of_frame(frame: pandas.DataFrame) -> str:
    """Returns a SHA-256, in hexadecimal, over the headings and the cells of a frame, by which the same sheet is known again.

    Frames whose cells are the same have the same digest, whatever their columns are stored as, in every process and with every
    version of pandas; and so have records with the same cells.
    """
    rows, digest = _rows(frame), Digest()
    headings = next(rows, None)
    digest.add_all(rows)
    return digest.of_all(headings.cells if headings else ())


def _rows(frame: pandas.DataFrame) -> Iterator[Row]:
    if heading := row_of(1, _headings(frame)):
        yield heading
    columns = [chain.from_iterable(_chunks(column)) for column in _columns(frame)]
    for number, cells in enumerate(zip(*columns, strict=True), FIRST):
        if row := row_of(number, cells):
            yield row


def _levels(frame: pandas.DataFrame) -> int:
    """How many columns the index of a frame becomes."""
    return 0 if _is_counted(frame.index) else frame.index.nlevels


def _headings(frame: pandas.DataFrame) -> list[Cell]:
    return [label_of(label) for label in (*frame.index.names[: _levels(frame)], *frame.columns)]


def _columns(frame: pandas.DataFrame) -> Iterator[pandas.Series[Any]]:
    import pandas

    for level in range(_levels(frame)):
        labels = frame.index.get_level_values(level)
        yield pandas.Series(labels, dtype=labels.dtype)  # to_series() looks for another type, which may not hold the labels
    for place in range(len(frame.columns)):
        yield frame.iloc[:, place]


def _chunks(column: pandas.Series[Any]) -> Iterator[list[Cell]]:
    """The cells of a column, some thousands at a time."""
    for start in range(0, len(column), _CHUNK):
        yield _cells(column.iloc[start : start + _CHUNK])


def _cells(column: pandas.Series[Any]) -> list[Cell]:
    """The cells of a part of a column; values of the common types are not looked at one by one."""
    values = _values(column)
    kinds = set(map(type, values))
    if int in kinds and column.dtype == object:  # of any size
        return list(map(cell_from, values))
    if kinds <= _SAME:
        return values
    if kinds <= _PLAIN:
        return [None if value != value or value == "" else value for value in values]
    return list(map(cell_from, values))


def _values(column: pandas.Series[Any]) -> list[Any]:
    """The values of a part of a column as Python has them. pandas hands on numbers of 16 and 32 bits as if they had 64, with
    digits that nobody wrote."""
    import numpy

    name = str(column.dtype).lower()
    if name in _HALF or name in _SINGLE:
        kind = numpy.float16 if name in _HALF else numpy.float32
        return [kind(value) if type(value) is float else value for value in column]
    if isinstance(column.dtype, numpy.dtype) and column.dtype.kind == "M":
        with suppress(OverflowError):  # of a moment so far away that it has no microseconds
            moments: list[Any] = column.to_numpy().astype("datetime64[us]").tolist()
            if int not in set(map(type, moments)):  # else some are beyond the years that Python knows
                return moments
    return column.tolist()
