"""Merged cells: their value is sent where it stands and told of, or with ``fill_down`` in all rows that they span."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from support import jobs
from support.commands import Commands
from support.crm import Crm

import batch_editor
from batch_editor.errors import SheetError
from batch_editor.model import Message

_REMARK = re.compile(r'"remark":"(.*?)"')
HEAD = ["线索ID", "备注", "详细地址"]


def book(path: Path, rows: Sequence[Sequence[object]], *merged: str) -> Path:
    """A workbook with these ranges merged, whatever stands in their cells."""
    jobs.workbook(path, rows)
    return patched(
        path,
        "</sheetData>",
        "</sheetData><mergeCells>" + "".join(f'<mergeCell ref="{ref}"/>' for ref in merged) + "</mergeCells>",
    )


def patched(path: Path, old: str, new: str) -> Path:
    """The workbook with one text of its sheet in place of another."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = "xl/worksheets/sheet1.xml"
    parts[name] = parts[name].decode().replace(old, new).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for part, content in parts.items():
            archive.writestr(part, content)
    return path


def read(path: Path, *, fill_down: bool = False) -> tuple[list[str], list[str], list[Message]]:
    """The edits as clue and remark, the problems' keys, and the notes."""
    loaded = batch_editor.load_edits(path, jobs.settings(path.parent, fill_down=fill_down))
    edits = [f"{edit.clue_id} {_REMARK.findall(edit.body)}" for edit in loaded.edits]
    return edits, [f"{problem.address} {problem.message.key}" for problem in loaded.problems], loaded.notes


ROWS = [HEAD, ["11", "a", "x"], ["12", None, "y"], ["13", None, None], ["14", "d", "z"]]


def test_without_fill_down_the_value_counts_for_its_first_row_and_the_range_is_named(tmp_path: Path) -> None:
    edits, problems, notes = read(book(tmp_path / "a.xlsx", ROWS, "B2:B4"))
    assert (edits, problems) == (["11 ['a']", "12 []", "14 ['d']"], [])
    assert notes == [Message("note.merged", {"ranges": "Sheet1!B2:B4", "count": 1})]


def test_with_fill_down_it_counts_for_all_of_them(tmp_path: Path) -> None:
    edits, problems, notes = read(book(tmp_path / "a.xlsx", ROWS, "B2:B4"), fill_down=True)
    assert (edits, problems, notes) == (["11 ['a']", "12 ['a']", "13 ['a']", "14 ['d']"], [], [])


