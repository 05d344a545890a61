"""What a workbook of another kind (.xls, .xlsb, .ods) turns into: every cell with its type and its place, or a refusal."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time as clock
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from pathlib import Path
from struct import pack

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import foreign as made
from support import jobs
from support.foreign import Formula, Page, page, written
from support.workbooks import kind_of

from batch_editor import load_edits
from batch_editor.cell_values import Cell, CellError, Row, Uncomputed
from batch_editor.errors import SheetError
from batch_editor.messages import say
from batch_editor.sheets import Layout, Range, Sheet, compound, foreign, read_file
from batch_editor.sheets.foreign import read_foreign

SHEETS = Path(__file__).parent.parent / "files"
KINDS = tuple(made.WRITERS)
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


def rows_in(sheet: Sheet) -> list[tuple[int, tuple[Cell, ...]]]:
    return [(row.number, row.cells) for row in sheet.rows()]


def rows_of(path: Path) -> list[tuple[int, tuple[Cell, ...]]]:
    (sheet,) = read_file(path)
    return rows_in(sheet)


def refusal(path: Path) -> SheetError:
    with pytest.raises(SheetError) as caught:
        for sheet in read_file(path):
            rows_in(sheet)
    return caught.value


def table(folder: Path, rows: str) -> Path:
    """An .ods with these rows of XML."""
    path = folder / "sheet.ods"
    path.write_bytes(made.packed(made.ods_parts(made.ods_table(rows))))
    return path


# --- cells


@pytest.mark.parametrize("kind", KINDS)
def test_cells_keep_their_types_and_their_places(kind: str, tmp_path: Path) -> None:
    cells = {
        5: {2: "clue_id", 3: "备注 a  b\n𠮷"},
        6: {2: "1591005521987921928", 3: 12, 4: 1.5, 5: True, 6: False, 7: -3},
        9: {0: datetime(1990, 5, 1), 1: datetime(1990, 5, 1, 12, 30, 15), 2: time(6), 3: timedelta(days=1, hours=12)},
    }
    assert rows_of(written(tmp_path, kind, Page(cells))) == [
        (5, (None, None, "clue_id", "备注 a  b\n𠮷")),
        (6, (None, None, "1591005521987921928", 12, 1.5, True, False, -3)),
        (9, (datetime(1990, 5, 1), datetime(1990, 5, 1, 12, 30, 15), time(6), timedelta(days=1, hours=12))),
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_a_sheet_may_begin_anywhere(kind: str, tmp_path: Path) -> None:
    cells = {5: {2: "clue_id", 4: "x"}, 7: {3: 1}}
    assert rows_of(written(tmp_path, kind, Page(cells))) == [
        (5, (None, None, "clue_id", None, "x")),
        (7, (None, None, None, 1)),
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_a_whole_number_is_an_int_as_long_as_it_is_exact(kind: str, tmp_path: Path) -> None:
    numbers = [0, 12, -12, 2**31, 2**53 - 1, -(2**53 - 1), 2.0**53, 1.591005521987921928e18, -(2.0**53), 0.5]
    ((_, cells),) = rows_of(written(tmp_path, kind, page(numbers)))
    assert cells == tuple(numbers)
    assert [type(cell) for cell in cells] == [int] * 6 + [float] * 4


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_is_no_blank(kind: str, tmp_path: Path) -> None:
    errors = [CellError(text) for text in made.ERRORS]
    sheet_page = page(["clue_id"], errors, [None, *map(Formula, errors)], ["x"], [None, None, CellError("#N/A")])
    assert rows_of(written(tmp_path, kind, sheet_page)) == [
        (1, ("clue_id",)),
        (2, tuple(errors)),
        (3, (None, *errors)),
        (4, ("x",)),
        (5, (None, None, CellError("#N/A"))),
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_a_formula_with_a_value_is_that_value_and_an_empty_text_is_a_blank(kind: str, tmp_path: Path) -> None:
    values = [2, 1.5, "ab", True, datetime(1990, 5, 1), "", "x"]
    ((_, cells),) = rows_of(written(tmp_path, kind, page([Formula(value) for value in values])))
    assert cells == (2, 1.5, "ab", True, datetime(1990, 5, 1), None, "x")


@pytest.mark.parametrize("kind", ["xls", "ods"])  # Excel alone writes .xlsb, and always with the values
def test_a_formula_without_a_value_is_no_blank(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"sheet.{kind}"
    sheet_page = page(["clue_id", Uncomputed()], [Uncomputed()])
    path.write_bytes(made.xls(sheet_page, calculated=False) if kind == "xls" else made.ods(sheet_page))
    assert rows_of(path) == [(1, ("clue_id", Uncomputed())), (2, (Uncomputed(),))]


def test_a_formula_that_java_has_written_without_a_value_is_no_zero(tmp_path: Path) -> None:
    formula = pack("<HHHdHIHBBB", 0, 1, 0, 0.0, 2, 0, 3, 0x1E, 1, 0)
    stream = made.xls_stream(page(["clue_id"]), calculated=False)
    path = tmp_path / "sheet.xls"
    path.write_bytes(made.compound(stream[:-4] + made.record8(0x0006, formula) + stream[-4:]))
    assert rows_of(path) == [(1, ("clue_id", Uncomputed()))]


def test_an_old_xls_of_another_library_is_read() -> None:
    assert rows_of(SHEETS / "xls_of_xlwt.xls")[1] == (2, ("1591005521987921928", Uncomputed(), CellError("#N/A"), 12))


@pytest.mark.parametrize("kind", KINDS)
def test_hidden_rows_and_sheets_are_marked(kind: str, tmp_path: Path) -> None:
    shown, hidden = page(["a"], ["b"], ["c"], hidden=[2]), page(["x"], name="列表 '1'", visible=False)
    sheets = read_file(written(tmp_path, kind, hidden, shown))
    assert [(sheet.name, sheet.visible) for sheet in sheets] == [("列表 '1'", False), ("Sheet1", True)]
    assert [(row.cells, row.hidden) for row in sheets[1].rows()] == [(("a",), False), (("b",), True), (("c",), False)]


@pytest.mark.parametrize("kind", KINDS)
def test_a_sheet_may_be_empty(kind: str, tmp_path: Path) -> None:
    assert rows_of(written(tmp_path, kind, page())) == []


@pytest.mark.parametrize("kind", ["xls", "xlsb"])
@pytest.mark.parametrize("serial", [-5, 60, 2958466, 159100552198])
def test_a_day_that_excel_cannot_show_is_an_error(
    kind: str, serial: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(made, "to_excel", lambda _: float(serial))
    assert rows_of(written(tmp_path, kind, page([datetime(1990, 5, 1)]))) == [(1, (CellError("#VALUE!"),))]


@pytest.mark.parametrize("kind", ["xls", "xlsb"])
def test_a_day_in_a_format_that_only_a_chinese_excel_has_is_a_day(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(made, "STYLES", (0, 31, 58))
    assert rows_of(written(tmp_path, kind, page([datetime(1990, 5, 1)]))) == [(1, (datetime(1990, 5, 1),))]


def test_a_day_that_shows_as_its_weekday_is_a_day_as_in_an_xlsx(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(made, "STYLES", (0, 165, 165))
    path = tmp_path / "sheet"
    weekday = made.record8(0x041E, pack("<HHB", 165, 4, 0) + b"aaaa")
    path.write_bytes(made.compound(made.xls_stream(page([datetime(1990, 5, 1)]), more=weekday)))
    assert rows_of(path) == [(1, (datetime(1990, 5, 1),))]


@pytest.mark.parametrize("kind", ["xls", "xlsb"])
def test_days_may_count_from_1904(kind: str, tmp_path: Path) -> None:
    path, sheet_page = tmp_path / "sheet", page([datetime(1990, 5, 1)])
    if kind == "xls":
        path.write_bytes(made.compound(made.xls_stream(sheet_page, more=made.record8(0x0022, b"\1\0"))))
    else:
        parts = made.xlsb_parts(sheet_page)
        book = parts["xl/workbook.bin"]
        assert isinstance(book, bytes)
        path.write_bytes(
            made.packed(
                parts | {"xl/workbook.bin": book.replace(made.record12(153, bytes(12)), made.record12(153, b"\1" + bytes(11)))}
            )
        )
    assert rows_of(path) == [(1, (datetime(1994, 5, 2),))]


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"), max_size=9)
NUMBERS = st.integers(-(10**15), 10**15) | st.integers(-(10**9), 10**9).map(lambda number: number + 0.25)
PLAIN = TEXTS | NUMBERS | st.booleans() | st.sampled_from([CellError(text) for text in made.ERRORS])
DAYS = st.datetimes(datetime(1901, 1, 1), datetime(2100, 1, 1)).map(lambda day: day.replace(microsecond=0))
VALUES = st.none() | PLAIN | DAYS | PLAIN.filter(lambda value: not made_error_text(value)).map(Formula)
PAGES = st.dictionaries(st.integers(1, 40), st.dictionaries(st.integers(0, 9), VALUES, max_size=5), max_size=8)


def made_error_text(value: object) -> bool:
    """A text that looks like an error is one where a formula gives it: .ods does not tell them apart."""
    return isinstance(value, str) and value.startswith(("#", "E", "e", "＃", "﹟", "Ｅ", "ｅ"))


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@given(cells=PAGES)
@settings(deadline=None, max_examples=20)
def test_any_table_comes_back_with_its_types(kind: str, cells: dict[int, dict[int, object]]) -> None:
    cells = {
        number: {column: value for column, value in sorted(row.items()) if value is not None}
        for number, row in sorted(cells.items())
    }
    with tempfile.TemporaryDirectory() as folder:
        read = rows_of(written(Path(folder), kind, Page(cells)))
    expected = []
    for number, row in cells.items():
        values = {column: value.value if isinstance(value, Formula) else value for column, value in row.items()}
        filled = {column: value for column, value in values.items() if value != ""}
        if any(not isinstance(value, str) or value.strip() for value in filled.values()):
            expected.append((number, tuple(filled.get(column) for column in range(max(filled) + 1))))
    assert read == expected
    assert [list(map(kind_of, row)) for _, row in read] == [list(map(type, row)) for _, row in expected]


# --- what a sheet shows beside its rows


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("visible", [True, False])  # of a hidden sheet, nothing is read before somebody asks
def test_merged_cells_and_columns_that_nobody_sees_are_told(kind: str, visible: bool, tmp_path: Path) -> None:
    cells = {1: {0: "clue_id", 1: "备注", 4: "x"}, 2: {0: "1", 1: "甲", 4: "y"}, 3: {0: "2", 4: "z"}}
    sheet_page = Page(cells, visible=visible, merged=((2, 1, 3, 2),), unseen=((2, 2, True), (3, 4, False)))
    (sheet,) = read_file(written(tmp_path, kind, sheet_page))
    assert sheet.layout() == Layout((Range(2, 1, 3, 2),), ((2, 2), (3, 4)))
    assert [row.cells for row in sheet.rows()][1] == ("1", "甲", None, None, "y")


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_of_no_height_is_hidden(kind: str, tmp_path: Path) -> None:
    sheet_page = Page({1: {0: "a"}, 2: {0: "b"}, 3: {0: "c"}}, flat=frozenset({2}))
    (sheet,) = read_file(written(tmp_path, kind, sheet_page))
    assert [row.hidden for row in sheet.rows()] == [False, True, False]


@pytest.mark.parametrize("kind", KINDS)
def test_the_value_of_merged_cells_fills_their_rows_where_that_is_wanted(kind: str, tmp_path: Path) -> None:
    cells = {1: {0: "clue_id", 1: "remark"}, 2: {0: "11", 1: "甲"}, 3: {0: "12"}, 4: {0: "13", 1: "乙"}}
    path = written(tmp_path, kind, Page(cells, merged=((2, 1, 3, 1),)))
    loaded = load_edits(path, jobs.settings(tmp_path, fill_down=True))
    assert [json.loads(edit.body)["remark"] for edit in loaded.edits] == ["甲", "甲", "乙"]


# --- one process for a file


@pytest.mark.parametrize("kind", KINDS)
def test_one_process_looks_at_all_sheets_and_one_reads_the_rows(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = [page(["nothing"], ["x"], name=f"tab {number}") for number in range(66)]
    rows = [["clue_id", "remark"], *([str(number), "x"] for number in range(1, 30))]
    path = written(tmp_path, kind, *pages, page(*rows, name="edits"))
    start, started = subprocess.Popen, list[object]()

    def counted(*arguments: object, **options: object) -> object:
        started.append(arguments)
        return start(*arguments, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(subprocess, "Popen", counted)
    assert len(load_edits(path, jobs.settings(tmp_path)).edits) == 29
    assert len(started) == 2


@pytest.mark.parametrize("kind", KINDS)
def test_a_sheet_has_each_of_its_rows_once(kind: str, tmp_path: Path) -> None:
    counts = (0, 1, 9, 10, 11, 12, 40)
    pages = [page(*([f"{number}"] for number in range(count)), name=f"of {count}") for count in counts]
    for count, sheet in zip(counts, read_file(written(tmp_path, kind, *pages)), strict=True):
        assert rows_in(sheet) == [(number, (f"{number - 1}",)) for number in range(1, count + 1)]


def test_a_sheet_that_is_damaged_is_no_reason_to_refuse_another_one(tmp_path: Path) -> None:
    text = formula(0x0406, pack("<BxBxxxH", 0, 0, 0xFFFF)) + made.record8(0x0207, pack("<HB", 1, 0) + b"x")
    stream = made.xls_stream(page(["clue_id"], name="good"), page(["x"], name="bad"))
    sheets = read_file(xls_file(tmp_path, made.compound(stream[:-4] + text + stream[-4:])))
    assert rows_in(sheets[0]) == [(1, ("clue_id",))]
    with pytest.raises(SheetError):
        rows_in(sheets[1])


# --- .ods, which holds more than calamine reads


def test_line_ends_between_the_elements_are_no_text(tmp_path: Path) -> None:
    parts = made.ods_parts(made._ods_page(page(["线索ID", "备注", "n"], ["1", "周五", 12], [None, "x\ny", True])))
    pretty = str(parts["content.xml"]).replace("><", ">\n    <")
    path = tmp_path / "sheet.ods"
    path.write_bytes(made.packed(parts | {"content.xml": pretty}))
    assert rows_of(path) == [(1, ("线索ID", "备注", "n")), (2, ("1", "周五", 12)), (3, (None, "x\ny", True))]


@pytest.mark.parametrize(
    ("written_text", "text"),
    [
        ("<text:p>  a \n\t b<text:s/> c </text:p>", "a b  c "),
        ("<text:p>a<text:span> </text:span> b</text:p>", "a b"),
        ("<text:p/><text:p>a</text:p><text:p/>", "\na\n"),
        ("<text:p>a<office:annotation><text:p>no</text:p></office:annotation>b</text:p>", "ab"),
        ("<text:p>a<text:note><text:note-body><text:p>no</text:p></text:note-body></text:note></text:p>", "a"),
        ("<text:list><text:list-item><text:p>a</text:p></text:list-item></text:list>", "a"),
    ],
)
def test_the_text_of_an_ods_is_what_the_cell_shows(written_text: str, text: str, tmp_path: Path) -> None:
    cell = f'<table:table-cell office:value-type="string">{written_text}</table:table-cell>'
    assert rows_of(table(tmp_path, f"<table:table-row>{cell}</table:table-row>")) == [(1, (text,))]


@pytest.mark.parametrize("lacking", ["mimetype", "META-INF/manifest.xml", "both"])
def test_an_ods_without_a_part_that_says_what_it_is_is_read(lacking: str, tmp_path: Path) -> None:
    parts = made.ods_parts(made._ods_page(page(["clue_id"])))
    for part in ("mimetype", "META-INF/manifest.xml") if lacking == "both" else (lacking,):
        del parts[part]
    path = tmp_path / "sheet.ods"
    path.write_bytes(made.packed(parts))
    assert rows_of(path) == [(1, ("clue_id",))]


@pytest.mark.parametrize(
    ("kind", "shown", "field_key", "sent"),
    [
        ('"percentage" office:value="0.5"', "50%", "remark", "50%"),
        ('"float" office:value="430"', "00430", "remark", "00430"),
        ('"float" office:value="0.30000000000000004"', "0.3", "remark", "0.3"),
        ('"currency" office:value="12"', "¥12.00", "remark", "¥12.00"),
        ('"time" office:time-value="PT30H00M00S"', "30:00", "remark", "30:00"),
        ('"date" office:date-value="1990-05-01"', "1990年5月1日", "remark", "1990年5月1日"),
        ('"date" office:date-value="1990-05-01"', "05/01/90", "birthday", 641491200),
        ('"float" office:value="12"', "12.00", "work_id", 12),
        ('"float" office:value="12.4"', "12", "work_id", None),
        ('"float" office:value="12"', "", "remark", None),
        ('"float" office:value="7"', "7.0", "remark", "7.0"),
        ('"time" office:time-value="PT12H00M00S"', "12:00", "remark", "12:00"),
        ('"date" office:date-value="2026-12-01T14:30:00"', "2026-12-01T14:30:00", "remark", "2026-12-01T14:30:00"),
        ('"string" office:string-value="秘密"', "", "remark", None),
        ('"float" office:value="1.5910055219879209E18"', "1591005521987920900", "remark", None),
    ],
)
def test_an_ods_is_sent_as_its_cells_show(kind: str, shown: str, field_key: str, sent: object, tmp_path: Path) -> None:
    row = "<table:table-row>{}{}</table:table-row>"
    text = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    cell = f"<table:table-cell office:value-type={kind}><text:p>{shown}</text:p></table:table-cell>"
    path = table(tmp_path, row.format(text.format("clue_id"), text.format(field_key)) + row.format(text.format("1"), cell))
    edits = load_edits(path, jobs.settings(tmp_path)).edits
    assert (json.loads(edits[0].body)[field_key] if edits else None) == sent


@pytest.mark.parametrize("kind", ["xls", "xlsb"])
@pytest.mark.parametrize(("code", "number", "sent"), [("00000", 430, "00430"), ("0%", 0.5, "50%"), ("0.00", 1.5, "1.50")])
def test_a_number_is_sent_as_its_format_shows_it(
    kind: str, code: str, number: float, sent: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(made, "SPAN", code)
    monkeypatch.setattr(made, "STYLES", (164,) * 5)
    path = written(tmp_path, kind, page(["clue_id", "remark"], ["1", number]))
    assert [json.loads(edit.body)["remark"] for edit in load_edits(path, jobs.settings(tmp_path)).edits] == [sent]


def test_repeated_rows_and_cells_have_their_places(tmp_path: Path) -> None:
    cell = '<table:table-cell office:value-type="float" office:value="5"{}><text:p>5</text:p></table:table-cell>'
    twice = cell.format(' table:number-columns-repeated="2"')
    blank = '<table:table-cell table:number-columns-repeated="16382"/>'
    rows = (
        f'<table:table-row table:number-rows-repeated="3">{blank}</table:table-row>'
        f"<table:table-row-group><table:table-row>{cell.format('')}{blank}</table:table-row>"
        f'<table:table-row table:number-rows-repeated="2"><table:table-cell/>{twice}</table:table-row></table:table-row-group>'
        f'<table:table-row table:number-rows-repeated="1048000">{blank}</table:table-row>'
    )
    assert rows_of(table(tmp_path, rows)) == [(4, (5,)), (5, (None, 5, 5)), (6, (None, 5, 5))]


def test_the_text_of_an_ods_keeps_its_breaks_and_nothing_of_comments_and_drawings(tmp_path: Path) -> None:
    comment = "<office:annotation><dc:creator>bob</dc:creator><text:p>a comment</text:p></office:annotation>"
    drawing = "<draw:frame><draw:text-box><text:p>drawn</text:p></draw:text-box></draw:frame>"
    text = '<text:p>a<text:span>b<text:s text:c="2"/></text:span>c<text:line-break/>d<text:tab/>e</text:p><text:p>f</text:p>'
    cell = '<table:table-cell office:value-type="string">{}</table:table-cell>'
    rows = f"<table:table-row>{cell.format(comment + text)}{cell.format(drawing + '<text:p>x</text:p>')}</table:table-row>"
    assert rows_of(table(tmp_path, rows)) == [(1, ("ab  c\nd\te\nf", "x"))]


def test_a_cell_whose_kind_an_ods_does_not_tell_is_text_or_an_error(tmp_path: Path) -> None:
    rows = (
        "<table:table-row><table:table-cell><text:p>text</text:p></table:table-cell>"
        '<table:table-cell table:formula="of:=x" office:value-type="float" office:value="0">'
        "<text:p>Err:502</text:p></table:table-cell>"
        '<table:table-cell table:formula="of:=&quot;&quot;"><text:p/></table:table-cell>'
        '<table:table-cell table:formula="of:=x"/></table:table-row>'
    )
    assert rows_of(table(tmp_path, rows)) == [(1, ("text", CellError("Err:502"), None, Uncomputed()))]


def test_rows_of_a_folded_group_are_hidden(tmp_path: Path) -> None:
    row = (
        '<table:table-row><table:table-cell office:value-type="string"><text:p>x</text:p></table:table-cell></table:table-row>'
    )
    filtered = row.replace("<table:table-row>", '<table:table-row table:visibility="filter">')
    (sheet,) = read_file(
        table(tmp_path, f'{row}<table:table-row-group table:display="false">{row}</table:table-row-group>{filtered}{row}')
    )
    assert [row.hidden for row in sheet.rows()] == [False, True, True, False]


# --- what LibreOffice writes


@pytest.mark.parametrize("kind", ["xls", "ods"])
def test_a_workbook_of_libreoffice_is_read(kind: str) -> None:
    first, hidden = read_file(SHEETS / f"{kind}_of_libreoffice.{kind}")
    assert (first.visible, hidden.visible) == (True, False)
    assert [(row.number, row.hidden, row.cells) for row in first.rows()] == [
        (3, False, (None, "clue_id", "备注", "生日", "work_id")),
        (4, False, (None, "1591005521987921928", "第一行\n第二行", datetime(1990, 5, 1), 12)),
        (5, True, (None, "1591005521987921929", "hidden", None, 3)),
        (7, False, (None, "1591005521987921930", CellError("#N/A"), None, CellError("#DIV/0!"))),
        (8, False, (None, "1591005521987921931", "ab", None, 2)),
    ]


# --- refusals


@pytest.mark.parametrize("name", ["xls_encrypted.xls", "ods_encrypted.ods", "xlsx_encrypted.xlsx"])
def test_a_password_is_told(name: str) -> None:
    assert refusal(SHEETS / name).message.key == "file.encrypted"


def xls_file(folder: Path, content: bytes) -> Path:
    path = folder / "sheet.xls"
    path.write_bytes(content)
    return path


# --- .xls, in which there may be more than one workbook, and formulas of older versions


@pytest.mark.parametrize("first", [False, True])
def test_a_workbook_that_is_embedded_in_another_one_is_not_looked_at(first: bool, tmp_path: Path) -> None:
    own = made.xls_stream(page(["clue_id", "备注"], ["1", CellError("#N/A")], ["2", "b"], hidden=[3]))
    other = made.xls_stream(page(["clue_id", "备注"], ["8", "x"], ["9", "y"]))
    (sheet,) = read_file(xls_file(tmp_path, made.compound(own, embedded=other, embedded_first=first)))
    assert [(row.cells, row.hidden) for row in sheet.rows()] == [
        (("clue_id", "备注"), False),
        (("1", CellError("#N/A")), False),
        (("2", "b"), True),
    ]


def test_a_workbook_that_is_embedded_in_a_letter_is_no_sheet(tmp_path: Path) -> None:
    content = made.compound(b"x", "WordDocument", embedded=made.xls_stream(page(["clue_id"])))
    assert refusal(xls_file(tmp_path, content)).message.key == "file.not_sheet"


@pytest.mark.parametrize("name", ["WORKBOOK", "workbook", "Book", "BOOK"])
def test_the_names_of_streams_know_no_case(name: str, tmp_path: Path) -> None:
    content = made.compound(made.xls_stream(page(["clue_id", "周五"])), name)
    assert rows_of(xls_file(tmp_path, content)) == [(1, ("clue_id", "周五"))]


@pytest.mark.parametrize("code_page", [1252, 936, 950, 10000, 65001, 0])
def test_the_code_page_says_nothing_of_the_texts(code_page: int, tmp_path: Path) -> None:
    stream = made.xls_stream(page(["clue_id", "周五 Café"], ["1", Formula("王")]))
    stream = stream.replace(made.record8(0x0042, pack("<H", 1200)), made.record8(0x0042, pack("<H", code_page)))
    assert rows_of(xls_file(tmp_path, made.compound(stream))) == [(1, ("clue_id", "周五 Café")), (2, ("1", "王"))]


def formula(kind: int, result: bytes, flags: int = 0) -> bytes:
    """A formula in B1, with the eight bytes of its result."""
    return made.record8(kind, pack("<HHH", 0, 1, 0) + result + pack("<HIHBBB", flags, 0, 3, 0x1E, 1, 0))


def with_record(record: bytes, *, calculated: bool = True) -> bytes:
    """A workbook with clue_id in A1 and another record."""
    stream = made.xls_stream(page(["clue_id"]), calculated=calculated)
    return made.compound(stream[:-4] + record + stream[-4:])


@pytest.mark.parametrize("kind", [0x0206, 0x0406])
@pytest.mark.parametrize(
    ("result", "cell"),
    [
        (pack("<d", 42), 42),
        (pack("<d", 0), 0),
        (pack("<BxBxxxH", 1, 1, 0xFFFF), True),
        (pack("<BxBxxxH", 2, 0x2A, 0xFFFF), CellError("#N/A")),
    ],
)
def test_a_formula_of_an_older_kind_is_no_blank(kind: int, result: bytes, cell: Cell, tmp_path: Path) -> None:
    assert rows_of(xls_file(tmp_path, with_record(formula(kind, result)))) == [(1, ("clue_id", cell))]


@pytest.mark.parametrize("kind", [0x0206, 0x0406])
def test_the_text_of_a_formula_of_an_older_kind_is_refused(kind: int, tmp_path: Path) -> None:
    text = made.record8(0x0207, pack("<HB", 1, 0) + b"x")
    path = xls_file(tmp_path, with_record(formula(kind, pack("<BxBxxxH", 0, 0, 0xFFFF)) + text))
    assert refusal(path).message.key == "foreign.damaged"


@pytest.mark.parametrize(
    ("result", "cell"),
    [
        (pack("<d", 42), 42),
        (pack("<d", -0.5), -0.5),
        (pack("<BxBxxxH", 1, 1, 0xFFFF), True),
        (pack("<BxBxxxH", 2, 0x2A, 0xFFFF), CellError("#N/A")),
        (pack("<d", 0), Uncomputed()),
        (pack("<BxBxxxH", 1, 0, 0xFFFF), Uncomputed()),
        (pack("<BxBxxxH", 3, 0, 0xFFFF), Uncomputed()),
    ],
)
def test_a_value_that_nobody_writes_without_calculating_it_was_calculated(result: bytes, cell: Cell, tmp_path: Path) -> None:
    path = xls_file(tmp_path, with_record(formula(0x0006, result, flags=2), calculated=False))
    assert rows_of(path) == [(1, ("clue_id", cell))]


# --- what is called by its own name


@pytest.mark.parametrize("record", [b"\x09\0\x04\0", b"\x09\x02\x06\0", b"\x09\x04\x06\0", b"\x09\x08\x08\0"])
def test_a_workbook_of_excel_2_to_5_is_called_that(record: bytes, tmp_path: Path) -> None:
    assert refusal(xls_file(tmp_path, record + bytes(200))).message.key == "file.old_xls"


@pytest.mark.parametrize(
    ("name", "content"), [("~$edits.xlsx", b"\x04Wang" + b" " * 160), (".~lock.edits.ods#", b",wang,pc,;")]
)
def test_a_file_that_says_who_has_a_workbook_open_is_called_that(name: str, content: bytes, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    assert refusal(tmp_path / name).message.key == "file.owner"


def test_a_workbook_may_be_called_like_one(tmp_path: Path) -> None:
    path = written(tmp_path, "xls", page(["clue_id"]))
    path.rename(tmp_path / "~$edits.xls")
    assert rows_of(tmp_path / "~$edits.xls") == [(1, ("clue_id",))]


@pytest.mark.parametrize("head", [b"b\x14#e\0\1 E-SafeNet\0\0\0LOCK", b"%TSD-Header-###%\x01\0"])
def test_a_file_that_the_software_of_a_company_has_encrypted_is_called_that(head: bytes, tmp_path: Path) -> None:
    error = refusal(xls_file(tmp_path, head + bytes(range(256)) * 20))
    assert error.message.key == "file.guarded" and "亿赛通" in say(error.message, "zh")


def test_a_company_of_that_name_is_none(tmp_path: Path) -> None:
    (tmp_path / "edits.csv").write_text("clue_id,remark\r\n1,E-SafeNet\r\n", encoding="utf-8")
    assert rows_of(tmp_path / "edits.csv")[1] == (2, ("1", "E-SafeNet"))


def test_a_document_of_which_only_a_text_says_that_it_is_encrypted_is_read(tmp_path: Path) -> None:
    path = written(tmp_path, "xls", page(["clue_id", "EncryptedPackage"]))
    assert rows_of(path) == [(1, ("clue_id", "EncryptedPackage"))]


def test_another_document_in_a_compound_file_is_no_sheet(tmp_path: Path) -> None:
    path = tmp_path / "letter.xls"
    path.write_bytes(made.compound(b"x", "WordDocument"))
    message = refusal(path).message
    assert say(message, "en") == f"{path} is a text document, not a sheet. Give an Excel workbook (.xlsx) or a CSV file."


def test_a_workbook_of_excel_95_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "old.xls"
    path.write_bytes(made.compound(made.xls_stream(page(["x"]), version=0x0500), "Book"))
    message = refusal(path).message
    assert say(message, "en") == f"{path} was saved for Excel 95 or older. Open it in Excel or WPS and save it as .xlsx."
    assert say(message, "zh") == f"{path} 是 Excel 95 或更早版本的工作簿。请用 Excel 或 WPS 打开，另存为 .xlsx。"


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_is_cut_or_too_large_is_refused(kind: str, tmp_path: Path) -> None:
    path = written(tmp_path, kind, page(*[[f"{row} {column}" for column in range(20)] for row in range(200)]))
    if kind == "xls":
        path.write_bytes(path.read_bytes()[:-3000])
    else:
        path.write_bytes(written(tmp_path, kind, Page({1: {0: "a"}, 1_048_576: {9_000: "far"}})).read_bytes())
    message = refusal(path).message
    assert say(message, "en") == (
        f"The workbook {path} cannot be read: it is damaged, or too large for a file of its kind (one stray cell far to the "
        "right or far below is enough). Open it in the program that it comes from and save it as .xlsx."
    )
    assert say(message, "zh") == (
        f"无法读取工作簿 {path}：它已损坏，或对于这种格式来说太大（最右侧或最下方很远处有一个多余的单元格就会如此）。"
        "请用原来的程序打开，另存为 .xlsx。"
    )


def test_a_row_that_calamine_loses_is_noticed(tmp_path: Path) -> None:
    """It stops without a word at a row beyond the last; the rows below would be gone."""
    path = tmp_path / "sheet.xlsb"
    path.write_bytes(made.xlsb(Page({1: {0: "a"}, 1_048_578: {}, 2: {0: "b"}})))
    assert refusal(path).message.key == "foreign.damaged"


def test_a_text_that_calamine_passes_over_is_noticed(tmp_path: Path) -> None:
    parts = made.xlsb_parts(page(["clue_id"]))
    sheet = parts["xl/worksheets/sheet1.bin"]
    assert isinstance(sheet, bytes)
    end = made.record12(146)
    rich = made.record12(62, pack("<II", 1, 0) + b"\0" + pack("<I", 1) + "x".encode("utf-16-le"))
    path = tmp_path / "sheet.xlsb"
    path.write_bytes(made.packed(parts | {"xl/worksheets/sheet1.bin": sheet.replace(end, rich + end)}))
    assert refusal(path).message.key == "foreign.damaged"


def test_two_sheets_of_one_name_are_not_mixed_up(tmp_path: Path) -> None:
    assert refusal(written(tmp_path, "ods", page(["a"]), page(["b"]))).message.key == "foreign.damaged"


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_is_gone_when_its_rows_are_read_is_told(kind: str, tmp_path: Path) -> None:
    path = written(tmp_path, kind, page(["a"]))
    (sheet,) = read_file(path)
    path.unlink()
    with pytest.raises(SheetError) as caught:
        rows_in(sheet)
    assert caught.value.message.key == "file.missing"


def test_a_workbook_without_a_sheet_is_told(tmp_path: Path) -> None:
    path = tmp_path / "sheet.ods"
    path.write_bytes(made.packed(made.ods_parts("")))
    assert refusal(path).message.key == "foreign.no_sheet"


# --- the process


def children() -> set[int]:
    """The processes that this one has started, dead ones that nobody has waited for included."""
    return {int(number) for task in Path("/proc/self/task").iterdir() for number in (task / "children").read_text().split()}


def large(folder: Path) -> Path:
    """More rows than a pipe holds, in a sheet that is hidden: the first rows of others are read with the list of sheets."""
    return written(folder, "xlsb", page(*[["x" * 1000] for _ in range(2000)], visible=False))


@LINUX
@pytest.mark.parametrize("how", ["to the end", "abandoned", "dropped"])
def test_the_process_ends_with_its_reader(how: str, tmp_path: Path) -> None:
    before = children()
    (sheet,) = read_file(large(tmp_path))
    assert children() == before
    rows = sheet.rows()
    next(rows)
    assert len(children() - before) == 1
    if how == "to the end":
        assert len([*rows]) == 1999
    elif how == "abandoned":
        rows.close()  # type: ignore[attr-defined]
    del rows
    assert children() == before


def test_rows_may_be_read_side_by_side(tmp_path: Path) -> None:
    (sheet,) = read_file(large(tmp_path))
    pairs: Iterator[tuple[Row, Row]] = zip(sheet.rows(), sheet.rows(), strict=True)
    assert sum(sheet_page == other for sheet_page, other in pairs) == 2000


@LINUX
def test_a_process_that_is_killed_is_a_refusal(tmp_path: Path) -> None:
    before = children()
    (sheet,) = read_file(large(tmp_path))
    rows = sheet.rows()
    next(rows)
    (child,) = children() - before
    os.kill(child, signal.SIGKILL)
    with pytest.raises(SheetError) as caught:
        list(rows)
    assert caught.value.message.key == "foreign.damaged"
    assert children() == before


def replaced_by(program: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another program in place of the process."""
    start = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", lambda _, **options: start([sys.executable, "-c", program], **options))


