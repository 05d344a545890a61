"""What is told of a night, in words: the verdict first, then the counts, the first problems, and what to do now.

What a cell holds is somebody's personal data, and is not told: its address and what is wrong with it are enough to find it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

from ..journal.machine import machine_name
from ..journal.nights import PastNight
from ..messages import Lang, say
from ..messages.time import spoken
from ..messages.visible import visible
from ..model import SUMMARY_STATUSES, Message
from ..runs.unfinished import UnfinishedRun
from .outcome import Outcome
from .text import Text, shortened, shortened_within

#: So many problems, reasons and days are told, and so many characters of one line.
MOST_PROBLEMS, MOST_REASONS, MOST_DAYS, LONGEST_LINE, LONGEST_NAME = 5, 3, 10, 600, 60
#: The values of a problem that show what its cell holds.
_OF_CELLS = frozenset({"value", "text", "texts", "cell", "cells", "live", "held", "shown", "theirs", "ours", "examples"})


class News(StrEnum):
    """Why a night is told."""

    BAD = "bad"  # it did not end well
    UNFINISHED = "unfinished"  # it ended well, but something of an earlier one is still to be looked at
    WELL_AGAIN = "well_again"  # it ended well, and the one before it did not
    WEEKLY = "weekly"  # it ended well, like the one before it; told once a week
    WELL = "well"  # the same on any other day: nobody is told but a heartbeat


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is told of a night beside its outcome: what it was about and when, and what is known of the nights before it.

    ``last`` is the night before it, ``cut_off`` those that have ended without a word, ``unfinished`` the runs that nobody has
    gone on with. ``week`` are the nights since ``since``, this one included, where they are told.
    """

    series: str
    source: str
    began: datetime
    ended: datetime
    zone: ZoneInfo
    last: PastNight | None = None
    cut_off: Sequence[PastNight] = ()
    unfinished: Sequence[UnfinishedRun] = ()
    since: date | None = None
    week: Sequence[PastNight] = field(default=())


def text_of(news: News, outcome: Outcome, night: Circumstances, lang: Lang) -> Text:
    """Returns what is told of a night."""
    words = _Words(outcome, night, lang)
    lines, problems, ending = words.lines(news), words.problems(), words.ending(news)
    record = {"event": news.value, "well": outcome.is_well, "verdict": words.title(news), **words.record()}
    return Text(words.title(news), lines, problems, ending, record)


def sample(lang: Lang, now: datetime) -> Text:
    """Returns what a target is sent to try it out."""
    lines = [say(Message("telling.sample_of", {"machine": machine_name(), "time": f"{now:%Y-%m-%d %H:%M}"}), lang)]
    title, ending = say(Message("telling.sample"), lang), [say(Message("telling.sample_do"), lang)]
    return Text(title, lines, (), ending, {"event": "test", "well": True, "verdict": title})


