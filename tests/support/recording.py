"""A CRM of several tenants on loopback that writes down every request with its own clock, and what it applied.

A tenant is told by its access token. One thread serves all connections, and Linux says when the bytes of a request came, so
that a busy machine moves no moment. A tenant may be slow, refused, told to slow down or lose answers while others are served.
"""

from __future__ import annotations

import json
import selectors
import socket
import struct
import sys
import threading
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from types import TracebackType
from urllib.parse import parse_qs, urlsplit

EDIT = "/openapi/crm/clue/edit"
_NOTHING = "/nothing"
_STAMPED, _SO_TIMESTAMPNS = sys.platform == "linux", 35
#: The longest wait of the loop, in seconds: so soon it sees that it is to end.
_LOOK_UP = 0.1
_CONFIRMED = {"code": 0, "msg": "请求成功", "data": True}
_REFUSED_TOKEN = {"code": 10001, "msg": "access_token 无效", "data": None}


@dataclass(slots=True)
class Arrival:
    """One ``clue/edit`` request: ``moment`` is in seconds of ``time.monotonic``, ``row`` what its remark says.

    ``pid`` is the process that sent it, 0 where that is not known. ``answered`` is when it was answered, None where it was not.
    """

    moment: float
    tenant: str
    clue: int
    row: str
    pid: int
    applied: bool = False
    answered: float | None = None


@dataclass(slots=True)
class Tenant:
    """What a test decides of one tenant: may change at any moment.

    ``limits`` are those that its settings permit, counts and seconds. ``latency`` passes before each answer. ``too_fast``:
    every request is answered with 429; ``is_refused``: its token is refused; neither applies anything. The next ``losing``
    edits are applied and not answered; the next ``dropping`` are neither.
    """

    name: str
    token: str
    limits: Sequence[tuple[int, float]] = ()
    latency: float = 0.005
    too_fast: bool = False
    is_refused: bool = False
    losing: int = 0
    dropping: int = 0
    arrivals: list[Arrival] = field(default_factory=list)

    @property
    def applied(self) -> list[Arrival]:
        """What was applied, in order."""
        return [arrival for arrival in self.arrivals if arrival.applied]

    @property
    def times_applied(self) -> Counter[str]:
        """How often each row was applied."""
        return Counter(arrival.row for arrival in self.applied)

    @property
    def twice(self) -> int:
        """How many edits were applied that had been applied before."""
        return sum(times - 1 for times in self.times_applied.values())

    def senders(self) -> dict[int, int]:
        """How many requests each process sent."""
        return dict(Counter(arrival.pid for arrival in self.arrivals))

    def crowded(self) -> list[tuple[float, float, int, float]]:
        """The windows with too many requests by the clock of this server: first and last moment of such a window, its limit."""
        moments = sorted(arrival.moment for arrival in self.arrivals)
        return [
            (first, last, count, window)
            for count, window in self.limits
            for first, last in zip(moments, moments[count:], strict=False)
            if last - first < window
        ]

    def is_in_order(self, rows_of: Mapping[int, Sequence[str]]) -> None:
        """The rows of each of these clues were applied as the sheet has them, again at once at most, and never after a later
        one."""
        applied: dict[int, list[str]] = {}
        for arrival in self.applied:
            if arrival.clue in rows_of:
                applied.setdefault(arrival.clue, []).append(arrival.row)
        for clue, rows in applied.items():
            assert [row for row, _ in groupby(rows)] == list(rows_of[clue][: len(set(rows))]), (self.name, clue, rows)


