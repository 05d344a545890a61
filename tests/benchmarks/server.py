"""A CRM that is never the bottleneck: confirms every request a fixed time after it arrived, and notes when that was.
Of every ``refuse`` requests it may answer one with "too fast" (HTTP 429).

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
import struct
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
TOO_FAST = b"HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n"
LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)
#: Linux says when it received the bytes: however late this program gets to read them, that is when they came.
STAMPED, SO_TIMESTAMPNS = sys.platform == "linux", 35
#: The longest wait of the loop, in seconds: so soon it sees that it is to end.
LOOK_UP = 0.2


class Server:
    """The server in its own process; used as a context manager."""

    def __init__(self, latency: float, refuse: int = 0) -> None:
        command = [sys.executable, __file__, "--latency", str(latency), "--refuse", str(refuse)]
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
    def __init__(self, listener: socket.socket, latency: float, refuse: int, ended: threading.Event) -> None:
        self._listener, self._latency, self._refuse, self._ended = listener, latency, refuse, ended
        self._selector = selectors.SelectSelector()
        self._selector.register(listener, selectors.EVENT_READ)
        self._received: dict[socket.socket, bytearray] = {}
        self._due: deque[tuple[float, socket.socket, bytes]] = deque()  # in the order of time: every answer waits as long
        self._arrivals: list[float] = []
        self._wall_clock = time.time() - time.monotonic()

    def run(self) -> None:
        while not self._ended.is_set():
            until = self._due[0][0] if self._due else time.monotonic() + LOOK_UP
            for key, _ in self._selector.select(max(0.0, min(until - time.monotonic(), LOOK_UP))):
                if key.fileobj is self._listener:
                    self._accept()
                elif isinstance(key.fileobj, socket.socket):
                    self._read(key.fileobj)
            while self._due and self._due[0][0] <= time.monotonic():
                _, connection, answer = self._due.popleft()
                with contextlib.suppress(OSError):
                    connection.sendall(answer)

    def _accept(self) -> None:
        connection, _ = self._listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if STAMPED:
            connection.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self._received[connection] = bytearray()
        self._selector.register(connection, selectors.EVENT_READ)

    def _read(self, connection: socket.socket) -> None:
        now = arrived = time.monotonic()
        try:
            if STAMPED:
                data, told, _, _ = connection.recvmsg(65536, 64)
                for _, kind, value in told:
                    if kind == SO_TIMESTAMPNS:
                        seconds, nanoseconds = struct.unpack("qq", value)
                        arrived = seconds + nanoseconds / 1e9 - self._wall_clock
            else:
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
                self._arrivals.append(arrived)
                refused = self._refuse and len(self._arrivals) % self._refuse == 0
                self._due.append((now + self._latency, connection, TOO_FAST if refused else CONFIRMED))
            del received[:whole]


def _serve(latency: float, refuse: int) -> None:
    ended = threading.Event()

    def watch() -> None:
        sys.stdin.read()
        ended.set()

    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        print(listener.getsockname()[1], flush=True)
        threading.Thread(target=watch, daemon=True).start()
        _Loop(listener, latency, refuse, ended).run()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--latency", type=float, default=0.02, help="seconds from a request's arrival to its answer")
    parser.add_argument("--refuse", type=int, default=0, help="every how many requests one is answered with 429; 0: none")
    given = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        _serve(given.latency, given.refuse)
