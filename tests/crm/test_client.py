"""One edit over real HTTP on loopback: what goes out, and what is told of everything that may come back."""

from __future__ import annotations

import gzip
import inspect
import json
import re
import socket
import threading
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from types import ModuleType
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.servers import CONFIRMED, Answer, Server, certificate, closed_port

from batch_editor.crm import client as module
from batch_editor.crm import replies
from batch_editor.crm import tokens as tokens_module
from batch_editor.crm.client import Client, fetch_token
from batch_editor.crm.replies import LONGEST_BODY, LONGEST_CODE, LONGEST_MSG
from batch_editor.crm.secrets import Secrets
from batch_editor.crm.tokens import Grant, Tokens
from batch_editor.errors import Halted, SettingsError, TokenRefused
from batch_editor.messages import say
from batch_editor.model import Edit, Message, Reply, Sent

TOKEN = "S3CR%T/+tok=en&x"
EDIT = Edit(
    2, 1591005521987920962, '{"clue_id":1591005521987920962,"clue_name":"线索","update_specified_fields":["clue_name"]}'
)
NOW = 1_700_000_000.0  # Tue, 14 Nov 2023 22:13:20 GMT


def send(url: str, *, timeout: float = 5.0) -> Reply:
    """One edit to ``url``."""
    with Client(url, Tokens(fixed=TOKEN), Secrets(), timeout=timeout, wall_clock=lambda: NOW) as client:
        return client.edit(EDIT)


def reply_to(answer: Answer, *, timeout: float = 5.0) -> Reply:
    """What is told when the server gives ``answer``."""
    with Server(answer) as server:
        return send(server.url, timeout=timeout)


def with_json(content: object, **other: object) -> Answer:
    return Answer(body=json.dumps(content).encode(), **other)  # type: ignore[arg-type]


def trouble(reply: Reply) -> str | None:
    return reply.trouble.key if reply.trouble else None


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


# What goes out


def test_an_edit_is_one_post_of_exactly_its_bytes() -> None:
    with Server() as server:
        send(server.url)
    (request,) = server.requests
    assert request.method == "POST"
    parts = urlsplit(request.target)
    assert parts.path == "/openapi/crm/clue/edit"
    assert parse_qs(parts.query, strict_parsing=True) == {"access_token": [TOKEN]}
    assert request.body == EDIT.body.encode("utf-8")
    assert request.headers["content-type"] == "application/json; charset=utf-8"
    assert request.headers["user-agent"].startswith("batch_editor/")
    assert request.headers["host"] == server.url.removeprefix("http://")
    assert not {"authorization", "cookie", "transfer-encoding"} & set(request.headers)


def test_the_beginning_and_the_end_of_every_request_are_told() -> None:
    events: list[tuple[str, int]] = []

    def note(what: str) -> None:
        events.append((what, len(server.requests)))

    with Server() as server:
        note_begin, note_end = partial(note, "begins"), partial(note, "ends")
        tokens = Tokens(fixed=TOKEN)
        with Client(server.url, tokens, Secrets(), timeout=5, begins=note_begin, ends=note_end) as client:
            client.edit(EDIT)
            client.edit(EDIT)
        fetch_token(server.url, "app", "secret", Secrets(), timeout=5, begins=note_begin, ends=note_end)
    assert [what for what, _ in events] == ["begins", "ends"] * 3
    assert [arrived for what, arrived in events if what == "begins"] == [0, 1, 2]


def test_a_request_that_is_called_off_when_it_begins_is_not_sent() -> None:
    def begins() -> None:
        raise Halted("halt.asked")

    with Server() as server, Client(server.url, Tokens(fixed=TOKEN), Secrets(), timeout=5, begins=begins) as client:
        with pytest.raises(Halted):
            client.edit(EDIT)
        assert server.requests == []


