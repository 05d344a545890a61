"""Passes on to a run what somebody elsewhere has asked of it: another process or thread, through the journal."""

from __future__ import annotations

from collections.abc import Callable

from ..errors import Halted
from ..stop import Stop
from .watch import Watch

#: Seconds between two looks into the journal.
LOOK_EVERY = 1.0


class StopWatch(Watch):
    """Looks whether the run was asked to stop, while its block is at work, be it reading, sending or waiting out a pause.

    ``stop_asked`` looks into the journal. ``stop`` is asked once, however often it was asked already: only the person at the
    run may leave what is in flight. Use it as a context manager.
    """

    def __init__(self, stop_asked: Callable[[], bool], stop: Stop) -> None:
        super().__init__("stop-watch")
        self._stop_asked = stop_asked
        self._stop = stop

    def look(self) -> bool:
        """Passes on a stop that was asked for; returns whether there was one, or nobody can tell any more."""
        try:
            is_asked = self._stop_asked()
        except Halted:  # whoever sends finds that the journal cannot be read, and says so
            return True
        if is_asked:
            self._stop.soft.set()
        return is_asked

    def seconds_to_next_look(self) -> float:
        return LOOK_EVERY
