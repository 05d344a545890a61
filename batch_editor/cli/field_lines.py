"""The lines of a preview that list fields, each with its number of rows and examples, in columns and no wider than 80."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from ..messages import TEXTS
from ..messages.widths import fitted, padded, width
from ..model import Message
from ..runs.field_lists import MORE, SHOWN_EXAMPLES, cleared_rows
from ..runs.preview import Preview

#: How many columns a line that lists a field may take (a terminal of 80 breaks wider ones), and how many of them its label may.
LINE_COLUMNS, LABEL_COLUMNS = 78, 30
#: Examples that are cut have at least so many columns each; otherwise fewer of them are shown.
_LEAST_COLUMNS = 12


def set_lines(preview: Preview) -> list[Message]:
    """Returns the lines of the fields that are set, with the first values of each."""
    return _field_lines(preview, preview.counts.sets, _first_values)


def cleared_lines(preview: Preview) -> list[Message]:
    """Returns the lines of the fields that are emptied, with the first rows that do so."""
    return _field_lines(preview, preview.losses.clears, lambda preview, key, columns: cleared_rows(preview, key))


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


def _first_values(preview: Preview, key: str, columns: int) -> str:
    """Returns the first values that rows set a field to, in quotation marks: as many as fit into so many columns without being
    cut to a few letters, and at least one."""
    values = preview.counts.values.get(key, ())
    for number in range(min(len(values), SHOWN_EXAMPLES), 0, -1):
        is_all = number == len(values)
        between = (number - 1) * len(", ") + (0 if is_all else len(f", {MORE}"))
        each = (columns - between) // number - len('""')
        shown = [fitted(value, each) for value in values[:number]]
        if number == 1 or each >= min(_LEAST_COLUMNS, max(map(width, values[:number]))):
            return _listed([f'"{value}"' for value in shown], more=not is_all)
    return ""


def _columns_between() -> int:
    """Returns how wide such a line is without its label, number and examples, in the language that takes more columns."""
    return len("  ") + max(width(text.format(field="", rows="", shown="")) for text in TEXTS["preview.field"])


def _listed(texts: Sequence[str], *, more: bool) -> str:
    return ", ".join([*texts, *([MORE] if more else [])])