def test_nothing_begins_without_a_connection() -> None:
    begun: list[bool] = []
    url = f"http://127.0.0.1:{closed_port()}"
    with Client(url, Tokens(fixed=TOKEN), Secrets(), timeout=5, begins=lambda: begun.append(True)) as client:
        assert client.edit(EDIT).sent is Sent.NO
    assert begun == []


@pytest.mark.parametrize("token", [TOKEN, "plain", "a b+c", "%41%2f", "令牌", "\udcff", "?#/&="])
def test_a_token_arrives_as_it_is(token: str) -> None:
    with Server() as server, Client(server.url, Tokens(fixed=token), Secrets(), timeout=5) as client:
        client.edit(EDIT)
    query = parse_qs(urlsplit(server.requests[0].target).query, strict_parsing=True)
    assert query == {"access_token": [token.encode("utf-8", "replace").decode()]}


def test_a_base_url_may_have_a_path_and_a_slash() -> None:
    with Server() as server:
        send(f"{server.url}/gateway/")
    assert server.requests[0].target.startswith("/gateway/openapi/crm/clue/edit?access_token=")


def test_a_renewed_token_is_used_from_the_next_edit_on() -> None:
    grants = iter([Grant("first", 7200), Grant("second", 7200)])
    tokens = Tokens(fetch=lambda: next(grants))
    with Server() as server, Client(server.url, tokens, Secrets(), timeout=5) as client:
        assert client.edit(EDIT).token == 1
        tokens.renew(1)
        assert client.edit(EDIT).token == 2
    assert [request.target.rpartition("=")[2] for request in server.requests] == ["first", "second"]


def test_a_token_that_cannot_be_had_is_told_as_such() -> None:
    def refuse() -> Grant:
        raise TokenRefused("token.new_refused")

    with Server() as server, Client(server.url, Tokens(fetch=refuse), Secrets(), timeout=5) as client:
        with pytest.raises(TokenRefused):
            client.edit(EDIT)
        assert not server.requests


def test_no_cookie_is_kept_and_netrc_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password mine\n", encoding="ascii")
    monkeypatch.setenv("NETRC", str(netrc))
    with (
        Server(Answer(headers=[("Set-Cookie", "a=b")])) as server,
        Client(server.url, Tokens(fixed=TOKEN), Secrets(), timeout=5) as client,
    ):
        client.edit(EDIT)
        client.edit(EDIT)
    assert not {"authorization", "cookie"} & set(server.requests[1].headers)


# Connections


def test_each_sender_keeps_one_connection() -> None:
    everybody = threading.Barrier(3)

    def sender(client: Client) -> None:
        for _ in range(5):
            everybody.wait()
            client.edit(EDIT)

    with (
        Server() as server,
        Client(server.url, Tokens(fixed=TOKEN), Secrets(), timeout=5) as client,
        ThreadPoolExecutor(3) as pool,
    ):
        for done in [pool.submit(sender, client) for _ in range(3)]:
            done.result()
    assert len(server.requests) == 15
    assert server.connections == 3


@pytest.mark.parametrize(
    "first",
    [Answer(headers=[("Connection", "close")], close=True), Answer(cut=5), Answer(raw=b""), Answer(status=500)],
)
def test_after_a_connection_is_gone_the_next_edit_makes_a_new_one(first: Answer) -> None:
    with Server(first, Answer()) as server, Client(server.url, Tokens(fixed=TOKEN), Secrets(), timeout=5) as client:
        client.edit(EDIT)
        assert client.edit(EDIT).data is True
    assert len(server.requests) == 2


def test_loopback_is_reached_directly_whatever_proxy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{closed_port()}")
    assert reply_to(Answer()).data is True


def test_the_way_to_other_hosts_leads_through_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    with Server(Answer(status=407, headers=[("Connection", "close")], close=True)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url.removeprefix("http://"))
        reply = send("https://crm.invalid")
    assert (reply.sent, trouble(reply)) == (Sent.NO, "net.proxy_login")
    assert [(request.method, request.target) for request in proxy.requests] == [("CONNECT", "crm.invalid:443")]


