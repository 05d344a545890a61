"""A local stand-in of the CRM, to try a sheet on and to test with: it takes edits, keeps clues, misbehaves on request.

It is written from the reference of ``clue/edit`` alone and imports nothing else of this package, so that one misreading
cannot hide in both the client and the stand-in. Where the reference is silent, a comment names the choice made here.
"""

from __future__ import annotations

import contextlib
import copy
import json
import math
import os
import random
import re
import secrets
import socket
import socketserver
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from email.utils import formatdate
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, Self
from urllib.parse import parse_qsl

TOKEN_PATH = "/openapi/access_token"  # noqa: S105 - an address, not a token
EDIT_PATH = "/openapi/crm/clue/edit"
INFO_PATH = "/openapi/crm/clue/info"

# The reference publishes no code but 0. 10001 is what the vendor's own tools take for a dead access token; every other
# number below is this sandbox's invention, and nothing may rely on meeting it at the real CRM.
CODE_OK = 0
CODE_TOKEN_INVALID = 10001
CODE_BAD_CREDENTIALS = 90001
CODE_BAD_BODY = 90002
CODE_MISSING_FIELD = 90003
CODE_WRONG_TYPE = 90004
CODE_BAD_VALUE = 90005
CODE_UNKNOWN_KEY = 90006
CODE_NO_SUCH_CLUE = 90007
CODE_NO_SUCH_PATH = 90404
CODE_FAULT = 90500

# The parameter table of the reference (email, whose name the table lost, and coop_mode_type are from its sample).
_LONGS = ("clue_id", "clue_pool_id", "birthday")
_INTS = ("work_id", "encrypt_flag")
_STRINGS: tuple[str, ...] = ("clue_name", "clue_corp_name", "follow_user_id", "user_id", "label", "gender", "email")
_STRINGS += ("area", "area_code", "access_customer_channel", "remark", "coop_mode_type", "uin", "address")
_STRINGS += ("business_tag_ids",)
_PARAMETERS = {**dict.fromkeys(_LONGS, "long"), **dict.fromkeys(_INTS, "int"), **dict.fromkeys(_STRINGS, "string")}
_REQUIRED = ("clue_id", "clue_name", "clue_pool_id", "follow_user_id", "user_id")
# Which clue and which operator are no properties of the clue, so they cannot be among the edited keys.
_EDITABLE = tuple(key for key in _PARAMETERS if key not in ("clue_id", "user_id"))
_SHOWN_ALIKE: tuple[str, ...] = ("clue_id", "clue_name", "clue_corp_name", "clue_pool_id", "follow_user_id", "birthday")
_SHOWN_ALIKE += ("email", "area", "access_customer_channel", "address")
_ALLOWED: dict[str, tuple[object, ...]] = {"gender": ("0", "1"), "encrypt_flag": (0, 1)}
_BITS = {"long": 63, "int": 31}

_DEFAULT_POOL = 1591005280874161218
_DEFAULT_OWNER = "wovvCXcAAAT_dzekbq54K27FeMRBQJ2Q"
# The rest of a clue that accept_any_clue makes up: filled, so that a wipe shows.
_PLAUSIBLE: dict[str, object] = {
    "clue_corp_name": "示例企业",
    "label": "BQ",
    "gender": "0",
    "birthday": 1285862400,
    "email": "demo@example.com",
    "area": "湖北省-武汉市-武昌区",
    "access_customer_channel": "广告-巨量引擎-头条",
    "remark": "描述",
    "work_id": 200,
    "encrypt_flag": 0,
    "address": "详细地址",
}
# What clue/info shows besides, and clue/edit cannot set; a clue given to the sandbox may bring its own.
_READ_ONLY: dict[str, object] = {
    "mobile_phone": None,
    "state": 1,
    "merge_user_id": None,
    "recovery_num": 0,
    "recovery_remark": None,
    "recovery_remark_type": None,
    "recovery_remark_input_text": None,
    "create_user_id": _DEFAULT_OWNER,
    "gmt_create": 1655801496,
}

