"""A bare connection, step by step: how long a step may take, whoever does not answer, and what is said of a certificate."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from support import certificates
from support.servers import Answer, Server, certificate

from batch_editor.crm import reach as module
from batch_editor.crm.reach import Certificate, Step, Unreached, proxy_on_the_way, reach

#: Seconds that a step may take here.
SHORT = 0.2


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def black_hole() -> Iterator[int]:
    """A port at which nobody ever takes a connection: its queue is full."""
    with ExitStack() as opened:
        listening = opened.enter_context(socket.socket())
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        for _ in range(4):
            waiting = opened.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listening.getsockname())
        yield listening.getsockname()[1]


def unreached(url: str, seconds: float = SHORT) -> Unreached:
    with pytest.raises(Unreached) as caught:
        reach(url, seconds=seconds)
    return caught.value


def test_an_address_that_swallows_everything_is_given_up_in_time(black_hole: int) -> None:
    error = unreached(f"http://127.0.0.1:{black_hole}")
    assert (error.step, error.kind) == (Step.ADDRESS, "no_time")


def test_a_name_server_that_does_not_answer_is_given_up_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, over = threading.Event(), threading.Event()

    def hang(*_: object, **__: object) -> list[object]:
        asked.set()
        over.wait(10)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    try:
        error = unreached("https://crm.invalid")
    finally:
        over.set()
    assert asked.is_set() and (error.step, error.kind) == (Step.ADDRESS, "name_slow")


def test_a_server_that_never_shakes_hands_is_given_up_in_time() -> None:
    with Server(Answer(silent=True)) as server:
        error = unreached(server.url.replace("http:", "https:"))
    assert (error.step, error.kind) == (Step.CERTIFICATE, "tls")


def test_a_proxy_that_drips_is_given_up_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A timeout of its own begins anew with every byte."""
    with Server(Answer(raw=b"HTTP/1.1 200 " + b"x" * 600, drip=SHORT / 4)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        error = unreached("https://crm.invalid")
    assert (error.step, error.kind) == (Step.PROXY, "silent")


def test_a_server_that_does_not_say_what_time_it_is() -> None:
    with Server(Answer(silent=True)) as server, reach(server.url, seconds=SHORT) as reached:
        assert reached.ahead() is None


@pytest.mark.parametrize("date", ["yesterday", "", "Mon, 99 Foo 2020 00:00:00 GMT"])
def test_a_date_that_is_none(date: str) -> None:
    with Server(Answer(headers=[("Date", date)])) as server, reach(server.url, seconds=2) as reached:
        assert reached.ahead() is None


def test_what_stands_in_a_certificate_that_nobody_trusts(tmp_path: Path) -> None:
    with Server(tls=tmp_path, chain=certificates.KEY + certificates.EXPIRED) as server:
        error = unreached(server.url, 5)
    found = error.values["certificate"]
    assert found == Certificate("Acme Web Gateway (Acme Ltd)", "loopback", 1609459200.0)


def test_a_way_through_a_proxy_to_a_certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The proxy is the server itself here: it says yes, and then shakes hands."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate(tmp_path)))
    monkeypatch.setattr(module, "proxy_for", lambda scheme, host: f"http://name:pa55word@127.0.0.1:{port}")
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    heads = list[bytes]()

    def tunnel() -> None:
        from support.servers import tls_context

        connection, _ = listening.accept()
        heads.append(connection.recv(65536))
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with tls_context(tmp_path).wrap_socket(connection, server_side=True) as encrypted, suppress(ConnectionResetError):
            encrypted.recv(1)

    thread = threading.Thread(target=tunnel)
    thread.start()
    with listening, reach("https://localhost", seconds=5) as reached:
        assert reached.certificate == Certificate("loopback", "loopback", reached.certificate and reached.certificate.ends)
        assert reached.proxy is not None and "pa55word" not in repr(reached)
    thread.join()
    assert (
        heads[0].startswith(b"CONNECT localhost:443 HTTP/1.1\r\n")
        and b"Proxy-Authorization: Basic bmFtZTpwYTU1d29yZA==" in heads[0]
    )


def test_the_password_of_a_proxy_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "name:pa55word@proxy.example.com:3128")
    proxy = proxy_on_the_way("https://crm.invalid")
    assert proxy is not None and proxy.shown == "http://***@proxy.example.com:3128"
