"""Puts together what makes of the live records of a run's clues what is sent, from what the journal holds of the run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..edits.context_cells import ContextCells
from ..edits.heading_row import without_left_out
from ..edits.headings import Names
from ..edits.merge import RecordMerger, place_of
from ..journal.run_journal import RunJournal
from ..model import Run
from ..settings.row_rules import RowRules
from .labels import row_names
from .options import RunOptions

if TYPE_CHECKING:
    from pandas import Index


def merger_of(
    run: Run, held: RunJournal, options: RunOptions, rules: RowRules, index: Index[Any] | None = None
) -> RecordMerger:
    """Returns the merger of a ``run``, whose rows are ``held`` by the journal and were read by these ``rules``.

    ``index`` holds the labels of the DataFrame that was given as the sheet, in the process that was given it.
    """
    return RecordMerger(
        rules,
        place_of(run.sheet, without_left_out(run.headings, options.left_out), Names(rules)),
        label=row_names(options, index, held.queries.cells),
        only_changed=options.only_changed,
        only_empty=options.only_empty,
        tags=options.tags,
        force=options.force,
        context=_context(run, held, options, rules),
        reads_if_it_can=options.reads_if_it_can,
    )


def _context(run: Run, held: RunJournal, options: RunOptions, rules: RowRules) -> ContextCells | None:
    if options.undo or not rules.compare_columns:
        return None
    headings = without_left_out(run.headings, options.left_out)
    return ContextCells(headings, rules, edit_keys=options.edit_keys, known=held.queries.known_values)