_FAULT_LINES = {
    "slow=SECONDS": "the real answer, SECONDS late",
    "drip=SECONDS": "the headers, then one blank a second for SECONDS, then the rest of the real answer",
    "429": "HTTP 429, not applied",
    "429=SECONDS": "the same with Retry-After in seconds (any 4xx or 5xx takes it: 503=30)",
    "429=date": "the same with Retry-After as a date shortly ahead",
    "500": "that HTTP status, not applied; any other with a body by its number, a 3xx points at itself",
    "lost-before": "the connection closes without an answer, not applied",
    "lost-after": "applied, then the connection closes without an answer",
    "truncated": "applied, then only half of the announced answer is sent",
    "not-json": "HTTP 200 with a web page, not applied",
    "not-object": "HTTP 200 with a JSON list, not applied",
    "token-expired": "code 10001, and the access token really becomes invalid",
    "code=N": "HTTP 200 with business code N, not applied",
    "data-false": "HTTP 200 with code 0 and data false, not applied",
}
FAULT_NAMES: tuple[str, ...] = tuple(_FAULT_LINES)
_DATE_AHEAD = 2  # seconds; a date has no fractions, so 1 would often lie in the past by the time it is read


def fault_help() -> str:
    """The faults and how to aim them, as text for the command line's help."""
    lines = [
        "A fault is NAME[=ARG][@WHERE][*K]; of several, the first that matches wins.",
        *(f"  {name:<14} {line}" for name, line in _FAULT_LINES.items()),
        "WHERE is @3 the third edit request, @2-5 a range, @20% a share, @clue:ID one clue; without it: every one.",
        "*K: at most K times in all.",
    ]
    return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class SandboxRequest:
    """One request as it arrived: ``at`` by time.monotonic(), ``body`` as on the wire, ``applied``: it edited a clue."""

    at: float
    path: str
    query: dict[str, str]
    body: bytes
    applied: bool


class _Refusal(Exception):
    """The business says no: answered as HTTP 200 with this code and message."""

    def __init__(self, code: int, msg: str) -> None:
        super().__init__(msg)
        self.code = code
        self.msg = msg


@dataclass(frozen=True, slots=True)
class _Answer:
    body: bytes
    status: int = 200
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "application/json; charset=utf-8"),)
    wait: float = 0.0
    drip: float = 0.0
    ending: Literal["whole", "half", "nothing"] = "whole"


def _answer(code: int, msg: str, data: object = None, status: int = 200) -> _Answer:
    text = json.dumps({"code": code, "msg": msg, "data": data}, ensure_ascii=False)
    # A lone surrogate, which JSON can carry and UTF-8 cannot, leaves as the JSON escape that it arrived as.
    return _Answer(text.encode("utf-8", "backslashreplace"), status)


@dataclass(slots=True)
class _Fault:
    name: str
    seconds: float = 0.0
    code: int = 0
    retry_after: str | None = None
    first: int = 1
    last: float = math.inf
    share: float | None = None
    clue: str | None = None
    left: float = math.inf

    def hits(self, number: int, clue: str | None, dice: str) -> bool:
        if self.left < 1 or not self.first <= number <= self.last or self.clue not in (None, clue):
            return False
        # Drawn from the request's number and not from a running generator: the same whatever the other faults draw.
        return self.share is None or random.Random(f"{dice}:{number}").random() < self.share  # noqa: S311 - no secret


_FAULT = re.compile(r"(?P<name>[0-9a-z-]+)(=(?P<arg>[^@*]+))?(@(?P<where>[^@*]+))?(\*(?P<times>[1-9][0-9]{0,9}))?")
_WHERE = re.compile(
    r"(?P<first>[1-9][0-9]{0,9})(-(?P<last>[1-9][0-9]{0,9}))?"
    r"|(?P<share>[0-9]{1,3}(\.[0-9]+)?)%|clue:(?P<clue>[0-9]{1,19})"
)


