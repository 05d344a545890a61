"""What a run has changed can be looked up: in its results workbook, and by ``show RUN --changes``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import python_calamine as calamine
from support import jobs, office
from support.commands import Commands

import batch_editor
from batch_editor import Report, Settings
from batch_editor.errors import Refused
from batch_editor.model import Change
from batch_editor.output import changes_sheet
from batch_editor.sandbox import Sandbox

HEADINGS = ["row", "clue id", "name", "field", "old", "new", "note"]
CLUES: list[dict[str, Any]] = [
    {
        "clue_id": 11,
        "clue_name": "王小明",
        "clue_pool_id": 7,
        "clue_pool_name": "公海一",
        "follow_user_id": "wo-1",
        "remark": "旧",
        "gender": "0",
        "birthday": 578415600,
        "label": "et-1",
    },
    {"clue_id": 12, "clue_name": "=1+1", "clue_pool_id": 8, "clue_pool_name": "公海二", "remark": "=2+2", "label": ""},
]
NAMES = {"follow_user_id": {"李伟": "wo-1", "王芳": "wo-2", "赵敏": "wo-owner-of-the-tests"}, "label": {"小学": "et-1"}}
SHEET = "clue_id,跟进人,clue_pool_id,remark,性别,生日,标签\n11,王芳,8,新,女,1988-12-03,小学\n12,,8,#CLEAR,,,\n11,,,再新,,,\n"
CHANGED = [
    ["2", "11", "王小明", "跟进人ID (follow_user_id)", "李伟", "王芳", ""],
    ["2", "11", "王小明", "线索池ID (clue_pool_id)", "公海一", "公海二", ""],
    ["2", "11", "王小明", "描述 (remark)", "旧", "新", ""],
    ["2", "11", "王小明", "性别 (gender)", "男", "女", ""],
    ["2", "11", "王小明", "生日 (birthday)", "1988-05-01", "1988-12-03", ""],
    ["3", "12", "=1+1", "描述 (remark)", "=2+2", "(empty)", ""],
    ["4", "11", "王小明", "描述 (remark)", "新", "再新", ""],
]


@pytest.fixture
def crm() -> Iterator[Sandbox]:
    with Sandbox(CLUES, access_token=jobs.TOKEN) as running:
        yield running


def given(folder: Path, crm: Sandbox, **over: Any) -> Settings:
    return jobs.settings(folder, crm.url, lookups=NAMES, **over)


def run(folder: Path, settings: Settings, text: str = SHEET, name: str = "edits.results.xlsx", **options: Any) -> Report:
    sheet = jobs.text_file(folder / "edits.csv", text)
    return batch_editor.run(sheet, settings, output=folder / name, new=True, **({"snapshot": True} | options))


def sheet_texts(path: Path, name: str) -> list[list[str]]:
    """The cells of one sheet of a workbook, blanks as empty texts."""
    with calamine.load_workbook(path) as book:
        rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    assert all(isinstance(cell, str) for row in rows for cell in row)
    return [[str(cell) for cell in row] for row in rows]


def changes(report: Report) -> list[list[str]]:
    """The sheet with the changes of a run, without its headings."""
    assert report.results is not None
    headings, *lines = sheet_texts(report.results, "changes")
    assert headings == HEADINGS
    return lines


# --- in the results workbook


def test_the_workbook_holds_old_and_new_values_as_people_know_them(tmp_path: Path, crm: Sandbox) -> None:
    assert changes(run(tmp_path, given(tmp_path, crm))) == CHANGED


def test_it_is_in_the_language_of_its_readers(tmp_path: Path, crm: Sandbox) -> None:
    report = run(tmp_path, given(tmp_path, crm, lang="zh"))
    assert report.results
    headings, *lines = sheet_texts(report.results, "改动")
    assert headings == ["行号", "线索ID", "名称", "字段", "原值", "新值", "说明"]
    assert lines[5][4:] == ["=2+2", "（空）", ""]


def test_an_undo_has_its_own_changes(tmp_path: Path, crm: Sandbox) -> None:
    settings = given(tmp_path, crm)
    first = run(tmp_path, settings)
    undo = batch_editor.undo(str(first.run), settings)
    assert sorted(line[3:] for line in changes(undo) if line[1] == "11") == sorted(
        [
            ["跟进人ID (follow_user_id)", "王芳", "李伟", ""],
            ["线索池ID (clue_pool_id)", "公海二", "公海一", ""],
            ["描述 (remark)", "再新", "旧", ""],
            ["性别 (gender)", "女", "男", ""],
            ["生日 (birthday)", "1988-12-03", "1988-05-01", ""],
        ]
    )


def test_rows_that_only_may_have_been_applied_are_marked_until_a_resume_has_sent_them(tmp_path: Path) -> None:
    with Sandbox(CLUES, access_token=jobs.TOKEN, faults=["lost-after@1"]) as crm:
        settings = given(tmp_path, crm, rate={"concurrency": 1}, retry={"attempts": 1})
        report = run(tmp_path, settings, "clue_id,remark\n11,新\n12,新\n")
        assert report.counts["failed"] == 1
        assert changes(report) == [
            ["2", "11", "王小明", "描述 (remark)", "旧", "新", "may have been applied"],
            ["3", "12", "=1+1", "描述 (remark)", "=2+2", "新", ""],
        ]
        shown = Commands(tmp_path, crm.url)("show", str(report.run), "--changes").out.splitlines()
        assert shown[0] == "row 2, clue 11 (王小明)  (may have been applied: the edit was not answered)"
        resumed = batch_editor.resume(str(report.run), settings)
    assert [line[4:] for line in changes(resumed)] == [["旧", "新", ""], ["=2+2", "新", ""]]


def test_what_is_refused_or_not_sent_is_not_there(tmp_path: Path) -> None:
    with Sandbox(CLUES, access_token=jobs.TOKEN, faults=["code=40001@1"]) as crm:
        settings = given(tmp_path, crm, rate={"concurrency": 1})
        report = run(tmp_path, settings, "clue_id,remark,email\n11,新,\n12,=2+2,\n12,,no\n")
    assert [report.counts[status] for status in ("rejected", "updated", "invalid")] == [1, 1, 1]
    assert changes(report) == []  # what was set to the value that it had is no change either


def test_a_run_that_read_no_clue_has_no_such_sheet(tmp_path: Path, crm: Sandbox) -> None:
    report = run(tmp_path, given(tmp_path, crm), snapshot=False)
    assert report.results
    with calamine.load_workbook(report.results) as book:
        assert book.sheet_names == ["results", "summary"]


def test_results_that_are_written_again_have_it_too(tmp_path: Path, crm: Sandbox) -> None:
    report = run(tmp_path, given(tmp_path, crm), name="r.csv")
    command = Commands(tmp_path, crm.url, lookups=NAMES)
    assert command("results", str(report.run), "-o", "again.xlsx").code == 0
    assert sheet_texts(tmp_path / "again.xlsx", "changes") == [HEADINGS, *CHANGED]


# --- it does not distract whoever reads the workbook


def test_the_results_with_it_are_still_a_sheet_to_go_on_with(tmp_path: Path, crm: Sandbox) -> None:
    settings = given(tmp_path, crm)
    report = run(tmp_path, settings, SHEET + "12,,,x,男人,,\n")
    assert report.results and report.counts["invalid"] == 1
    check = batch_editor.check(report.results, settings, only_failed=True)
    assert check.counts["updated"] == 3 and [note.key for note in check.preview.notes] == []
    with pytest.raises(Refused, match="changes tells what a run has changed"):
        batch_editor.check(report.results, settings, sheet_name="changes")


@pytest.mark.slow
def test_it_does_not_distract_either_once_libreoffice_has_saved_it(tmp_path: Path, crm: Sandbox) -> None:
    settings = given(tmp_path, crm, lang="zh")
    report = run(tmp_path, settings, SHEET + "12,,,x,男人,,\n")
    assert report.results
    book = office.saved(report.results, "xlsx")
    assert sheet_texts(book, "改动")[1:] == sheet_texts(report.results, "改动")[1:]
    check = batch_editor.check(book, settings, only_failed=True)
    assert (check.counts["updated"], check.counts["invalid"], check.preview.notes) == (3, 1, [])


def test_what_a_sheet_cannot_hold_is_counted_in_its_last_line() -> None:
    fields = [Change(row, 11, "描述", "旧", "新") for row in range(2, 7)]
    lines = list(changes_sheet.table(fields, "RUN", "en", most=3))
    assert [line[0] for line in lines] == ["row", "2", "3", "4", ""]
    assert lines[-1][-1] == "… and 2 more fields: batch-editor show RUN --changes lists all of them"
    assert len(list(changes_sheet.table(fields, "RUN", "en", most=5))) == 6
    assert changes_sheet.MOST_LINES + 2 == 1_048_576  # with the headings and that line


# --- on the terminal


def test_show_lists_them_row_by_row(tmp_path: Path, crm: Sandbox) -> None:
    report = run(tmp_path, given(tmp_path, crm))
    command = Commands(tmp_path, crm.url, lookups=NAMES)
    assert command("show", str(report.run), "--changes").out.splitlines() == [
        "row 2, clue 11 (王小明)",
        "  跟进人ID (follow_user_id): 李伟 → 王芳",
        "  线索池ID (clue_pool_id): 公海一 → 公海二",
        "  描述 (remark): 旧 → 新",
        "  性别 (gender): 男 → 女",
        "  生日 (birthday): 1988-05-01 → 1988-12-03",
        "row 3, clue 12 (=1+1)",
        "  描述 (remark): =2+2 → (empty)",
        "row 4, clue 11 (王小明)",
        "  描述 (remark): 新 → 再新",
    ]
    chinese = command("show", str(report.run), "--changes", "--lang", "zh").out.splitlines()
    assert chinese[-4:-2] == ["第 3 行，线索 12（=1+1）", "  描述 (remark)：=2+2 → （空）"]


def test_what_was_not_read_is_counted(tmp_path: Path, crm: Sandbox) -> None:
    command = Commands(tmp_path, crm.url, lookups=NAMES)
    report = run(tmp_path, given(tmp_path, crm), snapshot=False)
    assert command("show", str(report.run), "--changes").out == (
        "Of 3 rows that may have changed, the old values were not read.\n"
    )
    nothing = run(tmp_path, given(tmp_path, crm), "clue_id,remark\n11,再新\n", only_changed=True)
    assert command("show", str(nothing.run), "--changes").out == f"The run {nothing.run} has changed nothing.\n"


def test_a_run_with_its_results_in_a_csv_says_where_they_are(tmp_path: Path, crm: Sandbox) -> None:
    jobs.text_file(tmp_path / "edits.csv", SHEET)
    command = Commands(tmp_path, crm.url, lookups=NAMES)
    done = command("run", "edits.csv", "--snapshot", "--yes", "-o", "r.csv")
    assert "Old and new values: batch-editor show " in done.out
