"""What one of all workers does every few seconds: what nobody has is given to somebody.

A job is put into the queue for shards that anybody may take, be it that their worker is gone, that it has given them back, or
that their job was lost; and runs that nobody drives are closed once all their shards have ended.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable

from ..journal.journal import Journal
from ..runs.closing import close_if_over
from .tenants import Tenants

#: For so many shards of a tenant a job waits at most: each leads to the next ones as well.
MOST_JOBS = 200
#: A worker that was not seen for so many seconds is forgotten.
_FORGET = 86_400.0


def tend(journal: Journal, tenants: Tenants, defer: Callable[[str, Iterable[tuple[int, int]]], object]) -> None:
    """Looks after the shards of all tenants, and closes the runs of ``tenants``. ``defer`` puts jobs into the queue of a tenant
    for which none wait yet."""
    free: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for shard in journal.leases.free(MOST_JOBS):
        free[shard.tenant].append((shard.run_id, shard.shard))
    for tenant, shards in free.items():
        defer(tenant, shards)
    for run, key in journal.leases.over():
        if (owner := tenants.of(key)) is not None:
            close_if_over(journal, run, owner.settings)
    journal.leases.forget_workers(_FORGET)
