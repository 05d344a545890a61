"""The local stand-in of the CRM, over real HTTP: it does with edits what the reference says, and each fault as named."""

from __future__ import annotations

import http.client
import json
import os
import socket
import struct
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import FrozenInstanceError
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from support.sandbox_calls import (
    CLUE,
    FULL,
    OTHER,
    REQUIRED,
    TOKEN,
    Reply,
    accepted,
    ask,
    connect,
    edit,
    faulty,
    get_token,
    info,
    partial,
    post,
    refused,
    renamed,
)

from batch_editor.sandbox import EDIT_PATH, FAULT_NAMES, INFO_PATH, TOKEN_PATH, Sandbox, fault_help
from batch_editor.sandbox import reference as module

OPTIONAL = sorted(FULL.keys() - REQUIRED.keys() - {"field_map"})


@pytest.fixture
def crm() -> Iterator[Sandbox]:
    with Sandbox([FULL], access_token=TOKEN) as running:
        yield running


# The access token


def test_token_call_has_the_documented_shape(crm: Sandbox) -> None:
    before = int(time.time())
    answer = get_token(crm)
    assert (answer["code"], answer["msg"]) == (0, "ok")
    assert answer["data"].keys() == {"access_token", "expires_in", "create_at"}
    assert answer["data"]["expires_in"] == 7200
    assert before <= answer["data"]["create_at"] <= time.time()
    assert 0 < len(answer["data"]["access_token"].encode()) <= 512


def test_token_stays_the_same_while_valid_and_works(crm: Sandbox) -> None:
    token = get_token(crm)["data"]["access_token"]
    assert get_token(crm)["data"]["access_token"] == token != TOKEN
    accepted(edit(crm, token=token))


def test_token_ends_by_itself() -> None:
    with Sandbox([FULL], token_seconds=0) as crm:
        token = get_token(crm)["data"]
        assert token["expires_in"] == 0
        refused(crm, edit(crm, token=token["access_token"]), 10001, "access_token")
        assert get_token(crm)["data"]["access_token"] != token["access_token"]


def test_expire_token_ends_given_and_fixed_token(crm: Sandbox) -> None:
    token = get_token(crm)["data"]["access_token"]
    crm.expire_token()
    refused(crm, edit(crm, token=token), 10001, "access_token")
    refused(crm, edit(crm, token=TOKEN), 10001, "access_token")
    fresh = get_token(crm)["data"]["access_token"]
    assert fresh != token
    accepted(edit(crm, token=fresh))


@pytest.mark.parametrize("token", [None, "", "wrong"])
def test_wrong_token_is_10001(crm: Sandbox, token: str | None) -> None:
    refused(crm, edit(crm, token=token), 10001, "access_token")
    assert info(crm, token=token) == {"code": 10001, "msg": "access_token 已失效或不可用", "data": None}


def test_without_a_fixed_token_only_given_ones_count() -> None:
    with Sandbox([FULL]) as crm:
        for token in (TOKEN, "", "None"):
            refused(crm, edit(crm, token=token), 10001)


@pytest.mark.parametrize(("appid", "secret"), [("demo-app", "x"), ("x", "demo-secret"), ("", "")])
def test_wrong_credentials(crm: Sandbox, appid: str, secret: str) -> None:
    answer = get_token(crm, appid, secret)
    assert (answer["code"], answer["data"]) == (module.CODE_BAD_CREDENTIALS, None)


def test_own_credentials() -> None:
    with Sandbox(app_id="a", app_secret="b c+d") as crm:
        assert get_token(crm, "a", "b c+d")["code"] == 0
        assert get_token(crm)["code"] == module.CODE_BAD_CREDENTIALS


# Partial edits and whole ones


def test_partial_edit_changes_the_listed_keys_only(crm: Sandbox) -> None:
    everything = {"remark": "新描述", "email": "new@example.com", "address": None, "field_map": {"mf_clue_1": "新文本"}}
    accepted(partial(crm, "remark", **everything))
    assert crm.clue(CLUE) == FULL | {"remark": "新描述"}


@pytest.mark.parametrize("key", OPTIONAL)
@pytest.mark.parametrize("empty", [{}, {"value": None}, {"value": ""}], ids=["absent", "null", "blank"])
def test_listed_and_empty_is_cleared(crm: Sandbox, key: str, empty: dict[str, Any]) -> None:
    accepted(partial(crm, key, **renamed(empty, key)))
    assert crm.clue(CLUE) == FULL | {key: None}


