"""What is seen of a journal in a database without changing it, for whoever looks whether all is well (guide: cluster)."""

from __future__ import annotations

from dataclasses import dataclass

from .store import Store


@dataclass(frozen=True, slots=True)
class WaitingShards:
    """So many shards of a ``run`` that nobody takes, the first of them for so many ``seconds``."""

    run: str
    tenant: str
    number: int
    seconds: float


class ServerLook:
    """What the database of a ``store`` says of itself and of those who work with it."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def is_durable(self) -> bool:
        """Returns whether the server waits for its disk before it says that something is written."""
        rows = self._store.find("SELECT current_setting('synchronous_commit'), current_setting('fsync')")
        return "off" not in rows[0]

    def latest_clue(self) -> int | None:
        """Returns the clue of the latest row that was updated; None if there is none."""
        sql = (
            "SELECT clue FROM rows WHERE status IN ('updated', 'unchanged') AND clue IS NOT NULL"
            " ORDER BY run DESC, row DESC LIMIT 1"
        )
        return next((int(clue) for (clue,) in self._store.find(sql)), None)

    def waiting(self, seconds: float) -> list[WaitingShards]:
        """Returns the shards that wait for longer than so many ``seconds`` while nobody sends anything for their tenant."""
        since = "min(greatest(shards.cut, coalesce(shards.leased_until, shards.cut)))"
        sql = (
            f"SELECT runs.name, tenant, count(*), clock_seconds() - {since} FROM shards JOIN runs ON runs.id = shards.run"  # noqa: S608
            " WHERE NOT done AND NOT runs.stop_asked"
            " AND (leased_until IS NULL OR lease_end(leased_until, lease) <= clock_seconds())"
            " AND NOT EXISTS (SELECT 1 FROM live_shards WHERE live_shards.tenant = shards.tenant)"
            f" GROUP BY runs.id, runs.name, tenant HAVING clock_seconds() - {since} > ? ORDER BY runs.id"
        )
        return [WaitingShards(*columns) for columns in self._store.find(sql, seconds)]

    def stalled_jobs(self, seconds: float) -> int:
        """Returns how many jobs of the queue are being done by workers that were not heard of for so many ``seconds``."""
        sql = (
            "SELECT count(*) FROM procrastinate_jobs AS jobs LEFT JOIN procrastinate_workers AS workers"
            " ON workers.id = jobs.worker_id WHERE jobs.status = 'doing'"
            " AND (workers.id IS NULL OR extract(epoch FROM now() - workers.last_heartbeat) > ?)"
        )
        return int(self._store.find(sql, seconds)[0][0])
