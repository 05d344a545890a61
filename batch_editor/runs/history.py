"""The runs that were there before, as data for whoever looks back: all of them, or one by its name."""

from __future__ import annotations

from dataclasses import replace

from ..model import Run
from ..settings.settings import Settings
from .journal_file import open_journal
from .listener import Listener
from .results import nothing_sent, summary_counts


def list_runs(settings: Settings | None = None) -> list[Run]:
    """Returns all runs in the journal of ``settings``, the latest first.

    ``counts`` are the rows by the statuses of the summary, as they were when the run last ended; None where it has not ended.
    Raises ``Refused`` where the journal cannot be read.
    """
    with open_journal(settings or Settings()) as journal, nothing_sent():
        runs = journal.runs()
    return [replace(run, counts=summary_counts(run.counts)) if run.counts is not None else run for run in runs]


def get_run(name: str, settings: Settings | None = None) -> Run:
    """Returns the run called ``name`` as it is now; somebody may be driving it.

    ``counts`` are its rows by the statuses of the summary; while somebody drives it, rows are also ``pending`` and ``sending``.
    Raises ``Refused`` if there is no such run.
    """
    with Listener(run=name), open_journal(settings or Settings()) as journal, nothing_sent():
        run, statuses = journal.run(name), journal.of(name).queries.counts()
        return replace(run, counts=statuses if journal.is_driven(name) else summary_counts(statuses))
