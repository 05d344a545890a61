"""Rows that an earlier run has updated: what makes them pass for sent no longer (guide: rules)."""

from __future__ import annotations

import pytest

from batch_editor.edits.columns import Columns
from batch_editor.edits.kept_rows import KeptRows
from batch_editor.model import Row, Status
from batch_editor.settings.settings import Settings

HEADINGS = ("备注", "线索ID", "性别", "生日", "线索名称")
ROW = ("x", "1591005521987920962", "男", "1990-05-01", "王")


def kept_rows() -> KeptRows:
    rules = Settings(context_columns=["线索名称"]).row_rules
    return KeptRows(Columns("Sheet1", Row(1, HEADINGS), rules), rules)


def sent(**over: str) -> dict[str, str]:
    """The cells of the row that an earlier run has sent, by heading."""
    return dict(zip(HEADINGS, ROW, strict=True)) | over


def test_a_row_that_a_later_one_has_overtaken_is_invalid_at_its_clue_id() -> None:
    plan = kept_rows().overtaken(4, 9)
    (problem,) = plan.problems
    assert (plan.row, plan.status, problem.address, problem.message.values) == (4, Status.INVALID, "Sheet1!B4", {"later": 9})


def test_a_row_that_asks_for_what_was_sent_stays_however_it_is_written() -> None:
    assert kept_rows().altered(2, ROW, [sent()]) is None
    assert kept_rows().altered(2, ("x ", ROW[1], "0", "1990/5/1", "王"), [sent()]) is None
    assert kept_rows().altered(2, ("", ROW[1], "", "", ""), [sent()]) is None  # a blank asks for nothing
    assert kept_rows().altered(2, ("x", ROW[1], "男", "1990-05-01", "李"), [sent()]) is None  # only sent along
    assert kept_rows().altered(2, ("#clear", *ROW[1:]), [sent(备注="＃CLEAR")]) is None


@pytest.mark.parametrize(
    ("texts", "place"),
    [
        (("y", *ROW[1:]), "A2"),
        (("#CLEAR", *ROW[1:]), "A2"),
        (("x", ROW[1], "女", "1990-05-02"), "C2"),
        (("x", ROW[1], "?"), "C2"),
    ],
)
def test_a_row_that_asks_for_something_else_is_invalid_at_the_first_such_cell(texts: tuple[str, ...], place: str) -> None:
    plan = kept_rows().altered(2, texts, [sent()])
    assert plan is not None and plan.status is Status.INVALID
    assert [(problem.address, problem.message.key) for problem in plan.problems] == [(f"Sheet1!{place}", "row.altered")]


def test_it_need_be_like_only_one_of_the_rows_that_it_can_stem_from() -> None:
    assert kept_rows().altered(2, ROW, [sent(备注="y"), sent()]) is None
    assert kept_rows().altered(2, ROW, [sent(备注="y"), sent(备注="z")]) is not None
    assert kept_rows().altered(2, ROW, []) is None
