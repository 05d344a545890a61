"""Knows what the reference says of every parameter, and refuses the rest: types, lists, the meaning of empty.

It is read from the reference alone. The return codes but 0 are this stand-in's own, since none is public.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from typing import Any

TOKEN_PATH = "/openapi/access_token"  # noqa: S105 - an address, not a token
EDIT_PATH = "/openapi/crm/clue/edit"
INFO_PATH = "/openapi/crm/clue/info"
PAGE_PATH = "/openapi/crm/clue/page"
POOLS_PATH = "/openapi/crm/cluepool/list"

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
CODE_NO_PERMISSION = 90008
CODE_NO_SUCH_PATH = 90404
CODE_FAULT = 90500

# The parameter table of the reference (email, whose name the table lost, and coop_mode_type are from its sample).
_LONGS = ("clue_id", "clue_pool_id", "birthday")
_INTS = ("work_id", "encrypt_flag")
_STRINGS: tuple[str, ...] = ("clue_name", "clue_corp_name", "follow_user_id", "user_id", "label", "gender", "email")
_STRINGS += ("area", "area_code", "access_customer_channel", "remark", "coop_mode_type", "uin", "address")
_STRINGS += ("business_tag_ids",)
PARAMETERS = {**dict.fromkeys(_LONGS, "long"), **dict.fromkeys(_INTS, "int"), **dict.fromkeys(_STRINGS, "string")}
REQUIRED = ("clue_id", "clue_name", "clue_pool_id", "follow_user_id", "user_id")
# Which clue and which operator are no properties of the clue, so they cannot be among the edited keys.
EDITABLE = tuple(key for key in PARAMETERS if key not in ("clue_id", "user_id"))
ALLOWED: dict[str, tuple[object, ...]] = {"gender": ("0", "1"), "encrypt_flag": (0, 1)}
_BITS = {"long": 63, "int": 31}

DEFAULT_POOL = 1591005280874161218
DEFAULT_OWNER = "wovvCXcAAAT_dzekbq54K27FeMRBQJ2Q"
# The rest of a clue that accept_any_clue makes up: filled, so that a wipe shows.
PLAUSIBLE: dict[str, object] = {
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
READ_ONLY: dict[str, object] = {
    "mobile_phone": None,
    "state": 1,
    "merge_user_id": None,
    "recovery_num": 0,
    "recovery_remark": None,
    "recovery_remark_type": None,
    "recovery_remark_input_text": None,
    "create_user_id": DEFAULT_OWNER,
    "gmt_create": 1655801496,
}


class Refusal(Exception):
    """The business says no: answered as HTTP 200 with this code and message."""

    def __init__(self, code: int, msg: str) -> None:
        super().__init__(msg)
        self.code = code
        self.msg = msg


def is_empty(value: object) -> bool:
    """Whether a value is the reference's "为空": null, the empty text, or, for several choices, the empty list."""
    return value is None or value == "" or value == []


def typed_parameters(sent: Mapping[str, object]) -> dict[str, Any]:
    """Returns every parameter of clue/edit's table, and field_map."""
    return typed_values(sent, PARAMETERS) | {"field_map": _typed_map(sent.get("field_map"))}


def typed_values(sent: Mapping[str, object], kinds: Mapping[str, str]) -> dict[str, Any]:
    """Returns every parameter of ``kinds``, None where it is absent or empty; refuses a value of another type.

    Types are those of the JSON: a number in quotes is no long, and neither 1.0 nor true is an int (after the sample).
    Parameters that the reference does not know are ignored, as common servers do.
    """
    typed: dict[str, Any] = {}
    for key, kind in kinds.items():
        value = sent.get(key)
        typed[key] = value = None if value == "" else value
        if value is not None and not _is_a(kind, value):
            raise Refusal(CODE_WRONG_TYPE, f"参数类型错误: {key} 应为 {kind}")
    return typed


def _is_a(kind: str, value: object) -> bool:
    if kind.endswith("[]"):
        return isinstance(value, list) and all(_is_a(kind[:-2], part) for part in value)
    if kind == "string":
        return isinstance(value, str)
    # type() and not isinstance(): a bool is an int to Python, not to JSON.
    return type(value) is int and -(2 ** _BITS[kind]) <= value < 2 ** _BITS[kind]


def _typed_map(value: object) -> dict[str, Any]:
    """Returns the filled custom fields: a text, an id, or a list of ids (field_map's row in the reference)."""
    if value is None or value == "":
        return {}
    if not isinstance(value, dict):
        raise Refusal(CODE_WRONG_TYPE, "参数类型错误: field_map 应为 map")
    for key, entry in value.items():
        parts = entry if isinstance(entry, list) else [] if entry is None else [entry]
        if any(type(part) not in (str, int) for part in parts):
            raise Refusal(CODE_WRONG_TYPE, f"参数类型错误: field_map.{key} 应为文本、ID 或 ID 数组")
    return {key: copy.copy(entry) for key, entry in value.items() if not is_empty(entry)}


def listed_keys(value: object) -> list[str]:
    """Returns update_specified_fields: an array as in the reference's sample and prose; the table's "string" is a slip."""
    if is_empty(value):
        return []
    if not isinstance(value, list) or not all(isinstance(key, str) for key in value):
        raise Refusal(CODE_WRONG_TYPE, "参数类型错误: update_specified_fields 应为字符串数组")
    return value


def json_object(body: bytes) -> dict[str, Any] | None:
    try:
        # Decoded here, since json.loads(bytes) would guess UTF-16 too; NaN and Infinity are no JSON.
        value = json.loads(body.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def split_ids(joined: str | None) -> list[str]:
    return [part for part in (joined or "").split(",") if part]
