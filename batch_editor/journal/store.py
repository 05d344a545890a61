"""The journal's file: its tables, what it takes until a change is durable, and how many threads write it together.

One SQLite file (WAL, ``synchronous=FULL``). Of the threads that wait, one writes what all of them wait for as one transaction,
so that eight senders share a sync. What a run or a row means is the business of ``journal.py``.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

from filelock import FileLock

from ..errors import Halted, SettingsError

_SCHEMA = (
    """CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL,           -- planning, reading, sending, finished, stopped
    started TEXT NOT NULL,         -- ISO 8601 with offset
    finished TEXT,
    base_url TEXT NOT NULL,
    app TEXT NOT NULL,             -- app_id, or empty for a fixed token
    source TEXT NOT NULL,          -- path of the sheet's file
    sheet TEXT NOT NULL,           -- name of the sheet within it
    digest TEXT NOT NULL,          -- SHA-256 of the file
    headings TEXT NOT NULL,        -- JSON list
    settings TEXT NOT NULL,        -- JSON, without secrets
    options TEXT NOT NULL,         -- JSON: what the command was told beside the settings
    halted TEXT,                   -- JSON message: why it stopped early
    results TEXT,                  -- path of the results sheet
    stamp TEXT,                    -- what that file looked like when it was written
    counts TEXT                    -- JSON: how many rows had which status when it ended
)""",
    """CREATE TABLE rows (
    run INTEGER NOT NULL,
    row INTEGER NOT NULL,          -- as the sheet counts
    status TEXT NOT NULL,
    clue INTEGER,
    body TEXT,                     -- what is sent
    cells TEXT NOT NULL,           -- JSON list: the row's own values
    fields TEXT NOT NULL,          -- listed keys, comma-separated
    cleared TEXT NOT NULL,         -- those of them that are emptied
    doubts TEXT,                   -- JSON list of problems
    code TEXT NOT NULL DEFAULT '',
    message TEXT,                  -- JSON: one message, or the list of problems of an invalid row
    attempts INTEGER NOT NULL DEFAULT 0,
    time TEXT NOT NULL DEFAULT '',
    unsure INTEGER NOT NULL DEFAULT 0, -- it was sent and not answered: it may have been applied
    unread INTEGER NOT NULL DEFAULT 0, -- a draft: the live record of its clue is still to be read
    written TEXT,                  -- JSON, in an undo: what the run that is undone wrote
    before TEXT,                   -- JSON: what its fields were before, as far as that was read
    draft TEXT,                    -- JSON: the body, fields and cleared of a row that is to be resolved anew in time
    reads INTEGER NOT NULL DEFAULT 0   -- requests that were made to read its clue
)""",
    "CREATE UNIQUE INDEX rows_by_row ON rows (run, row)",
    "CREATE INDEX rows_by_clue ON rows (run, clue, row)",
)
#: What makes of a file of an older version one of the next.
_UPGRADES = {
    1: (
        "ALTER TABLE runs ADD COLUMN counts TEXT",
        "ALTER TABLE rows ADD COLUMN unsure INTEGER NOT NULL DEFAULT 0",
        "UPDATE rows SET unsure = 1 WHERE status = 'failed'",  # nobody wrote down whether they can have been applied
    ),
    2: (
        "ALTER TABLE rows ADD COLUMN unread INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE rows ADD COLUMN written TEXT",
        "ALTER TABLE rows ADD COLUMN before TEXT",
        "ALTER TABLE rows ADD COLUMN draft TEXT",
        "ALTER TABLE rows ADD COLUMN reads INTEGER NOT NULL DEFAULT 0",
        "DROP INDEX rows_by_clue",  # without the row SQLite goes through the whole run to have one clue's rows in order
        "CREATE INDEX rows_by_clue ON rows (run, clue, row)",
    ),
}
_VERSION = 3
#: A second process that writes the same journal is waited for this long, in seconds.
_BUSY = 60.0
#: How many rows are written or deleted together, so that a run of any length fits and another process is not kept waiting.
BATCH = 1000

#: run, row, status, code, message, attempts, time, unsure, reads; attempts, doubts and reads come on top of earlier ones
State = tuple[int, int, str, str, str | None, int, str, bool, int]


@dataclass(slots=True)
class Transaction:
    """New states of rows and other statements that become durable together, whether that was tried, and what went wrong."""

    statements: Sequence[tuple[str, Sequence[tuple[object, ...]]]] = ()
    states: Sequence[State] = ()
    done: bool = False
    error: BaseException | None = None


@cache
def _set_states(number: int) -> str:
    # UPDATE … FROM would be shorter, but the SQLite of some systems that are in use does not know it yet.
    values = ", ".join(["(?, ?, ?, ?, ?, ?, ?, ?, ?)"] * number)
    return (
        f"WITH new (run, row, status, code, message, attempts, time, unsure, reads) AS (VALUES {values})"  # noqa: S608  # places alone
        " UPDATE rows SET (status, code, message, attempts, time, unsure, reads) = (SELECT new.status, new.code, new.message,"
        " rows.attempts + new.attempts, new.time, max(rows.unsure, new.unsure), rows.reads + new.reads"
        " FROM new WHERE new.run = rows.run AND new.row = rows.row) WHERE (run, row) IN (SELECT run, row FROM new)"
    )


class Store:
    """The file ``path``, made private to its owner if it is not there.

    Raises ``SettingsError`` where it cannot be opened, and ``Halted`` where it can no longer be written or read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # SQLite waits for nobody while a file becomes a WAL one: of two processes that make it, one would fail.
            with self._lock():
                self._prepare()
            self._connection, self._reader = self._connect(), self._connect()
        except (OSError, sqlite3.Error) as error:
            raise SettingsError("journal.unusable", path=path, reason=_reason(error)) from None
        self._reading = threading.Lock()
        self._writing = threading.Lock()
        self._waiting: deque[Transaction] = deque()
        self._closed = False

    def close(self) -> None:
        """Wait for what is being written, then close the file. Changes that come later are refused with ``Halted``."""
        with self._writing:
            self._closed = True
            self._connection.close()
            self._reader.close()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """What is done within is done by one process at a time."""
        lock = self._lock()
        try:
            lock.acquire()
        except OSError as error:
            raise Halted("journal.unwritable", path=self.path, reason=_reason(error)) from None
        try:
            yield
        finally:
            lock.release()

    def shrink(self, *, whole: bool) -> None:
        """Leave nothing of what was deleted: empty the log beside the file; ``whole``: pack it, while nobody else needs it."""
        with self._writing:
            try:
                if whole:
                    self._connection.execute("VACUUM")
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            except sqlite3.Error as error:
                raise Halted("journal.unwritable", path=self.path, reason=_reason(error)) from None

    @contextmanager
    def select(self, sql: str, *values: object) -> Iterator[sqlite3.Cursor]:
        """The rows that a query finds, to be streamed, over a connection of their own."""
        with self._readable(), closing(self._connect()) as connection:
            yield connection.execute(sql, values)

    def find(self, sql: str, *values: object) -> list[Any]:
        """The few rows that a query finds, at once."""
        with self._reading, self._readable():
            return self._reader.execute(sql, values).fetchall()

    def change(self, sql: str, values: Sequence[tuple[object, ...]]) -> None:
        """Executes one statement with each of ``values``; returns once that is on disk."""
        self.commit(Transaction([(sql, values)]))

    def commit(self, transaction: Transaction) -> None:
        """Returns once ``transaction`` is on disk. Whoever gets to write takes along what all others are waiting for."""
        self._waiting.append(transaction)
        with self._writing:
            if self._closed and not transaction.done:
                raise Halted("journal.closed", path=self.path)
            if not transaction.done:
                self._apply([self._waiting.popleft() for _ in range(len(self._waiting))])
        if transaction.error is not None:
            raise Halted("journal.unwritable", path=self.path, reason=_reason(transaction.error))

    def _apply(self, transactions: Sequence[Transaction]) -> None:
        error: BaseException | None = None
        states = [state for transaction in transactions for state in transaction.states]
        statements = [statement for transaction in transactions for statement in transaction.statements]
        try:
            if statements:
                self._connection.execute("BEGIN IMMEDIATE")
            if states:  # one statement for all of them: a transaction of its own, for which Python's lock is let go once
                self._connection.execute(_set_states(len(states)), [value for state in states for value in state])
            for sql, values in statements:
                self._connection.executemany(sql, values)
            if statements:
                self._connection.execute("COMMIT")
        except BaseException as caught:
            error = caught
            with suppress(sqlite3.Error):  # there may be nothing to roll back
                self._connection.execute("ROLLBACK")
            if not isinstance(caught, (sqlite3.Error, ValueError, OverflowError)):  # the latter: values that SQLite cannot hold
                raise
        finally:  # a Ctrl-C in here must not let the others believe that theirs is on disk
            for transaction in transactions:
                transaction.error = error
                transaction.done = True

    @contextmanager
    def _readable(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise Halted("journal.unreadable", path=self.path, reason=_reason(error)) from None

    def _lock(self) -> FileLock:
        return FileLock(f"{self.path}.lock", timeout=_BUSY, mode=0o600)

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=_BUSY, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA secure_delete=ON")  # what is deleted is personal data: nothing of it stays in the file
        return connection

    def _prepare(self) -> None:
        """Make the file if it is not there, private to its owner; upgrade one of an older version, refuse one of a newer."""
        os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
        with closing(self._connect()) as connection:
            found: int = connection.execute("PRAGMA user_version").fetchone()[0]
            if found > _VERSION:
                raise SettingsError("journal.newer", path=self.path)
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("BEGIN IMMEDIATE")
            for statement in _SCHEMA if found == 0 else chain(*(_UPGRADES[version] for version in range(found, _VERSION))):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version={_VERSION}")
            connection.execute("COMMIT")


def _reason(error: BaseException) -> str:
    return (error.strerror if isinstance(error, OSError) else str(error)) or type(error).__name__
