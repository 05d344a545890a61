"""The journal in an SQLite file (WAL, ``synchronous=FULL``), for one machine: no server, and locks that are files beside it.

Of the threads that wait, one writes what all of them wait for as one transaction, so that eight senders share a sync. A file of
an older version is brought up to this one when it is opened, after a copy. What the tables look like is left to ``schema``.
"""

from __future__ import annotations

import errno
import os
import sqlite3
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

from filelock import BaseFileLock, FileLock, Timeout

from ..errors import Halted, SettingsError, reason_in
from ..files import NO_ROOM
from ..model import HaltReason
from .locks import RunLocks
from .presence import Presence
from .schema import FUNCTIONS, SCHEMA, UPGRADES, VERSION
from .store import Store, Transaction, places
from .times import now

#: A second process that writes the same journal is waited for this long, in seconds.
_BUSY = 60.0
#: A second process that does long work alone is waited for this long, in seconds.
_LONG = 3600.0
#: What Windows says of a file, or a part of it, that another program keeps for itself.
_SHARING = (32, 33)
#: Between the name of the file and a version: the copy that was made before the file was brought up to that version.
_COPY = ".before-v"


@cache
def _set_states(number: int) -> str:
    # UPDATE … FROM would be shorter, but the SQLite of some systems that are in use does not know it yet.
    return (
        "WITH new (run, row, status, code, message, attempts, time, time_offset, maybe_applied, reads)"  # noqa: S608  # places alone
        f" AS (VALUES {', '.join([f'({places(10)})'] * number)})"
        " UPDATE rows SET (status, code, message, attempts, time, time_offset, time_text, maybe_applied, reads) ="
        " (SELECT new.status, new.code, new.message, rows.attempts + new.attempts, new.time, new.time_offset, '',"
        " rows.maybe_applied OR new.maybe_applied, rows.reads + new.reads"
        " FROM new WHERE new.run = rows.run AND new.row = rows.row) WHERE (run, row) IN (SELECT run, row FROM new)"
    )


