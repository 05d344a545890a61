"""A connection on which no request begins does not stay."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from support.pages import PageServer, site_with

from batch_editor.settings.settings import Settings
from batch_editor.web import protocol

HEAD = b"GET /history HTTP/1.1\r\nHost: %s\r\n"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, int]]:
    monkeypatch.setattr(protocol, "HEAD_WITHIN", 0.05)
    with PageServer(site_with(Settings(state_dir=tmp_path / "state"))) as server:
        host, port = server.url.removeprefix("http://").split(":")
        yield host, int(port)


@pytest.mark.parametrize("begin", [b"", b"G", HEAD % b"x" + b"X-Slow: ", b"POST / HTTP/1.1\r\n"])
def test_whoever_does_not_end_the_head_of_a_request_is_left(begin: bytes, place: tuple[str, int]) -> None:
    with socket.create_connection(place, timeout=20) as connection:
        connection.sendall(begin)
        assert connection.recv(100) == b""


def test_nor_that_of_a_second_one(place: tuple[str, int]) -> None:
    with socket.create_connection(place, timeout=20) as connection:
        head = HEAD % f"{place[0]}:{place[1]}".encode()
        connection.sendall(head + b"\r\n")
        answer = connection.recv(65536)
        assert answer.startswith(b"HTTP/1.1 200")
        connection.sendall(b"GET / HTT")
        while part := connection.recv(65536):
            answer += part
        assert answer.count(b"HTTP/1.1") == 1


def test_a_request_that_is_whole_is_answered_however_long_its_body_takes(place: tuple[str, int]) -> None:
    with socket.create_connection(place, timeout=20) as connection:
        kind = b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 2\r\nConnection: close\r\n\r\n"
        connection.sendall(b"POST /lang HTTP/1.1\r\nHost: %s\r\n" % f"{place[0]}:{place[1]}".encode() + kind + b"a")
        connection.settimeout(0.2)  # longer than a head may take
        with pytest.raises(TimeoutError):
            connection.recv(100)
        connection.settimeout(20)
        connection.sendall(b"=")
        assert connection.recv(100).startswith(b"HTTP/1.1 403")


def answers(place: tuple[str, int]) -> bool:
    """Whether a new connection is answered."""
    with socket.create_connection(place, timeout=20) as connection:
        connection.sendall(HEAD % f"{place[0]}:{place[1]}".encode() + b"Connection: close\r\n\r\n")
        with suppress(ConnectionError):
            return connection.recv(100).startswith(b"HTTP/1.1 200")
    return False


@pytest.mark.parametrize("bound", ["MOST", "MOST_OF_ADDRESS"])
def test_there_are_only_so_many_connections_and_an_address_has_its_share(
    bound: str, place: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "HEAD_WITHIN", 60.0)
    monkeypatch.setattr(protocol, bound, 3)
    with ExitStack() as opened:
        for _ in range(3):
            opened.enter_context(socket.create_connection(place, timeout=20))
        # an address of this machine may be that of a proxy, behind which there are many people
        assert answers(place) is (bound == "MOST_OF_ADDRESS")
        monkeypatch.setattr(protocol, "_is_of_this_machine", lambda address: False)
        assert not answers(place)
    while not answers(place):  # until it has noticed that the three have gone
        time.sleep(0.01)
