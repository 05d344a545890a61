"""What those who ask the CRM for one run wait for, so that a face can say why nothing goes out.

Whoever waits says so here for as long as it takes; that is for somebody to look at, and decides nothing.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ..model import Message, Waiting, WaitReason

#: A wait is worth a word that has lasted for so many seconds, or will.
LONG = 1.0
#: Of several reasons the first one is told.
_ORDER = (
    WaitReason.TOO_FAST,
    WaitReason.RATE_UNKNOWN,
    WaitReason.RATE_FULL,
    WaitReason.UNREACHABLE,
    WaitReason.NO_ANSWER,
    WaitReason.TOKEN,
    WaitReason.OTHER_RUN,
    WaitReason.ANSWER,
    WaitReason.RATE_SHARED,
    WaitReason.RATE,
    WaitReason.PROOF,
)


@dataclass(frozen=True, slots=True)
class _Wait:
    reason: WaitReason
    since: float
    until: float | None
    about: Message | None


class Waits:
    """The waits of all threads of one run. ``clock`` gives seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._of_threads: dict[int, _Wait] = {}

    @contextmanager
    def of(self, reason: WaitReason, seconds: float | None = None, about: Message | None = None) -> Iterator[None]:
        """Says that this thread waits within the block, for so many seconds where that is known."""
        now, thread = self._clock(), threading.get_ident()
        with self._lock:
            outer = self._of_threads.get(thread)
            since = outer.since if outer and outer.reason is reason else now
            self._of_threads[thread] = _Wait(reason, since, None if seconds is None else now + seconds, about)
        try:
            yield
        finally:
            with self._lock:
                if outer is None:
                    del self._of_threads[thread]
                else:
                    self._of_threads[thread] = outer

    def now(self) -> Waiting | None:
        """Returns why all threads wait; None while one of them goes on, or will in a moment.

        That another program uses a part of the rate is told also while they go on.
        """
        with self._lock:
            waits = list(self._of_threads.values())
        now = self._clock()
        if not all(now - wait.since >= LONG or (wait.until is not None and wait.until - now >= LONG) for wait in waits):
            waits = [wait for wait in waits if wait.reason is WaitReason.RATE_SHARED]
            return Waiting(WaitReason.RATE_SHARED) if waits else None
        if not waits:
            return None
        first = min(waits, key=lambda wait: _ORDER.index(wait.reason))
        ends = [wait.until - now for wait in waits if wait.reason is first.reason and wait.until is not None]
        return Waiting(first.reason, max(0.0, min(ends)) if ends else None, first.about)
