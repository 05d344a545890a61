"""The moment until which a run works: which one is meant by a time of day, and that the run stops then (guide: night)."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from ..errors import SettingsError, stopped
from ..events import Event
from ..journal.machine import steady_clock
from ..settings.hours import time_of_day
from ..stop import Stop
from .watch import Watch

#: Seconds between two looks at the clocks.
LOOK_EVERY = 1.0


def next_moment(text: str, zone: ZoneInfo, now: datetime | None = None) -> datetime:
    """Returns the next moment after ``now`` at the time of day in ``zone`` that ``text`` says, such as ``06:30``. Raises
    ``SettingsError`` for what is no time of day."""
    wanted_time = time_of_day(text)
    if wanted_time is None:
        raise SettingsError("until.no_time", given=text)
    now = now.astimezone(zone) if now else datetime.now(zone)
    today = now.replace(hour=wanted_time.hour, minute=wanted_time.minute, second=0, microsecond=0, fold=0)
    moments = (today + timedelta(days=days) for days in range(3))
    return next(moment for moment in moments if moment.timestamp() > now.timestamp())


class Deadline(Watch):
    """Asks a run to stop at the moment ``until``, while its block is at work: planning, reading, sending or waiting.

    The moment has come as soon as the time of day says so, or as many seconds have passed as there were until then, also while
    the machine slept: a clock that is set meanwhile lets nothing go on for longer. ``clock`` gives seconds that nobody can set,
    ``wall_clock`` those of the time of day. Use it as a context manager.
    """

    def __init__(
        self,
        until: datetime,
        stop: Stop,
        *,
        clock: Callable[[], float] | None = None,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        if until.tzinfo is None:
            raise SettingsError("until.no_zone", given=until.isoformat())
        super().__init__("deadline")
        self._until = until
        self._stop = stop
        self._clock = clock or steady_clock()
        self._wall_clock = wall_clock
        self._ends = self._clock() + until.timestamp() - wall_clock()

    def __enter__(self) -> Self:
        self.look()  # nothing begins once the moment has come
        return super().__enter__()

    def look(self) -> bool:
        """Returns whether the moment has come, and asks the run to stop if it has."""
        if self._seconds_left() > 0:
            return False
        self._stop.end(self._until)
        return True

    def _seconds_left(self) -> float:
        return min(self._until.timestamp() - self._wall_clock(), self._ends - self._clock())

    def seconds_to_next_look(self) -> float:
        return max(0.0, min(LOOK_EVERY, self._seconds_left()))


def working_until(until: datetime | None, stop: Stop) -> AbstractContextManager[object]:
    """Returns the block in which there is work until that moment, if one is given. Raises ``SettingsError`` for a moment
    without a zone."""
    return Deadline(until, stop) if until else nullcontext()


def ending(on_event: Callable[[Event], None], stop: Stop) -> Callable[[Event], None]:
    """Returns what tells events, and raises ``TimeIsUp`` once the time is up, where nothing else looks whether it is."""

    def tell(event: Event) -> None:
        on_event(event)
        if stop.ended_at is not None:
            raise stopped(stop)

    return tell
