"""The workbook of a diff: a line for each field that a run would change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..edits.changes import _changes
from ..edits.headings import Names
from ..messages import Lang, say
from ..messages.visible import visible_lines
from ..model import Message, Problem, RowValues, Status
from ..settings.row_rules import RowRules
from .results import shortened

#: The columns of the workbook.
COLUMNS = ("row", "clue", "field", "old", "new", "note")


def table(rows: Iterable[RowValues], rules: RowRules, lang: Lang) -> Iterator[list[str]]:
    """Yields the workbook as lists of text: the headings, then one for each field, or for a row that cannot be compared."""
    names = Names(rules)
    yield [say(Message(f"diff.{name}"), lang) for name in COLUMNS]
    for row in rows:
        place = [str(row.row), str(row.clue_id or "")]
        for change in _changes(row, rules, names):
            old, new = (visible_lines(text) if isinstance(text, str) else say(text, lang) for text in (change.old, change.new))
            yield [*place, change.field, shortened(old), shortened(new), ""]
        if row.status in (Status.INVALID, Status.FAILED, Status.CONFLICT):
            notes = (say(note.sentence if isinstance(note, Problem) else note, lang) for note in row.notes)
            yield [*place, "", "", "", shortened("\n".join(notes))]
