"""Keeps the lease that this process has on a shard while the shard is sent, and tells by it how far the shard has come.

Where the lease is lost, the shard is asked to stop: its rows belong to somebody else by now. That nothing is sent without a
lease is seen to by each permit; this is for those who wait, and for those who watch.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from ..errors import Halted
from ..events import Event, Notice, SendProgress
from ..journal.leases import Lease, Leases
from ..stop import Stop
from .shard_counts import ShardCounts, waiting_to_json
from .watch import Watch

#: The lease is renewed after a third of its time, and more often since somebody may be watching: after so many seconds.
RENEW_EVERY = 1.0


class LeaseKeeper(Watch):
    """Renews a ``lease`` until its block ends, and asks ``stop`` to stop where it is lost. Use it as a context manager.

    It is called with the events of the shard, of which it tells the others, and hands them on to ``on_event``. ``earlier`` is
    what the shard had come to before.
    """

    def __init__(
        self, leases: Leases, lease: Lease, stop: Stop, earlier: ShardCounts, on_event: Callable[[Event], None]
    ) -> None:
        super().__init__("lease")
        self._leases = leases
        self._lease = lease
        self._stop = stop
        self._on_event = on_event
        self._earlier = self._counts = earlier
        self._progress = SendProgress(0, 0, {})
        self._lock = threading.Lock()

    def __call__(self, event: Event) -> None:
        """Takes notice of an event of the shard, and hands it on."""
        with self._lock:
            if isinstance(event, SendProgress):
                self._progress = event
            elif isinstance(event, Notice):
                self._counts = self._counts.with_notice(event.message)
        self._on_event(event)

    @property
    def is_waiting(self) -> bool:
        """Whether nothing goes out of the shard for now."""
        with self._lock:
            return self._progress.waiting is not None

    @property
    def counts(self) -> ShardCounts:
        """What the shard has come to by now."""
        with self._lock:
            ended = Counter(self._progress.counts)
            held_back = max(0, self._earlier.held_back - ended.total())
            unreached = None if ended else self._earlier.unreached
            ended_by_all = Counter(self._earlier.ended) + ended
            return replace(self._counts, ended=ended_by_all, held_back=held_back, unreached=unreached)

    def look(self) -> bool:
        """Renews the lease; returns whether it is lost."""
        with self._lock:
            waiting = waiting_to_json(self._progress.waiting)
        with suppress(Halted):  # the database is away: the lease may be renewed until it ends
            self._leases.renew(self._lease, self.counts.as_json(), waiting)
        is_lost = self._lease.clock.is_over
        if is_lost:
            self._stop.soft.set()
        return is_lost

    def seconds_to_next_look(self) -> float:
        return min(RENEW_EVERY, self._lease.seconds / 3)
