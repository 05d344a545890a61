"""How a run is asked to stop, by whoever: a signal, a page, another thread, the time until which it was to work."""

from __future__ import annotations

import threading
from datetime import datetime

from .errors import BatchEditorError, StopAsked, TimeIsUp


class Stop:
    """How a run is asked to stop: once to finish what is in flight, twice to leave it."""

    def __init__(self) -> None:
        self.soft = threading.Event()
        self.hard = threading.Event()
        self._until: datetime | None = None

    def ask(self) -> None:
        """Stops after what is in flight; asked again, at once. May be called by a signal handler."""
        if self.soft.is_set():
            self.hard.set()
        self.soft.set()

    def end(self, until: datetime) -> None:
        """Stops after what is in flight, since the moment has come ``until`` which there was to be work."""
        if not self.soft.is_set():
            self._until = until
        self.soft.set()

    @property
    def error(self) -> BatchEditorError:
        """What is raised for it where something stops."""
        if self._until is not None:
            return TimeIsUp("halt.until", time=f"{self._until:%H:%M}")
        return StopAsked("halt.asked")

    def raise_if_over(self) -> None:
        """Raises ``TimeIsUp`` if the moment has come until which there was to be work."""
        if self._until is not None:
            raise self.error
