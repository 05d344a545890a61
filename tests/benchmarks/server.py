"""A CRM that is never the bottleneck: confirms every request a fixed time after it arrived, and notes when that was.

One thread, one ``select`` (its timeout is exact to microseconds, while that of epoll would add up to a millisecond), and
answers that are ready-made bytes. ``Server`` runs it in a process of its own, which ends with its standard input, that is
with its parent. ``GET /arrivals`` hands over the arrival times since it was last asked, as JSON, in seconds.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import re
import selectors
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from types import TracebackType
from typing import Self
from urllib.request import ProxyHandler, build_opener

BODY = '{"code":0,"msg":"请求成功","data":true}'.encode()
HEAD = "HTTP/1.1 200 OK\r\nContent-Type: application/json;charset=UTF-8\r\nContent-Length: {length}\r\n\r\n"
CONFIRMED = HEAD.format(length=len(BODY)).encode() + BODY
LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)
#: The longest wait of the loop, in seconds: so soon it sees that it is to end.
LOOK_UP = 0.2


class Server:
    """The server in its own process; used as a context manager."""

    def __init__(self, latency: float) -> None:
        command = [sys.executable, __file__, "--latency", str(latency)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self._process.stdout is None or not (line := self._process.stdout.readline()):
            raise RuntimeError("the server did not start")
        self.port = int(line)
        self.url = f"http://127.0.0.1:{self.port}"

    def arrivals(self) -> list[float]:
        """When each request came in since this was last asked, in seconds of no meaning but their differences."""
        with build_opener(ProxyHandler({})).open(f"{self.url}/arrivals", timeout=30) as answer:
            return [float(moment) for moment in json.load(answer)]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()


class _Loop:
    def __init__(self, listener: socket.socket, latency: float, ended: threading.Event) -> None:
        self._listener, self._latency, self._ended = listener, latency, ended
        self._selector = selectors.SelectSelector()
        self._selector.register(listener, selectors.EVENT_READ)
        self._received: dict[socket.socket, bytearray] = {}
        self._due: deque[tuple[float, socket.socket]] = deque()  # in the order of time, since every answer waits as long
        self._arrivals: list[float] = []

    def run(self) -> None:
        while not self._ended.is_set():
            until = self._due[0][0] if self._due else time.monotonic() + LOOK_UP
            for key, _ in self._selector.select(max(0.0, min(until - time.monotonic(), LOOK_UP))):
                if key.fileobj is self._listener:
                    self._accept()
                elif isinstance(key.fileobj, socket.socket):
                    self._read(key.fileobj)
            while self._due and self._due[0][0] <= time.monotonic():
                with contextlib.suppress(OSError):
                    self._due.popleft()[1].sendall(CONFIRMED)

    def _accept(self) -> None:
        connection, _ = self._listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._received[connection] = bytearray()
        self._selector.register(connection, selectors.EVENT_READ)

    def _read(self, connection: socket.socket) -> None:
        now = time.monotonic()
        try:
            data = connection.recv(65536)
        except OSError:
            data = b""
        if not data:
            self._selector.unregister(connection)
            del self._received[connection]
            connection.close()
            return
        received = self._received[connection]
        received += data
        while (end := received.find(b"\r\n\r\n")) >= 0:
            found = LENGTH.search(received, 0, end)
            whole = end + 4 + (int(found[1]) if found else 0)
            if len(received) < whole:
                return
            if received.startswith(b"GET /arrivals "):
                body = json.dumps(self._arrivals).encode()
                self._arrivals = []
                connection.sendall(HEAD.format(length=len(body)).encode() + body)
            else:
                self._arrivals.append(now)
                self._due.append((now + self._latency, connection))
            del received[:whole]


def _serve(latency: float) -> None:
    ended = threading.Event()

    def watch() -> None:
        sys.stdin.read()
        ended.set()

    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        print(listener.getsockname()[1], flush=True)
        threading.Thread(target=watch, daemon=True).start()
        _Loop(listener, latency, ended).run()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--latency", type=float, default=0.02, help="seconds from a request's arrival to its answer")
    with contextlib.suppress(KeyboardInterrupt):
        _serve(parser.parse_args().latency)
