"""Jobs wake a worker: at once, no more than it has slots, and also once the database has been away."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager

import croniter
import psycopg
import pytest
from support.postgres import Postgres

from batch_editor.journal import job_queue
from batch_editor.worker import listening
from batch_editor.worker.listening import Listening


class Ear:
    """What a worker hears: how often its slots are to send, and whether the queue can be reached."""

    def __init__(self) -> None:
        self.prods = threading.Semaphore(0)
        self.rounds = threading.Semaphore(0)
        self.reached: list[bool] = []
        self.changed = threading.Semaphore(0)
        self.futures: list[Future[None]] = []
        self.work: Callable[[Future[None]], None] = lambda future: future.set_result(None)

    def send(self) -> Future[None]:
        future: Future[None] = Future()
        self.futures.append(future)
        self.work(future)
        self.prods.release()
        return future

    def tend(self) -> Future[None]:
        future: Future[None] = Future()
        future.set_result(None)
        self.rounds.release()
        return future

    def on_reached(self, is_reached: bool) -> None:
        self.reached.append(is_reached)
        self.changed.release()

    @contextmanager
    def listening(self, dsn: str, *tenants: str, number: int = 2) -> Iterator[Listening]:
        heard = Listening(dsn, number, self.send, self.tend, self.on_reached)
        heard.begin(tenants)
        try:
            yield heard
        finally:
            heard.end()


@pytest.fixture
def queue(postgres: str) -> str:
    job_queue.apply_schema(postgres)
    return postgres


@pytest.fixture
def _without_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is found out by looking again and again: what is heard is heard by a notification."""
    monkeypatch.setattr(listening, "_POLL", 3600.0)


def jobs(dsn: str) -> list[tuple[str, str]]:
    with psycopg.connect(dsn) as connection:
        return connection.execute(
            "SELECT queueing_lock, status::text FROM procrastinate_jobs WHERE queue_name <> 'tending' ORDER BY id"
        ).fetchall()


@pytest.mark.usefixtures("_without_looks")
def test_a_job_is_begun_at_once_where_a_slot_is_free(queue: str) -> None:
    ear = Ear()
    job_queue.defer_shards(queue, "acme", [(1, 1)])
    with ear.listening(queue, "acme"):
        assert ear.prods.acquire(timeout=30)  # that of before
        assert not ear.prods.acquire(timeout=0.5)  # by now it has looked for more
        job_queue.defer_shards(queue, "acme", [(1, 2)])
        assert ear.prods.acquire(timeout=30)
    assert jobs(queue) == []  # nothing stays of a job that has ended
    assert ear.reached == []


def test_what_the_library_of_the_queue_has_to_say_is_not_shown(queue: str, capsys: pytest.CaptureFixture[str]) -> None:
    with Ear().listening(queue, "acme"):
        for name in ("procrastinate.worker", "psycopg.pool"):
            logging.getLogger(name).error("error connecting in 'pool-1'")
    shown = capsys.readouterr()
    assert (shown.out, shown.err) == ("", "")


@pytest.mark.usefixtures("_without_looks")
def test_no_more_jobs_are_taken_than_there_are_slots(queue: str) -> None:
    """So that they are left to workers that have some."""
    ear = Ear()
    ear.work = lambda future: None
    with ear.listening(queue, "acme", number=2):
        job_queue.defer_shards(queue, "acme", [(1, shard) for shard in range(4)])
        for _ in range(2):
            assert ear.prods.acquire(timeout=30)
        assert not ear.prods.acquire(timeout=0.2)
        assert [status for _, status in jobs(queue)] == ["doing", "doing", "todo", "todo"]
        ear.futures[0].set_result(None)
        assert ear.prods.acquire(timeout=30)
        for future in ear.futures[1:]:
            future.set_result(None)


def test_the_jobs_of_other_tenants_are_left_to_their_workers(queue: str) -> None:
    ear = Ear()
    job_queue.defer_shards(queue, "globex", [(1, 1)])
    with ear.listening(queue, "acme"):
        job_queue.defer_shards(queue, "acme", [(2, 1)])
        assert ear.prods.acquire(timeout=30)
    assert jobs(queue) == [("shard-1-1", "todo")]


def test_who_serves_nobody_takes_no_job(queue: str) -> None:
    ear = Ear()
    job_queue.defer_shards(queue, "globex", [(1, 1)])
    with ear.listening(queue):
        assert not ear.prods.acquire(timeout=0.5)
    assert jobs(queue) == [("shard-1-1", "todo")]


def test_a_job_that_comes_to_nothing_ends_neither_the_queue_nor_the_worker(queue: str) -> None:
    ear = Ear()
    ear.work = lambda future: future.set_exception(ZeroDivisionError())
    with ear.listening(queue, "acme"):
        job_queue.defer_shards(queue, "acme", [(1, 1)])
        assert ear.prods.acquire(timeout=30)
        job_queue.defer_shards(queue, "acme", [(1, 2)])
        assert ear.prods.acquire(timeout=30)
    assert jobs(queue) == []


def test_what_has_begun_goes_on_when_nobody_listens_any_more(queue: str) -> None:
    ear = Ear()
    ear.work = lambda future: future.set_running_or_notify_cancel()
    with ear.listening(queue, "acme"):
        job_queue.defer_shards(queue, "acme", [(1, 1)])
        assert ear.prods.acquire(timeout=30)
    assert not ear.futures[0].cancelled()
    ear.futures[0].set_result(None)


def test_one_of_all_workers_tends_at_a_time_and_what_a_dead_one_left_is_tidied(
    queue: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "_TENDING", "* * * * * *")
    job_queue.defer_shards(queue, "acme", [(1, 1)])
    with psycopg.connect(queue) as connection:  # a worker that was killed a while ago
        (worker,) = connection.execute("SELECT id FROM procrastinate_register_worker_v1() AS worker (id)").fetchone() or ()
        connection.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'")
        connection.execute("UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s", (worker,))
    ear, other = Ear(), Ear()
    with ear.listening(queue, "globex"), other.listening(queue, "globex"):
        for _ in range(200):
            if ear.rounds.acquire(timeout=0.1) and not jobs(queue):
                break
            other.rounds.acquire(blocking=False)
    assert jobs(queue) == []
    with psycopg.connect(queue) as connection:
        assert connection.execute("SELECT count(*) FROM procrastinate_workers WHERE id = %s", (worker,)).fetchone() == (0,)


@pytest.mark.slow
def test_a_restart_of_the_database_ends_no_worker() -> None:
    """The line that is listened on breaks, and so does the one by which jobs are looked for."""
    ear = Ear()
    with Postgres() as server:
        job_queue.apply_schema(server.dsn)
        with ear.listening(server.dsn, "acme"):
            job_queue.defer_shards(server.dsn, "acme", [(1, 1)])
            assert ear.prods.acquire(timeout=30)
            server.stop("immediate")
            assert ear.changed.acquire(timeout=60)
            server.start()
            assert ear.changed.acquire(timeout=60)
            job_queue.defer_shards(server.dsn, "acme", [(1, 2)])
            assert ear.prods.acquire(timeout=60)
    assert ear.reached == [False, True]


def test_what_nobody_has_is_looked_for_every_five_seconds() -> None:
    moments = croniter.croniter(listening._TENDING, 600.0)
    assert [moments.get_next(float) for _ in range(3)] == [605.0, 610.0, 615.0]
