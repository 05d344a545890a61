"""An answer as bytes and headers, read as a reply or a grant: what is kept, what is cut, and that no secret is left in it."""

from __future__ import annotations

import gzip
import json
import time
import zlib
from collections.abc import Callable

import pytest

from batch_editor.crm.replies import (
    LONGEST_BODY,
    LONGEST_CODE,
    LONGEST_MSG,
    USUAL_LIFE,
    Answer,
    decompressed,
    edit_reply,
    info_reply,
    retry_seconds,
    token_grant,
)
from batch_editor.crm.secrets import Secrets
from batch_editor.crm.tokens import Grant
from batch_editor.model import Message, Reply, Sent
from batch_editor.settings.credentials import LONGEST_TOKEN

SECRET = "S3CRET-of-this-test"
NOT_JSON = Message("reply.not_json")
NO_TOKEN = Message("reply.no_token")


def hidden() -> Secrets:
    secrets = Secrets()
    secrets.add(SECRET)
    return secrets


def answer(content: object, status: int = 200, retry_after: float | None = None) -> Answer:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return Answer(Sent.YES, status, retry_after, body)


def nested(depth: int) -> bytes:
    return b'{"code": 0, "data": {"a": ' + b"[" * depth + b"]" * depth + b"}}"


@pytest.mark.parametrize("read", [edit_reply, info_reply])
@pytest.mark.parametrize(
    ("came", "reply"),
    [
        (Answer(Sent.NO, trouble=Message("net.refused")), Reply(Sent.NO, 3, trouble=Message("net.refused"))),
        (
            Answer(Sent.MAYBE, 502, 1.5, trouble=Message("net.cut")),
            Reply(Sent.MAYBE, 3, 502, retry_after=1.5, trouble=Message("net.cut")),
        ),
        (answer(b"<html>", 503, 7.0), Reply(Sent.YES, 3, 503, retry_after=7.0, trouble=NOT_JSON)),
        (answer(b"", 204), Reply(Sent.YES, 3, 204, trouble=NOT_JSON)),
        (answer([1]), Reply(Sent.YES, 3, 200, trouble=NOT_JSON)),
        (answer(b"[" * 200_000), Reply(Sent.YES, 3, 200, trouble=NOT_JSON)),
        (answer({"code": 0, "msg": "ok", "data": True}, 200, 2.0), Reply(Sent.YES, 3, 200, 0, "ok", True, 2.0)),
        (answer({"code": "A-1", "msg": "no"}, 400), Reply(Sent.YES, 3, 400, "A-1", "no")),
        (answer({"msg": "no"}), Reply(Sent.YES, 3, 200, None, "no", trouble=Message("reply.no_code"))),
        (answer({"code": True}), Reply(Sent.YES, 3, 200, trouble=Message("reply.no_code"))),
        (answer({"code": 0.0}), Reply(Sent.YES, 3, 200, trouble=Message("reply.no_code"))),
        (answer({"code": 1, "msg": {"a": ["中"]}}), Reply(Sent.YES, 3, 200, 1, '{"a": ["中"]}')),
        (answer({"code": 1, "msg": None}), Reply(Sent.YES, 3, 200, 1, "")),
        (answer({"code": 1, "data": "中"}), Reply(Sent.YES, 3, 200, 1, data="中")),
        (answer({"code": 1, "data": 1.5}), Reply(Sent.YES, 3, 200, 1, data=1.5)),
        (answer({"code": 1, "data": ["中", 1]}), Reply(Sent.YES, 3, 200, 1, data='["中", 1]')),
        (answer(b'\xef\xbb\xbf{"code": 0, "msg": "a\xffb"}'), Reply(Sent.YES, 3, 200, 0, "a\ufffdb")),
        (answer({"code": 0, "msg": "\ud800"}), Reply(Sent.YES, 3, 200, 0, "?")),
    ],
    ids=repr,
)
def test_an_edit_and_a_read_are_read_alike(read: object, came: Answer, reply: Reply) -> None:
    assert callable(read) and read(came, Secrets(), 3) == reply