def test_a_line_that_is_cut_off_is_a_refusal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (sheet,) = read_file(written(tmp_path, "xls", page(["x"], visible=False)))
    replaced_by("print('[1,false,[\"a\"]]', flush=True); print('[2,fal', end='', flush=True)", monkeypatch)
    rows = sheet.rows()
    assert next(rows).cells == ("a",)
    with pytest.raises(SheetError) as caught:
        next(rows)
    assert caught.value.message.key == "foreign.damaged"


def test_a_process_that_does_not_see_its_reader_go_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (sheet,) = read_file(written(tmp_path, "xls", page(["x"], visible=False)))
    replaced_by("import time; print('[1,false,[\"a\"]]', flush=True); time.sleep(600)", monkeypatch)
    rows = sheet.rows()
    next(rows)
    rows.close()  # type: ignore[attr-defined]  # does not come back before the process has ended


def test_sectors_that_go_round_in_a_circle_are_noticed() -> None:
    with pytest.raises(ValueError, match="circle"):
        compound._chain([1, 2, 0], 0)


@LINUX
@pytest.mark.slow
@pytest.mark.parametrize("how", ["waits for its reader", "is at work"])
def test_the_process_does_not_outlive_its_parent(how: str, tmp_path: Path) -> None:
    path = tmp_path / "sheet.xlsb"
    if how == "is at work":
        os.mkfifo(path)  # there is never anything to read in it
    else:
        path = large(tmp_path)
    program = (
        "import sys, time; from pathlib import Path; from batch_editor.sheets import foreign\n"
        "process = foreign._start(Path(sys.argv[1]), 'xlsb', 'rows 0', 600); print(process.pid, flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", program, path], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert alive(child)
        parent.kill()
    while alive(child):  # until the time limit of the test ends it
        clock.sleep(0.05)


