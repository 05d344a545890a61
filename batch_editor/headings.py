"""Which row holds the headings, which sheet is meant, and which field each heading names (DESIGN §4, headings).

What the columns then mean for a row is the loader's business.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from . import cells, fields
from .config import Settings
from .errors import SettingsError, SheetError
from .fields import Field, Kind
from .records import Message, Row
from .sheets import Sheet

#: How far down the heading row is looked for.
TOP_ROWS = 10
#: How many of the sheets behind the one that is read are looked at: for each the file is opened anew.
MOST_OTHERS = 12
RESULT_PREFIX = "result_"
#: The key of a custom field as the platform makes them (platform-facts §5); as a heading it needs no declaration.
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

    def __init__(self, settings: Settings) -> None:
        self._custom = {
            key: Field(key, custom.title or key, _CUSTOM_KINDS[custom.type], required=custom.required, custom=True)
            for key, custom in settings.custom_fields.items()
        }
        titled: dict[str, Field] = {}
        for one in self._custom.values():
            for name in {fields.normal(one.key), fields.normal(one.title)}:
                if name in titled:
                    raise SettingsError("settings.same_title", first=titled[name].key, second=one.key, title=one.title)
                titled[name] = one
        mapped = {fields.normal(heading): self.by_key(key) for heading, key in settings.columns.items()}
        self._by_heading = fields.BY_HEADING | titled | mapped
        self._ignore_columns = settings.ignore_columns
        self._ignored = frozenset(fields.normal(name) for name in settings.ignore_columns)
        named = map(self.field, settings.ignore_columns)
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


def find_headings(sheet: Sheet, settings: Settings) -> Row | None:
    """The first of the top ten rows that has a heading for ``clue_id``, or None."""
    names = Names(settings)
    for row in sheet.rows():
        if row.number > TOP_ROWS:
            break
        headings = (cells.shown(cell) for cell in row.cells if cell is not None)
        found = (names.field(heading) for heading in headings if not names.is_ignored(heading))
        if any(one is not None and one.key == "clue_id" for one in found):
            return row
    return None


@dataclass(frozen=True, slots=True)
class Choice:
    """The sheet that is read, and its heading row; ``others`` are the visible sheets that might have been meant as well.

    A last one that is … says that not all sheets were looked at.
    """

    sheet: Sheet
    headings: Row
    others: tuple[str, ...] = ()

    def notes(self) -> list[Message]:
        """What is to be said of a choice that nobody has made."""
        values = {"sheet": self.sheet.name, "others": ", ".join(self.others)}
        return [Message("note.other_sheets", values)] if self.others else []


def choose_sheet(sheets: Sequence[Sheet], wanted: str | None, settings: Settings) -> Choice:
    """The sheet that ``wanted`` names or counts (from 1, as the tabs are seen), else the first visible one with a clue id.

    Raises ``SheetError`` where there is none, with what was found instead.
    """
    tabs = [sheet for sheet in sheets if sheet.visible]
    candidates = [sheet for sheet in sheets if sheet.name == wanted] or _counted(tabs, wanted) if wanted else tabs
    if not candidates:
        names = [f"{number} {tab.name}" for number, tab in enumerate(tabs, 1)]
        names += [sheet.name for sheet in sheets if not sheet.visible]
        raise SheetError("sheet.unknown", name=wanted or "", names=", ".join(names))
    for place, sheet in enumerate(candidates, 1):
        if found := find_headings(sheet, settings):
            following = candidates[place : place + MOST_OTHERS]
            others = [other.name for other in following if _might_be_meant(other, settings)]
            beyond = ["…"] if others and len(candidates) > place + MOST_OTHERS else []
            return Choice(sheet, found, (*others, *beyond))
    top = next(candidates[0].rows(), None)
    if top is None:
        raise SheetError("sheet.empty", name=candidates[0].name) if candidates[0].name else SheetError("sheet.empty_file")
    seen = ", ".join(cells.shown(cell) for cell in top.cells if cell is not None)
    raise SheetError("headings.no_clue_id", found=seen[:300])


def _might_be_meant(sheet: Sheet, settings: Settings) -> bool:
    """Whether a sheet that is not read has a heading for ``clue_id``; one that is damaged is no reason to refuse the other."""
    with suppress(SheetError):
        return find_headings(sheet, settings) is not None
    return False


def _counted(tabs: Sequence[Sheet], wanted: str) -> list[Sheet]:
    """The sheet whose number ``wanted`` is, if it is one."""
    number = int(wanted) if re.fullmatch("[0-9]{1,9}", wanted) else 0
    return list(tabs[number - 1 : number]) if number else []
