"""The permitted rate, in virtual time: no window of any limit holds too many permits, and hardly any are wasted."""

from __future__ import annotations

import os
import random
import struct
import threading
from collections.abc import Callable
from contextlib import ExitStack, closing
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.paces import World, new_pace

from batch_editor.crm.counting import MARGIN
from batch_editor.crm.pace import LEAST_SHARE, LONGEST_WAIT, RECOVER_AFTER, TELL_AGAIN, TELL_FROM, Pace, Share
from batch_editor.crm.slots import AHEAD, CATCH_UP, PUNCTUAL
from batch_editor.errors import Halted
from batch_editor.settings.limits import Limit

ROUNDING = 1e-9  # of adding up floats over a run


def paced(
    limits: list[Limit],
    *,
    senders: int = 1,
    seconds: float = 10.0,
    latency: Callable[[], float] = lambda: 0.0,
    lateness: Callable[[], float] = lambda: 0.0,
) -> list[float]:
    """The moments at which ``senders`` threads got permits, each working ``latency()`` seconds between two of them."""
    world = World()
    stop = threading.Event()
    permits: list[float] = []

    def wait(event: threading.Event, seconds_asked: float) -> bool:
        world.sleep(seconds_asked + lateness())
        return event.is_set()

    pace = new_pace(limits, clock=world.clock, wait=wait)
    end = world.now + seconds

    def sender() -> None:
        while pace.acquire(stop) and world.now < end:
            permits.append(world.now)
            world.sleep(latency())

    world.run(*[sender] * senders)
    return permits


def crowded(permits: list[float], limit: Limit) -> list[tuple[float, float]]:
    """The first and last of each ``count + 1`` permits in a row that lie within one window."""
    later = permits[limit.count :]
    return [(first, last) for first, last in zip(permits, later, strict=False) if last - first < limit.window - ROUNDING]


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("5/second", Limit(5, 1.0)),
        ("300/minute", Limit(300, 60.0)),
        ("15000/hour", Limit(15000, 3600.0)),
        ("1/day", Limit(1, 86400.0)),
        (" 5 / second ", Limit(5, 1.0)),
    ],
)
def test_a_limit_is_read(text: str, limit: Limit) -> None:
    assert Limit.parse(text) == limit


@pytest.mark.parametrize(
    "text",
    [
        *("", "5", "/second", "0/second", "-5/second", "2.5/second", "1e3/hour", "5/week", "5/seconds"),
        *("5 per second", "٥/second", "5/second/second", "5/SECOND\n5", "99999999999/day", "五/second"),
    ],
)
def test_what_is_no_limit_is_refused_with_what_would_be(text: str) -> None:
    with pytest.raises(ValueError, match="is not a limit such as 5/second") as caught:
        Limit.parse(text)
    assert text in str(caught.value)


@settings(max_examples=60, deadline=None)
@given(
    limits=st.lists(st.builds(Limit, st.integers(1, 40), st.sampled_from([0.5, 1.0, 3.0, 10.0])), min_size=1, max_size=3),
    senders=st.integers(1, 6),
    slow=st.sampled_from([0.0, 0.01, 0.3, 2.0]),
    late=st.sampled_from([0.0, 0.002, 0.02, 0.5]),
    seed=st.integers(0, 1 << 30),
)
def test_no_window_of_any_limit_holds_too_many(limits: list[Limit], senders: int, slow: float, late: float, seed: int) -> None:
    chance = random.Random(seed)
    # Mostly a little late, now and then as late as ``late``: both are what a real machine does.
    lateness = lambda: late * chance.random() ** 8  # noqa: E731
    latency = lambda: slow * chance.random() ** 4  # noqa: E731
    permits = paced(limits, senders=senders, latency=latency, lateness=lateness)
    assert permits == sorted(permits)
    assert all(not crowded(permits, limit) for limit in limits)


@pytest.mark.parametrize("rate", [5, 50, 200])
@pytest.mark.parametrize("late", [0.0, 0.001, 0.007])
def test_nearly_all_of_the_rate_is_used(rate: int, late: float) -> None:
    chance = random.Random(rate)
    permits = paced(
        [Limit(rate, 1.0)],
        senders=8,
        latency=lambda: chance.uniform(0.01, 0.03),
        lateness=lambda: chance.uniform(0, late),
    )
    assert (len(permits) - 1) / (permits[-1] - permits[0]) >= 0.97 * rate


def test_two_windows_hold_at_once_and_both_are_used() -> None:
    limits = [Limit(5, 1.0), Limit(60, 60.0)]
    permits = paced(limits, senders=4, seconds=170.0)
    assert not any(crowded(permits, limit) for limit in limits)
    assert len(permits) == 180
    assert permits[4] - permits[0] < 1.0  # the short window is not slowed down to the rate of the long one
    assert 60.0 <= permits[60] - permits[0] <= 60.0 + MARGIN


