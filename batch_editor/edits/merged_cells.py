"""What the merged cells of a sheet mean for its rows (guide: rules, "The sheet").

A range of merged cells shows one value, that of its first cell, and nothing of what its other cells may hold. Those other cells
are blank here, or with ``fill_down`` they hold the value in the rows that the range spans. A row that holds nothing outside of
such cells is no row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ..cell_values import Cell, Row
from ..errors import SheetError
from ..model import Message
from ..sheets import Layout, Range, address, cell_of
from . import cells
from .columns import Columns

#: How many ranges are named to people.
_MOST_NAMED = 10


@dataclass(slots=True)
class _Span:
    """A range that the rows have come to, with the value of its first cell; ``is_named`` once people are to hear of it."""

    merged: Range
    value: Cell = None
    is_named: bool = False


class MergedCells:
    """The merged cells below the headings and under them. Raises ``SheetError`` where ``fill_down`` is asked for and nobody
    can say which cells are merged.

    Once all ``rows`` were read, ``notes`` names the first few ranges whose value is sent for one row or column only, and counts
    the values in cells which nobody sees.
    """

    def __init__(self, layout: Layout, columns: Columns, *, fill_down: bool) -> None:
        if layout.damaged and fill_down:
            raise SheetError("sheet.merged_damaged", sheet=columns.sheet_name)
        self._is_damaged = layout.damaged
        self._fill_down = fill_down
        self._sheet_name, self._heading_row = columns.sheet_name, columns.heading_row
        self._read = frozenset(column.index for column in columns.columns)
        self._ranges = tuple(
            merged
            for merged in layout.merged
            if merged.first_column < len(columns.headings) and merged.last_row > columns.heading_row
        )
        self._names: list[str] = []
        self._named = self._covered = 0
        self._rows_lack_values = False

    def rows(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Yields the rows below the headings with what their merged cells show."""
        below = (row for row in rows if row.number > self._heading_row)
        return self._shown(below) if self._ranges else below

    def notes(self) -> list[Message]:
        """Returns the warnings on merged cells."""
        notes = [Message("note.merged_damaged")] if self._is_damaged else []
        if self._named:
            beyond = ["…"] if self._named > _MOST_NAMED else []
            key = "note.merged" if self._rows_lack_values else "note.merged_columns"
            notes.append(Message(key, {"ranges": ", ".join([*self._names, *beyond]), "count": self._named}))
        if self._covered:
            notes.append(Message("note.covered", {"cells": self._covered}))
        return notes

    def _shown(self, rows: Iterable[Row]) -> Iterator[Row]:
        waiting = 0
        spans: list[_Span] = []
        for row in rows:
            spans = [span for span in spans if span.merged.last_row >= row.number]
            while waiting < len(self._ranges) and self._ranges[waiting].first_row <= row.number:
                if self._ranges[waiting].last_row >= row.number:
                    spans.append(_Span(self._ranges[waiting]))
                waiting += 1
            shown = self._row(row, spans) if spans else row
            if shown is not None:
                yield shown

    def _row(self, row: Row, spans: Sequence[_Span]) -> Row | None:
        values = list(row.cells)
        for span in spans:
            self._clear_covered(row.number, values, span)
        if not any(cells.trimmed(value) is not None for value in values):
            return None
        for span in spans:
            if span.value is not None:
                self._show(row.number, values, span)
        return Row(row.number, tuple(values), row.width, row.hidden)

    def _clear_covered(self, row: int, values: list[Cell], span: _Span) -> None:
        """Notes the value of a range in its first row, and makes blanks of the cells that it covers."""
        merged = span.merged
        start = merged.first_column
        if row == merged.first_row:
            span.value = cells.trimmed(values[start]) if start < len(values) else None
            start += 1
        for column in range(start, min(merged.last_column + 1, len(values))):
            self._covered += values[column] is not None
            values[column] = None

    def _show(self, row: int, values: list[Cell], span: _Span) -> None:
        """Gives a row the value of a range that begins above it, or notes that it lacks the value of the range."""
        merged = span.merged
        first = merged.first_column
        is_below = row > merged.first_row
        if is_below and self._fill_down:
            values += [None] * (first + 1 - len(values))
            values[first] = span.value
        lacking = first if is_below and not self._fill_down else first + 1
        if not span.is_named and any(lacking <= column <= merged.last_column for column in self._read):
            span.is_named = True
            self._named += 1
            self._rows_lack_values |= not self._fill_down and merged.last_row > merged.first_row
            if self._named <= _MOST_NAMED:
                start = address(self._sheet_name, merged.first_row, first)
                end = cell_of(address("", merged.last_row, merged.last_column))
                self._names.append(f"{start}:{end}")
