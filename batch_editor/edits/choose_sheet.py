"""Which sheet of a workbook is read, and where its headings are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

from ..cell_values import Row
from ..errors import SheetError
from ..model import Message
from ..settings.row_rules import RowRules
from ..sheets import Sheet
from . import cells
from .earlier_results import tells_changes
from .headings import Names
from .ruined_texts import looks_ruined, repaired

#: How far down the heading row is looked for.
TOP_ROWS = 10

#: How many of the sheets behind the one that is read are looked at: for each the file is opened anew.
MOST_OTHERS = 12
#: How many sheets are named where none can be read.
_MOST_NAMED = 20

#: How many characters of a heading are shown.
_LONGEST_HEADING = 40


def find_headings(sheet: Sheet, rules: RowRules) -> Row | None:
    """Returns the first of the top ten rows that has a heading for ``clue_id``; None if there is none, or if the sheet tells
    what a run has changed."""
    names = Names(rules)
    for row in sheet.rows():
        if row.number > TOP_ROWS:
            break
        headings = [cells.cell_text(cell) for cell in row.cells if cell is not None]
        if tells_changes(headings):
            return None
        fields = (names.field(heading) for heading in headings if not names.is_ignored(heading))
        if any(field is not None and field.key == "clue_id" for field in fields):
            return row
    return None


@dataclass(frozen=True, slots=True)
class Choice:
    """The sheet that is read, and its heading row; ``others`` names the visible sheets that might have been meant as well.

    A last one that is … says that not all sheets were looked at.
    """

    sheet: Sheet
    headings: Row
    others: tuple[str, ...] = ()

    def notes(self) -> list[Message]:
        """Returns the warning on a choice that nobody has made, if there were others, and what is odd about the file."""
        values = {"sheet": self.sheet.name, "others": ", ".join(self.others)}
        return [*([Message("note.other_sheets", values)] if self.others else []), *self.sheet.notes]


def choose_sheet(sheets: Sequence[Sheet], sheet_name: str | None, rules: RowRules, *, heading_row: int | None = None) -> Choice:
    """Returns the sheet called ``sheet_name``, or of that number (from 1, as the tabs are seen); without a name the first
    visible one with a heading for ``clue_id``. Its headings are those of ``heading_row``, if somebody has named one.

    Raises ``SheetError`` where there is none, with what stands there instead.
    """
    candidates = candidates_of(sheets, sheet_name)
    if heading_row is not None:
        return _with_headings_in(candidates[0], heading_row)
    for place, sheet in enumerate(candidates, 1):
        if headings := find_headings(sheet, rules):
            following = candidates[place : place + MOST_OTHERS]
            others = [other.name for other in following if _might_be_meant(other, rules)]
            beyond = ["…"] if others and len(candidates) > place + MOST_OTHERS else []
            return Choice(sheet, headings, (*others, *beyond))
    if any(tells_changes([cells.cell_text(cell) for cell in row.cells]) for row in islice(candidates[0].rows(), 1)):
        raise SheetError("sheet.changes", name=candidates[0].name)
    raise _no_clue_id(candidates, Names(rules))


def candidates_of(sheets: Sequence[Sheet], sheet_name: str | None) -> list[Sheet]:
    """Returns the sheets that may be meant: those of this name, or the one of this number; without a name all visible ones.

    Raises ``SheetError`` where there is none.
    """
    tabs = [sheet for sheet in sheets if sheet.visible]
    if not sheet_name:
        candidates = tabs
    else:
        candidates = [sheet for sheet in sheets if sheet.name == sheet_name] or _numbered_tab(tabs, sheet_name)
    if not candidates and not any(sheet.name for sheet in sheets):
        raise SheetError("sheet.no_names", name=sheet_name or "")
    if not candidates:
        names = [f"{number} {tab.name}" for number, tab in enumerate(tabs, 1)]
        names += [sheet.name for sheet in sheets if not sheet.visible]
        raise SheetError("sheet.unknown", name=sheet_name or "", names=", ".join(names))
    return candidates


def _with_headings_in(sheet: Sheet, heading_row: int) -> Choice:
    """The sheet with the headings of a row that somebody has named. Raises ``SheetError`` where that row holds nothing."""
    for row in sheet.rows():
        if row.number == heading_row:
            return Choice(sheet, row)
        if row.number > heading_row:
            break
    raise SheetError("headings.no_such_row", row=heading_row, sheet=sheet.name)


def _no_clue_id(candidates: Sequence[Sheet], names_of_fields: Names) -> SheetError:
    """The refusal where no sheet has a heading for ``clue_id``: it shows what stands in the sheet with the most rows."""
    tops = [list(islice(sheet.rows(), TOP_ROWS)) for sheet in candidates[: MOST_OTHERS + 1]]
    rows = max(tops, key=len)
    names = ", ".join(sheet.name for sheet in candidates[:_MOST_NAMED]) + (", …" if len(candidates) > _MOST_NAMED else "")
    if not rows:
        return SheetError("sheet.empty", name=names) if candidates[0].name else SheetError("sheet.empty_file")
    if len(candidates) == 1:
        held = Message("headings.first_row", {"texts": _texts(rows[0])})
        return SheetError("headings.no_clue_id", held=_with_nearest(held, rows, names_of_fields))
    heading_row = max(rows, key=lambda row: sum(isinstance(cell, str) for cell in row.cells))
    sheet = candidates[tops.index(rows)]
    values = {"tabs": names, "sheet": sheet.name, "row": heading_row.number, "texts": _texts(heading_row)}
    return SheetError("headings.no_clue_id", held=_with_nearest(Message("headings.in_tabs", values), rows, names_of_fields))


def _with_nearest(held: Message, rows: Sequence[Row], names: Names) -> Message:
    """What stands in the rows, with the text among them that is most likely meant for the heading of the clue id, or that was
    ruined on its way."""
    for row in rows:
        for cell in row.cells:
            text = " ".join(cells.cell_text(cell).split())
            if isinstance(cell, str) and text and names.field(text) is None:
                values = {"held": held, "heading": text[:_LONGEST_HEADING]}
                if (meant := repaired(text)) and names.field(meant):
                    return Message("headings.ruined", values | {"meant": meant})
                if looks_ruined(text, is_name=False):
                    return Message("headings.lost", values)
                near = names.near(text)
                if near is not None and near.key == "clue_id":
                    return Message("headings.near_clue_id", values)
    return held


def _texts(row: Row) -> str:
    return ", ".join(cells.cell_text(cell) for cell in row.cells if cell is not None)[:300]


def _might_be_meant(sheet: Sheet, rules: RowRules) -> bool:
    """Whether a sheet that is not read has a heading for ``clue_id``; one that is damaged is no reason to refuse the other."""
    with suppress(SheetError):
        return find_headings(sheet, rules) is not None
    return False


def _numbered_tab(tabs: Sequence[Sheet], number: str) -> list[Sheet]:
    """The tab of this number, if the text is one and there are so many."""
    index = int(number) - 1 if re.fullmatch("[0-9]{1,9}", number) else -1
    return [tabs[index]] if 0 <= index < len(tabs) else []
