"""What the nights before a night have to do with it, and whether, and why, it is told.

Told is a night that somebody has to do something about; the first one that is well again, also where that comes later than the
night after, since a run was to be gone on with first; and where that is wanted once a week that all is well. A night that is
well like the one before it is told nobody.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, time, timedelta

from ..journal.journal import Journal
from ..journal.nights import PastNight
from ..runs.unfinished import unfinished_runs
from ..settings.settings import Settings
from .circumstances import Circumstances, News
from .outcome import Outcome

#: Days from one night of which it is told that all is well to the next one, counted by the calendar.
WEEK = 7


def with_earlier(
    journal: Journal, night: Circumstances, number: int, settings: Settings, tonight: Iterable[str]
) -> Circumstances:
    """Returns ``night``, which has this ``number`` in the journal, with what the journal knows of earlier ones; ``tonight`` are
    the runs of which it is told anyway."""
    nights = journal.nights
    night = replace(
        night,
        last=nights.last(night.series, before=number),
        trouble=_trouble(journal, night.series, number),
        cut_off=nights.cut_off(night.series, before=number),
        unfinished=unfinished_runs(journal, night.series, settings, but=tonight),
    )
    return _with_week(journal, night) if any(target.weekly for target in settings.notify) else night


def _with_week(journal: Journal, night: Circumstances) -> Circumstances:
    """Returns ``night`` with the nights since the last time that it was told that all is well, if that is a week ago. Where it
    never was, people know nothing yet of what was earlier than a week."""
    nights = journal.nights
    weekly = nights.last_told(night.series, News.WEEKLY)
    start = weekly or nights.first(night.series)
    if start is None:
        return night
    since = datetime.fromisoformat(start.began)
    first_day = since.astimezone(night.zone).date()
    today = night.began.astimezone(night.zone).date()
    if (today - first_day).days < WEEK:
        return night
    if weekly is None:
        first_day = max(first_day, today - timedelta(days=WEEK))
        since = max(since, datetime.combine(first_day, time(), night.zone))
    week = [of_week for of_week in nights.since(night.series, since) if weekly is None or of_week.id > weekly.id]
    return replace(night, since=first_day, week=week)


def _trouble(journal: Journal, series: str, number: int) -> PastNight | None:
    """Returns the last night before ``number`` of which it was told that it is bad or well, if that is bad."""
    last_told = journal.nights.last_told(series, News.BAD, News.WELL_AGAIN, News.WEEKLY, before=number)
    return last_told if last_told is not None and not last_told.is_well else None


def news_of(outcome: Outcome, night: Circumstances) -> News | None:
    """Returns why a night is told; None if it is not."""
    if not outcome.is_well:
        return News.BAD
    if night.unfinished or night.cut_off:
        return News.UNFINISHED
    if night.before is not None:
        return News.WELL_AGAIN
    return News.WEEKLY if night.since is not None else None
