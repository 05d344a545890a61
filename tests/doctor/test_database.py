"""A journal in a database, looked at by ``doctor``: what is wrong with it or its workers is named, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import psycopg
import pytest
from support import postgres
from support.dispatching import new_run

from batch_editor.crm.connection import tenant_key
from batch_editor.doctor import storage
from batch_editor.doctor.checks import Check, Verdict
from batch_editor.journal.journal import Journal
from batch_editor.journal.kept_facts import KeptFacts, KeptTransaction
from batch_editor.journal.leases import ShardSpan
from batch_editor.journal.server import Server
from batch_editor.messages import say
from batch_editor.model import RunState
from batch_editor.settings.settings import Settings, app_of

_PASSWORD = "pass-word-of-the-journal"


@pytest.fixture
def settings(journal_server: str, tmp_path: Path) -> Settings:
    """Of a journal whose server waits for its disk, as far as a session can say."""
    options = "-c synchronous_commit=on"
    dsn = postgres.dsn_with(journal_server, options=options, password=_PASSWORD)
    return Settings(state_dir=tmp_path / "state", journal=dsn, rate={"limits": ["50/second"]}, api={"tenant": "acme"})


@pytest.fixture(autouse=True)
def _the_server_of_the_tests_is_durable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("batch_editor.journal.server_look.ServerLook.is_durable", lambda look: True)


def look(settings: Settings) -> list[Check]:
    checks = [check for check in storage.look(settings).checks if check.name != "disk"]
    for lang in ("en", "zh"):
        words = " ".join(say(text, lang) for check in checks for text in (check.message, check.next_step) if text)  # type: ignore[arg-type]
        assert _PASSWORD not in words and "{" not in words, words
    return checks


def to_mend(settings: Settings) -> list[tuple[str, str]]:
    return [(check.name, check.message.key) for check in look(settings) if check.is_to_mend]


def journal_of(settings: Settings) -> Journal:
    assert settings.journal is not None
    return Journal(Server(settings.journal.get_secret_value(), settings.state_dir))


def execute(settings: Settings, sql: str, *values: object) -> None:
    assert settings.journal is not None
    with psycopg.connect(settings.journal.get_secret_value(), autocommit=True) as connection:
        connection.execute(sql, values)  # type: ignore[arg-type]


def worker(settings: Settings, name: str = "one", of: str = "", tenant: str | None = None) -> None:
    with journal_of(settings) as journal:
        key = tenant_key(settings, app_of(settings)) if tenant is None else tenant
        journal.leases.note_worker(name, "host-1", 7, of or version("batch-editor"), [key])


def waiting_run(settings: Settings, seconds: float = 600, tenant: str | None = None) -> str:
    """A run whose only shard has waited for so long."""
    with journal_of(settings) as journal:
        run = new_run(journal, [11, 12])
        held = journal.of(run)
        held.set_state(RunState.SENDING)
        key = tenant_key(settings, app_of(settings)) if tenant is None else tenant
        journal.leases.cut(held.run_id, run, key, [ShardSpan(2, 3, 2)])
    execute(settings, "UPDATE shards SET cut = cut - %s", seconds)
    return run


def test_a_journal_that_is_well_is_called_that(settings: Settings) -> None:
    worker(settings)
    checks = look(settings)
    assert [(check.name, check.verdict) for check in checks] == [
        (name, Verdict.OK) for name in ("rate", "journal", "runs", "workers")
    ]


def test_without_workers_runs_are_sent_by_whoever_starts_them(settings: Settings) -> None:
    assert to_mend(settings) == []
    assert look(settings)[-1].verdict is Verdict.NOT_LOOKED_AT


def gone(settings: Settings) -> None:
    execute(settings, "DROP TABLE journal_version")


def newer(settings: Settings) -> None:
    execute(settings, "UPDATE journal_version SET version = version + 1")


def without_queue(settings: Settings) -> None:
    worker(settings)
    execute(settings, "DROP TABLE job_queue_migrations")


def facts_of_another_journal(settings: Settings) -> None:
    worker(settings)
    kept = KeptFacts(settings.state_dir, "another", 1)
    kept.keep([KeptTransaction(1, 1, [(1, 2, "updated", "", None, 1, 0, 0, False, 0)], None)])
    kept.leave()


def worker_of_another_version(settings: Settings) -> None:
    worker(settings, of="0.0.1")


def worker_of_another_tenant(settings: Settings) -> None:
    worker(settings, tenant="other")


def tenant_that_nobody_serves(settings: Settings) -> None:
    worker(settings)
    waiting_run(settings, tenant="other")


def worker_that_takes_nothing(settings: Settings) -> None:
    worker(settings)
    waiting_run(settings)


def stalled_job(settings: Settings) -> None:
    worker(settings)
    execute(
        settings,
        "INSERT INTO procrastinate_jobs (queue_name, task_name, priority, args, status, attempts)"
        " VALUES ('shards-x', 'drive_shards', 0, '{}', 'doing', 0)",
    )


BROKEN: list[tuple[Callable[[Settings], None], str, str]] = [
    (gone, "journal", "journal.not_migrated"),
    (newer, "journal", "journal.newer_there"),
    (without_queue, "journal", "journal.old_queue"),
    (facts_of_another_journal, "journal", "doctor.database.facts"),
    (worker_of_another_version, "workers", "doctor.workers.version"),
    (worker_of_another_tenant, "workers", "doctor.workers.not_ours"),
    (tenant_that_nobody_serves, "workers", "doctor.workers.nobody"),
    (worker_that_takes_nothing, "workers", "doctor.workers.slow"),
    (stalled_job, "workers", "doctor.workers.stalled"),
]


@pytest.mark.parametrize(("broken", "name", "key"), BROKEN, ids=[broken.__name__ for broken, _, _ in BROKEN])
def test_what_is_broken_is_named_and_nothing_else(
    settings: Settings, broken: Callable[[Settings], None], name: str, key: str
) -> None:
    broken(settings)
    assert [named for named in to_mend(settings) if named[1] != "doctor.runs.unfinished"] == [(name, key)]


def test_a_database_that_cannot_be_reached_is_named(tmp_path: Path) -> None:
    dsn = f"postgresql://somebody:{_PASSWORD}@127.0.0.1:1/journal"
    assert to_mend(Settings(state_dir=tmp_path / "state", journal=dsn)) == [("journal", "journal.no_server")]


def test_a_clock_that_differs_from_that_of_the_database_is_told(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    worker(settings)
    for now, key in (("2020-01-01T00:00:00+08:00", "ahead"), ("2120-01-01T00:00:00+08:00", "behind")):
        monkeypatch.setattr(Journal, "now", lambda journal, now=now: now)
        assert to_mend(settings) == [("journal", f"doctor.database.clock_{key}")]


def test_a_server_that_does_not_wait_for_its_disk_is_told(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    worker(settings)
    assert to_mend(settings) == [("journal", "doctor.database.not_durable")]


def test_a_shard_that_waits_its_turn_is_none_of_it(settings: Settings) -> None:
    worker(settings)
    waiting_run(settings, seconds=5)
    assert "workers" not in [name for name, _ in to_mend(settings)]
