"""How a run is asked to stop, by whoever: a signal, a page, another thread."""

from __future__ import annotations

import threading


class Stop:
    """How a run is asked to stop: once to finish what is in flight, twice to leave it."""

    def __init__(self) -> None:
        self.soft = threading.Event()
        self.hard = threading.Event()

    def ask(self) -> None:
        """Stops after what is in flight; asked again, at once. May be called by a signal handler."""
        if self.soft.is_set():
            self.hard.set()
        self.soft.set()
