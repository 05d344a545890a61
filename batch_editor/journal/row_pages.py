"""The rows of a run by pages, forwards and back: all of them, or those that match what somebody asks for.

Nothing here changes the journal. What a page looks like, and what stands beside it, is left to ``runs/`` and the faces.
"""

from __future__ import annotations

from typing import NamedTuple

from ..model import RowState, Status
from .columns import STATE_COLUMNS, row_state_from_columns
from .schema import ASIDE
from .store import Store, places

#: Statuses that the index of rows aside does not hold.
_NOT_ASIDE = (Status.PENDING, Status.SENDING, Status.UPDATED)


class Filters(NamedTuple):
    """Which rows are asked for: those that match each of these.

    ``statuses`` are those that a row may have, any where there are none. ``field`` is the key of one that it lists or has a
    problem in, ``problem`` the key of one of its messages, such as ``cell.not_id``. ``is_mended`` says that somebody has mended
    a cell of it.
    """

    statuses: tuple[str, ...] = ()
    field: str | None = None
    problem: str | None = None
    is_mended: bool = False


ALL_ROWS = Filters()


class RowPages:
    """The rows of the run with the id ``run_id``, in the order of its sheet."""

    def __init__(self, store: Store, run_id: int) -> None:
        self._store = store
        self._run_id = run_id

    def page(self, after: int, limit: int, filters: Filters = ALL_ROWS) -> list[RowState]:
        """Returns the next ``limit`` rows below row ``after`` that match the filters."""
        where, values = _matching(filters)
        columns = ", ".join(STATE_COLUMNS)
        sql = f"SELECT row, status, {columns} FROM rows WHERE run = ? AND row > ?{where} ORDER BY row LIMIT ?"  # noqa: S608
        rows = self._store.find(sql, self._run_id, after, *values, limit)
        return [row_state_from_columns(row, status, tuple(columns)) for row, status, *columns in rows]

    def count(self, filters: Filters = ALL_ROWS, *, up_to: int | None = None) -> int:
        """Returns how many rows match in all, or how many of them down to the row ``up_to``."""
        where, values = _matching(filters)
        if up_to is not None:
            where, values = f"{where} AND row <= ?", [*values, up_to]
        return int(self._store.find(f"SELECT count(*) FROM rows WHERE run = ?{where}", self._run_id, *values)[0][0])  # noqa: S608

    def page_before(self, after: int, limit: int, filters: Filters = ALL_ROWS) -> int | None:
        """Returns below which row the ``limit`` rows begin that stand before the page ``after`` a row; None if none does."""
        where, values = _matching(filters)
        sql = f"SELECT row FROM rows WHERE run = ? AND row <= ?{where} ORDER BY row DESC LIMIT ?"  # noqa: S608
        rows = self._store.find(sql, self._run_id, after, *values, limit + 1)
        if not rows:
            return None
        return int(rows[-1][0]) if len(rows) > limit else 0


def _matching(filters: Filters) -> tuple[str, list[object]]:
    """Returns what follows WHERE for rows that match these filters, and the values for its places."""
    statuses, field, problem, is_mended = filters
    where, values = "", list[object]()
    if statuses:
        where += f" AND status IN ({places(len(statuses))})"
        values += statuses
        if not any(status in _NOT_ASIDE for status in statuses):
            where += f" AND {ASIDE}"  # without it the index is not known to hold all of them
    if field is not None:
        where += " AND (',' || fields || ',' LIKE ? ESCAPE '!' OR message LIKE ? ESCAPE '!')"
        values += [f"%,{literal(field)},%", f'%"field":"{literal(field)}","message":%']
    if problem is not None:
        where += " AND message LIKE ? ESCAPE '!'"
        values.append(f'%"key":"{literal(problem)}"%')
    if is_mended:
        where += " AND row IN (SELECT mends.row FROM mends WHERE mends.run = rows.run)"
    return where, values


def lowered(text: str) -> str:
    """Returns ``text`` as ``lower`` makes it in either database: only letters of ASCII become small."""
    return "".join(character.lower() if character.isascii() else character for character in text)


def literal(text: str) -> str:
    """Returns a pattern of LIKE that stands for ``text`` and nothing else."""
    return "".join(f"!{character}" if character in "!%_" else character for character in text)
