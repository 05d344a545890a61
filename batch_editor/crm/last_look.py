"""Looks at the body of an edit for the last time before it goes out, wherever it comes from.

A body that lists no field would make the CRM empty every field that is not sent, and one letter that is damaged in the journal
is enough for that. Which values a body holds, and why, is left to ``edits/``.
"""

from __future__ import annotations

import json
from typing import Any

from ..model import Edit, Message

#: How much of a key is quoted, in characters.
LONGEST_KEY = 100
_LISTED, _CUSTOM = "update_specified_fields", "field_map"


class UnfitBody(ValueError):
    """A body that is none of an edit: ``reason`` says why."""

    def __init__(self, key: str, /, **values: object) -> None:
        super().__init__(key)
        self.reason = Message(key, values)


def content_of(body: str | None) -> dict[str, Any]:
    """Returns what the ``body`` of an edit holds. Raises ``UnfitBody`` unless it lists fields, and holds each of them."""
    try:
        content = _decode(body or "")
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise UnfitBody("wire.not_json")
    listed, custom = content.get(_LISTED), content.get(_CUSTOM, {})
    if not isinstance(listed, list) or not listed:
        raise UnfitBody("wire.no_list")
    if not isinstance(custom, dict):
        raise UnfitBody("wire.lacking", key=_CUSTOM)
    for key in listed:
        if not isinstance(key, str) or key in (_LISTED, _CUSTOM) or (key not in content and key not in custom):
            raise UnfitBody("wire.lacking", key=str(key)[:LONGEST_KEY])
    return content


def flaw(edit: Edit) -> Message | None:
    """Returns why the body of ``edit`` must not go out; None if it lists fields, holds each of them, and is for its clue."""
    try:
        clue = content_of(edit.body).get("clue_id")
    except UnfitBody as error:
        return error.reason
    if isinstance(clue, bool) or not isinstance(clue, int) or clue != edit.clue_id:
        return Message("wire.other_clue", {"clue": edit.clue_id})
    return None


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    content = dict(pairs)
    if len(content) != len(pairs):
        raise ValueError("a key that stands there twice")
    return content


_decode = json.JSONDecoder(object_pairs_hook=_object).decode
