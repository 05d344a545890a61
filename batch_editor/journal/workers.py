"""Who works on the runs of a journal that many machines share, beside those who drive them: workers, each with shards of runs.

What a worker has of a run is said in ``leases``; here is whether its process exists, and what of a run waits for workers.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from .leases import Lease, Leases
from .machine import machine_name
from .server import Server
from .store import Store

if TYPE_CHECKING:
    from .advisory_locks import AdvisoryLocks

#: Before the name of a worker: the lock by which ``Leases.is_alive`` sees that its process exists.
_LOCK = "worker "
#: A worker that was not seen for so many seconds sends nothing now, though its process may exist: it says so every other one.
_SEEN = 10.0


class Workers:
    """The workers of the journal in the database of a ``server``."""

    def __init__(self, store: Store, locks: AdvisoryLocks, server: Server) -> None:
        self.leases = Leases(store)
        self._store = store
        self._locks = locks
        self._server = server

    @contextmanager
    def at_work(self) -> Iterator[str]:
        """Gives the name of this process as a worker: while the block, and the process, lasts, all see that it exists."""
        name = f"{machine_name()}-{os.getpid()}-{secrets.token_hex(4)}"
        self._locks.acquire(f"{_LOCK}{name}")
        try:
            yield name
        finally:
            self._locks.release(f"{_LOCK}{name}")

    def is_at_work(self, worker: str) -> bool:
        """Returns whether the process of this name still exists, be it that it stands still."""
        return self.leases.is_alive(worker)

    def may_send_instead(self, lease: Lease) -> bool:
        """Returns whether another process could take the shard of a ``lease``, were it given back: a worker that sends for its
        tenant and was seen just now, or whoever drives its run, who takes shards of it as well."""
        workers = (worker for worker in self.leases.workers() if worker.ago < _SEEN and worker.name != lease.worker)
        is_served = any(lease.tenant in worker.tenants and self.is_at_work(worker.name) for worker in workers)
        return is_served or self._locks.is_held_elsewhere(lease.run)

    def has_others_waiting(self, lease: Lease) -> bool:
        """Returns whether shards of other tenants are free for the worker that has the ``lease``."""
        served = {tenant for worker in self.leases.workers() if worker.name == lease.worker for tenant in worker.tenants}
        return any(shard.tenant in served and shard.tenant != lease.tenant for shard in self.leases.free(1))

    def is_queued(self, run: str) -> bool:
        """Returns whether shards of the run wait for workers, or to be closed, whoever is at work on others."""
        sql = (
            "SELECT count(*), count(shards.halted) FROM shards JOIN runs ON runs.id = shards.run"
            " WHERE runs.name = ? AND runs.state = 'sending'"
        )
        shards, halted = self._store.find(sql, run)[0]
        return bool(shards and not halted)

    def may_be_sending(self, run_id: int) -> bool:
        """Returns whether somebody who has, or had, a shard of the run may have an edit on its way."""
        return self.leases.has_more(run_id) and any(map(self.is_at_work, self.leases.takers(run_id)))

    def awaited(self, run_id: int, seconds: float) -> list[str]:
        """Returns the workers that still exist, and lost shards of the run less than so many ``seconds`` ago: they alone know
        what became of rows that they had on their way, also where these were given up since."""
        sql = (
            "SELECT DISTINCT takings.worker FROM rows JOIN takings ON takings.run = rows.run AND takings.epoch = mark"
            " LEFT JOIN shards ON shards.run = takings.run AND shards.epoch = takings.epoch"
            " WHERE rows.run = ? AND status IN ('sending', 'failed') AND is_worker_alive(takings.worker)"
            " AND clock_seconds() - coalesce(takings.lost, lease_end(leased_until, shards.lease), clock_seconds()) < ?"
        )
        return [worker for (worker,) in self._store.find(sql, run_id, seconds)]

    def take_over(self, run: str) -> None:
        """Forgets the shards of a run that wait for workers. Raises ``UnderWay`` where a worker has one."""
        for (run_id,) in self._store.find("SELECT id FROM runs WHERE name = ?", run):
            self.leases.cut(run_id, run, "", ())

    def check_queue(self) -> None:
        """Raises ``SettingsError`` where the queue is not there, or is of another version."""
        from .job_queue import require_schema

        require_schema(self._server.dsn)

    def wake(self, tenant: str, run_id: int, shards: int) -> None:
        """Puts a job for each of so many shards of a run into the queue of a tenant. Raises ``Halted`` where that cannot be."""
        from .job_queue import defer_shards

        defer_shards(self._server.dsn, tenant, [(run_id, shard) for shard in range(1, shards + 1)])
