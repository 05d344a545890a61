"""Telling targets over a real server: who counts as told, who is tried again, and that no secret is shown."""

from __future__ import annotations

import errno
import json
import logging
import socket
from itertools import count
from pathlib import Path

import pytest
from support.certificates import AUTHORITY, EXPIRED, OF_ANOTHER_HOST
from support.certificates import KEY as CERTIFICATE_KEY
from support.mail_server import MailServer
from support.servers import Answer, Server, certificate, closed_port
from support.telling import KEY, TEXT, Waits, assert_nothing_goes_on, mail, robot, telling

from batch_editor.messages import say
from batch_editor.notify.telling import AGAIN, MOST
from batch_editor.notify.text import Text
from batch_editor.stop import Stop

TOLD = Answer(body=b'{"errcode":0,"errmsg":"ok"}')
TOO_MANY = Answer(body=f'{{"errcode":45009,"errmsg":"api freq out of limit, key={KEY}"}}'.encode())


def trouble(*answers: Answer, kind: str = "wecom") -> str:
    """What is said of a target whose server gives these answers, one after the other."""
    with Server(*answers) as server:
        reason = telling(robot(server, kind), timeout=0.3).tell_once(1, TEXT)
        text = say(reason, "en") if reason else ""
        assert KEY not in text
        return text


@pytest.mark.parametrize(("kind", "body"), [("wecom", TOLD.body), ("dingtalk", TOLD.body), ("feishu", b'{"code":0,"msg":""}')])
def test_a_robot_is_told_if_its_code_says_so(kind: str, body: bytes) -> None:
    waits = Waits()
    with Server(Answer(body=body)) as server:
        assert telling(robot(server, kind), waits=waits).tell(TEXT) == {1: None}
        (request,) = server.requests
    assert (request.method, request.target) == ("POST", f"/hook?key={KEY}")
    assert request.headers["content-type"] == "application/json; charset=utf-8"
    assert request.headers["content-length"] == str(len(request.body)) and json.loads(request.body)
    assert waits.waited == []


@pytest.mark.parametrize(
    ("answer", "kind", "said"),
    [
        (TOO_MANY, "wecom", "the robot refused it with 45009 (api freq out of limit, ***) - too many"),
        (Answer(body=b'{"errcode":310000,"errmsg":"keywords not in content"}'), "dingtalk", "the robot refused it with 310000"),
        (Answer(body=b'{"code":19021,"msg":"sign match fail"}'), "feishu", "the robot refused it with 19021 (sign match"),
        (Answer(body=b'{"errcode":0}'), "feishu", "what answered is no robot"),
        (Answer(body=b'{"code":0}'), "wecom", "what answered is no robot"),
        (Answer(body=b'{"errcode":false}'), "wecom", "what answered is no robot"),
        (Answer(body=b'{"errcode":"0"}'), "wecom", "what answered is no robot"),
        (Answer(body=b"[0]"), "wecom", "what answered is no robot"),
        (Answer(body=b""), "wecom", "what answered is no robot"),
        (Answer(body="<html>登录".encode()), "dingtalk", 'what answered is no robot ("<html>登录")'),
        (Answer(500, body=b"<html>"), "wecom", "it answered HTTP 500"),
        (Answer(500, body=b'{"errcode":0}'), "wecom", "the robot refused it with 0"),
        (Answer(404, body=b"no"), "webhook", "it answered HTTP 404"),
        (Answer(302, [("Location", "http://127.0.0.1:1/")], b""), "wecom", "it answered with a redirect (HTTP 302)"),
        (Answer(307, [("Location", "/hook")], b""), "webhook", "it answered with a redirect (HTTP 307)"),
        (Answer(raw=b""), "wecom", "the connection was lost before an answer came"),
        (Answer(raw=b"HTTP/1.1 nonsense\r\n\r\n"), "wecom", "the connection was lost before an answer came"),
        (Answer(cut=5), "wecom", "the connection was lost before an answer came"),
    ],
)  # fmt: skip
def test_whatever_else_comes_back_is_told_and_never_taken_for_told(answer: Answer, kind: str, said: str) -> None:
    assert trouble(answer, kind=kind).startswith(said)


