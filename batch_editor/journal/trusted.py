"""The rows of a run that have their values already by the memory of what was applied, so that their clues are not read.

Some of their clues are read all the same, to see whether somebody has edited them elsewhere: then a row of them ``verifies``
that memory. A row that is not to be trusted after all becomes one whose clue is read. Which rows that is, is left to ``runs/``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import NamedTuple

from ..model import Plan
from .columns import PLAN_COLUMNS, SET_ABOVE, plan_to_columns
from .store import BATCH, Store, places

#: A row that has its values by the memory; ids that turned out to be rounded make one invalid after all.
_TRUSTED = "(trusted IS NOT NULL AND status = 'unchanged')"


class SummedPlan(NamedTuple):
    """A planned row of a run that takes part in the memory: the checksums of what it asks for, or, of one that is ``trusted``,
    when its values were last seen there, by which run, and the fields that it is about."""

    plan: Plan
    sums: str | None
    trusted: tuple[int, int] | None = None
    equal: str = ""


class Drift(NamedTuple):
    """How many clues were read to see whether they hold what the memory says, and how many of them did not."""

    verified: int
    drifted: int

    @property
    def share(self) -> float:
        """How many of those that were read have drifted, from 0 to 1."""
        return self.drifted / self.verified if self.verified else 0.0


class TrustedRows:
    """The run with the id ``run_id``, for those who trust the memory."""

    def __init__(self, store: Store, run_id: int) -> None:
        self.run_id = run_id
        self._store = store

    def plan(self, plans: Iterable[SummedPlan]) -> None:
        """Writes down what is to become of every row, in batches, as ``Planning.plan`` does."""
        remaining = iter(plans)
        while batch := [
            (self.run_id, *plan_to_columns(summed.plan), summed.sums, *(summed.trusted or _NEVER), summed.equal)
            for summed in islice(remaining, BATCH)
        ]:
            self._store.change(_INSERT_ROW, batch)

    def count(self) -> int:
        """Returns how many rows are trusted."""
        return int(self._store.find(f"SELECT count(*) FROM rows WHERE run = ? AND {_TRUSTED}", self.run_id)[0][0])  # noqa: S608

    def rows(self, after: int) -> list[int]:
        """Returns the numbers of the next rows below row ``after`` that are trusted, as many as are written down together."""
        sql = f"SELECT row FROM rows WHERE run = ? AND row > ? AND {_TRUSTED} ORDER BY row LIMIT {BATCH}"  # noqa: S608
        return self._numbers(sql, after)

    def beside_others(self) -> list[int]:
        """Returns the trusted rows whose clue has another row that is to be read or sent."""
        several = "SELECT clue FROM rows WHERE run = ? AND clue IS NOT NULL GROUP BY clue HAVING count(*) > 1"
        clues = f"SELECT clue FROM rows WHERE run = ? AND clue IN ({several}) AND status = 'pending'"  # noqa: S608
        sql = f"SELECT row FROM rows WHERE run = ? AND clue IN ({clues}) AND {_TRUSTED} ORDER BY row"  # noqa: S608
        return self._numbers(sql, self.run_id, self.run_id)

    def shared_with(self, runs: Sequence[int]) -> list[int]:
        """Returns the trusted rows whose clue has a row in one of these runs, given by their ids."""
        shared = f"SELECT clue FROM rows WHERE run IN ({places(len(runs))})"  # noqa: S608
        sql = f"SELECT row FROM rows WHERE run = ? AND clue IN ({shared}) AND {_TRUSTED} ORDER BY row"  # noqa: S608
        return self._numbers(sql, *runs) if runs else []

    def seen_longest_ago(self, number: int) -> list[int]:
        """Returns the trusted rows of those clues of which so many rows were seen longest ago, in sheet order."""
        first = f"SELECT clue FROM rows WHERE run = ? AND {_TRUSTED} ORDER BY trusted_run, row LIMIT ?"  # noqa: S608
        sql = f"SELECT row FROM rows WHERE run = ? AND clue IN ({first}) AND {_TRUSTED} ORDER BY row"  # noqa: S608
        return self._numbers(sql, self.run_id, number)

    def distrust(self, plans: Iterable[SummedPlan], *, verifies: bool) -> None:
        """Makes of trusted rows those that are read and sent as ``plans`` say, in one go; ``verifies``: to see whether the
        memory is right."""
        rows = list[tuple[object, ...]]()
        for plan, sums, *_ in plans:
            columns = dict(zip(PLAN_COLUMNS, plan_to_columns(plan), strict=True))
            rows.append((*(columns[name] for name in _SET), sums, verifies, self.run_id, plan.row))
        self._store.change(_DISTRUST, rows)

    def drift(self) -> Drift:
        """Returns what the rows that verify the memory have shown by now."""
        verified, drifted = self._store.find(_DRIFT, self.run_id)[0]
        return Drift(int(verified), int(drifted))

    def _numbers(self, sql: str, *values: object) -> list[int]:
        return [number for (number,) in self._store.find(sql, self.run_id, *values)]


_NEVER = (None, None)
_SET = ("status", "body", "fields", "cleared", "message", "unread")
_INSERT_ROW = (
    f"INSERT INTO rows (run, {', '.join(PLAN_COLUMNS)}, sums, trusted, trusted_run, equal)"  # noqa: S608  # names of ours
    f" VALUES ({places(5 + len(PLAN_COLUMNS))})"
)
_DISTRUST = (
    f"UPDATE rows SET {', '.join(f'{name} = ?' for name in _SET)}, sums = ?, verifies = ?,"  # noqa: S608
    " trusted = NULL, trusted_run = NULL, equal = ''"
    " WHERE run = ? AND row = ?"
)
_DRIFT = (
    "SELECT count(DISTINCT clue), count(DISTINCT CASE WHEN status <> 'unchanged'"  # noqa: S608
    f" AND NOT {SET_ABOVE} THEN clue END) FROM rows WHERE run = ? AND verifies AND NOT unread"
)
