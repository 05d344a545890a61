"""How far a run has come, in numbers and over time: what a face shows of a run that is under way.

A ``ProgressMeter`` is told the events of a run that this process drives, and gives its ``Progress`` at any moment. Of a run
that another process drives, ``progress_in_journal`` makes one of the rows that the journal counts.
"""

from __future__ import annotations

import math
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..crm.pace import duration
from ..events import ClueProgress, Event, Notice, SendProgress, Waiting
from ..model import Message, Status
from ..settings.limits import Limit
from ..states import WaitReason
from .row_counts import RowCounts

#: At most so many points of the rate over time are kept; then two become one.
MOST_POINTS = 120
#: Seconds at the end of which the rate is taken by which the time that is left is told.
RECENT = 30.0
#: Where nothing has come to an end for so many seconds, a run is said to wait.
STANDSTILL = 1.0
#: So many of the latest notices are kept.
MOST_NOTICES = 20
#: Reasons to wait of which nobody knows how often they come again.
OPEN_END = (WaitReason.CRM_DOWN, WaitReason.UNREACHABLE, WaitReason.NO_ANSWER)
#: Statuses of rows that a run was to send and that have come to an end.
ENDED = (Status.UPDATED, Status.REJECTED, Status.FAILED)
#: Statuses of rows that are still to be sent.
TO_COME = (Status.PENDING, Status.SENDING)


