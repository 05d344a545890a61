"""However slowly the other side drips, no exchange lasts longer than twice the timeout. Every wait here is a real one."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.servers import CONFIRMED, Answer, Server, certificate, closed_port, tls_context

from batch_editor.crm.client import Client, fetch_token
from batch_editor.crm.deadline import Exchange, Watch
from batch_editor.crm.secrets import Secrets
from batch_editor.crm.tokens import Tokens
from batch_editor.model import Edit, Message, Reply, Sent

EDIT = Edit(2, 1, '{"clue_id":1,"remark":"x","update_specified_fields":["remark"]}')
TIMEOUT = 0.3  # seconds
PAUSE = 0.02  # seconds between two drops: no timeout of the socket ever strikes
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n" % len(CONFIRMED)
WHOLE = HEAD + b"\r\n" + CONFIRMED
#: The head of an answer that is complete and confirms the edit, after three seconds.
DRIPPING = Answer(raw=HEAD + b"X: " + b"a" * 60 + b"\r\n\r\n" + CONFIRMED, drip=PAUSE)
LATE = Message("net.timeout", {"seconds": "0.6"})
UNCONNECTED = Message("net.connect_timeout", {"seconds": "0.6"})


def client_of(url: str, timeout: float = TIMEOUT, **other: Callable[[], float]) -> Client:
    return Client(url, Tokens(fixed="token"), Secrets(), timeout=timeout, **other)  # type: ignore[arg-type]


def send(url: str, edit: Edit = EDIT) -> Reply:
    with client_of(url) as client:
        return client.edit(edit)


@contextlib.contextmanager
def peer(*talks: Callable[[socket.socket, threading.Event], None], buffer: int | None = None) -> Iterator[str]:
    """The address of one that talks as told: ``talks`` are for its connections in their order, the last for all others.

    Each gets an event that is set when it is to end. ``buffer`` is what a connection holds unread, in bytes.
    """
    over = threading.Event()

    def serve() -> None:
        for number in range(100):
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            with sock, contextlib.suppress(OSError):
                talks[min(number, len(talks) - 1)](sock, over)

    with socket.socket() as listener:
        if buffer is not None:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            over.set()
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)  # wakes ``accept``
            listener.close()
            thread.join()


def take_request(sock: socket.socket) -> None:
    taken = b""
    while not taken.endswith(EDIT.body.encode()):
        taken += sock.recv(65536)


def drip(sock: socket.socket, content: bytes, over: threading.Event) -> None:
    """Send ``content``; raises OSError when nobody is left to read it."""
    for byte in content:
        if over.wait(PAUSE):
            raise BrokenPipeError
        sock.sendall(bytes([byte]))


@pytest.fixture(autouse=True)
def _trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate(tmp_path)))


@pytest.fixture(autouse=True)
def _no_thread_stays() -> Iterator[None]:
    before = threading.enumerate()
    yield
    assert threading.enumerate() == before


@pytest.fixture(params=["plain", "tls"])
def tls(request: pytest.FixtureRequest, tmp_path: Path) -> Path | None:
    """What a server is told to speak TLS, or not to."""
    return tmp_path if request.param == "tls" else None


# The answer


def test_headers_that_drip(tls: Path | None) -> None:
    with Server(DRIPPING, tls=tls) as server:
        assert send(server.url) == Reply(Sent.MAYBE, 1, trouble=LATE)


def test_a_body_that_drips(tls: Path | None) -> None:
    with Server(Answer(body=CONFIRMED + b" " * 60, drip=PAUSE), tls=tls) as server:
        assert send(server.url) == Reply(Sent.MAYBE, 1, 200, trouble=LATE)


def test_a_body_whose_end_is_that_of_the_connection() -> None:
    """The client's own end of the connection must not pass for the end of the answer."""

    ended: list[bool] = []

    def talk(sock: socket.socket, over: threading.Event) -> None:
        take_request(sock)
        sock.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + CONFIRMED)
        drip(sock, b" " * 100, over)
        ended.append(True)

    with peer(talk) as url:
        assert send(url) == Reply(Sent.MAYBE, 1, 200, trouble=LATE)
    assert not ended