class RecordingCrm:
    """Serves ``tenants`` on a port of loopback, in a thread; used as a context manager.

    ``pids`` are the processes that may send: where the system says which of them has a connection, arrivals tell it. Those of
    ``cut_off`` do not get through: their connections break, and nothing of what they send has arrived.
    """

    def __init__(self, *tenants: Tenant) -> None:
        self.tenants = {tenant.token: tenant for tenant in tenants}
        self.strays: list[str] = []
        self.pids: list[int] = []
        self.cut_off: set[int] = set()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self._listener.setblocking(False)
        self.port = int(self._listener.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._received: dict[socket.socket, bytearray] = {}
        self._pid_of: dict[socket.socket, int] = {}
        self._due: list[tuple[float, int, socket.socket, bytes, Arrival | None]] = []
        self._order = 0
        self._wall = time.time() - time.monotonic()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> RecordingCrm:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()
        for sock in [*self._received, self._listener]:
            sock.close()
        self._selector.close()

    def __getitem__(self, name: str) -> Tenant:
        return next(tenant for tenant in self.tenants.values() if tenant.name == name)

    def catch_up(self) -> None:
        """Return once everything is written down that had arrived before, be the machine as busy as it may."""
        request = f"GET {_NOTHING} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as sock:
            for _ in range(2):  # what had come over a connection that was not accepted yet is read by then as well
                sock.sendall(request)
                sock.recv(65536)

    def _serve(self) -> None:
        while not self._over.is_set():
            until = self._due[0][0] if self._due else time.monotonic() + _LOOK_UP
            for key, _ in self._selector.select(max(0.0, min(until - time.monotonic(), _LOOK_UP))):
                if key.fileobj is self._listener:
                    self._accept()
                elif isinstance(key.fileobj, socket.socket):
                    self._read(key.fileobj)
            while self._due and self._due[0][0] <= time.monotonic():
                _, _, sock, answer, arrival = self._due.pop(0)
                self._answer(sock, answer, arrival)

    def _accept(self) -> None:
        with suppress(OSError):
            sock, _ = self._listener.accept()
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if _STAMPED:
                sock.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
            self._received[sock] = bytearray()
            self._selector.register(sock, selectors.EVENT_READ)

    def _read(self, sock: socket.socket) -> None:
        moment = time.monotonic()
        try:
            if _STAMPED:
                data, notes, _, _ = sock.recvmsg(65536, 64)
                for _, kind, value in notes:
                    if kind == _SO_TIMESTAMPNS:
                        seconds, nanoseconds = struct.unpack("qq", value)
                        moment = seconds + nanoseconds / 1e9 - self._wall
            else:
                data = sock.recv(65536)
        except OSError:
            data = b""
        if not data:
            self._drop(sock)
            return
        received = self._received[sock]
        received += data
        while (end := received.find(b"\r\n\r\n")) >= 0:
            head = bytes(received[:end]).decode("latin-1").split("\r\n")
            lengths = [line.partition(":")[2] for line in head[1:] if line.lower().startswith("content-length:")]
            whole = end + 4 + (int(lengths[0]) if lengths else 0)
            if len(received) < whole:
                return
            body = bytes(received[end + 4 : whole])
            del received[:whole]
            self._take(sock, head[0].split(" ")[1], body, moment)

    def _take(self, sock: socket.socket, target: str, body: bytes, moment: float) -> None:
        parts = urlsplit(target)
        token = parse_qs(parts.query).get("access_token", [""])[0]
        tenant = self.tenants.get(token)
        if parts.path == _NOTHING:
            self._plan(0.0, sock, _http(200, None), None)
            return
        pid = self._pid(sock)
        if pid in self.cut_off:
            self._plan(0.0, sock, b"", None)
            return
        if parts.path != EDIT or tenant is None:
            self.strays.append(parts.path)
            self._plan(0.0, sock, _http(404, {"code": 404, "msg": "not here", "data": None}), None)
            return
        edit = json.loads(body)
        arrival = Arrival(moment, tenant.name, edit["clue_id"], str(edit.get("remark")), pid)
        tenant.arrivals.append(arrival)
        answer = _http(200, _CONFIRMED)
        if tenant.is_refused:
            answer = _http(200, _REFUSED_TOKEN)
        elif tenant.too_fast:
            answer = b"HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n"
        elif tenant.dropping:
            tenant.dropping -= 1
            answer = b""
        else:
            arrival.applied = True
            if tenant.losing:
                tenant.losing -= 1
                answer = b""
        self._plan(tenant.latency, sock, answer, arrival)

    def _plan(self, latency: float, sock: socket.socket, answer: bytes, arrival: Arrival | None) -> None:
        self._order += 1
        due = (time.monotonic() + latency, self._order, sock, answer, arrival)
        self._due.insert(bisect_left(self._due, due[:2], key=lambda each: each[:2]), due)

    def _answer(self, sock: socket.socket, answer: bytes, arrival: Arrival | None) -> None:
        if sock not in self._received:
            return
        if not answer:
            self._drop(sock)
            return
        with suppress(OSError):
            sock.sendall(answer)
            if arrival is not None:
                arrival.answered = time.monotonic()

    def _drop(self, sock: socket.socket) -> None:
        self._selector.unregister(sock)
        del self._received[sock]
        self._pid_of.pop(sock, None)
        sock.close()

    def _pid(self, sock: socket.socket) -> int:
        """The process of ``pids`` at the other end, 0 where the system does not say."""
        if sock not in self._pid_of:
            pid = 0
            with suppress(OSError):
                pid = _owner(sock.getpeername()[1], self.port, self.pids)
            self._pid_of[sock] = pid
        return self._pid_of[sock]


def _owner(port: int, other_port: int, pids: Iterable[int]) -> int:
    """The process that talks from ``port`` of loopback to ``other_port``, as Linux says."""
    ends = f":{port:04X}", f":{other_port:04X}"
    for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]:
        words = line.split()
        if words[1].endswith(ends[0]) and words[2].endswith(ends[1]):
            socket_name = f"socket:[{words[9]}]"
            for pid in pids:
                with suppress(OSError):
                    for entry in Path(f"/proc/{pid}/fd").iterdir():
                        with suppress(OSError):
                            if str(entry.readlink()) == socket_name:
                                return pid
    return 0


def _http(status: int, body: object) -> bytes:
    text = json.dumps(body, ensure_ascii=False).encode()
    head = f"HTTP/1.1 {status} Whatever\r\nContent-Type: application/json\r\nContent-Length: {len(text)}\r\n\r\n"
    return head.encode() + text
