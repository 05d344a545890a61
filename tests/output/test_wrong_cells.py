"""A wrong cell is red, with its reason as a note: in results and in the sheet of a check, and for what is wrong now alone."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.cell import Cell
from support import jobs, office
from support.crm import CONFIRMED, Crm, envelope, scripted
from support.jobs import CHINESE

import batch_editor
from batch_editor.messages import Lang
from batch_editor.model import Message, Problem, RowState, Status
from batch_editor.output import results, rows_page
from batch_editor.output.result_rows import ReadSheet, table
from batch_editor.output.rows_page import COLOURS
from batch_editor.sandbox import Sandbox
from batch_editor.settings.row_rules import RowRules
from batch_editor.settings.sections import CustomField

RED = {status: fill[1:] for status, (fill, _) in COLOURS.items()}
CLUE = 1591005521987920962


def wrong(path: Path | None) -> dict[str, str]:
    """The notes of the red cells below the headings, by their addresses; a status has a colour of its own in any case."""
    sheet = openpyxl.load_workbook(path or "").worksheets[0]
    headings = [CHINESE.get(str(cell.value), cell.value) for cell in sheet[1]]
    status = headings.index("result_status")
    cells: list[Cell] = [cell for row in sheet.iter_rows(min_row=2) for cell in row]
    reds = {cell.coordinate for cell in cells if cell.fill.fill_type and cell.column != status + 1}
    noted = {cell.coordinate: cell.comment.text for cell in cells if cell.comment}
    assert reds <= noted.keys() and {cell.comment.author for cell in cells if cell.comment} <= {
        "None"
    }  # what openpyxl makes of nobody
    for cell in cells:
        if cell.coordinate in reds:
            assert cell.fill.fgColor.rgb[2:] == RED[sheet.cell(cell.row, status + 1).value]
    return noted


def checked(folder: Path, text: str, lang: Lang = "en", **over: Any) -> Path:
    edits = jobs.text_file(folder / "edits.csv", text)
    report = batch_editor.check(edits, jobs.settings(folder, lang=lang, **over), output=folder / "checked.xlsx")
    assert report.results is not None
    return report.results


# --- invalid rows


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_each_problem_of_a_row_makes_its_cell_red(tmp_path: Path, lang: Lang) -> None:
    path = checked(tmp_path, f"线索ID,性别,生日,描述\n{CLUE},先生,昨天,x\n{CLUE + 1},男,,y\n", lang)
    found = wrong(path)
    assert found.keys() == {"B2", "C2"}
    assert found["B2"].startswith("性别 must be 男 or 女" if lang == "en" else "性别应为") and "先生" in found["B2"]
    assert "昨天" in found["C2"]


def test_a_required_value_that_is_missing_makes_its_empty_cell_red_and_without_a_column_the_status(tmp_path: Path) -> None:
    given = jobs.settings(tmp_path).model_copy(update={"defaults": {"user_id": "wo-operator-of-the-tests", "clue_pool_id": 1}})
    edits = jobs.text_file(tmp_path / "edits.csv", f"线索ID,线索名称,描述\n{CLUE},,x\n")
    found = wrong(batch_editor.check(edits, given, output=tmp_path / "checked.xlsx").results)
    assert found.keys() == {"B2", "D2"}
    assert found["B2"].startswith("线索名称 (clue_name) is required and missing")
    assert found["D2"].startswith("跟进人ID (follow_user_id) is required and missing")


def test_the_column_is_that_of_the_results_where_columns_were_dropped(tmp_path: Path) -> None:
    assert wrong(checked(tmp_path, f"线索ID,result_code,性别\n{CLUE},7,先生\n")).keys() == {"B2"}


def test_a_row_that_is_too_long_is_red_where_it_is(tmp_path: Path) -> None:
    edits = jobs.text_file(tmp_path / "a.csv", f"线索ID,备注\n{CLUE},a,b,c\n{CLUE + 1},x\n")
    with Crm() as crm:
        report = batch_editor.run(edits, jobs.settings(tmp_path, crm.url))
    assert wrong(report.results).keys() == {"C2"}


# --- conflicts


def test_a_cell_that_names_somebody_else_is_told_with_both_values(tmp_path: Path) -> None:
    with Sandbox([{"clue_id": CLUE, "clue_name": "李娟"}], access_token=jobs.TOKEN) as crm:
        edits = jobs.text_file(tmp_path / "a.csv", f"线索ID,线索名称,描述\n{CLUE},王小明,x\n")
        given = jobs.settings(tmp_path, crm.url, context_columns=["线索名称"])
        report = batch_editor.run(edits, given, snapshot=True)
    assert wrong(report.results) == {"B2": '线索名称 (clue_name): the row says "王小明", the CRM shows "李娟"'}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_what_a_later_run_has_set_is_told_with_both_values(tmp_path: Path, lang: Lang) -> None:
    with Crm(scripted({CLUE: [envelope(7, "no"), CONFIRMED]})) as crm:
        given = jobs.settings(tmp_path, crm.url, lang=lang)
        first = batch_editor.run(jobs.text_file(tmp_path / "a.csv", f"线索ID,描述,性别\n{CLUE},旧,男\n"), given)
        batch_editor.run(jobs.text_file(tmp_path / "b.csv", f"线索ID,描述\n{CLUE},新\n"), given)
        third = batch_editor.run(first.results or "", given, only_failed=True)
    (note,) = wrong(third.results).values()
    assert wrong(third.results).keys() == {"B2"} and "旧" in note and "新" in note


def test_an_undo_tells_what_somebody_has_changed_since(tmp_path: Path) -> None:
    with Sandbox([{"clue_id": CLUE, "remark": "old", "clue_name": "a"}], access_token=jobs.TOKEN) as crm:
        given = jobs.settings(tmp_path, crm.url)
        first = batch_editor.run(jobs.text_file(tmp_path / "a.csv", f"线索ID,描述\n{CLUE},ours\n"), given, snapshot=True)
        elsewhere = given.model_copy(update={"state_dir": tmp_path / "other"})
        batch_editor.run(jobs.text_file(tmp_path / "b.csv", f"线索ID,描述\n{CLUE},theirs\n"), elsewhere)
        undone = batch_editor.undo(str(first.run), given)
    (note,) = wrong(undone.results).values()
    assert note == 'to be put back: "old"; the CRM shows "theirs"'


# --- refusals of the CRM


HEADINGS = ("线索ID", "线索名称", "跟进人ID", "地址", "描述", "客户等级")


def refused(said: str, fields: tuple[str, ...] = ("address", "remark", "mf_level")) -> dict[int, str]:
    rules = RowRules(custom_fields={"mf_level": CustomField(title="客户等级")})
    note = Message("rejected.said", {"code": 7, "msg": said})
    record = RowState(2, Status.REJECTED, ("1", "a", "b", "c", "d", "e"), fields, (), (note,), "7", 1, "")
    _, line = table(ReadSheet(HEADINGS, rules), [record], "en", run="x", in_workbook=True)
    return dict(line.reasons)


@pytest.mark.parametrize(
    ("said", "column"),
    [
        ("follow_user_id 不存在", 2),
        ("参数[follow_user_id]错误", 2),
        ("跟进人ID不存在", 2),
        ("线索名称不能为空", 1),
        ("客户等级的选项不存在", 5),
        ("mf_level is not an option", 5),
    ],
)
def test_a_refusal_that_names_one_field_makes_its_cell_red(said: str, column: int) -> None:
    assert refused(said) == {column: f"the CRM refused the edit (7): {said}"}


@pytest.mark.parametrize(
    "said",
    [
        "无权限",
        "follow_user_id 与 clue_name 不一致",  # two fields
        "remote address not allowed",  # a plain word
        "IP地址不在白名单",
        "描述信息过长",
        "my_follow_user_id",  # part of another word
        "第三方线索ID不存在",  # a field that the row does not send
        "线索状态不允许修改",
        "线索池ID不存在",  # no column of it
    ],
)
def test_a_refusal_that_names_no_field_for_certain_makes_none_red(said: str) -> None:
    assert refused(said) == {}


# --- the workbook


def test_text_in_a_note_does_not_act_and_is_shown_whole(tmp_path: Path) -> None:
    value = "=1+1\x01\x1b[2J<b>&_x0041_\u202e" + "长" * 400
    found = Problem(2, "A2", "clue_id", Message("cell.not_id", {"value": value}), "线索ID")
    record = RowState(2, Status.INVALID, ("x",), (), (), (found,), "", 0, "")
    path = results.write(tmp_path / "x.xlsx", ["线索ID"], [record], "en", run="x", sheet=None)
    note = wrong(path)["A2"]
    assert "=1+1\\x01\\x1b[2J<b>&_x005F_x0041_\\u202e" in note and len(note) <= 600
    with zipfile.ZipFile(path) as archive:
        assert "<f>" not in archive.read("xl/worksheets/sheet1.xml").decode()
        boxes = archive.read("xl/drawings/vmlDrawing1.vml").decode()
    sizes = re.findall(r"width:([\d.]+)pt;height:([\d.]+)pt", boxes)
    width, height = map(float, sizes[-1])  # of the last note; those of the headings come first
    assert len(sizes) == 9 and width == 300 and height >= 15 * (-(-2 * 400 // 47))  # a line is 20 pixels, which are 15 points


def test_beyond_so_many_notes_cells_are_red_alone_and_the_summary_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows_page, "MOST_NOTES", 2)
    rows = "".join(f"{CLUE + number},先生\n" for number in range(4))
    with Crm() as crm:
        edits = jobs.text_file(tmp_path / "a.csv", f"线索ID,性别\n{rows}{CLUE + 9},男\n")
        report = batch_editor.run(edits, jobs.settings(tmp_path, crm.url))
    book = openpyxl.load_workbook(report.results or "")
    sheet, summary = book.worksheets[:2]
    assert [sheet[f"B{row}"].fill.fgColor.rgb[2:] for row in range(2, 7)] == [RED[Status.INVALID]] * 4 + ["000000"]
    assert [bool(sheet[f"B{row}"].comment) for row in range(2, 7)] == [True, True, False, False, False]
    texts = [str(cell.value) for (cell, *_) in summary.iter_rows()]
    assert any(text.startswith("2 cells in red have no note") for text in texts)


def mended(path: Path, place: str, value: str) -> Path:
    book = openpyxl.load_workbook(path)
    book.worksheets[0][place] = value
    book.save(path)
    return path


def in_calc(path: Path, kind: str) -> Path:
    return office.saved(path, kind)


@pytest.mark.parametrize(
    "save",
    [
        lambda path: path,
        pytest.param(lambda path: in_calc(path, "xlsx"), marks=pytest.mark.slow, id="xlsx of LibreOffice"),
        pytest.param(lambda path: in_calc(path, "ods"), marks=pytest.mark.slow, id="ods"),
        pytest.param(lambda path: in_calc(path, "xls"), marks=pytest.mark.slow, id="xls"),
    ],
)
def test_notes_are_no_cells_and_the_next_results_have_those_of_what_is_wrong_then(
    tmp_path: Path, save: Callable[[Path], Path]
) -> None:
    text = f"线索ID,性别,生日\n{CLUE},先生,\n{CLUE + 2},男,昨天\n{CLUE + 4},男,\n"
    with Crm() as crm:
        given = jobs.settings(tmp_path, crm.url, lang="zh")
        first = batch_editor.run(jobs.text_file(tmp_path / "a.csv", text), given)
        assert wrong(first.results).keys() == {"B2", "C3"} and first.results
        second = batch_editor.run(save(mended(first.results, "B2", "女")), given, only_failed=True)
        assert [(call.clue, call.body.get("gender")) for call in crm.calls] == [(CLUE + 4, "0"), (CLUE, "1")]
    assert wrong(second.results).keys() == {"C3"}
    assert jobs.statuses(second.results) == ["updated", "invalid", "updated"]