def test_of_two_limits_with_one_window_the_strict_one_holds() -> None:
    permits = paced([Limit(50, 1.0), Limit(5, 1.0)], seconds=3.0)
    assert not crowded(permits, Limit(5, 1.0))


def test_permits_are_spread_over_the_window() -> None:
    permits = paced([Limit(5, 1.0)], senders=4)
    gaps = [later - earlier for earlier, later in pairwise(permits)]
    assert min(gaps) >= (1.0 + MARGIN) / 5 - MARGIN
    assert max(gaps) <= (1.0 + MARGIN) / 5 + ROUNDING


def test_an_idle_hour_saves_up_nothing() -> None:
    world = World()
    pace = new_pace([Limit(5, 1.0)], clock=world.clock, wait=world.wait)
    stop = threading.Event()
    permits: list[float] = []

    def sender() -> None:
        for _ in range(12):
            assert pace.acquire(stop)
            permits.append(world.now)
            world.sleep(3600.0 if len(permits) == 3 else 0.0)

    world.run(sender)
    assert not crowded(permits, Limit(5, 1.0))


def test_who_wakes_late_takes_a_new_slot() -> None:
    """Else five that are on time would follow one that is late, and make six within a second."""
    oversleep = iter([0.0, 0.0, 0.0, 0.19])
    permits = paced([Limit(5, 1.0)], senders=6, seconds=5.0, lateness=lambda: next(oversleep, 0.0))
    assert not crowded(permits, Limit(5, 1.0))


@given(
    limits=st.lists(st.builds(Limit, st.integers(1, 7), st.sampled_from([1.0, 3.0])), min_size=1, max_size=2),
    senders=st.integers(1, 6),
    chance=st.randoms(use_true_random=False),
)
def test_permits_that_are_used_late_crowd_no_window(limits: list[Limit], senders: int, chance: random.Random) -> None:
    """A connection takes its time, a program stands still between its permit and its request: others make room for that."""
    world = World()
    pace = new_pace(limits, clock=world.clock, wait=world.wait)
    stop = threading.Event()
    uses: list[float] = []

    def sender() -> None:
        while pace.acquire(stop) and world.now < 1030.0:
            world.sleep(chance.choice([0.0, 0.01, 0.3]))
            assert pace.confirm(stop)
            world.sleep(chance.choice([0.0, 0.0, 0.005, 0.05, 0.4]))
            uses.append(world.now)
            pace.used()
            world.sleep(chance.choice([0.0, 0.05, 2.0]))

    world.run(*[sender] * senders)
    assert uses and not any(crowded(uses, limit) for limit in limits)


def test_a_permit_that_is_overdue_is_replaced_when_it_is_confirmed() -> None:
    world = World()
    pace = new_pace([Limit(5, 1.0)], clock=world.clock, wait=world.wait)
    stop = threading.Event()

    def sender() -> None:
        assert pace.acquire(stop) and pace.confirm(stop) and world.now == 1000.0
        world.sleep(MARGIN - CATCH_UP - ROUNDING)
        assert pace.confirm(stop) and world.now < 1000.0 + MARGIN  # not overdue yet
        world.sleep(ROUNDING * 2)
        assert pace.confirm(stop) and world.now == pytest.approx(1000.0 + (1.0 + MARGIN) / 5, abs=MARGIN)
        stop.set()
        assert not pace.confirm(stop)

    world.run(sender)


def test_no_limits_wait_for_nobody_who_is_late() -> None:
    world = World()
    pace = new_pace([], clock=world.clock, wait=lambda event, seconds: pytest.fail("waited"))
    stop = threading.Event()
    assert pace.acquire(stop)
    world.now += 100.0
    assert pace.confirm(stop)
    pace.used()
    assert pace.acquire(stop)


def test_who_wakes_early_waits_on() -> None:
    world = World()
    waits: list[float] = []

    def impatient(event: threading.Event, seconds: float) -> bool:
        waits.append(seconds)
        world.sleep(seconds / 2 if len(waits) < 5 else seconds)
        return False

    pace = new_pace([Limit(1, 1.0)], clock=world.clock, wait=impatient)
    stop = threading.Event()
    permits: list[float] = []

    def sender() -> None:
        for _ in range(2):
            assert pace.acquire(stop)
            permits.append(world.now)

    world.run(sender)
    assert len(waits) == 5
    assert permits[1] - permits[0] >= 1.0


def test_no_limits_are_no_limit() -> None:
    world = World()
    pace = new_pace([], clock=world.clock, wait=lambda event, seconds: pytest.fail("waited"))
    assert all(pace.acquire(threading.Event()) for _ in range(1000))


