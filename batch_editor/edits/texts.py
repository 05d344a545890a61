"""Cells as texts, and what programs put around a text so that Excel leaves it alone (guide: rules, "Cells").

It hands on ``BadCell`` and the text of a cell in the three readings that the rules know: as it is shown (``cell_text``), as a
value (``free_text``), and as digits or ids (``digits_of``).
"""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from decimal import Decimal

from ..cell_values import Cell, CellError, FormattedText, Texts, Uncomputed, Unusable
from ..model import Message
from ..settings.names import EDGES
from ..spoilt_text import EXCEL_DIGITS, UNCOMPUTED_TEXT, UNUSABLE_TEXT, is_error_text, narrow

Json = None | str | int | list[str] | list[int]

EXACT_DOUBLE = 2**53
#: No number between this and its negative has as many digits as one that Excel has rounded.
FEW_DIGITS = 10 ** (EXCEL_DIGITS - 1)
#: ``str`` refuses an int of more than 4300 digits.
_STR_BITS = 14_000
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")
_FULL_WIDTH = {number: number - 0xFEE0 for number in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}

#: A formula that gives nothing but a text: ``="00123"``, ``=T("00123")``.
_TEXT_FORMULA = re.compile(r'=\s*(?:"((?:[^"]|"")*)"|[tT]\(\s*"((?:[^"]|"")*)"\s*\))')
_IN_QUOTES = re.compile('"((?:[^"]|"")*)"')
#: Signs that are put before a value: Excel's own, the one of Chinese bills, and what word processors make of the first.
_SIGNS = "'`\u2018\u2019\uff07"
#: With one of these a wrapped text begins.
WRAPPERS = f'={_SIGNS}"'
#: What Excel takes for something else than a text, and which nobody puts a sign before for another reason.
_NUMBER_LIKE = re.compile(r"[+-]?[0-9][0-9.,:/%\s+-]*(?:[eE][+-]?[0-9]+)?|true|false", re.IGNORECASE)
_FORMULA_LIKE = re.compile("[=+@-]")
#: A formula that was written down as a text: a call, a reference to cells, a calculation, texts that are joined.
_FORMULA = re.compile(
    r"=\s*[-+(]*(?:[A-Za-z_][A-Za-z0-9_.]*\(.*\)|(?:'[^']+'!|[^\s!'\"=]+!)?\$?[A-Za-z]{1,3}\$?[0-9]{1,7}(?![A-Za-z0-9_=]).*"
    r'|[0-9.][-+*/().0-9 ,%^]*|"(?:[^"]|"")*"\s*&.*)',
    re.DOTALL,
)


class BadCell(ValueError):
    """The cell cannot become what its field wants; ``message`` says why, and what would be accepted."""

    def __init__(self, key: str, /, **values: object) -> None:
        self.message = Message(key, values)
        super().__init__(key)


def trimmed(cell: Cell) -> Cell:
    """Returns the cell without spaces (all Unicode ones) and zero-width characters at its ends; ``None`` if that is blank."""
    if not isinstance(cell, str):
        return cell
    return cell.strip(EDGES) or None


