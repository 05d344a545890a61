"""What the nights before a night have to do with it, and whether, and why, it is told.

Told is a night that somebody has to do something about, the first one that is well again, and where that is wanted once a week
that all is well. A night that is well like the one before it is told nobody.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from ..journal.journal import Journal
from ..model import Run, RunState
from .outcome import Outcome
from .words import Circumstances, News

#: Days from one night of which it is told that all is well to the next one, counted by the calendar.
WEEK = 7


def with_earlier(journal: Journal, night: Circumstances, number: int, run: str | None) -> Circumstances:
    """Returns ``night``, which has this ``number`` in the journal and came to ``run``, with what the journal knows of earlier
    ones."""
    nights = journal.nights
    weekly = nights.last_told(night.series, News.WEEKLY)
    start = weekly or nights.first(night.series)
    night = replace(
        night,
        last=nights.last(night.series, before=number),
        cut_off=nights.cut_off(night.series, before=number),
        unfinished=[earlier for earlier in journal.runs() if _is_unfinished(earlier, night.series) and earlier.name != run],
    )
    if start is None:
        return night
    since = datetime.fromisoformat(start.began)
    first_day = since.astimezone(night.zone).date()
    if (night.began.astimezone(night.zone).date() - first_day).days < WEEK:
        return night
    week = [of_week for of_week in nights.since(night.series, since) if weekly is None or of_week.id > weekly.id]
    return replace(night, since=first_day, week=week)


def _is_unfinished(run: Run, series: str) -> bool:
    """Returns whether a run of the ``series`` has ended early, and nobody has gone on with it or dismissed it."""
    return run.series == series and run.state in (RunState.STOPPED, RunState.INTERRUPTED) and not run.dismissed


def news_of(outcome: Outcome, night: Circumstances) -> News | None:
    """Returns why a night is told; None if it is not."""
    if not outcome.is_well:
        return News.BAD
    if night.unfinished or night.cut_off:
        return News.UNFINISHED
    if night.last is not None and not night.last.is_well:
        return News.WELL_AGAIN
    return News.WEEKLY if night.since is not None else None
