"""What a run would change, field by field: old → new, for the terminal, the prompt and a workbook."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..crm.last_look import UnfitBody
from ..model import Change, Message, RowValues, Status
from ..settings.row_rules import RowRules
from .clue_record import as_text
from .headings import Names
from .payload import Payload


def changes(rows: Iterable[RowValues], rules: RowRules) -> Iterator[Change]:
    """Yields the fields that ``rows`` would set, with their values before and after: of rows that were read and are to be sent.

    ``rules`` are those by which the rows were read.
    """
    names = Names(rules)
    for row in rows:
        yield from _changes(row, rules, names)


def _changes(row: RowValues, rules: RowRules, names: Names) -> Iterator[Change]:
    if row.status not in (Status.PENDING, Status.FAILED) or row.unread:
        return
    try:
        values = Payload.from_json(row.body).listed_values(row.cleared)
    except UnfitBody:  # it will not be sent
        return
    for key, value in values.items():
        old = as_text(key, row.before[key], rules) if key in row.before else Message("value.unknown")
        yield Change(row.row, row.clue_id, names.label(key), old, as_text(key, value, rules))
