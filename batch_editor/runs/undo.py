"""From what a run has done to the rows of a new one that puts back what was there before.

For each clue one row puts back the values from before its first change, and a second one, which is not sent, names the fields
of which no such value is known. Whether somebody has changed a field since is found when the clue is read (``edits/merge``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ..crm.last_look import UnfitBody
from ..edits import cells
from ..edits.cells import Json
from ..edits.clue_record import as_text, is_empty
from ..edits.headings import Names
from ..edits.payload import Payload
from ..journal.journal import RunJournal
from ..model import Edit, Message, Plan, RowValues, Status
from ..settings.row_rules import RowRules

#: What may have been applied, although nobody confirmed it.
_MAYBE_APPLIED = (Status.FAILED, Status.SENDING)
#: The row of the headings, as if the undo had a sheet of its own.
_HEADING_ROW = 1


class Undo:
    """The rows that undo ``run``, whose rows were read by ``rules``."""

    def __init__(self, run: RunJournal, rules: RowRules) -> None:
        self._run = run
        self._rules = rules
        self._names = Names(rules)
        self._keys = run.queries.fields(Status.UPDATED, *_MAYBE_APPLIED, maybe_applied=True)
        self._lacking: Counter[str] = Counter()
        self._maybe_applied = 0
        self.headings = tuple(self._names.by_key(key).title for key in ("clue_id", *self._keys))

    def plans(self) -> Iterator[Plan]:
        """Yields the planned rows, in the order of the sheet that is undone. A number is left free for what turns out to be in
        conflict."""
        number = _HEADING_ROW + 1
        for row in self._run.queries.row_values():
            self._maybe_applied += row.status is not Status.UPDATED and _was_tried(row) and not row.before
            if not _may_be_set(row):
                continue
            rows = [of_clue for of_clue in self._run.queries.row_values(row.clue_id) if _was_tried(of_clue)]
            if next(filter(_may_be_set, rows)).row == row.row:
                try:
                    for plan in self._undone(rows, number):
                        yield plan
                        number = plan.row + 2
                except UnfitBody:
                    note = Message("undo.damaged")
                    yield Plan(number, Status.SKIPPED, (str(row.clue_id),), row.clue_id, note=note)
                    number += 2

    def notes(self) -> list[Message]:
        """Returns, once all rows were planned, which fields cannot be put back, and what may have been changed besides."""
        notes = []
        if self._lacking:
            listed = ", ".join(f"{self._names.label(key)}: {rows}" for key, rows in self._lacking.most_common())
            notes.append(Message("undo.lacking", {"fields": listed}))
        if self._maybe_applied:
            notes.append(Message("undo.unsure", {"run": self._run.name, "rows": self._maybe_applied}))
        return notes

    def _undone(self, rows: list[RowValues], number: int) -> Iterator[Plan]:
        """Yields the plans for one clue, of which these ``rows`` were updated, or may have been.

        Raises ``UnfitBody``, and yields none, if the journal does not hold what was sent.
        """
        before: dict[str, Json] = {}
        written: dict[str, list[object]] = {}  # what may stand there now, the latest last
        user_id: object = None
        for row in rows:
            known = {key: value for key, value in row.before.items() if key not in written}
            for body, cleared in _tries(row):
                payload = Payload.from_json(body)
                user_id = payload.values.get("user_id")
                if user_id is None:
                    raise UnfitBody("wire.lacking", key="user_id")
                for key, value in payload.listed_values(cleared).items():
                    if key in known:  # a later row knows only what an earlier one made of it
                        before[key] = known[key]
                    written.setdefault(key, []).append(value)
            if row.status is Status.UPDATED:
                for key in payload.listed:
                    del written[key][:-1]
        clue = rows[0].clue_id
        back = [key for key in written if key in before and not (is_empty(before[key]) and key in self._names.required)]
        if back:
            cleared = tuple(key for key in back if is_empty(before[key]))
            values = {
                key: cells.cleared_value(self._names.by_key(key), self._rules) if key in cleared else before[key]
                for key in back
            }
            # What is only sent along comes from the live record, but for who edits, which that does not show.
            sent = {"clue_id": clue, "user_id": user_id} | values
            body = Payload(sent, tuple(back)).to_json()
            edit = Edit(number, clue, body, unread=True)
            most = max(len(written[key]) for key in back)
            possible = [
                {key: written[key][-place] for key in back if place <= len(written[key])} for place in range(1, most + 1)
            ]
            texts = [self._text(key, before[key]) if key in back else "" for key in self._keys]
            cells_of_row = (str(clue), *texts)
            # What a later run has set too is its value: even where that is the same, it is not ours to put back.
            since = self._run.newer_values.set_since(clue)
            possible = [{key: value for key, value in values.items() if key not in since} for values in possible]
            plan = Plan(number, Status.PENDING, cells_of_row, clue, edit, tuple(back), cleared, written=possible[0])
            yield plan._replace(alternatives=tuple(possible[1:]))
            number += 2
        if lacking := tuple(key for key in written if key not in back):
            self._lacking.update(lacking)
            note = Message("undo.not_known", {"fields": ", ".join(self._names.label(key) for key in lacking)})
            yield Plan(number, Status.SKIPPED, (str(clue),), clue, fields=lacking, note=note)

    def _text(self, key: str, value: Json) -> str:
        text = as_text(key, value, self._rules)
        return text if isinstance(text, str) else self._rules.clear_marker


def _tries(row: RowValues) -> list[tuple[str, tuple[str, ...]]]:
    """Returns the bodies with which a row was sent, the last one last, each with the fields that it empties; none of a row that
    was kept from earlier results: another run has updated that."""
    is_draft_again = row.unread and row.lost  # its body is what the sheet says, and not what was made of it
    return [*row.lost, *([(row.body, row.cleared)] if row.body and not is_draft_again else [])]


def _was_tried(row: RowValues) -> bool:
    """Returns whether the run has updated the row, or may have, whatever became of it later."""
    return bool(_tries(row)) and (row.maybe_applied or row.status in (Status.UPDATED, *_MAYBE_APPLIED))


def _may_be_set(row: RowValues) -> bool:
    """Returns whether the run has updated the row, or may have, knowing what was there before."""
    return _was_tried(row) and (row.status is Status.UPDATED or bool(row.before))
