"""The journal: what it keeps, that it is on disk before anything depends on it, and that it is nobody else's to read."""

from __future__ import annotations

import os
import re
import secrets
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from filelock import FileLock
from support import jobs
from support.crm import Crm
from support.dispatching import CONFIRMED, dispatch, http, new_run
from support.journals import execute

import batch_editor
from batch_editor.errors import Halted, SettingsError
from batch_editor.journal.journal import Journal
from batch_editor.journal.sending import Sending
from batch_editor.journal.server import Server
from batch_editor.journal.sqlite_store import SqliteStore
from batch_editor.model import Edit, HaltReason, Message, Outcome, Plan, Problem, Reply, RowState, RunState, Status, Stoppage

TIME = "2026-11-24T09:30:00+08:00"


def outcome(row: int, status: Status = Status.UPDATED, message: Message | None = None) -> Outcome:
    return Outcome(row, status, "0", message, 1, TIME)


def seen(address: Path | Server) -> dict[int, str]:
    """What a second connection sees: only what is committed."""
    return dict(execute(address, "SELECT row, status FROM rows ORDER BY row"))


def next_rows(journal: Journal, run: str, *, after: int = 0, most: int = 99, ambiguous: bool = True) -> list[int]:
    """The rows that are to be sent next."""
    return [edit.row for edit in journal.of(run).sending.pending(after, most, maybe_applied=ambiguous)]


# --- what it keeps


def test_a_run_is_what_was_told(journal: Journal) -> None:
    name = journal.start(
        base_url="https://open.wshoto.com",
        app="wx-app",
        source="/somewhere/线索.xlsx",
        sheet="十一月",
        digest="ab12",
        headings=["线索ID", "备注"],
        settings={"rate": {"limits": ["5/second"]}},
        options={"limit": 2},
        series="/somewhere/夜",
        in_inbox="/somewhere/夜/线索.xlsx",
    )
    run = journal.run(name)
    assert (run.series, run.dismissed, run.in_inbox) == ("/somewhere/夜", False, "/somewhere/夜/线索.xlsx")
    assert (run.state, run.base_url, run.app, run.source, run.sheet) == (
        "planning",
        "https://open.wshoto.com",
        "wx-app",
        "/somewhere/线索.xlsx",
        "十一月",
    )
    assert (run.digest, run.headings, run.settings) == ("ab12", ("线索ID", "备注"), {"rate": {"limits": ["5/second"]}})
    assert run.options == {"limit": 2}
    assert (run.finished, run.halted, run.results) == (None, None, None)


def test_states_of_a_run(journal: Journal) -> None:
    name = new_run(journal, [11])
    journal.of(name).set_state(RunState.SENDING)
    assert (journal.run(name).state, journal.run(name).finished) == ("sending", None)
    halted = Message("halt.failures", {"rows": 3, "last": Message("failed.never", {"requests": 2, "reason": "x"})})
    journal.of(name).set_state(RunState.STOPPED, stoppage=Stoppage(HaltReason.FAILURES, halted))
    ended = journal.run(name)
    assert (ended.state, ended.halted, ended.stoppage and ended.stoppage.reason) == (
        "stopped",
        halted,
        HaltReason.FAILURES,
    ) and ended.finished
    journal.of(name).remember_results("/x.results.xlsx", "10 123")
    assert journal.run(name) == replace(ended, results="/x.results.xlsx", stamp="10 123")