def test_no_proxy_is_obeyed(monkeypatch: pytest.MonkeyPatch) -> None:
    with Server() as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        monkeypatch.setenv("NO_PROXY", ".invalid")
        reply = send("https://crm.invalid")
    assert (reply.sent, trouble(reply)) == (Sent.NO, "net.name")
    assert not proxy.requests


@pytest.mark.parametrize("proxy", ["socks5://u:S3CRET@127.0.0.1:1080", "ftp://S3CRET@x", "http://x:S3CRET"])
def test_a_proxy_that_cannot_be_used_is_a_matter_of_settings(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with pytest.raises(SettingsError) as caught:
        send("https://crm.invalid")
    assert caught.value.message.key == "net.proxy_unusable"
    assert caught.value.__context__ is None


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_certificates_that_cannot_be_read_are_a_matter_of_settings(
    content: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "trusted.pem"
    if content is not None:
        path.write_text(content, encoding="ascii")
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    with pytest.raises(SettingsError) as caught:
        send("https://crm.invalid")
    assert caught.value.message.key == "net.certificates_unusable"


def test_https_with_a_trusted_certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate(tmp_path)))
    with Server(tls=tmp_path) as server:
        assert send(server.url).data is True


@pytest.mark.parametrize("address", ["", "crm.invalid", "ftp://x", "https://", "https://[::1", "https://xn--"])
def test_an_address_that_is_none_is_a_matter_of_settings(address: str) -> None:
    with pytest.raises(SettingsError) as caught:
        send(address)
    assert caught.value.message.key == "net.address_unusable"


# Never sent


def test_nobody_listens() -> None:
    reply = send(f"http://127.0.0.1:{closed_port()}")
    assert (reply.sent, reply.status, trouble(reply)) == (Sent.NO, None, "net.refused")


@pytest.mark.parametrize("host", ["crm.invalid", "a..b", "x" * 70])
def test_no_such_name(host: str) -> None:
    reply = send(f"https://{host}")
    assert (reply.sent, trouble(reply)) == (Sent.NO, "net.name")


def test_a_certificate_that_is_not_trusted(tmp_path: Path) -> None:
    with Server(tls=tmp_path) as server:
        reply = send(server.url)
    assert (reply.sent, trouble(reply)) == (Sent.NO, "net.certificate")
    assert not server.requests


def test_a_server_that_does_not_speak_tls() -> None:
    with Server(Answer(raw=b"HTTP/1.1 400 Bad Request\r\n\r\n")) as server:
        reply = send(server.url.replace("http:", "https:"))
    assert (reply.sent, trouble(reply)) == (Sent.NO, "net.tls")


def test_a_handshake_that_takes_too_long() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        reply = send(f"https://127.0.0.1:{silent.getsockname()[1]}", timeout=0.2)
    assert (reply.sent, trouble(reply)) == (Sent.NO, "net.connect_timeout")


# Maybe applied


def test_no_answer_in_time() -> None:
    reply = reply_to(Answer(silent=True), timeout=0.2)
    assert (reply.sent, reply.status, trouble(reply)) == (Sent.MAYBE, None, "net.timeout")
    assert reply.trouble == Message("net.timeout", {"seconds": "0.2"})


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"HTTP/1.1 200",
        b"HTTP/1.1 200 OK\r\nContent-Length: 3",
        b"garbage\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nbad\r\n\r\n",
    ],
)
def test_a_connection_that_is_lost_before_the_answer(raw: bytes) -> None:
    reply = reply_to(Answer(raw=raw))
    assert (reply.sent, reply.status, trouble(reply)) == (Sent.MAYBE, None, "net.lost")


@pytest.mark.parametrize("cut", [0, 10, len(CONFIRMED) - 1])
def test_a_body_that_breaks_off_is_no_answer_though_its_status_is_told(cut: int) -> None:
    reply = reply_to(Answer(cut=cut, headers=[("Retry-After", "7")]))
    assert reply == Reply(Sent.MAYBE, 1, 200, retry_after=7.0, trouble=Message("net.cut"))


