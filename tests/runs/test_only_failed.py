"""A results sheet that comes in again with ``--only-failed``: the journal is the truth, and not what the sheet says.

Whatever somebody has done to the sheet, no row ends as ``updated`` of which the journal does not know that it was sent, here
and with these values, and no older value lands on a newer one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from operator import itemgetter
from pathlib import Path
from typing import Any

import openpyxl
import pandas
import pytest
from support import jobs
from support.commands import Commands
from support.crm import CONFIRMED, LOST, Crm, envelope, scripted, status

import batch_editor
from batch_editor import Report, Settings, job
from batch_editor.errors import Refused, UnderWay
from batch_editor.model import Message
from batch_editor.sandbox import Sandbox

NO = envelope(7, "不行")
Table = list[dict[str, str]]


def again(report: Report | Path, given: Settings, **options: Any) -> Report:
    """The results of a report, or a sheet, sent in once more."""
    sheet = report if isinstance(report, Path) else report.results
    assert sheet is not None
    return batch_editor.run(sheet, given, only_failed=True, **options)


def changed(report: Report, change: Callable[[Table], Table]) -> Path:
    """The results of a report as somebody has changed them and saved them beside."""
    assert report.results is not None
    return saved(report.results.with_name("changed.xlsx"), change(jobs.results(report.results)))


def saved(path: Path, rows: Table) -> Path:
    return jobs.workbook(path, [[*rows[0]], *([*row.values()] for row in rows)])


def refusal(report: Report | Path, given: Settings, **options: Any) -> str:
    with pytest.raises(Refused) as refused:
        again(report, given, **options)
    return str(refused.value)


def messages(report: Report) -> list[str]:
    return [row["result_message"] for row in jobs.results(report.results)]


def references(report: Report) -> list[tuple[str, str]]:
    return [(row["result_run"], row["result_row"]) for row in jobs.results(report.results)]


def both(
    folder: Path, crm: Crm | Sandbox, text: str = "clue_id,remark\n11,a\n12,b\n", tags: str | None = None, **over: Any
) -> tuple[Settings, Report]:
    """A run of a sheet of some rows."""
    given = jobs.settings(folder, crm.url, **over)
    return given, batch_editor.run(jobs.text_file(folder / "a.csv", text), given, tags=tags)


def purged(given: Settings, *names: str | None) -> None:
    """Purges some runs, by making them old."""
    with closing(sqlite3.connect(given.state_dir / job.JOURNAL)) as connection, connection:
        connection.executemany("UPDATE runs SET started = 0 WHERE name = ?", [(name,) for name in names])
    with job.open_journal(given) as journal:
        assert journal.forgetting.purge(datetime.now().astimezone() - timedelta(days=365)) == len(names)


# --- what the journal knows of another place, or not at all


def test_results_of_another_address_are_refused(tmp_path: Path) -> None:
    """As after a trial at the sandbox: nothing of it was ever sent to the real CRM."""
    with Crm() as trial, Crm() as real:
        _, first = both(tmp_path, trial)
        for sent_in in (again, lambda report, given: batch_editor.check(report.results, given, only_failed=True)):
            with pytest.raises(Refused) as refused:
                sent_in(first, jobs.settings(tmp_path, real.url))
            assert f"the run {first.run} went to {trial.url}" in str(refused.value) and real.url in str(refused.value)
        assert real.calls == []


def test_results_of_another_app_are_refused(tmp_path: Path) -> None:
    with Crm() as crm:
        given, first = both(tmp_path, crm, api=jobs.APP)
        assert "(app: app), and not to" in refusal(first, jobs.settings(tmp_path, crm.url))
        assert again(first, given).counts["updated"] == 2 and len(crm.calls) == 2


@pytest.mark.parametrize("how", ["elsewhere", "purged"])
def test_results_that_the_journal_does_not_know_are_refused(tmp_path: Path, how: str) -> None:
    with Crm() as crm:
        given, first = both(tmp_path, crm)
        if how == "purged":
            purged(given, first.run)
        else:
            given = jobs.settings(tmp_path, crm.url, state_dir=tmp_path / "another")
        for sheet in (first, changed(first, lambda rows: [row | {"remark": "mended"} for row in rows])):
            assert f"this journal does not know the run {first.run}" in refusal(sheet, given)
        with job.open_journal(given) as journal:
            assert journal.runs() == [], "nothing is left of a run that was refused"
        assert len(crm.calls) == 2


@pytest.mark.parametrize("missing", [("result_run",), ("result_row",), ("result_run", "result_row")])
def test_a_sheet_without_the_two_columns_is_refused_with_the_way_out(tmp_path: Path, missing: tuple[str, ...]) -> None:
    with Crm() as crm:
        given, first = both(tmp_path, crm)
        older = changed(first, lambda rows: [{key: row[key] for key in row if key not in missing} for row in rows])
        assert "batch-editor results RUN" in refusal(older, given)
        assert len(crm.calls) == 2


def test_the_command_says_what_to_do_and_ends_with_2(tmp_path: Path) -> None:
    with Crm() as crm:
        jobs.text_file(tmp_path / "a.csv", "clue_id,remark\n11,a\n")
        command = Commands(tmp_path, crm.url)
        assert command("run", "a.csv").code == 0
        purged(jobs.settings(tmp_path, crm.url, state_dir=tmp_path / "state"), named(tmp_path))
        for name in ("run", "check", "diff"):
            done = command(name, "a.results.xlsx", "--only-failed")
            assert (done.code, "leave --only-failed out" in done.err) == (2, True)
        assert len(crm.calls) == 1


def named(folder: Path) -> str:
    """The only run."""
    with job.open_journal(jobs.settings(folder)) as journal:
        return journal.runs()[0].name


def test_a_row_that_is_not_known_is_invalid_beside_others_that_are(tmp_path: Path) -> None:
    """And is sent by the next run, unless any other run has ever set its field."""
    with Crm(scripted({13: [NO, CONFIRMED]})) as crm:
        given, first = both(tmp_path, crm, "clue_id,remark\n11,a\n12,b\n13,c\n14,d\n")
        counted_up = {"result_run": f"{str(first.run)[:-1]}?", "clue_id": "21"}
        sheet = changed(first, lambda rows: [rows[0], rows[1] | {"result_row": "99"}, rows[2], rows[3] | counted_up])
        second = again(sheet, given)
        assert jobs.statuses(second.results) == ["updated", "invalid", "updated", "invalid"] and second.exit_code == 1
        assert f"the run {first.run} has no row 99" in messages(second)[1] and "B" not in messages(second)[1][:2]
        assert "this journal does not know the run" in messages(second)[3] and messages(second)[3].startswith("A5: ")
        third = again(second, given)
    assert jobs.statuses(third.results) == ["updated", "conflict", "updated", "updated"]
    assert [call.clue for call in crm.calls[4:]] == [13, 21]


@pytest.mark.parametrize("cells", [{"result_run": ""}, {"result_row": ""}, {"result_run": "", "result_row": ""}])
def test_a_row_whose_reference_was_emptied_is_not_sent_as_if_it_were_new(tmp_path: Path, cells: dict[str, str]) -> None:
    with Crm() as crm:
        given, first = both(tmp_path, crm)
        second = again(changed(first, lambda rows: [rows[0] | cells, rows[1]]), given)
        assert jobs.statuses(second.results) == ["invalid", "updated"] and len(crm.calls) == 2
    assert "result_run and result_row do not say which row" in messages(second)[0]


@pytest.mark.parametrize("form", ["{}.0", "'{}", "00{}"])
def test_a_reference_is_understood_as_other_programs_write_it(tmp_path: Path, form: str) -> None:
    """As pandas writes a column of numbers that has a blank, for example."""
    with Crm() as crm:
        given, first = both(tmp_path, crm)
        sheet = changed(first, lambda rows: [row | {"result_row": form.format(row["result_row"])} for row in rows])
        assert again(sheet, given).counts["updated"] == 2 and len(crm.calls) == 2


def test_a_row_that_somebody_has_added_is_sent(tmp_path: Path) -> None:
    with Crm() as crm:
        given, first = both(tmp_path, crm)
        new = {"clue_id": "13", "remark": "c"}
        sheet = changed(first, lambda rows: [*rows, dict.fromkeys(rows[0], "") | new])
        assert again(sheet, given).counts["updated"] == 3
        assert [call.clue for call in crm.calls[2:]] == [13]


# --- what the sheet says is not believed


def test_statuses_that_are_filled_down_over_refused_rows_make_them_no_updated_ones(tmp_path: Path) -> None:
    with Crm(scripted({12: [NO, CONFIRMED], 13: [NO, CONFIRMED]})) as crm:
        given, first = both(tmp_path, crm, "clue_id,remark\n11,a\n12,b\n13,c\n")
        filled = {name: jobs.results(first.results)[0][name] for name in ("result_status", "result_code", "result_message")}
        second = again(changed(first, lambda rows: [row | filled for row in rows]), given)
        assert sorted(crm.sent()[3:]) == ["b", "c"] and second.counts["updated"] == 3
        assert crm.sent()[:3] != crm.sent()[3:]


@pytest.mark.parametrize("counted", [False, True])
def test_not_even_with_all_that_stands_beside_them(tmp_path: Path, counted: bool) -> None:
    """As the fill handle does it, which may count the row's number up; then that is the number of the very row."""
    with Crm(scripted({12: [NO, CONFIRMED], 13: [NO, CONFIRMED]})) as crm:
        given, first = both(tmp_path, crm, "clue_id,remark\n11,a\n12,b\n13,c\n")

        def fill(rows: Table) -> Table:
            results = {name: cell for name, cell in rows[0].items() if name.startswith("result_")}
            return [row | results | ({"result_row": str(number)} if counted else {}) for number, row in enumerate(rows, 2)]

        second = again(changed(first, fill), given)
        if counted:
            assert jobs.statuses(second.results) == ["updated"] * 3 and len(crm.calls) == 5
            return
        assert jobs.statuses(second.results) == ["updated", "invalid", "invalid"] and len(crm.calls) == 3
        assert messages(second)[1].startswith("A3: clue_id says something else than it did when this row was updated")
        assert again(second, given).counts["updated"] == 3 and len(crm.calls) == 5


