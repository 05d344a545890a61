"""A journal's file whose runs are copied elsewhere: it is read as it is at one moment, and never changed.

A file of an older version is brought up to this one in a copy that is removed again. What is copied is left to ``moving``.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from ..errors import Halted, SettingsError, UnderWay, reason_in
from .locks import RunLocks
from .schema import VERSION
from .sqlite_store import SqliteStore
from .temporary import temporary_folder


class FileToMove:
    """A journal's file of this version at one moment."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def read(self, sql: str, *values: object) -> Iterator[Any]:
        """Yields the rows that a query finds."""
        return self._connection.execute(sql, values)

    def columns(self, table: str, *, but: str = "") -> list[str]:
        """Returns the names of a table's columns, but for one."""
        return [name for _, name, *_ in self.read(f"PRAGMA table_info({table})") if name != but]


@contextmanager
def file_to_move(file: Path) -> Iterator[FileToMove]:
    """Opens ``file``. Raises ``SettingsError`` where it is none that can be copied, ``UnderWay`` while somebody drives a run of
    it, and ``Halted`` where it can no longer be read."""
    if not file.is_file():
        raise SettingsError("copy.no_file", path=file)
    try:
        with closing(_connected(file)) as connection:
            connection.execute("BEGIN")  # all that is read from here on is of one moment
            version = _version(connection, file)
            _check_that_nobody_drives(file, connection)
            if version == VERSION:
                yield FileToMove(connection)
                return
            with temporary_folder() as folder:
                copy = folder / file.name
                with closing(sqlite3.connect(copy)) as empty:
                    connection.backup(empty)
                SqliteStore(copy, durable=False).close()
                with closing(_connected(copy)) as upgraded:
                    yield FileToMove(upgraded)
    except (sqlite3.Error, OSError, UnicodeDecodeError) as error:
        raise Halted("copy.unreadable", path=file, reason=reason_in(error)) from None


def _connected(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)


def _version(connection: sqlite3.Connection, file: Path) -> int:
    try:
        ((version,),) = connection.execute("PRAGMA user_version").fetchall()
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_NOTADB:
            raise
        version = 0
    if not version:
        raise SettingsError("copy.no_journal", path=file)
    if version > VERSION:
        raise SettingsError("journal.newer", path=file)
    return int(version)


def _check_that_nobody_drives(file: Path, connection: sqlite3.Connection) -> None:
    locks = RunLocks(file)
    for (run,) in connection.execute("SELECT name FROM runs").fetchall():
        if locks.is_held(run):
            raise UnderWay("copy.under_way", path=file, run=run)
