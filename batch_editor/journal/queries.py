"""What can be asked of one run: its rows, how many there are of each kind, and what became of them.

Nothing here changes the journal. What answers mean for a person is left to ``output/`` and ``cli/``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..model import EarlierRow, Message, Problem, RowState, RowValues, ShownNames, Status, Undoable
from .columns import (
    AGE_COLUMNS,
    COUNTED_COLUMNS,
    SET_ABOVE,
    STATE_COLUMNS,
    TO_SEND,
    VALUES_COLUMNS,
    CountedRow,
    content_of,
    from_json,
    notes_from_json,
    row_state_from_columns,
    row_values_from_columns,
    split_keys,
)
from .schema import ASIDE
from .store import Store, places

#: Rows that have changed their clue, or may have.
_MAY_HAVE_SET = "kept_run IS NULL AND (status IN ('updated', 'sending') OR maybe_applied)"
#: How many rows above another one are asked for at once.
_ROWS_ABOVE = 16


class Queries:
    """The run with the id ``run_id``, for those who read it.

    A parameter ``maybe_applied`` says whether the rows to be sent include failed ones that may have been applied.
    """

    def __init__(self, store: Store, run_id: int) -> None:
        self._store = store
        self._run_id = run_id

    # --- rows

    def rows(self) -> Iterator[RowState]:
        """Yields every row of the run in sheet order, streamed."""
        sql = f"SELECT row, status, {', '.join(STATE_COLUMNS)} FROM rows WHERE run = ? ORDER BY row"  # noqa: S608  # names of ours
        with self._store.select(sql, self._run_id) as rows:
            for row, status, *columns in rows:
                yield row_state_from_columns(row, status, tuple(columns))

    def earlier_row(self, row: int) -> EarlierRow | None:
        """Returns one row of the run for a later one; None if there is no such row."""
        sql = f"SELECT status, clue, {AGE_COLUMNS}, {', '.join(STATE_COLUMNS)} FROM rows WHERE run = ? AND row = ?"  # noqa: S608
        for status, clue, age_run, age_row, *columns in self._store.find(sql, self._run_id, row):
            state, origin = row_state_from_columns(row, status, tuple(columns)), (age_run, age_row)
            return EarlierRow(state, clue, origin, place=origin if state.kept_from else (self._run_id, row))
        return None

    def remaining(self, *, maybe_applied: bool) -> Iterator[CountedRow]:
        """Yields every row of the run in sheet order, to be counted; those that are to be sent in the status ``pending``, and
        those of which nothing is to be sent once the rows above them are as ``unchanged``."""
        status = f"CASE WHEN {SET_ABOVE} THEN 'unchanged' WHEN {TO_SEND} THEN 'pending' ELSE status END"
        sql = f"SELECT row, {status}, {', '.join(COUNTED_COLUMNS)} FROM rows WHERE run = ? ORDER BY row"  # noqa: S608
        with self._store.select(sql, maybe_applied, self._run_id) as rows:
            yield from map(CountedRow._make, rows)

    def row_values(self, clue: int | None = None) -> Iterator[RowValues]:
        """Yields every row of the run, or of one ``clue``, with what it sends or has sent, in sheet order, streamed."""
        sql = f"SELECT {', '.join(VALUES_COLUMNS)} FROM rows WHERE run = ?"  # noqa: S608  # names of ours
        if clue is not None:
            yield from map(row_values_from_columns, self._store.find(f"{sql} AND clue = ? ORDER BY row", self._run_id, clue))
            return
        with self._store.select(f"{sql} ORDER BY row", self._run_id) as rows:
            yield from map(row_values_from_columns, rows)

    def rows_above(self, clue: int, row: int) -> Iterator[RowValues]:
        """Yields the rows of a clue above ``row``, the nearest first."""
        sql = f"SELECT {', '.join(VALUES_COLUMNS)} FROM rows WHERE run = ? AND clue = ? AND row < ? ORDER BY row DESC LIMIT ?"  # noqa: S608
        while rows := self._store.find(sql, self._run_id, clue, row, _ROWS_ABOVE):
            values = [row_values_from_columns(columns) for columns in rows]
            yield from values
            row = values[-1].row

    def changed_values(self) -> Iterator[RowValues]:
        """Yields every row of the run that has changed its clue, or may have, and of which it was read what stood there before;
        with what it has sent, in sheet order, streamed."""
        where = f"{_MAY_HAVE_SET} AND before IS NOT NULL"
        sql = f"SELECT {', '.join(VALUES_COLUMNS)} FROM rows WHERE run = ? AND {where} ORDER BY row"  # noqa: S608
        with self._store.select(sql, self._run_id) as rows:
            yield from map(row_values_from_columns, rows)

    def changed_page(self, after: int, limit: int) -> list[RowValues]:
        """Returns the next ``limit`` rows below row ``after`` that have changed their clue, or may have, in sheet order."""
        sql = f"SELECT {', '.join(VALUES_COLUMNS)} FROM rows WHERE run = ? AND row > ? AND {_MAY_HAVE_SET} ORDER BY row LIMIT ?"  # noqa: S608
        return [row_values_from_columns(columns) for columns in self._store.find(sql, self._run_id, after, limit)]

    def count_changed_unread(self) -> int:
        """Returns how many rows of the run have changed their clue, or may have, of which nothing was read before."""
        return self._number(f"SELECT count(*) FROM rows WHERE run = ? AND {_MAY_HAVE_SET} AND before IS NULL")  # noqa: S608

    def has_read(self) -> bool:
        """Returns whether the clue of any row was read."""
        sql = "SELECT 1 FROM rows WHERE run = ? AND (before IS NOT NULL OR clue_name IS NOT NULL) LIMIT 1"
        return bool(self._store.find(sql, self._run_id))

    def shown_names(self, *, undone: str | None = None) -> Iterator[ShownNames]:
        """Yields the names of ids that the CRM has shown with the clues of the run, and of the run that is ``undone`` by it, by
        the keys of their fields."""
        runs = "(?, (SELECT id FROM runs WHERE name = ?))"
        sql = f"SELECT names FROM rows WHERE run IN {runs} AND names IS NOT NULL ORDER BY run DESC, row"  # noqa: S608
        with self._store.select(sql, self._run_id, undone) as rows:
            for (names,) in rows:
                yield from_json(names)

    def row_values_at(self, row: int) -> list[RowValues]:
        """Returns one row of the run as ``row_values`` does; nothing if there is no such row."""
        sql = f"SELECT {', '.join(VALUES_COLUMNS)} FROM rows WHERE run = ? AND row = ?"  # noqa: S608  # names of ours
        return [row_values_from_columns(columns) for columns in self._store.find(sql, self._run_id, row)]

    def last_row(self) -> int:
        """Returns the number of the last row of the run; 0 if it has none."""
        return self._number("SELECT coalesce(max(row), 0) FROM rows WHERE run = ?")

    def values_to_send(self, *, maybe_applied: bool) -> Iterator[RowValues]:
        """Yields every row that is to be sent with what it sends, in sheet order, streamed."""
        sql = f"SELECT {', '.join(VALUES_COLUMNS)} FROM rows WHERE run = ? AND {TO_SEND} ORDER BY row"  # noqa: S608
        with self._store.select(sql, self._run_id, maybe_applied) as rows:
            yield from map(row_values_from_columns, rows)

    def problems_from(self, row: int, *, upwards: bool = False) -> Iterator[list[Problem]]:
        """Yields the problems of each invalid row from ``row`` on, downwards or upwards."""
        beyond, order = ("<=", "DESC") if upwards else (">=", "ASC")
        where = f"status = 'invalid' AND {ASIDE} AND row {beyond} ? ORDER BY row {order} LIMIT {_ROWS_ABOVE}"
        sql = f"SELECT row, message FROM rows WHERE run = ? AND {where}"  # noqa: S608  # names of ours
        while rows := self._store.find(sql, self._run_id, row):
            for _, message in rows:
                yield [note for note in notes_from_json(message) if isinstance(note, Problem)]
            row = rows[-1][0] + (-1 if upwards else 1)

    def invalid(self) -> Iterator[tuple[int, str, str]]:
        """Yields number, cells and problems of every invalid row as the table holds them, in sheet order, streamed."""
        sql = f"SELECT row, cells, message FROM rows WHERE run = ? AND status = 'invalid' AND {ASIDE} ORDER BY row"  # noqa: S608
        with self._store.select(sql, self._run_id) as rows:
            yield from rows

    def cells(self, row: int) -> list[str]:
        """Returns the own values of a row as text."""
        texts: list[str] = from_json(
            self._store.find("SELECT cells FROM rows WHERE run = ? AND row = ?", self._run_id, row)[0][0]
        )
        return texts

    def known_values(self, clue: int, key: str) -> Iterator[Any]:
        """Yields what any run to the same address and app has put into a field of a clue, or may have, and what it found there
        before; None where that was empty."""
        sql = (  # the runs first, and then their rows by the index of clues: a plain JOIN goes through all rows
            "SELECT others.body, others.before FROM runs AS this CROSS JOIN runs AS other CROSS JOIN rows AS others"
            " WHERE this.id = ? AND other.base_url = this.base_url AND other.app = this.app"
            " AND others.run = other.id AND others.clue = ? AND others.kept_run IS NULL"
            " AND (others.status IN ('updated', 'sending') OR others.maybe_applied)"
        )
        for body, before in self._store.find(sql, self._run_id, clue):
            content = content_of(body)
            if key in content.get("update_specified_fields", ()):
                yield content.get(key, content.get("field_map", {}).get(key))
            yield (from_json(before) if before else {}).get(key)

    # --- what is to be sent

    def planned_bodies(self, *, maybe_applied: bool) -> Iterator[tuple[int, int, str]]:
        """Yields row, clue and body of everything that is to be sent, in sheet order, streamed.

        Of a row whose clue was read, and that is to be made anew once the record is old, the body is that of before.
        """
        sql = f"SELECT row, clue, body, draft FROM rows WHERE run = ? AND {TO_SEND} ORDER BY row"  # noqa: S608
        with self._store.select(sql, self._run_id, maybe_applied) as rows:
            for row, clue, body, draft in rows:
                yield row, clue, from_json(draft)[0] if draft else body

    def is_to_be_sent(self, row: int, *, maybe_applied: bool) -> bool:
        """Returns whether ``Sending.pending`` would give the edit of a row."""
        sql = f"SELECT 1 FROM rows WHERE run = ? AND {TO_SEND} AND row = ?"  # noqa: S608
        return bool(self._store.find(sql, self._run_id, maybe_applied, row))

    def count_to_send(self, *, maybe_applied: bool) -> int:
        """Returns how many edits ``Sending.pending`` would give in all."""
        return self._number(f"SELECT count(*) FROM rows WHERE run = ? AND {TO_SEND}", maybe_applied)  # noqa: S608

    def count_set_above(self) -> int:
        """Returns of how many rows nothing is to be sent once the rows of their clue above them are."""
        return self._number(f"SELECT count(*) FROM rows WHERE run = ? AND {SET_ABOVE}")  # noqa: S608

    def count_maybe_applied(self) -> dict[str, int]:
        """Returns, by status, how many rows were sent of which nobody knows whether the CRM applied them."""
        sql = (
            "SELECT status, count(*) FROM rows WHERE run = ? AND kept_run IS NULL"
            " AND (status = 'sending' OR (maybe_applied AND status <> 'updated')) GROUP BY status"
        )
        return dict(self._store.find(sql, self._run_id))

    def not_to_be_repeated(self, *, maybe_applied: bool) -> dict[str, int]:
        """Returns, by status, how many rows were not updated, may have been applied, and are not to be sent once more; none
        where such rows are (``maybe_applied``)."""
        sql = (
            "SELECT status, count(*) FROM rows WHERE run = ? AND status IN ('failed', 'rejected', 'invalid')"
            " AND (maybe_applied OR kept_run IS NOT NULL) GROUP BY status"
        )
        return {} if maybe_applied else dict(self._store.find(sql, self._run_id))

    def was_sent(self) -> bool:
        """Returns whether a row of the run was updated, or may have been applied."""
        return bool(self._store.find(f"SELECT 1 FROM rows WHERE run = ? AND {_MAY_HAVE_SET} LIMIT 1", self._run_id))  # noqa: S608

    def count_clues(self, limit: int, *, maybe_applied: bool) -> int:
        """Returns how many clues the first ``limit`` edits are about that ``Sending.pending`` would give."""
        first = f"SELECT clue FROM rows WHERE run = ? AND {TO_SEND} AND NOT {SET_ABOVE} ORDER BY row LIMIT ?"  # noqa: S608
        return self._number(f"SELECT count(DISTINCT clue) FROM ({first}) AS first_edits", maybe_applied, limit)  # noqa: S608

    def count_unread_clues(self) -> int:
        """Returns how many clues are still to be read."""
        return self._number(
            "SELECT count(DISTINCT clue) FROM rows WHERE run = ? AND unread AND status IN ('pending', 'failed')"
        )

    def count_without_old_values(self) -> int:
        """Returns how many rows are to be sent of whose fields nothing is known from before."""
        return self._number(
            "SELECT count(*) FROM rows WHERE run = ? AND status IN ('pending', 'failed') AND NOT unread AND before IS NULL"  # noqa: S608
            f" AND NOT {SET_ABOVE}"
        )

    def repeated_clues(self, limit: int) -> tuple[int, list[tuple[int, list[int]]]]:
        """Returns how many clues are in several pending rows, and the first ``limit`` of them with their row numbers."""
        sql = "SELECT clue, count(*) FROM rows WHERE run = ? AND status = 'pending' GROUP BY clue HAVING count(*) > 1"
        examples: list[tuple[int, list[int]]] = []
        total = 0
        with self._store.select(sql, self._run_id) as clues:
            for clue, _ in clues:
                total += 1
                if len(examples) < limit:
                    where = "SELECT row FROM rows WHERE run = ? AND clue = ? AND status = 'pending' ORDER BY row LIMIT 10"
                    with self._store.select(where, self._run_id, clue) as rows:
                        examples.append((clue, [row for (row,) in rows]))
        return total, examples

    # --- what became of it

    def counts(self) -> dict[str, int]:
        """Returns how many rows of the run have each status (only statuses that occur)."""
        with self._store.select("SELECT status, count(*) FROM rows WHERE run = ? GROUP BY status", self._run_id) as rows:
            return dict(rows)

    def planned_counts(self) -> dict[str, int]:
        """Returns the same of a planned run that keeps no rows of another one; in it every row is pending that is not put aside
        for some reason, so that none has to be looked at."""
        aside = f"SELECT status, count(*) FROM rows WHERE run = ? AND {ASIDE} GROUP BY status"  # noqa: S608  # names of ours
        counts: dict[str, int] = dict(self._store.find(aside, self._run_id))
        pending = self._number("SELECT count(*) FROM rows WHERE run = ?") - sum(counts.values())
        return ({Status.PENDING.value: pending} if pending else {}) | counts

    def fields(self, *statuses: Status, maybe_applied: bool = False) -> list[str]:
        """Returns the fields that rows of these statuses list, each once; not those of rows that the run only keeps.

        ``maybe_applied`` adds those that a row may have set whose edit was not answered, whatever became of it.
        """
        where = f"status IN ({places(len(statuses))}) AND kept_run IS NULL"
        if maybe_applied:
            where += " OR maybe_applied"
        sql = f"SELECT fields, lost FROM rows WHERE run = ? AND ({where}) GROUP BY fields, lost ORDER BY min(row)"  # noqa: S608
        keys = dict[str, None]()
        with self._store.select(sql, self._run_id, *statuses) as rows:
            for fields, lost in rows:
                keys |= dict.fromkeys(split_keys(fields))
                for body, _ in from_json(lost) if lost else ():
                    keys |= dict.fromkeys(content_of(body).get("update_specified_fields", ()))
        return list(keys)

    def reasons(self, limit: int) -> list[tuple[int, Message]]:
        """Returns why rows were rejected or failed: the ``limit`` commonest messages, each with its number of rows."""
        sql = (
            "SELECT count(*) AS number, message FROM rows WHERE run = ? AND status IN ('rejected', 'failed')"
            " AND message IS NOT NULL GROUP BY message ORDER BY number DESC, min(row) LIMIT ?"
        )
        with self._store.select(sql, self._run_id, limit) as reasons:
            first_notes = [(number, notes_from_json(message)[0]) for number, message in reasons]
        return [(number, note) for number, note in first_notes if isinstance(note, Message)]

    def count_requests(self) -> int:
        """Returns how many requests were made for the rows of the run, over all times that it was gone on with."""
        sql = "SELECT coalesce(sum(attempts + reads), 0) FROM rows WHERE run = ? AND kept_run IS NULL"
        ((requests,),) = self._store.find(sql, self._run_id)
        return int(requests)

    def answered(self) -> tuple[int, float]:
        """Returns how many rows were sent and have an outcome, and the seconds from the first of those to the last."""
        sql = (
            "SELECT count(*), coalesce(max(time) - min(time), 0) FROM rows"
            " WHERE run = ? AND status IN ('updated', 'rejected', 'failed') AND attempts > 0 AND kept_run IS NULL"
        )
        rows, seconds = self._store.find(sql, self._run_id)[0]
        return rows, float(seconds)

    def count_undoable(self) -> Undoable:
        """Returns how many rows the run has updated, or may have, and of how many of them an undo of it knows what to put back,
        whatever was put back since."""
        known = "count(CASE WHEN length(before) > 2 THEN 1 END)"
        sql = f"SELECT count(*), {known} FROM rows WHERE run = ? AND {_MAY_HAVE_SET}"  # noqa: S608
        changed, rows = self._store.find(sql, self._run_id)[0]
        if 0 < rows < changed:
            rows -= sum(1 for _ in self._known_too_late())
        return Undoable(rows, changed)

    def _known_too_late(self) -> Iterator[int]:
        """Yields the rows of which all that is known from before is what an earlier row of their clue had made of it."""
        blind = f"{_MAY_HAVE_SET} AND (before IS NULL OR length(before) <= 2)"
        known = f"{_MAY_HAVE_SET} AND length(before) > 2 AND clue IN (SELECT clue FROM rows WHERE run = ? AND {blind})"  # noqa: S608
        sql = f"SELECT row, clue, before FROM rows WHERE run = ? AND {known}"  # noqa: S608
        for row, clue, before in self._store.find(sql, self._run_id, self._run_id):
            above = f"SELECT fields FROM rows WHERE run = ? AND clue = ? AND row < ? AND {blind}"  # noqa: S608
            set_above = {key for (fields,) in self._store.find(above, self._run_id, clue, row) for key in split_keys(fields)}
            if {*from_json(before)} <= set_above:
                yield row

    def known_before(self, row: int) -> frozenset[str]:
        """Returns the fields of a row of which it is known what was there before."""
        rows = self._store.find("SELECT before FROM rows WHERE run = ? AND row = ?", self._run_id, row)
        return frozenset(from_json(rows[0][0])) if rows and rows[0][0] else frozenset()

    def holds_longer(self, characters: int) -> bool:
        """Returns whether a cell of the run has more than so many characters."""
        with self._store.select("SELECT cells FROM rows WHERE run = ? AND length(cells) > ?", self._run_id, characters) as rows:
            return any(len(cell) > characters for (cells,) in rows for cell in from_json(cells))

    def _number(self, sql: str, *values: object) -> int:
        return int(self._store.find(sql, self._run_id, *values)[0][0])
