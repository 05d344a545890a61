"""Who drives a run: nobody who only looks is taken for somebody who does. And a journal that others lock is called locked."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from support.dispatching import new_run

from batch_editor.errors import Halted, SettingsError, UnderWay
from batch_editor.journal import locks, sqlite_store
from batch_editor.journal.journal import Journal
from batch_editor.journal.locks import RunLocks

LOOKS = 60


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite3"


def test_nobody_who_looks_is_taken_for_somebody_who_drives(path: Path) -> None:
    """Three that look at the same run all the time, each as a process of its own would."""
    RunLocks(path).acquire("run")
    together = threading.Barrier(3)

    def look(number: int) -> list[bool]:
        runs = RunLocks(path)
        together.wait()
        return [runs.is_held("run") for _ in range(LOOKS)]

    with ThreadPoolExecutor(3) as pool:
        assert [any(looks) for looks in pool.map(look, range(3))] == [False] * 3


def test_who_begins_to_drive_is_not_refused_because_somebody_looks(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "_ENDING", 0.0)
    over = threading.Event()

    def look() -> int:
        runs, looks = RunLocks(path), 0
        while not over.is_set():
            runs.is_held("run")
            looks += 1
        return looks

    with ThreadPoolExecutor(2) as pool:
        onlookers = [pool.submit(look) for _ in range(2)]
        try:
            for _ in range(LOOKS):
                driver = RunLocks(path)
                driver.acquire("run")
                driver.release("run")
        finally:
            over.set()
        assert all(onlooker.result() for onlooker in onlookers)


def test_who_drives_is_seen_to(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "_ENDING", 0.0)
    driver, other = RunLocks(path), RunLocks(path)
    driver.acquire("run")
    assert driver.is_held("run") and all(other.is_held("run") for _ in range(5))
    with pytest.raises(UnderWay):
        other.acquire("run")
    driver.release("run")
    assert not other.is_held("run")
    other.acquire("run")
    other.release_all()


# --- a journal that another program keeps locked


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """As by a program that has the whole file for itself."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        yield


def test_a_locked_journal_is_called_locked(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_store, "_BUSY", 0.05)
    Journal(path).close()
    with locked(path), pytest.raises(SettingsError, match="is locked by another program") as refused:
        Journal(path)
    assert refused.value.message.key == "journal.locked" and "database is locked" not in str(refused.value)


def test_also_while_it_is_in_use(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_store, "_BUSY", 0.05)
    with Journal(path) as journal:
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            with pytest.raises(Halted, match="is locked by another program"):
                new_run(journal, [11])
        new_run(journal, [11])


def test_and_where_another_process_has_it_alone(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_store, "_BUSY", 0.05)
    refused = pytest.raises(Halted, match="is locked by another program")
    with Journal(path) as journal, Journal(path) as other, journal.alone(), refused, other.alone():
        pytest.fail("both of them")