@pytest.mark.parametrize("key", OPTIONAL)
def test_each_optional_field_can_be_set(crm: Sandbox, key: str) -> None:
    new = {"gender": "0", "encrypt_flag": 0, "birthday": -1, "work_id": 2**31 - 1}.get(key, "新")
    accepted(partial(crm, key, **{key: new}))
    assert crm.clue(CLUE) == FULL | {key: new}


@pytest.mark.parametrize("key", ["clue_name", "clue_pool_id", "follow_user_id"])
def test_required_fields_change_only_when_listed(crm: Sandbox, key: str) -> None:
    accepted(partial(crm, "remark", remark="旧描述"))
    assert crm.clue(CLUE) == FULL
    accepted(partial(crm, key))
    assert crm.clue(CLUE) == FULL | {key: REQUIRED[key]}


def test_custom_fields_are_listed_by_their_own_key(crm: Sandbox) -> None:
    sent = {"mf_clue_1": "新文本", "mf_clue_9": 123465, "mf_clue_52": [3, 4], "level": ""}
    accepted(partial(crm, "mf_clue_1", "mf_clue_9", "level", field_map=sent, remark="x"))
    expected = {"mf_clue_1": "新文本", "mf_clue_51": "123465", "mf_clue_52": ["1", "2"], "mf_clue_9": 123465}
    assert crm.clue(CLUE) == FULL | {"field_map": expected}


@pytest.mark.parametrize("field_map", [None, "", {}, {"mf_clue_52": None}, {"mf_clue_52": ""}, {"mf_clue_52": []}])
def test_custom_field_listed_and_empty_is_cleared(crm: Sandbox, field_map: Any) -> None:
    accepted(partial(crm, "mf_clue_52", field_map=field_map))
    assert crm.clue(CLUE)["field_map"] == {"mf_clue_1": "旧文本", "mf_clue_51": "123465", "level": "高"}


@pytest.mark.parametrize("empty", [{}, {"value": None}, {"value": ""}, {"value": []}], ids=["absent", "null", "", "[]"])
def test_no_list_edits_everything_and_wipes_what_is_not_sent(crm: Sandbox, empty: dict[str, Any]) -> None:
    body = REQUIRED | {"remark": "新描述", "field_map": {"mf_clue_1": "新文本"}}
    accepted(edit(crm, body | renamed(empty, "update_specified_fields")))
    expected = dict.fromkeys(OPTIONAL) | REQUIRED | {"remark": "新描述", "field_map": {"mf_clue_1": "新文本"}}
    del expected["user_id"]
    assert crm.clue(CLUE) == expected


def test_wipe_without_field_map_takes_the_custom_fields_too(crm: Sandbox) -> None:
    accepted(edit(crm, REQUIRED))
    assert crm.clue(CLUE)["field_map"] == {}


def test_the_sample_of_the_reference_is_accepted(crm: Sandbox) -> None:
    sample = (
        '{"clue_id": 1591005521987920962, "clue_name": "线索1", "clue_corp_name": "企业",'
        ' "clue_pool_id": 1591005280874161218, "follow_user_id": "wovvCXcAAAT_dzekbq54K27FeMRBQJ2Q", "label": "BQ",'
        ' "gender": "1", "birthday": 1638720000000, "email": "copr@email.com", "area": "区域", "area_code": "354271",'
        ' "remark": "描述", "work_id": 200, "coop_mode_type": "1", "user_id": "wovvCXcAAAT_dzekbq48K27FeMRBQJ1Q",'
        ' "uin": "", "encrypt_flag": 0, "field_map":{"customField": "自定义字段"}, "address": "详细地址",'
        ' "business_tag_ids": "wfhsdihfsd,wsifhwefosdhfd", "update_specified_fields": ["clue_name", "mf_clue_1"]}'
    )
    accepted(edit(crm, sample.encode()))
    assert crm.clue(CLUE)["clue_name"] == "线索1"
    assert "mf_clue_1" not in crm.clue(CLUE)["field_map"]  # type: ignore[operator]
    assert crm.clue(CLUE)["remark"] == "旧描述"


def test_parameters_the_reference_does_not_know_are_ignored(crm: Sandbox) -> None:
    accepted(partial(crm, "remark", remark="新", description="x", mobile_phone=[]))
    assert crm.clue(CLUE) == FULL | {"remark": "新"}


@pytest.mark.parametrize(
    "key",
    ["description", "mf", "customField", "clue_id", "user_id", "field_map", "update_specified_fields", "state", ""],
)
def test_unknown_listed_key(crm: Sandbox, key: str) -> None:
    reply = partial(crm, "remark", key, remark="新", field_map={"customField": "x"})
    refused(crm, reply, module.CODE_UNKNOWN_KEY, key)


