"""The seam of the journal's database: what it takes until a change is durable, and how many threads write it together.

There are two of them, an SQLite file (``sqlite_store``) and a PostgreSQL database (``postgres_store``). Beside ``look``, these
two and their locks alone know which it is: the statements that they are given are in the SQL that both share, with ``?`` for a
value. What a run or a row means is left to the parts of the journal, what the tables look like to ``schema``.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from .owner import Owner

#: How many rows are written or deleted together, so that a run of any length fits and another process is not kept waiting.
BATCH = 1000

#: run, row, status, code, message, attempts, time, its offset, maybe_applied, reads; attempts and reads come on top of earlier
#: ones, and a row that may have been applied once may have been applied for good
State = tuple[int, int, str, str, str | None, int, int | None, int | None, bool, int]
#: A statement, and the values of each time that it is executed.
Statement = tuple[str, Iterable[tuple[object, ...]]]


@dataclass(slots=True)
class Transaction:
    """New states of rows and other statements that become durable together, whether that was tried, and what went wrong.

    Where it has an ``owner``, somebody else may have taken over: then neither a row becomes ``sending`` nor is anything else
    done that the owner means to do, which is ``refused``, and only what it knows is kept.
    """

    statements: Sequence[Statement] = ()
    states: Sequence[State] = ()
    owner: Owner | None = None
    refused: bool = False
    done: bool = False
    error: BaseException | None = None


def places(number: int) -> str:
    """Returns the places of so many values in a statement, ``?, ?``."""
    return ", ".join("?" * number)


class Store(ABC):
    """The database of a journal. ``place`` is where it is, as people are shown it: a file, or an address without a password.

    ``is_shared`` says that many machines may use it at once. Raises ``SettingsError`` where it cannot be opened, and ``Halted``
    where it can no longer be written or read.
    """

    is_shared: ClassVar[bool] = False
    #: How many rows are deleted together.
    deleted_at_once: ClassVar[int] = BATCH

    def __init__(self, place: str) -> None:
        self.place = place

    @abstractmethod
    def close(self) -> None:
        """Waits for what is being written, then closes it. Changes that come later are refused with ``Halted``."""

    def change(self, sql: str, values: Sequence[tuple[object, ...]]) -> None:
        """Executes one statement with each of ``values``; returns once that is on disk."""
        self.commit(Transaction([(sql, values)]))

    @abstractmethod
    def commit(self, transaction: Transaction) -> None:
        """Returns once ``transaction`` is on disk. Whoever gets to write takes along what all others are waiting for."""

    @abstractmethod
    def now(self) -> str:
        """Returns this moment as ISO 8601 with the local offset, to the second: by the clock that all who share it go by."""

    @property
    def is_away(self) -> bool:
        """Whether nothing can be read or written for a while, and it is waited that it can."""
        return False

    def patient(self, seconds: float, give_up: threading.Event) -> AbstractContextManager[None]:
        """Makes that a database which is away is waited for, within the block, for so many ``seconds``, unless ``give_up`` is
        set."""
        return nullcontext()

    @abstractmethod
    def select(self, sql: str, *values: object) -> AbstractContextManager[Iterable[Any]]:
        """Gives the rows that a query finds, to be streamed, over a connection of their own."""

    @abstractmethod
    def find(self, sql: str, *values: object) -> list[Any]:
        """Returns the few rows that a query finds."""

    @abstractmethod
    def alone(self) -> AbstractContextManager[None]:
        """Makes that what is done within is done by one process at a time."""

    @abstractmethod
    def alone_for_long(self, work: str) -> AbstractContextManager[None]:
        """Makes that ``work`` of this name is done by one process at a time, while other processes use the journal as ever."""

    @abstractmethod
    def forget_paces(self, before: int) -> None:
        """Forgets the permits of tenants that have asked for none since ``before``, in seconds since 1970."""

    @abstractmethod
    def shrink(self, *, whole: bool) -> None:
        """Leaves nothing of what was deleted, as far as that can be had; ``whole``: also gives its room back, while nobody else
        needs it."""

    @abstractmethod
    def empty_log(self) -> None:
        """Leaves nothing in the log beside a file, which may hold what was deleted from it."""

    @abstractmethod
    def copies(self) -> list[Path]:
        """Returns the copies of a file as it was in older versions."""
