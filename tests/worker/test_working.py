"""A worker from its start to its end, with a real database and a CRM of several tenants."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml
from support import jobs
from support.postgres import Postgres, migrated
from support.recording import RecordingCrm, Tenant

from batch_editor import Notice, job
from batch_editor.errors import BatchEditorError, Refused, SettingsError
from batch_editor.messages import say
from batch_editor.model import Message
from batch_editor.runs.shard_counts import ShardCounts
from batch_editor.runs.shard_drive import ShardEnd, drive_shard
from batch_editor.settings.settings import Settings
from batch_editor.stop import Stop
from batch_editor.worker import presence, shards, working
from batch_editor.worker.notes import Note
from batch_editor.worker.working import work

pytestmark = pytest.mark.usefixtures("results_as_csv")


class House:
    """The files of a worker and of its tenants, each of which has a token of its own, in ``folder``."""

    def __init__(self, folder: Path, dsn: str, url: str) -> None:
        self.folder = folder
        self.dsn = dsn
        self.url = url

    def write(self, name: str, **settings: Any) -> Path:
        path = self.folder / f"{name}.yaml"
        path.write_text(yaml.safe_dump(settings), encoding="utf-8")
        return path

    def tenant(self, name: str, **over: Any) -> Settings:
        """The settings of a tenant, which are in its file."""
        quick = {key: value for key, value in jobs.QUICK.items() if key != "lang"}
        given = {
            "api": {"base_url": self.url, "access_token": f"token-of-{name}", "tenant": name},
            "worker": {"rows_per_shard": 5},
        }
        file = self.write(name, **jobs.merged(jobs.merged(quick, given), over))
        return Settings.load(file, journal=self.dsn, state_dir=self.folder / "state")

    def detach(self, settings: Settings, clues: Iterable[int]) -> str:
        """The run of a sheet with these clues, which is left to workers."""
        name = f"{settings.api.tenant}.csv"
        return job.run(jobs.sheet(self.folder, clues, name), settings, new=True, detach=True).run

    def worker(self, *tenants: str, **over: Any) -> Settings:
        """The settings of a worker for these tenants."""
        files = {name: str(self.folder / f"{name}.yaml") for name in tenants}
        given = {"journal": self.dsn, "tenants": files, "state_dir": str(self.folder / "state")}
        return Settings.load(self.write("config", **jobs.merged(given, over)))

    def state(self, run: str) -> str:
        with psycopg.connect(self.dsn) as connection:
            (state,) = connection.execute("SELECT state FROM runs WHERE name = %s", (run,)).fetchone() or ("",)
        return str(state)


class Working:
    """A worker in a thread, and what it has told."""

    def __init__(self, settings: Settings, drive: Any = drive_shard, config: Path | None = None) -> None:
        self.notes: list[Note] = []
        self.stop = Stop()
        self.error: BaseException | None = None
        self._args = (settings, config, self.stop, self.notes.append)
        self._drive = drive
        self.thread = threading.Thread(target=self._work)

    def _work(self) -> None:
        try:
            work(*self._args, drive=self._drive)
        except BatchEditorError as error:
            self.error = error

    def words(self) -> list[str]:
        return [note.word for note in self.notes]

    def end(self) -> None:
        self.stop.ask()
        self.thread.join(60)
        assert not self.thread.is_alive()


@contextmanager
def worker(settings: Settings, drive: Any = drive_shard) -> Iterator[Working]:
    working = Working(settings, drive)
    working.thread.start()
    try:
        yield working
    finally:
        working.end()


def until(true: Callable[[], bool], seconds: float = 60) -> None:
    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends
        threading.Event().wait(0.02)


@pytest.fixture
def crm() -> Iterator[RecordingCrm]:
    with RecordingCrm(*(Tenant(name, f"token-of-{name}", latency=0.001) for name in ("acme", "globex"))) as crm:
        yield crm


@pytest.fixture
def house(tmp_path: Path, journal_server: str, crm: RecordingCrm) -> House:
    return House(tmp_path, journal_server, crm.url)


def clues(crm: RecordingCrm, name: str) -> set[int]:
    return {arrival.clue for arrival in crm[name].applied}


def test_each_tenant_is_sent_for_with_its_own_secrets_by_whoever_has_them(house: House, crm: RecordingCrm) -> None:
    acme, globex = house.tenant("acme"), house.tenant("globex")
    with worker(house.worker("acme", "globex")) as working:
        runs = [house.detach(acme, range(100, 120)), house.detach(globex, range(200, 220))]
        until(lambda: all(house.state(run) == "finished" for run in runs))
    assert working.error is None
    assert clues(crm, "acme") == {*range(100, 120)}
    assert clues(crm, "globex") == {*range(200, 220)}
    assert (crm["acme"].twice, crm["globex"].twice, crm.strays) == (0, 0, [])
    assert {note.fields["tenant"] for note in working.notes if note.word == "shard_ended"} == {"acme", "globex"}
    assert working.words()[0] == "worker_started"
    assert working.words()[-1] == "worker_ended"
    told = repr(working.notes)
    assert "token-of" not in told


def test_a_run_of_a_tenant_whose_secrets_nobody_has_waits(house: House, crm: RecordingCrm) -> None:
    acme, globex = house.tenant("acme"), house.tenant("globex")
    with worker(house.worker("acme")):
        waits = house.detach(globex, range(200, 206))
        run = house.detach(acme, range(100, 106))
        until(lambda: house.state(run) == "finished")
        assert house.state(waits) == "sending"
        assert not crm["globex"].arrivals
    with worker(house.worker("globex")):
        until(lambda: house.state(waits) == "finished")
    assert (clues(crm, "globex"), crm["globex"].twice) == ({*range(200, 206)}, 0)


def test_asked_to_end_it_gives_its_shards_back_and_others_go_on_at_once(house: House, crm: RecordingCrm) -> None:
    acme = house.tenant("acme", worker={"rows_per_shard": 50})
    crm["acme"].latency = 0.02
    run = house.detach(acme, range(100, 200))
    with worker(house.worker("acme", worker={"lease": 3600})) as first:
        until(lambda: len(crm["acme"].applied) >= 10)
    assert first.error is None
    assert len(crm["acme"].applied) < 100
    assert "shard_given_back" in first.words(), first.notes
    with psycopg.connect(house.dsn) as connection:
        held = connection.execute("SELECT count(*) FROM shards WHERE leased_until IS NOT NULL AND NOT done").fetchone()
        sending = connection.execute("SELECT count(*) FROM rows WHERE status = 'sending'").fetchone()
        workers = connection.execute("SELECT count(*) FROM workers").fetchone()
    assert (held, sending, workers) == ((0,), (0,), (0,))
    with worker(house.worker("acme")):
        until(lambda: house.state(run) == "finished")
    assert (clues(crm, "acme"), crm["acme"].twice) == ({*range(100, 200)}, 0)


def test_asked_twice_it_leaves_at_once_and_rows_in_flight_say_so(house: House, crm: RecordingCrm) -> None:
    acme = house.tenant("acme", worker={"rows_per_shard": 50})
    run = house.detach(acme, range(100, 104))
    crm["acme"].latency = 15.0
    with worker(house.worker("acme")) as first:
        until(lambda: len(crm["acme"].arrivals) >= 4)
        first.stop.ask()
        first.stop.ask()
    with psycopg.connect(house.dsn) as connection:
        rows = connection.execute("SELECT status, maybe_applied FROM rows ORDER BY row").fetchall()
    assert rows == [("failed", True)] * 4
    assert run


def test_a_shard_that_lost_its_job_or_whose_worker_is_gone_is_taken_up_by_somebody(house: House, crm: RecordingCrm) -> None:
    acme = house.tenant("acme")
    run = house.detach(acme, range(100, 110))
    with psycopg.connect(house.dsn) as connection:
        connection.execute("DELETE FROM procrastinate_jobs")
        connection.execute(
            "UPDATE shards SET epoch = 1, worker = 'gone', lease = -1e9, leased_until = 0 WHERE shard = 1"  # it was killed
        )
    with worker(house.worker("acme")):
        until(lambda: house.state(run) == "finished")
    assert (clues(crm, "acme"), crm["acme"].twice) == ({*range(100, 110)}, 0)


def test_a_run_whose_shards_have_all_ended_and_that_nobody_closed_is_closed(house: House) -> None:
    acme = house.tenant("acme")
    run = house.detach(acme, range(100, 103))
    with psycopg.connect(house.dsn) as connection:
        connection.execute("DELETE FROM procrastinate_jobs")
        connection.execute("UPDATE shards SET done = TRUE")  # by somebody who did not come to say how the run ended
    with worker(house.worker("acme")):
        until(lambda: house.state(run) == "stopped")


def test_a_tenant_for_whom_nothing_can_be_sent_touches_nobody_else(house: House, crm: RecordingCrm) -> None:
    acme, globex = house.tenant("acme"), house.tenant("globex")
    tries = []

    def drive(journal: Any, lease: Any, settings: Settings, *others: Any) -> Any:
        if settings.api.tenant == "globex":
            tries.append(lease.shard)
            journal.leases.give_back(lease, {})
            raise Refused("net.ca_file_unusable", path="ca.pem")
        return drive_shard(journal, lease, settings, *others)

    waits = house.detach(globex, range(200, 210))
    run = house.detach(acme, range(100, 130))
    with worker(house.worker("acme", "globex"), drive) as working:
        until(lambda: house.state(run) == "finished")
    assert (clues(crm, "acme"), crm["acme"].twice) == ({*range(100, 130)}, 0)
    assert house.state(waits) == "sending"
    assert 1 <= len(tries) <= 4  # once for each slot at most: then it rests
    assert "tenant_refused" in working.words()


def test_a_shard_that_cannot_be_sent_now_is_not_taken_again_and_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shards, "_PAUSE", 3600.0)
    acme = house.tenant("acme")
    taken = threading.Semaphore(0)

    def drive(journal: Any, lease: Any, *_: Any) -> ShardEnd:
        taken.release()
        journal.leases.give_back(lease, {})
        return ShardEnd(ShardCounts(), is_given_back=True)

    house.detach(acme, [100])
    with worker(house.worker("acme", worker={"shards": 1}), drive):
        assert taken.acquire(timeout=60)
        assert not taken.acquire(timeout=0.5)


def test_a_tenant_whose_crm_cannot_be_reached_from_here_is_left_to_others_for_a_while(house: House, crm: RecordingCrm) -> None:
    acme, globex = house.tenant("acme"), house.tenant("globex")
    tries: list[int] = []

    def drive(journal: Any, lease: Any, settings: Settings, stop: Stop, on_event: Any, *others: Any) -> ShardEnd:
        if settings.api.tenant == "globex":
            tries.append(lease.shard)
            on_event(Notice(Message("notice.stopping")))
            journal.leases.give_back(lease, {})
            return ShardEnd(ShardCounts(ended={"updated": 3}), is_given_back=True, rest=3600.0)
        return drive_shard(journal, lease, settings, stop, on_event, *others)

    waits = house.detach(globex, range(200, 210))
    with worker(house.worker("acme", "globex", worker={"shards": 1}), drive) as working:
        until(lambda: bool(tries))
        run = house.detach(acme, range(100, 130))
        until(lambda: house.state(run) == "finished")
        assert house.state(waits) == "sending" and len(tries) == 1
        (told,) = [note for note in working.notes if note.word == "shard_cut_off"]
        assert told.is_warning and told.fields["seconds"] == 3600 and told.fields["tenant"] == "globex"
        assert "3 rows, since the CRM cannot be reached from here while others are at work" in say(told.message, "en")
        assert "从这里无法连接 CRM，而其他进程正在工作" in say(told.message, "zh")
        assert not [note for note in working.notes if "stopping" in repr(note.message)]  # nobody stops anything


def test_a_mistake_of_this_program_ends_one_shard_and_no_worker(house: House, crm: RecordingCrm) -> None:
    acme = house.tenant("acme")
    crashed = []

    def drive(journal: Any, lease: Any, *others: Any) -> Any:
        if not crashed:
            crashed.append(lease)
            journal.leases.give_back(lease, {})
            raise ZeroDivisionError
        return drive_shard(journal, lease, *others)

    run = house.detach(acme, range(100, 120))
    with worker(house.worker("acme"), drive) as working:
        until(lambda: house.state(run) == "finished")
    assert clues(crm, "acme") == {*range(100, 120)}
    (note,) = (note for note in working.notes if note.word == "crash")
    assert note.fields["kind"] == "ZeroDivisionError"


def test_the_token_of_a_dead_tenant_stops_its_run_and_no_other(house: House, crm: RecordingCrm) -> None:
    acme, globex = house.tenant("acme"), house.tenant("globex")
    crm["globex"].is_refused = True
    dead = house.detach(globex, range(200, 210))
    run = house.detach(acme, range(100, 120))
    with worker(house.worker("acme", "globex")) as working:
        until(lambda: house.state(run) == "finished" and house.state(dead) == "stopped")
    assert clues(crm, "globex") == set()
    assert any(note.word == "shard_halted" and note.fields["reason"] == "token" for note in working.notes)


@pytest.mark.parametrize("number", [1, 3])
def test_so_many_shards_are_sent_at_a_time_as_the_settings_say(house: House, number: int) -> None:
    acme = house.tenant("acme", worker={"rows_per_shard": 1})
    together: list[int] = []
    live: set[int] = set()
    lock = threading.Lock()
    begun = threading.Semaphore(0)
    may_go_on = threading.Event()

    def drive(journal: Any, lease: Any, *others: Any) -> Any:
        with lock:
            live.add(lease.shard)
            together.append(len(live))
        begun.release()
        may_go_on.wait(60)
        end = drive_shard(journal, lease, *others)
        with lock:
            live.discard(lease.shard)
        return end

    run = house.detach(acme, range(100, 106))
    with worker(house.worker("acme", worker={"shards": number}), drive):
        for _ in range(number):
            assert begun.acquire(timeout=60)
        assert not begun.acquire(timeout=0.2)
        may_go_on.set()
        until(lambda: house.state(run) == "finished")
    assert max(together) == number


def test_a_lease_lasts_as_long_as_the_settings_say(house: House) -> None:
    acme = house.tenant("acme")
    seconds: list[float] = []

    def drive(journal: Any, lease: Any, *others: Any) -> Any:
        seconds.append(lease.seconds)
        return drive_shard(journal, lease, *others)

    run = house.detach(acme, [100])
    with worker(house.worker("acme", worker={"lease": 41}), drive):
        until(lambda: house.state(run) == "finished")
    assert seconds == [41]


def test_it_ends_once_the_database_is_that_of_another_version(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence, "_EVERY", 0.05)
    house.tenant("acme")
    working = Working(house.worker("acme"))
    working.thread.start()
    until(lambda: "worker_started" in working.words())
    with psycopg.connect(house.dsn) as connection:
        connection.execute("UPDATE journal_version SET version = version + 1")
    working.thread.join(60)
    assert isinstance(working.error, SettingsError)
    assert working.error.message.key == "worker.migrated"


def test_how_much_is_being_sent_is_told_now_and_then(house: House, crm: RecordingCrm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(working, "SUMMARY", 0.05)
    crm["acme"].latency = 0.1
    acme = house.tenant("acme")
    with worker(house.worker("acme")) as one:
        run = house.detach(acme, range(100, 120))
        until(lambda: house.state(run) == "finished")
        until(lambda: sum(int(str(note.fields["rows"])) for note in one.notes if note.word == "summary") == 20)
    assert any(note.fields["shards"] for note in one.notes if note.word == "summary")


def refused(settings: Settings) -> str:
    with pytest.raises(SettingsError) as error:
        work(settings, None, Stop(), lambda note: None)
    return error.value.message.key


def test_what_it_cannot_work_with_is_refused_at_its_start(house: House, postgres: str) -> None:
    house.tenant("acme")
    assert refused(house.worker("acme", journal=None)) == "worker.no_journal"
    assert refused(house.worker("acme", journal=postgres)) == "journal.not_migrated"
    with psycopg.connect(house.dsn) as connection:
        connection.execute("DELETE FROM job_queue_migrations")
    assert refused(house.worker("acme")) == "journal.old_queue"
    with psycopg.connect(house.dsn) as connection:
        connection.execute("UPDATE journal_version SET version = version + 1")
    assert refused(house.worker("acme")) == "journal.newer_there"
    with psycopg.connect(house.dsn) as connection:
        connection.execute("UPDATE journal_version SET version = version - 2")
    assert refused(house.worker("acme")) == "journal.older_there"


def test_a_file_that_is_mended_while_it_runs_is_served_from_then_on(
    house: House, crm: RecordingCrm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working, "_LOOK_AGAIN", 0.05)
    acme = house.tenant("acme")
    run = house.detach(acme, range(100, 106))
    right = (house.folder / "acme.yaml").read_bytes()
    house.write("acme", api="nonsense")
    house.tenant("globex")
    with worker(house.worker("acme", "globex")) as one:
        until(lambda: "worker_started" in one.words())
        assert house.state(run) == "sending"
        (house.folder / "acme.yaml").write_bytes(right)
        until(lambda: house.state(run) == "finished")
    assert {"tenant_broken", "tenant_read"} <= {*one.words()}
    assert clues(crm, "acme") == {*range(100, 106)}


def test_the_same_news_of_several_shards_is_told_once_for_each_tenant() -> None:
    notes: list[Note] = []
    clock = iter([0.0, 1.0, 2.0, 30.0])
    told: Sequence[tuple[str, int]] = [("acme", 1), ("acme", 2), ("globex", 1), ("acme", 3)]
    nobody: Any = None
    heard = shards.Shards(nobody, "w", nobody, 1.0, Stop(), notes.append, drive=nobody, defer=nobody, clock=lambda: next(clock))
    for tenant, shard in told:
        heard.heard({"tenant": tenant, "shard": shard, "run": "r"}, working.Message("notice.crm_back"))
    assert [(note.fields["tenant"], note.fields["shard"]) for note in notes] == [("acme", 1), ("globex", 1), ("acme", 3)]


@pytest.mark.slow
def test_a_database_that_is_not_there_yet_and_one_that_goes_away_are_waited_for(tmp_path: Path, crm: RecordingCrm) -> None:
    with Postgres() as server:
        migrated(server.dsn)
        house = House(tmp_path, server.dsn, crm.url)
        acme = house.tenant("acme", worker={"rows_per_shard": 10})
        run = house.detach(acme, range(100, 200))
        crm["acme"].latency = 0.05
        server.stop()
        with worker(house.worker("acme")) as one:
            until(lambda: one.words() == ["database_away"])
            server.start()
            until(lambda: len(crm["acme"].applied) >= 10)
            server.restart("immediate")
            until(lambda: house.state(run) == "finished")
    assert clues(crm, "acme") == {*range(100, 200)}
    assert crm["acme"].twice == 0
    assert one.error is None
