"""What people have chosen of the columns of a sheet, kept for the next one with the same headings and offered there.

It is kept by app and headings, in whichever order those stand, and is never applied by itself. Columns whose headings stand
twice, or that have none, are not kept: nobody could tell them apart in another sheet.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .. import fields
from ..edits.heading_row import ColumnUse
from ..journal.journal import Journal
from ..settings.settings import Settings, app_of
from .sheet_choices import SheetChoices
from .sheet_look import SheetLook


@dataclass(frozen=True, slots=True)
class KeptColumns:
    """The ``choices`` that were kept for the headings of a sheet, as they hold for it, with who kept them and when.

    ``tags`` says how tags change: "replace", "add", "remove", or "" where that was not asked.
    """

    choices: SheetChoices
    tags: str
    person: str
    time: str


def keep_columns(
    journal: Journal, settings: Settings, look: SheetLook, choices: SheetChoices, *, tags: str = "", person: str = ""
) -> None:
    """Keeps the choices for the next sheet with the headings of the one that was looked at, in the place of those before."""
    columns = {
        heading: [choices.fields.get(place), choices.uses.get(place)]
        for heading, place in _places(look).items()
        if place in choices.fields or place in choices.uses
    }
    value = {"columns": columns, "tags": tags}
    journal.choices(app_of(settings)).keep("columns", look.digest, value, person=person)


def kept_columns(journal: Journal, settings: Settings, look: SheetLook) -> KeptColumns | None:
    """Returns what was kept for a sheet with these headings; None if nothing was."""
    kept = journal.choices(app_of(settings)).find("columns", look.digest) if look.digest else None
    if kept is None:
        return None
    chosen: Mapping[str, Any] = kept.value["columns"]
    named: dict[int, str] = {}
    uses: dict[int, ColumnUse] = {}
    for heading, place in _places(look).items():
        key, use = chosen.get(heading, (None, None))
        if key:
            named[place] = key
        if use:
            uses[place] = ColumnUse(use)
    return KeptColumns(SheetChoices(look.heading_row, named, uses), kept.value["tags"], kept.person, kept.time)


def forget_columns(journal: Journal, settings: Settings, digest: str) -> None:
    """Forgets what was kept for the headings that ``digest`` stands for."""
    journal.choices(app_of(settings)).forget("columns", digest)


def _places(look: SheetLook) -> dict[str, int]:
    """The columns by their headings, as far as these tell them apart."""
    headings = {column.place: fields.normal(column.heading) for column in look.columns}
    number = Counter(headings.values())
    return {heading: place for place, heading in headings.items() if heading and number[heading] == 1}
