"""What is told of a night, in words: the verdict first, then the counts, the first problems, and what to do now.

What a cell holds is somebody's personal data, and is not told: its address and what is wrong with it are enough to find it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

from ..journal.machine import machine_name
from ..journal.nights import PastNight
from ..messages import Lang, say
from ..messages.time import spoken
from ..messages.visible import visible
from ..model import SUMMARY_STATUSES, Message
from ..runs.unfinished import UnfinishedRun
from ..settings.zones import minute_in
from .advice import Badness, bad_rows, badness, rows_left, what_to_do
from .circumstances import Circumstances, News
from .outcome import Outcome
from .text import Text, shortened, shortened_within

#: So many problems, reasons, days, and nights or runs of before are told, and so many characters of a line and of a name.
MOST_PROBLEMS = 5
MOST_REASONS = 3
MOST_DAYS = 10
MOST_BEFORE = 5
LONGEST_LINE = 600
LONGEST_NAME = 60
#: The values of a problem that show what its cell holds.
_OF_CELLS = frozenset({"value", "text", "texts", "cell", "cells", "live", "held", "shown", "theirs", "ours", "examples"})


def text_of(news: News, outcome: Outcome, night: Circumstances, lang: Lang) -> Text:
    """Returns what is told of a night."""
    words = _Words(outcome, night, lang)
    lines = words.lines(news)
    problems = words.problems()
    ending = words.ending(news)
    record = {"event": news.value, "well": outcome.is_well, "verdict": words.title(news), **words.record()}
    return Text(words.title(news), lines, problems, ending, record)


def sample(lang: Lang, now: datetime) -> Text:
    """Returns what a target is sent to try it out."""
    lines = [say(Message("telling.sample_of", {"machine": machine_name(), "time": f"{now:%Y-%m-%d %H:%M}"}), lang)]
    title = say(Message("telling.sample"), lang)
    ending = [say(Message("telling.sample_do"), lang)]
    return Text(title, lines, (), ending, {"event": "test", "well": True, "verdict": title})


class _Words:
    def __init__(self, outcome: Outcome, night: Circumstances, lang: Lang) -> None:
        self._outcome = outcome
        self._night = night
        self._lang = lang

    def _say(self, key: str, **values: object) -> str:
        text = " ".join(say(Message(key, values), self._lang).split())
        return shortened(text, LONGEST_LINE)

    def _time(self, moment: datetime | str) -> str:
        return minute_in(self._night.zone, moment)

    def title(self, news: News) -> str:
        """The verdict."""
        night = self._night
        name = self._name(night.source)
        if news is News.WEEKLY:
            key = "night.weekly" + ("_inbox" if night.in_inbox else "")
            key += "" if all(of_week.is_well for of_week in night.week) else "_some"
            return self._say(key, name=_short(Path(night.series).name or night.series), **self._numbers_of_week())
        if news is News.WELL_AGAIN:
            is_at_once = night.last is not None and not night.last.is_well
            return self._say("night.well_again" if is_at_once else "night.well_again_since", name=name)
        if news is News.UNFINISHED and not night.unfinished:
            return self._say("night.after_cut_off", name=name)
        if news is not News.BAD:
            return self._say(f"night.{news}", name=name)
        kind = badness(self._outcome, night)
        rows = bad_rows(self._outcome.counts) if kind is Badness.ROWS else rows_left(self._outcome)
        return self._say(f"night.bad_{kind}", name=name, rows=rows)

    def _name(self, source: str) -> str:
        return self._say("night.stdin") if source == "-" else _short(Path(source).name or source)

    def lines(self, news: News) -> list[str]:
        """Why, how many rows, how long; and what is known of the nights before."""
        outcome = self._outcome
        night = self._night
        lines = [self._say("night.why", why=outcome.why)] if outcome.why and news is News.BAD else []
        if news is News.WEEKLY:
            return [*lines, *self._week()]
        if outcome.rows or any(outcome.counts.values()):
            lines.append(self._counts(outcome.counts, outcome.rows or sum(outcome.counts.values())))
        took = (night.ended - night.began).total_seconds()
        lines.append(self._say("night.when", began=self._time(night.began), took=spoken(max(0.0, took))))
        lines += [self._say("night.reason", rows=rows, reason=reason) for rows, reason in outcome.reasons[:MOST_REASONS]]
        if news is News.WELL_AGAIN and night.before is not None and night.before.ended is not None:
            last = {"name": self._name(night.before.source), "began": self._time(night.before.began)}
            lines.append(self._say("night.last", **last, exit_code=night.before.exit_code, reason=night.before.reason or ""))
        lines += [self._say("night.cut_off", began=self._time(before.began)) for before in night.cut_off[-MOST_BEFORE:]]
        lines += [self._unfinished(run) for run in night.unfinished[:MOST_BEFORE]]
        if len(night.unfinished) > MOST_BEFORE:
            lines.append(self._say("night.more_unfinished", runs=len(night.unfinished) - MOST_BEFORE))
        return lines

    def _counts(self, counts: Mapping[str, int], rows: int) -> str:
        parts = [
            f"{say(Message(f'status.{status}'), self._lang)} {counts[status]}"
            for status in SUMMARY_STATUSES
            if counts.get(status)
        ]
        return self._say("night.counts", rows=rows, counts=("、" if self._lang == "zh" else ", ").join(parts))

    def _numbers_of_week(self) -> dict[str, int]:
        """How many nights the week had, or sheets of an inbox, how many were well, and on how many days they were."""
        night = self._night
        counted = [of_week for of_week in night.week if not night.in_inbox or of_week.source != of_week.series]
        days = {self._day(of_week) for of_week in counted}
        return {"nights": len(counted), "days": len(days), "well": sum(of_week.is_well for of_week in counted)}

    def _day(self, night: PastNight) -> date:
        return datetime.fromisoformat(night.began).astimezone(self._night.zone).date()

    def _week(self) -> list[str]:
        night = self._night
        counts = Counter[str]()
        end = "_inbox" if self._night.in_inbox else ""
        for of_week in night.week:
            counts.update(of_week.counts)
        others = [of_week for of_week in night.week if night.in_inbox and of_week.source == of_week.series]
        days = {self._day(of_week) for of_week in night.week if of_week not in others}
        today = night.ended.astimezone(night.zone).date()
        first = night.since or min(days, default=today)
        missing = [first + timedelta(n) for n in range((today - first).days + 1) if first + timedelta(n) not in days]
        lines = [self._say(f"night.of_week{end}", first=first, last=today, **self._numbers_of_week())]
        if missing:
            shown = ", ".join(f"{day:%m-%d}" for day in missing[:MOST_DAYS]) + ("…" if len(missing) > MOST_DAYS else "")
            lines.append(self._say(f"night.missing{end}", days=len(missing), which=shown))
        else:
            lines.append(self._say(f"night.no_missing{end}"))
        if without_sheet := sum(not other.is_well for other in others):
            lines.append(self._say("night.bad_passes", times=without_sheet))
        lines.append(self._counts(counts, counts.total()) if counts.total() else self._say("night.no_rows"))
        return lines

    def _unfinished(self, of: UnfinishedRun) -> str:
        run = of.run
        values = {"run": run.name, "name": self._name(run.source), "started": self._time(run.started)}
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
        outcome = self._outcome
        night = self._night
        lines = [self._say("night.results", path=outcome.results)] if outcome.results else []
        if outcome.check_sheet:
            lines.append(self._say("night.check_sheet", path=outcome.check_sheet))
        lines.append(self._say("night.where", series=night.series, machine=machine_name()))
        return lines + [self._say(step.key, **step.values) for step in what_to_do(news, outcome, night)]

    def record(self) -> dict[str, object]:
        """The same for programs."""
        outcome = self._outcome
        night = self._night
        bad_days = {self._day(of_week) for of_week in night.week if not of_week.is_well}
        days = {self._day(of_week) for of_week in night.week}
        numbers = {"nights": len(night.week), "nights_well": sum(of_week.is_well for of_week in night.week)}
        if night.in_inbox:
            sheets = self._numbers_of_week()
            numbers = {"nights": len(days), "nights_well": len(days - bad_days)}
            numbers |= {"sheets": sheets["nights"], "sheets_well": sheets["well"]}
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
            "went_to": str(outcome.went_to) if outcome.went_to else None,
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
            **numbers,
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
