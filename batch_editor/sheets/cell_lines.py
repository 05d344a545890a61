"""Rows as lines of JSON, and back: what is spooled of a sheet that cannot be read again, and by which a sheet without a file is
known again.

The lines hold what the cells of Python values can be, and of each its type: 1, 1.0, true and "1" are different lines. The same
rows are the same lines in every version of this program.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, time
from itertools import islice
from typing import Any

from ..cell_values import Cell, Row, Texts, Unusable

_ROWS_AT_A_TIME = 1000
_FROM_JSON: Mapping[str, Callable[[Any], Cell]] = {
    "datetime": datetime.fromisoformat,
    "time": time.fromisoformat,
    "texts": lambda texts: Texts(tuple(texts)),
    "unusable": Unusable,
}


class Digest:
    """A SHA-256 over the lines of a sheet; its headings come last, since they may be known only then."""

    def __init__(self) -> None:
        self._sum = hashlib.sha256()

    def add(self, line: bytes) -> None:
        """Adds the line of the next row."""
        self._sum.update(line.rstrip(b"\n") + b",")

    def add_all(self, rows: Iterable[Row]) -> None:
        """Adds the lines of the next rows, many at a time."""
        rows = iter(rows)
        while lines := [[row.number, *row.cells] for row in islice(rows, _ROWS_AT_A_TIME)]:
            self._sum.update(_json(lines)[1:-1] + b",")

    def of_all(self, headings: Sequence[Cell]) -> str:
        """Returns the digest, in hexadecimal, of the rows that were added below these ``headings``."""
        whole = self._sum.copy()
        whole.update(line_of(1, headings))
        return whole.hexdigest()


def line_of(number: int, cells: Sequence[Cell]) -> bytes:
    """Returns a row as a line of ASCII."""
    return _json([number, *cells]) + b"\n"


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), default=_tagged).encode("ascii")


def cells_of(line: bytes) -> tuple[int, list[Cell]]:
    """Returns the number and the cells of the row of a line."""
    number, *cells = json.loads(line)
    return number, [_cell(cell) if isinstance(cell, dict) else cell for cell in cells]


def _tagged(cell: object) -> dict[str, object]:
    match cell:
        case datetime():
            return {"datetime": cell.isoformat()}
        case time():
            return {"time": cell.isoformat()}
        case Texts():
            return {"texts": cell.texts}
        case Unusable():
            return {"unusable": cell.kind}
    raise TypeError(f"{type(cell).__name__} is no cell of a Python value")


def _cell(tagged: Mapping[str, Any]) -> Cell:
    ((tag, value),) = tagged.items()
    return _FROM_JSON[tag](value)
