"""What those who ask the CRM for one run wait for, so that a face can say why nothing goes out.

Whoever waits says so here for as long as it takes; that is for somebody to look at, and decides nothing.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from types import TracebackType

from ..events import Waiting
from ..model import Message
from ..states import WaitReason

#: A wait is worth a word that has lasted for so many seconds, or will.
LONG = 1.0
#: Of several reasons the first one is told.
_ORDER = (
    WaitReason.JOURNAL,
    WaitReason.TOO_FAST,
    WaitReason.RATE_UNKNOWN,
    WaitReason.RATE_FULL,
    WaitReason.CRM_DOWN,
    WaitReason.UNREACHABLE,
    WaitReason.NO_ANSWER,
    WaitReason.TOKEN,
    WaitReason.OTHER_RUN,
    WaitReason.OTHER_WORKER,
    WaitReason.ANSWER,
    WaitReason.RATE_SHARED,
    WaitReason.RATE,
    WaitReason.PROOF,
)


class _Wait:
    """A wait of one thread within a ``with`` block. (One is made for every request, and ``contextmanager`` takes thrice as
    long.)"""

    __slots__ = ("_of_threads", "_outer", "_thread", "about", "reason", "since", "until")

    def __init__(
        self, of_threads: dict[int, _Wait], reason: WaitReason, since: float, until: float | None, about: Message | None
    ) -> None:
        self.reason, self.since, self.until, self.about = reason, since, until, about
        self._of_threads, self._thread = of_threads, threading.get_ident()
        self._outer = of_threads.get(self._thread)
        if self._outer is not None and self._outer.reason is reason:
            self.since = self._outer.since

    def __enter__(self) -> None:
        self._of_threads[self._thread] = self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._outer is None:
            del self._of_threads[self._thread]
        else:
            self._of_threads[self._thread] = self._outer


class Waits:
    """The waits of all threads of one run, each of which changes its own alone. ``clock`` gives seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._of_threads: dict[int, _Wait] = {}

    def of(
        self, reason: WaitReason, seconds: float | None = None, about: Message | None = None
    ) -> AbstractContextManager[None]:
        """Says that this thread waits within the block, for so many seconds where that is known."""
        now = self._clock()
        return _Wait(self._of_threads, reason, now, None if seconds is None else now + seconds, about)

    def now(self) -> Waiting | None:
        """Returns why all threads wait; None while one of them goes on, or will in a moment.

        That another program uses a part of the rate is told also while they go on.
        """
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
