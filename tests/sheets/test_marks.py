"""Cells that people may take for deleted or empty: struck through, or white on white, as the styles of a workbook say."""

from __future__ import annotations

from pathlib import Path

import pytest
from files import make
from support import foreign, jobs
from support.workbooks import written

from batch_editor import load_edits
from batch_editor.errors import SheetError
from batch_editor.model import Message
from batch_editor.sheets import Layout, Range, marks, read_file
from batch_editor.sheets.marks import Mark, MarkedCells

STRUCK = "<font><strike/></font>"
WHITE = '<font><color rgb="FFFFFFFF"/></font>'
NO_FILL = '<fill><patternFill patternType="none"/></fill>'


def styles(fonts: str, fills: str = NO_FILL, used: str = '<xf/><xf fontId="1" fillId="0"/>') -> str:
    """Styles whose second font is the one that matters."""
    return (
        f'{make.HEAD}<styleSheet xmlns="{make.MAIN}"><fonts><font/>{fonts}</fonts><fills>{fills}</fills>'
        f"<cellXfs>{used}</cellXfs><dxfs><dxf>{STRUCK}{NO_FILL}</dxf></dxfs></styleSheet>"
    )


def text(place: str, style: int, value: str = "x") -> str:
    return f'<c r="{place}" s="{style}" t="inlineStr"><is><t>{value}</t></is></c>'


def layout(folder: Path, parts: str, cells: str = "") -> Layout:
    rows = cells or f'<row r="1">{text("A1", 0)}{text("B1", 1)}</row>'
    (sheet,) = read_file(written(folder, rows, parts={"xl/styles.xml": parts}))
    return sheet.layout()


CELL = (Range(1, 1, 1, 1),)


@pytest.mark.parametrize(
    ("fonts", "fills", "struck", "white"),
    [
        (STRUCK, NO_FILL, CELL, ()),
        ('<font><strike val="0"/></font>', NO_FILL, (), ()),
        ('<font><strike val="1"/><color rgb="FFFFFFFF"/></font>', NO_FILL, CELL, ()),
        ("<font><b/></font>", NO_FILL, (), ()),
        (WHITE, NO_FILL, (), CELL),
        (WHITE, "", (), CELL),
        (WHITE, "<fill><patternFill/></fill>", (), CELL),
        ('<font><color theme="0"/></font>', NO_FILL, (), CELL),
        ('<font><color theme="0" tint="-0.5"/></font>', NO_FILL, (), ()),
        ('<font><color indexed="9"/></font>', NO_FILL, (), CELL),
        ('<font><color theme="1"/></font>', NO_FILL, (), ()),
        (WHITE, '<fill><patternFill patternType="solid"><fgColor rgb="FFFFFFFF"/></patternFill></fill>', (), CELL),
        (WHITE, '<fill><patternFill patternType="solid"><fgColor rgb="FF4472C4"/></patternFill></fill>', (), ()),
        (WHITE, '<fill><patternFill patternType="gray125"/></fill>', (), ()),
        (WHITE, "<fill><gradientFill/></fill>", (), ()),
    ],
)
def test_the_font_and_the_fill_of_a_style_say_so(
    fonts: str, fills: str, struck: tuple[Range, ...], white: tuple[Range, ...], tmp_path: Path
) -> None:
    found = layout(tmp_path, styles(fonts, fills))
    assert (found.struck, found.white) == (struck, white)


@pytest.mark.parametrize("kind", ["font", "fill"])
def test_a_workbook_with_more_fonts_than_any_has_is_refused(kind: str, tmp_path: Path) -> None:
    many = f"<{kind}/>" * 100_001
    with pytest.raises(SheetError) as refusal:
        layout(tmp_path, styles(many) if kind == "font" else styles(STRUCK, many))
    assert refusal.value.message.key == "xlsx.too_large"


def test_a_column_of_an_ods_has_a_style_unless_its_cell_or_row_has_one(tmp_path: Path) -> None:
    columns = (
        '<table:table-column table:number-columns-repeated="2"/><table:table-column table:default-cell-style-name="struck"/>'
    )
    cell = '<table:table-cell{} office:value-type="string"><text:p>x</text:p></table:table-cell>'
    plain, own = cell.format(""), cell.format(' table:style-name="other"')
    rows = f"<table:table-row>{plain * 4}</table:table-row><table:table-row>{plain * 2}{own}</table:table-row>"
    rows += f'<table:table-row table:default-cell-style-name="white">{plain * 3}</table:table-row>'
    path = tmp_path / "a.ods"
    path.write_bytes(foreign.packed(foreign.ods_parts(foreign.ods_table(rows, columns=columns))))
    (sheet,) = read_file(path)
    found = sheet.layout()
    assert found.struck == (Range(1, 2, 1, 2),)
    assert found.white == tuple(Range(3, column, 3, column) for column in range(3))


def test_cells_that_hold_nothing_are_none_of_them(tmp_path: Path) -> None:
    rows = f'<row r="1"><c r="A1" s="1"/><c r="B1" s="1"></c>{text("C1", 1)}</row>'
    assert layout(tmp_path, styles(STRUCK), rows).struck == (Range(1, 2, 1, 2),)


def test_each_cell_is_met_once_wherever_a_part_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = "".join(f'<row r="{row}">{text(f"A{row}", 0)}{text(f"B{row}", row % 2)}</row>' for row in range(1, 400))
    for size in (97, 1000, 4096):
        monkeypatch.setattr(marks, "_CHUNK", size)
        assert layout(tmp_path, styles(STRUCK), rows).struck == tuple(Range(row, 1, row, 1) for row in range(1, 400, 2))


def test_cells_below_each_other_are_one_range_and_of_ranges_there_are_not_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(marks, "_MOST_RANGES", 3)
    met = MarkedCells()
    for row in (1, 2, 3, 5, 7, 8):
        met.add(Mark.STRUCK, row, 0)
    met.add(Mark.STRUCK, 10, 0)
    met.add(Mark.WHITE, 2, 1, rows=4, columns=2)
    assert met.ranges(Mark.STRUCK) == (Range(1, 0, 3, 0), Range(5, 0, 5, 0), Range(7, 0, 8, 0))
    assert met.ranges(Mark.WHITE) == (Range(2, 1, 5, 1), Range(2, 2, 5, 2))


def test_headings_and_columns_that_are_not_read_are_not_counted(tmp_path: Path) -> None:
    rows = f'<row r="1">{text("A1", 1, "clue_id")}{text("B1", 1, "remark")}{text("C1", 1, "手机号")}</row>'
    rows += "".join(f'<row r="{row}">{text(f"A{row}", 0, "1")}{text(f"B{row}", 1)}{text(f"C{row}", 1)}</row>' for row in (2, 3))
    path = written(tmp_path, rows, parts={"xl/styles.xml": styles(STRUCK)})
    assert Message("note.struck", {"cells": 2, "first": "Sheet1!B2"}) in load_edits(path, jobs.settings(tmp_path)).notes
