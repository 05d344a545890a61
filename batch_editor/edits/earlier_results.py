"""A results sheet that comes in again: which row of which run each of its rows is, and what must be mended before it is sent.

What a results sheet says of its rows is not believed (guide: rules): anybody may have sorted, copied, merged or filled it. It
only points into the journal. Its messages count where they hold something back.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from .. import fields
from ..cell_values import Cell
from ..messages import TEXTS
from ..model import Status
from . import cells, texts
from .result_columns import COLUMNS, MESSAGE, ROW, RUN, STATUS, key_of

#: The columns of the sheet with what a run has changed, in the same workbook: its headings are the messages of these names.
CHANGE_COLUMNS = ("row", "clue", "name", "field", "old", "new", "note")
_CHANGE_HEADINGS = [[fields.normal(TEXTS[f"changes.{name}"][place]) for name in CHANGE_COLUMNS] for place in range(2)]
#: Statuses by what a results sheet may hold: this program's word, or what a person sees there, as Excel writes it to a CSV.
_STATUSES = {fields.normal(text): status for status in Status for text in (status, *TEXTS[f"status.{status}"])}


#: What a message says of an id, in either language, whose column has too many of its kind.
_REFUSED_BY_COLUMN = tuple(max(re.split(r"\{.*?\}", text), key=len) for text in TEXTS["cell.rounded_many"])


class Reference(NamedTuple):
    """The row of a ``run`` that a row of a results sheet is. ``row`` is 0 where the cells hold no such thing any more."""

    run: str
    row: int


@dataclass(frozen=True, slots=True)
class EarlierResults:
    """The columns of results in a sheet that comes in again: the ``places`` of each by its key, and the place of what rows had
    more than there were headings, if any row had.

    A sheet that is put together from several may have a column in two languages: in each row the filled one counts.
    """

    places: Mapping[str, Sequence[int]]
    surplus: int | None

    @property
    def refers(self) -> bool:
        """Whether the sheet has the columns that say which row each row is."""
        return RUN in self.places and ROW in self.places

    def reference(self, values: Sequence[Cell]) -> Reference | None:
        """Returns which row of which run the row is; None for a new row, of which no result says anything."""
        runs, numbers = self.texts(values, RUN), self.texts(values, ROW)
        if not runs and not numbers and not any(self.texts(values, name) for name in COLUMNS):
            return None
        run, number = (texts.unquoted(several[0]) if len(several) == 1 else "" for several in (runs, numbers))
        whole = re.fullmatch(r"([0-9]{1,9})(?:\.0+)?", number)  # pandas makes 12.0 of 12 where a new row has none
        return Reference(run, int(whole[1]) if whole else 0)

    def was_updated(self, values: Sequence[Cell]) -> bool:
        """Returns whether the sheet calls the row updated, or unchanged."""
        statuses = self._statuses(values)
        return bool(statuses) and statuses <= {Status.UPDATED, Status.UNCHANGED}

    def refused(self, values: Sequence[Cell], ids: Sequence[int], doubt: str) -> bool:
        """Returns whether the row was invalid because of one of ``ids`` and its column: then nobody has mended it.

        An id that ends in zeros and was refused by itself may be there by chance in a column that is full enough to tell.
        """
        messages = self.texts(values, MESSAGE) if Status.INVALID in self._statuses(values) else []
        if doubt == "cell.rounded":
            messages = [text for text in messages if any(part in text for part in _REFUSED_BY_COLUMN)]
        return any(str(number) in message for message in messages for number in ids)

    def still_shifted(self, values: Sequence[Cell]) -> int | None:
        """Returns the column in which a row that was refused as too long still holds what was too much; None if it does not."""
        place = self.surplus
        return place if place is not None and place < len(values) and values[place] is not None else None

    def status(self, values: Sequence[Cell]) -> Status | None:
        """Returns the status that the sheet shows for the row; None if it shows none, or two that differ."""
        statuses = self._statuses(values)
        return next(iter(statuses)) if len(statuses) == 1 else None

    def _statuses(self, values: Sequence[Cell]) -> set[Status | None]:
        return {_STATUSES.get(fields.normal(text)) for text in self.texts(values, STATUS)}

    def texts(self, values: Sequence[Cell], name: str) -> list[str]:
        """Returns the different texts of a row in the columns of one kind."""
        cells_there = (values[index] for index in self.places.get(name, ()) if index < len(values))
        return list(dict.fromkeys(text for cell in cells_there if (text := cells.cell_text(cell))))


def tells_changes(headings: Sequence[str]) -> bool:
    """Returns whether these are the headings of the sheet with what a run has changed, in any language."""
    return [fields.normal(heading) for heading in headings] in _CHANGE_HEADINGS


def results_in(headings: Sequence[str]) -> EarlierResults | None:
    """Returns where the results stand in a sheet with these headings; None if it has none."""
    places = defaultdict[str, list[int]](list)
    for index, heading in enumerate(headings):
        if key := key_of(heading):
            places[key].append(index)
    if STATUS not in places and not {RUN, ROW} <= places.keys():
        return None
    surplus = places[STATUS][0] - 1 if STATUS in places else -1
    return EarlierResults(dict(places), surplus if surplus >= 0 and not headings[surplus] else None)
