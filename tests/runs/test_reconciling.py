"""Reconciling a full export: what the journal remembers is not read, and it never remembers what was not confirmed."""

from __future__ import annotations

import json
import random
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from support import jobs
from support.commands import TOKEN, Commands
from support.exports import HEADING, export_lines, record

import batch_editor
from batch_editor import HaltReason, Notice, Refused, Report, Settings, SettingsError, Stop, job, say
from batch_editor.errors import GuardTripped
from batch_editor.journal.applied import Known, sum_of
from batch_editor.messages import Lang
from batch_editor.model import Message
from batch_editor.runs.options import Reconciling
from batch_editor.runs.preview import Preview
from batch_editor.runs.purging import old_runs, purge
from batch_editor.sandbox import Sandbox

NUMBER = 40
CLUES = range(1, NUMBER + 1)


@pytest.fixture
def crm() -> Iterator[Sandbox]:
    with Sandbox([record(clue) for clue in CLUES], access_token=jobs.TOKEN) as sandbox:
        yield sandbox


@pytest.fixture
def given(tmp_path: Path, crm: Sandbox) -> Settings:
    return jobs.settings(tmp_path, crm.url, prove=False)


def export(folder: Path, lines: list[str], heading: str = HEADING) -> Path:
    return jobs.text_file(folder / "export.csv", "\n".join([heading, *lines]) + "\n")


def rows(**changed: str) -> list[str]:
    return export_lines(CLUES, **changed)


def night(folder: Path, given: Settings, lines: list[str], **arguments: Any) -> Report:
    heading = arguments.pop("heading", "clue_id,remark,email")
    return job.reconcile(export(folder, lines, heading), given, **{"trust_journal": True, "new": True, **arguments})


def requests(crm: Sandbox) -> tuple[int, int]:
    """How many clues were read, and how many edited, since this was asked last."""
    made = [request.path for request in crm.requests]
    crm.requests.clear()
    return sum("info" in path for path in made), sum("edit" in path for path in made)


def remembered(given: Settings) -> dict[int, Known]:
    """What the memory holds of each clue, once all runs are taken in."""
    with job.open_journal(given) as journal:
        applied = journal.applied(given.api.base_url, "")
        journal.take_in(applied)
        return applied.known(list(CLUES))


def untrue(given: Settings, crm: Sandbox) -> list[tuple[int, str]]:
    """What the memory says to stand in a field, and does not."""
    wrong = []
    for clue, known in remembered(given).items():
        shown = crm.clue(clue)
        for key, value in known.by_key().items():
            if not key.startswith("="):
                values = ["", None] if shown.get(key) in ("", None) else [shown.get(key)]
                wrong += [] if value in [sum_of(clue, key, each) for each in values] else [(clue, key)]
    return wrong


# --- what is read, and what is not


def test_the_second_night_reads_and_edits_what_has_changed(tmp_path: Path, given: Settings, crm: Sandbox) -> None:
    assert night(tmp_path, given, rows(c1="新")).counts["updated"] == 1
    assert requests(crm) == (NUMBER, 1)
    report = night(tmp_path, given, rows(c1="新", c7="另"))
    assert requests(crm) == (1, 1) and crm.clue(7)["remark"] == "另"
    assert (report.counts["updated"], report.counts["unchanged"], report.exit_code) == (1, NUMBER - 1, 0)
    summary = report.summary()
    assert [summary[name] for name in ("trusted", "verified", "drifted", "all_read")] == [NUMBER - 1, 0, 0, False]
    assert "39 rows are equal by the journal" in str(summary["notes"])


def test_results_say_that_a_clue_was_not_read_and_since_when_its_values_stand_there(tmp_path: Path, given: Settings) -> None:
    night(tmp_path, given, rows())
    with job.open_journal(given) as journal:
        moment = journal.runs()[0].finished or ""
    report = night(tmp_path, given, rows(c7="另"))
    results = jobs.results(report.results)
    assert [row["result_status"] for row in results].count("unchanged") == NUMBER - 1
    assert results[0]["remark"] == "旧" and results[0]["result_time"] == ""
    assert f"set or saw these values on {moment[:10]} {moment[11:16]}" in results[0]["result_message"]
    assert results[6]["result_status"] == "updated" and results[6]["result_time"]


