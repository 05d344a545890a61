"""What a cell of a sheet can hold, and a row of such cells, exactly as the readers of files hand them on.

What a value means is left to ``edits``; how a format shows it, to ``sheets``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta


@dataclass(frozen=True, slots=True)
class CellError:
    """An Excel error such as ``#N/A``: a cell that holds no value, and is never taken for a blank."""

    text: str


@dataclass(frozen=True, slots=True)
class Uncomputed:
    """A formula whose value was never stored in the file; nobody here can know what it would show."""


class Formatted:
    """A value in a format of its cell that may show it as something else: 0.5 as 50%.

    The classes below are such values; each is equal to the value itself. ``shown()`` returns the text that the cell shows, and
    whether that is certain: some formats depend on the country that a computer is set to. ``is_whole`` says that a date is
    shown with its day, month and year, and a number with all digits of the text.
    """

    shown: Callable[[], tuple[str, bool]]
    is_whole: bool = True


class FormattedInt(int, Formatted):
    """A whole number in a format."""


class FormattedFloat(float, Formatted):
    """A number in a format."""


class FormattedDatetime(datetime, Formatted):
    """A date in a format, with or without a time."""


class FormattedTime(time, Formatted):
    """A time of the day in a format."""


class FormattedDuration(timedelta, Formatted):
    """A duration in a format."""


@dataclass(unsafe_hash=True)
class FormattedText(Formatted):
    """A text in a format that adds something to it, or hides it; it is no ``str``, since its value is not what is seen."""

    text: str


@dataclass(frozen=True, slots=True)
class Texts:
    """Several texts in one cell of a DataFrame, where a list of tags or options stands in it."""

    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unusable:
    """What a cell of a DataFrame holds that is no value of a cell, such as a dict; ``kind`` is what Python calls it."""

    kind: str


#: What one cell of a sheet holds, exactly as the file says it. ``None`` is a blank. An ``int`` had all its digits in the
#: file; a ``float`` may already have lost some.
Cell = (
    None
    | str
    | int
    | float
    | bool
    | date
    | datetime
    | time
    | timedelta
    | FormattedText
    | CellError
    | Uncomputed
    | Texts
    | Unusable
)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a sheet: ``number`` as Excel shows it (from 1), ``cells`` from column A on to the last filled one.

    ``width`` is how many cells the row has in the file, the blank ones at its end included; ``hidden`` says that the sheet does
    not show it, as when it is filtered out.
    """

    number: int
    cells: tuple[Cell, ...]
    width: int = field(default=0, compare=False)
    hidden: bool = field(default=False, compare=False)
