"""Limits that count within hours of the day, in virtual time: at both borders no window holds too many for either hours."""

from __future__ import annotations

import random
import tempfile
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.paces import World, new_pace

from batch_editor.crm.counting import SKEW, Timetable
from batch_editor.crm.pace import duration
from batch_editor.settings.hours import Hours
from batch_editor.settings.limits import Limit
from batch_editor.settings.settings import Settings

SHANGHAI = ZoneInfo("Asia/Shanghai")
ROUNDING = 1e-6
NIGHT = {"from": "22:00", "to": "07:00", "limits": ["20/second"]}


def epoch(text: str, zone: ZoneInfo = SHANGHAI) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()


def limits_of(usual: Sequence[Limit], quiet: Sequence[Limit], hours: Hours) -> list[Limit]:
    of_day = [Limit(limit.count, limit.window, hours.others) for limit in usual]
    return [*of_day, *(Limit(limit.count, limit.window, hours) for limit in quiet)]


def uses_of(
    limits: Sequence[Limit],
    *,
    start: float,
    seconds: float,
    processes: int = 1,
    senders: int = 2,
    lateness: Callable[[], float] = lambda: 0.0,
    set_by: Callable[[float], float] = lambda passed: 0.0,
) -> list[tuple[float, float]]:
    """When a server would see the requests of some processes that share a file: by a clock that nobody sets, and by the clock
    of their machine, which ``set_by`` sets so many seconds ahead when so many have passed."""
    world, stop, uses = World(), threading.Event(), list[tuple[float, float]]()
    began = world.now

    def wall_clock() -> float:
        return start + (world.now - began) + set_by(world.now - began)

    def wait(event: threading.Event, asked: float) -> bool:
        world.sleep(asked + lateness())
        return event.is_set()

    with tempfile.TemporaryDirectory() as folder, ExitStack() as opened:
        file = Path(folder, "pace") if processes > 1 else None
        clocks = {"clock": world.clock, "wall_clock": wall_clock}
        paces = [opened.enter_context(new_pace(limits, file=file, wait=wait, **clocks)) for _ in range(processes)]

        def sender(number: int) -> None:
            pace = paces[number % processes]
            while pace.acquire(stop) and world.now < began + seconds:
                world.sleep(lateness())
                if not pace.confirm(stop):
                    break
                uses.append((world.now - began, wall_clock()))
                pace.used()
                world.sleep(0.0)

        world.run(*[lambda number=number: sender(number) for number in range(processes * senders)])
    return sorted(uses)


def crowded(uses: Sequence[tuple[float, float]], limit: Limit, touches: Callable[[float, float], bool]) -> list[float]:
    """The moments of the first of ``count + 1`` requests within one window that touches the hours of the limit."""
    pairs = zip(uses, uses[limit.count :], strict=False)
    close = [(first, last) for (first, _), (last, _) in pairs if last - first < limit.window - ROUNDING]
    return [first for first, last in close if touches(last - limit.window, first + limit.window)]


LIMITS = st.lists(st.builds(Limit, st.integers(1, 30), st.sampled_from([1.0, 3.0, 10.0])), min_size=1, max_size=2)


@settings(max_examples=30, deadline=None)
@given(
    usual=st.lists(st.builds(Limit, st.integers(1, 30), st.sampled_from([1.0, 3.0, 10.0])), max_size=2),
    quiet=LIMITS,
    first=st.floats(0, 30),
    length=st.floats(1, 40),
    is_other_way=st.booleans(),
    late=st.sampled_from([0.0, 0.01, 0.4]),
    seed=st.integers(0, 1 << 30),
)
def test_no_window_that_touches_hours_holds_too_many_for_them(
    usual: list[Limit],
    quiet: list[Limit],
    first: float,
    length: float,
    is_other_way: bool,
    late: float,
    seed: int,
) -> None:
    start, chance = epoch("2026-11-29 23:59:40"), random.Random(seed)
    begins, ends = (datetime.fromtimestamp(start + seconds, SHANGHAI).time() for seconds in (first, first + length))
    hours = Hours(ends, begins, SHANGHAI) if is_other_way else Hours(begins, ends, SHANGHAI)
    if not usual:  # a server that knows no limit at these hours would be asked without end
        usual = [Limit(60, 1.0)]
    limits = limits_of(usual, quiet, hours)
    lateness = lambda: late * chance.random() ** 8  # noqa: E731
    uses = uses_of(limits, start=start, seconds=60.0, lateness=lateness)

    def touches(limit: Limit) -> Callable[[float, float], bool]:
        stretches = list(limit.hours.around(start)) if limit.hours else []
        return lambda a, b: any(start + a < ending and start + b > beginning for beginning, ending in stretches)

    assert uses and not any(crowded(uses, limit, touches(limit)) for limit in limits)


def test_processes_that_share_a_file_keep_the_limits_of_both_hours_together() -> None:
    hours, start = Hours(time(0, 0, 4), time(0, 0, 24), SHANGHAI), epoch("2026-11-30 00:00")
    limits = limits_of([Limit(3, 1.0)], [Limit(12, 1.0)], hours)
    uses = uses_of(limits, start=start, seconds=34.0, processes=2)
    assert len(uses) > 150
    for limit, touches in zip(limits, (lambda a, b: a < 4 or b > 24, lambda a, b: a < 24 and b > 4), strict=True):
        assert not crowded(uses, limit, touches)


