"""The proof of a first edit: whether the CRM has made of its clue what the edit says, and nothing else (promise 1).

It tests at once every assumption that the reference leaves open. A pure comparison: who reads when is the session's business.
"""

from __future__ import annotations

from ..model import Message, Written
from ..settings.row_rules import RowRules
from .clue_record import UNREADABLE, ClueRecord, as_text, is_empty, same_value
from .headings import Names
from .payload import listed_of


def refutations(row: Written, before: ClueRecord, after: ClueRecord, rules: RowRules) -> list[Message]:
    """What is not as it should be once ``row`` was sent: a line for each field, with what was expected and what was found.

    The listed fields should have their new values, every other one that can be read should be as ``before``.
    """
    names = Names(rules)
    listed = {key: value for key, value in listed_of(row).items() if key not in UNREADABLE}
    lines = []
    for key in sorted({*before.values, *after.values, *listed}):
        if not before.knows(key) and not after.knows(key):
            continue  # this tenant does not show it
        wanted = listed[key] if key in listed else before.value(key) if before.knows(key) else None
        if after.knows(key) and same_value(key, wanted, after.value(key), rules):
            continue
        if key in listed and not after.knows(key) and is_empty(wanted):
            continue  # it was emptied, and what is empty may not be shown
        found = as_text(key, after.value(key), rules) if after.knows(key) else Message("value.unknown")
        lines.append(_line(names.label(key), as_text(key, wanted, rules), found))
    for key in sorted({*before.others, *after.others} - listed.keys()):
        wanted, found = before.others.get(key, ""), after.others.get(key, "")
        if wanted != found:
            lines.append(_line(names.label(key), wanted, found))
    return lines


def _line(field: str, expected: str | Message, found: str | Message) -> Message:
    empty = Message("value.empty")
    return Message("proof.line", {"field": field, "expected": expected or empty, "found": found or empty})
