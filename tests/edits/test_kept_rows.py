"""Rows that an earlier run has updated: what makes them pass for sent no longer (guide: rules)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from batch_editor.cell_values import Row
from batch_editor.edits.cell_reader import CellReader
from batch_editor.edits.columns import Columns
from batch_editor.edits.earlier_results import Reference
from batch_editor.edits.kept_rows import EarlierReader, KeptRows, KnownRow, UnknownRow, overtaken
from batch_editor.model import Message, Plan, RowState, Status
from batch_editor.settings.row_rules import RowRules
from batch_editor.settings.settings import Settings

HEADINGS = ("备注", "线索ID", "性别", "生日", "线索名称", "标签")
ROW = ("x", "1591005521987920962", "男", "1990-05-01", "王", "et1-tag-of-the-tests、et2-tag-of-the-tests")
RULES = Settings(context_columns=["线索名称"]).row_rules


def earlier(
    cells: Sequence[str] = ROW,
    headings: Sequence[str] = HEADINGS,
    *,
    rules: RowRules = RULES,
    status: Status = Status.UPDATED,
    note: str = "verbatim",
    edit_keys: Sequence[str] = (),
    tags: str | None = None,
) -> KnownRow:
    """A row that an earlier run has sent."""
    state = RowState(
        7, status, tuple(cells), ("remark",), (), (Message(note, {"text": "好"}),), "0", 3, "2026-11-24T09:30:00+08:00"
    )
    return KnownRow(
        "earlier", 7, (1, 7), (1, 7), state, int(ROW[1]), EarlierReader(headings, rules, edit_keys=edit_keys, tags=tags)
    )


def plan(texts: Sequence[str], known: KnownRow, **options: Any) -> Plan | None:
    """What becomes of a row with these cells that comes in again as row 2."""
    answer = judged(texts, known, **options)
    assert not isinstance(answer, frozenset)
    return answer


def judged(
    texts: Sequence[str],
    known: KnownRow,
    *,
    rules: RowRules = RULES,
    tags: str | None = None,
    later: KnownRow | None = None,
) -> Plan | frozenset[str] | None:
    columns = Columns("Sheet1", Row(1, HEADINGS), rules)
    cells = [*texts, *[""] * (len(HEADINGS) - len(texts))]
    results = [
        CellReader(column.field, rules, required=False, in_workbook=True)[cells[column.index] or None]
        for column in columns.columns
    ]
    return KeptRows(columns, nothing_known, lambda known: later, tags).judge(2, tuple(texts), results, known)


def no_later(known: KnownRow) -> KnownRow | None:
    return None


def nothing_known(reference: Reference) -> UnknownRow:
    return UnknownRow(Message("reference.damaged"), (0, 0))


def test_a_row_that_stays_says_what_the_journal_knows_of_it() -> None:
    kept = plan(ROW, earlier())
    assert kept and kept.kept and kept.kept_from == ("earlier", 7)
    assert (kept.row, kept.status, kept.clue_id, kept.cells, kept.fields) == (2, "updated", int(ROW[1]), ROW, ("remark",))
    assert (kept.kept.code, kept.kept.attempts, kept.kept.time) == ("0", 3, "2026-11-24T09:30:00+08:00")
    assert kept.kept.message == Message("verbatim", {"text": "好"}) and kept.problems == ()


@pytest.mark.parametrize(
    ("texts", "then"),
    [
        (("x ", ROW[1], "0", "1990/5/1", "王", "et1-tag-of-the-tests,et2-tag-of-the-tests"), ROW),
        (("", ROW[1], "", "", ""), ROW),  # a blank asks for nothing
        (("x", ROW[1], "男", "1990-05-01", "李", ROW[5]), ROW),  # only sent along
        (("#clear", *ROW[1:]), ("＃CLEAR", *ROW[1:])),
        (("x", ROW[1], "?"), ("x", ROW[1], "?")),
    ],
)
def test_a_row_that_asks_for_what_was_sent_stays_however_it_is_written(texts: Sequence[str], then: Sequence[str]) -> None:
    kept = plan(texts, earlier(then))
    assert kept and kept.status is Status.UPDATED


@pytest.mark.parametrize("status", [Status.UPDATED, Status.UNCHANGED])
@pytest.mark.parametrize(
    ("texts", "mended"),
    [
        (("y", *ROW[1:]), {"remark"}),
        (("#CLEAR", *ROW[1:]), {"remark"}),
        (("x", ROW[1], "女", "1990-05-02"), {"gender", "birthday"}),
        (("x", ROW[1], "?"), {"gender"}),
        ((*ROW[:5], "et1-tag-of-the-tests"), {"label"}),
    ],
)
def test_of_a_row_that_was_mended_the_fields_are_named_that_were_changed(
    texts: tuple[str, ...], mended: set[str], status: Status
) -> None:
    assert judged(texts, earlier(status=status)) == mended


@pytest.mark.parametrize("texts", [("x", "1591005521987920963", *ROW[2:]), ("y", "1591005521987920963", *ROW[2:])])
def test_a_row_that_names_another_clue_is_invalid_there(texts: tuple[str, ...]) -> None:
    refused = plan(texts, earlier())
    assert refused is not None and refused.status is Status.INVALID and refused.kept is None
    assert [problem.message.key for problem in refused.problems] == ["row.altered"]
    assert refused.problems[-1].address == "Sheet1!B2"


def test_what_stands_in_a_column_that_was_not_there_was_not_sent() -> None:
    headings = [name for name in HEADINGS if name != "性别"]
    assert judged(ROW, earlier([cell for cell in ROW if cell != "男"], headings)) == {"gender"}
    kept = plan(("x", ROW[1], "", *ROW[3:]), earlier([cell for cell in ROW if cell != "男"], headings))
    assert kept and kept.status is Status.UPDATED


def test_of_a_row_that_was_updated_since_the_fields_are_named_that_differ_from_that() -> None:
    """Whoever mends an older copy, or a row that was updated before its last edit failed."""
    later = earlier(("y", *ROW[1:]))
    for known in (earlier(), earlier(("z", *ROW[1:]), status=Status.FAILED)):
        assert judged(("z", ROW[1], "女", *ROW[3:]), known, later=later) == {"remark", "gender"}
        kept = plan(("y", *ROW[1:]), known, later=later)
        assert kept and kept.status is Status.UPDATED


@pytest.mark.parametrize(
    ("known", "over", "place"),
    [
        (earlier(edit_keys=["remark"]), {}, "C2"),
        (earlier(), {"clear_marker": "x"}, "A2"),
        (earlier(), {"birthday_unit": "ms"}, "D2"),
        (earlier(tags="add"), {}, "F2"),
        (earlier(rules=Settings(context_columns=["线索名称", "remark"]).row_rules), {}, "A2"),
        (earlier(rules=Settings(columns={"备注": "address"}, context_columns=["线索名称"]).row_rules), {}, "A2"),
    ],
)
def test_a_row_that_means_something_else_by_now_is_invalid_too(known: KnownRow, over: dict[str, str], place: str) -> None:
    refused = plan(ROW, known, rules=Settings(context_columns=["线索名称"], **over).row_rules)
    assert refused and refused.status is Status.INVALID
    (problem,) = refused.problems
    assert (problem.address, problem.message) == (f"Sheet1!{place}", Message("row.other_meaning", {"run": "earlier"}))


def test_tags_that_were_added_are_not_those_that_replace_all() -> None:
    kept = plan(ROW, earlier(tags="add"), tags="add")
    assert kept and kept.status is Status.UPDATED


@pytest.mark.parametrize("clue", ["", "bad"])
def test_a_row_without_a_clue_is_read_like_any_other(clue: str) -> None:
    assert plan(("x", clue), earlier()) is None


@pytest.mark.parametrize("status", [Status.REJECTED, Status.FAILED, Status.INVALID, Status.SKIPPED, Status.PENDING])
def test_a_row_that_was_not_updated_is_read_like_any_other(status: Status) -> None:
    assert plan(ROW, earlier(status=status)) is None


def test_a_conflict_that_only_its_run_could_see_stays_until_the_row_is_changed() -> None:
    known = earlier(status=Status.CONFLICT, note="undo.changed")
    kept = plan(ROW, known)
    assert kept and kept.status is Status.CONFLICT and kept.kept and kept.kept.message
    assert plan(("y", *ROW[1:]), known) is None
    assert plan((*ROW[:4], "李", ROW[5]), known) is None  # a name that is only sent along may have been what it was about
    assert plan(ROW, earlier(status=Status.CONFLICT, note="row.changed_since")) is None  # asked anew


def test_a_row_whose_headings_nobody_understands_any_more_is_not_known_to_be_the_same() -> None:
    known = earlier()
    refused = plan(ROW, KnownRow(known.run, known.number, known.origin, known.place, known.state, known.clue_id, None))
    assert refused and refused.status is Status.INVALID


def test_a_row_that_a_newer_one_has_overtaken_is_invalid_at_its_clue_id() -> None:
    refused = overtaken(Columns("Sheet1", Row(1, HEADINGS), RULES), 4, 9)
    (problem,) = refused.problems
    assert (refused.row, refused.status, problem.address, problem.message.values) == (
        4,
        Status.INVALID,
        "Sheet1!B4",
        {"later": 9},
    )


def test_a_row_that_the_journal_does_not_know_is_invalid_at_its_clue_id() -> None:
    kept_rows = KeptRows(Columns("Sheet1", Row(1, HEADINGS), RULES), nothing_known, no_later, None)
    refused = kept_rows.unknown(4, ROW, nothing_known(Reference("", 0)))
    (problem,) = refused.problems
    assert (refused.status, refused.cells, problem.address) == (Status.INVALID, ROW, "Sheet1!B4")
    assert problem.message == Message("row.unknown", {"reason": Message("reference.damaged")})
