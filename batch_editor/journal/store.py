"""The seam of the journal's database: what it takes until a change is durable, and how many threads write it together.

There are two of them, an SQLite file (``sqlite_store``) and a PostgreSQL database (``postgres_store``). Beside ``look``, these
two and their locks alone know which it is: the statements that they are given are in the SQL that both share, with ``?`` for a
value. What a run or a row means is left to the parts of the journal, what the tables look like to ``schema``.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from ..errors import Halted, SettingsError
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


def parts_of(transactions: Sequence[Transaction]) -> tuple[list[Statement], list[State]]:
    """Returns the statements of all ``transactions``, and their states."""
    statements = [statement for transaction in transactions for statement in transaction.statements]
    return statements, [state for transaction in transactions for state in transaction.states]


def places(number: int) -> str:
    """Returns the places of so many values in a statement, ``?, ?``."""
    return ", ".join("?" * number)


class Store(ABC):
    """The database of a journal. ``place`` is where it is, as people are shown it: a file, or an address without a password.

    ``is_shared`` says that many machines may use it at once. Raises ``SettingsError`` where it cannot be opened, and ``Halted``
    where it can no longer be written or read.
    """

    is_shared: ClassVar[bool] = False
    #: What the database, or its driver, raises where something cannot be written.
    errors: ClassVar[tuple[type[BaseException], ...]]

    def __init__(self, place: str) -> None:
        self.place = place
        self._writing = threading.Lock()
        self._waiting: deque[Transaction] = deque()
        self._closed = False

    def close(self) -> None:
        """Waits for what is being written, then closes it. Changes that come later are refused with ``Halted``."""
        with self._writing:
            self._closed = True
            self._disconnect()

    def change(self, sql: str, values: Sequence[tuple[object, ...]]) -> None:
        """Executes one statement with each of ``values``; returns once that is on disk."""
        self.commit(Transaction([(sql, values)]))

    def commit(self, transaction: Transaction) -> None:
        """Returns once ``transaction`` is on disk. Whoever gets to write takes along what all others are waiting for."""
        self._waiting.append(transaction)
        with self._writing:
            if self._closed and not transaction.done:
                raise Halted("journal.closed", path=self.place)
            if not transaction.done:
                self._apply([self._waiting.popleft() for _ in range(len(self._waiting))])
        if transaction.error is not None:
            raise self._refused(Halted, "journal.unwritable", transaction.error)

    def _apply(self, transactions: Sequence[Transaction]) -> None:
        error: BaseException | None = None
        try:
            self._execute(transactions)
        except BaseException as caught:
            error = caught
            if not isinstance(caught, self.errors):
                raise
        finally:  # a Ctrl-C in here must not let the others believe that theirs is on disk
            for transaction in transactions:
                transaction.error = error
                transaction.done = True

    @abstractmethod
    def _execute(self, transactions: Sequence[Transaction]) -> None:
        """Writes all of them as one: durable when it returns, and nothing of it where it raises."""

    @abstractmethod
    def _disconnect(self) -> None: ...

    @abstractmethod
    def _refused(self, kind: type[SettingsError | Halted], key: str, error: BaseException) -> SettingsError | Halted:
        """Returns what is raised for an ``error`` of the database: by ``key``, unless there is a better word for it."""

    @abstractmethod
    def now(self) -> str:
        """Returns this moment as ISO 8601 with the local offset, to the second: by the clock that all who share it go by."""

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
    def shrink(self, *, whole: bool) -> None:
        """Leaves nothing of what was deleted, as far as that can be had; ``whole``: also gives its room back, while nobody else
        needs it."""

    @abstractmethod
    def empty_log(self) -> None:
        """Leaves nothing in the log beside a file, which may hold what was deleted from it."""

    @abstractmethod
    def copies(self) -> list[Path]:
        """Returns the copies of a file as it was in older versions."""
