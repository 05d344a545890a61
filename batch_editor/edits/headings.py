"""Which row holds the headings, which sheet is meant, and which field each heading names (guide: rules, "Headings").

Which columns a sheet has then is the business of ``columns.py``.
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
from .result_columns import is_result
from .ruined_texts import looks_ruined, repaired

#: How alike names of Latin letters are of which one is a misspelling of the other, 0 to 1.
_ALIKE = 0.8
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
    """Which field a heading names: by its key, its title, a synonym, or what the settings call it.

    Raises ``SettingsError`` where two custom fields have the same title.
    """

    def __init__(self, rules: RowRules) -> None:
        self._custom = {
            key: Field(key, custom.title or key, _CUSTOM_KINDS[custom.type], required=custom.required, custom=True)
            for key, custom in rules.custom_fields.items()
        }
        titled: dict[str, Field] = {}
        for field in self._custom.values():
            for name in {fields.normal(field.key), fields.normal(field.title)}:
                if name in titled:
                    raise SettingsError("settings.same_title", first=titled[name].key, second=field.key, title=field.title)
                titled[name] = field
        mapped = {fields.normal(heading): self.by_key(key) for heading, key in rules.columns.items()}
        self._by_heading = fields.BY_LOOSE_NAME | fields.BY_HEADING | titled | mapped
        #: The loose names that have no other meaning here.
        self._loose = fields.BY_LOOSE_NAME.keys() - titled.keys() - mapped.keys()
        self._ignore_columns = rules.ignore_columns
        self._ignored = frozenset(fields.normal(name) for name in rules.ignore_columns)
        # Who leaves out 姓名 does not mean a column 线索名称 as well, nor the other way round.
        ignored_fields = [self.field(name) for name in rules.ignore_columns if not self.is_loose(name)]
        self._ignored_keys = frozenset(field.key for field in ignored_fields if field is not None)
        #: The keys of the fields that are sent with every edit: those of the reference, and custom ones so declared.
        self.required = (*fields.REQUIRED, *(key for key, custom in self._custom.items() if custom.required))

    def by_key(self, key: str) -> Field:
        """Returns the field of ``key``; an undeclared custom field is text."""
        return fields.BY_KEY.get(key) or self._custom.get(key) or Field(key, key, Kind.CUSTOM_TEXT, custom=True)

    def field(self, heading: str) -> Field | None:
        """Returns the field that ``heading`` names, or None."""
        name = fields.normal(heading)
        if name in self._by_heading:
            return self._by_heading[name]
        return self.by_key(name) if _CUSTOM_KEY.fullmatch(name) else fields.named(name)

    def is_loose(self, heading: str) -> bool:
        """Returns whether ``heading`` is a name that other programs give to what it names here."""
        return fields.normal(heading) in self._loose

    def is_ignored(self, heading: str) -> bool:
        """Returns whether a column is left out because the settings say so, or because it is a result of this program."""
        name = fields.normal(heading)
        field = self.field(heading)
        if name in self._ignored or (field is not None and field.key in self._ignored_keys and name not in self._loose):
            return True
        return field is None and is_result(heading)

    def ignores_nothing(self, headings: Sequence[str]) -> list[str]:
        """Returns the names under ``ignore_columns`` that fit none of ``headings``."""
        names = {fields.normal(heading) for heading in headings}
        keys = {field.key for field in map(self.field, headings) if field is not None}
        ignored = {name: self.field(name) for name in self._ignore_columns}
        return [
            name
            for name, field in ignored.items()
            if fields.normal(name) not in names and (field is None or field.key not in keys)
        ]

    def places(self, headings: Sequence[str]) -> dict[str, int]:
        """Returns in which column, counted from 0, each field stands that ``headings`` name, by its key."""
        named = {index: self.field(heading) for index, heading in enumerate(headings) if not self.is_ignored(heading)}
        return {field.key: index for index, field in named.items() if field is not None}

    def label(self, key: str) -> str:
        """Returns a field as a person should read it: its title, with the key."""
        title = self.by_key(key).title
        return title if title == key else f"{title} ({key})"

    def labels(self) -> dict[str, str]:
        """Returns the labels of all fields that are known, by key."""
        return {field.key: self.label(field.key) for field in self._by_heading.values()}

    def unknown(self, place: str | Message, heading: str) -> Message:
        """Returns the message on a heading that names nothing, with the nearest one that does."""
        values = {"place": place, "heading": heading}
        if meant := repaired(heading):
            return Message("heading.ruined", values | {"meant": meant})
        if looks_ruined(heading, is_name=False):
            return Message("heading.lost", values)
        near = self.near(heading)
        return (
            Message("heading.unknown_near", values | {"near": self.label(near.key)})
            if near
            else Message("heading.unknown", values)
        )

    def near(self, heading: str) -> Field | None:
        """Returns the field that a heading without one is most like: what stands in brackets behind it counts last."""
        plain = fields.without_note(heading)
        if plain and (field := self.field(plain)):
            return field
        for name in (fields.normal(heading), plain):
            if matches := [known for known in self._by_heading if _is_misspelt(name, known)]:
                return self._by_heading[difflib.get_close_matches(name, matches, n=1, cutoff=0)[0]]
        return None


def _is_misspelt(name: str, known: str) -> bool:
    """Whether a heading is a known one but for a slip: what has a meaning of its own (跟进记录, 客户ID) is none.

    In Chinese one character more or less, among at least four, is a slip; another one only among at least five (是否加急 is not
    是否加密). A sign of ASCII at the end counts as one, as in 备注2.
    """
    if name == known or abs(len(name) - len(known)) > (3 if known.isascii() else 1):
        return False
    if name[:-1] == known and name[-1].isascii():
        return True
    if name.isascii() or known.isascii():
        return name.isascii() and known.isascii() and difflib.SequenceMatcher(None, name, known).ratio() >= _ALIKE
    least = 5 if len(name) == len(known) else 4
    common = sum(block.size for block in difflib.SequenceMatcher(None, name, known).get_matching_blocks())
    return len(known) >= least and common >= max(len(name), len(known)) - 1
