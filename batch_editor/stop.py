"""How a run is asked to stop, by whoever: a signal, a page, another thread, the time until which it was to work."""

from __future__ import annotations

import threading
from datetime import datetime


class Stop:
    """How a run is asked to stop: once to finish what is in flight, twice to leave it."""

    def __init__(self) -> None:
        self.soft = threading.Event()
        self.hard = threading.Event()
        #: The moment at which it was stopped since there was to be work no longer; None where it was not.
        self.ended_at: datetime | None = None

    def ask(self) -> None:
        """Stops after what is in flight; asked again, at once. May be called by a signal handler."""
        if self.soft.is_set():
            self.hard.set()
        self.soft.set()

    def end(self, until: datetime) -> None:
        """Stops after what is in flight, since the moment has come ``until`` which there was to be work."""
        if not self.soft.is_set():
            self.ended_at = until
        self.soft.set()