@pytest.mark.parametrize("limits", [[], [Limit(5, 1.0)]])
def test_a_hold_stops_everybody_also_those_who_wait_already(limits: list[Limit]) -> None:
    world = World()
    pace = new_pace(limits, clock=world.clock, wait=world.wait)
    stop = threading.Event()
    permits: list[float] = []
    start = world.now

    def sender() -> None:
        for _ in range(4):
            assert pace.acquire(stop)
            permits.append(world.now)
            world.sleep(0.15)

    def holder() -> None:
        world.sleep(0.25)
        pace.hold(60.0)
        pace.hold(1.0)  # does not shorten the first

    world.run(sender, sender, sender, holder)
    assert len(permits) == 12
    assert not [permit for permit in permits if start + 0.25 < permit < start + 60.25]
    assert not any(crowded(permits, limit) for limit in limits)


def test_a_hold_of_ages_is_waited_for_in_pieces() -> None:
    world = World()
    stop = threading.Event()
    waits: list[float] = []

    def wait(event: threading.Event, seconds: float) -> bool:
        waits.append(seconds)
        if len(waits) == 3:
            event.set()
        return event.is_set()

    pace = new_pace([], clock=world.clock, wait=wait)
    pace.hold(1e12)
    assert not pace.acquire(stop)
    assert waits == [LONGEST_WAIT] * 3


def test_stop_ends_the_waiting_and_uses_no_permit() -> None:
    stop = threading.Event()
    pace = new_pace([Limit(1, 86400.0)])
    assert pace.acquire(stop)
    results: list[bool] = []
    threads = [threading.Thread(target=lambda: results.append(pace.acquire(stop))) for _ in range(3)]
    for thread in threads:
        thread.start()
    stop.set()
    for thread in threads:
        thread.join()
    assert results == [False] * 3


def test_a_stop_that_came_before_gives_no_permit() -> None:
    stop = threading.Event()
    stop.set()
    assert not new_pace([]).acquire(stop)


# --- one file for several processes


def shared(world: World, file: Path, *limits: Limit, **options: Any) -> closing[Pace]:
    """What one process has of the pace; each of several on one file stands for a process of its own."""
    clocks = {"clock": world.clock, "wall_clock": lambda: world.now + 1e9, "wait": world.wait, **options}
    return closing(new_pace(limits, file=file, **clocks))


