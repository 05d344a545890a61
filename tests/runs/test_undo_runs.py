"""Undo against the sandbox: what a run has changed comes back, what somebody has changed since stays, and all else is named."""

from __future__ import annotations

import random
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from support import jobs
from support.commands import Commands
from support.records import EDIT, INFO, UNREADABLE, World, by_status, calls, clues_of

import batch_editor
from batch_editor import Report, Settings, job
from batch_editor.cli.preview_text import preview_lines
from batch_editor.errors import Refused, SettingsError
from batch_editor.messages import say
from batch_editor.runs.preview import Preview
from batch_editor.sandbox import Sandbox

#: Seven clues with a remark and an address each, for what needs no more.
FEW = [{"clue_id": clue, "remark": f"old {clue}", "address": f"there {clue}"} for clue in range(11, 18)]


@pytest.fixture
def crm() -> Iterator[Sandbox]:
    with Sandbox(FEW, access_token=jobs.TOKEN) as running:
        yield running


def undone(report: Report, given: Settings, **options: Any) -> Report:
    assert report.run is not None
    return batch_editor.undo(report.run, given, **options)


def snapshot(path: Path, given: Settings, **options: Any) -> Report:
    return batch_editor.run(path, given, snapshot=True, **options)


def remarks(crm: Sandbox) -> list[object]:
    return [crm.clue(clue["clue_id"])["remark"] for clue in FEW]  # type: ignore[call-overload]


# --- everything that can be set


@pytest.mark.parametrize("clues", [50, pytest.param(1000, marks=pytest.mark.slow)])
def test_a_thousand_clues_are_as_they_were_but_for_what_cannot_be_read(tmp_path: Path, clues: int) -> None:
    """Every kind of field, set, cleared, and filled where it was empty; what cannot be read back is named clue by clue."""
    world = World(tmp_path, clues)
    with world.sandbox() as crm:
        given = world.settings(tmp_path, crm, rate={"concurrency": 8})
        assert crm.clues() == world.before()
        first = snapshot(world.path, given)
        assert first.counts["updated"] == first.rows == clues and crm.clues() == world.edited
        second = undone(first, given)
        assert crm.clues() == world.unread()
        assert sorted(clues_of(crm, INFO)) == sorted(2 * list(world.edited))
        for call in calls(crm, EDIT)[clues:]:  # what is emptied is sent as an edit sends it
            assert None not in call.get("field_map", {}).values() and {key for key in call if call[key] is None} <= {"birthday"}
    assert (first.exit_code, second.exit_code, second.halted) == (0, 0, None)
    lost = {clue: [key for key in listed if key in UNREADABLE] for clue, listed in world.listed.items()}
    named = {int(row["线索ID"]): row for row in by_status(jobs.results(second.results), "skipped")}
    assert named.keys() == {clue for clue, keys in lost.items() if keys}
    for clue, row in named.items():
        assert jobs.keys_of(row["result_fields"]) == sorted(lost[clue])
        assert all(key in row["result_message"] for key in lost[clue]) and "not put back" in row["result_message"]
    assert second.counts["updated"] == sum(1 for clue, listed in world.listed.items() if set(listed) - set(lost[clue]))
    (note,) = second.preview.notes
    told = say(note, "en")
    for key, rows in Counter(key for keys in lost.values() for key in keys).items():
        assert f"({key}): {rows}" in told or f"{key}: {rows}" in told


