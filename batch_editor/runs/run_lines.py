"""A run in short, for whoever lists the runs of a journal: how far it is or how it ended, and whether it waits for somebody.

What became of its rows, and what can be done with it, is told in full by ``run_outcome``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..journal.journal import Journal
from ..model import Run, RunState, Status
from ..settings.settings import Settings
from .again import FAILED_STATUSES
from .options import RunOptions
from .results import summary_counts
from .row_pages import Filters
from .run_outcome import is_ours


@dataclass(frozen=True, slots=True)
class RunLine:
    """A ``run`` with its rows by status: by those of the summary once it is over. ``undoes`` is the run that it undoes, None if
    it is no undo. ``is_ours``: it went to the address and app of the settings."""

    run: Run
    counts: Mapping[str, int]
    undoes: str | None
    is_ours: bool

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return sum(self.counts.values())

    @property
    def has_failed(self) -> bool:
        """Whether it is finished, and some of its rows failed."""
        return self.run.state is RunState.FINISHED and any(self.counts.get(status) for status in FAILED_STATUSES)


def run_line(journal: Journal, run: Run, settings: Settings) -> RunLine:
    """Returns ``run`` in short; its rows are counted where the journal does not hold their numbers."""
    counts = run.counts
    if counts is None or run.state.has_ended_early:
        counts = journal.of(run.name).queries.counts()
    is_over = not (run.state.is_at_work or run.state is RunState.PLANNED)
    undoes = RunOptions.from_json(run.options).undo
    return RunLine(run, summary_counts(counts) if is_over else counts, undoes, is_ours(run, settings))


def is_waiting(run: Run) -> bool:
    """Returns whether somebody has to do something about a run, or is doing it."""
    ended_early = run.state.has_ended_early and not run.dismissed
    return run.state.is_at_work or ended_early or run.state is RunState.PLANNED


def is_to_be_mended(journal: Journal, run: Run) -> bool:
    """Returns whether a planned run has rows that wait to be mended; the rows of an undo cannot be."""
    is_undo = RunOptions.from_json(run.options).undo is not None
    return not is_undo and journal.of(run.name).row_pages.count(Filters((Status.INVALID, Status.CONFLICT))) > 0
