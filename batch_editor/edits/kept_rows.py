"""Rows of a results sheet that are updated already, once the journal is asked what it knows of them (guide: rules).

Such a row stays as the journal has it where it still asks for nothing but what its run has sent. Where somebody has mended it
since, the fields that were changed are sent, and no others. What the journal knows is handed in, row by row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from .. import fields
from ..cell_values import Row
from ..fields import Kind
from ..model import Message, Outcome, Plan, Problem, RowState, Status
from ..settings.row_rules import RowRules
from . import cells
from .cell_reader import CellReader, SpecialCell
from .cells import Json
from .columns import Column, Columns
from .earlier_results import Reference
from .result_columns import is_result

#: What a row has come to that has its values, or had them already.
_HAS_ITS_VALUES = (Status.UPDATED, Status.UNCHANGED)
#: Reasons of a conflict that are asked anew of every row.
_ASKED_ANEW = ("row.changed_since", "row.newer_in_sheet")
#: Why a row no longer counts that an undo has put back.
_UNDONE = ("reference.undone", "reference.redone", "reference.put_back")
_BLANK, _CLEARED = "blank", "cleared"


class EarlierReader:
    """Reads once more what the rows of an earlier run held, by the ``headings``, ``rules`` and options of that run.

    Raises ``SheetError`` or ``SettingsError`` where the headings cannot be understood any more.
    """

    def __init__(self, headings: Sequence[str], rules: RowRules, *, edit_keys: Sequence[str], tags: str | None) -> None:
        columns = Columns("", Row(1, tuple(headings)), rules, edit_keys=edit_keys)
        self.tags = tags
        self._places = {fields.normal(heading): index for index, heading in enumerate(headings)}
        self._readers = [
            (column, CellReader(column.field, rules, required=column.field.key in columns.names.required, in_workbook=False))
            for column in columns.columns
        ]

    def asked(self, texts: Sequence[str], *, edits: bool) -> dict[str, object]:
        """Returns what a row of these cells asked for, by the keys of its fields; with ``edits`` only what counted as one."""
        asked = {}
        for column, reader in self._readers:
            if column.edits or not edits:
                text = _text_at(column.index, texts)
                asked[column.field.key] = _meaning(reader[text or None], text)
        return asked

    def text(self, heading: str, texts: Sequence[str]) -> str | None:
        """Returns which of these cells stood under ``heading``; None if there was no such column."""
        index = self._places.get(fields.normal(heading))
        return None if index is None else _text_at(index, texts)


@dataclass(frozen=True, slots=True)
class KnownRow:
    """A row of a ``run`` as the journal has it: its ``number`` there, its ``state`` and its clue.

    ``origin`` is the run, by its number in the journal, and the row in which its values came first; ``place`` those in which it
    got its state. ``reader`` reads what it held, and is None where nobody can read that any more.
    """

    run: str
    number: int
    origin: tuple[int, int]
    place: tuple[int, int]
    state: RowState
    clue_id: int | None
    reader: EarlierReader | None

    @property
    def has_its_values(self) -> bool:
        """Whether the run has updated the row, or found it unchanged."""
        return self.state.status in _HAS_ITS_VALUES

    @property
    def age(self) -> tuple[int, int]:
        """The age of what is sent of the row now, as that of an ``origin``: who mends a row that was updated has seen that."""
        return self.place if self.has_its_values else self.origin


@dataclass(frozen=True, slots=True)
class UnknownRow:
    """A row of which the journal cannot say what became of it: why, and the ``origin`` of its values as far as it is known."""

    reason: Message
    origin: tuple[int, int]

    @property
    def age(self) -> tuple[int, int]:
        """The age of what is sent of the row now."""
        return self.origin


@dataclass(frozen=True, slots=True)
class _Asked:
    """A row as it comes in again: its number, its cells as texts, and what those of the columns come to that are read."""

    row: int
    texts: tuple[str, ...]
    results: Sequence[Json | SpecialCell]


class KeptRows:
    """Judges the rows of a results sheet with these ``columns``, of whose references the journal tells by ``find``.

    ``find_later`` tells which row of another run has updated a row since, or before it failed, if one has. ``tags`` is the
    option of that name; ``repeats`` says whether an edit is sent once more that may have been applied. ``compared`` are the
    keys of the context cells that are compared with the record of a clue, and ``reads_all`` says that the clues of all rows are
    read.
    """

    def __init__(
        self,
        columns: Columns,
        find: Callable[[Reference], KnownRow | UnknownRow],
        find_later: Callable[[KnownRow], KnownRow | None],
        tags: str | None,
        *,
        repeats: bool = True,
        compared: Sequence[str] = (),
        reads_all: bool = False,
    ) -> None:
        self.find = find
        self._find_later = find_later
        self._repeats = repeats
        edited = {column.field.key for column in columns.columns if column.edits}
        #: The fields for which a row may still name somebody else than its clue's record, which is not read to see that.
        self._unseen = set[str]() if reads_all else {columns.names.label(key) for key in compared if key not in edited}
        self._columns = columns
        self._tags = tags
        self._own_headings = [
            (index, heading) for index, heading in enumerate(columns.headings) if heading and not is_result(heading)
        ]

    def judge(
        self, row: int, texts: tuple[str, ...], results: Sequence[Json | SpecialCell], known: KnownRow
    ) -> Plan | frozenset[str] | None:
        """Returns the plan of a row that is not sent: it stays as the journal has it, or asks for what nobody can send.

        ``results`` are what its cells come to, in the order of the columns that are read. Of a row that was mended after it had
        been updated, the keys of the fields are returned that are to be sent; None for a row that is to be read like any other.
        """
        by_key = {column.field.key: result for column, result in zip(self._columns.columns, results, strict=True)}
        clue_id = by_key["clue_id"]
        if not isinstance(clue_id, int):
            return None
        asked = _Asked(row, texts, results)
        if known.has_its_values and self._asks_for_what_was_sent(asked, known):
            return _kept(asked, clue_id, known)
        later = self._find_later(known)
        if later and self._asks_for_what_was_sent(asked, later):
            return _kept(asked, clue_id, later)
        if not known.has_its_values:
            if self._is_conflict_still(asked, known) or self._must_not_repeat(asked, known):
                return _kept(asked, clue_id, known)
            if later is None:
                problem = self._otherwise_tagged(asked, known)
                return Plan(row, Status.INVALID, texts, clue_id, problems=(problem,)) if problem else None
        problem, mended = self._differences(asked, later or known)
        return Plan(row, Status.INVALID, texts, clue_id, problems=(problem,)) if problem else mended

    def is_as_it_was(self, texts: Sequence[str], known: KnownRow) -> bool:
        """Returns whether the own cells of a row, of these texts, are those that the journal has."""
        if known.reader is None:
            return False
        then = [known.reader.text(heading, known.state.cells) or "" for _, heading in self._own_headings]
        now = [_text_at(index, texts) for index, _ in self._own_headings]
        return list(map(cells.trimmed, then)) == list(map(cells.trimmed, now))

    def unknown(self, row: int, texts: tuple[str, ...], unknown: UnknownRow) -> Plan:
        """Returns the plan not to send a row of which the journal does not know what became of it."""
        # To the values of a run that was undone, what the undo has put back is newer: sent in again they would be a conflict.
        key = "row.undone" if unknown.reason.key in _UNDONE else "row.unknown"
        return _refused(self._columns, row, texts, Message(key, {"reason": unknown.reason}))

    def _asks_for_what_was_sent(self, asked: _Asked, known: KnownRow) -> bool:
        return self._differences(asked, known) == (None, frozenset())

    def _differences(self, asked: _Asked, known: KnownRow) -> tuple[Problem | None, frozenset[str]]:
        """Returns how the row differs from what was sent: what is wrong with the first cell that means something else although
        nobody has changed it, or that names another clue; else the keys of the fields that somebody has changed. A blank asks
        for nothing."""
        reader = known.reader
        sent = reader.asked(known.state.cells, edits=True) if reader else {}
        sent["clue_id"] = known.clue_id
        mended = set[str]()
        for column, text, meaning in self._meanings(asked):
            key = column.field.key
            if key != "clue_id" and (not column.edits or meaning == _BLANK):
                continue
            is_same_way = column.field.kind is not Kind.TAGS or (reader is not None and reader.tags == self._tags)
            if key in sent and sent[key] == meaning and is_same_way:
                continue
            then = reader.text(column.heading, known.state.cells) if reader else None
            if then is not None and cells.trimmed(then) == cells.trimmed(text):
                message = Message("row.other_meaning", {"run": known.run})
            elif reader is None or key == "clue_id":
                message = Message("row.altered", {"run": known.run})
            else:
                mended.add(key)
                continue
            return self._columns.cell_problem(asked.row, column, message), frozenset()
        return None, frozenset(mended)

    def _otherwise_tagged(self, asked: _Asked, known: KnownRow) -> Problem | None:
        """What is wrong with tags that would replace those of the clue, where they were to be added, or the other way round."""
        if known.reader is None or known.reader.tags == self._tags:
            return None
        for column, _, meaning in self._meanings(asked):
            if column.edits and column.field.kind is Kind.TAGS and meaning != _BLANK:
                return self._columns.cell_problem(asked.row, column, Message("row.other_meaning", {"run": known.run}))
        return None

    def _is_conflict_still(self, asked: _Asked, known: KnownRow) -> bool:
        """Whether the row was in conflict for a reason that only its run could see, and is as it was then."""
        state = known.state
        if state.status is not Status.CONFLICT or not known.reader:
            return False
        for note in state.notes:
            if isinstance(note, Message) and (note.key in _ASKED_ANEW or not self._is_unseen(note)):
                return False
        return self._asks_for_the_same(asked, known)

    def _is_unseen(self, conflict: Message) -> bool:
        """Whether this run does not see for itself if the conflict still is one: only a record shows who is somebody else."""
        lines = conflict.values.get("lines")
        if conflict.key != "row.names_another" or not isinstance(lines, list):
            return True
        return any(isinstance(line, Message) and line.values.get("field") in self._unseen for line in lines)

    def _must_not_repeat(self, asked: _Asked, known: KnownRow) -> bool:
        """Whether the row may have been applied, and the settings say that such an edit is not sent once more."""
        if self._repeats or not (known.state.maybe_applied or known.state.status is Status.SENDING):
            return False
        return self._asks_for_the_same(asked, known)

    def _asks_for_the_same(self, asked: _Asked, known: KnownRow) -> bool:
        then = known.reader.asked(known.state.cells, edits=False) if known.reader else None
        return then == {column.field.key: meaning for column, _, meaning in self._meanings(asked)}

    def _meanings(self, asked: _Asked) -> Iterator[tuple[Column, str, object]]:
        for column, result in zip(self._columns.columns, asked.results, strict=True):
            text = _text_at(column.index, asked.texts)
            yield column, text, _meaning(result, text)


def _kept(asked: _Asked, clue_id: int, known: KnownRow) -> Plan:
    """Returns the plan of a row that stays as the journal has it."""
    state = known.state
    status, message = state.status, next((note for note in state.notes if isinstance(note, Message)), None)
    if status not in (*_HAS_ITS_VALUES, Status.CONFLICT, Status.REJECTED):
        status, message = Status.FAILED, message or Message("failed.interrupted")
    outcome = Outcome(asked.row, status, state.code, message, state.attempts, state.time)
    kept_from = (known.run, known.number)
    return Plan(
        asked.row,
        status,
        asked.texts,
        clue_id,
        fields=state.fields,
        kept=outcome,
        kept_from=kept_from,
        origin=known.origin,
    )


def _text_at(index: int, texts: Sequence[str]) -> str:
    return texts[index] if index < len(texts) else ""  # blank cells at the end of a row are left out


def overtaken(columns: Columns, row: int, newer: int) -> Plan:
    """Returns the plan not to send ``row``, since the row ``newer``, of the same clue, is updated already."""
    return _refused(columns, row, (), Message("row.overtaken", {"later": columns.row_name(newer)}))


def _refused(columns: Columns, row: int, texts: tuple[str, ...], message: Message) -> Plan:
    problem = columns.problem(row, columns.by_key["clue_id"].index, "clue_id", message)
    return Plan(row, Status.INVALID, texts, problems=(problem,))


def _meaning(result: Json | SpecialCell, text: str) -> object:
    """What a cell asks for, however it is written; one that cannot be used asks for its text."""
    if not isinstance(result, SpecialCell):
        return result
    if result.problem:
        return ("", text)
    if result.blank:
        return _BLANK
    return _CLEARED if result.cleared else result.value
