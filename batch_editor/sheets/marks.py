"""Which cells people may take for deleted or empty though they hold something: struck through, or white on white.

The font and the fill of a cell's style say so. The readers of the styles hand on which styles are like that; those of the rows
note their cells, as ranges of the columns.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import IO, NamedTuple

from .layout import Layout, Range
from .markup import Attributes, TooLargeError, is_true
from .sheet import column_of

_CHUNK = 1 << 18
#: A cell with a style and a value, as all programs write it.
_CELL = re.compile(rb'<(?:[a-z]+:)?c r="([A-Z]{1,3})([1-9][0-9]{0,6})"[^<>]*? s="([0-9]{1,6})"[^<>]*(?<!/)>(?!</)')
_MOST_FONTS = 100_000
_LOOKED_AHEAD, _LONGEST_CELL = 2, 1 << 10
#: So many ranges are noted. More have no order that anybody would give to them.
_MOST_RANGES = 10_000
_WHITE = ("ffffffff", "00ffffff", "ffffff")


class Mark(StrEnum):
    """Why people may overlook a cell."""

    STRUCK = "struck"
    WHITE = "white"


class Font(NamedTuple):
    """What matters of a font."""

    struck: bool = False
    white: bool = False


def marks_of(styles: Sequence[tuple[int, int]], fonts: Sequence[Font], white_fills: Collection[int]) -> dict[int, Mark]:
    """Returns the marks of those of the ``styles``, each a font and a fill by their numbers, that have one, by their places."""
    marks: dict[int, Mark] = {}
    for place, (number, fill) in enumerate(styles):
        font = fonts[number] if number < len(fonts) else Font()
        if font.struck:
            marks[place] = Mark.STRUCK
        elif font.white and fill in white_fills:
            marks[place] = Mark.WHITE
    return marks


class FontReader:
    """Reads the fonts and fills in the styles of an .xlsx, element by element."""

    def __init__(self) -> None:
        self._fonts: list[Font] = []
        self._fills: list[bool] = []  # whether each is white
        self._styles: list[tuple[int, int]] = []
        self._is_listed = False  # not of a style of a table, or of a condition

    def visit(self, above: str, name: str, attributes: Attributes) -> None:
        """Takes the next element, as ``markup.walk`` hands it on. Raises ``TooLargeError`` for more than a workbook has."""
        if name in ("font", "fill"):
            self._is_listed = above == f"{name}s"
            if self._is_listed and name == "font":
                self._fonts.append(Font())
            elif self._is_listed:
                self._fills.append(True)
            if len(self._fonts) + len(self._fills) > _MOST_FONTS:
                raise TooLargeError("more fonts than a workbook has")
        elif name == "xf" and above == "cellXfs":
            self._styles.append((_number(attributes.get("fontId")), _number(attributes.get("fillId"))))
        elif not self._is_listed:
            return
        elif above == "font" and name == "strike":
            self._fonts[-1] = self._fonts[-1]._replace(struck=is_true(attributes.get("val", "1")))
        elif above == "font" and name == "color":
            self._fonts[-1] = self._fonts[-1]._replace(white=_is_white(attributes))
        elif above == "fill":
            self._fills[-1] = name == "patternFill" and attributes.get("patternType", "none") in ("none", "solid")
        elif above == "patternFill" and name == "fgColor":
            self._fills[-1] = self._fills[-1] and _is_white(attributes)

    def marks(self) -> Mapping[str, Mark]:
        """Returns the marks of the styles of cells, by their numbers as they are written."""
        white = [place for place, is_white in enumerate(self._fills) if is_white] if self._fills else [0]
        return {str(place): mark for place, mark in marks_of(self._styles, self._fonts, white).items()}


class MarkedCells:
    """The cells that have been met so far, by their marks."""

    def __init__(self) -> None:
        self._ranges: dict[Mark, list[Range]] = {Mark.STRUCK: [], Mark.WHITE: []}
        self._last: dict[tuple[Mark, int], int] = {}  # where in its list the last range of a column stands

    def add(self, mark: Mark, row: int, column: int, *, rows: int = 1, columns: int = 1) -> None:
        """Notes cells from this row (from 1) and column (from 0) on, below those of their columns that were met before."""
        ranges = self._ranges[mark]
        for each in range(column, column + columns):
            place = self._last.get((mark, each))
            if place is not None and ranges[place].last_row == row - 1:
                ranges[place] = ranges[place]._replace(last_row=row + rows - 1)
            elif len(ranges) < _MOST_RANGES:
                self._last[mark, each] = len(ranges)
                ranges.append(Range(row, each, row + rows - 1, each))

    def ranges(self, mark: Mark) -> tuple[Range, ...]:
        """Returns the cells with this mark, as ranges of one column each."""
        return tuple(self._ranges[mark])


def marked_cells(open_part: Callable[[], IO[bytes]], marks: Mapping[str, Mark]) -> MarkedCells:
    """Returns the marked cells of the worksheet of an .xlsx whose part ``open_part`` opens; those that a program has written in
    an unusual way are not among them."""
    met = MarkedCells()
    if not marks:
        return met
    with open_part() as source:
        unread = b""
        while chunk := source.read(_CHUNK):
            text = unread + chunk
            end = 0
            for match in _CELL.finditer(text):
                if match.end() + _LOOKED_AHEAD > len(text):
                    break
                end = match.end()
                if mark := marks.get(match[3].decode()):
                    met.add(mark, int(match[2]), column_of(match[1].decode()))
            unread = text[max(end, len(text) - _LONGEST_CELL) :]  # where a cell may have begun
    return met


def with_marks(layout: Layout, met: MarkedCells) -> Layout:
    """Returns the layout with the marked cells of the sheet."""
    return replace(layout, struck=met.ranges(Mark.STRUCK), white=met.ranges(Mark.WHITE))


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and text.isascii() else 0


def _is_white(attributes: Attributes) -> bool:
    if "rgb" in attributes:
        return attributes["rgb"].lower() in _WHITE
    if "theme" in attributes:
        return attributes["theme"] == "0" and not attributes.get("tint", "").strip("0.")
    return attributes.get("indexed") in ("1", "9")
