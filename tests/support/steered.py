"""A journal in PostgreSQL whose database goes by a clock that a test holds in its hands.

``steered`` makes the tables of such a database once; what waits for time there can be tried without waiting.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from batch_editor.journal.postgres_store import PostgresStore
from batch_editor.journal.server import Server
from support import postgres

#: The first moment: much later than any server was started, so that no lease lasts for longer since that was just now.
FIRST = 2e9


def steered(dsn: str) -> None:
    """Make the tables of a journal in an empty database, which goes by the one row of a table of the test."""
    postgres.migrated(dsn)
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("CREATE TABLE steered_clock (seconds DOUBLE PRECISION NOT NULL)")
        connection.execute("INSERT INTO steered_clock VALUES (%s)", [FIRST])
        connection.execute(
            "CREATE OR REPLACE FUNCTION clock_seconds() RETURNS DOUBLE PRECISION LANGUAGE sql VOLATILE"
            " AS 'SELECT seconds FROM steered_clock'"
        )


class SteeredStore(PostgresStore):
    """The store of such a journal. ``now`` is the moment there: what it gives when something is asked.

    ``before`` and ``behind`` are called around each permit that is asked for: a network may be slow, or broken.
    """

    def __init__(self, dsn: str, now: Callable[[], float] | None = None) -> None:
        super().__init__(Server(dsn, Path(tempfile.gettempdir())))
        self._hand = psycopg.connect(dsn, autocommit=True)
        self.moment = FIRST
        self.now_there = now or (lambda: self.moment)
        self.before: Callable[[], None] = lambda: None
        self.behind: Callable[[], None] = lambda: None
        self.asked = 0

    def close(self) -> None:
        super().close()
        self._hand.close()

    def ask(self, sql: str, *values: object) -> tuple[Any, ...]:
        self.asked += 1
        self.before()
        self._steer()
        row = super().ask(sql, *values)
        self.behind()
        return row

    def find(self, sql: str, *values: object) -> list[Any]:
        self._steer()
        return super().find(sql, *values)

    def execute(self, sql: str, *values: object) -> list[Any]:
        """What a test does by itself."""
        cursor = self._hand.execute(sql, values)
        return cursor.fetchall() if cursor.description else []

    def _steer(self) -> None:
        self._hand.execute("UPDATE steered_clock SET seconds = %s", [self.now_there()])


def add_run(store: SteeredStore, name: str, clues: list[int], *, status: str = "pending") -> int:
    """A run that is sent, with a row for each of ``clues``, from row 2 on; its id."""
    ((run,),) = store.execute(
        "INSERT INTO runs (name, state, started, started_offset, base_url, app, source, sheet, digest, headings, settings,"
        " options) VALUES (%s, 'sending', 0, 0, 'u', '', 's', 's', 'd', '[]', '{}', '{}') RETURNING id",
        name,
    )
    store.execute(
        "INSERT INTO rows (run, row, status, clue, body, cells, fields, cleared)"
        " SELECT %s, place + 1, %s, clue, '{}', '[]', 'email', '' FROM unnest(%s::BIGINT[]) WITH ORDINALITY AS x (clue, place)",
        run,
        status,
        clues,
    )
    return int(run)


@contextmanager
def steered_store(databases: postgres.Databases) -> Iterator[SteeredStore]:
    """Give such a journal in a database of its own, which is removed afterwards."""
    dsn = databases.copy_of("steered", steered)
    store = SteeredStore(dsn)
    yield store
    store.close()
    databases.remove(dsn)
