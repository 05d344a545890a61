"""Sees that nothing goes out of a shard for long while shards of other tenants wait for this worker: then they get its place.

So a tenant that is paused, refused answers or permitted little keeps nobody else's edits waiting (guide: cluster).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress

from ..errors import Halted
from ..journal.journal import Journal
from ..journal.leases import Lease
from ..stop import Stop
from .lease_keeper import LeaseKeeper
from .watch import Watch

#: For so many seconds whoever has made room leaves the tenant alone before it is looked whether anything goes out again.
REST = 30.0
#: Seconds between two looks.
_LOOK_AGAIN = 1.0


class MakingRoom(Watch):
    """Looks whether the shard of a ``lease`` is to be given back since nothing has gone out for as long as the lease lasts and
    shards of other tenants of the same worker are free, and asks ``stop`` to stop then. Use it as a context manager.

    ``keeper`` knows what the shard waits for. Whoever drives a run and takes part in it makes no room: it has one run alone.
    """

    def __init__(
        self, journal: Journal, lease: Lease, keeper: LeaseKeeper, stop: Stop, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__("making-room")
        self._journal = journal
        self._lease = lease
        self._keeper = keeper
        self._stop = stop
        self._clock = clock
        self._waits_since: float | None = None
        #: For how many seconds this process is to leave the tenant alone, since others are to get its place; 0 if not.
        self.rest = 0.0

    def look(self) -> bool:
        """Returns whether others are to get the place of the shard."""
        if not self._keeper.is_waiting:
            self._waits_since = None
            return False
        now = self._clock()
        if self._waits_since is None:
            self._waits_since = now
        if now - self._waits_since < self._lease.seconds:
            return False
        with suppress(Halted):  # the database is away: nothing can be taken
            if self._journal.workers.has_others_waiting(self._lease):
                self.rest = REST
                self._stop.soft.set()
        return self.rest > 0

    def seconds_to_next_look(self) -> float:
        return min(_LOOK_AGAIN, self._lease.seconds / 3)
