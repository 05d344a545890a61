"""Messages and problems as JSON, the form in which the journal keeps them, and back."""

from __future__ import annotations

import json
from typing import Any

from .records import Message, Problem


def as_json(value: object) -> str:
    """``value``, of what JSON knows, as a text that SQLite can hold."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    # Half of a character, which a DataFrame can hold and SQLite cannot, is kept as the JSON escape that it has anyway.
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def packed(value: object) -> object:
    """Messages and problems as JSON; texts and numbers as they are, anything else (a path) as text."""
    match value:
        case Message():
            return {"key": value.key, "values": {name: packed(one) for name, one in value.values.items()}}
        case Problem():
            return {"row": value.row, "at": value.address, "field": value.field, "message": packed(value.message)}
        case list() | tuple():
            return [packed(one) for one in value]
        case str() | int() | float() | None:
            return value
        case _:
            return str(value)


def unpacked(value: Any) -> Any:
    """What ``packed`` was given."""
    match value:
        case {"key": key, "values": values}:
            return Message(key, {name: unpacked(one) for name, one in values.items()})
        case {"at": _}:
            return _problem(value)
        case list():
            return [unpacked(one) for one in value]
        case _:
            return value


def _problem(value: Any) -> Problem:
    return Problem(value["row"], value["at"], value["field"], unpacked(value["message"]))
