"""The settings of a run as a person reads them: those that are not as usual, each with what it is, in words.

A run keeps its settings without secrets. How they are written in a settings file is told by ``config.example.yaml``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .. import fields
from ..messages import TEXTS
from ..model import Message
from .limits import WINDOWS, Limit
from .settings import Settings

#: The settings that are made of others.
_SECTIONS = ("api", "rate", "retry", "halt", "guards", "ids")
#: How many names or pairs of one setting are told, and how many characters of one.
_MOST, _LONGEST = 10, 100
#: Settings with a few words as their values, for which there are words for people.
_WITH_WORDS = frozenset({"birthday_unit", "date_order", "duplicates", "lang", "snapshot", "ids_people"})
_WITH_WORDS |= {"guards_repeat", "guards_cut"}


def differing(record: Mapping[str, Any]) -> Iterator[tuple[Message | str, object]]:
    """Yields what a setting is called and what it says, for those in the ``record`` of a run that are not as usual.

    What is said is a text, a message, or a list of them. A setting that this version does not know has its own name.
    """
    usual = _flat(Settings.model_construct().for_the_record())
    custom = record.get("custom_fields") or {}
    for name, value in _flat(record).items():
        if value != usual.get(name):
            key = name.replace(".", "_")
            yield Message(f"set.{key}") if f"set.{key}" in TEXTS else name, _in_words(key, value, custom)


def rates(limits: Sequence[str], quiet_hours: Mapping[str, Any] | None = None) -> list[Message] | Message:
    """Returns the permitted rates in words, and those of the quiet hours."""
    usual = [_rate(limit) for limit in limits] or [Message("book.no_limit")]
    if quiet_hours is None:
        return usual if limits else usual[0]
    return [*usual, *_quiet(quiet_hours)]


def _quiet(hours: Mapping[str, Any]) -> list[Message]:
    about = {"begins": hours["from"], "ends": hours["to"]}
    return [Message("rate.quiet", about | {"rate": _rate(limit)}) for limit in hours["limits"]]


def _rate(text: str) -> Message:
    limit = Limit.parse(text)
    unit = next(name for name, window in WINDOWS.items() if window == limit.window)
    return Message(f"rate.{unit}", {"count": limit.count})


def _flat(record: Mapping[str, Any]) -> dict[str, Any]:
    """The settings, those of a section by ``section.name``."""
    values: dict[str, Any] = {}
    for name, value in record.items():
        if name in _SECTIONS and isinstance(value, Mapping):
            values |= {f"{name}.{key}": inner for key, inner in value.items()}
        else:
            values[name] = value
    return values


def _in_words(name: str, value: Any, custom: Mapping[str, Any]) -> object:
    if name == "rate_limits":
        return rates(value)
    if name == "rate_quiet_hours" and value:
        return _quiet(value)
    if name in _WITH_WORDS and f"set.{name}.{value}".lower() in TEXTS:
        return Message(f"set.{name}.{value}".lower())
    if value is None:
        return Message("set.none")
    if isinstance(value, bool):
        return Message("set.yes" if value else "set.no")
    if isinstance(value, list | tuple):
        return _first([_field(part, custom) if name.endswith("columns") else _short(part) for part in value])
    if isinstance(value, Mapping):
        return _first([_pair(name, key, inner, custom) for key, inner in value.items()])
    return _short(value)


def _pair(name: str, key: str, value: Any, custom: Mapping[str, Any]) -> Message:
    match name:
        case "custom_fields":
            field, kind = _field(key, custom), Message(f"set.type.{value.get('type', 'text')}")
            options = len(value.get("options") or ())
            if not options:
                return Message("set.custom", {"field": field, "kind": kind})
            return Message("set.choice", {"field": field, "kind": kind, "options": options})
        case "lookups":
            names = len(value) if isinstance(value, Mapping) else 0
            return Message("set.names", {"field": _field(key, custom), "names": names})
        case "columns":
            return Message("set.pair", {"name": _short(key), "value": _field(value, custom)})
        case "clear_as":
            sent = {"": "set.empty_text", "None": "set.no_value", "[]": "set.empty_list"}.get(str(value))
            return Message("set.pair", {"name": _field(key, custom), "value": Message(sent) if sent else str(value)})
    return Message("set.pair", {"name": _field(key, custom), "value": _short(value)})


def _field(key: Any, custom: Mapping[str, Any]) -> str:
    """A field as a person should read it: its title, with the key; anything else as it is."""
    known = fields.BY_KEY.get(key)
    title = known.title if known else (custom.get(key) or {}).get("title") or key
    return _short(key) if title == key else f"{_short(title)} ({key})"


def _first(parts: list[Any]) -> object:
    """The first of many parts, and how many more there are."""
    more = [Message("set.more", {"count": len(parts) - _MOST})] if len(parts) > _MOST else []
    return [*parts[:_MOST], *more] or Message("set.none")


def _short(value: object) -> str:
    text = f"{value:g}" if isinstance(value, float) else " ".join(str(value).split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
