"""An undo of a part of a run, against the sandbox: what is named comes back, all else stays, and can be put back later."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from support import jobs
from support.records import EDIT, INFO, calls

import batch_editor
from batch_editor import Report, Settings
from batch_editor.edits.headings import Names
from batch_editor.errors import Refused
from batch_editor.messages import say
from batch_editor.runs.options import RunOptions
from batch_editor.runs.undo_parts import parts_of, with_parts
from batch_editor.sandbox import Sandbox

CLUES = range(11, 16)
ROWS = "clue_id,remark,address\n" + "".join(f"{clue},new {clue},now {clue}\n" for clue in CLUES)


@pytest.fixture
def crm() -> Iterator[Sandbox]:
    clues = [
        {"clue_id": clue, "clue_name": f"name {clue}", "remark": f"old {clue}", "address": f"there {clue}"} for clue in CLUES
    ]
    with Sandbox(clues, access_token=jobs.TOKEN) as running:
        yield running


@pytest.fixture
def given(tmp_path: Path, crm: Sandbox) -> Settings:
    return jobs.settings(tmp_path, crm.url, rate={"concurrency": 1}, compare_columns=[], columns={"客户备注": "remark"})


def run(folder: Path, given: Settings, text: str = ROWS, **options: Any) -> str:
    report = batch_editor.run(jobs.text_file(folder / "edits.csv", text), given, **{"snapshot": True} | options)
    assert report.run is not None
    return report.run


def state(crm: Sandbox, key: str = "remark") -> str:
    """Of each clue whether its field is old or new: ``o`` or ``n``."""
    return "".join(str(crm.clue(clue)[key])[0] for clue in CLUES)


def rows_of(report: Report) -> list[tuple[str, str, str]]:
    return [(row["线索ID"], row["result_status"], row["result_fields"]) for row in jobs.results(report.results)]


# --- what is named


@pytest.mark.parametrize(
    ("part", "remarks", "addresses"),
    [
        ({"rows": "3"}, "nonnn", "ntnnn"),
        ({"rows": "2,5-6"}, "onnoo", "tnntt"),
        ({"rows": ["2，3", 6]}, "oonno", "ttnnt"),
        ({"rows": "４～５"}, "nnoon", "nnttn"),
        ({"rows": "4 - 5、 2"}, "onoon", "tnttn"),
        ({"rows": range(3, 6)}, "nooon", "ntttn"),
        ({"clues": "12, 14"}, "nonon", "ntntn"),
        ({"clues": [12, "１４；15"]}, "nonoo", "ntntt"),
        ({"fields": "address"}, "nnnnn", "ttttt"),
        ({"fields": ["描述"]}, "ooooo", "nnnnn"),
        ({"fields": "客户备注、地址"}, "ooooo", "ttttt"),
        ({"rows": "2-4", "clues": [12, 13], "fields": "remark"}, "noonn", "nnnnn"),
    ],
)
def test_what_is_named_is_put_back_and_nothing_else(
    tmp_path: Path, crm: Sandbox, given: Settings, part: dict[str, Any], remarks: str, addresses: str
) -> None:
    name = run(tmp_path, given)
    before = len(crm.requests)
    report = batch_editor.undo(name, given, **part)
    assert (state(crm), state(crm, "address")) == (remarks, addresses)
    changed = sum(1 for one, other in zip(remarks, addresses, strict=True) if one == "o" or other == "t")
    assert (report.exit_code, report.rows, report.counts["updated"]) == (0, changed, changed)
    assert len(calls(crm, INFO, before)) == len(calls(crm, EDIT, before)) == changed, "no other clue is even read"


def test_what_is_left_is_put_back_later_and_a_part_only_once(tmp_path: Path, crm: Sandbox, given: Settings) -> None:
    name = run(tmp_path, given)
    first = batch_editor.undo(name, given, rows="2", fields="remark")
    second = batch_editor.undo(name, given, rows="2,3")
    assert (state(crm), state(crm, "address")) == ("oonnn", "ttnnn")
    assert rows_of(second) == [("11", "updated", "详细地址"), ("11", "unchanged", "描述"), ("12", "updated", "描述, 详细地址")]
    sent = len(crm.requests)
    again = batch_editor.undo(name, given, rows="2", fields="remark")
    assert len(crm.requests) == sent and (again.exit_code, again.counts["unchanged"], again.rows) == (0, 1, 1)
    (row,) = jobs.results(again.results)
    assert f"left as it is, since the run {first.run} has put it back before: 描述 (remark)" in row["result_message"]
    assert f"Put back before, by the run {first.run}: 1 clue" in say(again.preview.notes[0], "en")
    whole = batch_editor.undo(name, given)
    assert (state(crm), state(crm, "address"), whole.counts["updated"]) == ("ooooo", "ttttt", 3)


def test_what_was_put_back_and_set_again_by_somebody_stays_unless_it_is_forced(
    tmp_path: Path, crm: Sandbox, given: Settings
) -> None:
    name = run(tmp_path, given)
    batch_editor.undo(name, given, rows="2")
    crm.change(11, remark="new 11")
    assert batch_editor.undo(name, given, rows="2").counts["unchanged"] == 1 and state(crm)[0] == "n"
    assert batch_editor.undo(name, given, rows="2", force=True).counts["updated"] == 1 and state(crm)[0] == "o"


def test_the_undo_of_a_part_can_be_undone_in_part_and_then_put_back_again(
    tmp_path: Path, crm: Sandbox, given: Settings
) -> None:
    name = run(tmp_path, given)
    first = batch_editor.undo(name, given, rows="2-4")
    assert state(crm) == "ooonn"
    assert [row["线索ID"] for row in jobs.results(first.results)] == ["11", "12", "13"]
    batch_editor.undo(first.run or "", given, clues=[12], fields="remark")
    assert (state(crm), state(crm, "address")) == ("ononn", "tttnn")
    third = batch_editor.undo(name, given, rows="2-4")
    assert (state(crm), state(crm, "address")) == ("ooonn", "tttnn")
    assert (third.counts["updated"], third.counts["unchanged"]) == (1, 3)


# --- several rows of a clue

TWICE = "clue_id,remark,address\n11,first,a\n12,other,\n11,second,\n11,,c\n"


def test_a_row_under_a_later_one_of_the_run_is_left_alone_and_told(tmp_path: Path, crm: Sandbox, given: Settings) -> None:
    name = run(tmp_path, given, TWICE)
    sent = len(crm.requests)
    with pytest.raises(Refused) as refused:
        batch_editor.undo(name, given, rows="2", fields="remark")
    assert len(crm.requests) == sent and crm.clue(11)["remark"] == "second"
    assert "a later row of the same clue in that run" in str(refused.value) and "2 (4)" in str(refused.value)
    report = batch_editor.undo(name, given, rows="2,3")
    assert rows_of(report) == [("11", "conflict", "描述"), ("11", "conflict", "详细地址"), ("12", "updated", "描述")]
    assert [row["result_message"][:48] for row in jobs.results(report.results)[:2]] == [
        "left alone, since row 4 of the same run has set ",
        "left alone, since row 5 of the same run has set ",
    ]
    assert (report.exit_code, crm.clue(11)["remark"], crm.clue(11)["address"]) == (1, "second", "c")


def test_the_later_row_gives_back_what_the_earlier_one_had_made(tmp_path: Path, crm: Sandbox, given: Settings) -> None:
    name = run(tmp_path, given, TWICE)
    assert batch_editor.undo(name, given, rows="4-5").exit_code == 0
    assert (crm.clue(11)["remark"], crm.clue(11)["address"]) == ("first", "a")
    assert batch_editor.undo(name, given, rows="2").exit_code == 0
    assert (crm.clue(11)["remark"], crm.clue(11)["address"], crm.clue(12)["remark"]) == ("old 11", "there 11", "other")


def test_all_rows_of_a_clue_at_once_give_back_what_was_there_first(tmp_path: Path, crm: Sandbox, given: Settings) -> None:
    name = run(tmp_path, given, TWICE)
    batch_editor.undo(name, given, rows="4")
    report = batch_editor.undo(name, given, clues="11")
    assert (crm.clue(11)["remark"], crm.clue(11)["address"], crm.clue(12)["remark"]) == ("old 11", "there 11", "other")
    assert rows_of(report) == [("11", "updated", "描述, 详细地址")]


def test_force_puts_the_earlier_row_back_over_the_later_one(tmp_path: Path, crm: Sandbox, given: Settings) -> None:
    name = run(tmp_path, given, TWICE)
    batch_editor.undo(name, given, rows="2", fields="remark", force=True)
    assert (crm.clue(11)["remark"], crm.clue(11)["address"]) == ("old 11", "c")


def test_what_an_unanswered_row_has_left_is_not_taken_for_known(tmp_path: Path) -> None:
    clues = [{"clue_id": 11, "remark": "old"}]
    with Sandbox(clues, access_token=jobs.TOKEN, faults=["lost-after@1-2", "code=7@3"]) as crm:
        given = jobs.settings(tmp_path, crm.url, rate={"concurrency": 1}, compare_columns=[], halt={"after_rejections": 1})
        name = run(tmp_path, given, "clue_id,remark\n11,first\n11,second\n")
        batch_editor.resume(name, given)  # the first one is rejected
        report = batch_editor.resume(name, given)
        assert (jobs.statuses(report.results), crm.clue(11)["remark"]) == (["rejected", "updated"], "second")
        with pytest.raises(Refused) as refused:
            batch_editor.undo(name, given, rows="3")
        assert "no value from before is known" in str(refused.value) and crm.clue(11)["remark"] == "second"


# --- what the run has not changed


@pytest.mark.parametrize(
    ("part", "told"),
    [
        ({"rows": "9"}, ["row 9: the run has no such row; its last one is row 6"]),
        ({"rows": "4-9"}, ["row 9: the run has no such row"]),
        ({"rows": "1"}, ["row 1: the run has no such row"]),
        ({"rows": "2,5"}, ["row 5: the run has not changed its clue by it (skipped"]),
        ({"rows": "5-6"}, ["rows 5-6: none of them has changed anything"]),
        ({"clues": [11, 99]}, ["clue 99: the run has no row of it"]),
        ({"clues": "14,99"}, ["clue 14: the run has not changed it (skipped", "clue 99"]),
        ({"fields": "email,remark"}, ["邮箱 (email): the run has changed no such field; it has changed: 描述 (remark)"]),
        ({"rows": "2-3", "fields": ["remark", "address"]}, ["(address): the run has changed it, but not in the rows"]),
        ({"rows": "2,4", "fields": "address"}, ["row 2: the run has sent it, but it sets nothing of the clues and fields"]),
        (
            {"clues": "11", "rows": "4"},
            ["clue 11: the run has changed it, but nothing of it in the rows", "row 4: the run has sent"],
        ),
        ({"fields": "remrak"}, ['no field "remrak". Did you mean']),
        ({"rows": "7-3"}, ['no row numbers: "7-3"']),
        ({"rows": "two"}, ['no row numbers: "two"']),
        ({"clues": "1.5e18"}, ['no clue id: "1.5e18"']),
        ({"clues": [11.0]}, ['no clue id: "11.0"']),
        ({"clues": []}, ["No clue id is named", "the whole run would be put back"]),
        ({"rows": " , "}, ["No row is named"]),
        ({"fields": ""}, ["No field is named"]),
    ],
)
def test_what_the_run_does_not_have_or_did_not_change_is_named_and_nothing_is_sent(
    tmp_path: Path, crm: Sandbox, given: Settings, part: dict[str, Any], told: Sequence[str]
) -> None:
    name = run(tmp_path, given, "clue_id,remark,address\n11,a,\n12,b,\n13,c,d\n14,,\n15,,\n")
    sent = len(crm.requests)
    with pytest.raises(Refused) as refused:
        batch_editor.undo(name, given, **part)
    assert len(crm.requests) == sent and all(line in str(refused.value) for line in told), str(refused.value)
    with batch_editor.job.open_journal(given) as journal:
        assert [each.name for each in journal.runs()] == [name], "nothing is left of the attempt"


def test_rows_within_a_range_that_were_not_changed_are_passed_over(tmp_path: Path, crm: Sandbox, given: Settings) -> None:
    name = run(tmp_path, given, "clue_id,remark\n11,a\n12,\n13,c\n")
    report = batch_editor.undo(name, given, rows="2-4")
    assert (report.rows, state(crm)[:3]) == (2, "ooo")


# --- who asks whether something was undone


def test_a_run_of_which_a_part_was_put_back_goes_on_with_the_others(tmp_path: Path, crm: Sandbox, given: Settings) -> None:
    name = run(tmp_path, given, limit=2)
    batch_editor.undo(name, given, rows="2")
    assert state(crm) == "onooo" and batch_editor.resume(name, given).exit_code == 0
    assert state(crm) == "onnnn", "what was put back stays, and the rows that were not sent yet are sent"


def test_the_same_sheet_goes_on_with_such_a_run_too(tmp_path: Path, crm: Sandbox, given: Settings) -> None:
    name = run(tmp_path, given, limit=2)
    batch_editor.undo(name, given, rows="2")
    assert run(tmp_path, given) == name and state(crm) == "onnnn"


def test_a_later_row_of_a_clue_is_sent_although_an_earlier_one_was_put_back(
    tmp_path: Path, crm: Sandbox, given: Settings
) -> None:
    name = run(tmp_path, given, "clue_id,remark\n11,first\n11,second\n", limit=1)
    batch_editor.undo(name, given, rows="2")
    assert crm.clue(11)["remark"] == "old 11"
    report = batch_editor.resume(name, given)
    assert (report.counts["updated"], crm.clue(11)["remark"]) == (2, "second")
    batch_editor.undo(name, given)
    assert crm.clue(11)["remark"] == "old 11"


def test_a_row_that_was_not_answered_and_was_put_back_is_not_sent_once_more(tmp_path: Path) -> None:
    """Not even where the undo found that it had not been applied."""
    clues = [{"clue_id": clue, "remark": f"old {clue}"} for clue in (11, 12, 13)]
    with Sandbox(clues, access_token=jobs.TOKEN, faults=["lost-after@clue:11*4", "lost-before@clue:12*4"]) as crm:
        given = jobs.settings(tmp_path, crm.url, compare_columns=[])
        name = run(tmp_path, given, "clue_id,remark\n11,a\n12,b\n13,c\n")
        batch_editor.undo(name, given, rows="2-3")
        report = batch_editor.resume(name, given)
        assert [crm.clue(clue)["remark"] for clue in (11, 12, 13)] == ["old 11", "old 12", "c"]
    assert jobs.statuses(report.results) == ["conflict", "conflict", "updated"]
    assert all("put back by an undo since" in row["result_message"] for row in jobs.results(report.results)[:2])


def test_only_failed_knows_of_each_row_whether_it_was_put_back(tmp_path: Path, crm: Sandbox, given: Settings) -> None:
    name = run(tmp_path, given, output=tmp_path / "first.csv")
    batch_editor.undo(name, given, rows="2", fields="remark")
    sent = len(calls(crm, EDIT))
    report = batch_editor.run(tmp_path / "first.csv", given, only_failed=True)
    assert len(calls(crm, EDIT)) == sent
    first, *others = jobs.results(report.results)
    assert first["result_status"] == "invalid" and "has put back what this row set" in first["result_message"]
    assert "(remark)" in first["result_message"] and "(address)" not in first["result_message"]
    assert {row["result_status"] for row in others} == {"updated"}


def test_an_older_run_may_set_again_what_was_put_back_and_nothing_else(tmp_path: Path, crm: Sandbox, given: Settings) -> None:
    """Of the later run, only the rows that stand are newer values."""
    older = batch_editor.run(jobs.text_file(tmp_path / "older.csv", ROWS.replace("new", "nearly")), given, limit=1).run
    name = run(tmp_path, given)
    batch_editor.undo(name, given, rows="3", fields="remark,address")
    batch_editor.undo(name, given, rows="4", fields="address")
    report = batch_editor.resume(older or "", given)
    assert [row["result_status"] for row in jobs.results(report.results)] == ["updated", "updated", *["conflict"] * 3]
    assert crm.clue(12)["remark"] == "nearly 12"


def test_a_run_before_is_undone_where_the_later_one_was_put_back(tmp_path: Path, crm: Sandbox, given: Settings) -> None:
    older = batch_editor.run(jobs.text_file(tmp_path / "older.csv", ROWS), given, snapshot=True).run or ""
    name = run(tmp_path, given, ROWS.replace("new", "newest"))
    batch_editor.undo(name, given, rows="3", fields="remark")
    batch_editor.undo(older, given, fields="remark")
    assert state(crm) == "nonnn"


# --- stopped, resumed, and side by side


def test_an_undo_of_a_part_that_stops_goes_on_with_that_part(tmp_path: Path) -> None:
    clues = [{"clue_id": clue, "remark": f"old {clue}", "address": f"there {clue}"} for clue in CLUES]
    with Sandbox(clues, access_token=jobs.TOKEN, faults=["401@7"]) as crm:
        given = jobs.settings(tmp_path, crm.url, rate={"concurrency": 1}, compare_columns=[])
        name = run(tmp_path, given)
        stopped = batch_editor.undo(name, given, rows="2-4", fields="remark")
        assert (stopped.exit_code, state(crm)) == (3, "onnnn")
        others = batch_editor.undo(name, given, rows="5")
        assert state(crm) == "onnon" and others.exit_code == 0
        report = batch_editor.resume(stopped.run or "", given)
        assert (report.exit_code, state(crm), state(crm, "address")) == (0, "oooon", "nnntn")


# --- what is kept, and what is shown


def test_each_clue_is_named_in_the_results(tmp_path: Path, crm: Sandbox, given: Settings) -> None:
    report = batch_editor.undo(run(tmp_path, given), given, rows="2,3", fields="remark")
    rows = [(row["线索ID"], row["线索名称"], row["描述"]) for row in jobs.results(report.results)]
    assert rows == [("11", "name 11", "old 11"), ("12", "name 12", "old 12")]


def test_a_name_that_is_put_back_stands_there_itself(tmp_path: Path, crm: Sandbox, given: Settings) -> None:
    name = run(tmp_path, given, "clue_id,clue_name,remark\n11,other,new\n12,,new\n")
    report = batch_editor.undo(name, given)
    rows = [(row["线索ID"], row["线索名称"], row["描述"]) for row in jobs.results(report.results)]
    assert rows == [("11", "name 11", "old 11"), ("12", "name 12", "old 12")]


def test_what_was_named_is_kept_and_shown(tmp_path: Path, given: Settings, crm: Sandbox) -> None:
    report = batch_editor.undo(run(tmp_path, given), given, rows=" 3 , 4-5 ", fields="备注", clues=[12, 13, 14])
    options = report.preview.circumstances.options
    assert (options.undo_rows, options.undo_fields, options.undo_clues) == (("3", "4-5"), ("remark",), (12, 13, 14))
    assert RunOptions.from_json(options.as_json()) == options
    earlier = report.preview.circumstances.earlier
    assert earlier and say(earlier, "en").splitlines()[1:] == ["  clues 12, 13, 14", "  rows 3, 4-5", "  fields 描述 (remark)"]


def test_the_same_part_is_named_once() -> None:
    options = with_parts(
        RunOptions(undo="x"), Names(Settings().row_rules), clues=None, rows="5,5,5-5", fields=["备注", "remark"]
    )
    assert (options.undo_rows, options.undo_fields) == (("5",), ("remark",))
    assert parts_of(options).rows == ((5, 5),)
