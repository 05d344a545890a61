"""A connection on which no request begins does not stay."""

from __future__ import annotations

import socket
from collections.abc import Iterator
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
