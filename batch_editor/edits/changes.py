"""What the rows of a run change, field by field: old → new, for the terminal, the prompt and workbooks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from ..crm.last_look import UnfitBody
from ..model import Change, Message, RowValues, ShownNames, Status
from ..settings.row_rules import RowRules
from .cells import Json
from .clue_record import as_text, same_value
from .headings import Names
from .payload import Payload

#: Gives the rows of a clue above a row, the nearest first.
RowsAbove = Callable[[int, int], Iterable[RowValues]]

_TO_COME = (Status.PENDING, Status.FAILED)
#: The statuses of rows that have set their values before a later row of their clue is sent, or will have.
_SETTING = (*_TO_COME, Status.SENDING, Status.UPDATED)


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field that a row sets, by its ``key`` and its label, for a person, with its values before and after.

    ``old`` is None where nobody has read it. ``is_equal`` says that both values mean the same to the CRM, ``is_cleared`` that
    the row empties the field.
    """

    key: str
    label: str
    old: str | Message | None
    new: str | Message
    is_equal: bool
    is_cleared: bool


class Changes:
    """The changes of the rows of one run, which were read by ``rules``.

    ``names`` are those of ids, by their fields. ``above`` gives the rows of the same clue above a row: what stands in a field
    before a row is sent is what they leave.
    """

    def __init__(self, rules: RowRules, names: ShownNames, above: RowsAbove) -> None:
        self._rules = rules
        self._names = names
        self._above = above
        self._labels = Names(rules)

    def to_come(self, rows: Iterable[RowValues]) -> Iterator[Change]:
        """Yields the fields that ``rows`` would set, with their values before and after: of rows that were read and are to be
        sent."""
        for row in rows:
            if row.status in _TO_COME and not row.unread:
                yield from self._changes(row, row.body, row.cleared, after=_SETTING)

    def before(self, row: RowValues, keys: set[str]) -> dict[str, Json]:
        """Returns what stands in those of ``keys`` of which that is known, before a row that is to be sent is sent."""
        return self._before(row, keys, _SETTING)

    def fields_of(self, row: RowValues) -> list[FieldChange]:
        """Returns every field that a row which is to be sent sets, also those in which nothing changes."""
        return list(self._fields(row, row.body, row.cleared, after=_SETTING))

    def made(self, rows: Iterable[RowValues]) -> Iterator[Change]:
        """Yields the fields that ``rows`` have set, or may have, with their values before and after."""
        for row in rows:
            body, cleared = row.lost[-1] if row.unread and row.lost else (row.body, row.cleared)
            for change in self._changes(row, body, cleared, after=(Status.UPDATED,)):
                yield change if row.status is Status.UPDATED else replace(change, maybe_applied=True)

    def _changes(self, row: RowValues, body: str, cleared: tuple[str, ...], *, after: tuple[Status, ...]) -> Iterator[Change]:
        """Yields the changes of a row, which comes ``after`` those of its clue above it that have one of these statuses."""
        for field in self._fields(row, body, cleared, after=after):
            if not field.is_equal:
                old = Message("value.unknown") if field.old is None else field.old
                yield Change(row.row, row.clue_id, field.label, old, field.new, row.clue_name)

    def _fields(
        self, row: RowValues, body: str, cleared: tuple[str, ...], *, after: tuple[Status, ...]
    ) -> Iterator[FieldChange]:
        try:
            values = Payload.from_json(body).listed_values(cleared)
        except UnfitBody:  # nothing of it is sent
            return
        before = self._before(row, set(values), after)
        for key, value in values.items():
            is_equal = key in before and same_value(key, before[key], value, self._rules)
            old = self._text(key, before[key]) if key in before else None
            yield FieldChange(key, self._labels.label(key), old, self._text(key, value), is_equal, key in cleared)

    def _before(self, row: RowValues, keys: set[str], statuses: tuple[Status, ...]) -> dict[str, Json]:
        return {**row.before, **(self._left_above(row, keys, statuses) if row.follows else {})}

    def _left_above(self, row: RowValues, keys: set[str], statuses: tuple[Status, ...]) -> dict[str, Json]:
        """Returns the values that rows of these statuses above a row leave in those of ``keys`` that they set."""
        values_above: dict[str, Json] = {}
        for above in self._above(row.clue_id, row.row):
            if above.status in statuses and not above.unread:
                try:
                    values = Payload.from_json(above.body).listed_values(above.cleared)
                except UnfitBody:
                    continue
                values_above |= {key: value for key, value in values.items() if key in keys and key not in values_above}
                if len(values_above) == len(keys):
                    break
        return values_above

    def _text(self, key: str, value: Json) -> str | Message:
        return as_text(key, value, self._rules, self._names)