def test_an_answer_that_is_here_is_whole_though_its_exchange_is_overdue() -> None:
    """The time is up when the client has the whole answer in its hands, and has not yet looked at its body."""
    gone = threading.Event()

    def talk(sock: socket.socket, over: threading.Event) -> None:
        take_request(sock)
        date = b"Retry-After: Tue, 14 Nov 2023 22:13:50 GMT\r\n"  # makes the client look at its wall clock
        sock.sendall(HEAD + date + b"\r\n" + CONFIRMED)
        assert sock.recv(1) == b""
        gone.set()

    def answer(sock: socket.socket, over: threading.Event) -> None:
        take_request(sock)
        sock.sendall(WHOLE)

    def wall_clock() -> float:
        assert gone.wait(10)
        return 0.0

    with peer(talk, answer) as url, client_of(url, wall_clock=wall_clock) as client:
        assert client.edit(EDIT).data is True
        assert client.edit(EDIT).data is True


def test_a_slow_handshake_leaves_less_time_for_the_answer(tmp_path: Path) -> None:
    context = tls_context(tmp_path)

    def talk(sock: socket.socket, over: threading.Event) -> None:
        over.wait(0.2)
        with context.wrap_socket(sock, server_side=True) as secure:
            take_request(secure)
            for piece in (WHOLE[:9], WHOLE[9:19], WHOLE[19:]):  # whole 0.7 s after the connection was made
                over.wait(0.5 / 3)
                secure.sendall(piece)

    with peer(talk) as url:
        assert send(url.replace("http:", "https:")) == Reply(Sent.MAYBE, 1, trouble=LATE)


def test_a_token_that_drips() -> None:
    with Server(DRIPPING) as server:
        reply = fetch_token(server.url, "app", "secret", Secrets(), timeout=TIMEOUT)
    assert reply == Reply(Sent.MAYBE, trouble=LATE)


# The request


def body_of(size: int) -> str:
    return EDIT.body.replace('"x"', f'"{"x" * size}"')


def test_a_request_that_is_taken_too_slowly() -> None:
    body = body_of(48 << 20)  # 128 KiB at a time, in some two seconds
    ended: list[bool] = []

    def talk(sock: socket.socket, over: threading.Event) -> None:
        taken = 0
        while taken < len(body):
            taken += len(piece := sock.recv(1 << 17))
            if not piece or over.wait(PAUSE / 4):
                return
        sock.sendall(WHOLE)
        ended.append(True)

    with peer(talk, buffer=1 << 19) as url:
        assert send(url, Edit(2, 1, body)) == Reply(Sent.MAYBE, 1, trouble=LATE)
    assert not ended


def test_a_request_that_is_not_taken() -> None:
    def talk(sock: socket.socket, over: threading.Event) -> None:
        over.wait()

    with peer(talk, buffer=1 << 19) as url:
        reply = send(url, Edit(2, 1, body_of(12 << 20)))
    assert reply == Reply(Sent.MAYBE, 1, trouble=Message("net.timeout", {"seconds": "0.3"}))


# Never sent

#: The beginning of a TLS record of 16 KiB, and of the server's hello in it.
HELLO = b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc\x03\x03" + b"\x00" * 150


def test_a_handshake_that_drips() -> None:
    with peer(lambda sock, over: drip(sock, HELLO, over)) as url:
        reply = send(url.replace("http:", "https:"))
    assert (reply.sent, reply.trouble) == (Sent.NO, Message("net.connect_timeout", {"seconds": "0.3"}))


def test_a_proxy_that_drips(monkeypatch: pytest.MonkeyPatch) -> None:
    received: list[bytes] = []

    def talk(sock: socket.socket, over: threading.Event) -> None:
        received.append(sock.recv(7))
        drip(sock, b"HTTP/1.1 407 Pay\r\nX: " + b"a" * 60 + b"\r\n\r\n", over)
        received.append(b"ended")

    with peer(talk) as url:
        monkeypatch.setenv("HTTPS_PROXY", url)
        assert send("https://crm.invalid") == Reply(Sent.NO, 1, trouble=UNCONNECTED)
    assert received == [b"CONNECT"]


def test_a_proxy_and_a_handshake_that_drip_have_one_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    def talk(sock: socket.socket, over: threading.Event) -> None:
        sock.recv(65536)
        drip(sock, b"HTTP/1.1 200 OK\r\n\r\n", over)  # 0.4 s, which leave 0.2 s of 0.6 s
        drip(sock, HELLO, over)

    with peer(talk) as url:
        monkeypatch.setenv("HTTPS_PROXY", url)
        assert send("https://crm.invalid") == Reply(Sent.NO, 1, trouble=UNCONNECTED)


