"""A pace with a record of its own, in a time that a test holds in its hands."""

from __future__ import annotations

import heapq
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from batch_editor.crm.pace import Pace, open_record
from batch_editor.settings.limits import Limit


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


def new_pace(
    limits: Sequence[Limit] = (),
    *,
    file: Path | None = None,
    on_wait: Callable[[float], None] | None = None,
    on_loss: Callable[[float], None] | None = None,
    earlier_requests: Callable[[float], Sequence[tuple[float, int]]] | None = None,
    clock: Callable[[], float] = time.monotonic,
    wall_clock: Callable[[], float] = time.time,
    wait: Callable[[threading.Event, float], bool] = threading.Event.wait,
    kind: type[Pace] = Pace,
) -> Pace:
    """Returns a pace of these limits; its record is in ``file``, or in memory if there is none."""
    record = open_record(limits, file, clock=clock, wall_clock=wall_clock)
    reports = {"on_wait": on_wait, "on_loss": on_loss}
    clocks = {"clock": clock, "wall_clock": wall_clock}
    return kind(limits, record=record, earlier_requests=earlier_requests, wait=wait, **clocks, **reports)
