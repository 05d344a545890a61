"""Ends an exchange over the network that lasts too long, whatever the other side does to keep it going.

A socket's own timeout starts anew with every byte. So one thread watches all exchanges that are under way, and shuts down
the connection of one that is overdue, which wakes whoever waits for it. What is sent and read is left to ``client``.
"""

from __future__ import annotations

import contextlib
import math
import socket
import ssl
import threading
from collections.abc import Callable


class Watch:
    """Watches any number of exchanges. Its thread lasts from the first one to ``close``.

    ``limit`` is what an exchange may take in seconds, ``clock`` gives seconds.
    """

    def __init__(self, limit: float, clock: Callable[[], float]) -> None:
        self.limit = limit
        self._clock = clock
        self._lock = threading.Lock()
        self._due: dict[Exchange, float] = {}
        self._next = math.inf  # when the thread looks again
        self._sooner = threading.Event()
        self._closed = False
        self._thread: threading.Thread | None = None

    def begin(self, exchange: Exchange, seconds: float) -> None:
        """Watches ``exchange`` until ``end``, and cuts it once ``seconds`` have passed."""
        with self._lock:
            due = self._clock() + seconds
            self._due[exchange] = due
            if self._thread is None:
                thread = threading.Thread(target=self._run, name="deadlines", daemon=True)
                thread.start()
                self._thread = thread
            elif due < self._next:
                self._sooner.set()

    def end(self, exchange: Exchange) -> float:
        """Watches ``exchange`` no longer; returns the seconds that were left to it."""
        with self._lock:
            due = self._due.pop(exchange, None)
            return 0.0 if due is None else due - self._clock()

    def close(self) -> None:
        """Ends the thread."""
        self._closed = True
        self._sooner.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._closed:
            with self._lock:
                now = self._clock()
                for exchange in [exchange for exchange, due in self._due.items() if due <= now]:
                    del self._due[exchange]
                    exchange.cut()
                # With nothing under way it sleeps for the limit: what begins meanwhile is not due before, and wakes nobody.
                self._next = min(self._due.values(), default=now + self.limit)
            self._sooner.wait(self._next - now)
            self._sooner.clear()


class Exchange:
    """The exchange that one sender is in, a request and its answer, over one connection at a time, and the time left to it.

    It is used for one exchange after the other. All methods but ``cut`` are for the sender's thread.
    """

    def __init__(self, watch: Watch) -> None:
        self.overdue = False  #: whether the exchange was cut; true before anybody can see that its connection is gone
        self._watch = watch
        self._seconds_left = watch.limit
        self._runs = False
        self._socket: socket.socket | None = None
        # Under TLS the socket in use is out of reach until the handshake is over; and one that is closed meanwhile by its owner
        # may come back as the descriptor of something else.
        self._duplicate: socket.socket | None = None

    def start(self) -> None:
        """Begins the next exchange. Its time runs from ``run`` on, or from when it gets a new connection."""
        self.overdue = False
        self._seconds_left = self._watch.limit

    def connected(self, used: socket.socket) -> None:
        """Takes notice that the exchange goes over ``used`` from now on: a new connection, or TLS over the last one.

        Raises OSError when there are no more file descriptors.
        """
        self._socket = used
        if not isinstance(used, ssl.SSLSocket):
            self.pause()
            self._close_duplicate()
            self._duplicate = used.dup()
            self.run()

    def run(self) -> None:
        """Lets the time run (on)."""
        self._runs = True
        self._watch.begin(self, self._seconds_left)

    def pause(self) -> None:
        """Lets the time stand still, if it runs."""
        if self._runs:
            self._runs = False
            self._seconds_left = self._watch.end(self)

    def end(self) -> None:
        """Takes notice that the exchange is over."""
        self.pause()
        if self._socket is not None and self._socket.fileno() < 0:  # closed, and the other side would not get to know
            self._close_duplicate()

    def close(self) -> None:
        """Closes what ``connected`` has opened; the connection itself is left to its owner."""
        self.pause()
        self._close_duplicate()

    def cut(self) -> None:
        """Ends the exchange that is overdue; for the watch, between its ``begin`` and ``end``."""
        self.overdue = True
        if self._duplicate is not None:
            with contextlib.suppress(OSError):  # the other side was faster
                self._duplicate.shutdown(socket.SHUT_RDWR)

    def _close_duplicate(self) -> None:
        if self._duplicate is not None:
            self._duplicate.close()
            self._duplicate = None
