"""Calls of the stand-in of the CRM as a client makes them, and the clue that its tests are about."""

from __future__ import annotations

import http.client
import json
import urllib.parse
from typing import Any

from batch_editor.sandbox import EDIT_PATH, INFO_PATH, TOKEN_PATH, Sandbox

CLUE = 1591005521987920962
OTHER = 1591005521987920963
POOL = 1591005280874161218
TOKEN = "fixed-token"
FULL: dict[str, Any] = {
    "clue_id": CLUE,
    "clue_name": "旧名称",
    "clue_corp_name": "旧企业",
    "clue_pool_id": POOL,
    "follow_user_id": "owner-1",
    "label": "tag1,tag2",
    "gender": "1",
    "birthday": 1285904160,
    "email": "old@example.com",
    "area": "湖北省-武汉市-武昌区",
    "area_code": "354271",
    "access_customer_channel": "一级-二级-三级",
    "remark": "旧描述",
    "work_id": 200,
    "coop_mode_type": "1",
    "uin": "third-1",
    "encrypt_flag": 1,
    "address": "旧地址",
    "business_tag_ids": "b1",
    "field_map": {"mf_clue_1": "旧文本", "mf_clue_51": "123465", "mf_clue_52": ["1", "2"], "level": "高"},
}
REQUIRED: dict[str, Any] = {
    "clue_id": CLUE,
    "clue_name": "新名称",
    "clue_pool_id": POOL + 1,
    "follow_user_id": "owner-2",
    "user_id": "operator",
}


class Reply:
    def __init__(self, status: int, headers: http.client.HTTPMessage, body: bytes) -> None:
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def connect(crm: Sandbox) -> http.client.HTTPConnection:
    # The timeout is the guard against a hanging test and never part of what is asserted.
    return http.client.HTTPConnection("127.0.0.1", urllib.parse.urlsplit(crm.url).port, timeout=30)


def ask(crm: Sandbox, method: str, target: str, body: bytes | None = None) -> Reply:
    connection = connect(crm)
    try:
        connection.request(method, target, body)
        with connection.getresponse() as response:
            return Reply(response.status, response.headers, response.read())
    finally:
        connection.close()


def post(crm: Sandbox, path: str, body: Any, token: str | None = TOKEN) -> Reply:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    query = "" if token is None else "?" + urllib.parse.urlencode({"access_token": token})
    return ask(crm, "POST", path + query, raw)


def edit(crm: Sandbox, body: Any = None, /, *listed: str, token: str | None = TOKEN, **fields: Any) -> Reply:
    """An edit of the required five and ``fields``, unless a whole ``body`` is given."""
    if body is None:
        body = REQUIRED | fields | {"update_specified_fields": list(listed)}
    return post(crm, EDIT_PATH, body, token)


def partial(crm: Sandbox, *listed: str, **fields: Any) -> Reply:
    return edit(crm, None, *listed, **fields)


def info(crm: Sandbox, clue_id: Any = CLUE, token: str | None = TOKEN) -> Any:
    return post(crm, INFO_PATH, {"clue_id": clue_id}, token).json


def get_token(crm: Sandbox, appid: str = "demo-app", secret: str = "demo-secret") -> Any:  # noqa: S107
    return ask(crm, "GET", f"{TOKEN_PATH}?{urllib.parse.urlencode({'appid': appid, 'app_secret': secret})}").json


def refused(crm: Sandbox, reply: Reply, code: int, mention: str = "") -> None:
    """A business error: HTTP 200, that code, data false, and not a byte of any clue changed."""
    assert (reply.status, reply.json["code"], reply.json["data"]) == (200, code, False)
    assert mention in reply.json["msg"]
    assert crm.clues() == {CLUE: FULL}
    assert not crm.requests[-1].applied


def accepted(reply: Reply) -> None:
    assert (reply.status, reply.json) == (200, {"code": 0, "msg": "请求成功", "data": True})


def faulty(*faults: str, **options: Any) -> Sandbox:
    return Sandbox([FULL, FULL | {"clue_id": OTHER}], faults=faults, access_token=TOKEN, **options)


def renamed(value: dict[str, Any], key: str) -> dict[str, Any]:
    """``{"value": x}`` under another key; nothing stays nothing."""
    return {key: value["value"]} if value else {}