def _fault(text: str) -> _Fault:
    match = _FAULT.fullmatch(text)
    fault = _named_fault(match["name"], match["arg"]) if match else None
    if match is None or fault is None or not _aimed(fault, match["where"]):
        raise ValueError(f"fault {text!r} is not understood; known: {', '.join(FAULT_NAMES)}\n{fault_help()}")
    if match["times"]:
        fault.left = int(match["times"])
    return fault


def _aimed(fault: _Fault, text: str | None) -> bool:
    where = _WHERE.fullmatch(text or "1-9999999999")
    if where is None:
        return False
    if where["first"]:
        fault.first, fault.last = int(where["first"]), int(where["last"] or where["first"])
    elif where["share"]:
        fault.share = float(where["share"]) / 100
    else:
        fault.clue = str(int(where["clue"]))
    return fault.first <= fault.last and (fault.share or 0) <= 1


def _named_fault(name: str, arg: str | None) -> _Fault | None:
    if name in ("slow", "drip") and arg and re.fullmatch(r"[0-9]{1,6}(\.[0-9]+)?", arg):
        return _Fault(name, seconds=float(arg))
    if name == "code" and arg and re.fullmatch(r"-?[0-9]{1,9}", arg) and int(arg) != CODE_OK:
        return _Fault(name, code=int(arg))
    # 204, 205 and 304 have no body by definition, and 200 is no fault.
    if re.fullmatch(r"[2-5][0-9][0-9]", name) and name not in ("200", "204", "205", "304"):
        if arg is None or (name >= "400" and re.fullmatch(r"date|[0-9]{1,9}", arg)):
            return _Fault("status", code=int(name), retry_after=arg)
        return None
    return _Fault(name) if name in FAULT_NAMES and arg is None else None


def _empty(value: object) -> bool:
    """The reference's "为空": null or the empty text; for a custom field of several choices also the empty list."""
    return value is None or value == "" or value == []


def _typed(sent: Mapping[str, object]) -> dict[str, Any]:
    """Every parameter of the reference's table, None where it is absent or empty; refuses a value of another type.

    Types are those of the JSON: a number in quotes is no long, and neither 1.0 nor true is an int (after the sample).
    Parameters that the reference does not know are ignored, as common servers do.
    """
    typed: dict[str, Any] = {}
    for key, kind in _PARAMETERS.items():
        value = sent.get(key)
        typed[key] = value = None if value == "" else value
        if value is not None and not _is_a(kind, value):
            raise _Refusal(CODE_WRONG_TYPE, f"参数类型错误: {key} 应为 {kind}")
    typed["field_map"] = _typed_map(sent.get("field_map"))
    return typed


def _is_a(kind: str, value: object) -> bool:
    if kind == "string":
        return isinstance(value, str)
    # type() and not isinstance(): a bool is an int to Python, not to JSON.
    return type(value) is int and -(2 ** _BITS[kind]) <= value < 2 ** _BITS[kind]


def _typed_map(value: object) -> dict[str, Any]:
    """The filled custom fields: a text, an id, or a list of ids (field_map's row in the reference)."""
    if value is None or value == "":
        return {}
    if not isinstance(value, dict):
        raise _Refusal(CODE_WRONG_TYPE, "参数类型错误: field_map 应为 map")
    for key, entry in value.items():
        parts = entry if isinstance(entry, list) else [] if entry is None else [entry]
        if any(type(part) not in (str, int) for part in parts):
            raise _Refusal(CODE_WRONG_TYPE, f"参数类型错误: field_map.{key} 应为文本、ID 或 ID 数组")
    return {key: copy.copy(entry) for key, entry in value.items() if not _empty(entry)}


