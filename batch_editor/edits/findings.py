"""What a sheet has shown once all of its rows were read: what was counted, and which columns of ids went through floats.

``rows.py`` fills it in while it reads; planning asks it after the last row. It keeps counts and no rows.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from ..fields import Kind
from ..model import Message, Status
from ..settings.row_rules import RowRules
from ..sheets import Layout, Range, address
from .cells import WHOLE_TEXTS
from .columns import Column, Columns
from .merged_cells import MergedCells
from .rounded_ids import Exactness, too_many_zeros

#: How many different texts a note gives as examples, and how many characters of each.
_MOST_EXAMPLES = 3
_LONGEST_EXAMPLE = 20
_WITH_EXAMPLES = (
    *("note.blank_words", "note.garbled", "note.wrapped", "note.formulas", "note.short_forms", "note.zero_fractions"),
    *("note.areas", "note.channels"),
)


class Findings:
    """The counts of one sheet.

    ``surplus`` says that rows had more cells than there are headings, which their plans hold as one more. ``hidden`` rows that
    the sheet hides are sent, ``left_out`` ones are not read. ``updated_before`` rows are called updated by earlier results,
    ``stray_values`` rows a value under no heading. ``cells`` counts the cells that look odd, by the key of the note on them;
    ``examples`` holds the first texts of each kind. ``repeated_headings`` are rows that hold the headings once more,
    ``no_data`` those that are none of the data. ``other_headings`` are the rows from which on rows stand below other headings
    than those of the sheet, each with the row of these; or, with 0, no longer.
    ``exactness`` judges each column of ids. ``layout`` is that of the sheet, whose ``hidden_columns`` are read although nobody
    sees them, and ``merged`` knows what became of its merged cells.

    Of a sheet of earlier results: ``mended`` rows were updated, and are sent for what was changed since. ``earlier_statuses``
    counts what the journal has of its rows, unless ``is_mended`` says that some row is not as it was written.
    """

    def __init__(self, columns: Columns, rules: RowRules, *, only_failed: bool) -> None:
        self.surplus = False
        self.hidden = 0
        self.left_out = 0
        self.layout = Layout()
        self.hidden_columns: list[Column] = []
        self.merged: MergedCells | None = None
        self.updated_before = 0
        self.mended = 0
        self.is_mended = False
        self.earlier_statuses = Counter[Status]()
        self.stray_values = 0
        self.repeated_headings = list[int]()
        self.other_headings = list[tuple[int, int]]()
        self.no_data = list[int]()
        self.cells = Counter[str]()
        self.examples = defaultdict[str, list[str]](list)
        self.exactness = {
            key: Exactness(in_floats=column.field.holds_ids)
            for key, column in columns.by_key.items()
            if column.field.holds_ids or column.field.kind in WHOLE_TEXTS
        }
        self._columns = columns
        self._rules = rules
        self._only_failed = only_failed

    def note_cell(self, keys: Iterable[str], text: str) -> None:
        """Counts a cell for the notes of these keys, and keeps the first few of its kind as examples."""
        for key in keys:
            self.cells[key] += 1
            examples = self.examples[key]
            if len(examples) < _MOST_EXAMPLES and (short := _shortened(" ".join(text.split()))) not in examples:
                examples.append(short)

    def refused_doubts(self) -> dict[tuple[str, str], Message | None]:
        """Returns which doubts hold, now that all ids of the columns are known: the key of the column and that of the doubt,
        with what is to be said in its place, if anything."""
        refused: dict[tuple[str, str], Message | None] = {}
        if self._rules.ids.trust_round:
            return refused
        for key, exactness in self.exactness.items():
            if exactness.rounded:
                refused[key, "cell.rounded_column"] = None
            if exactness.zeros and not exactness.explained:
                refused[key, "cell.rounded"] = too_many_zeros(len(exactness.zeros) + exactness.lost, exactness.long)
        return refused

    def _of_ids(self) -> list[Message]:
        """Warnings on what the ids of a column say of each other."""
        notes = []
        for key, exactness in self.exactness.items():
            column = self._columns.by_key[key]
            heading = " ".join(column.heading.split())
            if exactness.zeros and exactness.explained and not self._rules.ids.trust_round:
                counts = {"zeros": len(exactness.zeros), "ids": exactness.long, "heading": heading}
                notes.append(Message("note.round_ids", counts))
            if column.field.kind is not Kind.ID:
                continue
            odd = [("note.phones_as_ids", exactness.phones, exactness.phones.count > 0)]
            odd.append(("note.short_ids", exactness.short, exactness.odd_short))
            odd.append(("note.neighbour_ids", exactness.neighbours, exactness.odd_neighbours and key == "clue_id"))
            for note, places, is_told in odd:
                if is_told:
                    first = self._columns.place(places.first, column.index, key)
                    notes.append(Message(note, {"count": places.count, "heading": heading, "first": first}))
        return notes

    def is_as_written(self, statuses: Mapping[str, int]) -> bool:
        """Returns whether a sheet of earlier results is as it was written, and nothing has come of its rows, which have these
        ``statuses`` now, but what it says already."""
        return not self.is_mended and not statuses.get(Status.PENDING) and dict(self.earlier_statuses) == dict(statuses)

    def _marked(self, ranges: Sequence[Range]) -> dict[str, object]:
        """How many cells of these stand in columns that are read, below the headings, and where the first one is; nothing if
        there is none."""
        above = self._columns.heading_row
        read = {column.index for column in self._columns.columns}
        met = [cells for cells in ranges if cells.first_column in read and cells.last_row > above]
        if not met:
            return {}
        first = min((max(cells.first_row, above + 1), cells.first_column) for cells in met)
        count = sum(cells.last_row - max(cells.first_row - 1, above) for cells in met)
        return {"cells": count, "first": address(self._columns.sheet_name, *first)}

    def notes(self) -> list[Message]:
        """Returns warnings on what was ignored or looked odd, those on the headings first."""
        notes = list(self._columns.notes)
        if self.hidden:
            notes.append(hidden_rows(self.hidden))
        if self.left_out:
            notes.append(Message("note.left_out", {"rows": self.left_out}))
        if self.hidden_columns:
            names = [f"{column.heading} ({address('', 1, column.index)[:-1]})" for column in self.hidden_columns]
            notes.append(Message("note.hidden_columns", {"columns": ", ".join(names)}))
        if self.merged:
            notes += self.merged.notes()
        for key, ranges in (("note.struck", self.layout.struck), ("note.white", self.layout.white)):
            if marked := self._marked(ranges):
                notes.append(Message(key, marked))
        if numeric_ids := self.cells["note.numeric_ids"]:
            notes.append(Message("note.numeric_ids", {"cells": numeric_ids}))
        notes += self._of_ids()
        for key in ("note.shown_short", "note.dates_by_country", "note.parts_of_dates", "note.hidden_values"):
            if self.cells[key]:
                notes.append(Message(key, {"cells": self.cells[key]}))
        if self.stray_values:
            notes.append(Message("note.empty_heading", {"rows": self.stray_values}))
        if rows := self.repeated_headings:
            notes.append(Message("note.repeated_headings", {"rows": len(rows), "first": self._columns.row_name(rows[0])}))
        if rows := self.no_data:
            notes.append(Message("note.no_data", {"rows": len(rows), "first": self._columns.row_name(rows[0])}))
        for key in _WITH_EXAMPLES:
            if self.cells[key]:
                notes.append(Message(key, {"cells": self.cells[key], "examples": ", ".join(self.examples[key])}))
        if near_markers := self.cells["note.near_markers"]:
            notes.append(Message("note.near_markers", {"cells": near_markers, "marker": self._rules.clear_marker}))
        if clears := self.cells["note.clears_nothing"]:
            notes.append(Message("note.clears_nothing", {"cells": clears, "marker": self._rules.clear_marker}))
        if self.updated_before and not self._only_failed:
            notes.append(Message("note.updated_before", {"rows": self.updated_before}))
        if self.mended:
            notes.append(Message("note.mended", {"rows": self.mended}))
        return notes


def hidden_rows(rows: int) -> Message:
    """Returns the warning on a sheet that hides some of the rows that are sent."""
    return Message("note.hidden_rows", {"rows": rows})


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_EXAMPLE else f"{text[:_LONGEST_EXAMPLE]}…"
