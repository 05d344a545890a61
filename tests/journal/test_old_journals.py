"""Journals that earlier versions of this program have made, one small file of each: opened, shown, gone on with and undone.

``files/vN.sqlite3`` was made by the code of the version whose ``PRAGMA user_version`` is N. Each holds a run that finished and
one that was stopped with updated, failed, rejected, invalid and pending rows; that of version 3 also runs whose clues were read
first: one that can be undone, one that was undone, one whose first edit was refuted, and one with drafts. That of version 4 is
the one of version 3, brought up by it, and holds besides a run, one of its results with ``--only-failed``, and one of a results
sheet that nobody's journal knew. That of version 5 is the one of version 4, brought up by it, and holds besides a run that read
its clues, of which one has two rows. That of version 6 is the one of version 5, brought up by it, and holds besides a run that
waits for somebody to agree, two rows of which are invalid. That of version 7 is the one of version 6, brought up by it, and
holds besides a run with a title that waits, of which somebody has mended a cell. That of version 8 is the one of version 7,
brought up by it, and holds besides two nights of a sheet, the second of which trusts the memory of what the first has applied.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support import jobs
from support.commands import Commands

import batch_editor
from batch_editor import Settings, job
from batch_editor.errors import Refused, SettingsError
from batch_editor.journal import schema
from batch_editor.journal.journal import Journal
from batch_editor.journal.locks import RunLocks
from batch_editor.journal.sqlite_store import SqliteStore
from batch_editor.model import HaltReason, Run, RunState
from batch_editor.sandbox import Sandbox

FILES = Path(__file__).parent / "files"
VERSIONS = range(1, schema.VERSION)
#: Those that held times as texts.
TEXT_TIMES = range(1, 4)
#: The clues of the files; every one has the owner and the pool that the rows send.
CLUES = [
    *range(11, 13),
    *range(21, 27),
    *range(31, 33),
    *range(41, 43),
    *range(51, 53),
    *range(61, 64),
    *range(71, 74),
    *range(81, 83),
    *range(91, 95),
    *range(101, 104),
    *range(111, 114),
]
RECORD = {"clue_name": "测试", "clue_pool_id": 1, "follow_user_id": "wo-owner"}


@pytest.fixture
def crm() -> Iterator[Sandbox]:
    with Sandbox([{"clue_id": clue, "remark": "旧", **RECORD} for clue in CLUES], access_token=jobs.TOKEN) as sandbox:
        yield sandbox


def old_journal(folder: Path, version: int, url: str = "http://127.0.0.1:1") -> Settings:
    """Puts the file of a version into ``folder``, as the journal of runs to ``url``; returns the settings to go on with."""
    given = jobs.settings(folder, url)
    given.state_dir.mkdir()
    path = given.state_dir / job.JOURNAL
    shutil.copy(FILES / f"v{version}.sqlite3", path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE runs SET base_url = ?", [url])
        for column in ("source", "results"):
            sql = f"UPDATE runs SET {column} = replace({column}, '/tmp/sheets', ?)"  # noqa: S608  # a name of ours
            connection.execute(sql, [str(folder)])
    return given


def as_it_was(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """The times and the places of all runs and rows, as the older version reads them."""
    with closing(sqlite3.connect(path)) as connection:
        runs = connection.execute("SELECT name, started, coalesce(finished, ''), source FROM runs ORDER BY id").fetchall()
        rows = connection.execute("SELECT name, row, rows.time, code FROM rows JOIN runs ON runs.id = run ORDER BY run, row")
        return {"runs": runs, "rows": rows.fetchall()}


def named(given: Settings, sheet: str) -> Run:
    """The run of a sheet."""
    with job.open_journal(given) as journal:
        return next(run for run in journal.runs() if Path(run.source).stem == sheet)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


# --- opened and shown


def test_there_is_a_file_of_each_version() -> None:
    for version in VERSIONS:
        with closing(sqlite3.connect(FILES / f"v{version}.sqlite3")) as connection:
            assert connection.execute("PRAGMA user_version").fetchone() == (version,)


@pytest.mark.parametrize("version", TEXT_TIMES)
def test_what_people_see_of_times_is_the_same_as_before(tmp_path: Path, version: int) -> None:
    given = old_journal(tmp_path, version)
    path = given.state_dir / job.JOURNAL
    with closing(sqlite3.connect(path)) as connection, connection:  # of offices elsewhere, and a row kept from an edited sheet
        connection.execute("UPDATE runs SET started = replace(started, '+00:00', '-03:30')")
        connection.execute("UPDATE rows SET time = replace(time, '+00:00', '+08:00')")
        connection.execute("UPDATE rows SET time = '2026/11/24 9:30' WHERE run = 1 AND row = 3")
    before = as_it_was(path)
    with job.open_journal(given) as journal:
        runs = list(reversed(journal.runs()))
        assert [(run.name, run.started, run.finished or "", run.source) for run in runs] == before["runs"]
        rows = [(run.name, row.row, row.time, row.code) for run in runs for row in journal.of(run.name).queries.rows()]
    assert rows == before["rows"]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_it_is_listed_and_shown(tmp_path: Path, version: int, lang: str) -> None:
    given = old_journal(tmp_path, version)
    command = Commands(tmp_path, lang=lang)
    listed = command("runs")
    with job.open_journal(given) as journal:
        runs = journal.runs()
    assert listed.code == 0 and all(run.name in listed.out for run in runs)
    for run in runs:
        shown = command("show", run.name)
        assert shown.code == 0 and run.name in shown.out
        assert command("results", run.name).code == 0


@pytest.mark.parametrize("version", VERSIONS)
def test_its_results_are_written_again(tmp_path: Path, version: int) -> None:
    given = old_journal(tmp_path, version)
    run = named(given, "stopped")
    with job.open_journal(given) as journal:
        written = job.results_again(journal, run.name, None, "en")
        times = {row.row: row.time for row in journal.of(run.name).queries.rows()}
    rows = jobs.results(written)
    found = [(row["result_status"], row["result_code"], row["clue_id"]) for row in rows]
    assert found == [
        ("updated", "0", "21"),
        ("failed", "HTTP 503", "22"),
        ("rejected", "40001", "23"),
        ("invalid", "", "24"),
        ("updated", "0", "25"),
        ("not_sent", "", "26"),
    ]
    assert [row["result_time"] for row in rows] == [times[number] for number in range(2, 8)]
    assert "没有权限" in rows[2]["result_message"] and "not an address" in rows[3]["result_message"]


def test_rows_that_were_only_kept_are_told_from_those_that_were_set(tmp_path: Path) -> None:
    """And from which run they were kept, where the journal knows that."""
    given = old_journal(tmp_path, 4)
    with job.open_journal(given) as journal:
        sheets = {run.name: Path(run.source).stem for run in journal.runs()}
    with closing(sqlite3.connect(given.state_dir / job.JOURNAL)) as connection:
        kept = connection.execute(
            "SELECT name, row, kept_run, kept_row FROM rows JOIN runs ON id = run WHERE kept_run IS NOT NULL ORDER BY run, row"
        ).fetchall()
    assert [(sheets[run], row, sheets.get(origin, origin), number) for run, row, origin, number in kept] == [
        ("results.results", 2, "results", 2),
        ("believed", 2, "", None),
    ]


def test_rows_that_were_only_kept_are_known_by_the_run_that_has_set_them(tmp_path: Path, crm: Sandbox) -> None:
    given = old_journal(tmp_path, 4, crm.url)
    first, second, believed = (named(given, sheet) for sheet in ("results", "results.results", "believed"))
    with job.open_journal(given) as journal:
        sheets = [job.results_again(journal, run.name, tmp_path / f"{run.name}.csv", "en") for run in (second, believed)]
    rows = jobs.results(sheets[0])
    assert [(row["result_run"], row["result_row"]) for row in rows] == [(first.name, "2"), (second.name, "3")]
    report = batch_editor.run(sheets[0], given, only_failed=True, new=True)
    assert jobs.statuses(report.results) == ["updated", "updated"]
    with pytest.raises(Refused, match=f"the run {believed.name} has not sent it, but took it for updated from a sheet"):
        batch_editor.run(sheets[1], given, only_failed=True)
    assert crm.requests == []


def test_what_people_have_mended_and_called_is_kept(tmp_path: Path) -> None:
    given = old_journal(tmp_path, 7)
    run = named(given, "mended")
    assert (run.state, run.title, run.planned_by) == (RunState.PLANNED, "客户 mended.csv", "王芳")
    assert (run.series, run.dismissed, run.in_inbox) == ("", False, None)
    with job.open_journal(given) as journal:
        mends = journal.of(run.name).mends.of_rows([3])
    assert [(mend.row, mend.place, mend.value, mend.person) for mend in mends] == [(3, 2, "b@example.com", "李强")]


def test_what_was_applied_is_remembered(tmp_path: Path, crm: Sandbox) -> None:
    given = old_journal(tmp_path, 8, crm.url)
    with job.open_journal(given) as journal:
        trusting = [row.status for row in journal.of(named(given, "nights").name).queries.rows()]
        night = journal.nights.last("/tmp/sheets/夜")
    assert trusting == ["unchanged"] * 3 and night is not None and (night.id, night.is_well) == (1, True)


# --- gone on with and undone


@pytest.mark.parametrize("version", VERSIONS)
def test_what_was_stopped_is_gone_on_with(tmp_path: Path, version: int, crm: Sandbox) -> None:
    given = old_journal(tmp_path, version, crm.url)
    run = named(given, "stopped")
    assert (run.state, run.stoppage and run.stoppage.reason) == (RunState.STOPPED, HaltReason.ASKED)
    report = batch_editor.resume(run.name, given)
    assert (report.exit_code, report.counts["updated"], report.counts["failed"], report.counts["not_sent"]) == (1, 4, 0, 0)
    assert {clue: crm.clue(clue)["remark"] for clue in range(21, 27)} == {
        21: "旧",  # was updated then, in another CRM than this one
        22: "乙",
        23: "旧",
        24: "旧",
        25: "旧",
        26: "己",
    }


def test_what_was_read_first_is_undone(tmp_path: Path, crm: Sandbox) -> None:
    given = old_journal(tmp_path, 3, crm.url)
    for clue, remark, email in ((31, "甲", "a@example.com"), (32, "乙", None)):
        crm.change(clue, remark=remark, **({"email": email} if email else {}))
    report = batch_editor.undo(named(given, "snapshot").name, given)
    assert (report.exit_code, report.counts["updated"]) == (0, 2)
    assert [crm.clue(clue)["remark"] for clue in (31, 32)] == ["旧", "旧"] and crm.clue(31)["email"] == "old@example.com"


def test_several_rows_of_a_clue_are_undone(tmp_path: Path, crm: Sandbox) -> None:
    given = old_journal(tmp_path, 5, crm.url)
    crm.change(81, remark="乙", gender="1", label="t-new")
    crm.change(82, remark=None)
    report = batch_editor.undo(named(given, "changes").name, given)
    assert (report.exit_code, report.counts["updated"]) == (0, 2)
    back = [crm.clue(81)[key] for key in ("remark", "gender", "label")]
    assert back == ["旧", "0", "t-old"] and crm.clue(82)["remark"] == "旧"


def test_what_was_undone_is_not_gone_on_with(tmp_path: Path, crm: Sandbox) -> None:
    given = old_journal(tmp_path, 3, crm.url)
    with pytest.raises(Refused, match="was undone"):
        batch_editor.resume(named(given, "undone").name, given)


def test_drafts_are_read_again_and_sent(tmp_path: Path, crm: Sandbox) -> None:
    given = old_journal(tmp_path, 3, crm.url)
    report = batch_editor.resume(named(given, "drafts").name, given)
    assert (report.exit_code, report.counts["updated"]) == (0, 3)
    assert [crm.clue(clue)["remark"] for clue in (61, 62, 63)] == ["旧", "乙", "丙"]


def test_a_refuted_proof_is_known_as_one(tmp_path: Path, crm: Sandbox) -> None:
    """Why a run stopped was kept as a text alone: what programs decide by it is found out once, when the file is upgraded."""
    given = old_journal(tmp_path, 3, crm.url)
    run = named(given, "refuted")
    assert run.stoppage and run.stoppage.reason is HaltReason.PROOF_REFUTED
    report = batch_editor.resume(run.name, given)  # whoever resumes it has looked at it, and it is proved once more
    assert report.preview.proves


# --- upgraded whole, after a copy, once


@pytest.mark.parametrize("version", VERSIONS)
def test_an_upgraded_file_has_the_tables_of_a_new_one(tmp_path: Path, version: int) -> None:
    given = old_journal(tmp_path, version)
    job.open_journal(given).close()
    Journal(tmp_path / "new" / job.JOURNAL).close()
    tables = []
    for path in (given.state_dir / job.JOURNAL, tmp_path / "new" / job.JOURNAL):
        with closing(sqlite3.connect(path)) as connection:
            tables.append(connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY name").fetchall())
            assert connection.execute("PRAGMA user_version").fetchone() == (schema.VERSION,)
            assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert tables[0] == tables[1]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_copy_is_kept_that_the_older_version_can_use(tmp_path: Path, version: int) -> None:
    given = old_journal(tmp_path, version)
    path = given.state_dir / job.JOURNAL
    before = as_it_was(path)
    old = os.umask(0)
    try:
        job.open_journal(given).close()
    finally:
        os.umask(old)
    copy = path.with_name(f"{path.name}.before-v{schema.VERSION}")
    assert as_it_was(copy) == before
    assert os.name == "nt" or mode(copy) == 0o600
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (version,)
    inside = copy.read_bytes()
    job.open_journal(given).close()
    assert copy.read_bytes() == inside and sorted(given.state_dir.glob("*before*")) == [copy]


def test_a_copy_that_is_there_is_left_alone(tmp_path: Path) -> None:
    given = old_journal(tmp_path, 3)
    copy = jobs.text_file(given.state_dir / f"{job.JOURNAL}.before-v{schema.VERSION}", "somebody's")
    job.open_journal(given).close()
    assert copy.read_text() == "somebody's"


def test_what_is_purged_is_not_kept_in_the_copy_either(tmp_path: Path) -> None:
    given = old_journal(tmp_path, 3)
    with job.open_journal(given) as journal:
        journal.forgetting.purge(datetime.now().astimezone() + timedelta(days=3650))
        assert journal.runs() == []
    assert list(given.state_dir.glob("*before*")) == []


@pytest.mark.parametrize("place", ["copy", "tables"])
def test_a_full_disk_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    given = old_journal(tmp_path, 3)
    path = given.state_dir / job.JOURNAL
    before = as_it_was(path)

    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patched:
        if place == "copy":
            patched.setattr(Path, "replace", full)
        else:
            patched.setitem(schema.FUNCTIONS, "seconds_of", full)
        with pytest.raises(SettingsError, match=r"could not be brought up to this one \(.+\)\. It was left as it is\. Make"):
            job.open_journal(given)
    assert as_it_was(path) == before and list(given.state_dir.glob("*.part")) == []
    with job.open_journal(given) as journal:
        assert len(journal.runs()) == len(before["runs"])


def test_processes_that_open_it_at_once_upgrade_it_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = old_journal(tmp_path, 3)
    upgraded, upgrade = list[int](), SqliteStore._upgrade

    def counting(self: SqliteStore, connection: sqlite3.Connection, version: int) -> None:
        upgraded.append(version)
        upgrade(self, connection, version)

    monkeypatch.setattr(SqliteStore, "_upgrade", counting)
    with ThreadPoolExecutor(4) as pool:
        for opened in [pool.submit(job.open_journal, given) for _ in range(4)]:
            with opened.result(timeout=60) as journal:
                assert len(journal.runs()) == 7
    assert upgraded == [3]


def test_one_that_was_cut_off_is_upgraded_the_next_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As by a kill: nobody rolls anything back, and half of a copy lies around."""
    given = old_journal(tmp_path, 3)
    path = given.state_dir / job.JOURNAL
    before = as_it_was(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("ALTER TABLE runs RENAME TO runs_3")
    jobs.text_file(path.with_name(f"{path.name}.before-v{schema.VERSION}.part"), "half of one")
    assert as_it_was(path) == before
    with job.open_journal(given) as journal:
        assert len(journal.runs()) == 7
    assert list(given.state_dir.glob("*.part")) == []


_KILLED = """
import os, sys
from pathlib import Path
from batch_editor.journal import schema
from batch_editor.journal.journal import Journal
calls = []
def killed(text):
    calls.append(text)
    if len(calls) == int(sys.argv[2]):
        os._exit(9)
    return 0
schema.FUNCTIONS["seconds_of"] = killed
Journal(Path(sys.argv[1]))
"""


@pytest.mark.parametrize("moment", [1, 12, 30])
def test_a_kill_in_the_middle_leaves_the_older_file(tmp_path: Path, moment: int) -> None:
    given = old_journal(tmp_path, 3)
    path = given.state_dir / job.JOURNAL
    before = as_it_was(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
    killed = subprocess.run([sys.executable, "-c", _KILLED, str(path), str(moment)], check=False, timeout=60)
    assert killed.returncode == 9 and as_it_was(path) == before
    with job.open_journal(given) as journal:
        assert len(journal.runs()) == 7


def test_it_is_not_upgraded_while_the_older_version_is_at_work(tmp_path: Path) -> None:
    given = old_journal(tmp_path, 3)
    path = given.state_dir / job.JOURNAL
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE runs SET state = 'sending' WHERE id = 2")
        (name,) = connection.execute("SELECT name FROM runs WHERE id = 2").fetchone()
    before = as_it_was(path)
    locks = RunLocks(path)
    locks.acquire(name)
    with pytest.raises(SettingsError, match=f"which is at work on the run {name}"):
        job.open_journal(given)
    assert as_it_was(path) == before
    locks.release(name)
    with job.open_journal(given) as journal:
        assert journal.run(name).state is RunState.INTERRUPTED
