"""What a row of results says: each problem at its cell there, and where it stood in the sheet that was read, if elsewhere."""

from __future__ import annotations

from pathlib import Path

import pandas
import pytest
from support import jobs
from support.crm import CONFIRMED, Crm, envelope, scripted

import batch_editor
from batch_editor.messages import Lang

CLUE = 1591005521987920962
HEADINGS = ["线索ID", "性别", "描述"]
GOOD, BAD = [str(CLUE), "男", "x"], [str(CLUE + 2), "先生", "y"]


def place(path: Path | None, row: int = -1) -> str:
    """What stands before the reason of the last row, or of another."""
    return jobs.results(path)[row]["result_message"].partition("性别")[0].rstrip(":： ")


def checked(folder: Path, sheet: object, name: str = "checked.xlsx", lang: Lang = "en", sheet_name: str | None = None) -> str:
    given = jobs.settings(folder, lang=lang)
    report = batch_editor.check(sheet, given, output=folder / name, sheet_name=sheet_name)  # type: ignore[arg-type]
    return place(report.results)


@pytest.mark.parametrize(("lang", "at"), [("en", "B3 (edits.xlsx: B6)"), ("zh", "B3（edits.xlsx：B6）")])
def test_a_cell_below_titles_and_blank_rows_is_named_in_both_sheets(tmp_path: Path, lang: Lang, at: str) -> None:
    rows = [["三月的线索"], [], HEADINGS, GOOD, [], BAD]
    assert checked(tmp_path, jobs.workbook(tmp_path / "edits.xlsx", rows), lang=lang) == at


def test_a_cell_that_stands_at_the_same_place_is_named_once(tmp_path: Path) -> None:
    assert checked(tmp_path, jobs.workbook(tmp_path / "edits.xlsx", [HEADINGS, GOOD, BAD], "一月")) == "B3"


def test_so_it_is_with_a_csv_and_where_the_results_are_one(tmp_path: Path) -> None:
    text = "导出\n" + "\n".join(",".join(row) for row in (HEADINGS, GOOD, BAD)) + "\n"
    edits = jobs.text_file(tmp_path / "edits.csv", text)
    assert checked(tmp_path, edits) == "B3 (edits.csv: B4)"
    assert checked(tmp_path, edits, "checked.csv") == "B3 (edits.csv: B4)"


def test_a_sheet_that_is_chosen_by_its_name(tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(HEADINGS)
    second = book.create_sheet("二 月")
    for row in ([""], ["x"], HEADINGS, GOOD, BAD):
        second.append(row)
    book.save(tmp_path / "edits.xlsx")
    assert checked(tmp_path, tmp_path / "edits.xlsx", sheet_name="二 月") == "B3 (edits.xlsx: B5)"


def test_results_that_are_sent_again_name_a_cell_once_unless_columns_were_moved(tmp_path: Path) -> None:
    rows = [["三月"], HEADINGS, GOOD, BAD]
    with Crm() as crm:
        given = jobs.settings(tmp_path, crm.url)
        first = batch_editor.run(jobs.workbook(tmp_path / "edits.xlsx", rows), given)
        assert place(first.results) == "B3 (edits.xlsx: B4)"
        found = [[cell.replace("先生", "Herr") for cell in row] for row in jobs.raw_results(first.results or Path())]
        second = batch_editor.run(jobs.workbook(tmp_path / "second.xlsx", found), given, only_failed=True)
        assert place(second.results) == "B3"
        third = batch_editor.run(
            jobs.workbook(tmp_path / "third.xlsx", [[*row[3:], *row[:3]] for row in found]), given, only_failed=True
        )
    assert place(third.results) == "B3 (third.xlsx: J3)"


def test_a_record_of_a_frame_is_named_as_its_index_has_it(tmp_path: Path) -> None:
    frame = pandas.DataFrame([GOOD, BAD], columns=HEADINGS, index=["C-16", "C-17"])
    frame.index.name = "number"
    with Crm() as crm:
        report = batch_editor.run(
            frame, jobs.settings(tmp_path, crm.url, ignore_columns=["number"]), output=tmp_path / "x.xlsx"
        )
    assert place(report.results).startswith("C3 (row") and "C-17" in place(report.results)


def test_another_row_that_a_message_names_is_that_of_the_sheet_that_was_read(tmp_path: Path) -> None:
    """Its number says so where rows have moved: in the results it is another one."""
    with Crm(scripted({CLUE: [envelope(7, "no"), CONFIRMED, CONFIRMED]})) as crm:
        given = jobs.settings(tmp_path, crm.url, rate={"concurrency": 1})
        edits = jobs.text_file(tmp_path / "a.csv", f"线索ID,描述\n{CLUE},old\n{CLUE},new\n")
        first = batch_editor.run(edits, given)
        headings, *rows = jobs.raw_results(first.results or Path())
        assert [row[2] for row in rows] == ["rejected", "updated"]
        again = jobs.workbook(tmp_path / "again.xlsx", [["三月"], [], headings, *rows])
        report = batch_editor.run(again, given, only_failed=True)
    (message, _) = (row["result_message"] for row in jobs.results(report.results))
    assert message.startswith("A2 (again.xlsx: A4): row 5 (again.xlsx) of the same clue was updated already")
