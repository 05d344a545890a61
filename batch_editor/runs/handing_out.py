"""Hands a run out in shards: any worker may send them from then on."""

from __future__ import annotations

from contextlib import suppress

from ..crm.connection import tenant_key
from ..errors import Halted, Refused
from ..journal.journal import Journal
from ..settings.settings import Settings, app_of


def hand_out(journal: Journal, run: str, settings: Settings, most: int | None = None) -> int:
    """Cuts what is to be sent of a ``run`` that this process drives into shards, and wakes workers for them. Returns how many
    rows that are.

    ``most`` is how many edits are sent at most: they are one shard then. The shards are all there when this returns, or none
    is; where workers cannot be woken now, whoever looks after shards that nobody drives does it later.
    """
    run_id = journal.of(run).run_id
    tenant = tenant_key(settings, app_of(settings))
    maybe_applied = settings.retry.ambiguous
    spans = journal.leases.spans(run_id, settings.worker.rows_per_shard, maybe_applied=maybe_applied, most=most)
    journal.leases.cut(run_id, run, tenant, spans, most=most)
    with suppress(Halted):
        journal.workers.wake(tenant, run_id, len(spans))
    return sum(span.rows for span in spans)


def require_detachable(journal: Journal, *, detach: bool, stays: bool = False) -> None:
    """Raises ``Refused`` where a run is to be left to workers (``detach``) which this ``journal`` has none for, or for which
    somebody has to stay (``stays``)."""
    if detach and not journal.is_shared:
        raise Refused("detach.no_server", place=journal.place)
    if detach and stays:
        raise Refused("detach.stays")
