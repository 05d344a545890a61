"""A month of nights, drawn at random, against what the issue of it says in a few lines: who is told what, and nothing else.

A small model knows of each night only how it ended, and which messages arrived. Nothing goes over the network.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from itertools import chain, repeat
from pathlib import Path
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from support import jobs

from batch_editor.model import Message
from batch_editor.notify.night import Night, Tonight
from batch_editor.notify.outcome import Outcome
from batch_editor.notify.telling import Telling
from batch_editor.notify.text import Text
from batch_editor.runs.journal_file import open_journal
from batch_editor.stop import Stop

SERIES = "/srv/in"
FIRST = datetime(2026, 11, 1, 2, 30, tzinfo=timezone(timedelta(hours=8)))
SHAPE = {"base_url": "u", "app": "", "sheet": "", "digest": "", "headings": [], "settings": {}, "options": {}}
WELL, ROWS, REFUSED, STOPPED, KILLED = "well", "rows", "refused", "stopped", "killed"
CODES = {WELL: 0, ROWS: 1, REFUSED: 2, STOPPED: 3}


@dataclass
class Target(Telling):
    """A target that hears, or not, as the test says."""

    hears: bool = True
    told: list[str] = field(default_factory=list)

    def __init__(self, targets: Any) -> None:
        super().__init__(targets, "en", stop=Stop())
        self.told = []
        self.hears = True

    def tell(self, text: Text, *, weekly: bool = False) -> dict[int, Message | None]:
        """Takes note of what is told."""
        self.told.append(str(text.record["event"]))
        return {1: None if self.hears else Message("net.lost")}


@dataclass
class Model:
    """What people know, and what they would want to be told next."""

    first: date | None = None
    weekly: date | None = None
    heard_trouble: bool = False  # the last thing they heard of how nights go was bad
    last_was_well: bool = True
    cut_off: bool = False  # a night was killed, and they do not know it yet
    waiting: set[str] = field(default_factory=set)
    ids: int = 0

    def expects(self, ending: str, day: date, *, is_first: bool, known: set[str]) -> str | None:
        """What a night that ends like this is told as; ``known`` are the runs of which they were told in the same pass."""
        if ending != WELL:
            return "bad"
        if self.cut_off or self.waiting - known:
            return "unfinished"
        if is_first and (not self.last_was_well or self.heard_trouble):
            return "well_again"
        start = self.weekly or self.first
        return "weekly" if start and (day - start).days >= 7 else None

    def heard(self, event: str, day: date) -> None:
        """They heard it."""
        self.cut_off = False if event in ("bad", "unfinished") else self.cut_off
        if event in ("bad", "well_again", "weekly"):
            self.heard_trouble = event == "bad"
        if event == "weekly":
            self.weekly = day


SHEETS = st.lists(st.sampled_from([WELL, WELL, WELL, ROWS, REFUSED, STOPPED, KILLED]), min_size=1, max_size=2)
NIGHTS = st.lists(
    st.tuples(st.sampled_from([1, 1, 1, 2]), SHEETS, st.booleans(), st.sampled_from(["", "", "dismiss"])),
    min_size=30,
    max_size=30,
)


def moments(began: datetime) -> Iterator[datetime]:
    return chain([began], repeat(began + timedelta(minutes=3)))


@settings(max_examples=settings().max_examples // 6, phases=(Phase.explicit, Phase.generate))  # to shrink a month takes minutes
@given(NIGHTS)
def test_a_month_of_nights_is_told_as_a_person_would_want(nights: list[tuple[int, list[str], bool, str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        given_settings = jobs.settings(
            Path(folder), notify=[{"kind": "webhook", "url": "http://127.0.0.1:1/x", "weekly": True}]
        )
        target, model, began = Target(given_settings.notify), Model(), FIRST
        for days, endings, hears, what in nights:
            began += timedelta(days=days)
            target.hears = hears
            with open_journal(given_settings) as journal:
                if what == "dismiss":
                    journal.dismiss(sorted(model.waiting))
                    model.waiting.clear()
            one_pass(given_settings, target, model, began, endings)


def one_pass(given_settings: Any, target: Target, model: Model, began: datetime, endings: list[str]) -> None:
    """The sheets of one pass, each a night; a process that is killed ends it."""
    tonight, known = Tonight(), set[str]()
    for place, ending in enumerate(endings):
        moment, source = began + timedelta(minutes=10 * place), f"{SERIES}/{place}.csv"
        model.first = model.first or moment.date()
        if ending == KILLED:
            with open_journal(given_settings) as journal:
                journal.nights.begin(SERIES, source, moment)
            model.cut_off, model.last_was_well = True, False
            return
        outcome = Outcome(CODES[ending], reason=None if ending == WELL else ending, run=None)
        if ending == STOPPED:
            with open_journal(given_settings) as journal:
                run = journal.start(source=source, series=SERIES, **SHAPE)
                journal.of(run).set_state("stopped")  # type: ignore[arg-type]  # a word of its own
            outcome = Outcome(3, reason="stopped", run=run)
            model.waiting.add(run)
            known.add(run)
        expected = model.expects(ending, moment.date(), is_first=place == 0, known=known)
        target.told.clear()
        clock = moments(moment)
        with Night(
            given_settings,
            series=SERIES,
            source=source,
            on_trouble=lambda message: None,
            telling=target,
            tonight=tonight,
            in_inbox=True,
            clock=lambda clock=clock: next(clock),
        ) as night:
            night.outcome = outcome
        assert target.told == ([expected] if expected else []), (model, ending)
        if expected and target.hears:
            model.heard(expected, moment.date())
            known |= model.waiting
        model.last_was_well = ending == WELL
