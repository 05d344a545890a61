"""Rows → edits and problems: the rules of rows (guide: rules).

A ``Loader`` is made from a heading row and the settings, and turns one row after the other into a ``Plan``: an edit to send,
a reason why there is none, or problems with their addresses. It keeps no rows, so that a sheet of any length fits;
what only the whole column can tell (ids that went through floats) it answers at the end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from .. import fields, spoilt_text
from ..errors import SettingsError, SheetError
from ..fields import Field, Kind
from ..model import Cell, Edit, Message, Plan, Problem, Row, Status
from ..settings.names import ids_of
from ..settings.row_rules import RowRules
from ..sheets import Sheet, address
from . import cells
from .cells import BadCell
from .earlier_results import results_in
from .headings import Names
from .payload import Payload
from .rounded_ids import Exactness

#: Kinds of fields that hold ids of the CRM, one or several.
_ID_KINDS = frozenset({Kind.ID, Kind.TAGS, Kind.SINGLE, Kind.MULTIPLE, Kind.CASCADE})
#: What people write when they mean the clear marker: ``# CLEAR``, ``#Clear.``, ``清空``.
_NEAR_MARKER = re.compile("[#\uff03\\s]*(clear|清空|清除)[#\uff03.!\u3002\uff01\\s]*", re.IGNORECASE)
#: A number from here on loses digits when Excel or WPS saves it.
_EXCEL_KEEPS = 10**spoilt_text.EXCEL_DIGITS
BLANK_WORDS = frozenset({"na", "n/a", "null", "none", "nan", "\\n", "-"})


@dataclass(frozen=True, slots=True)
class Column:
    """A column that is read: what its cells become, and whether a filled one counts as an edit."""

    index: int
    heading: str
    field: Field
    convert: cells.Converter
    edits: bool


class Loader:
    """The columns of one sheet and what to make of its rows.

    ``edit_keys`` are the fields that count as edits (``--edit``; all others are context); ``only_failed`` takes the rows that
    an earlier results sheet calls ``updated`` or ``unchanged`` as they are. Drafts, for which the live record of their clue
    is read, are rows that lack something which is to be filled in, those with tags (``reads_tags``), or all (``reads_all``).
    ``visible_only`` takes rows that the sheet hides for no rows, unless they are taken as they are; otherwise ``hidden``
    counts those of them that are sent.
    ``surplus`` says that rows had more cells than there are headings, which their plans hold as one more. Raises
    ``SheetError`` for headings that cannot be understood and ``SettingsError`` for names that are not in the sheet.
    """

    def __init__(
        self,
        sheet: str,
        headings: Row,
        rules: RowRules,
        *,
        edit_keys: Sequence[str] = (),
        only_failed: bool = False,
        reads_all: bool = False,
        reads_tags: bool = False,
        visible_only: bool = False,
    ) -> None:
        self.sheet = sheet
        self.headings = tuple(cells.cell_text(cells.trimmed(cell)) for cell in headings.cells)
        self.heading_row = headings.number
        self.notes: list[Message] = []
        self._rules = rules
        self._names = Names(rules)
        self._edit_keys = tuple(self._edit_key(name) for name in edit_keys)
        self._required = self._names.required
        self._context_headings = frozenset(fields.normal(name) for name in rules.context_columns)
        self._context = self._context_keys()
        self._columns = self._understand(headings)
        self._by_key = {column.field.key: column for column in self._columns}
        self._earlier = results_in(self.headings)
        if only_failed and self._earlier is None:
            raise SheetError("only_failed.no_results")
        self._only_failed = only_failed
        self._reads_all, self._reads_tags = reads_all, reads_tags
        self._visible_only = visible_only
        if reads_tags and not any(column.edits and column.field.kind is Kind.TAGS for column in self._columns):
            raise SettingsError("tags.no_column")
        self._defaults = self._read_defaults()
        self._table_ids = {key: ids_of(table) for key, table in rules.lookups.items()}
        self._exactness = {key: Exactness() for key, column in self._by_key.items() if column.field.kind in _ID_KINDS}
        self.surplus = False
        self.hidden = 0
        self._left_out = 0
        self._numeric_ids = 0
        self._results_time: datetime | None = None
        self._width = max(headings.width, len(self.headings))
        self._blank_words = 0
        self._near_markers = 0
        self._garbled = 0
        self._stray_values = 0
        self._updated_before = 0
        self._empty_headings = frozenset(index for index, heading in enumerate(self.headings) if not heading)

    @property
    def results_time(self) -> str | None:
        """After the last row: the latest ``result_time`` of the sheet, from which its values stem; None if there is none."""
        return self._results_time.isoformat() if self._results_time else None

    @property
    def labels(self) -> dict[str, str]:
        """What people call the fields that are read, by key: ``描述 (remark)``."""
        return {key: self._names.label(key) for key in self._by_key}

    def read(self, row: Row) -> Plan | None:
        """What to do with ``row``; None for a blank row, which is no row, and for a hidden one that is to be left out."""
        values = tuple(cells.trimmed(cell) for cell in row.cells)
        if not any(value is not None for value in values):
            return None
        if self._earlier and (moment := self._earlier.time(values)):
            self._results_time = max(moment, self._results_time or moment)
        kept = self._earlier.kept(row.number, values) if self._earlier else None
        if row.hidden and self._visible_only and not (kept and self._only_failed):  # those still overtake others
            self._left_out += 1
            return None
        texts = tuple(cells.cell_text(cell) for cell in row.cells[: len(self.headings)])
        plan = Plan(row=row.number, status=Status.PENDING, cells=texts)
        if not self.sheet and any(value is not None for value in values[self._width :]):  # a workbook's cells cannot shift
            return self._too_long(plan, row.cells[self._width :], self._width)
        if self._earlier and (place := self._earlier.still_shifted(values)):
            return self._too_long(plan, (), place)
        stray = any(index < len(values) and values[index] is not None for index in self._empty_headings)
        self._stray_values += stray or any(value is not None for value in values[len(self.headings) :])
        if self._earlier and kept:
            self._updated_before += 1
            if self._only_failed:
                clue = self._count_ids(values)
                return replace(plan, status=kept.status, clue_id=clue, kept=kept, fields=self._earlier.fields(values))
        plan = self._read_cells(plan, values)
        self.hidden += row.hidden and plan.edit is not None
        return plan

    def overtaken(self, row: int, later: int) -> Plan:
        """What to do with ``row`` once it is known that ``later``, of the same clue, is updated already: not to send it."""
        problem = self._problem(row, self._by_key["clue_id"].index, "clue_id", Message("row.overtaken", {"later": later}))
        return Plan(row, Status.INVALID, (), problems=(problem,))

    def altered(self, row: int, held: Sequence[str], wrote: Sequence[Mapping[str, str]]) -> Plan | None:
        """What to do with ``row``, which is updated already, now that it holds ``held``: nothing if an earlier run ``wrote``
        that (by heading, from each row it can stem from), else not to let it pass for what was sent."""
        found = [self._altered(held, cells) for cells in wrote]
        if not found or None in found:
            return None
        column = next(filter(None, found))
        return Plan(row, Status.INVALID, (), problems=(self._bad_cell(row, column, Message("row.altered")),))

    def _altered(self, held: Sequence[str], wrote: Mapping[str, str]) -> Column | None:
        """The first column whose cell asks for something else than it did; a blank asks for nothing."""
        for column in self._columns:
            if column.edits and column.heading in wrote and column.index < len(held):
                now, then = cells.trimmed(held[column.index]), cells.trimmed(wrote[column.heading])
                if now is not None and self._meaning(column, now) != self._meaning(column, then):
                    return column
        return None

    def _meaning(self, column: Column, cell: Cell) -> object:
        """What a cell asks for, however it is written: Excel writes dates and numbers in its own way to a CSV."""
        if cells.is_marker(cell, self._rules.clear_marker):
            return None
        with suppress(BadCell):
            return "" if cell is None else (column.convert(cell),)
        return cell

    def rounded(self) -> frozenset[str]:
        """After the last row: the keys of the id columns that went through floats, whose doubtful ids must not be sent."""
        if self._rules.ids.trust_round:
            return frozenset()
        return frozenset(key for key, exactness in self._exactness.items() if exactness.rounded)

    def closing_notes(self) -> list[Message]:
        """After the last row: what was ignored or looked odd, as warnings with their counts."""
        found = list(self.notes)
        if self.hidden:
            found.append(hidden_rows(self.hidden))
        if self._left_out:
            found.append(Message("note.left_out", {"rows": self._left_out}))
        if self._numeric_ids:
            found.append(Message("note.numeric_ids", {"cells": self._numeric_ids}))
        if self._stray_values:
            found.append(Message("note.empty_heading", {"rows": self._stray_values}))
        if self._blank_words:
            found.append(Message("note.blank_words", {"cells": self._blank_words}))
        if self._near_markers:
            found.append(Message("note.near_markers", {"cells": self._near_markers, "marker": self._rules.clear_marker}))
        if self._garbled:
            found.append(Message("note.garbled", {"cells": self._garbled}))
        if self._updated_before and not self._only_failed:
            found.append(Message("note.updated_before", {"rows": self._updated_before}))
        return found

    # --- the cells of one row

    def _read_cells(self, plan: Plan, values: tuple[Cell, ...]) -> Plan:
        marker = self._rules.clear_marker
        filled: dict[str, object] = {}
        cleared: list[str] = []
        problems: list[Problem] = []
        doubts: list[Problem] = []
        for column in self._columns:
            cell = values[column.index] if column.index < len(values) else None
            if cell is None:
                continue
            key = column.field.key
            try:
                if cells.is_marker(cell, marker):
                    if not column.field.clearable or key in self._required:
                        raise BadCell("cell.not_clearable", value=cells.cell_text(cell))
                    filled[key] = cells.cleared_value(column.field, self._rules)
                    cleared.append(key)
                    continue
                if isinstance(cell, str):
                    self._blank_words += cell.casefold() in BLANK_WORDS
                    self._near_markers += _NEAR_MARKER.fullmatch(cell) is not None
                    self._garbled += _is_garbled(cell)
                value = filled[key] = column.convert(cell)
                if self.sheet and isinstance(cell, int) and column.field.kind in _ID_KINDS:
                    self._numeric_ids += cell >= _EXCEL_KEEPS
            except BadCell as error:
                problems.append(self._bad_cell(plan.row, column, error.message))
                continue
            if doubtful := self._doubtful_ids(column, value):
                said = Message("cell.rounded_column", {"value": ", ".join(map(str, doubtful))})
                doubt = self._bad_cell(plan.row, column, said)
                refused = self._earlier and self._earlier.refused(values, doubtful) and not self._rules.ids.trust_round
                (problems if refused else doubts).append(doubt)
        listed = tuple(column.field.key for column in self._columns if column.edits and column.field.key in filled)
        clue = filled.get("clue_id")
        plan = replace(plan, clue_id=clue if isinstance(clue, int) else None)
        if not problems and not listed:
            return replace(plan, status=Status.SKIPPED)
        payload = {key: filled.get(key, self._defaults.get(key)) for key in self._required}
        told = {problem.field for problem in problems}
        lacking = [key for key, value in payload.items() if value is None and key not in told]
        filled_later = [key for key in lacking if self._rules.fill and key not in ("clue_id", "user_id")]
        problems += [self._lacking(plan.row, key) for key in lacking if key not in filled_later]
        if problems or not isinstance(clue, int):
            return replace(plan, status=Status.INVALID, problems=tuple(problems))
        sent = {key: value for key, value in payload.items() if value is not None} | {key: filled[key] for key in listed}
        retags = self._reads_tags and any(self._by_key[key].field.kind is Kind.TAGS for key in listed)
        unread = bool(filled_later) or self._reads_all or retags
        edit = Edit(plan.row, clue, Payload(sent, listed).to_json(), unread=unread)
        return replace(plan, edit=edit, fields=listed, cleared=tuple(cleared), doubts=tuple(doubts))

    def _doubtful_ids(self, column: Column, value: object) -> list[int]:
        """The long ids in ``value`` that a double holds exactly; all long ones are counted."""
        key = column.field.key
        ids = _ids(column.field, value, self._rules, self._table_ids.get(key, frozenset()))
        return [one for one in ids if self._exactness[key].add(one)]

    def _count_ids(self, values: tuple[Cell, ...]) -> int | None:
        """Count the ids of a row that is not sent again, for the judgement of their columns; its clue id, if it has one."""
        clue = None
        for column in self._columns:
            cell = values[column.index] if column.index < len(values) else None
            if cell is None or column.field.key not in self._exactness or cells.is_marker(cell, self._rules.clear_marker):
                continue
            with suppress(BadCell):
                value = column.convert(cell)
                self._doubtful_ids(column, value)
                clue = value if column.field.key == "clue_id" and isinstance(value, int) else clue
        return clue

    def _too_long(self, plan: Plan, surplus: Sequence[Cell], place: int) -> Plan:
        problem = self._problem(plan.row, place, "", Message("row.too_long", {"columns": len(self.headings)}))
        if surplus:  # kept, so that whoever mends the row in the results sees what it held
            self.surplus = True
            padding = ("",) * (len(self.headings) - len(plan.cells))
            text = ", ".join(cells.cell_text(cell) for cell in surplus if cell is not None)
            plan = replace(plan, cells=(*plan.cells, *padding, text))
        return replace(plan, status=Status.INVALID, problems=(problem,))

    def _problem(self, row: int, column: int, key: str, message: Message) -> Problem:
        return Problem(row, address(self.sheet, row, column), key, message)

    def _bad_cell(self, row: int, column: Column, message: Message) -> Problem:
        return replace(self._problem(row, column.index, column.field.key, message), heading=" ".join(column.heading.split()))

    def _lacking(self, row: int, key: str) -> Problem:
        column = self._by_key.get(key)
        place = column.index if column else self._by_key["clue_id"].index
        said = {"clue_id": "row.no_clue_id", "user_id": "row.no_user_id"}.get(key, "row.lacking")
        return self._problem(row, place, key, Message(said, {"field": self._names.label(key)}))

    # --- the headings

    def _key(self, name: str, source: str | Message) -> str:
        found = self._names.field(name)
        if found is None:
            raise SettingsError("settings.no_such_field", name=name, source=source)
        return found.key

    def _edit_key(self, name: str) -> str:
        key = self._key(name, Message("settings.edit_option"))
        if not self._names.by_key(key).editable:
            raise SettingsError("edit.not_editable", name=name)
        return key

    def _context_keys(self) -> frozenset[str]:
        here = {fields.normal(heading) for heading in self.headings}
        named = [name for name in self._rules.context_columns if self._names.field(name) or fields.normal(name) not in here]
        return frozenset(self._key(name, "context_columns") for name in named)

    def _understand(self, headings: Row) -> list[Column]:
        columns: list[Column] = []
        wrong: list[Message] = []
        first: dict[str, str] = {}
        read_only: list[str] = []
        undeclared: list[str] = []
        for index, heading in enumerate(self.headings):
            if not heading or self._names.is_ignored(heading):
                continue
            place = address(self.sheet, headings.number, index)
            found = self._names.field(heading)
            if found is None:
                if fields.normal(heading) in fields.READ_ONLY_HEADINGS:
                    read_only.append(heading)
                elif fields.normal(heading) not in self._context_headings:
                    wrong.append(self._names.unknown(place, heading))
                continue
            if found.key in first:
                values = {"place": place, "heading": heading, "first": first[found.key], "key": found.key}
                wrong.append(Message("heading.repeated", values))
                continue
            first[found.key] = place
            edits = found.editable and (found.key in self._edit_keys if self._edit_keys else found.key not in self._context)
            if edits and found.custom and found.key not in self._rules.custom_fields:
                undeclared.append(found.key)
            if edits or found.key in self._required:
                columns.append(Column(index, heading, found, cells.converter(found, self._rules), edits))
        if wrong:
            raise SheetError("headings.wrong", lines=wrong)
        missing = [key for key in self._edit_keys if key not in first]
        if missing:
            raise SettingsError("edit.not_in_sheet", keys=", ".join(missing), headings=", ".join(filter(None, self.headings)))
        if idle := self._names.ignores_nothing(self.headings):
            self.notes.append(Message("note.ignored_nothing", {"names": ", ".join(idle)}))
        if read_only:
            self.notes.append(Message("note.read_only", {"headings": ", ".join(read_only)}))
            if self._rules.lookups.get("clue_pool_id") and "clue_pool_id" not in first:
                pools = [one for one in read_only if fields.READ_ONLY_HEADINGS[fields.normal(one)] == "clue_pool_name"]
                self.notes += [Message("note.pool_names", {"heading": one}) for one in pools]
        if undeclared:
            self.notes.append(Message("note.undeclared", {"keys": ", ".join(undeclared)}))
        return columns

    def _read_defaults(self) -> dict[str, object]:
        found: dict[str, object] = {}
        for key, value in self._rules.defaults.items():
            try:
                cell = cells.trimmed(value)
                if cell is None:
                    raise BadCell("cell.blank_default")
                if cells.is_marker(cell, self._rules.clear_marker):
                    raise BadCell("cell.not_clearable")
                found[key] = cells.converter(self._names.by_key(key), self._rules)(cell)
            except BadCell as error:
                raise SettingsError("settings.default", field=self._names.label(key), reason=error.message) from None
        return found


def _is_garbled(text: str) -> bool:
    """Whether this is what is left of a text that was saved in an encoding without its characters."""
    return "\ufffd" in text or ("??" in text and text.isascii() and 3 * text.count("?") >= 2 * len(text))


def hidden_rows(rows: int) -> Message:
    """What is to be said of a sheet that hides some of the rows that are sent."""
    return Message("note.hidden_rows", {"rows": rows})


def _ids(field: Field, value: object, rules: RowRules, known: Set[str]) -> list[int]:
    """The numeric ids in a converted value, where they come from the cell and not from declared options or ``known`` names."""
    declared = rules.custom_fields.get(field.key)
    if field.kind not in _ID_KINDS or (declared and declared.options):
        return []
    parts = value if isinstance(value, list) else str(value).split(",")
    texts = (one for one in map(str, parts) if one not in known)
    return [int(one) for one in texts if one.isascii() and one.isdecimal() and len(one) <= 19]


def plans(loader: Loader, sheet: Sheet) -> Iterator[Plan]:
    """The plans of all rows below the headings, in sheet order."""
    for row in sheet.rows():
        if row.number > loader.heading_row:
            plan = loader.read(row)
            if plan is not None:
                yield plan


def refused(plan: Plan, rounded: frozenset[str]) -> Plan:
    """``plan`` once the whole column is known: invalid if one of its doubtful ids stands in a ``rounded`` column."""
    problems = tuple(doubt for doubt in plan.doubts if doubt.field in rounded)
    return replace(plan, status=Status.INVALID, problems=problems, edit=None, fields=(), cleared=()) if problems else plan
