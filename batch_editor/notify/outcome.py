"""What a night came to, as data of one kind, whether it ended by a report, an error or an interruption."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import BatchEditorError, reason_in
from ..model import Message
from ..runs.reasons import is_disk_full, reason_of
from ..runs.report import Report
from ..runs.row_counts import ProblemGroup

#: The exit code of a command that was interrupted before it had sent anything, and of one that ended by an error of its own.
_INTERRUPTED = 2
_CRASHED = 1
#: Errors that are about an earlier run of the sheet, for which somebody has to decide.
_OF_A_RUN = frozenset({"inbox.refuted", "inbox.too_old", "proof.was_refuted", "run.too_old"})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a night came to: its ``exit_code``, and the stable word for why it is not 0 as ``reason``.

    ``why`` says the same to people. ``counts`` are those of the summary, of all ``rows``; ``reasons`` the commonest reasons why
    rows failed or were rejected, each with how many rows; ``problems`` those of invalid rows. ``results`` is the path of the
    results sheet, ``check_sheet`` that of a night that was refused. ``left`` is how many rows are still to be sent, ``went_to``
    where a sheet of an inbox was moved.
    """

    exit_code: int
    reason: str | None = None
    why: Message | None = None
    run: str | None = None
    rows: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    reasons: Sequence[tuple[int, Message]] = ()
    problems: Sequence[ProblemGroup] = ()
    notes: Sequence[Message] = ()
    results: Path | None = None
    check_sheet: Path | None = None
    left: int = 0
    went_to: Path | None = None

    @property
    def is_well(self) -> bool:
        """Whether the night ended well, so that nobody has to do anything."""
        return self.exit_code == 0


def of_report(report: Report) -> Outcome:
    """Returns the outcome of a night whose run came to a report."""
    return Outcome(
        exit_code=report.exit_code,
        reason=report.reason,
        why=report.halted or report.unwritten,
        run=report.run,
        rows=report.rows,
        counts=report.counts,
        reasons=report.reasons,
        problems=report.preview.counts.problem_groups,
        notes=report.notes,
        results=report.results,
        left=report.left,
    )


def of_error(error: BaseException) -> Outcome:
    """Returns the outcome of a night that ended by ``error``, whatever that is."""
    run: str | None = getattr(error, "run", None)
    if isinstance(error, BatchEditorError) and error.message.key in _OF_A_RUN:
        run = str(error.message.values["run"])
    code = _CRASHED
    why = Message("night.crash", {"kind": type(error).__name__})
    if isinstance(error, BatchEditorError):
        counts = dict(error.counts)
        rows = error.rows
        check_sheet = error.check_sheet
        return Outcome(error.exit_code, reason_of(error), error.message, run, rows=rows, counts=counts, check_sheet=check_sheet)
    if isinstance(error, KeyboardInterrupt):
        code = _INTERRUPTED
        why = Message("prompt.interrupted")
    elif isinstance(error, OSError) and is_disk_full(error):
        code = 3 if run else 2
        why = Message("screen.no_room", {"reason": reason_in(error)})
    return Outcome(code, reason_of(error), why, run)
