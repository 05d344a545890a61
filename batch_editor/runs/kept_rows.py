"""The rows at the top of a sheet, kept while the sheet is looked at, so that a long blank end of it is read through once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ..cell_values import Row
from ..errors import SheetError
from ..sheets import Sheet

#: So many rows, and cells in them, are kept of one sheet.
_MOST_ROWS, _MOST_CELLS = 250, 200_000


def with_kept_rows(sheet: Sheet) -> Sheet:
    """Returns ``sheet``, whose rows are read once as long as nobody asks for more than its first ones."""
    return replace(sheet, rows=_KeptRows(sheet).rows)


class _KeptRows:
    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self._following: Iterator[Row] | None = None
        self._kept: list[Row] = []
        self._cells = 0
        self._is_whole = False
        self._error: SheetError | None = None

    def rows(self) -> Iterator[Row]:
        place = 0
        while place < len(self._kept) or self._read_on():
            yield self._kept[place]
            place += 1
        if self._error is not None:
            raise self._error
        if self._is_whole:
            return
        for number, row in enumerate(self._sheet.rows()):
            if number >= place:
                yield row

    def _read_on(self) -> bool:
        """Keeps one row more; returns False at the end, and where enough are kept."""
        if self._is_whole or self._error is not None or len(self._kept) >= _MOST_ROWS or self._cells >= _MOST_CELLS:
            return False
        if self._following is None:
            self._following = self._sheet.rows()
        try:
            row = next(self._following, None)
        except SheetError as error:
            self._error = error
            return False
        if row is None:
            self._is_whole = True
            return False
        self._kept.append(row)
        self._cells += len(row.cells)
        return True
