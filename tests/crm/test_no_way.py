"""What no attempt can get through: a certificate that is refused, and a proxy that wants a login."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path

import pytest
from support import jobs
from support.commands import Commands
from support.servers import Answer, Server, certificate

from batch_editor.crm.client import Client
from batch_editor.crm.secrets import Secrets
from batch_editor.crm.tokens import Tokens
from batch_editor.crm.trust import connect_trouble
from batch_editor.model import Edit, Reply, Sent

EDIT = Edit(2, 5, '{"clue_id":5,"remark":"x","update_specified_fields":["remark"]}')


def send(url: str) -> Reply:
    with Client(url, Tokens(fixed="t"), Secrets(), timeout=5) as client:
        return client.edit(EDIT)


@pytest.mark.parametrize(
    ("code", "key"),
    [
        *((code, "net.certificate") for code in (18, 19, 20, 21)),
        *((code, "net.certificate_expired") for code in (9, 10)),
        *((code, "net.certificate_name") for code in (62, 64)),
    ],
)
def test_what_is_wrong_with_a_certificate_is_said(code: int, key: str) -> None:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code = code
    assert connect_trouble(error) == key


def test_a_certificate_for_another_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate(tmp_path)))
    monkeypatch.setenv("NO_PROXY", "*")
    with Server(tls=tmp_path) as server:
        port = int(server.url.rpartition(":")[2])
        there = [(socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", port))]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: there)
        reply = send(f"https://crm.invalid:{port}")
    assert (reply.sent, reply.trouble and reply.trouble.key) == (Sent.NO, "net.certificate_name")


@pytest.mark.parametrize("by_app", [False, True], ids=["edit", "token"])
def test_a_refused_certificate_stops_the_run_at_once(tmp_path: Path, by_app: bool) -> None:
    jobs.sheet(tmp_path, range(11, 16))
    with Server(tls=tmp_path) as server:
        command = Commands(tmp_path, server.url, retry={"attempts": 5})
        env = {"WSHOTO_ACCESS_TOKEN": "", "WSHOTO_APP_ID": "app", "WSHOTO_APP_SECRET": "secret"} if by_app else {}
        done = command("run", "edits.csv", "--concurrency", "1", **env)
        assert server.connections == 1
    assert done.code == 3 and "certificate" in done.err and "SSL_CERT_FILE" in done.err
    assert jobs.statuses(tmp_path / "edits.results.xlsx") == ["not_sent"] * 5


def test_a_proxy_that_wants_a_login_is_called_that(tmp_path: Path) -> None:
    jobs.sheet(tmp_path, range(11, 16))
    asks = Answer(status=407, headers=[("Proxy-Authenticate", "Basic realm=x"), ("Connection", "close")], close=True)
    with Server(asks) as proxy:
        command = Commands(tmp_path, "https://crm.invalid", retry={"attempts": 5})
        done = command("run", "edits.csv", "--concurrency", "1", HTTPS_PROXY=proxy.url)
        assert len(proxy.requests) == 1
    assert done.code == 3 and "407" in done.err and "proxy" in done.err
    assert jobs.statuses(tmp_path / "edits.results.xlsx") == ["not_sent"] * 5


def test_no_key_of_a_connection_is_written_for_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has the keys of a recorded connection reads the access token in it."""
    keys = tmp_path / "keys.log"
    monkeypatch.setenv("SSLKEYLOGFILE", str(keys))
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate(tmp_path)))
    with Server(tls=tmp_path) as server:
        assert send(server.url).data is True
    assert not keys.exists()
