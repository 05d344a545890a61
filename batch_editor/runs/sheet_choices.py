"""What somebody has chosen of a sheet before it is planned: its heading row, and for each column its field and its use.

The choices become settings and options of the run (``applied``), so that its record says how the sheet was read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

from .. import fields as all_fields
from ..edits.heading_row import ColumnUse
from ..edits.headings import Names
from ..errors import SettingsError
from ..model import Message
from ..settings.row_rules import RowRules
from ..settings.settings import Settings
from .options import RunOptions


@dataclass(frozen=True, slots=True)
class SheetChoices:
    """The choices for one sheet. Columns count from 0; of one that is not named here what the settings say holds.

    ``heading_row`` is the row of the headings as the sheet counts, None where it is looked for. ``fields`` are the keys of the
    fields that columns stand for, whatever their headings. ``uses`` say what becomes of columns: ``edits`` (a filled cell
    changes the CRM), ``context`` (it changes nothing) or ``ignored`` (the column is not read).
    """

    heading_row: int | None = None
    fields: Mapping[int, str] = field(default_factory=dict)
    uses: Mapping[int, ColumnUse] = field(default_factory=dict)

    def applied(self, headings: Sequence[str], settings: Settings, options: RunOptions) -> tuple[Settings, RunOptions]:
        """Returns the settings and options by which a sheet with these ``headings`` is read as it was chosen.

        Raises ``SettingsError`` for the key of no field.
        """
        options = replace(options, heading_row=self.heading_row)
        if not self.fields and not self.uses:
            return settings, options
        left_out = tuple(sorted(place for place, use in self.uses.items() if ColumnUse(use) is ColumnUse.IGNORED))
        read = {place: key for place, key in self.fields.items() if place not in left_out}
        rules = _Rules(settings)
        named: dict[int, str] = {}
        for place, key in sorted(read.items()):
            rules.require_field(key)
            heading = headings[place] if place < len(headings) else ""
            if not rules.map_heading(heading, key):
                named[place] = rules.name_of(key)
        for place in sorted({*read, *self.uses} - {*left_out}):
            heading = named.get(place) or (headings[place] if place < len(headings) else "")
            rules.use(heading, ColumnUse(self.uses.get(place, ColumnUse.EDITS)), is_asked=place in self.uses)
        return rules.settings(), replace(options, left_out=left_out, named=tuple(named.items()))

    def as_json(self) -> dict[str, Any]:
        """Returns the choices as they are kept with a sheet."""
        uses = {str(place): str(use) for place, use in self.uses.items()}
        return {
            "heading_row": self.heading_row,
            "fields": {str(place): key for place, key in self.fields.items()},
            "uses": uses,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Returns what ``as_json`` was made of."""
        named = {int(place): str(key) for place, key in stored["fields"].items()}
        return cls(stored["heading_row"], named, {int(place): ColumnUse(use) for place, use in stored["uses"].items()})


def headings_digest(headings: Sequence[str]) -> str:
    """Returns what stands for these headings, in whichever order and spelling: a SHA-256, in hexadecimal."""
    names = sorted(filter(None, map(all_fields.normal, headings)))
    return hashlib.sha256("\n".join(names).encode("utf-8", "surrogatepass")).hexdigest()


class _Rules:
    """The settings of a sheet while its choices are put into them."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._columns = dict(settings.columns)
        self._mapped: dict[str, str] = {}
        self._context = list(settings.context_columns)
        self._ignored = list(settings.ignore_columns)

    @property
    def _names(self) -> Names:
        known = RowRules(columns=self._columns, custom_fields=self._settings.custom_fields, ignore_columns=tuple(self._ignored))
        return Names(known)

    def require_field(self, key: str) -> None:
        known = key in all_fields.BY_KEY or key in self._settings.custom_fields or key.startswith(all_fields.CUSTOM_PREFIX)
        if not known:
            raise SettingsError("settings.no_such_field", name=key, source=Message("settings.choices"))

    def map_heading(self, heading: str, key: str) -> bool:
        """Makes the heading name the field; returns whether it can: one that is empty, or names another field already, does
        not."""
        normal = all_fields.normal(heading)
        if not normal or self._mapped.get(normal, key) != key:
            return False
        self._mapped[normal] = key
        known = self._names.field(heading)
        if known is None or known.key != key:
            self._columns = {name: old for name, old in self._columns.items() if all_fields.normal(name) != normal}
            self._columns[heading] = key
        return True

    def name_of(self, key: str) -> str:
        """Returns a heading that names the field: its title, unless that names another one here."""
        names = self._names
        title = names.by_key(key).title
        known = names.field(title)
        return title if known is not None and known.key == key else key

    def use(self, heading: str, use: ColumnUse, *, is_asked: bool) -> None:
        """Makes a column with this heading one that is read; as an edit or as context, if that is asked for."""
        names = self._names
        known = names.field(heading) if heading else None
        normal = all_fields.normal(heading)

        def is_meant(name: str) -> bool:
            other = names.field(name)
            return all_fields.normal(name) == normal or (known is not None and other is not None and other.key == known.key)

        self._ignored = [name for name in self._ignored if not is_meant(name)]
        if is_asked and known is not None:
            self._context = [name for name in self._context if not is_meant(name)]
            if use is ColumnUse.CONTEXT and known.editable:
                self._context.append(known.key)

    def settings(self) -> Settings:
        changed = {"columns": self._columns, "context_columns": tuple(self._context), "ignore_columns": tuple(self._ignored)}
        return self._settings.model_copy(update=changed)
