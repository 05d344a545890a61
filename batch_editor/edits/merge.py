"""What the record of a clue makes of the rows that wait for it: fills in what they lack, drops what is equal, adds to tags,
and puts back in an undo.

A ``RecordMerger`` is pure: it takes the drafts of one clue and the reply of clue/info, and returns what is to be sent. All rows
of a clue are resolved by one reading of it. Where a record is read, and when, is decided by dispatcher and session.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from operator import attrgetter
from typing import Any

from ..crm.last_look import LONGEST_KEY, UnfitBody
from ..crm.verdicts import code_of, read_refusal
from ..fields import Kind
from ..model import Draft, Edit, Message, Problem, Reply, Resolved, RowValues, Status, Values
from ..settings.row_rules import RowRules
from ..sheets import address
from . import cells
from .clue_record import ClueRecord, MalformedRecord, as_text, is_empty, parse_record, same_value
from .clue_values import ClueValues
from .context_cells import ContextCells
from .headings import Names
from .payload import Payload
from .tag_sets import changed_tags, split_ids, tags_before


class RecordMerger:
    """What the records of clues make of the rows of one run.

    ``rules`` are those by which its rows were read. ``place`` gives the address of a row's clue id, ``label`` what a row is
    called where nobody shows it as a row of a sheet. ``only_changed`` drops fields that have their value already,
    ``only_empty`` those that have any value, or of which nobody knows it; ``tags`` (add or remove) changes sets of tags instead
    of replacing them. Rows of an undo put nothing back over what somebody has changed since, unless ``force``. ``context`` says
    which rows name somebody else than their clue's record; an undo has none. ``reads_if_it_can`` lets rows be sent as they are
    whose clue cannot be read, if they want no more of it than what its fields were before.
    """

    def __init__(
        self,
        rules: RowRules,
        place: Callable[[int], str],
        *,
        label: Callable[[int], str] | None = None,
        only_changed: bool = False,
        only_empty: bool = False,
        tags: str | None = None,
        force: bool = False,
        context: ContextCells | None = None,
        reads_if_it_can: bool = False,
    ) -> None:
        self._rules = rules
        self._names = Names(rules)
        self._place = place
        self._label = label
        self._only_changed = only_changed
        self._only_empty = only_empty
        self._tags = tags
        self._force = force
        self._context = context
        self._reads_if_it_can = reads_if_it_can
        self._lock = threading.Lock()
        #: Why a clue could not be read of which a row is sent all the same: the first such reason.
        self.unread_reason: Message | None = None
        #: The first row to be sent of those resolved so far, and the record by which it was: what a proof needs.
        self.first: tuple[int, ClueRecord] | None = None

    def resolve(
        self, drafts: Sequence[Draft], edit: Edit, reply: Reply, shown: bool, others: Sequence[RowValues] = ()
    ) -> list[Resolved]:
        """Returns what becomes of the ``drafts`` of a clue, of which ``edit`` is one.

        ``reply`` is that of clue/info; ``shown`` says whether it holds the record. ``others`` are the other rows of the clue:
        those that were sent before, and those that are ready to be sent.
        """
        try:
            record = parse_record(reply.data, edit.clue_id, self._rules) if shown and isinstance(reply.data, dict) else None
        except MalformedRecord as error:
            return self._unreadable(drafts, error.message, Message("live.unusable", {"reason": error.message}))
        if record is None:
            reason = read_refusal(reply)
            return self._unreadable(drafts, reason, Message("live.refused", {"refusal": reason}), code_of(reply))
        rows: list[Draft | RowValues] = sorted([*drafts, *others], key=attrgetter("row"))
        clue = ClueValues(record, self._rules)
        resolved = self._in_order(rows, clue)
        settled = clue.in_agreement() if self._only_changed and not self._only_empty else frozenset()
        while settled:
            again = self._in_order(rows, ClueValues(record, self._rules, settled=settled, last=clue.last))
            # What a row is sent for the CRM may refuse: then it leaves nothing, and does not stand for what rows above it set.
            sent = {row.row for row in again if row.status is Status.PENDING and row.body}
            if refusable := {key for key in settled if clue.last[key] in sent}:
                settled -= refusable
                continue
            resolved = [
                before if before.status not in (Status.PENDING, Status.UNCHANGED) else now
                for before, now in zip(resolved, again, strict=True)
            ]
            break
        rows_to_send = [row.row for row in resolved if row.status is Status.PENDING and row.body]
        with self._lock:
            if rows_to_send and (self.first is None or rows_to_send[0] < self.first[0]):
                self.first = rows_to_send[0], record
        return [replace(row, clue_name=record.clue_name, names=record.names_in(row.fields)) for row in resolved]

    @property
    def rules(self) -> RowRules:
        """The rules by which the rows of the run were read."""
        return self._rules

    def row_name(self, row: int) -> int | str:
        """Returns what a sentence calls a row: its number, or its label."""
        return self._label(row) if self._label else row

    def _in_order(self, rows: Sequence[Draft | RowValues], clue: ClueValues) -> list[Resolved]:
        """Returns what becomes of the drafts among the ``rows`` of a clue, each behind what the rows above it leave."""
        resolved: list[Resolved] = []
        numbers = {row.row for row in rows}
        for row in rows:
            try:
                if isinstance(row, RowValues):
                    self._take_note(row, clue)
                elif row.written is not None:
                    resolved += self._put_back(row, clue.record, is_split=row.row + 1 in numbers)
                else:
                    resolved.append(self._merge(row, clue))
            except UnfitBody as error:
                if isinstance(row, Draft):
                    damaged = Message("failed.damaged", {"reason": error.reason})
                    resolved.append(Resolved(row.row, Status.FAILED, row.body, row.fields, row.cleared, notes=(damaged,)))
            if isinstance(row, Draft) and row.written is None and row.maybe_applied:
                clue.sent |= {*row.fields}
        return resolved

    def names_another(self, texts: Sequence[str], record: ClueRecord) -> Message | None:
        """Returns what is said of a row with these cells if it names somebody else than ``record``; None if it does not."""
        return self._context.difference(texts, record) if self._context else None

    def without_record(self, drafts: Sequence[Draft], reason: Message) -> list[Resolved]:
        """Returns what becomes of those of ``drafts`` that are sent as they are where their clue cannot be read, for a
        ``reason``."""
        resolved = [
            Resolved(draft.row, Status.PENDING, draft.body, draft.fields, draft.cleared, is_unread=True)
            for draft in drafts
            if self._can_do_without(draft)
        ]
        if resolved:
            with self._lock:
                self.unread_reason = self.unread_reason or reason
        return resolved

    def _can_do_without(self, draft: Draft) -> bool:
        """Returns whether a draft wants a record for its old values alone, in a run that reads these if it can."""
        if not self._reads_if_it_can or self._only_empty or any(map(self._adds_to, draft.fields)):
            return False
        try:
            values = Payload.from_json(draft.body).values
        except UnfitBody:
            return False
        return not any(is_empty(values.get(key)) for key in self._names.required)

    def _unreadable(self, drafts: Sequence[Draft], reason: Message, refusal: Message, code: str = "") -> list[Resolved]:
        """Returns what becomes of drafts whose clue cannot be read, for a ``reason``; ``refusal`` says that nothing is sent."""
        sent = {row.row: row for row in self.without_record(drafts, reason)}
        return [sent.get(draft.row) or self._invalid(draft, [("", refusal)], code) for draft in drafts]

    def _invalid(self, draft: Draft, reasons: Sequence[tuple[str, Message]], code: str = "") -> Resolved:
        label = self._label(draft.row) if self._label else ""
        place = self._place(draft.row)
        problems = tuple(Problem(draft.row, place, key, reason, label=label) for key, reason in reasons)
        return Resolved(draft.row, Status.INVALID, notes=problems, code=code)

    def _take_note(self, row: RowValues, clue: ClueValues) -> None:
        """Brings ``clue`` up to date with what a row that is no draft has made of it, or will make of it."""
        if row.maybe_applied or row.status in (Status.UPDATED, Status.SENDING):
            clue.sent |= {*row.fields}
        elif row.status in (Status.PENDING, Status.FAILED) and row.body:
            payload = Payload.from_json(row.body)
            clue.sets(row.row, {key: payload.values[key] for key in payload.listed}, row.cleared)
            clue.ready |= {*payload.listed}
            clue.tags |= {key: split_ids(payload.values[key]) for key in payload.listed if self._adds_to(key)}

    def _adds_to(self, key: str) -> bool:
        return self._tags is not None and self._names.by_key(key).kind is Kind.TAGS

    def _merge(self, draft: Draft, clue: ClueValues) -> Resolved:
        """Returns what becomes of a row of a sheet; ``clue`` is brought up to date if the row is to be sent."""
        record = clue.record
        if difference := self.names_another(draft.cells, record):
            return Resolved(draft.row, Status.CONFLICT, fields=draft.fields, notes=(difference,))
        payload = Payload.from_json(draft.body)
        if different := {*payload.listed} ^ {*draft.fields}:
            raise UnfitBody("wire.lacking", key=min(different)[:LONGEST_KEY])
        given = payload.values
        values = dict(given)
        cleared = {*draft.cleared}
        tag_sets = dict(clue.tags)
        current_values = record.known(draft.fields)
        for key in filter(self._adds_to, draft.fields):
            if key not in cleared and key not in clue.tags and not record.knows(key):
                return self._invalid(draft, [(key, Message("live.no_tags", {"field": self._names.label(key)}))])
            current = tag_sets[key] if key in tag_sets else split_ids(current_values.get(key))
            tag_sets[key] = [] if key in cleared else changed_tags(current, split_ids(values[key]), adds=self._tags == "add")
            values[key] = ",".join(tag_sets[key])
            if not tag_sets[key]:
                values[key] = cells.cleared_value(self._names.by_key(key), self._rules)
                cleared.add(key)
        asked = {key: None if key in cleared else values[key] for key in draft.fields}
        if self._only_empty:
            listed = tuple(key for key in draft.fields if clue.is_free(key, asked[key], draft))
            equal = tuple(key for key in draft.fields if key not in listed and clue.is_set(key, asked[key], draft))
            taken = {key for key in draft.fields if key not in listed and record.knows(key)}
            values = {key: value for key, value in values.items() if key not in taken}  # the record's own are sent along
        else:
            equal = tuple(key for key in draft.fields if self._only_changed and clue.stands(key, asked[key], draft))
            listed = tuple(key for key in draft.fields if key not in equal)
        merged = self._complete(draft, record, Payload(values, listed), cleared, clue.values)
        if merged.status not in (Status.PENDING, Status.UNCHANGED):
            return merged
        leans = any(key in clue.standing for key in equal)  # on rows above it, which may be refused
        if merged.status is Status.UNCHANGED:
            if leans:
                return Resolved(draft.row, Status.PENDING, draft=draft, equal=equal)
            notes = self._not_empty(draft, clue) if self._only_empty else self._replaced(draft.row, asked, clue)
            return replace(merged, equal=equal, notes=notes)
        clue.sets(draft.row, {key: values[key] for key in listed}, cleared)
        clue.tags |= {key: tags for key, tags in tag_sets.items() if key not in clue.settled}
        return replace(
            merged,
            before=self._old_values(draft, listed, clue, given),
            draft=draft if leans or self._only_empty or any(map(self._adds_to, draft.fields)) else None,
            equal=equal,
        )

    def _not_empty(self, draft: Draft, clue: ClueValues) -> tuple[Message, ...]:
        """Returns what is said of a row that sets nothing, since its fields have values or are not shown."""
        fields = {
            "live.not_shown": [key for key in draft.fields if key not in clue.sent and not clue.record.knows(key)],
            "live.not_cleared": [key for key in draft.fields if key in draft.cleared and clue.record.knows(key)],
        }
        fields["live.not_empty"] = [key for key in draft.fields if not any(key in keys for keys in fields.values())]
        return tuple(Message(key, {"fields": ", ".join(map(self._names.label, keys))}) for key, keys in fields.items() if keys)

    def _replaced(self, row: int, asked: Values, clue: ClueValues) -> tuple[Message, ...]:
        """Returns what is said of a row that is not sent although the record shows other values than it asks for."""
        record = clue.record
        rules = self._rules
        shown = {key: value for key, value in asked.items() if record.knows(key)}
        replaced = [key for key, value in shown.items() if not same_value(key, value, record.value(key), rules)]
        rows = {clue.last[key] for key in replaced if clue.last[key] > row}
        return (Message("live.replaced", {"row": self.row_name(max(rows))}),) if rows else ()

    def _old_values(self, draft: Draft, listed: Sequence[str], clue: ClueValues, given: Values) -> dict[str, Any]:
        """Returns what the fields of a row were before the run: what was read before the run may have set them counts, and not
        what is read later."""
        if not draft.maybe_applied:
            first = {key: value for key, value in draft.before.items() if key in clue.sent}
            return clue.record.known(listed) | first
        old_values = dict(draft.before)
        for key in filter(self._adds_to, draft.before):
            if clue.record.knows(key):
                ours = None if key in draft.cleared else given[key]
                old_values[key] = tags_before(draft.before[key], clue.record.value(key), ours, adds=self._tags == "add")
        return old_values

    def _put_back(self, draft: Draft, record: ClueRecord, *, is_split: bool) -> list[Resolved]:
        """Returns what becomes of a row of an undo, and a second row if somebody else has changed some of its fields since.

        A row that ``is_split``, and so has its second row already, is left alone if further fields have been changed.
        """
        payload = Payload.from_json(draft.body)
        written = draft.written or {}
        listed: list[str] = []
        changed: list[str] = []
        for key, old in payload.listed_values(draft.cleared).items():
            known = record.knows(key)
            ours = known and any(
                same_value(key, record.value(key), values[key], self._rules)
                for values in (written, *draft.alternatives)
                if key in values
            )
            # Of a value of ours not even another spelling of what was there before may stay.
            if known and (record.value(key) == old if ours else same_value(key, record.value(key), old, self._rules)):
                continue
            (listed if ours or self._force else changed).append(key)
        note = Message(
            "undo.changed", {"fields": ", ".join(map(self._names.label, changed)), "lines": self._now(changed, payload, record)}
        )
        if changed and (is_split or not listed):
            return [Resolved(draft.row, Status.CONFLICT, fields=(*changed, *listed), notes=(note,))]
        # What somebody has changed is not sent along either.
        kept = {key: value for key, value in payload.values.items() if key not in changed}
        payload = Payload(kept, tuple(listed))
        back = self._complete(draft, record, payload, {*draft.cleared}, {})
        if listed:
            emptied = tuple(key for key in draft.cleared if key in listed)
            back = replace(back, draft=replace(draft, body=payload.to_json(), fields=payload.listed, cleared=emptied))
        resolved = [back]
        if changed:
            resolved.insert(0, Resolved(draft.row + 1, Status.CONFLICT, fields=tuple(changed), notes=(note,), split=True))
        return resolved

    def _now(self, changed: Sequence[str], payload: Payload, record: ClueRecord) -> list[Message]:
        """What each of these fields holds now, and what was to be put back, for whoever looks at its cell."""
        lines = []
        for key in filter(record.knows, changed):
            old, live = (as_text(key, value, self._rules) for value in (payload.values.get(key), record.value(key)))
            lines.append(Message("cell.now", {"field": self._names.label(key), "cell": old, "live": live}))
        return lines

    def _complete(self, draft: Draft, record: ClueRecord, payload: Payload, cleared: set[str], touched: Values) -> Resolved:
        """Returns the row with what it lists at last.

        The required fields that ``payload`` lacks are taken from what earlier rows of the clue have ``touched``, else from its
        record.
        """
        if not payload.listed:
            return Resolved(draft.row, Status.UNCHANGED)
        sent: dict[str, Any] = {key: payload.values.get(key, touched.get(key)) for key in self._names.required}
        for key in [key for key, value in sent.items() if value is None and record.knows(key)]:
            sent[key] = record.value(key)
        lacking = [key for key, value in sent.items() if is_empty(value)]
        if lacking:
            reasons = [(key, Message("live.lacking", {"field": self._names.label(key)})) for key in lacking]
            return self._invalid(draft, reasons)
        sent |= {key: payload.values[key] for key in payload.listed}
        body = Payload(sent, payload.listed).to_json()
        emptied = tuple(key for key in payload.listed if key in cleared)
        return Resolved(draft.row, Status.PENDING, body, payload.listed, emptied, record.known(payload.listed))


def place_of(sheet: str, headings: Sequence[str], names: Names) -> Callable[[int], str]:
    """Returns what gives the address of the clue id of each row of a sheet with these headings."""
    column = names.places(headings).get("clue_id", 0)
    return lambda row: address(sheet, row, column)
