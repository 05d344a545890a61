"""The permitted rate, in virtual time: no window of any limit holds too many permits, and hardly any are wasted."""

from __future__ import annotations

import heapq
import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batch_editor.pace import CATCH_UP, LONGEST_WAIT, MARGIN, Pace
from batch_editor.records import Limit

ROUNDING = 1e-9  # of adding up floats over a run


class World:
    """Virtual time for real threads: one runs at a time, and when it sleeps the one that wakes next goes on."""

    def __init__(self) -> None:
        self.now = 1000.0
        self._sleeping: list[tuple[float, int, threading.Semaphore]] = []
        self._count = 0

    def clock(self) -> float:
        return self.now

    def _queue(self, seconds: float) -> threading.Semaphore:
        turn = threading.Semaphore(0)
        self._count += 1
        heapq.heappush(self._sleeping, (self.now + seconds, self._count, turn))
        return turn

    def _wake_next(self) -> None:
        if self._sleeping:
            self.now, _, turn = heapq.heappop(self._sleeping)
            turn.release()

    def sleep(self, seconds: float) -> None:
        turn = self._queue(seconds)
        self._wake_next()
        turn.acquire()

    def wait(self, event: threading.Event, seconds: float) -> bool:
        self.sleep(seconds)
        return event.is_set()

    def run(self, *actors: Callable[[], object]) -> None:
        def act(actor: Callable[[], object], turn: threading.Semaphore) -> None:
            turn.acquire()
            try:
                actor()
            finally:
                self._wake_next()

        with ThreadPoolExecutor(len(actors)) as pool:
            done = [pool.submit(act, actor, self._queue(0.0)) for actor in actors]
            self._wake_next()
        for future in done:
            future.result()


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

    def wait(event: threading.Event, wanted: float) -> bool:
        world.sleep(wanted + lateness())
        return event.is_set()

    pace = Pace(limits, clock=world.clock, wait=wait)
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
    pace = Pace([Limit(5, 1.0)], clock=world.clock, wait=world.wait)
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
    pace = Pace(limits, clock=world.clock, wait=world.wait)
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
    pace = Pace([Limit(5, 1.0)], clock=world.clock, wait=world.wait)
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
    pace = Pace([], clock=world.clock, wait=lambda event, seconds: pytest.fail("waited"))
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

    pace = Pace([Limit(1, 1.0)], clock=world.clock, wait=impatient)
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
    pace = Pace([], clock=world.clock, wait=lambda event, seconds: pytest.fail("waited"))
    assert all(pace.acquire(threading.Event()) for _ in range(1000))


@pytest.mark.parametrize("limits", [[], [Limit(5, 1.0)]])
def test_a_hold_stops_everybody_also_those_who_wait_already(limits: list[Limit]) -> None:
    world = World()
    pace = Pace(limits, clock=world.clock, wait=world.wait)
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

    pace = Pace([], clock=world.clock, wait=wait)
    pace.hold(1e12)
    assert not pace.acquire(stop)
    assert waits == [LONGEST_WAIT] * 3


def test_stop_ends_the_waiting_and_uses_no_permit() -> None:
    stop = threading.Event()
    pace = Pace([Limit(1, 86400.0)])
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
    assert not Pace([]).acquire(stop)