def test_a_green_row_that_is_copied_for_another_clue_is_not_updated(tmp_path: Path) -> None:
    with Crm() as crm:
        given, first = both(tmp_path, crm)
        second = again(changed(first, lambda rows: [*rows, rows[0] | {"clue_id": "13"}]), given)
        assert jobs.statuses(second.results) == ["updated", "updated", "invalid"] and second.exit_code == 1
        third = again(second, given)
        assert jobs.statuses(third.results) == ["updated"] * 3 and [call.clue for call in crm.calls[2:]] == [13]


def test_of_green_rows_to_which_a_column_was_added_that_alone_is_sent(tmp_path: Path) -> None:
    with Crm() as crm:
        given, first = both(tmp_path, crm)
        second = again(changed(first, lambda rows: [rows[0] | {"email": "x@example.com"}, rows[1] | {"email": ""}]), given)
        assert jobs.statuses(second.results) == ["updated"] * 2
        assert [call.body["update_specified_fields"] for call in crm.calls[2:]] == [["email"]]


def test_a_green_row_that_other_settings_make_something_else_of_is_not_updated(tmp_path: Path) -> None:
    with Crm() as crm:
        given, first = both(tmp_path, crm)
        other = jobs.settings(tmp_path, crm.url, columns={"remark": "address"})
        second = again(first, other)
        assert jobs.statuses(second.results) == ["invalid"] * 2 and len(crm.calls) == 2
        assert f"asks for something else than it did in the run {first.run}" in messages(second)[0]
        assert again(first, given).exit_code == 0


