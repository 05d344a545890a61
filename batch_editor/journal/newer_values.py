"""Which other runs have set a field of a row's clue since the row's values came: an older value never lands on a newer one.

The age of a row's values is its own: its place in the run in which they came first. What came in a later run, or in a later
row of that run, is newer. A row that a run only keeps from an earlier one sets nothing, one that may have been applied may have
set what it holds, and what an undo has put back does not stand any more. What follows from it is left to ``runs/``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from .columns import AGE_COLUMNS, TO_SEND, split_keys
from .store import Store

#: Rows that have set the fields that they list, or may have.
_MAY_HAVE_SET = "others.kept_run IS NULL AND (others.status IN ('updated', 'sending') OR others.maybe_applied)"


_PAIRS = (
    f"SELECT rows.row, rows.clue, rows.fields, {AGE_COLUMNS}, others.row, others.fields,"  # noqa: S608  # names of ours
    " coalesce(others.origin_run, others.run), coalesce(others.origin_row, others.row)"
    f" FROM rows JOIN rows AS others ON others.run = ? AND others.clue = rows.clue WHERE rows.run = ? AND {_MAY_HAVE_SET}"
)


class _Pair(NamedTuple):
    """A row, and one of another run that has set something of its clue, each with what it lists and the age of its values."""

    row: int
    clue: int
    fields: str
    age_run: int
    age_row: int
    other_row: int
    other_fields: str
    other_age_run: int
    other_age_row: int


@dataclass(frozen=True, slots=True)
class _Run:
    """Another run to the same address and app: its id and name, and the name of the run that it undoes, if it is an undo."""

    id: int
    name: str
    undone: str | None


class NewerValues:
    """What other runs have set since, for the rows of the run with the id ``run_id`` that are to be sent."""

    def __init__(self, store: Store, run_id: int) -> None:
        self._store = store
        self._run_id = run_id

    def of_rows(self, *, maybe_applied: bool) -> Iterator[tuple[int, str]]:
        """Yields each row to be sent for which there is a newer value, with the name of a run that has set it.

        ``maybe_applied``: the rows to be sent include failed ones that may have been applied.
        """
        sql = f"SELECT min(coalesce(rows.origin_run, rows.run)) FROM rows WHERE run = ? AND {TO_SEND}"  # noqa: S608
        oldest = self._store.find(sql, self._run_id, maybe_applied)[0][0]
        if oldest is None:
            return
        runs, seen = self._runs_since(oldest), set[int]()
        for run in runs:
            with self._store.select(f"{_PAIRS} AND {TO_SEND}", run.id, self._run_id, maybe_applied) as pairs:
                for pair in map(_Pair._make, pairs):
                    if pair.row not in seen and self._is_newer(pair, run, runs):
                        seen.add(pair.row)
                        yield pair.row, run.name

    def of_row(self, row: int) -> str | None:
        """Returns the name of a run that has set a newer value for ``row``, whatever its status; None if there is none."""
        ages = self._store.find("SELECT coalesce(origin_run, run) FROM rows WHERE run = ? AND row = ?", self._run_id, row)
        runs = self._runs_since(ages[0][0]) if ages else []
        for run in runs:
            pairs = self._store.find(f"{_PAIRS} AND rows.row = ?", run.id, self._run_id, row)
            if any(self._is_newer(_Pair(*pair), run, runs) for pair in pairs):
                return run.name
        return None

    def _is_newer(self, pair: _Pair, run: _Run, runs: list[_Run]) -> bool:
        """Whether what ``run``, one of ``runs``, has set is newer than the values of the row."""
        shared = {*split_keys(pair.fields)} & {*split_keys(pair.other_fields)}
        if not shared:
            return False
        if run.id == pair.age_run:
            is_newer = pair.other_row > pair.age_row
        elif pair.other_age_run == pair.age_run:
            is_newer = pair.other_age_row >= pair.age_row
        else:
            is_newer = run.id > pair.age_run
        # What an undo puts back was there before the run that it undoes: it is no news to what is older than that.
        is_undone_news = any(other.name == run.undone and other.id > pair.age_run for other in runs)
        return is_newer and not is_undone_news and not shared <= self._put_back(run, runs, pair.clue)

    def _runs_since(self, oldest: int) -> list[_Run]:
        sql = (
            "SELECT other.id, other.name, other.options FROM runs AS other JOIN runs AS this"
            " ON other.base_url = this.base_url AND other.app = this.app"
            " WHERE this.id = ? AND other.id <> this.id AND other.id >= ? ORDER BY other.id"
        )
        return [
            _Run(id_, name, json.loads(options).get("undo"))
            for id_, name, options in self._store.find(sql, self._run_id, oldest)
        ]

    def _put_back(self, run: _Run, runs: list[_Run], clue: int) -> set[str]:
        """The fields of a clue that undos of ``run`` have put back, as far as that was not undone in turn."""
        put_back = set[str]()
        sql = "SELECT fields FROM rows WHERE run = ? AND clue = ? AND status = 'updated' AND kept_run IS NULL"
        for undo in runs:
            if undo.undone == run.name:
                keys = {key for (fields,) in self._store.find(sql, undo.id, clue) for key in split_keys(fields)}
                put_back |= keys - self._put_back(undo, runs, clue)
        return put_back
