"""A results sheet that comes in again: what it says of its rows, as far as nobody has made something else of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from .. import fields
from ..messages import TEXTS
from ..model import Cell, Message, Outcome, Status
from . import cells
from .headings import RESULT_PREFIX

#: Statuses by what a results sheet may hold: this program's word, or what a person sees there, as Excel writes it to a CSV.
_STATUSES = {fields.normal(text): status for status in Status for text in (status, *TEXTS[f"status.{status}"])}


@dataclass(frozen=True, slots=True)
class EarlierResults:
    """The ``result_…`` columns of a results sheet that comes in again, by name and place; and the place of what rows had more
    than there were headings, if any row had."""

    places: Mapping[str, int]
    surplus: int | None

    def kept(self, row: int, values: Sequence[Cell]) -> Outcome | None:
        """Returns the outcome of a row that has its values already; None for a row that is to be sent again."""
        status = self._status(values)
        if status not in (Status.UPDATED, Status.UNCHANGED):
            return None
        text = self._text(values, "result_message")
        message = Message("verbatim", {"text": text}) if text else None
        digits = self._text(values, "result_attempts")
        attempts = int(digits) if re.fullmatch("[0-9]{1,9}", digits) else 0
        return Outcome(row, status, self._text(values, "result_code"), message, attempts, self._text(values, "result_time"))

    def time(self, values: Sequence[Cell]) -> datetime | None:
        """Returns when the row's outcome was known; None if it does not say, or somebody has made something else of it."""
        with suppress(ValueError):
            moment = datetime.fromisoformat(self._text(values, "result_time"))
            return moment if moment.tzinfo else None
        return None

    def refused(self, values: Sequence[Cell], ids: Sequence[int]) -> bool:
        """Returns whether the row was invalid because of one of ``ids``: then nobody has mended it."""
        message = self._text(values, "result_message") if self._status(values) == Status.INVALID else ""
        return any(str(number) in message for number in ids)

    def still_shifted(self, values: Sequence[Cell]) -> int | None:
        """Returns the column in which a row that was refused as too long still holds what was too much; None if it does not."""
        place = self.surplus
        return place if place is not None and place < len(values) and values[place] is not None else None

    def fields(self, values: Sequence[Cell]) -> tuple[str, ...]:
        """Returns the keys that the row listed then."""
        return tuple(filter(None, self._text(values, "result_fields").split(",")))

    def _status(self, values: Sequence[Cell]) -> Status | None:
        return _STATUSES.get(fields.normal(self._text(values, "result_status")))

    def _text(self, values: Sequence[Cell], name: str) -> str:
        index = self.places.get(name)
        return cells.cell_text(values[index]) if index is not None and index < len(values) else ""


def results_in(headings: Sequence[str]) -> EarlierResults | None:
    """Returns where the results stand in a sheet with these headings; None if it has none."""
    places = {fields.normal(heading): index for index, heading in enumerate(headings)}
    if "result_status" not in places:
        return None
    surplus = places["result_status"] - 1
    return EarlierResults(
        {name: index for name, index in places.items() if name.startswith(RESULT_PREFIX)},
        surplus if surplus >= 0 and not headings[surplus] else None,
    )
