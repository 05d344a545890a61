"""Sheets that were glued together: headings in the middle, in the same order or in another (guide: rules, "Headings")."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from payloads.cases import write_csv, write_workbook
from payloads.rows import CLUE, DEFAULTS, Read, read

from batch_editor import load_edits
from batch_editor.cell_values import Cell
from batch_editor.messages import say
from batch_editor.settings.settings import Settings

OTHER = "1591005521987921930"
HEADINGS = ["线索ID", "备注", "详细地址", "来源"]
SETTINGS = {"ignore_columns": ["来源"]}


def glued(*rows: list[Cell]) -> Read:
    return read(HEADINGS, [CLUE, "a", "b", "c"], *rows, **SETTINGS)


@pytest.mark.parametrize(
    "again", [HEADINGS, ["线索ID", "备注", "详细地址"], [" 线索 id*", "备注（选填）", "详细地址", "来源"], ["线索ID"]]
)
def test_the_same_headings_once_more_are_skipped_and_told(again: list[Cell]) -> None:
    found = glued(again, [OTHER, "x", "y", "z"], again)
    assert found.statuses == ["pending", "skipped", "pending", "skipped"]
    assert [(body["remark"], body["address"]) for body in found.bodies] == [("a", "b"), ("x", "y")]
    assert found.said == ["Skipped, since they hold the headings once more: 2 rows, the first of them row 3."]
    note = found.plans[1].note  # type: ignore[union-attr]
    assert note and say(note, "en") == "the row holds the headings once more"


def test_other_names_of_the_same_headings_are_refused_and_the_rows_below_are_read() -> None:
    found = glued(["clue_id", "remark", "address"], [OTHER, "x", "y"])
    assert found.problems == [("Sheet1!A3", "row.other_headings")]
    assert found.bodies[1]["remark"] == "x"


@pytest.mark.parametrize(
    "again",
    [
        ["线索ID", "详细地址", "备注", "来源"],
        ["备注", "线索ID", "详细地址", "来源"],
        [None, "备注", "线索ID"],
        ["线索ID", "备注", "邮箱"],
        ["线索ID", "备注", "详细地址", "邮箱"],
        ["手机号", "备注", "状态"],
        ["线索名称", "描述"],
    ],
)
def test_below_other_headings_no_row_is_read_until_the_own_ones_come_again(again: list[Cell]) -> None:
    found = glued(again, [OTHER, "x", "y"], ["合计"], [OTHER, "x2", "y2"], HEADINGS, [OTHER, "x3", "y3"])
    assert [problem for _, problem in found.problems] == ["row.other_headings", *["row.under_other_headings"] * 3]
    assert [body["remark"] for body in found.bodies] == ["a", "x3"]
    (problem,) = found.plans[2].problems  # type: ignore[union-attr]
    assert "below other headings (row 3)" in say(problem.message, "en") and "第 3 行" in say(problem.message, "zh")


@pytest.mark.parametrize("row", [["合计", "备注"], ["x", "y", "z"], [None, "备注", "x", "y"], ["备注"], [None, "x"]])
def test_a_row_that_is_wrong_without_holding_headings_stands_for_itself(row: list[Cell]) -> None:
    found = glued(row, [OTHER, "x", "y"])
    assert not any(problem.startswith("row.other") for _, problem in found.problems)
    assert found.bodies[1]["remark"] == "x"


def test_headings_that_are_more_than_those_of_the_sheet_are_other_ones() -> None:
    for rows in ([[*HEADINGS, "邮箱"], [OTHER, "x", "y", "z", "a@example.com"]], [[*HEADINGS, "邮箱"], [OTHER, "x", "y", "z"]]):
        found = glued(*rows)
        assert found.statuses == ["pending", "invalid", "invalid"]
        assert "row.other_headings" in [key for _, key in found.problems]
    assert read(["线索ID", None, "备注"], [CLUE, None, "a"], ["线索ID", "邮箱", "备注"], [OTHER, "x", "y"]).statuses == [
        "pending",
        "invalid",
        "invalid",
    ]


def test_a_row_with_a_clue_is_no_row_of_headings() -> None:
    assert [body["remark"] for body in glued([OTHER, "线索ID", "备注", "来源"]).bodies] == ["a", "线索ID"]


@pytest.mark.parametrize("write", [write_csv, write_workbook])
def test_in_files(write: object, tmp_path: Path) -> None:
    rows = [["线索ID", "备注"], [CLUE, "a"], ["线索ID", "备注"], [OTHER, "b"], ["备注", "线索ID"], ["c", CLUE], [OTHER, "d"]]
    path = write(tmp_path / ("a.csv" if write is write_csv else "a.xlsx"), rows)  # type: ignore[operator]
    loaded = load_edits(path, Settings(defaults=DEFAULTS))
    assert [edit.row for edit in loaded.edits] == [2, 4]
    assert [(problem.row, problem.message.key) for problem in loaded.problems] == [
        (5, "row.other_headings"),
        (6, "row.under_other_headings"),
        (7, "row.under_other_headings"),
    ]


@settings(deadline=None)
@given(st.permutations(["clue_id", "remark", "address", "uin"]), st.permutations(["clue_id", "remark", "address", "uin"]))
def test_no_value_lands_in_another_field_whatever_the_order_of_two_blocks(first: list[str], second: list[str]) -> None:
    values = {"clue_id": OTHER, "remark": "r", "address": "a", "uin": "u"}
    found = read(first, [values[key] for key in first], second, [values[key] for key in second])
    for body in found.bodies:
        assert (body["remark"], body["address"], body["uin"]) == ("r", "a", "u")
    assert len(found.bodies) == (2 if first == second else 1)
