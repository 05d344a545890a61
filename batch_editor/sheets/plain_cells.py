"""Gets what the cells of plain rows say, many at once.

How a cell is written decides what gets its value: the shared texts, the numbers, the dates of its format, or ``stream`` for
the types that are rare. That is looked up once for each way of writing, and each value by the text that is written for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from operator import getitem

from ..cell_values import Cell
from .plain_rows import PlainRow, attributes_of
from .strings import SharedTexts
from .styles import Formats, Numbers

#: The types of cells whose values are neither shared texts nor numbers nor dates.
_TYPES = ("str", "inlineStr", "b", "e")
_TEXT_TYPES = ("s", "str", "inlineStr")
#: How many ways to write the attributes of a cell are remembered.
_MOST_GETTERS = 1 << 12


class _Typed:
    """Gets what a text says in cells of one type."""

    def __init__(self, value_of: Callable[[str], Cell]) -> None:
        self._value_of = value_of

    def __getitem__(self, text: str) -> Cell:
        return self._value_of(text)


#: What gets the value of a cell by the text that is written for it.
Getter = Mapping[str, Cell] | SharedTexts | _Typed


class PlainCells:
    """What gets the values of the cells of one sheet. ``value_of`` takes a type, a format and a text, and returns the value."""

    def __init__(self, texts: SharedTexts, formats: Formats, value_of: Callable[[str | None, str | None, str], Cell]) -> None:
        self._texts, self._formats, self._value_of = texts, formats, value_of
        self._numbers = Numbers()
        self._typed = {kind: _Typed(partial(value_of, kind, None)) for kind in _TYPES}
        self._inline = self._typed["inlineStr"]
        self._getters: dict[str, Getter | None] = {}
        self._last: tuple[Sequence[str], list[Getter] | None] = ((), [])

    def getters_of(self, attributes: Sequence[str]) -> list[Getter] | None:
        """Returns what gets the values of cells that have these attributes; None if the parser has to judge one of them."""
        if attributes != self._last[0]:  # mostly those of a row are those of the row before
            getters = [self._getters[cell] if cell in self._getters else self._getter(cell) for cell in attributes]
            known = [getter for getter in getters if getter is not None]
            self._last = attributes, known if len(known) == len(getters) else None
        return self._last[1]

    def read(self, row: PlainRow, getters: Sequence[Getter]) -> list[Cell]:
        """Returns the cells of a row, from column A on. Raises what the getters raise over a value that is none."""
        has_blanks = "" in row.values
        if has_blanks:
            # Only cells of one type show an inline text.
            written = zip(getters, row.values, row.inline_texts, strict=True)
            values = [value or (inline if getter is self._inline else "") for getter, value, inline in written]
            cells = [getter[value] if value else None for getter, value in zip(getters, values, strict=True)]
        else:
            cells = list(map(getitem, getters, row.values))
        if "" in cells:
            cells = [None if cell == "" else cell for cell in cells]
        if row.columns.__class__ is not range:
            sparse: list[Cell] = [None] * (row.columns[-1] + 1)
            for column, cell in zip(row.columns, cells, strict=True):
                sparse[column] = cell
            cells = sparse
        if has_blanks:  # a row with a cell that has no value is as wide as what it holds
            while cells and cells[-1] is None:
                del cells[-1]
        return cells

    def _getter(self, written: str) -> Getter | None:
        attributes = attributes_of(written)
        getter: Getter | None = None
        if attributes is not None:
            kind, style = attributes.get("t"), attributes.get("s")
            if kind in _TEXT_TYPES and self._formats.texts:
                getter = self._text_getter(kind, style)
            elif kind == "s":
                getter = self._texts
            elif kind is None or kind == "n":
                with suppress(LookupError, ValueError):  # a format that is not there does no harm to a cell without a value
                    moments = self._formats[style]
                    getter = self._numbers if moments is None else moments
            elif kind == "d":
                getter = _Typed(partial(self._value_of, kind, style))
            else:
                getter = self._typed.get(kind)
        if len(self._getters) >= _MOST_GETTERS:
            self._getters.clear()
        self._getters[written] = getter
        return getter

    def _text_getter(self, kind: str, style: str | None) -> Getter | None:
        """Returns what gets a text; None where the format makes something of it, which is left to the parser's way."""
        with suppress(ValueError):
            if self._formats.keeps_texts(style):
                return self._texts if kind == "s" else self._typed[kind]
        return None