def test_without_trust_it_is_a_run_that_reads_everything_and_prepares_the_next_night(
    tmp_path: Path, given: Settings, crm: Sandbox
) -> None:
    for _ in range(2):
        report = night(tmp_path, given, rows(), trust_journal=False)
        assert requests(crm) == (NUMBER, 0) and "trusted" not in report.summary()
    night(tmp_path, given, rows())
    assert requests(crm) == (0, 0)


def test_other_columns_and_other_settings_are_compared_by_what_is_sent(tmp_path: Path, given: Settings, crm: Sandbox) -> None:
    heading, lines = "clue_id,birthday,remark", [f"{clue},1990-05-01,#CLEAR" for clue in CLUES]
    night(tmp_path, given, lines, heading=heading)
    requests(crm)
    night(tmp_path, given, [f"{clue},#CLEAR,1990/5/1" for clue in CLUES], heading="clue_id,remark,birthday")
    assert requests(crm) == (0, 0)  # another order of the columns, and another spelling of the same day
    night(tmp_path, given, lines, heading=heading, edit_keys="remark")
    assert requests(crm) == (0, 0)
    for over in ({"birthday_unit": "ms"}, {"clear_as": {"remark": None}}):
        night(tmp_path, jobs.settings(tmp_path, crm.url, **over), lines, heading=heading)
        assert requests(crm)[0] == NUMBER
    operator = jobs.settings(
        tmp_path, crm.url, defaults={"user_id": "wo-another-operator-of-the-tests"}, clear_as={"remark": None}
    )
    night(tmp_path, operator, lines, heading=heading)
    assert requests(crm) == (0, 0)  # who edits is no value of the clue


def test_cells_that_say_whose_clue_it_is_are_compared_too(tmp_path: Path, given: Settings, crm: Sandbox) -> None:
    told = given.model_copy(update={"context_columns": ("clue_name",)})
    named = [f"{clue},客户{clue},旧" for clue in CLUES]
    night(tmp_path, told, named, heading="clue_id,clue_name,remark")
    requests(crm)
    named[4] = "5,客户6,旧"  # a column of ids that was sorted by itself
    report = night(tmp_path, told, named, heading="clue_id,clue_name,remark")
    assert requests(crm) == (1, 0) and report.counts["conflict"] == 1


def test_rows_of_one_clue_are_trusted_together_or_not_at_all(tmp_path: Path, given: Settings, crm: Sandbox) -> None:
    night(tmp_path, given, rows())
    requests(crm)
    lines = [*rows(c3="甲"), "3,旧,a@example.com", "4,旧,a@example.com"]  # the last row of clue 3 has what stands there
    report = night(tmp_path, given, lines)
    assert requests(crm) == (1, 0) and crm.clue(3)["remark"] == "旧"
    assert report.counts["unchanged"] == len(lines)


def test_another_tenant_has_another_memory(tmp_path: Path, given: Settings, crm: Sandbox) -> None:
    night(tmp_path, given, rows())
    with Sandbox([record(clue) for clue in CLUES], access_token=jobs.TOKEN) as other:
        night(tmp_path, jobs.settings(tmp_path, other.url), rows())
        assert requests(other) == (NUMBER, 0)
    requests(crm)
    night(tmp_path, given, rows())
    assert requests(crm) == (0, 0)


def test_tags_that_are_added_are_always_read(tmp_path: Path, given: Settings, crm: Sandbox) -> None:
    lines = [f"{clue},etvvCXcAAAZHYVzWCdeCCnTcIM2vtRPw" for clue in CLUES]
    for _ in range(2):
        night(tmp_path, given, lines, heading="clue_id,label", tags="add")
        assert requests(crm)[0] == NUMBER
    assert remembered(given)[1].by_key() == {}


