"""Which sheet of a workbook is read, and which of its rows: by name or number, and what the sheet hides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from support import jobs
from support.commands import Commands, Terminal
from support.crm import Crm

import batch_editor
from batch_editor.edits import choose_sheet
from batch_editor.errors import SheetError
from batch_editor.model import Message
from batch_editor.sandbox import Sandbox
from batch_editor.settings.settings import Settings
from batch_editor.sheets import read_file

HEAD = ["线索ID", "备注"]


def book(path: Path, sheets: Sequence[tuple[str, str, Sequence[Sequence[object]]]]) -> Path:
    """A workbook of sheets: name, "visible" or "hidden", rows."""
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, state, rows in sheets:
        page = made.create_sheet(name)
        page.sheet_state = state
        for row in rows:
            page.append(list(row))
    made.save(path)
    return path


@pytest.fixture
def several(tmp_path: Path) -> Path:
    return book(
        tmp_path / "a.xlsx",
        [
            ("旧", "hidden", [HEAD, ["10", "old"]]),
            ("说明", "visible", [["how"]]),
            ("一月", "visible", [HEAD, ["11", "a"]]),
            ("1", "visible", [HEAD, ["12", "b"]]),
            ("4", "visible", [HEAD, ["13", "c"]]),
        ],
    )


@pytest.mark.parametrize(
    ("wanted", "clue"),
    [(None, 11), ("一月", 11), ("2", 11), ("1", 12), ("3", 12), ("4", 13), ("旧", 10)],
    ids=str,
)
def test_a_number_counts_the_tabs_that_are_seen_and_a_name_wins_over_it(several: Path, wanted: str | None, clue: int) -> None:
    loaded = batch_editor.load_edits(several, Settings(defaults=jobs.DEFAULTS), sheet_name=wanted)
    assert [edit.clue_id for edit in loaded.edits] == [clue]


@pytest.mark.parametrize("wanted", ["0", "5", "-1", "１", "二月", "9" * 5000])
def test_what_names_no_sheet_is_refused_with_all_of_them(several: Path, wanted: str) -> None:
    with pytest.raises(SheetError) as refusal:
        batch_editor.load_edits(several, Settings(), sheet_name=wanted)
    assert refusal.value.message == Message("sheet.unknown", {"name": wanted, "names": "1 说明, 2 一月, 3 1, 4 4, 旧"})


def test_a_text_file_has_no_sheet_of_a_name(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("线索ID,备注\n11,a\n", encoding="utf-8")
    for wanted in ("2", "二月"):
        with pytest.raises(SheetError) as refusal:
            batch_editor.load_edits(path, Settings(), sheet_name=wanted)
        assert refusal.value.message == Message("sheet.no_names", {"name": wanted})


def test_other_sheets_with_clues_are_named_unless_somebody_chose(several: Path, tmp_path: Path) -> None:
    notes = batch_editor.check(several, jobs.settings(tmp_path)).preview.notes
    assert Message("note.other_sheets", {"sheet": "一月", "others": "1, 4"}) in notes
    chosen = batch_editor.check(several, jobs.settings(tmp_path), sheet_name="一月").preview.notes
    assert not any(note.key == "note.other_sheets" for note in chosen)
    assert Message("note.other_sheets", {"sheet": "一月", "others": "1, 4"}) in batch_editor.load_edits(several).notes


def test_of_very_many_sheets_only_the_next_few_are_looked_at(tmp_path: Path) -> None:
    """Each look opens the file anew, and some files need a process for that: 300 sheets of an .ods took 80 seconds."""
    pages = [(f"S{number}", "visible", [HEAD, ["11", "a"]]) for number in range(choose_sheet.MOST_OTHERS + 2)]
    looked_at = []
    sheets = [
        replace(sheet, rows=lambda sheet=sheet: looked_at.append(sheet.name) or sheet.rows())
        for sheet in read_file(book(tmp_path / "a.xlsx", pages))
    ]
    choice = choose_sheet.choose_sheet(sheets, None, Settings().row_rules)
    expected = [f"S{number}" for number in range(choose_sheet.MOST_OTHERS + 1)]
    assert looked_at == expected and choice.others == (*expected[1:], "…")
    assert choose_sheet.choose_sheet(sheets[1:], None, Settings().row_rules).others == tuple(
        f"S{number}" for number in range(2, choose_sheet.MOST_OTHERS + 2)
    )


def test_where_no_sheet_has_clue_ids_all_are_named_with_the_headings_of_the_one_that_has_rows(tmp_path: Path) -> None:
    pages = [
        ("说明", "visible", []),
        ("封面", "visible", [["how"]]),
        ("一月", "visible", [["一月报表"], ["编号", "备注"], [11, "a"], [12, "b"]]),
        ("旧", "hidden", [["编号", "备注"]] * 9),
    ]
    with pytest.raises(SheetError) as refusal:
        batch_editor.load_edits(book(tmp_path / "a.xlsx", pages), Settings())
    values = {"tabs": "说明, 封面, 一月", "sheet": "一月", "row": 2, "texts": "编号, 备注"}
    assert refusal.value.message == Message("headings.no_clue_id", {"held": Message("headings.in_tabs", values)})
    with pytest.raises(SheetError) as refusal:
        batch_editor.load_edits(tmp_path / "a.xlsx", Settings(), sheet_name="封面")
    assert refusal.value.message == Message("headings.no_clue_id", {"held": Message("headings.first_row", {"texts": "how"})})
    with pytest.raises(SheetError) as refusal:
        batch_editor.load_edits(book(tmp_path / "b.xlsx", [("a", "visible", []), ("b", "visible", [])]), Settings())
    assert refusal.value.message == Message("sheet.empty", {"name": "a, b"})


# --- rows that the sheet hides


@pytest.fixture
def filtered(tmp_path: Path) -> Path:
    """Rows 3 and 5 are hidden; row 5 edits nothing."""
    path = book(tmp_path / "a.xlsx", [("一月", "visible", [HEAD, ["11", "a"], ["12", "b"], ["13", "c"], ["14", None]])])
    made = openpyxl.load_workbook(path)
    for row in (3, 5):
        made.active.row_dimensions[row].hidden = True
    made.save(path)
    return path


def test_hidden_rows_are_sent_and_told(filtered: Path, tmp_path: Path) -> None:
    preview = batch_editor.check(filtered, jobs.settings(tmp_path)).preview
    assert (preview.rows, preview.calls, preview.circumstances.options.hidden_rows, preview.is_harmless) == (4, 3, 1, False)
    assert Message("note.hidden_rows", {"rows": 1}) in preview.notes


def test_visible_only_leaves_them_out_of_run_and_results(filtered: Path, tmp_path: Path) -> None:
    with Crm() as crm:
        report = batch_editor.run(filtered, jobs.settings(tmp_path, crm.url), visible_only=True)
    assert sorted(call.clue for call in crm.calls) == [11, 13] and report.rows == 2
    assert [row["线索ID"] for row in jobs.results(report.results)] == ["11", "13"]
    assert report.preview.is_harmless and Message("note.left_out", {"rows": 2}) in report.preview.notes
    loaded = batch_editor.load_edits(filtered, Settings(defaults=jobs.DEFAULTS), visible_only=True)
    assert [edit.clue_id for edit in loaded.edits] == [11, 13]


def test_diff_leaves_them_out_as_well(filtered: Path, tmp_path: Path) -> None:
    with Sandbox(access_token=jobs.TOKEN, accept_any_clue=True) as crm:
        report = batch_editor.diff(filtered, jobs.settings(tmp_path, crm.url), visible_only=True)
    assert [(change.clue_id, change.new) for change in report.preview.changes] == [(11, "a"), (13, "c")]


def test_a_run_that_took_hidden_rows_is_not_gone_on_with_by_one_that_does_not(filtered: Path, tmp_path: Path) -> None:
    with Crm() as crm:
        settings = jobs.settings(tmp_path, crm.url)
        batch_editor.run(filtered, settings, limit=1)
        batch_editor.run(filtered, settings, visible_only=True)
    assert sorted(call.clue for call in crm.calls) == [11, 11, 13]


def test_whoever_goes_on_with_a_run_is_told_of_hidden_rows_again(filtered: Path, tmp_path: Path) -> None:
    with Crm() as crm:
        settings = jobs.settings(tmp_path, crm.url)
        batch_editor.run(filtered, settings, limit=1)
        preview = batch_editor.run(filtered, settings).preview
    assert preview.circumstances.options.hidden_rows == 1 and Message("note.hidden_rows", {"rows": 1}) in preview.notes
    assert not preview.is_harmless


def test_the_command_asks_with_no_as_its_answer(filtered: Path, tmp_path: Path) -> None:
    with Crm() as crm:
        terminal = Terminal(Commands(tmp_path, crm.url), "run", "a.xlsx")
        terminal.read_until("[y/N]")
        terminal.type("\n")
        assert terminal.end() == 2 and not crm.calls and "HIDES 1 of these rows" in " ".join(terminal.seen.split())
        done = Commands(tmp_path, crm.url)("run", "a.xlsx", "--visible-only")
    assert done.code == 0 and sorted(call.clue for call in crm.calls) == [11, 13]


def test_exact_ids_that_are_stored_as_numbers_are_told_of(tmp_path: Path) -> None:
    text = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        '<row><c t="inlineStr"><is><t>clue_id</t></is></c><c t="inlineStr"><is><t>remark</t></is></c></row>'
        '<row><c><v>1591005521987921928</v></c><c t="inlineStr"><is><t>a</t></is></c></row>'
        '<row><c><v>123456789012345</v></c><c t="inlineStr"><is><t>b</t></is></c></row></sheetData></worksheet>'
    )
    import zipfile

    path = jobs.workbook(tmp_path / "plain.xlsx", [["x"]])
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(tmp_path / "ids.xlsx", "w") as new:
        for part in old.namelist():
            new.writestr(part, text if part.endswith("sheet1.xml") else old.read(part))
    loaded = batch_editor.load_edits(tmp_path / "ids.xlsx", Settings(defaults=jobs.DEFAULTS))
    assert [edit.clue_id for edit in loaded.edits] == [1591005521987921928, 123456789012345]
    assert loaded.notes == [Message("note.numeric_ids", {"cells": 1})]