def test_declared_custom_keys_can_be_listed() -> None:
    with Sandbox([FULL], access_token=TOKEN, required_custom=["must"], choice_custom=["choice"]) as crm:
        accepted(partial(crm, "must", "choice", "level", field_map={"must": "a", "choice": 7, "level": "b"}))
        declared = {"must": "a", "choice": 7, "level": "b"}
        assert crm.clue(CLUE)["field_map"] == FULL["field_map"] | declared


# Types, values and required fields

LONG_REFUSED: list[Any] = ["1", 1.0, True, [], {}, 2**63, -(2**63) - 1]
INT_REFUSED: list[Any] = ["1", 1.0, False, [], {}, 2**31, -(2**31) - 1]
STRING_REFUSED: list[Any] = [1, 1.5, True, [], {}, ["x"]]
MAP_REFUSED: list[Any] = [[], "x", 1, True]
LIST_REFUSED: list[Any] = ["remark", '["remark"]', {}, 1, ["remark", 1], [["remark"]]]
LONGS = ("clue_id", "clue_pool_id", "birthday")
INTS = ("work_id", "encrypt_flag")
WRONG: list[tuple[str, Any]] = (
    [(key, value) for key in LONGS for value in LONG_REFUSED]
    + [(key, value) for key in INTS for value in INT_REFUSED]
    + [(key, 1) for key in sorted((FULL.keys() | {"user_id"}).difference(LONGS, INTS))]
    + [("remark", value) for value in STRING_REFUSED]
    + [("field_map", value) for value in MAP_REFUSED]
    + [("update_specified_fields", value) for value in LIST_REFUSED]
)


@pytest.mark.parametrize(("key", "value"), WRONG)
def test_wrong_type_is_refused_even_if_not_listed(crm: Sandbox, key: str, value: Any) -> None:
    body = REQUIRED | {"remark": "新", "update_specified_fields": ["remark"]} | {key: value}
    refused(crm, edit(crm, body), module.CODE_WRONG_TYPE, key)


@pytest.mark.parametrize("value", [1.0, True, {}, {"id": 1}, [1.0], [True], [None], [["1"]]])
def test_wrong_type_of_a_custom_value(crm: Sandbox, value: Any) -> None:
    refused(crm, partial(crm, "mf_clue_1", field_map={"mf_clue_1": value}), module.CODE_WRONG_TYPE, "mf_clue_1")


@pytest.mark.parametrize("key", sorted(REQUIRED))
@pytest.mark.parametrize("listed", [[], ["remark"], ["clue_name", "clue_pool_id", "follow_user_id"]])
@pytest.mark.parametrize("empty", [{}, {"value": None}, {"value": ""}], ids=["absent", "null", "blank"])
def test_required_field_missing(crm: Sandbox, key: str, listed: list[str], empty: dict[str, Any]) -> None:
    body = {name: value for name, value in REQUIRED.items() if name != key} | {"remark": "新"}
    body |= {"update_specified_fields": listed} | renamed(empty, key)
    refused(crm, edit(crm, body), module.CODE_MISSING_FIELD, key)


@pytest.mark.parametrize(("key", "value"), [("gender", "2"), ("gender", "男"), ("encrypt_flag", 2), ("encrypt_flag", -1)])
def test_value_out_of_its_set(crm: Sandbox, key: str, value: Any) -> None:
    refused(crm, partial(crm, key, **{key: value}), module.CODE_BAD_VALUE, key)
    refused(crm, partial(crm, **{key: value}), module.CODE_BAD_VALUE, key)
    accepted(partial(crm, "remark", remark="新", **{key: value}))


@pytest.mark.parametrize("field_map", [None, {}, {"mf_clue_1": "x"}, {"must": ""}, {"must": None}, {"must": []}])
@pytest.mark.parametrize("listed", [[], ["remark"], ["must"]])
def test_required_custom_field(field_map: Any, listed: list[str]) -> None:
    with Sandbox([FULL], access_token=TOKEN, required_custom=["must"]) as crm:
        refused(crm, partial(crm, *listed, field_map=field_map), module.CODE_MISSING_FIELD, "must")
        accepted(partial(crm, *listed, field_map={"must": "x"}))


