"""Hours of the day, from one time of day to another, also across midnight: the settings' ``from`` and ``to`` (guide: night).

They are hours of the calendar in a zone, so that their borders are found day by day: a day may have 23 or 25 hours.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

_TIME_OF_DAY = re.compile(r"([0-9]{1,2}):([0-9]{2})")


def time_of_day(text: str) -> time | None:
    """Returns the time of day that ``text`` says, such as ``06:30``; None for any other text."""
    match = _TIME_OF_DAY.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if not match or int(match[1]) > 23 or int(match[2]) > 59:
        return None
    return time(int(match[1]), int(match[2]))


@dataclass(frozen=True, slots=True)
class Hours:
    """The hours of each day from ``begins`` to ``ends`` in ``zone``; those that end first on the clock last past midnight."""

    begins: time
    ends: time
    zone: ZoneInfo

    def around(self, moment: float) -> Iterator[tuple[float, float]]:
        """Yields when these hours begin and end, in seconds of the calendar, for all days near ``moment``, in order."""
        today = datetime.fromtimestamp(moment, self.zone).date()
        for days in range(-3, 4):
            first = today + timedelta(days)
            last = first if self.begins < self.ends else first + timedelta(1)
            begins = datetime.combine(first, self.begins, self.zone).timestamp()
            yield begins, max(begins, datetime.combine(last, self.ends, self.zone).timestamp())

    @property
    def others(self) -> Hours:
        """All other hours of the day."""
        return Hours(self.ends, self.begins, self.zone)
