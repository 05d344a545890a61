"""Reads the clues of edits before the first of them is sent, so that somebody who is asked sees what would change."""

from __future__ import annotations

import threading

from ..events import ClueProgress
from ..model import Edit, Outcome, Status, Stoppage
from .senders import Senders


class ReadAhead:
    """Reads clues until all edits of ``senders`` are ready to be sent, or no more are left. ``run`` is called once."""

    def __init__(self, senders: Senders) -> None:
        self._senders = senders
        self._lock = threading.Lock()
        self._ready = 0
        self._unreadable = 0

    @property
    def unreadable(self) -> int:
        """How many clues gave no usable answer."""
        with self._lock:
            return self._unreadable

    def run(self) -> Stoppage | None:
        """Reads until nothing is left to be read. Returns why that halted, or None if nothing stopped it."""
        return self._senders.workers.run(self._read_all, self._progress)

    def _read_all(self) -> None:
        queue, reader = self._senders.queue, self._senders.reader
        while edit := queue.take():
            ready = reader.make_ready(edit, Status.PENDING) if edit.unread or edit.set_above else edit
            if isinstance(ready, Outcome):
                self._fail(edit, ready)
            else:
                with self._lock:
                    self._ready += ready is not None
                queue.release(edit.clue_id)

    def _fail(self, edit: Edit, outcome: Outcome) -> None:
        with self._senders.workers.gate.open() as may_write:
            if not may_write:
                return
            self._senders.sending.advance(outcome, None)
            reason = self._senders.queue.settle(edit, outcome, None)
        with self._lock:
            self._unreadable += 1
        if reason:
            self._senders.workers.halt(reason)

    def _progress(self) -> ClueProgress:
        with self._lock:
            done = self._ready + self._unreadable + self._senders.reader.dropped.total()
        return ClueProgress(done, max(done, self._senders.total), self._senders.retries.waits.now())
