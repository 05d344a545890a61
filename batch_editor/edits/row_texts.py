"""The cells of a row as texts, as the journal keeps them and as results show them again.

A text is what a cell holds; where the format of a cell shows something else for certain, as of most dates and of percentages,
it is what the cell shows.
"""

from __future__ import annotations

from datetime import datetime

from ..cell_values import Cell, Formatted, Row
from ..settings.names import EDGES
from . import cells
from .columns import Columns


class RowTexts:
    """Gives the texts of the rows of a sheet with these ``columns``."""

    def __init__(self, columns: Columns) -> None:
        self._width = len(columns.headings)
        self._kinds = {column.index: column.field.kind for column in columns.columns}
        self._shown_places = tuple(column.index for column in columns.columns if column.field.kind not in cells.AS_STORED)
        self._has_formats = False

    def of(self, row: Row) -> tuple[str, ...]:
        """Returns the cells of the row as texts, as far as there are headings."""
        row_cells = row.cells[: self._width]
        texts = [cell if cell.__class__ is str else self._text(cell) for cell in row_cells]
        if self._has_formats:
            for place in self._shown_places:
                if place < len(texts) and isinstance(cell := row_cells[place], Formatted):
                    shown, is_certain = cell.shown()
                    texts[place] = shown.strip(EDGES) if is_certain else texts[place]
        return tuple(texts)

    def is_shown(self, place: int, cell: Formatted) -> bool:
        """Returns whether what the format of a cell shows is of any consequence."""
        kind = self._kinds.get(place)
        return kind is not None and not (kind in cells.AS_STORED and isinstance(cell, datetime))

    def _text(self, cell: Cell) -> str:
        """Returns the text of a cell that holds no text, without what its format shows; takes note of formats."""
        if isinstance(cell, Formatted):
            self._has_formats = True
        return cells.cell_text(cell)
