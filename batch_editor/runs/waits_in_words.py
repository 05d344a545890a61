"""The words for why a run waits, and for how long: a command line and a page say the same."""

from __future__ import annotations

import math

from ..events import Waiting
from ..model import Message


def waiting_message(waiting: Waiting) -> Message:
    """Returns the words for why a run waits."""
    values: dict[str, object] = {"time": Message("time.moment") if waiting.seconds is None else span(waiting.seconds)}
    if waiting.about is not None:
        values["reason"] = waiting.about
    return Message(f"progress.wait_{waiting.reason}", values)


def span(seconds: float) -> Message:
    """Returns the words for a length of time that counts down: exact seconds, then minutes, then tenths of an hour."""
    if seconds < 120:
        return Message("progress.seconds", {"seconds": math.ceil(seconds)})
    if seconds < 7200:
        return Message("progress.minutes", {"minutes": math.ceil(seconds / 60)})
    return Message("progress.hours", {"hours": f"{seconds / 3600:.1f}"})
