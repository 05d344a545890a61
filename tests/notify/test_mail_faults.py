"""Mail servers that die, hang, or refuse at each step: what is told, who has got the mail, and that no night waits for them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.mail_server import MailServer
from support.servers import certificate
from support.telling import KEY, TEXT, assert_nothing_goes_on, mail, telling

from batch_editor.messages import say
from batch_editor.model import Message

STEPS = ["EHLO", "AUTH", "MAIL", "RCPT", "DATA", "."]
LOGIN = {"user": "me", "password": KEY}


def said(trouble: Message | None) -> str:
    """The words for what is wrong, in which no secret is."""
    text = f"{say(trouble, 'en')}\n{say(trouble, 'zh')}" if trouble else ""
    assert KEY not in text
    return text


def told_once(server: MailServer, **values: Any) -> str:
    return said(telling(mail(server, **LOGIN, **({"starttls": False} | values)), timeout=2).tell_once(1, TEXT))


@pytest.mark.parametrize("step", STEPS)
def test_a_server_that_dies_at_any_step_has_not_taken_it(step: str) -> None:
    with MailServer(dies_at=step) as server:
        assert told_once(server).startswith("the connection was lost before an answer came") and server.mails == []


@pytest.mark.parametrize("step", STEPS)
def test_a_server_that_hangs_at_any_step_keeps_nobody_waiting(step: str) -> None:
    with MailServer(hangs_at=step) as server:
        trouble = telling(mail(server, **LOGIN, starttls=False), timeout=0.3).tell_once(1, TEXT)
        assert said(trouble).startswith("no complete answer within 0.3 s") and server.mails == []


def test_a_mail_that_was_taken_is_not_sent_again_where_the_server_hangs_afterwards() -> None:
    with MailServer(hangs_at="QUIT") as server:
        targets = telling(mail(server, starttls=False), timeout=2)
        assert targets.tell_once(1, TEXT) is None and len(server.mails) == 1


def test_nothing_goes_on_behind_an_answer_that_never_ends() -> None:
    with MailServer(drips_at="EHLO") as server:
        trouble = telling(mail(server, starttls=False), timeout=0.3).tell_once(1, TEXT)
        assert said(trouble).startswith("no complete answer within 0.3 s")
        assert_nothing_goes_on()


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"EHLO": b"250-x\r\n250 AUTH CRAM-MD5", "AUTH": b"334 !!!a"}, "the mail server offers no way to log in"),
        ({"EHLO": b"250-x\r\n250 AUTH XOAUTH2"}, "the mail server offers no way to log in"),
        ({"EHLO": b"250 x"}, "the mail server takes no login here"),
        ({"AUTH": b"454 try later"}, "the mail server refused it: 454 try later\n"),
        ({"AUTH": f"535 no {KEY}".encode()}, "the mail server did not take user and password (the mail server refused it: 53"),
        ({"EHLO": b"nonsense", "HELO": b"nonsense"}, "what answered is no mail server"),
        ({"MAIL": b"421 go away"}, "the mail server refused it: 421 go away\n"),
        ({"RCPT": b"550-no\r\n550 such user"}, "the mail server refused it: 550 no such user (for a@example.com, b@exam"),
        ({"RCPT": b"421 go away"}, "the mail server refused it: 421 go away (for a@example.com)"),
        ({".": b"451 later \x1b[31m"}, "the mail server refused it: 451 later \\x1b[31m\n"),
    ],
)  # fmt: skip
def test_what_a_server_refuses_is_told_in_words_that_help(answers: dict[str, bytes], words: str) -> None:
    with MailServer(answers=answers) as server:
        assert told_once(server).startswith(words) and server.mails == []


@pytest.mark.parametrize("over", [{"user": "我"}, {"password": "密码密码密码"}])
def test_a_login_that_no_server_takes_is_named(over: dict[str, str]) -> None:
    with MailServer() as server:
        trouble = telling(mail(server, **(LOGIN | over), starttls=False)).tell_once(1, TEXT)
        assert trouble and trouble.key == "telling.mail_ascii"


@pytest.mark.parametrize("answer", [b"454 TLS not available", b"220 go on"])
def test_no_password_is_heard_where_encryption_fails(answer: bytes, tmp_path: Path) -> None:
    with MailServer(tls=tmp_path, answers={"STARTTLS": answer}) as server:
        targets = telling(mail(server, **LOGIN), ca_file=certificate(tmp_path), timeout=2)
        assert said(targets.tell_once(1, TEXT)) and not any(line.startswith("AUTH") for line in server.heard)
