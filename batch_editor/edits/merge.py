"""What the live record of a clue makes of its rows: fills what they lack, drops what is equal, adds to tags, undoes.

A ``RecordMerger`` is pure: it is given the drafts of one clue and what clue/info answered, and says what is to be sent. All
rows of a clue are resolved by one reading of it. Where a record is read, and when, is left to dispatcher and session.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from ..crm.verdicts import code_of, read_refusal
from ..fields import Kind
from ..model import Draft, Edit, Message, Problem, Reply, Resolved, Status, Values
from ..settings.row_rules import RowRules
from ..sheets import address
from . import cells
from .clue_record import ClueRecord, MalformedRecord, is_empty, parse_record, same_value
from .headings import Names
from .payload import body_of, listed_of, payload_of


class RecordMerger:
    """What live records make of the rows of one run.

    ``rules`` are those by which its rows were read. ``place`` gives the address of a row's clue id. ``only_changed`` drops
    fields that have their value already; ``tags`` (add or remove) changes sets of tags instead of replacing them. Rows of an
    undo put nothing back over what somebody has changed since, unless ``force``.
    """

    def __init__(
        self,
        rules: RowRules,
        place: Callable[[int], str],
        *,
        only_changed: bool = False,
        tags: str | None = None,
        force: bool = False,
    ) -> None:
        self._rules, self._names, self._place = rules, Names(rules), place
        self._only_changed, self._tags, self._force = only_changed, tags, force
        self._lock = threading.Lock()
        #: The first row that is to be sent of those resolved so far, and the record it was resolved by: what a proof needs.
        self.first: tuple[int, ClueRecord] | None = None

    def resolve(self, drafts: Sequence[Draft], edit: Edit, reply: Reply, shown: bool) -> list[Resolved]:
        """What becomes of a clue's ``drafts``; ``shown`` says whether ``reply``, of clue/info, holds its record.

        ``edit`` is one of them.
        """
        try:
            live = parse_record(reply.data, edit.clue_id, self._rules) if shown and isinstance(reply.data, dict) else None
        except MalformedRecord as error:
            return [self._invalid(draft, [("", Message("live.unusable", {"reason": error.message}))]) for draft in drafts]
        if live is None:
            refusal = Message("live.refused", {"refusal": read_refusal(reply)})
            return [self._invalid(draft, [("", refusal)], code_of(reply)) for draft in drafts]
        found: list[Resolved] = []
        touched: dict[str, Any] = {}
        tags: dict[str, list[str]] = {}
        for draft in drafts:
            found += self._undone(draft, live) if draft.written is not None else [self._changed(draft, live, touched, tags)]
            if found[-1].status is Status.PENDING and len(drafts) > 1:
                payload = payload_of(found[-1].body)
                touched |= {key: payload[key] for key in found[-1].fields}
        sent = [one.row for one in found if one.status is Status.PENDING]
        with self._lock:
            if sent and (self.first is None or sent[0] < self.first[0]):
                self.first = sent[0], live
        return found

    def _invalid(self, draft: Draft, reasons: Sequence[tuple[str, Message]], code: str = "") -> Resolved:
        problems = tuple(Problem(draft.row, self._place(draft.row), key, reason) for key, reason in reasons)
        return Resolved(draft.row, Status.INVALID, notes=problems, code=code)

    def _changed(self, draft: Draft, live: ClueRecord, touched: Values, tags: dict[str, list[str]]) -> Resolved:
        """A row of a sheet. ``touched`` is what earlier rows of its clue will set, ``tags`` the sets that they leave."""
        payload, cleared, sets = payload_of(draft.body), {*draft.cleared}, dict(tags)
        before = live.known(draft.fields)
        for key in draft.fields if self._tags else ():
            if self._names.by_key(key).kind is not Kind.TAGS:
                continue
            if key not in cleared and key not in tags and not live.knows(key):
                return self._invalid(draft, [(key, Message("live.no_tags", {"field": self._names.label(key)}))])
            had = sets[key] if key in sets else _ids(before.get(key))
            sets[key] = [] if key in cleared else self._retagged(had, _ids(payload[key]))
            payload[key] = ",".join(sets[key])
            if not sets[key]:
                payload[key] = cells.cleared_value(self._names.by_key(key), self._rules)
                cleared.add(key)
        if self._only_changed:
            equal = {
                key
                for key in draft.fields
                if key in before
                and key not in touched
                and same_value(key, None if key in cleared else payload[key], before[key], self._rules)
            }
        else:
            equal = set()
        listed = [key for key in draft.fields if key not in equal]
        found = self._filled(draft, live, payload, listed, cleared, touched)
        if found.status is not Status.PENDING:
            return found
        tags.update(sets)
        return replace(found, draft=draft if self._tags and not sets.keys().isdisjoint(draft.fields) else None)

    def _retagged(self, had: list[str], given: list[str]) -> list[str]:
        if self._tags == "add":
            return list(dict.fromkeys([*had, *given]))
        return [one for one in had if one not in given]

    def _undone(self, draft: Draft, live: ClueRecord) -> list[Resolved]:
        """A row of an undo, and a second one if some of its fields were changed since by somebody else."""
        written = draft.written or {}
        listed: list[str] = []
        changed: list[str] = []
        for key, back in listed_of(draft).items():
            known = live.knows(key)
            ours = known and same_value(key, live.value(key), written[key], self._rules)
            # Of a value of ours not even another spelling of what was there before is left.
            if known and (live.value(key) == back if ours else same_value(key, live.value(key), back, self._rules)):
                continue
            (listed if ours or self._force else changed).append(key)
        note = Message("undo.changed", {"fields": ", ".join(self._names.label(key) for key in changed)})
        if changed and not listed:
            return [Resolved(draft.row, Status.CONFLICT, fields=tuple(changed), notes=(note,))]
        sent = {
            key: value for key, value in payload_of(draft.body).items() if key not in changed
        }  # nor is the old value sent along
        found = [self._filled(draft, live, sent, listed, {*draft.cleared}, {})]
        if changed:
            found.insert(0, Resolved(draft.row + 1, Status.CONFLICT, fields=tuple(changed), notes=(note,), split=True))
        return found

    def _filled(
        self, draft: Draft, live: ClueRecord, payload: Values, listed: Sequence[str], cleared: set[str], touched: Values
    ) -> Resolved:
        """A row with what it lists at last, and with the required fields that it lacks taken from the live record, or from
        what earlier rows will have made of that."""
        if not listed:
            return Resolved(draft.row, Status.UNCHANGED)
        whole: dict[str, Any] = {key: payload.get(key, touched.get(key)) for key in self._names.required}
        for key in [key for key, value in whole.items() if value is None and live.knows(key)]:
            whole[key] = live.value(key)
        lacking = [key for key, value in whole.items() if is_empty(value)]
        if lacking:
            reasons = [(key, Message("live.lacking", {"field": self._names.label(key)})) for key in lacking]
            return self._invalid(draft, reasons)
        body = body_of(whole | {key: payload[key] for key in listed}, listed)
        emptied = tuple(key for key in listed if key in cleared)
        return Resolved(draft.row, Status.PENDING, body, tuple(listed), emptied, live.known(listed))


def place_of(sheet: str, headings: Sequence[str], names: Names) -> Callable[[int], str]:
    """The address of the clue id of each row of a sheet with these headings."""
    column = names.places(headings).get("clue_id", 0)
    return lambda row: address(sheet, row, column)


def _ids(joined: object) -> list[str]:
    return [one for one in str(joined or "").split(",") if one]
