"""The permitted rate: every HTTP request waits here for its permit.

It hands out permits so that no sliding window ever holds more of them than a limit allows. What a limit is for, and how
long a "slow down" of the CRM lasts, is decided by those who call it.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence

from .records import Limit

#: Seconds by which a permit may be used after its slot; every window is kept longer by as much. The least jitter of the
#: network would show the CRM one request too many if requests were spaced by exactly window / count.
MARGIN = 0.015

#: Seconds of lateness that the next slot makes up for. It is not the whole margin: a permit that is used as late as its
#: slot allows would leave nothing for the jitter of the network, and every first one after a pause would be such.
CATCH_UP = MARGIN / 2

#: Longest single wait in seconds. A longer one is taken in pieces: an ``Event`` cannot wait 50 days on Windows.
LONGEST_WAIT = 3600.0


class Slots:
    """The arithmetic of the permits, without clock, lock or waiting: which moment the next one belongs to.

    Why no window holds too many: call a permit's planned moment its slot and its real one its use. A use is never
    before its slot and never more than the margin after it (``usable`` sees to that: who is later takes a new slot).
    Slots only grow, and the slot ``count`` places further on is at least ``window + MARGIN`` later: over the shortest
    window because neighbours are ``(window + MARGIN) / count`` apart, over each longer one because the last ``count``
    slots are remembered. So of any ``count + 1`` uses, that of the last slot is at least ``window`` after that of the
    first: the one is not before its slot, the other at most MARGIN after its own. A slot that nobody uses only makes
    a window emptier.
    """

    def __init__(self, limits: Sequence[Limit]) -> None:
        shortest = min((limit.window for limit in limits), default=0.0)
        strictest = min((limit.count for limit in limits if limit.window == shortest), default=0)
        self._interval = (shortest + MARGIN) / strictest if strictest else 0.0
        self._longer = [
            (limit.window + MARGIN, deque[float](maxlen=limit.count)) for limit in limits if limit.window > shortest
        ]
        self._last = -math.inf
        self._held_until = -math.inf

    def take(self, now: float) -> float:
        """The next slot, in the seconds of ``now``; one that is not after ``now`` may be used at once.

        A slot that should have been up to CATCH_UP before ``now`` stays where it was, so that short delays do not add
        up to a lower rate.
        """
        slot = max(self._last + self._interval, now - CATCH_UP, self._held_until)
        for span, slots in self._longer:
            if len(slots) == slots.maxlen:
                slot = max(slot, slots[0] + span)
        for _, slots in self._longer:
            slots.append(slot)
        self._last = slot
        return slot

    def usable(self, slot: float, now: float) -> bool:
        """Whether ``slot`` may still be used or waited for: not overdue, and not before the end of a hold."""
        return slot >= now - MARGIN and slot >= self._held_until

    def hold(self, until: float) -> None:
        """No slot before ``until`` is usable; an earlier hold that lasts longer stays."""
        self._held_until = max(self._held_until, until)


class Pace:
    """The permits of one tenant, for any number of sender threads; they are handed out in the order of asking.

    No limits at all means that only ``hold`` makes anybody wait. ``clock`` gives seconds that never go back, and
    ``wait`` waits on an event for so many seconds; both are passed in by tests.
    """

    def __init__(
        self,
        limits: Sequence[Limit],
        *,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[threading.Event, float], bool] = threading.Event.wait,
    ) -> None:
        self._slots = Slots(limits)
        self._clock = clock
        self._wait = wait
        self._lock = threading.Lock()

    def acquire(self, stop: threading.Event) -> bool:
        """Wait for the next permit: True means send now, False that ``stop`` was set and no permit was used."""
        slot = -math.inf
        while not stop.is_set():
            with self._lock:
                now = self._clock()
                if not self._slots.usable(slot, now):
                    slot = self._slots.take(now)
                if slot <= now:
                    return True
            self._wait(stop, min(slot - now, LONGEST_WAIT))
        return False

    def hold(self, seconds: float) -> None:
        """Nobody gets a permit for ``seconds`` from now, not even who waits already; never shortens a longer hold."""
        with self._lock:
            self._slots.hold(self._clock() + seconds)
