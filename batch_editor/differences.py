"""What a run would change, field by field: old → new, for the terminal, the prompt and a workbook."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .config import Settings
from .headings import Names
from .mapping import told
from .messages import Lang, say
from .payloads import listed_of
from .records import Change, Message, Problem, Status, Written
from .results import shortened

#: The columns of the workbook.
COLUMNS = ("row", "clue", "field", "old", "new", "note")


def changes(rows: Iterable[Written], rules: Settings) -> Iterator[Change]:
    """The fields that ``rows`` would set, each with its value before and after: of those that were read and are to be sent.

    ``rules`` are the settings by which the rows were made.
    """
    names = Names(rules)
    for row in rows:
        yield from _changes(row, rules, names)


def table(rows: Iterable[Written], rules: Settings, lang: Lang) -> Iterator[list[str]]:
    """The workbook as lists of text: first the headings, then a list for each field, or for a row that cannot be compared."""
    names = Names(rules)
    yield [say(Message(f"diff.{name}"), lang) for name in COLUMNS]
    for row in rows:
        place = [str(row.row), str(row.clue_id or "")]
        for one in _changes(row, rules, names):
            old, new = (text if isinstance(text, str) else say(text, lang) for text in (one.old, one.new))
            yield [*place, one.field, shortened(old), shortened(new), ""]
        if row.status in (Status.INVALID, Status.FAILED):
            said = (say(note.sentence if isinstance(note, Problem) else note, lang) for note in row.notes)
            yield [*place, "", "", "", shortened("\n".join(said))]


def _changes(row: Written, rules: Settings, names: Names) -> Iterator[Change]:
    if row.status is not Status.PENDING or row.unread:
        return
    for key, value in listed_of(row).items():
        old = told(key, row.before[key], rules) if key in row.before else Message("value.unknown")
        yield Change(row.row, row.clue_id, names.label(key), old, told(key, value, rules))