def test_data_that_is_an_object_is_a_text_for_an_edit_and_a_record_for_a_read() -> None:
    record = {"clue_id": 1234567890123456789, "name": "中", "tags": [{"id": 1, "on": None}, "x"]}
    came = answer({"code": 0, "data": record})
    assert edit_reply(came, Secrets(), 1).data == json.dumps(record, ensure_ascii=False)
    assert info_reply(came, Secrets(), 1).data == record


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"-Infinity", b"1e999", b"-1e999"])
def test_what_no_float_holds_is_no_json_where_a_record_is_read(number: bytes) -> None:
    came = answer(b'{"code": 0, "data": {"a": 1.5, "b": ' + number + b"}}")
    assert info_reply(came, Secrets(), 1) == Reply(Sent.YES, 1, 200, trouble=NOT_JSON)
    assert edit_reply(came, Secrets(), 1).code == 0
    assert info_reply(answer({"code": 0, "data": {"a": 1.5}}), Secrets(), 1).data == {"a": 1.5}


def test_what_is_nested_too_deeply_to_be_gone_through_is_no_json() -> None:
    assert info_reply(answer(nested(100)), Secrets(), 1).code == 0
    assert info_reply(answer(nested(400_000)), Secrets(), 1).trouble == NOT_JSON


@pytest.mark.parametrize("data", [SECRET, {SECRET: [SECRET, {"a": SECRET}]}, [SECRET]])
def test_no_secret_is_left_in_a_reply(data: object) -> None:
    came = answer({"code": SECRET, "msg": f"the token {SECRET}", "data": data})
    for read in (edit_reply, info_reply):
        reply = read(came, hidden(), 1)
        assert (reply.code, reply.msg) == ("***", "the token ***")
        assert SECRET not in repr(reply) and "***" in str(reply.data)
    assert info_reply(answer({"code": 0, "data": {SECRET: [SECRET, 5]}}), hidden(), 1).data == {"***": ["***", 5]}


def test_texts_are_cut() -> None:
    long = answer({"code": "9" * 5000, "msg": "长" * 5000, "data": "长" * 5000})
    for read in (edit_reply, info_reply):
        reply = read(long, Secrets(), 1)
        assert (reply.code, reply.msg, reply.data) == ("9" * LONGEST_CODE, "长" * LONGEST_MSG, "长" * LONGEST_MSG)
    assert (LONGEST_CODE, LONGEST_MSG, LONGEST_BODY) == (100, 2000, 1 << 20)


# --- headers


@pytest.mark.parametrize(
    ("text", "date", "seconds"),
    [
        ("0", "", 0.0),
        ("120", "", 120.0),
        (" 1.25 ", "", 1.25),
        ("9999999999.0123456789", "", 9999999999.0123456789),
        ("99999999999", "", None),
        ("1.01234567891", "", None),
        ("", "", None),
        ("-5", "", None),
        ("soon", "", None),
        ("Tue, 14 Nov 2023 22:13:50 GMT", "", 30.0),
        ("Tue, 14 Nov 2023 22:13:50 -0000", "", 30.0),
        ("Wed, 15 Nov 2023 06:13:50 +0800", "", 30.0),
        ("Tue, 14 Nov 2023 22:13:50 GMT", "Tue, 14 Nov 2023 22:13:40 GMT", 10.0),
        ("Tue, 14 Nov 2023 22:13:50 GMT", "Thu, 01 Jan 1970 00:00:00 GMT", 1_700_000_030.0),
        ("Sat, 01 Jan 2000 00:00:00 GMT", "", 0.0),
        ("Wed, 99 Nov 99999999999999999999 22:13:50 GMT", "", None),
    ],
)
def test_retry_after_is_read_as_seconds_from_now(text: str, date: str, seconds: float | None) -> None:
    headers = {"Retry-After": text, **({"Date": date} if date else {})}
    assert retry_seconds(headers, lambda: 1_700_000_000.0) == seconds


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the zone of a process cannot be set there")
def test_a_date_without_a_zone_is_in_utc_wherever_this_machine_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    time.tzset()
    try:
        headers = {"Retry-After": "Tue, 14 Nov 2023 22:13:50 -0000"}
        assert retry_seconds(headers, lambda: 1_700_000_000.0) == 30.0
    finally:
        monkeypatch.delenv("TZ")
        time.tzset()


def test_without_a_header_there_is_nothing_to_wait_for() -> None:
    assert retry_seconds({}, lambda: 0.0) is None