def test_a_row_says_what_the_journal_knows_even_where_the_sheet_says_less(tmp_path: Path) -> None:
    """The results of a run that stopped, and that was gone on with since."""
    with Crm(scripted({12: [status(401), CONFIRMED]})) as crm:
        given, first = both(tmp_path, crm, rate={"concurrency": 1})
        old = changed(first, lambda rows: rows)
        assert jobs.statuses(old) == ["updated", "not_sent"]
        batch_editor.resume(str(first.run), given)
        assert jobs.statuses(again(old, given).results) == ["updated", "updated"] and len(crm.calls) == 3


def test_a_run_that_is_under_way_is_waited_for(tmp_path: Path) -> None:
    with Crm(scripted({12: [status(401), CONFIRMED]})) as crm:
        given, first = both(tmp_path, crm, rate={"concurrency": 1})
        with job.open_journal(given) as journal:
            journal.claim(str(first.run))
            with pytest.raises(UnderWay):
                again(first, given)
        assert len(crm.calls) == 2


# --- rows that were mended after they were updated


def test_of_a_mended_green_row_only_what_was_changed_is_sent_in_every_round(tmp_path: Path) -> None:
    """What somebody has changed in the CRM since, in other fields, stays."""
    with Sandbox([{"clue_id": 11, "remark": "old", "address": "old"}], access_token=jobs.TOKEN) as crm:
        given, first = both(tmp_path, crm, "clue_id,remark,address\n11,a,b\n")
        crm.change(11, address="somebody's")
        second = again(changed(first, lambda rows: [rows[0] | {"remark": "mended"}]), given)
        third = again(changed(second, lambda rows: [rows[0] | {"remark": "#CLEAR"}]), given)
        assert jobs.statuses(third.results) == ["updated"]
        assert (crm.clue(11)["remark"] or "", crm.clue(11)["address"]) == ("", "somebody's")


def test_a_mended_green_row_that_fails_is_sent_for_the_same_fields_the_next_time(tmp_path: Path) -> None:
    with Crm(scripted({11: [CONFIRMED, NO, CONFIRMED]})) as crm:
        given, first = both(tmp_path, crm, "clue_id,remark,address\n11,a,b\n")
        second = again(changed(first, lambda rows: [rows[0] | {"remark": "mended"}]), given)
        assert jobs.statuses(second.results) == ["rejected"]
        assert jobs.statuses(again(second, given).results) == ["updated"]
        assert [call.body["update_specified_fields"] for call in crm.calls] == [["remark", "address"], ["remark"], ["remark"]]


