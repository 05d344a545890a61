"""A length of time in words."""

from __future__ import annotations

import math

from ..model import Message


def spoken(seconds: float) -> Message:
    """Returns the words for so many seconds: whole seconds or minutes, rounded up, or tenths of an hour or, from two
    days on, of a day."""
    if seconds < 1:
        return Message("time.moment")
    if seconds < 120:
        return Message("time.seconds", {"seconds": math.ceil(seconds)})
    if seconds < 7200:
        return Message("time.minutes", {"minutes": math.ceil(seconds / 60)})
    if seconds < 172_800:
        return Message("time.hours", {"hours": f"{seconds / 3600:.1f}"})
    return Message("time.days", {"days": f"{seconds / 86_400:.1f}"})
