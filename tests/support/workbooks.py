"""Workbooks made of XML for one test, and what is read of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from files import make

from batch_editor.cell_values import Cell, Formatted, FormattedText, Row
from batch_editor.errors import SheetError
from batch_editor.sheets import Sheet, read_file

#: The folder of the sheets that have one peculiarity each.
SHEETS = Path(__file__).parent.parent / "files"


def rows_in(sheet: Sheet) -> list[tuple[int, tuple[Cell, ...]]]:
    """The numbers of the rows, and their cells."""
    return [(row.number, row.cells) for row in sheet.rows()]


def kind_of(cell: Cell) -> type:
    """The type of a cell, whatever its format shows."""
    return type(cell).__mro__[1] if isinstance(cell, Formatted) and not isinstance(cell, FormattedText) else type(cell)


def rows_of(path: Path) -> list[Row]:
    """The rows of a workbook with one sheet."""
    (sheet,) = read_file(path)
    return list(sheet.rows())


def cells_of(path: Path) -> tuple[Cell, ...]:
    """The cells of its only row."""
    (row,) = rows_of(path)
    return row.cells


def refusal(path: Path) -> SheetError:
    """How the workbook is refused, now or while its rows are read."""
    with pytest.raises(SheetError) as caught:
        for sheet in read_file(path):
            rows_in(sheet)
    return caught.value


def written(
    folder: Path, rows: str, *, parts: Mapping[str, str | bytes] | None = None, before: str = "", **options: str
) -> Path:
    """A workbook whose only sheet has these rows, with ``parts`` in place of its own; ``options`` are those of ``parts_of``."""
    path = folder / "made.xlsx"
    make.pack(path, {**make.parts_of(make.sheet(rows, before), **options), **(parts or {})})
    return path


def styles(*codes: str) -> str:
    """Styles with a format for each code, which cells name by their place, from 1; a number is one that needs no code."""
    listed = "".join(
        f'<numFmt numFmtId="{200 + place}" formatCode="{escaped(code)}"/>'
        for place, code in enumerate(codes)
        if not code.isdecimal()
    )
    used = "".join(f'<xf numFmtId="{code if code.isdecimal() else 200 + place}"/>' for place, code in enumerate(codes))
    return (
        f'{make.HEAD}<styleSheet xmlns="{make.MAIN}"><numFmts>{listed}</numFmts>'
        f'<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf/>{used}</cellXfs></styleSheet>'
    )


def escaped(text: str) -> str:
    """The text as an attribute or an element holds it."""
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")


def shared(*items: str) -> str:
    """The part of the shared texts, from what is within each ``<si>``."""
    return f'{make.HEAD}<sst xmlns="{make.MAIN}">' + "".join(f"<si>{item}</si>" for item in items) + "</sst>"
