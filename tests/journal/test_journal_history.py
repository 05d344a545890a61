"""What the journal knows across runs: who drives which, what was requested when, what is old; and files of version 1."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from support.dispatching import new_run
from support.journals import execute

from batch_editor.errors import Halted, SettingsError, UnderWay
from batch_editor.journal.journal import Journal
from batch_editor.journal.times import seconds_of
from batch_editor.model import Edit, Message, Outcome, Plan, RunState, Status


def ago(**time: float) -> str:
    return (datetime.now().astimezone() - timedelta(**time)).isoformat(timespec="seconds")


def change(journal: Journal, sql: str, *values: object) -> None:
    execute(journal.address, sql, *values)


def pages(journal: Journal) -> int:
    with closing(sqlite3.connect(journal.path)) as connection:
        found: int = connection.execute("PRAGMA page_count").fetchone()[0]
        return found


def updated(row: int, time: str, attempts: int = 1) -> Outcome:
    return Outcome(row, Status.UPDATED, "0", None, attempts, time)


# --- who drives a run


@pytest.mark.usefixtures("hurried_looks")
def test_a_run_is_driven_by_one_process_at_a_time(journal: Journal) -> None:
    run = new_run(journal, [11])
    with Journal(journal.address) as other:
        with pytest.raises(UnderWay, match=f"The run {run} is still under way"):
            other.claim(run)
        journal.let_go(run)
        other.claim(run)
        with pytest.raises(UnderWay):
            journal.claim(run)
    journal.claim(run)


def test_who_only_looks_does_not_keep_anybody_from_driving(journal: Journal) -> None:
    run = new_run(journal, [11])
    journal.let_go(run)
    with Journal(journal.address) as other:
        assert not other.is_driven(run)
        journal.claim(run)
        assert other.is_driven(run)


def test_two_processes_do_not_look_at_once(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{type(journal._store).__module__}._BUSY", 0.05)
    with Journal(journal.address) as other, journal.alone(), pytest.raises(Halted) as halted, other.alone():
        pytest.fail("both of them")
    assert halted.value.message.key in ("journal.locked", "journal.busy")
    with other.alone():
        pass


# --- runs and their counts


def test_the_counts_of_a_run_are_kept_when_it_ends(journal: Journal) -> None:
    run = new_run(journal, [11, 12])
    assert journal.run(run).counts is None
    journal.of(run).sending.advance(updated(2, ago()), None)
    journal.of(run).set_state(RunState.STOPPED)
    assert journal.run(run).counts == {"pending": 1, "updated": 1}
    journal.of(run).set_state(RunState.SENDING)
    assert journal.run(run).counts is None


# --- requests of the past


def test_requests_are_counted_over_all_runs_of_the_tenant(journal: Journal) -> None:
    first, second, elsewhere = new_run(journal, range(11, 16)), new_run(journal, [11, 12]), new_run(journal, [11])
    change(journal, "UPDATE runs SET app = 'another' WHERE name = ?", elsewhere)
    journal.of(first).sending.advance(updated(2, ago(hours=2)), None)
    journal.of(first).sending.advance(updated(3, ago(minutes=30), attempts=3), None)
    journal.of(second).sending.advance(updated(2, ago(minutes=10), attempts=2), 3)
    journal.of(elsewhere).sending.advance(updated(2, ago(minutes=10), attempts=7), None)
    found = journal.requests(second, 3600)
    assert [number for _, number in found] == [3, 2, 1], "the last one is on its way"
    assert [round(seconds / 60) for seconds, _ in found] == [30, 10, 0]
    assert [number for _, number in journal.requests(first, 3 * 3600)] == [1, 3, 2, 1]


def test_offsets_from_utc_are_minded(journal: Journal) -> None:
    run = new_run(journal, [11, 12])
    moment = datetime.now().astimezone() - timedelta(minutes=20)
    for row, hours in ((2, -11), (3, 14)):
        shifted = moment + timedelta(hours=hours) - (moment.utcoffset() or timedelta())
        journal.of(run).sending.advance(updated(row, f"{shifted:%Y-%m-%dT%H:%M:%S}{hours:+03}:00"), None)
    ((seconds, number),) = journal.requests(run, 3600)
    assert (round(seconds / 60), number) == (20, 2)


def test_attempts_add_up_over_all_the_times_that_a_row_is_sent(journal: Journal) -> None:
    run = new_run(journal, [11])
    journal.of(run).sending.advance(None, 2)
    journal.of(run).sending.advance(
        Outcome(2, Status.FAILED, "", Message("failed.abandoned"), 5, ago(), maybe_applied=True), None
    )
    journal.of(run).sending.advance(None, 2)
    journal.of(run).sending.release(2, 2)
    journal.of(run).sending.advance(None, 2)
    journal.of(run).sending.abandon(Message("failed.interrupted"))
    assert next(journal.of(run).queries.rows()).attempts == 8


def test_what_may_have_been_applied_once_stays_so(journal: Journal) -> None:
    run = new_run(journal, [11, 12])
    journal.of(run).sending.advance(Outcome(2, Status.FAILED, "", Message("failed.abandoned"), 1, ago(), maybe_applied=True), 3)
    journal.of(run).sending.advance(Outcome(3, Status.FAILED, "", Message("failed.abandoned"), 1, ago()), None)
    edits = {edit.row: edit.maybe_applied for edit in journal.of(run).sending.pending(0, 9, maybe_applied=True)}
    assert edits == {2: True, 3: False}
    assert [edit.row for edit in journal.of(run).sending.pending(0, 9, maybe_applied=False)] == [3]
    journal.of(run).sending.advance(None, 2)
    journal.of(run).sending.advance(Outcome(2, Status.FAILED, "", Message("failed.abandoned"), 1, ago()), None)
    assert next(iter(journal.of(run).sending.pending(0, 9, maybe_applied=True))).maybe_applied
    assert [
        journal.of(run).queries.count_to_send(maybe_applied=True),
        journal.of(run).queries.count_to_send(maybe_applied=False),
    ] == [2, 1]


# --- old runs


def test_old_runs_are_forgotten_and_young_and_driven_ones_are_not(journal: Journal) -> None:
    names = [new_run(journal, [11, 12]) for _ in range(4)]
    for name, days in zip(names, (100, 91, 89, 100), strict=True):
        change(journal, "UPDATE runs SET started = ? WHERE name = ?", seconds_of(ago(days=days)), name)
    for name in names[:3]:
        journal.let_go(name)
    with Journal(journal.address) as other:
        assert other.forgetting.purge(datetime.now().astimezone() - timedelta(days=90)) == 2
        assert [run.name for run in other.runs()] == [names[3], names[2]]
        assert other.of(names[2]).queries.counts() == {"pending": 2}
    if isinstance(journal.address, Path):
        left = sorted(path.name for path in journal.folder.iterdir() if path.name.endswith(".lock"))
        assert left == sorted([f"{names[2]}.lock", f"{names[3]}.lock", "journal.sqlite3.lock"])


@pytest.mark.parametrize("busy", [False, True], ids=["alone", "while another run is driven"])
def test_nothing_of_a_forgotten_run_stays_in_the_files(tmp_path: Path, busy: bool) -> None:
    path = tmp_path / "journal.sqlite3"
    with Journal(path) as journal:
        run = new_run(journal, [])
        body = '{"clue_id":11,"mobile":"13800001111"}'
        journal.of(run).planning.plan(
            [Plan(row, Status.PENDING, ("张三丰",), 11, Edit(row, 11, body), ("remark",)) for row in range(2, 3000)]
        )
        journal.let_go(run)
        if busy:
            new_run(journal, [12])
        before = pages(journal)
        with Journal(path) as other:
            assert other.forgetting.purge(datetime.now().astimezone() + timedelta(days=1)) == 1
        kept = b"".join(file.read_bytes() for file in tmp_path.iterdir())
        assert "张三丰".encode() not in kept and b"13800001111" not in kept
        assert (pages(journal) < before / 2) is not busy


def test_a_run_that_is_being_forgotten_is_never_taken_for_one_to_go_on_with(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The program may end in the middle: what is left is a plan that nobody agreed to."""
    monkeypatch.setattr(type(journal._store), "deleted_at_once", 1000)
    run = new_run(journal, range(11, 2011))
    journal.of(run).set_state(RunState.STOPPED)
    commit, commits = journal._store.commit, list[object]()

    def broken(change: object) -> None:
        commits.append(change)
        if len(commits) == 3:
            raise Halted("journal.closed", path=journal.place)
        commit(change)  # type: ignore[arg-type]

    monkeypatch.setattr(journal._store, "commit", broken)
    with pytest.raises(Halted):
        journal.discard(run)
    journal.let_go(run)
    assert journal.run(run).state == "abandoned" and 0 < sum(journal.of(run).queries.counts().values()) < 2000


