"""What a workbook turns into: every cell with its type, or a refusal, and nothing lost without a word."""

from __future__ import annotations

import io
import tempfile
import zipfile
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest
from files import make
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet
from support.workbooks import SHEETS, kind_of, refusal, rows_in

from batch_editor.cell_values import Cell, CellError, Uncomputed
from batch_editor.errors import SheetError
from batch_editor.messages import say
from batch_editor.sheets import read_file, workbook

HEADING = (1, ("clue_id", "remark"))
PLAIN = [HEADING, (2, ("1591005521987921928", "x"))]


def rows_of(name: str) -> list[tuple[int, tuple[Cell, ...]]]:
    (sheet,) = read_file(SHEETS / name)
    return rows_in(sheet)


@pytest.mark.parametrize(
    "name",
    [
        "xlsx_called_csv.csv",
        "xlsm_macros.xlsm",
        "xlsx_wrong_dimension.xlsx",
        "xlsx_extensions.xlsx",
        "xlsx_no_styles.xlsx",
        "xlsx_strict.xlsx",
        "xlsx_alternatives.xlsx",
        "xlsx_utf16.xlsx",
    ],
)
def test_every_row_of_an_unusual_workbook_is_read(name: str) -> None:
    assert rows_of(name) == PLAIN


def test_sheets_are_in_order_and_hidden_ones_are_marked() -> None:
    sheets = read_file(SHEETS / "xlsx_hidden_first_sheet.xlsx")
    assert [(sheet.name, sheet.visible) for sheet in sheets] == [("列表", False), ("Edits", True), ("Codes", False)]
    assert [rows_in(sheet) for sheet in sheets] == [[], PLAIN, []]


def test_a_chart_sheet_is_no_sheet() -> None:
    (sheet,) = read_file(SHEETS / "xlsx_chart_sheet.xlsx")
    assert (sheet.name, rows_in(sheet)) == ("Edits", PLAIN)


def test_a_formula_without_a_value_is_no_blank() -> None:
    none = Uncomputed()
    assert rows_of("xlsx_formula_without_value.xlsx") == [
        HEADING,
        (2, (1, none)),
        (4, (none, None, 7, none)),
        (5, (none,)),
        (6, (none,)),
    ]
    assert rows_of("xlsx_prefixed_xml.xlsx") == [HEADING, (2, (none,))]


def test_a_formula_with_a_value_is_that_value_and_an_empty_text_is_a_blank() -> None:
    assert rows_of("xlsx_formula_with_value.xlsx") == [
        HEADING,
        (2, (1591005521987921928, "ab", None, True, CellError("#N/A"), datetime(1990, 5, 1))),
    ]


def test_dates_and_times_are_no_texts() -> None:
    assert rows_of("xlsx_dates.xlsx") == [
        (
            1,
            (
                datetime(1990, 5, 1),
                datetime(1990, 5, 1, 12),
                time(6),
                timedelta(days=1, hours=12),
                datetime(1990, 5, 1),
                CellError("#VALUE!"),  # beyond all dates: Excel shows ########
            ),
        )
    ]
    assert type(rows_of("xlsx_dates.xlsx")[0][1][4]) is datetime  # as any other date


def test_a_workbook_that_counts_its_days_from_1904_shows_the_same_days() -> None:
    assert rows_of("xlsx_dates_1904.xlsx") == [(1, (datetime(1990, 5, 1),))]


def test_rich_text_is_its_plain_text_and_an_escaped_line_break_is_one() -> None:
    assert rows_of("xlsx_rich_text.xlsx") == [(1, ("bold plain", "one\r\ntwo _x4E2D_"))]


def test_row_numbers_are_those_of_excel_where_rows_are_missing() -> None:
    heading, ninth, (number, far) = rows_of("xlsx_sparse.xlsx")
    assert (heading, ninth) == (HEADING, (9, (None, None, "nine")))
    assert (number, len(far), far[-1], set(far[:-1])) == (1_048_576, 16_384, "far", {None})


def test_rows_and_cells_without_an_address_are_counted() -> None:
    assert rows_of("xlsx_no_addresses.xlsx") == [(1, (1, 2)), (3, (None, 3)), (7, (None, 4, 5))]


@pytest.mark.parametrize(
    "name",
    [
        "xlsx_rows_out_of_order.xlsx",
        "xlsx_cells_out_of_order.xlsx",
        "xlsx_row_beyond_last.xlsx",
        "xlsx_shared_strings_missing.xlsx",
        "xlsx_sheet_missing.xlsx",
        "xlsx_broken_xml.xlsx",
        "xlsx_text_as_number.xlsx",
        "xlsx_truncated.xlsx",
        "xlsx_laughs.xlsx",
        "xlsx_laughs_in_shared_strings.xlsx",
        "xlsx_entity_of_a_file.xlsx",
    ],
)
def test_a_damaged_workbook_is_refused(name: str) -> None:
    message = refusal(SHEETS / name).message
    assert say(message, "en") == (
        f"The workbook {SHEETS / name} is damaged, or was written in a way that cannot be read. "
        "Open it in Excel or WPS and save it again as .xlsx."
    )
    assert say(message, "zh") == (
        f"工作簿 {SHEETS / name} 已损坏，或其写法无法读取。请用 Excel 或 WPS 打开，重新另存为 .xlsx。"
    )


