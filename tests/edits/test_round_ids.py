"""Ids that end in zeros: chance explains a few of them in a column full of exact ids, and no more (guide: rules)."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from payloads.rows import CLUE, Read, read
from support import jobs
from support.crm import Crm

import batch_editor
from batch_editor.edits.rounded_ids import Exactness, most_by_chance
from batch_editor.messages import say


def right(count: int, zeros: int, seed: int = 0) -> list[str]:
    """Different ids of 19 digits, of which so many end in 0000."""
    chance = random.Random(seed)
    ids = [1591005520000000000 + number * 40_010_000 + chance.randrange(1, 9999) for number in range(count)]
    ids[1 : 1 + zeros] = [number // 10_000 * 10_000 for number in ids[1 : 1 + zeros]]
    return list(map(str, ids))


def column(ids: Sequence[object], key: str = "clue_id") -> Read:
    if key == "clue_id":
        return read(["clue_id", "remark"], *([cell, "x"] for cell in ids))
    return read(["clue_id", key], *([CLUE, cell] for cell in ids))


@pytest.mark.parametrize("key", ["clue_id", "clue_pool_id", "follow_user_id", "user_id", "label", "mf_clue_51", "uin"])
@pytest.mark.parametrize(("count", "zeros", "refused"), [(200, 1, 0), (2000, 3, 0), (2000, 4, 4), (200, 60, 60), (99, 1, 1)])
def test_chance_explains_a_few_of_a_full_column(key: str, count: int, zeros: int, refused: int) -> None:
    custom = {"mf_clue_51": {"type": "single"}} if key.startswith("mf_") else {}
    ids = right(count, zeros)
    rows = [[cell, "x"] for cell in ids] if key == "clue_id" else [[CLUE, cell] for cell in ids]
    rows = [row if key != "user_id" else [*row, "x"] for row in rows]
    headings = ["clue_id", "remark"] if key == "clue_id" else ["clue_id", key, *(["remark"] if key == "user_id" else [])]
    found = read(headings, *rows, custom_fields=custom)
    assert found.statuses.count("invalid") == refused
    assert {message for _, message in found.problems} <= ({"cell.rounded"} if count < 100 else {"cell.rounded_many"})
    assert any(note.key == "note.round_ids" for note in found.notes) == (not refused)


def test_both_are_told_in_numbers() -> None:
    sent, refused = column(right(50_000, 3)), column(right(2000, 30))
    assert "3 ids of clue_id end in 0000, as chance allows among 50000, and are sent." in sent.said
    (plan, *_) = [plan for plan in refused.plans if plan and plan.problems]
    assert "30 of the 2000 ids in this column" in say(plan.problems[0].message, "en")
    assert "最多只有 3 个" in say(plan.problems[0].message, "zh")


def test_numbers_stay_as_strict_as_they_are_and_count_along() -> None:
    ids: list[object] = [*right(500, 1), 1591005521987920000, "1.59101E+18", 1591005521987930000]
    found = column(ids)
    assert found.statuses.count("invalid") == 4 and ("Sheet1!A3", "cell.rounded_many") in found.problems


@pytest.mark.parametrize(("zeros", "refused"), [(1, 0), (9, 9)])
def test_whole_numbers_that_no_spreadsheet_holds_are_as_exact_as_texts(zeros: int, refused: int) -> None:
    rows = [[int(cell), "x"] for cell in right(1000, zeros)]
    found = read(["clue_id", "remark"], *rows, sheet="")
    assert found.statuses.count("invalid") == refused
    assert read(["clue_id", "remark"], *rows, sheet="Sheet1").statuses.count("invalid") == zeros


def test_a_tag_among_others_and_a_pool_that_stands_in_every_row() -> None:
    ids = right(300, 1)
    assert column([",".join(ids[place : place + 3]) for place in range(0, 300, 3)], "label").statuses == ["pending"] * 100
    assert column([ids[1]] * 300, "clue_pool_id").statuses == ["invalid"] * 300


def test_all_that_is_wrong_with_a_row_is_named_at_once_and_one_without_an_edit_is_refused_as_well() -> None:
    rows = [[cell, "x", "男"] for cell in right(200, 9)]
    rows[1][2], rows[2][1:] = "?", [None, None]
    found = read(["clue_id", "remark", "性别"], *rows)
    assert [reason for _, reason in found.problems[:2]] == ["cell.gender", "cell.rounded_many"]
    assert found.statuses[2] == "invalid" and found.statuses.count("invalid") == 9


@given(st.integers(100, 10**7))
def test_the_bound_is_that_of_chance(ids: int) -> None:
    """Checked against the sum from below of the same distribution, term by term."""
    most, term, total = most_by_chance(ids), (1 - 1e-4) ** min(ids, 10**6), 0.0
    assert most >= ids / 10_000 and most_by_chance(ids + 10_000) >= most
    if ids > 10**6:
        return
    for count in range(most):  # the chance of fewer than ``most``
        total += term
        term *= (ids - count) / (count + 1) * 1e-4 / (1 - 1e-4)
    assert 1 - total >= 0.99e-4 and 1 - (total + term) < 1.01e-4


def test_a_column_of_zeros_alone_takes_no_memory() -> None:
    exactness = Exactness()
    for number in range(60_000):
        exactness.add(1591005520000000000 + number * 10_000)
    assert exactness.is_hopeless and not exactness.explained and len(exactness.zeros) < 6_000


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_a_row_that_was_refused_is_sent_with_its_column_and_one_of_a_bad_column_is_not(tmp_path: Path, suffix: str) -> None:
    few, many = right(60, 1), right(300, 5)
    with Crm() as crm:
        settings = jobs.settings(tmp_path, crm.url)

        def run(ids: list[str], name: str) -> batch_editor.Report:
            path = jobs.workbook(tmp_path / name, [["线索ID", "备注"], *([one, "x"] for one in ids)])
            return batch_editor.run(path, settings, output=tmp_path / f"{name}.results.{suffix}")

        first, second = run(few, "few.xlsx"), run(many, "many.xlsx")
        assert (first.counts["invalid"], second.counts["invalid"]) == (1, 5)
        rows = jobs.raw_results(first.results or Path())
        more = [[one, "x", *[""] * (len(rows[0]) - 2)] for one in right(300, 0, seed=1)]
        path = jobs.workbook(tmp_path / "more.xlsx", [*rows, *more])
        third = batch_editor.run(path, settings, only_failed=True)
        assert [str(one) for one in third.problems] == []
        rows = jobs.raw_results(second.results or Path())
        left = [row for number, row in enumerate(rows) if number not in (2, 3, 4, 5)]
        again = batch_editor.run(jobs.workbook(tmp_path / "left.xlsx", left), settings, only_failed=True)
        assert again.counts["invalid"] == 1


def test_what_looks_like_something_else_among_ids_is_told() -> None:
    ids = right(30, 0)
    notes = {note.key: note.values for note in column([*ids[:9], "13800138000", "15910", *ids[9:]]).notes}
    assert notes["note.phones_as_ids"]["first"] == "Sheet1!A11" and notes["note.short_ids"]["first"] == "Sheet1!A12"
    assert "note.neighbour_ids" not in notes
    dragged = [str(int(ids[4]) + step) for step in range(1, 4)]
    (note,) = column([*ids[:5], *dragged, *ids[5:]]).notes
    assert (note.key, note.values["count"], note.values["first"]) == ("note.neighbour_ids", 3, "Sheet1!A7")
    together = [str(int(ids[0]) + number) for number in range(30)]
    assert column(together).notes == [] and column(["1", "2", "3"]).notes == []
