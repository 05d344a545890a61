"""What people have chosen once and want to find again: what the headings of a sheet mean, what a value of a field means.

A choice has a ``kind``, the app for which it was made, and a ``name`` by which it is found; what its value says is left to
whoever keeps it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from .columns import from_json, to_json
from .store import Store
from .times import moment_of, text_of

#: "columns": what the headings of a sheet mean; "value": what a value in a field means.
Kind = Literal["columns", "value"]


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody has chosen: its ``name`` and ``value``, who that was, and when (ISO 8601 with its offset)."""

    name: str
    value: Any
    person: str
    time: str


class Choices:
    """The choices that were made for an ``app``."""

    def __init__(self, store: Store, app: str) -> None:
        self._store = store
        self._app = app

    def keep(self, kind: Kind, name: str, value: object, *, person: str = "") -> None:
        """Keeps a choice, in the place of one of the same name."""
        sql = (
            "INSERT INTO choices (kind, app, name, value, person, time, time_offset) VALUES (?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (kind, app, name) DO UPDATE SET value = excluded.value, person = excluded.person,"
            " time = excluded.time, time_offset = excluded.time_offset"
        )
        self._store.change(sql, [(kind, self._app, to_json(name), to_json(value), person, *moment_of(self._store.now())[:2])])

    def find(self, kind: Kind, name: str) -> Choice | None:
        """Returns the choice of this name; None if nobody has made one."""
        where = "kind = ? AND app = ? AND name = ?"
        rows = self._store.find(f"SELECT {_COLUMNS} FROM choices WHERE {where}", kind, self._app, to_json(name))  # noqa: S608
        return _choice(rows[0]) if rows else None

    def all(self, kind: Kind) -> list[Choice]:
        """Returns all choices of a kind, the latest first."""
        sql = f"SELECT {_COLUMNS} FROM choices WHERE kind = ? AND app = ? ORDER BY time DESC, name"  # noqa: S608
        return [_choice(row) for row in self._store.find(sql, kind, self._app)]

    def forget(self, kind: Kind, name: str) -> None:
        """Forgets the choice of this name, if there is one."""
        self._store.change("DELETE FROM choices WHERE kind = ? AND app = ? AND name = ?", [(kind, self._app, to_json(name))])


_COLUMNS = "name, value, person, time, time_offset"


def _choice(columns: tuple[Any, ...]) -> Choice:
    name, value, person, *moment = columns
    return Choice(from_json(name), from_json(value), person, text_of(*moment, ""))
