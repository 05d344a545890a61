"""What is told of a night beside what it came to: why it is told, what it was about, and what is known of the nights before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

from ..journal.nights import PastNight
from ..runs.unfinished import UnfinishedRun


class News(StrEnum):
    """Why a night is told."""

    BAD = "bad"  # it did not end well
    UNFINISHED = "unfinished"  # it ended well, but something of an earlier one is still to be looked at
    WELL_AGAIN = "well_again"  # it ended well, and what was told before was not
    WEEKLY = "weekly"  # it ended well, like the one before it; told once a week
    WELL = "well"  # the same on any other day: nobody is told but a heartbeat


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is told of a night beside its outcome: what it was about and when, and what is known of the nights before it.

    ``config`` is the settings file of the job, if it has one; ``in_inbox`` says that the series is that of a folder, and the
    ``source`` a sheet in it, or the folder itself. ``last`` is the night before it, and ``trouble`` the one that was the last
    thing people were told of, where that was bad; ``cut_off`` are those that have ended without a word, ``unfinished`` the runs
    that nobody has gone on with. ``week`` are the nights since ``since``, this one included, where they are told.
    """

    series: str
    source: str
    began: datetime
    ended: datetime
    zone: ZoneInfo
    config: Path | None = None
    in_inbox: bool = False
    last: PastNight | None = None
    trouble: PastNight | None = None
    cut_off: Sequence[PastNight] = ()
    unfinished: Sequence[UnfinishedRun] = ()
    since: date | None = None
    week: Sequence[PastNight] = field(default=())

    @property
    def before(self) -> PastNight | None:
        """The night after which this one, if it went well, is well again; None if there is none."""
        return self.last if self.last is not None and not self.last.is_well else self.trouble
