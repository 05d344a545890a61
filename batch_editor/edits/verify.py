"""The proof of a first edit: whether the CRM has made of its clue what the edit says, and nothing else (guide: undo).

It tests at once every assumption that the reference leaves open. It only compares; who reads the clue, and when, is decided
by the session.
"""

from __future__ import annotations

from ..model import Message, RowValues
from ..settings.row_rules import RowRules
from .clue_record import UNREADABLE, ClueRecord, as_text, is_empty, same_value
from .headings import Names
from .payload import Payload


def refutations(row: RowValues, before: ClueRecord, after: ClueRecord, rules: RowRules) -> list[Message]:
    """Returns a message for each field that is not as it should be once ``row`` was sent; none if all are.

    A listed field should have its new value, and every other one that can be read should be as ``before``. A message says
    what was expected, and what the record shows ``after``.
    """
    names = Names(rules)
    listed = Payload.from_json(row.body).listed_values(row.cleared)
    listed = {key: value for key, value in listed.items() if key not in UNREADABLE}
    messages = []
    for key in sorted({*before.values, *after.values, *listed}):
        if not before.knows(key) and not after.knows(key):
            continue  # this tenant does not show it
        expected = listed[key] if key in listed else before.values.get(key)
        if after.knows(key) and same_value(key, expected, after.value(key), rules):
            continue
        if key in listed and not after.knows(key) and is_empty(expected):
            continue  # it was emptied, and what is empty may not be shown
        shown = as_text(key, after.value(key), rules) if after.knows(key) else Message("value.unknown")
        messages.append(_refutation(names.label(key), as_text(key, expected, rules), shown))
    for key in sorted({*before.others, *after.others} - listed.keys()):
        earlier, later = before.others.get(key, ""), after.others.get(key, "")
        if earlier != later:
            messages.append(_refutation(names.label(key), earlier, later))
    return messages


def _refutation(field: str, expected: str | Message, shown: str | Message) -> Message:
    empty = Message("value.empty")
    return Message("proof.line", {"field": field, "expected": expected or empty, "found": shown or empty})
