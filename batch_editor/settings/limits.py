"""A permitted rate: so many requests within a time, as people write it in the settings. The pace is kept in ``crm/pace``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .hours import Hours

#: The most requests that a limit can permit in its window.
MOST_REQUESTS = 999_999_999


@dataclass(frozen=True, slots=True)
class Limit:
    """A permitted rate: at most ``count`` requests in any sliding window of ``window`` seconds, or in any that touches its
    ``hours`` of the day."""

    count: int
    window: float
    hours: Hours | None = None

    @classmethod
    def parse(cls, text: str) -> Limit:
        """The limit that ``5/second``, ``300/minute``, ``N/hour`` or ``N/day`` says; ValueError for any other text."""
        match = re.fullmatch(r"\s*([0-9]{1,12})\s*/\s*(second|minute|hour|day)\s*", text, re.ASCII)
        if not match or not 1 <= int(match[1]) <= MOST_REQUESTS:
            raise ValueError(
                f'"{text}" is not a limit such as 5/second: a whole number from 1, and second, minute, hour or day'
            )
        return cls(int(match[1]), WINDOWS[match[2]])


#: The windows a rate can be given for, in seconds.
WINDOWS = {"second": 1.0, "minute": 60.0, "hour": 3600.0, "day": 86400.0}
