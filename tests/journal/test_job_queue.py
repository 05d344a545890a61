"""The queue of jobs that wakes workers: its tables, and at most one waiting job a shard."""

from __future__ import annotations

import shutil
import threading

import psycopg
import pytest
from procrastinate.schema import SchemaManager

from batch_editor.errors import Halted, SettingsError
from batch_editor.journal import job_queue


def waiting(dsn: str) -> list[tuple[str, str | None]]:
    with psycopg.connect(dsn) as connection:
        return connection.execute("SELECT queue_name, queueing_lock FROM procrastinate_jobs ORDER BY id").fetchall()


def recorded(dsn: str) -> list[str]:
    with psycopg.connect(dsn) as connection:
        return [name for (name,) in connection.execute("SELECT name FROM job_queue_migrations ORDER BY name")]


@pytest.fixture
def queue(databases, postgres):
    """The DSN of a database with the tables of the queue."""
    job_queue.apply_schema(postgres)
    return postgres


def test_the_tables_are_made_once_and_what_was_applied_is_recorded(postgres):
    applied = job_queue.apply_schema(postgres)
    assert [*applied] == recorded(postgres) != []
    assert job_queue.apply_schema(postgres) == []
    job_queue.require_schema(postgres)


def test_two_who_make_the_tables_at_once_make_them_once(postgres):
    made = []
    threads = [threading.Thread(target=lambda: made.append(job_queue.apply_schema(postgres))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(len(applied) for applied in made) == [0, len(recorded(postgres))]


def test_a_newer_version_of_the_library_is_applied_by_the_next_migrate(queue, tmp_path, monkeypatch):
    newer = shutil.copytree(SchemaManager.get_migrations_path(), tmp_path / "migrations")
    (newer / "98.00.00_01_newer.sql").write_text("CREATE TABLE procrastinate_newer (share text DEFAULT '100%')")
    monkeypatch.setattr(SchemaManager, "get_migrations_path", lambda: str(newer))
    with pytest.raises(SettingsError) as error:
        job_queue.require_schema(queue)
    assert error.value.message.key == "journal.old_queue"
    assert job_queue.apply_schema(queue) == ["98.00.00_01_newer.sql"]
    job_queue.require_schema(queue)
    with psycopg.connect(queue) as connection:
        assert connection.execute("SELECT to_regclass('procrastinate_newer') IS NOT NULL").fetchone() == (True,)


def test_an_older_library_refuses_newer_tables_and_changes_nothing(queue):
    with psycopg.connect(queue) as connection:
        connection.execute("INSERT INTO job_queue_migrations VALUES ('99.00.00_01_newer.sql')")
    for ask in (job_queue.apply_schema, job_queue.require_schema):
        with pytest.raises(SettingsError) as error:
            ask(queue)
        assert error.value.message.key == "journal.newer_queue"


def test_the_queue_of_another_program_is_left_alone(postgres):
    with psycopg.connect(postgres) as connection:
        connection.execute("CREATE TABLE procrastinate_jobs (id bigint)")
    with pytest.raises(SettingsError) as error:
        job_queue.apply_schema(postgres)
    assert error.value.message.key == "journal.foreign_queue"


def test_a_database_without_the_tables_is_told(postgres):
    with pytest.raises(SettingsError) as error:
        job_queue.require_schema(postgres)
    assert error.value.message.key == "journal.old_queue"


def test_the_tables_lie_in_the_schema_of_the_address(databases, postgres):
    with psycopg.connect(postgres) as connection:
        connection.execute("CREATE SCHEMA nights")
    dsn = f"{postgres}?options=-csearch_path%3Dnights"
    job_queue.apply_schema(dsn)
    assert job_queue.defer_shards(dsn, "acme", [(1, 0)]) == 1
    with psycopg.connect(postgres) as connection:
        assert connection.execute("SELECT to_regclass('public.procrastinate_jobs')").fetchone() == (None,)


def test_each_shard_has_one_waiting_job_in_the_queue_of_its_tenant(queue):
    assert job_queue.defer_shards(queue, "acme", [(7, 0), (7, 1)]) == 2
    assert job_queue.defer_shards(queue, "acme", [(7, 1), (7, 2), (8, 1)]) == 2
    assert job_queue.defer_shards(queue, "acme", [(7, 0)]) == 0
    assert job_queue.defer_shards(queue, "other", [(9, 0)]) == 1
    acme = [("shards-acme", f"shard-{run}-{shard}") for run, shard in ((7, 0), (7, 1), (7, 2), (8, 1))]
    assert waiting(queue) == [*acme, ("shards-other", "shard-9-0")]


def test_a_shard_whose_job_has_begun_can_have_the_next_one_wait(queue):
    job_queue.defer_shards(queue, "acme", [(7, 0)])
    with psycopg.connect(queue) as connection:
        connection.execute("UPDATE procrastinate_jobs SET status = 'doing'")
    assert job_queue.defer_shards(queue, "acme", [(7, 0)]) == 1


def test_those_that_are_deferred_by_two_at_once_wait_once(queue):
    shards = [(7, shard) for shard in range(40)]
    begin = threading.Barrier(4)
    counts = []

    def defer() -> None:
        begin.wait(60)
        counts.append(job_queue.defer_shards(queue, "acme", shards))

    threads = [threading.Thread(target=defer) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sum(counts) == len(waiting(queue)) == 40


def test_a_job_that_somebody_else_defers_in_between_is_passed_over(queue, monkeypatch):
    """As it was not there yet when this process looked."""
    job_queue.defer_shards(queue, "acme", [(7, 0)])
    monkeypatch.setattr("procrastinate.manager.JobManager.list_jobs", lambda *_, **__: [])
    assert job_queue.defer_shards(queue, "acme", [(7, 0), (7, 1)]) == 1
    assert len(waiting(queue)) == 2


@pytest.mark.parametrize(("rest", "reason"), [("x", "port 9 failed"), ("x?s3cret=yes", "ProgrammingError")])
def test_a_database_that_is_not_there_is_told_without_its_password(rest, reason):
    """Nor what is said of an address that cannot be read, which repeats a part of it."""
    dsn = f"postgresql://me:s3cret@127.0.0.1:9/{rest}"
    for ask in (lambda: job_queue.defer_shards(dsn, "acme", [(1, 0)]), lambda: job_queue.require_schema(dsn)):
        with pytest.raises(Halted) as error:
            ask()
        assert error.value.message.key == "journal.no_queue"
        assert reason in str(error.value) and "s3cret" not in str(error.value)
