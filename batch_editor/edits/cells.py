"""One cell → the JSON value that its field wants, or ``BadCell``: pure functions, the rules of cells (guide: rules, "Cells").

``converter(field, rules)`` hands the reader of a column its function. What is common to all cells is in ``texts.py``, what ids
and dates are in ``ids.py`` and ``dates.py``. Which column stands for which field, what a blank means and what becomes of a bad
cell is the business of ``columns.py``, ``cell_reader.py`` and ``rows.py``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache

from ..cell_values import Cell, CellError, Formatted, Texts, Uncomputed, Unusable
from ..fields import NUMBERS, Field, Kind
from ..settings.names import SEPARATORS, Choices
from ..settings.row_rules import CLEAR_DEFAULTS, RowRules
from ..settings.sections import CustomField
from ..spoilt_text import (
    are_shortened,
    has_zero_fraction,
    is_error_text,
    is_picture,
    is_rounded,
    is_rounded_number,
    is_shortened,
    narrow,
    whole,
)
from . import dates, ids
from .dates import CHINA as CHINA
from .formatted import AS_STORED as AS_STORED
from .formatted import as_read as as_read
from .ids import MAX_LONG as MAX_LONG
from .ruined_texts import refuse_ruined
from .texts import EXACT_DOUBLE as EXACT_DOUBLE
from .texts import FEW_DIGITS, digits_of, filled, free_text, plain_text, unquoted, unwrapped
from .texts import BadCell as BadCell
from .texts import Json as Json
from .texts import cell_text as cell_text
from .texts import trimmed as trimmed

Converter = Callable[[Cell], Json]

INT_RANGE = range(-(2**31), 2**31)
#: Kinds whose cells hold any text at all.
FREE_TEXTS = frozenset({Kind.PERSON, Kind.TEXT, Kind.AREA, Kind.CUSTOM_TEXT})
#: Free texts of which all may be an id, such as that of another system.
WHOLE_TEXTS = frozenset({Kind.TEXT, Kind.CUSTOM_TEXT})
LISTS = frozenset({Kind.TAGS, Kind.MULTIPLE})
#: Kinds that take a whole number as a text, and of it no fraction that a program has made.
WITH_WHOLE_NUMBERS = FREE_TEXTS | {Kind.TAGS}
#: Kinds of which a text may be ruined without being refused for that: those whose values no table knows.
_TEXTS = FREE_TEXTS | {Kind.TAGS, Kind.EMAIL}
#: What may stand between the parts of an area, for a class of characters.
AREA_BREAKS = r"-=/\\>|、,\u2010-\u2015\u2192\u2212\uff0c\uff0d\uff0f\uff1e\uff3c\uff5c\s"
_AREA_BREAK = re.compile(f"[{AREA_BREAKS}]+")
_EMAIL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@([\w-]+\.)+[\w-]+")


def is_marker(cell: Cell, marker: str) -> bool:
    """Returns whether the trimmed cell is the clear marker, whatever its case and width (``＃clear``), also as ``'#CLEAR``."""
    if not isinstance(cell, str):
        return False
    text = narrow(cell).casefold()
    return _marker(marker) in (text.strip(), unquoted(text) if text.startswith(("=", "'")) else text)


def cleared_value(field: Field, rules: RowRules) -> Json:
    """Returns what a cleared ``field`` is sent as: by its own key in ``clear_as``, else by its group, else the default."""
    custom = rules.custom_fields.get(field.key)
    choice = custom is not None and (
        custom.type in ("multiple", "cascade") or (custom.type == "single" and custom.choice_shape == "list")
    )
    if field.custom:
        group = "custom_choice" if choice else "custom_text"
    elif field.kind in NUMBERS:
        group = "number"
    else:
        group = "text"
    value: Json = rules.clear_as.get(field.key, rules.clear_as.get(group, CLEAR_DEFAULTS[group]))
    return value


