"""The threads of a worker: so many at a time, and what becomes of their work."""

from __future__ import annotations

import threading
from concurrent.futures import CancelledError

import pytest

from batch_editor.worker.slots import Slots, in_background


class Work:
    """Work that goes on until it may end."""

    def __init__(self) -> None:
        self.may_end = threading.Event()
        self.begun = threading.Semaphore(0)
        self.number = 0
        self._lock = threading.Lock()

    def __call__(self) -> None:
        with self._lock:
            self.number += 1
        self.begun.release()
        assert self.may_end.wait(60)


def test_so_many_work_at_a_time_and_the_next_one_follows() -> None:
    work = Work()
    slots = Slots(2, work)
    futures = [slots.fill() for _ in range(3)]
    for _ in range(2):
        assert work.begun.acquire(timeout=60)
    assert not work.begun.acquire(timeout=0.05)
    work.may_end.set()
    for future in futures:
        future.result(60)
    assert work.number == 3
    assert slots.join(60)


def test_what_nobody_waits_for_any_more_is_not_begun_but_what_has_begun_goes_on() -> None:
    work = Work()
    slots = Slots(1, work)
    first, second = slots.fill(), slots.fill()
    assert work.begun.acquire(timeout=60)
    assert not first.cancel()
    assert second.cancel()
    assert not slots.join(0.01)
    work.may_end.set()
    first.result(60)
    assert slots.join(60)
    assert work.number == 1
    with pytest.raises(CancelledError):
        second.result()


def test_a_crash_is_for_whoever_waits_and_ends_no_slot() -> None:
    crashes = iter([ZeroDivisionError(), None])

    def work() -> None:
        if error := next(crashes):
            raise error

    slots = Slots(1, work)
    with pytest.raises(ZeroDivisionError):
        slots.fill().result(60)
    slots.fill().result(60)


def test_work_in_the_background_ends_with_what_it_comes_to() -> None:
    in_background(lambda: None).result(60)
    with pytest.raises(ZeroDivisionError):
        in_background(lambda: print(1 // 0)).result(60)
