"""The labels of the records of a run: those of the index of the DataFrame that it was read from, so that results join to it.

The process that was given the frame has its index. Any other one makes the labels again of what the journal holds: of the cells
of the rows, in which the index stands before the columns, and of the kinds of its levels, which are an option of the run.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ..sheets import shown_label

if TYPE_CHECKING:
    from pandas import Index, Timestamp

    from .options import RunOptions

#: The first record is this row.
FIRST_ROW = 2
#: The name of a level of an index, if it has one that is a text, and what its labels are: int, float, time (or time with the
#: name of its zone behind it) or text.
Level = tuple[str | None, str]


def levels_of(index: Index[Any], columns: int) -> tuple[Level, ...]:
    """Returns the levels of an index that stands in so many ``columns`` before the others; none of one that only counts."""
    return tuple(_level(index.get_level_values(level)) for level in range(columns))


def _level(labels: Index[Any]) -> Level:
    kind = {"i": "int", "u": "int", "f": "float", "M": "time"}.get(getattr(labels.dtype, "kind", ""), "text")
    zone = getattr(labels.dtype, "tz", None)
    return (labels.name if isinstance(labels.name, str) else None, f"{kind} {zone}" if zone else kind)


def labels_of(numbers: Sequence[int], cells: Sequence[Sequence[str]], levels: Sequence[Level]) -> Index[Any]:
    """Returns the labels of the rows with these ``numbers``, of which ``cells`` are the texts, level by level."""
    import pandas as pd

    if not levels:
        return pd.Index([number - FIRST_ROW for number in numbers], dtype="int64")
    named = [_typed(texts, kind).rename(name) for texts, (name, kind) in zip(cells, levels, strict=True)]
    return named[0] if len(named) == 1 else pd.MultiIndex.from_arrays(named)


def row_names(
    options: RunOptions, index: Index[Any] | None, cells: Callable[[int], Sequence[str]]
) -> Callable[[int], str] | None:
    """Returns what gives the name of a record by the number of its row; None where people see rows of a sheet.

    ``index`` is that of the DataFrame, if this process was given it; else labels are made of the ``cells`` of a row.
    """
    if options.index is None:
        return None
    if index is not None:
        return lambda row: shown_label(index[row - FIRST_ROW])
    if options.index:
        levels = options.index
        return lambda row: _shown(cells(row), levels)
    counted = re.fullmatch(r"(#?)(\d+)", options.first_label or "0")
    sign, first = counted.groups() if counted else ("", "0")
    return lambda row: f"{sign}{int(first) + row - FIRST_ROW}"


def _shown(texts: Sequence[str], levels: Sequence[Level]) -> str:
    parts = [
        "nan" if not text else repr(text) if kind == "text" else text for text, (_, kind) in zip(texts, levels, strict=False)
    ]
    return parts[0] if len(levels) == 1 else f"({', '.join(parts)})"


def _typed(texts: Sequence[str], kind: str) -> Index[Any]:
    import pandas as pd

    match kind:
        case "int":
            numbers = [int(text) if text else None for text in texts]
            if None in numbers:
                return pd.Index(pd.array(numbers, dtype="Int64"))
            return pd.Index(numbers) if numbers else pd.Index(numbers, dtype="int64")
        case "float":
            return pd.Index([float(text) if text else None for text in texts], dtype="float64")
        case "text":
            return pd.Index(list(texts), dtype="object")
    zone = kind.partition(" ")[2]
    try:
        if not zone:
            return pd.DatetimeIndex(pd.to_datetime(list(texts), format="ISO8601"))
        moments = [pd.Timestamp(text) for text in texts]  # midnight is written as a day
        return pd.DatetimeIndex([_in_zone(moment, zone) for moment in moments])
    except ValueError:  # beyond the years that have a text
        return pd.Index(list(texts), dtype="object")


def _in_zone(moment: Timestamp, zone: str) -> Timestamp:
    return moment.tz_convert(zone) if moment.tzinfo else moment.tz_localize(zone)
