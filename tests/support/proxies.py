"""A TCP proxy on loopback between a program and a server, whose lines can be cut, silenced, slowed down and mended.

It stands between a worker and its database, or between a worker and the CRM, as a network does that fails in the middle.
"""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from types import TracebackType


class Proxy:
    """Forwards what comes to ``at`` to ``target``, each a host and a port; used as a context manager."""

    def __init__(self, target: tuple[str, int], at: tuple[str, int] = ("127.0.0.1", 0)) -> None:
        self.target = target
        self._listener = socket.create_server(at)
        self.port = int(self._listener.getsockname()[1])
        self._delay = 0.0
        self._is_cut = False
        self._flows = threading.Event()
        self._flows.set()
        self._is_over = False
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def __enter__(self) -> Proxy:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._is_over = True
        self.cut()
        self._flows.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(5)

    def cut(self) -> None:
        """End all connections, and every later one at once."""
        with self._lock:
            self._is_cut = True
            for sock in self._open:
                with suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)

    def silence(self) -> None:
        """Keep all connections, and pass on nothing: what is sent goes nowhere, as when a cable is pulled."""
        self._flows.clear()

    def delay(self, seconds: float) -> None:
        """Pass on each piece so much later."""
        self._delay = seconds

    def mend(self) -> None:
        """Be a good line again. What was sent during a silence arrives now."""
        self._is_cut = False
        self._delay = 0.0
        self._flows.set()

    def _accept(self) -> None:
        while not self._is_over:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._connect, args=(client,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _connect(self, client: socket.socket) -> None:
        with client:
            self._flows.wait()
            if self._is_cut:
                return
            try:
                server = socket.create_connection(self.target, timeout=5)
            except OSError:
                return
            with server:
                server.settimeout(None)
                ends = (client, server)
                for sock in ends:
                    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                with self._lock:
                    self._open.update(ends)
                    if self._is_cut:
                        self._open.difference_update(ends)
                        return
                back = threading.Thread(target=self._pass_on, args=(server, client), daemon=True)
                back.start()
                self._pass_on(client, server)
                back.join()
                with self._lock:
                    self._open.difference_update(ends)

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        """Until one of the two ends; then the other one ends too."""
        over = threading.Event()
        with suppress(OSError):
            while piece := source.recv(65536):
                if self._delay:
                    over.wait(self._delay)
                self._flows.wait()
                sink.sendall(piece)
        for sock in (source, sink):
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
