"""Sees that the CRM cannot be reached from here while others could send the shard: then they get it (guide: cluster).

So a machine that is cut off from the CRM alone stops no run. How long nothing got through is kept with the shard, so that all
who have it in turn are not patient for longer than one alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress

from ..crm.outage import Outage
from ..errors import Halted
from ..journal.journal import Journal
from ..journal.leases import Lease
from ..journal.times import seconds_of
from ..stop import Stop
from .watch import Watch

#: For so many seconds, at most, whoever could not reach the CRM leaves its tenant to others before it tries again: so long as
#: one who waits for the CRM lets pass between two tries.
REST = 60.0
#: Seconds between two looks.
_LOOK_AGAIN = 1.0


class CutOff(Watch):
    """Looks whether the shard of a ``lease`` is to be given back since nothing gets through to the CRM, and asks ``stop`` to
    stop then. Use it as a context manager.

    That is so once nothing has got through for as long as the lease lasts, for which one that is killed keeps a shard from the
    others as well, if there are others, and before the ``patience`` ends with which the CRM is waited for. ``outage`` is what
    is known of that here; ``unreached`` is since when those who had the shard before could not reach it, None if they could.
    """

    def __init__(
        self,
        journal: Journal,
        lease: Lease,
        outage: Outage,
        patience: float,
        stop: Stop,
        unreached: float | None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__("cut-off")
        self._journal = journal
        self._lease = lease
        self._outage = outage
        self._patience = patience
        self._stop = stop
        self._clock = clock
        self._began = clock()
        #: For how many seconds this process is to leave the tenant alone, since others are to get the shard; 0 if they are not.
        self.rest = 0.0
        #: Since when nothing got through, in seconds since 1970, where others are to get the shard.
        self.unreached: float | None = None
        if unreached is not None:
            others_reached = journal.of(lease.run).sending.last_answer()
            lasts = max(0.0, self._now() - max(unreached, others_reached))
            outage.take_up(min(lasts, max(0.0, patience - lease.seconds)))  # whoever is the last to try has time to do so

    def look(self) -> bool:
        """Returns whether others are to get the shard."""
        lasts = self._outage.lasts
        if min(lasts, self._clock() - self._began) < self._lease.seconds or lasts >= self._patience:
            return False
        with suppress(Halted):  # the database is away: nobody could take it
            if self._journal.workers.may_send_instead(self._lease):
                self.unreached = self._now() - lasts
                self.rest = min(REST, self._patience - lasts)
                self._stop.soft.set()
        return self.rest > 0

    def seconds_to_next_look(self) -> float:
        return min(_LOOK_AGAIN, self._lease.seconds / 3)

    def _now(self) -> int:
        return seconds_of(self._journal.now())
