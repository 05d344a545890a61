"""Rows that are none of the data are told and skipped, and every other row without an id stays invalid (guide: rules)."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from payloads.rows import CLUE, read

HEADINGS = ["线索ID", "线索名称", "备注", "工单ID"]


def status(cells: Sequence[object]) -> tuple[str, list[str]]:
    found = read(HEADINGS, [CLUE, "王小明", "x", "1"], cells)  # type: ignore[arg-type]
    return found.statuses[1], [note.key for note in found.notes if note.key == "note.no_data"]


@pytest.mark.parametrize(
    "cells",
    [
        ["合计", None, None, "200"],
        [None, "小计：", 2, 30],
        ["总计 12"],
        ["共 12 条"],
        ["制表人：李伟", None, "填表日期：2026-12-01"],
        ["制表人", "李伟", "审核人", "王芳"],
        ["备注：以上线索请周五前回访"],
        ["以上数据来自 11 月导出"],
        ["说明"],
        [None, "合　计", "—", "１２３"],
        ["总计(元)", None, "1,234.50元", "12 家"],
        ["Grand Total", None, None, 12],
        [None, "李伟 汇总", None, 5],
        ["共计", None, None, 12],
        ["第 1 页 共 3 页"],
        ["制单人：李伟", None, "领导签字："],
        ["（以下空白）"],
        ["注1：以上线索请周五前回访"],
    ],
)
def test_a_row_that_is_none_of_the_data_is_skipped_and_told(cells: list[object]) -> None:
    assert status(cells) == ("skipped", ["note.no_data"])


@pytest.mark.parametrize(
    "cells",
    [
        [None, "王小明", "x", None],
        [None, "合计", "下周回访", None],
        ["王小明", "合计", None, None],
        [None, "说明书公司", None, None],
        ["1.59E+18", "合计", None, None],
        [None, "备注", "x", "y"],
        [None, "汇总科技公司", "x", None],
        [None, "小计", "李伟", "5"],
    ],
)
def test_real_data_without_an_id_stays_invalid(cells: list[object]) -> None:
    assert status(cells) == ("invalid", [])


def test_a_clue_of_that_name_is_sent() -> None:
    assert status([CLUE, "合计", "x", None]) == ("pending", [])


COUNTED = ["序号", "线索ID", "线索名称", "工单ID"]


def test_a_count_under_the_ids_is_no_id() -> None:
    clues = [[str(number), str(int(CLUE) + 40_010_000 * number), "王小明", "1"] for number in range(1, 4)]
    found = read(COUNTED, *clues, ["合计", 25, None, 200])
    assert found.statuses == ["pending", "pending", "pending", "skipped"]
    assert [note.key for note in found.notes] == ["note.counters", "note.no_data"]


@pytest.mark.parametrize("cells", [["合计", CLUE, None, 200], ["2", 25, "合计", 200], ["合计", 25, "王小明", 200]])
def test_a_row_of_a_clue_is_sent_although_it_holds_such_a_word(cells: list[object]) -> None:
    assert read(COUNTED, ["1", CLUE, "王小明", "1"], cells).statuses[1] == "pending"  # type: ignore[arg-type]
    assert read(COUNTED, ["合计", 25, None, 200], ["1", 26, "x", 1]).statuses == ["pending", "pending"]  # all ids are short


RESULTS = ["线索ID", "备注", "result_status", "result_message", "result_run", "result_row"]


def test_the_results_of_such_a_row_do_not_make_data_of_it() -> None:
    total = ["合计", "12", "skipped", "the row is none of the data", "20261129-051013-9961", "2"]
    assert read(RESULTS, total).statuses == ["skipped"]
    again = ["线索ID", "备注", "skipped", "the row repeats the headings", "20261129-051013-9961", "3"]
    assert read(RESULTS, again).statuses == ["skipped"]
