"""Sees to it that no look takes longer than it may, also where the system waits for ever, as on a share that is gone."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from ..errors import BatchEditorError

T = TypeVar("T")
#: Seconds that one look may take, and all of them together.
EACH = 10.0
ALL = 50.0


class TooSlow(Exception):
    """A look takes longer than it may; nobody waits for it any more."""


class Started(Generic[T]):
    """A look that is under way in a thread of its own, which ends with the process at the latest."""

    def __init__(self, look: Callable[[], T]) -> None:
        self._look = look
        self._results = list[T]()
        self._errors = list[Exception]()
        self._thread = threading.Thread(target=self._run, name="look", daemon=True)
        self._thread.start()

    def result(self, seconds: float) -> T:
        """Returns what the look has come to, or raises what it raised. Raises ``TooSlow`` if that takes longer."""
        self._thread.join(max(0.0, seconds))
        if self._errors:
            raise self._errors[0]
        if not self._results:
            raise TooSlow
        return self._results[0]

    def _run(self) -> None:
        try:
            self._results.append(self._look())
        except (BatchEditorError, OSError) as error:
            self._errors.append(error)


class Budget:
    """The time of all looks together, from now on. ``clock`` gives seconds."""

    def __init__(self, seconds: float = ALL, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._ends = clock() + seconds

    def share(self, most: float = EACH) -> float:
        """Returns the seconds that the next look may take."""
        return max(0.0, min(most, self._ends - self._clock()))
