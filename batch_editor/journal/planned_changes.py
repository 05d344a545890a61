"""The rows of one run that are to be sent, with what they send, in pages and filtered: for who looks at old and new values.

Nothing here changes the journal. What a value means for a person is left to ``edits/`` and ``runs/``.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..model import RowValues
from .columns import SET_ABOVE, TO_SEND, VALUES_COLUMNS, row_values_from_columns, split_keys
from .row_pages import literal
from .store import Store
from .times import text_of

_TO_SEND = f"rows.run = ? AND {TO_SEND} AND NOT {SET_ABOVE}"


@dataclass(frozen=True, slots=True)
class PlannedChange:
    """A row that is to be sent with what it sends: the keys that are not sent since the CRM had their values already, and when
    its clue was read (ISO 8601), empty where it was not."""

    values: RowValues
    equal: tuple[str, ...]
    read: str


class PlannedChanges:
    """The first ``number`` rows of the run with the id ``run_id`` that are to be sent, those with ``maybe_applied`` included
    that may have been applied before.

    ``field`` is the key of one that they set; with ``cleared`` they empty it, or any field.
    """

    def __init__(
        self, store: Store, run_id: int, number: int, *, maybe_applied: bool, field: str | None = None, cleared: bool = False
    ) -> None:
        self._store = store
        first = f"SELECT row FROM rows WHERE {_TO_SEND} ORDER BY row LIMIT ?"  # noqa: S608  # names of ours
        sql = f"SELECT coalesce(max(row), 0) FROM ({first}) AS first_edits"  # noqa: S608
        self._last = int(store.find(sql, run_id, maybe_applied, number)[0][0])
        self._where = _TO_SEND
        self._values: list[object] = [run_id, maybe_applied]
        if field is not None:
            self._where += f" AND ',' || {'cleared' if cleared else 'fields'} || ',' LIKE ? ESCAPE '!'"
            self._values.append(f"%,{literal(field)},%")
        elif cleared:
            self._where += " AND cleared <> ''"

    def page(self, after: int, limit: int) -> list[PlannedChange]:
        """Returns the next ``limit`` rows below row ``after``, in sheet order."""
        sql = (
            f"SELECT equal, before IS NOT NULL, time, time_offset, {', '.join(VALUES_COLUMNS)} FROM rows"  # noqa: S608
            f" WHERE {self._where} AND row > ? AND row <= ? ORDER BY row LIMIT ?"
        )
        return [
            PlannedChange(
                row_values_from_columns(tuple(columns)), split_keys(equal), text_of(time, offset, "") if is_read else ""
            )
            for equal, is_read, time, offset, *columns in self._store.find(sql, *self._values, after, self._last, limit)
        ]

    def count(self, up_to: int | None = None) -> int:
        """Returns how many rows there are, in all or up to row ``up_to``."""
        last = self._last if up_to is None else min(up_to, self._last)
        sql = f"SELECT count(*) FROM rows WHERE {self._where} AND row <= ?"  # noqa: S608
        return int(self._store.find(sql, *self._values, last)[0][0])

    def before(self, row: int, limit: int) -> int | None:
        """Returns after which row the ``limit`` rows begin that end with row ``row``; None if there are none."""
        sql = f"SELECT row FROM rows WHERE {self._where} AND row <= ? ORDER BY row DESC LIMIT ?"  # noqa: S608
        rows = self._store.find(sql, *self._values, min(row, self._last), limit + 1)
        if not rows:
            return None
        return int(rows[limit][0]) if len(rows) > limit else 0