def test_unknown_clue(crm: Sandbox) -> None:
    refused(crm, partial(crm, "remark", clue_id=OTHER), module.CODE_NO_SUCH_CLUE, "线索不存在")
    assert info(crm, OTHER) == {"code": module.CODE_NO_SUCH_CLUE, "msg": "线索不存在", "data": None}


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'"x"', b"null", b"\xff", json.dumps(REQUIRED).encode("utf-16"), b'{"x": NaN}', b"[" * 100_000],
    ids=range(9),
)
def test_body_that_is_no_json_object(crm: Sandbox, body: bytes) -> None:
    refused(crm, edit(crm, body), module.CODE_BAD_BODY)
    assert post(crm, INFO_PATH, body).json["code"] == module.CODE_BAD_BODY


def test_a_lone_surrogate_comes_back_as_it_was_sent(crm: Sandbox) -> None:
    accepted(partial(crm, "remark", remark="\ud83d"))
    assert info(crm)["data"]["description"] == "\ud83d"


# Reading a clue back


def test_info_speaks_its_own_words() -> None:
    seed = FULL | {"mobile_phone": "15827238888", "state": 4, "clue_pool_name": "华中池"}
    with Sandbox([seed], access_token=TOKEN, choice_custom=["mf_clue_51"]) as crm:
        answer = info(crm)
    assert (answer["code"], answer["msg"]) == (0, "请求成功")
    data = answer["data"]
    same = ["clue_id", "clue_name", "clue_corp_name", "clue_pool_id", "follow_user_id", "birthday", "email", "area"]
    same += ["access_customer_channel", "address"]
    assert {key: data[key] for key in same} == {key: FULL[key] for key in same}
    assert (data["gender"], data["description"], data["clue_pool_name"]) == ("女", "旧描述", "华中池")
    assert data["tag_list"] == [{"tag_id": "tag1", "tag_name": "标签tag1"}, {"tag_id": "tag2", "tag_name": "标签tag2"}]
    assert data["business_tags"]["tag_id"] == "b1"
    assert data["field_map"] == {
        "mf_clue_1": "旧文本",
        "mf_clue_51": [{"name": "选项123465", "id": "123465"}],
        "mf_clue_52": [{"name": "选项1", "id": "1"}, {"name": "选项2", "id": "2"}],
        "level": "高",
    }
    assert (data["mobile_phone"], data["state"]) == ("15827238888", 4)
    assert {"gmt_create", "create_user_id", "merge_user_id", "recovery_num"} <= data.keys()
    assert not {"work_id", "uin", "encrypt_flag", "coop_mode_type", "area_code", "user_id"} & data.keys()
    assert not {"remark", "label", "business_tag_ids"} & data.keys()


def test_info_of_several_or_no_business_tags_and_of_an_empty_clue(crm: Sandbox) -> None:
    new = {"business_tag_ids": "b1,b2", "gender": "0", "field_map": {"mf_clue_51": 9, "mf_clue_52": [8]}}
    accepted(partial(crm, "business_tag_ids", "gender", "mf_clue_51", "mf_clue_52", **new))
    data = info(crm)["data"]
    assert [tag["tag_id"] for tag in data["business_tags"]] == ["b1", "b2"]
    assert (data["gender"], data["field_map"]["mf_clue_51"]) == ("男", "9")
    assert data["field_map"]["mf_clue_52"] == [{"name": "选项8", "id": "8"}]
    accepted(edit(crm, REQUIRED))
    data = info(crm)["data"]
    assert (data["business_tags"], data["tag_list"], data["gender"], data["field_map"]) == (None, [], None, {})
    assert (data["description"], data["birthday"]) == (None, None)


@pytest.mark.parametrize(("clue_id", "code"), [(str(CLUE), 90004), (float(CLUE), 90004), (True, 90004), (None, 90003)])
def test_info_wants_a_long(crm: Sandbox, clue_id: Any, code: int) -> None:
    assert info(crm, clue_id)["code"] == code


def test_any_clue_exists_when_it_is_asked_for() -> None:
    with Sandbox(access_token=TOKEN, accept_any_clue=True) as crm:
        shown = info(crm)["data"]
        assert shown["clue_id"] == CLUE
        assert shown["clue_name"]
        assert shown["clue_pool_id"]
        assert shown["follow_user_id"]
        assert crm.clues() == {}
        assert partial(crm, "nonsense").json["code"] == module.CODE_UNKNOWN_KEY
        assert crm.clues() == {}
        accepted(partial(crm, "remark", "customField", remark="新", field_map={"customField": "x"}))
        assert crm.clue(CLUE)["email"] == shown["email"] != None  # noqa: E711
        assert (crm.clue(CLUE)["remark"], crm.clue(CLUE)["field_map"]) == ("新", {"customField": "x"})


# HTTP