def test_a_workbook_is_read_again_from_the_journal(tmp_path: Path, given: Settings, crm: Sandbox) -> None:
    """Dates and numbers are what they were in their cells, also where a row is not to be trusted after all."""
    cells: list[list[object]] = [["clue_id", "birthday", "remark"], *([clue, datetime(1990, 5, 1), clue] for clue in CLUES)]
    book = jobs.workbook(tmp_path / "export.xlsx", cells)
    job.reconcile(book, given, trust_journal=True)
    requests(crm)
    report = job.reconcile(book, given, trust_journal=True, new=True, verify_share=1)
    assert requests(crm) == (NUMBER, 0) and report.counts["unchanged"] == NUMBER
    assert report.memory and report.memory.drifted == 0


# --- those that are read all the same


def test_after_twenty_nights_every_clue_was_read_again(tmp_path: Path, given: Settings, crm: Sandbox) -> None:
    night(tmp_path, given, rows())
    crm.requests.clear()
    read = []
    for _ in range(20):
        report = night(tmp_path, given, rows(), verify_share=0.05)
        assert report.memory and (report.memory.verified, report.memory.drifted) == (2, 0)
        read += [json.loads(request.body)["clue_id"] for request in crm.requests]
        crm.requests.clear()
    assert sorted(read) == sorted(CLUES)


def test_drift_is_mended_counted_and_told(tmp_path: Path, given: Settings, crm: Sandbox) -> None:
    night(tmp_path, given, rows())
    crm.change(2, remark="somebody's")
    requests(crm)
    report = night(tmp_path, given, rows(), verify_share=0.25, max_drift=0.5)
    assert requests(crm) == (10, 1) and crm.clue(2)["remark"] == "旧"
    summary = report.summary()
    assert [summary[name] for name in ("trusted", "verified", "drifted")] == [30, 10, 1]
    assert "1 held something else" in str(summary["notes"])
    assert report.exit_code == 0 and report.counts["updated"] == 1


@pytest.mark.parametrize("attended", [False, True])
def test_too_much_drift_has_all_clues_read(tmp_path: Path, given: Settings, crm: Sandbox, attended: bool) -> None:
    night(tmp_path, given, rows())
    crm.change(2, remark="somebody's")
    crm.change(NUMBER, remark="somebody's")  # not among the first that are read
    requests(crm)
    told: list[str] = []
    report = night(
        tmp_path,
        given,
        rows(),
        verify_share=0.25,
        attended=attended,
        on_event=lambda event: told.append(say(event.message, "en")) if isinstance(event, Notice) else None,
    )
    assert requests(crm) == (NUMBER, 2) and crm.clue(NUMBER)["remark"] == "旧"
    assert (report.counts["updated"], report.exit_code, report.left) == (2, 0, 0)
    assert report.memory and report.memory.trusted == 0
    notes = str(report.summary()["notes"])
    assert report.summary()["all_read"] is True and "all clues are read" in notes
    assert notes.count("held something else") == 1  # once for whoever reads the notes of a night
    assert any("so the other 30 rows are read as well" in text for text in told)


@pytest.mark.parametrize("most", [1, 2])
def test_a_guard_judges_what_all_clues_show_where_too_much_has_drifted(
    tmp_path: Path, given: Settings, crm: Sandbox, most: int
) -> None:
    night(tmp_path, given, rows())
    for clue in (2, NUMBER):  # the second one is not among the first that are read
        crm.change(clue, remark="somebody's")
    requests(crm)
    guarded = jobs.settings(tmp_path, crm.url, prove=False, guards={"max_changed": most})
    if most == 2:
        assert night(tmp_path, guarded, rows(), verify_share=0.25).counts["updated"] == 2
        return
    with pytest.raises(GuardTripped, match="2 rows differ"):
        night(tmp_path, guarded, rows(), verify_share=0.25)
    assert requests(crm) == (NUMBER, 0)


def test_who_is_asked_sees_what_differs_where_too_much_has_drifted(tmp_path: Path, given: Settings, crm: Sandbox) -> None:
    night(tmp_path, given, rows())
    for clue in (2, NUMBER):
        crm.change(clue, remark="somebody's")
    previews: list[Preview] = []
    night(tmp_path, given, rows(), verify_share=0.25, attended=True, confirm=lambda preview: not previews.append(preview))
    assert [(preview.calls, preview.reads) for preview in previews] == [(2, 0)]


