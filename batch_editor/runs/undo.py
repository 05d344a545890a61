"""From what a run has done to the rows of a new one that puts back what was there before: all of it, or the part that is named.

For each clue one row puts back the values from before the rows that are undone; further ones, which are not sent, name the
fields of which no such value is known, that a later row of the run holds, or that were put back already. Whether somebody has
changed a field since is found when the clue is read (``edits/merge``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ..crm.last_look import UnfitBody
from ..edits import cells
from ..edits.cells import Json
from ..edits.clue_record import as_text, is_empty
from ..edits.headings import Names
from ..edits.payload import Payload
from ..journal.columns import content_of
from ..journal.put_back import PutBackFields
from ..journal.run_journal import RunJournal
from ..model import Edit, Message, Plan, RowValues, Status
from ..settings.row_rules import RowRules
from .undo_parts import UndoParts

#: What may have been applied, although nobody confirmed it.
_MAYBE_APPLIED = (Status.FAILED, Status.SENDING)
#: The row of the headings, as if the undo had a sheet of its own.
_HEADING_ROW = 1
_NAME = "clue_name"
#: How many rows a message names.
_MOST_NAMED = 5
#: What is said of a clue or a row that the run does not have, that it has not changed, or of which other options leave nothing.
_CLUE_NOT_CHANGED = ("undo.no_clue", "undo.clue_not_changed", "undo.clue_not_in_part")
_ROW_NOT_CHANGED = ("undo.no_row", "undo.row_not_changed", "undo.row_not_in_part")


@dataclass(slots=True)
class _Written:
    """What one row of the run has written into a field, or may have: of several ``values``, which were tried, the latest stands
    last. ``is_certain`` says that the last one was confirmed."""

    row: int
    values: list[Json] = field(default_factory=list)
    is_certain: bool = False


@dataclass(frozen=True, slots=True)
class FieldBack:
    """How a field is put back: to the value ``old``, where one of ``written`` stands now, the latest last; ``rows`` of the run
    are undone by that."""

    old: Json
    written: Sequence[Json]
    rows: tuple[int, ...]


@dataclass(slots=True)
class ClueBack:
    """What becomes of the fields of one clue: those that are put ``back``, those of which no value from before is known
    (``lacking``), those that a later row of the run holds, by that row (``held``), and those that were put back already, by the
    undo that did it (``already``). ``user_id`` is who has edited it last, ``name`` what it is called; ``before`` is what the
    fields were before the run, as far as that is known."""

    user_id: object
    name: str
    before: Mapping[str, Json] = field(default_factory=dict)
    back: dict[str, FieldBack] = field(default_factory=dict)
    lacking: list[str] = field(default_factory=list)
    held: dict[int, list[str]] = field(default_factory=dict)
    already: dict[str, list[str]] = field(default_factory=dict)


class Undo:
    """The rows that undo ``run``, whose rows were read by ``rules``, or the ``parts`` of it.

    ``force`` puts back also what was put back before, or what a later row of the run holds.
    """

    def __init__(self, run: RunJournal, rules: RowRules, parts: UndoParts | None = None, *, force: bool = False) -> None:
        self._run = run
        self._rules = rules
        self._parts = parts or UndoParts()
        self._force = force
        self._names = Names(rules)
        changed = run.queries.fields(Status.UPDATED, *_MAYBE_APPLIED, maybe_applied=True)
        #: The fields that the run has changed, or may have.
        self.changed_keys = changed
        self._keys = [key for key in changed if key != _NAME and self._parts.holds_field(key)]
        self._lacking: Counter[str] = Counter()
        self._held: dict[int, int] = {}
        self._already: Counter[str] = Counter()
        self._maybe_applied = 0
        self._met_clues, self._met_rows, self._met_fields = set[int](), set[int](), set[str]()
        self.headings = tuple(self._names.by_key(key).title for key in ("clue_id", _NAME, *self._keys))

    def plans(self) -> Iterator[Plan]:
        """Yields the planned rows, in the order of the sheet that is undone. A number is left free for what turns out to be in
        conflict."""
        number = _HEADING_ROW + 1
        for row in self._run.queries.row_values():
            if not self._is_meant(row):
                continue
            self._maybe_applied += row.status is not Status.UPDATED and was_tried(row) and not row.before
            if not _may_be_set(row):
                continue
            rows = [of_clue for of_clue in self._run.queries.row_values(row.clue_id) if was_tried(of_clue)]
            if next(meant for meant in rows if _may_be_set(meant) and self._is_meant(meant)).row == row.row:
                try:
                    for plan in self._undone(rows, number):
                        yield plan
                        number = plan.row + 2
                except UnfitBody:
                    note = Message("undo.damaged")
                    yield Plan(number, Status.SKIPPED, (str(row.clue_id),), row.clue_id, note=note, undoes={})
                    number += 2

    def notes(self) -> list[Message]:
        """Returns, once all rows were planned, which fields cannot be put back, and what may have been changed besides."""
        notes = [Message("undo.put_back_before", {"run": undo, "rows": rows}) for undo, rows in self._already.items()]
        if self._held:
            pairs = [f"{row} ({newer})" for row, newer in [*self._held.items()][:_MOST_NAMED]]
            notes.append(Message("undo.held_by_newer", {"rows": len(self._held), "examples": ", ".join(pairs)}))
        if self._lacking:
            listed = ", ".join(f"{self._names.label(key)}: {rows}" for key, rows in self._lacking.most_common())
            notes.append(Message("undo.lacking", {"fields": listed}))
        if self._maybe_applied:
            notes.append(Message("undo.unsure", {"run": self._run.name, "rows": self._maybe_applied}))
        return notes

    def not_changed(self) -> list[Message]:
        """Returns, once all rows were planned, what was named of which the run has changed nothing, a line for each."""
        lines = [
            _reason(clue, [*self._run.queries.row_values(clue)], _CLUE_NOT_CHANGED)
            for clue in sorted(self._parts.clues - self._met_clues)
        ]
        last = self._run.queries.last_row()
        for first, end in self._parts.rows:
            if end > last:
                lines.append(Message("undo.row_beyond", {"row": end, "last": last}))
            elif not any(first <= row <= end for row in self._met_rows):
                if first == end:
                    lines.append(_reason(first, self._run.queries.row_values_at(first), _ROW_NOT_CHANGED))
                else:
                    lines.append(Message("undo.range_not_changed", {"first": first, "last": end}))
        changed = ", ".join(map(self._names.label, self.changed_keys))
        for key in sorted(self._parts.fields - self._met_fields):
            text = "undo.field_not_in_part" if key in self.changed_keys else "undo.field_not_changed"
            lines.append(Message(text, {"field": self._names.label(key), "fields": changed or "-"}))
        return lines

    def _is_meant(self, row: RowValues) -> bool:
        """Returns whether a row has changed a field, or may have, that belongs to what is undone; takes note of what it met."""
        if not self._parts:
            return True
        if not self._parts.holds_row(row.clue_id, row.row) or not was_tried(row):
            return False
        listed = {*row.fields, *(key for body, _ in row.lost for key in content_of(body).get("update_specified_fields", ()))}
        if met := {key for key in listed if self._parts.holds_field(key)}:
            self._met_clues.add(row.clue_id)
            self._met_rows.add(row.row)
            self._met_fields |= met
        return bool(met)

    def _undone(self, rows: list[RowValues], number: int) -> Iterator[Plan]:
        """Yields the plans for one clue, of which these ``rows`` were updated, or may have been.

        Raises ``UnfitBody``, and yields none, if the journal does not hold what was sent.
        """
        of_clue = self.decided(rows)
        clue, name, user_id = rows[0].clue_id, of_clue.name, of_clue.user_id
        self._lacking.update(of_clue.lacking)
        self._already.update(of_clue.already.keys())
        named = (str(clue), name)
        if of_clue.back:
            plan = self._plan(number, clue, name, user_id, of_clue.back)
            yield plan
            number += 2
        for newer, keys in of_clue.held.items():
            note = Message("undo.held", {"fields": self._labels(keys), "row": newer})
            yield Plan(number, Status.CONFLICT, named, clue, fields=tuple(keys), note=note, undoes={})
            number += 2
        if of_clue.lacking:
            note = Message("undo.not_known", {"fields": self._labels(of_clue.lacking)})
            yield Plan(number, Status.SKIPPED, named, clue, fields=tuple(of_clue.lacking), note=note, undoes={})
            number += 2
        for undo, keys in of_clue.already.items():
            note = Message("undo.already", {"fields": self._labels(keys), "run": undo})
            yield Plan(number, Status.UNCHANGED, named, clue, fields=tuple(keys), note=note, undoes={})
            number += 2

    def decided(self, rows: list[RowValues]) -> ClueBack:
        """Returns what becomes of the fields of one clue, of which these ``rows`` were updated, or may have been.

        Raises ``UnfitBody`` if the journal does not hold what was sent.
        """
        before, written, user_id, name = self._history(rows)
        clue = rows[0].clue_id
        meant = {row.row for row in rows if self._parts.holds_row(clue, row.row)}
        of_clue = ClueBack(user_id, name, before=before)
        put_back = PutBackFields() if self._force else self._run.put_back.of_clue(clue)
        for key in filter(self._parts.holds_field, written):
            self._decide(key, written[key], before, meant, put_back, of_clue)
        return of_clue

    def _history(self, rows: list[RowValues]) -> tuple[dict[str, Json], dict[str, list[_Written]], object, str]:
        """Returns what the fields of a clue were before the run, as far as that is known; what its rows have written into each,
        in their order; who has edited it last, and its name."""
        before: dict[str, Json] = {}
        written: dict[str, list[_Written]] = {}
        user_id: object = None
        name = ""
        for row in rows:
            known = {key: value for key, value in row.before.items() if key not in written}
            for body, cleared in _tries(row):
                payload = Payload.from_json(body)
                user_id = payload.values.get("user_id")
                if user_id is None:
                    raise UnfitBody("wire.lacking", key="user_id")
                name = row.clue_name or str(payload.values.get(_NAME) or "") or name
                for key, value in payload.listed_values(cleared).items():
                    if key in known:  # a later row knows only what an earlier one made of it
                        before[key] = known[key]
                    by_row = written.setdefault(key, [])
                    if not by_row or by_row[-1].row != row.row:
                        by_row.append(_Written(row.row))
                    by_row[-1].values.append(value)
            if row.status is Status.UPDATED:
                for key in payload.listed:
                    last = written[key][-1]
                    last.is_certain, last.values = True, last.values[-1:]
        return before, written, user_id, name

    def _decide(
        self,
        key: str,
        by_row: list[_Written],
        before: Mapping[str, Json],
        meant: set[int],
        put_back: PutBackFields,
        of_clue: ClueBack,
    ) -> None:
        """Decides what becomes of one field, which these rows have written in turn.

        A row is undone down to what the last row before it has written that stays, or to what was there before the run.
        """
        standing = [each for each in by_row if not put_back.holds(each.row, key)]
        undone = [each for each in standing if each.row in meant]
        if not undone:
            done = [each.row for each in by_row if each.row in meant and each not in standing]
            if done:
                of_clue.already.setdefault(put_back.undo_of(done[-1], key), []).append(key)
            return
        kept = [each for each in standing if each.row not in meant and (not self._force or each.row < undone[-1].row)]
        newest = kept[-1] if kept else None
        if newest:
            if any(each.row < newest.row for each in undone):
                of_clue.held.setdefault(newest.row, []).append(key)
                self._held |= {each.row: newest.row for each in undone if each.row < newest.row}
            undone = [each for each in undone if each.row > newest.row]
            if not undone:
                return
        old = newest.values[-1] if newest else before.get(key)
        is_known = newest.is_certain if newest else key in before
        if not is_known or (is_empty(old) and key in self._names.required):
            of_clue.lacking.append(key)
            return
        certain = max((place for place, each in enumerate(standing) if each.is_certain), default=0)
        values = [value for each in standing[certain:] for value in each.values]
        of_clue.back[key] = FieldBack(old, values, tuple(each.row for each in undone))

    def _plan(self, number: int, clue: int, name: str, user_id: object, back: Mapping[str, FieldBack]) -> Plan:
        """Returns the plan that puts fields of a clue back."""
        cleared = tuple(key for key in back if is_empty(back[key].old))
        values = {
            key: cells.cleared_value(self._names.by_key(key), self._rules) if key in cleared else back[key].old for key in back
        }
        # What is only sent along comes from the live record, but for who edits, which that does not show.
        sent = {"clue_id": clue, "user_id": user_id} | values
        edit = Edit(number, clue, Payload(sent, tuple(back)).to_json(), unread=True)
        # What a later run has set too is its value: even where that is the same, it is not ours to put back.
        since = self._run.newer_values.set_since(clue)
        most = max(len(each.written) for each in back.values())
        possible = [
            {key: each.written[-place] for key, each in back.items() if place <= len(each.written) and key not in since}
            for place in range(1, most + 1)
        ]
        texts = [self._text(key, back[key].old) if key in back else "" for key in self._keys]
        shown_name = self._text(_NAME, back[_NAME].old) if _NAME in back else name
        return Plan(
            number,
            Status.PENDING,
            (str(clue), shown_name, *texts),
            clue,
            edit,
            tuple(back),
            cleared,
            written=possible[0],
            alternatives=tuple(possible[1:]),
            undoes={key: each.rows for key, each in back.items()},
        )

    def _labels(self, keys: Iterable[str]) -> str:
        return ", ".join(map(self._names.label, keys))

    def _text(self, key: str, value: Json) -> str:
        text = as_text(key, value, self._rules)
        return text if isinstance(text, str) else self._rules.clear_marker


def _reason(number: int, rows: Sequence[RowValues], keys: tuple[str, str, str]) -> Message:
    """Returns why nothing of a clue, or of a row, with these ``rows`` belongs to what is undone."""
    is_lacking, is_as_it_was, is_aside = keys
    if not rows:
        return Message(is_lacking, {"number": number})
    if any(map(was_tried, rows)):
        return Message(is_aside, {"number": number})
    return Message(is_as_it_was, {"number": number, "status": Message(f"status.{rows[0].status}")})


def _tries(row: RowValues) -> list[tuple[str, tuple[str, ...]]]:
    """Returns the bodies with which a row was sent, the last one last, each with the fields that it empties; none of a row that
    was kept from earlier results: another run has updated that."""
    is_draft_again = row.unread and row.lost  # its body is what the sheet says, and not what was made of it
    return [*row.lost, *([(row.body, row.cleared)] if row.body and not is_draft_again else [])]


def was_tried(row: RowValues) -> bool:
    """Returns whether the run has updated the row, or may have, whatever became of it later."""
    return bool(_tries(row)) and (row.maybe_applied or row.status in (Status.UPDATED, *_MAYBE_APPLIED))


def tried_values(row: RowValues) -> dict[str, Json]:
    """Returns the values that a row has set, or may have, by the keys of their fields; none of a row that is damaged."""
    values: dict[str, Json] = {}
    for body, cleared in _tries(row):
        try:
            values |= Payload.from_json(body).listed_values(cleared)
        except UnfitBody:
            continue
    return values


def _may_be_set(row: RowValues) -> bool:
    """Returns whether the run has updated the row, or may have, knowing what was there before."""
    return was_tried(row) and (row.status is Status.UPDATED or bool(row.before))
