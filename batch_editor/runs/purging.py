"""Forgetting old runs: what that would take away, and then only what somebody has agreed to (guide: night).

A run that somebody drives, or that has changed since it was looked at, stays. So does a results sheet that is not as the
program has written it: somebody may have mended cells in it. Who agrees, and how it is told, is left to the command line.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from ..journal.journal import Journal
from ..model import Run, RunState, Status
from ..output.placing import OwnFile
from .earlier_runs import undos
from .options import RunOptions

#: The states of runs of which nothing is lost but what they were.
OVER = (RunState.FINISHED, RunState.ABANDONED)


@dataclass(frozen=True, slots=True)
class OldRun:
    """A run that would be forgotten: how many ``rows`` it has, and how many of them are ``unsent`` and could be sent still."""

    run: Run
    rows: int
    unsent: int

    @property
    def is_unfinished(self) -> bool:
        """Whether it could be gone on with."""
        return self.unsent > 0


@dataclass(frozen=True, slots=True)
class OldRuns:
    """What would be forgotten: the ``runs``, the oldest first, and the ``copies`` of the journal from before an update.

    ``results`` are the results sheets of these runs that are as they were written, ``mended`` those that are not.
    ``under_way`` are the names of runs of that age that somebody drives, and that stay.
    """

    before: datetime
    runs: tuple[OldRun, ...]
    under_way: tuple[str, ...]
    copies: tuple[Path, ...]
    results: tuple[Path, ...]
    mended: tuple[Path, ...]


@dataclass(slots=True)
class Purged:
    """What was forgotten: how many ``runs``, and the ``results`` that were removed; ``kept`` are those that could not be."""

    runs: int = 0
    results: list[Path] = field(default_factory=list)
    kept: list[Path] = field(default_factory=list)


def old_runs(journal: Journal, before: datetime) -> OldRuns:
    """Returns what would be forgotten of the runs that were started ``before``."""
    runs = journal.runs()
    undone = undos(runs)
    old = [run for run in reversed(runs) if datetime.fromisoformat(run.started) < before]
    under_way = tuple(run.name for run in old if journal.is_driven(run.name))
    forgettable = [run for run in old if run.name not in under_way]
    results, mended = list[Path](), list[Path]()
    for run in forgettable:
        if run.results and Path(run.results).exists():
            (results if _as_written(run) else mended).append(Path(run.results))
    return OldRuns(
        before=before,
        runs=tuple(_looked_at(journal, run, undone) for run in forgettable),
        under_way=under_way,
        copies=tuple(journal.copies()),
        results=tuple(results),
        mended=tuple(mended),
    )


def purge(journal: Journal, old: OldRuns, *, results: bool, with_memory: bool = False) -> Purged:
    """Forgets what was looked at, with the ``results`` sheets of these runs where that is wanted; leaves nothing of them in the
    journal's file, and no copy of it. ``with_memory``: also forgets what they have applied, as ``Forgetting.purge`` does."""
    looked_at = {of_old.run.name: of_old.run for of_old in old.runs}
    purged = Purged()

    def agreed(run: Run) -> bool:
        if looked_at.get(run.name) != run:
            return False
        if results and run.results:
            _remove(run, purged)
        return True

    purged.runs = journal.forgetting.purge(old.before, agreed, with_memory=with_memory)
    return purged


def _looked_at(journal: Journal, run: Run, undone: Mapping[str, Run]) -> OldRun:
    counts = run.counts if run.counts is not None else journal.of(run.name).queries.counts()
    can_go_on = run.state is not RunState.ABANDONED and run.name not in undone
    unsent = 0
    if can_go_on and not RunOptions.from_json(run.options).prove_only and (run.state not in OVER or counts.get(Status.FAILED)):
        queries = journal.of(run.name).queries
        unsent = queries.count_to_send(maybe_applied=run.settings["retry"]["ambiguous"]) + counts.get(Status.SENDING, 0)
    return OldRun(run, sum(counts.values()), unsent)


def _as_written(run: Run) -> bool:
    return OwnFile(Path(run.results or ""), run.stamp or "").is_replaceable()


def _remove(run: Run, purged: Purged) -> None:
    """Removes the results sheet of a run if nobody has changed it, and keeps what was done in mind."""
    path = Path(run.results or "")
    if not path.exists():
        return
    if _as_written(run):
        with suppress(OSError):  # Windows: a program holds it open
            path.unlink()
            purged.results.append(path)
            return
    purged.kept.append(path)
