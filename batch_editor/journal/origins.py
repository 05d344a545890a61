"""The same row in several runs: where its values came first, which run keeps it, and which has updated it since.

A sheet of results that is mended and sent again makes a new run, whose rows are those of an earlier one.
"""

from __future__ import annotations

from .store import Store

_UPDATED = (
    "SELECT runs.name, rows.row FROM rows JOIN runs ON runs.id = rows.run"
    " WHERE rows.status = 'updated' AND rows.kept_run IS NULL"
)
_UPDATED_OF_ORIGIN = f"{_UPDATED} AND rows.origin_run = ? AND rows.origin_row = ? ORDER BY rows.run DESC LIMIT 1"
_UPDATED_ITSELF = f"{_UPDATED} AND rows.run = ? AND rows.row = ?"
_KEEPER = (
    "SELECT runs.name, rows.row FROM rows JOIN runs ON runs.id = rows.run"
    " WHERE rows.kept_run = ? AND rows.kept_row = ? ORDER BY rows.run DESC LIMIT 1"
)


class Origins:
    """The rows of all runs in ``store``. A run is named as people know it; a ``place`` is a run, by its number, and a row."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def keeper_of(self, run: str, row: int) -> tuple[str, int] | None:
        """Returns the latest run that keeps the row of another one, and the row's number there; None if none does."""
        return self._first(_KEEPER, run, row)

    def updated_since(self, origin: tuple[int, int]) -> tuple[str, int] | None:
        """Returns the latest run that has updated a row whose values came first at the place ``origin``, and the row's number
        there; None if none has."""
        return self._first(_UPDATED_OF_ORIGIN, *origin) or self.updated_at(origin)

    def updated_at(self, place: tuple[int, int]) -> tuple[str, int] | None:
        """Returns the run and row of this ``place``, the run by its name, if it has updated the row itself."""
        return self._first(_UPDATED_ITSELF, *place)

    def _first(self, sql: str, *values: object) -> tuple[str, int] | None:
        return next(((name, row) for name, row in self._store.find(sql, *values)), None)
