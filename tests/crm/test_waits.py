"""Why a run waits, as data: what all who ask the CRM for it wait for."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path

import pytest
from support import jobs

from batch_editor.crm.pace import Pace, open_record
from batch_editor.crm.retries import Retries
from batch_editor.crm.tokens import Grant, Tokens
from batch_editor.crm.waits import Waits
from batch_editor.events import Waiting
from batch_editor.model import Edit, Message, Reply, Sent
from batch_editor.settings.limits import Limit
from batch_editor.states import WaitReason
from batch_editor.stop import Stop


class Clock:
    """Seconds that go by when somebody waits; what ``waits`` say meanwhile is noted."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.waits = Waits(self)
        self.noted: list[Waiting | None] = []

    def __call__(self) -> float:
        return self.now

    def wait(self, event: threading.Event, seconds: float) -> bool:
        self.noted.append(self.waits.now())
        self.now += seconds
        return event.is_set()


def in_another_thread(waits: Waits, reason: WaitReason, seconds: float | None, look: Callable[[], None]) -> None:
    """Calls ``look`` while another thread waits."""
    inside, over = threading.Event(), threading.Event()

    def wait() -> None:
        with waits.of(reason, seconds):
            inside.set()
            over.wait(20)

    thread = threading.Thread(target=wait)
    thread.start()
    inside.wait(20)
    try:
        look()
    finally:
        over.set()
        thread.join()


def test_nobody_waits_where_nobody_says_so() -> None:
    assert Waits().now() is None


def test_all_have_to_wait_and_for_longer_than_a_moment() -> None:
    clock = Clock()
    waits = clock.waits

    def look() -> None:
        assert waits.now() == Waiting(WaitReason.TOO_FAST, 40.0)
        with waits.of(WaitReason.ANSWER):
            assert waits.now() is None  # this one may get its answer at once
            clock.now += 2
            assert waits.now() == Waiting(WaitReason.TOO_FAST, 38.0)  # it is what holds all of them up
        with waits.of(WaitReason.RATE, 0.2):
            assert waits.now() is None

    in_another_thread(waits, WaitReason.TOO_FAST, 40.0, look)
    assert waits.now() is None


def test_short_waits_for_one_reason_are_one_wait() -> None:
    clock = Clock()
    with clock.waits.of(WaitReason.OTHER_RUN):
        for _ in range(11):
            with clock.waits.of(WaitReason.OTHER_RUN, 0.1):
                clock.now += 0.1
        with clock.waits.of(WaitReason.OTHER_RUN, 0.1):
            assert clock.waits.now() == Waiting(WaitReason.OTHER_RUN, pytest.approx(0.1))
        assert clock.waits.now() == Waiting(WaitReason.OTHER_RUN)


def test_that_the_rate_is_shared_is_told_while_rows_go_on() -> None:
    waits = Waits()
    with waits.of(WaitReason.RATE_SHARED, 0.5):
        assert waits.now() == Waiting(WaitReason.RATE_SHARED)


def asked(clock: Clock, tmp_path: Path, *replies: Reply, pace: Pace | None = None, tokens: Tokens | None = None) -> None:
    """Sends one edit that gets ``replies``, the last one again and again."""
    settings = jobs.settings(tmp_path, retry={"attempts": 3, "max_wait": 60}, rate={"pause": 42, "patience": 900})
    stop, left = Stop(), list(replies)
    made = pace or Pace([], record=open_record([], None, clock=clock), waits=clock.waits, clock=clock, wait=clock.wait)
    retries = Retries(
        tokens=tokens or Tokens(fixed="token"),
        pace=made,
        settings=settings,
        stop=stop,
        notices=deque(),
        waits=clock.waits,
        clock=clock,
        wait=clock.wait,
        jitter=lambda low, high: high,
    )
    edit = Edit(2, 11, '{"clue_id":11}')
    retries.send_edit(edit, lambda _: left.pop(0) if len(left) > 1 else left[0])


DONE = Reply(Sent.YES, status=200, code=0, data=True)
REFUSED = Reply(Sent.NO, trouble=Message("net.refused"))
LOST = Reply(Sent.MAYBE, trouble=Message("net.lost"))


def test_a_crm_that_is_down_and_one_that_does_not_answer(tmp_path: Path) -> None:
    clock = Clock()
    asked(clock, tmp_path, REFUSED)
    assert clock.noted == [
        Waiting(WaitReason.UNREACHABLE, 1.0, Message("net.refused")),
        Waiting(WaitReason.UNREACHABLE, 2.0, Message("net.refused")),
    ]
    clock = Clock()
    asked(clock, tmp_path, LOST, DONE)
    assert clock.noted == [Waiting(WaitReason.NO_ANSWER, 1.0, Message("net.lost"))]


def test_a_crm_that_says_too_fast(tmp_path: Path) -> None:
    clock = Clock()
    asked(clock, tmp_path, Reply(Sent.YES, status=429), DONE)
    assert clock.noted == [Waiting(WaitReason.TOO_FAST, 42.0)]


def test_a_token_that_takes_its_time(tmp_path: Path) -> None:
    clock, noted = Clock(), list[Waiting | None]()

    def fetch() -> Grant:
        clock.now += 3
        noted.append(clock.waits.now())
        return Grant("granted", 7200)

    asked(clock, tmp_path, DONE, tokens=Tokens(fetch=fetch, waits=clock.waits, clock=clock))
    assert noted == [Waiting(WaitReason.TOKEN)]


def shared_pace(clock: Clock, file: Path, waits: Waits | None, *limits: Limit) -> Pace:
    record = open_record(limits, file, clock=clock, wall_clock=clock)
    return Pace(limits, record=record, waits=waits, clock=clock, wait=clock.wait)


def test_another_program_that_takes_permits_or_holds_all_back(tmp_path: Path) -> None:
    clock, stop = Clock(), threading.Event()
    limit = Limit(1, 8.0)
    with (
        shared_pace(clock, tmp_path / "pace", clock.waits, limit) as here,
        shared_pace(clock, tmp_path / "pace", None, limit) as elsewhere,
    ):
        for pace in (here, here, elsewhere, here):
            pace.acquire(stop)
            pace.used()
        reasons = [waiting.reason for waiting in clock.noted if waiting]
        assert reasons == [WaitReason.RATE, WaitReason.RATE_SHARED]
        clock.noted.clear()
        elsewhere.hold(30)
        here.acquire(stop)
        assert clock.noted[0] and clock.noted[0].reason is WaitReason.RATE_SHARED
        clock.noted.clear()
        here.hold(30)
        here.acquire(stop)
        assert clock.noted[0] and clock.noted[0].reason is WaitReason.TOO_FAST


def test_a_long_window_that_is_full(tmp_path: Path) -> None:
    clock, stop = Clock(), threading.Event()
    with shared_pace(clock, tmp_path / "pace", clock.waits, Limit(1, 1.0), Limit(2, 3600.0)) as pace:
        for _ in range(3):
            pace.acquire(stop)
            pace.used()
    waiting = next(noted for noted in clock.noted if noted and noted.reason is WaitReason.RATE_FULL)
    assert waiting.seconds and waiting.seconds > 3000
