"""A clue's record over real HTTP on loopback: it comes back exact, without secrets, and faults are told as for an edit."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.samples import CLUE_INFO
from support.servers import CONFIRMED, Answer, Server, closed_port

from batch_editor.crm.client import Client
from batch_editor.crm.replies import LONGEST_BODY, LONGEST_MSG, info_reply
from batch_editor.crm.replies import Answer as Exchanged
from batch_editor.crm.secrets import MASK, Secrets
from batch_editor.crm.tokens import Grant, Tokens
from batch_editor.errors import Halted, TokenRefused
from batch_editor.model import Edit, Message, Reply, Sent

TOKEN = "S3CR%T/+tok=en&x\"y'\\令"
CLUE = 1539169150405479425
EDIT = Edit(2, CLUE, '{"clue_id":1539169150405479425,"clue_name":"x","update_specified_fields":["clue_name"]}')
NOW = 1_700_000_000.0


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def client_for(url: str, *, timeout: float = 5.0, tokens: Tokens | None = None) -> Client:
    return Client(url, tokens or Tokens(fixed=TOKEN), Secrets(), timeout=timeout, wall_clock=lambda: NOW)


def ask(answer: Answer, *, timeout: float = 5.0) -> Reply:
    """What is told when the server answers clue/info so."""
    with Server(answer) as server, client_for(server.url, timeout=timeout) as client:
        reply = client.info(CLUE)
    assert len(server.requests) == 1
    return reply


def edit(answer: Answer, *, timeout: float = 5.0) -> Reply:
    """What is told when the server answers clue/edit so."""
    with Server(answer) as server, client_for(server.url, timeout=timeout) as client:
        return client.edit(EDIT)


def with_data(text: str) -> Answer:
    return Answer(body=f'{{"code":0,"data":{text}}}'.encode())


def texts(value: object) -> Iterator[str]:
    """Every text in ``value``, keys too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from texts(key)
            yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)


# What goes out


def test_a_record_is_asked_for_by_one_post_with_the_id_as_an_integer() -> None:
    with Server(Answer(body=CLUE_INFO.encode())) as server, client_for(server.url + "/") as client:
        client.info(CLUE)
    (request,) = server.requests
    assert request.method == "POST"
    parts = urlsplit(request.target)
    assert parts.path == "/openapi/crm/clue/info"
    assert parse_qs(parts.query, strict_parsing=True) == {"access_token": [TOKEN]}
    assert request.body == b'{"clue_id": 1539169150405479425}'
    assert request.headers["content-type"] == "application/json; charset=utf-8"


def test_edits_and_records_of_one_sender_share_its_connection_and_its_token() -> None:
    grants = iter([Grant("first", 7200), Grant("second", 7200)])
    tokens = Tokens(fetch=lambda: next(grants))
    with Server() as server, client_for(server.url, tokens=tokens) as client:
        seen = [client.info(CLUE).token, client.edit(EDIT).token]
        tokens.renew(1)
        seen += [client.edit(EDIT).token, client.info(CLUE).token, client.edit(EDIT).token]
    assert seen == [1, 1, 2, 2, 2]
    assert server.connections == 1
    assert [request.target.removeprefix("/openapi/crm/clue/") for request in server.requests] == [
        "info?access_token=first",
        "edit?access_token=first",
        "edit?access_token=second",
        "info?access_token=second",
        "edit?access_token=second",
    ]


def test_each_thread_has_a_connection_of_its_own() -> None:
    with Server() as server, client_for(server.url) as client:
        client.info(CLUE)
        with ThreadPoolExecutor(1) as pool:
            pool.submit(client.info, CLUE).result()
        client.info(CLUE)
    assert [request.connection for request in server.requests] == [1, 2, 1]


def test_its_beginning_and_its_end_are_told() -> None:
    told: list[tuple[str, int]] = []
    with (
        Server() as server,
        Client(
            server.url,
            Tokens(fixed=TOKEN),
            Secrets(),
            timeout=5,
            begins=lambda: told.append(("begins", len(server.requests))),
            ends=lambda: told.append(("ends", 0)),
        ) as client,
    ):
        client.info(CLUE)
        client.info(CLUE)
    assert [what for what, _ in told] == ["begins", "ends"] * 2
    assert [arrived for what, arrived in told if what == "begins"] == [0, 1]


def test_one_that_is_called_off_when_it_begins_is_not_sent() -> None:
    def begins() -> None:
        raise Halted("halt.asked")

    with Server() as server, Client(server.url, Tokens(fixed=TOKEN), Secrets(), timeout=5, begins=begins) as client:
        with pytest.raises(Halted):
            client.info(CLUE)
        assert server.requests == []


