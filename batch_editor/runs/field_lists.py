"""The fields that a preview lists, each with its number of rows and examples, a message for each.

How wide a line may be, and whether the lines stand in columns, is left to whoever shows them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..model import Message
from .preview import Preview

#: How many examples of a field are shown, and what more of them is shown as.
SHOWN_EXAMPLES, MORE = 3, "…"
#: Lists the fields that rows set, or those that they empty.
FieldLines = Callable[[Preview], list[Message]]


def set_lines(preview: Preview) -> list[Message]:
    """Returns a line for each field that is set: its label, in how many rows, and the first values in quotation marks."""
    examples = preview.counts.values
    return [
        _line(preview, key, number, listed([f'"{value}"' for value in examples.get(key, ())]))
        for key, number in preview.counts.sets.most_common()
    ]


def cleared_lines(preview: Preview) -> list[Message]:
    """Returns a line for each field that is emptied: its label, in how many rows, and the first of these."""
    return [_line(preview, key, number, cleared_rows(preview, key)) for key, number in preview.losses.clears.most_common()]


def cleared_rows(preview: Preview, key: str) -> str | Message:
    """Returns the first rows that empty a field; nothing in an undo, whose rows are in no sheet."""
    if preview.circumstances.options.undo:
        return ""
    return Message("preview.at_rows", {"rows": listed([str(row) for row in preview.losses.cleared_rows[key]])})


def listed(texts: Sequence[str]) -> str:
    """Returns the first of ``texts`` with commas between them, and a sign where there are more."""
    return ", ".join([*texts[:SHOWN_EXAMPLES], *([MORE] if len(texts) > SHOWN_EXAMPLES else [])])


def _line(preview: Preview, key: str, rows: int, shown: str | Message) -> Message:
    return Message("preview.field", {"field": preview.circumstances.labels.get(key, key), "rows": rows, "shown": shown})
