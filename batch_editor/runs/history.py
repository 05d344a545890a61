"""The runs that were there before, as data for whoever looks back: all of them, or one by its name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ..model import Run, RunState
from ..settings.settings import Settings
from .journal_file import open_journal
from .listener import Listener
from .results import nothing_sent, summary_counts
from .shared_look import SharedRun, shared_run


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
    return look_at_run(name, settings)[0]


def look_at_run(name: str, settings: Settings | None = None) -> tuple[Run, SharedRun | None]:
    """Returns what ``get_run`` does, and how far the run is if several machines send it now."""
    with Listener(run=name), open_journal(settings or Settings()) as journal, nothing_sent():
        run, statuses = journal.run(name), journal.of(name).queries.counts()
        shared = shared_run(journal, name) if run.state.is_at_work else None
        is_under_way = shared is not None or journal.is_driven(name)
        return replace(run, counts=statuses if is_under_way else summary_counts(statuses)), shared


def shared_runs(runs: Iterable[Run], settings: Settings | None = None) -> dict[str, SharedRun]:
    """Returns how far those of ``runs`` are, by name, that several machines send now. Raises as ``list_runs``."""
    names = [run.name for run in runs if run.state is RunState.SENDING]
    if not names or (settings or Settings()).journal is None:
        return {}
    with open_journal(settings or Settings()) as journal, nothing_sent():
        looks = {name: shared_run(journal, name) for name in names}
    return {name: look for name, look in looks.items() if look is not None}