def test_a_token_that_cannot_be_had_is_told_as_such() -> None:
    def refuse() -> Grant:
        raise TokenRefused("token.new_refused")

    with Server() as server, client_for(server.url, tokens=Tokens(fetch=refuse)) as client:
        with pytest.raises(TokenRefused):
            client.info(CLUE)
        assert not server.requests


# What comes back


def test_the_sample_of_the_reference_comes_back_exact() -> None:
    reply = ask(Answer(body=CLUE_INFO.encode()))
    data = reply.data
    assert reply == Reply(Sent.YES, 1, 200, 0, "请求成功", data=json.loads(CLUE_INFO)["data"])
    assert isinstance(data, dict)
    assert (data["clue_id"], data["clue_pool_id"]) == (1539169150405479425, 1522843564091630593)
    assert (type(data["clue_id"]), data["merge_user_id"], data["birthday"]) == (int, None, 1655136000)
    assert data["field_map"]["mf_clue_53"][1] == {"name": "分类1", "id": "1539179903202962433"}
    assert data["business_tags"]["tag_id"] == "sttFmKWgAAHPu3UqphM2zjPOI7aLt-BQ"
    assert list(data)[:3] == ["clue_id", "clue_name", "mobile_phone"]


def test_a_long_record_is_not_cut() -> None:
    record = {"description": "长" * 3 * LONGEST_MSG, "tag_list": [{"tag_id": str(number)} for number in range(1000)]}
    assert ask(with_data(json.dumps(record))).data == record


@pytest.mark.parametrize("number", ["9223372036854775807", "-1539169150405479425", "1" * 40, "0", "1.5", "1e3", "true", "null"])
def test_a_number_is_what_it_was(number: str) -> None:
    reply = ask(with_data(f'{{"a": [{number}]}}'))
    assert repr(reply.data) == repr({"a": [json.loads(number)]})


def test_half_a_character_is_told_as_a_question_mark() -> None:
    reply = ask(with_data(r'{"a\ud800": ["x\udfffy", {"b": "\ud83d\ude00"}]}'))
    assert reply.data == {"a?": ["x?y", {"b": "😀"}]}


@pytest.mark.parametrize("data", ["true", "false", "null", "0", "1.5", '"text"', f'"{"x" * 5000}"', '[1, {"a": "中"}]', "[]"])
def test_data_that_is_no_object_is_told_as_for_an_edit(data: str) -> None:
    reply = ask(with_data(data))
    assert reply == edit(with_data(data))
    assert not isinstance(reply.data, (dict, list))


def test_a_missing_clue_is_told_with_its_code() -> None:
    assert ask(Answer(body='{"code":40004,"msg":"线索不存在"}'.encode())) == Reply(Sent.YES, 1, 200, 40004, "线索不存在")


def test_an_edit_still_tells_an_object_as_its_text_cut() -> None:
    assert edit(with_data('{"a": [1, "中"], "x": NaN}')).data == '{"a": [1, "中"], "x": NaN}'
    assert edit(with_data(json.dumps({"a": "x" * 5000}))).data == ('{"a": "' + "x" * 5000)[:LONGEST_MSG]


# Secrets


@pytest.mark.parametrize(
    "form",
    [
        str,
        quote,
        lambda text: quote(text, safe=""),
        lambda text: quote(quote(text, safe=""), safe=""),
        lambda text: json.dumps(text)[1:-1],
    ],
)
def test_no_text_of_a_record_shows_the_token(form: Callable[[str], str]) -> None:
    shown = form(TOKEN)
    record = {
        "clue_id": CLUE,
        "description": f"https://crm/?access_token={shown}&x=1",
        "tag_list": [shown, {"tag_name": f"«{shown}»"}, [[shown]]],
        f"key {shown}": {shown: None},
    }
    body = json.dumps({"code": shown, "msg": f"for {shown}", "data": record}).encode()
    reply = ask(Answer(body=body))
    assert reply.data == {
        "clue_id": CLUE,
        "description": f"https://crm/?access_token={MASK}&x=1",
        "tag_list": [MASK, {"tag_name": f"«{MASK}»"}, [[MASK]]],
        f"key {MASK}": {MASK: None},
    }
    assert (reply.code, reply.msg) == (MASK, f"for {MASK}")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(st.text(max_size=5), VALUES, max_size=5))
def test_any_record_is_kept_as_it_is(record: dict[str, object]) -> None:
    secrets = Secrets()
    secrets.add("S3CRET-token")
    body = json.dumps({"code": 0, "data": record}).encode()
    kept = info_reply(Exchanged(Sent.YES, 200, body=body), secrets, 1).data
    assert repr(kept) == repr(record)


