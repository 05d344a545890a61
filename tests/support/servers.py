"""A small HTTP server on loopback that records every request and answers, or misbehaves, as a test tells it.

It is written on bare sockets, since a proper server would refuse to send half a body or nothing at all.
"""

from __future__ import annotations

import atexit
import contextlib
import socket
import socketserver
import ssl
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

CONFIRMED = '{"code":0,"msg":"请求成功","data":true}'.encode()

#: For 127.0.0.1 and localhost, signed by itself, of no use to anybody but these tests.
CERTIFICATE = """\
-----BEGIN CERTIFICATE-----
MIIBmTCCAT+gAwIBAgIUOq0VEGOufzfAbQA7nSinlX0YrbAwCgYIKoZIzj0EAwIw
EzERMA8GA1UEAwwIbG9vcGJhY2swIBcNMjYxMTI0MDMzODA5WhgPMjEyNjEwMzEw
MzM4MDlaMBMxETAPBgNVBAMMCGxvb3BiYWNrMFkwEwYHKoZIzj0CAQYIKoZIzj0D
AQcDQgAEF6pDdr200T/Ruug2uin88mkvRGS10u0RlSxAGszZn20ITSx/41Yyj4eZ
b2bgUxgfJxQuIeX/vGorJ+RF+R39kKNvMG0wHQYDVR0OBBYEFCqSunghX3C6N38z
S0VOGqCJhGFpMB8GA1UdIwQYMBaAFCqSunghX3C6N38zS0VOGqCJhGFpMA8GA1Ud
EwEB/wQFMAMBAf8wGgYDVR0RBBMwEYcEfwAAAYIJbG9jYWxob3N0MAoGCCqGSM49
BAMCA0gAMEUCIG2XudtfmzVfXsyzp2MFJelxQwRhoV+rE6NvoUGyUwRsAiEAilW8
SItQ67pdhPPRT1puBR8502RyUufmCL54AAXz4CU=
-----END CERTIFICATE-----
"""
_KEY = """\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgGc0xrsmnQRBr4Ta8
EsJ7Ha1J6XIAdH5qwq39xh2zkamhRANCAAQXqkN2vbTRP9G66Da6KfzyaS9EZLXS
7RGVLEAazNmfbQhNLH/jVjKPh5lvZuBTGB8nFC4h5f+8aisn5EX5Hf2Q
-----END PRIVATE KEY-----
"""


@dataclass(frozen=True, slots=True)
class Request:
    """What arrived: ``target`` is the path with its query as sent, ``connection`` counts the connections from 1."""

    method: str
    target: str
    headers: dict[str, str]  # names in lower case
    body: bytes
    connection: int


@dataclass(frozen=True, slots=True)
class Answer:
    """One scripted answer; as it stands, a confirmed edit.

    ``delay`` seconds pass before it. ``raw`` is sent instead of what ``status``, ``headers`` and ``body`` make; b"" is
    a close without an answer. Of the body only the first ``cut`` bytes are sent, though all are promised; ``drip``
    sends it, or ``raw``, byte by byte, so many seconds apart. ``silent`` keeps the connection open and says nothing (more).
    ``close`` ends the connection after a whole answer. ``surplus`` goes out behind it, in one write with its body, or ``late``
    seconds after it.
    """

    status: int = 200
    headers: Sequence[tuple[str, str]] = ()
    body: bytes = CONFIRMED
    delay: float = 0.0
    raw: bytes | None = None
    cut: int | None = None
    drip: float | None = None
    silent: bool = False
    close: bool = False
    surplus: bytes = b""
    late: float | None = None