def converter(field: Field, rules: RowRules) -> Converter:
    """Returns the function that turns a trimmed, filled cell of ``field`` into its JSON value, or raises ``BadCell``."""
    convert = _converter(field, rules)
    trust = rules.ids.trust_round
    marker = rules.clear_marker
    is_list = field.kind in LISTS
    is_free_text = field.kind in FREE_TEXTS
    is_text = field.kind in _TEXTS
    has_whole_numbers = field.kind in WITH_WHOLE_NUMBERS
    has_names = bool(rules.lookups.get(field.key))

    def check_text(cell: str) -> Json:
        plain = unwrapped(cell)
        if is_error_text(plain):
            raise BadCell("cell.error", value=plain)
        if is_picture(plain):
            raise BadCell("cell.picture")
        if is_list and _lists_marker(cell, marker):
            raise BadCell("cell.marker_in_list", value=cell, marker=marker)
        try:
            value = convert(cell)
        except BadCell:
            if is_text:  # what became of a name says more than that nobody knows it
                refuse_ruined(plain)
            raise
        if is_text and not has_names:
            refuse_ruined(plain)
        if is_free_text and not trust:
            _refuse_spoilt(plain)
            _refuse_spoilt(str(value))
        return value

    def check(cell: Cell) -> Json:
        if cell.__class__ is datetime:  # as most cells that are no texts
            return convert(cell)
        if isinstance(cell, Formatted):
            cell = as_read(cell, field.kind)
        elif has_whole_numbers and isinstance(cell, str) and ".0" in cell:
            cell = whole(unwrapped(cell)) if has_zero_fraction(unwrapped(cell)) else cell
        if isinstance(cell, str):
            return check_text(cell)
        if isinstance(cell, Uncomputed):
            raise BadCell("cell.uncomputed")
        if isinstance(cell, CellError):
            raise BadCell("cell.error", value=cell_text(cell))
        if isinstance(cell, Unusable):
            raise BadCell("cell.unusable", kind=cell.kind)
        if isinstance(cell, Texts):
            for text in cell.texts:
                check_part(text)
        if isinstance(cell, int) and not -FEW_DIGITS < cell < FEW_DIGITS and not trust and is_rounded(cell_text(abs(cell))):
            raise BadCell("cell.rounded", value=cell_text(cell))
        return convert(cell)

    def check_part(text: str) -> None:
        if is_error_text(text):
            raise BadCell("cell.error", value=text)
        if is_marker(text, marker):
            raise BadCell("cell.marker_in_list", value=text, marker=marker)
        refuse_ruined(text)

    return check


def _converter(field: Field, rules: RowRules) -> Converter:
    trust = rules.ids.trust_round
    order = rules.date_order
    custom = rules.custom_fields.get(field.key, CustomField())
    table = custom.options or rules.lookups.get(field.key, {})
    known = Choices(table) if table else None
    match field.kind:
        case Kind.ID if field.key == "clue_id":
            return lambda cell: ids.clue_id(cell, trust)
        case Kind.ID:
            return lambda cell: int(ids.id_of(cell, known, trust))
        case Kind.PERSON:
            return lambda cell: ids.person(cell, known, rules.ids)
        case Kind.TEXT | Kind.CUSTOM_TEXT:
            return free_text
        case Kind.EMAIL:
            return _email
        case Kind.AREA:
            return lambda cell: filled(join_area(free_text(cell)), cell)
        case Kind.TAGS:
            return lambda cell: ",".join(ids.tags(cell, known, rules.ids))
        case Kind.GENDER:
            return _gender
        case Kind.BIRTHDAY:
            return lambda cell: dates.birthday(cell, 1000 if rules.birthday_unit == "ms" else 1, order)
        case Kind.INTEGER:
            return _integer
        case Kind.FLAG:
            return _flag
        case Kind.SINGLE | Kind.MULTIPLE | Kind.CASCADE:
            return lambda cell: ids.choices(cell, custom, known, trust)
        case Kind.DATE:
            return lambda cell: dates.day(cell, order).isoformat()
        case Kind.DATETIME:
            return lambda cell: dates.moment(cell, order).isoformat(sep=" ", timespec="seconds")


@lru_cache
def _marker(text: str) -> str:
    return narrow(text).strip().casefold()


def _lists_marker(cell: str, marker: str) -> bool:
    return any(is_marker(trimmed(part), marker) for part in SEPARATORS.split(unquoted(narrow(cell))))


def _refuse_spoilt(text: str) -> None:
    """Raises for a text that is a number without all its digits."""
    if are_shortened(text):
        raise BadCell("cell.number_too_long", value=text)
    if is_rounded_number(text):
        raise BadCell("cell.rounded", value=text)


def join_area(text: str) -> str:
    """Returns an area with one ``-`` between its parts, whatever stands between them."""
    return _AREA_BREAK.sub("-", text).strip("-")


def _email(cell: Cell) -> str:
    text = unquoted(plain_text(cell))
    letters = "".join(char for char in text if not unicodedata.category(char).startswith("M"))  # vowel signs and accents
    if not _EMAIL.fullmatch(letters):
        raise BadCell("cell.email", value=cell_text(cell))
    return text


def _gender(cell: Cell) -> str:
    value = {"0": "0", "1": "1", "男": "0", "女": "1", "male": "0", "female": "1"}.get(digits_of(cell).casefold())
    if value is None or isinstance(cell, bool):
        raise BadCell("cell.gender", value=cell_text(cell))
    return value


def _flag(cell: Cell) -> int:
    value = {"0": 0, "1": 1, "否": 0, "是": 1}.get(digits_of(cell))
    if value is None or isinstance(cell, bool):
        raise BadCell("cell.flag", value=cell_text(cell))
    return value


def _integer(cell: Cell) -> int:
    if isinstance(cell, int) and not isinstance(cell, bool) and cell in INT_RANGE:
        return cell
    text = digits_of(cell)
    if is_shortened(text):
        raise BadCell("cell.number_too_long", value=cell_text(cell))
    if not re.fullmatch(r"[+-]?[0-9]+", text):
        raise BadCell("cell.integer", value=cell_text(cell))
    if len(text) > len(str(INT_RANGE.start)) or int(text) not in INT_RANGE:
        raise BadCell("cell.integer_range", value=cell_text(cell), least=INT_RANGE.start, most=INT_RANGE.stop - 1)
    return int(text)
