"""Workbooks that Excel opens, put together as some programs do it, and cells as some write them."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from datetime import datetime, time
from pathlib import Path

import pytest
from files import make
from support.workbooks import cells_of, refusal, rows_in, rows_of, shared, styles, written

from batch_editor.cell_values import Cell, FormattedDatetime, FormattedInt
from batch_editor.sheets import read_file
from batch_editor.sheets.markup import LONGEST_TEXT
from batch_editor.sheets.styles import Formats, moments

TYPES, BOOK, RELATIONS = "[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
ROW = "<row><c><v>1</v></c></row>"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "utf-8"])
@pytest.mark.parametrize("part", [TYPES, BOOK, RELATIONS, "_rels/.rels", "xl/styles.xml", "xl/worksheets/sheet1.xml"])
def test_any_part_may_be_written_in_any_unicode(part: str, encoding: str, tmp_path: Path) -> None:
    text = make.parts_of(make.sheet(ROW))[part].removeprefix(make.HEAD)
    mark = "\ufeff" if encoding in ("utf-16-le", "utf-16-be") else ""
    assert cells_of(written(tmp_path, ROW, parts={part: (mark + text).encode(encoding)})) == (1,)


@pytest.mark.parametrize("spelling", [str.lower, str.upper, lambda name: name.replace("/", "\\"), lambda name: "/" + name])
def test_the_names_of_parts_have_no_case_and_any_slashes(spelling: Callable[[str], str], tmp_path: Path) -> None:
    path = tmp_path / "made.xlsx"
    make.pack(path, {spelling(part): content for part, content in make.parts_of(make.sheet(ROW)).items()})
    assert cells_of(path) == (1,)


def test_relations_may_be_absolute_and_in_any_case(tmp_path: Path) -> None:
    given = make.parts_of(make.sheet(ROW))[RELATIONS]
    changed = given.replace("worksheets/sheet1.xml", "/XL/Worksheets/SHEET1.xml").replace(
        "relationships/worksheet", "relationships/Worksheet"
    )
    assert changed != given and cells_of(written(tmp_path, ROW, parts={RELATIONS: changed})) == (1,)


@pytest.mark.parametrize("state", ["visible", "hidden", "veryHidden"])
@pytest.mark.parametrize("reference", ['r:id=""', "", 'r:id=" "'])
def test_a_sheet_without_a_part_is_left_out(state: str, reference: str, tmp_path: Path) -> None:
    book = make.parts_of(make.sheet(ROW))[BOOK]
    for place in ("<sheets>", "</sheets>"):
        entry = f'<sheet name="Module1" sheetId="9" state="{state}" {reference}/>'
        changed = book.replace(place, entry + place if place.startswith("</") else place + entry)
        (sheet,) = read_file(written(tmp_path, ROW, parts={BOOK: changed}))
        assert (sheet.name, rows_in(sheet)) == ("Sheet1", [(1, (1,))])


def test_a_sheet_whose_part_is_lost_is_damage(tmp_path: Path) -> None:
    book = make.parts_of(make.sheet(ROW))[BOOK].replace("</sheets>", '<sheet name="b" sheetId="9" r:id="rId99"/></sheets>')
    assert refusal(written(tmp_path, ROW, parts={BOOK: book})).message.key == "xlsx.damaged"


@pytest.mark.parametrize("second", ["xl/worksheets/sheet1.xml", "XL/worksheets/SHEET1.XML", "xl\\worksheets\\sheet1.xml"])
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_parts_of_one_name_are_refused(second: str, tmp_path: Path) -> None:
    path = written(tmp_path, ROW)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(second, make.sheet(""))
    assert refusal(path).message.key == "xlsx.damaged"


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ('<c t="inlineStr"><v>1</v><is><t>周五</t></is></c>', "周五"),
        ('<c t="inlineStr"><v/><is><t>周五</t></is></c>', "周五"),
        ('<c t="inlineStr"><f>A1</f><v>1</v><is><r><t>周</t></r><r><t>五</t></r></is></c>', "周五"),
        ('<c t="inlineStr"><v>周五</v></c>', "周五"),
        ('<c t="inlineStr"><v>周五</v><is/></c>', "周五"),
        ('<c t="inlineStr"><is><t>周五</t></is></c>', "周五"),
        ('<c t="inlineStr"><is><t>周</t><rPh sb="0" eb="1"><t>zhou</t></rPh><phoneticPr fontId="1"/></is></c>', "周"),
    ],
)
def test_an_inline_text_is_what_is_shown(cell: str, value: Cell, tmp_path: Path) -> None:
    (row,) = rows_of(written(tmp_path, f"<row>{cell}<c><v>2</v></c></row>"))
    assert row.cells == (value, 2)


def test_two_values_of_one_cell_are_damage(tmp_path: Path) -> None:
    cell = '<c t="inlineStr"><v>1</v><v>2</v></c>'
    assert refusal(written(tmp_path, f"<row>{cell}</row>")).message.key == "xlsx.damaged"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1895-05-01", datetime(1895, 5, 1)),
        ("0199-01-01T06:00:00", datetime(199, 1, 1, 6)),
        ("1899-12-29", datetime(1899, 12, 29)),
        ("1899-12-30T06:00:00", time(6)),
        ("1899-12-31T06:00:00", time(6)),
        ("1900-01-01", datetime(1900, 1, 1)),
        ("1990-05-01T06:00:00+08:00", datetime.fromisoformat("1990-05-01T06:00:00+08:00")),
        ("1990-05-01T06:00:00.5-0500", datetime.fromisoformat("1990-05-01T06:00:00.5-05:00")),
    ],
)
def test_a_day_may_be_before_1900_and_a_time_have_an_offset(text: str, value: Cell, tmp_path: Path) -> None:
    for between in ("", " "):
        assert cells_of(written(tmp_path, f'<row><c t="d">{between}<v>{text}</v></c></row>')) == (value,)


def test_a_day_in_iso_form_is_shown_in_its_format(tmp_path: Path) -> None:
    row = '<row><c t="d" s="1"><v>2026-12-01</v></c><c t="d" s="2"><v>PT30H</v></c><c t="d" s="3"><v>T06:30:00</v></c></row>'
    cells = cells_of(written(tmp_path, row, parts={"xl/styles.xml": styles("yyyy/m/d", "[h]:mm", "h:mm")}))
    assert [cell.shown() for cell in cells] == [("2026/12/1", True), ("30:00", True), ("6:30", True)]  # type: ignore[union-attr]
    assert isinstance(cells[0], FormattedDatetime) and cells[0] == datetime(2026, 12, 1)


@pytest.mark.parametrize("between", ["", " "])
def test_what_a_number_in_a_format_beyond_the_last_is_shown_as_is_not_certain(between: str, tmp_path: Path) -> None:
    (number, text) = cells_of(
        written(
            tmp_path,
            f'<row><c s="99">{between}<v>5</v></c><c s="99" t="s"><v>0</v></c></row>',
            parts={"xl/sharedStrings.xml": shared("<t>a</t>")},
        )
    )
    assert isinstance(number, FormattedInt) and number == 5 and not number.shown()[1] and text == "a"


@pytest.mark.parametrize("opening", ["<t>", '<t xml:lang="zh">'])
def test_a_shared_text_of_more_than_a_cell_holds_is_refused_however_it_is_written(opening: str, tmp_path: Path) -> None:
    row = '<row><c t="s"><v>0</v></c></row>'
    for length, key in ((LONGEST_TEXT, ""), (LONGEST_TEXT + 1, "xlsx.too_large")):
        texts = shared(*["<t>a</t>"] * 3, f"{opening}{'a' * length}</t>")
        path = written(tmp_path, row, parts={"xl/sharedStrings.xml": texts})
        if key:
            assert refusal(path).message.key == key
        else:
            assert cells_of(path) == ("a",)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a_x000D_b", "a\rb"),
        ("_x005F_x000D_", "_x000D_"),
        ("_x4E2D__x6587_", "中文"),
        ("_xD83D__xDE00_", "😀"),
        ("_xD83D_", "_xD83D_"),
        ("_x4e2d_ x_y _x12_", "中 x_y _x12_"),
    ],
)
def test_an_escaped_character_is_shown_as_that_character(text: str, value: str, tmp_path: Path) -> None:
    row = f'<row><c t="s"><v>0</v></c><c t="str"><v>{text}</v></c><c t="inlineStr"><is><t>{text}</t></is></c></row>'
    path = written(tmp_path, row, parts={"xl/sharedStrings.xml": shared(f"<t>{text}</t>")})
    assert cells_of(path) == (value, value, value)


def test_a_sign_against_excel_is_in_the_text_only_where_it_is_shown(tmp_path: Path) -> None:
    """``quotePrefix`` is how Excel keeps a text a text; the sign itself is not in the file then."""
    quoted = (
        styles("General")
        .replace('<xf numFmtId="201"/>', '<xf numFmtId="0" quotePrefix="1"/>')
        .replace("<xf/><xf ", '<xf/><xf quotePrefix="1" ')
    )
    row = '<row><c s="1" t="inlineStr"><is><t>001</t></is></c><c s="1"><v>5</v></c></row>'
    assert cells_of(written(tmp_path, row, parts={"xl/styles.xml": quoted})) == ("001", 5)


def test_no_number_is_kept_ready_by_a_text_of_any_length() -> None:
    formats = Formats(moments([0, 14, 2], {}, from_1904=False))
    for kind in (formats["1"], formats["2"]):
        assert kind is not None and kind["0" * 4000 + "5"] == kind["5"] and len(kind) == 1
