"""The pauses of a whole run: all its senders are held back for a while because the CRM said "too fast" (guide: crm)."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

from ..errors import OutOfPatience
from ..model import Message
from ..settings.sections import Rate
from .pace import Pace
from .shared_pace import SharedPace

#: The shortest pause, in seconds: with a Retry-After of 0 each time the patience of a run would never end.
SHORTEST = 1.0


class Pauses:
    """Those of one run, which any number of senders share. ``rate`` says how long they are, and for how long in all there is
    patience without one request getting through."""

    def __init__(self, rate: Rate, pace: Pace | SharedPace, notices: deque[Message], clock: Callable[[], float]) -> None:
        self._rate, self._pace, self._notices, self._clock = rate, pace, notices, clock
        self._lock = threading.Lock()
        self._number = 0  # of them, since a request last got through
        self._seconds = 0.0  # for which they lasted
        self._began = self._ends = float("-inf")  # the latest one

    def next_seconds(self, asked: float | None) -> float:
        """Returns how long a pause is that begins now: what Retry-After has ``asked`` for, else twice the last."""
        return self._rate.pause * 2.0 ** min(self._number, 30) if asked is None else max(asked, SHORTEST)

    def pause(self, began: float, asked: float | None, *, with_token: bool) -> float:
        """Holds every sender back since the CRM said "too fast" to a request that ``began`` then; returns for how many seconds
        from now. ``with_token`` was no call for a token: the CRM limits those by themselves.

        Answers to requests that were under way when a pause began belong to that pause, and can only make it longer.
        Raises ``OutOfPatience`` once ``rate.patience`` has been spent without one request getting through, or would be.
        """
        with self._lock:
            now = self._clock()
            begins = began > self._began  # equal where the clock is coarse
            seconds = self.next_seconds(asked) if begins else asked or 0.0
            remaining = max(0.0, self._ends - now)
            longer_by = seconds - remaining
            if begins or longer_by > 0:
                patience = self._rate.patience - self._seconds
                if patience <= 0 or (asked is not None and longer_by > patience):
                    raise OutOfPatience("halt.patience", seconds=round(self._seconds), asked=round(seconds))
                longer_by = min(longer_by, patience)
                self._seconds += longer_by
                remaining += longer_by
                self._ends = now + remaining
                self._notices.append(Message("notice.pause", {"seconds": round(remaining)}))
                if begins:
                    self._number += 1
                    self._began = now
                    if with_token and (share := self._pace.too_fast()):
                        self._notices.append(Message("notice.slower", {"percent": round(100 * share)}))
        self._pace.hold(remaining)
        return remaining

    def went_through(self) -> None:
        """Takes notice that a request got through: the next pause is a first one."""
        with self._lock:
            self._number, self._seconds = 0, 0.0