def test_a_green_row_that_is_mended_in_an_older_copy_lands_on_nothing_newer(tmp_path: Path) -> None:
    with Crm() as crm:
        given, first = both(tmp_path, crm, "clue_id,remark,address\n11,a,b\n")
        again(changed(first, lambda rows: [rows[0] | {"remark": "newer"}]), given)
        older = changed(first, lambda rows: [rows[0] | {"remark": "older"}])
        assert jobs.statuses(again(older, given).results) == ["conflict"] and crm.sent() == ["a", "newer"]
        same = changed(first, lambda rows: [rows[0] | {"remark": "newer"}])
        assert jobs.statuses(again(same, given, new=True).results) == ["updated"] and len(crm.calls) == 2


def test_an_older_green_row_that_is_mended_does_not_land_on_a_newer_one_of_its_clue(tmp_path: Path) -> None:
    with Crm() as crm:
        given, first = both(tmp_path, crm, "clue_id,remark\n11,a\n11,b\n")
        sheet = changed(first, lambda rows: [rows[0] | {"remark": "mended"}, rows[1]])
        assert jobs.statuses(again(sheet, given).results) == ["invalid", "updated"] and crm.sent() == ["a", "b"]
        sheet = changed(first, lambda rows: [rows[0], rows[1] | {"remark": "mended"}])
        assert jobs.statuses(again(sheet, given).results) == ["updated", "updated"] and crm.sent() == ["a", "b", "mended"]


def test_a_mended_green_row_that_the_sheet_hides_is_left_out_where_only_visible_rows_are_sent(tmp_path: Path) -> None:
    with Crm() as crm:
        given, first = both(tmp_path, crm)
        sheet = changed(first, lambda rows: [rows[0] | {"remark": "mended"}, rows[1] | {"remark": "mended too"}])
        book = openpyxl.load_workbook(sheet)
        book.worksheets[0].row_dimensions[2].hidden = True
        book.save(sheet)
        second = again(sheet, given, visible_only=True)
        assert crm.sent()[2:] == ["mended too"]
        assert [note.key for note in second.preview.notes] == ["note.left_out", "note.mended"]


def test_rows_that_are_sent_again_for_what_was_mended_are_counted(tmp_path: Path) -> None:
    with Crm() as crm:
        given, first = both(tmp_path, crm)
        sheet = changed(first, lambda rows: [row | {"remark": "mended"} for row in rows])
        checked = batch_editor.check(sheet, given, only_failed=True)
        assert Message("note.mended", {"rows": 2}) in checked.preview.notes


def test_a_mended_row_is_not_updated_any_more_once_an_undo_has_put_back_what_came_before_it(tmp_path: Path) -> None:
    """The run of the mended row has set the one field; the other has the value that it had before both."""
    with Sandbox([{"clue_id": 11, "remark": "old", "address": "old"}, {"clue_id": 12}], access_token=jobs.TOKEN) as crm:
        given = jobs.settings(tmp_path, crm.url)
        sheet = jobs.text_file(tmp_path / "a.csv", "clue_id,remark,address\n11,a,b\n12,c,d\n")
        first = batch_editor.run(sheet, given, snapshot=True)
        second = again(changed(first, lambda rows: [rows[0] | {"remark": "mended"}, rows[1]]), given)
        assert again(second, given).counts["updated"] == 2
        undone = batch_editor.undo(str(first.run), given, clues=[11])
        assert (crm.clue(11)["remark"], crm.clue(11)["address"]) == ("mended", "old")
        third = again(second, given)
        assert jobs.statuses(third.results) == ["invalid", "updated"] and str(undone.run) in messages(third)[0]


# --- a sheet in which nothing was mended


@pytest.mark.parametrize("answer", [CONFIRMED, NO])
def test_of_results_in_which_nothing_was_mended_nothing_is_written(tmp_path: Path, answer: Any) -> None:
    with Crm(scripted({11: [CONFIRMED, answer]})) as crm:
        jobs.text_file(tmp_path / "a.csv", "clue_id,remark,性别\n11,a,\n12,b,先生\n13,,\n")
        command = Commands(tmp_path, crm.url)
        assert command("run", "a.csv").code == 1
        listed = command("runs").out
        for options in (["--yes"], ["--yes", "--json"], ["-o", "other.xlsx"]):
            done = command("run", "a.results.xlsx", "--only-failed", *options)
            assert (done.code, len(crm.calls)) == (1, 1)
            assert "Nothing in this sheet was changed since it was written" in done.output
        assert sorted(path.name for path in tmp_path.glob("*.xlsx")) == ["a.results.xlsx"] and command("runs").out == listed
        assert "Nothing was sent, and nothing was written." in done.output and "C3: " in done.output


