"""Workbooks as other programs write them: read cell by cell as openpyxl reads them, or better, and then it says why."""

from __future__ import annotations

import math
import tempfile
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils.datetime import MAC_EPOCH
from support import office
from support.workbooks import kind_of, rows_of, written

from batch_editor.cell_values import Cell, CellError, Row, Uncomputed
from batch_editor.sheets import read_file

Cells = dict[tuple[int, int], tuple[type, Cell]]


def typed(value: Cell) -> tuple[type, Cell]:
    return kind_of(value), value


def read(path: Path) -> list[tuple[str, Cells]]:
    """What this reader finds: the filled cells of each sheet, with their types; rows and columns from 1."""
    return [
        (
            sheet.name,
            {
                (row.number, column): typed(value)
                for row in sheet.rows()
                for column, value in enumerate(row.cells, 1)
                if value is not None
            },
        )
        for sheet in read_file(path)
    ]


def read_by_openpyxl(path: Path) -> list[tuple[str, Cells]]:
    """The same by openpyxl, but for rows of white space: those are no rows."""
    contents = []
    for sheet in openpyxl.load_workbook(path, data_only=True).worksheets:
        cells: dict[int, Cells] = {}
        for row in sheet.iter_rows():
            for cell in row:
                value: Any = cell.value
                if value is None:
                    continue
                if cell.data_type == "e":
                    value = CellError(value)
                elif isinstance(value, date) and not isinstance(value, datetime):
                    value = datetime.combine(value, time.min)
                cells.setdefault(cell.row, {})[cell.row, cell.column] = typed(value)
        filled = [row for row in cells.values() if any(kind is not str or value.strip() for kind, value in row.values())]
        contents.append((sheet.title, {place: cell for row in filled for place, cell in row.items()}))
    return contents


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"), max_size=12)
DAYS = st.datetimes(datetime(1904, 1, 2), datetime(2100, 1, 1)).map(lambda day: day.replace(microsecond=0))
NUMBERS = st.integers(-(10**15), 10**15) | st.floats(-1e9, 1e9).map(lambda number: round(number, 3))
FORMATS = ["General", "0.00", "#,##0", "@", "0.00E+00", '0" days"', "[Red]0", "# ?/?"]
DATE_FORMATS = ["yyyy-mm-dd", 'yyyy"年"m"月"d"日"', "[$-804]yyyy/m/d;@", "m/d/yy h:mm", "mmm-yy"]
VALUES = (
    st.tuples(TEXTS | st.sampled_from([" x ", "=1+1", "001234", "a\nb", "_x000D", "😀"]), st.sampled_from(FORMATS))
    | st.tuples(NUMBERS | st.booleans(), st.sampled_from(FORMATS))
    | st.tuples(DAYS, st.sampled_from(DATE_FORMATS))
    | st.tuples(st.times().map(lambda clock: clock.replace(microsecond=0)), st.sampled_from(["h:mm", "h:mm:ss"]))
    | st.tuples(st.timedeltas(timedelta(0), timedelta(90)).map(lambda d: timedelta(d.days, d.seconds)), st.just("[h]:mm:ss"))
    | st.tuples(st.sampled_from(["#N/A", "#REF!", "#DIV/0!"]).map(CellError), st.just("General"))
)
PLACES = st.tuples(st.integers(1, 60), st.integers(1, 40))


@given(st.dictionaries(PLACES, VALUES, max_size=25), st.booleans())
@settings(deadline=None)
def test_what_openpyxl_has_written_is_read_as_openpyxl_reads_it(table: dict[tuple[int, int], Any], from_1904: bool) -> None:
    book = openpyxl.Workbook()
    if from_1904:
        book.epoch = MAC_EPOCH
    sheet = book.active
    for (row, column), (value, code) in table.items():
        cell = sheet.cell(row, column)
        cell.value = value.text if isinstance(value, CellError) else value
        if isinstance(value, str):
            cell.data_type = "s"
        cell.number_format = code
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "openpyxl.xlsx"
        book.save(path)
        assert read(path) == read_by_openpyxl(path)


CONTROLS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"], exclude_characters="\ufffe\uffff\r"), max_size=9)


