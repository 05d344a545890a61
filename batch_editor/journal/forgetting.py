"""What a journal forgets: old runs, with what they have written, and runs that somebody has looked at and needs no more.

What runs have applied is taken into the memories that somebody uses before they are forgotten. Which runs are old, and what
becomes of their files, is left to ``runs/``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING

from ..errors import UnderWay
from ..model import Run
from .store import Store

if TYPE_CHECKING:
    from .journal import Journal


class Forgetting:
    """What can be forgotten of a ``journal`` that is kept in ``store``."""

    def __init__(self, journal: Journal, store: Store) -> None:
        self._journal = journal
        self._store = store

    def purge(self, before: datetime, agreed: Callable[[Run], bool] = lambda run: True, *, with_memory: bool = False) -> int:
        """Forgets the runs that were started ``before``, that nobody drives or is to drive, and to which ``agreed`` says yes.

        Nothing of them stays in the file, nor of sheets that were written before, but for the checksums of what they have
        applied, where there is a memory of that; ``with_memory`` forgets those as well of clues that no later run had to do
        with. ``agreed`` is asked while nobody else can drive the run. Returns how many were forgotten.
        """
        purged = 0
        gone = list[int]()
        self._remember([run for run in self._journal.runs() if datetime.fromisoformat(run.started) < before])
        for run in self._journal.runs():
            if datetime.fromisoformat(run.started) < before and not self._journal.is_queued(run.name):
                with suppress(UnderWay):
                    self._journal.claim(run.name, takes_over=False)
                    if agreed(run):
                        gone.append(self._journal.of(run.name).run_id)
                        self._journal.discard(run.name)
                        purged += 1
                    else:
                        self._journal.let_go(run.name)
        moment = int(before.timestamp())
        self._journal.files.forget_old(before)
        self._store.change("DELETE FROM nights WHERE began < ?", [(moment,)])
        self._store.forget_paces(moment)
        if with_memory:
            self._store.change("DELETE FROM applied WHERE run = ?", [(run_id,) for run_id in gone])
        busy = any(self._journal.is_driven(run.name) for run in self._journal.runs())
        self._store.shrink(whole=not busy)
        return purged

    def forget(self, runs: Mapping[str, Run]) -> int:
        """Forgets those of the ``runs``, by name, that nobody drives and that are as they were looked at; returns how many.

        Nothing of them stays in the file, but for the checksums of what they have applied, where there is a memory of that.
        """
        forgotten = 0
        self._remember(runs.values())
        for run in self._journal.runs():
            if runs.get(run.name) == run and not self._journal.is_queued(run.name):
                version = self._journal.version(run.name)
                with suppress(UnderWay):
                    self._journal.claim(run.name, takes_over=False)
                    if self._journal.version(run.name) == version + 1:
                        self._journal.discard(run.name)
                        forgotten += 1
                    else:
                        self._journal.let_go(run.name)
        if forgotten:
            self._store.empty_log()
        return forgotten

    def _remember(self, runs: Iterable[Run]) -> None:
        """Takes what ``runs`` have done into the memories that somebody uses, since they may be forgotten now."""
        for tenant in dict.fromkeys((run.base_url, run.app) for run in runs):
            applied = self._journal.applied(*tenant)
            if applied.is_kept:
                self._journal.take_in(applied)
