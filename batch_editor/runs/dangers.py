"""What a person must have seen before they agree: what a run takes away and what speaks against it, and the question.

The terminal and the page show them in the same words and in the same order (guide: tasks). The numbers are those of
``preview``; how a screen or a page is laid out is left to the one that shows them.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce

from ..edits.clue_record import UNREADABLE
from ..model import Message
from .field_lists import FieldLines, cleared_lines
from .preview import UNPROVED, Preview

#: Notes on ids that may be those of other clues, and on what nobody sees in the sheet and what is sent all the same.
_DOUBTFUL_IDS = ("note.phones_as_ids", "note.short_ids", "note.neighbour_ids")
_UNSEEN = ("note.hidden_columns", "note.struck", "note.white")
_HIDDEN_ROWS = "note.hidden_rows"
#: The notes that stand among the dangers, and not among the other notes.
AMONG_DANGERS = frozenset({"preview.repeated", *_DOUBTFUL_IDS, *_UNSEEN, _HIDDEN_ROWS})
#: What the question says of an earlier run of the sheet, by the note on it.
_EARLIER = {"note.sent_before": "ask.rows_sent_before", "note.other_rules": "ask.stopped_before"}


def dangers(preview: Preview, *, asks: bool, lines_of: FieldLines = cleared_lines) -> list[Message]:
    """Returns what is to be seen last, the gravest at the end. ``asks`` says that a person is asked; ``lines_of`` lists
    the fields that are emptied."""
    about, options, losses = preview.circumstances, preview.circumstances.options, preview.losses
    lines = [note for key in ("preview.repeated", *_UNSEEN, *_DOUBTFUL_IDS) for note in preview.warnings if note.key == key]
    lines += _irreversible(preview)
    if asks and preview.calls > UNPROVED and not preview.proves:
        lines.append(Message("preview.unproved"))
    if about.earlier and about.repeats:
        lines.append(about.earlier)
    if options.force:
        lines.append(Message("preview.forces"))
    if losses.clears:
        values = {"cells": losses.clears.total(), "lines": lines_of(preview)}
        lines.append(Message("preview.clears_values" if losses.compared else "preview.clears", values))
    if losses.retagged and options.tags != "add":
        key = "tags.lost" if losses.compared else f"tags.{options.tags or 'replace'}"
        lines.append(Message(key, {"rows": losses.retagged}))
    if losses.reassigned:
        key = "preview.changes_owner" if losses.compared else "preview.reassigned"
        lines.append(Message(key, {"rows": losses.reassigned}))
    return [*lines, *(note for note in preview.warnings if note.key == _HIDDEN_ROWS)]


def question(preview: Preview) -> Message:
    """Returns what a person is asked: where the edits go, how many there are, and what they take away."""
    about = preview.circumstances
    where = Message("preview.where", {"url": about.base_url, "app": about.app})
    values: dict[str, object] = {"where": where, "calls": preview.calls}
    if preview.is_harmless:
        return Message("prompt.send", values)
    losses = reduce(lambda before, part: Message("ask.list", {"before": before, "part": part}), _parts(preview))
    if preview.losses.compared:
        key = "ask.compared_partly" if preview.losses.uncompared else "ask.compared"
        losses = Message(key, {"losses": losses, "rows": preview.losses.uncompared})
    return Message("prompt.send_no", values | {"losses": losses})


def _parts(preview: Preview) -> Iterator[Message]:
    """Yields what the question names, in words for each: the first number of rows with its unit."""
    about, losses, options = preview.circumstances, preview.losses, preview.circumstances.options
    of_rows = {"owner": losses.owners, "pool": losses.pools}
    if options.tags != "add":
        of_rows["tags_removed" if options.tags else "tags"] = losses.retagged
    more = ""
    for name, rows in of_rows.items():
        if rows:
            yield Message(f"ask.{more}{name}", {"rows": rows})
            more = "more_"
    if losses.clears:
        yield Message("ask.clears", {"fields": losses.clears.total()})
    if options.hidden_rows:
        yield Message("ask.hidden_rows", {"rows": options.hidden_rows})
    if about.earlier and about.repeats:
        yield Message(_EARLIER.get(about.earlier.key, "ask.sent_before"), about.earlier.values)
    if options.force:
        yield Message("ask.forces")


def _irreversible(preview: Preview) -> list[Message]:
    """Returns what an undo of the run could not put back."""
    about, options, counts = preview.circumstances, preview.circumstances.options, preview.counts
    unreadable = [key for key in counts.sets + counts.clears if key in UNREADABLE]
    lines = []
    is_decided = options.snapshot or (about.earlier is not None and about.earlier.key == "preview.goes_on")
    if preview.no_old_values and preview.no_old_values >= counts.pending and not options.prove_only:  # whose one clue is read
        lines.append(Message("preview.no_way_back" if is_decided else "preview.no_undo"))
    elif preview.no_old_values and not options.prove_only:
        text = "preview.no_way_back_of" if is_decided else "preview.no_undo_of"
        lines.append(Message(text, {"rows": preview.no_old_values}))
    if unreadable and options.only_empty:
        fields = ", ".join(about.labels.get(key, key) for key in unreadable)
        lines.append(Message("preview.unreadable_empty", {"fields": fields}))
    elif unreadable and preview.no_old_values < counts.pending:
        fields = ", ".join(about.labels.get(key, key) for key in unreadable)
        lines.append(
            Message("preview.unreadable_changed" if options.only_changed else "preview.unreadable", {"fields": fields})
        )
    return lines
