"""Rows of a results sheet that are updated already, once the journal is asked what it knows of them (guide: rules).

Such a row stays as it is only where nothing speaks against that: no later row of its clue, and no cell that somebody has
changed since. What the journal knows is handed in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..model import Message, Plan, Status
from ..settings.row_rules import RowRules
from . import cells
from .cell_reader import CellReader
from .columns import Column, Columns


class KeptRows:
    """Judges the rows that stay as an earlier results sheet with these ``columns`` has them."""

    def __init__(self, columns: Columns, rules: RowRules) -> None:
        self._columns = columns
        self._readers = [
            (column, CellReader(column.field, rules, required=False, in_workbook=bool(columns.sheet_name)))
            for column in columns.columns
            if column.edits
        ]

    def overtaken(self, row: int, later: int) -> Plan:
        """Returns the plan not to send ``row``, since the row ``later``, of the same clue, is updated already."""
        message = Message("row.overtaken", {"later": later})
        problem = self._columns.problem(row, self._columns.by_key["clue_id"].index, "clue_id", message)
        return Plan(row, Status.INVALID, (), problems=(problem,))

    def altered(self, row: int, texts: Sequence[str], earlier: Sequence[Mapping[str, str]]) -> Plan | None:
        """Returns the plan not to let ``row`` pass for what was sent, if its ``texts`` are not what was.

        ``earlier`` are the rows, by heading, that it can stem from; None is returned if it is like one of them.
        """
        columns = [self._altered_column(texts, cells_by_heading) for cells_by_heading in earlier]
        if not columns or None in columns:
            return None
        column = next(filter(None, columns))
        problem = self._columns.cell_problem(row, column, Message("row.altered"))
        return Plan(row, Status.INVALID, (), problems=(problem,))

    def _altered_column(self, texts: Sequence[str], earlier: Mapping[str, str]) -> Column | None:
        """The first column whose cell asks for something else than it did; a blank asks for nothing."""
        for column, reader in self._readers:
            if column.heading in earlier and column.index < len(texts):
                now, then = cells.trimmed(texts[column.index]), cells.trimmed(earlier[column.heading])
                if now is not None and reader.asks_for(now) != reader.asks_for(then):
                    return column
        return None
