"""Connections to the PostgreSQL database of a journal: how they are made, lent, and what is said where there is none.

psycopg is imported here and in the two modules that use these connections, none of which is imported before a journal of that
kind is opened. No text of the driver that may repeat the address, or a row, is handed on.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar, cast

import psycopg
from psycopg import pq
from psycopg.types.string import StrDumperUnknown

from ..errors import SettingsError
from .server import Server

#: A row as psycopg hands it on.
Connection = psycopg.Connection[tuple[Any, ...]]
T = TypeVar("T")
#: Seconds that a server has to answer while a connection is made, and to answer a statement that nobody knows to be long.
_CONNECT, _SILENT = 5, 60.0
#: Seconds after which one that is silent is asked whether it is there, and between two such questions.
_KEEP_ALIVE = 5
#: What holds at the server for each connection: that it looks whether its other end is there, and ends what that has left.
_SESSION = f"SET tcp_keepalives_idle = {_KEEP_ALIVE}; SET tcp_keepalives_interval = {_KEEP_ALIVE}; SET tcp_keepalives_count = 3"
#: The same where nothing takes long: whoever stands still in the middle of something keeps nobody waiting.
_SHORT_SESSION = f"{_SESSION}; SET idle_in_transaction_session_timeout = '60s'"
#: How many connections are kept for the next one who needs one.
_MOST_IDLE = 4
#: What stands for the character NUL, which PostgreSQL holds in no text.
_NUL = "␀"


class _TextDumper(StrDumperUnknown):
    """Hands a text on as PostgreSQL can hold it."""

    def dump(self, obj: str) -> Any:
        return super().dump(obj.replace("\0", _NUL) if "\0" in obj else obj)


class _Impatient(psycopg.Connection[tuple[Any, ...]]):
    """A connection on which an answer is waited for only so long, where ``seconds`` says so: a network may swallow it."""

    seconds: float | None = None

    def wait(self, gen: Generator[Any, Any, Any], *args: Any, **kwargs: Any) -> Any:
        """Waits for what ``gen`` does with the connection."""
        if self.seconds is not None:
            gen = _within(gen, time.monotonic() + self.seconds)
        return super().wait(gen, *args, **kwargs)


def _within(doing: Generator[Any, Any, T], ends: float) -> Generator[Any, Any, T]:
    """Does what ``doing`` does. Raises ``OperationalError`` where nothing has come until the moment ``ends``."""
    try:
        state = next(doing)
        while True:
            ready = yield state
            if not ready and time.monotonic() > ends:
                raise psycopg.OperationalError("the server does not answer")
            state = doing.send(ready)
    except StopIteration as stop:
        result: T = stop.value
        return result


def dial(server: Server, *, for_long: bool = False) -> Connection:
    """Returns a new connection, on which each statement is a transaction of its own. ``for_long``: a statement may take as long
    as it does. Raises ``psycopg.Error`` where there cannot be one.

    What a process that is frozen, or cut off, has locked is free again in a while: the server ends what it began.
    """
    connection = _Impatient.connect(
        server.dsn,
        autocommit=True,
        application_name="batch_editor",
        client_encoding="utf8",
        connect_timeout=_CONNECT,
        keepalives_idle=_KEEP_ALIVE,
        keepalives_interval=_KEEP_ALIVE,
        keepalives_count=3,
        tcp_user_timeout=4000 * _KEEP_ALIVE,
    )
    try:
        connection.adapters.register_dumper(str, _TextDumper)
        connection.execute(_SESSION if for_long else _SHORT_SESSION)
    except BaseException:
        connection.close()
        raise
    connection.seconds = None if for_long else _SILENT
    return connection


@contextmanager
def answered_soon(connection: Connection) -> Iterator[None]:
    """Makes that what is asked of a connection within the block is answered soon, or given up."""
    impatient = cast("_Impatient", connection)
    before, impatient.seconds = impatient.seconds, _SILENT
    try:
        yield
    finally:
        impatient.seconds = before


def connect(server: Server) -> Connection:
    """Returns a new connection. Raises ``SettingsError`` where there cannot be one, and says what the server says."""
    try:
        return dial(server, for_long=True)
    except psycopg.ProgrammingError:  # which repeats a part of the address
        raise SettingsError("journal.no_address", path=str(server)) from None
    except psycopg.OperationalError as error:
        raise SettingsError("journal.no_server", path=str(server), reason=words_of(error)) from None


def words_of(error: BaseException) -> str:
    """Returns what the server, or the way to it, says in one line, without details, which may repeat what stands in a row. Of
    what is no word of theirs it is the kind alone: of an address that cannot be read, that would repeat a part of it."""
    message = error.diag.message_primary if isinstance(error, psycopg.Error) else None
    if message is None and isinstance(error, psycopg.OperationalError):
        message = str(error)
    lines = (line.strip() for line in (message or "").splitlines())
    return next(filter(None, lines), type(error).__name__)


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
            connection = dial(self._server, for_long=True)
        try:
            yield connection
        finally:
            self._take_back(connection)

    def close(self) -> None:
        """Closes those that are not lent; the others follow when they come back."""
        self._closed = True
        self.close_idle()

    def close_idle(self) -> None:
        """Closes those that are not lent now."""
        with self._lock:
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
