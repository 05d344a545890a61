"""Going on with a run: what is sent again and what is not, in which order, and when a sheet is the same."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from support import jobs
from support.crm import CONFIRMED, LOST, Crm, envelope, scripted, status

import batch_editor
from batch_editor import Report, Settings, job
from batch_editor.errors import Declined, Refused, SettingsError, UnderWay
from batch_editor.messages import say
from batch_editor.model import Run
from batch_editor.runs.preview import Preview
from batch_editor.sandbox import Sandbox

pytestmark = pytest.mark.usefixtures("results_as_csv")

#: Six clues, each in a row of its own, from row 2 on.
CLUES = range(11, 17)
#: With one sender and a token that is refused at clue 14: three rows have an outcome, three are not sent.
STOPPED = {14: [status(401), CONFIRMED]}


def one_by_one(folder: Path, crm: Crm, **over: Any) -> Settings:
    return jobs.settings(folder, crm.url, **jobs.merged({"rate": {"concurrency": 1}}, over))


def resumed(report: Report, given: Settings, **options: Any) -> Report:
    assert report.run is not None
    return batch_editor.resume(report.run, given, **options)


def runs(given: Settings) -> list[Run]:
    with job.open_journal(given) as journal:
        return journal.runs()


def change_journal(given: Settings, sql: str, *values: object) -> None:
    """What nobody but time, or a crash, does to a journal."""
    with closing(sqlite3.connect(given.state_dir / "journal.sqlite3")) as connection, connection:
        connection.execute(sql, values)


def test_who_mends_the_sheet_and_not_its_results_is_told_what_would_be_sent_again(tmp_path: Path) -> None:
    asked = list[Preview]()

    def confirm(preview: Preview) -> bool:
        asked.append(preview)
        return False

    first, mended = "clue_id,remark,性别\n11,a,\n12,b,\n13,c,先生\n", "clue_id,remark,性别\n11,a,\n12,B,\n13,c,男\n"
    with Crm() as crm:
        given = jobs.settings(tmp_path, crm.url)
        done = batch_editor.run(jobs.text_file(tmp_path / "a.csv", first), given)
        for name in ("a.csv", "another.csv"):
            with pytest.raises(Declined):
                batch_editor.run(jobs.text_file(tmp_path / name, mended), given, confirm=confirm)
    there, elsewhere = asked
    assert f"BY THE RUN {done.run}, AND TO BE SENT ONCE MORE".casefold() in said(there).casefold() and ": 1 row." in said(there)
    assert there.circumstances.repeats and not there.is_harmless
    assert (elsewhere.circumstances.earlier, elsewhere.circumstances.repeats) == (None, False)


def test_rows_of_a_run_that_was_undone_are_not_told_to_be_sent_again(tmp_path: Path) -> None:
    with Sandbox(access_token=jobs.TOKEN, accept_any_clue=True) as crm:
        given = jobs.settings(tmp_path, crm.url)
        done = batch_editor.run(jobs.text_file(tmp_path / "a.csv", "clue_id,remark\n11,a\n"), given, snapshot=True)
        batch_editor.undo(done.run or "", given)
        again = batch_editor.run(jobs.text_file(tmp_path / "a.csv", "clue_id,remark\n11,a\n12,b\n"), given, snapshot=True)
    assert (again.preview.circumstances.earlier, again.preview.circumstances.repeats) == (None, False)


def said(preview: Preview) -> str:
    return say(preview.circumstances.earlier, "en") if preview.circumstances.earlier else ""


def statuses(report: Report) -> str:
    """The first letters of all statuses, in sheet order."""
    return "".join("n" if status == "not_sent" else status[0] for status in jobs.statuses(report.results))


@pytest.fixture
def stopped() -> Iterator[Crm]:
    """A CRM at which a run of ``CLUES`` stops in the middle."""
    with Crm(scripted(STOPPED)) as crm:
        yield crm


# --- what is sent again


def test_what_was_not_sent_or_failed_is_sent_and_nothing_else(tmp_path: Path) -> None:
    script = {12: [envelope(7, "不行")], 13: [status(500), status(500), CONFIRMED], 14: [status(401), CONFIRMED]}
    with Crm(scripted(script)) as crm:
        given = one_by_one(tmp_path, crm)
        first = batch_editor.run(jobs.sheet(tmp_path, CLUES), given)
        assert crm.sent() == ["row 2", "row 3", "row 4", "row 4", "row 5"] and statuses(first) == "urfnnn"
        second = resumed(first, given)
        assert crm.sent()[5:] == ["row 4", "row 5", "row 6", "row 7"]
    assert (first.exit_code, first.left, second.exit_code, second.left) == (3, 4, 1, 0)
    assert second.run == first.run and second.results == first.results == tmp_path / "edits.results.csv"
    assert statuses(second) == "uruuuu" and second.rows == 6
    assert [row["result_attempts"] for row in jobs.results(second.results)] == ["1", "1", "3", "2", "1", "1"]
    assert [run.state for run in runs(given)] == ["finished"]


def test_a_run_that_is_resumed_asks_and_may_be_declined(tmp_path: Path, stopped: Crm) -> None:
    given = one_by_one(tmp_path, stopped)
    first = batch_editor.run(jobs.sheet(tmp_path, CLUES), given)
    shown = list[Preview]()

    def no(preview: Preview) -> bool:
        shown.append(preview)
        return False

    with pytest.raises(Declined):
        resumed(first, given, confirm=no)
    assert len(stopped.calls) == 4 and [run.state for run in runs(given)] == ["stopped"]
    assert (shown[0].calls, shown[0].counts.sets) == (3, {"remark": 3})
    assert f"Goes on with the run {first.run}" in said(shown[0])
    assert resumed(first, given).exit_code == 0


def test_nothing_left_to_send_writes_the_results_again(tmp_path: Path) -> None:
    with Crm() as crm:
        given = jobs.settings(tmp_path, crm.url)
        first = batch_editor.run(jobs.sheet(tmp_path, CLUES), given)
        (tmp_path / "edits.results.csv").unlink()
        second = resumed(first, given, confirm=lambda preview: pytest.fail("there is nothing to ask"))
        assert len(crm.calls) == 6
    assert (second.exit_code, second.left, statuses(second)) == (0, 0, "uuuuuu")


def test_a_row_that_was_on_its_way_when_the_program_ended_is_sent_again(tmp_path: Path, stopped: Crm) -> None:
    given = one_by_one(tmp_path, stopped)
    first = batch_editor.run(jobs.sheet(tmp_path, CLUES), given)
    change_journal(given, "UPDATE runs SET state = 'sending'")
    change_journal(given, "UPDATE rows SET status = 'sending' WHERE row = 5")
    assert [run.state for run in runs(given)] == ["interrupted"]
    assert resumed(first, given).exit_code == 0
    assert stopped.sent()[4:] == ["row 5", "row 6", "row 7"]


def test_what_may_have_been_applied_is_not_called_not_sent_when_a_resume_stops_before_it(tmp_path: Path) -> None:
    """The answer was lost in the first run; the second one stops on its first row: nothing new is known of the other."""
    with Crm(scripted({11: [LOST], 12: [LOST]})) as crm:
        first = batch_editor.run(jobs.sheet(tmp_path, [11, 12, 13]), one_by_one(tmp_path, crm))
    with Crm(lambda call: status(401)) as crm:
        change_journal(one_by_one(tmp_path, crm), "UPDATE runs SET base_url = ?", crm.url)
        second = resumed(first, one_by_one(tmp_path, crm))
        assert crm.sent() == ["row 2"]
    assert statuses(first) == statuses(second) == "ffu"
    told = [row["result_message"] for row in jobs.results(second.results)]
    assert "stopped before the edit could be tried again; it may have been applied" in told[0]
    assert "may have been applied" in told[1]
    assert (second.exit_code, second.left) == (3, 2) and runs(one_by_one(tmp_path, crm))[0].state == "stopped"


def test_a_refusal_after_a_lost_answer_says_that_it_may_have_been_applied(tmp_path: Path) -> None:
    with Crm(scripted({11: [LOST, LOST, envelope(7, "不行")]})) as crm:
        given = one_by_one(tmp_path, crm)
        second = resumed(batch_editor.run(jobs.sheet(tmp_path, [11]), given), given)
    (row,) = jobs.results(second.results)
    assert row["result_status"] == "rejected" and "was not answered, and may have been applied" in row["result_message"]


# --- edits that may have been applied, with retry.ambiguous: false


def test_what_may_have_been_applied_is_not_repeated_within_a_run_or_later(tmp_path: Path) -> None:
    script = {11: [LOST, CONFIRMED], 12: [status(502)], 13: [envelope(99)], 15: [status(401), CONFIRMED]}
    with Crm(scripted(script)) as crm:
        given = one_by_one(tmp_path, crm, retry={"ambiguous": False}, api={"retry_codes": [99]})
        first = batch_editor.run(jobs.sheet(tmp_path, [11, 12, 13, 14, 15, 11]), given)
        assert crm.sent() == ["row 2", "row 3", "row 4", "row 4", "row 5", "row 6"] and statuses(first) == "fffunn"
        second = resumed(first, given)
        # What failed for another reason is tried once more at the end; what was not answered is not.
        assert crm.sent()[6:] == ["row 4", "row 4", "row 6", "row 7", "row 4", "row 4"] and statuses(second) == "fffuuu"
        third = resumed(first, given.model_copy(update={"retry": given.retry.model_copy(update={"ambiguous": True})}))
        assert "row 2" not in crm.sent()[6:], "row 7, of the same clue, is newer and was updated"
        assert crm.sent()[12:] == ["row 3", "row 3", "row 4", "row 4"] * 2 and statuses(third) == "fffuuu"
    assert [first.left, second.left, third.left] == [3, 1, 2]
    assert "may have been applied" in jobs.results(second.results)[0]["result_message"]


def test_what_was_on_its_way_when_the_program_ended_is_named_and_not_repeated(tmp_path: Path, stopped: Crm) -> None:
    given = one_by_one(tmp_path, stopped, retry={"ambiguous": False})
    first = batch_editor.run(jobs.sheet(tmp_path, CLUES), given)
    change_journal(given, "UPDATE rows SET status = 'sending' WHERE row = 5")
    second = resumed(first, given)
    assert stopped.sent()[4:] == ["row 6", "row 7"] and statuses(second) == "uuufuu" and second.exit_code == 1
    told = jobs.results(second.results)[3]["result_message"]
    assert told == "the program ended while this edit was on its way; it may have been applied"


# --- order


def test_rows_of_a_clue_that_were_held_back_follow_the_one_that_failed(tmp_path: Path) -> None:
    with Crm(scripted({11: [*[status(500)] * 4, CONFIRMED]})) as crm:
        given = jobs.settings(tmp_path, crm.url)
        first = batch_editor.run(jobs.sheet(tmp_path, [11, 12, 11, 11]), given)
        assert sorted(crm.sent()) == [*["row 2"] * 4, "row 3"] and statuses(first) == "funn"
        second = resumed(first, given)
        assert crm.sent()[5:] == ["row 2", "row 4", "row 5"] and statuses(second) == "uuuu"
    assert (first.exit_code, second.exit_code) == (3, 0)


def overtaking(folder: Path, crm: Crm, heading: str, given: Settings) -> tuple[Report, Report]:
    """A run of clue 14 and others that stops before it, and one of another sheet that sets something of it later."""
    first = batch_editor.run(jobs.sheet(folder, CLUES), given)
    other = batch_editor.run(jobs.text_file(folder / "other.csv", f"clue_id,{heading}\n14,newer\n"), given)
    assert (first.exit_code, other.exit_code) == (3, 0)
    return first, other


def test_a_resume_puts_no_older_value_over_that_of_a_later_run(tmp_path: Path, stopped: Crm) -> None:
    given = one_by_one(tmp_path, stopped)
    first, other = overtaking(tmp_path, stopped, "remark", given)
    second = resumed(first, given)
    assert stopped.sent()[4:] == ["newer", "row 6", "row 7"]
    assert jobs.statuses(second.results)[3] == "conflict" and second.exit_code == 1 and second.counts["conflict"] == 1
    assert f"the run {other.run} has set the same field" in jobs.results(second.results)[3]["result_message"]


def test_other_fields_and_other_tenants_do_not_overtake(tmp_path: Path, stopped: Crm) -> None:
    given = one_by_one(tmp_path, stopped)
    first, _ = overtaking(tmp_path, stopped, "address", given)
    with Crm() as crm:
        batch_editor.run(jobs.sheet(tmp_path, [15], "third.csv"), one_by_one(tmp_path, crm))
    assert resumed(first, given).counts["updated"] == 6


def test_a_run_that_was_begun_earlier_does_not_overtake(tmp_path: Path) -> None:
    """It sends its value later, but it is the older one: the sheet that came last wins."""
    with Crm(scripted({11: [status(401), CONFIRMED], 12: [status(401), CONFIRMED]})) as crm:
        given = one_by_one(tmp_path, crm)
        older = batch_editor.run(jobs.text_file(tmp_path / "older.csv", "clue_id,remark\n11,x\n13,older\n"), given)
        newer = batch_editor.run(jobs.text_file(tmp_path / "newer.csv", "clue_id,remark\n12,y\n13,newer\n"), given)
        assert crm.sent() == ["x", "y"]
        assert resumed(older, given).exit_code == 0 and resumed(newer, given).exit_code == 0
        assert crm.sent()[2:] == ["x", "older", "y", "newer"]


def test_old_results_put_no_older_value_over_one_that_was_set_since(tmp_path: Path, stopped: Crm) -> None:
    given = one_by_one(tmp_path, stopped)
    first = batch_editor.run(jobs.sheet(tmp_path, [*CLUES, 14]), given)
    old = shutil.copy(str(first.results), tmp_path / "old.csv")
    assert resumed(first, given).exit_code == 0
    other = batch_editor.run(jobs.sheet(tmp_path, [13, 14], "other.csv"), given)
    assert other.exit_code == 0
    before = len(stopped.calls)
    report = batch_editor.run(old, given, only_failed=True)
    assert len(stopped.calls) == before and report.counts["updated"] == 7 and report.exit_code == 0, "sent since, as it stands"
    rows = [["mended" if cell.startswith("row ") else cell for cell in row] for row in jobs.raw_results(Path(old))]
    report = batch_editor.run(jobs.workbook(tmp_path / "old.xlsx", rows), given, only_failed=True)
    assert [call.clue for call in stopped.calls[before:]] == [11, 12, 15, 16]
    assert jobs.statuses(report.results) == ["updated"] * 2 + ["conflict"] * 2 + ["updated"] * 2 + ["conflict"]


# --- the same sheet


def test_the_same_sheet_goes_on_and_says_so(tmp_path: Path, stopped: Crm) -> None:
    given = one_by_one(tmp_path, stopped)
    first = batch_editor.run(jobs.sheet(tmp_path, CLUES), given)
    second = batch_editor.run(tmp_path / "edits.csv", one_by_one(tmp_path, stopped, rate={"pause": 1}, retry={"attempts": 3}))
    assert second.run == first.run and f"Goes on with the run {first.run}" in said(second.preview)
    assert (second.exit_code, statuses(second), len(stopped.calls)) == (0, "uuuuuu", 7)


def test_a_limit_sends_the_next_rows_each_time(tmp_path: Path) -> None:
    with Crm() as crm:
        given = one_by_one(tmp_path, crm)
        path = jobs.sheet(tmp_path, CLUES)
        reports = [
            batch_editor.run(path, given, limit=2),
            batch_editor.run(path, given, limit=3),
            batch_editor.run(path, given),
        ]
        assert crm.sent() == [f"row {row}" for row in range(2, 8)]
    assert len({report.run for report in reports}) == 1 and [report.exit_code for report in reports] == [0, 0, 0]
    assert [report.counts["not_sent"] for report in reports] == [4, 1, 0]


OTHERS: dict[str, dict[str, Any]] = {
    "row rules": {"context_columns": ["address"]},
    "app": {"api": jobs.APP},
}


@pytest.mark.parametrize("what", [*OTHERS, "bytes", "address", "options", "--new"])
def test_another_sheet_tenant_or_set_of_rules_is_another_run(tmp_path: Path, what: str) -> None:
    with Crm(scripted(STOPPED)) as crm, Crm() as elsewhere:
        path = jobs.sheet(tmp_path, CLUES)
        first = batch_editor.run(path, one_by_one(tmp_path, crm))
        if what == "bytes":
            path.write_text(path.read_text(encoding="utf-8").replace("row 2", "row two"), encoding="utf-8")
        given = one_by_one(tmp_path, elsewhere if what == "address" else crm, **OTHERS.get(what, {}))
        options: dict[str, Any] = {"options": {"edit_keys": "remark"}, "--new": {"new": True}}.get(what, {})
        second = batch_editor.run(path, given, **options)
    assert first.exit_code == 3 and second.run != first.run and second.counts["updated"] == 6
    told = f"An earlier run of this sheet ({first.run}) stopped early, but with other settings or options"
    assert (told in said(second.preview)) == (what in ("row rules", "options"))


def test_another_sheet_of_the_same_workbook_is_another_run(tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    for page in (book.active, book.create_sheet("second")):
        for row in (["clue_id", "remark"], [11, "a"], [12, "b"]):
            page.append(row)
    book.save(tmp_path / "two.xlsx")
    with Crm() as crm:
        given = jobs.settings(tmp_path, crm.url)
        first = batch_editor.run(tmp_path / "two.xlsx", given, limit=1)
        second = batch_editor.run(tmp_path / "two.xlsx", given, sheet_name="second")
    assert second.run != first.run and second.counts["updated"] == 2 and said(second.preview) == ""


@pytest.mark.parametrize("again", ["frame", "dicts", "generator", "lists"])
def test_a_dataframe_is_gone_on_with_by_its_cells_in_whatever_shape_they_come(tmp_path: Path, again: str) -> None:
    frame = pd.DataFrame({"clue_id": ["11", "12"], "remark": ["a", "b"], "email": [None, "b@example.com"]})
    dicts = [{"clue_id": "11", "remark": "a"}, {"clue_id": "12", "remark": "b", "email": "b@example.com"}]
    shapes: dict[str, Any] = {
        "frame": frame.copy(),
        "dicts": dicts,
        "generator": (dict(reversed(record.items())) if place else record for place, record in enumerate(dicts)),
        "lists": (["clue_id", "remark", "email"], ("11", "a"), ["12", "b", "b@example.com"]),
    }
    with Crm() as crm:
        given = jobs.settings(tmp_path, crm.url)
        first = batch_editor.run(frame, given, limit=1, output=tmp_path / "out.csv")
        second = batch_editor.run(shapes[again], given)
    assert (second.run, second.results, statuses(second)) == (first.run, tmp_path / "out.csv", "uu")


def test_a_dataframe_with_another_cell_is_another_sheet(tmp_path: Path) -> None:
    frame = pd.DataFrame({"clue_id": ["11", "12"], "remark": ["1", "b"]})
    with Crm() as crm:
        given = jobs.settings(tmp_path, crm.url)
        first = batch_editor.run(frame, given, limit=1)
        others = [frame.assign(remark=["1", "c"]), frame.assign(remark=[1, "b"]), frame.set_axis(["x", "y"]), frame[:1]]
        runs = [batch_editor.run(other, given, limit=1).run for other in others]
        assert first.run not in runs and len({*runs}) == len(runs)


def test_an_old_run_wants_a_word(tmp_path: Path, stopped: Crm) -> None:
    given = one_by_one(tmp_path, stopped)
    path = jobs.sheet(tmp_path, CLUES)
    first = batch_editor.run(path, given)
    for hours, old in ((71, False), (73, True)):
        change_journal(
            given, "UPDATE runs SET started = ?", int((datetime.now().astimezone() - timedelta(hours=hours)).timestamp())
        )
        if old:
            with pytest.raises(Refused, match=rf"more than 72 hours ago [\s\S]*batch-editor resume {first.run}[\s\S]*--new"):
                batch_editor.run(path, given)
        else:
            with pytest.raises(Declined):
                batch_editor.run(path, given, confirm=lambda preview: preview.circumstances.earlier is None)
    assert len(stopped.calls) == 4
    assert resumed(first, given).exit_code == 0 and len(stopped.calls) == 7
    assert batch_editor.run(path, given, new=True).counts["updated"] == 6


def test_a_sheet_that_was_finished_before_is_said_to_be_so(tmp_path: Path) -> None:
    path = jobs.sheet(tmp_path, [11, 12])
    with Crm(scripted({12: [*[status(500)] * 4, CONFIRMED]})) as crm:
        given = one_by_one(tmp_path, crm)
        first = batch_editor.run(path, given)
        second = batch_editor.run(path, given)
        third = batch_editor.run(path, given)
    told = f"THIS SHEET WAS FINISHED BEFORE, by the run {first.run}"
    assert first.preview.circumstances.earlier is None and first.preview.is_harmless
    assert told in said(second.preview) and f"1 of its rows failed; resume {first.run}" in said(second.preview)
    assert f"by the run {second.run}" in said(third.preview) and "failed" not in said(third.preview)
    assert not second.preview.is_harmless and len({first.run, second.run, third.run}) == 3


def test_results_go_beside_the_sheet_that_was_given(tmp_path: Path, stopped: Crm) -> None:
    given = one_by_one(tmp_path, stopped)
    first = batch_editor.run(jobs.sheet(tmp_path, CLUES), given, output=tmp_path / "first.csv", limit=1)
    (tmp_path / "copy").mkdir()
    copy = shutil.copy(tmp_path / "edits.csv", tmp_path / "copy")
    reports = [batch_editor.run(tmp_path / "edits.csv", given, limit=1), batch_editor.run(copy, given, limit=1)]
    assert {report.run for report in reports} == {first.run}
    assert [report.results for report in reports] == [tmp_path / "first.csv", tmp_path / "copy" / "edits.results.csv"]
    last = resumed(first, given, output=tmp_path / "last.xlsx")
    assert last.results == tmp_path / "last.xlsx" == resumed(first, given).results


# --- who may


def test_resume_goes_to_the_address_of_the_run(tmp_path: Path, stopped: Crm) -> None:
    first = batch_editor.run(jobs.sheet(tmp_path, CLUES), one_by_one(tmp_path, stopped))
    with Crm() as elsewhere:
        assert resumed(first, one_by_one(tmp_path, elsewhere)).exit_code == 0
        assert elsewhere.connections == 0 and len(stopped.calls) == 7


def test_resume_refuses_what_it_cannot_go_on_with(tmp_path: Path, stopped: Crm) -> None:
    given = one_by_one(tmp_path, stopped)
    first = batch_editor.run(jobs.sheet(tmp_path, CLUES), given)
    before = len(stopped.calls)
    with pytest.raises(SettingsError, match='There is no run "x"'):
        batch_editor.resume("x", given)
    with pytest.raises(SettingsError, match=r"belongs to another app .that of the access token. than the settings .app."):
        resumed(first, one_by_one(tmp_path, stopped, api=jobs.APP))
    with pytest.raises(SettingsError, match="Choose another place with --output"):
        resumed(first, given, output=tmp_path / "missing" / "x.xlsx")
    change_journal(given, "UPDATE runs SET state = 'planning'")
    with pytest.raises(Refused, match=r"was interrupted before anything was sent\. Run its sheet again: .*edits\.csv"):
        resumed(first, given)
    assert len(stopped.calls) == before


@pytest.mark.usefixtures("hurried_looks")
def test_one_process_at_a_time(tmp_path: Path) -> None:
    """Whoever comes second, in whichever way, is told so, and sends nothing."""
    path = jobs.sheet(tmp_path, CLUES)
    inside, leave = threading.Event(), threading.Event()

    def confirm(preview: Preview) -> bool:
        inside.set()
        return leave.wait(30)

    with Crm() as crm:
        given = jobs.settings(tmp_path, crm.url)
        first = batch_editor.run(path, given, limit=1)
        other = threading.Thread(target=lambda: resumed(first, given, confirm=confirm))
        other.start()
        assert inside.wait(30)
        for again in (lambda: resumed(first, given), lambda: batch_editor.run(path, given)):
            with pytest.raises(UnderWay, match=f"The run {first.run} is still under way"):
                again()
        assert len(crm.calls) == 1
        assert batch_editor.run(path, given, new=True).run != first.run
        leave.set()
        other.join()
        assert len(crm.calls) == 12


def test_a_plan_that_nobody_finished_is_cleared_away(tmp_path: Path) -> None:
    with Crm() as crm:
        given = jobs.settings(tmp_path, crm.url)
        path = jobs.sheet(tmp_path, CLUES)
        batch_editor.run(path, given, limit=1)
        change_journal(given, "UPDATE runs SET state = 'planning'")
        assert [run.state for run in runs(given)] == ["abandoned"]
        report = batch_editor.run(path, given)
    assert [run.name for run in runs(given)] == [report.run] and said(report.preview) == ""


# --- guards hold for what is left as well


def test_a_guard_that_is_set_since_holds(tmp_path: Path, stopped: Crm) -> None:
    given = one_by_one(tmp_path, stopped)
    first = batch_editor.run(jobs.sheet(tmp_path, CLUES), given)
    with pytest.raises(Refused, match="max_rows"):
        resumed(first, one_by_one(tmp_path, stopped, guards={"max_rows": 5}))
    assert len(stopped.calls) == 4 and resumed(first, given).exit_code == 0


def test_the_same_sheet_of_another_tenant_is_another_run_also_with_fixed_tokens(tmp_path: Path) -> None:
    """What one tenant has stopped is not gone on with by the other, at the same address."""
    sheet = jobs.sheet(tmp_path, range(11, 15))
    with Crm() as crm:
        acme, globex = (jobs.settings(tmp_path, crm.url, api={"tenant": name}) for name in ("acme", "globex"))
        first = batch_editor.run(sheet, acme, limit=2)
        second = batch_editor.run(sheet, globex)
        assert first.run != second.run and second.counts["updated"] == 4
        with pytest.raises(Refused, match="acme"):
            batch_editor.resume(first.run, globex)
        assert batch_editor.run(sheet, acme).run == first.run
