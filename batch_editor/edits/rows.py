"""Rows → edits and problems: the rules of rows (guide: rules).

A ``RowReader`` turns one row after the other into a ``Plan``: an edit to send, a reason why there is none, or problems with
their addresses. It keeps no rows, so that a sheet of any length fits; what only the whole sheet can tell (ids that went through
floats, say) stands in its ``findings`` after the last row.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import getitem
from typing import Any

from ..cell_values import Cell, Formatted, Row
from ..errors import SettingsError, SheetError
from ..fields import Kind
from ..model import Edit, Message, Plan, Problem, Status
from ..settings.names import EDGES, folded
from ..settings.row_rules import RowRules
from ..sheets import Sheet, typed_cells
from . import cells
from .cell_reader import CellReader, SpecialCell, is_blank_word
from .cells import Json
from .columns import Column, Columns
from .defaults import read_defaults
from .earlier_results import results_in
from .findings import Findings
from .kept_rows import KeptRows, KnownRow, UnknownRow
from .merged_cells import MergedCells
from .payload import Payload
from .rounded_ids import SHORT_ID, Exactness, ends_in_zeros
from .row_texts import RowTexts
from .rows_between import RowsBetween

#: Required fields that ``fill`` does not take from the record of the clue: which clue it is, and who edits it.
_NEVER_FILLED = ("clue_id", "user_id")
#: What is said of an id that has lost digits for certain.
_LOST_DIGITS = ("cell.rounded", "cell.id_float", "cell.number_too_long")


@dataclass(frozen=True, slots=True)
class _ReadColumn:
    """A column that is read, by its ``position`` among these. ``reads_ids`` is that of its reader, ``exactness`` judges its
    ids, if it holds any."""

    position: int
    key: str
    column: Column
    reads_ids: bool
    exactness: Exactness | None


class RowReader:
    """What to make of the rows of a sheet with these ``columns``.

    ``kept_rows`` judges the rows of a results sheet, so that those which have their values already are not sent. Drafts, for
    which the record of their clue is read, are rows that lack something which is to be filled in, those with tags
    (``reads_tags``), or all (``reads_all``). Without ``clears`` a cell that would empty its field leaves it as it is.
    ``visible_only`` leaves out rows that the sheet hides, unless they have their
    values already. ``with_bodies=False`` leaves the body of each edit empty, where nothing will be sent or shown.
    ``keeps_cells`` keeps with each plan its cells as they were read, so that the row can be read again. Raises ``SheetError``
    where there are no earlier results, and ``SettingsError`` where there is no column of tags, or for a default
    that its field does not take.
    """

    def __init__(
        self,
        columns: Columns,
        rules: RowRules,
        *,
        kept_rows: KeptRows | None = None,
        reads_all: bool = False,
        reads_tags: bool = False,
        clears: bool = True,
        visible_only: bool = False,
        with_bodies: bool = True,
        keeps_cells: bool = False,
    ) -> None:
        self.findings = Findings(columns, rules, only_failed=kept_rows is not None)
        self._columns = columns
        self._rules = rules
        self._required = columns.names.required
        self._earlier = results_in(columns.headings)
        if kept_rows and self._earlier is None:
            raise SheetError("only_failed.no_results")
        if kept_rows and self._earlier and not self._earlier.refers:
            raise SheetError("only_failed.no_reference")
        self._tag_keys = frozenset(
            column.field.key for column in columns.columns if column.edits and column.field.kind is Kind.TAGS
        )
        if reads_tags and not self._tag_keys:
            raise SettingsError("tags.no_column")
        self._kept_rows = kept_rows
        self._reads_all = reads_all
        self._reads_tags = reads_tags
        self._clears = clears
        self._visible_only = visible_only
        self._blank_words = frozenset(map(folded, rules.blank_words))
        self._between = RowsBetween(columns, self.findings)
        self._with_bodies = with_bodies
        self._keeps_cells = keeps_cells
        self._defaults = read_defaults(columns.names, rules)
        self._empty_headings = [index for index, heading in enumerate(columns.headings) if not heading]
        self._edit_keys = tuple(column.field.key for column in columns.columns if column.edits)
        self._keys = tuple(column.field.key for column in columns.columns)
        self._needed = tuple(key for key in self._required if key not in self._defaults)
        self._places = tuple(column.index for column in columns.columns)
        self._size = max(self._places, default=-1) + 1
        self._readers = tuple(self._reader(column) for column in columns.columns)
        self._read_columns = tuple(
            _ReadColumn(position, column.field.key, column, reader.reads_ids, self.findings.exactness.get(column.field.key))
            for position, (column, reader) in enumerate(zip(columns.columns, self._readers, strict=True))
        )
        row_texts = RowTexts(columns)
        self._texts = row_texts.of
        self._is_shown = row_texts.is_shown
        self._id_columns = tuple(column for column in self._read_columns if column.reads_ids)

    def plans(self, sheet: Sheet) -> Iterator[Plan]:
        """Yields the plans of all rows below the headings, in sheet order."""
        self.findings.layout = layout = sheet.layout()
        self.findings.hidden_columns = [column for column in self._columns.columns if layout.hides(column.index)]
        self.findings.merged = merged = MergedCells(layout, self._columns, fill_down=self._rules.fill_down)
        for row in merged.rows(sheet.rows()):
            plan = self.read(row)
            if plan is not None:
                yield plan

    def read(self, row: Row) -> Plan | None:
        """Returns what to do with ``row``; None for a blank row, which is no row, and for a hidden one that is left out."""
        if self._is_blank(row.cells):
            return None
        values = tuple(map(cells.trimmed, row.cells)) if self._earlier else ()
        earlier = self._earlier_row(values) if self._kept_rows else None
        has_its_values = isinstance(earlier, KnownRow) and earlier.has_its_values
        is_left_out = row.hidden and self._visible_only
        if is_left_out and not has_its_values:  # those still overtake others
            self.findings.left_out += 1
            return None
        plan = self._judge(row, values, earlier)
        if is_left_out and not plan.kept:  # somebody has mended it
            self.findings.left_out += 1
            return None
        if self._kept_rows and not self.findings.is_mended:
            if isinstance(earlier, KnownRow) and self._is_as_written(plan, values, earlier, self._kept_rows):
                self.findings.earlier_statuses[earlier.state.status] += 1
            else:
                self.findings.is_mended = True
        if self._keeps_cells:
            plan = plan._replace(typed=typed_cells(row, len(self._columns.headings), self._is_shown))
        return plan._replace(origin=earlier.age) if earlier and not plan.kept else plan

    @property
    def other_headings(self) -> int:
        """The row of the headings below which the rows stand that are read now, if they are not those of the sheet; else 0."""
        return self._between.other_headings

    def stand_below(self, *, other_headings: int, has_long_ids: bool) -> None:
        """Lets the next row that is read be one in the middle of the sheet: below headings in the row ``other_headings``, if it
        is not 0, and below a long id of a clue, if it ``has_long_ids``."""
        self._between.other_headings = other_headings
        self.findings.exactness["clue_id"].long = int(has_long_ids)

    def _is_as_written(self, plan: Plan, values: Sequence[Cell], earlier: KnownRow, kept_rows: KeptRows) -> bool:
        """Whether the row of a sheet of earlier results is what the journal would write there now."""
        says_so = self._earlier is not None and self._earlier.status(values) == earlier.state.status
        return says_so and kept_rows.is_as_it_was(plan.cells, earlier)

    def _earlier_row(self, values: Sequence[Cell]) -> KnownRow | UnknownRow | None:
        """What the journal knows of the row that a row of a results sheet is; None for a new row."""
        if self._kept_rows is None or self._earlier is None:
            return None
        reference = self._earlier.reference(values)
        return self._kept_rows.find(reference) if reference else None

    def _judge(self, row: Row, values: Sequence[Cell], earlier: KnownRow | UnknownRow | None) -> Plan:
        headings = self._columns.headings
        width = self._columns.width
        # In a workbook no cell can have shifted.
        if not self._columns.sheet_name and len(row.cells) > width and not self._is_blank(row.cells[width:]):
            return self._between.judge(row, self._too_long(row, row.cells[width:], width))
        if self._earlier and (place := self._earlier.still_shifted(values)):
            return self._too_long(row, (), place)
        if len(row.cells) > len(headings) or self._empty_headings:
            self.findings.stray_values += self._has_stray_value(row.cells)
        if self._earlier:
            self.findings.updated_before += self._earlier.was_updated(values)
        mended = frozenset[str]()
        if self._kept_rows:
            if isinstance(earlier, UnknownRow):
                return self._between.judge(row, self._kept_rows.unknown(row.number, self._texts(row), earlier))
            if earlier:
                plan, mended = self._keep(row, earlier)
                if plan:
                    return plan
        plan = self._read_cells(row, values, mended)
        if plan.clue_id is None or self._between.other_headings:
            return self._between.judge(row, plan)
        return self._between.judge_short_id(plan) if plan.clue_id < SHORT_ID else plan

    # --- the cells of one row

    def _read_cells(self, row: Row, values: Sequence[Cell], mended: Collection[str]) -> Plan:
        """What to do with a row that is read; ``values`` are its trimmed cells if the sheet has earlier results. Of one that
        was updated before, the fields alone are edited that were ``mended``."""
        cleared: list[str] = []
        problems: list[Problem] = []
        doubts: list[Problem] = []
        results = self._read_values(row)
        filled: dict[str, Any] = dict(zip(self._keys, results, strict=True))
        # Nearly all rows hold ordinary values alone, of which only ids need a second look.
        is_ordinary = SpecialCell not in map(type, results)
        for column in self._id_columns if is_ordinary else self._read_columns:
            result = results[column.position]
            ids: Sequence[int]
            if isinstance(result, SpecialCell):
                if result.notes:
                    cell = row.cells[column.column.index]
                    text = cell.shown()[0] if isinstance(cell, Formatted) else cells.cell_text(cell)
                    self.findings.note_cell(result.notes, text)
                if result.blank or result.problem:
                    del filled[column.key]
                    if result.problem:
                        problems.append(self._columns.cell_problem(row.number, column.column, result.problem))
                        if column.exactness and result.problem.key in _LOST_DIGITS:
                            column.exactness.lost += 1
                    continue
                if result.cleared:
                    cleared.append(column.key)
                filled[column.key] = result.value
                ids = result.long_ids
            elif column.reads_ids and isinstance(result, int):
                # Such an id never ends in zeros, and nearly none is doubtful; one that is counted again counts once.
                if column.exactness is None or not column.exactness.add(result, row.number):
                    continue
                ids = (result,)
            else:
                continue
            for key, doubtful in self._doubts(column.exactness, ids, row.number) if column.exactness else ():
                message = Message(key, {"value": ", ".join(map(str, doubtful))})
                doubt = self._columns.cell_problem(row.number, column.column, message)
                refused = self._earlier and self._earlier.refused(values, doubtful, key) and not self._rules.ids.trust_round
                (problems if refused else doubts).append(doubt)
        listed = self._edit_keys if is_ordinary else tuple([key for key in self._edit_keys if key in filled])
        if mended:
            listed = tuple([key for key in listed if key in mended])
            cleared = [key for key in cleared if key in mended]
        if cleared and not self._clears:
            return self._without_clears(row, filled, listed, cleared, problems, tuple(doubts))
        plan = self._plan(row, filled, listed, tuple(cleared), problems, tuple(doubts))
        self.findings.mended += bool(mended) and plan.edit is not None
        return plan

    def _without_clears(
        self,
        row: Row,
        filled: Mapping[str, Json],
        listed: tuple[str, ...],
        cleared: Sequence[str],
        problems: list[Problem],
        doubts: tuple[Problem, ...],
    ) -> Plan:
        """The plan of a row whose cells that would empty a field leave it as it is; one that has no other is unchanged."""
        self.findings.cells["note.clears_nothing"] += len(cleared)
        kept = {key: value for key, value in filled.items() if key not in cleared}
        plan = self._plan(row, kept, tuple(key for key in listed if key not in cleared), (), problems, doubts)
        if plan.status is not Status.SKIPPED:
            return plan
        fields = ", ".join(map(self._columns.names.label, cleared))
        return plan._replace(status=Status.UNCHANGED, note=Message("live.not_cleared", {"fields": fields}))

    def _doubts(self, exactness: Exactness, ids: Sequence[int], row: int) -> list[tuple[str, list[int]]]:
        """Counts the ids of a cell in the judgement of their column, and returns those that it may refuse, by the reason."""
        reasons = []
        if doubtful := [number for number in ids if exactness.add(number, row)]:
            reasons.append(("cell.rounded_column", doubtful))
        if not self._rules.ids.trust_round and (zeros := [number for number in ids if ends_in_zeros(number)]):
            reasons.append(("cell.rounded", zeros))
        return reasons

    def _read_values(self, row: Row) -> list[Json | SpecialCell]:
        """What the cells of the columns that are read come to; the loop over them is one of C, since every cell is in it."""
        row_cells = row.cells
        if len(row_cells) < self._size:
            row_cells += (None,) * (self._size - len(row_cells))
        return list(map(getitem, self._readers, map(row_cells.__getitem__, self._places)))

    def _plan(
        self,
        row: Row,
        filled: Mapping[str, Json],
        listed: tuple[str, ...],
        cleared: tuple[str, ...],
        problems: list[Problem],
        doubts: tuple[Problem, ...],
    ) -> Plan:
        """The plan of a row of which these fields are ``filled``, and those of them that count as edits ``listed``."""
        texts = self._texts(row)
        clue = filled.get("clue_id")
        clue_id = clue if isinstance(clue, int) else None
        if not problems and not listed:
            lost = tuple(doubt for doubt in doubts if doubt.message.key == "cell.rounded")
            return Plan(row.number, Status.SKIPPED, texts, clue_id, doubts=lost)
        filled_later = False
        lacking = [key for key in self._needed if key not in filled]
        if lacking:
            refused = {problem.field for problem in problems}
            for key in lacking:
                if key in refused:
                    continue
                if self._rules.fill and key not in _NEVER_FILLED:
                    filled_later = True
                else:
                    problems.append(self._lacking(row.number, key))
        if problems or clue_id is None:
            return Plan(row.number, Status.INVALID, texts, clue_id, problems=tuple(problems), doubts=doubts)
        retags = self._reads_tags and not self._tag_keys.isdisjoint(listed)
        body = self._body(filled, listed) if self._with_bodies else ""
        edit = Edit(row.number, clue_id, body, unread=filled_later or self._reads_all or retags)
        self.findings.hidden += row.hidden and not self._visible_only
        return Plan(row.number, Status.PENDING, texts, clue_id, edit, listed, cleared, doubts=doubts)

    def _body(self, filled: Mapping[str, Json], listed: tuple[str, ...]) -> str:
        """The body of the call: what is required, as far as it is there, and then what is listed."""
        sent: dict[str, Json] = {}
        for key in self._required:
            value = filled[key] if key in filled else self._defaults.get(key)
            if value is not None:
                sent[key] = value
        for key in listed:
            sent[key] = filled[key]
        return Payload(sent, listed).to_json()

    def _keep(self, row: Row, earlier: KnownRow) -> tuple[Plan | None, frozenset[str]]:
        """The plan of a row that is not sent again, whose ids count for the judgement of their columns; for any other None, and
        the fields that alone are edited, if it was updated before."""
        if self._kept_rows is None:
            return None, frozenset()
        results = self._read_values(row)
        judged = self._kept_rows.judge(row.number, self._texts(row), results, earlier)
        if not isinstance(judged, Plan):
            return None, judged or frozenset()
        for column in self._read_columns:
            result = results[column.position]
            ids: Sequence[int] = ()
            if isinstance(result, SpecialCell):
                ids = result.long_ids
            elif column.reads_ids and isinstance(result, int):
                ids = (result,)
            for number in ids:
                if column.exactness:
                    column.exactness.add(number, row.number)
        return judged, frozenset()

    def _too_long(self, row: Row, surplus: Sequence[Cell], index: int) -> Plan:
        """The plan of a row that has something in the column ``index``, beyond all headings."""
        headings = self._columns.headings
        problem = self._columns.problem(row.number, index, "", Message("row.too_long", {"columns": len(headings)}))
        texts = self._texts(row)
        if surplus:  # kept, so that whoever mends the row in the results sees what it held
            self.findings.surplus = True
            padding = ("",) * (len(headings) - len(texts))
            texts = (*texts, *padding, ", ".join(cells.cell_text(cell) for cell in surplus if cell is not None))
        return Plan(row.number, Status.INVALID, texts, problems=(problem,))

    def _has_stray_value(self, row_cells: Sequence[Cell]) -> bool:
        """Whether something stands under an empty heading, or beyond the last one."""
        under_empty = [row_cells[index] for index in self._empty_headings if index < len(row_cells)]
        return not self._is_blank(under_empty) or not self._is_blank(row_cells[len(self._columns.headings) :])

    def _is_blank(self, row_cells: Sequence[Cell]) -> bool:
        """Whether nothing stands in any of these cells but spaces, what nobody sees, and words that stand for nothing."""
        for cell in row_cells:
            if cell is None or (isinstance(cell, str) and not cell.strip(EDGES)):
                continue
            if not self._blank_words or not is_blank_word(cell, self._blank_words):
                return False
        return True

    def _lacking(self, row: int, key: str) -> Problem:
        column = self._columns.by_key.get(key) or self._columns.by_key["clue_id"]
        text_key = {"clue_id": "row.no_clue_id", "user_id": "row.no_user_id"}.get(key, "row.lacking")
        message = Message(text_key, {"field": self._columns.names.label(key)})
        return self._columns.problem(row, column.index, key, message)

    # --- what is made ready before the first row

    def _reader(self, column: Column) -> CellReader:
        required = column.field.key in self._required
        return CellReader(column.field, self._rules, required=required, in_workbook=bool(self._columns.sheet_name))
