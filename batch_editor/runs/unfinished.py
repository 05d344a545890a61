"""The runs of earlier nights that stopped or were killed and wait for somebody: told every night until they are gone on with,
undone or dismissed (guide: night).

The sheet of such a run may be gone by now, so that no command comes across it by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..errors import Refused, UnderWay
from ..journal.journal import Journal
from ..model import Run, RunState, Status
from ..settings.row_rules import RowRules
from ..settings.settings import Settings
from .earlier_runs import undos, with_keys
from .journal_file import open_journal
from .options import RunOptions
from .results import nothing_sent


@dataclass(frozen=True, slots=True)
class UnfinishedRun:
    """A ``run`` that ended early, and how many rows ``resume`` would send: they are ``left``."""

    run: Run
    left: int

    def as_json(self) -> dict[str, object]:
        """Returns what JSON says of it (guide: reference)."""
        run = self.run
        return {
            "run": run.name,
            "state": str(run.state),
            "source": run.source,
            "started": run.started,
            "left": self.left,
        }


def unfinished_runs(
    journal: Journal, series: str | None, settings: Settings, *, but: Iterable[str] = ()
) -> list[UnfinishedRun]:
    """Returns the runs of a ``series`` that wait for somebody, the oldest first, ``but`` those of this night; None means all
    runs, also those by hand."""
    if series == "":
        return []
    tonight = {*but}
    waiting = [run for run in journal.ended_early(series) if run.name not in tonight]
    if not waiting:
        return []
    runs = journal.runs()
    undone = undos(runs)
    return [
        UnfinishedRun(run, rows_left(journal, run, settings))
        for run in waiting
        if run.name not in undone and not RunOptions.from_json(run.options).prove_only and not _was_done_since(run, runs)
    ]


def rows_left(journal: Journal, run: Run, settings: Settings) -> int:
    """Returns how many rows of ``run`` a resume would send, nobody being at work on it."""
    queries = journal.of(run.name).queries
    maybe_applied = settings.retry.ambiguous
    left = queries.count_to_send(maybe_applied=maybe_applied)
    return left + queries.counts().get(Status.SENDING, 0) if maybe_applied else left


def dismiss_runs(names: Sequence[str], settings: Settings | None = None) -> list[str]:
    """Has nobody told any more of the runs called ``names``: all of them, or none. Returns those that were not dismissed
    before.

    A dismissed run stays in the journal, and ``resume`` still goes on with it. Raises ``Refused`` for a run that there is not,
    or that did not end early, and ``UnderWay`` for one that a process is at work on.
    """
    with open_journal(settings or Settings()) as journal, nothing_sent():
        runs = [journal.run(name) for name in dict.fromkeys(names)]
        for run in runs:
            _require_ended_early(run)
        new = [run.name for run in runs if not run.dismissed]
        journal.dismiss(new)
        return new


def _require_ended_early(run: Run) -> None:
    if run.state.is_at_work:
        raise UnderWay("dismiss.under_way", run=run.name)
    if not run.state.has_ended_early:
        key = "dismiss.planned" if run.state is RunState.PLANNED else "dismiss.finished"
        raise Refused("dismiss.abandoned" if run.state is RunState.ABANDONED else key, run=run.name)


def _was_done_since(run: Run, runs: Sequence[Run]) -> bool:
    """Whether a later run has sent the same rows of the same bytes, from the first to the last."""
    rules = RowRules.from_record(run.settings)
    shape = with_keys(RunOptions.from_json(run.options), rules).shape
    for later in runs:  # the latest first
        if later.name == run.name:
            return False
        if (
            later.state is RunState.FINISHED
            and later.is_of_same_sheet_as(run)
            and RowRules.from_record(later.settings) == rules
            and with_keys(RunOptions.from_json(later.options), rules).shape == shape
        ):
            return True
    return False
