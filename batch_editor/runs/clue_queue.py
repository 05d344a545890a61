"""Which edit of a run is next, for any number of senders: the one part through which they ask for what they share.

It holds the next pending edits, which clues are busy, which are held back, and how many requests in a row came to nothing. It
hands out edits so that those of one clue are sent in the order of the sheet and never side by side, and none after one that
failed. How an edit is sent is left to the senders.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Set
from dataclasses import replace

from ..journal.sending import Sending
from ..model import Edit, HaltReason, Message, Outcome, Status, Stoppage
from ..settings.sections import Halt
from ..stop import Stop

#: How many pending edits are held in memory, to find some whose clue is free.
WINDOW = 256


class Streak:
    """How many requests of one kind came to nothing one after the other, and whether that is one too many."""

    def __init__(self, halt: Halt) -> None:
        self._halt = halt
        self._failures = 0
        self._rejections = 0
        self._code = ""

    def add(self, status: Status, code: str, message: Message | None) -> Stoppage | None:
        """Counts one more outcome. Returns why the run is to halt, or None if it goes on."""
        self._failures = self._failures + 1 if status is Status.FAILED else 0
        if status is not Status.REJECTED:
            self._rejections = 0
        elif code == self._code and self._rejections:
            self._rejections += 1
        else:
            self._rejections = 1
            self._code = code
        last = message or Message("verbatim", {"text": ""})
        if self._halt.after_failures is not None and self._failures >= self._halt.after_failures:
            message = Message("halt.failures", {"rows": self._failures, "last": last})
            return Stoppage(HaltReason.FAILURES, message)
        if self._halt.after_rejections is not None and self._rejections >= self._halt.after_rejections:
            message = Message("halt.rejections", {"rows": self._rejections, "code": code, "last": last})
            return Stoppage(HaltReason.REJECTIONS, message)
        return None


class Streaks:
    """The streaks of a run's edits, and of its requests that read clues: those that work must not hide that all edits fail."""

    def __init__(self, halt: Halt) -> None:
        self.edits = Streak(halt)
        self.reads = Streak(halt)


class ClueQueue:
    """The next ``total`` edits of a run that are to be sent. All methods may be called by any thread.

    ``maybe_applied`` says that failed edits which may have been applied are among them. With ``held_clues`` it hands out none
    that failed, and none of these clues. Nothing is handed out once ``stop`` was asked. ``streaks`` are those that the run has
    come with.

    ``unreached`` are the failed rows of which no request can have arrived at the CRM, by their clues.
    """

    def __init__(
        self,
        sending: Sending,
        total: int,
        *,
        maybe_applied: bool,
        stop: Stop,
        streaks: Streaks,
        held_clues: Set[int] | None = None,
    ) -> None:
        self.unreached: dict[int, int] = {}
        self._skips_failed = held_clues is not None
        self._sending = sending
        self._remaining = total  # how many edits are still to be read from the journal
        self._maybe_applied = maybe_applied
        self._stop = stop
        self._streaks = streaks
        self._changed = threading.Condition()
        self._window: deque[Edit] = deque()
        self._last_row = 0
        self._busy_clues: set[int] = set()
        self._held_clues = set(held_clues or ())

    @property
    def held_clues(self) -> Set[int]:
        """The clues of which a row has failed that may have reached the CRM."""
        return self._held_clues - self.unreached.keys()

    def take(self) -> Edit | None:
        """Waits for an edit whose clue is free, marks the clue as busy and returns the edit; None if nothing is left."""
        with self._changed:
            while not self._stop.soft.is_set():
                if edit := self._next(None):
                    return edit
                if not self._window:
                    return None
                self._changed.wait()
            return None

    def take_after(self, done: Edit, outcome: Outcome) -> Edit | None:
        """Returns the edit to go on with after ``done``, whose outcome is still to be written down; None if there is none now.

        It waits for nothing, since others may be waiting for that outcome. The next edit may be of the same clue, if this one
        was updated.
        """
        with self._changed:
            if self._stop.soft.is_set():
                return None
            return self._next(done.clue_id if outcome.status is Status.UPDATED else None)

    def settle(self, done: Edit, outcome: Outcome, following: Edit | None) -> Stoppage | None:
        """Takes note of an outcome that is on disk: lets the clue go, unless ``following`` is of the same one, or holds its
        later rows back. Returns why the run is to halt, or None if it goes on."""
        clue = done.clue_id
        if outcome.status is Status.FAILED:
            with self._changed:
                self._held_clues.add(clue)
                if not outcome.reached and not outcome.maybe_applied:
                    self.unreached[clue] = done.row
                self._window = deque(edit for edit in self._window if edit.clue_id != clue)
        elif outcome.status is not Status.UPDATED:  # its later rows were made in the belief that this one would be updated
            self.read_again(clue)
        if following is None or following.clue_id != clue:
            self.release(clue)
        if outcome.status is Status.CONFLICT:  # nothing was asked of the CRM
            return None
        with self._changed:
            streak = self._streaks.reads if outcome.reads else self._streaks.edits
            return streak.add(outcome.status, outcome.code, outcome.message)

    def count_read(self, status: Status, code: str, message: Message | None) -> Stoppage | None:
        """Counts a clue that was read, or that the CRM did not show. Returns why the run is to halt, or None if it goes on."""
        with self._changed:
            return self._streaks.reads.add(status, code, message)

    def read_again(self, clue: int) -> None:
        """Makes drafts again of the rows of a clue that depend on what its record holds."""
        if self._sending.read_again(clue, maybe_applied=self._maybe_applied):
            with self._changed:
                again = (replace(edit, unread=edit.unread or edit.clue_id == clue) for edit in self._window)
                self._window = deque(again)

    def release(self, clue: int) -> None:
        """Lets a clue go: others may send its next row."""
        with self._changed:
            self._busy_clues.discard(clue)
            self._changed.notify_all()

    def replace_dropped(self) -> None:
        """Makes room for one more edit: one that was handed out is not to be sent after all."""
        with self._changed:
            self._remaining += 1

    def wake(self) -> None:
        """Wakes those that wait in ``take``: the run is stopping, or somebody has ended."""
        with self._changed:
            self._changed.notify_all()

    def _next(self, own_clue: int | None) -> Edit | None:
        self._refill()
        for place, edit in enumerate(self._window):
            if edit.clue_id == own_clue or edit.clue_id not in self._busy_clues:
                del self._window[place]
                self._busy_clues.add(edit.clue_id)
                return edit
        return None

    def _refill(self) -> None:
        while len(self._window) < WINDOW // 2 and self._remaining > 0:
            number = min(WINDOW, self._remaining)
            if self._skips_failed:
                edits = self._sending.not_tried(self._last_row, number)
            else:
                edits = self._sending.pending(self._last_row, number, maybe_applied=self._maybe_applied)
            if not edits:
                self._remaining = 0
                return
            self._remaining -= len(edits)
            self._last_row = edits[-1].row
            self._window.extend(edit for edit in edits if edit.clue_id not in self._held_clues)
