"""The journal in a PostgreSQL database, for many machines. Its tables are made and changed by ``migrating`` alone.

The statements are those that SQLite is given, with the places of values written as psycopg wants them. Of the threads that
wait, one writes what all of them wait for as one transaction, as into a file. Times are those of the database's clock.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import psycopg

from ..errors import DatabaseAway, Halted, SettingsError
from ..model import HaltReason
from .advisory_locks import KEY
from .connections import Connections, connect, words_of
from .machine import steady_clock
from .migrating import version_of
from .schema import VERSION
from .server import Server
from .store import Store, Transaction, parts_of

#: Seconds for which another process that works alone is waited for, in short and in long work.
_BUSY, _LONG = 60, 3600
#: How many threads ask for something at once that may have to wait for other processes.
_ASKING = 4
#: How many rows of a stream are asked for at once.
_AT_ONCE = 2000
#: The tables of which much is deleted together.
_LARGE = ("rows", "runs", "mends", "nights", "files", "applied")
#: One statement for any number of rows: it is planned once.
_SET_STATES = (
    "UPDATE rows SET status = new.status, code = new.code, message = new.message, attempts = rows.attempts + new.attempts,"
    " time = new.time, time_offset = new.time_offset, time_text = '', maybe_applied = rows.maybe_applied OR new.maybe_applied,"
    " reads = rows.reads + new.reads"
    " FROM unnest(%s::integer[], %s::integer[], %s::text[], %s::text[], %s::text[], %s::integer[], %s::bigint[], %s::integer[],"
    " %s::boolean[], %s::integer[])"
    " AS new (run, row, status, code, message, attempts, time, time_offset, maybe_applied, reads)"
    " WHERE rows.run = new.run AND rows.row = new.row"
)

#: What is said of a server in the place of what is said of a file.
_KEYS = {
    "journal.unusable": "journal.unusable_there",
    "journal.unwritable": "journal.unwritable_there",
    "journal.unreadable": "journal.unreadable_there",
}


@lru_cache(1000)
def _translated(sql: str) -> str:
    return sql.replace("%", "%%").replace("?", "%s")


class PostgresStore(Store):
    """The database of a ``server``, as ``migrating`` has made it.

    Raises ``SettingsError`` where it cannot be opened, or is of another version, and ``Halted`` where it can no longer be
    written or read.
    """

    is_shared = True
    errors = (psycopg.Error, ValueError, OverflowError)  # the latter: values that no database can hold

    def __init__(self, server: Server) -> None:
        super().__init__(str(server))
        self._server = server
        self._connections = Connections(server)
        self._connection = connect(server)
        try:
            self._check_version()
            self._reader = connect(server)
        except psycopg.Error as error:
            self._connection.close()
            raise self._refused(SettingsError, "journal.unusable", error) from None
        except BaseException:
            self._connection.close()
            raise
        self._reading = threading.Lock()
        self._asking = threading.BoundedSemaphore(_ASKING)
        self._steady = steady_clock()
        self._began = self._time() - self._steady()

    def _check_version(self) -> None:
        version = version_of(self._connection)
        if version > VERSION:
            raise SettingsError("journal.newer_there", path=self.place)
        if version < VERSION:
            raise SettingsError("journal.older_there" if version else "journal.not_migrated", path=self.place)

    def _time(self) -> float:
        ((seconds,),) = self._connection.execute("SELECT extract(epoch FROM clock_timestamp())::float8").fetchall()
        return float(seconds)

    def _disconnect(self) -> None:
        for connection in (self._connection, self._reader):
            with suppress(psycopg.Error):
                connection.close()
        self._connections.close()

    def now(self) -> str:
        moment = datetime.fromtimestamp(self._began + self._steady()).astimezone()
        return moment.isoformat(timespec="seconds")

    @contextmanager
    def select(self, sql: str, *values: object) -> Iterator[Iterable[Any]]:
        with (
            self._readable(),
            self._connections.lent() as connection,
            connection.transaction(),
            connection.cursor(name="stream") as cursor,
        ):
            cursor.itersize = _AT_ONCE
            cursor.execute(_translated(sql), values)
            yield cursor

    def find(self, sql: str, *values: object) -> list[Any]:
        with self._readable(), self._reading:
            return self._reader.execute(_translated(sql), values).fetchall()

    def ask(self, sql: str, *values: object) -> tuple[Any, ...]:
        """Returns the one row that a statement gives which may have to wait for other processes, over a connection for which
        no reader waits. Raises ``DatabaseAway`` where the database cannot be reached now."""
        try:
            with self._asking, self._connections.lent() as connection:
                (row,) = connection.execute(_translated(sql), values).fetchall()
                return row
        except (psycopg.OperationalError, psycopg.InterfaceError, SettingsError) as error:
            reason = error.message if isinstance(error, SettingsError) else words_of(error)
            raise DatabaseAway("journal.unreadable_there", path=self.place, reason=reason) from None
        except psycopg.Error as error:
            raise self._refused(Halted, "journal.unreadable", error) from None

    def _execute(self, transactions: Sequence[Transaction]) -> None:
        statements, states = parts_of(transactions)
        if not statements:  # a transaction of its own
            self._connection.execute(_SET_STATES, [[*column] for column in zip(*states, strict=True)])
            return
        with self._connection.transaction(), self._connection.cursor() as cursor:
            if states:
                cursor.execute(_SET_STATES, [[*column] for column in zip(*states, strict=True)])
            for sql, values in statements:
                cursor.executemany(_translated(sql), values)

    @contextmanager
    def alone(self) -> Iterator[None]:
        with self._alone("", _BUSY):
            yield

    @contextmanager
    def alone_for_long(self, work: str) -> Iterator[None]:
        with self._alone(work, _LONG):
            yield

    @contextmanager
    def _alone(self, work: str, seconds: int) -> Iterator[None]:
        with self._connections.lent() as connection:
            try:
                connection.execute(f"SET lock_timeout = '{seconds}s'")
                connection.execute(f"SELECT pg_advisory_lock({KEY})", [f"work {work}"])
            except psycopg.Error as error:
                connection.close()  # and with it what was set there
                raise self._refused(Halted, "journal.unwritable", error) from None
            try:
                yield
            finally:
                with suppress(psycopg.Error):  # a connection that is lost has lost the lock
                    connection.execute(f"SELECT pg_advisory_unlock({KEY})", [f"work {work}"])
                    connection.execute("RESET lock_timeout")

    def shrink(self, *, whole: bool) -> None:
        """Lets the room of what was deleted be used again. Others go on as ever meanwhile: what they need is not packed."""
        with self._connections.lent() as connection:
            try:
                for table in _LARGE:
                    connection.execute(f"VACUUM {table}")
            except psycopg.Error as error:
                raise self._refused(Halted, "journal.unwritable", error) from None

    def empty_log(self) -> None:
        """Does nothing: the log is the server's."""

    def copies(self) -> list[Path]:
        return []

    @contextmanager
    def _readable(self) -> Iterator[None]:
        try:
            yield
        except psycopg.Error as error:
            raise self._refused(Halted, "journal.unreadable", error) from None

    def _refused(self, kind: type[SettingsError | Halted], key: str, error: BaseException) -> SettingsError | Halted:
        if isinstance(error, psycopg.errors.LockNotAvailable):
            return kind("journal.busy", path=self.place)
        refused = kind(_KEYS.get(key, key), path=self.place, reason=words_of(error))
        if isinstance(error, psycopg.errors.DiskFull):
            refused.reason = HaltReason.DISK_FULL
        return refused