def test_a_chunked_body_that_breaks_off() -> None:
    raw = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n" % (len(CONFIRMED), CONFIRMED)
    reply = reply_to(Answer(raw=raw))
    assert (reply.sent, reply.status, reply.code, trouble(reply)) == (Sent.MAYBE, 200, None, "net.cut")


def test_a_body_that_stalls() -> None:
    reply = reply_to(Answer(cut=10, silent=True), timeout=0.2)
    assert (reply.sent, reply.status, trouble(reply)) == (Sent.MAYBE, 200, "net.timeout")


# Answers


def test_a_confirmed_edit() -> None:
    assert reply_to(Answer()) == Reply(Sent.YES, 1, 200, 0, "请求成功", data=True)


@pytest.mark.parametrize("status", [200, 201, 400, 401, 403, 404, 408, 429, 500, 502, 503])
def test_status_and_envelope_are_told_whatever_they_are(status: int) -> None:
    reply = reply_to(with_json({"code": 10001, "msg": "无效", "data": None}, status=status))
    assert reply == Reply(Sent.YES, 1, status, 10001, "无效")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_told_and_not_followed(status: int) -> None:
    with Server() as elsewhere:
        reply = reply_to(Answer(status=status, headers=[("Location", elsewhere.url)], body=b""))
    assert (reply.sent, reply.status, reply.code) == (Sent.YES, status, None)
    assert not elsewhere.requests


@pytest.mark.parametrize("code", [0, "0", 10001, "A-1", -5, 2**63])
def test_a_code_is_a_number_or_a_text(code: int | str) -> None:
    reply = reply_to(with_json({"code": code}))
    assert reply.code == code
    assert type(reply.code) is type(code)
    assert reply.trouble is None


@pytest.mark.parametrize("content", [{}, {"code": None}, {"code": True}, {"code": False}, {"code": 0.0}, {"code": [0]}])
def test_anything_else_is_no_code(content: object) -> None:
    reply = reply_to(with_json(content))
    assert (reply.sent, reply.code, trouble(reply)) == (Sent.YES, None, "reply.no_code")


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"<html>busy</html>", b'{"code":0', b"[1]", b"0", b"null", b'"text"', b"\xff\xfe\x00", b"\x00" * 9),
        *(b"[" * 200_000, b'{"a":' * 200_000, b'{"code":' + b"9" * 5000 + b"}"),
    ],
    ids=lambda body: body[:12],
)
def test_a_body_without_a_json_object(body: bytes) -> None:
    reply = reply_to(Answer(body=body, status=502))
    assert reply == Reply(Sent.YES, 1, 502, trouble=Message("reply.not_json"))


@pytest.mark.parametrize(
    ("msg", "text"),
    [
        ("请求成功", "请求成功"),
        (None, ""),
        (5, "5"),
        ({"a": ["中"]}, '{"a": ["中"]}'),
        ("\ud800x", "?x"),
        (True, "true"),
    ],
)
def test_msg_is_always_text_that_can_be_written(msg: object, text: str) -> None:
    assert reply_to(with_json({"code": 1, "msg": msg})).msg == text


def test_msg_and_code_are_cut() -> None:
    reply = reply_to(with_json({"code": "9" * 5000, "msg": "长" * 5000}))
    assert reply.msg == "长" * LONGEST_MSG
    assert reply.code == "9" * LONGEST_CODE


@pytest.mark.parametrize("data", [True, False, None, 1, 0, 1.5])
def test_data_is_told_exactly(data: object) -> None:
    reply = reply_to(with_json({"code": 0, "data": data}))
    assert reply.data == data
    assert type(reply.data) is type(data)


def test_nan_and_a_byte_order_mark_and_a_broken_character_do_no_harm() -> None:
    reply = reply_to(Answer(body=b'\xef\xbb\xbf{"code":0,"x":NaN,"msg":"a\xffb","data":true}'))
    assert (reply.code, reply.msg, reply.data) == (0, "a\ufffdb", True)


