"""Rows that name somebody else than their clue id: whoever sorted the ids alone changes nobody's clue where clues are read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support import jobs
from support.records import EDIT, calls

import batch_editor
from batch_editor import Report, Settings
from batch_editor.errors import SettingsError
from batch_editor.sandbox import Sandbox

pytestmark = pytest.mark.usefixtures("results_as_csv")

CONTEXT = ["clue_name", "follow_user_id", "clue_pool_id", "clue_corp_name"]
CLUES: list[dict[str, Any]] = [
    {
        "clue_id": 11,
        "clue_name": "王小明",
        "follow_user_id": "wo-employee-number-a",
        "clue_pool_id": 7,
        "clue_corp_name": "甲公司",
    },
    {
        "clue_id": 12,
        "clue_name": "李 Wei",
        "follow_user_id": "wo-employee-number-b",
        "clue_pool_id": 8,
        "clue_corp_name": "乙公司",
    },
]
RIGHT, SWAPPED = {11: "王小明", 12: "李 Wei"}, {11: "李 Wei", 12: "王小明"}


@pytest.fixture
def crm() -> Iterator[Sandbox]:
    with Sandbox(CLUES, access_token=jobs.TOKEN) as running:
        yield running


def given(folder: Path, crm: Sandbox, **over: Any) -> Settings:
    return jobs.settings(folder, crm.url, **jobs.merged({"rate": {"concurrency": 1}, "context_columns": CONTEXT}, over))


def sheet(folder: Path, named: dict[int, str], heading: str = "clue_name", key: str = "remark", value: str = "new") -> Path:
    lines = [f"clue_id,{heading},{key}", *(f"{clue},{name},{value}" for clue, name in named.items())]
    return jobs.text_file(folder / "edits.csv", "\n".join(lines) + "\n")


def remarks(crm: Sandbox) -> list[object]:
    return [crm.clue(clue)["remark"] for clue in (11, 12)]


def statuses(report: Report) -> list[str]:
    return jobs.statuses(report.results)


# --- where a clue is read


@pytest.mark.parametrize("how", [{"snapshot": True}, {"only_changed": True}])
def test_a_row_that_names_somebody_else_is_not_sent(tmp_path: Path, crm: Sandbox, how: dict[str, Any]) -> None:
    report = batch_editor.run(sheet(tmp_path, SWAPPED), given(tmp_path, crm), **how)
    assert (report.exit_code, statuses(report), calls(crm, EDIT)) == (1, ["conflict"] * 2, [])
    told = jobs.results(report.results)[0]["result_message"]
    assert "线索名称 (clue_name)" in told and '"李 Wei"' in told and '"王小明"' in told and "compare_columns" in told
    assert statuses(batch_editor.run(sheet(tmp_path, RIGHT), given(tmp_path, crm), **how)) == ["updated"] * 2


def test_of_a_row_that_lacks_something_the_rest_is_compared(tmp_path: Path, crm: Sandbox) -> None:
    settings = given(tmp_path, crm, fill=True).model_copy(update={"defaults": {"user_id": "wo-operator-of-the-tests"}})
    assert statuses(batch_editor.run(sheet(tmp_path, SWAPPED), settings)) == ["conflict"] * 2 and remarks(crm) == [None, None]


def test_of_a_row_with_tags_as_well(tmp_path: Path, crm: Sandbox) -> None:
    path = sheet(tmp_path, SWAPPED, key="label", value="et2-tag-of-the-tests")
    assert statuses(batch_editor.run(path, given(tmp_path, crm), tags="add")) == ["conflict"] * 2


def test_a_diff_says_so(tmp_path: Path, crm: Sandbox) -> None:
    report = batch_editor.diff(sheet(tmp_path, {11: "李 Wei", 12: "李 Wei"}), given(tmp_path, crm))
    assert (report.exit_code, report.counts["conflict"], len(report.preview.changes)) == (1, 1, 1)
    assert '"李 Wei"' in jobs.raw_results(tmp_path / "edits.diff.csv")[1][6]


@pytest.mark.parametrize("only", [False, True])
def test_the_proof_takes_the_first_row_that_names_the_right_clue(tmp_path: Path, crm: Sandbox, only: bool) -> None:
    settings = given(tmp_path, crm, prove=True)
    report = batch_editor.run(
        sheet(tmp_path, {11: "李 Wei", 12: "李 Wei"}), settings, prove_only=only, output=tmp_path / "out.csv"
    )
    assert statuses(report) == ["conflict", "updated"] and remarks(crm) == [None, None if only else "new"]
    assert {call["clue_id"] for call in calls(crm, EDIT)} == {12}
    assert report.exit_code == (0 if only else 1)


def test_a_clue_that_nobody_reads_is_not_compared(tmp_path: Path, crm: Sandbox) -> None:
    assert statuses(batch_editor.run(sheet(tmp_path, SWAPPED), given(tmp_path, crm))) == ["updated"] * 2


# --- which cells, and what counts as the same


@pytest.mark.parametrize(
    ("heading", "wrong"), [("follow_user_id", "wo-employee-number-b"), ("clue_pool_id", "8"), ("clue_corp_name", "乙公司")]
)
def test_other_fields_are_compared_as_well(tmp_path: Path, crm: Sandbox, heading: str, wrong: str) -> None:
    settings = given(tmp_path, crm, compare_columns=["follow_user_id", "clue_pool_id", "clue_corp_name"])
    report = batch_editor.run(sheet(tmp_path, {11: wrong}, heading), settings, snapshot=True)
    assert statuses(report) == ["conflict"] and wrong in jobs.results(report.results)[0]["result_message"]


def test_a_setting_says_which_fields(tmp_path: Path, crm: Sandbox) -> None:
    for keys in ([], ["clue_pool_id"]):
        settings = given(tmp_path, crm, compare_columns=keys)
        assert statuses(batch_editor.run(sheet(tmp_path, SWAPPED), settings, snapshot=True, new=True)) == ["updated"] * 2
    with pytest.raises(SettingsError, match="compare_columns"):
        given(tmp_path, crm, compare_columns=["clue_nam"])


def test_what_is_to_be_changed_is_not_compared(tmp_path: Path, crm: Sandbox) -> None:
    settings = given(tmp_path, crm, context_columns=[])
    assert statuses(batch_editor.run(sheet(tmp_path, SWAPPED), settings, snapshot=True)) == ["updated"] * 2
    assert crm.clue(11)["clue_name"] == "李 Wei"


def test_columns_outside_of_the_option_edit_are_compared(tmp_path: Path, crm: Sandbox) -> None:
    settings = given(tmp_path, crm, context_columns=[])
    report = batch_editor.run(sheet(tmp_path, SWAPPED), settings, snapshot=True, edit_keys=["remark"])
    assert statuses(report) == ["conflict"] * 2


@pytest.mark.parametrize("name", ["李 wei", "李Wei", " 李  Ｗｅｉ ", "李\u200bWei", "", "李*", "王**"])
def test_the_same_name_in_another_spelling_is_the_same(tmp_path: Path, crm: Sandbox, name: str) -> None:
    assert statuses(batch_editor.run(sheet(tmp_path, {12: name}), given(tmp_path, crm), snapshot=True)) == ["updated"]


@pytest.mark.parametrize("shown", ["李**", "", None])
def test_a_value_that_the_crm_masks_or_does_not_show_says_nothing(tmp_path: Path, shown: str | None) -> None:
    with Sandbox(CLUES, access_token=jobs.TOKEN, info_extra={"clue_name": shown}) as crm:
        assert statuses(batch_editor.run(sheet(tmp_path, {12: "王小明"}), given(tmp_path, crm), snapshot=True)) == ["updated"]


@pytest.mark.parametrize(
    ("owner", "tables", "status"),
    [
        ("李伟", {"follow_user_id": {"李伟": "wo-employee-number-a", "王芳": "wo-employee-number-b"}}, "updated"),
        ("王芳", {"follow_user_id": {"李伟": "wo-employee-number-a", "王芳": "wo-employee-number-b"}}, "conflict"),
        ("王芳", {}, "updated"),  # a name without a table is no id, and says nothing
    ],
)
def test_names_are_looked_up(tmp_path: Path, crm: Sandbox, owner: str, tables: dict[str, Any], status: str) -> None:
    defaults = jobs.DEFAULTS | {"follow_user_id": "李伟" if tables else "wo-employee-number-a"}
    settings = given(tmp_path, crm, lookups=tables, defaults=defaults, ids=jobs.SHORT_IDS)
    assert statuses(batch_editor.run(sheet(tmp_path, {11: owner}, "follow_user_id"), settings, snapshot=True)) == [status]


def test_a_default_is_no_cell_of_the_row(tmp_path: Path, crm: Sandbox) -> None:
    settings = given(tmp_path, crm, defaults={"follow_user_id": "wo-employee-number-z"})
    assert statuses(batch_editor.run(jobs.sheet(tmp_path, [11]), settings, snapshot=True)) == ["updated"]


# --- what runs have changed themselves


def test_a_value_that_an_earlier_run_has_replaced_still_names_the_clue(tmp_path: Path, crm: Sandbox) -> None:
    """The same export is used twice: first for new owners, then, with the old ones as context, for remarks."""
    settings = given(tmp_path, crm, context_columns=["clue_name"])
    owners = jobs.text_file(
        tmp_path / "owners.csv",
        "clue_id,clue_name,follow_user_id\n11,王小明,wo-employee-number-c\n12,李 Wei,wo-employee-number-d\n",
    )
    assert batch_editor.run(owners, settings, snapshot=True).counts["updated"] == 2
    notes = sheet(tmp_path, {11: "wo-employee-number-a", 12: "wo-employee-number-a"}, "follow_user_id")
    assert statuses(batch_editor.run(notes, given(tmp_path, crm), snapshot=True)) == ["updated", "conflict"]


def test_an_undo_compares_nothing(tmp_path: Path, crm: Sandbox) -> None:
    settings = given(tmp_path, crm)
    first = batch_editor.run(sheet(tmp_path, RIGHT), settings, snapshot=True)
    crm.change(11, clue_name="别人")
    assert batch_editor.undo(str(first.run), settings).counts["updated"] == 2


def test_a_run_that_goes_on_compares_too(tmp_path: Path, crm: Sandbox) -> None:
    settings, path = given(tmp_path, crm), sheet(tmp_path, {11: "王小明", 12: "王小明"})
    first = batch_editor.run(path, settings, snapshot=True, limit=1)
    assert statuses(batch_editor.resume(str(first.run), settings)) == ["updated", "conflict"]


# --- in the next round


def again(report: Report, given: Settings, **how: Any) -> Report:
    return batch_editor.run(report.results, given, only_failed=True, **how)


def test_in_the_next_round_it_is_compared_anew_with_what_the_crm_shows_then(tmp_path: Path, crm: Sandbox) -> None:
    first = batch_editor.run(sheet(tmp_path, SWAPPED), given(tmp_path, crm), snapshot=True)
    crm.change(11, clue_name="李 Wei")
    second = again(first, given(tmp_path, crm), only_changed=True)
    assert (statuses(first), statuses(second)) == (["conflict"] * 2, ["updated", "conflict"])
    crm.change(12, clue_name="赵六")
    told = jobs.results(again(second, given(tmp_path, crm), snapshot=True).results)[1]
    assert told["result_status"] == "conflict" and '"赵六"' in told["result_message"]


def test_in_the_next_round_it_is_sent_where_its_column_is_not_compared_any_more(tmp_path: Path, crm: Sandbox) -> None:
    first = batch_editor.run(sheet(tmp_path, SWAPPED), given(tmp_path, crm), snapshot=True)
    second = again(first, given(tmp_path, crm, compare_columns=["clue_pool_id"]))
    assert (statuses(second), remarks(crm)) == (["updated"] * 2, ["new"] * 2)


def test_in_the_next_round_it_stays_where_its_clue_is_not_read(tmp_path: Path, crm: Sandbox) -> None:
    """It would be sent unseen."""
    first = batch_editor.run(sheet(tmp_path, SWAPPED), given(tmp_path, crm), snapshot=True)
    assert statuses(again(first, given(tmp_path, crm), new=True)) == ["conflict"] * 2 and not calls(crm, EDIT)
