"""What a sheet is taken for before it is planned: its tabs, its heading row, its first rows, and what each column stands for.

``look_at`` reads the top of a file and keeps nothing. What it says of a column is what ``plan`` does with it, since both ask
the same rules; what would make ``plan`` refuse the sheet stands in ``problems`` and in the columns that cause it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice

from .. import fields
from ..cell_values import Row
from ..edits import cells
from ..edits.choose_sheet import MOST_OTHERS, candidates_of, choose_sheet, find_headings
from ..edits.columns import Columns
from ..edits.heading_row import ColumnUse, HeadingMeaning, HeadingRow, texts_of
from ..edits.headings import Names
from ..edits.rows import RowReader
from ..errors import Refused, SheetError
from ..model import Message, Plan
from ..settings.row_rules import RowRules
from ..settings.settings import Settings
from ..sheets import Sheet, address, cell_of
from .earlier_look import EarlierLook, earlier_look
from .kept_rows import with_kept_rows
from .listener import Listener
from .options import RunOptions
from .sheet_choices import SheetChoices, headings_digest
from .sheet_top import SHOWN_ROWS, Sample, TopRow, examples_of, shortened, top_row
from .source import SheetSource, open_source

#: So many rows of a tab are counted at most.
MOST_COUNTED = 1000
#: So many headings without a meaning are compared with the names of fields, which takes a while for each.
_MOST_NEAR = 300
#: What Excel shows in the place of a long number, and copies so.
_SHORT_FORM = re.compile(r"\s*[0-9]\.[0-9]+E\+1[0-9]\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SheetTab:
    """A sheet of the file: how many rows it has, of which ``MOST_COUNTED`` are counted at most, and whether it has a heading
    for the clue id. ``rows`` is None where that was not counted."""

    name: str
    visible: bool
    rows: int | None
    has_headings: bool


@dataclass(frozen=True, slots=True)
class ColumnLook:
    """What the column at ``place`` (from 0) is taken for.

    ``field`` is the key of the field that it stands for, ``label`` what people call that; ``why`` is the message that says why
    it has its ``use``. ``mistake`` says why ``plan`` refuses the sheet for it, None where it does not; ``near`` is the key of
    the field that an unknown heading is most like. ``first`` is the column that stands for the same field already.
    """

    place: int
    letters: str
    heading: str
    field: str | None
    label: str
    use: ColumnUse
    why: Message
    mistake: Message | None
    first: int | None
    near: str | None
    examples: tuple[str, ...]
    required: bool
    editable: bool


@dataclass(frozen=True, slots=True)
class SheetLook:
    """What a sheet is taken for. ``sheet`` is the name of the tab that is read, ``heading_row`` its row of headings, None where
    no row holds anything; ``is_certain`` says that the headings were found, or chosen, and need not be guessed.

    ``problems`` are the reasons for which ``plan`` would refuse the sheet, beside those of the columns. ``hidden_rows`` is how
    many of the rows that were looked at the sheet hides; ``earlier`` is there where it is a results sheet.
    ``digest`` stands for its headings, in whichever order.
    """

    tabs: tuple[SheetTab, ...]
    sheet: str
    heading_row: int | None
    is_certain: bool
    top: tuple[TopRow, ...]
    columns: tuple[ColumnLook, ...]
    problems: tuple[Message, ...]
    notes: tuple[Message, ...]
    hidden_rows: int
    earlier: EarlierLook | None
    digest: str

    @property
    def can_be_planned(self) -> bool:
        """Whether nothing is known for which ``plan`` would refuse the sheet."""
        return not self.problems and not any(column.mistake for column in self.columns)


def look_at(
    sheet: SheetSource,
    settings: Settings | None = None,
    *,
    sheet_name: str | None = None,
    choices: SheetChoices | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
) -> SheetLook:
    """Returns what ``plan`` would take ``sheet`` for, with the same ``choices`` and names of a tab and of a text form.

    It reads the top of the file alone, keeps nothing, and asks nobody. Raises ``SheetError`` where the file cannot be read, and
    ``SettingsError`` where a name is none.
    """
    settings, choices = settings or Settings(), choices or SheetChoices()
    with Listener(), open_source(sheet, encoding=encoding, delimiter=delimiter) as source:
        sheets = [with_kept_rows(tab) for tab in source.sheets]
        return _Looking(sheets, _without_lookups(settings), choices).look(sheet_name)


def field_labels(settings: Settings) -> dict[str, str]:
    """Returns what people call the fields that a column can stand for, by key."""
    names = Names(_without_lookups(settings).row_rules)
    keys = [*fields.BY_KEY, *settings.custom_fields]
    return {key: names.label(key) for key in keys}


def _without_lookups(settings: Settings) -> Settings:
    """The settings without tables of names that are still to be read: no heading depends on them."""
    return settings.model_copy(update={"lookups": {}})


class _Looking:
    """One look at the sheets of a file."""

    def __init__(self, sheets: Sequence[Sheet], settings: Settings, choices: SheetChoices) -> None:
        self._sheets = sheets
        self._settings = settings
        self._choices = choices

    def look(self, sheet_name: str | None) -> SheetLook:
        rules = self._settings.row_rules
        problems: list[Message] = []
        notes: list[Message] = []
        headings: Row | None = None
        try:
            choice = choose_sheet(self._sheets, sheet_name, rules, heading_row=self._choices.heading_row)
            sheet, headings = choice.sheet, choice.headings
            notes = list(sheet.notes)
        except SheetError as error:
            candidates = candidates_of(self._sheets, sheet_name)
            sheet, headings = _likeliest(candidates, Names(rules))
            if error.message.key not in ("headings.no_clue_id", "headings.no_such_row", "sheet.empty", "sheet.changes"):
                raise
            problems.append(error.message)
        sampled = Sample(sheet, headings)
        settings, options = self._settings, RunOptions()
        if headings is not None:
            settings, options = self._choices.applied(texts_of(headings), settings, options)
        columns, kinds = self._columns(sheet, headings, settings.row_rules, options, sampled)
        if headings is not None and not problems and not any(column.field == "clue_id" for column in _read(columns)):
            problems.append(Message("headings.no_clue_column", {"row": headings.number}))
        if not sampled.rows and not problems:
            problems.append(Message("sheet.no_rows"))
        stored = {column.place for column in columns if column.field and _kind_of(column.field) in cells.AS_STORED}
        return SheetLook(
            tuple(self._tabs(sheet, sampled, has_headings=not problems)),
            sheet.name,
            headings.number if headings else None,
            headings is not None and (self._choices.heading_row is not None or not problems),
            tuple(top_row(row, kinds, headings, stored) for row in sampled.top),
            tuple(columns),
            tuple(problems),
            (*notes, *_short_forms(sheet, columns, sampled)),
            sum(row.hidden for row in sampled.rows),
            earlier_look(sheet, headings),
            headings_digest(texts_of(headings)) if headings else "",
        )

    def _tabs(self, chosen: Sheet, sampled: Sample, *, has_headings: bool) -> Iterator[SheetTab]:
        counted = 0
        for sheet in self._sheets:
            if sheet is chosen:
                yield SheetTab(sheet.name, sheet.visible, _count(sheet), has_headings)
                continue
            rows, names_clues = None, False
            if counted < MOST_OTHERS:
                counted += 1
                with suppress(SheetError):  # one that is damaged is no reason to refuse the other
                    rows, names_clues = _count(sheet), find_headings(sheet, self._settings.row_rules) is not None
            yield SheetTab(sheet.name, sheet.visible, rows, names_clues)

    def _columns(
        self, sheet: Sheet, headings: Row | None, rules: RowRules, options: RunOptions, sampled: Sample
    ) -> tuple[list[ColumnLook], dict[int, Plan]]:
        if headings is None:
            return [], {}
        width = max([len(headings.cells), *(len(row.cells) for row in sampled.rows)])
        wide = replace(headings, cells=(*headings.cells, *[None] * (width - len(headings.cells))))
        row = HeadingRow(
            sheet.name,
            wide,
            rules,
            index_columns=sheet.index_columns,
            label=sheet.label,
            left_out=options.left_out,
            named=dict(options.named),
        )
        plans = _plans(sheet, headings, rules, options, row, sampled)
        stored = {
            meaning.index for meaning in row.meanings if meaning.field is not None and meaning.field.kind in cells.AS_STORED
        }
        examples = examples_of(sampled.rows, len(row.meanings), stored)
        chosen = {*self._choices.fields}
        unknown = [meaning.index for meaning in row.meanings if meaning.why == "unknown"]
        near = {place: row.names.near(row.headings[place]) for place in unknown[:_MOST_NEAR]}
        columns = []
        for meaning in row.meanings:
            if meaning.why == "no_heading" and not examples[meaning.index] and meaning.index >= len(texts_of(headings)):
                continue
            nearest = near.get(meaning.index)
            field = meaning.field
            columns.append(
                ColumnLook(
                    meaning.index,
                    cell_of(address("", 1, meaning.index))[:-1],
                    shortened(meaning.heading),
                    field.key if field else None,
                    row.names.label(field.key) if field else "",
                    meaning.use,
                    _why(meaning, row, is_chosen=meaning.index in chosen),
                    meaning.mistake,
                    meaning.first,
                    nearest.key if nearest else None,
                    tuple(examples[meaning.index]),
                    field is not None and field.key in row.names.required,
                    field is not None and field.editable,
                )
            )
        return columns, plans


def _likeliest(candidates: Sequence[Sheet], names: Names) -> tuple[Sheet, Row | None]:
    """The sheet with the most rows at its top, and the row that most likely holds its headings."""
    tops = [(sheet, list(islice(sheet.rows(), SHOWN_ROWS))) for sheet in candidates[: MOST_OTHERS + 1]]
    sheet, rows = max(tops, key=lambda top: len(top[1]))

    def likeness(row: Row) -> tuple[int, int]:
        texts = [cells.cell_text(cell) for cell in row.cells if isinstance(cell, str)]
        return sum(names.field(text) is not None for text in texts), len(texts)

    return sheet, max(rows, key=likeness, default=None)


def _plans(
    sheet: Sheet, headings: Row, rules: RowRules, options: RunOptions, row: HeadingRow, sampled: Sample
) -> dict[int, Plan]:
    """What becomes of the rows that are looked at, by their numbers, if the columns with a mistake are left out; nothing where
    no column says which clue a row is about."""
    mistaken = [meaning.index for meaning in row.meanings if meaning.mistake]
    with suppress(Refused):
        columns = Columns(
            sheet.name,
            headings,
            rules,
            index_columns=sheet.index_columns,
            label=sheet.label,
            left_out=(*options.left_out, *mistaken),
            named=dict(options.named),
        )
        if "clue_id" in columns.by_key:
            reader = RowReader(columns, rules, with_bodies=False)
            plans = ((below.number, reader.read(below)) for below in sampled.rows)
            return {number: plan for number, plan in plans if plan is not None}
    return {}


def _kind_of(key: str) -> fields.Kind:
    """Returns the kind of the field of this key; a custom one is text here."""
    return fields.BY_KEY[key].kind if key in fields.BY_KEY else fields.Kind.CUSTOM_TEXT


def _why(meaning: HeadingMeaning, row: HeadingRow, *, is_chosen: bool) -> Message:
    """Why a column has its use, in words."""
    values: dict[str, object] = {}
    if meaning.first is not None:
        values = {"first": cell_of(address("", 1, meaning.first))[:-1]}
        return Message("look.repeated", values)
    if meaning.why == "unknown":
        return Message("look.unknown")
    if is_chosen and meaning.use in (ColumnUse.EDITS, ColumnUse.CONTEXT):
        return Message("look.chosen_edits" if meaning.use is ColumnUse.EDITS else "look.chosen_context")
    if meaning.why == "clue" and meaning.field and meaning.field.key == "user_id":
        return Message("look.operator")
    if meaning.why == "setting":
        return Message("look.setting_context" if meaning.use is ColumnUse.CONTEXT else "look.setting_ignored")
    return Message(f"look.{meaning.why}")


def _short_forms(sheet: Sheet, columns: Sequence[ColumnLook], sampled: Sample) -> list[Message]:
    """A warning on long numbers of which only their short form is left, where an id should stand."""
    places = [column.place for column in columns if column.use is not ColumnUse.IGNORED]
    ruined = [
        address(sheet.name, row.number, place)
        for row in sampled.rows
        for place in places
        if place < len(row.cells) and isinstance(text := row.cells[place], str) and _SHORT_FORM.fullmatch(text)
    ]
    return [Message("look.short_form", {"cells": len(ruined), "first": ruined[0]})] if ruined else []


def _read(columns: Sequence[ColumnLook]) -> list[ColumnLook]:
    return [column for column in columns if column.use in (ColumnUse.EDITS, ColumnUse.CONTEXT)]


def _count(sheet: Sheet) -> int:
    return sum(1 for _ in islice(sheet.rows(), MOST_COUNTED))
