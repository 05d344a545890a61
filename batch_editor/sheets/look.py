"""Notes what calamine loses of a workbook or gets wrong, by a look of our own at the file.

An error and a formula without a value look like blanks to calamine; it does not say which rows and columns are hidden, or
which cells merged, and takes a day in an .xlsb for a number. ``look_xls`` and ``look_xlsb`` look for these cells, and count the
filled ones of each row, so that a row which calamine lost or moved is noticed.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from functools import partial

from ..cell_values import Cell
from .layout import MOST_RANGES, Layout, Range, layout_of
from .marks import Mark, MarkedCells, with_marks
from .number_formats import NumberFormat, formatted
from .styles import Figures, Moments

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
ERRORS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
    0x2B: "#GETTING_DATA",
}


class Look:
    """What was seen of one sheet; rows and columns count from 0.

    ``cells`` are those that calamine does not give as they are, by row and column; ``text_formats`` the formats of those whose
    text is shown as something else; ``hidden`` the rows that the sheet does not show. ``merged`` and ``hidden_columns`` are
    those of the layout, whose rows count from 1. ``marks`` are those of the styles, by their numbers.
    """

    def __init__(self, marks: Mapping[int, Mark]) -> None:
        self._marks = marks
        self._marked = MarkedCells()
        self.cells: dict[int, dict[int, Cell]] = {}
        self.text_formats: dict[int, dict[int, NumberFormat]] = {}
        self.hidden: set[int] = set()
        self.merged: list[Range] = []
        self.hidden_columns: list[tuple[int, int]] = []
        self._sure, self._possible = array("H"), array("H")

    def correct(self, row: int, column: int, cell: Cell) -> None:
        """Notes what a cell really holds."""
        self.cells.setdefault(row, {})[column] = cell

    def format_text(self, row: int, column: int, coded: NumberFormat | None) -> None:
        """Notes the format of a text, if that makes something of it."""
        if coded is not None:
            self.text_formats.setdefault(row, {})[column] = coded

    def cells_of(self, row: int, cells: Sequence[Cell]) -> list[Cell]:
        """Returns what the cells of a row really hold and show, of which calamine gives these; the row is forgotten then."""
        corrected = list(cells)
        for column, cell in self.cells.pop(row, {}).items():
            corrected += [None] * (column + 1 - len(corrected))
            corrected[column] = cell
        for column, coded in self.text_formats.pop(row, {}).items():
            text = corrected[column] if column < len(corrected) else None
            if isinstance(text, str):
                corrected[column] = formatted(text, partial(coded.text, text))
        return corrected

    def count(self, row: int, column: int, style: int, *, sure: bool) -> None:
        """Counts a cell that is filled for sure, or may be an empty text. Raises ValueError for a place that no sheet has."""
        if style in self._marks:
            self._marked.add(self._marks[style], row + 1, column)
        if not (0 <= row < LAST_ROW and 0 <= column < LAST_COLUMN):
            raise ValueError(f"row {row}, column {column} is beyond the last")
        while len(self._sure) <= row:
            self._sure.append(0)
            self._possible.append(0)
        self._sure[row] += sure
        self._possible[row] += 1

    def merge(self, rows: tuple[int, int], columns: tuple[int, int]) -> None:
        """Notes the range of a merged cell, its first and last row and column. Raises ValueError for more than a sheet has."""
        self.merged.append(Range(rows[0] + 1, columns[0], rows[1] + 1, columns[1]))
        if len(self.merged) > MOST_RANGES:
            raise ValueError("more merged cells than a sheet has")

    def layout(self) -> Layout:
        """Returns the layout of the sheet."""
        return with_marks(layout_of(self.merged, self.hidden_columns), self._marked)

    @property
    def height(self) -> int:
        """The number of rows, up to the last one with a cell."""
        return len(self._sure)

    def check(self, row: int, filled: int) -> None:
        """Raises ValueError if so many filled cells cannot be all that the row has."""
        least, most = (self._sure[row], self._possible[row]) if row < self.height else (0, 0)
        if not least <= filled <= most:
            raise ValueError(f"row {row} has {least} to {most} filled cells, and {filled} were read")


def moment(kinds: Sequence[Moments | Figures | None], style: int, number: float) -> Cell:
    """Returns what a number in this style stands for or is shown as; None if it is just a number."""
    kind = kinds[style] if style < len(kinds) else None
    return None if kind is None else kind.of(number)