def test_what_has_failed_is_not_sent_again_with_what_is_read_since_too_much_has_drifted(
    tmp_path: Path, given: Settings, crm: Sandbox
) -> None:
    night(tmp_path, given, rows())
    for clue in CLUES:
        crm.change(clue, remark="somebody's")
    crm._faults = Sandbox([], faults=["500@clue:5"])._faults
    requests(crm)
    report = night(tmp_path, given, rows(c5="新"), verify_share=0.1)
    assert (report.exit_code, report.reason, report.counts["failed"], report.counts["updated"]) == (1, "rows", 1, NUMBER - 1)
    assert requests(crm) == (NUMBER, NUMBER - 1 + 2 * given.retry.attempts)  # the last tries are the second half of those


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_what_verifying_has_shown_is_a_line_of_its_own(tmp_path: Path, lang: Lang) -> None:
    """Also in the workbook; and on stderr, however few words are asked for, where somebody has to know it."""
    words = ("reconcile", "export.csv", "--trust-journal", "--new", "--yes", "--lang", lang)
    with Sandbox([record(clue) for clue in CLUES], access_token=TOKEN) as crm:
        command = Commands(tmp_path, crm.url)
        export(tmp_path, rows())
        assert command(*words).code == 0
        for number, (drifts, key) in enumerate(((0, "verified"), (1, "drifted"), (2, "drifted_all")), 2):
            for clue in CLUES[:drifts]:
                crm.change(clue, remark="somebody's")
            few = ["--quiet"] if drifts else []
            done = command(*words, "--verify-share", "1", "--max-drift", "0.03", *few)
            line = say(Message(f"reconcile.{key}", {"verified": NUMBER, "drifted": drifts}), lang)
            assert line.replace(" ", "") in (done.err if drifts else done.out).replace("\n", "").replace(" ", "")
            book = openpyxl.load_workbook(tmp_path / f"export.results-{number}.xlsx")
            assert line in {cell.value for cells in book.worksheets[1] for cell in cells}


def test_what_the_crm_never_shows_is_no_drift(tmp_path: Path, given: Settings, crm: Sandbox) -> None:
    lines = [f"{clue},旧,u{clue}" for clue in CLUES]
    night(tmp_path, given, lines, heading="clue_id,remark,uin")
    assert requests(crm) == (NUMBER, NUMBER)
    report = night(tmp_path, given, lines, heading="clue_id,remark,uin", verify_share=0.5)
    assert requests(crm) == (20, 0) and report.memory and report.memory.drifted == 0


def test_a_clue_that_is_gone_is_drift(tmp_path: Path, given: Settings, crm: Sandbox) -> None:
    night(tmp_path, given, rows())
    with Sandbox([record(clue) for clue in CLUES if clue != 1], access_token=jobs.TOKEN) as fewer:
        with closing(sqlite3.connect(given.state_dir / job.JOURNAL)) as connection, connection:
            connection.execute("UPDATE runs SET base_url = ?", [fewer.url])
            connection.execute("UPDATE memories SET base_url = ?", [fewer.url])
        report = night(tmp_path, jobs.settings(tmp_path, fewer.url), rows(), verify_share=0.5, max_drift=1)
    assert report.memory and (report.memory.verified, report.memory.drifted, report.counts["invalid"]) == (20, 1, 1)


# --- what is judged of a night, and what is refused


def test_a_trusted_row_is_none_that_changes(tmp_path: Path, given: Settings, crm: Sandbox) -> None:
    """A clue that has drifted changes, and so does a row that asks for something else."""
    night(tmp_path, given, rows())
    guarded = jobs.settings(tmp_path, crm.url, prove=False, guards={"max_changed": 1})
    assert night(tmp_path, guarded, rows(c7="另")).counts["updated"] == 1
    with pytest.raises(GuardTripped) as caught:
        night(tmp_path, guarded, rows(c7="另", c8="另", c9="另"))
    assert caught.value.guard == "max_changed" and "2 rows differ" in str(caught.value)
    crm.change(1, remark="somebody's")
    assert night(tmp_path, guarded, rows(c7="又")).counts["updated"] == 1
    requests(crm)
    with pytest.raises(GuardTripped) as caught:
        night(tmp_path, guarded, rows(c7="再"), verify_share=0.25, max_drift=1)
    assert caught.value.guard == "max_changed" and "2 rows differ" in str(caught.value)
    assert requests(crm) == (11, 0)


