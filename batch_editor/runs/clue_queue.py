"""Which edit of a run is next, for any number of senders: the one part through which they ask for what they share.

It holds the next pending edits, which clues are busy, which are held back, and how many requests in a row came to nothing. It
hands out edits so that those of one clue are sent in the order of the sheet and never side by side, and none after one that
failed. How an edit is sent is left to the senders.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence, Set
from dataclasses import replace
from typing import Any

from ..journal.sending import Sending
from ..model import Edit, HaltReason, Message, Outcome, Status, Stoppage
from ..settings.sections import Halt
from ..stop import Stop

#: How many pending edits are held in memory, to find some whose clue is free.
WINDOW = 256


class Streak:
    """How many requests of one kind came to nothing one after the other, and whether that is one too many."""

    def __init__(self, halt: Halt, failures: int = 0, lost: int = 0, rejections: int = 0, code: str = "") -> None:
        self._halt = halt
        self._failures = failures
        self._lost = lost  # how many of those failures got no answer of the CRM
        self._rejections = rejections
        self._code = code

    def as_json(self) -> list[Any]:
        """Returns how long the streak is by now, and of what."""
        return [self._failures, self._lost, self._rejections, self._code]

    def add(self, status: Status, code: str, message: Message | None, *, is_lost: bool = False) -> Stoppage | None:
        """Counts one more outcome. Returns why the run is to halt, or None if it goes on: where none of the failures got an
        answer of the CRM (``is_lost``), that it is down."""
        self._failures = self._failures + 1 if status is Status.FAILED else 0
        self._lost = self._lost + is_lost if status is Status.FAILED else 0
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
            reason = HaltReason.CRM_DOWN if self._lost == self._failures else HaltReason.FAILURES
            self._failures = self._lost = 0
            return Stoppage(reason, message)
        if self._halt.after_rejections is not None and self._rejections >= self._halt.after_rejections:
            message = Message("halt.rejections", {"rows": self._rejections, "code": code, "last": last})
            return Stoppage(HaltReason.REJECTIONS, message)
        return None


class Streaks:
    """The streaks of a run's edits, and of its requests that read clues: those that work must not hide that all edits fail.

    ``earlier`` are those that a part of the run which ended just before has come to, as ``as_json`` has returned them.
    """

    def __init__(self, halt: Halt, earlier: Sequence[Sequence[Any]] = ()) -> None:
        self.edits, self.reads = (Streak(halt, *counts) for counts in earlier or ((), ()))

    def as_json(self) -> list[list[Any]]:
        """Returns the streaks as JSON, for the part of the run that goes on with them."""
        return [self.edits.as_json(), self.reads.as_json()]


class ClueQueue:
    """The next ``total`` edits of a run that are to be sent. All methods may be called by any thread.

    ``maybe_applied`` says that failed edits which may have been applied are among them. It hands out none of the
    ``held_clues``. Nothing is handed out once ``stop`` was asked. ``streaks`` are those that the run has come with.

    ``failures`` are how edits have failed that may be tried once more, by their clues.
    """

    def __init__(
        self,
        sending: Sending,
        total: int,
        *,
        maybe_applied: bool,
        stop: Stop,
        streaks: Streaks,
        held_clues: Set[int] = frozenset(),
    ) -> None:
        self.failures: dict[int, Outcome] = {}
        self._sending = sending
        self._remaining = total  # how many edits are still to be read from the journal
        self._maybe_applied = maybe_applied
        self._stop = stop
        self._streaks = streaks
        self._changed = threading.Condition()
        self._window: deque[Edit] = deque()
        self._last_row = 0
        self._busy_clues: set[int] = set()
        self._held_clues = set(held_clues)

    @property
    def held_clues(self) -> Set[int]:
        """The clues of which a row has failed that may not be tried once more."""
        return self._held_clues - self.failures.keys()

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
                is_asked = outcome.attempts or outcome.reads  # one that was withheld would be again
                if is_asked and (self._maybe_applied or not outcome.maybe_applied):
                    self.failures[clue] = outcome
                self._window = deque(edit for edit in self._window if edit.clue_id != clue)
        elif outcome.status is not Status.UPDATED:  # its later rows were made in the belief that this one would be updated
            self.read_again(clue)
        if following is None or following.clue_id != clue:
            self.release(clue)
        if outcome.status is Status.CONFLICT:  # nothing was asked of the CRM
            return None
        with self._changed:
            streak = self._streaks.reads if outcome.reads else self._streaks.edits
            is_lost = outcome.is_lost and self._maybe_applied and not outcome.reads  # such an edit can be sent again
            return streak.add(outcome.status, outcome.code, outcome.message, is_lost=is_lost)

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
            edits = self._sending.pending(self._last_row, number, maybe_applied=self._maybe_applied)
            if not edits:
                self._remaining = 0
                return
            self._remaining -= len(edits)
            self._last_row = edits[-1].row
            self._window.extend(edit for edit in edits if edit.clue_id not in self._held_clues)
