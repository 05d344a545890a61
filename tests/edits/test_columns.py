"""What the heading row says: which columns are read, which count as edits, where a problem is (guide: rules, "Headings")."""

from __future__ import annotations

from typing import Any

import pytest
from support.rules import row_rules

from batch_editor.cell_values import Row
from batch_editor.edits.columns import Columns
from batch_editor.errors import SettingsError, SheetError
from batch_editor.model import Message


def columns(*headings: str | None, sheet: str = "表一", edit_keys: tuple[str, ...] = (), **settings: Any) -> Columns:
    """The columns of a sheet whose headings stand in its third row."""
    return Columns(sheet, Row(3, headings, width=len(headings)), row_rules(**settings), edit_keys=edit_keys)


def edits(found: Columns) -> dict[str, bool]:
    """The fields that are read, by key, and whether each counts as an edit."""
    return {column.field.key: column.edits for column in found.columns}


def test_fields_that_can_be_edited_count_as_edits_and_others_are_read_along() -> None:
    found = columns("线索ID", "操作人", "备注", None, "线索名称")
    assert edits(found) == {"clue_id": False, "user_id": False, "remark": True, "clue_name": True}
    assert [column.index for column in found.columns] == [0, 1, 2, 4]
    assert (found.heading_row, found.width, found.headings) == (3, 5, ("线索ID", "操作人", "备注", "", "线索名称"))


def test_where_fields_are_named_the_others_are_context_and_read_only_if_every_edit_needs_them() -> None:
    found = columns("clue_id", "备注", "邮箱", "线索名称", edit_keys=("描述",))
    assert edits(found) == {"clue_id": False, "remark": True, "clue_name": False}


def test_context_columns_are_no_edits() -> None:
    found = columns("clue_id", "备注", "线索名称", "说明", context_columns=["线索名称", "remark", "说明"])
    assert edits(found) == {"clue_id": False, "clue_name": False}


def test_a_name_that_is_not_in_the_sheet_or_cannot_be_edited_is_refused() -> None:
    for name, key in (("邮箱", "edit.not_in_sheet"), ("user_id", "edit.not_editable"), ("x", "settings.no_such_field")):
        with pytest.raises(SettingsError) as refusal:
            columns("clue_id", "备注", edit_keys=(name,))
        assert refusal.value.message.key == key


def test_all_headings_that_name_nothing_are_named_at_once() -> None:
    with pytest.raises(SheetError) as refusal:
        columns("clue_id", "备 注x", "手机号", "备注", "remark")
    lines: Any = refusal.value.message.values["lines"]
    assert [(line.key, line.values["place"]) for line in lines] == [
        ("heading.unknown_near", "表一!B3"),
        ("heading.repeated", "表一!E3"),
    ]


def test_a_problem_has_the_address_of_its_cell_and_that_of_a_cell_its_heading() -> None:
    found = columns("clue_id", "备\n注 *", sheet="")
    of_row = found.problem(7, 0, "clue_id", Message("row.no_clue_id"))
    of_cell = found.cell_problem(7, found.by_key["remark"], Message("cell.uncomputed"))
    assert (of_row.address, of_row.heading) == ("A7", "")
    assert (of_cell.address, of_cell.field, of_cell.heading) == ("B7", "remark", "备 注 *")


def test_what_is_ignored_is_noted() -> None:
    found = columns("clue_id", "手机号", "mf_x", "备注", ignore_columns=["旧列"])
    assert [note.key for note in found.notes] == ["note.ignored_nothing", "note.read_only", "note.undeclared"]
    assert found.labels["remark"] == "描述 (remark)"


def test_names_of_pools_are_spoken_of_where_a_column_of_ids_is_lacking() -> None:
    named = {"lookups": {"clue_pool_id": {"公海": "5"}}}
    assert [note.key for note in columns("clue_id", "线索池", "备注", **named).notes] == ["note.read_only", "note.pool_names"]
    assert [note.key for note in columns("clue_id", "线索池", "线索池ID", **named).notes] == ["note.read_only"]
