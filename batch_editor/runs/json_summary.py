"""The JSON object that says how a command ended: one room for reports and for errors, so that a program finds the same keys.

Which texts it holds, and in which language, is decided by whoever asks for it; nothing is printed here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from ..model import SUMMARY_STATUSES
from .reasons import INTERRUPTED, reason_of


def frame(exit_code: int, reason: str | None, error: str | None) -> dict[str, object]:
    """Returns what every JSON object says of the end of its command: the exit code, the stable word for why it is not 0, the
    same as a sentence, and whether the command was ``stopped`` before it was through."""
    return {"exit_code": exit_code, "reason": reason, "error": error, "stopped": exit_code == 3 or reason == INTERRUPTED}


def json_summary(
    exit_code: int,
    *,
    reason: str | None = None,
    error: str | None = None,
    run: str | None = None,
    rows: int = 0,
    counts: Mapping[str, int] | None = None,
    results: Path | None = None,
    check_sheet: Path | None = None,
    seconds: float = 0.0,
    halted: str | None = None,
    unwritten: str | None = None,
    reasons: Sequence[tuple[int, str]] = (),
    notes: Sequence[str] = (),
    unfinished: Sequence[Mapping[str, object]] = (),
    left: int = 0,
    undoable_rows: int = 0,
    changed_rows: int = 0,
    slowed: float = 1.0,
) -> dict[str, object]:
    """Returns the summary of a command that reads a sheet or sends a run (guide: reference).

    ``counts`` are the rows by the statuses of the summary; ``slowed`` is the share of the permitted rate that was used, where
    the CRM slowed the run down.
    """
    return {
        "run": run,
        "exit_code": exit_code,
        "rows": rows,
        **dict.fromkeys(SUMMARY_STATUSES, 0),
        **(counts or {}),
        "results": str(results) if results else None,
        "seconds": round(seconds, 3),
        "halted": halted,
        "unwritten": unwritten,
        "reasons": [{"rows": rows_of, "reason": text} for rows_of, text in reasons],
        "notes": list(notes),
        "left": left,
        "undoable": undoable_rows > 0,
        "undoable_rows": undoable_rows,
        "changed_rows": changed_rows,
        **frame(exit_code, reason, error),
        "check_sheet": str(check_sheet) if check_sheet else None,
        "unfinished": list(unfinished),
        **({"slowed_to": slowed} if slowed < 1 else {}),
    }


def kept_run(error: BaseException, exit_code: int) -> str | None:
    """Returns the name of the run that an ``error`` leaves behind, by the exit code of the command: one of which nothing was
    sent may be forgotten."""
    return getattr(error, "run", None) if exit_code > 2 else None


def error_summary(
    exit_code: int,
    error: BaseException,
    text: str,
    *,
    reason: str | None = None,
    seconds: float = 0.0,
    notes: Sequence[str] = (),
    unfinished: Sequence[Mapping[str, object]] = (),
) -> dict[str, object]:
    """Returns the summary of a command that ended by an ``error``, which ``text`` tells: with what the error knows of the sheet
    that was refused, and of a run that is still there. ``reason`` is the word of an error that is none of this package."""
    return json_summary(
        exit_code,
        reason=reason or reason_of(error),
        error=text,
        run=kept_run(error, exit_code),
        rows=getattr(error, "rows", 0),
        counts=getattr(error, "counts", None),
        check_sheet=getattr(error, "check_sheet", None),
        seconds=seconds,
        notes=notes,
        unfinished=unfinished,
    )
