"""Reads a pandas DataFrame into exact rows: the column labels are row 1, the first record is row 2.

An index that says more than the place of a record stands in columns of its own before the others. What becomes of a value is
said in ``python_values``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, TypeGuard

from ..cell_values import Row
from ..errors import SheetError
from .python_values import cell_from, label_of, shown_label
from .sheet import Sheet, row_of

if TYPE_CHECKING:
    import pandas

#: Which row the first record is.
FIRST = 2
_HALF = ("float16", "halffloat[pyarrow]")
_SINGLE = ("float32", "float[pyarrow]")


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
    levels = 0 if _is_counted(index) else index.nlevels
    rows = partial(_rows, frame, levels)
    return Sheet("", True, rows, index_columns=levels, label=lambda number: shown_label(index[number - FIRST]))


def _is_counted(index: pandas.Index[Any]) -> bool:
    """Whether an index is what pandas gives a frame without one."""
    import pandas

    return index.nlevels == 1 and index.name is None and index.equals(pandas.RangeIndex(len(index)))


def _rows(frame: pandas.DataFrame, levels: int) -> Iterator[Row]:
    index = [frame.index.get_level_values(level) for level in range(levels)]
    if heading := row_of(1, [label_of(label) for label in (*(level.name for level in index), *frame.columns)]):
        yield heading
    columns = [_values(frame.iloc[:, place]) for place in range(len(frame.columns))]
    for number, record in enumerate(zip(*index, *columns, strict=True), FIRST):
        if row := row_of(number, [cell_from(value) for value in record]):
            yield row


def _values(column: pandas.Series[Any]) -> Iterable[object]:
    """The values of a column. pandas hands on numbers of 16 and 32 bits as if they had 64, with digits that nobody wrote."""
    import numpy

    name = str(column.dtype).lower()
    kind = numpy.float16 if name in _HALF else numpy.float32 if name in _SINGLE else None
    return column if kind is None else (value if type(value) is not float else kind(value) for value in column)