def test_a_trusted_row_asks_for_an_edit_as_one_that_was_read_does(tmp_path: Path, given: Settings, crm: Sandbox) -> None:
    """An export with an empty column is known by what it asks for, and not by what turns out to stand there."""
    night(tmp_path, given, rows())
    requests(crm)
    guarded = jobs.settings(tmp_path, crm.url, prove=False, guards={"min_edits": NUMBER})
    assert night(tmp_path, guarded, rows()).counts["unchanged"] == NUMBER
    assert requests(crm) == (0, 0)
    with pytest.raises(GuardTripped) as caught:
        night(tmp_path, guarded, [*rows()[:-1], f"{NUMBER},,"])
    assert caught.value.guard == "min_edits" and requests(crm) == (0, 0)


def test_what_is_empty_alone_is_not_for_a_full_export(tmp_path: Path, given: Settings) -> None:
    with pytest.raises(SettingsError, match="only_empty sets only what is empty"):
        batch_editor.run(export(tmp_path, rows()), given, only_empty=True, reconciling=Reconciling(trust_journal=True))


# --- what makes the memory untrue


def test_what_another_run_has_set_is_remembered(tmp_path: Path, given: Settings, crm: Sandbox) -> None:
    night(tmp_path, given, rows())
    batch_editor.run(jobs.text_file(tmp_path / "few.csv", "clue_id,remark\n5,页面\n"), given)
    requests(crm)
    night(tmp_path, given, rows(c5="页面"))
    assert requests(crm) == (0, 0)  # the other column of clue 5 is known still
    night(tmp_path, given, rows())
    assert requests(crm) == (1, 1) and crm.clue(5)["remark"] == "旧"


def test_what_an_undo_has_put_back_is_remembered(tmp_path: Path, given: Settings, crm: Sandbox) -> None:
    report = night(tmp_path, given, rows(c5="新"))
    batch_editor.undo(report.run or "", given)
    assert crm.clue(5)["remark"] == "旧" and untrue(given, crm) == []
    requests(crm)
    night(tmp_path, given, rows())
    assert requests(crm)[1] == 0
    night(tmp_path, given, rows(c5="新"))
    assert crm.clue(5)["remark"] == "新"


@pytest.mark.parametrize("fault", ["lost-after@clue:5", "lost-before@clue:5", "code=40001@clue:5", "data-false@clue:5"])
def test_an_edit_that_was_not_confirmed_is_not_remembered(tmp_path: Path, fault: str) -> None:
    with Sandbox([record(clue) for clue in CLUES], access_token=jobs.TOKEN) as crm:
        given = jobs.settings(tmp_path, crm.url)
        night(tmp_path, given, rows())
        crm._faults = Sandbox([], faults=[fault])._faults
        assert night(tmp_path, given, rows(c5="新")).counts["unchanged"] == NUMBER - 1
        crm._faults = []
        assert remembered(given)[5].by_key() == {} and untrue(given, crm) == []
        requests(crm)
        night(tmp_path, given, rows(c5="新"))
        assert requests(crm)[0] == 1 and crm.clue(5)["remark"] == "新"


def test_a_later_run_stands_against_an_older_one_that_is_gone_on_with(tmp_path: Path, given: Settings, crm: Sandbox) -> None:
    stopped = batch_editor.run(jobs.text_file(tmp_path / "a.csv", "clue_id,remark\n5,甲\n6,甲\n7,甲\n"), given, limit=1)
    night(tmp_path, given, rows(c5="乙"))  # takes in what the older run has done by now
    batch_editor.resume(stopped.run or "", given)
    assert untrue(given, crm) == []
    night(tmp_path, given, rows(c5="乙"))
    assert [crm.clue(clue)["remark"] for clue in (5, 6, 7)] == ["乙", "旧", "旧"]


