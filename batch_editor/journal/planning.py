"""What is written down while a run is being planned: its rows, and what is then found to be wrong with some of them.

Nothing of it is sent before somebody has agreed. It hands on planned rows that are to be judged once more; what makes a row
wrong is left to ``edits/``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from ..model import Message, Plan, Status
from .columns import (
    PLAN_COLUMNS,
    TO_SEND,
    message_from_json,
    message_to_json,
    plan_to_columns,
    split_keys,
    to_json,
)
from .store import BATCH, Store, places
from .times import seconds_of


class Planning:
    """The run with the id ``run_id``, for whoever plans it."""

    def __init__(self, store: Store, run_id: int) -> None:
        self._store = store
        self._run_id = run_id

    def plan(self, plans: Iterable[Plan]) -> None:
        """Writes down what is to become of every row, in batches, so that a sheet of any length fits."""
        remaining = iter(plans)
        # No plan is kept beside its columns: a thousand of them, with all they hold, kept the collector of garbage busy.
        while batch := [(self._run_id, *plan_to_columns(plan)) for plan in islice(remaining, BATCH)]:
            self._store.change(_INSERT_ROW, batch)

    def set_headings(self, headings: Sequence[str]) -> None:
        """Replaces the headings of the run."""
        self._store.change("UPDATE runs SET headings = ? WHERE id = ?", [(to_json(headings), self._run_id)])

    def set_options(self, options: Mapping[str, object]) -> None:
        """Replaces what the run was told beside its settings."""
        self._store.change("UPDATE runs SET options = ? WHERE id = ?", [(to_json(options), self._run_id)])

    def doubtful(self) -> Iterator[Plan]:
        """Yields the planned rows that have doubts, for a second judgement once their column is known."""
        sql = "SELECT row, status, cells, doubts FROM rows WHERE run = ? AND doubts IS NOT NULL ORDER BY row"
        with self._store.select(sql, self._run_id) as rows:
            for row, status, cells, doubts in rows:
                problems = tuple(message_from_json(doubt) for doubt in json.loads(doubts))
                yield Plan(row, Status(status), tuple(json.loads(cells)), doubts=problems)

    def refuse(self, plans: Iterable[Plan]) -> None:
        """Makes planned rows invalid, for the problems that ``plans`` hold; in batches, like ``plan``."""
        sql = (
            "UPDATE rows SET status = ?, body = NULL, fields = '', cleared = '', message = ?, code = '', attempts = 0,"
            " time = NULL, time_offset = NULL, time_text = '' WHERE run = ? AND row = ?"
        )
        remaining = iter(plans)
        while batch := list(islice(remaining, BATCH)):
            problems = [to_json([message_to_json(problem) for problem in plan.problems]) for plan in batch]
            self._store.change(
                sql,
                [(Status.INVALID, text, self._run_id, plan.row) for text, plan in zip(problems, batch, strict=True)],
            )

    def conflict(self, rows: Iterable[tuple[int, Message]]) -> None:
        """Makes rows ``conflict``, each for a reason of its own; in batches, like ``plan``."""
        sql = "UPDATE rows SET status = ?, message = ? WHERE run = ? AND row = ?"
        remaining = iter(rows)
        while batch := list(islice(remaining, BATCH)):
            self._store.change(
                sql, [(Status.CONFLICT, to_json(message_to_json(reason)), self._run_id, row) for row, reason in batch]
            )

    # --- what the journal knows that speaks against a planned row

    def overtaken(self) -> list[tuple[int, int]]:
        """Returns the pending rows whose clue has a later row that is updated already, each with that row."""
        sql = (
            "SELECT row, newer FROM (SELECT row, (SELECT max(later.row) FROM rows AS later WHERE later.run = rows.run"
            " AND later.clue = rows.clue AND later.row > rows.row AND later.status = 'updated') AS newer"
            " FROM rows WHERE run = ? AND status = 'pending') AS pending WHERE newer IS NOT NULL ORDER BY row"
        )
        with self._store.select(sql, self._run_id) as rows:
            return rows.fetchall()

    def sent_before(self, earlier_run: str) -> int:
        """Returns how many of the rows to be sent ``earlier_run`` has updated with the very same call."""
        sql = (
            "SELECT count(*) FROM rows WHERE run = ? AND status = 'pending' AND EXISTS (SELECT 1 FROM rows AS earlier"
            " WHERE earlier.run = (SELECT id FROM runs WHERE name = ?) AND earlier.clue = rows.clue"
            " AND earlier.body = rows.body AND earlier.status = 'updated')"
        )
        return int(self._store.find(sql, self._run_id, earlier_run)[0][0])

    def rows_kept_from_results(self) -> Iterator[tuple[int, list[str], list[Mapping[str, str]]]]:
        """Yields the rows that stay as an earlier results sheet has them: their number and cells, and the cells by heading of
        each row of an earlier run that they can stem from, which has the same clue, outcome and time."""
        kept = "SELECT row, cells FROM rows WHERE run = ? AND status IN ('updated', 'unchanged') ORDER BY row"
        # CROSS JOIN keeps the order, in which the index by clue serves; SQLite chose to go through all rows for each of them.
        origins = (
            "SELECT rows.row, other.headings, origins.cells FROM rows CROSS JOIN runs AS this CROSS JOIN runs AS other"
            " CROSS JOIN rows AS origins WHERE rows.run = ? AND rows.status IN ('updated', 'unchanged') AND this.id = rows.run"
            " AND other.id < this.id AND other.base_url = this.base_url AND other.app = this.app AND origins.run = other.id"
            " AND origins.clue = rows.clue AND origins.status = rows.status AND origins.time_text = rows.time_text"
            " AND coalesce(origins.time, 0) = coalesce(rows.time, 0) ORDER BY rows.row"
        )
        with self._store.select(kept, self._run_id) as rows, self._store.select(origins, self._run_id) as matches:
            match = next(matches, None)
            for row, cells in rows:
                earlier: list[Mapping[str, str]] = []
                while match and match[0] == row:
                    headings, texts = json.loads(match[1]), json.loads(match[2])  # blank cells at a row's end are left out
                    earlier.append(dict.fromkeys(headings, "") | dict(zip(headings, texts, strict=False)))
                    match = next(matches, None)
                if earlier:
                    yield row, json.loads(cells), earlier

    def changed_since(self, since: str | None, *, maybe_applied: bool) -> Iterator[tuple[int, str]]:
        """Yields the rows to be sent some of whose fields another run, to the same address and app, has set since: the row's
        number and the name of that run.

        "Since" is after the time ``since`` (ISO 8601 with offset) that the rows' values stem from, else: in a later run.
        ``maybe_applied``: the rows to be sent include failed ones that may have been applied.
        """
        others = (
            "SELECT other.id, other.name FROM runs AS other JOIN runs AS this ON other.base_url = this.base_url"
            " AND other.app = this.app WHERE this.id = ? AND "
        )
        earliest = -1 if since is None else seconds_of(since)
        if since is None:
            runs = self._store.find(f"{others} other.id > ? ORDER BY other.id", self._run_id, self._run_id)
        else:  # runs whose end is not known may have ended since
            sql = f"{others} other.id != ? AND (other.finished IS NULL OR other.finished > ?) ORDER BY other.id"
            runs = self._store.find(sql, self._run_id, self._run_id, earliest)
        for other_id, name in runs:
            sql = (
                "SELECT rows.row, rows.fields, others.fields FROM rows JOIN rows AS others ON others.run = ?"  # noqa: S608
                f" AND others.clue = rows.clue WHERE rows.run = ? AND {TO_SEND}"
                " AND others.status = 'updated' AND others.kept_run IS NULL AND others.time > ?"
            )
            with self._store.select(
                sql, other_id, self._run_id, maybe_applied, -1 if since is None else seconds_of(since)
            ) as rows:
                for row, fields, other_fields in rows:
                    if not {*split_keys(fields)}.isdisjoint(split_keys(other_fields)):
                        yield row, name


_INSERT_ROW = f"INSERT INTO rows (run, {', '.join(PLAN_COLUMNS)}) VALUES ({places(1 + len(PLAN_COLUMNS))})"  # noqa: S608  # names of ours
