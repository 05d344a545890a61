"""What numbers, dates and texts are shown as in their formats, beside what Excel and LibreOffice show."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import office
from support.workbooks import styles, written

from batch_editor.sheets.number_formats import general, in_general, number_format
from batch_editor.sheets.styles import WINDOWS_EPOCH


def day(days: int) -> date:
    """The date that Excel shows for a number of days."""
    return (WINDOWS_EPOCH + timedelta(days + (0 < days < 60))).date()


def shown(code: str, number: float) -> str:
    """What is shown, or ? and what is probably shown."""
    text, is_certain = number_format(code).number(number, day)
    return text if is_certain else f"?{text}"


@pytest.mark.parametrize(
    ("code", "number", "text"),
    [
        ("00000", 430, "00430"),
        ("0000000000000000000", 159, "0000000000000000159"),
        ("0%", 0.5, "50%"),
        ("0.00%", 0.12345, "12.35%"),
        ("#,##0", 1234567, "1,234,567"),
        ("#,##0.00", -1234.5, "-1,234.50"),
        ("0.00", 2.675, "2.68"),  # 2.67499999999999982236431605997495353221893310546875
        ("0.00", 3, "3.00"),
        ('0"元"', 500, "500元"),
        ('"第"0"号"', 7, "第7号"),
        ('"¥"#,##0.00', 1200, "¥1,200.00"),
        ("[$¥-804]#,##0.00", 1200, "¥1,200.00"),
        ('_("$"* #,##0.00_)', 1200, " $1,200.00 "),
        ("0.00E+00", 12345, "1.23E+04"),
        ("##0.0E+0", 1234567, "1.2E+6"),
        ("0E-0", 0.00012, "1E-4"),
        ("000-0000-0000", 13800138000, "138-0013-8000"),
        ("(###) ###-####", 1234567890, "(123) 456-7890"),
        ("0.0,", 12345, "12.3"),
        ('0!.0,"万"', 123456, "12.3万"),
        ("#,##0_);(#,##0)", -5, "(5)"),
        ("[Red]0;[Blue]-0", -5, "-5"),
        ('0;-0;"零"', 0, "零"),
        (";;;", 5, ""),
        ("0;;", -5, ""),
        ("0;;", 0, ""),
        ('0;"负"', -5, "负"),
        ("[>=60]0;[<60]\\不\\及\\格", 59, "不及格"),
        ('[=1]"男";[=0]"女"', 0, "女"),
        ('[=1]"男";[=0]"女"', 1, "男"),
        ('General"元"', 0.5, "0.5元"),
        ("G/通用格式", 0.1 + 0.2, "0.3"),
        ("#", 0, ""),
        ("@", 5, "5"),
        ('"abc"', 5, "abc"),
        # Nobody can be certain.
        ("0.##", 5, "?5."),
        ("0.00", -0.001, "?-0.00"),
        ("[DBNum1]0", 5, "?5"),
        ("# ?/?", 0.5, "?0.5"),
        ("0*-", 5, "?5"),
        ("0;", -5, "?"),
        ("0.0%%", 1, "?1"),
        ("[>1]0", -5, "?"),
        ("0;0;0;0;0", 5, "?5"),
        ("0" * 1001, 1, "?1"),
    ],
)
def test_numbers(code: str, number: float, text: str) -> None:
    assert shown(code, number) == text


@pytest.mark.parametrize(
    ("code", "days", "text"),
    [
        ("yyyy/m/d", 46357, "2026/12/1"),
        ("yyyy-mm-dd", 46357, "2026-12-01"),
        ('yyyy"年"m"月"d"日"', 46357, "2026年12月1日"),
        ('[$-804]yyyy"年"m"月"', 46357, "2026年12月"),
        ("yyyy年m月d日", 46357, "2026年12月1日"),
        ("yy.mm.dd", 46357, "26.12.01"),
        ("yyyymmdd", 46357.9, "20261201"),
        ("[$-804]yyyy/m/d;@", 46357, "2026/12/1"),
        ("[$-409]d-mmm-yy", 46357, "1-Dec-26"),
        ("[$-409]dddd", 46357, "Tuesday"),
        ("[$-804]aaaa", 46357, "星期二"),
        ("h:mm", 0.5, "12:00"),
        ("h:mm AM/PM", 0.75, "6:00 PM"),
        ('上午/下午h"时"mm"分"', 0.75, "下午6时00分"),
        ("[h]:mm", 1.25, "30:00"),
        ("[hh]:mm:ss", 1.25, "30:00:00"),
        ("[mm]:ss", 1 / 48, "30:00"),
        ("mm:ss", 1 / 48, "30:00"),
        ("[s]", 1 / 24, "3600"),
        ("mm:ss.0", 1.5 / 86400, "00:01.5"),
        ("m/d h:mm", 46357.5, "12/1 12:00"),
        # Nobody can be certain.
        ("mmm", 46357, "?Dec"),
        ("[$-F800]dddd", 46357, "?Tuesday"),
        ("ggge", 46357, "?gg2026"),
        ("h:mm:ss", 0.6 / 86400, "?0:00:01"),
        ("yyyy/m/d", 0.5, "?"),
        ("yyyy/m/d", 59, "?1900/2/28"),
        ("[h]:mm", -0.5, "?-12:00"),
    ],
)
def test_dates_and_times(code: str, days: float, text: str) -> None:
    assert shown(code, days) == text or (text.startswith("?") and shown(code, days).startswith("?"))


@pytest.mark.parametrize(
    ("code", "text"), [("General", "a"), ("@", "a"), ("0.00", "a"), ('@"元"', "a元"), (";;;", ""), ('0;0;0;"客户:"@', "客户:a")]
)
def test_texts(code: str, text: str) -> None:
    coded = number_format(code)
    assert coded.text("a") == (text, True) and coded.shows_texts_as_they_are == (text == "a")


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.1 + 0.2, "0.3"),
        (1.0, "1"),
        (1 / 3, "0.333333333333333"),
        (1e-7, "0.0000001"),
        (1e-12, "1E-12"),
        (-2.5, "-2.5"),
        (0.0, "0"),
    ],
)
def test_of_a_number_no_more_digits_are_shown_than_fifteen(number: float, text: str) -> None:
    assert general(number) == text and in_general(number) == number


def test_a_code_says_whether_its_dates_are_whole() -> None:
    whole = [
        code for code in ("yyyy/m/d", "d-mmm-yy", "m/d", "yyyy年m月", "h:mm", "0.00") if number_format(code).has_whole_date
    ]
    assert whole == ["yyyy/m/d", "d-mmm-yy", "0.00"]


@given(st.text('0#?.,%E+-;@[]$"\\*_ /ymdhs年AMP<>=1G', max_size=20), st.floats(-1e15, 1e15))
def test_any_code_shows_something(code: str, number: float) -> None:
    coded = number_format(code)
    assert isinstance(coded.number(number, day)[0], str) and isinstance(coded.text("a")[0], str)


# --- beside LibreOffice

NUMBER_CODES = [
    *("[Black]0", "[Black]00000", "0.00", "0.0", "#,##0", "#,##0.00", "0%", "0.00%", "0.00E+00", "##0.0E+0", "0E+0", '0"元"'),
    *('"¥"#,##0.00', "[$¥-804]#,##0.00", '_("$"* #,##0.00_)', '_-* #,##0.00_-;-* #,##0.00_-;_-* "-"??_-;_-@_-'),
    *("#,##0_);(#,##0)", "#,##0.00_);[Red](#,##0.00)", "[>100]0.0;[<=100]0", '[Red][>=60]0"分";[Blue]0"不及格"'),
    *('[=1]"男";[=0]"女";General', ";;;", "0;;", '0;-0;"零"', "#", "#.##", "0.##", "?.??", "0.0??", "000-0000-0000"),
    *("(###) ###-####", "0,", '0.0,,"M"', 'General"元"', '"第"0"号"', "0;@", "@", '"abc"', "+0;-0", "0_ ", "0\\d", "00\\:00"),
    *("#,###", "0,000", "000,000.0", '0.00" km"', "[DBNum1]0", "# ?/?", "0/100", ".00", "#%", "-0", "$#,##0", "0;[Red]-0;"),
    *("General;-General", "[<1]0.00;[<100]0.0;0", '0" "00', "# ##0", "0-00", "0.0E-0", '#,##0.00;(#,##0.00);"-"', "0 ‰"),
]
NUMBERS = [
    *("0", "1", "-1", "5", "12.5", "-12.5", "0.5", "0.005", "2.675", "0.30000000000000004", "1234.5678", "-1234.5678"),
    *("13800138000", "123456789012", "0.1", "99.995", "999.96", "100", "60", "1E-7", "-0.001", "1500000", "44000", "9.9999"),
]
DATE_CODES = [
    *(
        "yyyy/m/d",
        "yyyy-mm-dd",
        'yyyy"年"m"月"d"日"',
        '[$-804]yyyy"年"m"月"',
        "m/d/yy",
        "[$-409]d-mmm-yy",
        "[$-409]mmmm d, yyyy",
    ),
    *("[$-409]dddd", "[$-804]aaaa", "h:mm", "hh:mm:ss", "h:mm AM/PM", "[h]:mm", "[hh]:mm:ss", "mm:ss", "[mm]:ss", "[s]"),
    *("mm:ss.0", "h:mm:ss.000", "yyyy-mm-dd hh:mm", "yyyy/m/d h:mm:ss", 'm"月"d"日"', "yy.mm.dd", "yyyymmdd", "d", "mmm"),
    *('hh"时"mm"分"ss"秒"', "yyyy年m月d日", "dd/mm/yyyy", '[h]"小时"m"分"', "h", "s", "m", "[$-804]yyyy/m/d;@", "[m]", "ss"),
]
DAYS = [
    "61",
    "32994",
    "32994.75",
    "0.5",
    "0.999994",
    "1.25",
    "45000.123456789",
    "1.0416666666666667",
    "46357",
    "0.00001",
    "2.5",
]


@pytest.mark.slow
@pytest.mark.parametrize(("codes", "numbers"), [(NUMBER_CODES, NUMBERS), (DATE_CODES, DAYS)], ids=["numbers", "dates"])
def test_whatever_is_certain_is_what_libreoffice_shows(codes: Sequence[str], numbers: Sequence[str], tmp_path: Path) -> None:
    cells = ["".join(f'<c s="{place}"><v>{number}</v></c>' for place in range(1, len(codes) + 1)) for number in numbers]
    rows = "".join(f"<row>{row}</row>" for row in cells)
    made = office.saved(written(tmp_path, rows, parts={"xl/styles.xml": styles(*codes)}), office.CSV)
    compared, different = 0, []
    with made.open(encoding="utf-8", newline="") as file:
        for number, texts in zip(numbers, csv.reader(file), strict=True):
            for code, expected in zip(codes, texts + [""] * (len(codes) - len(texts)), strict=True):
                text, is_certain = number_format(code).number(float(number), day)
                compared += is_certain
                if is_certain and text.strip() != expected.strip():
                    different.append((code, number, text, expected))
    assert different == [] and compared > 0.5 * len(codes) * len(numbers)