@pytest.mark.parametrize("encoding", [None, "identity", " Identity ", "none", "UTF-8", " "])
def test_a_body_that_is_not_compressed_stays_as_it_is(encoding: str | None) -> None:
    assert decompressed(gzip.compress(b"x"), {"Content-Encoding": encoding} if encoding else {}) == gzip.compress(b"x")


@pytest.mark.parametrize(("encoding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress), (" GZIP", gzip.compress)])
def test_a_compressed_body_is_decompressed_up_to_one_byte_too_many(encoding: str, pack: object) -> None:
    assert callable(pack)
    assert decompressed(pack(b'{"code": 0}'), {"Content-Encoding": encoding}) == b'{"code": 0}'
    assert len(decompressed(pack(bytes(LONGEST_BODY + 5)), {"Content-Encoding": encoding})) == LONGEST_BODY + 1
    assert decompressed(b"\x01\x02 nothing of the kind", {"Content-Encoding": encoding}) == b""


# --- tokens


def granting(value: object, expires_in: object = 60, code: object = 0, status: int = 200) -> Answer:
    return answer({"code": code, "msg": "ok", "data": {"access_token": value, "expires_in": expires_in}}, status)


@pytest.mark.parametrize("value", ["t", "x" * LONGEST_TOKEN, "令" * (LONGEST_TOKEN // 3), "a%b/+="])
@pytest.mark.parametrize("code", [0, "0"])
def test_a_token_is_granted_and_is_a_secret_from_then_on(value: str, code: object) -> None:
    secrets = Secrets()
    assert token_grant(granting(value, code=code), secrets) == Grant(value, 60.0)
    assert secrets.remove_from(f"<{value}>") == "<***>"


@pytest.mark.parametrize(
    ("expires_in", "seconds"),
    [
        *((60, 60.0), (1.5, 1.5), ("3600", 3600.0), (0.001, 0.001)),
        *((life, USUAL_LIFE) for life in (None, 0, -1, "soon", "", True, [1], float("nan"), float("inf"), 10**400)),
    ],
)
def test_a_life_without_sense_is_the_usual_one(expires_in: object, seconds: float) -> None:
    assert token_grant(granting("t", expires_in), Secrets()) == Grant("t", seconds)
    assert USUAL_LIFE == 7200.0


@pytest.mark.parametrize("value", ["", None, 5, "a b", "a\nb", "\x7f", ["x"], "x" * (LONGEST_TOKEN + 1), "令" * 171])
def test_what_cannot_be_a_token_is_none(value: object) -> None:
    assert token_grant(granting(value), Secrets()) == Reply(Sent.YES, 0, 200, 0, "ok", trouble=NO_TOKEN)
    assert token_grant(granting(value, code="0"), Secrets()) == Reply(Sent.YES, 0, 200, "0", "ok", trouble=NO_TOKEN)


@pytest.mark.parametrize("data", [None, True, "token", [1], {"token": "t"}])
def test_data_without_a_token_grants_none(data: object) -> None:
    came = answer({"code": 0, "msg": "ok", "data": data})
    assert token_grant(came, Secrets()) == Reply(Sent.YES, 0, 200, 0, "ok", trouble=NO_TOKEN)


@pytest.mark.parametrize(
    ("came", "reply"),
    [
        (granting("t0k3n", status=500), Reply(Sent.YES, 0, 500, 0, "ok", trouble=NO_TOKEN)),
        (granting("t0k3n", code=40001), Reply(Sent.YES, 0, 200, 40001, "ok")),
        (answer({"code": 40001, "msg": "wrong t0k3n"}), Reply(Sent.YES, 0, 200, 40001, "wrong t0k3n")),
        (answer(b"busy", 502, 3.0), Reply(Sent.YES, 0, 502, retry_after=3.0, trouble=NOT_JSON)),
        (Answer(Sent.NO, trouble=Message("net.refused")), Reply(Sent.NO, 0, trouble=Message("net.refused"))),
    ],
    ids=repr,
)
def test_what_came_instead_of_a_token_is_a_reply_without_data(came: Answer, reply: Reply) -> None:
    assert token_grant(came, Secrets()) == reply


def test_a_token_that_was_not_granted_is_a_secret_all_the_same() -> None:
    secrets = Secrets()
    token_grant(granting("t0k3n", status=500), secrets)
    assert secrets.remove_from("t0k3n") == "***"


def test_a_grant_does_not_show_its_token() -> None:
    assert "t0k3n" not in repr(token_grant(granting("t0k3n"), Secrets()))


# --- what is no answer of the CRM


TWICE = {
    '{"code":1,"code":0,"data":true}': "code",
    '{"code":0,"data":false,"data":true}': "data",
    '{"code":0,"msg":"a","data":true,"msg":"b"}': "msg",
    '{"code":0,"data":{"clue_id":1,"clue_id":2}}': "clue_id",
    '{"code":0,"data":true,"x":[{"y":1,"y":1}]}': "y",
    '{"code":0,"data":true,"c\\u006fde":1}': "code",
}


@pytest.mark.parametrize("read", [edit_reply, info_reply])
@pytest.mark.parametrize("body", TWICE)
def test_an_answer_that_names_a_key_twice_is_none(read: object, body: str) -> None:
    trouble = Message("reply.key_twice", {"key": TWICE[body]})
    assert callable(read) and read(answer(body.encode()), Secrets(), 1) == Reply(Sent.YES, 1, 200, trouble=trouble)


def test_a_token_that_is_named_twice_is_none() -> None:
    came = answer(b'{"code":0,"data":{"access_token":"one","access_token":"two","expires_in":60}}')
    assert token_grant(came, Secrets()) == Reply(Sent.YES, 0, 200, trouble=Message("reply.key_twice", {"key": "access_token"}))


def test_a_key_that_is_a_secret_is_not_shown() -> None:
    assert SECRET not in repr(edit_reply(answer(f'{{"{SECRET}":1,"{SECRET}":2}}'.encode()), hidden(), 1))


def test_two_answers_in_one_compressed_body_are_none() -> None:
    body = gzip.compress(b'{"code":0,"data":true}')
    assert decompressed(body + body, {"Content-Encoding": "gzip"}) == b""


@pytest.mark.parametrize(("encoding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
def test_a_compressed_body_that_was_cut_is_none(encoding: str, pack: Callable[[bytes], bytes]) -> None:
    """Even where all of its text seems to be there: how long it is, or its checksum, is not."""
    body = pack(b'{"code":0,"data":true}')
    assert {decompressed(body[:length], {"Content-Encoding": encoding}) for length in range(len(body))} == {b""}


@pytest.mark.parametrize(
    ("body", "start"),
    [
        (b'{"errcode":45009,"errmsg":"api freq out of limit"}', '{"errcode":45009,"errmsg":"api freq out of limit"}'),
        ("系统维护中，请稍后\n再试".encode(), "系统维护中，请稍后 再试"),
        (
            "<!DOCTYPE html><html><title>502 网关</title><style>p {x: 1}</style><body><h1>Bad&nbsp;Gateway</h1>".encode(),
            "502 网关 Bad Gateway",
        ),
        (b"\x1b[2Jred\x07 \xe2\x80\xaetext\x00", "[2Jred text"),
        (f"the token {SECRET} is bad".encode(), "the token *** is bad"),
        (b"x" * 5000, "x" * 160 + "…"),
        (b"<script>" * 50_000, ""),
        (b"", ""),
    ],
    ids=lambda text: repr(text)[:40],
)
def test_the_start_of_what_came_instead_is_kept_for_people(body: bytes, start: str) -> None:
    assert edit_reply(answer(body), hidden(), 1).start == start


def test_an_answer_with_a_code_has_no_start() -> None:
    assert edit_reply(answer({"code": 7, "msg": ""}), hidden(), 1).start == ""


@pytest.mark.parametrize("charset", ["", "gbk", "gb2312", "gb18030"])
def test_an_answer_in_the_encoding_of_chinese_windows_is_read(charset: str) -> None:
    body = '{"code":40001,"msg":"线索不存在，请检查"}'.encode("gbk")
    assert edit_reply(Answer(Sent.YES, 200, None, body, charset=charset), Secrets(), 1).msg == "线索不存在，请检查"


def test_a_broken_character_of_utf_8_makes_no_other_encoding_of_it() -> None:
    body = '{"code":1,"msg":"线索不存在"}'.encode().replace("在".encode(), "在".encode()[:2])
    assert edit_reply(answer(body), Secrets(), 1).msg == "线索不存\ufffd"
