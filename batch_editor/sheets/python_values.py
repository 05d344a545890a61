"""Makes cells of the values of Python: of a DataFrame, of dicts, of JSON, of a parquet file.

A value becomes what Python shows of it where that is what a person would type: texts, numbers, days and times, and lists of
texts. Whatever has no such form becomes an ``Unusable`` cell. pandas is imported only where a value is of no common type, so
that a run without one does not wait for it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Any

from ..cell_values import Cell, Texts, Unusable

if TYPE_CHECKING:
    import pandas

#: A number of more digits is no value of a cell, and takes long to print.
_MOST_DIGITS = 400
_BEYOND = 10**_MOST_DIGITS
#: How many characters of a label are shown.
_LONGEST_LABEL = 60
_SEVERAL = (list, tuple, set, frozenset)
#: Values whose type says what they are, and which are a cell as they stand.
_CELLS = (bool, datetime, time)


def label_of(label: object) -> str | None:
    """Returns the heading that the label of a column, or the key of a dict, is; None for a missing one."""
    cell = cell_from(label)
    if isinstance(cell, Unusable):
        return cell.kind
    return None if cell is None else ", ".join(cell.texts) if isinstance(cell, Texts) else str(cell)


def shown_label(label: object) -> str:
    """Returns how Python writes what names a record: ``'C-17'``, ``5``, ``('A', 1)``."""
    plain = label if isinstance(label, tuple) else (label,)
    texts = [repr(part) if isinstance(part, str) else str(part) for part in plain]
    text = f"({', '.join(texts)})" if isinstance(label, tuple) else texts[0]
    return text if len(text) <= _LONGEST_LABEL else f"{text[:_LONGEST_LABEL]}…"


def cell_from(value: Any) -> Cell:
    """Returns the cell that a value is. A missing value of any kind is a blank."""
    kind = type(value)
    if kind is str:
        return value or None
    if value is None:
        return None
    if kind is float:
        return None if math.isnan(value) else value
    if kind is int:
        return _whole(value)
    if kind in _CELLS:
        return value  # type: ignore[no-any-return]  # one of these
    for types, convert in _converters():
        if isinstance(value, types):
            return convert(value)
    return _shown(value)


@cache
def _converters() -> tuple[tuple[type | tuple[type, ...], Callable[[Any], Cell]], ...]:
    """What becomes of values by their types; the first that fits counts."""
    import numpy
    import pandas

    missing = (type(pandas.NA), type(pandas.NaT))
    arrays = (numpy.ndarray, pandas.Series, pandas.Index, pandas.api.extensions.ExtensionArray)
    no_values = (bytes, bytearray, memoryview, complex, Enum, dict, timedelta, pandas.DataFrame, pandas.Interval, numpy.void)
    return (
        (missing, lambda _: None),
        (str, lambda value: str.__str__(value) or None),  # of whatever class, it is its own text
        (numpy.bool_, bool),
        (numpy.datetime64, _datetime64),
        (numpy.timedelta64, lambda value: None if numpy.isnat(value) else _unusable(value)),
        (int, lambda value: _whole(int.__int__(value))),
        (no_values, _unusable),
        (numpy.integer, int),
        (numpy.floating, _floating),
        (numpy.complexfloating, _unusable),
        (float, lambda value: cell_from(float.__float__(value))),
        (Decimal, _decimal),
        (pandas.Timestamp, _timestamp),
        (datetime, lambda value: value),
        (date, lambda value: datetime.combine(value, time.min)),
        (time, lambda value: value),
        (_SEVERAL, _several),
        (arrays, _array),
    )


def _whole(value: int) -> Cell:
    return value if -_BEYOND < value < _BEYOND else _unusable(value)


def _unusable(value: object) -> Unusable:
    return Unusable(type(value).__name__)


def _floating(value: Any) -> Cell:
    """A number as numpy shows it: 0.1 of 32 bits is 0.1. A whole one beyond what its kind counts exactly keeps its short form,
    so that it passes for no number of all these digits."""
    import numpy

    if numpy.isnan(value):
        return None
    if isinstance(value, float):
        return float.__float__(value)
    if abs(value) >= 2 ** (numpy.finfo(type(value)).nmant + 1):
        return float("inf") if numpy.isinf(value) else numpy.format_float_scientific(value, trim="0")
    return float(str(value))


def _decimal(value: Decimal) -> Cell:
    if value.is_nan():
        return None
    if not value.is_finite():
        return float(value)
    if value.adjusted() > _MOST_DIGITS or value.as_tuple().exponent < -_MOST_DIGITS:  # type: ignore[operator]  # it is finite
        return _unusable(value)
    if value == value.to_integral_value():
        return int(value)
    near = float(value)
    return near if Decimal(str(near)) == value else format(value, "f")


def _timestamp(value: pandas.Timestamp) -> Cell:
    try:
        return value.to_pydatetime(warn=False)
    except (ValueError, OverflowError):  # beyond the year 9999
        return _unusable(value)


def _datetime64(value: Any) -> Cell:
    import numpy

    if numpy.isnat(value):
        return None
    unit, _ = numpy.datetime_data(value)
    if unit in ("Y", "M", "W"):  # no day
        return str(value)
    moment = value.astype("datetime64[us]").item()
    return moment if isinstance(moment, datetime) else _unusable(value)


def _array(value: Any) -> Cell:
    if getattr(value, "ndim", 1) == 0:
        return cell_from(value.item())
    return _unusable(value) if value.ndim > 1 else _several(value)


def _several(values: Iterable[object]) -> Cell:
    """A list of texts; whole numbers are as good, since ids are such. Of a set, which has no order, in that of the texts."""
    texts = []
    for value in values:
        cell = cell_from(value)
        if isinstance(cell, bool) or not isinstance(cell, (str, int)):
            return _unusable(values)
        texts.append(str(cell).strip())
    if isinstance(values, (set, frozenset)):
        texts.sort()
    return Texts(tuple(texts)) if texts else None


def _shown(value: object) -> Cell:
    """What an object says that it is, if its class gives it words for people."""
    if type(value).__str__ is object.__str__:
        return _unusable(value)
    try:
        text = str(value)
    except Exception:  # noqa: BLE001  # whatever the class of somebody else raises
        return _unusable(value)
    return str.__str__(text) or None