class _Words:
    def __init__(self, outcome: Outcome, night: Circumstances, lang: Lang) -> None:
        self._outcome, self._night, self._lang = outcome, night, lang

    def _say(self, key: str, **values: object) -> str:
        text = " ".join(say(Message(key, values), self._lang).split())
        return shortened(text, LONGEST_LINE)

    def _time(self, moment: datetime | str) -> str:
        if isinstance(moment, str):
            moment = datetime.fromisoformat(moment)
        return f"{moment.astimezone(self._night.zone):%Y-%m-%d %H:%M}"

    def title(self, news: News) -> str:
        """The verdict."""
        name = _short(Path(self._night.source).name or self._night.source)
        if news is News.WEEKLY:
            well = sum(night.is_well for night in self._night.week)
            key = "night.weekly" if well == len(self._night.week) else "night.weekly_some"
            return self._say(key, name=_short(Path(self._night.series).name), nights=len(self._night.week), well=well)
        if news is not News.BAD:
            return self._say(f"night.{news}", name=name)
        return self._say(f"night.bad_{self._badness()}", name=name, rows=self._rows_of_badness())

    def _badness(self) -> str:
        outcome = self._outcome
        if outcome.reason in ("crash", "interrupted"):
            return outcome.reason
        if outcome.exit_code == 1:
            return "rows" if self._bad_rows() else "unwritten"
        if outcome.exit_code == 3:
            return "stopped" if self._rows_of_badness() else "stopped_unknown"
        return {4: "under_way"}.get(outcome.exit_code, "refused")

    def _bad_rows(self) -> int:
        return sum(self._outcome.counts.get(status, 0) for status in ("invalid", "conflict", "rejected", "failed"))

    def _rows_of_badness(self) -> int:
        return (
            self._bad_rows() if self._outcome.exit_code == 1 else self._outcome.left or self._outcome.counts.get("not_sent", 0)
        )

    def lines(self, news: News) -> list[str]:
        """Why, how many rows, how long; and what is known of the nights before."""
        outcome, night = self._outcome, self._night
        lines = [self._say("night.why", why=outcome.why)] if outcome.why and news is News.BAD else []
        if news is News.WEEKLY:
            return [*lines, *self._week()]
        if outcome.rows or any(outcome.counts.values()):
            lines.append(self._counts(outcome.counts, outcome.rows or sum(outcome.counts.values())))
        took = (night.ended - night.began).total_seconds()
        lines.append(self._say("night.when", began=self._time(night.began), took=spoken(max(0.0, took))))
        lines += [self._say("night.reason", rows=rows, reason=reason) for rows, reason in outcome.reasons[:MOST_REASONS]]
        if news is News.WELL_AGAIN and night.last is not None and night.last.ended is not None:
            last = {"name": _short(Path(night.last.source).name), "began": self._time(night.last.began)}
            lines.append(self._say("night.last", **last, exit_code=night.last.exit_code, reason=night.last.reason or ""))
        lines += [self._say("night.cut_off", began=self._time(before.began)) for before in night.cut_off]
        lines += [self._unfinished(run) for run in night.unfinished]
        return lines

    def _counts(self, counts: Mapping[str, int], rows: int) -> str:
        parts = [
            f"{say(Message(f'status.{status}'), self._lang)} {counts[status]}"
            for status in SUMMARY_STATUSES
            if counts.get(status)
        ]
        return self._say("night.counts", rows=rows, counts=("、" if self._lang == "zh" else ", ").join(parts))

    def _week(self) -> list[str]:
        night, counts = self._night, Counter[str]()
        for of_week in night.week:
            counts.update(of_week.counts)
        days = {datetime.fromisoformat(of_week.began).astimezone(night.zone).date() for of_week in night.week}
        today = night.ended.astimezone(night.zone).date()
        first = night.since or min(days, default=today)
        missing = [first + timedelta(n) for n in range((today - first).days + 1) if first + timedelta(n) not in days]
        well = sum(of_week.is_well for of_week in night.week)
        lines = [self._say("night.of_week", first=first, last=today, nights=len(night.week), well=well)]
        if missing:
            shown = ", ".join(f"{day:%m-%d}" for day in missing[:MOST_DAYS]) + ("…" if len(missing) > MOST_DAYS else "")
            lines.append(self._say("night.missing", days=len(missing), which=shown))
        else:
            lines.append(self._say("night.no_missing"))
        lines.append(self._counts(counts, counts.total()) if counts.total() else self._say("night.no_rows"))
        return lines

    def _unfinished(self, of: UnfinishedRun) -> str:
        run = of.run
        values = {"run": run.name, "name": _short(Path(run.source).name), "started": self._time(run.started)}
        return self._say("night.unfinished_run", **values, left=of.left)

    def problems(self) -> list[str]:
        """The first problems of the sheet with their cells."""
        groups = self._outcome.problems
        if not groups:
            return []
        lines = [self._say("night.problems")]
        for group in groups[:MOST_PROBLEMS]:
            what = _without_cells(group.first.sentence)
            key = "night.problem" if group.number == 1 else "night.problem_often"
            lines.append(self._say(key, place=group.place, what=what, number=group.number))
        if len(groups) > MOST_PROBLEMS:
            lines.append(self._say("night.more_problems", number=len(groups) - MOST_PROBLEMS))
        return lines

    def ending(self, news: News) -> list[str]:
        """Where the results are, and what to do now."""
        outcome, night = self._outcome, self._night
        lines = [self._say("night.results", path=outcome.results)] if outcome.results else []
        if outcome.check_sheet:
            lines.append(self._say("night.check_sheet", path=outcome.check_sheet))
        lines.append(self._say("night.where", series=night.series, machine=machine_name()))
        if news is News.BAD:
            lines.append(self._say(f"night.do_{self._badness()}", run=outcome.run or ""))
        if night.unfinished:
            lines.append(self._say("night.do_unfinished", run=night.unfinished[0].run.name))
        elif news is News.UNFINISHED:
            lines.append(self._say("night.do_cut_off"))
        elif news is not News.BAD:
            lines.append(self._say("night.do_nothing"))
        return lines

    def record(self) -> dict[str, object]:
        """The same for programs."""
        outcome, night = self._outcome, self._night
        return {
            "series": night.series,
            "source": night.source,
            "machine": machine_name(),
            "run": outcome.run,
            "exit_code": outcome.exit_code,
            "reason": outcome.reason,
            "error": say(outcome.why, self._lang) if outcome.why else None,
            "began": night.began.isoformat(timespec="seconds"),
            "ended": night.ended.isoformat(timespec="seconds"),
            "rows": outcome.rows,
            **{status: outcome.counts.get(status, 0) for status in SUMMARY_STATUSES},
            "left": outcome.left,
            "results": str(outcome.results) if outcome.results else None,
            "check_sheet": str(outcome.check_sheet) if outcome.check_sheet else None,
            "reasons": [{"rows": rows, "reason": say(reason, self._lang)} for rows, reason in outcome.reasons],
            "problems": [
                {
                    "cell": self._say("verbatim", text=group.place),
                    "problem": say(_without_cells(group.first.sentence), self._lang),
                }
                | {"cells": group.number}
                for group in outcome.problems[:MOST_PROBLEMS]
            ],
            "unfinished": [of.as_json() for of in night.unfinished],
            "cut_off": [before.began for before in night.cut_off],
            "nights": len(night.week),
            "nights_well": sum(of_week.is_well for of_week in night.week),
        }


def _short(name: str) -> str:
    return shortened_within(visible(name), LONGEST_NAME)


def _without_cells(message: Message) -> Message:
    """Returns what is wrong with a cell, without what it holds."""
    values = {
        name: _without_cells(value) if isinstance(value, Message) else "…" if name in _OF_CELLS else value
        for name, value in message.values.items()
    }
    return replace(message, values=values)