@settings(max_examples=3 * settings.default.max_examples // 2, deadline=None)
@given(
    common=st.lists(st.builds(Limit, st.integers(1, 7), st.sampled_from([1.0, 3.0])), min_size=1, max_size=2),
    further_limits=st.lists(
        st.lists(st.builds(Limit, st.integers(1, 9), st.sampled_from([1.0, 5.0])), max_size=1), min_size=2, max_size=3
    ),
    senders=st.integers(1, 3),
    holds=st.booleans(),
    chance=st.randoms(use_true_random=False),
)
def test_processes_that_share_a_file_crowd_no_window(
    common: list[Limit],
    further_limits: list[list[Limit]],
    senders: int,
    holds: bool,
    chance: random.Random,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Each limit holds for all uses of those that have it, also when some use their permits late, or are told to slow down."""
    world, file = World(), tmp_path_factory.mktemp("shared") / "permits"
    stop = threading.Event()
    uses: list[tuple[float, int]] = []
    confirmed: list[float] = []
    held: list[tuple[float, float]] = []
    end = world.now + 20.0

    with ExitStack() as stack:
        paces = [stack.enter_context(shared(world, file, *common, *more)) for more in further_limits]

        def sender(number: int) -> None:
            pace = paces[number]
            while pace.acquire(stop) and world.now < end:
                world.sleep(chance.choice([0.0, 0.01, 0.3]))
                assert pace.confirm(stop)
                confirmed.append(world.now)
                world.sleep(chance.choice([0.0, 0.0, 0.005, 0.05, 0.4]))
                uses.append((world.now, number))
                pace.used()
                world.sleep(chance.choice([0.0, 0.05, 2.0]))

        def holder() -> None:
            while world.now < end:
                world.sleep(chance.uniform(0.1, 8.0))
                pace, seconds = chance.choice(paces), chance.choice([0.05, 0.5, 4.0])
                pace.hold(seconds)
                held.append((world.now, world.now + seconds))
                pace.too_fast()

        actors = [lambda number=number: sender(number) for number in range(len(paces)) for _ in range(senders)]
        world.run(*actors, *([holder] if holds else []))
    assert uses
    for limit in {*common, *(first_pace for more in further_limits for first_pace in more)}:
        counted = [moment for moment, number in uses if limit in (*common, *further_limits[number])]
        assert not crowded(counted, limit)
    assert not [(moment, hold) for moment in confirmed for hold in held if hold[0] < moment < hold[1] - ROUNDING]


@pytest.mark.parametrize("rate", [5, 50, 200])
def test_processes_that_share_a_file_use_nearly_all_of_the_rate(tmp_path: Path, rate: int) -> None:
    world, stop = World(), threading.Event()
    permits: list[float] = []
    chance = random.Random(rate)
    with ExitStack() as stack:
        paces = [stack.enter_context(shared(world, tmp_path / "permits", Limit(rate, 1.0))) for _ in range(4)]

        def sender(pace: Pace) -> None:
            while pace.acquire(stop) and world.now < 1010.0:
                world.sleep(chance.uniform(0.0, 0.002))
                assert pace.confirm(stop)
                permits.append(world.now)
                pace.used()
                world.sleep(chance.uniform(0.01, 0.03))

        world.run(*[lambda pace=pace: sender(pace) for pace in paces for _ in range(3)])
    assert (len(permits) - 1) / (permits[-1] - permits[0]) >= 0.97 * rate
    assert not crowded(permits, Limit(rate, 1.0))


def test_a_later_run_goes_on_where_an_earlier_one_ended(tmp_path: Path) -> None:
    world, stop = World(), threading.Event()
    permits: list[float] = []

    def runs() -> None:
        for _ in range(3):
            with shared(world, tmp_path / "permits", Limit(5, 1.0), Limit(8, 3600.0)) as pace:
                for _ in range(4):
                    assert pace.acquire(stop)
                    permits.append(world.now)

    world.run(runs)
    assert permits[7] - permits[0] < 2.0 and permits[8] - permits[0] >= 3600.0
    assert not any(crowded(permits, limit) for limit in (Limit(5, 1.0), Limit(8, 3600.0)))


def test_after_a_reboot_a_day_is_still_a_day(tmp_path: Path) -> None:
    world, stop = World(), threading.Event()
    file, limits = tmp_path / "permits", (Limit(5, 1.0), Limit(3, 86400.0))
    with shared(world, file, *limits) as pace:
        assert all(pace.acquire(stop) for _ in range(1))
    booted = World()
    booted.now = 30.0
    wall = world.now + 1e9 + 7200.0 - 30.0  # two hours later

    def run() -> None:
        with shared(booted, file, *limits, wall_clock=lambda: booted.now + wall) as pace:
            assert all(pace.acquire(stop) for _ in range(2)) and booted.now < 31.0
            assert pace.acquire(stop) and 86400.0 - 7200.0 <= booted.now - 30.0 <= 86400.0 - 7200.0 + MARGIN

    booted.run(run)


def test_a_wall_clock_that_is_set_while_another_process_sends_makes_nobody_forget(tmp_path: Path) -> None:
    world, stop = World(), threading.Event()
    permits: list[float] = []
    limits = (Limit(5, 1.0), Limit(12, 60.0))

    def runs() -> None:
        with shared(world, tmp_path / "permits", *limits) as first:
            for wall in (1e9, 2e9, 1e8, 3e9):
                with shared(world, tmp_path / "permits", *limits, wall_clock=lambda wall=wall: world.now + wall) as other_pace:
                    for pace in (other_pace, first, other_pace, first):
                        assert pace.acquire(stop)
                        permits.append(world.now)

    world.run(runs)
    assert not any(crowded(permits, limit) for limit in limits)


def test_a_late_use_in_one_process_moves_on_who_waits_in_another(tmp_path: Path) -> None:
    world, stop = World(), threading.Event()
    uses: list[float] = []
    with (
        shared(world, tmp_path / "permits", Limit(2, 1.0)) as first_pace,
        shared(world, tmp_path / "permits", Limit(2, 1.0)) as other_pace,
    ):

        def late() -> None:
            assert first_pace.acquire(stop)
            world.sleep(0.6)
            uses.append(world.now)
            first_pace.used()

        def waiting() -> None:
            world.sleep(0.01)
            assert other_pace.acquire(stop)
            uses.append(world.now)
            other_pace.used()

        world.run(late, waiting, waiting, waiting)
    assert len(uses) == 4 and not crowded(sorted(uses), Limit(2, 1.0))


def test_a_late_use_moves_others_on_no_further_than_it_must() -> None:
    world, stop = World(), threading.Event()
    pace = new_pace([Limit(2, 1.0)], clock=world.clock, wait=world.wait)
    permits: list[float] = []

    def late() -> None:
        assert pace.acquire(stop)
        world.sleep(0.95)
        pace.used()

    def sender() -> None:
        world.sleep(0.9)
        for _ in range(2):
            assert pace.acquire(stop)
            permits.append(world.now)

    world.run(late, sender)
    assert permits == pytest.approx([1000.9, 1000.95 - PUNCTUAL + 1.0 + MARGIN])


def test_a_hold_in_one_process_stops_another(tmp_path: Path) -> None:
    world, stop = World(), threading.Event()
    permits: list[float] = []
    with (
        shared(world, tmp_path / "permits", Limit(5, 1.0)) as first_pace,
        shared(world, tmp_path / "permits", Limit(5, 1.0)) as other_pace,
    ):

        def sender() -> None:
            for _ in range(6):
                assert first_pace.acquire(stop)
                world.sleep(0.001)
                assert first_pace.confirm(stop)
                permits.append(world.now)

        def holder() -> None:
            world.sleep(0.5)
            other_pace.hold(60.0)

        world.run(sender, sender, holder)
    assert len(permits) == 12
    assert not [moment for moment in permits if 1000.5 < moment < 1060.5]


@pytest.mark.parametrize("seconds", [120.0, pytest.param(3600.0, marks=pytest.mark.slow)])
def test_who_stood_still_for_hours_holds_the_others_back_for_no_more_than_a_window(tmp_path: Path, seconds: float) -> None:
    """A process that is suspended between its permit and its request cannot be helped; the others must not pay for it."""
    world, stop = World(), threading.Event()
    permits: list[float] = []
    end = world.now + seconds
    with (
        shared(world, tmp_path / "permits", Limit(5, 1.0)) as first_pace,
        shared(world, tmp_path / "permits", Limit(5, 1.0)) as other_pace,
    ):

        def suspended() -> None:
            assert first_pace.acquire(stop)
            world.sleep(seconds)
            first_pace.used()
            permits.append(world.now)

        def sender() -> None:
            while world.now < end + 10:
                assert other_pace.acquire(stop)
                permits.append(world.now)

        world.run(suspended, sender, sender)
    gaps = [later - earlier for earlier, later in pairwise(sorted(permits))]
    assert max(gaps) <= 2 * (1.0 + MARGIN) / 5 + ROUNDING
    after = [moment for moment in permits if moment > end]
    assert len([moment for moment in after if moment <= end + 2]) <= 9  # its own use took the place of one of theirs


def test_what_waits_for_a_long_window_and_ends_leaves_nothing_to_wait_for(tmp_path: Path) -> None:
    """Somebody has set 1/day by mistake, stops the run that waits, and sets what was meant."""
    world, stop = World(), threading.Event()
    file = tmp_path / "permits"

    def run() -> None:
        with shared(world, file, Limit(1, 86400.0)) as pace:
            assert pace.acquire(stop) and not pace.acquire(stop)
        with shared(world, file, Limit(5, 1.0)) as pace:
            before = world.now
            assert pace.acquire(threading.Event()) and world.now - before <= AHEAD

    def ends() -> None:
        world.sleep(30.0)
        stop.set()

    world.run(run, ends)


def test_without_limits_nothing_is_shared(tmp_path: Path) -> None:
    with closing(new_pace([], file=tmp_path / "permits")) as pace:
        assert pace.acquire(threading.Event())
        pace.used()
        pace.make_up([(1.0, 100)])
        assert pace.span == 0.0 and pace.acquire(threading.Event())
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_can_no_longer_be_written_halts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(new_pace([Limit(5, 1.0)], file=tmp_path / "permits")) as pace:

        def full(offset: int, content: bytes) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(pace._record, "_write", full)
        for step in (lambda: pace.acquire(threading.Event()), lambda: pace.hold(1.0), lambda: pace.make_up([(0.1, 1)])):
            with pytest.raises(Halted, match=r"\(No space left on device\)"):
                step()


@pytest.mark.parametrize("file", [None, "permits"])
def test_who_asks_after_the_end_gets_no_permit(tmp_path: Path, file: str | None) -> None:
    """A sender that was left behind when the run ended at once."""
    pace = new_pace([Limit(5, 1.0)], file=file and tmp_path / file)
    assert pace.acquire(threading.Event())
    pace.close()
    assert not pace.acquire(threading.Event()) and not pace.confirm(threading.Event())
    pace.hold(1.0)
    pace.close()


# --- long windows


def test_few_requests_go_at_the_rate_of_the_shortest_window() -> None:
    permits = paced([Limit(5, 1.0), Limit(3600, 3600.0), Limit(10000, 86400.0)], senders=4, seconds=60.0)
    assert (len(permits) - 1) / (permits[-1] - permits[0]) >= 0.97 * 5


@pytest.mark.parametrize(
    ("there", "moments", "first"),
    [
        (0, [(3000.0, 2), (600.0, 3)], 5),  # the file is new
        (0, [(90000.0, 50), (600.0, 3)], 7),  # what is older than the longest window is of no interest
        (4, [(600.0, 3), (1.0, 1)], 6),  # the file knows as much
        (4, [(600.0, 3)], 6),
        (4, [(600.0, 3), (0.0, 3)], 4),  # it has lost the latest
        (0, [(600.0, 10**7)], 0),
        (0, [(3000.0, 4), (600.0, 10)], 0),  # the latest ten are what matters
        (0, [], 10),
        (0, [(-5.0, 1)], 9),  # a clock that was set
    ],
)
def test_what_the_file_has_lost_is_made_up_for(
    tmp_path: Path, there: int, moments: list[tuple[float, int]], first: int
) -> None:
    """``first`` permits are to be had before the hour is full again."""
    world, stop = World(), threading.Event()
    limits = (Limit(5, 1.0), Limit(10, 3600.0))

    def run() -> None:
        with shared(world, tmp_path / "permits", *limits) as pace:
            assert all(pace.acquire(stop) for _ in range(there))
        with shared(world, tmp_path / "permits", *limits) as pace:
            world.sleep(0.5)
            assert pace.span == 3600.0
            pace.make_up(moments)
            before = world.now
            assert all(pace.acquire(stop) for _ in range(first)) and world.now - before < 5.0
            assert pace.acquire(stop) and world.now - before > 500.0
            asked = sorted((before - max(ago, 0.0) for ago, number in moments for _ in range(min(number, 20)) if ago < 3600.0))
            if there == 0 and first < 10 and asked:
                oldest = asked[-10:][0]
                assert oldest + 3600.0 <= world.now <= oldest + 3600.0 + 2.0

    world.run(run)


LOSSES: list[Callable[[Path], object]] = [
    lambda file: [path.unlink() for path in file.parent.glob("permits*")],
    Path.unlink,
    lambda file: file.write_bytes(b""),
    lambda file: file.write_bytes(b"x" * 40000),
    lambda file: file.write_bytes(file.read_bytes()[:9000]),
]


def many(world: World, pace: Pace, number: int, permits: list[float]) -> None:
    """Uses so many permits."""
    stop = threading.Event()
    for _ in range(number):
        assert pace.acquire(stop) and pace.confirm(stop)
        permits.append(world.now)
        pace.used()


@pytest.mark.parametrize("lose", LOSSES)
@pytest.mark.parametrize("limit", [Limit(20, 60.0), Limit(5, 1.0), Limit(20, 3600.0)])
def test_a_record_that_is_lost_between_two_runs_lets_no_window_hold_too_many(
    tmp_path: Path, limit: Limit, lose: Callable[[Path], object]
) -> None:
    """Who begins the record anew waits until what nobody knows is past, and asks the journal for longer windows."""
    world, permits, waits = World(), list[float](), list[float]()

    def journaled(span: float) -> list[tuple[float, int]]:
        assert span >= 60.0
        return [(world.now - moment, 1) for moment in permits if moment > world.now - span]

    def runs() -> None:
        for _ in range(3):
            options = {"earlier_requests": journaled, "on_loss": waits.append}
            with shared(world, tmp_path / "permits", limit, Limit(5, 1.0), **options) as pace:
                many(world, pace, 15, permits)
            lose(tmp_path / "permits")

    world.run(runs)
    assert not crowded(permits, limit) and not crowded(permits, Limit(5, 1.0)) and len(permits) == 45
    assert waits == ([60.0 + MARGIN] * 2 if limit.window == 60.0 else [])


@pytest.mark.skipif(os.name == "nt", reason="a file that is open cannot be deleted there")
@pytest.mark.parametrize("lose", LOSSES[:-2])
@pytest.mark.parametrize("limit", [Limit(20, 60.0), Limit(5, 1.0), Limit(20, 3600.0)])
def test_a_record_that_is_lost_while_several_use_it_lets_no_window_hold_too_many(
    tmp_path: Path, limit: Limit, lose: Callable[[Path], object]
) -> None:
    """Each process writes down again what it has used itself, also for one that comes later."""
    world, permits = World(), list[float]()

    def journaled(span: float) -> list[tuple[float, int]]:
        return [(world.now - moment, 1) for moment in permits if moment > world.now - span]

    def process(*pauses: float) -> None:
        world.sleep(pauses[0])
        with shared(world, tmp_path / "permits", limit, Limit(5, 1.0), earlier_requests=journaled) as pace:
            for pause in pauses[1:]:
                many(world, pace, 6, permits)
                world.sleep(pause)

    def loses() -> None:
        for pause in (1.5, 70.0):
            world.sleep(pause)
            lose(tmp_path / "permits")

    world.run(lambda: process(0.0, 0.1, 10.0, 5.0), lambda: process(0.2, 0.0, 3.0), lambda: process(1.6, 0.0, 90.0, 1.0), loses)
    assert not crowded(permits, limit) and not crowded(permits, Limit(5, 1.0)) and len(permits) == 48


def _write_over(file: Path, place: int, content: bytes) -> None:
    with file.open("r+b") as opened:
        opened.seek(place)
        opened.write(content)


def _replace(file: Path, earlier: bytes) -> None:
    copy = file.with_name("copy")
    copy.write_bytes(earlier)
    copy.replace(file)


#: What befalls a file that is in use, and what was in it a second before.
DAMAGES: dict[str, Callable[[Path, bytes], object]] = {
    "an earlier state": lambda file, earlier: _write_over(file, 0, earlier),
    "a copy in its place": _replace,
    "zeros": lambda file, _: _write_over(file, 128, bytes(16384)),
    "numbers of the future": lambda file, _: _write_over(file, 128, struct.pack("<2d", 1e15, 1e15) * 1024),
    "a hold for ever": lambda file, _: _write_over(file, 56, struct.pack("<d", 1e15)),
    "another last number": lambda file, _: _write_over(file, 40, struct.pack("<Q", 40)),
    "a header of zeros": lambda file, _: _write_over(file, 8, bytes(104)),
}


@pytest.mark.skipif(os.name == "nt", reason="a file that is open cannot be replaced there")
@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_record_that_is_damaged_while_several_use_it_lets_no_window_hold_too_many(
    tmp_path: Path, damage: Callable[[Path, bytes], object]
) -> None:
    """Nor does anybody wait for ever."""
    limit, file = Limit(20, 60.0), tmp_path / "permits"
    world, permits = World(), list[float]()
    world.now = began = 1e6

    def process(pause: float) -> None:
        with shared(world, file, limit, Limit(5, 1.0)) as pace:
            world.sleep(pause)
            many(world, pace, 15, permits)

    def damages() -> None:
        world.sleep(1.0)
        earlier = file.read_bytes()
        world.sleep(1.5)
        damage(file, earlier)
        world.sleep(600.0)
        assert len(permits) == 30

    world.run(lambda: process(0.0), lambda: process(0.2), damages)
    assert not crowded(permits, limit) and not crowded(permits, Limit(5, 1.0)) and permits[-1] < began + 200.0


def test_the_first_request_of_a_new_machine_waits_for_nothing(tmp_path: Path) -> None:
    world, permits, waits = World(), list[float](), list[float]()

    def runs() -> None:
        options = {"earlier_requests": lambda span: [(120.0, 7)], "on_loss": waits.append}
        with shared(world, tmp_path / "permits", Limit(20, 60.0), **options) as pace:
            many(world, pace, 1, permits)

    world.run(runs)
    assert permits == [1000.0] and waits == []


def test_a_permit_is_good_for_one_request() -> None:
    """Between its permit and its request a thread may need a token: that takes a permit of its own."""
    world, permits = World(), list[float]()
    pace = new_pace([Limit(5, 1.0)], clock=world.clock, wait=world.wait)
    stop = threading.Event()

    def sender() -> None:
        for _ in range(20):
            assert pace.acquire(stop)
            many(world, pace, 1, permits)  # the token
            assert pace.confirm(stop)
            permits.append(world.now)
            pace.used()

    world.run(sender)
    assert len(permits) == 40 and not crowded(permits, Limit(5, 1.0))


def test_what_is_made_up_for_is_in_order_and_no_more_than_counts() -> None:
    world = World()
    pace = new_pace([Limit(5, 1.0), Limit(1000, 3600.0)], clock=world.clock, wait=world.wait)
    assert pace.acquire(threading.Event())
    pace.make_up([(3000.0, 2), (10.0, 10**9), (0.5, 3)])
    with pace._record.locked():
        seen = [entry.at for entry in pace._record.entries()]
    assert seen == sorted(seen) and len(seen) == 1001


def test_a_long_wait_for_a_long_window_is_told_once_a_minute() -> None:
    world, stop = World(), threading.Event()
    reports: list[tuple[float, float]] = []
    pace = new_pace(
        [Limit(5, 1.0), Limit(7, 300.0)],
        on_wait=lambda seconds: reports.append((world.now, seconds)),
        clock=world.clock,
        wait=lambda event, seconds: world.wait(event, min(seconds, 7.0)),
    )

    def sender() -> None:
        for _ in range(4):
            assert pace.acquire(stop)

    world.run(sender, sender, sender)
    assert world.now > 1300.0
    began, first = reports[0]
    assert began < 1002.0 and first == pytest.approx(1300.0 - began, abs=1.0)
    assert len(reports) == 5 and all(seconds > TELL_FROM for _, seconds in reports)
    assert all(later[0] - earlier[0] >= TELL_AGAIN for earlier, later in pairwise(reports))
    assert all(moment + seconds == pytest.approx(began + first) for moment, seconds in reports)


@pytest.mark.parametrize(("limits", "hold"), [([Limit(5, 1.0), Limit(100, 3600.0)], 600.0), ([Limit(1, 60.0)], 0.0)])
def test_a_hold_or_a_slow_rate_is_not_told_as_a_full_window(limits: list[Limit], hold: float) -> None:
    world, stop = World(), threading.Event()
    pace = new_pace(limits, on_wait=lambda seconds: pytest.fail("told"), clock=world.clock, wait=world.wait)
    pace.hold(hold)
    world.run(lambda: [pace.acquire(stop) for _ in range(3)])
    assert world.now > 1030.0


# --- slowing down by itself


def test_a_first_complaint_only_pauses_and_more_of_them_halve_the_share() -> None:
    share = Share()
    assert [share.too_fast() for _ in range(6)] == [None, 0.5, 0.25, 0.125, LEAST_SHARE, None]
    assert share.now == share.lowest == LEAST_SHARE == 1 / 16


def test_the_share_recovers_step_by_step_and_not_above_the_setting() -> None:
    share = Share()
    share.too_fast()
    share.too_fast()
    seen = []
    for _ in range(7):
        for _ in range(RECOVER_AFTER - 1):
            share.went_well()
            seen.append(share.now)
        assert len(set(seen[-RECOVER_AFTER + 1 :])) == 1
        share.went_well()
        seen.append(share.now)
    assert sorted(set(seen)) == [0.5, 0.6, 0.7, 0.8, 0.9, 1.0]
    assert (share.now, share.lowest) == (1.0, 0.5)


def test_a_complaint_after_a_good_while_is_a_first_one_again() -> None:
    share = Share()
    assert (share.too_fast(), share.too_fast()) == (None, 0.5)
    for _ in range(RECOVER_AFTER):
        share.went_well()
    assert (share.now, share.too_fast(), share.now) == (0.6, None, 0.6)
    for _ in range(RECOVER_AFTER - 1):
        share.went_well()
    assert share.too_fast() == 0.3  # one too early
    for _ in range(RECOVER_AFTER - 1):
        share.went_well()
    assert share.now == 0.3  # the row began anew with the complaint


def test_a_lower_share_spaces_permits_out_and_a_higher_one_not() -> None:
    world, stop = World(), threading.Event()
    pace = new_pace([Limit(5, 1.0), Limit(100, 60.0)], clock=world.clock, wait=world.wait)
    gaps: list[float] = []

    def sender() -> None:
        for _ in range(2):
            last = world.now
            for _ in range(6):
                assert pace.acquire(stop)
                gaps.append(world.now - last)
                last = world.now
            pace.too_fast()
            pace.too_fast()

    world.run(sender)
    assert gaps[1:6] == pytest.approx([(1.0 + MARGIN) / 5] * 5, abs=MARGIN)
    assert gaps[7:] == pytest.approx([2 * (1.0 + MARGIN) / 5] * 5)
    assert (pace.share, pace.lowest) == (0.125, 0.125)
    for _ in range(10 * RECOVER_AFTER):
        pace.went_well()
    assert (pace.share, pace.lowest) == (1.0, 0.125)


def test_without_limits_there_is_nothing_to_lower() -> None:
    pace = new_pace([])
    assert [pace.too_fast() for _ in range(3)] == [None] * 3
    pace.went_well()
    assert (pace.share, pace.lowest) == (1.0, 1.0)


def test_a_use_on_time_does_not_need_the_record(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request takes the file's lock once: where nobody waits, and where somebody waited and woke a little late."""
    world, stop = World(), threading.Event()
    pace = new_pace([Limit(5, 1.0)], clock=world.clock, wait=world.wait)
    locked, real = list[float](), pace._record.locked
    monkeypatch.setattr(pace._record, "locked", lambda: (locked.append(world.now), real())[1])

    def sender() -> None:
        for _ in range(10):
            assert pace.acquire(stop)
            world.sleep(0.001)
            assert pace.confirm(stop)
            world.sleep(PUNCTUAL - CATCH_UP - 0.001 - ROUNDING)
            pace.used()

    world.run(sender)
    assert len(locked) == 10


def test_a_request_that_has_gone_out_is_not_taken_back_because_its_lateness_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error in here would come out of the middle of an exchange, and the row would be called not sent."""

    class Full:
        def __enter__(self) -> None:
            raise Halted("pace.unwritable", path="permits", reason="No space left on device")

        def __exit__(self, *_: object) -> None:
            """Is never reached."""

    now = [1000.0]
    pace = new_pace([Limit(5, 1.0)], file=tmp_path / "permits", clock=lambda: now[0])
    assert pace.acquire(threading.Event())
    now[0] += 0.1
    monkeypatch.setattr(pace._record, "locked", Full)
    pace.used()
    with pytest.raises(Halted, match="No space left on device"):
        pace.acquire(threading.Event())
    pace.close()
