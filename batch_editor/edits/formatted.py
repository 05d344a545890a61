"""Values that the number format of their cell shows as something else: what a field reads of them (guide: rules, "Cells")."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal

from ..cell_values import Cell, Formatted, FormattedText
from ..fields import Kind
from ..settings.names import EDGES
from .texts import BadCell, cell_text

#: Kinds that read the value of a cell and not the text that its format shows.
AS_STORED = frozenset({Kind.ID, Kind.INTEGER, Kind.BIRTHDAY, Kind.DATE, Kind.DATETIME})
_FIRST_YEAR = 1905
_SCIENTIFIC = re.compile(r"[+-]?\d+(\.\d+)?[eE][+-]?\d+")


def as_read(cell: Formatted, kind: Kind) -> Cell:
    """Returns what a field of this kind reads of a value in a format: a text that it shows, or the value itself of a date or a
    number, which must be the one that is shown. Raises ``BadCell`` where what is shown is something else, or not certain.

    A date whose text depends on the country is read as its text in ISO form; one of the first years that a sheet can count may
    be a number of days and hours (``1天6时``).
    """
    value = _bare(cell)
    if kind in AS_STORED and isinstance(value, datetime):
        return value  # no format of dates hides them
    shown, is_certain = cell.shown()
    shown = shown.strip(EDGES)
    if kind in AS_STORED:
        if is_certain and not _is_same(value, shown):
            raise BadCell("cell.shown_otherwise", value=cell_text(value), shown=shown)
        return value
    if is_certain:
        return shown
    if isinstance(value, datetime) and value.year >= _FIRST_YEAR:
        return cell_text(value)
    raise BadCell("cell.shown_uncertain", value=cell_text(value), shown=shown)


def _bare(cell: Formatted) -> Cell:
    """The value alone, without its format."""
    match cell:
        case FormattedText():
            return cell.text
        case int():
            return int(cell)
        case float():
            return float(cell)
        case datetime():
            return datetime.combine(cell.date(), cell.time())
        case _:
            return cell  # type: ignore[return-value]  # a time or a duration


def _is_same(value: Cell, shown: str) -> bool:
    """Whether what is shown of a value is the value: its digits are, or the first of them in the short form of a number."""
    if isinstance(value, int | float | str) and not _SCIENTIFIC.fullmatch(shown):
        return _number_in(shown) == _number_in(cell_text(value))
    return bool(shown)


def _number_in(text: str) -> Decimal | str:
    """The number in a text, whatever stands around and between its digits; a text without one is itself."""
    digits = "".join(character for character in text if character.isascii() and (character.isdigit() or character == "."))
    sign = "-" if re.match(r"[^0-9]*[-(][^0-9]*[0-9]", text) else ""
    try:
        return Decimal(sign + digits)
    except ArithmeticError:
        return text
