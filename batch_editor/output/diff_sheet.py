"""The workbook of a diff: a line for each field that a run would change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..edits.changes import Changes
from ..messages import Lang, say
from ..messages.visible import visible_lines
from ..model import Message, Problem, RowValues, Status
from .result_rows import shortened
from .rows_page import Line, Page

#: The columns of the workbook.
COLUMNS = ("row", "clue", "name", "field", "old", "new", "note")


def table(rows: Iterable[RowValues], changes: Changes, lang: Lang, *, in_workbook: bool = False) -> Iterator[Line]:
    """Yields the lines of the workbook: the headings, then one for each field, or for a row that cannot be compared.

    ``in_workbook`` the headings are keys, which its page knows by their titles.
    """
    titles = page(lang).titles
    yield Line(list(titles if in_workbook else titles.values()))
    for row in rows:
        place = [str(row.row), str(row.clue_id or ""), visible_lines(row.clue_name)]
        for change in changes.to_come([row]):
            old, new = (shown_value(value, lang) for value in (change.old, change.new))
            yield Line([*place, change.field, old, new, ""])
        if row.status in (Status.INVALID, Status.FAILED, Status.CONFLICT):
            notes = (say(note.sentence if isinstance(note, Problem) else note, lang) for note in row.notes)
            yield Line([*place, "", "", "", shortened("\n".join(notes))])


def page(lang: Lang) -> Page:
    """Returns how the sheet of differences looks: nobody has looked at what its columns hold."""
    titles = {f"diff_{name}": say(Message(f"diff.{name}"), lang) for name in COLUMNS}
    return Page(say(Message("diff.sheet"), lang), len(COLUMNS), titles)


def shown_value(value: str | Message, lang: Lang) -> str:
    """Returns the old or new value of a change as a cell shows it."""
    return shortened(visible_lines(value) if isinstance(value, str) else say(value, lang))
