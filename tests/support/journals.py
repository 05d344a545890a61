"""Journals of either kind, for what must hold of both: a file, and a database that holds an empty journal."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from batch_editor.journal.server import Server

if TYPE_CHECKING:
    from support.postgres import Databases


def empty_database(databases: Databases, folder: Path) -> Server:
    """A database in which ``batch-editor journal migrate`` was called."""
    from batch_editor.journal.migrating import migrate  # with psycopg: most tests need none of it

    return Server(databases.copy_of("journal", lambda dsn: migrate(Server(dsn, folder))), folder)


def execute(address: Path | Server, sql: str, *values: object) -> list[tuple[Any, ...]]:
    """What a connection of its own does and sees: only what is committed. Values stand in the places ``?``."""
    if isinstance(address, Path):
        with closing(sqlite3.connect(address)) as file, file:
            return file.execute(sql, values).fetchall()
    import psycopg

    with psycopg.connect(address.dsn, autocommit=True) as connection:
        cursor = connection.execute(sql.replace("?", "%s"), values) if values else connection.execute(sql)
        return cursor.fetchall() if cursor.description else []