def cell_text(cell: Cell) -> str:
    """Returns the cell as text for the results sheet and for messages: dates in ISO form, whole numbers without ``.0``."""
    if cell.__class__ is int and -FEW_DIGITS < cell < FEW_DIGITS:  # a class pattern takes longer than all the rest of this
        return str(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if is_midnight(cell) else cell.isoformat(sep=" ")
    match cell:
        case None:
            return ""
        case str():
            return cell
        case bool():
            return "TRUE" if cell else "FALSE"
        case int() if cell.bit_length() > _STR_BITS:
            return format(Decimal(cell), "f")
        case float():
            return str(int(cell)) if cell.is_integer() and abs(cell) < EXACT_DOUBLE else repr(cell)
        case CellError() | FormattedText():
            return cell.text
        case Uncomputed():
            return UNCOMPUTED_TEXT
        case Texts():
            return ", ".join(cell.texts)
        case Unusable():
            return UNUSABLE_TEXT
        case _:
            return str(cell)


def is_midnight(moment: datetime) -> bool:
    """Returns whether it is a day without a time."""
    return not (moment.hour or moment.minute or moment.second or moment.microsecond)


def plain_text(cell: Cell) -> str:
    """Returns the text of a filled cell. Raises ``BadCell`` for a number that lost digits, and for a text that is broken."""
    if isinstance(cell, float) and not abs(cell) < EXACT_DOUBLE:
        raise BadCell("cell.number_too_long", value=cell_text(cell))
    if isinstance(cell, Texts):
        raise BadCell("cell.list", value=cell_text(cell))
    text = cell_text(cell)
    if _HALF_CHARACTER.search(text):
        raise BadCell("cell.broken_text", value=text.encode(errors="replace").decode())
    return text


def free_text(cell: Cell) -> str:
    """Returns the text of a filled cell, without what is certain to stand there for Excel alone; something is always left."""
    text = plain_text(cell)
    return filled(unwrapped(text), cell) if text[0] in WRAPPERS else text


def filled(text: str, cell: Cell) -> str:
    """Returns ``text``, of which something must be left: no filled cell may empty a field."""
    if not text:
        raise BadCell("cell.nothing_left", value=cell_text(cell))
    return text


def digits_of(cell: Cell) -> str:
    """Returns the text of a cell in which digits are expected: in ordinary width, and without what stands there for Excel.

    Of the digits beyond ASCII only full-width ones are read as such: ``①`` and ``²`` stay what they are.
    """
    return unquoted(narrow_digits(plain_text(cell)))


def narrow_digits(text: str) -> str:
    """Returns ``text`` in ordinary width; where it holds a sign that only looks like a digit, nothing but width is changed."""
    if text.isascii():
        return text
    return text.translate(_FULL_WIDTH) if any(map(_is_like_digit, text)) else narrow(text)


def _is_like_digit(character: str) -> bool:
    if character.isascii() or "\uff10" <= character <= "\uff19":
        return False
    return any("0" <= part <= "9" for part in narrow(character))


def unquoted(text: str) -> str:
    """Returns an id without what keeps Excel from taking it for a number: a sign before it, ``="…"``, quotation marks."""
    if match := _TEXT_FORMULA.fullmatch(text) or _IN_QUOTES.fullmatch(text):
        text = _inside(match)
    return (text[1:] if text[:1] and text[0] in _SIGNS else text).strip(EDGES)


def unwrapped(text: str) -> str:
    """Returns a text without what keeps Excel from changing it, where nothing else can be meant by that.

    ``="…"`` always goes. A sign, or quotation marks, go where Excel would take what follows for a number, a date or a formula;
    ``'t Hooft`` and ``"x"`` stay.
    """
    if text[0] not in WRAPPERS:
        return text
    if match := _TEXT_FORMULA.fullmatch(text):
        return _inside(match)
    if match := _IN_QUOTES.fullmatch(text):
        inside = _inside(match)
        return inside if _NUMBER_LIKE.fullmatch(inside) else text
    following = text[1:].strip(EDGES)
    if text[0] not in _SIGNS or text[0] in following:
        return text
    is_plain_sign = text[0] in "'`\uff07"
    if _NUMBER_LIKE.fullmatch(following) or is_error_text(following) or (is_plain_sign and _FORMULA_LIKE.match(following)):
        return following
    return text


def is_wrapped(text: str) -> bool:
    """Returns whether something still stands around a text that may be there for Excel alone."""
    return text[0] in WRAPPERS and (text[0] in _SIGNS or _IN_QUOTES.fullmatch(text) is not None)


def is_formula(text: str) -> bool:
    """Returns whether a text is a formula, in place of which Excel shows something else; ``="…"`` is none."""
    return text.startswith("=") and _FORMULA.fullmatch(text) is not None and _TEXT_FORMULA.fullmatch(text) is None


def hidden_characters(text: str) -> str:
    """Returns the characters in ``text`` that nobody sees, by their numbers: ``U+200B``."""
    hidden = dict.fromkeys(char for char in text if unicodedata.category(char) == "Cf")
    return ", ".join(f"U+{ord(char):04X}" for char in hidden)


def _inside(match: re.Match[str]) -> str:
    return next(group for group in match.groups() if group is not None).replace('""', '"').strip(EDGES)
