"""What a run changes or has changed, from its journal: for the preview, for workbooks, and for whoever looks it up.

Which rows change what is left to ``edits/changes``, and how it looks to those who show it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..edits.changes import Changes
from ..edits.id_names import id_names
from ..journal.run_journal import RunJournal
from ..model import Change, Run
from ..settings.row_rules import RowRules
from .options import RunOptions


def changes_of(held: RunJournal, rules: RowRules, options: RunOptions) -> Changes:
    """Returns the changes of the run that the journal has ``held``, whose rows were read by ``rules``."""
    names = id_names(rules, held.queries.shown_names(undone=options.undo))
    return Changes(rules, names, held.queries.rows_above)


@dataclass(frozen=True, slots=True)
class MadeChanges:
    """The fields that a ``run``, whose rows are ``held`` by the journal, has changed, or may have: they can be gone through
    again, and are not in memory."""

    held: RunJournal
    run: Run

    def __iter__(self) -> Iterator[Change]:
        options = RunOptions.from_json(self.run.options)
        changes = changes_of(self.held, RowRules.from_record(self.run.settings), options)
        return changes.made(self.held.queries.changed_values())
