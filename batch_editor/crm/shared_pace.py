"""Keeps the permitted rate where several hosts share it: every HTTP request waits here for its permit (guide: cluster).

It has the methods of ``pace.Pace``. The permits are those of the database (``journal/permits``), by whose clock they count. The
steady clock of this machine sees to it, right before the first byte goes out, that none is used too early or too late, or
without the lease that it was given for.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self, TypeVar

from ..errors import DatabaseAway, Halted, LeaseLost
from ..journal.permits import AHEAD, Asked, Granted, Permits
from ..settings.limits import Limit
from ..states import WaitReason
from .counting import Counting, Timetable
from .pace import LONGEST_WAIT, STEADY, TELL_AGAIN, TELL_FROM, longest_window
from .waits import Waits

#: Seconds by which every window is kept longer than it is, for what happens to a request once its permit was found good:
#: threads and processes that have their turn first, and networks that are slower for one than for another. How late a permit
#: is used before that does not count here, but in the database. By what the system of a server says of arrivals, three
#: processes of eight threads each, on two processors with seven times the work that they can do, crowded no window of 40 a
#: second with 15 ms, nor with more; the rest is for networks. It takes 2 % of a limit of a second, and of longer ones nearly
#: nothing.
JITTER = 0.020
#: So many seconds after its moment, and as long as asking for it takes at that, a permit is used without asking again. Until
#: it was told when a permit was used, it counts from the last moment at which it may have been.
LATE = 0.010
#: For so many seconds what the database said of a permit is believed. Who waits for longer asks once more, AGAIN seconds before
#: its moment, since there may be a hold by then.
FRESH = 0.25
AGAIN = 0.1
#: The shortest single wait in seconds: nobody comes back only to find that a nanosecond is left.
SHORTEST_WAIT = 0.0005
#: Seconds between two tries to reach a database that is away, at first and at most.
RETRY, MOST_RETRY = 0.2, 5.0
#: Moments at which other limits begin to count that are looked at for one permit.
_LOOKS = 16

T = TypeVar("T")

_REASONS = {
    "held": WaitReason.TOO_FAST,
    "full": WaitReason.RATE_FULL,
    "shared": WaitReason.RATE_SHARED,
    "rate": WaitReason.RATE,
}


@dataclass(frozen=True, slots=True)
class _Permit:
    """A permit as its thread knows it, in seconds of the steady clock: good from ``begins`` to ``ends``, as far as was known
    between when it was ``asked`` for and when that was ``answered``; ``number`` is None where it is to be asked for again.
    By the clock of the database its moment is not before ``earliest``."""

    number: int | None
    earliest: float
    begins: float
    ends: float
    asked: float
    answered: float
    reason: WaitReason


class SharedPace:
    """The permits of one tenant, for any number of threads of one process that drive one run, or one shard of it.

    Which one that is, and its lease, is known to ``permits``. ``patience`` is for how many seconds a database that is away is
    waited for, at most until ``stop`` is set. ``on_wait`` is called with the seconds, in the thread that waits, when a long
    window is full; ``waits`` are told why anybody waits. ``clock`` gives seconds that nobody can set and that go on while the
    machine sleeps, ``wait`` waits on an event for so many of them.

    Its methods raise ``LeaseLost`` once there is no lease any more, and ``Halted`` where the database is away for too long.
    """

    def __init__(
        self,
        limits: Sequence[Limit],
        *,
        permits: Permits,
        stop: threading.Event,
        patience: float,
        on_wait: Callable[[float], None] | None = None,
        waits: Waits | None = None,
        clock: Callable[[], float] = STEADY,
        wait: Callable[[threading.Event, float], bool] = threading.Event.wait,
    ) -> None:
        #: Seconds of the longest window; 0 without limits.
        self.span = longest_window(limits)
        #: The share of the rate that is used now, and the lowest there was: 1 unless the CRM said "too fast" again and again.
        self.share = self.lowest = 1.0
        self._timetable = Timetable(limits)
        self._most = max((limit.count for limit in limits), default=0)
        self._limited = bool(limits)
        self._permits = permits
        self._lease = permits.lease.clock if permits.lease else None
        self._stop = stop
        self._patience = patience
        self._on_wait = on_wait
        self._last_report = -math.inf  # when ``on_wait`` was last called
        self._waits = waits or Waits()
        self._clock = clock
        self._wait = wait
        self._lock = threading.Lock()
        self._closed = False
        self._ahead = 0.0  # by how much the database's clock is ahead of this one
        self._round_trip = 0.0  # seconds that a permit takes, smoothed
        self._changed_at = -math.inf  # what was asked for before this moment may not hold any more
        self._well = 0  # edits confirmed since that was last told ...
        self._used = list[tuple[int, float]]()  # ... and permits used, with how late that was
        self._of_thread = threading.local()  # its ``permit``; None while there is none yet

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Gives nobody a permit any more."""
        self._closed = True

    def take_up(self) -> None:
        """Gets to know the clock of the database."""
        clock = self._reached(self._permits.clock)
        if clock is not None:
            self._ahead = clock - self._clock()

    def acquire(self, stop: threading.Event) -> bool:
        """Waits for the next permit: True means send now, False that ``stop`` was set and no permit was used."""
        self._of_thread.permit = None
        return self.confirm(stop)

    def confirm(self, stop: threading.Event) -> bool:
        """Does the same for a thread that has a permit, right before it uses it: returns at once, or, if it took the thread so
        long to get ready (to make a connection, say) that the permit is overdue, as soon as there is another."""
        while not stop.is_set() and not self._closed:
            permit: _Permit | None = self._of_thread.permit
            now = self._clock()
            if self._lease is not None and self._lease.is_lost:
                raise LeaseLost("halt.lease_lost")
            if permit is None or not self._is_good(permit, now):
                self._of_thread.permit = self._ask(stop, permit)
            elif permit.begins <= now:
                return True
            else:
                self._wait_for(stop, permit, now)
        return False

    def _is_good(self, permit: _Permit, now: float) -> bool:
        """Whether a permit can be used, or waited for, as far as is known without the database."""
        if now > permit.ends or permit.asked < self._changed_at:
            return False
        if permit.number is None:
            return now < permit.begins
        if self._lease is not None and self._lease.is_over:
            return False
        return now - permit.answered <= FRESH or now < permit.begins - AGAIN

    def _wait_for(self, stop: threading.Event, permit: _Permit, now: float) -> None:
        seconds = permit.begins - now
        asks_again = permit.number is not None and permit.begins - permit.answered > FRESH
        if permit.reason is WaitReason.RATE_FULL and seconds > TELL_FROM and self._on_wait is not None:
            with self._lock:
                reports = now - self._last_report >= TELL_AGAIN
                self._last_report = now if reports else self._last_report
            if reports:
                self._on_wait(seconds)
        with self._waits.of(permit.reason, seconds):
            self._wait(stop, min(max(seconds - AGAIN if asks_again else seconds, SHORTEST_WAIT), LONGEST_WAIT))

    # --- what is asked of the database

    def _ask(self, stop: threading.Event, known: _Permit | None) -> _Permit | None:
        """Asks for a permit, or whether the one that is ``known`` still holds; None where somebody asked to stop."""
        kept = known.number or None if known is not None else None
        with self._lock:
            well, used = (self._well, self._used) if kept is None else (0, [])
            if kept is None:
                self._well, self._used = 0, []
        return self._reached(lambda: self._take(kept, well, used), stop)

    def _take(self, kept: int | None, well: int, used: Sequence[tuple[int, float]]) -> _Permit:
        late = LATE + self._round_trip
        counting = self._counting()
        asked, answered, granted = self._granted(replace(self._asked_for(counting, late, kept=kept), used=used), well)
        for _ in range(_LOOKS):  # where other limits begin to count before the permit's moment
            if granted.number is not None or granted.clock + granted.wait < counting.ends:
                break
            earliest = counting.ends
            counting = self._counting(earliest)
            asked, answered, granted = self._granted(self._asked_for(counting, late, earliest=earliest), 0)
        begins = answered + granted.wait
        if granted.number is None or granted.good_for is None:
            begins, ends = begins - AHEAD / 2, math.inf
        else:
            ends = asked + granted.good_for if self._limited else begins + FRESH
        return _Permit(granted.number, asked + granted.wait, begins, ends, asked, answered, _REASONS[granted.reason])

    def _granted(self, asked_for: Asked, well: int) -> tuple[float, float, Granted]:
        """Returns what the database says, and when it was asked and had answered. Raises ``LeaseLost``."""
        asked = self._clock()
        granted = self._permits.take(asked_for, well)
        answered = self._clock()
        if granted is None:
            if self._lease is not None:
                self._lease.lose()
            raise LeaseLost("halt.lease_lost")
        if self._lease is not None and granted.lease is not None:
            self._lease.move(asked, granted.lease)
        with self._lock:
            took = min(answered - asked, 2 * self._round_trip + LATE)  # once in a while something takes very long
            self._round_trip += (took - self._round_trip) / 8
            self._ahead = granted.clock - answered
            self.share = granted.share
            self.lowest = min(self.lowest, granted.share)
        return asked, answered, granted

    def _counting(self, moment: float | None = None) -> Counting:
        """Returns which limits count at a ``moment`` of the database, or now."""
        with self._lock:
            return self._timetable.at(self._clock() + self._ahead if moment is None else moment)

    def _asked_for(self, counting: Counting, late: float, earliest: float | None = None, kept: int | None = None) -> Asked:
        counts = [limit.count for limit in counting.limits] if self._limited else None
        windows = [limit.window + JITTER for limit in counting.limits]
        until = counting.ends
        return Asked(counts, windows, self._most, self.span, late, earliest=earliest, until=until, kept=kept)

    def _reached(self, ask: Callable[[], T], stop: threading.Event | None = None) -> T | None:
        """Asks the database, and waits as long as it is away; None where somebody asked to stop meanwhile."""
        stop = stop or self._stop
        began = self._clock()
        seconds = RETRY
        while True:
            try:
                return ask()
            except DatabaseAway:
                if self._clock() - began > self._patience:
                    raise
            if self._wait(stop, seconds) or stop.is_set():
                return None
            seconds = min(2 * seconds, MOST_RETRY)

    def used(self) -> None:
        """Takes notice that this thread has just used its permit, which is good for one request; that is told with the next
        one. If it was too late, it is told at once, and counts from now on."""
        permit: _Permit | None = self._of_thread.permit
        self._of_thread.permit = None
        if permit is None or not permit.number:
            return
        now = self._clock()
        if now <= permit.ends + JITTER:
            with self._lock:
                self._used.append((permit.number, max(0.0, now - permit.earliest)))
            return
        asked = self._asked_for(self._counting(), LATE)
        with suppress(Halted):  # the request has gone out; who asks for the next one is told
            self._permits.used_late(permit.number, asked.counts or (), asked.windows)

    def hold(self, seconds: float) -> None:
        """Lets nobody of the tenant have a permit for ``seconds`` from now (at most a day), on no host, not even who waits
        already; never shortens a longer hold."""
        self._reached(lambda: self._permits.hold(seconds))
        self._changed_at = self._clock()

    # --- slowing down by itself

    def too_fast(self) -> float | None:
        """Takes notice that the CRM said "too fast", once for each pause that begins, whichever host hears of it. Returns the
        new share of the rate if it is lowered now: halved, unless this is the first complaint for a good while; None without
        limits."""
        if not self._limited:
            return None
        with self._lock:
            well, self._well = self._well, 0
        lower = self._reached(lambda: self._permits.too_fast(well))
        if lower is not None:
            self.share = lower
            self.lowest = min(self.lowest, lower)
        return lower

    def went_well(self) -> None:
        """Takes notice that an edit was confirmed; it is told with the next permit."""
        with self._lock:
            self._well += 1
