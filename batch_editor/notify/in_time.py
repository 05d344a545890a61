"""Does what talks to a server within a time, whatever it waits for: a name, a handshake, a byte after another.

A socket's own timeout starts anew with every byte. So the work is done in a thread of its own, and its connection is shut down
once its time is over, which wakes and ends it. Whatever it ends by is handed on as words: a night goes on.
"""

from __future__ import annotations

import logging
import socket
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from ..model import Message

_log = logging.getLogger(__name__)

T = TypeVar("T")


class Line:
    """The connection over which some work is done, one at a time, so that somebody else can cut it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # One of its own, since that of the work may be closed at any time, and its number be that of another file then.
        self._duplicate: socket.socket | None = None
        self._is_cut = False

    def connected(self, used: socket.socket) -> None:
        """Takes notice that the work goes over ``used`` from now on. Raises ``OSError``, also where it is too late."""
        duplicate = socket.fromfd(used.fileno(), used.family, used.type)
        with self._lock:
            if self._is_cut:
                duplicate.close()
                raise TimeoutError
            self._close()
            self._duplicate = duplicate

    def cut(self) -> None:
        """Ends the connection, and any later one."""
        with self._lock:
            self._is_cut = True
            if self._duplicate is not None:
                with suppress(OSError):  # the other side was faster
                    self._duplicate.shutdown(socket.SHUT_RDWR)
            self._close()

    def _close(self) -> None:
        if self._duplicate is not None:
            self._duplicate.close()
            self._duplicate = None


def within(seconds: float, work: Callable[[Line], T]) -> T | Message:
    """Returns what ``work`` comes to; that it took longer than so many ``seconds``; or that it broke down."""
    line = Line()
    results = list[T | Message]()

    def do() -> None:
        try:
            results.append(work(line))
        except Exception as error:  # noqa: BLE001  # whatever it is, a night that cannot be told is a night all the same
            _log.info("telling broke down: %s", fault_of(error))
            results.append(Message("telling.broken", {"kind": fault_of(error)}))

    thread = threading.Thread(target=do, name="telling", daemon=True)
    thread.start()
    thread.join(seconds)
    in_time = [*results]  # what comes of the cut itself is none
    line.cut()
    return in_time[0] if in_time else Message("net.timeout", {"seconds": f"{seconds:g}"})


def fault_of(error: Exception) -> str:
    """Returns which error of the program itself it is and where, without its words, which may hold a secret."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}, {Path(place.filename).name}:{place.lineno}"
