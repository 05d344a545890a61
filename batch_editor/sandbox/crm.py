"""Serves the stand-in of the CRM itself: its clues, its tokens, and what each request does to them.

How requests and answers travel is left to ``wire``, what a value may be to ``reference``.
"""

from __future__ import annotations

import copy
import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from email.utils import formatdate
from types import MappingProxyType
from typing import Any, Self
from urllib.parse import parse_qsl

from .faults import DATE_AHEAD, Fault, parse_fault
from .quirks import CLEARS_UNSENT, IGNORES_LIST, NO_READING, bend, check_quirks, clear_unsent
from .reading import Reader
from .reference import (
    ALLOWED,
    CODE_BAD_BODY,
    CODE_BAD_CREDENTIALS,
    CODE_BAD_VALUE,
    CODE_FAULT,
    CODE_MISSING_FIELD,
    CODE_NO_PERMISSION,
    CODE_NO_SUCH_CLUE,
    CODE_NO_SUCH_PATH,
    CODE_OK,
    CODE_TOKEN_INVALID,
    CODE_UNKNOWN_KEY,
    DEFAULT_OWNER,
    DEFAULT_POOL,
    EDIT_PATH,
    EDITABLE,
    INFO_PATH,
    PAGE_PATH,
    PARAMETERS,
    PLAUSIBLE,
    POOLS_PATH,
    READ_ONLY,
    REQUIRED,
    TOKEN_PATH,
    Refusal,
    json_object,
    listed_keys,
    typed_parameters,
    typed_values,
)
from .wire import Answer, Server, envelope


@dataclass(frozen=True, slots=True)
class SandboxRequest:
    """One request as it arrived: ``at`` by time.monotonic(), ``body`` as on the wire, ``applied``: it edited a clue."""

    at: float
    path: str
    query: dict[str, str]
    body: bytes
    applied: bool


# From the body of a call to the data of its answer.
_Call = Callable[[dict[str, Any]], object]


