"""Who drives a run whose journal is in a PostgreSQL database: a lock for each run, which ends with the connection it is on.

It has the methods of ``locks.RunLocks``. The locks are on one connection that does nothing else, so that none ends while
something else is waited for. Whether somebody holds a lock is seen without taking it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial

import psycopg

from ..errors import Halted, UnderWay
from .connections import Connection, dial, words_of
from .link import Link, Lost, Patience
from .server import Server

#: Seconds for which a process that is about to end may still hold a run, and how long is waited in between.
_ENDING, _POLL = 1.0, 0.05
#: Seconds between two looks whether the connection is there still.
_KEEP_EVERY = 1.0
#: Which session of the server a connection is, and what ends that of one that is lost.
_SESSION = "SELECT pid, backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()"
_END_SESSION = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = %s AND backend_start = %s"
#: The number of a lock: two schemas of a database hold two journals.
KEY = "hashtextextended(current_schema() || ' ' || %s, 0)"
_IS_HELD = (
    f"SELECT 1 FROM pg_locks, (SELECT {KEY} AS key) AS lock WHERE locktype = 'advisory' AND granted AND objsubid = 1"  # noqa: S608
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    " AND classid::bigint = (key >> 32) & 4294967295 AND objid::bigint = key & 4294967295 LIMIT 1"
)
_IS_LEASED = "SELECT 1 FROM live_shards JOIN runs ON runs.id = live_shards.run WHERE runs.name = %s LIMIT 1"


class AdvisoryLocks:
    """The locks of the runs whose journal is in the database of a ``server``, as far as this process is concerned.

    ``connect`` makes a connection, ``patience`` says how long the database is waited for, and ``wait`` passes so many seconds.
    Where the connection breaks, the locks are taken again over a new one; one that somebody else has by then is lost.
    """

    def __init__(
        self,
        server: Server,
        wait: Callable[[float], None] = time.sleep,
        *,
        connect: Callable[[], Connection] | None = None,
        patience: Patience | None = None,
    ) -> None:
        self._connect = connect or partial(dial, server)
        self._wait = wait
        self._place = str(server)
        self._lock = threading.Lock()
        self._held: set[str] = set()
        self._link = Link(self._take_again, patience or Patience(), self._place)
        self._session: tuple[object, ...] = ()
        self._over = threading.Event()
        self._keeper: threading.Thread | None = None

    def acquire(self, run: str) -> None:
        """Holds ``run`` from here on. Raises ``UnderWay`` where another process does, or a worker a shard of it."""
        tries = round(_ENDING / _POLL)
        while not self._try(run):
            tries -= 1
            if tries < 0:
                raise UnderWay("run.under_way", run=run)
            self._wait(_POLL)

    def release(self, run: str) -> None:
        """Lets ``run`` go."""
        with self._lock:
            if run in self._held:
                self._held.remove(run)
                self._ask(f"SELECT pg_advisory_unlock({KEY})", run)

    def release_all(self) -> None:
        """Lets every run go, and with them the connection."""
        self._over.set()
        if self._keeper is not None:
            self._keeper.join()
            self._keeper = None
        with self._lock:
            self._held.clear()
            self._link.close()

    close = release_all

    def forget(self, run: str) -> None:
        """Lets ``run`` go, of which nothing is left."""
        self.release(run)

    def is_held(self, run: str) -> bool:
        """Returns whether a process, this one or another, holds ``run``, or a worker a shard of it."""
        with self._lock:
            return run in self._held or bool(self._ask(_IS_HELD, run) or self._ask(_IS_LEASED, run))

    def is_held_elsewhere(self, run: str) -> bool:
        """Returns whether another process holds ``run``, whoever has shards of it."""
        with self._lock:
            return run not in self._held and bool(self._ask(_IS_HELD, run))

    def _try(self, run: str) -> bool:
        with self._lock:
            if run in self._held or self._ask(_IS_LEASED, run):
                return False
            ((is_ours,),) = self._ask(f"SELECT pg_try_advisory_lock({KEY})", run)
            if is_ours:
                self._held.add(run)
                self._keep_from_now_on()
            return bool(is_ours)

    def _ask(self, sql: str, run: str) -> list[tuple[object, ...]]:
        try:
            return self._link.ask(lambda connection: connection.execute(sql, [run]).fetchall())
        except psycopg.Error as error:
            raise Halted("journal.unwritable_there", path=self._place, reason=words_of(error)) from None

    def _take_again(self) -> Connection:
        """Returns a new connection on which the locks are that were on the one before."""
        connection = self._connect()
        try:
            if self._session:  # the server may not have seen yet that nobody is at the other end any more
                connection.execute(_END_SESSION, self._session)
            for run in sorted(self._held):
                for _ in range(round(_ENDING / _POLL)):
                    ((is_ours,),) = connection.execute(f"SELECT pg_try_advisory_lock({KEY})", [run]).fetchall()
                    if is_ours:
                        break
                    self._wait(_POLL)
                else:
                    self._held.discard(run)
            self._session = connection.execute(_SESSION).fetchall()[0]
        except BaseException:
            connection.close()
            raise
        return connection

    def _keep_from_now_on(self) -> None:
        if self._keeper is None:
            self._over.clear()
            self._keeper = threading.Thread(target=self._keep, name="locks", daemon=True)
            self._keeper.start()

    def _keep(self) -> None:
        """Sees in time that the connection is lost, so that nobody else finds the locks free for long."""
        while not self._over.wait(_KEEP_EVERY):
            with suppress(Lost, psycopg.Error, Halted):
                self._link.attempt(lambda connection: connection.execute("SELECT 1"))
