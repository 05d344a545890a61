"""Who drives a run whose journal is in a PostgreSQL database: a lock for each run, which ends with the connection it is on.

It has the methods of ``locks.RunLocks``. The locks are on one connection that does nothing else, so that none ends while
something else is waited for. Whether somebody holds a lock is seen without taking it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress

import psycopg

from ..errors import Halted, UnderWay
from .connections import Connection, connect, words_of
from .server import Server

#: Seconds for which a process that is about to end may still hold a run, and how long is waited in between.
_ENDING, _POLL = 1.0, 0.05
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

    ``wait`` passes so many seconds.
    """

    def __init__(self, server: Server, wait: Callable[[float], None] = time.sleep) -> None:
        self._server = server
        self._wait = wait
        self._lock = threading.Lock()
        self._held: set[str] = set()
        self._connection: Connection | None = None

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
        with self._lock:
            self._held.clear()
            if self._connection is not None:
                with suppress(psycopg.Error):
                    self._connection.close()
                self._connection = None

    close = release_all

    def forget(self, run: str) -> None:
        """Lets ``run`` go, of which nothing is left."""
        self.release(run)

    def is_held(self, run: str) -> bool:
        """Returns whether a process, this one or another, holds ``run``, or a worker a shard of it."""
        with self._lock:
            return run in self._held or bool(self._ask(_IS_HELD, run) or self._ask(_IS_LEASED, run))

    def _try(self, run: str) -> bool:
        with self._lock:
            if run in self._held or self._ask(_IS_LEASED, run):
                return False
            ((is_ours,),) = self._ask(f"SELECT pg_try_advisory_lock({KEY})", run)
            if is_ours:
                self._held.add(run)
            return bool(is_ours)

    def _ask(self, sql: str, run: str) -> list[tuple[object, ...]]:
        try:
            if self._connection is None:
                self._connection = connect(self._server)
            return self._connection.execute(sql, [run]).fetchall()
        except psycopg.Error as error:
            raise Halted("journal.unwritable_there", path=str(self._server), reason=words_of(error)) from None