@pytest.mark.parametrize(("encoding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress), (" GZIP", gzip.compress)])
def test_a_packed_body_is_unpacked_though_nobody_asked_for_it(encoding: str, pack: Callable[[bytes], bytes]) -> None:
    reply = reply_to(Answer(headers=[("Content-Encoding", encoding)], body=pack(CONFIRMED)))
    assert (reply.code, reply.data) == (0, True)


@pytest.mark.parametrize("encoding", ["gzip", "br", "nonsense"])
def test_a_body_that_cannot_be_unpacked_is_an_answer_without_json(encoding: str) -> None:
    reply = reply_to(Answer(headers=[("Content-Encoding", encoding)], body=b"\x01\x02 no such thing"))
    assert (reply.sent, reply.status, trouble(reply)) == (Sent.YES, 200, "reply.not_json")


def test_a_body_that_is_too_long_is_not_read_to_its_end() -> None:
    reply = reply_to(Answer(body=b" " * (LONGEST_BODY + 1) + CONFIRMED))
    assert reply == Reply(Sent.YES, 1, 200, trouble=Message("reply.too_long"))


def test_a_small_body_that_unpacks_to_a_huge_one() -> None:
    bomb = gzip.compress(CONFIRMED + b" " * (64 << 20))
    assert len(bomb) < LONGEST_BODY
    reply = reply_to(Answer(headers=[("Content-Encoding", "gzip")], body=bomb))
    assert reply == Reply(Sent.YES, 1, 200, trouble=Message("reply.too_long"))
    assert len(replies.decompressed(bomb, httpx.Headers({"Content-Encoding": "gzip"}))) == LONGEST_BODY + 1


@pytest.mark.parametrize(
    ("after", "date", "seconds"),
    [
        ("0", None, 0.0),
        ("120", None, 120.0),
        ("1.5", None, 1.5),
        (" 7 ", None, 7.0),
        ("Tue, 14 Nov 2023 22:13:50 GMT", None, 30.0),
        ("Tue, 14 Nov 2023 22:13:50 GMT", "Tue, 14 Nov 2023 22:13:40 GMT", 10.0),
        ("Tue, 14 Nov 2023 22:13:50 GMT", "no date", 30.0),
        ("Tue, 14 Nov 2023 22:13:50 -0000", None, 30.0),
        ("Wed, 15 Nov 2023 06:13:50 +0800", None, 30.0),
        ("Tuesday, 14-Nov-23 22:13:50 GMT", None, 30.0),
        ("Tue Nov 14 22:13:50 2023", None, 30.0),
        ("Sat, 01 Jan 2000 00:00:00 GMT", None, 0.0),
        *((nonsense, None, None) for nonsense in ("", "-5", "soon", "1e3", "5, 10", "inf", "nan", "٥", "9" * 400)),
        ("Wed, 99 Nov 99999999999999999999 22:13:50 GMT", None, None),
    ],
)
def test_retry_after(after: str, date: str | None, seconds: float | None) -> None:
    headers = [("Retry-After", after)] + ([("Date", date)] if date else [])
    assert reply_to(Answer(status=429, headers=headers)).retry_after == seconds


@given(
    st.text(max_size=40) | st.from_regex(r"[A-Z][a-z]{2}, [0-9]{1,12} [A-Z][a-z]{2} [0-9]{1,25} [0-9:]{1,9} [-+A-Z0-9]{0,9}")
)
def test_no_header_is_more_than_nonsense(text: str) -> None:
    seconds = replies._http_date(text)
    assert seconds is None or isinstance(seconds, float)


# Tokens


GRANTED = {"code": 0, "msg": "ok", "data": {"access_token": TOKEN, "expires_in": 7200, "create_at": 1654841208}}


def granted(**changes: object) -> dict[str, object]:
    return {**GRANTED, "data": {"access_token": TOKEN, "expires_in": 7200, "create_at": 1, **changes}}


def fetch(answer: Answer, secrets: Secrets | None = None) -> Grant | Reply:
    with Server(answer) as server:
        return fetch_token(server.url, "app", "s/cret+", secrets or Secrets(), timeout=5)


def test_a_token_is_asked_for_as_the_platform_says() -> None:
    secrets = Secrets()
    with Server(with_json(GRANTED)) as server:
        grant = fetch_token(server.url, "app 1", "s/cret+", secrets, timeout=5)
    assert grant == Grant(TOKEN, 7200.0)
    (request,) = server.requests
    assert (request.method, request.body) == ("GET", b"")
    parts = urlsplit(request.target)
    assert parts.path == "/openapi/access_token"
    assert parse_qs(parts.query, strict_parsing=True) == {"appid": ["app 1"], "app_secret": ["s/cret+"]}
    assert secrets.remove_from(f"{TOKEN} s%2Fcret%2B") == "*** ***"


def test_its_code_may_be_a_text() -> None:
    assert fetch(with_json({**GRANTED, "code": "0"})) == Grant(TOKEN, 7200.0)


@pytest.mark.parametrize(
    ("expires_in", "seconds"),
    [
        *((60, 60.0), (1.5, 1.5), ("3600", 3600.0)),
        *((life, 7200.0) for life in (None, 0, -1, "soon", "", True, [1], float("nan"), float("inf"), 10**400)),
    ],
)
def test_a_life_that_makes_no_sense_is_the_usual_one(expires_in: object, seconds: float) -> None:
    assert fetch(with_json(granted(expires_in=expires_in))) == Grant(TOKEN, seconds)


def test_a_token_has_at_most_512_bytes() -> None:
    assert fetch(with_json(granted(access_token="x" * 512))) == Grant("x" * 512, 7200.0)
    assert isinstance(fetch(with_json(granted(access_token="令" * 171))), Reply)


@pytest.mark.parametrize(
    "content",
    [
        *(granted(access_token=value) for value in ("", None, 5, "a b", "a\nb", "\ud800", ["x"], "x" * 513)),
        *({"code": 0, "data": data} for data in (None, True, "token", [1], {"token": TOKEN})),
        {"code": 0},
    ],
    ids=str,
)
def test_an_answer_without_a_usable_token_says_so(content: object) -> None:
    reply = fetch(with_json(content))
    assert isinstance(reply, Reply)
    assert (reply.sent, reply.code, reply.data, trouble(reply)) == (Sent.YES, 0, None, "reply.no_token")


def test_what_came_back_instead_of_a_token_is_told() -> None:
    assert fetch(with_json({"code": 40001, "msg": "bad secret s%2Fcret%2B"})) == Reply(
        Sent.YES, 0, 200, 40001, "bad secret ***"
    )
    assert fetch(with_json(GRANTED, status=500)) == Reply(Sent.YES, 0, 500, 0, "ok", trouble=Message("reply.no_token"))
    assert fetch(Answer(status=502, body=b"busy")) == Reply(Sent.YES, 0, 502, trouble=Message("reply.not_json"))
    assert fetch(Answer(raw=b"")) == Reply(Sent.MAYBE, trouble=Message("net.lost"))


def test_asking_nobody_is_told() -> None:
    reply = fetch_token(f"http://127.0.0.1:{closed_port()}", "app", "s", Secrets(), timeout=5)
    assert reply == Reply(Sent.NO, trouble=Message("net.refused"))


@pytest.mark.parametrize("source", [module, replies, tokens_module], ids=lambda source: source.__name__)
def test_every_trouble_can_be_said_in_both_languages(source: ModuleType) -> None:
    keys = re.findall(r'"((?:net|reply|token)\.\w+)"', inspect.getsource(source))
    assert keys
    for key in keys:
        message = Message(key, {"seconds": "5", "address": "nothing"})
        assert say(message, "en").isascii()
        assert not say(message, "zh").isascii()