def test_where_all_rows_are_updated_that_is_said(tmp_path: Path) -> None:
    with Crm() as crm:
        given, first = both(tmp_path, crm)
        report = again(first, given)
        assert (report.run, report.results, report.exit_code, report.counts["updated"]) == (None, None, 0, 2)
        assert [note.key for note in report.preview.warnings] == ["note.nothing_left"]


@pytest.mark.parametrize("change", ["mended wrongly", "added", "said otherwise"])
def test_where_anything_was_changed_results_are_written(tmp_path: Path, change: str) -> None:
    with Crm() as crm:
        given, first = both(tmp_path, crm, "clue_id,remark,性别\n11,a,\n12,b,先生\n")
        rows = {
            "mended wrongly": lambda row: [row | {"性别": "女士"}],
            "added": lambda row: [row, dict.fromkeys(row, "") | {"clue_id": "bad"}],
            "said otherwise": lambda row: [row | {"result_status": "updated"}],
        }
        sheet = changed(first, lambda table: [table[0], *rows[change](table[1])])
        second = again(sheet, given)
        assert jobs.statuses(second.results)[:2] == ["updated", "invalid"]


# --- undone


@pytest.fixture
def sandbox() -> Any:
    clues = [{"clue_id": clue, "remark": f"old {clue}"} for clue in (11, 12, 13)]
    with Sandbox(clues, access_token=jobs.TOKEN, faults=["500@clue:13*4"]) as crm:
        yield crm


def undoable(folder: Path, crm: Sandbox) -> tuple[Settings, Report]:
    given = jobs.settings(folder, crm.url, rate={"concurrency": 1})
    text = "clue_id,remark\n11,a\n12,b\n13,c\n"
    return given, batch_editor.run(jobs.text_file(folder / "a.csv", text), given, snapshot=True)


def test_results_of_a_run_that_was_undone_are_refused(tmp_path: Path, sandbox: Sandbox) -> None:
    given, first = undoable(tmp_path, sandbox)
    undone = batch_editor.undo(str(first.run), given)
    assert f"the run {first.run} was undone by the run {undone.run}" in refusal(first, given)
    assert [sandbox.clue(clue)["remark"] for clue in (11, 12, 13)] == ["old 11", "old 12", "old 13"]


def test_a_row_that_was_undone_is_named_beside_others_with_a_way_that_sends_it(tmp_path: Path, sandbox: Sandbox) -> None:
    """Sent in again it would be older than what the undo has put back, however often."""
    given, first = undoable(tmp_path, sandbox)
    batch_editor.undo(str(first.run), given)
    other = batch_editor.run(jobs.text_file(tmp_path / "b.csv", "clue_id,remark\n12,d\n"), given)
    rows = jobs.results(first.results)[:1] + jobs.results(other.results)
    second = again(saved(tmp_path / "merged.xlsx", rows), given)
    assert jobs.statuses(second.results) == ["invalid", "updated"]
    assert "new results sheet" not in messages(second)[0] and "sheet of its own" in messages(second)[0]
    batch_editor.run(saved(tmp_path / "its_own.xlsx", jobs.results(second.results)[:1]), given)
    assert sandbox.clue(11)["remark"] == "a"


def test_and_also_where_the_undo_stopped(tmp_path: Path, sandbox: Sandbox) -> None:
    given, first = undoable(tmp_path, sandbox)
    stop = batch_editor.Stop()
    stop.ask()
    undone = batch_editor.undo(str(first.run), given, stop=stop)
    assert undone.exit_code == 3 and f"undone by the run {undone.run}" in refusal(first, given)


def test_of_a_run_whose_undo_was_undone_it_is_not_said_that_it_no_longer_holds(tmp_path: Path, sandbox: Sandbox) -> None:
    given, first = undoable(tmp_path, sandbox)
    chain = [batch_editor.undo(str(first.run), given)]
    for holds_again in (True, False):
        chain.append(batch_editor.undo(str(chain[-1].run), given))
        assert sandbox.clue(11)["remark"] == ("a" if holds_again else "old 11")
        said = refusal(first, given)
        with pytest.raises(Refused) as refused:
            batch_editor.resume(str(first.run), given)
        for text in (said, str(refused.value)):
            assert f"the run {first.run} was undone by the run {chain[0].run}" in text.replace("The run", "the run")
            assert (f"and that by the run {chain[-1].run}" in text) is holds_again and "no longer" not in text
            assert ("may hold again" in text) is holds_again and ("need not hold any more" in text) is not holds_again