@given(st.lists(VALUES, max_size=3), st.text(max_size=5), st.text(max_size=5))
def test_wherever_a_secret_stands_it_is_removed(around: list[object], before: str, after: str) -> None:
    secrets = Secrets()
    secrets.add("S3CRET-token")
    told = f"{before}S3CRET-token{after}"
    record = {"a": [*around, {told: [told]}], told: {"b": told}}
    body = json.dumps({"code": 0, "data": record}).encode()
    kept = info_reply(Exchanged(Sent.YES, 200, body=body), secrets, 1).data
    assert isinstance(kept, dict)
    assert not [text for text in texts(kept) if "S3CRET" in text]
    assert sum(MASK in text for text in texts(kept)) >= 4


# Faults, told as for an edit


@pytest.mark.parametrize(
    ("answer", "facts"),
    [
        (Answer(raw=b""), Reply(Sent.MAYBE, 1, trouble=Message("net.lost"))),
        (Answer(raw=b"HTTP/1.1 200"), Reply(Sent.MAYBE, 1, trouble=Message("net.lost"))),
        (Answer(cut=10), Reply(Sent.MAYBE, 1, 200, trouble=Message("net.cut"))),
        (Answer(cut=len(CONFIRMED) - 1), Reply(Sent.MAYBE, 1, 200, trouble=Message("net.cut"))),
        (Answer(silent=True), Reply(Sent.MAYBE, 1, trouble=Message("net.timeout", {"seconds": "0.3"}))),
        (Answer(cut=10, silent=True), Reply(Sent.MAYBE, 1, 200, trouble=Message("net.timeout", {"seconds": "0.3"}))),
        (
            Answer(status=429, headers=[("Retry-After", "7")], body=b"slow down"),
            Reply(Sent.YES, 1, 429, retry_after=7.0, trouble=Message("reply.not_json")),
        ),
        (
            Answer(status=503, headers=[("Retry-After", "Tue, 14 Nov 2023 22:13:50 GMT")], body=b'{"code":5,"msg":"busy"}'),
            Reply(Sent.YES, 1, 503, 5, "busy", retry_after=30.0),
        ),
        (Answer(status=401, body=b'{"code":10001}'), Reply(Sent.YES, 1, 401, 10001)),
        (
            Answer(status=302, headers=[("Location", "http://127.0.0.1:1/")], body=b""),
            Reply(Sent.YES, 1, 302, trouble=Message("reply.not_json")),
        ),
        (Answer(body=b"<html>busy</html>"), Reply(Sent.YES, 1, 200, trouble=Message("reply.not_json"))),
        (Answer(body=b'[{"code":0}]'), Reply(Sent.YES, 1, 200, trouble=Message("reply.not_json"))),
        (Answer(body=b'{"a":' * 100_000), Reply(Sent.YES, 1, 200, trouble=Message("reply.not_json"))),
        (Answer(body=b'{"data":null}'), Reply(Sent.YES, 1, 200, trouble=Message("reply.no_code"))),
        (Answer(body=b" " * (LONGEST_BODY + 1)), Reply(Sent.YES, 1, 200, trouble=Message("reply.too_long"))),
    ],
)
def test_a_fault_is_told_as_for_an_edit(answer: Answer, facts: Reply) -> None:
    assert ask(answer, timeout=0.3) == facts
    assert edit(answer, timeout=0.3) == facts


def test_nobody_listens() -> None:
    with client_for(f"http://127.0.0.1:{closed_port()}") as client:
        assert client.info(CLUE) == Reply(Sent.NO, 1, trouble=Message("net.refused"))


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999"])
@pytest.mark.parametrize("body", ['{"code":0,"data":{"a":[%s]}}', '{"code":0,"data":%s}', '{"code":0,"x":%s,"data":{}}'])
def test_a_number_that_is_none_makes_an_answer_no_json(number: str, body: str) -> None:
    answer = Answer(body=(body % number).encode())
    assert ask(answer) == Reply(Sent.YES, 1, 200, trouble=Message("reply.not_json"))
    assert edit(answer).code == 0  # an edit does not care


def test_the_largest_and_the_least_float_are_numbers() -> None:
    data = ask(with_data('{"largest": 1.7976931348623157e308, "least": 5e-324}')).data
    assert data == {"largest": sys.float_info.max, "least": math.ulp(0.0)}


@pytest.mark.parametrize("depth", [100, 600, 900, 1100, 20_000])
def test_a_record_is_kept_whole_or_told_to_be_no_json_however_deep_it_is(depth: int) -> None:
    """What can be parsed may still be too deep to be gone through."""
    reply = ask(with_data('{"a":' * depth + "1" + "}" * depth))
    if depth == 100 or reply.trouble is None:
        innermost = reply.data
        for _ in range(depth):
            assert isinstance(innermost, dict)
            innermost = innermost["a"]
        assert innermost == 1
    else:
        assert reply == Reply(Sent.YES, 1, 200, trouble=Message("reply.not_json"))