def test_a_workbook_of_charts_alone_is_not_taken_for_an_empty_one(tmp_path: Path) -> None:
    parts = make.parts_of(make.sheet(""))
    relations = "xl/_rels/workbook.xml.rels"
    path = tmp_path / "charts.xlsx"
    make.pack(path, parts | {relations: parts[relations].replace("/worksheet", "/chartsheet")})
    message = refusal(path).message
    assert say(message, "en") == (
        f"The workbook {path} has no worksheet, only sheets of other kinds such as charts. Open it in Excel or WPS, put the "
        "rows on a worksheet and save it again as .xlsx."
    )
    assert say(message, "zh") == (
        f"工作簿 {path} 中没有工作表，只有图表等其他类型的表。请用 Excel 或 WPS 打开，把数据放到工作表中，重新另存为 .xlsx。"
    )


def test_a_small_file_that_unpacks_to_very_much_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    path.write_bytes((SHEETS / "xlsx_called_csv.csv").read_bytes())
    with (
        zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED, compresslevel=9) as archive,
        archive.open("xl/media.xml", "w") as part,
    ):
        for _ in range(101):
            part.write(b" " * (1 << 20))
    assert path.stat().st_size < 200_000
    message = refusal(path).message
    assert say(message, "en") == (
        f"The workbook {path} would unpack to far more than a sheet holds. If it is yours, copy its rows to a new "
        "workbook, or save them as CSV."
    )


def test_a_workbook_that_unpacks_to_too_much_in_all_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    path = SHEETS / "xlsx_called_csv.csv"
    with zipfile.ZipFile(path) as archive:
        size = sum(part.file_size for part in archive.infolist())
    monkeypatch.setattr(workbook, "_UNPACKED", size)
    assert rows_of(path.name) == PLAIN
    monkeypatch.setattr(workbook, "_UNPACKED", size - 1)
    assert refusal(path).message.key == "xlsx.too_large"


@pytest.mark.parametrize("name", ["xlsx_sparse.xlsx", "xlsx_broken_xml.xlsx"])
def test_the_file_is_closed_when_its_rows_are_abandoned(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    files = []
    plain = Path.open

    def recorded(*arguments: object, **named: object) -> object:
        files.append(plain(*arguments, **named))  # type: ignore[call-overload]
        return files[-1]

    monkeypatch.setattr(Path, "open", recorded)
    (sheet,) = read_file(SHEETS / name)
    assert files and all(file.closed for file in files)
    rows = sheet.rows()
    if name == "xlsx_broken_xml.xlsx":
        with pytest.raises(SheetError):
            list(rows)
    else:
        next(rows)
        assert not files[-1].closed
        rows.close()  # type: ignore[attr-defined]
    assert all(file.closed for file in files)


CHARACTERS = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="_\ufffe\uffff")
VALUES = (
    st.none()
    | st.text(CHARACTERS, max_size=9)
    | st.sampled_from([" x ", "=1+1", "#N/A", "001234", "one\ntwo", "1e5", "TRUE"])
    | st.integers(-(10**15), 10**15)
    | st.integers(-(10**9), 10**9).map(lambda number: number + 0.25)
    | st.booleans()
    | st.datetimes(datetime(1901, 1, 1), datetime(2100, 1, 1)).map(lambda day: day.replace(microsecond=0))
    | st.just(Uncomputed())
)


@given(st.lists(st.lists(VALUES, max_size=6), max_size=12))
@settings(deadline=None)
def test_any_table_written_by_openpyxl_comes_back_with_its_types(table: list[list[Cell]]) -> None:
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    for number, line in enumerate(table, 1):
        for column, value in enumerate(line, 1):
            cell = sheet.cell(number, column)
            cell.value = "=A1" if isinstance(value, Uncomputed) else value  # type: ignore[assignment]
            if isinstance(value, str):
                cell.data_type = "s"  # not a formula, whatever its first character
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.xlsx"
        book.save(path)
        (read,) = read_file(path)
        rows = rows_in(read)

    expected = []
    for number, line in enumerate(table, 1):
        cells = [None if value == "" else value for value in line]
        while cells and cells[-1] is None:
            cells.pop()
        if any(not isinstance(value, str) or value.strip() for value in cells if value is not None):
            expected.append((number, tuple(cells)))
    assert rows == expected
    assert [list(map(kind_of, cells)) for _, cells in rows] == [list(map(type, cells)) for _, cells in expected]


def parts_of(name: str) -> dict[str, bytes]:
    with zipfile.ZipFile(SHEETS / name) as archive:
        return {part: archive.read(part) for part in archive.namelist()}


BROKEN = [parts_of(name) for name in ("xlsx_formula_with_value.xlsx", "xlsx_rich_text.xlsx", "xlsx_chart_sheet.xlsx")]


@given(parts=st.sampled_from(BROKEN), data=st.data())
@settings(deadline=None)
def test_a_workbook_with_any_damage_ends_in_rows_or_in_a_refusal(parts: dict[str, bytes], data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(parts)))
    start = data.draw(st.integers(0, len(parts[name])))
    end = data.draw(st.integers(start, min(len(parts[name]), start + 30)))
    filling = data.draw(st.sampled_from([b"", b"x", b"-1", b"\xff", b'"', b"<", b"/>", b' t="s"', b"1e999", b"<f/>"]))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for part, content in parts.items():
            archive.writestr(part, content[:start] + filling + content[end:] if part == name else content)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "damaged.xlsx"
        path.write_bytes(packed.getvalue())
        try:
            for sheet in read_file(path):
                rows_in(sheet)
        except SheetError as error:
            assert say(error.message, "en") and say(error.message, "zh")
