"""Rows between those with edits: the headings once more, other headings with what stands below them, and what is no data.

A ``RowReader`` asks of each row that names no clue, stands below other headings, or has a short id.
"""

from __future__ import annotations

from ..cell_values import Row
from ..model import Message, Plan, Status
from .columns import Columns, HeadingsAgain
from .findings import Findings
from .no_data import is_no_data, is_total


class RowsBetween:
    """What to make of such rows of a sheet with these ``columns``; what was found of them is noted in ``findings``."""

    def __init__(self, columns: Columns, findings: Findings) -> None:
        self._columns = columns
        self._findings = findings
        #: The row of the headings below which the rows stand that are read now, if they are not those of the sheet; else 0.
        self.other_headings = 0

    def judge(self, row: Row, plan: Plan) -> Plan:
        """Returns what to do with a row that names no clue, if it holds headings or no data, and with one that stands below
        other headings; with any other row what its ``plan`` says."""
        again = self._columns.headings_again(row) if plan.clue_id is None else None
        before = self.other_headings
        if again:
            self.other_headings = row.number if again is HeadingsAgain.OTHER else 0
            if self.other_headings != before:
                self._findings.other_headings.append((row.number, self.other_headings))
        if again is HeadingsAgain.SAME:
            self._findings.repeated_headings.append(row.number)
            return Plan(row.number, Status.SKIPPED, plan.cells, note=Message("row.repeated_headings"))
        if not again and not self.other_headings:
            if plan.clue_id is None and is_no_data(self._columns.without_results(plan.cells)):
                return self._no_data(plan)
            return plan
        other = {"row": self._columns.row_name(self.other_headings)}
        message = Message("row.other_headings") if again else Message("row.under_other_headings", other)
        problem = self._columns.problem(row.number, self._columns.by_key["clue_id"].index, "clue_id", message)
        return Plan(row.number, Status.INVALID, plan.cells, plan.clue_id, problems=(problem,))

    def judge_short_id(self, plan: Plan) -> Plan:
        """Returns what to do with a row with a short id: it may be one of totals, below ids that are all longer."""
        exactness = self._findings.exactness["clue_id"]
        if not exactness.long or not is_total(self._columns.without_results(plan.cells)):
            return plan
        exactness.short.remove(plan.row)
        return self._no_data(plan)

    def _no_data(self, plan: Plan) -> Plan:
        self._findings.no_data.append(plan.row)
        return Plan(plan.row, Status.SKIPPED, plan.cells, note=Message("row.no_data"))
