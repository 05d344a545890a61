"""Bytes that nobody asked for: no answer is taken for that to another request, whatever a server or a proxy sends and when."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from support.servers import CONFIRMED, Answer, Server, certificate

from batch_editor.crm.client import Client, fetch_token
from batch_editor.crm.secrets import Secrets
from batch_editor.crm.tokens import Grant, Tokens
from batch_editor.crm.verdicts import Verdict, edit_verdict, maybe_applied
from batch_editor.model import Edit, Message, Reply, Sent
from batch_editor.settings.sections import Api

UNASKED = Message("net.unasked")
REFUSED = json.dumps({"code": 90007, "msg": "no", "data": None}).encode()


def edit(number: int) -> Edit:
    return Edit(number, number, json.dumps({"clue_id": number, "remark": "x", "update_specified_fields": ["remark"]}))


def whole(body: bytes = CONFIRMED) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


def chunked(body: bytes = CONFIRMED, trailers: bytes = b"") -> bytes:
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n%s\r\n" % (len(body), body, trailers)


@pytest.fixture(params=["plain", "tls"])
def tls(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path | None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate(tmp_path)))
    return tmp_path if request.param == "tls" else None


@pytest.fixture
def opened() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


class Giving(Server):
    """A server that sets ``has_given`` once an answer has gone out, with all that comes behind it."""

    def __init__(self, *answers: Answer, tls: Path | None = None) -> None:
        super().__init__(*answers, tls=tls)
        self.has_given = threading.Event()

    def give(self, sock: socket.socket, answer: Answer) -> bool:
        goes_on = super().give(sock, answer)
        self.has_given.set()
        return goes_on


def client_of(opened: ExitStack, server: Server) -> Client:
    opened.enter_context(server)
    return opened.enter_context(Client(server.url, Tokens(fixed="t"), Secrets(), timeout=5))


SURPLUS = {
    "a second answer": Answer(surplus=whole()),
    "a second answer in a write of its own": Answer(surplus=whole(), late=0.0),
    "half of a second answer": Answer(surplus=whole()[:20]),
    "one byte": Answer(surplus=b"x"),
    "a line end": Answer(surplus=b"\r\n"),
    "an answer to nothing": Answer(surplus=b"HTTP/1.1 100 Continue\r\n\r\n"),
    "a connection that ends with the answer": Answer(headers=[("Connection", "close")], surplus=whole(), close=True),
    "a body longer than it says": Answer(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n" + CONFIRMED.ljust(41)),
    "a body where there is none": Answer(raw=b"HTTP/1.1 204 No Content\r\n\r\n" + CONFIRMED),
    "behind the last chunk": Answer(raw=chunked() + b"x"),
    "two answers in chunks": Answer(raw=chunked() + chunked()),
    "behind trailers": Answer(raw=chunked(trailers=b"A: b\r\n") + whole()),
    "behind a refusal": Answer(status=401, surplus=whole()),
    "behind too many requests": Answer(status=429, surplus=whole()),
}


@pytest.mark.parametrize("answer", SURPLUS.values(), ids=SURPLUS)
def test_an_answer_with_something_behind_it_confirms_nothing(answer: Answer, tls: Path | None, opened: ExitStack) -> None:
    """It may be for another request, even its status may, and the edit may have been applied."""
    server = Giving(answer, Answer(body=REFUSED), tls=tls)
    client = client_of(opened, server)
    reply = client.edit(edit(1))
    assert server.has_given.wait(5)
    if answer.late is not None and reply.sent is Sent.YES:  # what came too late is seen before the next request
        assert reply.data is True
    else:
        assert reply == Reply(Sent.MAYBE, 1, trouble=UNASKED)
        assert edit_verdict(reply, Api()) is Verdict.AGAIN and maybe_applied(reply)
    assert client.edit(edit(2)).code == 90007
    assert [request.connection for request in server.requests] == [1, 2]


WHOLE = {
    "a length": Answer(),
    "no length": Answer(raw=b"HTTP/1.1 200 OK\r\n\r\n" + CONFIRMED),
    "chunks": Answer(raw=chunked()),
    "chunks and trailers": Answer(raw=chunked(trailers=b"A: b\r\nC: d\r\n")),
    "an interim answer": Answer(raw=b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" + whole()),
    "lines that end with \\n": Answer(raw=whole().replace(b"\r\n", b"\n")),
    "byte by byte": Answer(raw=whole(), drip=0.0),
    "byte by byte, in chunks": Answer(raw=chunked(), drip=0.0),
    "nothing": Answer(body=b""),
    "a connection that ends": Answer(headers=[("Connection", "close")], close=True),
    "a large one": Answer(body=CONFIRMED + b" " * 300_000),
}


@pytest.mark.parametrize("answer", WHOLE.values(), ids=WHOLE)
def test_an_answer_with_nothing_behind_it_is_one(answer: Answer, tls: Path | None, opened: ExitStack) -> None:
    client = client_of(opened, Server(answer, tls=tls))
    assert client.edit(edit(1)).sent is Sent.YES


def test_a_connection_without_surplus_is_kept(tls: Path | None, opened: ExitStack) -> None:
    server = Server(tls=tls)
    client = client_of(opened, server)
    assert all(client.edit(edit(number)).data is True for number in range(5))
    assert server.connections == 1


def test_what_arrives_while_nothing_is_asked_is_no_answer_to_the_next_request(tls: Path | None, opened: ExitStack) -> None:
    server = Giving(Answer(surplus=whole(), late=0.5), Answer(body=REFUSED), tls=tls)
    client = client_of(opened, server)
    assert client.edit(edit(1)).data is True
    assert server.has_given.wait(5)
    assert client.edit(edit(2)).code == 90007
    assert [request.connection for request in server.requests] == [1, 2]


def test_what_arrives_while_a_request_waits_for_its_permit_is_no_answer(opened: ExitStack) -> None:
    arrived, waits = threading.Event(), threading.Event()

    class Late(Server):
        def give(self, sock: socket.socket, answer: Answer) -> bool:
            goes_on = super().give(sock, Answer(body=answer.body))
            if answer.surplus and waits.wait(5):
                sock.sendall(answer.surplus)
            arrived.set()
            return goes_on

    def begins() -> None:
        if server.requests:
            waits.set()
            assert arrived.wait(5)

    server = Late(Answer(surplus=whole()), Answer(body=REFUSED))
    opened.enter_context(server)
    client = opened.enter_context(Client(server.url, Tokens(fixed="t"), Secrets(), timeout=5, begins=begins))
    assert client.edit(edit(1)).data is True
    assert client.edit(edit(2)).code == 90007
    assert [request.connection for request in server.requests] == [1, 2]


def test_an_answer_before_any_request_is_none(tls: Path | None, opened: ExitStack) -> None:
    def sent() -> None:
        begun.append(True)

    begun: list[bool] = []
    server = Server(tls=tls, greeting=whole())
    opened.enter_context(server)

    def begins() -> None:  # until the greeting has arrived, also where that over an earlier connection was seen before
        assert server.greeted.acquire(timeout=5)
        while server.greeted.acquire(timeout=0.2):
            pass

    client = opened.enter_context(Client(server.url, Tokens(fixed="t"), Secrets(), timeout=5, begins=begins, ends=sent))
    assert client.edit(edit(1)) == Reply(Sent.NO, 1, trouble=UNASKED)
    assert not server.requests and not begun


def test_a_read_and_a_token_are_looked_at_alike(opened: ExitStack) -> None:
    record = json.dumps({"code": 0, "data": {"clue_id": 1}}).encode()
    answers = [Answer(body=record, surplus=whole(record)) for _ in range(2)]
    server = Server(*answers)
    client = client_of(opened, server)
    assert client.info(1) == Reply(Sent.MAYBE, 1, trouble=UNASKED)
    assert client.pools(1) == Reply(Sent.MAYBE, 1, trouble=UNASKED)
    granted = json.dumps({"code": 0, "data": {"access_token": "new", "expires_in": 60}}).encode()
    with Server(Answer(body=granted, surplus=b"x"), Answer(body=granted)) as server:
        assert fetch_token(server.url, "app", "s", Secrets(), timeout=5) == Reply(Sent.MAYBE, trouble=UNASKED)
        assert fetch_token(server.url, "app", "s", Secrets(), timeout=5) == Grant("new", 60.0)


def test_no_row_takes_the_answer_of_the_one_before_it(tls: Path | None, opened: ExitStack) -> None:
    """Every second edit is refused; with answers that slip by one, the refused ones would be confirmed."""
    answers = [Answer(surplus=whole()), *(Answer(body=REFUSED if number % 2 else CONFIRMED) for number in range(1, 9))]
    client = client_of(opened, Server(*answers, tls=tls))
    assert client.edit(edit(1)).sent is Sent.MAYBE
    assert [client.edit(edit(number)).code for number in range(2, 10)] == [90007, 0] * 4
