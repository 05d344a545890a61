"""Which moment the next permit belongs to: the arithmetic of the permits, without clock, lock or waiting.

The slots stand in a record that several processes may use (``pace_file``). Who waits for a slot, and for how long, is decided
in ``pace``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import islice, repeat, takewhile

from ..settings.limits import Limit
from .counting import MARGIN, Timetable
from .pace_file import DRIFT, NONE, UNKNOWN, Entry, PermitFile

#: A use up to so many seconds after its slot is on time. It is not the whole margin: a permit that is used as late as its slot
#: allows would leave nothing for the jitter of the network, and every first one after a pause would be such.
PUNCTUAL = MARGIN / 2

#: Seconds of lateness that the next slot makes up for. It is a little less: where nobody has to wait, every use would be late
#: otherwise, and to make that known costs the file's lock once more.
CATCH_UP = PUNCTUAL - 0.002

#: Slots are taken at most so many seconds ahead. Who would have to wait longer asks again later: a process that ends while it
#: waits, or whose limits were set too low by mistake, leaves no more than that to those that come after it.
AHEAD = 10.0

#: A slot that counts from so many seconds before its moment on is one that was given up.
GIVEN_UP = 1e-6


@dataclass(slots=True)
class Slot:
    """A permit: its ``number``, and when it may be used and counts, as far as its thread knows."""

    number: int
    entry: Entry
    record: bytes = UNKNOWN  # identity of the record that it is of
    ahead: float = 0.0  # by how much the calendar's clock was ahead when it was taken


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

    Limits that have hours of the day look back like that while they count, and where they begin to count all slots before are
    looked back at. ``ahead`` is by how many seconds the calendar's clock is ahead of that of the slots; it is of no account
    without such limits. If somebody sets that clock, slots that were taken by the old one are given up.
    """

    def __init__(self, limits: Sequence[Limit], record: PermitFile) -> None:
        self._record = record
        self._limits = sorted(limits, key=lambda limit: limit.count)
        self._timetable = Timetable(limits)
        #: As many slots as any limit looks back at.
        self.most = max((limit.count for limit in limits), default=0)

    def next(self, now: float, share: float = 1.0, ahead: float = 0.0) -> tuple[float, bool]:
        """Returns the moment of the next slot, in the seconds of ``now``, and whether only a window longer than the shortest
        makes it so late. A slot that is not after ``now`` may be used at once.

        A slot that should have been up to CATCH_UP before ``now`` stays where it was, so that short delays do not add
        up to a lower rate. Slots are spaced for ``share`` of the rate.
        """
        earliest = max(now - CATCH_UP, self._record.held_until)
        return self._placed(self._record.last + 1, earliest, self._record.entry, share, ahead)

    def _placed(
        self, number: int, earliest: float, entry_of: Callable[[int], Entry], share: float, ahead: float
    ) -> tuple[float, bool]:
        """Returns the first moment from ``earliest`` on for slot ``number``, and whether a long window makes it so late."""
        while True:
            counting = self._timetable.at(earliest + ahead)
            spaced = max(entry_of(number - 1).at + counting.interval / share, earliest)
            longer = -math.inf
            for limit in counting.limits:
                free = entry_of(number - limit.count).counts_from + limit.window + MARGIN
                if limit.window > counting.shortest:
                    longer = max(longer, free)
                else:
                    spaced = max(spaced, free)
            at = max(spaced, longer)
            if at + ahead < counting.ends:
                return at, longer > spaced
            earliest = counting.ends - ahead

    def renew(self, slot: Slot | None, now: float, share: float = 1.0, ahead: float = 0.0) -> tuple[Slot | None, float, bool]:
        """Returns the ``slot`` as it is by now, or the next one if there is none or it may no longer be used; its moment, and
        whether only a long window makes it so late. The slot is not taken yet, and None, if it is more than AHEAD away (from
        the end of a hold)."""
        entry = self._entry_of(slot) if slot is not None else NONE
        if slot is not None and self.is_usable(entry, now) and self.is_in_time(slot, ahead):
            return replace(slot, entry=entry), entry.at, False
        at, is_full = self.next(now, share, ahead)
        is_near = at <= max(now, self._record.held_until) + AHEAD  # all wait for the end of a hold, whoever ends meanwhile
        return (self._take(at, ahead) if is_near else None), at, is_full

    def _take(self, at: float, ahead: float) -> Slot:
        entry = Entry(at, at)
        return Slot(self._record.append(entry), entry, self._record.identity, ahead)

    def _entry_of(self, slot: Slot) -> Entry:
        """Returns the entry of ``slot`` as it is by now, ``NONE`` if its record is lost."""
        return self._record.entry(slot.number) if slot.record == self._record.identity else NONE

    def used(self, slot: Slot, now: float, ahead: float = 0.0) -> None:
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
            if at == -math.inf or limit not in self._timetable.at(at + ahead).limits:
                continue
            if now - MARGIN <= at < counts_from + limit.window + MARGIN:
                self._move(number, counts_from + limit.window + MARGIN - at, ahead)
            overtaken = overtaken or at < now - MARGIN
        if overtaken:
            self._give_up_one(now, ahead)

    def _give_up_one(self, now: float, ahead: float) -> None:
        """Gives up the first of the slots that nobody can have used yet: who waits for it takes another."""
        waiting = takewhile(lambda number: self._record.entry(number).at > now, range(self._record.last, 0, -1))
        usable = [number for number in waiting if self.is_usable(self._record.entry(number), now)]
        number = usable[-1] if usable else self._take(self.next(now, ahead=ahead)[0], ahead).number
        at = self._record.entry(number).at
        self._record.replace(number, Entry(at, at - GIVEN_UP))

    def _move(self, first: int, seconds: float, ahead: float) -> None:
        """Moves slot ``first`` and all that follow it by ``seconds``, and by more where they come among stricter limits."""
        moved: dict[int, Entry] = {}

        def entry_of(number: int) -> Entry:
            return moved.get(number) or self._record.entry(number)

        for number in range(first, self._record.last + 1):
            at, counts_from = self._record.entry(number)
            later, _ = self._placed(number, at + seconds, entry_of, 1.0, ahead)
            moved[number] = Entry(later, counts_from + later - at)
        for number in reversed(moved):  # the last one first: they are in order at any moment
            self._record.replace(number, moved[number])

    def is_usable(self, entry: Entry, now: float) -> bool:
        """Whether a slot may still be used or waited for: not overdue, not given up, and not before the end of a hold."""
        return entry.at >= now - MARGIN and entry.at >= self._record.held_until and entry.counts_from >= entry.at

    def is_in_time(self, slot: Slot, ahead: float) -> bool:
        """Whether the calendar's clock has not been set since the slot was taken."""
        return abs(slot.ahead - ahead) <= DRIFT

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
