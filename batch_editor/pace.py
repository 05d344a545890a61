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
from dataclasses import dataclass

from .records import Limit

#: Seconds by which a permit may be used after its slot; every window is kept longer by as much. The least jitter of the
#: network would show the CRM one request too many if requests were spaced by exactly window / count.
MARGIN = 0.015

#: Seconds of lateness that the next slot makes up for. It is not the whole margin: a permit that is used as late as its
#: slot allows would leave nothing for the jitter of the network, and every first one after a pause would be such.
CATCH_UP = MARGIN / 2

#: Longest single wait in seconds. A longer one is taken in pieces: an ``Event`` cannot wait 50 days on Windows.
LONGEST_WAIT = 3600.0


@dataclass(slots=True)
class Slot:
    """A permit: its ``number``, when it may be used (``at``), and the moment from which on it ``counts`` in every window."""

    number: int
    at: float
    counts: float


class Slots:
    """The arithmetic of the permits, without clock, lock or waiting: which moment the next one belongs to.

    Why no window holds too many: call a permit's planned moment its slot and its real one its use. A use is never
    before its slot, and seldom more than the margin after it (``usable`` sees to that: who is later takes a new slot); a
    later one is made known by ``used``. Slots only grow, and each is at least ``window + MARGIN`` after the moment from
    which the one ``count`` places before it counts: that is its slot, or CATCH_UP before its use if that is later. So of
    any ``count + 1`` uses, that of the last slot is at least ``window`` after that of the first. A slot that nobody uses
    only makes a window emptier. That the slots of the shortest window are ``(window + MARGIN) / count`` apart spreads them
    evenly.
    """

    def __init__(self, limits: Sequence[Limit]) -> None:
        shortest = min((limit.window for limit in limits), default=0.0)
        strictest = min((limit.count for limit in limits if limit.window == shortest), default=0)
        self._interval = (shortest + MARGIN) / strictest if strictest else 0.0
        self._windows = [(limit.window + MARGIN, deque[Slot](maxlen=limit.count)) for limit in limits]
        self._fewest = min((limit.count for limit in limits), default=0)
        self._last = Slot(0, -math.inf, -math.inf)
        self._ahead: list[Slot] = []  # those that may still be used
        self._held_until = -math.inf

    def take(self, now: float) -> Slot:
        """The next slot, in the seconds of ``now``; one that is not after ``now`` may be used at once.

        A slot that should have been up to CATCH_UP before ``now`` stays where it was, so that short delays do not add
        up to a lower rate.
        """
        at = max(self._last.at + self._interval, now - CATCH_UP, self._held_until)
        for span, slots in self._windows:
            if len(slots) == slots.maxlen:
                at = max(at, slots[0].counts + span)
        self._last = slot = Slot(self._last.number + 1, at, at)
        for _, slots in self._windows:
            slots.append(slot)
        self._ahead = [one for one in self._ahead if self.usable(one, now)] + [slot]
        return slot

    def used(self, slot: Slot, now: float) -> None:
        """``slot`` was used at ``now``. If that is late, slots that were taken already and share no window with it when it
        is on time, but do now, move on as well."""
        late = now - CATCH_UP - slot.counts
        if late > 0:
            slot.counts += late
            for one in self._ahead:
                if self._fewest and one.number >= slot.number + self._fewest:
                    one.at += late
                    one.counts += late

    def usable(self, slot: Slot, now: float) -> bool:
        """Whether ``slot`` may still be used or waited for: not overdue, and not before the end of a hold."""
        return slot.at >= now - MARGIN and slot.at >= self._held_until

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
        self._mine = threading.local()

    def acquire(self, stop: threading.Event) -> bool:
        """Wait for the next permit: True means send now, False that ``stop`` was set and no permit was used."""
        self._mine.slot = None
        return self.confirm(stop)

    def confirm(self, stop: threading.Event) -> bool:
        """The same for a thread that has a permit, right before it uses it: at once, or, if it took the thread so long to
        get ready (to make a connection, say) that the permit is overdue, as soon as there is another."""
        slot: Slot | None = self._mine.slot
        while not stop.is_set():
            with self._lock:
                now = self._clock()
                if slot is None or not self._slots.usable(slot, now):
                    slot = self._mine.slot = self._slots.take(now)
                if slot.at <= now:
                    return True
            self._wait(stop, min(slot.at - now, LONGEST_WAIT))
        return False

    def used(self) -> None:
        """This thread has just used its permit: if that was late, those that follow are held back as much."""
        with self._lock:
            self._slots.used(self._mine.slot, self._clock())

    def hold(self, seconds: float) -> None:
        """Nobody gets a permit for ``seconds`` from now, not even who waits already; never shortens a longer hold."""
        with self._lock:
            self._slots.hold(self._clock() + seconds)
