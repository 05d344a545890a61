"""Keeps the permitted rate: every HTTP request waits here for its permit.

Permits are handed out so that no sliding window ever holds more of them than a limit allows, counting those of all processes
that use the same record. Where the record is kept is left to ``pace_file``; what a limit is for, and how long a "slow down" of
the CRM lasts, to those who call it.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import islice, repeat, takewhile
from pathlib import Path
from types import TracebackType
from typing import Self

from ..errors import Halted
from ..journal.machine import steady_clock
from ..model import WaitReason
from ..settings.limits import Limit
from .pace_file import NONE, UNKNOWN, Entry, PermitFile
from .waits import Waits

#: Seconds by which a permit may be used after its slot; every window is kept longer by as much. The least jitter of the
#: network would show the CRM one request too many if requests were spaced by exactly window / count.
MARGIN = 0.015

#: A use up to so many seconds after its slot is on time. It is not the whole margin: a permit that is used as late as its slot
#: allows would leave nothing for the jitter of the network, and every first one after a pause would be such.
PUNCTUAL = MARGIN / 2

#: Seconds of lateness that the next slot makes up for. It is a little less: where nobody has to wait, every use would be late
#: otherwise, and to make that known costs the file's lock once more.
CATCH_UP = PUNCTUAL - 0.002

#: Longest single wait in seconds. A longer one is taken in pieces: an ``Event`` cannot wait 50 days on Windows.
LONGEST_WAIT = 3600.0

#: Slots are taken at most so many seconds ahead. Who would have to wait longer asks again later: a process that ends while it
#: waits, or whose limits were set too low by mistake, leaves no more than that to those that come after it.
AHEAD = 10.0

#: Windows of up to so many seconds are waited out where nobody knows what was used within them.
MINUTE = 60.0

#: The clock of the permits, which all processes of a machine share.
STEADY = steady_clock()

#: A slot that counts from so many seconds before its moment on is one that was given up.
GIVEN_UP = 1e-6

#: Whoever watches hears of a wait, for a long window or since a record was lost, that is longer than this, in seconds, and not
#: again before ``TELL_AGAIN``.
TELL_FROM = 30.0
TELL_AGAIN = 60.0

#: For so many seconds after another process was seen to take a permit it is said to share the rate.
SHARED_FOR = 5.0

#: So many edits that were confirmed since the last "too fast" make the rate recover by one step, and the next "too fast" a
#: first one again.
RECOVER_AFTER = 100
#: The step by which it recovers, as a share of the rate that is set ...
STEP = 0.1
#: ... and the share that it is never lowered below.
LEAST_SHARE = 1 / 16


@dataclass(slots=True)
class Slot:
    """A permit: its ``number``, and when it may be used and counts, as far as its thread knows."""

    number: int
    entry: Entry
    record: bytes = UNKNOWN  # identity of the record that it is of


class Slots:
    """Decides which moment the next permit belongs to: the arithmetic of the permits, without clock, lock or waiting.

    Why no window holds too many: call a permit's planned moment its slot and its real one its use. A use is never
    before its slot, and seldom more than the margin after it (``usable`` sees to that: who is later takes a new slot); a
    later one is made known by ``used``. Slots only grow, and each is at least ``window + MARGIN`` after the moment from
    which the one ``count`` places before it counts: that is its slot, or PUNCTUAL before its use if that is later. So of
    any ``count + 1`` uses, that of the last slot is at least ``window`` after that of the first. A slot that nobody uses
    only makes a window emptier. That the slots of the shortest window are ``(window + MARGIN) / count`` apart spreads them
    evenly.

    The slots are those of ``record``, whichever process took them; all methods are called within ``record.locked()``. With
    other limits in another process all of this is true of each limit and the uses of those processes that have it.
    """

    def __init__(self, limits: Sequence[Limit], record: PermitFile) -> None:
        self._record = record
        self._shortest = min((limit.window for limit in limits), default=0.0)
        strictest = min((limit.count for limit in limits if limit.window == self._shortest), default=0)
        self._interval = (self._shortest + MARGIN) / strictest if strictest else 0.0
        self._limits = sorted(limits, key=lambda limit: limit.count)

    def next(self, now: float, share: float = 1.0) -> tuple[float, bool]:
        """Returns the moment of the next slot, in the seconds of ``now``, and whether only a window longer than the shortest
        makes it so late. A slot that is not after ``now`` may be used at once.

        A slot that should have been up to CATCH_UP before ``now`` stays where it was, so that short delays do not add
        up to a lower rate. Slots are spaced for ``share`` of the rate.
        """
        record, number = self._record, self._record.last + 1
        spaced = max(record.entry(number - 1).at + self._interval / share, now - CATCH_UP, record.held_until)
        longer = -math.inf
        for limit in self._limits:
            free = record.entry(number - limit.count).counts_from + limit.window + MARGIN
            if limit.window > self._shortest:
                longer = max(longer, free)
            else:
                spaced = max(spaced, free)
        return max(spaced, longer), longer > spaced

    def renew(self, slot: Slot | None, now: float, share: float = 1.0) -> tuple[Slot | None, float, bool]:
        """Returns the ``slot`` as it is by now, or the next one if there is none or it may no longer be used; its moment, and
        whether only a long window makes it so late. The slot is not taken yet, and None, if it is more than AHEAD away (from
        the end of a hold)."""
        entry = self._entry_of(slot) if slot is not None else NONE
        if slot is not None and self.is_usable(entry, now):
            return replace(slot, entry=entry), entry.at, False
        at, is_full = self.next(now, share)
        is_near = at <= max(now, self._record.held_until) + AHEAD  # all wait for the end of a hold, whoever ends meanwhile
        return (self._take(at) if is_near else None), at, is_full

    def _take(self, at: float) -> Slot:
        entry = Entry(at, at)
        return Slot(self._record.append(entry), entry, self._record.identity)

    def _entry_of(self, slot: Slot) -> Entry:
        """Returns the entry of ``slot`` as it is by now, ``NONE`` if its record is lost."""
        return self._record.entry(slot.number) if slot.record == self._record.identity else NONE

    def used(self, slot: Slot, now: float) -> None:
        """Takes notice that ``slot`` was used at ``now``. If that is late, slots that were taken already and share no window
        with it when it is on time, but do now, move on as well, with all that follow them.

        If one of those may have been used before, this use stands in the place of one that comes next instead. (If that is
        because the thread stood still for longer than a window, one window has held too many by then.)
        """
        record = self._record
        counts_from = now - PUNCTUAL
        entry = self._entry_of(slot)
        if counts_from <= entry.counts_from:
            return
        overtaken = entry.at == -math.inf
        if not overtaken:
            record.replace(slot.number, Entry(entry.at, counts_from))
        for limit in self._limits:
            number = slot.number + limit.count
            at = record.entry(number).at
            if now - MARGIN <= at < counts_from + limit.window + MARGIN:
                self._move(number, counts_from + limit.window + MARGIN - at)
            overtaken = overtaken or -math.inf < at < now - MARGIN
        if overtaken:
            self._give_up_one(now)

    def _give_up_one(self, now: float) -> None:
        """Gives up the first of the slots that nobody can have used yet: who waits for it takes another."""
        waiting = takewhile(lambda number: self._record.entry(number).at > now, range(self._record.last, 0, -1))
        usable = [number for number in waiting if self.is_usable(self._record.entry(number), now)]
        number = usable[-1] if usable else self._take(self.next(now)[0]).number
        at = self._record.entry(number).at
        self._record.replace(number, Entry(at, at - GIVEN_UP))

    def _move(self, first: int, seconds: float) -> None:
        for number in range(self._record.last, first - 1, -1):  # the last one first: they are in order at any moment
            at, counts_from = self._record.entry(number)
            self._record.replace(number, Entry(at + seconds, counts_from + seconds))

    def is_usable(self, entry: Entry, now: float) -> bool:
        """Whether a slot may still be used or waited for: not overdue, not given up, and not before the end of a hold."""
        return entry.at >= now - MARGIN and entry.at >= self._record.held_until and entry.counts_from >= entry.at

    def make_up(self, moments: Sequence[tuple[float, int]], now: float, span: float) -> None:
        """Takes as many slots in the past as ``moments`` has more of within ``span`` seconds than there are: the latest."""
        within = [(max(ago, 0.0), number) for ago, number in moments if ago < span]
        recorded = sum(now - span < entry.counts_from <= now for entry in self._record.entries())
        missing = max(0, sum(number for _, number in within) - recorded)
        latest = (now - ago for ago, number in reversed(within) for ago in repeat(ago, number))
        self.add(sorted(islice(latest, min(missing, self.most))))

    def add(self, moments: Sequence[float]) -> None:
        """Takes slots at these ``moments``, or at that of the last one if they are before it."""
        last = self._record.entry(self._record.last).at
        self._record.extend([Entry(max(last, moment), max(last, moment)) for moment in moments])

    @property
    def most(self) -> int:
        """As many slots as any limit looks back at."""
        return max((limit.count for limit in self._limits), default=0)


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
    as the record's, and ``wait`` waits on an event for so many seconds.

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
                        slot, at, is_full = self._slots.renew(slot, now, self._share.now)
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
                    self._slots.used(slot, self._clock())

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
        return self._record.is_unchanged(slot.number, slot.entry) and self._slots.is_usable(slot.entry, now)


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


def duration(calls: int, limits: Sequence[Limit]) -> float:
    """Returns the seconds that ``calls`` requests take at least under ``limits``."""
    if not limits or calls <= 1:
        return 0.0
    shortest = min(limit.window for limit in limits)
    spaced = max((limit.window + MARGIN) / limit.count for limit in limits if limit.window == shortest)
    return max([(calls - 1) * spaced, *((calls - 1) // limit.count * limit.window for limit in limits)])
