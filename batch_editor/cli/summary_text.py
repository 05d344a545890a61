"""How a command ended, in words: the counts, why rows failed, where the results are, and what to do next as commands.

The facts are those of a report; with ``--json`` they are its JSON summary instead.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..messages import say
from ..messages.command_line import quoted
from ..model import SUMMARY_STATUSES, Change, Message, NextStep, Status, Step, Undoable
from .screen import Screen

if TYPE_CHECKING:
    from ..runs.report import Report

#: How many fields that differ a terminal shows; where stdout is a file or a pipe all are written that the report holds.
MOST_CHANGES_SHOWN = 20


def show_check(screen: Screen, report: Report) -> None:
    """Shows the outcome of ``check``."""
    from .preview_text import show_preview, show_problems, show_warnings

    if screen.wants_object:
        problems = [
            {
                "row": problem.row,
                "cell": say(Message("verbatim", {"text": problem.place}), screen.lang),
                "field": problem.field,
                "problem": say(problem.sentence, screen.lang),
            }
            for problem in report.problems
        ]
        screen.json_object(report.summary() | {"problem_count": report.preview.counts.problem_count, "problems": problems})
    if screen.as_json:
        show_warnings(screen, report.preview)
        _show_troubles(screen, report)
        return
    below = [Message("preview.written", {"path": report.results})] if report.results else []
    below.append(Message("preview.nothing_sent"))
    if screen.quiet:
        show_warnings(screen, report.preview)
        show_problems(screen, report.preview)
    else:
        show_preview(screen, report.preview, below=below)
    _show_troubles(screen, report)
    for message in below:
        screen.line(message, wrapped=False)


def show_diff(screen: Screen, report: Report) -> None:
    """Shows the outcome of ``diff``: on a terminal the first fields that differ, elsewhere all that the report holds."""
    from ..runs.preview_lines import change_line
    from .preview_text import show_problems, show_warnings

    differences, changes = report.preview.differences, report.preview.changes
    if screen.wants_object:
        as_json = [_change_json(screen, change) for change in changes]
        screen.json_object(report.summary() | {"changed": differences.fields, "changes": as_json})
    show_warnings(screen, report.preview)
    if screen.as_json:
        _show_troubles(screen, report)
        return
    show_problems(screen, report.preview)
    if differences.fields:
        screen.line(Message("diff.found", {"fields": differences.fields, "rows": differences.rows}))
    elif not any(report.counts[status] for status in ("invalid", "failed", "conflict")):
        screen.line(Message("diff.none"))
    shown = changes[:MOST_CHANGES_SHOWN] if sys.stdout.isatty() else changes
    for change in shown:
        screen.line(change_line(change))
    if differences.fields > len(shown):
        screen.line(Message("diff.more", {"fields": differences.fields - len(shown)}))
    show_counts(screen, report.counts | {"not_sent": 0})
    _show_reasons(screen, report)
    if beyond_limit := report.counts["not_sent"] - differences.rows:
        screen.line(Message("preview.limited", {"rows": beyond_limit}))
    if report.results:
        screen.line(Message("diff.written", {"path": report.results}), wrapped=False)
    _show_troubles(screen, report)
    screen.line(Message("diff.nothing_sent"))


def show_summary(screen: Screen, report: Report, options: tuple[str, str] | None = None) -> None:
    """Shows the outcome of a run: the counts, why rows failed, and where the results are.

    With ``options``, those that have to be typed again to resume the run and to run its results, also what to do next.
    """
    if not screen.as_json:
        from ..messages.time import spoken

        if report.run is None:
            screen.line(Message("summary.nothing_written"))
        else:
            screen.line(Message("summary.head", {"run": report.run, "rows": report.rows, "time": spoken(report.seconds)}))
            if not report.preview.calls:
                screen.line(Message("summary.nothing"))
            if report.detached:
                screen.line(Message("summary.detached", {"run": report.run}))
        show_counts(screen, _still_to_be_sent(report.counts) if report.detached else report.counts)
        _show_reasons(screen, report)
        if report.memory and report.memory.verification and not report.memory.drifted:
            screen.line(report.memory.verification)
        if report.slowed < 1:
            screen.line(Message("summary.slowed", {"percent": round(100 * report.slowed)}))
        if report.results:
            screen.line(Message("summary.results", {"path": report.results}), wrapped=False)
        if report.undoable and (report.results is None or report.results.suffix.lower() == ".csv"):
            screen.line(Message("changes.where", {"run": report.run}))
    _show_troubles(screen, report)
    if report.put_back:
        _show_put_back(screen, report.put_back)
    if options is not None:
        for step in report.next_steps:
            _show_next_step(screen, step, report, *options)
    screen.tell_unfinished()


def _still_to_be_sent(counts: Mapping[str, int]) -> dict[str, int]:
    """Returns the counts of a run that goes on: what was not sent is still to be sent."""
    return {Status.PENDING if status == Status.NOT_SENT else status: number for status, number in counts.items()}


def _show_troubles(screen: Screen, report: Report) -> None:
    """Shows on stderr what has gone wrong with a command as a whole, and what was worth a warning and is not shown yet."""
    screen.tell_notes(report.notes)
    for trouble in (report.halted, report.unwritten):
        if trouble:
            screen.line(trouble, error=True)


def _show_next_step(screen: Screen, step: NextStep, report: Report, options: str, options_again: str) -> None:
    """Shows one step to take after a run: a command with ``options``, or with ``options_again`` if it runs the results.

    Rows are mended in a results sheet, so that nothing is said of them where there is none. The steps that are left out here
    are said by the summary itself.
    """
    match step.step:
        case Step.GO_ON:
            values = {"rows": step.rows, "run": report.run, "options": options}
            screen.line(Message("summary.go_on", values), error=report.exit_code == 3)
        case Step.MEND if report.results:
            values = {"rows": step.rows, "path": quoted(str(report.results)), "options": options_again}
            screen.line(Message("summary.mend", values))
        case Step.MEND_AFTERWARDS if report.results:
            text = Message("summary.mend_afterwards", {"rows": step.rows})
            screen.line(text, error=report.exit_code == 3)
        case Step.LOOK if report.results:
            screen.line(Message("book.look", {"rows": step.rows}))
        case Step.COMPARE:
            screen.line(Message("summary.compare", {"rows": step.rows}))
        case Step.UNDO if not (screen.quiet or screen.as_json):
            undoable = Undoable(report.undoable_rows, report.changed_rows)
            values = {"run": report.run, "options": options, "rows": undoable.rows, "changed": undoable.changed}
            screen.line(Message("summary.undo_some" if undoable.is_partial else "summary.undo", values))


def _show_put_back(screen: Screen, undo: Report) -> None:
    """Shows how the undo ended with which the proof of one edit ends."""
    reasons = (undo.halted, *(reason for _, reason in undo.reasons), *undo.preview.notes)
    reason = next((reason for reason in reasons if reason), None)
    if reason or undo.counts["updated"] + undo.counts["unchanged"] != undo.rows:
        why = reason or Message(f"status.{next(status for status, _ in in_order(undo.counts))}")
        screen.line(Message("summary.not_put_back", {"run": undo.run, "reason": why}), error=True)
        if undo.left:
            screen.line(Message("summary.go_on", {"rows": undo.left, "run": undo.run, "options": ""}), error=True)
    else:
        screen.line(Message("summary.put_back", {"run": undo.run}))


def show_counts(screen: Screen, counts: Mapping[str, int]) -> None:
    """Shows how many rows have each status, a line for each that occurs."""
    for status, number in in_order(counts):
        screen.text(f"  {number:>7}  {say(Message(f'status.{status}'), screen.lang)}")


def in_order(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Returns the statuses that occur, with their numbers, in the order in which people read them."""
    return [(status, counts[status]) for status in (*SUMMARY_STATUSES, "sending", "pending") if counts.get(status)]


def _show_reasons(screen: Screen, report: Report) -> None:
    for number, reason in report.reasons:
        screen.line(Message("summary.reason", {"rows": number, "reason": reason}))


def _change_json(screen: Screen, change: Change) -> dict[str, object]:
    old, new = (say(value, screen.lang) if isinstance(value, Message) else value for value in (change.old, change.new))
    place = {"row": change.row, "clue_id": change.clue_id, "name": change.clue_name}
    return {**place, "field": change.field, "old": old, "new": new}
