"""The journal in a PostgreSQL database, for many machines. Its tables are made and changed by ``migrating`` alone.

The statements are those that SQLite is given, with the places of values written as psycopg wants them. Of the threads that
wait, one writes what all of them wait for as one transaction, as into a file. While the database is away they wait, and what is
known of rows is kept in a file of this machine (``kept_facts``). Times are those of the database's clock.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import psycopg

from ..errors import DatabaseAway, Halted, SettingsError
from ..model import HaltReason
from .advisory_locks import KEY
from .connections import Connection, Connections, answered_soon, connect, dial, words_of
from .facts import IDENTITY, facts_of
from .groups import Groups
from .kept_facts import KeptFacts, KeptTransaction, left_behind
from .link import Link, Lost, Patience, is_away
from .machine import steady_clock
from .migrating import version_of
from .schema import VERSION
from .server import Server
from .store import Store, Transaction
from .writer import Writer, translated, write_down

T = TypeVar("T")
#: Seconds for which another process that works alone is waited for, in short and in long work.
_BUSY, _LONG = 60, 3600
#: How many threads ask for something at once that may have to wait for other processes.
_ASKING = 4
#: How many rows of a stream are asked for at once.
_AT_ONCE = 2000
#: The tables of which much is deleted together.
_LARGE = ("rows", "runs", "mends", "nights", "files", "applied")
#: Seconds after which what is known of rows is kept in a file while the database is away, and after which people are told so.
_KEEP_AFTER, _TELL_AFTER = 3.0, 2.0
#: Seconds after which the clock of the database is looked at again.
_CLOCK = 60.0
#: Seconds for which a permit counts at most: a day, and one more for a clock that was set.
_LONGEST_WINDOW = 2 * 86_400
#: How often a stream is begun that breaks before its first row.
_TRIES = 3
#: What is said of a server in the place of what is said of a file.
_KEYS = {
    "journal.unusable": "journal.unusable_there",
    "journal.unwritable": "journal.unwritable_there",
    "journal.unreadable": "journal.unreadable_there",
}


class PostgresStore(Store):
    """The database of a ``server``, as ``migrating`` has made it. ``patience`` says how long it is waited for.

    Raises ``SettingsError`` where it cannot be opened, or is of another version, and ``Halted`` where it can no longer be
    written or read.
    """

    is_shared = True
    deleted_at_once = 10_000  # each commit is a way to the server and back, and nobody else waits for it

    def __init__(self, server: Server, *, patience: Patience | None = None) -> None:
        super().__init__(str(server))
        self.patience = patience or Patience()
        self._server = server
        self._connections = Connections(server)
        self._asking = threading.BoundedSemaphore(_ASKING)
        self._steady = steady_clock()
        self._writer = Writer()
        self._waiting = Groups()
        self._closed = False
        self._keeping = threading.Lock()
        first = connect(server)
        try:
            self._check_version(first)
            self._journal = _identity_of(first)
            self._look_at_clock(first)
            self._write_down_left(first)
        except psycopg.Error as error:
            first.close()
            raise self._refused(SettingsError, "journal.unusable", error) from None
        except BaseException:
            first.close()
            raise
        self._kept = KeptFacts(server.folder, self._journal, self._writer.id)
        self._reads = Link(self.connect_again, self.patience, self.place, first)
        self._writes = Link(self._connect_to_write, self.patience, self.place)

    # --- connections

    def _check_version(self, connection: Connection) -> None:
        version = version_of(connection)
        if version > VERSION:
            raise SettingsError("journal.newer_there", path=self.place)
        if version < VERSION:
            raise SettingsError("journal.older_there" if version else "journal.not_migrated", path=self.place)

    def connect_again(self) -> Connection:
        """Returns a new connection to the same journal, be it on another server by now."""
        connection = dial(self._server)
        try:
            self._check_version(connection)
            if _identity_of(connection) != self._journal:
                raise psycopg.OperationalError("another journal is there")
            self._look_at_clock(connection)
        except SettingsError as error:
            connection.close()
            raise Halted(error.message.key, **error.message.values) from None
        except BaseException:
            connection.close()
            raise
        return connection

    def _connect_to_write(self) -> Connection:
        connection = self.connect_again()
        try:
            self._writer.go_on(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def close(self) -> None:
        """Writes what waits to be written, or leaves what is known to whoever opens the journal next on this machine."""
        self._closed = True
        with suppress(Lost, psycopg.Error, Halted):
            while self._waiting:
                self._writes.attempt(partial(self._write, None))
        if self._waiting:
            self._keep_facts()
        if self._kept.is_there:
            self._kept.leave()
        else:
            with suppress(Lost, psycopg.Error, Halted):
                if self._waiting.last:
                    self._writes.attempt(self._writer.forget)
        self._reads.close()
        self._writes.close()
        self._connections.close()

    @property
    def is_away(self) -> bool:
        now = self.patience.clock()
        since = [link.lost_since for link in (self._reads, self._writes)]
        return any(moment is not None and now - moment >= _TELL_AFTER for moment in since)

    def patient(self, seconds: float, give_up: threading.Event) -> AbstractContextManager[None]:
        return self.patience.of_run(seconds, give_up)

    # --- the clock

    def _look_at_clock(self, connection: Connection) -> None:
        asked = self._steady()
        ((seconds,),) = connection.execute("SELECT extract(epoch FROM clock_timestamp())::float8").fetchall()
        self._looked = self._steady()
        self._began = float(seconds) - (asked + self._looked) / 2

    def now(self) -> str:
        if self._steady() - self._looked > _CLOCK:
            self._looked = self._steady()  # of several threads one looks
            with suppress(Lost, psycopg.Error, Halted):
                self._reads.attempt(self._look_at_clock)
        return datetime.fromtimestamp(self._began + self._steady()).astimezone().isoformat(timespec="seconds")

    # --- reading

    @contextmanager
    def select(self, sql: str, *values: object) -> Iterator[Iterable[Any]]:
        with ExitStack() as opened, self._readable():
            yield self._begun(lambda: opened.enter_context(self._stream(translated(sql), values)))

    @contextmanager
    def _stream(self, sql: str, values: Sequence[object]) -> Iterator[Iterable[Any]]:
        with (
            self._connections.lent() as connection,
            connection.transaction(),
            connection.cursor(name="stream") as cursor,
        ):
            cursor.itersize = _AT_ONCE
            cursor.execute(sql, values)
            yield cursor

    def _begun(self, begin: Callable[[], T]) -> T:
        """Returns what ``begin`` returns, which takes a connection for a longer time, once the database is there."""
        for _ in range(_TRIES - 1):
            try:
                return begin()
            except psycopg.Error as error:
                if not is_away(error):
                    raise
            self._connections.close_idle()
            self._reads.ask(lambda connection: connection.execute("SELECT 1"))
        return begin()

    def find(self, sql: str, *values: object) -> list[Any]:
        with self._readable():
            return self._reads.ask(lambda connection: connection.execute(translated(sql), values).fetchall())

    def ask(self, sql: str, *values: object) -> tuple[Any, ...]:
        """Returns the one row that a statement gives which may have to wait for other processes, over a connection for which
        no reader waits. Raises ``DatabaseAway`` where the database cannot be reached now."""
        try:
            with self._asking, self._connections.lent() as connection, answered_soon(connection):
                (row,) = connection.execute(translated(sql), values).fetchall()
                return row
        except psycopg.Error as error:
            if is_away(error):
                self._connections.close_idle()
                raise DatabaseAway("journal.unreadable_there", path=self.place, reason=words_of(error)) from None
            raise self._refused(Halted, "journal.unreadable", error) from None

    @contextmanager
    def _readable(self) -> Iterator[None]:
        try:
            yield
        except psycopg.Error as error:
            raise self._refused(Halted, "journal.unreadable", error) from None

    # --- writing

    def commit(self, transaction: Transaction) -> None:
        """Returns once ``transaction`` is on disk. Whoever gets to write takes along what all others are waiting for.

        While the database is away it waits, for as long as there is patience. Then only what is known of rows is written, when
        the database is back, and ``Halted`` is raised.
        """
        transaction.statements = [(sql, [*values]) for sql, values in transaction.statements]  # they may be executed twice
        if self._closed:
            raise Halted("journal.closed", path=self.place)
        self._waiting.add(transaction)
        try:
            while not transaction.done:
                with suppress(Lost):
                    self._writes.attempt(partial(self._write, transaction))
                if not transaction.done:
                    self._wait_to_write()
        except BaseException as error:
            transaction.statements = ()
            transaction.states = facts_of(transaction.states)
            if isinstance(error, Halted) and self._keep_facts():
                raise self._kept_by(error) from None
            raise
        if transaction.error is not None:
            raise self._refused(Halted, "journal.unwritable", transaction.error)

    def _write(self, transaction: Transaction | None, connection: Connection) -> None:
        """Writes the next group of transactions, unless a certain one is written by now."""
        group = None if transaction and transaction.done else self._waiting.next()
        if group is None:
            return
        error: BaseException | None = None
        try:
            self._writer.write(connection, group)
        except (psycopg.Error, ValueError, OverflowError) as caught:  # the latter: values that no database can hold
            if isinstance(caught, psycopg.Error) and is_away(caught):
                raise
            error = caught
        self._waiting.remove_first()
        for transaction in group.transactions:
            transaction.error = error
            transaction.done = True
        if self._kept.is_there and self._kept.last <= group.number:
            self._kept.remove()

    def _wait_to_write(self) -> None:
        since = self._writes.lost_since
        if since is not None and self.patience.clock() - since >= _KEEP_AFTER:
            self._keep_facts()
        self._writes.wait()

    def _keep_facts(self) -> bool:
        """Keeps in a file what is known of rows and could not be written. Returns whether all of it is there."""
        with self._keeping:
            kept = [
                KeptTransaction(self._writer.id, group.number, facts, transaction.owner)
                for group in self._waiting.all_after(self._kept.last)
                for transaction in group.transactions
                if (facts := facts_of(transaction.states))
            ]
            try:
                if kept:
                    self._kept.keep(kept)
            except OSError:
                return False
            return self._kept.is_there

    def _kept_by(self, halted: Halted) -> Halted:
        """Returns why a run halts of which this machine keeps what is known."""
        kept = Halted("journal.away_kept", **halted.message.values, file=self._kept.path)
        kept.reason = halted.reason
        return kept

    def _write_down_left(self, connection: Connection) -> None:
        """Writes down what processes of this machine that have ended could not."""
        with suppress(psycopg.OperationalError), left_behind(self._server.folder, self._journal) as kept:
            write_down(connection, kept)

    # --- what is done alone

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
        with ExitStack() as opened:
            try:
                connection = self._begun(lambda: self._locked(opened, work, seconds))
            except psycopg.Error as error:
                raise self._refused(Halted, "journal.unwritable", error) from None
            try:
                yield
            finally:
                with suppress(psycopg.Error):  # a connection that is lost has lost the lock
                    connection.execute(f"SELECT pg_advisory_unlock({KEY})", [f"work {work}"])
                    connection.execute("RESET lock_timeout")

    def _locked(self, opened: ExitStack, work: str, seconds: int) -> Connection:
        with ExitStack() as lent:
            connection = lent.enter_context(self._connections.lent())
            try:
                connection.execute(f"SET lock_timeout = '{seconds}s'")
                connection.execute(f"SELECT pg_advisory_lock({KEY})", [f"work {work}"])
            except psycopg.Error:
                connection.close()  # and with it what was set there
                raise
            opened.push(lent.pop_all())
            return connection

    def forget_paces(self, before: int) -> None:
        idle = "greatest(seen, at, held_until) < least(?, extract(epoch FROM clock_timestamp()) - ?)"
        values = [(before, _LONGEST_WINDOW)]
        permits = f"DELETE FROM permits WHERE tenant IN (SELECT tenant FROM pace WHERE {idle})"  # noqa: S608
        self.commit(Transaction([(permits, values), (f"DELETE FROM pace WHERE {idle}", values)]))  # noqa: S608

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

    def _refused(self, kind: type[SettingsError | Halted], key: str, error: BaseException) -> SettingsError | Halted:
        if isinstance(error, psycopg.errors.LockNotAvailable):
            return kind("journal.busy", path=self.place)
        refused = kind(_KEYS.get(key, key), path=self.place, reason=words_of(error))
        if isinstance(error, psycopg.errors.DiskFull):
            refused.reason = HaltReason.DISK_FULL
        return refused


def _identity_of(connection: Connection) -> str:
    """Returns the name of the journal, which another database does not have. Raises ``OperationalError`` of a server that
    cannot be written to."""
    ((name, is_standby),) = connection.execute(IDENTITY).fetchall()
    if is_standby:
        raise psycopg.OperationalError("the server is a standby, which cannot be written to")
    return str(name)
