"""The preview in words: the messages that tell a person what a run would do, in the order in which they are read.

First comes where it goes, then what is wrong with the sheet, what is set and what is worth a note; what is dangerous comes
last, so that it stands right above the question (``dangers``). How lines are laid out is left to whoever shows them.
"""

from __future__ import annotations

from ..crm.pace import duration
from ..messages.time import spoken
from ..model import Change, Message, Status
from .dangers import AMONG_DANGERS
from .field_lists import FieldLines, set_lines
from .preview import Preview

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
        reads_until_limit = options.compares and beyond_limit > 0
        key = "preview.reads_until" if reads_until_limit else "preview.reads"
        lines.append(Message(key, {"clues": preview.reads, "calls": preview.calls}))
    if options.reads_if_it_can and (preview.no_old_values < preview.calls if preview.reads else not preview.no_old_values):
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


def details(preview: Preview, *, lines_of: FieldLines = set_lines) -> list[Message]:
    """Returns what is set and to what, how it is sent, and the notes that are not dangerous; ``lines_of`` lists
    the fields that are set."""
    options, counts = preview.circumstances.options, preview.counts
    lines = []
    if counts.sets:
        lines.append(Message("preview.sets", {"lines": lines_of(preview)}))
    if options.only_empty:
        lines.append(Message("preview.only_empty"))
    if counts.retagged and options.tags == "add":
        lines.append(Message("tags.add", {"rows": counts.retagged}))
    if preview.changes:
        lines.append(Message("preview.changes", {"fields": preview.differences.fields}))
        lines += [change_line(change, undoes=options.undo is not None) for change in preview.changes[:SHOWN_CHANGES]]
    if preview.proves:
        lines.append(Message("preview.proof_only" if options.prove_only else "preview.proof"))
    earlier = preview.circumstances.earlier
    return [*lines, *(note for note in preview.warnings if note is not earlier and note.key not in AMONG_DANGERS)]


def change_line(change: Change, *, undoes: bool = False) -> Message:
    """Returns the line that shows one field of a row before and after: of its clue where it ``undoes``, since such a row is in
    no sheet."""
    name = Message("diff.named", {"name": change.clue_name}) if change.clue_name else ""
    values: dict[str, object] = {"name": name, "field": change.field, "old": change.old, "new": change.new}
    if undoes:
        return Message("undo.line", values | {"clue": change.clue_id})
    return Message("diff.line", values | {"row": change.row})
