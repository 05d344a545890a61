"""The queue of jobs that wakes workers: its tables, its version, and how shards that are to be sent are put into it.

The tasks and the tables are those of procrastinate. A job is only a prod: which shard a worker takes is decided by ``leases``,
so that a job that is lost, or that comes twice, does no harm. Each tenant has a queue, to which those workers listen that have
its secrets. What a worker does with a job is said in ``worker/``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from procrastinate import App, SyncPsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Job
from procrastinate.schema import SchemaManager
from psycopg_pool import NullConnectionPool

from ..errors import Halted, SettingsError
from .connections import words_of

#: The task that a worker has for shards; its argument is the run and the shard for which it was deferred.
DRIVE = "drive_shards"
#: The queue of the work that one worker does for all of them.
TENDING = "tending"
#: How a connection is made: a database that does not answer is given up after some seconds, also in the middle of a request.
CONNECTING: dict[str, Any] = {
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
#: Seconds for which a connection is waited for.
_PATIENCE = 10.0
#: Held while the tables are made or changed, so that two who do it at once do it one after the other.
_LOCK = 4_177_032_519_640_117
_LATEST = "SELECT name FROM job_queue_migrations"
_IS_THERE = "SELECT to_regclass(quote_ident(current_schema()) || '.' || %s) IS NOT NULL"


def queue_of(tenant: str) -> str:
    """Returns the name of the queue in which jobs for the shards of a tenant wait."""
    return f"shards-{tenant}"


def queueing_lock(run: int, shard: int) -> str:
    """Returns what keeps a second job for the same shard from waiting."""
    return f"shard-{run}-{shard}"


def apply_schema(dsn: str) -> Sequence[str]:
    """Makes the tables of the queue, or brings them up to the version of procrastinate that is installed; returns the names of
    what was applied. Raises ``SettingsError`` where they are newer, or belong to somebody else."""
    applied = []
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))  # until the connection is closed
        if not _is_there(connection, "job_queue_migrations"):
            if _is_there(connection, "procrastinate_jobs"):
                raise SettingsError("journal.foreign_queue")
            connection.execute("CREATE TABLE job_queue_migrations (name TEXT PRIMARY KEY)")
        for migration in _missing(connection):
            with connection.transaction():
                connection.execute(migration.read_bytes())
                connection.execute("INSERT INTO job_queue_migrations VALUES (%s)", (migration.name,))
            applied.append(migration.name)
    return applied


def require_schema(dsn: str) -> None:
    """Raises ``SettingsError`` where the tables of the queue are not there, or are of another version than procrastinate, and
    ``Halted`` where the database cannot be reached."""
    try:
        with psycopg.connect(dsn, autocommit=True, **CONNECTING) as connection:
            if not _is_there(connection, "job_queue_migrations") or _missing(connection):
                raise SettingsError("journal.old_queue")
    except psycopg.Error as error:
        raise Halted("journal.no_queue", reason=words_of(error)) from None


def _is_there(connection: psycopg.Connection, table: str) -> bool:
    row = connection.execute(_IS_THERE, (table,)).fetchone()
    return bool(row and row[0])


def _missing(connection: psycopg.Connection) -> Sequence[Path]:
    """Returns the migrations of the installed procrastinate that were not applied, in their order."""
    known = {path.name: path for path in sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))}
    applied = {name for (name,) in connection.execute(_LATEST)}
    if applied - known.keys():
        raise SettingsError("journal.newer_queue")
    return [path for name, path in known.items() if name not in applied]


@contextmanager
def opened(dsn: str) -> Iterator[App]:
    """Gives the queue to those who put jobs into it. Raises ``Halted`` where the database cannot be reached."""
    app = App(connector=SyncPsycopgConnector())
    try:
        with NullConnectionPool(dsn, kwargs=CONNECTING | {"autocommit": True}, timeout=_PATIENCE, open=True) as pool:
            yield app.open(pool)
    except ConnectorException as error:
        raise Halted("journal.no_queue", reason=words_of(error.__cause__ or error)) from None


def defer_shards(dsn: str, tenant: str, shards: Iterable[tuple[int, int]]) -> int:
    """Puts a job into the queue of ``tenant`` for each of ``shards``, each a run's id and a number, for which none waits yet;
    returns how many those were. Raises ``Halted`` where the database cannot be reached."""
    with opened(dsn) as app:
        queue = queue_of(tenant)
        waiting = {job.queueing_lock for job in app.job_manager.list_jobs(queue=queue, status="todo")}
        missing = [(run, shard) for run, shard in shards if queueing_lock(run, shard) not in waiting]
        jobs = [_job(app, queue, run, shard) for run, shard in missing]
        if not jobs:
            return 0
        try:
            return len(app.job_manager.batch_defer_jobs(jobs))
        except AlreadyEnqueued:  # somebody else has deferred one of them just now
            return sum(_defer(app, job) for job in jobs)


def _job(app: App, queue: str, run: int, shard: int) -> Job:
    lock = queueing_lock(run, shard)
    return app.configure_task(DRIVE, queue=queue, queueing_lock=lock, task_kwargs={"run": run, "shard": shard}).job


def _defer(app: App, job: Job) -> bool:
    try:
        app.job_manager.defer_job(job)
    except AlreadyEnqueued:
        return False
    return True