def test_the_results_of_an_undo_say_which_rows_they_are_and_leave_conflicts_alone(tmp_path: Path, sandbox: Sandbox) -> None:
    given, first = undoable(tmp_path, sandbox)
    sandbox.change(11, remark="somebody's")
    undone = batch_editor.undo(str(first.run), given)
    assert references(undone) == [(str(undone.run), "2"), (str(undone.run), "4"), (str(undone.run), "6")]
    assert jobs.statuses(undone.results) == ["conflict", "updated", "unchanged"]
    once_more = again(undone, given, new=True)
    assert jobs.statuses(once_more.results) == ["conflict", "updated", "unchanged"]
    assert messages(once_more) == messages(undone) and sandbox.clue(11)["remark"] == "somebody's"


# --- an older value never lands on a newer one


def sets(folder: Path, given: Settings, clue: int, value: str) -> Report:
    """Another run, of another sheet."""
    report = batch_editor.run(jobs.text_file(folder / f"{value}.csv", f"clue_id,remark\n{clue},{value}\n"), given)
    assert report.exit_code == 0
    return report


def test_a_row_that_was_refused_early_in_a_long_run_is_as_old_as_its_run(tmp_path: Path) -> None:
    """Whatever time stands beside the other rows of the sheet."""
    with Crm(scripted({11: [NO, CONFIRMED], 13: [NO, CONFIRMED]})) as crm:
        given = jobs.settings(tmp_path, crm.url, rate={"concurrency": 1})
        sheet = jobs.text_file(tmp_path / "a.csv", "clue_id,remark,性别\n11,old,\n12,x,\n13,y,\n14,old,先生\n")
        begun = batch_editor.run(sheet, given, limit=1)
        newer, other = sets(tmp_path, given, 11, "new"), sets(tmp_path, given, 14, "newer")
        first = batch_editor.resume(str(begun.run), given)
        assert jobs.statuses(first.results) == ["rejected", "updated", "rejected", "invalid"]
        mended = changed(first, lambda rows: [row | {"性别": ""} for row in rows])
        second = again(mended, given)
        assert jobs.statuses(second.results) == ["conflict", "updated", "updated", "conflict"] and second.exit_code == 1
        assert str(newer.run) in messages(second)[0] and str(other.run) in messages(second)[3]
        assert crm.sent() == ["old", "new", "newer", "x", "y", "y"]


def test_a_conflict_stays_one_however_often_it_is_sent_in(tmp_path: Path) -> None:
    with Crm(scripted({11: [NO, CONFIRMED]})) as crm:
        given, report = both(tmp_path, crm, "clue_id,remark\n11,old\n12,x\n")
        sets(tmp_path, given, 11, "new")
        checked = batch_editor.check(report.results or "", given, only_failed=True)
        assert checked.counts["conflict"] == 1, "it is known before anything is sent"
        for _ in range(3):
            report = again(report, given, new=True)
            assert jobs.statuses(report.results) == ["conflict", "updated"]
        assert sorted(crm.sent()) == ["new", "old", "x"]


@pytest.mark.parametrize("newer", ["refused", "updated"])
def test_results_that_are_sorted_put_no_older_row_over_a_newer_one(tmp_path: Path, newer: str) -> None:
    answers = [NO, NO, CONFIRMED] if newer == "refused" else [NO, CONFIRMED]
    with Crm(scripted({11: answers})) as crm:
        given, first = both(tmp_path, crm, "clue_id,remark\n11,old\n11,new\n12,x\n")
        for sheet in (changed(first, lambda rows: sorted(rows, key=itemgetter("remark"))), first):
            before = len(crm.calls)
            second = again(sheet, given)
            by_remark = {row["remark"]: row["result_status"] for row in jobs.results(second.results)}
            if newer == "updated":
                assert by_remark == {"old": "invalid", "new": "updated", "x": "updated"} and len(crm.calls) == before
            elif sheet is not first:
                assert by_remark == {"old": "conflict", "new": "updated", "x": "updated"} and crm.sent()[before:] == ["new"]
                assert "row 2 of this sheet, of the same clue" in messages(second)[1]
            else:  # the run before has sent the newer one
                assert by_remark == {"old": "invalid", "new": "updated", "x": "updated"} and len(crm.calls) == before


def test_rows_that_stay_in_their_order_are_sent_in_their_order(tmp_path: Path) -> None:
    with Crm(scripted({11: [NO, NO, CONFIRMED]})) as crm:
        given, first = both(tmp_path, crm, "clue_id,remark\n11,old\n11,new\n")
        assert again(first, given).counts["updated"] == 2 and crm.sent() == ["old", "new", "old", "new"]


