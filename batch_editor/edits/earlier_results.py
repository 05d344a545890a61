"""A results sheet that comes in again: which row of which run each of its rows is, and what must be mended before it is sent.

What a results sheet says of its rows is not believed (guide: rules): anybody may have sorted, copied, merged or filled it. It
only points into the journal. Its messages count where they hold something back.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from .. import fields
from ..cell_values import Cell
from ..messages import TEXTS
from ..model import Status
from . import cells, texts
from .headings import RESULT_PREFIX

#: The columns that a results sheet has behind those of the sheet that was read. The last two say which row a row is.
COLUMNS = tuple(f"{RESULT_PREFIX}{name}" for name in ("status", "code", "message", "fields", "attempts", "time", "run", "row"))
STATUS, MESSAGE, RUN, ROW = COLUMNS[0], COLUMNS[2], COLUMNS[-2], COLUMNS[-1]
#: The columns of the sheet with what a run has changed, in the same workbook: its headings are the messages of these names.
CHANGE_COLUMNS = ("row", "clue", "name", "field", "old", "new", "note")
_CHANGE_HEADINGS = [[fields.normal(TEXTS[f"changes.{name}"][place]) for name in CHANGE_COLUMNS] for place in range(2)]
#: Statuses by what a results sheet may hold: this program's word, or what a person sees there, as Excel writes it to a CSV.
_STATUSES = {fields.normal(text): status for status in Status for text in (status, *TEXTS[f"status.{status}"])}


class Reference(NamedTuple):
    """The row of a ``run`` that a row of a results sheet is. ``row`` is 0 where the cells hold no such thing any more."""

    run: str
    row: int


@dataclass(frozen=True, slots=True)
class EarlierResults:
    """The ``result_…`` columns of a results sheet that comes in again, by name and place; and the place of what rows had more
    than there were headings, if any row had."""

    places: Mapping[str, int]
    surplus: int | None

    @property
    def refers(self) -> bool:
        """Whether the sheet has the columns that say which row each row is."""
        return RUN in self.places and ROW in self.places

    def reference(self, values: Sequence[Cell]) -> Reference | None:
        """Returns which row of which run the row is; None for a new row, of which no result says anything."""
        run, number = (texts.unquoted(self._text(values, name)) for name in (RUN, ROW))
        if not run and not number and not any(self._text(values, name) for name in COLUMNS):
            return None
        whole = re.fullmatch(r"([0-9]{1,9})(?:\.0+)?", number)  # pandas makes 12.0 of 12 where a new row has none
        return Reference(run, int(whole[1]) if whole else 0)

    def was_updated(self, values: Sequence[Cell]) -> bool:
        """Returns whether the sheet calls the row updated, or unchanged."""
        return self.status(values) in (Status.UPDATED, Status.UNCHANGED)

    def refused(self, values: Sequence[Cell], ids: Sequence[int]) -> bool:
        """Returns whether the row was invalid because of one of ``ids``: then nobody has mended it."""
        message = self._text(values, MESSAGE) if self.status(values) == Status.INVALID else ""
        return any(str(number) in message for number in ids)

    def still_shifted(self, values: Sequence[Cell]) -> int | None:
        """Returns the column in which a row that was refused as too long still holds what was too much; None if it does not."""
        place = self.surplus
        return place if place is not None and place < len(values) and values[place] is not None else None

    def status(self, values: Sequence[Cell]) -> Status | None:
        """Returns the status that the sheet shows for the row; None if it shows none."""
        return _STATUSES.get(fields.normal(self._text(values, STATUS)))

    def _text(self, values: Sequence[Cell], name: str) -> str:
        index = self.places.get(name)
        return cells.cell_text(values[index]) if index is not None and index < len(values) else ""


def tells_changes(headings: Sequence[str]) -> bool:
    """Returns whether these are the headings of the sheet with what a run has changed, in any language."""
    return [fields.normal(heading) for heading in headings] in _CHANGE_HEADINGS


def results_in(headings: Sequence[str]) -> EarlierResults | None:
    """Returns where the results stand in a sheet with these headings; None if it has none."""
    places = {fields.normal(heading): index for index, heading in enumerate(headings)}
    if STATUS not in places and not {RUN, ROW} <= places.keys():
        return None
    surplus = places[STATUS] - 1 if STATUS in places else -1
    return EarlierResults(
        {name: index for name, index in places.items() if name.startswith(RESULT_PREFIX)},
        surplus if surplus >= 0 and not headings[surplus] else None,
    )
