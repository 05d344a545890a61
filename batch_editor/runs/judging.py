"""Judges the planned rows of a run by what other rows and other runs have set: an old value must not land on a newer one.

It changes rows in the journal, before anybody is asked. How old a value is, is found by ``journal/newer_values``.
"""

from __future__ import annotations

from ..edits.columns import Columns
from ..edits.headings import Names
from ..edits.kept_rows import overtaken
from ..journal.run_journal import RunJournal
from ..model import Message
from ..settings.row_rules import RowRules
from .other_runs import changed_since


def refuse_older(run: RunJournal, rules: RowRules, *, maybe_applied: bool) -> None:
    """Makes ``conflict`` what would put an older value over one that another run has set since."""
    names, newer = Names(rules), list(run.newer_values.of_rows(maybe_applied=maybe_applied))
    run.planning.conflict((row, changed_since(run.newer_values, row, other, names, rules)) for row, other in newer)


def judge_by_age(run: RunJournal, columns: Columns, rules: RowRules) -> None:
    """Judges the rows of a sheet of earlier results by the age of their values, among each other and against other runs."""
    planning = run.planning
    planning.refuse([overtaken(columns, row, newer) for row, newer in planning.overtaken()])
    refuse_older(run, rules, maybe_applied=True)
    behind = planning.behind_newer()
    planning.conflict([(row, Message("row.newer_in_sheet", {"newer": columns.row_name(newer)})) for row, newer in behind])
