"""What is written down while a run is being planned: its rows, and what is then found to be wrong with some of them.

Nothing of it is sent before somebody has agreed. It hands on planned rows that are to be judged once more; what makes a row
wrong is left to ``edits/``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from ..model import Message, Plan, Status
from .columns import (
    AGE_COLUMNS,
    PLAN_COLUMNS,
    from_json,
    message_from_json,
    message_to_json,
    plan_to_columns,
    split_keys,
    to_json,
)
from .store import BATCH, Store, places


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
        sql = "SELECT row, status, cells, doubts, message FROM rows WHERE run = ? AND doubts IS NOT NULL ORDER BY row"
        with self._store.select(sql, self._run_id) as rows:
            for row, status, cells, doubts, message in rows:
                known = from_json(message) if status == Status.INVALID and message else ()
                problems = tuple(map(message_from_json, known))
                doubtful = tuple(map(message_from_json, from_json(doubts)))
                yield Plan(row, Status(status), tuple(from_json(cells)), problems=problems, doubts=doubtful)

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

    def overtaken(self) -> Iterator[tuple[int, int]]:
        """Yields the pending rows of which a newer one of the same clue is updated already and kept, each with that row, if
        they have a field in common."""
        kept = "others.kept_run IS NOT NULL AND others.status = 'updated'"
        return self._with_newer(kept)

    def behind_newer(self) -> Iterator[tuple[int, int]]:
        """Yields the pending rows that stand behind a newer pending one of the same clue, each with that row, if they have a
        field in common."""
        return self._with_newer("others.status = 'pending' AND others.row < rows.row")

    def _with_newer(self, others: str) -> Iterator[tuple[int, int]]:
        sql = (
            "SELECT rows.row, rows.fields, others.row, others.fields FROM rows"  # noqa: S608  # names of ours
            " JOIN rows AS others ON others.run = rows.run AND others.clue = rows.clue"
            f" WHERE rows.run = ? AND rows.status = 'pending' AND {others} AND ({AGE_COLUMNS}) <"
            " (coalesce(others.origin_run, others.run), coalesce(others.origin_row, others.row)) ORDER BY rows.row"
        )
        last = None
        with self._store.select(sql, self._run_id) as pairs:
            for row, fields, newer, newer_fields in pairs:
                if row != last and not {*split_keys(fields)}.isdisjoint(split_keys(newer_fields)):
                    last = row
                    yield row, newer

    def sent_before(self, earlier_run: str) -> int:
        """Returns how many of the rows to be sent ``earlier_run`` has updated with the very same call."""
        sql = (
            "SELECT count(*) FROM rows WHERE run = ? AND status = 'pending' AND EXISTS (SELECT 1 FROM rows AS earlier"
            " WHERE earlier.run = (SELECT id FROM runs WHERE name = ?) AND earlier.clue = rows.clue"
            " AND earlier.body = rows.body AND earlier.status = 'updated')"
        )
        return int(self._store.find(sql, self._run_id, earlier_run)[0][0])


_INSERT_ROW = f"INSERT INTO rows (run, {', '.join(PLAN_COLUMNS)}) VALUES ({places(1 + len(PLAN_COLUMNS))})"  # noqa: S608  # names of ours
