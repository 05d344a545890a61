"""Killed, stopped, started twice, out of disk: whatever ends a run, going on loses no row and lands no old value on a new one.

Each test ends the real command at a moment that it knows, compares what the CRM did with what the journal and the results
sheet say, goes on, and compares again (``support/crashes.py``).
"""

from __future__ import annotations

import os
import random
import shlex
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from support import jobs
from support.commands import Done, finished
from support.crashes import PATIENCE, SENDERS, Trap, Trial, Watched, clues, no_trap, parts, peek, until

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name == "nt", reason="signals and limits of POSIX")]

ANSWERED = ("answered",)
#: Finds something once every row has its outcome.
ALL_SENT = "SELECT 1 FROM runs WHERE NOT EXISTS (SELECT 1 FROM rows WHERE status != 'updated') AND EXISTS (SELECT 1 FROM rows)"


@pytest.fixture
def crm() -> Iterator[Watched]:
    with Watched() as running:
        yield running


# --- killed: thirty moments


@pytest.mark.parametrize("number", range(14))
def test_killed_while_edits_are_on_their_way(tmp_path: Path, crm: Watched, number: int) -> None:
    """Every third one is killed once more while it goes on."""
    chance = random.Random(f"silence {number}")
    trial, kills = Trial(tmp_path, crm, clues(chance)), 2 if number % 3 == 0 else 1
    for kill in range(kills):
        trap = crm.set(Trap("silence", chance.randrange(440 // kills), chance.randint(1, SENDERS), chance))
        process = trial.go(*(["resume", trial.run] if kill else []))
        until(trap.snapped.is_set, process)
        trial.kill(process)
        on_their_way = {row for row, status in trial.journal().items() if status == "failed"}
        assert trial.state == "sending" and len(trap.waiting) >= trap.most and {*trap.waiting} <= on_their_way
        if number % 4:  # else the journal's files stay as they were left
            trial.tell()
    trial.ends()


@pytest.mark.parametrize("number", range(8))
def test_killed_when_an_answer_has_just_been_given(tmp_path: Path, crm: Watched, number: int) -> None:
    chance = random.Random(f"answer {number}")
    trial, kills = Trial(tmp_path, crm, clues(chance)), 2 if number % 3 == 0 else 1
    for kill in range(kills):
        trap = crm.set(Trap("answer", chance.randint(1, 480 // kills), chance=chance))
        process = trial.go(*(["resume", trial.run] if kill else []))
        until(trap.snapped.is_set, process)
        trial.kill(process)
        assert trial.state == "sending" and trap.answered >= trap.after and "not_sent" in trial.journal().values()
        if number % 4:
            trial.tell()
    trial.ends()


@pytest.mark.parametrize("planned", [0, 1000, 3000, 5000])
def test_killed_while_the_sheet_is_planned(tmp_path: Path, crm: Watched, planned: int) -> None:
    trial = Trial(tmp_path, crm, clues(random.Random(planned)), every=24)
    process = trial.go()
    until(lambda: peek(tmp_path, f"SELECT 1 FROM runs WHERE (SELECT count(*) FROM rows) >= {planned}"), process)  # noqa: S608
    process.kill()
    process.communicate(timeout=PATIENCE)
    run, rows = trial.run, peek(tmp_path, "SELECT count(*) FROM rows")[0][0]
    assert trial.state == "planning" and planned <= rows < trial.length and crm.connections == 0
    refused = trial.command("resume", run)
    assert refused.code == 2 and crm.connections == 0
    assert (
        f"The run {run} was interrupted before anything was sent. Run its sheet again: {tmp_path / 'edits.csv'}" in refused.err
    )
    trial.ends("run", "edits.csv")
    assert [name for (name,) in peek(tmp_path, "SELECT name FROM runs")] == [trial.run] != [run]
    assert len(crm.arrived) == 500


@pytest.mark.parametrize("size", [None, 0, 1, 500_000])
def test_killed_while_the_results_are_written(tmp_path: Path, crm: Watched, size: int | None) -> None:
    """When all rows have an outcome, and when so many bytes of the results are there: that one twice."""
    trial = Trial(tmp_path, crm, clues(random.Random(size)), wide=12)
    for again in (False, True) if size else (False,):
        old = parts(tmp_path)
        process = trial.go(*(["resume", trial.run] if again else []))
        until(lambda: peek(tmp_path, ALL_SENT), process)
        if size is not None:
            until(lambda old=old: any(now[0] >= size for part, now in parts(tmp_path).items() if now != old.get(part)), process)
        trial.kill(process)
        assert trial.state == "sending" and {*trial.journal().values()} == {"updated"} and len(crm.arrived) == 500
        assert not trial.results.exists() and (size is None or parts(tmp_path))
    if size != 0:
        trial.tell()
    trial.ends(*(("run", "edits.csv") if size is None else ()))  # which does not send everything once more
    assert len(crm.arrived) == 500 and not parts(tmp_path)


# --- asked to stop


@pytest.mark.parametrize("number", range(8))
def test_a_run_that_was_asked_to_stop_sends_nothing_twice(tmp_path: Path, crm: Watched, number: int) -> None:
    chance = random.Random(f"asked {number}")
    trial = Trial(tmp_path, crm, clues(chance))
    trap = crm.set(Trap("silence", chance.randrange(480), chance.randint(1, SENDERS), fates=ANSWERED))
    process = trial.go()
    until(trap.snapped.is_set, process)
    done = stopped(process, trap)
    run, sent = trial.run, len(crm.arrived)
    assert trap.after + trap.most <= sent <= trap.after + SENDERS
    assert (done.code, done.json["updated"], done.json["not_sent"], done.json["failed"]) == (3, sent, 500 - sent, 0)
    assert done.err.splitlines()[-1] == f"  batch-editor resume {run}"
    shown = trial.shown()
    assert shown == trial.journal() == {row: "updated" if row in crm.arrived else "not_sent" for row in trial.edits}
    trial.ends()
    assert sorted(crm.arrived) == list(trial.edits)  # each of them once


def test_asked_to_stop_while_the_sheet_is_planned(tmp_path: Path, crm: Watched) -> None:
    process = Trial(tmp_path, crm, clues(random.Random(0)), every=40).go()
    until(lambda: peek(tmp_path, "SELECT 1 FROM rows WHERE row > 2000"), process)
    process.send_signal(signal.SIGTERM)
    done = finished(process)
    assert (done.code, done.err) == (2, "\nInterrupted before anything was sent.\n") and crm.connections == 0
    assert peek(tmp_path, "SELECT 1 FROM rows UNION SELECT 1 FROM runs") == []
    assert not (tmp_path / "edits.results.xlsx").exists()


def test_asked_to_stop_twice_it_leaves_what_is_on_its_way(tmp_path: Path, crm: Watched) -> None:
    chance = random.Random("twice")
    trial = Trial(tmp_path, crm, clues(chance))
    trap = crm.set(Trap("silence", 100, SENDERS, chance))
    process = trial.go()
    until(trap.snapped.is_set, process)
    ask_to_stop(process)
    process.send_signal(signal.SIGTERM)
    done = finished(process)
    assert not trap.opened.is_set()  # it did not wait for the answers
    assert (done.code, done.json["updated"], done.json["failed"], done.json["not_sent"]) == (3, 100, SENDERS, 392)
    assert done.err.splitlines()[-1] == f"  batch-editor resume {trial.run}"
    failed = {row["remark"]: row["result_message"] for row in jobs.results(trial.results) if row["result_status"] == "failed"}
    why = "the run was broken off while this edit was on its way; it may have been applied"
    assert failed == {f"row {row}": why for row in trap.waiting}
    crm.settle()
    trial.kills = 1
    trial.is_true(trial.shown())
    trial.ends()


def ask_to_stop(process: subprocess.Popen[str]) -> None:
    """Send it SIGTERM, and wait until it says that it will."""
    process.send_signal(signal.SIGTERM)
    assert process.stderr
    lines = []
    for line in process.stderr:
        lines.append(line)
        if "Stopping: what is on its way finishes first" in line:
            return
    raise AssertionError("".join(lines), process.communicate())


def stopped(process: subprocess.Popen[str], trap: Trap) -> Done:
    """How a command ends that is asked to stop while ``trap`` keeps its requests waiting."""
    ask_to_stop(process)
    trap.opened.set()
    return finished(process)


# --- going on


def test_what_may_have_been_applied_is_left_alone_where_it_is_told_so(tmp_path: Path, crm: Watched) -> None:
    """Eight clues, of which six have two rows more, and others: the first eight rows are on their way when it is killed."""
    trial = Trial(tmp_path, crm, [*range(1, 9), *range(1, 7), *range(1, 7), *range(11, 31)])
    trap = crm.set(Trap("silence", 0, SENDERS))
    process = trial.go()
    until(trap.snapped.is_set, process)
    trial.kill(process)
    assert [*trial.journal().values()] == ["failed"] * 8 + ["not_sent"] * 32
    crm.set(no_trap())
    done = trial.command("resume", trial.run, "--json", BATCH_EDITOR_RETRY__AMBIGUOUS="false")
    assert (done.code, done.json["updated"], done.json["failed"], done.json["not_sent"]) == (1, 32, 8, 0)
    rows = jobs.results(trial.results)
    assert [row["result_status"] for row in rows] == ["failed"] * 8 + ["updated"] * 32
    why = "the program ended while this edit was on its way; it may have been applied"
    assert {row["result_message"] for row in rows[:8]} == {why}
    assert sorted(crm.arrived) == list(trial.edits)  # each of them once
    # told otherwise, it sends again what nothing newer stands in the way of
    done = trial.command("resume", trial.run, "--json")
    assert (done.code, done.json["updated"], done.json["failed"]) == (1, 34, 6)
    assert sorted(crm.arrived[40:]) == [8, 9]


def test_a_second_process_is_turned_away(tmp_path: Path, crm: Watched) -> None:
    trial = Trial(tmp_path, crm, clues(random.Random("second")))
    trap = crm.set(Trap("silence", 50, SENDERS, fates=ANSWERED))
    process = trial.go()
    until(trap.snapped.is_set, process)
    run, before = trial.run, trial.journal()
    for words in ("resume", run), ("run", "edits.csv"):
        turned_away = trial.command(*words)
        assert turned_away.code == 4 and f"The run {run} is still under way." in turned_away.err, words
        assert turned_away.out == "" and trial.journal() == before and trial.state == "sending", words
    assert not trial.results.exists()
    trap.opened.set()
    done = finished(process)
    assert (done.code, done.json["updated"]) == (0, 500) and trial.run == run
    assert sorted(crm.arrived) == list(trial.edits)  # each of them once
    trial.is_in_order()


@pytest.mark.parametrize("how", ["resume", "--new"])
def test_a_run_of_days_ago_is_not_gone_on_with_unasked(tmp_path: Path, crm: Watched, how: str) -> None:
    trial = Trial(tmp_path, crm, clues(random.Random(how), 60))
    trap = crm.set(Trap("silence", 20))
    process = trial.go()
    until(trap.snapped.is_set, process)
    trial.kill(process)
    run, sent = trial.run, len(crm.arrived)
    began(tmp_path, hours=72.1)
    refused = trial.command("run", "edits.csv")
    assert refused.code == 2 and len(crm.arrived) == sent and trial.run == run
    assert f"batch-editor resume {run}\n" in refused.err and "add --new" in refused.err and "72 hours" in refused.err
    if how == "resume":
        trial.ends()
        return
    crm.set(no_trap())
    done = trial.command("run", "edits.csv", "--new", "--json")
    assert (done.code, done.json["updated"]) == (0, 60) and done.json["run"] == trial.run != run
    assert sorted(crm.arrived[sent:]) == list(trial.edits)
    assert {*trial.journal().values()} == {*trial.shown().values()} == {"updated"}


def test_a_run_of_not_quite_three_days_ago_is_gone_on_with(tmp_path: Path, crm: Watched) -> None:
    trial = Trial(tmp_path, crm, clues(random.Random("hours"), 60))
    trap = crm.set(Trap("silence", 20))
    process = trial.go()
    until(trap.snapped.is_set, process)
    trial.kill(process)
    run = trial.run
    began(tmp_path, hours=71.9)
    done = trial.ends("run", "edits.csv")
    assert done.json["run"] == run and f"run {run}" in done.err


def began(folder: Path, hours: float) -> None:
    """Let the runs have been started so many hours ago."""
    when = datetime.now().astimezone() - timedelta(hours=hours)
    with closing(sqlite3.connect(folder / "state" / "journal.sqlite3")) as journal, journal:
        journal.execute("UPDATE runs SET started = ?", [int(when.timestamp())])


# --- no room


def limited(trial: Trial, kilobytes: int, *args: str) -> Done:
    """The command where no file may become longer than that: to write more fails as it does on a full disk."""
    words = shlex.join([sys.executable, "-W", "error", "-m", "batch_editor", *args])
    line = f"ulimit -f {2 * kilobytes}; exec {words}"  # POSIX counts blocks of 512 bytes
    where = {"cwd": trial.folder, "env": trial.command.env, "encoding": "utf-8"}
    streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return finished(subprocess.Popen(["sh", "-c", line], **where, **streams))


def test_no_room_for_the_journal_while_sending(tmp_path: Path, crm: Watched) -> None:
    trial = Trial(tmp_path, crm, clues(random.Random("room")))
    done = limited(trial, 1000, "run", "edits.csv", "--json")
    run = trial.run
    updated, failed, not_sent = (done.json[status] for status in ("updated", "failed", "not_sent"))
    assert done.code == 3 and updated > 0 and not_sent > 0 and failed <= SENDERS and updated + failed + not_sent == 500
    assert "can no longer be written" in done.err and "Make room on the disk" in done.err
    assert done.err.splitlines()[-1] == f"  batch-editor resume {run}"
    trial.kills = 1  # what was on its way could not be written down
    trial.is_true(trial.shown())
    trial.ends(beside=True)  # that the first ones are its own may not have been written down either


def test_no_room_for_a_new_run(tmp_path: Path, crm: Watched) -> None:
    trial = Trial(tmp_path, crm, clues(random.Random("no room")))
    done = limited(trial, 150, "run", "edits.csv", "--json")
    assert done.code == 2 and crm.connections == 0 and not trial.results.exists()
    assert "can no longer be written" in done.err
    trial.ends("run", "edits.csv")
    assert sorted(crm.arrived) == list(trial.edits)


def test_no_room_for_the_results(tmp_path: Path, crm: Watched) -> None:
    trial = Trial(tmp_path, crm, clues(random.Random("results")), wide=12)
    process = trial.go()
    until(lambda: peek(tmp_path, ALL_SENT), process)
    trial.kill(process)
    assert not trial.results.exists() and trial.command("runs").code == 0  # which also tidies up the journal's files
    done = limited(trial, 1000, "resume", trial.run, "--json")
    assert (done.code, done.json["updated"]) == (1, 500) and "could not be written" in done.err
    assert not trial.results.exists() and not parts(tmp_path)
    trial.ends()
    assert len(crm.arrived) == 500