@pytest.mark.parametrize("answer", [Answer(silent=True), Answer(raw=b"HTTP/1.1 200 OK\r\nX: " + b"x" * 99, drip=0.05)])
def test_a_server_that_hangs_or_drips_keeps_nobody_waiting(answer: Answer) -> None:
    assert trouble(answer) == "no complete answer within 0.3 s"


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n", b"HTTP/1.1 200 OK\r\nX: "])
def test_nothing_goes_on_behind_a_drip(head: bytes) -> None:
    with Server(Answer(raw=head + b"x" * 200, drip=0.05)) as server:
        reason = telling(robot(server), timeout=0.3).tell_once(1, TEXT)
        assert reason and reason.key == "net.timeout"
        assert_nothing_goes_on()
        assert len(server.requests) == 1


def test_of_a_huge_answer_only_the_beginning_is_read() -> None:
    huge = Answer(body=b'{"errcode":0,"x":"' + b"x" * 10_000_000, cut=200_000, silent=True)  # nothing comes after that
    assert trouble(huge).startswith("what answered is no robot") and trouble(huge, kind="webhook") == ""


@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308])
@pytest.mark.parametrize("kind", ["wecom", "webhook"])
def test_a_redirect_hands_the_key_to_nobody(status: int, kind: str) -> None:
    with Server(TOLD) as elsewhere:
        place = f"{elsewhere.url.replace('127.0.0.1', 'localhost')}/hook?key={KEY}"
        reason = trouble(Answer(status, [("Location", place), ("Refresh", f"0; url={place}")], b'{"errcode":0}'), kind=kind)
        assert reason.startswith(f"it answered with a redirect (HTTP {status})") and elsewhere.connections == 0


@pytest.mark.parametrize(
    ("chain", "said"),
    [
        (OF_ANOTHER_HOST, "the server's certificate is for another server"),
        (EXPIRED, "the server's certificate has expired or is not valid yet"),
    ],
)
def test_a_certificate_of_another_name_or_of_the_past_hears_nothing(chain: str, said: str, tmp_path: Path) -> None:
    authority = tmp_path / "authority.pem"
    authority.write_text(AUTHORITY)
    with Server(TOLD, tls=tmp_path, chain=CERTIFICATE_KEY + chain) as server:
        reason = telling(robot(server), ca_file=authority).tell_once(1, TEXT)
        assert reason and say(reason, "en").startswith(said) and server.requests == []


def test_telling_keeps_a_night_waiting_for_five_minutes_at_most() -> None:
    waits = Waits()
    with Server(TOLD) as server:
        targets = telling(robot(server), waits=waits)
        troubles = [targets.tell(TEXT)[1] for _ in range(110)]
        assert len(server.requests) == 101 and waits.waited == [60] * 5
        assert {trouble.key for trouble in troubles[101:] if trouble} == {"telling.out_of_time"} and not any(troubles[:101])
    ticks = count(0, 10)  # each look at the clock is ten seconds later than the one before
    with Server(TOO_MANY) as server:
        targets = telling(robot(server), clock=lambda: next(ticks))
        assert len([None for _ in range(60) if targets.tell(TEXT)]) == 60 and len(server.requests) < 30


def test_whatever_breaks_down_is_told_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("batch_editor.notify.post.tls_for", lambda scheme, file: 1 // 0)
    with Server(TOLD) as server:
        reason = telling(robot(server)).tell_once(1, TEXT)
        assert reason and say(reason, "en").startswith(
            "the program itself broke down at it (ZeroDivisionError, test_telling.py:"
        )


def test_a_connection_that_cannot_be_watched_is_closed_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*values: object) -> socket.socket:
        raise OSError(errno.EMFILE, "no descriptor is left")

    monkeypatch.setattr("batch_editor.notify.in_time.socket.fromfd", refused)
    with Server(TOLD) as server, MailServer() as mails:
        troubles = telling(robot(server), mail(mails, starttls=False)).tell(TEXT)
        assert [say(reason, "en") for reason in troubles.values() if reason] == ["no connection could be made"] * 2
        assert server.requests == [] and mails.mails == []


