"""Reads a pandas DataFrame into exact rows: the column labels are row 1, the first record is row 2.

pandas is imported only where it is used, so that a run without it does not wait for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from ..model import Cell, Row
from .sheet import Sheet, row_of

if TYPE_CHECKING:
    import pandas


def read_frame(frame: pandas.DataFrame) -> Sheet:
    """Returns the frame as a sheet, without its index. A missing value of any kind is a blank, and so is a missing label."""
    return Sheet("", True, partial(_rows, frame))


def _rows(frame: pandas.DataFrame) -> Iterator[Row]:
    labels = [_cell(label) for label in frame.columns]
    if heading := row_of(1, [label if label is None else str(label) for label in labels]):
        yield heading
    for number, record in enumerate(frame.itertuples(index=False, name=None), 2):
        if row := row_of(number, [_cell(value) for value in record]):
            yield row


def _cell(value: Any) -> Cell:
    import numpy
    import pandas

    if isinstance(value, str):
        return str(value) or None
    if value is None or (pandas.api.types.is_scalar(value) and pandas.isna(value)):
        return None
    if isinstance(value, (bool, numpy.bool_)):
        return bool(value)
    if isinstance(value, (int, numpy.integer)):
        return int(value)
    if isinstance(value, (float, numpy.floating)):
        return float(value)
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() and value.is_finite() else float(value)
    if isinstance(value, pandas.Timestamp):
        return value.to_pydatetime(warn=False)
    if isinstance(value, pandas.Timedelta):
        return value.to_pytimedelta()
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime.combine(value, time.min)
    return value if isinstance(value, (datetime, time, timedelta)) else str(value) or None
