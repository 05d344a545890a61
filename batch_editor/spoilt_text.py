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
#: The same within a text; and of a number near zero, which may be all of it, or what Excel made of the text 37E-06.
_SHORTENED_WITHIN = re.compile(r"(?<![0-9A-Za-z.,])[0-9](?:[.,][0-9]+)?[eE]\+[0-9]{2,3}(?![0-9A-Za-z])")
_NEAR_ZERO = re.compile(r"[+-]?[0-9]{1,3}[.,][0-9]+ ?[eE]-[0-9]{1,3}")
_PART_ENDS = re.compile("[\\s,;/|\u3001\uff0c\uff1b]+")
#: A whole number as a program writes it that takes it for a fraction. One that is long enough is nothing else.
_ZERO_FRACTION = re.compile(r"([+-]?([0-9]+))\.0")
_SURELY_WHOLE = 6
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
    """Returns whether a text is a whole number that Excel has rounded, however it is written: ``1,591,005,521,987,920,000``, or
    that was taken for a fraction and has more digits than one keeps."""
    match = _WHOLE_NUMBER.fullmatch(narrow(text))
    if match is None:
        return False
    digits = "".join(filter(str.isdecimal, match[1]))
    return is_rounded(digits) or (len(digits) > EXCEL_DIGITS and _ZERO_FRACTION.fullmatch(narrow(text)) is not None)


def is_shortened(text: str) -> bool:
    """Returns whether a text is a number in a short form, which shows only some of its digits: ``1.38E+10``."""
    return _SHORTENED.fullmatch(narrow(text)) is not None


def are_shortened(text: str) -> bool:
    """Returns whether a text is nothing but numbers in a short form: ``1.38E+10;1.39E+10``."""
    if is_shortened(text):
        return True
    parts = [part for part in _PART_ENDS.split(narrow(text)) if part] if "+" in text else []
    return bool(parts) and all(map(is_shortened, parts))


def holds_shortened(text: str) -> bool:
    """Returns whether a number in a short form, of which digits may be lost, stands within a text: ``3.7E-05``."""
    if "+" in text:
        return _SHORTENED_WITHIN.search(text) is not None and not are_shortened(text)
    return _NEAR_ZERO.fullmatch(text) is not None


def whole(text: str) -> str:
    """Returns the whole number that a program wrote as a fraction, ``13800138000.0``; any other text as it is."""
    match = _ZERO_FRACTION.fullmatch(text)
    return match[1] if match and _SURELY_WHOLE <= len(match[2]) <= EXCEL_DIGITS else text


def has_zero_fraction(text: str) -> bool:
    """Returns whether a text is a whole number with a fraction of nothing, and all its digits: ``2.0``, ``13800138000.0``."""
    match = _ZERO_FRACTION.fullmatch(text)
    return match is not None and len(match[2]) <= EXCEL_DIGITS


def is_spoilt(text: str) -> bool:
    """Returns whether an id has lost digits, as far as that can be seen of it alone."""
    return is_shortened(text) or (text.isdecimal() and is_rounded(text))
