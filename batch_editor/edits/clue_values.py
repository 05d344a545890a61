"""What the rows of one clue make of its values, one row after the other, and what a row finds there when it is sent.

A ``RecordMerger`` goes through the rows with it, and decides what becomes of them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..model import Draft
from ..settings.row_rules import RowRules
from .cells import Json
from .clue_record import ClueRecord, is_vacant, same_value


@dataclass(slots=True)
class ClueValues:
    """One clue whose rows are gone through in the order of the sheet: its ``record``, and what earlier rows make of it.

    ``values`` are those that rows will set once they are sent, ``standing`` the same with None for what is emptied, ``tags``
    the sets of tags that they leave. ``sent`` are the fields that rows have set, or may have set, before the record was read;
    ``ready`` those that rows set which were made ready before. ``last`` is the last row that asks for a value of a field.
    ``settled`` are the fields in which the last of all rows leaves what the record shows, with nothing else to send: no row
    needs to set them. ``rules`` are those of the rows, by which values are compared.
    """

    record: ClueRecord
    rules: RowRules
    settled: frozenset[str] = frozenset()
    values: dict[str, Any] = field(default_factory=dict)
    standing: dict[str, Any] = field(default_factory=dict)
    tags: dict[str, list[str]] = field(default_factory=dict)
    sent: set[str] = field(default_factory=set)
    ready: set[str] = field(default_factory=set)
    last: dict[str, int] = field(default_factory=dict)

    def sets(self, row: int, values: Mapping[str, Any], cleared: Collection[str]) -> None:
        """Takes note of a row that is to be sent with these ``values``, of which it empties the ``cleared`` ones."""
        self.values |= values
        self.standing |= {key: None if key in cleared else value for key, value in values.items()}
        self.last |= dict.fromkeys(values, row)

    def in_agreement(self) -> frozenset[str]:
        """Returns the fields that rows set, the last of them to what the record shows, and that no row may have set before."""
        return frozenset(
            key
            for key, value in self.standing.items()
            if key not in self.sent | self.ready and self.record.knows(key) and self._shows(key, value)
        )

    def stands(self, key: str, value: Json, draft: Draft) -> bool:
        """Returns whether a field will have its ``value`` already when the row is sent: the rows above it leave it, or the
        record shows it. That is not known where an answer is outstanding of a row that may have set it. Of what no record
        shows, the memory of what was applied is believed where the row verifies that."""
        if key in self.settled:
            return True
        if key in self.sent or draft.maybe_applied:
            return False
        if key in self.standing:
            return same_value(key, value, self.standing[key], self.rules)
        return self._shows(key, value) if self.record.knows(key) else draft.verifies

    def is_free(self, key: str, value: Json, draft: Draft) -> bool:
        """Returns whether a field that is set only where the CRM has nothing may be set to ``value``; None empties it.

        What a row above sets, or may have set, is a value. What the row itself may have set, when its answer was lost, is its
        own: it is sent again as long as nobody has put anything else there.
        """
        if value is None or key in self.standing or key in self.sent or not self.record.knows(key):
            return False
        if is_vacant(key, self.record.value(key)):
            return True
        was_vacant = draft.maybe_applied and key in draft.before and is_vacant(key, draft.before[key])
        return was_vacant and self._shows(key, value)

    def is_set(self, key: str, value: Json, draft: Draft) -> bool:
        """Returns whether a field that is not set has a value that the row can do with: that of a row above, or its own."""
        return key in self.standing or (value is not None and self.stands(key, value, draft))

    def _shows(self, key: str, value: Json) -> bool:
        return same_value(key, value, self.record.value(key), self.rules)
