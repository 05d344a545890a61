"""Whole runs on time in memory: nobody waits for a pause, a permit or the next attempt, and what was waited for is counted."""

from __future__ import annotations

import threading
from collections import Counter
from functools import partial
from types import TracebackType
from typing import Any, Self

import pytest

from batch_editor.crm import connection
from batch_editor.crm.client import Client
from batch_editor.model import Edit, Reply
from support.dispatching import FakeTime

#: Seconds after which ``LateAnswers`` gives up an answer that is known to be late.
BRIEF = 0.2


class BoundedTime(FakeTime):
    """Time in memory of which only ``most`` seconds may be waited for, by all threads together."""

    def __init__(self, most: float) -> None:
        super().__init__()
        self._most = most

    def wait(self, stop: threading.Event, seconds: float) -> bool:
        assert sum(self.waits) + seconds <= self._most, "the waits have no end"
        return super().wait(stop, seconds)


def use(monkeypatch: pytest.MonkeyPatch, time: FakeTime) -> None:
    """From now on whole runs wait on ``time``, and always as long as a drawn wait may be."""
    clocks: dict[str, Any] = {"clock": time.clock, "wait": time.wait}
    monkeypatch.setattr(connection, "open_record", partial(connection.open_record, clock=time.clock, wall_clock=time.clock))
    monkeypatch.setattr(connection, "Pace", partial(connection.Pace, **clocks))
    monkeypatch.setattr(connection, "Retries", partial(connection.Retries, **clocks, jitter=lambda low, high: high))


class LateAnswers:
    """Makes the clients of whole runs wait briefly for the answers that come too late, and long for all others.

    So a slow machine makes no other answer late. ``clue`` is the one whose answers are late, None if all are; with ``times``
    only so many of them.
    """

    def __init__(self, clue: int | None, times: int | None) -> None:
        self._clue, self._times = clue, times
        self._asked: Counter[int] = Counter()
        self._lock = threading.Lock()

    def use(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(connection, "Client", partial(_TwoClients, self))

    def is_late(self, clue: int) -> bool:
        """Whether the answer to the next request for this clue will be late."""
        with self._lock:
            self._asked[clue] += 1
            return self._clue in (None, clue) and (self._times is None or self._asked[clue] <= self._times)


class _TwoClients:
    """Stands in for the client: one that waits long, and one that does not."""

    def __init__(self, late: LateAnswers, *args: Any, timeout: float, **more: Any) -> None:
        self._late = late
        self._patient, self._brief = (Client(*args, timeout=seconds, **more) for seconds in (timeout, BRIEF))

    def edit(self, edit: Edit) -> Reply:
        return (self._brief if self._late.is_late(edit.clue_id) else self._patient).edit(edit)

    def info(self, clue_id: int) -> Reply:
        return self._patient.info(clue_id)

    def pools(self, page: int) -> Reply:
        return self._patient.pools(page)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._brief.close()
        self._patient.close()