def test_answers_are_json_and_the_connection_stays(crm: Sandbox) -> None:
    connection = connect(crm)
    try:
        sockets = set()
        for _ in range(3):
            connection.request("POST", f"{EDIT_PATH}?access_token={TOKEN}", json.dumps(REQUIRED))
            sockets.add(connection.sock)
            with connection.getresponse() as response:
                assert response.version == 11
                assert response.headers["Content-Type"] == "application/json; charset=utf-8"
                assert response.read().decode() == '{"code": 0, "msg": "请求成功", "data": true}'
        assert len(sockets) == 1
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("POST", "/openapi/crm/clue/edit/", 404),
        ("GET", EDIT_PATH, 405),
        ("POST", TOKEN_PATH, 405),
        ("PUT", EDIT_PATH, 501),
    ],
)
def test_unknown_path_or_method(crm: Sandbox, method: str, path: str, status: int) -> None:
    reply = ask(crm, method, f"{path}?access_token={TOKEN}")
    assert (reply.status, reply.json["code"]) == (status, module.CODE_NO_SUCH_PATH)
    assert reply.json["msg"]
    assert crm.clue(CLUE) == FULL


def raw_connection(crm: Sandbox) -> socket.socket:
    return socket.create_connection(("127.0.0.1", int(crm.url.rsplit(":")[-1])), timeout=30)


def test_length_of_the_body_must_be_known(crm: Sandbox) -> None:
    with raw_connection(crm) as raw:
        raw.sendall(f"POST {EDIT_PATH} HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        response = http.client.HTTPResponse(raw, method="POST")
        with response:
            response.begin()
            assert response.status == 411
            assert json.loads(response.read())["code"] == module.CODE_NO_SUCH_PATH
    assert crm.requests == []


def test_half_a_request_leaves_no_trace(crm: Sandbox) -> None:
    with raw_connection(crm) as raw:
        raw.sendall(f"POST {EDIT_PATH} HTTP/1.1\r\nContent-Length: 100\r\n\r\n{{".encode())
        raw.shutdown(socket.SHUT_WR)
        assert raw.recv(100) == b""
    assert crm.requests == []


def test_a_client_that_hangs_up_is_nothing_to_speak_of(capfd: pytest.CaptureFixture[str]) -> None:
    with Sandbox() as crm, raw_connection(crm) as raw:
        raw.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert raw.recv(9) == b"HTTP/1.1 "
        # With no time to linger, close() resets the connection instead of ending it.
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("hh" if os.name == "nt" else "ii", 1, 0))
        raw.close()
        while any(thread.name == "sandbox-request" for thread in threading.enumerate()):
            time.sleep(0.001)
    assert capfd.readouterr() == ("", "")


def test_requests_are_recorded_as_they_arrived(crm: Sandbox) -> None:
    body = json.dumps(REQUIRED | {"update_specified_fields": ["remark"]}, indent=3).encode() + b"\n "
    start = time.monotonic()
    ask(crm, "GET", "/nowhere?a=1&b=")
    edit(crm, body)
    edit(crm, b"\xff\x00", token="a b+c&d")
    info(crm)
    get_token(crm)
    end = time.monotonic()
    paths = ["/nowhere", EDIT_PATH, EDIT_PATH, INFO_PATH, TOKEN_PATH]
    assert [request.path for request in crm.requests] == paths
    assert [request.applied for request in crm.requests] == [False, True, False, False, False]
    assert [request.body for request in crm.requests[:3]] == [b"", body, b"\xff\x00"]
    assert crm.requests[0].query == {"a": "1", "b": ""}
    assert crm.requests[2].query == {"access_token": "a b+c&d"}
    moments = [request.at for request in crm.requests]
    assert moments == sorted(moments)
    assert start <= moments[0] <= moments[-1] <= end
    with pytest.raises(FrozenInstanceError):
        crm.requests[0].applied = True  # type: ignore[misc]


