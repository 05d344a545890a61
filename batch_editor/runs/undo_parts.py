"""Which part of a run an undo is to put back: clues, rows of its sheet, and fields, as somebody has typed or handed them over.

Whether the run has changed what is named is found by ``undo``, which goes through its rows.
"""

from __future__ import annotations

import operator
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import TypeVar

from ..edits.headings import Names
from ..errors import SettingsError
from ..model import Message
from .options import RunOptions

_Part = TypeVar("_Part", int, str)
#: One or several clue ids or rows: ``5``, ``"5,8-12"``, ``["5", 8]``, ``range(8, 13)``.
Numbers = int | str | Iterable[int | str]

_SEPARATORS = re.compile("[,\u3001;\\s]+")
#: A name may hold spaces.
_SEPARATORS_OF_NAMES = re.compile("[,\u3001;\n]+")
_DASH = re.compile(r"(?<=[0-9])\s*(?:[-\u2010-\u2015\u2212~\u301c\u81f3]|\.\.)\s*(?=[0-9])")
_ROWS = re.compile("([0-9]{1,9})(?:-([0-9]{1,9}))?")
_CLUE = re.compile("[0-9]{1,19}")


@dataclass(frozen=True, slots=True)
class UndoParts:
    """The part of a run that is named: what lies in each of ``clues``, ``rows`` (first and last) and ``fields`` that is not
    empty."""

    clues: frozenset[int] = frozenset()
    rows: tuple[tuple[int, int], ...] = ()
    fields: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.clues or self.rows or self.fields)

    def holds_row(self, clue: int, row: int) -> bool:
        """Returns whether a row belongs to the part, with some field or other."""
        if self.clues and clue not in self.clues:
            return False
        return not self.rows or any(first <= row <= last for first, last in self.rows)

    def holds_field(self, key: str) -> bool:
        """Returns whether a field of such a row belongs to the part."""
        return not self.fields or key in self.fields


def with_parts(
    options: RunOptions, names: Names, *, clues: Numbers | None, rows: Numbers | None, fields: str | Iterable[str] | None
) -> RunOptions:
    """Returns the options of an undo with the part that is named; what is None narrows nothing.

    Raises ``SettingsError`` for what is no id, no row or no field, and for a list with nothing in it: the whole run would be
    put back for it.
    """
    return replace(
        options,
        undo_clues=() if clues is None else _listed(map(_clue, _texts(clues)), "undo.no_clues"),
        undo_rows=() if rows is None else _listed(map(_rows, _texts(rows)), "undo.no_rows"),
        undo_fields=() if fields is None else _listed((_field(name, names) for name in _names(fields)), "undo.no_fields"),
    )


def parts_of(options: RunOptions) -> UndoParts:
    """Returns the part of a run that an undo with these options puts back."""
    return UndoParts(frozenset(options.undo_clues), tuple(map(range_of, options.undo_rows)), frozenset(options.undo_fields))


def range_of(rows: str) -> tuple[int, int]:
    """Returns the first and the last row of ``8-12``, or of ``5``."""
    first, _, last = rows.partition("-")
    return int(first), int(last or first)


def part_lines(options: RunOptions, names: Names) -> list[Message]:
    """Returns in words which part of a run is put back; nothing where all of it is."""
    lines = list[Message]()
    if options.undo_clues:
        lines.append(Message("undo.of_clues", {"clues": ", ".join(map(str, options.undo_clues))}))
    if options.undo_rows:
        lines.append(Message("undo.of_rows", {"rows": ", ".join(options.undo_rows)}))
    if options.undo_fields:
        lines.append(Message("undo.of_fields", {"fields": ", ".join(map(names.label, options.undo_fields))}))
    return lines


def _listed(parts: Iterable[_Part], key: str) -> tuple[_Part, ...]:
    listed = tuple(dict.fromkeys(parts))
    if not listed:
        raise SettingsError(key)
    return listed


def _texts(given: Numbers) -> Iterator[str]:
    """Yields what lists of numbers hold: of several in one text each, of a range its first and its last."""
    if isinstance(given, range) and given.step == 1 and given:
        yield f"{given[0]}-{given[-1]}"
    elif isinstance(given, str):
        yield from filter(None, _SEPARATORS.split(_DASH.sub("-", unicodedata.normalize("NFKC", given)).strip()))
    elif isinstance(given, Iterable):
        yield from chain.from_iterable(map(_texts, given))
    else:
        try:
            yield str(operator.index(given))
        except TypeError:  # a float may have lost digits
            yield repr(given)


def _names(given: str | Iterable[str]) -> Iterator[str]:
    for text in [given] if isinstance(given, str) else given:
        yield from filter(None, (name.strip() for name in _SEPARATORS_OF_NAMES.split(unicodedata.normalize("NFKC", text))))


def _clue(text: str) -> int:
    digits = text.removeprefix("'")
    if not _CLUE.fullmatch(digits):
        raise SettingsError("undo.no_clue_id", text=text)
    return int(digits)


def _rows(text: str) -> str:
    match = _ROWS.fullmatch(text)
    if match is None or (match[2] and int(match[2]) < int(match[1])):
        raise SettingsError("undo.no_row_number", text=text)
    first, last = int(match[1]), int(match[2] or match[1])
    return str(first) if first == last else f"{first}-{last}"


def _field(name: str, names: Names) -> str:
    if field := names.field(name):
        return field.key
    near = names.near(name)
    if near:
        raise SettingsError("undo.no_field_near", name=name, near=names.label(near.key))
    raise SettingsError("undo.no_field", name=name)
