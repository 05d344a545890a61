"""How a run is asked to stop, by whoever: a signal, a page, another thread, the time until which it was to work."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime


class Stop:
    """How a run is asked to stop: once to finish what is in flight, twice to leave it."""

    def __init__(self) -> None:
        self.soft = threading.Event()
        self.hard = threading.Event()
        #: The moment at which it was stopped since there was to be work no longer; None where it was not.
        self.ended_at: datetime | None = None
        self._within = list[Stop]()

    @contextmanager
    def within(self) -> Iterator[Stop]:
        """Yields how the run of this block is asked to stop, one of several: whenever this one is asked. What stops that run
        alone, such as a token that is refused, stops no other."""
        run = Stop()
        self._within.append(run)
        if self.soft.is_set():  # it may have been asked just now, and has then asked that run already
            run.soft.set()
        if self.hard.is_set():
            run.hard.set()
        try:
            yield run
        finally:
            self._within.remove(run)

    def ask(self) -> None:
        """Stops after what is in flight; asked again, at once. May be called by a signal handler."""
        if self.soft.is_set():
            self.hard.set()
        self.soft.set()
        for run in [*self._within]:
            run.ask()

    def end(self, until: datetime) -> None:
        """Stops after what is in flight, since the moment has come ``until`` which there was to be work."""
        if not self.soft.is_set():
            self.ended_at = until
        self.soft.set()
