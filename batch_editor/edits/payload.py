"""The JSON text of one call, from the values of its fields and back to them (DESIGN §4, the payload)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from .. import fields
from ..model import Draft, Written


def body_of(payload: Mapping[str, object], listed: Sequence[str]) -> str:
    """The JSON text of one call: required fields first, then the listed ones in sheet order, custom ones in ``field_map``."""
    plain = {key: value for key, value in payload.items() if key in fields.BY_KEY}
    mapped = {key: value for key, value in payload.items() if key not in fields.BY_KEY}
    whole = plain | ({"field_map": mapped} if mapped else {}) | {"update_specified_fields": listed}
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":"))


def payload_of(body: str) -> dict[str, Any]:
    """The values in the JSON text of a call by the keys of their fields: what ``body_of`` was given."""
    whole: dict[str, Any] = json.loads(body)
    del whole["update_specified_fields"]
    custom: dict[str, Any] = whole.pop("field_map", {})
    return whole | custom


def listed_of(row: Draft | Written) -> dict[str, Any]:
    """The values of the fields that a row lists; None of those that it empties, whatever they are sent as."""
    payload = payload_of(row.body)
    return {key: None if key in row.cleared else payload[key] for key in row.fields}
