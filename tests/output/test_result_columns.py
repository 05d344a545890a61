"""The columns of results in the language of whoever reads them, and in every language for scripts and for --only-failed."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas
import pytest
from support import jobs, office
from support.crm import CONFIRMED, Crm, envelope, scripted
from support.jobs import CHINESE

import batch_editor
from batch_editor import Report, Settings
from batch_editor.edits.result_columns import COLUMNS, PAYLOAD, heading_of, is_result, key_of
from batch_editor.errors import SettingsError
from batch_editor.messages import Lang
from batch_editor.sandbox import Sandbox

CLUE = 1591005521987920962
Rows = list[list[str]]
#: A row that is updated, one whose cell is wrong, one that the CRM refuses at first.
TEXT = f"线索ID,描述,性别\n{CLUE},一,男\n{CLUE + 2},二,先生\n{CLUE + 4},三,\n"


def first_run(folder: Path, crm: Crm, lang: Lang, name: str = "a", text: str = TEXT) -> tuple[Report, Settings]:
    given = jobs.settings(folder, crm.url, lang=lang)
    return batch_editor.run(jobs.text_file(folder / f"{name}.csv", text), given), given


def crm_of_mixed() -> Crm:
    return Crm(scripted({CLUE + 4: [envelope(7, "no"), CONFIRMED]}))


def frame_of(path: Path) -> pandas.DataFrame:
    """What a script does, whatever the language: the headings by the names of the workbook."""
    book = openpyxl.load_workbook(path)
    keys = {}
    for key, name in book.defined_names.items():
        if key.startswith(("result_", "diff_")):
            ((sheet, cells),) = name.destinations
            keys[book[sheet][cells][0][0].value] = key
    return pandas.read_excel(path, dtype=str, engine="openpyxl").rename(columns=keys)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_script_finds_each_column_by_the_name_behind_it(tmp_path: Path, lang: Lang) -> None:
    with crm_of_mixed() as crm:
        report, _ = first_run(tmp_path, crm, lang)
    headings = jobs.raw_results(report.results or Path())[0]
    assert headings[3:] == (list(COLUMNS) if lang == "en" else [*CHINESE][:8])
    frame = frame_of(report.results or Path())
    assert [*frame.columns] == ["线索ID", "描述", "性别", *COLUMNS]
    assert frame["result_status"].tolist() == ["updated", "invalid", "rejected"]
    assert report.to_frame()["result_status"].tolist() == ["updated", "invalid", "rejected"]
    assert [*report.to_frame().columns] == [*frame.columns] and report.to_frame()["result_fields"][0] == "remark,gender"
    book = openpyxl.load_workbook(report.results or "")
    ((sheet, cells),) = book.defined_names["result_status"].destinations
    values = [cell.value for (cell,) in book[sheet][cells]]
    assert values == [headings[3], "updated", "invalid", "rejected"]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_so_it_is_after_a_check_and_a_diff(tmp_path: Path, lang: Lang) -> None:
    edits = jobs.text_file(tmp_path / "a.csv", f"线索ID,描述\n{CLUE},新\n")
    with Sandbox([{"clue_id": CLUE, "remark": "旧"}], access_token=jobs.TOKEN) as crm:
        given = jobs.settings(tmp_path, crm.url, lang=lang)
        checked = batch_editor.check(edits, given, output=tmp_path / "check.xlsx").results
        differing = batch_editor.diff(edits, given, output=tmp_path / "diff.xlsx").results
    frame = frame_of(checked or Path())
    assert [*frame.columns][2:] == ["result_status", "result_message", "result_fields", "result_payload"]
    assert (frame["result_status"][0], frame["result_fields"][0]) == ("not_sent", "描述")
    frame = frame_of(differing or Path())
    assert (frame["diff_old"].tolist(), frame["diff_new"].tolist()) == (["旧"], ["新"])


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_so_is_the_sheet_of_changes(tmp_path: Path, lang: Lang) -> None:
    edits = jobs.text_file(tmp_path / "a.csv", f"线索ID,描述\n{CLUE},新\n")
    with Sandbox([{"clue_id": CLUE, "remark": "旧"}], access_token=jobs.TOKEN) as crm:
        report = batch_editor.run(edits, jobs.settings(tmp_path, crm.url, lang=lang), snapshot=True)
    book = openpyxl.load_workbook(report.results or "")
    found = {}
    for key in ("change_clue", "change_old", "change_new"):
        ((sheet, cells),) = book.defined_names[key].destinations
        found[key] = [cell.value for (cell,) in book[sheet][cells]][1:]
    assert found == {"change_clue": [str(CLUE)], "change_old": ["旧"], "change_new": ["新"]}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_csv_has_the_keys(tmp_path: Path, lang: Lang) -> None:
    with Crm() as crm:
        given = jobs.settings(tmp_path, crm.url, lang=lang)
        report = batch_editor.run(jobs.text_file(tmp_path / "a.csv", TEXT), given, output=tmp_path / "out.csv")
    headings, first, *_ = jobs.raw_results(report.results or Path())
    assert headings[3:] == list(COLUMNS) and first[6] == "remark,gender"


def moved(rows: Rows) -> Rows:
    """The last columns first, the rows the other way round."""
    headings, *others = rows
    return [headings[::-1], *(row[::-1] for row in reversed(others))]


def in_large_letters(rows: Rows) -> Rows:
    return [[heading.upper() if heading.startswith("result") else f" {heading}：" for heading in rows[0]], *rows[1:]]


@pytest.mark.parametrize("change", [lambda rows: rows, moved, in_large_letters])
@pytest.mark.parametrize("kind", ["xlsx", "csv", "gbk"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_sheet_of_results_is_sent_again_in_any_language_and_order(
    tmp_path: Path, lang: Lang, kind: str, change: Callable[[Rows], Rows]
) -> None:
    """Also as the CSV that Excel saves of it, in UTF-8 or as in China."""
    with crm_of_mixed() as crm:
        report, given = first_run(tmp_path, crm, lang)
        rows = change(
            [["女" if cell == "先生" else cell for cell in row] for row in jobs.raw_results(report.results or Path())]
        )
        path = tmp_path / "mended.csv"
        if kind == "xlsx":
            path = jobs.workbook(tmp_path / "mended.xlsx", rows)
        else:
            with path.open("w", encoding="gb18030" if kind == "gbk" else "utf-8-sig", newline="") as file:
                csv.writer(file).writerows(rows)
        second = batch_editor.run(path, given, only_failed=True)
        assert sorted(call.clue for call in crm.calls[2:]) == [CLUE + 2, CLUE + 4]
    assert jobs.statuses(second.results) == ["updated"] * 3
    headings = [heading.strip(" ：") for heading in jobs.raw_results(second.results or Path())[0]]
    assert sorted(headings) == sorted(["线索ID", "描述", "性别", *titles(lang)])


def titles(lang: Lang) -> list[str]:
    return list(COLUMNS) if lang == "en" else [*CHINESE][:8]


def merged(english: Rows, chinese: Rows) -> Rows:
    """Two sheets of results side by side: the columns of each, blank where a row is of the other."""
    own, ours, theirs = english[0][:3], english[0][3:], chinese[0][3:]
    rows = [[*row[:3], *row[3:], *[""] * 8] for row in english[1:]]
    rows += [[*row[:3], *[""] * 8, *row[3:]] for row in chinese[1:]]
    return [[*own, *ours, *theirs], *rows]


def below(english: Rows, chinese: Rows) -> Rows:
    """The one below the other, with its headings."""
    return [*english, *chinese]


@pytest.mark.parametrize("join", [merged, below])
def test_results_of_two_languages_in_one_sheet(tmp_path: Path, join: Callable[[Rows, Rows], Rows]) -> None:
    other = TEXT.replace(str(CLUE)[:-3], str(CLUE + 1000)[:-3])
    with Crm(scripted({CLUE + 4: [envelope(7, "no"), CONFIRMED]})) as crm:
        first, _ = first_run(tmp_path, crm, "en")
        second, given = first_run(tmp_path, crm, "zh", "b", other)
        rows = join(*(jobs.raw_results(report.results or Path()) for report in (first, second)))
        sent = len(crm.calls)
        third = batch_editor.run(jobs.workbook(tmp_path / "both.xlsx", rows), given, only_failed=True)
        assert [call.clue for call in crm.calls[sent:]] == [CLUE + 4]
    statuses = [status for status in jobs.statuses(third.results) if status != "skipped"]
    assert statuses == ["updated", "invalid", "updated", "updated", "invalid", "updated"]
    assert jobs.raw_results(third.results or Path())[0] == ["线索ID", "描述", "性别", *titles("zh")]


def test_where_two_columns_of_a_kind_say_different_things_nobody_knows_which_row_it_is(tmp_path: Path) -> None:
    with crm_of_mixed() as crm:
        report, given = first_run(tmp_path, crm, "zh")
        headings, *rows = jobs.raw_results(report.results or Path())
        rows = [[*row, "7" if number == 0 else row[-1]] for number, row in enumerate(rows)]
        sent = len(crm.calls)
        path = jobs.workbook(tmp_path / "both.xlsx", [[*headings, "result_row"], *rows])
        second = batch_editor.run(path, given, only_failed=True)
        assert [call.clue for call in crm.calls[sent:]] == [CLUE + 4]
    (row, *_) = jobs.results(second.results)
    assert row["result_status"] == "invalid" and "已被清空或改动" in row["result_message"]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_names_and_headings_outlive_libreoffice(tmp_path: Path, kind: str) -> None:
    with crm_of_mixed() as crm:
        report, given = first_run(tmp_path, crm, "zh")
        path = office.saved(report.results or Path(), kind)
        if kind == "xlsx":
            assert frame_of(path)["result_status"].tolist() == ["updated", "invalid", "rejected"]
        second = batch_editor.run(path, given, only_failed=True)
        assert [call.clue for call in crm.calls[2:]] == [CLUE + 4]
    assert jobs.statuses(second.results) == ["updated", "invalid", "updated"]


def test_the_table_knows_every_heading_and_nothing_else() -> None:
    for key in (*COLUMNS, PAYLOAD):
        for lang in ("en", "zh"):
            assert key_of(heading_of(key, lang)) == key and is_result(heading_of(key, lang))  # type: ignore[arg-type]
    assert {heading_of(key, "zh"): key for key in (*COLUMNS, PAYLOAD)} == CHINESE
    assert [key_of(text) for text in ("状态", "结果", "结果状态", "result", "线索ID", "")] == [None] * 6
    assert is_result("结果·别的") and not is_result("结果状态")


def test_they_are_neither_fields_nor_suggestions(tmp_path: Path) -> None:
    """A check, and --edit, know them as results: they are left out without a word, and cannot be edited."""
    edits = jobs.text_file(tmp_path / "a.csv", f"线索ID,描述,{','.join(CHINESE)}\n{CLUE},一{',' * 9}\n")
    report = batch_editor.check(edits, jobs.settings(tmp_path))
    assert report.preview.warnings == [] and report.counts["not_sent"] == 1
    with pytest.raises(SettingsError) as refusal:
        batch_editor.check(edits, jobs.settings(tmp_path), edit_keys=["结果·状态"])
    assert refusal.value.message.key == "settings.no_such_field"
    without = jobs.text_file(tmp_path / "b.csv", f"线索ID,描述\n{CLUE},一\n")
    with pytest.raises(batch_editor.errors.SheetError) as told:
        batch_editor.check(without, jobs.settings(tmp_path), only_failed=True)
    assert told.value.message.key == "only_failed.no_results"
