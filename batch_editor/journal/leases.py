"""Who drives which part of a run, where several hosts share the journal (guide: cluster).

A run is cut into shards, whose rows never split a clue. A worker takes a shard for a while, its lease, and renews it as long as
it drives it; a lease that is over can be taken by somebody else, with a new epoch, and whoever had it before gets nothing out
any more. What is done with a shard is left to ``runs/``, that nothing goes out without a lease to ``permits``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ..errors import UnderWay
from ..model import HaltReason, Stoppage
from .columns import TO_SEND, message_from_json, message_to_json, to_json
from .machine import steady_clock
from .schema import VERSION
from .store import Store, Transaction

#: What stands for the end of the sheet in the last shard: rows that are split off may come behind its last one.
_END = (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class ShardSpan:
    """The rows ``first`` to ``last`` of a run, of which ``rows`` are to be sent."""

    first: int
    last: int
    rows: int


@dataclass(frozen=True, slots=True)
class Part:
    """The rows of a shard: those from ``first`` to ``last`` that are of no other shard, and those that are of this ``shard``.

    ``most`` is how many edits are sent at most; None: all of them.
    """

    first: int
    last: int
    shard: int
    most: int | None


class LeaseClock:
    """Until when a lease lasts, by the steady clock of this machine: never longer than by that of the database.

    The thread that renews the lease moves it on, and who is about to send looks at it.
    """

    def __init__(self, ends: float, clock: Callable[[], float]) -> None:
        self._ends = ends
        self._clock = clock
        #: Whether the database knows nothing of the lease any more.
        self.is_lost = False

    def move(self, asked: float, seconds: float) -> None:
        """Takes notice that the lease lasts for so many ``seconds`` after the moment at which that was ``asked`` for."""
        self._ends = max(self._ends, asked + seconds)

    def lose(self) -> None:
        """Takes notice that the lease is lost, or was given back."""
        self.is_lost = True

    @property
    def left(self) -> float:
        """For how many seconds from now the lease lasts at least; none if it is lost."""
        return 0.0 if self.is_lost else max(0.0, self._ends - self._clock())

    @property
    def is_over(self) -> bool:
        """Whether nothing may go out any more, unless the lease is renewed."""
        return self.left <= 0.0


@dataclass(frozen=True, slots=True)
class Lease:
    """What a worker has on a shard: of the run with the id ``run_id`` that is called ``run``.

    ``former`` is the worker that had it before and did not give it back, None if there was none. ``seconds`` is for how long
    the lease is given at a time, ``clock`` for how long it lasts. ``is_again`` says that the shard was taken before.
    """

    run_id: int
    run: str
    shard: int
    epoch: int
    part: Part
    former: str | None
    seconds: float
    tenant: str
    worker: str
    clock: LeaseClock = field(compare=False)
    is_again: bool = False


@dataclass(frozen=True, slots=True)
class ShardState:
    """How far a shard has come: how many of its ``rows`` have which status by its worker's last word, and what that waits for.

    ``is_live`` says that a worker has it. ``stoppage`` is why it ended early.
    """

    part: Part
    rows: int
    epoch: int
    worker: str | None
    is_live: bool
    is_done: bool
    counts: Mapping[str, int]
    waiting: Mapping[str, object] | None
    stoppage: Stoppage | None


@dataclass(frozen=True, slots=True)
class Stalled:
    """A shard that nobody has any more and that is not done; ``worker`` had it last, None if it was given back."""

    run_id: int
    run: str
    shard: int
    tenant: str
    worker: str | None


@dataclass(frozen=True, slots=True)
class WorkerSeen:
    """A worker process, how many seconds ago it was seen, and the keys of the ``tenants`` for which it sends."""

    name: str
    host: str
    pid: int
    version: str
    ago: float
    tenants: Sequence[str] = ()


class Leases:
    """The leases of all runs of a journal that several hosts share. ``clock`` gives seconds that nobody can set."""

    def __init__(self, store: Store, *, clock: Callable[[], float] | None = None) -> None:
        self._store = store
        self._clock = clock or steady_clock()

    # --- for whoever drives a run

    def spans(self, run_id: int, size: int, *, maybe_applied: bool, most: int | None = None) -> list[ShardSpan]:
        """Returns the spans of a run's rows to be sent, in sheet order, of so many each; with ``most``, which counts over the
        whole sheet, one of all rows. ``maybe_applied`` as for ``Sending.pending``."""
        sql = (
            "SELECT min(row), count(*) FROM (SELECT row, (row_number() OVER (ORDER BY row) - 1) / ? AS place FROM rows"  # noqa: S608
            f" WHERE run = ? AND {TO_SEND}) AS numbered GROUP BY place ORDER BY place"
        )
        starts = self._store.find(sql, size if most is None else _END, run_id, maybe_applied)
        firsts = [0, *(first for first, _ in starts[1:])]  # rows above that are not to be sent are of the first one
        ends = [*(first - 1 for first in firsts[1:]), _END]
        return [ShardSpan(first, last, rows) for first, last, (_, rows) in zip(firsts, ends, starts, strict=False)]

    def cut(self, run_id: int, run: str, tenant: str, spans: Sequence[ShardSpan], *, most: int | None = None) -> None:
        """Cuts a run into shards for the workers of a ``tenant``, in place of those that there are; ``most`` is how many edits
        each of them sends at most. Rows of a clue that stand in several ``spans`` are of the first of them. Raises ``UnderWay``
        where a worker has a shard of it."""
        firsts, lasts, numbers = ([getattr(span, name) for span in spans] for name in ("first", "last", "rows"))
        sql = "SELECT cut_shards(?, ?, ?::BIGINT[], ?::BIGINT[], ?::BIGINT[], ?)"
        if self._store.find(sql, run_id, tenant, firsts, lasts, numbers, most)[0][0] is None:
            raise UnderWay("run.under_way", run=run)

    def progress(self, run_id: int) -> list[ShardState]:
        """Returns how far the shards of a run have come, in order."""
        columns = "shard, first, last, most, rows, epoch, worker, done, counts, waiting, halt_reason, halted"
        live = "leased_until IS NOT NULL AND NOT done AND lease_end(leased_until, lease) > clock_seconds()"
        sql = f"SELECT {columns}, coalesce({live}, FALSE) FROM shards WHERE run = ? ORDER BY shard"  # noqa: S608
        return [_shard_state(*columns) for columns in self._store.find(sql, run_id)]

    def tenant(self, run_id: int) -> str:
        """Returns the key of the tenant of a run that was cut into shards; "" of any other."""
        tenants = self._store.find("SELECT tenant FROM shards WHERE run = ? LIMIT 1", run_id)
        return str(tenants[0][0]) if tenants else ""

    def is_at_work(self, run_id: int) -> bool:
        """Returns whether a worker has a shard of the run."""
        return bool(self._store.find("SELECT 1 FROM live_shards WHERE run = ? LIMIT 1", run_id))

    def has_more(self, run_id: int) -> bool:
        """Returns whether a shard of the run is not done, be somebody at it or not."""
        return bool(self._store.find("SELECT 1 FROM shards WHERE run = ? AND NOT done LIMIT 1", run_id))

    def takers(self, run_id: int) -> list[str]:
        """Returns the workers that have, or had, a shard of the run."""
        return [worker for (worker,) in self._store.find("SELECT DISTINCT worker FROM takings WHERE run = ?", run_id)]

    def drop(self, run_id: int) -> None:
        """Forgets the shards of a run: whoever still has one gets nothing out any more."""
        lost = "UPDATE takings SET lost = clock_seconds() WHERE run = ? AND lost IS NULL"
        self._store.commit(Transaction([("DELETE FROM shards WHERE run = ?", [(run_id,)]), (lost, [(run_id,)])]))

    # --- for whoever drives a shard

    def claim(self, worker: str, tenants: Sequence[str], seconds: float, *, run_id: int | None = None) -> Lease | None:
        """Takes a shard for so many ``seconds``, of one of the ``tenants``, or of that run alone; None where there is none.

        The tenant of which the fewest shards are taken comes first, then the run, then the oldest. None is taken of runs that
        are asked to stop, nor from a database that has been migrated for another version of this program.
        """
        asked = self._clock()
        sql = (
            "SELECT run, shard, epoch, tenant, first, last, most, former, name, again"
            " FROM claim_shard(?, ?::TEXT[], ?, ?, ?) WHERE shard IS NOT NULL"
        )
        for run, shard, epoch, tenant, first, last, most, former, name, again in self._store.find(
            sql, worker, list(tenants), VERSION, seconds, run_id
        ):
            clock = LeaseClock(asked + seconds, self._clock)
            part = Part(first, last, shard, most)
            return Lease(run, name, shard, epoch, part, former, seconds, tenant, worker, clock, again)
        return None

    def cut_at(self, lease: Lease) -> float:
        """Returns when the shard of a lease was cut, in seconds since 1970; 0 where it is not there any more."""
        sql = "SELECT cut FROM shards WHERE run = ? AND shard = ?"
        return float(next((cut for (cut,) in self._store.find(sql, lease.run_id, lease.shard)), 0.0))

    def renew(self, lease: Lease, counts: Mapping[str, int], waiting: Mapping[str, object] | None) -> float | None:
        """Makes ``lease`` last for its length from now on, and tells what its shard has come to. Returns for how many seconds
        it lasts; None if it is lost."""
        asked = self._clock()
        sql = (
            "UPDATE shards SET leased_until = clock_seconds() + lease, counts = ?, waiting = ?"
            " WHERE run = ? AND shard = ? AND epoch = ? AND leased_until IS NOT NULL AND NOT done RETURNING lease"
        )
        state = (to_json(counts), to_json(waiting) if waiting else None)
        for (seconds,) in self._store.find(sql, *state, lease.run_id, lease.shard, lease.epoch):
            lease.clock.move(asked, seconds)
            return lease.clock.left
        lease.clock.lose()
        return None

    def finish(self, lease: Lease, counts: Mapping[str, int], stoppage: Stoppage | None = None) -> bool:
        """Ends a shard of which every row has an end, or which is given up for a ``stoppage``. Returns whether it was still
        that of the lease: of a shard that somebody else has taken nothing is changed."""
        halted = (stoppage.reason, to_json(message_to_json(stoppage.message))) if stoppage else (None, None)
        sql = (
            "UPDATE shards SET done = TRUE, leased_until = NULL, waiting = NULL, counts = ?, halt_reason = ?, halted = ?"
            " WHERE run = ? AND shard = ? AND epoch = ? RETURNING shard"  # also once more, where the answer was lost
        )
        lease.clock.lose()
        return bool(self._store.find(sql, to_json(counts), *halted, lease.run_id, lease.shard, lease.epoch))

    def give_back(self, lease: Lease, counts: Mapping[str, int]) -> bool:
        """Lets anybody take a shard that is not done, and of which nothing is in flight. Returns as ``finish``."""
        sql = (
            "UPDATE shards SET worker = NULL, leased_until = NULL, waiting = NULL, counts = ?"
            " WHERE run = ? AND shard = ? AND epoch = ? AND NOT done RETURNING shard"
        )
        lease.clock.lose()
        return bool(self._store.find(sql, to_json(counts), lease.run_id, lease.shard, lease.epoch))

    def put_off(self, lease: Lease, counts: Mapping[str, int], waiting: Mapping[str, object] | None, seconds: float) -> bool:
        """Lets nobody take a shard for so many ``seconds``, since its former owner may still know what became of its rows.
        Whoever takes it then has that one for its former owner. Returns as ``finish``."""
        sql = (
            "WITH lost AS (UPDATE takings SET lost = clock_seconds() WHERE run = ? AND epoch = ? AND lost IS NULL)"
            " UPDATE shards SET worker = ?, epoch = nextval('lease_epochs'), leased_until = clock_seconds() + ?,"
            " waiting = ?, counts = ?"
            " WHERE run = ? AND shard = ? AND epoch = ? AND NOT done RETURNING shard"
        )
        lease.clock.lose()
        state = (to_json(waiting) if waiting else None, to_json(counts))
        taking = (lease.run_id, lease.epoch)
        return bool(self._store.find(sql, *taking, lease.former, seconds, *state, lease.run_id, lease.shard, lease.epoch))

    # --- for whoever looks after all of them

    def free(self, most: int) -> list[Stalled]:
        """Returns the shards that anybody may take, ``most`` of each tenant, the oldest first."""
        sql = (
            "SELECT run, name, shard, tenant, worker FROM (SELECT shards.run, runs.name, shard, tenant, worker,"
            " row_number() OVER (PARTITION BY tenant ORDER BY cut, shards.run, shard) AS place"
            " FROM shards JOIN runs ON runs.id = shards.run WHERE NOT done AND NOT runs.stop_asked AND runs.state = 'sending'"
            " AND (leased_until IS NULL OR lease_end(leased_until, lease) <= clock_seconds())) AS free"
            " WHERE place <= ? ORDER BY tenant, place"
        )
        return [Stalled(*columns) for columns in self._store.find(sql, most)]

    def over(self) -> list[tuple[str, str]]:
        """Returns the runs of whose shards nobody will send anything any more, each with its tenant: all of them are done, or
        the run is asked to stop, or has stopped, and nobody has any."""
        sql = (
            "SELECT runs.name, min(tenant) FROM shards JOIN runs ON runs.id = shards.run"
            " GROUP BY runs.id, runs.name, runs.stop_asked, runs.state"
            " HAVING (bool_and(done) OR runs.stop_asked OR runs.state <> 'sending')"
            " AND NOT EXISTS (SELECT 1 FROM live_shards WHERE live_shards.run = runs.id) ORDER BY runs.id"
        )
        return [(name, tenant) for name, tenant in self._store.find(sql)]

    def is_current(self) -> bool:
        """Returns whether the database is still that of this version of the program."""
        return bool(self._store.find("SELECT 1 FROM journal_version WHERE version = ?", VERSION))

    def note_worker(self, name: str, host: str, pid: int, version: str, tenants: Sequence[str] = ()) -> None:
        """Keeps that a worker process was seen just now, which sends for ``tenants``: as long as it holds the lock of its name,
        which it may still have to take anew when the database was started anew."""
        sql = (
            "INSERT INTO workers (name, host, pid, version, tenants, seen) VALUES (?, ?, ?, ?, ?, clock_seconds())"
            " ON CONFLICT (name) DO UPDATE SET host = excluded.host, pid = excluded.pid, version = excluded.version,"
            " tenants = excluded.tenants,"
            " seen = CASE WHEN holds_worker_lock(excluded.name) THEN excluded.seen ELSE workers.seen END"
        )
        self._store.change(sql, [(name, host, pid, version, to_json(list(tenants)))])

    def is_alive(self, worker: str) -> bool:
        """Returns whether the process of a worker still exists, be it that it stands still: it holds the lock of its name.
        Where the database was started anew since it was seen, it is given a minute to take that again."""
        return bool(self._store.find("SELECT is_worker_alive(?)", worker)[0][0])

    def workers(self) -> list[WorkerSeen]:
        """Returns the worker processes that were seen, the latest first."""
        sql = "SELECT name, host, pid, version, clock_seconds() - seen, tenants FROM workers ORDER BY seen DESC"
        return [
            WorkerSeen(name, host, pid, version, ago, json.loads(tenants))
            for name, host, pid, version, ago, tenants in self._store.find(sql)
        ]

    def forget_worker(self, name: str) -> None:
        """Forgets a worker process that ends."""
        self._store.change("DELETE FROM workers WHERE name = ?", [(name,)])

    def forget_workers(self, seconds: float) -> None:
        """Forgets the worker processes that were not seen for so many ``seconds``."""
        self._store.change("DELETE FROM workers WHERE seen < clock_seconds() - ?", [(seconds,)])


def _shard_state(
    shard: int,
    first: int,
    last: int,
    most: int | None,
    rows: int,
    epoch: int,
    worker: str | None,
    done: bool,
    counts: str,
    waiting: str | None,
    reason: str | None,
    halted: str | None,
    is_live: bool,
) -> ShardState:
    stoppage = Stoppage(HaltReason(reason), message_from_json(json.loads(halted or "{}"))) if reason else None
    part = Part(first, last, shard, most)
    waiting_for = json.loads(waiting) if waiting else None
    return ShardState(part, rows, epoch, worker, is_live, done, json.loads(counts), waiting_for, stoppage)