# --- the version before

_VERSION_1 = """
CREATE TABLE runs (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, state TEXT NOT NULL, started TEXT NOT NULL, finished TEXT,
    base_url TEXT NOT NULL, app TEXT NOT NULL, source TEXT NOT NULL, sheet TEXT NOT NULL, digest TEXT NOT NULL,
    headings TEXT NOT NULL, settings TEXT NOT NULL, options TEXT NOT NULL, halted TEXT, results TEXT, stamp TEXT);
CREATE TABLE rows (run INTEGER NOT NULL, row INTEGER NOT NULL, status TEXT NOT NULL, clue INTEGER, body TEXT,
    cells TEXT NOT NULL, fields TEXT NOT NULL, cleared TEXT NOT NULL, doubts TEXT, code TEXT NOT NULL DEFAULT '', message TEXT,
    attempts INTEGER NOT NULL DEFAULT 0, time TEXT NOT NULL DEFAULT '');
CREATE UNIQUE INDEX rows_by_row ON rows (run, row);
CREATE INDEX rows_by_clue ON rows (run, clue);
INSERT INTO runs VALUES (1, 'old', 'stopped', '2026-11-24T09:00:00+08:00', NULL, 'http://127.0.0.1:1', '', '/x.csv', '', 'ab',
    '["clue_id"]', '{}', '{}', NULL, NULL, NULL);
INSERT INTO rows VALUES (1, 2, 'updated', 11, '{}', '["11"]', 'remark', '', NULL, '0', NULL, 1, '2026-11-24T09:00:01+08:00');
INSERT INTO rows VALUES (1, 3, 'failed', 12, '{}', '["12"]', 'remark', '', NULL, '', NULL, 5, '2026-11-24T09:00:02+08:00');
INSERT INTO rows VALUES (1, 4, 'pending', 13, '{}', '["13"]', 'remark', '', NULL, '', NULL, 0, '');
PRAGMA user_version=1;
"""


def test_a_journal_of_the_version_before_is_gone_on_with(tmp_path: Path) -> None:
    """It did not say whether a failed row may have been applied: it may."""
    path = tmp_path / "journal.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(_VERSION_1)
    for _ in range(2):
        with Journal(path) as journal:
            edits = journal.of("old").sending.pending(0, 9, maybe_applied=True)
            assert [(edit.row, edit.maybe_applied) for edit in edits] == [(3, True), (4, False)]
            assert journal.run("old").counts is None and journal.of("old").queries.counts() == {
                "updated": 1,
                "failed": 1,
                "pending": 1,
            }
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (9,)


def test_an_upgrade_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(_VERSION_1 + "ALTER TABLE rows ADD COLUMN unsure INTEGER;")
    with pytest.raises(SettingsError, match=r"could not be brought up to this one .* It was left as it is"):
        Journal(path)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)
        assert "counts" not in [column[1] for column in connection.execute("PRAGMA table_info(runs)")]
