"""What senders need of a run, or of a part of it: what is to be sent next, and what has become of what was sent.

Several workers can share one ``Sending``: its methods may be called by any thread, and each that changes something returns
when that is on disk. Which row a worker takes and what a reply means is left to ``runs/``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..model import Draft, Edit, Message, Outcome, Resolved, ShownNames, Status, Values
from .columns import (
    DRAFT_COLUMNS,
    EDIT_COLUMNS,
    SET_ABOVE,
    TO_SEND,
    draft_from_columns,
    draft_to_json,
    edit_from_columns,
    from_json,
    message_to_json,
    to_json,
)
from .owner import Owner
from .store import BATCH, State, Statement, Store, Transaction
from .times import moment_of

if TYPE_CHECKING:
    from .leases import Part

#: Seconds for which a record that was read counts as current where what is sent depends on it: tags, an undo, the proof.
CURRENT = 600.0


@dataclass(frozen=True, slots=True)
class InFlight:
    """A ``row`` of ``clue`` that is being sent, by whoever has marked it with ``mark``: the ``worker`` of this name, None where
    that is not known, which can send nothing of it any more for so many seconds (``lost``)."""

    row: int
    clue: int
    mark: int | None
    worker: str | None
    lost: float


class Sending:
    """The run with the id ``run_id``, for those who send it, or that ``part`` of it which they send.

    The rows of a part are those between its first and its last that belong to no other part, and then those that stand below
    its last and belong to it, since a row of their clue stands above. All rows of a clue that are to be sent are in one part.
    """

    def __init__(self, store: Store, run_id: int, part: Part | None = None, *, owner: Owner | None = None) -> None:
        self._store = store
        self._run_id = run_id
        self._part = part
        self._owner = owner

    # --- what is to be sent

    def pending(self, after: int, limit: int, *, maybe_applied: bool) -> list[Edit]:
        """Returns the next ``limit`` edits to send below row ``after``, in sheet order: those that were not sent and those that
        failed, with ``maybe_applied`` also those of them that may have been applied."""
        sql = f"{_SELECT_EDITS} WHERE run = ? AND row > ? AND {TO_SEND}"
        edits = list[Edit]()
        for where, values in self._places():
            if len(edits) < limit:
                given = (self._run_id, after, maybe_applied, *values, limit - len(edits))
                edits += map(edit_from_columns, self._store.find(f"{sql}{where} ORDER BY row LIMIT ?", *given))
        return edits

    def count(self, clues: Collection[int] | None = None, *, maybe_applied: bool) -> int:
        """Returns how many edits ``pending`` would give in all, or of these ``clues``."""
        places = self._places() if clues is None else [(" AND clue = ?", (clue,)) for clue in clues]
        sql = f"SELECT count(*) FROM rows WHERE run = ? AND {TO_SEND}"  # noqa: S608
        return sum(
            int(self._store.find(f"{sql}{where}", self._run_id, maybe_applied, *values)[0][0]) for where, values in places
        )

    def in_flight(self) -> list[InFlight]:
        """Returns the rows that are written down as being sent, in a journal that several machines share."""
        sql = (
            "SELECT row, clue, mark, worker, clock_seconds() - coalesce(takings.lost, clock_seconds())"
            " FROM rows LEFT JOIN takings ON takings.run = rows.run AND epoch = mark WHERE rows.run = ? AND status = 'sending'"
        )
        return [
            InFlight(*row)
            for where, values in self._places()
            for row in self._store.find(f"{sql}{where}", self._run_id, *values)
        ]

    def count_since(self, moment: int, *, maybe_applied: bool) -> int:
        """Returns how many edits have an outcome since ``moment``, in seconds since 1970, and are not to be sent once more;
        ``maybe_applied`` as for ``pending``."""
        sql = (
            "SELECT count(*) FROM rows WHERE run = ? AND status IN ('updated', 'rejected', 'failed', 'conflict')"  # noqa: S608
            f" AND kept_run IS NULL AND time >= ? AND NOT {TO_SEND}"
        )
        given = (self._run_id, moment, maybe_applied)
        return sum(int(self._store.find(f"{sql}{where}", *given, *values)[0][0]) for where, values in self._places())

    def last_answer(self) -> int:
        """Returns the moment of the last edit that the CRM has answered, in seconds since 1970; 0 if it has answered none."""
        sql = "SELECT coalesce(max(time), 0) FROM rows WHERE run = ? AND status IN ('updated', 'rejected') AND kept_run IS NULL"
        return max(int(self._store.find(f"{sql}{where}", self._run_id, *values)[0][0]) for where, values in self._places())

    def _places(self) -> Sequence[tuple[str, tuple[int, ...]]]:
        """Returns where the rows of the part are: conditions with their values, in sheet order."""
        part = self._part
        if part is None:
            return (("", ()),)
        return (
            (" AND row BETWEEN ? AND ? AND shard IS NULL", (part.first, part.last)),
            (" AND shard = ?", (part.shard,)),
        )

    def refresh_edit(self, row: int) -> Edit | None:
        """Returns the edit of a row that is to be sent as it is by now; None if it no longer is to be sent, since another row
        of its clue had that read."""
        sql = f"{_SELECT_EDITS} WHERE run = ? AND row = ? AND status IN ('pending', 'failed')"
        rows = self._store.find(sql, self._run_id, row)
        return edit_from_columns(rows[0]) if rows else None

    def stop_asked(self) -> bool:
        """Returns whether somebody, maybe in another process, has asked that whoever drives the run stops, or drives it
        instead."""
        claim = self._owner.epoch if self._owner is not None and self._owner.shard is None else None
        sql = "SELECT 1 FROM runs WHERE id = ? AND (stop_asked OR driven <> coalesce(?, driven))"
        return bool(self._store.find(sql, self._run_id, claim))

    # --- what is sent

    def advance(self, outcome: Outcome | None, sending: int | None) -> bool:
        """Records an outcome and marks the row ``sending`` as being sent, in one transaction. Returns whether the row may be
        sent: not where somebody else has taken over meanwhile, or has dealt with it. The outcome is recorded all the same.

        A sender calls it once a row, between two sends: at any moment a run has at most one ``sending`` row for each sender.
        """
        states: list[State] = []
        if outcome:
            message = to_json(message_to_json(outcome.message)) if outcome.message else None
            result = (outcome.code, message, outcome.attempts, *moment_of(outcome.time)[:2], outcome.maybe_applied)
            states.append((self._run_id, outcome.row, outcome.status, *result, outcome.reads))
        if sending is not None:
            states.append(self._mark(sending))
        return not states or self._write(states=states) or sending is None

    def release(self, row: int, attempts: int, reads: int = 0) -> None:
        """Puts a row that was begun but cannot have been applied back to ``pending``, after so many ``attempts``, and
        ``reads``, requests that read its clue."""
        self._write(states=[(self._run_id, row, Status.PENDING, "", None, attempts, *self._moment(), False, reads)])

    def put_back(self, rows: Iterable[int]) -> None:
        """Makes ``rows`` pending again that failed and never reached the CRM."""
        sql = "UPDATE rows SET status = ?, code = '', message = NULL WHERE run = ? AND row = ? AND status = ?"
        self._write([(sql, [(Status.PENDING, self._run_id, row, Status.FAILED) for row in rows])])

    def abandon(self, message: Message, but_for: Collection[int] = ()) -> int:
        """Makes every row that is still ``sending`` ``failed``, ``but_for`` those with these marks, since nobody will wait for
        its answer; returns how many."""
        rows = 0
        others = " AND coalesce(mark, 0) <> ?" * len(but_for)
        for place, values in self._places():
            where = f"WHERE run = ? AND status = 'sending'{place}{others}"
            of_rows = (self._run_id, *values, *but_for)
            rows += self._store.find(f"SELECT count(*) FROM rows {where}", *of_rows)[0][0]  # noqa: S608
            sql = f"UPDATE rows SET status = ?, message = ?, attempts = attempts + 1, maybe_applied = TRUE {where}"  # noqa: S608
            self._write([(sql, [(Status.FAILED, to_json(message_to_json(message)), *of_rows)])])
        return rows

    # --- clues that are read first

    def drafts(self, clue: int, *, maybe_applied: bool = True) -> list[Draft]:
        """Returns the rows of a clue that are to be sent and want its live record, in sheet order; ``maybe_applied`` as for
        ``pending``."""
        sql = (
            f"SELECT {', '.join(DRAFT_COLUMNS)} FROM rows WHERE run = ? AND clue = ? AND unread"  # noqa: S608
            f" AND {TO_SEND} ORDER BY row"
        )
        return [draft_from_columns(row) for row in self._store.find(sql, self._run_id, clue, maybe_applied)]

    def resolve(self, resolved: Sequence[Resolved], *, read: int, requests: int, sending: int | None) -> bool:
        """Writes down at once what its live record has made of a clue's drafts, and which of them is ``sending`` from now on.
        Returns whether that row may be sent, as ``advance`` does.

        It was read for the row ``read``, by so many ``requests``. A row that may have been applied before stays ``failed``,
        with its message, until it is sent again.
        """
        moment = self._moment()
        values, split_off = [], []
        marks = [] if self._owner is None or sending is None else [self._mark(sending)]
        for result in resolved:
            status = Status.SENDING if result.row == sending and not marks else result.status
            message = to_json([message_to_json(note) for note in result.notes]) if result.notes else None
            fields, cleared = ",".join(result.fields), ",".join(result.cleared)
            if result.split:
                split_off.append((result.row, status, fields, message, *moment, self._run_id, result.row - 1))
                continue
            draft = draft_to_json(result.draft, moment[0]) if result.draft else None
            waits = status is Status.PENDING
            shown = (waits, status, waits, message, waits, result.code)
            is_known = result.status is Status.PENDING and bool(result.body) and not result.is_unread
            before = to_json(result.before) if is_known else None
            names = (result.clue_name or None, to_json(result.names) if result.names else None)
            known = (result.body or None, fields, cleared, before, ",".join(result.equal), *moment, draft)
            reads = requests if result.row == read else 0
            values.append((*shown, *known, *names, reads, self._run_id, result.row))
        is_done = self._write([(_RESOLVE, values), (_SPLIT_OFF, split_off)], marks)
        if not is_done:
            self.release(read, 0, requests)  # the requests were made all the same
        return is_done

    def read_again(
        self,
        clue: int | None = None,
        *,
        maybe_applied: bool,
        current: float = 0,
        shown: bool = False,
        planned: bool = False,
    ) -> int:
        """Makes drafts again of the rows to be sent, or of those of one ``clue``, that depend on what the record holds; returns
        how many those were. ``maybe_applied`` as for ``pending``. Rows of an undo, which only compare what the record holds,
        stay as they are where it was read not more than ``current`` seconds ago and no edit may have been applied since; so do
        all rows of a run that is ``planned``, of which nothing was sent.
        ``shown`` leaves rows as they are of which somebody was shown that nothing will be sent."""
        current_since = (self._moment()[0] or 0) - current
        sql = (
            "SELECT row, draft, coalesce(body, ''), cleared,"  # noqa: S608
            " CASE WHEN maybe_applied AND NOT unread THEN coalesce(lost, '[]') END, written IS NOT NULL FROM rows"
            f" WHERE run = ? AND draft IS NOT NULL AND {TO_SEND}"
        )
        if shown:
            sql += f" AND NOT {SET_ABOVE}"
        drafts = 0
        for where, values in self._places() if clue is None else ((" AND clue = ?", (clue,)),):
            of_place = f"{sql}{where} AND row > ? ORDER BY row LIMIT {BATCH}"
            last = 0
            while rows := self._store.find(of_place, self._run_id, maybe_applied, *values, last):
                again = [
                    (*from_json(draft)[:3], _with_body(lost, body, cleared), self._run_id, row)
                    for row, draft, body, cleared, lost, is_undo in rows
                    if not ((is_undo or planned) and current and lost is None and from_json(draft)[3] >= current_since)
                ]
                self._write([(_DRAFT_AGAIN, again)])
                drafts += len(again)
                last = rows[-1][0]
        return drafts

    def forget_old_records(self, current: float) -> None:
        """Makes that the clues of a planned run are read again of which nothing but the old values is wanted, where they were
        read more than ``current`` seconds ago. What was read stays until then."""
        old = (self._moment()[0] or 0) - current
        sql = (
            "UPDATE rows SET unread = TRUE WHERE run = ? AND status = 'pending' AND NOT unread AND before IS NOT NULL"
            " AND draft IS NULL AND body IS NOT NULL AND time < ?"
        )
        self._write([(sql, [(self._run_id, old)])])

    def save_old_values(
        self, row: int, before: Values, requests: int, *, clue_name: str = "", names: ShownNames | None = None
    ) -> None:
        """Keeps the values that the fields of a row had ``before`` it is sent, which took so many ``requests`` to read, and the
        names that were shown with them."""
        sql = (
            "UPDATE rows SET before = coalesce(before, ?), clue_name = coalesce(?, clue_name), names = coalesce(?, names),"
            " reads = reads + ? WHERE run = ? AND row = ?"
        )
        shown = (clue_name or None, to_json(names) if names else None)
        self._write([(sql, [(to_json(before), *shown, requests, self._run_id, row)])])

    def now(self) -> str:
        """Returns this moment by the clock that all who share the journal go by, as ISO 8601 with the local offset."""
        return self._store.now()

    def _moment(self) -> tuple[int | None, int | None]:
        """Returns this moment as the tables hold it, by the clock of the journal."""
        return moment_of(self._store.now())[:2]

    def _mark(self, row: int) -> State:
        return (self._run_id, row, Status.SENDING, "", None, 0, *self._moment(), False, 0)

    def _write(self, statements: Sequence[Statement] = (), states: Sequence[State] = ()) -> bool:
        """Returns, once it is on disk, whether all of it was done, and not only what is known for certain."""
        transaction = Transaction(statements, states, self._owner)
        self._store.commit(transaction)
        return not transaction.refused


_SELECT_EDITS = f"SELECT {', '.join(EDIT_COLUMNS)} FROM rows"  # noqa: S608  # names of ours
_DRAFT_AGAIN = (
    "UPDATE rows SET body = ?, fields = ?, cleared = ?, lost = coalesce(?, lost), unread = TRUE WHERE run = ? AND row = ?"
)
_RESOLVE = (
    "UPDATE rows SET status = CASE WHEN maybe_applied AND ? THEN 'failed' ELSE ? END,"
    " message = CASE WHEN maybe_applied AND ? THEN message ELSE ? END,"
    " code = CASE WHEN maybe_applied AND ? THEN code ELSE ? END,"
    " body = ?, fields = ?, cleared = ?, before = coalesce(?, before), equal = ?, time = ?, time_offset = ?, draft = ?,"
    " clue_name = coalesce(?, clue_name), names = coalesce(?, names), unread = FALSE, reads = reads + ?"
    " WHERE run = ? AND row = ? AND status IN ('pending', 'failed')"
)
_SPLIT_OFF = (
    "INSERT INTO rows (row, status, fields, message, time, time_offset, run, clue, cells, cleared, clue_name, names, shard)"
    " SELECT ?, ?, ?, ?, ?, ?, run, clue, cells, '', clue_name, names, shard FROM rows"
    " WHERE run = ? AND row = ? AND status <> 'updated'"
)


def _with_body(lost: str | None, body: str, cleared: str) -> str | None:
    """Returns as JSON the bodies of tries that were not answered, of which ``body`` is the last; None if there was none."""
    return to_json([*from_json(lost), [body, cleared]]) if lost is not None else None
