"""Moments: as texts of ISO 8601 with their offset, as people see them, and as numbers, as the journal's tables hold them."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta, timezone
from functools import lru_cache

#: A moment as the tables hold it: whole seconds since 1970 (None for none), the offset of its text from UTC in seconds, and the
#: text itself where it is not made of the two, as when somebody has changed it in a results sheet that comes in again.
Moment = tuple[int | None, int | None, str]


def now() -> str:
    """Returns this moment as ISO 8601 with the local offset, to the second."""
    return datetime.now().astimezone().isoformat(timespec="seconds")


@lru_cache(256)  # rows that are sent or shown one after the other have the moments of a few seconds
def moment_of(text: str) -> Moment:
    """Returns a text of ISO 8601 with an offset as the tables hold it; any other text is kept, and has no number."""
    if not text:  # as of nearly all rows that are planned
        return None, None, ""
    with suppress(ValueError, OverflowError):
        time = datetime.fromisoformat(text)
        if (offset := time.utcoffset()) is not None:
            moment = int(time.timestamp() // 1), round(offset.total_seconds()), ""
            return moment if text_of(*moment) == text else (*moment[:2], text)
    return None, None, text


@lru_cache(256)
def text_of(seconds: int | None, offset: int | None, text: str) -> str:
    """Returns the text that ``moment_of`` was given."""
    if text or seconds is None or offset is None:
        return text
    return datetime.fromtimestamp(seconds, timezone(timedelta(seconds=offset))).isoformat(timespec="seconds")


def seconds_of(text: str) -> int:
    """Returns the seconds since 1970 of a text of ISO 8601 with an offset. Raises ``ValueError`` for any other text."""
    seconds, _, _ = moment_of(text)
    if seconds is None:
        raise ValueError(f"{text!r} is no time of ISO 8601 with an offset")
    return seconds
