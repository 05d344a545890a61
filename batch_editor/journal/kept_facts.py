"""What is known of rows while the database of the journal is away, in a private file of this machine that outlives its process.

A process keeps a file of its own, and holds its lock for as long as it lives: it writes down itself what is in it once the
database is back. What a process that has ended leaves is written down by whoever opens that journal next on this machine.
Each transaction has its number, so that none is done twice, whoever writes it down.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from .owner import Owner
from .store import State

_PREFIX, _SUFFIX = "facts-", ".jsonl"


@dataclass(frozen=True, slots=True)
class KeptTransaction:
    """The transaction ``number`` of the process ``writer``: states of rows, and whose they are."""

    writer: int
    number: int
    states: Sequence[State]
    owner: Owner | None


class KeptFacts:
    """The file in ``folder`` in which the process ``writer`` keeps what the ``journal`` of this name is to hold.

    It is made with the first transaction. ``last`` is the number of the latest one that is in it.
    """

    def __init__(self, folder: Path, journal: str, writer: int) -> None:
        self.path = folder / f"{_PREFIX}{writer:016x}{_SUFFIX}"
        self.last = 0
        self._journal = journal
        self._writer = writer
        self._lock = FileLock(_lock_of(self.path), timeout=0, mode=0o600, thread_local=False)

    @property
    def is_there(self) -> bool:
        """Whether something is kept."""
        return self.last > 0

    def keep(self, transactions: Sequence[KeptTransaction]) -> None:
        """Returns once these transactions are on the disk. Raises ``OSError``."""
        is_new = not self.is_there
        if is_new:
            self._lock.acquire()
        lines = [json.dumps({"journal": self._journal, **_as_json(kept)}) + "\n" for kept in transactions]
        with os.fdopen(os.open(self.path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600), "ab") as file:
            size = os.fstat(file.fileno()).st_size
            try:
                file.write("".join(lines).encode())
                file.flush()
                os.fsync(file.fileno())
            except OSError:
                with suppress(OSError):
                    file.truncate(size)  # half of a line would spoil the next one
                raise
        if is_new:
            _sync_folder(self.path.parent)
        self.last = transactions[-1].number

    def remove(self) -> None:
        """Forgets what is kept: it is in the journal."""
        self.last = 0
        _remove(self.path, self._lock)

    def leave(self) -> None:
        """Leaves what is kept to whoever opens the journal next."""
        self._lock.release()


@contextmanager
def left_behind(folder: Path, journal: str) -> Iterator[Sequence[KeptTransaction]]:
    """Yields what processes that have ended have kept in ``folder`` for this ``journal``, in the order in which it is to be
    written down. It is removed if the block ends well, and nobody else has it meanwhile."""
    ours = list[tuple[Path, FileLock]]()
    transactions = list[KeptTransaction]()
    try:
        for path in files(folder):
            lock = FileLock(_lock_of(path), timeout=0, mode=0o600, thread_local=False)
            with suppress(Timeout, OSError):
                lock.acquire()
                ours.append((path, lock))
                kept = _read(path)
                if any(of != journal for of, _ in kept):
                    ours.pop()
                    lock.release()
                else:
                    transactions += [transaction for _, transaction in kept]
        yield transactions
        for path, lock in ours:
            _remove(path, lock)
    finally:
        for _, lock in ours:
            lock.release()


def files(folder: Path) -> list[Path]:
    """Returns the files of facts in ``folder``, whoever keeps them."""
    return sorted(folder.glob(f"{_PREFIX}*{_SUFFIX}"))


def abandoned(folder: Path) -> list[Path]:
    """Returns the files of facts in ``folder`` whose process has ended."""
    unowned = list[Path]()
    for path in files(folder):
        lock = FileLock(_lock_of(path), timeout=0, mode=0o600, thread_local=False)
        with suppress(Timeout, OSError), lock.acquire():
            unowned.append(path)
    return unowned


def _lock_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.lock")


def _remove(path: Path, lock: FileLock) -> None:
    with suppress(OSError):
        path.unlink(missing_ok=True)
    lock.release()
    with suppress(OSError):
        _lock_of(path).unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """Sees to it that the name of a new file outlives the machine, where a system lets a folder be opened."""
    with suppress(OSError):
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def _read(path: Path) -> list[tuple[str, KeptTransaction]]:
    """Returns what a file holds, with the name of its journal. The last line may be cut off, where its process was killed: of
    that one nobody was sure yet."""
    kept = list[tuple[str, KeptTransaction]]()
    for line in path.read_bytes().split(b"\n")[:-1]:
        with suppress(ValueError, LookupError, TypeError):
            values = json.loads(line)
            kept.append((values["journal"], _from_json(values)))
    return kept


def _as_json(kept: KeptTransaction) -> dict[str, Any]:
    owner = kept.owner
    of_owner = None if owner is None else [owner.mark, owner.run_id, owner.shard, owner.epoch]
    return {"writer": kept.writer, "number": kept.number, "owner": of_owner, "states": kept.states}


def _from_json(values: dict[str, Any]) -> KeptTransaction:
    owner = None if values["owner"] is None else Owner(*values["owner"])
    states: list[Any] = [tuple(state) for state in values["states"]]
    return KeptTransaction(values["writer"], values["number"], states, owner)
