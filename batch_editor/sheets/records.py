"""Reads records that Python hands on once, such as the dicts of a generator, into exact rows that can be read again.

Each record is written to a file as it comes, so that a million of them need no memory. The names of all of them are the
headings, in the order in which they come up; a record that lacks one has a blank there. Records may also be lists, of which the
first one holds the headings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from ..cell_values import Cell, Row
from ..errors import SheetError
from .cell_lines import Digest, cells_of, line_of
from .frame import FIRST
from .python_values import cell_from, label_of, shown_label
from .sheet import COLUMNS, Sheet, row_of
from .spool import Spool


class Names:
    """The names of records by their places in a row, in the order in which they come up."""

    def __init__(self) -> None:
        self._places: dict[Any, int] = {}

    def add(self, record: Mapping[Any, Any], place: int) -> None:
        """Adds the names of the record at ``place``. Raises ``SheetError`` if they are more than a sheet has columns."""
        for name in record:
            if name not in self._places:
                if len(self._places) == len(COLUMNS):
                    raise SheetError("records.too_many_names", place=place, most=len(COLUMNS))
                self._places[name] = len(self._places)

    def cells(self, record: Mapping[Any, Any]) -> list[Cell]:
        """Returns the cells of a record whose names were added."""
        cells: list[Cell] = [None] * len(self._places)
        for name in record:
            cells[self._places[name]] = cell_from(record[name])
        return cells

    @property
    def headings(self) -> list[Cell]:
        """The headings that the names are; csv.DictReader has none for what a row holds beyond the headings of its file."""
        return [label_of(name) for name in self._places]


def spool_records(records: Iterable[Any], path: Path) -> tuple[Sheet, str]:
    """Writes ``records`` to a new file at ``path``. Returns them as a sheet that reads it, and the digest of its cells.

    Raises ``SheetError`` for what is no record, and whatever the iterable raises.
    """
    names, digest = Names(), Digest()
    headings: list[Cell] | None = None  # those of lists
    with Spool(path) as spool:
        for place, record in enumerate(records):
            named = _named(record)
            if place == 0 and named is None and not isinstance(record, list | tuple):
                raise SheetError("sheet.no_sheet", kind=type(records).__name__)
            if place == 0 and named is None:
                headings = [label_of(label) for label in _listed(record, place)]
                continue
            if (named is None) != (headings is not None):
                raise SheetError("records.mixed", place=place, kind=type(record).__name__)
            if named is None:
                cells = [cell_from(value) for value in _listed(record, place)]
            else:
                names.add(named, place)
                cells = names.cells(named)
            if row := row_of(place + (FIRST if headings is None else FIRST - 1), cells):
                line = line_of(row.number, row.cells)
                digest.add(line)
                spool.write(line)
    top = heading_row(names.headings if headings is None else headings)
    below = FIRST if headings is None else FIRST - 1
    sheet = Sheet("", True, partial(_rows, path, top), label=lambda number: shown_label(number - below))
    return sheet, digest.of_all(top.cells if top else ())


def heading_row(headings: Sequence[Cell]) -> Row | None:
    """Returns the row of these headings, of which a last one that is none is left out; None where there are none."""
    row = row_of(1, headings)
    return Row(1, row.cells, len(row.cells)) if row else None


def _rows(path: Path, top: Row | None) -> Iterator[Row]:
    if top:
        yield top
    with path.open("rb") as lines:
        for line in lines:
            number, cells = cells_of(line)
            yield Row(number, tuple(cells), len(cells))


def _named(record: Any) -> Mapping[Any, Any] | None:
    """A record whose values have names: a dict, a row of a database that has ``keys()``, a named tuple; None for any other."""
    if isinstance(record, Mapping):
        return record
    if isinstance(record, tuple) and (fields := getattr(record, "_fields", None)):
        return dict(zip(fields, record, strict=True))
    keys: Callable[[], Iterable[Any]] | None = getattr(record, "keys", None)
    return {key: record[key] for key in keys()} if callable(keys) and not isinstance(record, type) else None


def _listed(record: Any, place: int) -> Sequence[Any]:
    if not isinstance(record, list | tuple):
        raise SheetError("records.none", place=place, kind=type(record).__name__)
    return record
