"""Who drives a run: a lock for each run, which ends with the process that holds it, however that ends.

A lock is a file beside the journal. Whether somebody holds it is seen by taking it for a moment; a further lock, of all runs,
sees to it that nobody takes that moment for a run that is driven. What it means to drive a run is left to ``journal`` and
``runs/``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from ..errors import Halted, UnderWay, reason_in

#: Seconds for which a process that is about to end may still hold a run.
_ENDING = 1.0
#: Seconds after which a process that was suspended while it looked is waited for no longer.
_LOOK = 5.0
_POLL = 0.002


class RunLocks:
    """The locks of the runs whose journal is the file ``path``, as far as this process is concerned."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._locks: dict[str, FileLock] = {}

    def acquire(self, run: str) -> None:
        """Holds ``run`` from here on. Raises ``UnderWay`` where another process does."""
        lock = FileLock(self._file(run), timeout=0, mode=0o600, thread_local=False)
        if not self._try(lock):
            try:
                lock.acquire(timeout=_ENDING)
            except Timeout:
                raise UnderWay("run.under_way", run=run) from None
        self._locks[run] = lock

    def release(self, run: str) -> None:
        """Lets ``run`` go. Its lock's file stays: somebody may be waiting for that very file."""
        if lock := self._locks.pop(run, None):
            lock.release()

    def release_all(self) -> None:
        """Lets every run go."""
        for run in list(self._locks):
            self.release(run)

    def forget(self, run: str) -> None:
        """Lets ``run`` go, of which nothing is left, and removes its lock's file."""
        self.release(run)
        with suppress(OSError):
            self._file(run).unlink()

    def is_held(self, run: str) -> bool:
        """Returns whether a process, this one or another, holds ``run``."""
        if run in self._locks:
            return True
        if not self._file(run).exists():
            return False
        lock = FileLock(self._file(run), timeout=0, mode=0o600)
        return not self._try(lock, for_good=False)

    def _try(self, lock: FileLock, *, for_good: bool = True) -> bool:
        """Returns whether ``lock`` was to be had; holds it from then on if that is ``for_good``."""
        try:
            with self._alone():
                lock.acquire()
                if not for_good:
                    lock.release()
        except Timeout:
            return False
        except OSError as error:
            raise Halted("journal.unwritable", path=self._path, reason=reason_in(error)) from None
        return True

    @contextmanager
    def _alone(self) -> Iterator[None]:
        looks = FileLock(self._path.with_name(f"{self._path.name}.looks"), timeout=_LOOK, mode=0o600)
        with suppress(Timeout):
            looks.acquire(poll_interval=_POLL)
        try:
            yield
        finally:
            looks.release()

    def _file(self, run: str) -> Path:
        return self._path.with_name(f"{run}.lock")


def exclude_each_other(folder: Path) -> bool:
    """Returns whether a lock in ``folder`` that somebody holds keeps others out, as it does not on some network shares.

    What is made there to find out is removed. Raises ``OSError`` where no file can be made there.
    """
    file = folder / f".lock-probe-{os.getpid()}-{os.urandom(4).hex()}"
    first, second = (FileLock(file, timeout=0, mode=0o600, thread_local=False) for _ in range(2))
    try:
        with first.acquire():
            try:
                second.acquire()
            except Timeout:
                return True
            second.release()
            return False
    finally:
        file.unlink(missing_ok=True)


def is_stuck(lock: Path, seconds: float) -> bool:
    """Returns whether somebody holds the file ``lock`` for longer than so many ``seconds``; nobody does where there is none.

    Raises ``OSError`` where it cannot be had at all.
    """
    if not lock.exists():
        return False
    try:
        with FileLock(lock, timeout=seconds, mode=0o600, thread_local=False).acquire(poll_interval=_POLL):
            return False
    except Timeout:
        return True
