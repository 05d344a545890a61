"""What a run would do, in numbers and examples, and the guards that stop it before its first call."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from support import jobs
from support.crm import Crm

import batch_editor
from batch_editor.errors import GuardTripped, Refused
from batch_editor.model import Status
from batch_editor.runs.guards import check_guards, judge
from batch_editor.runs.preview import Preview
from batch_editor.runs.row_counts import RowCounts, count_rows
from batch_editor.settings.sections import Guards

HEAD = "clue_id,follow_user_id,remark,label,address\n"
MIXED = (
    HEAD + "11,,a,,\n12,wo-employee-number-2,#CLEAR,tag-of-the-tests-no-1,\n"
    "13,wo-employee-number-3,b,,#CLEAR\n14,,,,\nbad,,c,,\n11,,d,,\n11,,,tag-of-the-tests-no-2,\n"
)
OF_PEOPLE = "clue_id,描述,性别,标签\n"


def previewed(folder: Path, text: str, limit: int | None = None, **over: object) -> Preview:
    edits = jobs.text_file(folder / "edits.csv", text)
    return batch_editor.check(edits, jobs.settings(folder, **over), limit=limit).preview


def test_a_preview_counts_rows_fields_and_what_is_irreversible(tmp_path: Path) -> None:
    preview = previewed(tmp_path, MIXED)
    assert preview.rows == 7 and preview.calls == 5
    assert preview.counts.statuses == {"pending": 5, "skipped": 1, "invalid": 1}
    assert preview.counts.sets == {"remark": 3, "follow_user_id": 2, "label": 2}
    assert preview.counts.clears == {"remark": 1, "address": 1}
    assert preview.counts.reassigned == 2
    assert (preview.repeated_clues, preview.repeated) == (1, [(11, [2, 7, 8])])
    assert [(problem.row, problem.field) for problem in preview.counts.problems] == [(6, "clue_id")]


def test_a_row_whose_tags_are_all_replaced_counts_once(tmp_path: Path) -> None:
    preview = previewed(
        tmp_path,
        "clue_id,label,business_tag_ids,remark\n11,tag-of-the-tests-no-1,tag-of-the-tests-no-2,\n12,,#CLEAR,\n13,,,x\n",
    )
    assert preview.counts.retagged == 2


@pytest.mark.parametrize(
    ("row", "harmless"),
    [
        ("11,wo-employee-number-1,,", False),
        ("11,,#CLEAR,", False),
        ("11,,,tag-of-the-tests-no-1", False),
        ("11,,x,", True),
        ("11,,,", True),
    ],
)
def test_what_is_harmless(tmp_path: Path, row: str, harmless: bool) -> None:
    assert previewed(tmp_path, f"clue_id,follow_user_id,remark,label\n{row}\n").is_harmless is harmless


def test_a_limit_counts_only_what_will_be_sent(tmp_path: Path) -> None:
    preview = previewed(tmp_path, MIXED, limit=2)
    assert (preview.rows, preview.calls) == (7, 2)
    assert (preview.counts.clears, preview.counts.reassigned, preview.counts.sets) == (
        {"remark": 1},
        1,
        {"remark": 1, "follow_user_id": 1, "label": 1},
    )


def test_rows_that_are_not_sent_give_no_examples(tmp_path: Path) -> None:
    edits = jobs.text_file(tmp_path / "edits.csv", OF_PEOPLE + "bad,invalid,,\n11,sent,,\n12,beyond,,\n")
    preview = batch_editor.check(edits, jobs.settings(tmp_path), limit=1).preview
    assert preview.counts.values == {"remark": ["sent"]}


def test_a_run_that_is_gone_on_with_shows_examples_of_the_rest(tmp_path: Path) -> None:
    edits = jobs.text_file(tmp_path / "edits.csv", OF_PEOPLE + "11,first,,\n12,second,,\n")
    seen: list[Preview] = []

    def confirm(preview: Preview) -> bool:
        seen.append(preview)
        return True

    with Crm() as crm:
        settings = jobs.settings(tmp_path, crm.url)
        batch_editor.run(edits, settings, limit=1)
        batch_editor.run(edits, settings, confirm=confirm)
    assert [(one.counts.values, one.clues) for one in seen] == [({"remark": ["second"]}, 1)]


def test_clues_are_counted_once_and_only_those_that_are_sent(tmp_path: Path) -> None:
    edits = jobs.text_file(tmp_path / "edits.csv", OF_PEOPLE + "11,a,,\n11,b,,\n12,c,,\n13,d,,\n")
    counted = [batch_editor.check(edits, jobs.settings(tmp_path), limit=limit).preview.clues for limit in (None, 3, 2)]
    assert counted == [3, 2, 1]


def test_two_problems_of_one_column_are_two_groups(tmp_path: Path) -> None:
    preview = previewed(tmp_path, OF_PEOPLE + "x,a,,\n1591005521987920000,b,,\ny,c,,\n1591005521987921E+3,d,,\n")
    places = [(group.place, group.number, group.first.message.key) for group in preview.counts.problem_groups]
    assert places == [("A2 … A4", 2, "cell.not_id"), ("A3", 1, "cell.rounded"), ("A5", 1, "cell.id_float")]


def test_a_range_names_its_sheet_once(tmp_path: Path) -> None:
    path = jobs.workbook(tmp_path / "edits.xlsx", [["clue_id", "描述"], ["x", "a"], ["y", "b"]], title="三月 表")
    (group,) = batch_editor.check(path, jobs.settings(tmp_path)).preview.counts.problem_groups
    assert group.place == "'三月 表'!A2:A3"


def test_a_few_examples_of_a_field_are_kept_and_each_of_them_once(tmp_path: Path) -> None:
    rows = "".join(f"{clue},wert {clue // 2},,#CLEAR\n" for clue in range(11, 31))
    counts = previewed(tmp_path, OF_PEOPLE + rows).counts
    assert counts.values == {"remark": ["wert 5", "wert 6", "wert 7", "wert 8"]}
    assert counts.cleared_rows == {"label": [2, 3, 4, 5]}
    assert (counts.sets, counts.clears) == ({"remark": 20}, {"label": 20})


def test_rows_that_list_different_fields_give_no_more_examples_together(tmp_path: Path) -> None:
    rows = "".join(f"{clue},wert {clue},{'男' if clue % 2 else ''},#CLEAR\n" for clue in range(11, 31))
    counts = previewed(tmp_path, OF_PEOPLE + rows).counts
    assert counts.values == {"remark": ["wert 11", "wert 12", "wert 13", "wert 14"], "gender": ["男"]}
    assert counts.cleared_rows == {"label": [2, 3, 4, 5]}
    assert (counts.sets, counts.clears) == ({"remark": 20, "gender": 10}, {"label": 20})


@pytest.mark.parametrize(("option", "reads"), [({"snapshot": True}, 2), ({"only_changed": True}, 5), ({}, 0)])
def test_no_more_clues_are_read_than_rows_are_sent_unless_some_may_turn_out_equal(
    tmp_path: Path, option: dict[str, bool], reads: int
) -> None:
    edits = jobs.sheet(tmp_path, range(11, 16))
    assert batch_editor.check(edits, jobs.settings(tmp_path), limit=2, **option).preview.reads == reads  # type: ignore[arg-type]


def test_no_rows_count_nothing() -> None:
    assert count_rows([]) == RowCounts()


# --- guards and refusals


@pytest.mark.parametrize(
    ("guards", "text", "found"),
    [
        ({"max_rows": 6}, MIXED, "The sheet has 7 rows, more than guards.max_rows allows (6)"),
        ({"min_rows": 8}, MIXED, "The sheet has 7 rows, fewer than guards.min_rows demands (8)"),
        ({"max_clears": 1}, MIXED, "2 cells would be cleared, more than guards.max_clears allows (1)"),
        ({"max_clears": 0}, MIXED, "2 cells would be cleared, more than guards.max_clears allows (0)"),
        ({"max_reassigned": 1}, MIXED, "would be set in 2 rows, more than guards.max_reassigned allows (1)"),
        (
            {"max_invalid_share": 0.1},
            MIXED,
            "A share of 0.1429 of the rows is invalid, more than guards.max_invalid_share allows (0.1)",
        ),
        ({"max_invalid_share": 0}, MIXED, "guards.max_invalid_share allows (0"),
    ],
)
def test_a_guard_stops_a_run_before_its_first_call(tmp_path: Path, guards: dict[str, float], text: str, found: str) -> None:
    with Crm() as crm:
        given = jobs.settings(tmp_path, crm.url, guards=guards)
        with pytest.raises(GuardTripped) as caught:
            batch_editor.run(jobs.text_file(tmp_path / "edits.csv", text), given)
    assert found in str(caught.value) and "Nothing was sent" in str(caught.value)
    assert crm.calls == [] and sorted(path.name for path in tmp_path.iterdir()) == ["edits.check.xlsx", "edits.csv", "state"]


def test_guards_at_their_limit_let_through(tmp_path: Path) -> None:
    guards = {"max_rows": 7, "min_rows": 7, "max_clears": 2, "max_reassigned": 2, "max_invalid_share": 0.2}
    with Crm() as crm:
        batch_editor.run(jobs.text_file(tmp_path / "edits.csv", MIXED), jobs.settings(tmp_path, crm.url, guards=guards))
    assert len(crm.calls) == 5


def test_guards_judge_counts_alone() -> None:
    counts = RowCounts(rows=4, statuses=Counter({Status.INVALID: 1}), clears=Counter(remark=2, address=1), reassigned=2)
    check_guards(judge(counts, Guards(max_rows=4, min_rows=4, max_clears=3, max_reassigned=2, max_invalid_share=0.25)))
    check_guards(judge(RowCounts(), Guards(max_rows=0, min_rows=0, max_clears=0, max_reassigned=0, max_invalid_share=0)))
    for guards in (Guards(max_rows=3), Guards(min_rows=5), Guards(max_clears=2), Guards(max_reassigned=1)):
        with pytest.raises(GuardTripped):
            check_guards(judge(counts, guards))
    with pytest.raises(GuardTripped, match=r"A share of 0\.25 .* allows \(0\.24\)"):
        check_guards(judge(counts, Guards(max_invalid_share=0.24)))


def test_duplicates_can_be_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"Of 1 clue there are several rows, .* Clue \(rows\): 11 \(2, 7, 8\)\."):
        previewed(tmp_path, MIXED, duplicates="error")
