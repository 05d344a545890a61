"""The access token appears nowhere but in the request: no log, reply, error or traceback, in no encoding."""

from __future__ import annotations

import base64
import html
import io
import json
import logging
import logging.config
import threading
import traceback
from collections.abc import Callable, Iterator
from urllib.parse import quote, quote_plus, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.servers import Answer, Server, closed_port

from batch_editor.crm.client import Client, fetch_token
from batch_editor.crm.secrets import MASK, Secrets
from batch_editor.crm.tokens import Grant, Tokens
from batch_editor.errors import Halted, TokenRefused
from batch_editor.model import Edit, Reply

SENTINEL = "S3CR%T/+tok=en&x\"y'\\令"
EDIT = Edit(2, 5, '{"clue_id":5,"clue_name":"x","update_specified_fields":["clue_name"]}')

FORMS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "quote": quote,
    "quote with nothing safe": lambda text: quote(text, safe=""),
    "quote with much safe": lambda text: quote(text, safe="/+=&%"),
    "quote_plus": quote_plus,
    "quote twice": lambda text: quote(quote(text, safe=""), safe=""),
    "lower-case hex": lambda text: "".join(f"%{byte:02x}" for byte in text.encode()),
    "upper-case hex": lambda text: "".join(f"%{byte:02X}" for byte in text.encode()),
    "JSON": lambda text: json.dumps(text)[1:-1],
    "JSON, readable": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    "JSON in JSON": lambda text: json.dumps(json.dumps(text))[3:-3],
    "JSON, slashes escaped": lambda text: json.dumps(text).replace("/", "\\/")[1:-1],
    "repr": lambda text: repr(text)[1:-1],
    "repr of bytes": lambda text: repr(text.encode())[2:-1],
    "ascii": lambda text: ascii(text)[1:-1],
    "HTML": html.escape,
    "HTML by number": lambda text: "".join(f"&#{ord(char)};" for char in text),
    "HTML by hex number": lambda text: "".join(f"&#x{ord(char):04X};" for char in text),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 for URLs": lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
}


def shows(text: str, secret: str = SENTINEL) -> bool:
    """Whether ``text`` holds ``secret`` in any form, or so much of it that the rest can be guessed."""
    plain = unquote(unquote(html.unescape(text)))
    beginning = secret[:6]
    matches = [form for name, form in FORMS.items() if form(secret)[:9] in text and "base64" not in name]
    encoded = base64.b64encode(secret.encode()).decode()[:10]
    return bool(matches) or beginning in text or beginning in plain or encoded in text


# Removing


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("around", ["{}", "a={}&b=1", "https://x/?access_token={} failed", "{0}{0}", "«{}»"])
def test_every_form_of_a_secret_is_removed(form: str, around: str) -> None:
    secrets = Secrets()
    secrets.add(SENTINEL)
    assert secrets.remove_from(around.format(FORMS[form](SENTINEL))) == around.format(MASK)


@given(st.text(min_size=8, max_size=30), st.sampled_from(sorted(FORMS)), st.text(alphabet="xyz ", max_size=5))
def test_of_any_secret_every_form_is_removed(secret: str, form: str, around: str) -> None:
    secret = secret.encode("utf-8", "replace").decode()
    secrets = Secrets()
    secrets.add(secret)
    text = FORMS[form](secret)
    cleaned = secrets.remove_from(f"{around}{text}{around}")
    if len(text) > 9:
        assert text not in cleaned
    assert MASK in cleaned


@given(st.text(min_size=12, max_size=40), st.text(max_size=20), st.text(max_size=20))
def test_a_longer_text_in_base64_does_not_hide_it(secret: str, before: str, after: str) -> None:
    secret, before, after = (text.encode("utf-8", "replace").decode() for text in (secret, before, after))
    secrets = Secrets()
    secrets.add(secret)
    assert MASK in secrets.remove_from(base64.b64encode(f"{before}{secret}{after}".encode()).decode())


def test_other_texts_stay_as_they_are() -> None:
    secrets = Secrets()
    secrets.add(SENTINEL)
    secrets.add("")
    for text in ("", "请求成功", "S3CR", "a%20b+c", "%", "\\", "\ud800"):
        assert secrets.remove_from(text) == text


def test_a_long_run_of_backslashes_is_read_once() -> None:
    """What the CRM answers may be a megabyte of anything; looked at from every place to its end it would take all night."""
    secrets = Secrets()
    secrets.add("S3CRET")
    run = "\\" * (1 << 20)
    assert secrets.remove_from(f"{run}x53") == f"{run}x53"
    assert secrets.remove_from(f"{run} S3CRET") == f"{run} ***"


def test_a_secret_that_begins_another_does_not_leave_its_end() -> None:
    secrets = Secrets()
    for secret in ("abcdef", "abcdefghij", "abc"):
        secrets.add(secret)
    assert secrets.remove_from("x abcdefghij y abcdef z") == f"x {MASK} y {MASK} z"