def test_an_older_row_of_other_fields_is_sent(tmp_path: Path) -> None:
    with Crm(scripted({11: [NO, CONFIRMED]})) as crm:
        given, first = both(tmp_path, crm, "clue_id,remark,address\n11,old,\n11,,new\n")
        assert again(first, given).counts["updated"] == 2
        assert [call.body["update_specified_fields"] for call in crm.calls] == [["remark"], ["address"], ["remark"]]


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("newer", ["refused", "updated"])
def test_results_of_several_runs_in_one_sheet_are_as_old_as_they_are(tmp_path: Path, newer: str, order: int) -> None:
    answers = [NO, NO, CONFIRMED] if newer == "refused" else [NO, CONFIRMED]
    with Crm(scripted({11: answers})) as crm:
        given, first = both(tmp_path, crm, "clue_id,remark\n11,old\n12,x\n")
        second = batch_editor.run(jobs.text_file(tmp_path / "b.csv", "clue_id,remark\n11,new\n13,y\n"), given)
        rows = [jobs.results(first.results), jobs.results(second.results)]
        before = len(crm.calls)
        merged = again(saved(tmp_path / "merged.xlsx", [row for table in rows[::order] for row in table]), given)
        by_remark = {row["remark"]: row["result_status"] for row in jobs.results(merged.results)}
    assert by_remark["x"] == by_remark["y"] == by_remark["new"] == "updated"
    if newer == "updated":
        assert by_remark["old"] == "invalid" and len(crm.calls) == before
    else:
        assert crm.sent()[before:] == (["old", "new"] if order == 1 else ["new"])
        assert by_remark["old"] == ("updated" if order == 1 else "conflict")


def test_the_same_results_sent_in_twice_send_nothing_twice(tmp_path: Path) -> None:
    with Crm(scripted({12: [NO, CONFIRMED]})) as crm:
        given, first = both(tmp_path, crm)
        second = again(first, given)
        third = again(first, given, new=True)
        assert jobs.statuses(third.results) == ["updated", "updated"] and len(crm.calls) == 3
        assert references(third) == references(second) == [(str(first.run), "2"), (str(second.run), "3")]


def test_results_that_were_sent_in_before_are_not_said_to_be_sent_once_more(tmp_path: Path) -> None:
    """Only a row that somebody has added is, since nothing says which row of which run it is."""
    with Crm(scripted({12: [NO, CONFIRMED]})) as crm:
        command = Commands(tmp_path, crm.url)
        _, first = both(tmp_path, crm)
        sheet = changed(first, list)
        command("run", sheet, "--only-failed", "--yes")
        repeated = command("run", sheet, "--only-failed", "--yes")
        assert repeated.code == 0 and "once more" not in repeated.output and len(crm.calls) == 3
        added = {"clue_id": "13", "remark": "c"}
        sheet = changed(first, lambda rows: [*rows, dict.fromkeys(rows[0], "") | added])
        command("run", sheet, "--only-failed", "--yes")
        repeated = command("run", sheet, "--only-failed", "--yes")
        assert "to be sent once more, over what others may have changed since: 1 row." in repeated.output


def test_whoever_goes_on_mending_the_first_results_need_not_take_the_newest(tmp_path: Path) -> None:
    """What was mended and sent meanwhile stays updated, unless somebody mends it once more."""
    with Crm() as crm:
        given, first = both(tmp_path, crm, "clue_id,remark,性别\n11,a,先生\n12,b,先生\n13,c,先生\n")
        genders = ["男", "先生", "先生"]
        for number, expected in enumerate((["updated", "invalid", "invalid"], ["updated", "updated", "invalid"])):
            genders[number] = "男"
            sheet = changed(first, lambda rows: [row | {"性别": gender} for row, gender in zip(rows, genders, strict=True)])
            assert jobs.statuses(again(sheet, given).results) == expected
        assert [call.clue for call in crm.calls] == [11, 12]
        sheet = changed(first, lambda rows: [row | {"性别": "女"} for row in rows])
        assert jobs.statuses(again(sheet, given).results) == ["conflict", "conflict", "updated"]


def test_what_may_have_been_applied_since_is_not_overwritten(tmp_path: Path) -> None:
    with Crm(scripted({11: [NO, *[LOST] * 4, CONFIRMED]})) as crm:
        given, first = both(tmp_path, crm, "clue_id,remark\n11,old\n")
        batch_editor.run(jobs.text_file(tmp_path / "b.csv", "clue_id,remark\n11,new\n"), given)
        assert jobs.statuses(again(first, given).results) == ["conflict"] and crm.sent() == ["old", *["new"] * 4]


