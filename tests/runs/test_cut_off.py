"""A process that cannot reach the CRM while others could: they get its shard, and all together are as patient as one."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from support import jobs
from support.crm import CONFIRMED, Call, Crm
from support.proxies import Proxy
from support.servers import Answer

from batch_editor import HaltReason, Stop, job
from batch_editor.crm.connection import tenant_key
from batch_editor.journal.journal import Journal
from batch_editor.journal.leases import Lease, ShardState
from batch_editor.journal.times import now, seconds_of
from batch_editor.model import RunState
from batch_editor.runs.cut_off import REST
from batch_editor.runs.journal_file import open_journal
from batch_editor.runs.shard_counts import ShardCounts
from batch_editor.runs.shard_drive import ShardEnd, drive_shard
from batch_editor.settings.settings import app_of

pytestmark = pytest.mark.usefixtures("results_as_csv")

CLUES = (11, 12, 13, 11, 14)
PATIENCE = 90.0


class World:
    """A run of one shard that was left to workers, whose journal two processes have, and a line to the CRM."""

    def __init__(self, folder: Path, dsn: str, opened: ExitStack, **over: Any) -> None:
        self.cuts_at = 0
        self.crm = opened.enter_context(Crm(self._decide))
        self.line = opened.enter_context(Proxy(("127.0.0.1", urlsplit(self.crm.url).port or 0)))
        self._opened = opened
        quick = {"journal": dsn, "worker": {"lease": 1}, "rate": {"patience": PATIENCE, "concurrency": 1}}
        self.given = jobs.settings(folder, f"http://127.0.0.1:{self.line.port}", **jobs.merged(quick, over))
        self.run = str(job.run(jobs.sheet(folder, CLUES), self.given, detach=True).run)
        self.here, self.elsewhere = (opened.enter_context(open_journal(self.given)) for _ in range(2))
        self.tenant = tenant_key(self.given, app_of(self.given))

    def _decide(self, call: Call) -> Answer:
        if call.clue == self.cuts_at:
            self.line.cut()
        return CONFIRMED

    def take_away(self) -> None:
        """From here on no request leaves: nobody is at the other end."""
        self.line.__exit__(None, None, None)

    def bring_back(self) -> None:
        self.line = self._opened.enter_context(Proxy(self.line.target, ("127.0.0.1", self.line.port)))

    @contextmanager
    def another_worker(self) -> Iterator[str]:
        with self.elsewhere.at_work() as name:
            self.elsewhere.leases.note_worker(name, "host", 1, "1", [self.tenant])
            yield name

    def claim(self, journal: Journal, name: str = "here") -> Lease:
        lease = journal.leases.claim(name, [self.tenant], self.given.worker.lease)
        assert lease is not None
        return lease

    def drive(self, journal: Journal, stop: Stop | None = None) -> ShardEnd:
        return drive_shard(journal, self.claim(journal), self.given, stop or Stop())

    def shard(self) -> ShardState:
        (shard,) = self.here.leases.progress(self.here.of(self.run).run_id)
        return shard

    def unreached_since(self, seconds: float) -> None:
        """The shard was given back by somebody who could not reach the CRM for so many seconds."""
        unreached = seconds_of(now()) - seconds
        self.here.leases.give_back(self.claim(self.here), ShardCounts(held_back=5, unreached=unreached).as_json())

    def statuses(self) -> list[tuple[str, bool]]:
        sql = "SELECT status, maybe_applied FROM rows ORDER BY row"
        return [(status, maybe_applied) for status, maybe_applied in self.here._store.find(sql)]


@pytest.fixture
def opened() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def world(tmp_path: Path, journal_server: str, opened: ExitStack) -> World:
    return World(tmp_path, journal_server, opened)


def test_whoever_cannot_reach_the_crm_gives_the_shard_to_others_and_leaves_the_tenant_alone(world: World) -> None:
    world.take_away()
    with world.another_worker():
        end = world.drive(world.here)
    assert (end.is_given_back, end.stoppage, end.rest) == (True, None, REST)
    assert world.statuses() == [("pending", False)] * 5
    assert world.here.run(world.run).state is RunState.SENDING
    assert end.counts.notices[-1].key == "notice.cut_off"
    assert seconds_of(now()) - 5 < ShardCounts.of(world.shard()).unreached <= seconds_of(now())  # type: ignore[operator]
    world.bring_back()
    end = world.drive(world.elsewhere)
    assert (end.counts.ended, end.counts.unreached, end.rest) == ({"updated": 5}, None, 0.0)
    assert sorted(world.crm.sent()) == [f"row {row}" for row in range(2, 7)]


def test_where_nobody_else_is_at_work_the_crm_is_waited_for(tmp_path: Path, journal_server: str, opened: ExitStack) -> None:
    world = World(tmp_path, journal_server, opened, rate={"patience": 3})
    world.line.cut()
    end = world.drive(world.here)
    assert end.stoppage is not None and end.stoppage.reason is HaltReason.CRM_DOWN and end.rest == 0
    run = world.here.run(world.run)
    assert run.state is RunState.STOPPED and run.stoppage is not None and run.stoppage.reason is HaltReason.CRM_DOWN


def test_patience_counts_over_all_who_have_had_the_shard(world: World) -> None:
    world.unreached_since(PATIENCE + 100)
    world.line.cut()
    began = time.monotonic()
    with world.another_worker():
        end = world.drive(world.here)
    assert end.stoppage is not None and end.stoppage.reason is HaltReason.CRM_DOWN
    assert world.given.worker.lease <= time.monotonic() - began < 60  # whoever is the last to try has time to do so
    assert world.here.run(world.run).state is RunState.STOPPED


def test_near_the_end_of_patience_the_tenant_is_left_alone_until_then(world: World) -> None:
    world.unreached_since(PATIENCE - 20)
    world.line.cut()
    with world.another_worker():
        end = world.drive(world.here)
    assert end.is_given_back and 0 < end.rest < 20


def test_what_others_got_an_answer_for_meanwhile_makes_patience_begin_anew(
    tmp_path: Path, journal_server: str, opened: ExitStack
) -> None:
    world = World(tmp_path, journal_server, opened)
    world.unreached_since(PATIENCE + 100)
    sql = "UPDATE rows SET status = 'updated', time = ? WHERE row = 2"
    world.here._store.change(sql, [(seconds_of(now()) - 10,)])
    world.line.cut()
    with world.another_worker():
        end = world.drive(world.here)
    assert (end.is_given_back, end.rest) == (True, REST)
    assert 5 < seconds_of(now()) - (end.counts.unreached or 0) < 60


def test_a_shard_that_is_got_through_for_is_unreached_no_more(world: World) -> None:
    world.unreached_since(100)
    stop = Stop()

    def decide(call: Call) -> Answer:
        stop.ask()
        return CONFIRMED

    world.crm._decide = decide
    end = world.drive(world.here, stop)
    assert end.is_given_back and end.counts.ended == {"updated": 1} and end.rest == 0
    assert ShardCounts.of(world.shard()).unreached is None


@pytest.mark.parametrize("is_sent_again", [True, False])
def test_what_was_in_flight_is_sent_again_as_the_settings_say_and_in_order(
    tmp_path: Path, journal_server: str, opened: ExitStack, *, is_sent_again: bool
) -> None:
    world = World(tmp_path, journal_server, opened, retry={"ambiguous": is_sent_again})
    world.cuts_at = 11
    with world.another_worker():
        end = world.drive(world.here)
    assert end.is_given_back and end.rest
    assert world.statuses() == [("failed", True)] + [("pending", False)] * 4
    assert end.counts.ended == ({} if is_sent_again else {"failed": 1})
    assert world.crm.sent() == ["row 2"]
    world.cuts_at = 0
    world.line.mend()
    end = world.drive(world.elsewhere)
    if is_sent_again:
        assert end.counts.ended == {"updated": 5}
        assert [call.body["remark"] for call in world.crm.calls if call.clue == 11] == ["row 2", "row 2", "row 5"]
    else:
        assert world.crm.sent().count("row 2") == 1 and world.statuses()[0] == ("failed", True)


def test_edits_wait_until_somebody_gets_through_so_that_none_is_lost_with_each_who_tries(
    tmp_path: Path, journal_server: str, opened: ExitStack
) -> None:
    world = World(tmp_path, journal_server, opened, retry={"ambiguous": False})
    world.unreached_since(30)
    world.crm.answer_to = lambda request: Answer(raw=b"")  # type: ignore[method-assign]  # whatever comes is lost
    with world.another_worker():
        assert world.drive(world.here).rest
    assert world.statuses() == [("pending", False)] * 5


# --- who counts as others


def may_send_instead(world: World, lease: Lease) -> bool:
    return world.here.workers.may_send_instead(lease)


def test_others_are_workers_of_the_tenant_that_are_there_and_whoever_drives_the_run(world: World) -> None:
    lease = world.claim(world.here)
    note = world.elsewhere.leases.note_worker
    assert not may_send_instead(world, lease)
    with world.here.at_work() as own:
        note(own, "host", 1, "1", [world.tenant])
        held = world.claim(world.here, own) if world.here.leases.give_back(lease, {}) else lease
        assert not may_send_instead(world, held)  # it is the one that has the shard
        assert may_send_instead(world, lease)
        world.here._store.change("UPDATE workers SET seen = seen - 60", [()])
        assert not may_send_instead(world, lease)  # it stands still
        note(own, "host", 1, "1", ["another"])
        assert not may_send_instead(world, lease)
        note(own, "host", 1, "1", [world.tenant])
    assert not may_send_instead(world, lease)  # its process is gone
    world.elsewhere._locks.acquire("another run")
    assert not may_send_instead(world, lease)
    world.here.leases.drop(lease.run_id)
    world.elsewhere._locks.acquire(world.run)
    assert may_send_instead(world, lease)
    world.elsewhere._locks.release(world.run)
    world.here._locks.acquire(world.run)  # it drives the run itself
    assert not may_send_instead(world, lease)