def test_nobody_listens() -> None:
    target = {"kind": "webhook", "url": f"http://127.0.0.1:{closed_port()}/{KEY}"}
    reason = telling(target).tell(TEXT)[1]
    assert reason and say(reason, "en") == "the connection was refused"


def test_a_target_that_was_not_told_is_tried_once_more_after_a_minute() -> None:
    waits = Waits()
    with Server(TOO_MANY, TOLD) as first, Server(TOLD) as second:
        assert telling(robot(first), robot(second), waits=waits).tell(TEXT) == {1: None, 2: None}
        assert (len(first.requests), len(second.requests), waits.waited) == (2, 1, [AGAIN])


def test_there_is_no_third_try_nor_a_second_one_for_what_comes_later() -> None:
    waits = Waits()
    with Server(TOO_MANY) as server:
        targets = telling(robot(server), waits=waits)
        assert targets.tell(TEXT)[1] is not None and len(server.requests) == 2
        assert targets.tell(TEXT)[1] is not None and len(server.requests) == 3
        assert waits.waited == [AGAIN]


def test_a_process_that_is_told_to_stop_does_not_wait() -> None:
    stop = Stop()
    stop.ask()
    with Server(TOO_MANY) as server:
        assert telling(robot(server), stop=stop, wait=None).tell(TEXT)[1] is not None
        assert len(server.requests) == 1


def test_no_target_gets_more_than_twenty_messages_a_minute() -> None:
    waits = Waits()
    with Server(TOLD) as server:
        targets = telling(robot(server), waits=waits)
        for _ in range(MOST + 1):
            assert targets.tell(TEXT) == {1: None}
        assert waits.waited == [60] and len(server.requests) == MOST + 1
    with Server(TOLD) as server:
        targets = telling(robot(server), waits=Waits(stops=True))
        outcomes = [targets.tell_once(1, TEXT) for _ in range(MOST + 1)]
        assert outcomes[-1] and outcomes[-1].key == "telling.stopped" and len(server.requests) == MOST


def test_once_a_week_only_those_are_told_who_want_it() -> None:
    with Server(TOLD) as server:
        assert telling(robot(server), robot(server, weekly=True)).tell(TEXT, weekly=True) == {2: None}


def test_the_certificate_is_checked_and_may_be_that_of_a_company(tmp_path: Path) -> None:
    with Server(TOLD, tls=tmp_path) as server:
        reason = telling(robot(server)).tell(TEXT)[1]
        assert reason and say(reason, "en") == "the server's certificate is not trusted" and server.requests == []
        assert telling(robot(server), ca_file=certificate(tmp_path)).tell(TEXT) == {1: None}


def test_a_proxy_is_used_but_for_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    with Server(Answer(502, body=b"")) as proxy, Server(TOLD) as server:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        assert telling(robot(server)).tell(TEXT) == {1: None} and proxy.requests == []
        reason = telling({"kind": "wecom", "url": f"https://robot.example.com/{KEY}"}).tell(TEXT)[1]
        assert reason and say(reason, "en") == "the proxy made no connection"
        assert {request.target for request in proxy.requests} == {"robot.example.com:443"}
        monkeypatch.setenv("HTTPS_PROXY", "socks://nobody")
        reason = telling({"kind": "wecom", "url": f"https://robot.example.com/{KEY}"}).tell(TEXT)[1]
        assert reason and reason.key == "net.proxy_unusable"


def test_no_secret_is_logged_whatever_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with Server(TOO_MANY) as server, MailServer(answers={"RCPT": f"550 no {KEY}".encode()}) as mails:
        mail = {"kind": "email", "host": "localhost", "port": mails.port, "starttls": False, "from": "a@b.cn", "to": "c@d.cn"}
        targets = telling(robot(server, "dingtalk", secret=KEY), mail | {"user": "me", "password": KEY})
        assert all(targets.tell(TEXT).values())
    assert "dingtalk" in caplog.text and "not told" not in caplog.text and KEY not in caplog.text