def _listed(value: object) -> list[str]:
    """update_specified_fields: an array as in the reference's sample and prose; the table's "string" is a slip."""
    if _empty(value):
        return []
    if not isinstance(value, list) or not all(isinstance(key, str) for key in value):
        raise _Refusal(CODE_WRONG_TYPE, "参数类型错误: update_specified_fields 应为字符串数组")
    return value


def _json_object(body: bytes) -> dict[str, Any] | None:
    try:
        # Decoded here, since json.loads(bytes) would guess UTF-16 too; NaN and Infinity are no JSON.
        value = json.loads(body.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _ids(joined: str | None) -> list[str]:
    return [part for part in (joined or "").split(",") if part]


_Route = Callable[[str, dict[str, str], bytes], tuple[_Answer, bool]]


class Sandbox:
    """The CRM on a port of the loopback interface: ``with Sandbox(clues) as crm`` serves at ``crm.url`` for that block.

    ``clues`` are records with the names of clue/edit (only clue_id is needed), or read-only ones of clue/info.
    ``faults`` are described by fault_help(); ``latency`` is in seconds and precedes every answer. ``access_token`` is
    accepted besides the tokens given out for ``app_id`` and ``app_secret``. ``required_custom`` must be filled in every
    edit; ``choice_custom`` are read back as choices even when a bare id is stored. With ``accept_any_clue`` an unknown
    clue exists once it is asked for. Raises ValueError for a clue, a fault or a number that it cannot use.
    """

    def __init__(
        self,
        clues: Iterable[Mapping[str, object]] = (),
        *,
        port: int = 0,
        faults: Iterable[str] = (),
        latency: float = 0.0,
        app_id: str = "demo-app",
        app_secret: str = "demo-secret",  # noqa: S107 - opens nothing but this stand-in
        access_token: str | None = None,
        token_seconds: int = 7200,
        required_custom: Iterable[str] = (),
        choice_custom: Iterable[str] = (),
        accept_any_clue: bool = False,
        seed: int = 0,
    ) -> None:
        if not 0 <= port <= 65535 or not 0 <= latency < threading.TIMEOUT_MAX:
            raise ValueError(f"port {port} or latency {latency} is out of range")
        self.requests: list[SandboxRequest] = []
        self._port = port
        self._latency = latency
        self._credentials = (app_id, app_secret)
        self._fixed_token = access_token
        self._token_seconds = token_seconds
        self._token: dict[str, Any] | None = None
        self._token_ends = 0.0
        self._required_custom = tuple(required_custom)
        self._choice_custom = frozenset(choice_custom)
        self._declared = self._choice_custom.union(self._required_custom)
        self._accept_any_clue = accept_any_clue
        self._seed = seed
        self._faults = [_fault(text) for text in faults]
        self._edits = 0
        self._pools = {_DEFAULT_POOL: "默认线索池"}
        self._clues: dict[int, dict[str, Any]] = {}
        self._read_only: dict[int, dict[str, object]] = {}
        for clue in clues:
            self._add(clue)
        self._lock = threading.Lock()
        self._server: _Server | None = None
        self._serving: threading.Thread | None = None
        self._routes: dict[str, tuple[str, _Route]] = {
            TOKEN_PATH: ("GET", self._give_token),
            EDIT_PATH: ("POST", self._take_edit),
            INFO_PATH: ("POST", self._take_info),
        }

    @property
    def url(self) -> str:
        """``http://127.0.0.1:PORT``; with port 0 known from the first start on, and kept by later ones."""
        if not self._port:
            raise RuntimeError("the sandbox has no address before start()")
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> Self:
        """Serve until stop(); nothing happens when it serves already. Raises OSError when the port is taken."""
        if self._server is None:
            self._server = _Server(self, self._port)
            self._port = self._server.server_port
            # The interval is how long stop() may take to be noticed.
            serve = self._server.serve_forever
            self._serving = threading.Thread(target=serve, args=(0.02,), name="sandbox", daemon=True)
            self._serving.start()
        return self

    def stop(self) -> None:
        """End every wait and connection; returns when no thread and no socket is left. Clues and requests stay."""
        if self._server is not None and self._serving is not None:
            self._server.end(self._serving)
        self._server = self._serving = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exc_info: object) -> None:
        self.stop()

    def clue(self, clue_id: int) -> dict[str, object]:
        """A copy of a clue: clue_id, each editable key of clue/edit (None when empty), field_map; else KeyError."""
        with self._lock:
            return copy.deepcopy(self._clues[clue_id])

    def clues(self) -> dict[int, dict[str, object]]:
        """Copies of all stored clues, as clue() gives them, by their id."""
        with self._lock:
            return copy.deepcopy(self._clues)

    def expire_token(self) -> None:
        """Refuse from now on every token accepted so far, the fixed one too; the next token call gives a new one."""
        with self._lock:
            self._expire()

    def _decide(self, method: str, target: str, body: bytes) -> _Answer:
        """Decide and record one request at once, under the lock; delays come afterwards, so edits keep their order."""
        path, _, query_text = target.partition("?")
        query = dict(parse_qsl(query_text, keep_blank_values=True))
        with self._lock:
            at = time.monotonic()
            wanted, route = self._routes.get(path, ("", None))
            applied = False
            try:
                if route is None:
                    answer = _answer(CODE_NO_SUCH_PATH, f"接口不存在: {path}", status=404)
                elif method != wanted:
                    answer = _answer(CODE_NO_SUCH_PATH, f"请使用 {wanted} 请求", status=405)
                else:
                    answer, applied = route(target, query, body)
            except _Refusal as refusal:
                answer = _answer(refusal.code, refusal.msg)
            self.requests.append(SandboxRequest(at, path, query, body, applied))
        return replace(answer, wait=answer.wait + self._latency)

    def _give_token(self, target: str, query: dict[str, str], body: bytes) -> tuple[_Answer, bool]:
        if (query.get("appid"), query.get("app_secret")) != self._credentials:
            raise _Refusal(CODE_BAD_CREDENTIALS, "appid 或 app_secret 错误")
        if self._token is None or time.monotonic() >= self._token_ends:
            token = secrets.token_hex(32)
            self._token = {"access_token": token, "expires_in": self._token_seconds, "create_at": int(time.time())}
            self._token_ends = time.monotonic() + self._token_seconds
        return _answer(CODE_OK, "ok", self._token), False

    def _check_token(self, query: dict[str, str]) -> None:
        sent = query.get("access_token")
        given = self._token["access_token"] if self._token and time.monotonic() < self._token_ends else None
        if not sent or sent not in (given, self._fixed_token):
            raise _Refusal(CODE_TOKEN_INVALID, "access_token 已失效或不可用")

    def _expire(self) -> None:
        self._token = self._fixed_token = None

    def _take_edit(self, target: str, query: dict[str, str], body: bytes) -> tuple[_Answer, bool]:
        self._edits += 1
        sent = _json_object(body)
        clue_id = sent.get("clue_id") if sent else None
        fault = self._next_fault(str(clue_id) if isinstance(clue_id, int) else None)
        if fault and (answer := self._instead(fault, target)):
            return answer, False
        applied = False
        try:
            self._check_token(query)
            self._edit(sent)
            answer, applied = _answer(CODE_OK, "请求成功", True), True
        except _Refusal as refusal:
            answer = _answer(refusal.code, refusal.msg, False)
        return self._spoiled(fault, answer) if fault else answer, applied

    def _next_fault(self, clue: str | None) -> _Fault | None:
        for place, fault in enumerate(self._faults):
            if fault.hits(self._edits, clue, f"{self._seed}:{place}"):
                fault.left -= 1
                return fault
        return None

    def _instead(self, fault: _Fault, target: str) -> _Answer | None:
        """The answer of a fault that stands in front of everything: no token is looked at, nothing is applied."""
        match fault.name:
            case "lost-before":
                return _Answer(b"", ending="nothing")
            case "not-json":
                page = "<html><body>系统维护中</body></html>".encode()
                return _Answer(page, headers=(("Content-Type", "text/html; charset=utf-8"),))
            case "not-object":
                return _Answer(b'[{"code": 0, "data": true}]')
            case "token-expired":
                self._expire()
                return _answer(CODE_TOKEN_INVALID, "access_token 已失效或不可用", False)
            case "code":
                return _answer(fault.code, f"模拟业务错误 {fault.code}", False)
            case "data-false":
                return _answer(CODE_OK, "请求成功", False)
            case "status":
                answer = _answer(CODE_FAULT, f"模拟故障 {fault.code}", False, fault.code)
                extra: tuple[tuple[str, str], ...] = ()
                if 300 <= fault.code < 400:
                    extra = (("Location", target),)
                elif fault.retry_after:
                    date = formatdate(time.time() + _DATE_AHEAD, usegmt=True)
                    extra = (("Retry-After", date if fault.retry_after == "date" else fault.retry_after),)
                return replace(answer, headers=answer.headers + extra)
        return None

    def _spoiled(self, fault: _Fault, answer: _Answer) -> _Answer:
        """The real answer on a bad way: what the ordinary rules decided stands, only its delivery suffers."""
        match fault.name:
            case "slow":
                return replace(answer, wait=fault.seconds)
            case "drip":
                return replace(answer, drip=fault.seconds)
            case "truncated":
                return replace(answer, ending="half")
            case _:  # lost-after
                return replace(answer, ending="nothing")

    def _edit(self, sent: dict[str, Any] | None) -> None:
        """Apply one edit or raise _Refusal, never half of it: types, required fields, the clue, listed keys, values.

        The five required fields are demanded in a partial edit too: the reference makes no exception.
        """
        if sent is None:
            raise _Refusal(CODE_BAD_BODY, "请求体不是 JSON 对象")
        typed = _typed(sent)
        listed = _listed(sent.get("update_specified_fields"))
        custom = typed["field_map"]
        for key in _REQUIRED:
            if typed[key] is None:
                raise _Refusal(CODE_MISSING_FIELD, f"缺少必填参数: {key}")
        for key in self._required_custom:
            if key not in custom:
                raise _Refusal(CODE_MISSING_FIELD, f"缺少必填自定义字段: {key}")
        clue = self._find(typed["clue_id"])
        for key in listed:
            if key not in _EDITABLE and not self._is_custom(key, clue, sent.get("field_map")):
                raise _Refusal(CODE_UNKNOWN_KEY, f"update_specified_fields 中的字段不存在: {key}")
        for key in listed or _EDITABLE:
            if key in _ALLOWED and typed[key] not in (None, *_ALLOWED[key]):
                raise _Refusal(CODE_BAD_VALUE, f"参数值错误: {key}")
            if key in _EDITABLE:
                clue[key] = typed[key]
            elif key in custom:
                clue["field_map"][key] = custom[key]
            else:
                clue["field_map"].pop(key, None)
        if not listed:  # "不传或为空视为全部字段编辑": the custom fields too, those not sent are gone
            clue["field_map"] = custom
        self._clues[clue["clue_id"]] = clue

    def _is_custom(self, key: str, clue: Mapping[str, Any], field_map: object) -> bool:
        if key.startswith("mf_") or key in self._declared or key in clue["field_map"]:
            return True
        # With any clue accepted, nobody had the occasion to declare custom fields: what stands in field_map is one.
        return self._accept_any_clue and isinstance(field_map, dict) and key in field_map

    def _find(self, clue_id: int) -> dict[str, Any]:
        """A copy of the clue to work on; _edit() stores it once the whole edit has passed."""
        if clue_id in self._clues:
            return copy.deepcopy(self._clues[clue_id])
        if not self._accept_any_clue:
            raise _Refusal(CODE_NO_SUCH_CLUE, "线索不存在")
        return {
            "clue_id": clue_id,
            **dict.fromkeys(_EDITABLE),
            **_PLAUSIBLE,
            "clue_name": f"线索{clue_id % 10000}",
            "clue_pool_id": _DEFAULT_POOL,
            "follow_user_id": _DEFAULT_OWNER,
            "field_map": {},
        }

    def _add(self, given: Mapping[str, object]) -> None:
        """Keep a clue given to the constructor, by the types of the reference; a misspelt name must not pass."""
        unknown = given.keys() - {*_PARAMETERS, "field_map", "clue_pool_name", *_READ_ONLY}
        if unknown:
            raise ValueError(f"clue {given.get('clue_id')!r}: unknown key {', '.join(map(repr, sorted(unknown)))}")
        try:
            clue = _typed(given)
        except _Refusal as refusal:
            raise ValueError(f"clue {given.get('clue_id')!r}: {refusal.msg}") from None
        del clue["user_id"]  # who edits, not what is edited
        clue_id = clue["clue_id"]
        if clue_id is None or clue_id in self._clues:
            raise ValueError(f"clue {clue_id!r}: a clue needs a clue_id of its own")
        clue["clue_name"] = clue["clue_name"] or f"线索{clue_id % 10000}"
        clue["clue_pool_id"] = clue["clue_pool_id"] or _DEFAULT_POOL
        clue["follow_user_id"] = clue["follow_user_id"] or _DEFAULT_OWNER
        if given.get("clue_pool_name"):
            self._pools[clue["clue_pool_id"]] = str(given["clue_pool_name"])
        self._clues[clue_id] = clue
        self._declared |= clue["field_map"].keys()
        self._read_only[clue_id] = {key: given[key] for key in _READ_ONLY if key in given}

    def _take_info(self, target: str, query: dict[str, str], body: bytes) -> tuple[_Answer, bool]:
        self._check_token(query)
        sent = _json_object(body)
        if sent is None:
            raise _Refusal(CODE_BAD_BODY, "请求体不是 JSON 对象")
        clue_id = _typed({"clue_id": sent.get("clue_id")})["clue_id"]
        if clue_id is None:
            raise _Refusal(CODE_MISSING_FIELD, "缺少必填参数: clue_id")
        return _answer(CODE_OK, "请求成功", self._shown(self._find(clue_id))), False

    def _shown(self, clue: Mapping[str, Any]) -> dict[str, object]:
        """A clue in the words of clue/info, not all those of clue/edit: description, tag_list, 男/女, named choices."""
        tags = [
            {"group_id": "st-sandbox-group", "group_name": "业务标签", "tag_name": f"标签{tag}", "tag_id": tag}
            | {"type": 3, "strategy_id": 2, "manage_group_name": "管理组"}
            for tag in _ids(clue["business_tag_ids"])
        ]
        return {
            **_READ_ONLY,
            "mobile_phone": f"138{clue['clue_id'] % 10**8:08d}",
            **self._read_only.get(clue["clue_id"], {}),
            **{key: clue[key] for key in _SHOWN_ALIKE},
            "clue_pool_name": self._pools.get(clue["clue_pool_id"], f"线索池{clue['clue_pool_id']}"),
            "tag_list": [{"tag_id": tag, "tag_name": f"标签{tag}"} for tag in _ids(clue["label"])],
            "gender": {"0": "男", "1": "女"}.get(clue["gender"]),
            "description": clue["remark"],
            "field_map": {key: self._shown_custom(key, value) for key, value in clue["field_map"].items()},
            # The sample shows one object under a plural name, so one tag is an object and several are a list.
            "business_tags": (tags[0] if len(tags) == 1 else tags) or None,
        }

    def _shown_custom(self, key: str, value: object) -> object:
        if isinstance(value, list) or key in self._choice_custom:
            chosen = value if isinstance(value, list) else [value]
            return [{"name": f"选项{choice}", "id": str(choice)} for choice in chosen]
        return str(value)