class SqliteStore(Store):
    """The file ``path``, made private to its owner if it is not there.

    ``durable=False`` is for a file that ends with its process: nothing waits for the disk, and what is deleted stays there.
    Raises ``SettingsError`` where it cannot be opened, and ``Halted`` where it can no longer be written or read.
    """

    def __init__(self, path: Path, *, durable: bool = True) -> None:
        super().__init__(str(path))
        self.path = path
        self._durable = durable
        self._presence: Presence | None = None
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if durable:
                self._presence = Presence(path.parent)
            # SQLite waits for nobody while a file becomes a WAL one: of two processes that make it, one would fail.
            with self._lock():
                self._prepare()
            self._connection, self._reader = self._connect(), self._connect()
        except BaseException as error:
            self._leave()
            if isinstance(error, (OSError, sqlite3.Error, UnicodeDecodeError)):  # the last: words of a damaged file
                raise self._refused(SettingsError, "journal.unusable" if durable else "journal.no_room", error) from None
            raise
        self._reading = threading.Lock()
        self._writing = threading.Lock()
        self._waiting: deque[Transaction] = deque()
        self._closed = False

    def close(self) -> None:
        with self._writing:
            self._closed = True
            self._connection.close()
            self._reader.close()
            self._leave()

    def now(self) -> str:
        return now()

    def _leave(self) -> None:
        if self._presence is not None:
            self._presence.leave()
            self._presence = None

    @contextmanager
    def alone(self) -> Iterator[None]:
        with self._while_locked(self._lock()):
            yield

    @contextmanager
    def alone_for_long(self, work: str) -> Iterator[None]:
        with self._while_locked(FileLock(f"{self.path}.{work}.lock", timeout=_LONG, mode=0o600)):
            yield

    @contextmanager
    def _while_locked(self, lock: BaseFileLock) -> Iterator[None]:
        try:
            lock.acquire()
        except OSError as error:
            raise self._refused(Halted, "journal.unwritable", error) from None
        try:
            yield
        finally:
            lock.release()

    def forget_paces(self, before: int) -> None:
        """Does nothing: a machine keeps its permits beside the file, and for as long as they count."""

    def shrink(self, *, whole: bool) -> None:
        """Leaves nothing of what was deleted: empties the log beside the file, and removes the copies of older versions."""
        with self._writing:
            try:
                for copy in self.copies():
                    copy.unlink(missing_ok=True)
                if whole:
                    self._connection.execute("VACUUM")
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            except (OSError, sqlite3.Error) as error:
                raise self._refused(Halted, "journal.unwritable", error) from None

    def empty_log(self) -> None:
        """Empties the log beside the file, which may hold what was deleted from it."""
        with self._writing:
            try:
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            except sqlite3.Error as error:
                raise self._refused(Halted, "journal.unwritable", error) from None

    def copies(self) -> list[Path]:
        return sorted(self.path.parent.glob(f"{self.path.name}{_COPY}*"))

    @contextmanager
    def select(self, sql: str, *values: object) -> Iterator[Iterable[Any]]:
        with self._readable(), closing(self._connect()) as connection:
            yield connection.execute(sql, values)

    def find(self, sql: str, *values: object) -> list[Any]:
        try:
            with self._reading:
                return self._reader.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise self._refused(Halted, "journal.unreadable", error) from None

    def commit(self, transaction: Transaction) -> None:
        self._waiting.append(transaction)
        with self._writing:
            if self._closed and not transaction.done:
                raise Halted("journal.closed", path=self.path)
            if not transaction.done:
                self._apply([self._waiting.popleft() for _ in range(len(self._waiting))])
        if transaction.error is not None:
            raise self._refused(Halted, "journal.unwritable", transaction.error)

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
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise self._refused(Halted, "journal.unreadable", error) from None

    def _refused(self, kind: type[SettingsError | Halted], key: str, error: BaseException) -> SettingsError | Halted:
        """Returns what is raised for an ``error`` of the file: by ``key``, unless another program keeps it locked."""
        if _is_locked(error):
            return kind("journal.locked", path=self.path)
        refused = kind(key, path=self.path, reason=reason_in(error))
        if _is_disk_full(error):
            refused.reason = HaltReason.DISK_FULL
        return refused

    def _lock(self) -> FileLock:
        return FileLock(f"{self.path}.lock", timeout=_BUSY, mode=0o600)

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=_BUSY, isolation_level=None, check_same_thread=False)
        try:
            connection.execute(f"PRAGMA synchronous={'FULL' if self._durable else 'OFF'}")
            if self._durable:
                connection.execute(
                    "PRAGMA secure_delete=ON"
                )  # what is deleted is personal data: nothing of it stays in the file
        except (sqlite3.Error, UnicodeDecodeError):  # the last: words of a damaged file
            connection.close()
            raise
        return connection

    def _prepare(self) -> None:
        """Makes the file if it is not there, private to its owner; upgrades one of an older version, refuses one of a newer."""
        self._create()
        with closing(self._connect()) as connection:
            version: int = connection.execute("PRAGMA user_version").fetchone()[0]
            if version > VERSION:
                raise SettingsError("journal.newer", path=self.path)
            connection.execute("PRAGMA journal_mode=WAL")
            if version == 0:
                _execute_at_once(connection, SCHEMA)
            elif version < VERSION:
                self._upgrade(connection, version)

    def _create(self) -> None:
        """Makes an empty file, private to its owner, if there is none.

        One that is there is not even opened: to close it again would take the locks away that other connections of this process
        hold, and another process would take the log of the file for nobody's.
        """
        try:
            os.close(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        except FileExistsError:
            if not os.access(self.path, os.R_OK | os.W_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES)) from None

    def _upgrade(self, connection: sqlite3.Connection, version: int) -> None:
        """Makes of a file of an older version one of this version, or leaves it as it was; a copy of it is kept beside it."""
        locks = RunLocks(self.path)
        for (run,) in connection.execute("SELECT name FROM runs WHERE state IN ('planning', 'reading', 'sending')").fetchall():
            if locks.is_held(run):  # by a program of the older version, which could not go on with a file of this one
                raise SettingsError("journal.older_is_driven", path=self.path, run=run)
        try:
            self._copy(connection)
            for name, function in FUNCTIONS.items():
                connection.create_function(name, 1, function, deterministic=True)
            _execute_at_once(connection, [statement for older in range(version, VERSION) for statement in UPGRADES[older]])
        except (OSError, sqlite3.Error) as error:
            raise self._refused(SettingsError, "journal.not_upgraded", error) from None

    def _copy(self, connection: sqlite3.Connection) -> None:
        """Keeps the file as it is before it is upgraded, whole or not at all, and private to its owner."""
        copy = self.path.with_name(f"{self.path.name}{_COPY}{VERSION}")
        if copy.exists():
            return
        part = copy.with_name(f"{copy.name}.part")
        part.unlink(missing_ok=True)  # half of one that a killed process has left
        try:
            os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
            with closing(sqlite3.connect(part)) as target:
                connection.backup(target)
            part.replace(copy)
        finally:
            part.unlink(missing_ok=True)


def _execute_at_once(connection: sqlite3.Connection, statements: Iterable[str]) -> None:
    """Executes ``statements`` that make of a file one of this version: all of them, or none."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        for statement in statements:
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version={VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):  # there may be nothing to roll back
            connection.execute("ROLLBACK")
        raise


def _is_locked(error: BaseException) -> bool:
    """Returns whether another program kept the file, or a lock of ours, for longer than ``_BUSY``, or opened it for itself."""
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
    return isinstance(error, Timeout) or getattr(error, "winerror", None) in _SHARING


def _is_disk_full(error: BaseException) -> bool:
    """Returns whether there is no more room for the file, be it on the disk or for this user."""
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_FULL
    return isinstance(error, OSError) and error.errno in NO_ROOM
