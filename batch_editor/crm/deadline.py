"""Ends an exchange over the network that lasts too long, whatever the other side does to keep it going.

A socket's own timeout starts anew with every byte. So one thread looks after all exchanges that are under way, and shuts
down the connection of one that is overdue, which wakes whoever waits for it.
"""

from __future__ import annotations

import contextlib
import math
import socket
import ssl
import threading
from collections.abc import Callable


class Watch:
    """Looks after any number of lines. Its thread lasts from the first exchange to ``close``.

    ``limit`` is what an exchange may take in seconds, ``clock`` gives seconds.
    """

    def __init__(self, limit: float, clock: Callable[[], float]) -> None:
        self.limit = limit
        self._clock = clock
        self._lock = threading.Lock()
        self._due: dict[Line, float] = {}
        self._next = math.inf  # when the thread looks again
        self._sooner = threading.Event()
        self._closed = False
        self._thread: threading.Thread | None = None

    def begin(self, line: Line, seconds: float) -> None:
        """From now on, and until ``end``, ``line`` may be cut: once ``seconds`` have passed."""
        with self._lock:
            due = self._due[line] = self._clock() + seconds
            if self._thread is None:
                thread = threading.Thread(target=self._run, name="deadlines", daemon=True)
                thread.start()
                self._thread = thread
            elif due < self._next:
                self._sooner.set()

    def end(self, line: Line) -> float:
        """``line`` is not cut from now on; the seconds that it had left."""
        with self._lock:
            due = self._due.pop(line, None)
            return 0.0 if due is None else due - self._clock()

    def close(self) -> None:
        """End the thread."""
        self._closed = True
        self._sooner.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._closed:
            with self._lock:
                now = self._clock()
                for line in [line for line, due in self._due.items() if due <= now]:
                    del self._due[line]
                    line.cut()
                # With nothing under way it sleeps for the limit: what begins meanwhile is not due before, and wakes nobody.
                self._next = min(self._due.values(), default=now + self.limit)
            self._sooner.wait(self._next - now)
            self._sooner.clear()


class Line:
    """One sender's way to the server, which leads over one connection at a time. All but ``cut`` is for the sender's thread."""

    def __init__(self, watch: Watch) -> None:
        self.overdue = False  #: whether the exchange was cut; true before anybody can see that its connection is gone
        self._watch = watch
        self._left = watch.limit
        self._runs = False
        self._used: socket.socket | None = None
        # A duplicate of the connection's socket: under TLS the one in use is out of reach until the handshake is over; and
        # one that is closed meanwhile by its owner may come back as the descriptor of something else.
        self._own: socket.socket | None = None

    def start(self) -> None:
        """An exchange begins. Its time runs from ``run`` on, or from when it gets a new connection."""
        self.overdue = False
        self._left = self._watch.limit

    def connected(self, used: socket.socket) -> None:
        """``used`` is what is talked over from now on: a new connection, or TLS over the last one.

        Raises OSError when there are no more file descriptors.
        """
        self._used = used
        if not isinstance(used, ssl.SSLSocket):
            self.pause()
            self._forget()
            self._own = used.dup()
            self.run()

    def run(self) -> None:
        """The time runs (on)."""
        self._runs = True
        self._watch.begin(self, self._left)

    def pause(self) -> None:
        """The time stands still, if it ran."""
        if self._runs:
            self._runs = False
            self._left = self._watch.end(self)

    def end(self) -> None:
        """The exchange is over."""
        self.pause()
        if self._used is not None and self._used.fileno() < 0:  # closed, and the other side would not get to know
            self._forget()

    def close(self) -> None:
        """Close what ``connected`` has opened; the connection itself is left to its owner."""
        self.pause()
        self._forget()

    def cut(self) -> None:
        """For the watch, between its ``begin`` and ``end``: ends the exchange that is overdue."""
        self.overdue = True
        if self._own is not None:
            with contextlib.suppress(OSError):  # the other side was faster
                self._own.shutdown(socket.SHUT_RDWR)

    def _forget(self) -> None:
        if self._own is not None:
            self._own.close()
            self._own = None
