"""What an undo of a run could put back, row by row and field by field, before anybody plans one.

A mark says what the journal knows. Whether somebody has changed a field in the CRM since is seen only where its clue is read;
without that it is looked at before anything is put back (``edits/merge``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from ..crm.last_look import UnfitBody
from ..crm.verdicts import Verdict
from ..edits.cells import Json
from ..edits.clue_record import ClueRecord, MalformedRecord, as_text, parse_record, same_value
from ..edits.headings import Names
from ..edits.id_names import id_names
from ..errors import Halted
from ..events import Event
from ..journal.journal import Journal
from ..model import Message, RowValues
from ..settings.row_rules import RowRules
from ..settings.settings import Settings
from ..stop import Stop
from .earlier_runs import settings_for
from .options import RunOptions
from .outside_runs import connected
from .reasons import not_asked
from .undo import Undo, tried_values, was_tried


class Mark(StrEnum):
    """What is known of a field that a row of a run has set, or may have."""

    BACK = "back"  # its old value is known, and can be put back
    CHANGED = "changed"  # somebody has set another value since: it is left alone
    UNKNOWN = "unknown"  # nobody knows what was there before
    DONE = "done"  # it was put back already
    SAME = "same"  # the old value stands there now
    EQUAL = "equal"  # the run has set what was there before: there is nothing to put back


@dataclass(frozen=True, slots=True)
class FieldMark:
    """One field of a row: its ``mark``, the values before and after, the run ``by`` which it was put back, and what stands
    there ``now``, if its clue was read."""

    key: str
    label: str
    mark: Mark
    old: str | Message
    new: str | Message
    by: str | None = None
    now: str | Message | None = None


@dataclass(frozen=True, slots=True)
class RowMarks:
    """One row that has changed its clue, or may have (``maybe_applied``), with its fields. ``trouble`` says why its clue could
    not be read, if that was tried."""

    row: int
    clue_id: int
    clue_name: str
    maybe_applied: bool
    fields: tuple[FieldMark, ...]
    trouble: Message | None = None

    @property
    def can_be_put_back(self) -> bool:
        """Whether there is a field that an undo would put back, as far as is known."""
        return any(field.mark is Mark.BACK for field in self.fields)


@dataclass(frozen=True, slots=True)
class MarksPage:
    """Some rows of those that a run has changed, of ``total`` in all; ``next_after`` is what the next page begins after, None
    if this is the last. ``read_at`` is when their clues were read, ISO 8601 with its offset; None if they were not."""

    rows: tuple[RowMarks, ...]
    total: int
    next_after: int | None
    read_at: str | None = None


class UndoMarks:
    """The marks of the rows of the run called ``name``."""

    def __init__(self, journal: Journal, name: str) -> None:
        self._journal = journal
        self._run = journal.run(name)
        self._held = journal.of(name)
        self._rules = RowRules.from_record(self._run.settings)
        self._names = Names(self._rules)
        self._undo = Undo(self._held, self._rules)
        undone = RunOptions.from_json(self._run.options).undo
        self._id_names = id_names(self._rules, self._held.queries.shown_names(undone=undone))

    def fields(self) -> list[tuple[str, str]]:
        """Returns key and label of every field that the run has changed, or may have."""
        return [(key, self._names.by_key(key).title) for key in self._undo.changed_keys]

    def page(self, after: int = 0, most: int = 50) -> MarksPage:
        """Returns the next rows below row ``after``, as far as the journal knows them."""
        return self._page(after, most, {})

    def read_page(
        self, settings: Settings, after: int = 0, most: int = 50, *, on_event: Callable[[Event], None], stop: Stop | None = None
    ) -> MarksPage:
        """Returns the same, once the clues of these rows were read, at the permitted rate.

        Raises ``Refused`` or ``Halted`` where the CRM cannot be asked, or the run belongs to another app.
        """
        settings = settings_for(self._run, settings)
        clues = list(dict.fromkeys(row.clue_id for row in self._held.queries.changed_page(after, most)))
        records: dict[int, ClueRecord | Message] = {}
        with connected(settings, self._journal, stop or Stop(), on_event) as connection:
            for clue in clues:
                try:
                    attempted = connection.retries.show_clue(clue, connection.client.info)
                except Halted as error:
                    raise not_asked("clue.halted", error.stoppage) from error
                is_shown = attempted.is_answered and attempted.verdict is Verdict.DONE
                records[clue] = self._record(attempted.reply.data, clue) if is_shown else Message("undo_marks.unread")
        return replace(self._page(after, most, records), read_at=self._journal.now())

    def _record(self, data: object, clue: int) -> ClueRecord | Message:
        if not isinstance(data, dict):
            return Message("undo_marks.unread")
        try:
            return parse_record(data, clue, self._rules)
        except MalformedRecord as error:
            return error.message

    def _page(self, after: int, most: int, records: Mapping[int, ClueRecord | Message]) -> MarksPage:
        queries = self._held.queries
        rows = queries.changed_page(after, most)
        ends = len(rows) < most or not queries.changed_page(rows[-1].row, 1)
        marks: dict[int, _ClueMarks] = {}
        marked = []
        for row in rows:
            if row.clue_id not in marks:
                marks[row.clue_id] = self._of_clue(row.clue_id, records.get(row.clue_id))
            marked.append(marks[row.clue_id].of_row(row))
        return MarksPage(tuple(marked), queries.count_undoable().changed, None if ends else rows[-1].row)

    def _of_clue(self, clue: int, record: ClueRecord | Message | None) -> _ClueMarks:
        rows = [row for row in self._held.queries.row_values(clue) if was_tried(row)]
        try:
            decided = self._undo.decided(rows)
        except UnfitBody:
            decided = None
        back = {key: (each.old, each.written) for key, each in decided.back.items()} if decided else {}
        before = decided.before if decided else {}
        put_back = self._held.put_back.of_clue(clue)
        by = {(row.row, key): put_back.undo_of(row.row, key) for row in rows for key in put_back.of_row(row.row, _keys(row))}
        newer = self._held.newer_values.set_since(clue)
        return _ClueMarks(self._rules, self._names, self._id_names, before, back, by, newer, record)


@dataclass(frozen=True, slots=True)
class _ClueMarks:
    """What is known of one clue: the fields that can be put ``back``, with the old value and those that may stand there, what
    was put back already, by which run, and what ``newer`` runs have set."""

    rules: RowRules
    names: Names
    id_names: Mapping[str, Mapping[str, str]]
    before: Mapping[str, Json]
    back: Mapping[str, tuple[Json, Sequence[Json]]]
    by: Mapping[tuple[int, str], str]
    newer: set[str]
    record: ClueRecord | Message | None

    def of_row(self, row: RowValues) -> RowMarks:
        name = row.clue_name or (self.record.clue_name if isinstance(self.record, ClueRecord) else "")
        trouble = self.record if isinstance(self.record, Message) else None
        fields = tuple(self._fields(row))
        return RowMarks(row.row, row.clue_id, name, row.maybe_applied, fields, trouble)

    def _fields(self, row: RowValues) -> Iterator[FieldMark]:
        for key, value in tried_values(row).items():
            mark, by = self._mark(row.row, key), self.by.get((row.row, key))
            old: str | Message = Message("value.unknown")
            if key in self.back:
                old = self._text(key, self.back[key][0])
            elif key in self.before:
                old = self._text(key, self.before[key])
            live = None
            if isinstance(self.record, ClueRecord) and self.record.knows(key):
                live = self._text(key, self.record.value(key))
                mark = self._seen(key, mark, self.record.value(key))
            yield FieldMark(key, self.names.by_key(key).title, mark, old, self._text(key, value), by, live)

    def _mark(self, row: int, key: str) -> Mark:
        if (row, key) in self.by:
            return Mark.DONE
        if key not in self.back:
            return Mark.UNKNOWN
        if key in self.newer:
            return Mark.CHANGED
        old, written = self.back[key]
        return Mark.EQUAL if all(same_value(key, value, old, self.rules) for value in written) else Mark.BACK

    def _seen(self, key: str, mark: Mark, live: Json) -> Mark:
        """Returns the mark of a field whose value of now is known."""
        if mark not in (Mark.BACK, Mark.CHANGED, Mark.EQUAL):
            return mark
        old, written = self.back[key]
        if mark is not Mark.CHANGED and any(same_value(key, live, value, self.rules) for value in written):
            return mark
        return Mark.SAME if same_value(key, live, old, self.rules) else Mark.CHANGED

    def _text(self, key: str, value: Json) -> str | Message:
        return as_text(key, value, self.rules, self.id_names)


def _keys(row: RowValues) -> list[str]:
    return list(tried_values(row))