def test_a_clue_id_may_span_rows(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", [HEAD, ["11", "a"], [None, "b"]], "A2:A3")
    edits, problems, notes = read(path)
    assert (edits, problems) == (["11 ['a']"], ["Sheet1!A3 row.no_clue_id"])
    assert notes[0] == Message("note.merged", {"ranges": "Sheet1!A2:A3", "count": 1})
    assert read(path, fill_down=True)[0] == ["11 ['a']", "11 ['b']"]


def test_rows_that_are_one_row_to_the_eye_are_one(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", [HEAD, ["11", "a"], [None, None], ["12", "b"]], "A2:A3", "B2:B3")
    assert read(path) == read(path, fill_down=True) == (["11 ['a']", "12 ['b']"], [], [])


def test_a_value_that_a_merged_cell_covers_is_not_sent(tmp_path: Path) -> None:
    """As the format painter of Excel leaves them."""
    path = book(tmp_path / "a.xlsx", [HEAD, ["11", "a", "x"], ["12", "b", "y"]], "B2:B3")
    edits, _, notes = read(path)
    assert edits == ["11 ['a']", "12 []"] and Message("note.covered", {"cells": 1}) in notes
    assert read(path, fill_down=True)[0] == ["11 ['a']", "12 ['a']"]


def test_columns_are_not_filled_but_told(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", [HEAD, ["11", "a", None], ["12", None, None]], "B2:C3")
    assert read(path)[2] == [Message("note.merged", {"ranges": "Sheet1!B2:C3", "count": 1})]
    edits, _, notes = read(path, fill_down=True)
    assert edits == ["11 ['a']", "12 ['a']"]
    assert notes == [Message("note.merged_columns", {"ranges": "Sheet1!B2:C3", "count": 1})]


def test_nothing_is_offered_to_fill_down_where_cells_are_merged_within_rows_alone(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", [HEAD, ["11", "a", None], ["12", "b", None]], "B2:C2", "B3:C3")
    assert read(path)[2] == [Message("note.merged_columns", {"ranges": "Sheet1!B2:C2, Sheet1!B3:C3", "count": 2})]


@pytest.mark.parametrize("merged", ["A1:C1", "B1:B3", "A1:A2", "E2:E9", "A7:A9", "B6:B7"])
@pytest.mark.parametrize("fill_down", [False, True])
def test_titles_headings_and_what_holds_nothing_change_nothing(merged: str, fill_down: bool, tmp_path: Path) -> None:
    rows = [["一月"], HEAD, [None, None], ["11", "a", None, None], ["12", None, "y", None], [None, None, None]]
    assert read(book(tmp_path / "a.xlsx", rows, merged), fill_down=fill_down)[::2] == (["11 ['a']", "12 []"], [])


def test_a_range_to_the_last_row_takes_no_memory_and_no_rows(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", [HEAD, ["11", "a"], ["12", None, "y"]], "B2:B1048576")
    assert read(path, fill_down=True)[0] == ["11 ['a']", "12 ['a']"]


@pytest.mark.parametrize("merged", [("B2:B3", "A3:C3"), ("B2:B3", "B3:B4"), ("B3:B2",), ("nonsense",), ("B2:B9999999",)])
def test_ranges_that_cannot_be_are_told_of_and_not_filled_down(merged: Sequence[str], tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", ROWS, *merged)
    edits, _, notes = read(path)
    assert edits == ["11 ['a']", "12 []", "14 ['d']"] and notes == [Message("note.merged_damaged")]
    with pytest.raises(SheetError) as refusal:
        read(path, fill_down=True)
    assert refusal.value.message == Message("sheet.merged_damaged", {"sheet": "Sheet1"})


def test_a_range_that_begins_in_a_hidden_row_shows_its_value_below(tmp_path: Path) -> None:
    path = patched(book(tmp_path / "a.xlsx", ROWS, "B2:B4"), '<row r="2"', '<row r="2" hidden="1"')
    loaded = batch_editor.load_edits(path, jobs.settings(tmp_path, fill_down=True), visible_only=True)
    assert [edit.clue_id for edit in loaded.edits] == [12, 13, 14] and '"remark":"a"' in loaded.edits[0].body


def test_the_option_does_it_for_one_run_and_the_run_goes_on_with_it(tmp_path: Path) -> None:
    book(tmp_path / "a.xlsx", ROWS, "B2:B4")
    with Crm() as crm:
        batch = Commands(tmp_path, crm.url)
        assert batch("run", "a.xlsx", "--fill-down", "--limit", "2").code == 0
        assert batch("run", "a.xlsx", "--fill-down").code == 0
        remarks = {call.clue: call.body.get("remark") for call in crm.calls}
        assert len(crm.calls) == 4 and remarks == {11: "a", 12: "a", 13: "a", 14: "d"}
        assert "B2:B4" in batch("check", "a.xlsx").out


# --- columns that nobody sees


@pytest.mark.parametrize("written", ['hidden="1"', 'hidden="true" width="9"', 'width="0" customWidth="1"'])
def test_columns_that_nobody_sees_are_sent_and_told(written: str, tmp_path: Path) -> None:
    path = patched(
        jobs.workbook(tmp_path / "a.xlsx", [HEAD, ["11", "a", "x"]]),
        "<sheetData>",
        f'<cols><col min="2" max="9" {written}/></cols><sheetData>',
    )
    edits, _, notes = read(path)
    assert edits == ["11 ['a']"] and notes == [Message("note.hidden_columns", {"columns": "备注 (B), 详细地址 (C)"})]


def test_rows_of_no_height_are_hidden_rows(tmp_path: Path) -> None:
    path = patched(
        jobs.workbook(tmp_path / "a.xlsx", [HEAD, ["11", "a"], ["12", "b"]]), '<row r="2"', '<row r="2" ht="0" customHeight="1"'
    )
    assert read(path)[2] == [Message("note.hidden_rows", {"rows": 1})]