class Server:
    """Gives ``answers`` in the order in which requests come, the last one again and again; used as a context manager.

    It sends ``greeting`` over each connection before it is asked anything, and lets ``greeted`` be acquired once each time. On
    leaving it closes every connection and waits for its threads, so that nothing is left running. It speaks TLS if ``tls``
    names a directory in which it may put its key; ``chain`` is that key and the certificate for it.
    """

    def __init__(
        self, *answers: Answer, tls: Path | None = None, chain: str = _KEY + CERTIFICATE, greeting: bytes = b""
    ) -> None:
        self.requests: list[Request] = []
        self.connections = 0
        self._answers = list(answers) or [Answer()]
        self.greeting = greeting
        self.greeted = threading.Semaphore(0)
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._stopped = threading.Event()
        self._tls = tls_context(tls, chain) if tls else None
        self._server = _Listener(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    @property
    def url(self) -> str:
        scheme = "https" if self._tls else "http"
        return f"{scheme}://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Server:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stopped.set()
        self._server.shutdown()
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        self._server.server_close()  # waits for the threads of the connections
        self._thread.join()

    @contextlib.contextmanager
    def connection(self, sock: socket.socket) -> Iterator[tuple[socket.socket, int]]:
        """The socket to talk over, wrapped in TLS if this server speaks it, and the number of its connection."""
        if self._tls:
            sock = self._tls.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
        with self._lock:
            self._open.add(sock)
            self.connections += 1
            number = self.connections
        try:
            yield sock, number
        finally:
            with self._lock:
                self._open.discard(sock)
            sock.close()

    def answer_to(self, request: Request) -> Answer:
        with self._lock:
            self.requests.append(request)
            return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]

    def give(self, sock: socket.socket, answer: Answer) -> bool:
        """Send ``answer``; False when the connection ends with it."""
        self._stopped.wait(answer.delay)
        if answer.raw is not None:
            self._send(sock, answer.raw, answer.drip)
            return False
        if not answer.silent or answer.cut is not None:
            head = [f"HTTP/1.1 {answer.status} Whatever", f"Content-Length: {len(answer.body)}"]
            head += [f"{name}: {value}" for name, value in answer.headers]
            sock.sendall("\r\n".join([*head, "", ""]).encode())
            behind = answer.surplus if answer.late is None else b""
            self._send(sock, answer.body[: answer.cut] + behind, answer.drip)
            if answer.late is not None and not self._stopped.wait(answer.late):
                sock.sendall(answer.surplus)
        if answer.silent:
            self._stopped.wait()
        return answer.cut is None and not answer.silent and not answer.close

    def _send(self, sock: socket.socket, content: bytes, drip: float | None) -> None:
        for piece in [content] if drip is None else [bytes([byte]) for byte in content]:
            sock.sendall(piece)
            if drip is not None and self._stopped.wait(drip):
                return


class _Listener(socketserver.ThreadingTCPServer):
    daemon_threads = False
    allow_reuse_address = True
    request_queue_size = 64

    def __init__(self, owner: Server) -> None:
        self.owner = owner
        super().__init__(("127.0.0.1", 0), _Connection)

    def shutdown_request(self, request: object) -> None:
        """The connection closes itself: under TLS the socket that was accepted is not the one that is talked over."""


class _Connection(socketserver.BaseRequestHandler):
    server: _Listener

    def handle(self) -> None:
        owner = self.server.owner
        with owner.connection(self.request) as (sock, number), contextlib.suppress(OSError):
            sock.sendall(owner.greeting)
            owner.greeted.release()
            stream = sock.makefile("rb")
            with stream:
                while request := _read(stream, number):
                    if not owner.give(sock, owner.answer_to(request)):
                        return


def _read(stream: BinaryIO, number: int) -> Request | None:
    first = stream.readline()
    if not first.strip():
        return None
    method, target, _ = first.decode().split(" ", 2)
    headers: dict[str, str] = {}
    while (line := stream.readline()).strip():
        name, _, value = line.decode().partition(":")
        headers[name.lower()] = value.strip()
    body = stream.read(int(headers.get("content-length", 0)))
    return Request(method, target, headers, body, number)


def certificate(directory: Path) -> Path:
    """The path of the servers' certificate, written into ``directory``."""
    path = directory / "certificate.pem"
    path.write_text(CERTIFICATE, encoding="ascii")
    return path


def tls_context(directory: Path, chain: str = _KEY + CERTIFICATE) -> ssl.SSLContext:
    """What a server speaks TLS with; its key is written into ``directory``."""
    path = directory / "server.pem"
    path.write_text(chain, encoding="ascii")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


def unused_port() -> int:
    """A port of loopback that was free a moment ago, to listen at."""
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return int(sock.getsockname()[1])


@cache
def closed_port() -> int:
    """A port of loopback that refuses connections for as long as this process lives: it is taken, and nobody listens."""
    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    atexit.register(sock.close)
    return int(sock.getsockname()[1])
