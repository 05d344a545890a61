"""Passes on to a run what somebody elsewhere has asked of it: another process or thread, through the journal."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from ..errors import Halted
from ..stop import Stop

#: Seconds between two looks into the journal.
LOOK_EVERY = 1.0


class StopWatch:
    """Looks whether the run was asked to stop, while its block is at work, be it reading, sending or waiting out a pause.

    ``stop_asked`` looks into the journal. ``stop`` is asked once, however often it was asked already: only the person at the
    run may leave what is in flight. Use it as a context manager.
    """

    def __init__(self, stop_asked: Callable[[], bool], stop: Stop) -> None:
        self._stop_asked = stop_asked
        self._stop = stop
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="stop-watch", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(LOOK_EVERY):
            try:
                asked = self._stop_asked()
            except Halted:  # whoever sends finds that the journal cannot be read, and says so
                return
            if asked:
                self._stop.soft.set()
                return
