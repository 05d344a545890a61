"""What became of the sheets of one pass, as data: for whoever prints it, tells of it, or makes an exit code of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import BatchEditorError, GuardTripped
from ..model import Message, Run, Status
from ..runs.reasons import INTERRUPTED, ROWS, reason_of
from ..runs.report import Report

#: The worst of several exit codes is the one that stands first here.
_WORST_FIRST = (4, 3, 2, 1, 0)
#: A run with a row of these statuses has not come to a good end.
_NOT_WELL = (Status.INVALID, Status.CONFLICT, Status.REJECTED, Status.FAILED)


@dataclass(frozen=True, slots=True)
class Handled:
    """What became of one sheet, which was called ``name`` in the inbox.

    It has the ``report`` of its run; or the ``error`` for which it was not sent; or the ``run`` that was over before, and of
    which the files alone had to be brought away. ``went_to`` is where the sheet was moved; ``stays_in`` the folder in which it
    is kept, taken, to be gone on with. Neither of them is set where it is back in the inbox.
    ``reason_file`` says there why it was refused, ``check_sheet`` shows its rows. ``unmoved`` says why it could not be moved.
    ``ends_pass`` says that the sheets after it are not tried in the same pass.
    """

    name: str
    report: Report | None = None
    error: BatchEditorError | None = None
    run: Run | None = None
    went_to: Path | None = None
    reason_file: Path | None = None
    check_sheet: Path | None = None
    stays_in: Path | None = None
    unmoved: BatchEditorError | None = None
    notes: Sequence[Message] = ()
    ends_pass: bool = False

    @property
    def exit_code(self) -> int:
        """The exit code of the sheet, as ``run`` would have it; at least 1 where it could not be moved."""
        code = self._exit_code
        return max(code, 1) if self.unmoved else code

    @property
    def reason(self) -> str | None:
        """The stable word for why the exit code is not 0 (guide: reference)."""
        if self.unmoved is not None:  # which is what is to be mended now, and what the error says
            return reason_of(self.unmoved)
        if self.report is not None and self.report.reason is not None:
            return self.report.reason
        error = self.error
        if error is not None:
            return reason_of(error)
        return ROWS if self.exit_code else None

    @property
    def _exit_code(self) -> int:
        if self.report is not None:
            return self.report.exit_code
        if self.error is not None:
            return self.error.exit_code
        return int(any((self.run.counts or {}).get(status) for status in _NOT_WELL)) if self.run else 0


class NothingCame(GuardTripped):
    """No sheet has come for longer than ``guards.max_age`` allows."""

    guard = "max_age"


@dataclass(frozen=True, slots=True)
class Pass:
    """What one pass has come to: its ``sheets`` in the order in which they were handled, ``notes`` on what was left in the
    inbox, and the ``error`` that is about the pass itself, such as that no sheet has come for too long. ``stopped`` says that
    it ended early, and ``why_stopped`` is the word for why, where that was not one of its sheets."""

    sheets: Sequence[Handled] = ()
    notes: Sequence[Message] = ()
    error: BatchEditorError | None = None
    stopped: bool = False
    why_stopped: str | None = None

    @property
    def exit_code(self) -> int:
        """The worst exit code of the pass and its sheets (guide: inbox)."""
        codes = {handled.exit_code for handled in self.sheets}
        if self.error is not None:
            codes.add(self.error.exit_code)
        if self.stopped and self.why_stopped and not codes & {2, 3, 4}:
            codes.add(3)
        return next((code for code in _WORST_FIRST if code in codes), 0)

    @property
    def reason(self) -> str | None:
        """The stable word for why the exit code is not 0: that of the pass, or of the first sheet with this exit code."""
        code = self.exit_code
        if not code:
            return None
        if self.error is not None and self.error.exit_code == code:
            return reason_of(self.error)
        words = (handled.reason for handled in self.sheets if handled.exit_code == code)
        return next((word for word in words if word), self.why_stopped or INTERRUPTED)
