"""Which numbers of a workbook are dates and times, and how exactly a number is read."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from pathlib import Path

import pytest
from files import make
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, from_excel
from support.workbooks import cells_of, refusal, styles, written

from batch_editor.cell_values import Cell, CellError, FormattedInt
from batch_editor.sheets import styles as reader

DAY, CLOCK = "32994.75", datetime(1990, 5, 1, 18)


def cells(folder: Path, codes: list[str], value: str) -> tuple[Cell, ...]:
    """The same number in each format."""
    row = "".join(f'<c s="{place}"><v>{value}</v></c>' for place in range(1, len(codes) + 1))
    return cells_of(written(folder, f"<row>{row}</row>", parts={"xl/styles.xml": styles(*codes)}))


DATES = [
    "yyyy/m/d",
    "YYYY-MM-DD",
    "mm-dd-yy",
    'yyyy"年"m"月"d"日"',
    "yyyy年m月d日",
    "[$-804]yyyy/m/d;@",
    "[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy",
    '[DBNum1][$-804]m"月"d"日"',
    "[$-404]e/m/d",
    'e"年"',
    "[$-804]aaaa;@",
    "[$-411]ggge",
    "[Red]yyyy",
    "[Color10][>1]d",
    "h:mm AM/PM",
    '上午/下午h"时"mm"分"',
    "mm:ss.0;@",
    '[=0]"";yyyy/m/d',
    "yyyy\\-mm\\-dd\\ hh:mm:ss",
    "_-* d",
    '"d"d',
]
DURATIONS = ["[h]:mm", "[hh]:mm:ss", "[mm]:ss", "[s]", "[H]:MM", "[Red][h]"]
NUMBERS = [
    "General",
    "GENERAL",
    "G/通用格式",
    "0.00E+00",
    "##0.0e-0",
    "0",
    "@",
    "#,##0.00_);[Red](#,##0.00)",
    '0" days"',
    '"Month: "0',
    "0\\d",
    "0_d",
    "0*d",
    "[$dmy-409]0",
    "[Yellow]0",
    '"unclosed day',
    "# ?/?",
    "0;yyyy",
    ";;;@",
    "",
    '[DBNum2][$-804]General"元"',
    '0!.0,"万"',
]


@pytest.mark.parametrize("code", DATES)
def test_a_number_in_a_format_of_dates_is_a_date(code: str, tmp_path: Path) -> None:
    assert cells(tmp_path, [code], DAY) == (CLOCK,)


@pytest.mark.parametrize("code", DURATIONS)
def test_hours_that_go_on_counting_are_a_duration(code: str, tmp_path: Path) -> None:
    assert cells(tmp_path, [code], "1.5") == (timedelta(days=1, hours=12),)


@pytest.mark.parametrize("code", NUMBERS)
def test_a_number_in_any_other_format_is_a_number(code: str, tmp_path: Path) -> None:
    assert cells(tmp_path, [code], DAY) == (32994.75,)


def test_the_formats_that_need_no_code_are_known_those_of_east_asia_too(tmp_path: Path) -> None:
    """openpyxl takes 27 to 36 and 50 to 58, what Excel in Chinese gives a date, for numbers."""
    dates = {*range(14, 23), *range(27, 37), 45, 47, *range(50, 59)}
    found = cells(tmp_path, [str(number) for number in range(60)], DAY)
    assert {number for number, cell in enumerate(found) if cell == CLOCK} == dates
    assert {number for number, cell in enumerate(found) if cell == 32994.75} == {*range(60)} - dates - {46}
    assert found[46] == timedelta(days=32994, hours=18)


def test_a_code_of_a_workbook_replaces_the_one_known_by_its_number(tmp_path: Path) -> None:
    redefined = styles("14", "27").replace("<numFmts>", '<numFmts><numFmt numFmtId="14" formatCode="0"/>')
    row = '<row><c s="1"><v>60000</v></c><c s="2"><v>32994</v></c></row>'
    assert cells_of(written(tmp_path, row, parts={"xl/styles.xml": redefined})) == (60000, datetime(1990, 5, 1))


def test_cells_without_a_format_have_the_first_and_a_format_without_a_code_is_none(tmp_path: Path) -> None:
    first = styles("14").replace("<cellXfs><xf/>", '<cellXfs><xf numFmtId="14"/><xf applyNumberFormat="1"/>')
    row = '<row><c><v>32994</v></c><c s="1"><v>32994</v></c><c s="02"><v>32994</v></c></row>'
    day = datetime(1990, 5, 1)
    assert cells_of(written(tmp_path, row, parts={"xl/styles.xml": first})) == (day, 32994, day)


def test_a_workbook_without_styles_has_numbers_and_one_with_styles_no_others(tmp_path: Path) -> None:
    row = '<row><c s="7"><v>32994</v></c></row>'
    assert cells_of(written(tmp_path, row, parts={"xl/styles.xml": styles().replace("<xf/>", "")})) == (32994,)
    relations = "xl/_rels/workbook.xml.rels"
    nowhere = make.parts_of("")[relations].replace("styles.xml", "nowhere.xml")
    assert cells_of(written(tmp_path, row, parts={relations: nowhere})) == (32994,)
    (unknown,) = cells_of(written(tmp_path, row, parts={"xl/styles.xml": styles()}))  # a format beyond the last
    assert unknown == 32994 and isinstance(unknown, FormattedInt) and unknown.shown() == ("32994", False)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1591005521987921928", 1591005521987921928),
        ("1591005521987921930000", 1591005521987921930000),
        ("-5", -5),
        ("+5", 5),
        ("007", 7),
        (" 7\n", 7),
        ("1.591005521987921E+18", 1.591005521987921e18),
        ("1.0", 1.0),
        ("1E3", 1000.0),
        ("-.5e-1", -0.05),
        ("5.", 5.0),
        ("0", 0),
    ],
)
def test_a_number_is_an_int_if_all_its_digits_are_in_the_file(text: str, value: float, tmp_path: Path) -> None:
    for between in ("", " "):  # the fast way, and the other
        (found,) = cells_of(written(tmp_path, f"<row><c>{between}<v>{text}</v></c></row><row/>"))
        assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    "text", ["two", "1_000", "1,5", "１２", "²", "0x10", "nan", "inf", "1e999", "--1", "1 2", ".", "e5", "1e", "7" * 5000]
)
def test_what_is_no_number_is_no_number(text: str, tmp_path: Path) -> None:
    assert refusal(written(tmp_path, f"<row><c><v>{text}</v></c></row><row/>")).message.key == "xlsx.damaged"
    assert refusal(written(tmp_path, f'<row><c s="1"> <v>{text}</v></c></row>')).message.key == "xlsx.damaged"


SERIALS = st.integers(0, 2_958_465) | st.floats(0, 2_958_465.9)


@given(SERIALS, st.booleans())
def test_a_date_is_the_one_that_openpyxl_makes_of_it(serial: float, from_1904: bool) -> None:
    epoch = MAC_EPOCH if from_1904 else WINDOWS_EPOCH
    found = reader.Moments(epoch, durations=False)[repr(serial)]
    if isinstance(found, CellError):
        assert int(serial) == 60 or (from_1904 and serial > 2_957_003)
    else:
        assert found == from_excel(serial, epoch)
    assert reader.Moments(epoch, durations=True)[repr(serial)] == from_excel(serial, epoch, timedelta=True)


def test_a_number_that_is_no_day_is_an_error_as_excel_shows_it_and_not_a_day_nearby() -> None:
    """openpyxl counts on below zero, and takes the 29th of February 1900 for the 28th."""
    none = CellError("#VALUE!")
    days = reader.Moments(WINDOWS_EPOCH, durations=False)
    assert [days[text] for text in ("-1", "-0.5", "60", "60.5", "2958466", "1591005521987921928", "1e300")] == [none] * 7
    assert [days[text] for text in ("0", "1", "59", "61")] == [
        time(0),
        datetime(1900, 1, 1),
        datetime(1900, 2, 28),
        datetime(1900, 3, 1),
    ]
    assert reader.Moments(MAC_EPOCH, durations=False)["60"] == datetime(1904, 3, 1)
    assert reader.Moments(WINDOWS_EPOCH, durations=True)["-0.5"] == timedelta(hours=-12)
    assert reader.Moments(WINDOWS_EPOCH, durations=True)["1e300"] == none


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1990-05-01", datetime(1990, 5, 1)),
        ("1990-05-01T00:00:00Z", datetime(1990, 5, 1)),
        ("1990-05-01T06:30", datetime(1990, 5, 1, 6, 30)),
        ("T06:30:00", time(6, 30)),
        ("06:30:00.5", time(6, 30, 0, 500_000)),
        ("1899-12-30T06:30:00", time(6, 30)),
        ("PT36H", timedelta(hours=36)),
    ],
)
def test_a_date_that_is_written_as_a_text(text: str, value: Cell) -> None:
    assert reader.from_iso(text) == value


@pytest.mark.parametrize("text", ["1990-13-01", "1990-05", "19900501", "1990-05-01+08:00", "PT", "x", "T", "1990-5-1"])
def test_what_is_no_date_is_no_date(text: str) -> None:
    with pytest.raises(ValueError):
        reader.from_iso(text)