def test_what_an_older_run_sets_when_it_is_gone_on_with_is_remembered(tmp_path: Path, given: Settings, crm: Sandbox) -> None:
    """Of a field that no later run is about; what a later run has set stands."""
    night(tmp_path, given, rows())
    sheet = jobs.text_file(tmp_path / "a.csv", "clue_id,email\n5,b@example.com\n6,b@example.com\n")
    stopped = batch_editor.run(sheet, given, limit=1)
    night(tmp_path, given, [f"{clue},旧,{'c@example.com' if clue == 5 else ''}" for clue in CLUES])
    assert untrue(given, crm) == []  # which takes in what the later run has done
    batch_editor.resume(stopped.run or "", given)
    assert [crm.clue(clue)["email"][0] for clue in (5, 6)] == ["c", "b"] and untrue(given, crm) == []
    requests(crm)
    night(tmp_path, given, rows())
    assert requests(crm) == (2, 2) and crm.clue(6)["email"] == "a@example.com"


def test_a_run_that_is_under_way_is_waited_for_by_reading(tmp_path: Path, given: Settings, crm: Sandbox) -> None:
    """What it is about to set is not known: its clues are read, and no others."""
    night(tmp_path, given, rows())
    sheet = jobs.text_file(tmp_path / "a.csv", "clue_id,remark\n5,甲\n")
    with job.plan(sheet, given) as prepared:
        prepared.journal.claim(prepared.name)
        prepared.run.set_state(batch_editor.RunState.SENDING)
        requests(crm)
        night(tmp_path, given, rows())
        assert requests(crm) == (1, 0)


def test_any_mix_of_runs_leaves_a_memory_that_is_true(tmp_path: Path) -> None:
    """Nights, other runs, undos, resumes and purges, with answers that are lost and edits that are refused."""
    faults = ["lost-after@7%", "lost-before@5%", "code=40001@5%", "data-false@3%", "read:code=40001@3%"]
    for seed in range(3):
        chance, folder = random.Random(seed), tmp_path / str(seed)
        folder.mkdir()
        with Sandbox([record(clue) for clue in CLUES], access_token=jobs.TOKEN, faults=faults, seed=seed) as crm:
            given = jobs.settings(folder, crm.url, retry={"attempts": 1})
            done = list[Report]()
            for _ in range(10):
                lines = [f"{clue},{chance.choice('甲乙丙旧')},{chance.choice(['', 'a@example.com'])}" for clue in CLUES]
                lines += chance.choices(lines, k=2)
                what = chance.choice(["night", "night", "run", "undo", "resume", "purge", "limit"])
                if what == "night":
                    done.append(night(folder, given, lines, verify_share=chance.choice([0, 0.2])))
                elif what in ("run", "limit"):
                    sheet = export(folder, chance.sample(lines, 8))
                    done.append(batch_editor.run(sheet, given, new=True, limit=3 if what == "limit" else None))
                elif what == "purge":
                    with job.open_journal(given) as journal:
                        journal.forgetting.purge(datetime.now().astimezone() + timedelta(days=1))
                    done.clear()
                elif done:
                    try:
                        run = chance.choice(done).run or ""
                        done.append(batch_editor.undo(run, given) if what == "undo" else batch_editor.resume(run, given))
                    except Refused:
                        pass  # there is nothing to put back, or to go on with
                assert untrue(given, crm) == [], (seed, what)


def test_a_stop_leaves_a_memory_of_what_was_done_alone(tmp_path: Path, given: Settings, crm: Sandbox) -> None:
    stop = Stop()
    seen = threading.Event()

    def on_event(event: object) -> None:
        if isinstance(event, batch_editor.SendProgress) and event.done >= 3 and not seen.is_set():
            seen.set()
            stop.ask()

    report = night(tmp_path, given, rows(**{f"c{clue}": "新" for clue in CLUES}), on_event=on_event, stop=stop)
    assert report.exit_code in (0, 3) and untrue(given, crm) == []
    if report.exit_code == 3:
        with job.open_journal(given) as journal:
            stoppage = journal.run(report.run or "").stoppage
        assert stoppage and stoppage.reason is HaltReason.ASKED
        assert batch_editor.resume(report.run or "", given).counts["updated"] == NUMBER
    assert untrue(given, crm) == []