class Sandbox:
    """The CRM on a port of the loopback interface: ``with Sandbox(clues) as crm`` serves at ``crm.url`` for that block.

    ``clues`` are records with the names of clue/edit (only clue_id is needed), or read-only ones of clue/info.
    ``faults`` are described by fault_help(); ``latency`` is in seconds and precedes every answer. ``access_token`` is
    accepted besides the tokens given out for ``app_id`` and ``app_secret``. ``required_custom`` must be filled in every
    edit; ``choice_custom`` are read back as choices even when a bare id is stored. With ``accept_any_clue`` an unknown
    clue exists once it is asked for. clue/info answers without the fields of ``info_lacks``, and with those of
    ``info_extra`` added or replaced. ``quirks`` are of QUIRK_NAMES. Raises ValueError for a clue, a fault, a name or a
    number that it cannot use.
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
        info_lacks: Iterable[str] = (),
        info_extra: Mapping[str, object] = MappingProxyType({}),
        quirks: Iterable[str] = (),
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
        choice_custom = frozenset(choice_custom)
        self._declared = choice_custom.union(self._required_custom)
        self._accept_any_clue = accept_any_clue
        self._quirks = check_quirks(quirks)
        self._seed = seed
        self._faults = [parse_fault(text) for text in faults]
        self._counts: Counter[str] = Counter()
        self._clues: dict[int, dict[str, Any]] = {}
        self._reader = Reader(choice_custom, info_lacks, info_extra)
        for clue in clues:
            self._add(clue)
        self._lock = threading.Lock()
        self._server: Server | None = None
        self._serving: threading.Thread | None = None
        self._calls: dict[str, _Call] = {
            EDIT_PATH: self._edit,
            INFO_PATH: self._info,
            PAGE_PATH: lambda sent: self._reader.page(self._clues.values(), sent),
            POOLS_PATH: lambda sent: self._reader.pools(self._clues.values(), sent),
        }

    @property
    def url(self) -> str:
        """``http://127.0.0.1:PORT``; with port 0 known from the first start on, and kept by later ones."""
        if not self._port:
            raise RuntimeError("the sandbox has no address before start()")
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> Self:
        """Serves until stop(); does nothing when it serves already. Raises OSError when the port is taken."""
        if self._server is None:
            self._server = Server(self._decide, self._port)
            self._port = self._server.server_port
            # The interval is how long stop() may take to be noticed.
            serve = self._server.serve_forever
            self._serving = threading.Thread(target=serve, args=(0.02,), name="sandbox", daemon=True)
            self._serving.start()
        return self

    def stop(self) -> None:
        """Ends every wait and connection; returns when no thread and no socket is left. Clues and requests stay."""
        if self._server is not None and self._serving is not None:
            self._server.end(self._serving)
        self._server = self._serving = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exc_info: object) -> None:
        self.stop()

    def clue(self, clue_id: int) -> dict[str, object]:
        """Returns a copy of a clue: clue_id, each editable key of clue/edit (None when empty), field_map; else KeyError."""
        with self._lock:
            return copy.deepcopy(self._clues[clue_id])

    def clues(self) -> dict[int, dict[str, object]]:
        """Returns copies of all stored clues, as clue() gives them, by their id."""
        with self._lock:
            return copy.deepcopy(self._clues)

    def change(self, clue_id: int, **fields: Any) -> None:
        """Edits a clue as somebody else would meanwhile, by the names of clue/edit; ``field_map`` is merged.

        What is empty is cleared. Raises KeyError for an unknown clue, ValueError for a name or a value it cannot use.
        """
        typed = _typed(clue_id, fields, {*EDITABLE, "field_map"})
        for key in fields.keys() & set(REQUIRED):
            if typed[key] is None:
                raise ValueError(f"clue {clue_id}: {key} cannot be empty")
        custom = fields.get("field_map") or {}
        with self._lock:
            try:
                clue = self._find(clue_id)
            except Refusal:
                raise KeyError(clue_id) from None
            unchanged = {key: value for key, value in clue["field_map"].items() if key not in custom}
            clue |= {key: typed[key] for key in fields} | {"field_map": unchanged | typed["field_map"]}
            self._clues[clue_id] = clue
            self._declared |= custom.keys()

    def expire_token(self) -> None:
        """Refuses from now on every token accepted so far, the fixed one too; the next token call gives a new one."""
        with self._lock:
            self._expire()

    def _decide(self, method: str, target: str, body: bytes) -> Answer:
        """Decides and records one request at once, under the lock; delays come afterwards, so edits keep their order."""
        path, _, query_text = target.partition("?")
        query = dict(parse_qsl(query_text, keep_blank_values=True))
        with self._lock:
            at = time.monotonic()
            expected_method = "GET" if path == TOKEN_PATH else "POST"
            applied = False
            if path != TOKEN_PATH and path not in self._calls:
                answer = envelope(CODE_NO_SUCH_PATH, f"接口不存在: {path}", status=404)
            elif method != expected_method:
                answer = envelope(CODE_NO_SUCH_PATH, f"请使用 {expected_method} 请求", status=405)
            elif path == TOKEN_PATH:
                answer = self._give_token(query)
            else:
                answer, applied = self._call(path, target, query, json_object(body))
            self.requests.append(SandboxRequest(at, path, query, body, applied))
        return replace(answer, wait=answer.wait + self._latency)

    def _give_token(self, query: dict[str, str]) -> Answer:
        if (query.get("appid"), query.get("app_secret")) != self._credentials:
            return envelope(CODE_BAD_CREDENTIALS, "appid 或 app_secret 错误")
        if self._token is None or time.monotonic() >= self._token_ends:
            token = secrets.token_hex(32)
            self._token = {"access_token": token, "expires_in": self._token_seconds, "create_at": int(time.time())}
            self._token_ends = time.monotonic() + self._token_seconds
        return envelope(CODE_OK, "ok", self._token)

    def _check_token(self, query: dict[str, str]) -> None:
        sent = query.get("access_token")
        given = self._token["access_token"] if self._token and time.monotonic() < self._token_ends else None
        if not sent or sent not in (given, self._fixed_token):
            raise Refusal(CODE_TOKEN_INVALID, "access_token 已失效或不可用")

    def _expire(self) -> None:
        self._token = self._fixed_token = None

    def _call(self, path: str, target: str, query: dict[str, str], sent: dict[str, Any] | None) -> tuple[Answer, bool]:
        """Returns the answer, spoiled if a fault hits, and whether a clue was edited."""
        refused = False if path == EDIT_PATH else None  # clue/edit's data is a bool
        fault = self._next_fault(path, sent)
        if fault and (answer := self._answer_instead(fault, target, refused)):
            return answer, False
        applied = False
        try:
            self._check_token(query)
            if path in (INFO_PATH, PAGE_PATH) and NO_READING in self._quirks:
                raise Refusal(CODE_NO_PERMISSION, "没有该接口的权限")
            if sent is None:
                raise Refusal(CODE_BAD_BODY, "请求体不是 JSON 对象")
            answer, applied = envelope(CODE_OK, "请求成功", self._calls[path](sent)), path == EDIT_PATH
        except Refusal as refusal:
            answer = envelope(refusal.code, refusal.msg, refused)
        return self._spoil(fault, answer) if fault else answer, applied

    def _next_fault(self, path: str, sent: dict[str, Any] | None) -> Fault | None:
        self._counts[path] += 1
        clue_id = sent.get("clue_id") if sent else None
        clue = str(clue_id) if isinstance(clue_id, int) else None
        for place, fault in enumerate(self._faults):
            if fault.path == path and fault.hits(self._counts[path], clue, f"{self._seed}:{place}"):
                fault.times_left -= 1
                return fault
        return None

    def _answer_instead(self, fault: Fault, target: str, refused: object) -> Answer | None:
        """Returns the answer of a fault that stands in front of everything: no token is looked at, nothing is applied."""
        match fault.name:
            case "lost-before":
                return Answer(b"", ending="nothing")
            case "not-json":
                page = "<html><body>系统维护中</body></html>".encode()
                return Answer(page, headers=(("Content-Type", "text/html; charset=utf-8"),))
            case "not-object":
                return Answer(b'[{"code": 0, "data": true}]')
            case "token-expired":
                self._expire()
                return envelope(CODE_TOKEN_INVALID, "access_token 已失效或不可用", refused)
            case "code":
                return envelope(fault.code, f"模拟业务错误 {fault.code}", refused)
            case "data-false":
                return envelope(CODE_OK, "请求成功", False)
            case "status":
                answer = envelope(CODE_FAULT, f"模拟故障 {fault.code}", refused, fault.code)
                extra: tuple[tuple[str, str], ...] = ()
                if 300 <= fault.code < 400:
                    extra = (("Location", target),)
                elif fault.retry_after:
                    date = formatdate(time.time() + DATE_AHEAD, usegmt=True)
                    extra = (("Retry-After", date if fault.retry_after == "date" else fault.retry_after),)
                return replace(answer, headers=answer.headers + extra)
        return None

    def _spoil(self, fault: Fault, answer: Answer) -> Answer:
        """Returns the real answer on a bad way: what the ordinary rules decided stands, only its delivery suffers."""
        match fault.name:
            case "slow":
                return replace(answer, wait=fault.seconds)
            case "drip":
                return replace(answer, drip=fault.seconds)
            case "truncated":
                return replace(answer, ending="half")
            case _:  # lost-after
                return replace(answer, ending="nothing")

    def _edit(self, sent: dict[str, Any]) -> bool:
        """Applies one edit or raises Refusal, never half of it: types, required fields, the clue, listed keys, values.

        The five required fields are demanded in a partial edit too: the reference makes no exception.
        """
        typed = typed_parameters(sent)
        listed = listed_keys(sent.get("update_specified_fields"))
        for key in REQUIRED:
            if typed[key] is None:
                raise Refusal(CODE_MISSING_FIELD, f"缺少必填参数: {key}")
        for key in self._required_custom:
            if key not in typed["field_map"]:
                raise Refusal(CODE_MISSING_FIELD, f"缺少必填自定义字段: {key}")
        clue = self._find(typed["clue_id"])
        for key in listed:
            if key not in EDITABLE and not self._is_custom(key, clue, sent.get("field_map")):
                raise Refusal(CODE_UNKNOWN_KEY, f"update_specified_fields 中的字段不存在: {key}")
        if IGNORES_LIST in self._quirks:
            listed = []
        values = bend(self._quirks, typed)
        custom = values["field_map"]
        for key in listed or EDITABLE:
            if key in ALLOWED and values[key] not in (None, *ALLOWED[key]):
                raise Refusal(CODE_BAD_VALUE, f"参数值错误: {key}")
            if key in EDITABLE:
                clue[key] = values[key]
            elif key in custom:
                clue["field_map"][key] = custom[key]
            else:
                clue["field_map"].pop(key, None)
        if not listed:  # "不传或为空视为全部字段编辑": the custom fields too, those not sent are gone
            clue["field_map"] = custom
        if CLEARS_UNSENT in self._quirks:
            clear_unsent(clue, sent)
        self._clues[clue["clue_id"]] = clue
        return True

    def _info(self, sent: dict[str, Any]) -> object:
        clue_id = typed_values(sent, {"clue_id": "long"})["clue_id"]
        if clue_id is None:
            raise Refusal(CODE_MISSING_FIELD, "缺少必填参数: clue_id")
        return self._reader.info(self._find(clue_id))

    def _is_custom(self, key: str, clue: Mapping[str, Any], field_map: object) -> bool:
        if key.startswith("mf_") or key in self._declared or key in clue["field_map"]:
            return True
        # With any clue accepted, nobody had the occasion to declare custom fields: what stands in field_map is one.
        return self._accept_any_clue and isinstance(field_map, dict) and key in field_map

    def _find(self, clue_id: int) -> dict[str, Any]:
        """Returns a copy of the clue to work on; _edit() stores it once the whole edit has passed."""
        if clue_id in self._clues:
            return copy.deepcopy(self._clues[clue_id])
        if not self._accept_any_clue:
            raise Refusal(CODE_NO_SUCH_CLUE, "线索不存在")
        return {
            "clue_id": clue_id,
            **dict.fromkeys(EDITABLE),
            **PLAUSIBLE,
            "clue_name": f"线索{clue_id % 10000}",
            "clue_pool_id": DEFAULT_POOL,
            "follow_user_id": DEFAULT_OWNER,
            "field_map": {},
        }

    def _add(self, given: Mapping[str, object]) -> None:
        """Keeps a clue given to the constructor."""
        clue = _typed(given.get("clue_id"), given, {*PARAMETERS, "field_map", "clue_pool_name", *READ_ONLY})
        del clue["user_id"]  # who edits, not what is edited
        clue_id = clue["clue_id"]
        if clue_id is None or clue_id in self._clues:
            raise ValueError(f"clue {clue_id!r}: a clue needs a clue_id of its own")
        clue["clue_name"] = clue["clue_name"] or f"线索{clue_id % 10000}"
        clue["clue_pool_id"] = clue["clue_pool_id"] or DEFAULT_POOL
        clue["follow_user_id"] = clue["follow_user_id"] or DEFAULT_OWNER
        self._clues[clue_id] = clue
        self._declared |= clue["field_map"].keys()
        self._reader.learn(clue, given)


def _typed(clue_id: object, given: Mapping[str, object], known: set[str]) -> dict[str, Any]:
    """Returns what a caller gives, by the types of the reference; a misspelt name must not pass."""
    unknown = given.keys() - known
    if unknown:
        raise ValueError(f"clue {clue_id!r}: unknown key {', '.join(map(repr, sorted(unknown)))}")
    try:
        return typed_parameters(given)
    except Refusal as refusal:
        raise ValueError(f"clue {clue_id!r}: {refusal.msg}") from None
