"""Reads the layout of one worksheet of an .xlsx: merged cells, and columns that are hidden or have no width.

Merged cells are named behind the rows, but what they mean has to be known before the first row is read. So the part is looked
through for their name, which takes a fiftieth of the time of reading its rows; only where it stands there is the part parsed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import IO

from .layout import MOST_RANGES, Layout, Range, layout_of
from .marks import Mark, marked_cells, with_marks
from .markup import Attributes, TooLargeError, deeper, feed, is_true, new_parser, prefix_of, skip, whole_number
from .sheet import COLUMNS, column_of

_CHUNK = 1 << 18
_MERGED = b"mergeCell"
_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?([1-9][0-9]{0,6})(?::\$?([A-Z]{1,3})\$?([1-9][0-9]{0,6}))?")
_LAST_ROW = 1_048_576
#: A width below that of one pixel, in characters of the usual font.
_NO_WIDTH = 0.14
#: Excel writes one element for columns that look alike, and a sheet has so many columns at most.
_MOST_COLUMNS = len(COLUMNS)


def read_layout(open_part: Callable[[], IO[bytes]], marks: Mapping[str, Mark]) -> Layout:
    """Returns the layout of the worksheet whose part ``open_part`` opens; ``marks`` are those of its styles. Raises what expat
    raises, ``TooLargeError`` for more merged cells than a sheet has, and ValueError for what is no sheet."""
    with open_part() as source:
        has_merged = _names_merged(source)
    reader = _LayoutReader(reads_all=has_merged)
    with open_part() as source:
        for _ in feed(reader.parser, reader.names, source):
            if reader.is_done:
                break
    layout = layout_of(reader.ranges, reader.hidden_columns, damaged=reader.is_damaged)
    return with_marks(layout, marked_cells(open_part, marks))


def _names_merged(source: IO[bytes]) -> bool:
    """Whether merged cells may be named in a part: their name is there, or the part is not written in bytes of ASCII."""
    end = b""
    while chunk := source.read(_CHUNK):
        if _MERGED in end + chunk or b"\0" in chunk:
            return True
        end = chunk[-len(_MERGED) :]
    return False


class _LayoutReader:
    """Notes what is said of a sheet before its rows and, with ``reads_all``, behind them."""

    def __init__(self, *, reads_all: bool) -> None:
        self.ranges: list[Range] = []
        self.hidden_columns: list[tuple[int, int]] = []
        self.is_damaged = self.is_done = False
        self.parser, self.names = new_parser()
        self._reads_all = reads_all
        self._prefix = ""
        self._above: list[str] = []
        self.parser.StartElementHandler, self.parser.EndElementHandler = self._start, self._end

    def _start(self, name: str, attributes: Attributes) -> None:
        deeper(len(self._above))
        if not self._above:
            self._prefix = prefix_of(name, attributes, "worksheet")
        local = name.removeprefix(self._prefix)
        if local == "sheetData" and len(self._above) == 1:
            self.is_done = not self._reads_all
            skip(self.parser)
            return
        if local == "mergeCell" and self._above[-1:] == ["mergeCells"]:
            self._merge(attributes.get("ref", ""))
        elif local == "col" and self._above[-1:] == ["cols"]:
            self._column(attributes)
        self._above.append(local)

    def _end(self, name: str) -> None:
        self._above.pop()

    def _merge(self, reference: str) -> None:
        match = _REFERENCE.fullmatch(reference.strip().upper())
        if not match:
            self.is_damaged = True
            return
        left, top, right, bottom = match.groups()
        merged = Range(int(top), column_of(left), int(bottom or top), column_of(right or left))
        if not (merged.first_row <= merged.last_row <= _LAST_ROW and merged.first_column <= merged.last_column < len(COLUMNS)):
            self.is_damaged = True
            return
        self.ranges.append(merged)
        if len(self.ranges) > MOST_RANGES:
            raise TooLargeError("more merged cells than a sheet has")

    def _column(self, attributes: Attributes) -> None:
        if is_true(attributes.get("hidden")) or _is_nothing(attributes.get("width")):
            self.hidden_columns.append((whole_number(attributes["min"]) - 1, whole_number(attributes["max"]) - 1))
            if len(self.hidden_columns) > _MOST_COLUMNS:
                raise TooLargeError("more columns than a sheet has")


def _is_nothing(width: str | None) -> bool:
    return width is not None and float(width) < _NO_WIDTH
