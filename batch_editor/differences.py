"""What a run would change or has changed, field by field: old → new, for the terminal, the prompt and a workbook."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .config import Settings
from .headings import Names
from .loader import payload_of
from .mapping import told
from .messages import Lang, say
from .records import Change, Message, Problem, Status, Written
from .results import shortened

#: The columns of the workbook.
COLUMNS = ("row", "clue", "field", "old", "new", "note")


def changes(rows: Iterable[Written], rules: Settings) -> Iterator[Change]:
    """The fields that ``rows`` set, each with its value before and after, in sheet order. ``rules`` are those of their run."""
    names = Names(rules)
    for row in rows:
        payload = payload_of(row.body)
        for key in row.fields:
            old = told(key, row.before[key], rules) if key in row.before else Message("value.unknown")
            new = told(key, None if key in row.cleared else payload[key], rules)
            yield Change(row.row, row.clue_id, names.label(key), old, new)


def table(rows: Iterable[Written], rules: Settings, lang: Lang) -> Iterator[list[str]]:
    """The workbook as lists of text: first the headings, then a list for each field; rows that cannot be compared say why."""
    yield [say(Message(f"diff.{name}"), lang) for name in COLUMNS]
    for row in rows:
        place = [str(row.row), str(row.clue_id)]
        if row.notes and row.status in (Status.INVALID, Status.FAILED):
            said = [note.message if isinstance(note, Problem) else note for note in row.notes]
            yield [*place, "", "", "", "\n".join(say(one, lang) for one in said)]
        for one in changes([row] if row.status is Status.PENDING and not row.unread else [], rules):
            texts = (text if isinstance(text, str) else say(text, lang) for text in (one.old, one.new))
            yield [*place, one.field, *map(shortened, texts), ""]
