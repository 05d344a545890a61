"""Connections to the PostgreSQL database of a journal: how they are made, lent, and what is said where there is none.

psycopg is imported here and in the two modules that use these connections, none of which is imported before a journal of that
kind is opened. No text of the driver that may repeat the address, or a row, is handed on.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
from psycopg import pq
from psycopg.types.string import StrDumperUnknown

from ..errors import SettingsError
from .server import Server

#: A row as psycopg hands it on.
Connection = psycopg.Connection[tuple[Any, ...]]
#: Seconds that a server has to answer while a connection is made, and after which one that is silent is asked if it is there.
_CONNECT, _SILENT = 10, 10
#: How many connections are kept for the next one who needs one.
_MOST_IDLE = 4
#: What stands for the character NUL, which PostgreSQL holds in no text.
_NUL = "␀"


class _TextDumper(StrDumperUnknown):
    """Hands a text on as PostgreSQL can hold it."""

    def dump(self, obj: str) -> Any:
        return super().dump(obj.replace("\0", _NUL) if "\0" in obj else obj)


def connect(server: Server) -> Connection:
    """Returns a new connection, on which each statement is a transaction of its own.

    Raises ``SettingsError`` where there cannot be one, and says what the server says.
    """
    try:
        connection = psycopg.connect(
            server.dsn,
            autocommit=True,
            application_name="batch_editor",
            client_encoding="utf8",
            connect_timeout=_CONNECT,
            keepalives_idle=_SILENT,
            keepalives_interval=_SILENT,
            keepalives_count=3,
        )
    except psycopg.ProgrammingError:  # which repeats a part of the address
        raise SettingsError("journal.no_address", path=str(server)) from None
    except psycopg.OperationalError as error:
        raise SettingsError("journal.no_server", path=str(server), reason=words_of(error)) from None
    connection.adapters.register_dumper(str, _TextDumper)
    return connection


def words_of(error: BaseException) -> str:
    """Returns what the server says in one line, without details, which may repeat what stands in a row."""
    said = error.diag.message_primary if isinstance(error, psycopg.Error) else None
    lines = (said or str(error) or type(error).__name__).splitlines()
    return " ".join(line.strip() for line in lines if line.strip())


class Connections:
    """Connections that are lent for a while, by any thread."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._lock = threading.Lock()
        self._idle: list[Connection] = []
        self._closed = False

    @contextmanager
    def lent(self) -> Iterator[Connection]:
        """Lends a connection; one that is broken, or in the middle of something, is closed when it comes back."""
        with self._lock:
            connection = self._idle.pop() if self._idle else None
        if connection is None:
            connection = connect(self._server)
        try:
            yield connection
        finally:
            self._take_back(connection)

    def close(self) -> None:
        """Closes those that are not lent; the others follow when they come back."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _take_back(self, connection: Connection) -> None:
        is_usable = not connection.closed and connection.info.transaction_status is pq.TransactionStatus.IDLE
        with self._lock:
            if is_usable and not self._closed and len(self._idle) < _MOST_IDLE:
                self._idle.append(connection)
                return
        with suppress(psycopg.Error):
            connection.close()