def alive(process: int) -> bool:
    """Whether it runs; a dead process of a dead parent may stay listed."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_file_that_takes_too_long_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "ods", page(*[["x"] * 50 for _ in range(4000)]))
    with pytest.raises(SheetError) as caught:
        read_foreign(path, "ods", patience=0.001)
    assert caught.value.message.key == "foreign.damaged"


@pytest.mark.slow
def test_time_in_which_nobody_takes_a_row_does_not_count(tmp_path: Path) -> None:
    rows = read_foreign(large(tmp_path), "xlsb", patience=3)[0].rows()
    next(rows)
    clock.sleep(4)
    assert sum(1 for _ in rows) == 1999


def test_where_no_process_can_be_started_that_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, "xls", page(["x"]))
    monkeypatch.setattr(foreign.sys, "executable", str(tmp_path / "none"))
    message = refusal(path).message
    assert message.key == "foreign.not_started"
    assert say(message, "en").startswith(f"{path} can only be read by a second process, and that cannot be started here: ")


def test_the_process_is_told_no_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (sheet,) = read_file(written(tmp_path, "xls", page(["x"], visible=False)))
    for name in ("WSHOTO_ACCESS_TOKEN", "BATCH_EDITOR_API__APP_SECRET", "batch_editor_api__access_token"):
        monkeypatch.setenv(name, "secret")
    replaced_by("import json, os; print(json.dumps([1, False, [*os.environ, *os.environ.values()]]), flush=True)", monkeypatch)
    variables = next(sheet.rows()).cells
    assert "PATH" in variables and "secret" not in variables


def test_modules_of_the_folder_in_which_the_command_is_given_are_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, "xls", page(["x"]))
    (tmp_path / "python_calamine.py").write_text("raise SystemExit")
    monkeypatch.chdir(tmp_path)
    assert rows_of(Path(path.name)) == [(1, ("x",))]