@pytest.mark.parametrize("clues", [40, pytest.param(200, marks=pytest.mark.slow)])
def test_what_somebody_has_changed_since_stays(tmp_path: Path, clues: int) -> None:
    """Of those that were edited, somebody changes one of four: one field of each, or two; all others are put back."""
    world, chance = World(tmp_path, clues, "changed"), random.Random("changed")
    with world.sandbox() as crm:
        given = world.settings(tmp_path, crm)
        first = snapshot(world.path, given)
        theirs: dict[int, dict[str, Any]] = {}
        for clue in chance.sample(list(world.edited), clues // 4):
            plain = [
                key for key in world.listed[clue] if key in ("remark", "address", "clue_corp_name", "clue_name", "mf_text")
            ]
            theirs[clue] = dict.fromkeys(plain[: chance.randint(1, 2)], f"theirs {clue}")
            custom = {key: value for key, value in theirs[clue].items() if key == "mf_text"}
            named = {key: value for key, value in theirs[clue].items() if key != "mf_text"}
            crm.change(clue, **named, **({"field_map": custom} if custom else {}))
        theirs = {clue: values for clue, values in theirs.items() if values}
        assert len(theirs) > clues / 5
        second = undone(first, given)
        wanted = world.unread()
        for clue, values in theirs.items():
            wanted[clue] |= {key: value for key, value in values.items() if key != "mf_text"}
            wanted[clue]["field_map"] |= {key: value for key, value in values.items() if key == "mf_text"}
        assert crm.clues() == wanted
        rows = {int(row["线索ID"]): row for row in by_status(jobs.results(second.results), "conflict")}
        assert {clue: {*jobs.keys_of(row["result_fields"], 客户备注="mf_text")} for clue, row in rows.items()} == {
            clue: {*values} for clue, values in theirs.items()
        }
        for clue, row in rows.items():
            said = row["result_message"]
            assert "Somebody has changed it since" in said and "--force" in said
            assert all(f"({key})" in said for key in theirs[clue])
        assert (second.exit_code, second.counts["conflict"]) == (1, len(theirs))
        assert second.rows == len(jobs.results(second.results))
        third = undone(first, given, force=True)
        assert crm.clues() == world.unread()
    assert third.exit_code == 0 and third.counts["updated"] == len(theirs)
    assert third.results == tmp_path / "edits.undo-2.xlsx"


def test_what_is_only_sent_along_is_what_stands_there_and_not_what_stood_there_before(tmp_path: Path) -> None:
    """Somebody has changed the owner since: the undo of the remark must not carry the old one, listed or not."""
    with Sandbox(FEW, access_token=jobs.TOKEN) as crm:
        given = jobs.settings(tmp_path, crm.url)
        path = jobs.text_file(tmp_path / "edits.csv", "clue_id,follow_user_id,remark\n11,wo-employee-number-new,new\n")
        first = snapshot(path, given)
        crm.change(11, follow_user_id="wo-employee-number-theirs", clue_name="theirs")
        second = undone(first, given)
        sent = calls(crm, EDIT)[-1]
        assert sent["update_specified_fields"] == ["remark"] and crm.clue(11)["remark"] == "old 11"
        assert (sent["follow_user_id"], sent["clue_name"]) == ("wo-employee-number-theirs", "theirs")
    assert sorted(jobs.statuses(second.results)) == ["conflict", "updated"]


# --- there and back again


def test_the_undo_of_an_undo_brings_the_edits_back(tmp_path: Path) -> None:
    world = World(tmp_path, 60, "again")
    with world.sandbox() as crm:
        given = world.settings(tmp_path, crm)
        second = undone(snapshot(world.path, given), given)
        assert crm.clues() == world.unread() != world.edited and second.undoable
        third = undone(second, given)
        assert crm.clues() == world.edited
    assert third.exit_code == 0 and third.counts["skipped"] == 0


def test_the_second_of_two_undos_finds_nothing_to_do(tmp_path: Path, crm: Sandbox) -> None:
    given = jobs.settings(tmp_path, crm.url)
    first = snapshot(jobs.sheet(tmp_path, range(11, 18)), given)
    second = undone(first, given)
    sent = len(calls(crm, EDIT))
    third = undone(first, given)
    assert len(calls(crm, EDIT)) == sent == 14 and remarks(crm) == [clue["remark"] for clue in FEW]
    assert (third.exit_code, third.counts["unchanged"], third.rows) == (0, 7, 7)
    assert [second.results, third.results] == [tmp_path / "edits.undo.xlsx", tmp_path / "edits.undo-2.xlsx"]


def test_the_results_of_an_undo_go_where_they_are_told(tmp_path: Path, crm: Sandbox) -> None:
    given = jobs.settings(tmp_path, crm.url)
    first = snapshot(jobs.sheet(tmp_path, [11]), given, output=tmp_path / "first.csv")
    second = undone(first, given, output=tmp_path / "second.csv")
    assert second.results == tmp_path / "second.csv" and jobs.statuses(second.results) == ["updated"]
    third = undone(second, given)
    assert (third.results, third.counts["updated"]) == (tmp_path / "second.undo.xlsx", 1), "beside those that are undone"
    assert crm.clue(11)["remark"] == "row 2"


def test_what_a_later_run_has_set_as_well_is_not_put_back(tmp_path: Path, crm: Sandbox) -> None:
    """Its rows are updated, and would not be any more; unless that run is undone, too."""
    given = jobs.settings(tmp_path, crm.url)
    first = snapshot(jobs.text_file(tmp_path / "a.csv", "clue_id,remark,address\n11,same,a\n12,x,a\n"), given)
    later = snapshot(jobs.text_file(tmp_path / "b.csv", "clue_id,remark\n11,same\n"), given)
    second = undone(first, given)
    assert jobs.statuses(second.results) == ["updated", "conflict", "updated"]
    assert (crm.clue(11)["remark"], crm.clue(11)["address"]) == ("same", "there 11") and remarks(crm)[1] == "old 12"
    row = by_status(jobs.results(second.results), "conflict")[0]
    assert row["result_fields"] == "描述" and "another run has set it as well" in row["result_message"]
    undone(later, given)
    third = undone(first, given)
    assert (third.counts["updated"], crm.clue(11)["remark"]) == (1, "old 11")


def test_runs_that_set_the_same_field_are_undone_one_after_the_other(tmp_path: Path, crm: Sandbox) -> None:
    """What the first undo puts back is the value of the first run, and none that came later; so is that of an undo undone."""
    given = jobs.settings(tmp_path, crm.url)
    first = snapshot(jobs.text_file(tmp_path / "a.csv", "clue_id,remark\n11,a\n"), given)
    later = snapshot(jobs.text_file(tmp_path / "b.csv", "clue_id,remark\n11,b\n"), given)
    undone(later, given)
    assert crm.clue(11)["remark"] == "a"
    undone(undone(first, given), given)
    assert crm.clue(11)["remark"] == "a"
    assert undone(first, given).counts["updated"] == 1 and crm.clue(11)["remark"] == "old 11"


# --- which rows of a run


def test_several_rows_of_a_clue_bring_back_what_was_before_the_first(tmp_path: Path) -> None:
    """Of clue 11 all three rows are sent, of 12 the first is rejected, of 13 the last, of 14 all: those are not touched."""
    faults = ["code=7@clue:14", "code=7@4", "code=7@9"]
    rows = [11, 11, 11, 12, 12, 12, 13, 13, 13, 14, 14, 14]
    with Sandbox(FEW, access_token=jobs.TOKEN, faults=faults) as crm:
        given = jobs.settings(tmp_path, crm.url, rate={"concurrency": 1})
        first = snapshot(jobs.sheet(tmp_path, rows), given)
        assert "".join(status[0] for status in jobs.statuses(first.results)) == "uuuruuuurrrr"
        assert remarks(crm)[:4] == ["row 4", "row 7", "row 9", "old 14"]
        before = len(crm.requests)
        second = undone(first, given)
        assert clues_of(crm, INFO, before) == clues_of(crm, EDIT, before) == [11, 12, 13]
        assert remarks(crm) == [clue["remark"] for clue in FEW]
    assert (second.exit_code, jobs.statuses(second.results)) == (0, ["updated"] * 3)


def test_rows_of_a_clue_that_set_different_fields(tmp_path: Path, crm: Sandbox) -> None:
    given = jobs.settings(tmp_path, crm.url)
    text = "clue_id,remark,address\n11,new,\n11,,new\n11,newer,#CLEAR\n"
    first = snapshot(jobs.text_file(tmp_path / "edits.csv", text), given)
    assert (crm.clue(11)["remark"], crm.clue(11)["address"]) == ("newer", None)
    second = undone(first, given)
    assert (crm.clue(11)["remark"], crm.clue(11)["address"]) == ("old 11", "there 11")
    (row,) = jobs.results(second.results)
    assert jobs.keys_of(row["result_fields"]) == ["address", "remark"]


def test_what_an_earlier_row_has_made_of_a_field_is_not_what_was_there_before(tmp_path: Path, crm: Sandbox) -> None:
    """Only the second row lacks something, so that its clue is read when the first one has been sent already."""
    heads = "clue_id,clue_name,clue_pool_id,follow_user_id,remark,address\n"
    lines = f"{heads}11,n,5,wo-employee-number-1,first,\n11,,5,wo-employee-number-1,second,new\n"
    context = ["clue_name", "clue_pool_id", "follow_user_id"]
    given = jobs.settings(tmp_path, crm.url, fill=True, context_columns=context, compare_columns=[], rate={"concurrency": 1})
    given = given.model_copy(update={"defaults": {"user_id": "wo-operator-of-the-tests"}})
    first = batch_editor.run(jobs.text_file(tmp_path / "edits.csv", lines), given)
    second = undone(first, given)
    assert (crm.clue(11)["remark"], crm.clue(11)["address"]) == ("second", "there 11")
    rows = jobs.results(second.results)
    assert [(row["result_status"], row["result_fields"]) for row in rows] == [("updated", "详细地址"), ("skipped", "描述")]


def test_a_run_that_stopped_early_is_undone_as_far_as_it_went(tmp_path: Path, crm: Sandbox) -> None:
    given = jobs.settings(tmp_path, crm.url, rate={"concurrency": 1})
    path = jobs.sheet(tmp_path, range(11, 18))
    first = snapshot(path, given, limit=3)
    assert remarks(crm)[:4] == ["row 2", "row 3", "row 4", "old 14"]
    before = len(crm.requests)
    second = undone(first, given)
    assert clues_of(crm, INFO, before) == [11, 12, 13] and remarks(crm) == [clue["remark"] for clue in FEW]
    assert second.exit_code == 0 and second.rows == 3
    third = snapshot(path, given)  # to go on with the rest would call rows updated that were put back
    assert third.run != first.run and remarks(crm) == [f"row {row}" for row in range(2, 9)]


def test_of_a_results_sheet_only_what_was_sent_anew_is_undone(tmp_path: Path) -> None:
    """What an earlier run has updated stands in the results as well, and is that one's to undo."""
    with Sandbox(FEW, access_token=jobs.TOKEN, faults=["500@clue:13*4"]) as crm:
        given = jobs.settings(tmp_path, crm.url)
        first = snapshot(jobs.sheet(tmp_path, [11, 12, 13]), given)
        second = snapshot(first.results or Path(), given, only_failed=True)
        assert second.counts["updated"] == 3 and remarks(crm)[:3] == ["row 2", "row 3", "row 4"]
        third = undone(second, given)
        assert remarks(crm)[:3] == ["row 2", "row 3", "old 13"]
        undone(first, given)
        assert remarks(crm) == [clue["remark"] for clue in FEW]
    assert (third.exit_code, third.rows) == (0, 1)


def test_rows_whose_answer_was_lost_are_put_back_if_they_were_applied(tmp_path: Path) -> None:
    """Nobody confirmed them; but the clue shows what they have done, or that they have done nothing."""
    with Sandbox(FEW, access_token=jobs.TOKEN, faults=["lost-after@clue:12*4", "lost-before@clue:13*4"]) as crm:
        given = jobs.settings(tmp_path, crm.url)
        first = snapshot(jobs.sheet(tmp_path, [11, 12, 13]), given)
        assert remarks(crm)[:3] == ["row 2", "row 3", "old 13"]
        second = undone(first, given)
        assert remarks(crm)[:3] == ["old 11", "old 12", "old 13"]
    assert first.counts["failed"] == 2 and jobs.statuses(second.results) == ["updated", "updated", "unchanged"]


def test_rows_that_failed_and_of_which_nothing_is_known_are_named(tmp_path: Path) -> None:
    with Sandbox(FEW, access_token=jobs.TOKEN, faults=["lost-after@clue:12"]) as crm:
        given = jobs.settings(tmp_path, crm.url)
        path = jobs.text_file(tmp_path / "edits.csv", "clue_id,remark,clue_name\n11,new,\n12,new,own\n")
        given = given.model_copy(
            update={
                "fill": True,
                "defaults": {
                    "user_id": "wo-operator-of-the-tests",
                    "clue_pool_id": 1,
                    "follow_user_id": "wo-employee-number-1",
                },
            }
        )
        first = batch_editor.run(path, given)
        second = undone(first, given)
        assert remarks(crm)[:2] == ["old 11", "new"]
    assert f"1 row of {first.run} failed, and may have been applied all the same" in say(second.preview.notes[0], "en")


# --- stopped and gone on with


@pytest.mark.parametrize("attended", [False, True])
def test_an_undo_that_stops_goes_on(tmp_path: Path, attended: bool) -> None:
    """Each clue is read once and put back once, whatever stands between; a conflict is found once."""
    world = World(tmp_path, 40, "stop")
    clues = list(world.edited)
    with world.sandbox(faults=["401@51"]) as crm:  # forty edits, and ten of the undo
        given = world.settings(tmp_path, crm, rate={"concurrency": 1}, prove=False)
        first = snapshot(world.path, given)
        crm.change(clues[0], remark="theirs")
        crm.change(clues[30], remark="theirs")
        before = len(crm.requests)
        second = undone(first, given, attended=attended)
        assert (second.exit_code, second.counts["updated"]) == (3, 10) and second.counts["not_sent"] >= 28
        assert second.results == tmp_path / "edits.undo.xlsx"
        third = batch_editor.resume(second.run or "", given)
        wanted = world.unread()
        theirs = {clue for clue in (clues[0], clues[30]) if "remark" in world.listed[clue]}
        for clue in (clues[0], clues[30]):
            wanted[clue]["remark"] = "theirs"
        assert theirs and crm.clues() == wanted
        assert max(Counter(clues_of(crm, INFO, before)).values()) == 1
        assert len(calls(crm, EDIT, before)) == third.counts["updated"] + 1
    assert third.run == second.run and third.results == second.results and third.counts["not_sent"] == 0
    assert third.counts["conflict"] == len(theirs) and third.exit_code == (1 if theirs else 0)


# --- refused


def test_a_run_that_kept_nothing_from_before_cannot_be_undone(tmp_path: Path, crm: Sandbox) -> None:
    given = jobs.settings(tmp_path, crm.url)
    first = batch_editor.run(jobs.sheet(tmp_path, [11, 12]), given)
    before = len(crm.requests)
    with pytest.raises(Refused) as refused:
        undone(first, given)
    assert "Nothing of the run" in str(refused.value) and "--snapshot" in str(refused.value) and "remark" in str(refused.value)
    assert len(crm.requests) == before and not first.undoable
    with job.open_journal(given) as journal:
        assert [run.name for run in journal.runs()] == [first.run], "nothing is left of the attempt"
    done = Commands(tmp_path, crm.url)("undo", first.run or "")
    assert (done.code, done.out) == (2, "") and "Nothing of the run" in done.err and len(crm.requests) == before
    assert not (tmp_path / "edits.undo.xlsx").exists()


def test_another_app_may_not_undo_it(tmp_path: Path, crm: Sandbox) -> None:
    given = jobs.settings(tmp_path, crm.url)
    first = snapshot(jobs.sheet(tmp_path, [11, 12]), given)
    before = len(crm.requests)
    with pytest.raises(SettingsError) as refused:
        undone(first, jobs.settings(tmp_path, crm.url, api={**jobs.APP, "app_id": "demo-app", "app_secret": "demo-secret"}))
    assert "belongs to another app" in str(refused.value) and len(crm.requests) == before
    assert remarks(crm)[:2] == ["row 2", "row 3"]


def test_somebody_who_is_asked_sees_what_is_put_back_and_may_decline(tmp_path: Path, crm: Sandbox) -> None:
    given = jobs.settings(tmp_path, crm.url)
    text = "clue_id,remark,address,uin\n11,new,,u1\n12,#CLEAR,new,\n"
    first = snapshot(jobs.text_file(tmp_path / "edits.csv", text), given)
    before, shown = len(crm.requests), list[Preview]()

    def no(preview: Preview) -> bool:
        shown.append(preview)
        assert sorted(clues_of(crm, INFO, before)) == [11, 12] and not calls(crm, EDIT, before)
        return False

    with pytest.raises(Refused):
        undone(first, given, attended=True, confirm=no)
    (preview,) = shown
    assert preview.circumstances.options.undo
    assert (preview.calls, preview.reads, preview.counts.sets) == (2, 0, {"remark": 2, "address": 1})
    told = [say(line, "en") for line in preview_lines(preview)]
    assert f"Puts back what the run {first.run} changed." in told[0] and any("(uin): 1" in line for line in told)
    assert not calls(crm, EDIT, before) and not (tmp_path / "edits.undo.xlsx").exists()
    with closing(sqlite3.connect(given.state_dir / "journal.sqlite3")) as journal:
        assert journal.execute("SELECT count(DISTINCT run) FROM rows").fetchone() == (1,)


def test_what_somebody_changes_after_an_edit_of_an_undo_that_was_not_answered_stays(tmp_path: Path) -> None:
    """The edit may have been applied: what the record showed before it does not count any more."""
    with Sandbox([{"clue_id": 11, "remark": "old"}], access_token=jobs.TOKEN, faults=["lost-after@2"]) as crm:
        given = jobs.settings(tmp_path, crm.url, retry={"attempts": 1})
        run = batch_editor.run(jobs.sheet(tmp_path, [11]), given, snapshot=True)
        undone = batch_editor.undo(run.run or "", given)
        assert (undone.counts["failed"], crm.clue(11)["remark"]) == (1, "old")
        crm.change(11, remark="of somebody else")
        again = batch_editor.resume(undone.run or "", given)
        assert (again.counts["conflict"], crm.clue(11)["remark"]) == (1, "of somebody else")


def test_what_somebody_changes_later_stays_also_where_another_field_was_left_alone_before(tmp_path: Path) -> None:
    with Sandbox([{"clue_id": 11, "remark": "old"}], access_token=jobs.TOKEN, faults=["lost-after@2"]) as crm:
        given = jobs.settings(tmp_path, crm.url, retry={"attempts": 1})
        sheet = jobs.text_file(tmp_path / "edits.csv", "clue_id,remark,address,gender\n11,new,here,女\n")
        run = batch_editor.run(sheet, given, snapshot=True)
        crm.change(11, address="elsewhere")
        undone = batch_editor.undo(run.run or "", given)
        assert (undone.counts["failed"], undone.counts["conflict"], crm.clue(11)["remark"]) == (1, 1, "old")
        crm.change(11, remark="of somebody else")
        again = batch_editor.resume(undone.run or "", given)
        assert (again.counts["conflict"], again.rows) == (2, 2)
        assert (crm.clue(11)["remark"], crm.clue(11)["address"]) == ("of somebody else", "elsewhere")