class _Server(ThreadingHTTPServer):
    # The standard backlog of 5 would make a burst of senders wait a second to connect.
    request_queue_size = 128
    # On Windows this option would let two servers share one port.
    allow_reuse_address = os.name != "nt"
    allow_reuse_port = False

    def __init__(self, sandbox: Sandbox, port: int) -> None:
        self.sandbox = sandbox
        self.stopping = threading.Event()
        self._workers: dict[threading.Thread, socket.socket] = {}
        super().__init__(("127.0.0.1", port), _Handler)

    def server_bind(self) -> None:
        # HTTPServer's own would look this machine's name up, which can take seconds where there is no DNS.
        socketserver.TCPServer.server_bind(self)
        self.server_port = self.socket.getsockname()[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        # As the mix-in does it, but with the threads and sockets kept: it forgets daemon threads, and end() must not.
        self._workers = {worker: sock for worker, sock in self._workers.items() if worker.is_alive()}
        work = self.process_request_thread
        worker = threading.Thread(target=work, args=(request, client_address), name="sandbox-request", daemon=True)
        self._workers[worker] = request
        worker.start()

    def handle_error(self, request: Any, client_address: Any) -> None:
        # A client that hangs up is ordinary here; anything else is a bug and shows its traceback.
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)

    def end(self, serving: threading.Thread) -> None:
        self.stopping.set()
        self.shutdown()
        serving.join()
        for worker, sock in self._workers.items():
            with contextlib.suppress(OSError):  # it may have ended by itself
                sock.shutdown(socket.SHUT_RDWR)  # wakes a worker that waits for a next request
            worker.join()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    # Answers are written without send_response(), which would log the request line and with it the access token.
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def _serve(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not re.fullmatch("[0-9]{1,9}", length):
            self.send_error(HTTPStatus.LENGTH_REQUIRED)
            return
        body = self.rfile.read(int(length))
        if len(body) < int(length):  # the client hung up half-way: nothing arrived
            self.close_connection = True
            return
        answer = self.server.sandbox._decide(self.command, self.path, body)
        if answer.ending == "nothing":
            self.close_connection = True
        if self._stopped_while_waiting(answer.wait) or answer.ending == "nothing":
            return
        self._send(answer)

    def _send(self, answer: _Answer) -> None:
        sent = answer.body
        if answer.ending == "half":
            self.close_connection = True
            sent = sent[: len(sent) // 2]
        blanks = math.ceil(answer.drip)
        headers = [*answer.headers, ("Date", self.date_time_string())]
        headers.append(("Content-Length", str(blanks + len(answer.body))))
        if self.close_connection:
            headers.append(("Connection", "close"))
        phrase = self.responses.get(answer.status, ("Fault",))[0]
        lines = [f"HTTP/1.1 {answer.status} {phrase}", *(f"{name}: {value}" for name, value in headers), "", ""]
        head = "\r\n".join(lines).encode("latin-1")
        for second in range(blanks):
            self.wfile.write(head + b" ")  # JSON allows blanks in front
            head = b""
            if self._stopped_while_waiting(min(1.0, answer.drip - second)):
                return
        self.wfile.write(head + sent)  # in one piece: two would be two packets

    def _stopped_while_waiting(self, seconds: float) -> bool:
        stopped = self.server.stopping.wait(seconds)
        self.close_connection = self.close_connection or stopped
        return stopped

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """As the base class calls it for a request that is no HTTP or of an unknown method, but with a JSON body."""
        self.close_connection = True
        self._send(_answer(CODE_NO_SUCH_PATH, message or HTTPStatus(code).phrase, status=code))