@pytest.mark.parametrize("address", ["file"], indirect=True)
def test_a_run_that_nobody_can_be_seen_to_drive_is_not_begun(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(lock: FileLock, *_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(FileLock, "acquire", full)
    with pytest.raises(Halted, match=r"can no longer be written \(No space left on device\)"):
        new_run(journal, [11])
    assert journal.runs() == []


def test_a_run_whose_process_ended_without_a_word_is_interrupted(address: Path | Server) -> None:
    with Journal(address) as journal:
        names = [new_run(journal, [11]) for _ in range(3)]
        journal.of(names[0]).set_state(RunState.SENDING)
        journal.of(names[1]).set_state(RunState.FINISHED)
        assert [run.state for run in journal.runs()] == ["planning", "finished", "sending"]
        with Journal(address) as other:
            assert [run.state for run in other.runs()] == ["planning", "finished", "sending"]
            assert all(map(other.is_driven, names))
    with Journal(address) as journal:
        assert [run.state for run in journal.runs()] == ["abandoned", "finished", "interrupted"]
        assert not any(map(journal.is_driven, names))


def test_a_journal_that_is_gone_is_told_and_no_traceback(journal: Journal) -> None:
    name = new_run(journal, [11])
    execute(journal.address, "DROP TABLE rows")
    for read in (
        lambda: journal.of(name).queries.counts(),
        lambda: list(journal.of(name).queries.rows()),
        lambda: next_rows(journal, name),
    ):
        with pytest.raises(Halted, match=r"The journal .* can no longer be read \((no such table: rows|relation .rows. does)"):
            read()


def test_no_run_gets_the_name_of_another(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a thousand runs that begin in the same second, two would have the same four digits by chance."""
    drawn = iter(["7f3a", *["7f3a"] * 5, "0001"])
    monkeypatch.setattr(secrets, "token_hex", lambda size: next(drawn))
    clock = SimpleNamespace(now=lambda: datetime(2026, 11, 24, 9, 30))
    monkeypatch.setattr("batch_editor.journal.journal.datetime", clock)
    names = [new_run(journal, [clue]) for clue in (11, 12)]
    assert names == ["20261124-093000-7f3a", "20261124-093000-0001"]


def test_the_latest_run_comes_first(journal: Journal) -> None:
    names = [new_run(journal, [11]) for _ in range(3)]
    assert [run.name for run in journal.runs()] == names[::-1]


def test_an_unknown_run_is_named(journal: Journal) -> None:
    with pytest.raises(SettingsError, match=r'There is no run "20260101-000000-dead"\. The command runs lists them\.'):
        journal.run("20260101-000000-dead")


def test_a_row_comes_back_as_it_was_planned(journal: Journal) -> None:
    run = new_run(journal, [])
    problem = Problem(4, "Sheet1!B4", "email", Message("cell.email", {"value": "a@"}), "邮箱")
    kept = Outcome(5, Status.UPDATED, "0", Message("verbatim", {"text": "请求成功"}), 2, TIME)
    journal.of(run).planning.plan(
        [
            Plan(2, Status.PENDING, ("11", "=x", ""), 11, Edit(2, 11, "{}"), ("remark", "mf_a"), ("mf_a",)),
            Plan(3, Status.SKIPPED, ("12",), 12),
            Plan(4, Status.INVALID, ("13", "a@"), 13, problems=(problem, problem)),
            Plan(5, Status.UPDATED, ("14",), 14, kept=kept, fields=("remark",)),
        ],
    )
    verbatim = Message("verbatim", {"text": "请求成功"})
    assert list(journal.of(run).queries.rows()) == [
        RowState(2, Status.PENDING, ("11", "=x", ""), ("remark", "mf_a"), ("mf_a",), (), "", 0, ""),
        RowState(3, Status.SKIPPED, ("12",), (), (), (), "", 0, ""),
        RowState(4, Status.INVALID, ("13", "a@"), (), (), (problem, problem), "", 0, ""),
        RowState(5, Status.UPDATED, ("14",), ("remark",), (), (verbatim,), "0", 2, TIME),
    ]
    assert journal.of(run).queries.counts() == {"pending": 1, "skipped": 1, "invalid": 1, "updated": 1}


def test_many_rows_are_planned_in_batches(journal: Journal) -> None:
    run = new_run(journal, range(1, 2502))
    assert journal.of(run).queries.counts() == {"pending": 2501}
    assert next_rows(journal, run, after=2400, most=5) == [2401, 2402, 2403, 2404, 2405]
    assert next_rows(journal, run, after=2500, most=5) == [2501, 2502]


def test_pending_leaves_out_every_other_status(journal: Journal) -> None:
    run = new_run(journal, range(11, 16))
    journal.of(run).sending.advance(outcome(3), 4)
    assert next_rows(journal, run) == [2, 5, 6]


def test_advance_records_and_marks_at_once(journal: Journal) -> None:
    run = new_run(journal, [11, 12, 13])
    journal.of(run).sending.advance(None, 2)
    assert seen(journal.address) == {2: "sending", 3: "pending", 4: "pending"}
    said = Message("rejected.said", {"code": "5", "msg": '"引号"'})
    journal.of(run).sending.advance(Outcome(2, Status.REJECTED, "5", said, 3, TIME), 3)
    assert seen(journal.address) == {2: "rejected", 3: "sending", 4: "pending"}
    journal.of(run).sending.advance(outcome(3), None)
    assert seen(journal.address) == {2: "rejected", 3: "updated", 4: "pending"}
    first = next(journal.of(run).queries.rows())
    assert (first.notes, first.code, first.attempts, first.time) == ((said,), "5", 3, TIME)
    assert journal.of(run).queries.counts() == {"rejected": 1, "updated": 1, "pending": 1}


def test_release_and_abandon(journal: Journal) -> None:
    run, other = new_run(journal, [11, 12, 13]), new_run(journal, [11])
    for row in (2, 3):
        journal.of(run).sending.advance(None, row)
    journal.of(other).sending.advance(None, 2)
    journal.of(run).sending.release(2, 5)
    assert journal.of(run).sending.abandon(Message("failed.abandoned")) == 1
    assert [record.status for record in journal.of(run).queries.rows()] == ["pending", "failed", "pending"]
    assert [record.attempts for record in journal.of(run).queries.rows()] == [5, 1, 0]
    assert [record.notes for record in journal.of(run).queries.rows()][1] == (Message("failed.abandoned"),)
    assert journal.of(other).queries.counts() == {"sending": 1}


def test_clues_in_several_pending_rows(journal: Journal) -> None:
    run = new_run(journal, [11, 12, 11, 13, 12, 11, 14])
    journal.of(run).sending.advance(outcome(8), None)
    assert journal.of(run).queries.repeated_clues(5) == (2, [(11, [2, 4, 7]), (12, [3, 6])])
    assert journal.of(run).queries.repeated_clues(1)[0] == 2 and len(journal.of(run).queries.repeated_clues(1)[1]) == 1


def test_doubtful_rows_can_be_refused(journal: Journal) -> None:
    run = new_run(journal, [11])
    doubt = Problem(3, "A3", "clue_id", Message("cell.rounded_column", {"value": "1591005521987920128"}))
    journal.of(run).planning.plan([Plan(3, Status.PENDING, ("12",), 12, Edit(3, 12, "{}"), ("remark",), doubts=(doubt,))])
    (plan,) = journal.of(run).planning.doubtful()
    assert (plan.row, plan.doubts) == (3, (doubt,))
    journal.of(run).planning.refuse([Plan(3, Status.INVALID, ("12",), problems=(doubt,))])
    assert next_rows(journal, run) == [2]
    refused = list(journal.of(run).queries.rows())[1]
    assert (refused.status, refused.notes, refused.fields) == ("invalid", (doubt,), ())


def test_a_discarded_run_leaves_nothing(journal: Journal) -> None:
    run, other = new_run(journal, [11, 12]), new_run(journal, [13])
    journal.discard(run)
    assert [found.name for found in journal.runs()] == [other]
    assert list(seen(journal.address).values()) == ["pending"]


def test_everything_is_there_after_closing(address: Path | Server) -> None:
    with Journal(address) as journal:
        run = new_run(journal, [11, 12])
        journal.of(run).sending.advance(outcome(2), 3)
    with Journal(address) as journal:
        assert journal.of(run).queries.counts() == {"updated": 1, "sending": 1}
    with pytest.raises(Halted, match=rf"the journal {re.escape(journal.place)} is closed"):
        journal.of(run).sending.advance(outcome(3), None)


# --- durable before it counts


def test_a_row_is_on_disk_as_sending_before_it_is_sent_and_its_outcome_before_the_next(tmp_path: Path) -> None:
    snapshots = list[dict[int, str]]()

    def edit(edit: Edit) -> Reply:
        snapshots.append(seen(tmp_path / "journal.sqlite3"))
        return http(500) if edit.row == 3 else CONFIRMED

    dispatch(tmp_path, [11, 12, 13], edit, retry={"attempts": 1})
    assert snapshots == [
        {2: "sending", 3: "pending", 4: "pending"},
        {2: "updated", 3: "sending", 4: "pending"},
        {2: "updated", 3: "failed", 4: "sending"},
    ]


def test_at_most_as_many_rows_are_sending_as_there_are_senders(tmp_path: Path) -> None:
    most = [0]

    def edit(edit: Edit) -> Reply:
        found = list(seen(tmp_path / "journal.sqlite3").values())
        most[0] = max(most[0], found.count("sending"))
        return CONFIRMED

    dispatch(tmp_path, range(11, 71), edit, rate={"concurrency": 3})
    assert 1 <= most[0] <= 3


@pytest.mark.usefixtures("waits_for_the_disk")
def test_the_journal_waits_for_the_disk(tmp_path: Path) -> None:
    with Journal(tmp_path / "journal.sqlite3") as journal:
        assert journal._store._connection.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL
        assert journal._store._connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


@pytest.mark.usefixtures("waits_for_the_disk")
def test_only_a_journal_that_ends_with_its_process_waits_for_no_disk(tmp_path: Path) -> None:
    with Journal(tmp_path / "journal.sqlite3", durable=False) as journal:
        assert journal._store._connection.execute("PRAGMA synchronous").fetchone() == (0,)  # OFF
        assert journal._store._connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_what_is_waiting_becomes_one_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight senders record outcomes while the disk is busy: they share the commit after it, and all are on disk."""
    together, apply = list[int](), SqliteStore._apply

    def applied(self: SqliteStore, changes: Sequence[Any]) -> None:
        together.append(len(changes))
        apply(self, changes)

    with Journal(tmp_path / "journal.sqlite3") as journal, closing(sqlite3.connect(journal.path)) as other:
        run = new_run(journal, range(11, 20))
        monkeypatch.setattr(SqliteStore, "_apply", applied)
        other.execute("BEGIN IMMEDIATE")  # nobody else can write before this ends
        with ThreadPoolExecutor(8) as pool:
            first = pool.submit(journal.of(run).sending.advance, outcome(2), None)
            while not together:
                pass
            rest = [pool.submit(journal.of(run).sending.advance, outcome(row), None) for row in range(3, 10)]
            while len(journal._store._waiting) < 7:
                pass
            assert not any(one.done() for one in (first, *rest))
            other.execute("ROLLBACK")
            for one in (first, *rest):
                one.result(timeout=20)
        assert set(seen(journal.address).values()) == {"updated", "pending"}
        assert journal.of(run).queries.counts() == {"updated": 8, "pending": 1}
        assert together == [1, 7]


def test_an_interrupted_write_is_not_taken_for_a_written_one(tmp_path: Path) -> None:
    """Ctrl-C reaches the thread that writes for all: those that wait for it learn that nothing is on disk."""
    with Journal(tmp_path / "journal.sqlite3") as journal:
        run = new_run(journal, [11, 12])

        class Interrupted:
            def execute(self, sql: str, values: Sequence[object] = ()) -> None:
                if sql != "ROLLBACK":
                    raise KeyboardInterrupt

        journal._store._writing.acquire()
        with ThreadPoolExecutor(2) as pool:
            waiting = [pool.submit(journal.of(run).sending.advance, outcome(row), None) for row in (2, 3)]
            while len(journal._store._waiting) < 2:
                pass
            connection, journal._store._connection = journal._store._connection, Interrupted()  # type: ignore[assignment]
            journal._store._writing.release()
            raised = {type(one.exception(timeout=20)) for one in waiting}
        journal._store._connection = connection
    assert raised == {KeyboardInterrupt, Halted}


def test_threads_that_advance_together_lose_nothing(tmp_path: Path) -> None:
    with Journal(tmp_path / "journal.sqlite3") as journal, ThreadPoolExecutor(8) as pool:
        run = new_run(journal, range(1, 201))
        list(pool.map(lambda row: journal.of(run).sending.advance(outcome(row), None), range(2, 202)))
        assert set(seen(journal.address).values()) == {"updated"}


_WRITER = """
import sys
from pathlib import Path
from batch_editor.journal.journal import Journal
from batch_editor.model import Edit, Outcome, Plan, Status
sys.stdin.readline()
with Journal(Path(sys.argv[1])) as journal:
    run = journal.start(base_url="", app="", source="", sheet="", digest="", headings=[], settings={}, options={})
    journal.of(run).planning.plan([Plan(row, Status.PENDING, (), row, Edit(row, row, "{}")) for row in range(2, 62)])
    for row in range(2, 62):
        outcome = Outcome(row, Status.UPDATED, "0", None, 1, "2026-11-24T09:30:00+08:00")
        journal.of(run).sending.advance(outcome, row + 1 if row < 61 else None)
    print(journal.of(run).queries.counts())
"""


def test_several_processes_write_the_same_journal(tmp_path: Path) -> None:
    """They open it at the same moment too, so that one of them makes it."""
    command = [sys.executable, "-c", _WRITER, str(tmp_path / "journal.sqlite3")]
    writers = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    for writer in writers:
        assert writer.stdin
        writer.stdin.write("go\n")
        writer.stdin.flush()
    told = [writer.communicate(timeout=60) for writer in writers]
    assert told == [("{'updated': 60}\n", "")] * 3
    with Journal(tmp_path / "journal.sqlite3") as journal:
        assert [journal.of(run.name).queries.counts() for run in journal.runs()] == [{"updated": 60}] * 3


def test_a_journal_is_made_by_one_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite answers "database is locked" at once, without waiting, while another connection turns a new file to WAL."""
    prepare, together = SqliteStore._prepare, threading.Barrier(2)

    def prepared(self: Journal) -> None:
        with suppress(threading.BrokenBarrierError):
            together.wait(0.2)
            pytest.fail("two of them at the same time")
        prepare(self)

    monkeypatch.setattr(SqliteStore, "_prepare", prepared)
    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(lambda: Journal(tmp_path / "journal.sqlite3").close()) for _ in range(2)]:
            done.result(timeout=30)


# --- private, and refusing what it cannot use


@pytest.mark.skipif(os.name == "nt", reason="the modes of POSIX")
def test_the_journal_is_private(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        with Journal(tmp_path / "state" / "journal.sqlite3") as journal:
            run = new_run(journal, [11])
            modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "state").iterdir()}
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o700
    files = ("journal.sqlite3", "journal.sqlite3-wal", "journal.sqlite3-shm", f"{run}.lock")
    locks = {name for name in modes if name.startswith("in-use-") or name in ("journal.sqlite3.lock", "journal.sqlite3.looks")}
    assert modes == dict.fromkeys((*files, *locks), 0o600)


def test_a_journal_of_a_newer_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    Journal(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version=99")
    before = path.read_bytes()
    with pytest.raises(
        SettingsError, match=r"was written by a newer version of batch_editor, and was left as it is\. Update this one"
    ):
        Journal(path)
    assert path.read_bytes() == before


def test_a_journal_that_cannot_be_opened(tmp_path: Path) -> None:
    jobs.text_file(tmp_path / "file", "in the way")
    with pytest.raises(
        SettingsError, match=r"cannot be opened \(.+\)\. Make room .+ choose a folder that you may write to with state_dir"
    ):
        Journal(tmp_path / "file" / "journal.sqlite3")
    with pytest.raises(SettingsError, match=r"\(file is not a database\)"):
        Journal(jobs.text_file(tmp_path / "journal.sqlite3", "this is no database at all, " * 100))


# --- a disk that fills up


def filled(store: SqliteStore) -> None:
    """From now on the journal's file cannot grow; rows of some size soon need it to."""
    (pages,) = store._connection.execute("PRAGMA page_count").fetchone()
    store._connection.execute(f"PRAGMA max_page_count={pages}")


@pytest.mark.parametrize("address", ["file"], indirect=True)
def test_a_full_disk_is_told_to_who_waits(journal: Journal) -> None:
    run = new_run(journal, [11, 12])
    filled(journal._store)
    long = Message("verbatim", {"text": "x" * 100_000})
    with pytest.raises(Halted, match=r"can no longer be written \(database or disk is full\)\. Make room"):
        journal.of(run).sending.advance(outcome(2, message=long), 3)
    assert seen(journal.address) == {2: "pending", 3: "pending"}
    journal.of(run).sending.advance(outcome(2), None)  # what fits goes on


def test_a_full_disk_halts_the_run_and_the_results_are_still_true(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    advance = Sending.advance

    def filling(self: Sending, done: Outcome | None, sending: int | None) -> bool:
        if done is not None and done.row == 4:
            filled(self._store)
            done = Outcome(done.row, done.status, done.code, Message("verbatim", {"text": "x" * 50_000}), 1, done.time)
        return advance(self, done, sending)

    monkeypatch.setattr(Sending, "advance", filling)
    with Crm() as crm:
        given = jobs.settings(tmp_path, crm.url, rate={"concurrency": 1})
        report = batch_editor.run(jobs.sheet(tmp_path, range(11, 17)), given)
    assert report.exit_code == 3 and report.halted is not None and report.halted.key == "journal.unwritable"
    assert crm.sent() == ["row 2", "row 3", "row 4"]
    assert report.counts["updated"] == 2 and report.counts["failed"] == 1 and report.counts["not_sent"] == 3
    rows = jobs.results(report.results)
    assert [row["result_status"] for row in rows] == ["updated", "updated", "failed", "not_sent", "not_sent", "not_sent"]
    assert "may have been applied" in rows[2]["result_message"]


def test_a_value_that_cannot_be_stored_does_not_stop_the_writer(journal: Journal) -> None:
    run = new_run(journal, [11])
    with pytest.raises(Halted, match="can no longer be written"):
        journal.of(run).sending.advance(Outcome(2, Status.UPDATED, "0", None, 1 << 70, TIME), None)
    journal.of(run).sending.advance(outcome(2), None)
    assert journal.of(run).queries.counts() == {"updated": 1}


def test_half_a_character_comes_back_as_it_went_in(journal: Journal) -> None:
    run = new_run(journal, [])
    journal.of(run).planning.plan([Plan(2, Status.SKIPPED, ("线索\ud83d",))])
    assert next(journal.of(run).queries.rows()).cells == ("线索\ud83d",)


@pytest.mark.slow
def test_a_journal_that_is_open_twice_in_a_process_is_not_closed_by_another_process(tmp_path: Path) -> None:
    """POSIX drops all locks of a process on a file once it closes any descriptor of that file."""
    path = tmp_path / "journal.sqlite3"
    program = (
        "import sys\nfrom pathlib import Path\nfrom batch_editor.journal.journal import Journal\n"
        "Journal(Path(sys.argv[1])).close()\n"
    )
    with Journal(path) as journal:
        run = new_run(journal, [11])
        with Journal(path) as second:
            assert [one.name for one in second.runs()] == [run]
        subprocess.run([sys.executable, "-c", program, str(path)], check=True, timeout=60)
        journal.of(run).set_state(RunState.SENDING)
        assert [one.state for one in journal.runs()] == [RunState.SENDING]
