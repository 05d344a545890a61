"""The preview in words: the messages that tell a person what a run would do, no wider than a terminal of 80 columns.

The numbers and examples are those of ``runs.preview``; here it is decided in which order they are told and how much of each
example fits on a line. Breaking sentences where the terminal ends is the business of ``screen``.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Sequence

from ..edits.clue_record import UNREADABLE
from ..messages import TEXTS
from ..messages.time import spoken
from ..messages.widths import fitted, padded, width
from ..model import Change, Message, Status
from ..runs.preview import Preview
from .screen import Screen

#: How many columns a line that lists a field may take (a terminal of 80 breaks wider ones), and how many of them its label may.
LINE_COLUMNS, LABEL_COLUMNS = 78, 30
#: How many examples of a field are shown, and what more of them is shown as.
SHOWN_EXAMPLES, _MORE = 3, "…"
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


def show_preview(screen: Screen, preview: Preview, *, aside: bool = False) -> None:
    """Shows what a run would do, and the first problems; on stderr if ``aside``."""
    for message in preview_lines(preview):
        screen.line(message, error=aside, wrapped=True)
    show_problems(screen, preview, aside=aside)


def show_warnings(screen: Screen, preview: Preview) -> None:
    """Shows on stderr what a preview warns of, for whoever sees nothing else of it."""
    for message in preview.warnings:
        screen.line(message, error=True, wrapped=True)


def show_problems(screen: Screen, preview: Preview, *, aside: bool = False) -> None:
    """Shows the kinds of problems, each with its cells, and how many there are: on a terminal the first kinds alone."""
    counts = preview.counts
    if not counts.problem_count:
        return
    screen.line(Message("preview.problems", {"number": counts.problem_count}), error=aside)
    groups = counts.problem_groups
    shown = groups[:MOST_PROBLEMS_SHOWN] if aside or sys.stdout.isatty() else groups
    for group in shown:
        values = {"at": group.place, "number": group.number, "what": group.first.sentence}
        screen.line(Message("preview.group" if group.number > 1 else "preview.problem", values), error=aside, wrapped=True)
    if beyond := sum(group.number for group in groups[len(shown) :]):
        screen.line(Message("preview.more_problems", {"number": beyond}), error=aside)


def preview_lines(preview: Preview) -> list[Message]:
    """Returns the preview for a person: first where the run goes, then what is irreversible, then the rest."""
    about, options, counts = preview.circumstances, preview.circumstances.options, preview.counts
    lines = [about.earlier] if about.earlier else []
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
    if options.force:
        lines.append(Message("preview.forces"))
    if counts.clears:
        cleared = _field_lines(preview, counts.clears, _cleared_rows)
        lines.append(Message("preview.clears", {"cells": counts.clears.total(), "lines": cleared}))
    if counts.reassigned:
        lines.append(Message("preview.reassigned", {"rows": counts.reassigned}))
    if counts.retagged:
        lines.append(Message(f"tags.{options.tags or 'replace'}", {"rows": counts.retagged}))
    if counts.sets:
        lines.append(Message("preview.sets", {"lines": _field_lines(preview, counts.sets, _values)}))
    if beyond_limit and not options.prove_only:
        lines.append(Message("preview.limited", {"rows": beyond_limit}))
    if preview.changes:
        lines.append(Message("preview.changes", {"fields": preview.differences.fields}))
        lines += [change_line(change, undoes=options.undo is not None) for change in preview.changes[:SHOWN_CHANGES]]
    lines += _irreversible_lines(preview)
    if preview.proves:
        lines.append(Message("preview.proof_only" if options.prove_only else "preview.proof"))
    for status in _NOT_SENT:
        if counts.statuses[status]:
            key = _NOT_PUT_BACK.get(status, "") if options.undo else ""
            lines.append(Message(key or f"preview.{status}", {"rows": counts.statuses[status]}))
    return [*lines, *(warning for warning in preview.warnings if warning is not about.earlier)]


def change_line(change: Change, *, undoes: bool = False) -> Message:
    """Returns the line that shows one field of a row before and after: of its clue where it ``undoes``, since such a row is in
    no sheet."""
    name = Message("diff.named", {"name": change.clue_name}) if change.clue_name else ""
    values: dict[str, object] = {"name": name, "field": change.field, "old": change.old, "new": change.new}
    if undoes:
        return Message("undo.line", values | {"clue": change.clue_id})
    return Message("diff.line", values | {"row": change.row})


def _irreversible_lines(preview: Preview) -> list[Message]:
    """Returns what an undo of the run could not put back."""
    about, options, counts = preview.circumstances, preview.circumstances.options, preview.counts
    unreadable = [key for key in counts.sets + counts.clears if key in UNREADABLE]
    lines = []
    if preview.no_old_values and preview.no_old_values >= counts.pending and not options.prove_only:  # whose one clue is read
        lines.append(Message("preview.no_undo"))
    elif preview.no_old_values and not options.prove_only:
        lines.append(Message("preview.no_undo_of", {"rows": preview.no_old_values}))
    if unreadable and preview.no_old_values < counts.pending:
        fields = ", ".join(about.labels.get(key, key) for key in unreadable)
        lines.append(
            Message("preview.unreadable_changed" if options.only_changed else "preview.unreadable", {"fields": fields})
        )
    return lines


def _field_lines(
    preview: Preview, numbers: Counter[str], examples: Callable[[Preview, str, int], str | Message]
) -> list[Message]:
    """Returns a line for each field: its label, in how many rows it occurs, and the ``examples`` for the columns that remain.

    The labels are padded and the numbers set right, so that the lines stand in columns.
    """
    labels = {key: fitted(preview.circumstances.labels.get(key, key), LABEL_COLUMNS) for key in numbers}
    label_columns, digits = max(map(width, labels.values())), len(str(max(numbers.values())))
    room = LINE_COLUMNS - _columns_between() - label_columns - digits
    return [
        Message(
            "preview.field",
            {
                "field": padded(labels[key], label_columns),
                "rows": f"{number:>{digits}}",
                "shown": examples(preview, key, room),
            },
        )
        for key, number in numbers.most_common()
    ]


def _columns_between() -> int:
    """Returns how wide such a line is without its label, number and examples, in the language that takes more columns."""
    return len("  ") + max(width(text.format(field="", rows="", shown="")) for text in TEXTS["preview.field"])


def _values(preview: Preview, key: str, columns: int) -> str:
    """Returns the first values that rows set a field to, in quotation marks, cut so that all fit into so many columns."""
    values = preview.counts.values.get(key, ())
    shown = values[:SHOWN_EXAMPLES]
    if not shown:
        return ""
    between = (len(shown) - 1) * len(", ") + (len(f", {_MORE}") if len(values) > len(shown) else 0)
    each = (columns - between) // len(shown) - len('""')
    return _listed([f'"{fitted(value, each)}"' for value in shown], more=len(values) > len(shown))


def _cleared_rows(preview: Preview, key: str, _: int) -> str | Message:
    if preview.circumstances.options.undo:  # its rows are in no sheet
        return ""
    rows = preview.counts.cleared_rows[key]
    numbers = _listed([str(row) for row in rows[:SHOWN_EXAMPLES]], more=len(rows) > SHOWN_EXAMPLES)
    return Message("preview.at_rows", {"rows": numbers})


def _listed(texts: Sequence[str], *, more: bool) -> str:
    return ", ".join([*texts, *([_MORE] if more else [])])