def test_many_senders_lose_nothing(crm: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    def slow_copy(value: Any) -> Any:
        copied = deepcopy(value)
        time.sleep(0.0005)  # lets the other threads in where a missing lock would lose their edits
        return copied

    monkeypatch.setattr("copy.deepcopy", slow_copy)

    def send(name: str) -> None:
        for turn in range(20):
            accepted(partial(crm, f"mf_{name}", field_map={f"mf_{name}": str(turn)}))

    threads = [threading.Thread(target=send, args=(str(number),)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stored = crm.clue(CLUE)["field_map"]
    assert stored == FULL["field_map"] | {f"mf_{number}": "19" for number in range(8)}
    assert len(crm.requests) == 160
    assert all(request.applied for request in crm.requests)


def test_latency_delays_every_answer_but_not_the_edit() -> None:
    with Sandbox([FULL], access_token=TOKEN, latency=0.05) as crm:
        start = time.monotonic()
        accepted(partial(crm, "remark"))
        info(crm)
        # A lower bound only: waiting too long is the machine's business, not waiting is ours.
        assert time.monotonic() - start >= 0.1
        assert crm.requests[0].at - start < time.monotonic() - crm.requests[0].at


# The Python interface


def test_clue_and_clues_are_copies_and_seeds_are_copied() -> None:
    seed = FULL | {"field_map": {"mf_clue_52": ["1"]}}
    crm = Sandbox([seed])
    seed["field_map"]["mf_clue_52"].append("2")
    crm.clue(CLUE)["field_map"]["mf_clue_52"].append("3")  # type: ignore[index]
    crm.clues()[CLUE]["remark"] = "x"
    assert crm.clue(CLUE) == FULL | {"field_map": {"mf_clue_52": ["1"]}}
    with pytest.raises(KeyError):
        crm.clue(OTHER)


def test_a_clue_needs_no_more_than_its_id() -> None:
    clue = Sandbox([{"clue_id": 7}]).clue(7)
    assert clue.keys() == FULL.keys()
    assert [clue[key] for key in OPTIONAL] == [None] * len(OPTIONAL)
    assert clue["clue_name"]
    assert clue["clue_pool_id"]
    assert clue["follow_user_id"]


@pytest.mark.parametrize(
    ("clues", "mention"),
    [
        ([{}], "clue_id"),
        ([{"clue_id": "7"}], "clue_id"),
        ([{"clue_id": 7}, {"clue_id": 7}], "7"),
        ([{"clue_id": 7, "description": "x"}], "description"),
        ([{"clue_id": 7, "birthday": "x"}], "birthday"),
    ],
)
def test_clue_that_cannot_be_kept(clues: Any, mention: str) -> None:
    with pytest.raises(ValueError, match=mention):
        Sandbox(clues)


@pytest.mark.parametrize("options", [{"port": 65536}, {"port": -1}, {"latency": -0.1}, {"latency": float("nan")}])
def test_number_out_of_range(options: Any) -> None:
    with pytest.raises(ValueError, match="out of range"):
        Sandbox(**options)


def test_url_is_known_once_started_and_kept() -> None:
    crm = Sandbox([FULL], access_token=TOKEN)
    with pytest.raises(RuntimeError, match="start"):
        _ = crm.url
    assert crm.start() is crm.start()
    url = crm.url
    # A connection that the server ends first leaves the port in TIME_WAIT, which must not keep it from starting again.
    with raw_connection(crm) as idle:
        accepted(partial(crm, "remark"))
        crm.stop()
        crm.stop()
        assert idle.recv(1) == b""
    with pytest.raises(ConnectionRefusedError):
        partial(crm, "remark")
    with crm:
        assert crm.url == url
        accepted(partial(crm, "remark"))
    assert len(crm.requests) == 2


def test_a_port_that_is_taken_is_said_to_be() -> None:
    with Sandbox() as crm, pytest.raises(OSError):
        Sandbox(port=int(crm.url.rsplit(":")[-1])).start()


def threads_of_the_sandbox() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("sandbox")]


def test_stop_leaves_no_thread_and_no_socket() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", ResourceWarning)
        with Sandbox([FULL], access_token=TOKEN) as crm:
            idle = [connect(crm) for _ in range(3)]
            for connection in idle:
                connection.request("POST", f"{EDIT_PATH}?access_token={TOKEN}", json.dumps(REQUIRED))
                with connection.getresponse() as response:
                    response.read()
            assert len(threads_of_the_sandbox()) == 4
        assert threads_of_the_sandbox() == []
        for connection in idle:
            assert connection.sock.recv(1) == b""
            connection.close()


@pytest.mark.parametrize("fault", ["slow=1000", "drip=1000"])
def test_stop_ends_a_fault_that_waits(fault: str) -> None:
    crm = faulty(fault).start()
    connection = connect(crm)
    connection.request("POST", f"{EDIT_PATH}?access_token={TOKEN}", json.dumps(REQUIRED))
    if fault.startswith("drip"):
        response = connection.getresponse()
        assert response.read(1) == b" "
    else:
        while not crm.requests:
            time.sleep(0.001)
    crm.stop()
    assert threads_of_the_sandbox() == []
    if fault.startswith("slow"):
        with pytest.raises(http.client.RemoteDisconnected):
            connection.getresponse()
    else:
        with pytest.raises(http.client.IncompleteRead):
            response.read()
        response.close()
    connection.close()


def test_it_listens_on_loopback_only(crm: Sandbox) -> None:
    assert crm.url.startswith("http://127.0.0.1:")
    assert crm._server is not None
    assert crm._server.socket.getsockname()[0] == "127.0.0.1"


def test_nothing_is_logged(crm: Sandbox, capfd: pytest.CaptureFixture[str]) -> None:
    partial(crm, "remark")
    ask(crm, "PUT", f"{EDIT_PATH}?access_token={TOKEN}")
    assert capfd.readouterr() == ("", "")


def test_it_imports_nothing_else_of_the_package() -> None:
    script = (
        "import sys, batch_editor; before = set(sys.modules); import batch_editor.sandbox;"
        "print(*sorted(name for name in set(sys.modules) - before if name.startswith('batch_editor')));"
        "print(*[name for name in ('loader', 'fields', 'client', 'cells') if 'batch_editor.' + name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    imported, others = done.stdout.splitlines()
    assert all(name.startswith("batch_editor.sandbox") for name in imported.split()) and not others


# Faults: what each one does

UNAPPLIED = FULL
APPLIED = FULL | {"remark": "新"}


def spoil(fault: str) -> tuple[Sandbox, Reply | Exception]:
    """One edit against a sandbox with that fault, and what became of it."""
    with faulty(fault) as crm:
        try:
            return crm, partial(crm, "remark", remark="新")
        except (http.client.HTTPException, OSError) as error:
            return crm, error


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504, 404, 401, 408, 201, 599])
def test_fault_status(status: int) -> None:
    crm, reply = spoil(str(status))
    assert isinstance(reply, Reply)
    assert (reply.status, reply.json["code"], reply.json["data"]) == (status, module.CODE_FAULT, False)
    assert "Retry-After" not in reply.headers
    assert crm.clue(CLUE) == UNAPPLIED
    assert not crm.requests[0].applied


@pytest.mark.parametrize("status", [429, 503])
def test_fault_with_retry_after_in_seconds(status: int) -> None:
    crm, reply = spoil(f"{status}=7")
    assert isinstance(reply, Reply)
    assert (reply.status, reply.headers["Retry-After"]) == (status, "7")
    assert crm.clue(CLUE) == UNAPPLIED


def test_fault_with_retry_after_as_a_date() -> None:
    before = time.time()
    _, reply = spoil("429=date")
    assert isinstance(reply, Reply)
    moment = reply.headers["Retry-After"]
    assert moment.endswith(" GMT")
    assert before < parsedate_to_datetime(moment).timestamp() <= time.time() + 60


def test_fault_redirect_points_at_itself() -> None:
    crm, reply = spoil("302")
    assert isinstance(reply, Reply)
    assert (reply.status, reply.headers["Location"]) == (302, f"{EDIT_PATH}?access_token={TOKEN}")
    assert crm.clue(CLUE) == UNAPPLIED


@pytest.mark.parametrize(("fault", "stored"), [("lost-before", UNAPPLIED), ("lost-after", APPLIED)])
def test_fault_lost(fault: str, stored: dict[str, Any]) -> None:
    crm, error = spoil(fault)
    assert isinstance(error, http.client.RemoteDisconnected)
    assert crm.clue(CLUE) == stored
    assert crm.requests[0].applied is (stored is APPLIED)


def test_fault_truncated() -> None:
    crm, error = spoil("truncated")
    assert isinstance(error, http.client.IncompleteRead)
    assert error.partial
    assert error.expected
    assert crm.clue(CLUE) == APPLIED


@pytest.mark.parametrize("fault", ["slow=0.05", "drip=0.05", "drip=0"])
def test_fault_that_only_delays(fault: str) -> None:
    start = time.monotonic()
    crm, reply = spoil(fault)
    assert isinstance(reply, Reply)
    accepted(reply)
    assert time.monotonic() - start >= float(fault.partition("=")[2])
    assert reply.body.startswith(b" ") is (fault == "drip=0.05")
    assert crm.clue(CLUE) == APPLIED


def test_fault_not_json() -> None:
    crm, reply = spoil("not-json")
    assert isinstance(reply, Reply)
    assert (reply.status, reply.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    with pytest.raises(ValueError, match="Expecting value"):
        _ = reply.json
    assert crm.clue(CLUE) == UNAPPLIED


def test_fault_not_object() -> None:
    crm, reply = spoil("not-object")
    assert isinstance(reply, Reply)
    assert reply.status == 200
    assert isinstance(reply.json, list)
    assert crm.clue(CLUE) == UNAPPLIED


@pytest.mark.parametrize(("fault", "code"), [("code=45009", 45009), ("code=-1", -1), ("data-false", 0)])
def test_fault_business(fault: str, code: int) -> None:
    crm, reply = spoil(fault)
    assert isinstance(reply, Reply)
    assert (reply.status, reply.json["code"], reply.json["data"]) == (200, code, False)
    assert crm.clue(CLUE) == UNAPPLIED


def test_fault_token_expired_ends_the_token() -> None:
    with faulty("token-expired@2") as crm:
        token = get_token(crm)["data"]["access_token"]
        accepted(edit(crm, None, "remark", token=token))
        codes = [edit(crm, None, "remark", token=token).json["code"] for _ in range(3)]
        assert codes == [10001] * 3
        fresh = get_token(crm)["data"]["access_token"]
        assert fresh != token
        accepted(edit(crm, None, "remark", token=fresh))


def test_fault_stands_in_front_of_the_token_and_leaves_other_paths_alone() -> None:
    with faulty("500") as crm:
        assert edit(crm, b"nonsense", token="wrong").status == 500
        assert info(crm)["code"] == 0
        assert get_token(crm)["code"] == 0


def test_fault_that_delivers_badly_still_obeys_the_rules() -> None:
    with faulty("lost-after") as crm:
        with pytest.raises(http.client.RemoteDisconnected):
            partial(crm, "nonsense")
        assert not crm.requests[0].applied
    with faulty("slow=0") as crm:
        assert edit(crm, None, "remark", token="wrong").json["code"] == 10001


# Faults: whom they meet


def statuses(crm: Sandbox, count: int, **fields: Any) -> list[int]:
    return [partial(crm, "remark", **fields).status for _ in range(count)]


@pytest.mark.parametrize(
    ("faults", "expected"),
    [
        (["500"], [500] * 6),
        (["500@3"], [200, 200, 500, 200, 200, 200]),
        (["500@2-4"], [200, 500, 500, 500, 200, 200]),
        (["500*2"], [500, 500, 200, 200, 200, 200]),
        (["500@2-6*1"], [200, 500, 200, 200, 200, 200]),
        (["502@2", "503@1-3", "504"], [503, 502, 503, 504, 504, 504]),
        (["502*1", "503*1"], [502, 503, 200, 200, 200, 200]),
        (["500@0%"], [200] * 6),
        (["500@100%"], [500] * 6),
        ([], [200] * 6),
    ],
)
def test_where(faults: list[str], expected: list[int]) -> None:
    with faulty(*faults) as crm:
        info(crm)  # only edits are counted
        assert statuses(crm, 6) == expected


def test_where_clue() -> None:
    with faulty(f"500@clue:{OTHER}*2") as crm:
        assert statuses(crm, 2) == [200, 200]
        assert statuses(crm, 3, clue_id=OTHER) == [500, 500, 200]
        assert edit(crm, b"[]").json["code"] == module.CODE_BAD_BODY


def test_where_share_is_seeded() -> None:
    def drawn(seed: int) -> list[int]:
        with faulty("500@30%", seed=seed) as crm:
            return statuses(crm, 200)

    first = drawn(1)
    assert first == drawn(1) != drawn(2)
    assert 30 <= first.count(500) <= 90


@pytest.mark.parametrize(
    "fault",
    [
        *("", "nonsense", "status", "SLOW=1", " 500", "lost-after=1", "not-json=1"),
        *("slow", "slow=", "slow=x", "slow=-1", "slow=nan", "slow=SECONDS", "drip"),
        *("429=x", "429=1.5", "302=5", "200", "204", "304", "600", "99"),
        *("code", "code=", "code=0", "code=x"),
        *("500@", "500@0", "500@5-2", "500@x", "500@101%", "500@-1", "500@clue:", "500@clue:x"),
        *("500*0", "500*", "500*x", "500*2@3"),
        *("read:", "read:read:500", "read:nonsense", "read:code=0", "read:500@0", "edit:500", "READ:500", "read: 500"),
    ],
)
def test_fault_that_is_not_understood(fault: str) -> None:
    with pytest.raises(ValueError, match="not understood") as caught:
        Sandbox(faults=["500", fault])
    assert repr(fault) in str(caught.value)
    assert all(name in str(caught.value) for name in FAULT_NAMES)


def test_help_names_every_fault_and_every_place() -> None:
    assert all(name in fault_help() for name in (*FAULT_NAMES, "@3", "@2-5", "@20%", "@clue:", "*K", "read:"))
    named = [name.replace("SECONDS", "1").replace("=N", "=5") for name in FAULT_NAMES]
    Sandbox(faults=[*named, *(f"read:{name}" for name in named)])
