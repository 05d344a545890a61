"""Keeps the permitted rate: every HTTP request waits here for its permit.

Permits are handed out so that no sliding window ever holds more of them than a limit allows, counting those of all processes
that use the same record. Which moment a permit belongs to is left to ``slots``, and where the record is kept to
``pace_file``; what a limit is for, and how long a "slow down" of the CRM lasts, to those who call it.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from ..errors import Halted
from ..journal.machine import steady_clock
from ..settings.limits import Limit
from ..states import WaitReason
from .counting import MARGIN, Timetable
from .pace_file import PermitFile
from .slots import AHEAD, PUNCTUAL, Slot, Slots
from .waits import Waits

#: Longest single wait in seconds. A longer one is taken in pieces: an ``Event`` cannot wait 50 days on Windows.
LONGEST_WAIT = 3600.0

#: Windows of up to so many seconds are waited out where nobody knows what was used within them.
MINUTE = 60.0

#: The clock of the permits, which all processes of a machine share.
STEADY = steady_clock()

#: Whoever watches hears of a wait, for a long window or since a record was lost, that is longer than this, in seconds, and not
#: again before ``TELL_AGAIN``.
TELL_FROM = 30.0
TELL_AGAIN = 60.0

#: How long requests take is counted out for so many seconds, and what takes longer goes on in the same way.
LONGEST_FORECAST = 20 * 86400.0

#: For so many seconds after another process was seen to take a permit it is said to share the rate.
SHARED_FOR = 5.0

#: So many edits that were confirmed since the last "too fast" make the rate recover by one step, and the next "too fast" a
#: first one again.
RECOVER_AFTER = 100
#: The step by which it recovers, as a share of the rate that is set ...
STEP = 0.1
#: ... and the share that it is never lowered below.
LEAST_SHARE = 1 / 16


class Share:
    """Says how much of the rate is used: halved when the CRM says "too fast" again and again, and raised step by step again."""

    def __init__(self) -> None:
        self.now = self.lowest = 1.0
        self._well = RECOVER_AFTER  # edits confirmed since the last complaint

    def too_fast(self) -> float | None:
        """Takes notice of a complaint; returns the new share if that lowers it. The first one, or the first after a good
        while, does not."""
        is_repeated = self._well < RECOVER_AFTER
        self._well = 0
        lower = max(LEAST_SHARE, self.now / 2)
        if not is_repeated or lower == self.now:
            return None
        self.now = lower
        self.lowest = min(self.lowest, lower)
        return lower

    def went_well(self) -> None:
        """Takes notice that an edit was confirmed."""
        self._well += 1
        if self._well % RECOVER_AFTER == 0:
            self.now = min(1.0, round(self.now + STEP, 6))


class Pace:
    """The permits of one tenant, for any number of threads of one process, which share one ``Pace``. They are handed out in the
    order of asking, those that have to be waited for longer than ``AHEAD`` in any order.

    ``record`` is where the permits are written down, and is made by ``open_record`` for the same limits; each ``Pace`` has one
    of its own. Those whose records are kept in the same place share their permits, whatever the process, and those of earlier
    runs count as well. No limits at all means that only ``hold`` makes anybody wait. ``on_wait`` is called with the seconds,
    in the thread that waits, when a long window is full; ``waits`` are told why anybody waits. ``clock`` gives the same seconds
    as the record's, ``wall_clock`` those of the calendar, by which limits count that have hours of the day, and ``wait`` waits
    on an event for so many seconds.

    A record that is lost, be it before or while it is in use, is made good: each process writes down again what it has used
    itself, ``earlier_requests`` gives what others know to have been made within so many seconds (how many seconds ago, and how
    many; oldest first), and as nobody knows all of the last minute, nobody gets a permit until windows of up to a minute are
    empty; ``on_loss`` is called with those seconds if they are worth a word.

    Its methods raise ``Halted`` if the record can no longer be read or written.
    """

    def __init__(
        self,
        limits: Sequence[Limit],
        *,
        record: PermitFile,
        on_wait: Callable[[float], None] | None = None,
        on_loss: Callable[[float], None] | None = None,
        earlier_requests: Callable[[float], Sequence[tuple[float, int]]] | None = None,
        waits: Waits | None = None,
        clock: Callable[[], float] = STEADY,
        wall_clock: Callable[[], float] = time.time,
        wait: Callable[[threading.Event, float], bool] = threading.Event.wait,
    ) -> None:
        #: Seconds of the longest window; 0 without limits.
        self.span = longest_window(limits)
        self._record = record
        self._slots = Slots(limits, record)
        self._limited = bool(limits)
        self._share = Share()
        self._on_wait = on_wait
        self._on_loss = on_loss
        self._earlier_requests = earlier_requests
        self._uncertain = max((limit.window + MARGIN for limit in limits if limit.window <= MINUTE), default=0.0)
        self._used = deque[float](maxlen=self._slots.most)  # the moments of this process's own uses
        self._identity: bytes | None = None  # of the record that holds them
        self._last_report = -math.inf  # when ``on_wait`` was last called
        self._waits = waits or Waits()
        self._own_hold = self._uncertain_hold = -math.inf  # the ends of holds that this process has asked for
        self._last_number = 0  # of the latest slot of this process, 0 while there is none
        self._shared_at = -math.inf  # when another process was last seen to take slots between those of this one
        self._clock = clock
        self._wall_clock = wall_clock
        self._has_hours = any(limit.hours for limit in limits)
        self._wait = wait
        self._lock = threading.Lock()
        self._closed = False
        self._of_thread = threading.local()  # its ``slot``: the permit that a thread has, None while there is none yet

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Closes the record. Nobody gets a permit any more."""
        with self._lock:
            self._closed = True
            self._record.close()

    def acquire(self, stop: threading.Event) -> bool:
        """Waits for the next permit: True means send now, False that ``stop`` was set and no permit was used."""
        self._of_thread.slot = None
        return self.confirm(stop)

    def confirm(self, stop: threading.Event) -> bool:
        """Does the same for a thread that has a permit, right before it uses it: returns at once, or, if it took the thread so
        long to get ready (to make a connection, say) that the permit is overdue, as soon as there is another."""
        while not stop.is_set():
            with self._lock:
                if self._closed:
                    return False
                slot: Slot | None = self._of_thread.slot
                now = self._clock()
                if not self._limited and self._record.held_until <= now:  # there is nothing to count, nor anybody to share with
                    return True
                if slot is not None and self._is_unchanged(slot, now):
                    at, is_full = slot.entry.at, False
                else:
                    with self._locked():
                        now = self._clock()
                        slot, at, is_full = self._slots.renew(slot, now, self._share.now, self._ahead(now))
                    self._note_others(slot, now)
                    self._of_thread.slot = slot
                if slot is not None and at <= now:
                    return True
                reason = self._reason(now, is_full=is_full)
                reports = is_full and at - now > TELL_FROM and now - self._last_report >= TELL_AGAIN
                if reports:
                    self._last_report = now
            if reports and self._on_wait is not None:
                self._on_wait(at - now)
            with self._waits.of(reason, at - now):
                self._wait(stop, min((at if slot is not None else at - AHEAD / 2) - now, LONGEST_WAIT))
        return False

    def _note_others(self, slot: Slot | None, now: float) -> None:
        if slot is None or slot.number <= self._last_number:
            return
        if self._last_number and slot.number > self._last_number + 1:
            self._shared_at = now
        self._last_number = slot.number

    def _reason(self, now: float, *, is_full: bool) -> WaitReason:
        """Returns why nobody has a permit now."""
        held_until = self._record.held_until
        if held_until > now:
            if held_until <= self._own_hold:
                return WaitReason.TOO_FAST
            return WaitReason.RATE_UNKNOWN if held_until <= self._uncertain_hold else WaitReason.RATE_SHARED
        if is_full:
            return WaitReason.RATE_FULL
        return WaitReason.RATE_SHARED if now - self._shared_at < SHARED_FOR else WaitReason.RATE

    def used(self) -> None:
        """Takes notice that this thread has just used its permit, which is good for one request: if that was late, those that
        follow are held back as much as it takes."""
        with self._lock:
            slot: Slot | None = self._of_thread.slot
            if slot is None:
                return
            self._of_thread.slot = None
            now = self._clock()
            self._used.append(now)
            if now - PUNCTUAL > slot.entry.counts_from and not self._closed:
                with suppress(Halted), self._locked():  # the request has gone out; who asks for the next one is told
                    self._slots.used(slot, self._clock(), self._ahead(now))

    def hold(self, seconds: float) -> None:
        """Lets nobody have a permit for ``seconds`` from now (at most a day), in no process, not even who waits already; never
        shortens a longer hold."""
        with self._lock:
            if not self._closed:
                with self._locked():
                    self._own_hold = max(self._record.held_until, self._clock() + seconds)
                    self._record.hold(self._own_hold)

    def make_up(self, moments: Sequence[tuple[float, int]]) -> None:
        """Counts requests that the record may have lost: ``moments`` are the seconds since some were made and how many, oldest
        first. If there are more of them within the longest window than the record knows of, the latest are added."""
        with self._lock, self._locked():
            self._slots.make_up(moments, self._clock(), self.span)

    def take_up(self) -> None:
        """Makes good what the record does not know, before what this process is about to do is among ``earlier_requests``."""
        if self._limited:
            with self._lock, self._locked():
                pass

    # --- slowing down by itself

    def too_fast(self) -> float | None:
        """Takes notice that the CRM said "too fast", once for each pause that begins. Returns the new share of the rate if it
        is lowered now: halved, unless this is the first complaint for ``RECOVER_AFTER`` confirmed edits; None without limits.
        """
        with self._lock:
            return self._share.too_fast() if self._limited else None

    def went_well(self) -> None:
        """Takes notice that an edit was confirmed: each ``RECOVER_AFTER`` of them raise a lowered share by ``STEP``."""
        with self._lock:
            self._share.went_well()

    @property
    def share(self) -> float:
        """The share of the rate that is used now: 1 unless it was lowered."""
        return self._share.now

    @property
    def lowest(self) -> float:
        """The lowest share there was."""
        return self._share.lowest

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with self._record.locked():
            if self._record.identity != self._identity:
                self._make_good()
            yield

    def _make_good(self) -> None:
        """Makes good what a record that is another one than before does not know."""
        record, now, is_first = self._record, self._clock(), self._identity is None
        if not is_first:
            self._slots.add([moment for moment in self._used if moment > now - self.span])
        self._identity = record.identity
        is_uncertain = record.is_lost or record.is_new
        earlier: Sequence[tuple[float, int]] = ()
        if self._earlier_requests is not None and (is_uncertain or (is_first and self.span > MINUTE)):
            earlier = self._earlier_requests(max(self.span, MINUTE))
            self._slots.make_up(earlier, now, self.span)
        if record.is_lost or (record.is_new and any(number and ago < self._uncertain for ago, number in earlier)):
            self._uncertain_hold = max(record.held_until, now + self._uncertain)
            record.hold(self._uncertain_hold)
            if self._on_loss is not None and self._uncertain >= TELL_FROM:
                self._on_loss(self._uncertain)
        record.is_lost = record.is_new = False

    def _is_unchanged(self, slot: Slot, now: float) -> bool:
        """Whether the slot may be used as it is. That is asked up to three times for each request, and without the record's
        lock, which is dear."""
        if self._has_hours and not self._slots.is_in_time(slot, self._ahead(now)):
            return False
        return self._record.is_unchanged(slot.number, slot.entry) and self._slots.is_usable(slot.entry, now)

    def _ahead(self, now: float) -> float:
        """Returns by how much the calendar's clock is ahead at ``now``; 0 where no limit has hours of the day."""
        return self._wall_clock() - now if self._has_hours else 0.0


