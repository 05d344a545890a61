"""The cells of a row are kept as they were read, and come back as they were."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from functools import partial
from pathlib import Path

import pytest

from batch_editor.cell_values import Cell, CellError, Formatted, Row, Texts, Uncomputed, Unusable
from batch_editor.errors import SheetError
from batch_editor.sheets import read_file, typed_cells, typed_row
from batch_editor.sheets.number_formats import formatted

FILES = Path(__file__).parent.parent / "files"
CELLS: list[Cell] = [
    *(0, 1, -7, 2**63, 10**5000, 1.0, 0.1, 1e300, float("inf"), True, False),
    *(datetime(2026, 1, 2, 3, 4, 5, 6), datetime(2026, 1, 2, tzinfo=timezone(timedelta(hours=8))), date(2026, 1, 2)),
    *(time(1, 2, 3), timedelta(days=1, microseconds=-1), CellError("#N/A"), Uncomputed(), Texts(("a", "b")), Unusable("dict")),
]


def texts_of(cells: tuple[Cell, ...]) -> list[str]:
    return [cell if isinstance(cell, str) else "?" if cell is not None else "" for cell in cells]


def there_and_back(row: Row, columns: int, *, is_shown: bool = True) -> Row:
    typed = typed_cells(row, columns, lambda place, cell: is_shown)
    return typed_row(row.number, texts_of(row.cells[:columns]), typed, columns)


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: type(cell).__name__)
def test_a_cell_comes_back_with_its_type(cell: Cell) -> None:
    (before, back, after) = there_and_back(Row(2, ("甲", cell, "\ud83d")), 3).cells
    assert (type(back), back, before, after) == (type(cell), cell, "甲", "\ud83d")


@pytest.mark.parametrize("value", [5, 0.5, datetime(2026, 1, 2, 3), time(4), timedelta(hours=30), "00123"])
def test_what_its_format_shows_comes_back(value: Cell) -> None:
    cell = formatted(value, partial(lambda: ("50%", False)), is_whole=False)
    (back,) = there_and_back(Row(2, (cell,)), 1).cells
    assert type(back) is type(cell) and back == cell and isinstance(back, Formatted)
    assert (back.shown(), back.is_whole) == (("50%", False), False)
    (bare,) = there_and_back(Row(2, (cell,)), 1, is_shown=False).cells
    assert (bare, isinstance(bare, Formatted)) == (value, False)


def test_for_a_row_of_texts_nothing_is_kept() -> None:
    row = Row(2, ("甲", None, " x "))
    assert typed_cells(row, 3, lambda place, cell: True) is None
    assert there_and_back(row, 3) == row


def test_what_stands_beyond_the_columns_and_is_hidden_comes_back() -> None:
    row = Row(2, ("a", None, "b", 3), 4, hidden=True)
    back = there_and_back(row, 1)
    assert (back.cells, back.hidden) == (row.cells, True)


@pytest.mark.parametrize("path", sorted(FILES.glob("*.xlsx")), ids=lambda path: str(path.stem))
def test_every_row_of_a_workbook_comes_back(path: Path) -> None:
    try:
        rows = [row for sheet in read_file(path) for row in sheet.rows()]
    except SheetError:  # it has no rows
        rows = []
    for row in rows:
        back = there_and_back(row, len(row.cells))
        assert back.cells == row.cells and [*map(type, back.cells)] == [*map(type, row.cells)]
