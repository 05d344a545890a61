"""How far a run has come, in numbers and over time, by an injected clock."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from batch_editor.events import ClueProgress, Notice, SendProgress, Waiting
from batch_editor.model import Message
from batch_editor.runs.progress import MOST_POINTS, ProgressMeter, progress_in_journal
from batch_editor.runs.row_counts import RowCounts
from batch_editor.settings.limits import Limit
from batch_editor.states import WaitReason


class Clock:
    def __init__(self) -> None:
        self.now = 500.0

    def __call__(self) -> float:
        return self.now


def meter_of(clock: Clock, *limits: Limit, calls: int = 100, **statuses: int) -> ProgressMeter:
    return ProgressMeter(RowCounts(calls=calls, statuses=Counter({"pending": calls} | statuses)), limits, clock)


def test_the_rest_of_a_run_is_told_as_a_part_of_the_whole() -> None:
    meter = meter_of(Clock(), calls=70, updated=25, rejected=5, invalid=3, skipped=2)
    meter(SendProgress(0, 70, {}))
    first = meter.progress()
    assert (first.done, first.total) == (30, 100)
    assert first.counts == {"pending": 70, "updated": 25, "rejected": 5, "invalid": 3, "skipped": 2}
    meter(SendProgress(10, 70, {"updated": 8, "failed": 2}))
    later = meter.progress()
    assert (later.done, later.total) == (40, 100)
    assert later.counts == {"pending": 60, "updated": 33, "rejected": 5, "failed": 2, "invalid": 3, "skipped": 2}


def test_reading_is_told_by_itself_and_sending_begins_anew() -> None:
    clock = Clock()
    meter = meter_of(clock, calls=10, updated=5)
    meter(ClueProgress(4, 10))
    clock.now += 3
    reading = meter.progress()
    assert (reading.is_reading, reading.done, reading.total, reading.counts["pending"]) == (True, 4, 10, 10)
    meter(SendProgress(0, 10, {}))
    sending = meter.progress()
    assert (sending.is_reading, sending.done, sending.total, sending.seconds) == (False, 5, 15, 0)


def test_the_rate_over_time_keeps_all_rows_and_few_points() -> None:
    clock = Clock()
    meter = meter_of(clock, calls=5000)
    for second in range(1, 1001):
        clock.now += 1
        meter(SendProgress(5 * second, 5000, {"updated": 5 * second}))
    progress = meter.progress()
    assert len(progress.points) <= MOST_POINTS and progress.rate == 5.0
    assert sum(point.rows * point.width for point in progress.points) == 5000
    assert [point.rows for point in progress.points[1:-1]] == [5.0] * (len(progress.points) - 2)


def test_the_time_left_goes_by_the_permitted_rate_and_by_what_is_reached() -> None:
    clock = Clock()
    meter = meter_of(clock, Limit(10, 1.0), calls=100)
    meter(SendProgress(0, 100, {}))
    assert meter.progress().seconds_left == pytest.approx(10, abs=1)
    for second in range(1, 21):  # a CRM that is slower than that
        clock.now += 1
        meter(SendProgress(2 * second, 100, {"updated": 2 * second}))
    assert meter.progress().seconds_left == pytest.approx(30, abs=2)
    meter(SendProgress(40, 100, {"updated": 40}, Waiting(WaitReason.TOO_FAST, 42)))
    clock.now += 2
    assert meter.progress().seconds_left == pytest.approx(72, abs=3)
    for endless in (Waiting(WaitReason.TOKEN), Waiting(WaitReason.UNREACHABLE, 4)):
        meter(SendProgress(40, 100, {"updated": 40}, endless))
        assert meter.progress().seconds_left is None
    meter(SendProgress(100, 100, {"updated": 100}))
    assert meter.progress().seconds_left == 0


def waiting_after(meter: ProgressMeter, clock: Clock, seconds: float, event: SendProgress) -> Waiting | None:
    clock.now += seconds
    meter(event)
    return meter.progress().waiting


def test_why_it_waits_is_told_once_it_stands_still_and_counts_down() -> None:
    clock = Clock()
    meter = meter_of(clock)
    busy = {"updated": 5}
    waits = Waiting(WaitReason.TOO_FAST, 40.0)
    assert waiting_after(meter, clock, 1, SendProgress(5, 100, busy, waits)) is None  # a row has just come to a good end
    assert waiting_after(meter, clock, 1, SendProgress(5, 100, busy, waits)) == Waiting(WaitReason.TOO_FAST, 40)
    clock.now += 7.4
    assert meter.progress().waiting == Waiting(WaitReason.TOO_FAST, 33)


def test_between_two_tries_of_a_crm_that_is_down_it_still_waits_for_it() -> None:
    clock = Clock()
    meter = meter_of(clock)
    down = Waiting(WaitReason.UNREACHABLE, 4.0, Message("net.refused"))
    waiting_after(meter, clock, 2, SendProgress(0, 100, {}, down))
    assert waiting_after(meter, clock, 0.5, SendProgress(1, 100, {"failed": 1})) == Waiting(
        WaitReason.UNREACHABLE, 4, Message("net.refused")
    )
    assert waiting_after(meter, clock, 0.6, SendProgress(1, 100, {"failed": 1})) is None  # nobody says so any more
    waiting_after(meter, clock, 0.1, SendProgress(1, 100, {"failed": 1}, down))
    assert waiting_after(meter, clock, 0.1, SendProgress(2, 100, {"failed": 1, "updated": 1}, down)) is None


def test_a_rate_that_is_shared_is_told_while_rows_go_on() -> None:
    clock = Clock()
    meter = meter_of(clock)
    shared = Waiting(WaitReason.RATE_SHARED)
    assert waiting_after(meter, clock, 0.1, SendProgress(5, 100, {"updated": 5}, shared)) == shared


def test_notices_are_kept() -> None:
    meter = meter_of(Clock())
    for number in range(50):
        meter(Notice(Message("notice.pause", {"seconds": number})))
    assert [notice.values["seconds"] for notice in meter.progress().notices] == list(range(30, 50))


@pytest.mark.parametrize(
    ("counts", "done", "total"),
    [
        ({"updated": 3, "failed": 1, "invalid": 9, "pending": 5, "sending": 2}, 4, 11),
        ({"updated": 3, "rejected": 2, "not_sent": 5, "skipped": 4, "conflict": 1}, 5, 10),
        ({}, 0, 0),
    ],
)
def test_a_run_that_is_driven_elsewhere_is_counted(counts: dict[str, Any], done: int, total: int) -> None:
    progress = progress_in_journal(counts)
    assert (progress.done, progress.total, progress.counts) == (done, total, counts)
