"""Right row, wrong person: whether the cells that only tell whose clue a row is about name the clue that the CRM shows.

A sheet whose column of ids was sorted by itself is full of such rows. Cells of fields that are to be changed say what the clue
is to become, and are not compared. It only compares; where a clue is read, and what becomes of the row, is decided elsewhere.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Sequence

from ..cell_values import Row
from ..fields import Kind
from ..model import Message
from ..settings.row_rules import RowRules
from . import cells
from .cell_reader import CellReader, SpecialCell
from .cells import Json
from .clue_record import ClueRecord, as_text, is_empty, same_value
from .columns import Columns
from .id_names import id_names

#: The clue and the key of a field → the values that this program has put there, and those that it found there before.
KnownValues = Callable[[int, str], Iterable[Json]]


class ContextCells:
    """Compares the rows of a sheet with these ``headings``, read by ``rules``, with the records of their clues.

    ``edit_keys`` is the option of that name. ``known`` tells what else may have stood in a field, since a run has changed it.
    """

    def __init__(self, headings: Sequence[str], rules: RowRules, *, edit_keys: Sequence[str], known: KnownValues) -> None:
        columns = Columns("", Row(1, tuple(headings)), rules, edit_keys=edit_keys)
        self._rules = rules
        self._known = known
        self._id_names = id_names(rules)
        self._names = columns.names
        places = columns.names.places(headings)
        edited = {column.field.key for column in columns.columns if column.edits}
        self._columns = [
            (key, places[key], CellReader(columns.names.by_key(key), rules, required=False, in_workbook=False))
            for key in rules.compare_columns
            if key in places and key not in edited
        ]

    def texts(self, texts: Sequence[str]) -> dict[str, str]:
        """Returns what stands in the cells that are compared, by the keys of their fields, of a row with these ``texts``."""
        return {key: texts[index] if index < len(texts) else "" for key, index, _ in self._columns}

    def difference(self, texts: Sequence[str], record: ClueRecord) -> Message | None:
        """Returns what is said of a row whose cells are ``texts`` and that names somebody else than ``record``; None if it does
        not."""
        lines = []
        for key, index, reader in self._columns:
            text = texts[index] if index < len(texts) else ""
            value, live = _value(reader, text), record.values.get(key)
            if is_empty(value) or is_empty(live) or not self._can_be_compared(key, value, live):
                continue
            if self._is_same(key, value, live):
                continue
            if any(self._is_same(key, value, other) for other in self._known(record.clue_id, key) if not is_empty(other)):
                continue
            names = {**record.names.get(key, {}), **self._id_names.get(key, {})}
            shown = as_text(key, live, self._rules, {key: names})
            lines.append(Message("row.named", {"field": self._names.label(key), "cell": text, "live": shown}))
        return Message("row.names_another", {"lines": lines}) if lines else None

    def _can_be_compared(self, key: str, value: Json, live: Json) -> bool:
        """Whether both can be known: a masked value is not, and a person's name is no id."""
        if "*" in _folded(value) or "*" in _folded(live):
            return False
        return key != "follow_user_id" or (isinstance(value, str) and value.isascii() and " " not in value)

    def _is_same(self, key: str, value: Json, other: Json) -> bool:
        if same_value(key, value, other, self._rules):
            return True
        return self._names.by_key(key).kind is Kind.TEXT and _folded(value) == _folded(other)


def _value(reader: CellReader, text: str) -> Json:
    """What a cell says; None where it says nothing that can be compared."""
    result = reader[text or None]
    if isinstance(result, SpecialCell):
        return None if result.blank or result.problem or result.cleared else result.value
    return result


def _folded(value: Json) -> str:
    """A text without what people do not see as a difference: spaces, width, upper and lower case."""
    text = unicodedata.normalize("NFKC", cells.cell_text(value) if not isinstance(value, list) else "")
    return "".join(character for character in text.casefold() if character.isprintable() and not character.isspace())