def open_record(
    limits: Sequence[Limit],
    file: Path | None,
    *,
    clock: Callable[[], float] = STEADY,
    wall_clock: Callable[[], float] = time.time,
    boot: str = "",
) -> PermitFile:
    """Opens the record that a ``Pace`` of these limits needs: in ``file``, which other processes may use, or in memory if there
    is none. Without limits nothing is shared. ``clock`` gives seconds that never go back and are the same in all processes,
    ``wall_clock`` those of the calendar; ``boot`` tells this start of the machine from others. Raises ``SettingsError`` if the
    file cannot be opened."""
    return PermitFile(
        file if limits else None,
        count=max((limit.count for limit in limits), default=0),
        span=longest_window(limits) + MARGIN,
        clock=clock,
        wall_clock=wall_clock,
        boot=boot,
    )


def longest_window(limits: Sequence[Limit]) -> float:
    """Returns the seconds of the longest window; 0 without limits."""
    return max((limit.window for limit in limits), default=0.0)


def duration(calls: int, limits: Sequence[Limit], *, start: float | None = None) -> float:
    """Returns the seconds that ``calls`` requests take at least under ``limits``, if the first one goes out at ``start``, in
    seconds of the calendar (now unless given): that matters where limits have hours of the day."""
    if not limits or calls <= 1:
        return 0.0
    timetable = Timetable(limits)
    start = time.time() if start is None else start
    moment = start
    made = 0
    speed = 0.0  # what was made after the first one
    since: dict[Limit, tuple[float, int]] = {}  # when a limit began to count, and how many were made before
    while moment - start < LONGEST_FORECAST or not made:
        counting = timetable.at(moment)
        since = {limit: since.get(limit) or _looking_back(limit, moment, made, speed) for limit in counting.limits}
        by_windows = [began + (calls - 1 - before) // limit.count * limit.window for limit, (began, before) in since.items()]
        ready = max([moment + (calls - 1 - made) * counting.interval, *by_windows])
        if ready <= counting.ends:
            return ready - start
        at_most = [made + int((counting.ends - moment) / counting.interval)]
        for limit, (began, before) in since.items():
            at_most.append(before + limit.count * int((counting.ends - began) // limit.window + 1) - 1)
        more = max(0, min(at_most) - made)
        speed = more / (counting.ends - moment)
        made += more
        moment = counting.ends
        for limit, (began, before) in since.items():  # no more of a limit is unused than it permits in a window
            unused = before + limit.count * int((moment - began) // limit.window + 1) - 1 - made
            since[limit] = (began, before - max(0, unused - limit.count))
    return (moment - start) / made * (calls - 1)


def _looking_back(limit: Limit, moment: float, made: int, speed: float) -> tuple[float, int]:
    """Returns from when on ``limit`` counts that begins to do so at ``moment``, after ``made`` requests at ``speed``, and how
    many of them were made before: it looks back at as many as it permits, or at one window."""
    counted = min(limit.count, int(speed * limit.window), made)
    return (moment - counted / speed if counted else moment), made - counted
