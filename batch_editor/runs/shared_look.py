"""How far a run is that several machines send: its shards, who has them, and why nothing goes out.

For whoever looks on, be it on a command line or a page; nothing is changed. How it is sent is left to ``sharing``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from ..events import Waiting
from ..journal.journal import Journal
from ..messages import Lang, say
from ..model import Message
from .shard_counts import ShardCounts, added, waiting_from_json
from .waits_in_words import waiting_message

#: A worker that was not seen for so many seconds is not counted on.
_SEEN = 60.0


@dataclass(frozen=True, slots=True)
class SharedRun:
    """A run that was cut into ``shards``: so many are ``done``, and so many ``wait`` for a worker.

    ``at_work`` says how many are being sent on which machine. Of the ``rows`` that were to be sent, ``ended`` have come to an
    end, by their status. ``waiting`` is why nothing goes out of any of them. ``is_stopping``: the run was asked to stop.
    ``workers`` is how many workers that send for its tenant were seen lately, on whatever machine. Of the shards that wait,
    ``unreached`` were given back since the CRM could not be reached from where they were sent.
    """

    shards: int
    done: int
    at_work: Mapping[str, int]
    rows: int
    ended: Mapping[str, int]
    waiting: Waiting | None
    is_stopping: bool
    workers: int
    unreached: int = 0

    @property
    def wait(self) -> int:
        """How many shards wait for a worker."""
        return self.shards - self.done - sum(self.at_work.values())

    @property
    def is_unserved(self) -> bool:
        """Whether something is to be sent, and nobody is there who would."""
        return self.wait > 0 and not self.at_work and not self.workers and not self.is_stopping

    def as_json(self, lang: Lang) -> dict[str, object]:
        """Returns the same for programs (guide: reference)."""
        return {
            "shards": self.shards,
            "done": self.done,
            "waiting_shards": self.wait,
            "at_work": dict(self.at_work),
            "rows": self.rows,
            "rows_done": sum(self.ended.values()),
            "waits_for": self.waiting.reason.value if self.waiting else None,
            "waits": say(waiting_message(self.waiting), lang) if self.waiting else None,
            "stopping": self.is_stopping,
            "workers": self.workers,
        }

    def messages(self) -> list[Message]:
        """Returns the same for people, a line each."""
        places = {"shards": self.shards, "done": self.done, "rows": self.rows, "rows_done": sum(self.ended.values())}
        lines = [Message("shared.rows", places)]
        if self.at_work:
            hosts = ", ".join(f"{host} ({number})" for host, number in self.at_work.items())
            lines.append(Message("shared.at_work", {"shards": sum(self.at_work.values()), "hosts": hosts}))
        if self.is_stopping:
            lines.append(Message("shared.stopping"))
        elif self.wait:
            lines.append(Message("shared.unserved" if self.is_unserved else "shared.queued", {"shards": self.wait}))
        if self.unreached and not self.is_stopping:
            lines.append(Message("shared.cut_off", {"shards": self.unreached}))
        if self.waiting and not self.is_stopping:
            lines.append(waiting_message(self.waiting))
        return lines


def shared_run(journal: Journal, name: str) -> SharedRun | None:
    """Returns how far the run called ``name`` is; None where it is not sent in shards, or not any more."""
    if not journal.is_shared:
        return None
    shards = journal.leases.progress(journal.of(name).run_id)
    if not shards:
        return None
    seen = journal.leases.workers()
    tenant = journal.leases.tenant(journal.of(name).run_id)
    hosts = {worker.name: worker.host for worker in seen}
    live = [shard for shard in shards if shard.is_live and shard.worker]
    waits = [waiting_from_json(shard.waiting) for shard in live]
    return SharedRun(
        shards=len(shards),
        done=sum(shard.is_done for shard in shards),
        at_work=Counter(hosts.get(shard.worker or "", _host_in(shard.worker or "")) for shard in live),
        rows=sum(shard.rows if shard.part.most is None else min(shard.rows, shard.part.most) for shard in shards),
        ended=added(map(ShardCounts.of, shards)).ended,
        waiting=waits[0] if waits and all(waits) else None,
        is_stopping=journal.run(name).stop_asked,
        workers=sum(worker.ago < _SEEN and tenant in worker.tenants for worker in seen),
        unreached=sum(not (shard.is_done or shard.is_live) and bool(shard.counts.get("unreached")) for shard in shards),
    )


def _host_in(worker: str) -> str:
    """Returns the machine in the name of a worker: that of whoever has planned the run, and sends as well."""
    return worker.rsplit("-", 2)[0]
