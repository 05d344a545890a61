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
    ],
)
def test_real_data_without_an_id_stays_invalid(cells: list[object]) -> None:
    assert status(cells) == ("invalid", [])


def test_a_clue_of_that_name_is_sent() -> None:
    assert status([CLUE, "合计", "x", None]) == ("pending", [])