# --- which row a row is


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_results_say_which_row_of_which_run_each_row_is(tmp_path: Path, kind: str) -> None:
    with Crm(scripted({12: [NO, NO, CONFIRMED]})) as crm:
        given = jobs.settings(tmp_path, crm.url)
        sheet = jobs.text_file(tmp_path / "a.csv", "clue_id,remark\n11,a\n\n12,b\n")
        first = batch_editor.run(sheet, given, output=tmp_path / f"1.{kind}")
        second = again(first, given, output=tmp_path / f"2.{kind}")
        third = again(second, given, output=tmp_path / f"3.{kind}")
        assert references(first) == [(str(first.run), "2"), (str(first.run), "4")]
        assert references(second) == [(str(first.run), "2"), (str(second.run), "3")]
        assert references(third) == [(str(first.run), "2"), (str(third.run), "3")]
        assert [*third.to_frame()["result_run"]] == [first.run, third.run]
        with job.open_journal(given) as journal:
            written = job.results_again(journal, str(third.run), tmp_path / f"4.{kind}", "en")
        assert jobs.raw_results(written) == jobs.raw_results(third.results or Path())
        for report in (first, second, third):
            purged(given, report.run)
            if report is not third:
                assert jobs.statuses(again(third, given, new=True).results) == ["updated", "updated"]
        assert len(crm.calls) == 4


def test_rounds_go_on_in_python_as_well(tmp_path: Path) -> None:
    with Crm(scripted({12: [NO, NO, CONFIRMED]})) as crm:
        given = jobs.settings(tmp_path, crm.url)
        frame = pandas.DataFrame({"clue_id": [11, 12], "remark": ["a", "b"]})
        for expected in (["updated", "rejected"], ["rejected", "updated"], ["updated", "updated"]):
            frame = batch_editor.run(frame, given, only_failed="result_run" in frame).to_frame()
            assert [*frame["result_status"]] == expected
            frame = frame.sort_values("result_status").astype({"result_row": int})
        assert crm.sent()[2:] == ["b", "b"]


def test_what_a_run_only_keeps_makes_no_conflict(tmp_path: Path) -> None:
    with Crm(scripted({12: [NO, CONFIRMED], 14: [status(401), CONFIRMED]})) as crm:
        given, first = both(tmp_path, crm, rate={"concurrency": 1})
        stopped = batch_editor.run(jobs.text_file(tmp_path / "b.csv", "clue_id,remark\n14,x\n11,later\n"), given)
        assert jobs.statuses(stopped.results) == ["not_sent", "not_sent"]
        assert again(first, given).counts["updated"] == 2
        assert batch_editor.resume(str(stopped.run), given).counts["updated"] == 2
        assert crm.sent()[-1] == "later"


def test_what_a_run_only_keeps_it_does_not_undo(tmp_path: Path, sandbox: Sandbox) -> None:
    given, first = undoable(tmp_path, sandbox)
    second = again(first, given, snapshot=True)
    assert jobs.statuses(second.results) == ["updated"] * 3
    undone = batch_editor.undo(str(second.run), given)
    assert undone.rows == 1 and [sandbox.clue(clue)["remark"] for clue in (11, 12, 13)] == ["a", "b", "old 13"]
    assert jobs.statuses(batch_editor.undo(str(first.run), given).results) == ["updated", "updated", "unchanged"]


def test_a_check_of_results_leaves_nothing_in_the_journal(tmp_path: Path) -> None:
    with Crm(scripted({12: [NO]})) as crm:
        given, first = both(tmp_path, crm)
        report = batch_editor.check(first.results or "", given, only_failed=True, output=tmp_path / "checked.xlsx")
        assert (report.counts["updated"], report.counts["not_sent"], len(crm.calls)) == (1, 1, 2)
        with job.open_journal(given) as journal:
            assert [run.name for run in journal.runs()] == [first.run]


def test_tags_that_were_to_be_added_do_not_replace_all_others_in_the_next_round(tmp_path: Path) -> None:
    """Who forgets ``--tags add`` for the rows that were refused is told so; whoever means it runs those results once more."""
    clues = [{"clue_id": clue, "label": "etOld-tag-of-the-tests"} for clue in (11, 12)]
    with Sandbox(clues, access_token=jobs.TOKEN, faults=["code=7@clue:12*1"]) as crm:
        given, report = both(
            tmp_path,
            crm,
            "clue_id,label\n11,etNew-tag-of-the-tests\n12,etNew-tag-of-the-tests\n",
            compare_columns=[],
            tags="add",
        )
        forgotten = again(report, given)
        assert jobs.statuses(forgotten.results) == ["invalid", "invalid"]
        assert all("--only-failed" in message for message in messages(forgotten))
        assert [crm.clue(clue)["label"] for clue in (11, 12)] == [
            "etOld-tag-of-the-tests,etNew-tag-of-the-tests",
            "etOld-tag-of-the-tests",
        ]
        assert jobs.statuses(again(report, given, tags="add").results) == ["updated", "updated"]
        assert crm.clue(12)["label"] == "etOld-tag-of-the-tests,etNew-tag-of-the-tests"