def test_secrets_may_be_added_while_others_are_removed() -> None:
    secrets = Secrets()
    secrets.add("first-secret")
    done = threading.Event()

    def add() -> None:
        for number in range(50):
            secrets.add(f"another-{number}")
        done.set()

    thread = threading.Thread(target=add)
    thread.start()
    while not done.is_set():
        assert secrets.remove_from("the first-secret") == f"the {MASK}"
    thread.join()


# Logs


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that any logger says at DEBUG: the formatted text, and the message and arguments it was made of."""
    stream = io.StringIO()

    class Everything(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            stream.write(f"{self.format(record)}\n{record.__dict__!r}\n")

    handler = Everything()
    handler.setFormatter(logging.Formatter("%(name)s %(message)s"))
    names = ["", "httpx", "httpcore", "httpcore.connection", "httpcore.http11", "httpcore.proxy", "asyncio", "ssl"]
    loggers = [logging.getLogger(name) for name in names]
    before = [(logger, logger.level, logger.propagate) for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
        logger.addHandler(handler)
    yield stream
    for logger, level, propagate in before:
        logger.setLevel(level)
        logger.propagate = propagate
        logger.removeHandler(handler)


def client_for(url: str, *, timeout: float = 5.0) -> Client:
    return Client(url, Tokens(fixed=SENTINEL), Secrets(), timeout=timeout)


#: Servers that hand the token back in every way that a log line could pick up.
ECHOES = {
    "confirmed": Answer(),
    "redirect": Answer(status=302, headers=[("Location", f"/login?next={quote(SENTINEL, safe='')}")], body=b""),
    "redirect, quoted twice": Answer(
        status=302, headers=[("Location", f"/login?next={quote(quote(SENTINEL, safe=''), safe='')}")], body=b""
    ),
    "redirect as it is": Answer(status=302, headers=[("Location", f"/login?next={SENTINEL}")], body=b""),
    "cookie": Answer(headers=[("Set-Cookie", f"t={base64.b64encode(SENTINEL.encode()).decode()}")]),
    "reason": Answer(raw=f"HTTP/1.1 400 {quote(SENTINEL)}\r\nContent-Length: 0\r\n\r\n".encode()),
    "not HTTP": Answer(raw=f"garbage {SENTINEL}\r\n\r\n".encode()),
    "bad header": Answer(raw=f"HTTP/1.1 200 OK\r\n{quote(SENTINEL)}\r\n\r\n".encode()),
    "bad length": Answer(raw=f"HTTP/1.1 200 OK\r\nContent-Length: {quote(SENTINEL)}\r\n\r\n".encode()),
    "closed": Answer(raw=b""),
    "cut": Answer(cut=3),
    "msg": Answer(body=json.dumps({"code": 10001, "msg": f"bad token {SENTINEL} at {quote(SENTINEL)}"}).encode()),
    "msg, nested": Answer(body=json.dumps({"code": 1, "msg": {SENTINEL: [quote_plus(SENTINEL)]}}).encode()),
    "code": Answer(body=json.dumps({"code": SENTINEL, "msg": ""}).encode()),
    "data": Answer(body=json.dumps({"code": 1, "data": {"url": [SENTINEL], SENTINEL: quote(SENTINEL)}}).encode()),
    "long msg": Answer(body=json.dumps({"code": 1, "msg": "x" * 1990 + SENTINEL}).encode()),
}


@pytest.mark.parametrize("call", ["edit", "info"])
@pytest.mark.parametrize("echo", ECHOES)
def test_no_log_line_and_no_reply_shows_the_token(echo: str, call: str, log: io.StringIO) -> None:
    with Server(ECHOES[echo]) as server, client_for(server.url) as client:
        reply = client.edit(EDIT) if call == "edit" else client.info(EDIT.clue_id)
    assert quote(SENTINEL, safe="") in server.requests[0].target
    assert "receive_response_headers" in log.getvalue()  # the log was on, and is of use
    assert not shows(log.getvalue())
    assert not shows(repr(reply))


def test_no_log_line_shows_it_when_there_is_no_answer(log: io.StringIO) -> None:
    with Server(Answer(silent=True)) as server, client_for(server.url, timeout=0.1) as client:
        client.edit(EDIT)
    for url in (f"http://127.0.0.1:{closed_port()}", "https://crm.invalid"):
        with client_for(url) as client:
            client.edit(EDIT)
    assert "connect_tcp.failed" in log.getvalue()
    assert not shows(log.getvalue())


def test_a_logging_configuration_that_comes_later_changes_nothing(log: io.StringIO) -> None:
    with Server(ECHOES["redirect"]) as server, client_for(server.url) as client:
        logging.config.dictConfig(
            {
                "version": 1,
                "disable_existing_loggers": False,
                "loggers": {name: {"level": "DEBUG"} for name in ("httpx", "httpcore", "httpcore.http11")},
            }
        )
        client.edit(EDIT)
    assert "Location" in log.getvalue()
    assert not shows(log.getvalue())


def test_every_logger_of_the_http_libraries_is_guarded(log: io.StringIO) -> None:
    """A new version of theirs with a new logger turns this red."""
    with Server() as server, client_for(server.url) as client:
        client.edit(EDIT)
    names = [name for name in logging.root.manager.loggerDict if name.partition(".")[0] in ("httpx", "httpcore", "h11")]
    assert "httpcore.http11" in names
    assert all(logging.getLogger(name).filters for name in names)


def test_the_token_call_shows_neither_the_secret_nor_the_token(log: io.StringIO) -> None:
    secret = "App/S3cret+of=me"
    granted = json.dumps({"code": 0, "data": {"access_token": SENTINEL, "expires_in": 60}}).encode()
    refused = json.dumps({"code": 1, "msg": f"wrong: {secret} {quote(secret, safe='')}"}).encode()
    moved = [("Location", f"/x?app_secret={quote(secret, safe='')}")]
    secrets = Secrets()
    with Server(Answer(body=granted), Answer(body=refused), Answer(status=302, headers=moved, body=b"")) as server:
        matches = [fetch_token(server.url, "app", secret, secrets, timeout=5) for _ in range(3)]
    assert isinstance(matches[0], Grant)
    assert matches[0].value == SENTINEL
    for seen in (repr(matches), log.getvalue()):
        assert not shows(seen)
        assert not shows(seen, secret)
    assert secrets.remove_from(SENTINEL) == MASK


def test_a_secret_of_one_client_is_guarded_while_another_comes_and_goes(log: io.StringIO) -> None:
    with Server(ECHOES["redirect"]) as server, client_for(server.url) as client:
        client.edit(EDIT)
        with Client(server.url, Tokens(fixed="another"), Secrets(), timeout=5) as other:
            other.edit(EDIT)
        client.edit(EDIT)
    assert log.getvalue().count("Location") >= 3
    assert not shows(log.getvalue())


# Errors


def everything_of(error: BaseException) -> str:
    """All that could be shown of an error: its chain, texts, arguments and attributes, and the traceback."""
    seen: list[str] = []
    chain: list[BaseException | None] = [error]
    while chain:
        link = chain.pop()
        if link is not None:
            seen += [str(link), repr(link), repr(link.args), repr(vars(link))]
            seen += traceback.format_exception(link)
            chain += [link.__cause__, link.__context__]
    return "\n".join(seen)


def test_no_error_of_the_tokens_shows_one() -> None:
    def fails() -> Grant:
        try:
            raise ValueError(f"https://x/?access_token={SENTINEL}")
        except ValueError:
            raise TokenRefused("token.new_refused") from None  # keeps its context all the same

    renewed = Tokens(fetch=lambda: Grant(SENTINEL, 7200.0))
    renewed.renew(renewed.current().generation)
    for refuse in (
        lambda: Tokens(fixed=SENTINEL).renew(1),
        lambda: renewed.renew(renewed.current().generation),
        lambda: Tokens(fetch=fails).current(),
    ):
        with pytest.raises(Halted) as caught:
            refuse()
        assert caught.value.__context__ is None
        assert not shows(everything_of(caught.value))


def test_an_error_that_comes_through_the_client_shows_none() -> None:
    now = [0.0]
    answers = iter([Grant(SENTINEL, 7200.0)])

    def fetch() -> Grant:
        grant = next(answers, None)
        if grant is None:
            raise TokenRefused("token.new_refused")
        return grant

    tokens = Tokens(fetch=fetch, clock=lambda: now[0])
    with Server(ECHOES["closed"]) as server, Client(server.url, tokens, Secrets(), timeout=5) as client:
        client.edit(EDIT)
        now[0] = 1e6
        with pytest.raises(TokenRefused) as caught:
            client.edit(EDIT)
    assert not shows(everything_of(caught.value))


def test_no_repr_shows_one() -> None:
    tokens = Tokens(fixed=SENTINEL)
    secrets = Secrets()
    secrets.add(SENTINEL)
    with Server() as server, Client(server.url, tokens, secrets, timeout=5) as client:
        reply = client.edit(EDIT)
        for thing in (client, tokens, secrets, tokens.current(), Grant(SENTINEL, 1.0), reply):
            assert not shows(f"{thing!r} {thing}")


def test_what_reaches_the_dispatcher_is_the_rest_of_the_message() -> None:
    with Server(ECHOES["msg"]) as server, client_for(server.url) as client:
        reply = client.edit(EDIT)
    assert isinstance(reply, Reply)
    assert reply.msg == f"bad token {MASK} at {MASK}"
