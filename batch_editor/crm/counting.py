"""Which of the permitted rates count at a moment, where some count within their hours of the day alone (guide: crm).

A limit counts for every window that touches its hours, be it for a moment: from its window before they begin until its window
after they have ended. At the borders the limits of both hours count therefore, and no window holds too many for either.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from ..settings.limits import Limit

#: Seconds by which every window is kept longer than it is.
MARGIN = 0.015

#: Limits count for so many seconds more before and after their hours, since the clock of the CRM may differ from this one.
SKEW = 5.0


@dataclass(frozen=True, slots=True)
class Counting:
    """The limits that count from ``begins`` until ``ends``, in seconds of the calendar, those of the fewest requests first; the
    seconds of their ``shortest`` window, and the ``interval`` between two requests that spreads them evenly over it."""

    limits: tuple[Limit, ...]
    begins: float
    ends: float
    shortest: float = field(init=False)
    interval: float = field(init=False)

    def __post_init__(self) -> None:
        shortest = min((limit.window for limit in self.limits), default=0.0)
        intervals = [(limit.window + MARGIN) / limit.count for limit in self.limits if limit.window == shortest]
        object.__setattr__(self, "shortest", shortest)
        object.__setattr__(self, "interval", max(intervals, default=0.0))


class Timetable:
    """Says which of ``limits`` count at a moment. It remembers its last answer and is asked by one thread at a time."""

    def __init__(self, limits: Sequence[Limit]) -> None:
        self._limits = sorted(limits, key=lambda limit: limit.count)
        #: Whether it depends on the time of day which of them count.
        self.has_hours = any(limit.hours for limit in limits)
        always = () if self.has_hours else tuple(self._limits)
        self._last = Counting(always, math.inf if self.has_hours else -math.inf, math.inf)

    def at(self, moment: float) -> Counting:
        """Returns what counts at ``moment``, in seconds of the calendar."""
        if not self._last.begins <= moment < self._last.ends:
            self._last = self._look_up(moment)
        return self._last

    def _look_up(self, moment: float) -> Counting:
        limits = list[Limit]()
        borders = list[float]()
        for limit in self._limits:
            reach = limit.window + MARGIN + SKEW
            stretches = [(begins - reach, ends + reach) for begins, ends in limit.hours.around(moment)] if limit.hours else []
            borders += [border for stretch in stretches for border in stretch]
            if limit.hours is None or any(begins <= moment < ends for begins, ends in stretches):
                limits.append(limit)
        return Counting(
            tuple(limits),
            max(border for border in borders if border <= moment),
            min(border for border in borders if border > moment),
        )