def test_a_mail_is_encrypted_by_starttls_and_says_all_in_plain_text(tmp_path: Path) -> None:
    text = Text("夜.csv：有 3 行没有成功", ["共 300 行 https://evil.example"], ["Sheet1!C12：<b>"], ["怎么办：改"])
    with MailServer(tls=tmp_path) as server:
        targets = telling(mail(server, user="me", password=KEY), ca_file=certificate(tmp_path))
        assert targets.tell(text) == {1: None}
        (taken,) = server.mails
    assert taken.encrypted and taken.login == f"me {KEY}"
    assert (taken.sender, taken.to) == ("night@example.com", ["a@example.com", "b@example.com"])
    message = taken.message
    assert message["Subject"] == "夜.csv：有 3 行没有成功" and message["To"] == "a@example.com, b@example.com"
    assert message["Date"] == "Sun, 29 Nov 2026 02:30:00 +0000" and message["Message-ID"].endswith("@example.com>")
    assert message.get_content_type() == "text/plain" and message["Auto-Submitted"] == "auto-generated"
    assert message.get_content().replace("\r\n", "\n") == "共 300 行 https：//evil.example\n\nSheet1!C12：<b>\n\n怎么办：改\n"
    assert taken.content.isascii() and max(map(len, taken.content.split(b"\r\n"))) <= 998


def test_a_mail_server_of_which_the_certificate_is_wrong_hears_no_password(tmp_path: Path) -> None:
    with MailServer(tls=tmp_path) as server:
        reason = telling(mail(server, user="me", password=KEY)).tell(TEXT)[1]
        assert reason and say(reason, "en") == "the server's certificate is not trusted"
        assert server.mails == [] and not any(line.startswith("AUTH") for line in server.heard)


def test_a_mail_server_without_starttls_hears_no_password() -> None:
    with MailServer() as server:
        reason = telling(mail(server, user="me", password=KEY)).tell(TEXT)[1]
        assert reason and reason.key == "telling.mail_no_tls"
        assert not any(line.startswith("AUTH") for line in server.heard)


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"AUTH": b"535 authentication failed"}, "the mail server did not take user and password (the mail"),
        ({"RCPT": b"550 no such user"}, "the mail server refused it: 550 no such user"),
        ({"MAIL": b"553 not yours"}, "the mail server refused it: 553 not yours"),
        ({".": b"554 spam"}, "the mail server refused it: 554 spam"),
    ],
)  # fmt: skip
def test_a_mail_that_is_refused_is_told(answers: dict[str, bytes], said: str) -> None:
    with MailServer(answers=answers) as server:
        reason = telling(mail(server, user="me", password=KEY, starttls=False)).tell(TEXT)[1]
        assert reason and say(reason, "en").startswith(said) and KEY not in say(reason, "en") and server.mails == []


def test_a_mail_that_was_refused_for_some_is_sent_again_to_them_alone() -> None:
    with MailServer(answers={"rcpt to:<b@example.com>": b"451 try later"}) as server:
        reason = telling(mail(server, starttls=False)).tell(TEXT)[1]
    assert reason and say(reason, "en") == "the mail server refused it: 451 try later (for b@example.com)"
    assert [taken.to for taken in server.mails] == [["a@example.com"]]
    assert [line.lower() for line in server.heard if line.startswith("rcpt")] == [
        "rcpt to:<a@example.com>",
        "rcpt to:<b@example.com>",
        "rcpt to:<b@example.com>",
    ]


def test_a_mail_that_was_taken_is_taken_whatever_the_server_says_at_the_end() -> None:
    with MailServer(answers={"QUIT": b"500 what?"}) as server:
        assert telling(mail(server, starttls=False)).tell(TEXT) == {1: None} and len(server.mails) == 1


def test_a_mail_server_that_says_nothing_keeps_nobody_waiting() -> None:
    with MailServer(silent=True) as server:
        reason = telling(mail(server, starttls=False), timeout=0.3).tell(TEXT)[1]
        assert reason and say(reason, "en") == "no complete answer within 0.3 s"


def test_port_465_is_encrypted_from_the_first_byte_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with MailServer(tls=tmp_path, implicit=True) as server:
        monkeypatch.setattr("batch_editor.notify.mail.SMTPS", server.port)
        assert telling(mail(server), ca_file=certificate(tmp_path)).tell(TEXT) == {1: None}
        assert server.mails[0].encrypted and "STARTTLS" not in server.heard
