"""What holds for all tests: drawn examples are judged by no clock, and are fewer where the slow tests are left out; no journal
of this process waits for the disk; a test that fails leaves no command running beside the next one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings
from support.commands import STARTED

if TYPE_CHECKING:
    from support.postgres import Databases

from batch_editor.journal.sqlite_store import SqliteStore
from batch_editor.output import results

settings.register_profile("whole", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("quick", settings.get_profile("whole"), max_examples=25)


def pytest_configure(config: pytest.Config) -> None:
    """The tests that want more examples than others ask for a multiple of the profile's."""
    settings.load_profile("quick" if "not slow" in config.option.markexpr else "whole")


@pytest.hookimpl(wrapper=True, optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> Generator[None, int, int]:
    """Slow tests wait for a clock or a disk, so that one worker more than there are processors has something to do."""
    processors = yield
    return processors + ("not slow" not in config.option.markexpr)


_connect = SqliteStore._connect


def _connect_without_waiting(store: SqliteStore) -> sqlite3.Connection:
    connection = _connect(store)
    try:
        connection.execute("PRAGMA synchronous=OFF")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


@pytest.fixture(scope="session", autouse=True)
def _no_journal_waits_for_the_disk() -> Iterator[None]:
    """Whoever reads the file sees a transaction as soon as it is there; only the loss of power makes a difference."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SqliteStore, "_connect", _connect_without_waiting)
        yield


@pytest.fixture
def waits_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """The journal waits for the disk, or not, as it does for a user."""
    monkeypatch.setattr(SqliteStore, "_connect", _connect)


@pytest.fixture
def results_as_csv(monkeypatch: pytest.MonkeyPatch) -> None:
    """The results of a run whose command names no file are a CSV, which takes a tenth of the time of a workbook."""
    for name, of_source in [(name, getattr(results, name)) for name in ("default_target", "undo_target", "diff_target")]:
        monkeypatch.setattr(results, name, lambda source, of_source=of_source: of_source(source).with_suffix(".csv"))


@pytest.fixture(autouse=True)
def _no_command_goes_on() -> Iterator[None]:
    yield
    while STARTED:
        with STARTED.pop() as process:
            process.kill()


@pytest.fixture
def hurried_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever comes second does not wait a second for somebody who may only be looking at the run."""
    monkeypatch.setattr("batch_editor.journal.locks._LOOK", 0.02)


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    """Empty databases of the one PostgreSQL of this process, which is started for the first of them."""
    from support import postgres  # with what it imports: most tests need none of it

    if reason := postgres.why_there_is_none():
        pytest.skip(reason)
    with postgres.databases() as made:
        yield made


@pytest.fixture
def postgres(databases: Databases) -> Iterator[str]:
    """The DSN of an empty database."""
    dsn = databases.create()
    yield dsn
    databases.remove(dsn)


@pytest.fixture
def journal_server(databases: Databases) -> Iterator[str]:
    """The DSN of a database with the tables of a journal, in which no run is yet."""
    from support import postgres

    dsn = databases.copy_of("journal", postgres.migrated)
    yield dsn
    databases.remove(dsn)
