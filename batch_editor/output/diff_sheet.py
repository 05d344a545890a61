"""The workbook of a diff: a line for each field that a run would change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..edits.changes import Changes
from ..messages import Lang, say
from ..messages.visible import visible_lines
from ..model import Message, Problem, RowValues, Status
from .results import shortened

#: The columns of the workbook.
COLUMNS = ("row", "clue", "name", "field", "old", "new", "note")


def table(rows: Iterable[RowValues], changes: Changes, lang: Lang) -> Iterator[list[str]]:
    """Yields the workbook as lists of text: the headings, then one for each field, or for a row that cannot be compared."""
    yield [say(Message(f"diff.{name}"), lang) for name in COLUMNS]
    for row in rows:
        place = [str(row.row), str(row.clue_id or ""), visible_lines(row.clue_name)]
        for change in changes.to_come([row]):
            old, new = (shown_value(value, lang) for value in (change.old, change.new))
            yield [*place, change.field, old, new, ""]
        if row.status in (Status.INVALID, Status.FAILED, Status.CONFLICT):
            notes = (say(note.sentence if isinstance(note, Problem) else note, lang) for note in row.notes)
            yield [*place, "", "", "", shortened("\n".join(notes))]


def shown_value(value: str | Message, lang: Lang) -> str:
    """Returns the old or new value of a change as a cell shows it."""
    return shortened(visible_lines(value) if isinstance(value, str) else say(value, lang))
