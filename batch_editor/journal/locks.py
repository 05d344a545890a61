"""Who drives a run: a lock for each run, which ends with the process that holds it, however that ends.

A lock is a file beside the journal. What it means to drive a run is left to ``journal`` and ``runs/``.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

from ..errors import Halted, UnderWay

#: Seconds for which another process that only looks whether a run is driven may hold its lock.
_LOOK = 1.0


class RunLocks:
    """The locks of the runs whose journal is the file ``path``, as far as this process is concerned."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._locks: dict[str, FileLock] = {}

    def acquire(self, run: str) -> None:
        """Holds ``run`` from here on. Raises ``UnderWay`` where another process does."""
        lock = FileLock(self._file(run), timeout=_LOOK, mode=0o600, thread_local=False)
        try:
            lock.acquire()
        except Timeout:
            raise UnderWay("run.under_way", run=run) from None
        except OSError as error:
            raise Halted("journal.unwritable", path=self._path, reason=error.strerror or str(error)) from None
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
        lock = FileLock(self._file(run), timeout=0, mode=0o600)
        if not Path(lock.lock_file).exists():
            return False
        try:
            with lock:
                return False
        except Timeout:
            return True

    def _file(self, run: str) -> Path:
        return self._path.with_name(f"{run}.lock")