@given(st.lists(st.lists(CONTROLS | st.integers(-999, 999) | st.booleans(), max_size=5), max_size=6), st.booleans())
@settings(deadline=None)
def test_any_text_that_xlsxwriter_has_written_comes_back_control_characters_too(table: list[list[Any]], inline: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "xlsxwriter.xlsx"
        with xlsxwriter.Workbook(path, {"constant_memory": inline, "tmpdir": folder}) as book:
            sheet = book.add_worksheet()
            for row, line in enumerate(table):
                for column, value in enumerate(line):
                    writes = sheet.write_string if isinstance(value, str) else sheet.write
                    writes(row, column, value)
        rows = {row.number: row.cells for row in rows_of(path)}
    for number, line in enumerate(table, 1):
        cells = [None if value == "" else value for value in line]
        while cells and cells[-1] is None:
            cells.pop()
        blank = all(value is None or (isinstance(value, str) and value.isspace()) for value in cells)
        assert rows.get(number) == (None if blank else tuple(cells))


@pytest.mark.parametrize("inline", [False, True])
def test_everything_that_xlsxwriter_can_write(inline: bool, tmp_path: Path) -> None:
    path = tmp_path / "all.xlsx"
    with xlsxwriter.Workbook(path, {"constant_memory": inline, "tmpdir": str(tmp_path)}) as book:
        sheet = book.add_worksheet("编辑")
        bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
        chinese, clock = book.add_format({"num_format": 'yyyy"年"m"月"d"日"'}), book.add_format({"num_format": 21})
        sheet.write_row(0, 0, ["clue_id", "remark", 1.5, True])
        sheet.set_row(1, None, None, {"hidden": True})
        sheet.write_string(1, 0, "1591005521987921928")
        sheet.write_datetime(1, 1, datetime(1990, 5, 1), day)
        sheet.write_datetime(1, 2, datetime(1990, 5, 1, 13, 30), chinese)
        sheet.write_number(1, 3, 0.25, clock)
        sheet.write_boolean(2, 0, False)
        sheet.write_formula(2, 1, "=1+1", None, 2)
        sheet.write_formula(2, 2, '="a"&"b"', None, "ab")
        sheet.write_formula(2, 3, "=NA()", None, "#N/A")
        sheet.write_formula(2, 4, '=""', None, "")
        sheet.write_blank(2, 5, None, bold)
        sheet.write_rich_string(3, 0, "plain ", bold, "bold ", "again")
        sheet.merge_range(4, 0, 5, 2, "merged", bold)
        sheet.write_url(6, 0, "https://example.com", string="a link")
        book.add_worksheet("隐藏").hide()
        chart = book.add_chart({"type": "line"})
        chart.add_series({"values": "=编辑!$C$1:$C$1"})
        book.add_chartsheet().set_chart(chart)
    (name, cells), (hidden, none) = read(path)
    assert (name, hidden, none) == ("编辑", "隐藏", {})
    expected: dict[tuple[int, int], Cell] = {
        (1, 1): "clue_id",
        (1, 2): "remark",
        (1, 3): 1.5,
        (1, 4): True,
        (2, 1): "1591005521987921928",
        (2, 2): datetime(1990, 5, 1),
        (2, 3): datetime(1990, 5, 1, 13, 30),
        (2, 4): time(6),
        (3, 1): False,
        (3, 2): 2,
        (3, 3): "ab",
        (3, 4): CellError("#N/A"),
        (3, 5): Uncomputed(),  # it writes an empty text as others write that there is no value
        (4, 1): "plain bold again",
        (5, 1): "merged",
        (7, 1): "a link",
    }
    assert cells == {place: typed(value) for place, value in expected.items()}
    assert [sheet.visible for sheet in read_file(path)] == [True, False]
    assert [row.number for row in next(iter(read_file(path))).rows() if row.hidden] == [2]
    del cells[3, 5]
    assert read_by_openpyxl(path)[0][1] == cells


@pytest.mark.parametrize("engine", ["openpyxl", "xlsxwriter"])
def test_what_pandas_has_written(engine: Any, tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "clue_id": ["1591005521987921928", "1591005521987921929"],
            "number": [1, -2],
            "share": [0.5, math.nan],
            "yes": [True, False],
            "day": [pd.Timestamp("1990-05-01"), pd.NaT],
            "备注": ["上海 😀", None],
        }
    )
    path = tmp_path / "pandas.xlsx"
    frame.to_excel(path, index=False, engine=engine)
    assert read(path) == read_by_openpyxl(path)
    assert rows_of(path) == [
        Row(1, ("clue_id", "number", "share", "yes", "day", "备注")),
        Row(2, ("1591005521987921928", 1, 0.5, True, datetime(1990, 5, 1), "上海 😀")),
        Row(3, ("1591005521987921929", -2, None, False)),
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    "kind", ["xlsx:Calc MS Excel 2007 XML", "xlsm:Calc MS Excel 2007 VBA XML", "xlsx:Calc Office Open XML"]
)
def test_what_libreoffice_has_saved(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "before.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("编辑")
        bold, day = book.add_format({"bold": True}), book.add_format({"num_format": 'yyyy"年"m"月"d"日"'})
        sheet.write_row(0, 0, ["clue_id", "remark", "a & b <c>", " spaces ", "two\nlines", "😀", "_x000D_"])
        sheet.write_string(1, 0, "1591005521987921928")
        sheet.write_datetime(1, 1, datetime(1990, 5, 1), day)
        sheet.write_datetime(1, 2, datetime(1990, 5, 1, 13, 30), book.add_format({"num_format": 22}))
        sheet.write_number(1, 3, 1.5, book.add_format({"num_format": "[h]:mm:ss"}))
        sheet.write_row(1, 4, [True, 3.25, -7])
        sheet.write_formula(2, 0, "=1+1", None, 2)
        sheet.write_formula(2, 1, '="a"&"b"', None, "ab")
        sheet.write_formula(2, 2, "=NA()", None, "#N/A")
        sheet.write_formula(2, 3, '=IF(TRUE,"","x")', None, "")
        sheet.write_formula(2, 4, "=1=1", None, True)
        sheet.set_row(3, None, None, {"hidden": True})
        sheet.write_rich_string(3, 0, "plain ", bold, "bold")
        sheet.merge_range(5, 2, 6, 3, "merged", bold)
        sheet.write(200, 30, "far")
        book.add_worksheet("隐藏").hide()
    saved = office.saved(path, kind)
    contents = read(saved)
    (_, cells), (name, hidden) = contents
    assert (name, hidden) == ("隐藏", {})
    assert cells[2, 1] == typed("1591005521987921928")
    assert [cells[2, column] for column in (2, 3, 4)] == [
        typed(datetime(1990, 5, 1)),
        typed(datetime(1990, 5, 1, 13, 30)),
        typed(timedelta(1.5)),
    ]
    assert [cells.get((3, column)) for column in range(1, 6)] == [
        typed(2),
        typed("ab"),
        typed(CellError("#N/A")),
        None,
        typed(True),
    ]
    assert cells[201, 31] == typed("far")
    assert [row.number for row in next(iter(read_file(saved))).rows() if row.hidden] == [4]
    assert contents == read_by_openpyxl(saved)


def test_unlike_openpyxl_a_formula_without_a_value_is_not_a_blank(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["=1+1"])
    book.save(tmp_path / "formula.xlsx")
    assert rows_of(tmp_path / "formula.xlsx") == [Row(1, (Uncomputed(),))]
    assert read_by_openpyxl(tmp_path / "formula.xlsx") == [("Sheet", {})]


@pytest.mark.filterwarnings("ignore:Workbook contains no default style")
def test_unlike_openpyxl_text_that_looks_like_an_error_is_not_one(tmp_path: Path) -> None:
    path = written(tmp_path, '<row><c t="str"><v>#N/A</v></c><c t="e"><v>#N/A</v></c></row>')
    assert rows_of(path) == [Row(1, ("#N/A", CellError("#N/A")))]
    assert [cell.value for cell in openpyxl.load_workbook(path).active[1]] == ["#N/A", "#N/A"]


@pytest.mark.filterwarnings("ignore:Workbook contains no default style")
def test_unlike_openpyxl_a_cell_of_another_row_is_not_read_into_this_one(tmp_path: Path) -> None:
    path = written(tmp_path, '<row r="1"><c r="A1"><v>1</v></c><c r="B2"><v>2</v></c></row>')
    (row,) = openpyxl.load_workbook(path, read_only=True).active.iter_rows(values_only=True)
    assert row == (1, 2)
    with pytest.raises(Exception, match="damaged"):
        rows_of(path)
