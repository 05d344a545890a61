"""A clue as the CRM has it, field by field for a person: headings by the settings, days as days, ids with what they are called.

It only puts in words what clue/info has answered. Nothing of it is written back, so that also what no edit could set is shown.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ..fields import BY_KEY, FIELDS, Kind
from ..messages import TEXTS
from ..model import Message
from ..settings.row_rules import RowRules
from .cells import CHINA, Json
from .clue_record import CHOICES, MILLISECONDS, ClueRecord, MalformedRecord, as_text, is_empty, parse_record, parts_of, readers
from .headings import Names
from .id_names import PEOPLE, id_names

#: What the CRM shows beside what is told with another field, or that says nothing to a person.
_TOLD_ELSEWHERE = frozenset({"clue_id", "clue_pool_name", "field_map"})
#: Names of numbers that are moments, in seconds or milliseconds since 1970.
_MOMENT = re.compile("gmt_.+|.+_time")


@dataclass(frozen=True, slots=True)
class ShownField:
    """One field of a clue: its ``key``, its ``heading`` and its ``value`` for a person.

    The key is that of the field in clue/edit, or the name that the CRM has for it where no edit can set it.
    """

    key: str
    heading: str | Message
    value: str | Message


@dataclass(frozen=True, slots=True)
class Clue:
    """A clue as the CRM shows it: its ``fields`` for a person, and the ``record`` as clue/info has answered it.

    ``name`` is empty where none is shown.
    """

    clue_id: int
    name: str
    fields: tuple[ShownField, ...]
    record: Mapping[str, Any] = field(repr=False)


def view(data: Mapping[str, Any], clue_id: int, rules: RowRules) -> Clue:
    """Returns the clue of which clue/info has answered ``data``. What is not understood of it is shown as it came."""
    try:
        record = parse_record(data, clue_id, rules)
    except MalformedRecord:
        record = ClueRecord(clue_id, {}, {}, custom=False)
    shown = _View(data, record, rules)
    return Clue(clue_id, record.clue_name or str(data.get("clue_name") or ""), tuple(shown.fields()), data)


class _View:
    def __init__(self, data: Mapping[str, Any], record: ClueRecord, rules: RowRules) -> None:
        self._data = data
        self._record = record
        self._rules = rules
        self._labels = Names(rules)
        self._names = id_names(rules, [record.names])
        self._headings = {key: heading for heading, key in reversed(rules.columns.items())}

    def fields(self) -> Iterator[ShownField]:
        """Yields the fields that an edit can set in their usual order, then custom fields, then what only the CRM sets."""
        names = {key: name for name, (key, _) in readers(self._rules).items() if name in self._data}
        for key in sorted(names, key=[known.key for known in FIELDS].index):
            yield ShownField(key, self._heading(key), self._value(key, self._data[names[key]]))
        customs = self._data.get("field_map")
        for key, value in customs.items() if isinstance(customs, dict) else ():
            yield ShownField(key, self._heading(key), self._value(key, value))
        for name, value in self._data.items():
            if name not in names.values() and name not in _TOLD_ELSEWHERE:
                key = f"clue.{name}"
                heading = Message("clue.heading", {"heading": Message(key), "key": name}) if key in TEXTS else name
                yield ShownField(name, heading, self._other(name, value))

    def _heading(self, key: str) -> str:
        return f"{self._headings[key]} ({key})" if key in self._headings else self._labels.label(key)

    def _value(self, key: str, raw: object) -> str | Message:
        if not self._record.knows(key):
            return _raw(raw)
        value = self._record.value(key)
        custom = self._rules.custom_fields.get(key)
        is_named = key in PEOPLE or (key in BY_KEY and BY_KEY[key].kind in (Kind.ID, Kind.TAGS))
        if is_empty(value) or not (is_named or (custom and custom.type in CHOICES)):
            return as_text(key, value, self._rules, self._names)
        separator = " / " if custom and custom.type == "cascade" else ", "
        return separator.join(self._with_id(key, part) for part in parts_of(key, value))

    def _with_id(self, key: str, part: str) -> str:
        name = self._names.get(key, {}).get(part, part)
        return name if name == part or name.endswith(f"({part})") else f"{name} ({part})"

    def _other(self, name: str, value: Json) -> str | Message:
        if name.endswith("user_id") and isinstance(value, str) and value:
            return self._with_id(PEOPLE[0], value)
        if _MOMENT.fullmatch(name) and isinstance(value, int) and not isinstance(value, bool) and value > 0:
            seconds = value / 1000 if value >= MILLISECONDS else value
            try:
                return datetime.fromtimestamp(seconds, UTC).astimezone(CHINA).replace(tzinfo=None, microsecond=0).isoformat(" ")
            except (OverflowError, ValueError, OSError):
                return str(value)
        return _raw(value)


def _raw(value: object) -> str | Message:
    """Returns what the CRM shows as it came: a text as it is, anything else as JSON."""
    if value in (None, "", [], {}):
        return Message("value.empty")
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
