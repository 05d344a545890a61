"""What the cells of one column mean, decided once for each text: a value, a marker that clears, a blank, or a problem.

Nearly all cells are ordinary, and one look decides that: a pattern tells the texts that can be nothing but themselves, and what
was read before is remembered, up to a bound. Everything else goes through the rules of ``cells.py``. A ``CellReader`` keeps no
counts; what a cell adds to the findings of its sheet stands in its ``SpecialCell``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from ..fields import Field, Kind
from ..model import Cell, Formatted, Message
from ..settings.names import EDGES, ids_of, narrow
from ..settings.row_rules import RowRules
from ..sheets.number_formats import GENERAL_WIDTH
from ..spoilt_text import EXCEL_DIGITS
from . import cells
from .cells import BadCell, Json
from .rounded_ids import LONG_ID

#: How many cells of a column are remembered at once, and texts of how many characters at most.
MOST_REMEMBERED, LONGEST_REMEMBERED = 1024, 128
#: A number from here on loses digits when Excel or WPS saves it.
_EXCEL_KEEPS = 10**EXCEL_DIGITS
_BLANK_WORDS = frozenset({"na", "n/a", "null", "none", "nan", "\\n", "-"})
#: What people write when they mean the clear marker: ``# CLEAR``, ``#Clear.``, ``清空``.
_NEAR_MARKER = re.compile("[#\uff03\\s]*(clear|清空|清除)[#\uff03.!\u3002\uff01\\s]*", re.IGNORECASE)

# The patterns of plain texts. What begins with a letter is neither quoted against Excel nor a number. It may be a near marker,
# an error such as Err:502 (in full width from its second letter on, even) or a blank word: by its first letters those are left
# out, and with them a few texts that are none. In no plain text stands half of a character, or what may be left of one.
_NO_WORD = "(?![cC][lL][eE][aA][rR]|清[空除]|[eE](?:[rR]|[^\x00-\x7f])|[nN][aAuUoO/])"
_ODD = "\ud800-\udfff\ufffd?"
_NO_EDGE = f"(?<![{re.escape(EDGES)}])"
_LETTERS_FIRST = f"{_NO_WORD}[A-Za-z\u4e00-\u9fff][^{_ODD}]*{_NO_EDGE}"
#: Few digits, or digits and what no number holds.
_DIGITS_FIRST = f"[0-9]{{1,{EXCEL_DIGITS}}}|[0-9]+[^0-9.eE+{_ODD}][^{_ODD}]*{_NO_EDGE}"
#: An id that no spreadsheet has rounded, and that is not too large. Most ids have 19 digits, and are matched at once.
_EXACT = rf"[0-9]{{{EXCEL_DIGITS - 1}}}(?!0+\Z)"
_ID = f"(?:[0-8]{_EXACT}[0-9]{{4}}|[0-9]{_EXACT}[0-9]{{1,3}}|[0-9]{{1,{EXCEL_DIGITS}}})"
_EMAIL = r"[A-Za-z0-9][A-Za-z0-9_.!#$%&'*+/=^`{|}~-]*@(?:[A-Za-z0-9_-]+\.)+[A-Za-z0-9_-]+"
_TAG = "[A-Za-z_][A-Za-z0-9_-]*"
_TAG_SEPARATOR = "[,\uff0c;\uff1b\u3001]"
_TAG_SEPARATORS = re.compile(_TAG_SEPARATOR)


@dataclass(frozen=True, slots=True)
class SpecialCell:
    """A cell that is something else than a value, or more than that.

    ``blank``: it looks empty, and is. ``cleared``: it holds the clear marker, and ``value`` is what the emptied field is sent
    as. ``problem`` says why it cannot be used, if it cannot. ``notes`` are the keys of the notes that it counts for, and
    ``long_ids`` the ids in it that are long enough to have lost digits in a float.
    """

    value: Json = None
    blank: bool = False
    cleared: bool = False
    problem: Message | None = None
    notes: tuple[str, ...] = ()
    long_ids: tuple[int, ...] = ()


class CellReader(dict[Cell, Json | SpecialCell]):
    """The rules of one column, for the field that it stands for; ``required``: the rules demand a value of it.

    ``reader[cell]`` is the value that the field takes of a cell, or what the cell is instead. The reader holds what cells that
    were read before have come to, up to a bound, and reads any other one. ``reads_ids`` says that each value is itself an id
    whose digits a float may have cost, so that no ``SpecialCell`` needs to say so. ``in_workbook``: numbers are as Excel holds
    them.
    """

    def __init__(self, field: Field, rules: RowRules, *, required: bool, in_workbook: bool) -> None:
        super().__init__()
        table = rules.lookups.get(field.key, {})
        self.reads_ids = field.kind is Kind.ID and not table
        self._field = field
        self._rules = rules
        self._clearable = field.clearable and not required
        self._in_workbook = in_workbook
        shows_short = in_workbook and field.kind in cells.FREE_TEXTS
        self._shown_in_full = 10**GENERAL_WIDTH if shows_short else _EXCEL_KEEPS
        self._convert = cells.converter(field, rules)
        self._known_ids = ids_of(table)
        has_options = field.key in rules.custom_fields and bool(rules.custom_fields[field.key].options)
        self._counts_ids = field.holds_ids and not has_options
        pattern = None if table else _plain_pattern(field.kind, rules.clear_marker)
        self._is_plain = pattern.fullmatch if pattern else None
        self._plain_value = _PLAIN_VALUES.get(field.kind)

    def __missing__(self, cell: Cell) -> Json | SpecialCell:
        result: Json | SpecialCell
        if isinstance(cell, Formatted):
            return self._formatted(cell)
        if isinstance(cell, str):
            if self._is_plain and self._is_plain(cell):
                result = self._plain_value(cell) if self._plain_value else cell
            else:
                result = self._judge(cell)
            remembers = len(cell) <= LONGEST_REMEMBERED
        elif cell.__class__ is int and cell < self._shown_in_full and self._is_plain and self._is_plain(text := str(cell)):
            # A number of a workbook whose digits are a plain text; not remembered, since 1, 1.0 and True are one key.
            return self._plain_value(text) if self._plain_value else text
        else:
            result = SpecialCell(blank=True) if cell is None else self._converted(cell, ())
            # Not times of a zone, since equal ones may look different.
            # Nor dates where equal ones may be shown in different formats.
            is_date = cell.__class__ is date or (isinstance(cell, datetime) and cell.tzinfo is None)
            remembers = cell is None or (is_date and self._field.kind in cells.AS_STORED)
        if remembers:
            if len(self) >= MOST_REMEMBERED:
                self.clear()
            self[cell] = result
        return result

    def _judge(self, text: str) -> Json | SpecialCell:
        """What any text is, by all rules."""
        cell = cells.trimmed(text)
        if not isinstance(cell, str):
            return SpecialCell(blank=True)
        if cells.is_marker(cell, self._rules.clear_marker):
            if not self._clearable:
                return SpecialCell(problem=BadCell("cell.not_clearable", value=cells.cell_text(cell)).message)
            return SpecialCell(cells.cleared_value(self._field, self._rules), cleared=True)
        return self._converted(cell, _notes_on(cell))

    def _formatted(self, cell: Formatted) -> Json | SpecialCell:
        """What a cell is whose format may show it as something else."""
        kind = self._field.kind
        notes: tuple[str, ...] = ()
        try:
            value = cells.as_read(cell, kind)
        except BadCell as error:
            return SpecialCell(problem=error.message)
        if isinstance(cell, datetime):
            if kind not in cells.AS_STORED and not cell.shown()[1]:
                notes = ("note.dates_by_country",)
            elif kind in cells.AS_STORED and not cell.is_whole:
                notes = ("note.parts_of_dates",)
        elif isinstance(cell, float) and kind in cells.FREE_TEXTS and not cell.is_whole:
            notes = ("note.shown_short",)
        if value == "":
            return SpecialCell(blank=True, notes=("note.hidden_values",))
        return self._converted(value, notes)

    def _converted(self, cell: Cell, notes: tuple[str, ...]) -> Json | SpecialCell:
        """What a cell is that is neither blank nor the marker."""
        try:
            value = self._convert(cell)
        except BadCell as error:
            return SpecialCell(problem=error.message, notes=notes)
        if self._in_workbook and isinstance(cell, int) and cell >= _EXCEL_KEEPS and self._field.holds_ids:
            notes += ("note.numeric_ids",)
        elif self._in_workbook and self._field.kind in cells.FREE_TEXTS and _is_shown_short(cell):
            notes += ("note.shown_short",)
        long_ids = tuple(self._long_ids(value)) if self._counts_ids and (notes or not self.reads_ids) else ()
        return SpecialCell(value, notes=notes, long_ids=long_ids) if notes or long_ids else value

    def _long_ids(self, value: Json) -> Iterable[int]:
        """The long ids in a value that come from the cell itself and not from a table of names."""
        for part in map(str, value if isinstance(value, list) else str(value).split(",")):
            if part not in self._known_ids and part.isascii() and part.isdecimal() and len(part) <= 19:
                number = int(part)
                if number >= LONG_ID:
                    yield number


def _is_shown_short(cell: Cell) -> bool:
    """Whether the format General shows a number without some of its digits."""
    is_number = cell.__class__ in (int, float)
    return is_number and len(cells.cell_text(cell).lstrip("-")) > GENERAL_WIDTH


def _join_tags(text: str) -> str:
    tags = _TAG_SEPARATORS.split(text)
    return text if len(tags) == 1 else ",".join(dict.fromkeys(tags))


#: What the value of a plain text is, where it is not the text itself.
_PLAIN_VALUES: Mapping[Kind, Callable[[str], Json]] = {Kind.ID: int, Kind.AREA: cells.join_area, Kind.TAGS: _join_tags}


def _notes_on(text: str) -> tuple[str, ...]:
    notes = []
    if text.casefold() in _BLANK_WORDS:
        notes.append("note.blank_words")
    if _NEAR_MARKER.fullmatch(text):
        notes.append("note.near_markers")
    if _is_garbled(text):
        notes.append("note.garbled")
    return tuple(notes)


def _is_garbled(text: str) -> bool:
    """Whether this is what is left of a text that was saved in an encoding without its characters."""
    return "\ufffd" in text or ("??" in text and text.isascii() and 3 * text.count("?") >= 2 * len(text))


def _plain_pattern(kind: Kind, marker: str) -> re.Pattern[str] | None:
    """A pattern of texts of which no rule but those of their field can make anything; None where there is no such pattern.

    Left out are texts that begin as the clear marker does: in either case, and with or without an accent.
    """
    normal = narrow(marker).strip().casefold()
    firsts = {*normal[:1], *unicodedata.normalize("NFD", normal)[:1], "#"}
    starts = "".join(sorted({form for first in firsts for form in (first, first.upper(), first.lower())}))
    no_marker = f"(?![{re.escape(starts)}])"
    tag = no_marker + _TAG
    match kind:
        case Kind.ID:
            return re.compile(no_marker + _ID)
        case Kind.TEXT | Kind.CUSTOM_TEXT | Kind.PERSON:
            return re.compile(f"{no_marker}(?:{_LETTERS_FIRST}|{_DIGITS_FIRST})")
        case Kind.AREA:
            return re.compile(no_marker + _LETTERS_FIRST)
        case Kind.EMAIL:
            return re.compile(no_marker + _EMAIL)
        case Kind.TAGS:
            return re.compile(f"{_NO_WORD}{tag}(?:{_TAG_SEPARATOR}{tag})*")
        case _:
            return None
