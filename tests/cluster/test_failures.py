"""The table of failures in the guide (cluster), row by row: with the commands that people type, in processes of their own.

Each test has two tenants. Of the one that is struck it says by whom its rows were sent, that every status is true, that nothing
is lost, and what was applied twice; the other one notices nothing. Leases are of two seconds, so that each takes seconds.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg
import pytest
from support.clusters import Cluster, Sheet, Worker
from support.commands import finished
from support.postgres import Postgres, dsn_with
from support.proxies import Proxy
from support.recording import RecordingCrm, Tenant

pytestmark = pytest.mark.slow

LEASE = 2.0
#: Long enough for a worker to have let a lease pass.
LONGER = 1.8 * LEASE
RATE = ((40, 1.0),)


def clues(chance: random.Random, rows: int, first: int) -> list[int]:
    """A clue for each row: a quarter of the rows are of clues that occur in two to four rows, all over the sheet."""
    drawn: list[int] = []
    for clue in range(first, first + rows):
        if len(drawn) < rows // 4:
            drawn += [clue] * chance.randint(2, 4)
    drawn += range(first + rows, first + 2 * rows - len(drawn))
    chance.shuffle(drawn)
    return drawn


class World:
    """Two tenants, a sheet for each, and the CRM: ``acme`` is the one that is struck."""

    def __init__(self, folder: Path, dsn: str, crm: RecordingCrm, **over: Any) -> None:
        self.crm = crm
        self.cluster = Cluster(folder, dsn, crm, lease=LEASE, **over)
        chance = random.Random(17)
        self.acme = Sheet("acme", "acme_edits", clues(chance, 160, 1000))
        self.globex = Sheet("globex", "globex_edits", clues(chance, 80, 5000))

    def workers(self, *names: str, **options: Any) -> list[Worker]:
        """Workers that are ready."""
        started = [Worker(self.cluster, name, **options) for name in names]
        self.cluster.until(lambda: all("ready" in worker.log for worker in started))
        return started

    def plan(self) -> None:
        """Plan both sheets at the same time, and leave them to the workers."""
        self.cluster.plan(self.acme, self.globex)

    def sent_by(self, worker: Worker, tenant: str = "acme") -> int:
        return self.crm[tenant].senders().get(worker.pid, 0)

    def until_sent_by(self, worker: Worker, rows: int = 8, tenant: str = "acme") -> None:
        self.cluster.until(lambda: self.sent_by(worker, tenant) >= rows)

    def until_sent(self, rows: int) -> None:
        """Wait until so many rows more have been sent by whomever."""
        before = self._sent()
        self.cluster.until(lambda: self._sent() >= before + rows)

    def _sent(self) -> int:
        return sum(len(tenant.arrivals) for tenant in self.crm.tenants.values())

    def ends_well(self, *, twice: set[str] | None = None, sent_by: tuple[Worker, ...] = ()) -> None:
        """Both runs end as they should; of the struck one at most the rows ``twice`` are applied twice, of the other none but
        those; each of ``sent_by`` has sent some."""
        self.cluster.until_over(self.acme, self.globex)
        for sheet in (self.acme, self.globex):
            self.cluster.is_true(sheet)
            again = self.cluster.twice(sheet)
            print(f"{sheet.tenant}: sent by {self.crm[sheet.tenant].senders()}, applied twice: {again}")
            assert set(again) <= (twice or set())
        assert all(self.sent_by(worker) for worker in sent_by)

    def waits_for_those_in_flight(self, sheet: Sheet) -> bool:
        """Nothing is left to be sent but rows on their way, and those of the same clues."""
        statuses = self.cluster.statuses(sheet)
        clues = {sheet.edits[row] for row, status in statuses.items() if status == "sending"}
        return all(status == "updated" for row, status in statuses.items() if sheet.edits[row] not in clues)

    def is_honest(self, sheet: Sheet) -> None:
        """The rows that were applied are ``updated``, and no others are: they may still be sent."""
        applied = {row for row, remark in sheet.remarks.items() if self.crm[sheet.tenant].times_applied[remark]}
        statuses = self.cluster.statuses(sheet)
        assert {row for row, status in statuses.items() if status == "updated"} == applied
        assert {statuses[row] for row in statuses.keys() - applied} <= {"pending", "failed"}

    def in_flight(self, pid: int) -> set[str]:
        """The rows of both tenants that were in flight from that process."""
        return self.cluster.in_flight(pid, self.acme, self.globex)


@pytest.fixture
def new_world(tmp_path: Path, journal_server: str) -> Iterator[Callable[..., World]]:
    with ExitStack() as opened:

        def make(dsn: str = journal_server, latency: float = 0.05, **over: Any) -> World:
            tenants = [Tenant(name, f"token-of-{name}", RATE, latency) for name in ("acme", "globex")]
            return World(tmp_path, dsn, opened.enter_context(RecordingCrm(*tenants)), **over)

        yield make


def test_a_worker_that_is_killed(new_world: Callable[..., World]) -> None:
    world = new_world()
    victim, other = world.workers("one", "two")
    world.plan()
    world.until_sent_by(victim)
    victim.kill()
    world.ends_well(twice=world.in_flight(victim.pid), sent_by=(victim, other))


def test_a_worker_that_is_frozen_and_revived(new_world: Callable[..., World]) -> None:
    world = new_world(latency=0.2)
    frozen, other = world.workers("one", "two")
    world.plan()
    world.until_sent_by(frozen)
    frozen.freeze()
    time.sleep(LONGER / 2)
    sent = world.sent_by(frozen)
    time.sleep(LONGER / 2)
    own = world.cluster.shards * world.cluster.concurrency  # rows that it has on their way; all others are sent meanwhile
    world.cluster.until(
        lambda: (
            world.waits_for_those_in_flight(world.acme)
            and 0 < [*world.cluster.statuses(world.acme).values()].count("sending") <= own
        )
    )
    assert world.sent_by(frozen) == sent
    frozen.thaw()
    world.ends_well(twice=set(), sent_by=(frozen, other))


@pytest.mark.parametrize("how", ["cut", "silent"])
def test_a_worker_that_is_cut_off_from_the_database(new_world: Callable[..., World], journal_server: str, how: str) -> None:
    known = psycopg.conninfo.conninfo_to_dict(journal_server)
    with Proxy((str(known["host"]), int(str(known["port"])))) as line:
        world = new_world(latency=0.2)
        (struck,) = world.workers("one", dsn=dsn_with(journal_server, host="127.0.0.1", port=line.port))
        (other,) = world.workers("two")
        world.plan()
        world.until_sent_by(struck)
        if how == "cut":
            line.cut()
        else:
            line.silence()
        marked = world.cluster.sending(world.acme, world.globex)
        time.sleep(LONGER)  # what had its permit by then goes out all the same
        in_flight = world.cluster.sent_by(struck.pid, marked)
        sent = world.sent_by(struck)
        if how == "silent":  # it may know what became of those: they, and what follows them, wait for it
            world.cluster.until(lambda: world.waits_for_those_in_flight(world.acme))
        else:
            world.cluster.until_over(world.acme, world.globex)
        assert world.sent_by(struck) == sent
        line.mend()
        world.ends_well(twice=in_flight if how == "cut" else set(), sent_by=(struck, other))
        world.cluster.until(lambda: not list((struck.folder / "state").glob("facts-*")))


def test_a_worker_that_is_cut_off_from_the_crm(new_world: Callable[..., World]) -> None:
    world = new_world()
    struck, other = world.workers("one", "two")
    world.plan()
    world.until_sent_by(struck)
    world.crm.cut_off.add(struck.pid)
    world.ends_well(twice=set(), sent_by=(struck, other))
    assert "the CRM cannot be reached from here while others are at work" in struck.log
    assert "while others are at work" not in other.log


def test_whoever_planned_is_cut_off_from_the_crm(new_world: Callable[..., World]) -> None:
    world = new_world()
    (other,) = world.workers("one")
    command = world.cluster.run(world.acme)
    world.cluster.until(lambda: world.crm["acme"].senders().get(command.pid, 0) >= 8)
    world.crm.cut_off.add(command.pid)
    done = finished(command)
    assert done.code == 0, done.output
    world.cluster.is_true(world.acme)
    assert not world.cluster.twice(world.acme) and world.sent_by(other)


def test_all_workers_are_cut_off_from_the_crm(new_world: Callable[..., World]) -> None:
    patience = 12.0
    world = new_world(patience=patience)
    workers = world.workers("one", "two")
    world.plan()
    for worker in workers:
        world.until_sent_by(worker)
    world.crm.cut_off |= {worker.pid for worker in workers}
    began = time.monotonic()
    world.cluster.until_over(world.acme)
    assert patience - LEASE < time.monotonic() - began < 3 * patience
    run, name, state = world.cluster.run_of(world.acme)
    assert (state, world.cluster.select("SELECT halt_reason FROM runs WHERE id = %s", run)) == ("stopped", [("crm_down",)])
    world.is_honest(world.acme)
    assert any("while others are at work" in worker.log for worker in workers)
    world.crm.cut_off.clear()
    assert world.cluster.command("acme", "resume", name, "--yes").code == 0
    world.cluster.is_true(world.acme)
    assert not world.cluster.twice(world.acme)


def test_a_database_that_is_restarted(new_world: Callable[..., World], server: Postgres, own_journal: str) -> None:
    world = new_world(own_journal)
    workers = world.workers("one", "two")
    world.plan()
    for mode in ("fast", "immediate"):
        world.until_sent(8)
        server.restart(mode)  # type: ignore[arg-type]
    world.ends_well(twice=set(), sent_by=(*workers,))


def test_a_database_that_is_away_for_five_minutes(new_world: Callable[..., World], server: Postgres, own_journal: str) -> None:
    """The five minutes are scaled: it is away for longer than leases hold and than facts are kept in memory alone."""
    world = new_world(own_journal)
    workers = world.workers("one", "two")
    world.plan()
    world.until_sent_by(workers[0])
    server.stop("immediate")
    time.sleep(4 * LEASE)
    arrived = len(world.crm["acme"].arrivals)
    kept = [file for worker in workers for file in (worker.folder / "state").glob("facts-*")]
    time.sleep(LEASE)
    assert len(world.crm["acme"].arrivals) == arrived
    server.start()
    world.ends_well(twice=set(), sent_by=(*workers,))
    assert kept and not any(file.exists() for file in kept)


def test_a_tenant_whose_token_is_dead(new_world: Callable[..., World]) -> None:
    world = new_world()
    world.workers("one", "two")
    world.plan()
    world.cluster.until(lambda: len(world.crm["acme"].applied) >= 20)
    world.crm["acme"].is_refused = True
    world.cluster.until_over(world.acme, world.globex)
    world.cluster.is_true(world.globex)
    assert not world.cluster.twice(world.globex)
    _, name, state = world.cluster.run_of(world.acme)
    assert state == "stopped"
    world.is_honest(world.acme)
    world.crm["acme"].is_refused = False
    assert world.cluster.command("acme", "resume", name, "--yes", "--json").code == 0
    world.ends_well()


def test_a_tenant_that_is_paused(new_world: Callable[..., World]) -> None:
    world = new_world()
    workers = world.workers("one", "two")
    world.cluster.plan(world.acme)
    for worker in workers:  # all of both is taken by the one that is paused
        world.until_sent_by(worker)
    world.crm["acme"].too_fast = True
    time.sleep(0.3)
    refused = len(world.crm["acme"].arrivals)
    world.cluster.plan(world.globex)
    world.cluster.until_over(world.globex)  # although the other one waits
    assert any("wait. For" in worker.log for worker in workers)
    asked = len(world.crm["acme"].arrivals) - refused
    world.crm["acme"].too_fast = False
    world.cluster.until_over(world.acme, seconds=300)  # the longer the other one took, the slower it goes on
    world.ends_well(twice=set())
    assert asked <= 40  # a pause holds for all workers: they do not ask one after the other


def test_workers_whose_clocks_are_an_hour_apart(new_world: Callable[..., World]) -> None:
    began = time.time()
    world = new_world()
    (early,) = world.workers("one", clock_is_off=-1800)
    (late,) = world.workers("two", clock_is_off=1800)
    world.plan()
    world.ends_well(twice=set(), sent_by=(early, late))
    ((first, last),) = world.cluster.select("SELECT min(time), max(time) FROM rows WHERE time IS NOT NULL")
    assert began - 1 < first <= last < time.time() + 1


def test_a_worker_of_an_older_version(new_world: Callable[..., World]) -> None:
    """The database is migrated for a newer version in the middle: one worker is at work, one is started later."""
    world = new_world()
    (at_work,) = world.workers("one")
    world.plan()
    world.until_sent_by(at_work)
    world.cluster.execute("UPDATE journal_version SET version = version + 1")
    later = Worker(world.cluster, "two")
    for worker, word in ((at_work, "migrated"), (later, "newer")):
        assert worker.process.wait(60) == 2
        assert word in worker.log and "Traceback" not in worker.log
    sent = len(world.crm["acme"].arrivals)
    assert sent < len(world.acme.clues)
    world.cluster.execute("UPDATE journal_version SET version = version - 1")  # as if the newer one had been installed
    at_work.restart()
    world.ends_well(twice=set(), sent_by=(at_work,))
    assert not world.sent_by(later)


def test_the_machine_that_planned_is_lost(new_world: Callable[..., World]) -> None:
    world = new_world()
    cluster, crm = world.cluster, world.crm
    sheet = Sheet("acme", "attended", list(range(9001, 9161)))
    driver = cluster.run(sheet)
    cluster.until(lambda: crm["acme"].senders().get(driver.pid, 0) >= 4)  # it takes part
    (worker,) = world.workers("one")
    world.plan()
    cluster.until(lambda: crm["acme"].senders().get(worker.pid, 0) >= 8)
    driver.kill()
    driver.communicate()
    in_flight = cluster.in_flight(driver.pid, sheet)
    world.ends_well(sent_by=(worker,))
    cluster.until_over(sheet)
    cluster.is_true(sheet)
    assert {*cluster.twice(sheet)} <= in_flight
    done = cluster.command("globex", "results", cluster.run_of(sheet)[1])
    assert done.code == 0, done.output
