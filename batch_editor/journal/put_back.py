"""What undos have put back of the rows of a run: each field of each row, as far as that was not undone in turn.

A row of an undo names the rows of the undone run of which it puts back a field. That field counts as put back where the row of
the undo is updated, or where the old value turned out to stand there already, and not where somebody has changed it since.
Undos of older versions name no rows: they have put back a field of all rows of the clue. What follows is left to ``runs/``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .columns import from_json, split_keys
from .row_pages import literal
from .store import Store


@dataclass(frozen=True, slots=True)
class _Part:
    """A field that the undo ``run`` has put back in ``rows``: None stands for every field, and for every row of the clue."""

    run: str
    key: str | None
    rows: frozenset[int] | None

    def holds(self, row: int, key: str) -> bool:
        return (self.key is None or self.key == key) and (self.rows is None or row in self.rows)


@dataclass(frozen=True, slots=True)
class PutBackFields:
    """The fields of one clue that were put back, row by row."""

    parts: tuple[_Part, ...] = ()

    def holds(self, row: int, key: str) -> bool:
        """Returns whether a field of a row was put back."""
        return any(part.holds(row, key) for part in self.parts)

    def of_row(self, row: int, fields: Iterable[str]) -> tuple[str, ...]:
        """Returns those of a row's ``fields`` that were put back."""
        return tuple(key for key in fields if self.holds(row, key))

    def undo_of(self, row: int, key: str) -> str:
        """Returns the name of the run that has put back a field of a row last."""
        return next(part.run for part in reversed(self.parts) if part.holds(row, key))


class PutBack:
    """What was put back of the run called ``name``, by the undos that the journal knows when it is first asked."""

    def __init__(self, store: Store, name: str) -> None:
        self._store = store
        self._name = name
        self._undos: dict[str, list[tuple[int, str]]] = {}

    def of_clue(self, clue: int) -> PutBackFields:
        """Returns what was put back of the rows of a clue."""
        return self._of_clue(clue, self._name)

    def by_row(self) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Yields the number of each row of the run of which something was put back, with its fields that were."""
        clues = {clue for id_, _ in self._undos_of(self._name) for (clue,) in self._store.find(_CLUES, id_)}
        for clue in sorted(clues):
            fields = self.of_clue(clue)
            if fields.parts:
                for row, listed in self._store.find(_ROWS, self._name, clue):
                    if keys := fields.of_row(row, split_keys(listed)):
                        yield row, keys

    def _of_clue(self, clue: int, name: str) -> PutBackFields:
        parts = list[_Part]()
        for id_, undo in self._undos_of(name):
            rows = {row: columns for row, *columns in self._store.find(_OF_CLUE, id_, clue)}
            if not rows:
                continue
            redone = self._of_clue(clue, undo)
            for row, (status, fields, undoes) in rows.items():
                if status not in ("updated", "unchanged"):
                    continue
                split_off = rows.get(row + 1, ("", "", None))
                changed_since = {*split_keys(split_off[1])} if split_off[0] == "conflict" and split_off[2] is None else set()
                for part in _parts(undo, status, fields, undoes):
                    if part.key is None or (part.key not in changed_since and not redone.holds(row, part.key)):
                        parts.append(part)
        return PutBackFields(tuple(parts))

    def _undos_of(self, name: str) -> list[tuple[int, str]]:
        """Returns the id and the name of each undo of a run, the first one first."""
        if name not in self._undos:
            sql = "SELECT id, name, options FROM runs WHERE options LIKE ? ESCAPE '!' ORDER BY id"
            runs = self._store.find(sql, f'%"{literal(name)}"%')
            self._undos[name] = [(id_, undo) for id_, undo, options in runs if from_json(options).get("undo") == name]
        return self._undos[name]


def _parts(undo: str, status: str, fields: str, undoes: str | None) -> list[_Part]:
    if undoes is not None:
        return [_Part(undo, key, frozenset(rows)) for key, rows in from_json(undoes).items()]
    if status == "unchanged":
        return [_Part(undo, None, None)]
    return [_Part(undo, key, None) for key in split_keys(fields)]


_OF_CLUE = "SELECT row, status, fields, undoes FROM rows WHERE run = ? AND clue = ? AND kept_run IS NULL"
_CLUES = "SELECT DISTINCT clue FROM rows WHERE run = ? AND status IN ('updated', 'unchanged') AND kept_run IS NULL"
_ROWS = (
    "SELECT row, fields FROM rows WHERE run = (SELECT id FROM runs WHERE name = ?) AND clue = ? AND kept_run IS NULL"
    " ORDER BY row"
)
