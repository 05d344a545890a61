"""How a run ended: what of it was not sent, in which state that leaves it, and with which exit code its command ends.

These are pure functions of a few numbers, so that the table of exit codes (guide: reference) can be read and tested as one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..model import HaltReason, Message, RunState, Status, Stoppage

#: What only asks a run to end, and is no matter where it has just ended by itself.
_ASKED_TO_END = (HaltReason.ASKED, HaltReason.UNTIL)


@dataclass(frozen=True, slots=True)
class Ending:
    """The facts that decide how a run is said to have ended.

    ``pending`` rows were to be sent when sending began, at most ``limit`` of them; ``done`` edits have an outcome, and
    ``dropped`` rows turned out to have nothing to send. ``counts`` are those of the summary, of all rows of the run.
    ``only_proves``: it was for the proof of its first edit alone; ``unproved``: a proof that was asked for was not given.
    ``cut_short``: it stopped since the CRM could not be reached, or was asked to while edits were failing. ``unwritten``: its
    results sheet could not be written; ``unrecorded``: the journal could not be told how it ended, so that it counts as one
    that is still to be gone on with.
    """

    pending: int
    limit: int | None
    done: int
    dropped: int
    counts: Mapping[str, int]
    only_proves: bool = False
    unproved: bool = False
    cut_short: bool = False
    unwritten: bool = False
    unrecorded: bool = False

    @property
    def held_back(self) -> int:
        """How many edits that were asked for have no outcome."""
        if self.only_proves:
            return 0
        to_send = self.pending - self.dropped
        return (to_send if self.limit is None else min(to_send, self.limit)) - self.done

    @property
    def is_finished(self) -> bool:
        """Whether nothing is left to go on with, be it beyond the limit."""
        return not (self.held_back or self.cut_short) and (self.only_proves or not self.counts["not_sent"])

    @property
    def exit_code(self) -> int:
        """3 if it stopped early, 1 if some rows did not come to a good end or are in no results sheet, else 0."""
        if self.held_back or self.unproved or self.cut_short or self.unrecorded:
            return 3
        return 1 if self._is_bad or self.unwritten else 0

    @property
    def _is_bad(self) -> bool:
        if self.only_proves:  # nothing was asked of the other rows
            return not self.counts["updated"]
        return any(self.counts[status] for status in ("invalid", "conflict", "rejected", "failed"))

    @property
    def state(self) -> RunState:
        """The state in which the run is left."""
        return RunState.FINISHED if self.is_finished else RunState.STOPPED

    def stoppage(self, halted: Stoppage | None) -> Stoppage | None:
        """Returns why the run stopped early, which was ``halted``, if it did."""
        if halted is not None and halted.reason in _ASKED_TO_END and self.is_finished:
            return None  # it was just done in time
        if halted is None and self.held_back:
            return Stoppage(HaltReason.HELD_BACK, Message("halt.held_back", {"rows": self.held_back}))
        return halted


def cuts_short(halted: Stoppage | None, counts: Mapping[str, int], to_send: int) -> bool:
    """Returns whether whoever goes on with a run that ``halted`` is to send rows that have failed and may be sent once more:
    they got no answer, or were not tried to the end. ``to_send`` rows would be sent."""
    if halted is None:
        return False
    is_asked = halted.reason in _ASKED_TO_END
    return halted.reason is HaltReason.CRM_DOWN or (is_asked and min(counts[Status.FAILED], to_send) > 0)
