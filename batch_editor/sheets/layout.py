"""What a sheet shows beside its rows: which cells are merged into one, and which columns nobody sees.

Each reader hands on a ``Layout`` for its sheet. What merged cells mean for the rows is left to ``edits``.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

#: How many ranges of merged cells are taken; each takes some 200 bytes.
MOST_RANGES = 1 << 18


class Range(NamedTuple):
    """Cells that are shown as one: rows as Excel shows them (from 1), columns counted from 0, the last ones included."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int


@dataclass(frozen=True, slots=True)
class Layout:
    """What a sheet shows beside its rows.

    ``merged`` are the ranges of merged cells by their first rows; no two of them overlap. ``hidden_columns`` are spans of
    columns that the sheet hides, or that have no width: the first and the last of each, counted from 0. ``damaged`` says that
    the sheet names ranges that overlap or are none: then there are no merged ones, which is what Excel makes of them.
    ``struck`` are filled cells that are struck through, ``white`` those whose text is white on white, each range of one column.
    """

    merged: tuple[Range, ...] = ()
    hidden_columns: tuple[tuple[int, int], ...] = ()
    damaged: bool = False
    struck: tuple[Range, ...] = ()
    white: tuple[Range, ...] = ()

    def hides(self, column: int) -> bool:
        """Returns whether nobody sees this column, counted from 0."""
        return any(first <= column <= last for first, last in self.hidden_columns)


def layout_of(ranges: Iterable[Range], hidden_columns: Iterable[tuple[int, int]] = (), *, damaged: bool = False) -> Layout:
    """Returns the layout of a sheet that names these ranges, in any order; ``damaged`` if one of them could not be read."""
    merged = sorted({merged for merged in ranges if merged[:2] != merged[2:]})
    damaged = damaged or _overlap(merged)
    return Layout(() if damaged else tuple(merged), tuple(hidden_columns), damaged)


def _overlap(ranges: Iterable[Range]) -> bool:
    """Whether two of the ranges, which come by their first rows, have a cell in common."""
    # Those that have not ended above, by their columns, of which no two have one in common.
    open_ranges: list[tuple[int, int, int]] = []
    for merged in ranges:
        place = bisect_left(open_ranges, (merged.first_column,))
        if place and open_ranges[place - 1][1] >= merged.first_column:
            place -= 1
        end = place
        while end < len(open_ranges) and open_ranges[end][0] <= merged.last_column:
            if open_ranges[end][2] >= merged.first_row:
                return True
            end += 1
        open_ranges[place:end] = [(merged.first_column, merged.last_column, merged.last_row)]
    return False