@pytest.mark.slow  # a process is killed
def test_a_kill_at_any_moment_leaves_a_memory_that_is_true(tmp_path: Path) -> None:
    words = ["reconcile", "export.csv", "--trust-journal", "--yes", "--new"]
    with Sandbox([record(clue) for clue in CLUES], access_token=TOKEN, latency=0.02, faults=["429=30@5"]) as crm:
        command = Commands(tmp_path, crm.url)
        given = Settings.load(tmp_path / "config.yaml")
        export(tmp_path, rows(**{f"c{clue}": "限" for clue in CLUES}))
        process = command.start(*words)
        while sum("edit" in request.path for request in crm.requests) < 5 and process.poll() is None:
            time.sleep(0.002)
        process.kill()  # while it waits to send an edit once more, which the CRM has turned away
        process.communicate()
        assert untrue(given, crm) == []
        for number, (night_of, requests_before) in enumerate(((0, 3), (1, 11), (2, 30), (0, 20), (1, 8))):
            export(tmp_path, rows(**{f"c{clue}": f"夜{number}" for clue in CLUES if clue % 3 == night_of}))
            crm.requests.clear()
            process = command.start(*words)
            while len(crm.requests) < requests_before and process.poll() is None:
                time.sleep(0.002)
            process.kill()
            process.communicate()
            assert len(crm.requests) >= requests_before and untrue(given, crm) == []
        assert command(*words).code == 0 and untrue(given, crm) == []


# --- forgetting


def test_runs_are_remembered_before_they_are_forgotten(tmp_path: Path, given: Settings, crm: Sandbox) -> None:
    night(tmp_path, given, rows(c5="新"))
    with job.open_journal(given) as journal:
        later = datetime.now().astimezone() + timedelta(days=1)
        assert journal.forgetting.purge(later) == 1 and journal.runs() == []
    requests(crm)
    night(tmp_path, given, rows(c5="新"))
    assert requests(crm) == (0, 0)


def test_the_command_that_forgets_personal_data_forgets_the_memory_too(tmp_path: Path, given: Settings, crm: Sandbox) -> None:
    night(tmp_path, given, rows())
    later = datetime.now().astimezone() + timedelta(days=1)
    with job.open_journal(given) as journal:
        purge(journal, old_runs(journal, later), results=False, with_memory=True)
    with closing(sqlite3.connect(given.state_dir / job.JOURNAL)) as connection:
        assert connection.execute("SELECT count(*) FROM applied").fetchone() == (0,)


def test_nothing_is_written_down_for_runs_that_do_not_take_part(tmp_path: Path, given: Settings) -> None:
    batch_editor.run(export(tmp_path, rows()), given)
    with job.open_journal(given) as journal:
        journal.forgetting.purge(datetime.now().astimezone() - timedelta(days=1))
    with closing(sqlite3.connect(given.state_dir / job.JOURNAL)) as connection:
        assert connection.execute("SELECT count(*) FROM memories").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM rows WHERE sums IS NOT NULL").fetchone() == (0,)


def test_the_memory_holds_no_value(tmp_path: Path, given: Settings) -> None:
    night(tmp_path, given, rows(c5="独一无二"))
    remembered(given)
    with closing(sqlite3.connect(given.state_dir / job.JOURNAL)) as connection:
        texts = connection.execute("SELECT whole || sums FROM applied").fetchall()
    assert len(texts) == NUMBER and not any("独" in text or "example" in text for (text,) in texts)
    assert sum_of(1, "gender", "1") != sum_of(2, "gender", "1")  # a value that many have does not show in how often it occurs


# --- what cannot be asked for


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"verify_share": 1.5}, "share from 0 to 1"),
        ({"max_drift": -1}, "share from 0 to 1"),
        ({"trust_journal": False, "verify_share": 0.05}, "needs trust_journal"),
    ],
)
def test_shares_that_mean_nothing_are_refused(tmp_path: Path, given: Settings, asked: dict[str, Any], told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        night(tmp_path, given, rows(), **asked)


def test_a_run_that_trusts_does_not_go_on_with_one_that_does_not(tmp_path: Path, given: Settings, crm: Sandbox) -> None:
    stopped = night(tmp_path, given, rows(**{f"c{clue}": "新" for clue in CLUES}), trust_journal=False, limit=1)
    report = job.reconcile(tmp_path / "export.csv", given, trust_journal=True)
    assert report.run != stopped.run