@dataclass(frozen=True, slots=True)
class RatePoint:
    """So many ``rows`` a second came to an end for ``width`` seconds, from ``second`` of the sending on."""

    second: float
    width: float
    rows: float


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run has come: of ``total`` rows that are to be sent, or whose clues are read (``is_reading``), ``done`` have
    come to an end.

    ``counts`` are all rows of the run by their status; ``pending`` are those that are still to be sent. ``points`` are the rate
    over time, ``rate`` is that of the last half minute in rows a second. ``waiting`` says why nothing goes out now.
    Times are whole seconds; ``seconds_left`` is None where nobody can tell. ``notices`` are the latest ones, the last one at
    the end.
    """

    done: int = 0
    total: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    is_reading: bool = False
    points: Sequence[RatePoint] = ()
    rate: float = 0.0
    waiting: Waiting | None = None
    seconds_left: int | None = None
    seconds: int = 0
    notices: Sequence[Message] = ()


class _RateOverTime:
    """How many rows came to an end in which second, in at most ``MOST_POINTS`` intervals of equal width."""

    def __init__(self) -> None:
        self._width = 1.0
        self._rows: list[int] = []
        self._recent: deque[tuple[float, int]] = deque()

    def add(self, second: float, rows: int) -> None:
        """Takes notice that so many rows came to an end ``second`` seconds after the beginning."""
        while second >= MOST_POINTS * self._width:
            self._width *= 2
            self._rows = [sum(self._rows[place : place + 2]) for place in range(0, len(self._rows), 2)]
        place = int(second / self._width)
        self._rows += [0] * (place + 1 - len(self._rows))
        self._rows[place] += rows
        self._recent.append((second, rows))
        while self._recent[0][0] < second - RECENT:
            self._recent.popleft()

    def points(self, second: float) -> tuple[RatePoint, ...]:
        """Returns the rate of each interval; one that has only begun at ``second`` is a part of that before it."""
        width, rows = self._width, self._rows
        points = [RatePoint(place * width, width, number / width) for place, number in enumerate(rows)]
        if len(points) > 1 and (begun := second - points[-1].second) < width:
            last, longer = points.pop(), width + max(0.0, begun)
            points[-1] = RatePoint(points[-1].second, longer, (points[-1].rows + last.rows) * width / longer)
        return tuple(points)

    def recent(self, second: float) -> float:
        """Returns the rows a second of the last ``RECENT`` seconds."""
        rows = sum(rows for moment, rows in self._recent if moment > second - RECENT)
        return rows / max(1.0, min(second, RECENT))


def _failed(event: SendProgress | ClueProgress) -> int:
    return event.counts.get(Status.FAILED, 0) if isinstance(event, SendProgress) else 0


class ProgressMeter:
    """Is told the events of a run, and gives its ``progress``. Both may be done by any thread.

    ``counts`` are the rows of the run as it was opened, ``limits`` are the permitted rates, ``clock`` gives
    seconds.
    """

    def __init__(self, counts: RowCounts, limits: Sequence[Limit] = (), clock: Callable[[], float] = time.monotonic) -> None:
        self._limits = limits
        self._clock = clock
        self._lock = threading.Lock()
        self._began = self._advanced = self._told = self._waited = clock()
        self._waiting: Waiting | None = None  # the last reason that was told
        self._before = Counter[str](counts.statuses)
        self._to_send = self._before.pop(Status.PENDING, 0)
        self._ended_before = sum(self._before[status] for status in ENDED)
        self._latest: SendProgress | ClueProgress = SendProgress(0, counts.calls, {})
        self._over_time = _RateOverTime()
        self._notices = deque[Message](maxlen=MOST_NOTICES)

    def __call__(self, event: Event) -> None:
        """Takes notice of an event."""
        with self._lock:
            if isinstance(event, Notice):
                self._notices.append(event.message)
            elif isinstance(event, SendProgress | ClueProgress):
                self._take(event)

    def _take(self, event: SendProgress | ClueProgress) -> None:
        self._told = self._clock()
        if type(event) is not type(self._latest):
            self._over_time = _RateOverTime()
            self._began = self._advanced = self._told
            self._waiting = None
            rows = went_well = event.done
        else:
            rows = event.done - self._latest.done
            went_well = rows - _failed(event) + _failed(self._latest)
        self._latest = event
        if rows > 0:
            self._over_time.add(self._told - self._began, rows)
        if went_well > 0:
            self._advanced = self._told
        if event.waiting is not None:
            self._waiting, self._waited = event.waiting, self._told

    def progress(self) -> Progress:
        """Returns how far the run has come by now."""
        with self._lock:
            now, event = self._clock(), self._latest
            is_reading = isinstance(event, ClueProgress)
            before = 0 if is_reading else self._ended_before
            seconds = now - self._began
            rate = self._over_time.recent(seconds)
            waiting = self._waiting_at(now)
            return Progress(
                done=before + event.done,
                total=before + event.total,
                counts=self._counts(event),
                is_reading=is_reading,
                points=self._over_time.points(seconds),
                rate=round(rate, 1),
                waiting=waiting,
                seconds_left=self._seconds_left(event, rate, seconds, waiting),
                seconds=int(seconds),
                notices=tuple(self._notices),
            )

    def _waiting_at(self, now: float) -> Waiting | None:
        """Returns why the run waits: also between two tries that come to nothing, but not while rows come to a good end."""
        waiting = self._waiting
        if waiting is None or (self._latest.waiting is None and now - self._waited > STANDSTILL):
            return None
        if waiting.reason is not WaitReason.RATE_SHARED and now - self._advanced < STANDSTILL:
            return None
        if waiting.seconds is None:
            return waiting
        return replace(waiting, seconds=math.ceil(max(0.0, waiting.seconds - (now - self._waited))))

    def _counts(self, event: SendProgress | ClueProgress) -> dict[str, int]:
        ended = Counter[str]() if isinstance(event, ClueProgress) else Counter[str](event.counts)
        pending = max(0, self._to_send - ended.total())
        return {
            status: number for status, number in (self._before + ended + Counter({Status.PENDING: pending})).items() if number
        }

    def _seconds_left(
        self, event: SendProgress | ClueProgress, rate: float, seconds: float, waiting: Waiting | None
    ) -> int | None:
        rows = event.total - event.done
        if not rows:
            return 0
        permitted = duration(rows, self._limits)
        if waiting is not None and (waiting.seconds is None or waiting.reason in OPEN_END):
            return None
        wait = waiting.seconds or 0.0 if waiting else 0.0
        if seconds < RECENT / 6 or not rate:
            return math.ceil(wait + permitted) if permitted else None
        return math.ceil(wait + max(permitted, rows / rate))


def progress_in_journal(counts: Mapping[str, int]) -> Progress:
    """Returns how far a run has come by the number of its rows in the journal with each status."""
    ended = sum(counts.get(status, 0) for status in ENDED)
    to_come = sum(counts.get(status, 0) for status in (*TO_COME, Status.NOT_SENT))
    return Progress(done=ended, total=ended + to_come, counts=counts)
