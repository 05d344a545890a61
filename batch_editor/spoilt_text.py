"""Texts that a spreadsheet has spoilt: errors instead of values, and numbers that have lost digits."""

from __future__ import annotations

import re
import unicodedata

#: What our results sheet writes for a formula that has no stored value.
UNCOMPUTED_TEXT = "#NO_VALUE!"

#: What Excel, WPS and LibreOffice show instead of a value.
ERROR_TEXTS = frozenset(
    {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!", "#FIELD!", "#BLOCKED!"}
    | {"#CONNECT!", "#BUSY!", "#UNKNOWN!", "#EXTERNAL!", "#PYTHON!", "#GETTING_DATA", UNCOMPUTED_TEXT}
)

#: LibreOffice's errors by number, and what a column shows that is too narrow for its number.
_OTHER_ERROR = re.compile(r"ERR:[0-9]{3}|#{3,}")

_PICTURE = re.compile(r"\s*=\s*(?:_xlfn\.)?DISPIMG\s*\(", re.IGNORECASE)

_ERROR_STARTS = ("#", "\uff03", "\ufe5f", "E", "e", "\uff25", "\uff45")

#: Digits of which Excel keeps the first fifteen and turns the others into zeros.
EXCEL_DIGITS = 15

#: A number of 16 digits or more as Excel, pandas (``1.5E+18``) and Java (``1.5E18``) write it once some are lost.
_SHORTENED = re.compile(r"-?[0-9](\.[0-9]+[eE]\+?|[eE]\+)0*(1[5-9]|[2-9][0-9]|[1-9][0-9]{2,})")


def is_error_text(text: str) -> bool:
    """Returns whether a text is what a spreadsheet shows instead of a value, whatever its case and width (``＃n/a``)."""
    if not text.lstrip().startswith(_ERROR_STARTS):  # as nearly all texts, at a fifth of the price
        return False
    plain = unicodedata.normalize("NFKC", text).strip().upper()
    return plain in ERROR_TEXTS or _OTHER_ERROR.fullmatch(plain) is not None


def is_picture(text: str) -> bool:
    """Returns whether a text is what WPS stores for a picture in a cell: ``=DISPIMG("ID_…",1)``."""
    return _PICTURE.match(text) is not None


def is_rounded(digits: str) -> bool:
    """Returns whether digits are a number that Excel has rounded: nothing but zeros after the 15th."""
    return len(digits) > EXCEL_DIGITS and not digits[EXCEL_DIGITS:].strip("0")


def is_shortened(text: str) -> bool:
    """Returns whether a text is a long number that has lost digits on its way: ``1.59E+18``."""
    return _SHORTENED.fullmatch(text) is not None


def is_spoilt(text: str) -> bool:
    """Returns whether an id has lost digits, as far as that can be seen of it alone."""
    return is_shortened(text) or (text.isdecimal() and is_rounded(text))
