"""The rows of a run by pages, for whoever leafs through what became of them: those of some statuses, forwards and back."""

from __future__ import annotations

from collections.abc import Collection

from ..model import RowState, Status
from .columns import STATE_COLUMNS, row_state_from_columns
from .schema import ASIDE
from .store import Store, places

#: Statuses that the index of rows aside does not hold.
_COMMON = (Status.PENDING, Status.SENDING, Status.UPDATED)


class RowPages:
    """The rows of the run with the id ``run_id``. Rows of no ``statuses`` in particular are all of them."""

    def __init__(self, store: Store, run_id: int) -> None:
        self._store = store
        self._run_id = run_id

    def page(self, after: int, limit: int, statuses: Collection[Status] = ()) -> list[RowState]:
        """Returns the next ``limit`` rows below row ``after``, in sheet order."""
        where, values = _of(statuses)
        columns = ", ".join(STATE_COLUMNS)
        sql = f"SELECT row, status, {columns} FROM rows WHERE run = ? AND row > ?{where} ORDER BY row LIMIT ?"  # noqa: S608
        rows = self._store.find(sql, self._run_id, after, *values, limit)
        return [row_state_from_columns(row, status, tuple(columns)) for row, status, *columns in rows]

    def count(self, statuses: Collection[Status] = (), *, up_to: int | None = None) -> int:
        """Returns how many rows there are, or how many down to the row ``up_to``."""
        where, values = _of(statuses)
        bound = "" if up_to is None else " AND row <= ?"
        more = () if up_to is None else (up_to,)
        sql = f"SELECT count(*) FROM rows WHERE run = ?{where}{bound}"  # noqa: S608
        return int(self._store.find(sql, self._run_id, *values, *more)[0][0])

    def page_before(self, after: int, limit: int, statuses: Collection[Status] = ()) -> int:
        """Returns below which row the page begins that stands before the one below row ``after``."""
        where, values = _of(statuses)
        sql = f"SELECT row FROM rows WHERE run = ? AND row <= ?{where} ORDER BY row DESC LIMIT 1 OFFSET ?"  # noqa: S608
        return next((row for (row,) in self._store.find(sql, self._run_id, after, *values, limit)), 0)


def _of(statuses: Collection[Status]) -> tuple[str, list[str]]:
    """Returns what follows WHERE for rows of these statuses, and the values for its places."""
    if not statuses:
        return "", []
    where = f" AND status IN ({places(len(statuses))})"
    return where + ("" if any(status in _COMMON for status in statuses) else f" AND {ASIDE}"), list(statuses)
