"""What a sheet shows is what is sent: values in number formats, by the kinds of their columns."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support import jobs
from support.crm import Crm
from support.workbooks import shared, styles, written

import batch_editor
from batch_editor.model import Message
from batch_editor.settings.settings import Settings

HEADINGS = {"remark": "备注", "work_id": "工单ID", "birthday": "生日", "gender": "性别", "clue_id": "线索ID", "area": "地区"}
HEADINGS |= {"follow_user_id": "跟进人ID", "label": "标签"}


def text_cell(text: str, style: int = 0) -> str:
    return f'<c s="{style}" t="inlineStr"><is><t>{text}</t></is></c>'


def sheet(folder: Path, field: str, cell: str, code: str) -> Path:
    """A workbook with one clue: ``cell`` stands under the heading of a field, with ``{s}`` for its format ``code``."""
    heading = text_cell("线索ID") + text_cell(HEADINGS[field])
    row = text_cell("11") + cell.replace("{s}", 's="1"')
    return written(folder, f"<row>{heading}</row><row>{row}</row>", parts={"xl/styles.xml": styles(code)})


def read(folder: Path, field: str, cell: str, code: str) -> tuple[Any, list[str]]:
    """What a cell is sent as, or the key of what is wrong with it; and the keys of the notes."""
    loaded = batch_editor.load_edits(sheet(folder, field, cell, code), Settings(defaults=jobs.DEFAULTS))
    notes = [note.key for note in loaded.notes]
    if loaded.problems:
        return loaded.problems[0].message.key, notes
    if not loaded.edits:
        return None, notes
    return json.loads(loaded.edits[0].body)[field], notes


def number(value: str) -> str:
    return f"<c {{s}}><v>{value}</v></c>"


@pytest.mark.parametrize(
    ("code", "value", "sent"),
    [
        ("[Black]00000", "430", "00430"),
        ("0%", "0.5", "50%"),
        ("#,##0.00", "1234.5", "1,234.50"),
        ('0"元"', "500", "500元"),
        ('"¥"#,##0.00', "12", "¥12.00"),
        ("0.00E+00", "12345", "cell.number_too_long"),  # the same text in a CSV is refused: it has lost digits
        ("000-0000-0000", "13800138000", "138-0013-8000"),
        ("1", "199.6", "200"),
        ("1", "13800138000123", "13800138000123"),
        ("0.00", "3", "3.00"),
        ('[>=60]0"分";"不及格"', "59", "不及格"),
        ("#,##0_);(#,##0)", "5", "5"),
        ("[h]:mm", "1.25", "30:00"),
        ("mm:ss", "0.0208333333333333", "30:00"),
        ("h:mm", "0.5", "12:00"),
        ("yyyy/m/d", "46357", "2026/12/1"),
        ('yyyy"年"m"月"', "46357", "2026年12月"),
        ("yyyy-mm-dd", "46357", "2026-12-01"),
        ("10", "0.125", "12.50%"),
        ("46", "1.25", "30:00:00"),
        ("General", "0.30000000000000004", "0.3"),
        ("General", "0.1", "0.1"),
        ("49", "5", "5"),
    ],
)
def test_a_text_is_what_the_cell_shows(code: str, value: str, sent: str, tmp_path: Path) -> None:
    assert read(tmp_path, "remark", number(value), code) == (sent, [])


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("[DBNum1]0", "5"),
        ("# ?/?", "0.5"),
        ("0.##", "5"),
        ("32", "0.5"),
        ("[h]:mm", "-0.5"),
        ("5", "12"),
        ("38", "-5"),
        ("0;", "-5"),
        ('d"天"h"小时"', "1.25"),
        ("14", "32"),
        ("[DBNum1][$-804]General", "5"),
        ('@"元"', "500"),
    ],
)
def test_a_text_that_nobody_can_be_certain_of_is_refused(code: str, value: str, tmp_path: Path) -> None:
    assert read(tmp_path, "remark", number(value), code) == ("cell.shown_uncertain", [])


@pytest.mark.parametrize("code", ["14", "22", "31", "d-mmm-yy", "[$-F800]dddd"])
def test_a_date_that_each_country_shows_its_own_way_is_sent_in_iso_form_and_told(code: str, tmp_path: Path) -> None:
    assert read(tmp_path, "remark", number("46357"), code) == ("2026-12-01", ["note.dates_by_country"])


def test_a_number_that_general_shows_short_is_sent_with_all_digits_and_told(tmp_path: Path) -> None:
    for value in ("138001380001", "0.333333333333333", "0.33333333333333331"):
        sent, notes = read(tmp_path, "remark", number(value), "General")
        assert sent == value[:17] and notes == ["note.shown_short"]
    assert read(tmp_path, "remark", number("13800138000"), "General") == ("13800138000", [])


@pytest.mark.parametrize("cell", [number("5"), text_cell("秘密", 1), '<c s="1" t="str"><f>A1</f><v>秘密</v></c>'])
def test_what_a_format_hides_is_left_as_it_is_and_told(cell: str, tmp_path: Path) -> None:
    assert read(tmp_path, "remark", cell, ";;;") == (None, ["note.hidden_values"])
    assert read(tmp_path, "work_id", cell, ";;;") == ("cell.shown_otherwise", [])


@pytest.mark.parametrize("kind", ["inlineStr", "s", "str", "formula"])
def test_a_format_adds_to_a_text(kind: str, tmp_path: Path) -> None:
    cells = {
        "inlineStr": text_cell("500", 1),
        "s": '<c s="1" t="s"><v>0</v></c>',
        "str": '<c s="1" t="str"><v>500</v></c>',
        "formula": '<c s="1" t="str"><f>A1</f><v>500</v></c>',
    }
    path = sheet(tmp_path, "remark", cells[kind], '@"元"')
    written(
        tmp_path,
        f"<row>{text_cell('线索ID')}{text_cell('备注')}</row><row>{text_cell('11')}{cells[kind]}</row>",
        parts={"xl/styles.xml": styles('@"元"'), "xl/sharedStrings.xml": shared("<t>500</t>")},
    )
    loaded = batch_editor.load_edits(path, Settings(defaults=jobs.DEFAULTS))
    assert json.loads(loaded.edits[0].body)["remark"] == "500元"


@pytest.mark.parametrize(
    ("field", "code", "value", "sent"),
    [
        ("work_id", "#,##0", "1200", 1200),
        ("work_id", "[Black]00000", "430", 430),
        ("work_id", '0"号"', "7", 7),
        ("work_id", "0.00", "7", 7),
        ("work_id", "0.00E+00", "12345", 12345),
        ("work_id", "0%", "1", "cell.shown_otherwise"),
        ("work_id", "0,", "5000", "cell.shown_otherwise"),
        ("work_id", "1", "199.6", "cell.shown_otherwise"),
        ("work_id", ";;;", "5", "cell.shown_otherwise"),
        ("work_id", "0;0", "-5", "cell.shown_otherwise"),
        ("birthday", "yyyy/m/d", "32994", 641491200),
        ("birthday", ";;;", "32994", "cell.shown_otherwise"),
        ("gender", '[=1]"男";[=0]"女"', "1", "0"),
        ("gender", "0", "1", "1"),
        ("follow_user_id", '"wo-employee-number-"[Black]00000', "430", "wo-employee-number-00430"),
        ("label", '"a-tag-of-the-tests-"0', "5", "a-tag-of-the-tests-5"),
    ],
)
def test_numbers_and_dates_are_exact_and_what_is_shown(field: str, code: str, value: str, sent: Any, tmp_path: Path) -> None:
    assert read(tmp_path, field, number(value), code) == (sent, [])


def test_an_exact_id_may_be_shown_short(tmp_path: Path) -> None:
    for code in ("General", "0", "0.00E+00"):
        heading, row = text_cell("线索ID") + text_cell("备注"), '<c s="1"><v>1591005521987920962</v></c>' + text_cell("a")
        path = written(tmp_path, f"<row>{heading}</row><row>{row}</row>", parts={"xl/styles.xml": styles(code)})
        (edit,) = batch_editor.load_edits(path, Settings(defaults=jobs.DEFAULTS)).edits
        assert edit.clue_id == 1591005521987920962


def test_a_date_that_is_shown_in_part_is_sent_whole_and_told(tmp_path: Path) -> None:
    for code in ('yyyy"年"m"月"', 'm"月"d"日"', "mmm-yy"):
        assert read(tmp_path, "birthday", number("32994"), code) == (641491200, ["note.parts_of_dates"])


def test_equal_dates_in_two_formats_are_each_what_they_show(tmp_path: Path) -> None:
    rows = "".join(f'<row>{text_cell("11")}<c s="{style}"><v>46357</v></c></row>' for style in (1, 2, 3, 1))
    heading = f"<row>{text_cell('线索ID')}{text_cell('备注')}</row>"
    path = written(tmp_path, heading + rows, parts={"xl/styles.xml": styles("yyyy-mm-dd", "yyyy/m/d", "m/d")})
    loaded = batch_editor.load_edits(path, Settings(defaults=jobs.DEFAULTS))
    remarks = [json.loads(edit.body)["remark"] for edit in loaded.edits]
    assert remarks == ["2026-12-01", "2026/12/1", "12/1", "2026-12-01"]


def test_the_results_hold_what_was_sent_as_a_text_and_the_value_of_the_others(tmp_path: Path) -> None:
    heading = "".join(map(text_cell, ["线索ID", "备注", "工单ID", "生日"]))
    row = text_cell("11") + '<c s="1"><v>0.5</v></c><c s="2"><v>1200</v></c><c s="3"><v>32994</v></c>'
    path = written(
        tmp_path, f"<row>{heading}</row><row>{row}</row>", parts={"xl/styles.xml": styles("0%", "#,##0", "yyyy/m/d")}
    )
    with Crm() as crm:
        report = batch_editor.run(path, jobs.settings(tmp_path, crm.url))
    (result,) = jobs.results(report.results)
    assert (result["备注"], result["工单ID"], result["生日"]) == ("50%", "1200", "1990-05-01")


def test_a_refusal_names_what_is_shown_and_what_is_held(tmp_path: Path) -> None:
    path = sheet(tmp_path, "work_id", number("1"), "0%")
    (problem,) = batch_editor.load_edits(path, Settings(defaults=jobs.DEFAULTS)).problems
    assert problem.message == Message("cell.shown_otherwise", {"value": "1", "shown": "100%"})


def test_an_example_of_a_note_is_what_the_cell_shows(tmp_path: Path) -> None:
    """An amount of nothing in the format Accounting shows a dash."""
    path = sheet(tmp_path, "remark", number("0"), '_ * #,##0.00_ ;_ * \\-#,##0.00_ ;_ * "-"??_ ;_ @_ ')
    (note,) = batch_editor.load_edits(path, Settings(defaults=jobs.DEFAULTS)).notes
    assert note == Message("note.blank_words", {"cells": 1, "examples": "-"})
