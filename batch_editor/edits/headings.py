"""Which row holds the headings, which sheet is meant, and which field each heading names (guide: rules, "Headings").

What the columns then mean for a row is the loader's business.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

from .. import fields
from ..errors import SettingsError
from ..fields import Field, Kind
from ..model import Message
from ..settings.row_rules import RowRules

RESULT_PREFIX = "result_"
#: The key of a custom field as the platform makes them (guide: crm); as a heading it needs no declaration.
_CUSTOM_KEY = re.compile(r"mf_[a-z0-9_]+")
_CUSTOM_KINDS = {
    "text": Kind.CUSTOM_TEXT,
    "single": Kind.SINGLE,
    "multiple": Kind.MULTIPLE,
    "cascade": Kind.CASCADE,
    "date": Kind.DATE,
    "datetime": Kind.DATETIME,
}


class Names:
    """Which field a heading names: by its key, its title, a synonym, or what the settings call it."""

    def __init__(self, rules: RowRules) -> None:
        self._custom = {
            key: Field(key, custom.title or key, _CUSTOM_KINDS[custom.type], required=custom.required, custom=True)
            for key, custom in rules.custom_fields.items()
        }
        titled: dict[str, Field] = {}
        for one in self._custom.values():
            for name in {fields.normal(one.key), fields.normal(one.title)}:
                if name in titled:
                    raise SettingsError("settings.same_title", first=titled[name].key, second=one.key, title=one.title)
                titled[name] = one
        mapped = {fields.normal(heading): self.by_key(key) for heading, key in rules.columns.items()}
        self._by_heading = fields.BY_HEADING | titled | mapped
        self._ignore_columns = rules.ignore_columns
        self._ignored = frozenset(fields.normal(name) for name in rules.ignore_columns)
        named = map(self.field, rules.ignore_columns)
        self._ignored_keys = frozenset(found.key for found in named if found is not None)

    @property
    def required(self) -> tuple[str, ...]:
        """The keys of the fields that are sent with every edit: those of the reference, and custom ones so declared."""
        return (*fields.REQUIRED, *(key for key, custom in self._custom.items() if custom.required))

    def by_key(self, key: str) -> Field:
        """The field of ``key``; an undeclared custom field is text."""
        return fields.BY_KEY.get(key) or self._custom.get(key) or Field(key, key, Kind.CUSTOM_TEXT, custom=True)

    def field(self, heading: str) -> Field | None:
        """The field that ``heading`` names, or None."""
        name = fields.normal(heading)
        if name in self._by_heading:
            return self._by_heading[name]
        return self.by_key(name) if _CUSTOM_KEY.fullmatch(name) else None

    def is_ignored(self, heading: str) -> bool:
        """Whether a column is left out because the settings say so, or because it is a result of ours."""
        name, found = fields.normal(heading), self.field(heading)
        if name in self._ignored or (found is not None and found.key in self._ignored_keys):
            return True
        return found is None and name.startswith(RESULT_PREFIX)

    def ignores_nothing(self, headings: Sequence[str]) -> list[str]:
        """The names under ``ignore_columns`` that fit none of ``headings``."""
        here = {fields.normal(heading) for heading in headings}
        keys = {found.key for found in map(self.field, headings) if found is not None}
        named = {name: self.field(name) for name in self._ignore_columns}
        return [
            name for name, found in named.items() if fields.normal(name) not in here and (not found or found.key not in keys)
        ]

    def places(self, headings: Sequence[str]) -> dict[str, int]:
        """In which column, counted from 0, each field stands that ``headings`` name."""
        found = {index: self.field(heading) for index, heading in enumerate(headings) if not self.is_ignored(heading)}
        return {one.key: index for index, one in found.items() if one is not None}

    def label(self, key: str) -> str:
        """A field as a person should read it: its title, with the key."""
        title = self.by_key(key).title
        return title if title == key else f"{title} ({key})"

    def labels(self) -> dict[str, str]:
        """The labels of all fields that are known, by key."""
        return {field.key: self.label(field.key) for field in self._by_heading.values()}

    def unknown(self, place: str, heading: str) -> Message:
        """What to say of a heading that names nothing: the nearest one that does."""
        near = difflib.get_close_matches(fields.normal(heading), self._by_heading, n=1, cutoff=0.5)
        values = {"place": place, "heading": heading}
        return (
            Message("heading.unknown_near", values | {"near": self.label(self._by_heading[near[0]].key)})
            if near
            else Message("heading.unknown", values)
        )