@settings(max_examples=20, deadline=None)
@given(
    usual=LIMITS,
    quiet=LIMITS,
    jumps=st.lists(
        st.tuples(st.floats(1, 39), st.sampled_from([-7200.0, -30.0, -2.0, 2.0, 30.0, 7200.0])), min_size=1, max_size=3
    ),
)
def test_a_clock_that_is_set_during_the_run_lets_no_request_too_many_go_out_within_the_hours_it_shows(
    usual: list[Limit], quiet: list[Limit], jumps: list[tuple[float, float]]
) -> None:
    hours = Hours(time(23), time(0, 0, 10), SHANGHAI)
    limits, start = limits_of(usual, quiet, hours), epoch("2026-11-29 23:59:50")
    set_by = lambda passed: sum(seconds for at, seconds in jumps if at <= passed)  # noqa: E731
    uses = uses_of(limits, start=start, seconds=40.0, set_by=set_by)
    for limit in limits:
        assert limit.hours is not None
        for (first, _), (last, wall) in zip(uses, uses[limit.count :], strict=False):
            is_within = any(begins <= wall < ends for begins, ends in limit.hours.around(wall))
            assert not is_within or last - first >= limit.window - ROUNDING, (limit, first, last)


def test_a_run_that_is_going_uses_the_rate_of_the_quiet_hours_from_their_first_window_on() -> None:
    limits = Settings(rate={"limits": ["5/second"], "quiet_hours": NIGHT}).limits
    uses = uses_of(limits, start=epoch("2026-11-29 21:59:30"), seconds=90.0, senders=8)
    of_second = [sum(second <= moment < second + 1 for moment, _ in uses) for second in range(90)]
    assert set(of_second[1:29]) <= {4, 5}
    assert set(of_second[30 + int(SKEW) + 2 : 89]) <= {19, 20}


def test_the_usual_limits_count_again_one_window_before_the_quiet_hours_end() -> None:
    limits = Settings(rate={"limits": ["60/minute"], "quiet_hours": NIGHT}).limits
    uses = uses_of(limits, start=epoch("2026-11-30 06:58:00"), seconds=200.0, senders=8)
    assert sum(moment < 60 - SKEW - 1 for moment, _ in uses) > 1000  # at 20 a second
    assert sum(60 <= moment < 120 for moment, _ in uses) <= 60
    assert sum(60 < moment < 200 for moment, _ in uses) > 60


def test_other_limits_count_until_one_window_after_their_hours_across_midnight_and_a_change_of_the_clock() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    timetable = Timetable(limits_of([Limit(300, 60.0)], [Limit(20, 1.0)], Hours(time(22), time(7), berlin)))

    def counts(text: str, seconds: float = 0.0) -> list[int]:
        return [limit.count for limit in timetable.at(epoch(text, berlin) + seconds).limits]

    assert counts("2026-10-24 21:59:50") == counts("2026-10-24 12:00") == [300]
    assert counts("2026-10-24 21:59:55") == counts("2026-10-24 22:01:04") == [20, 300]
    assert counts("2026-10-24 22:01:06") == counts("2026-10-25 00:00") == counts("2026-10-25 06:58:50") == [20]
    assert counts("2026-10-25 07:00:07") == [300]
    assert counts("2026-10-24 22:00", 10 * 3600 - 67) == [20] and counts("2026-10-24 22:00", 10 * 3600 + 7) == [300]


@pytest.mark.parametrize(
    ("calls", "start", "seconds"),
    [
        (3001, "2026-11-29 12:00", 3000 * 1.015 / 5),
        (20001, "2026-11-29 23:00", 20000 * 1.015 / 20),
        (100_001, "2026-11-29 21:00", 3600 + (100_000 - 3600 * 5 / 1.015) * 1.015 / 20),
        (800_001, "2026-11-29 22:00", 9 * 3600 + (800_000 - 9 * 3600 * 20 / 1.015) * 1.015 / 5),
    ],
)
def test_how_long_it_takes_depends_on_the_time_of_day(calls: int, start: str, seconds: float) -> None:
    limits = Settings(rate={"limits": ["5/second"], "quiet_hours": NIGHT}).limits
    assert duration(calls, limits, start=epoch(start)) == pytest.approx(seconds, rel=0.005)


def test_a_limit_of_a_day_counts_at_all_hours_and_the_duration_says_it() -> None:
    limits = Settings(rate={"limits": ["5/second", "20000/day"], "quiet_hours": NIGHT}).limits
    assert duration(60_001, limits, start=epoch("2026-11-29 21:00")) == pytest.approx(3 * 86400, rel=0.01)
    assert duration(2_000_001, limits, start=epoch("2026-11-29 21:00")) == pytest.approx(100 * 86400, rel=0.05)


def test_it_takes_as_long_as_is_foretold_at_least_and_not_much_longer() -> None:
    hours = Hours(time(22), time(22, 1), SHANGHAI)
    limits, start = (
        limits_of([Limit(2, 1.0), Limit(50, 10.0)], [Limit(20, 1.0), Limit(150, 10.0)], hours),
        epoch("2026-11-29 21:59"),
    )
    uses = [moment for moment, _ in uses_of(limits, start=start, seconds=180.0, senders=12)]
    for calls in (100, 500, len(uses)):
        seconds = uses[calls - 1] - uses[0]
        assert seconds * 0.65 < duration(calls, limits, start=start) <= seconds * 1.02


@pytest.mark.parametrize("days", [1, 365])
def test_hours_have_borders_on_every_day(days: int) -> None:
    hours = Hours(time(22), time(7), SHANGHAI)
    moment = epoch("2026-11-29 23:00") + days * 86400
    assert any(begins <= moment < ends for begins, ends in hours.around(moment))
    assert all(ends - begins == timedelta(hours=9).total_seconds() for begins, ends in hours.around(moment))
