"""What only the whole sheet tells of its rows, for those who read one of them again that is mended (guide: rules).

It is kept with the run, once all rows were read. Which ids of a column passed for rounded, and what chance explains, stays as
it was judged then: a row that is mended changes nothing of what other rows are taken for.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from ..journal.columns import message_from_json, message_to_json
from ..model import Message, Plan
from .columns import Columns
from .findings import Findings
from .rounded_ids import most_by_chance, refuse_rounded, too_many_zeros

#: The column and the key of a doubt that holds, and what is said in its place, if anything.
Refused = Mapping[tuple[str, str], Message | None]
_ZEROS = "cell.rounded"


@dataclass(frozen=True, slots=True)
class WholeSheet:
    """What was known of a sheet after its last row.

    ``heading_row`` is the row of its headings, of ``columns`` cells, in a file whose rows have ``width`` cells. ``refused`` are
    the doubts that hold. ``ids`` says of each column of ids how many long ones it has, and how many that are rounded or may be.
    ``other_headings`` is that of the findings, in sheet order. ``notes`` are the warnings, and ``earlier`` says
    that the sheet was sent before.
    """

    heading_row: int
    columns: int
    width: int
    refused: Refused
    ids: Mapping[str, tuple[int, int]]
    other_headings: Sequence[tuple[int, int]]
    notes: Sequence[Message]
    earlier: Message | None

    @classmethod
    def of(cls, columns: Columns, findings: Findings, notes: Sequence[Message], earlier: Message | None) -> Self:
        """Returns what a reader has found, now that all rows were read."""
        ids = {key: (of.long, len(of.zeros) + of.lost) for key, of in findings.exactness.items() if of.long}
        return cls(
            columns.heading_row,
            len(columns.headings),
            columns.width,
            findings.refused_doubts(),
            ids,
            findings.other_headings,
            notes,
            earlier,
        )

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Returns what ``as_json`` gave."""
        refused = {(key, doubt): message_from_json(message) for key, doubt, message in stored["refused"]}
        return cls(
            stored["heading_row"],
            stored["columns"],
            stored["width"],
            refused,
            {key: (long, lost) for key, (long, lost) in stored["ids"].items()},
            [(row, headings) for row, headings in stored["other_headings"]],
            [message_from_json(note) for note in stored["notes"]],
            message_from_json(stored["earlier"]),
        )

    def as_json(self) -> dict[str, Any]:
        """Returns it as the journal keeps it."""
        return {
            "heading_row": self.heading_row,
            "columns": self.columns,
            "width": self.width,
            "refused": [[key, doubt, message and message_to_json(message)] for (key, doubt), message in self.refused.items()],
            "ids": self.ids,
            "other_headings": self.other_headings,
            "notes": [message_to_json(note) for note in self.notes],
            "earlier": message_to_json(self.earlier),
        }

    def headings_above(self, row: int) -> int:
        """Returns the row of the other headings below which ``row`` stands; 0 if it stands below those of the sheet."""
        place = bisect_left(self.other_headings, (row, 0))
        return self.other_headings[place - 1][1] if place else 0

    def judged(self, plan: Plan, mended: Collection[str]) -> Plan:
        """Returns the plan of a row once the whole sheet is known, as ``refuse_rounded`` does; in the fields that were
        ``mended`` an id may end in zeros that the sheet did not have."""
        doubted = {doubt.field for doubt in plan.doubts if doubt.message.key == _ZEROS and doubt.field in mended}
        refused = dict(self.refused)
        for key in doubted:
            long, lost = self.ids.get(key, (0, 0))
            if lost + 1 > most_by_chance(long + 1):
                refused.setdefault((key, _ZEROS), too_many_zeros(lost + 1, long + 1))
        return refuse_rounded(plan, refused)
