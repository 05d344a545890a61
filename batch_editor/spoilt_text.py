"""Texts that a spreadsheet has spoilt: errors instead of values, and numbers that have lost digits."""

from __future__ import annotations

import re
import unicodedata

#: What our results sheet writes for a formula that has no stored value.
UNCOMPUTED_TEXT = "#NO_VALUE!"
#: The same for what is no value of a cell at all, such as a dict in a DataFrame.
UNUSABLE_TEXT = "#NO_TEXT!"

#: What Excel, WPS and LibreOffice show instead of a value.
ERROR_TEXTS = frozenset(
    {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!", "#FIELD!", "#BLOCKED!"}
    | {"#CONNECT!", "#BUSY!", "#UNKNOWN!", "#EXTERNAL!", "#PYTHON!", "#GETTING_DATA", UNCOMPUTED_TEXT, UNUSABLE_TEXT}
)

#: LibreOffice's errors by number, and what a column shows that is too narrow for its number.
_OTHER_ERROR = re.compile(r"ERR:[0-9]{3}|#{3,}")

_PICTURE = re.compile(r"\s*=\s*(?:_xlfn\.)?DISPIMG\s*\(", re.IGNORECASE)

_ERROR_STARTS = ("#", "\uff03", "\ufe5f", "E", "e", "\uff25", "\uff45")

#: Digits of which Excel keeps the first fifteen and turns the others into zeros.
EXCEL_DIGITS = 15

#: A number as Excel shows it once it has no room for all digits (``1.38E+10``, ``+8.61E+12``, in some countries ``1,38E+10``),
#: and as pandas (``1.5e+18``) and Java (``1.5E18``) write it. Without a point or a plus, ``1e5`` may be a name.
_SHORTENED = re.compile(r"[+-]?[0-9]{1,3}(?:[.,][0-9]+ ?[eE]\+?|[.,]? ?[eE]\+)0*[0-9]{1,3}")
#: A whole number with its sign, the separators of its thousands, and zeros behind the point.
_WHOLE_NUMBER = re.compile(r"[+-]?([0-9]+|[0-9]{1,3}(?:[,' ][0-9]{3})+|[0-9]{1,3}(?:\.[0-9]{3}){2,})(?:[.,]0*)?")


def narrow(text: str) -> str:
    """Returns ``text`` with full-width letters, digits and signs in their ordinary form."""
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


def is_error_text(text: str) -> bool:
    """Returns whether a text is what a spreadsheet shows instead of a value, whatever its case and width (``＃n/a``)."""
    if not text.lstrip().startswith(_ERROR_STARTS):  # as nearly all texts, at a fifth of the price
        return False
    plain = narrow(text).strip().upper()
    return plain in ERROR_TEXTS or _OTHER_ERROR.fullmatch(plain) is not None


def is_picture(text: str) -> bool:
    """Returns whether a text is what WPS stores for a picture in a cell: ``=DISPIMG("ID_…",1)``."""
    return _PICTURE.match(text) is not None


def is_rounded(digits: str) -> bool:
    """Returns whether digits are a number that Excel has rounded: nothing but zeros after the 15th that counts."""
    digits = digits.lstrip("0")
    return len(digits) > EXCEL_DIGITS and not digits[EXCEL_DIGITS:].strip("0")


def is_rounded_number(text: str) -> bool:
    """Returns whether a text is a whole number that Excel has rounded, however it is written: ``1,591,005,521,987,920,000``."""
    match = _WHOLE_NUMBER.fullmatch(narrow(text))
    return match is not None and is_rounded("".join(filter(str.isdecimal, match[1])))


def is_shortened(text: str) -> bool:
    """Returns whether a text is a number in a short form, which shows only some of its digits: ``1.38E+10``."""
    return _SHORTENED.fullmatch(narrow(text)) is not None


def is_spoilt(text: str) -> bool:
    """Returns whether an id has lost digits, as far as that can be seen of it alone."""
    return is_shortened(text) or (text.isdecimal() and is_rounded(text))