@pytest.mark.parametrize("answer", [Answer(raw=b""), Answer(raw=b"garbage\r\n\r\n")])
def test_a_connection_that_is_lost_on_the_way_to_a_proxy(answer: Answer, monkeypatch: pytest.MonkeyPatch) -> None:
    with Server(answer) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        assert send("https://crm.invalid") == Reply(Sent.NO, 1, trouble=Message("net.proxy"))


def test_without_a_file_descriptor_for_the_deadline_nothing_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: socket.socket) -> socket.socket:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(socket.socket, "dup", refuse)
    with Server() as server:
        assert send(server.url) == Reply(Sent.NO, 1, trouble=Message("net.connect"))
    assert server.requests == []


# Connections


def test_a_later_exchange_of_a_connection_that_drips(tls: Path | None) -> None:
    with Server(Answer(), DRIPPING, Answer(), tls=tls) as server, client_of(server.url) as client:
        assert client.edit(EDIT).data is True
        assert client.edit(EDIT) == Reply(Sent.MAYBE, 1, trouble=LATE)
        assert client.edit(EDIT).data is True
        assert client.edit(EDIT).data is True
    assert [request.connection for request in server.requests] == [1, 1, 2, 2]


@pytest.mark.slow
def test_an_exchange_that_ends_in_time_leaves_its_connection_alone() -> None:
    """When it would have become overdue, the next one is under way; and later, nothing at all."""
    slow = Answer(drip=0.8 / len(CONFIRMED))
    with Server(slow, slow, Answer()) as server, client_of(server.url, timeout=0.7) as client:
        assert [client.edit(EDIT).data for _ in range(3)] == [True] * 3
        threading.Event().wait(1.6)
        assert client.edit(EDIT).data is True
    assert server.connections == 1


def test_what_one_exchange_came_to_is_not_told_of_the_next() -> None:
    with contextlib.ExitStack() as stack:
        with Server() as server:
            client = stack.enter_context(client_of(server.url))
            assert client.edit(EDIT).data is True
        assert client.edit(EDIT) == Reply(Sent.NO, 1, trouble=Message("net.refused"))


@pytest.mark.parametrize(
    "answer",
    [HEAD + b"Connection: close\r\n\r\n" + CONFIRMED, b"garbage\r\n\r\n", b"HTTP/1.1 200 OK\r\n"],
    ids=["close", "garbage", "silence"],
)
def test_a_connection_that_is_used_up_is_closed_at_once(answer: bytes) -> None:
    closed = threading.Event()

    def talk(sock: socket.socket, over: threading.Event) -> None:
        take_request(sock)
        sock.sendall(answer)
        if sock.recv(1) == b"":
            closed.set()

    with peer(talk) as url, client_of(url) as client:
        client.edit(EDIT)
        assert closed.wait(5)


def test_what_the_beginning_of_a_request_waits_for_does_not_count() -> None:
    def begins() -> float:
        threading.Event().wait(0.8)
        return 0.0

    with Server() as server, client_of(server.url, begins=begins) as client:
        assert client.edit(EDIT).data is True


# The thread


def test_one_thread_looks_after_all_senders_and_ends_with_the_client() -> None:
    before = threading.active_count()
    together = threading.Barrier(4)
    replies: list[Reply] = []

    def sender(client: Client) -> None:
        together.wait()
        replies.append(client.edit(EDIT))

    with Server(DRIPPING) as server, client_of(server.url) as client:
        threads = [threading.Thread(target=sender, args=(client,)) for _ in range(3)]
        for thread in threads:
            thread.start()
        together.wait()
        for thread in threads:
            thread.join()
        assert [thread.name for thread in threading.enumerate()].count("deadlines") == 1
    assert replies == [Reply(Sent.MAYBE, 1, trouble=LATE)] * 3
    assert threading.active_count() == before


def test_a_client_that_never_connects_has_no_thread() -> None:
    with client_of(f"http://127.0.0.1:{closed_port()}") as client:
        client.edit(EDIT)
        assert "deadlines" not in [thread.name for thread in threading.enumerate()]


def test_a_thread_that_sleeps_is_woken_by_what_is_due_before() -> None:
    class Told(Exchange):
        def __init__(self, watch: Watch) -> None:
            super().__init__(watch)
            self.told = threading.Event()

        def cut(self) -> None:
            super().cut()
            self.told.set()

    watch = Watch(1000, time.monotonic)
    with contextlib.closing(watch):
        for seconds in (0.0, 0.01):  # when the first one is cut, the thread is to look again after 1000 s
            exchange = Told(watch)
            watch.begin(exchange, seconds)
            assert exchange.told.wait(10)
            assert exchange.overdue
