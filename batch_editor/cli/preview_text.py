"""The preview in words: the messages that tell a person what a run would do, in the order in which they are read.

First comes where it goes, then what is wrong with the sheet, what is set and what is worth a note; what is dangerous comes
last, so that it stands right above the question (``dangers``). Where a sentence is broken is left to ``screen``.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from ..crm.pace import duration
from ..messages.time import spoken
from ..model import Change, Message, Status
from ..runs.preview import Preview
from .dangers import AMONG_DANGERS, dangers
from .field_lines import field_lines, first_values
from .screen import Screen

#: How many kinds of problems are shown to somebody at a terminal.
MOST_PROBLEMS_SHOWN = 10
#: How many fields that differ are shown before somebody is asked.
SHOWN_CHANGES = 5
#: The statuses of rows that are not sent, in the order in which they are told.
_NOT_SENT = (
    Status.UNCHANGED,
    Status.SKIPPED,
    Status.INVALID,
    Status.CONFLICT,
    Status.UPDATED,
    Status.REJECTED,
    Status.FAILED,
)
#: The texts for rows of an undo that are not sent, where they differ from those for the rows of a sheet.
_NOT_PUT_BACK = {Status.CONFLICT: "preview.put_back_not", Status.SKIPPED: "preview.put_back_unknown"}


def show_preview(
    screen: Screen, preview: Preview, *, aside: bool = False, question: Message | None = None, below: Sequence[Message] = ()
) -> None:
    """Shows what a run would do, and the first problems; on stderr if ``aside``.

    What is dangerous fits on one screen with the ``question`` that is asked next, or with what is told ``below``.
    """
    asks = question is not None
    screen.tell_settings(error=aside)
    lines, last = preview_lines(preview, asks=asks, most_problems=_most_problems(aside=aside)), dangers(preview, asks=asks)
    _show(screen, lines[: len(lines) - len(last)], aside=aside)
    screen.last(last, below=[question] if question else below, error=aside)


def show_warnings(screen: Screen, preview: Preview) -> None:
    """Shows on stderr what a preview warns of, for whoever sees nothing else of it."""
    screen.tell_settings(error=True)
    _show(screen, preview.warnings, aside=True)


def show_problems(screen: Screen, preview: Preview) -> None:
    """Shows what is wrong with the sheet, for whoever sees nothing else of the preview."""
    _show(screen, problem_lines(preview, _most_problems(aside=False)), aside=False)


def preview_lines(preview: Preview, *, asks: bool = False, most_problems: int | None = None) -> list[Message]:
    """Returns a preview in its order, the dangers at the end, with at most so many kinds of problems."""
    return [*head(preview), *problem_lines(preview, most_problems), *details(preview), *dangers(preview, asks=asks)]


def problem_lines(preview: Preview, most: int | None = None) -> list[Message]:
    """Returns how many problems there are, and their kinds, each with its cells: the first ``most`` of them."""
    counts = preview.counts
    if not counts.problem_count:
        return []
    lines = [Message("preview.problems", {"number": counts.problem_count})]
    shown = counts.problem_groups[:most]
    for group in shown:
        values = {"at": group.place, "number": group.number, "what": group.first.sentence}
        lines.append(Message("preview.group" if group.number > 1 else "preview.problem", values))
    if beyond := sum(group.number for group in counts.problem_groups[len(shown) :]):
        lines.append(Message("preview.more_problems", {"number": beyond}))
    return lines


def _most_problems(*, aside: bool) -> int | None:
    """Returns how many kinds of problems are shown where somebody looks at a terminal; all of them elsewhere."""
    return MOST_PROBLEMS_SHOWN if aside or sys.stdout.isatty() else None


def head(preview: Preview) -> list[Message]:
    """Returns where a run goes, where its rows come from, how many edits that makes, and how many rows make none."""
    about, options, counts = preview.circumstances, preview.circumstances.options, preview.counts
    lines = [about.earlier] if about.earlier and not about.repeats else []
    lines += [
        Message("preview.where", {"url": about.base_url, "app": about.app}),
        Message(
            "preview.sheet", {"source": about.source, "sheet": f" [{about.sheet}]" if about.sheet else "", "rows": counts.rows}
        ),
        Message(
            "preview.at_most" if preview.reads else "preview.calls",
            {"calls": preview.calls, "clues": preview.clues, "time": spoken(preview.seconds)},
        ),
    ]
    beyond_limit = counts.pending - preview.calls
    if preview.reads:
        reads_until_limit = options.only_changed and beyond_limit > 0
        key = "preview.reads_until" if reads_until_limit else "preview.reads"
        lines.append(Message(key, {"clues": preview.reads, "calls": preview.calls}))
    if options.reads_if_it_can and preview.no_old_values < preview.calls:
        time = spoken(duration(preview.clues, about.limits))
        text = "preview.old_values_to_read" if preview.reads else "preview.old_values_read"
        lines.append(Message(text, {"clues": preview.clues, "time": time}))
    for status in _NOT_SENT:
        if counts.statuses[status]:
            key = _NOT_PUT_BACK.get(status, "") if options.undo else ""
            lines.append(Message(key or f"preview.{status}", {"rows": counts.statuses[status]}))
    if beyond_limit and not options.prove_only:
        lines.append(Message("preview.limited", {"rows": beyond_limit}))
    return lines


def details(preview: Preview) -> list[Message]:
    """Returns what is set and to what, how it is sent, and the notes that are not dangerous."""
    options, counts = preview.circumstances.options, preview.counts
    lines = []
    if counts.sets:
        lines.append(Message("preview.sets", {"lines": field_lines(preview, counts.sets, first_values)}))
    if counts.retagged and options.tags == "add":
        lines.append(Message("tags.add", {"rows": counts.retagged}))
    if preview.changes:
        lines.append(Message("preview.changes", {"fields": preview.differences.fields}))
        lines += [change_line(change, undoes=options.undo is not None) for change in preview.changes[:SHOWN_CHANGES]]
    if preview.proves:
        lines.append(Message("preview.proof_only" if options.prove_only else "preview.proof"))
    earlier = preview.circumstances.earlier
    return [*lines, *(note for note in preview.warnings if note is not earlier and note.key not in AMONG_DANGERS)]


def _show(screen: Screen, messages: Sequence[Message], *, aside: bool) -> None:
    for message in messages:
        screen.line(message, error=aside)


def change_line(change: Change, *, undoes: bool = False) -> Message:
    """Returns the line that shows one field of a row before and after: of its clue where it ``undoes``, since such a row is in
    no sheet."""
    name = Message("diff.named", {"name": change.clue_name}) if change.clue_name else ""
    values: dict[str, object] = {"name": name, "field": change.field, "old": change.old, "new": change.new}
    if undoes:
        return Message("undo.line", values | {"clue": change.clue_id})
    return Message("diff.line", values | {"row": change.row})
