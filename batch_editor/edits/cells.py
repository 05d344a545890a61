"""One cell → the JSON value that its field wants, or ``BadCell``: pure functions, the rules of cells (guide: rules, "Cells").

``converter(field, rules)`` hands the reader of a column its function. Which column stands for which field, what a blank means
and what becomes of a bad cell is the business of ``columns.py``, ``cell_reader.py`` and ``rows.py``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from functools import lru_cache

from ..fields import NUMBERS, Field, Kind
from ..model import Cell, CellError, Formatted, FormattedText, Message, Uncomputed
from ..settings.names import EDGES, SEPARATORS, Choices, narrow
from ..settings.row_rules import CLEAR_DEFAULTS, RowRules
from ..settings.sections import CustomField
from ..spoilt_text import EXCEL_DIGITS, UNCOMPUTED_TEXT, is_error_text, is_picture, is_rounded, is_shortened

Json = None | str | int | list[str] | list[int]
Converter = Callable[[Cell], Json]

#: The CRM counts days at this fixed offset; the zone Asia/Shanghai would shift the summers of 1986 to 1991 (guide: rules).
CHINA = timezone(timedelta(hours=8))
EXACT_DOUBLE = 2**53
MAX_LONG = 2**63 - 1
#: No number between this and its negative has as many digits as one that Excel has rounded.
_FEW_DIGITS = 10 ** (EXCEL_DIGITS - 1)
#: ``str`` refuses an int of more than 4300 digits.
_STR_BITS = 14_000
INT_RANGE = range(-(2**31), 2**31)
#: Kinds whose cells hold any text at all.
FREE_TEXTS = frozenset({Kind.PERSON, Kind.TEXT, Kind.AREA, Kind.CUSTOM_TEXT})
#: Kinds that read the value of a cell and not the text that its format shows.
AS_STORED = frozenset({Kind.ID, Kind.INTEGER, Kind.BIRTHDAY, Kind.DATE, Kind.DATETIME})
LISTS = frozenset({Kind.TAGS, Kind.MULTIPLE})
_EPOCH = date(1970, 1, 1)
_DAY_SECONDS, _CHINA_SECONDS = 86_400, 8 * 3600
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")
_AREA_BREAK = re.compile("[-/\uff0d\uff0f\\s]+")
_EMAIL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@([\w-]+\.)+[\w-]+")
_DAY = re.compile(r"(\d{4})(?:-(\d{1,2})-(\d{1,2})|/(\d{1,2})/(\d{1,2})|\.(\d{1,2})\.(\d{1,2})|年(\d{1,2})月(\d{1,2})[日号]?)")
_CLOCK = re.compile(r"[T ]\s*(\d{1,2}):(\d{2})(?::(\d{2})(?:\.0+)?)?")
_AMBIGUOUS = re.compile(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}")
_EXCEL_NUMBER = re.compile(r"[0-9](\.[0-9]+)?[eE]\+[0-9]+")
_SCIENTIFIC = re.compile(r"[+-]?\d+(\.\d+)?[eE][+-]?\d+")


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
    if cell.__class__ is int and -_FEW_DIGITS < cell < _FEW_DIGITS:  # a class pattern takes longer than all the rest of this
        return str(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if _is_midnight(cell) else cell.isoformat(sep=" ")
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
        case _:
            return str(cell)


def as_read(cell: Formatted, kind: Kind) -> Cell:
    """Returns what a field of this kind reads of a value in a format: a text that it shows, or the value itself of a date or a
    number, which must be the one that is shown. Raises ``BadCell`` where what is shown is something else, or not certain.

    A date whose text depends on the country is read as its text in ISO form.
    """
    value = _bare(cell)
    shown, is_certain = cell.shown()
    shown = shown.strip(EDGES)
    if kind in AS_STORED:
        if is_certain and not _is_same(value, shown):
            raise BadCell("cell.shown_otherwise", value=cell_text(value), shown=shown)
        return value
    if is_certain:
        return shown
    if isinstance(value, datetime):
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


def is_marker(cell: Cell, marker: str) -> bool:
    """Returns whether the trimmed cell is the clear marker, whatever its case and width (``＃clear``), also as ``'#CLEAR``."""
    if not isinstance(cell, str):
        return False
    text = narrow(cell).casefold()
    return _marker(marker) in (text.strip(), _unquoted(text))


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
    convert, trust, marker = _converter(field, rules), rules.ids.trust_round, rules.clear_marker
    is_list, is_free_text = field.kind in LISTS, field.kind in FREE_TEXTS

    def check_text(cell: str) -> Json:
        if is_error_text(cell):
            raise BadCell("cell.error", value=cell)
        if is_picture(cell):
            raise BadCell("cell.picture")
        if is_list and _lists_marker(cell, marker):
            raise BadCell("cell.marker_in_list", value=cell, marker=marker)
        value = convert(cell)
        if is_free_text and not trust:
            _refuse_spoilt(str(value))
        return value

    def check(cell: Cell) -> Json:
        if isinstance(cell, Formatted):
            cell = as_read(cell, field.kind)
        if isinstance(cell, str):
            return check_text(cell)
        if isinstance(cell, Uncomputed):
            raise BadCell("cell.uncomputed")
        if isinstance(cell, CellError):
            raise BadCell("cell.error", value=cell_text(cell))
        if isinstance(cell, int) and not -_FEW_DIGITS < cell < _FEW_DIGITS and not trust and is_rounded(cell_text(cell)):
            raise BadCell("cell.rounded", value=cell_text(cell))
        return convert(cell)

    return check


def _converter(field: Field, rules: RowRules) -> Converter:
    trust = rules.ids.trust_round
    custom = rules.custom_fields.get(field.key, CustomField())
    table = custom.options or rules.lookups.get(field.key, {})
    known = Choices(table) if table else None
    match field.kind:
        case Kind.ID:
            return lambda cell: int(_id(cell, known, trust))
        case Kind.PERSON:
            return lambda cell: _person(cell, known)
        case Kind.TEXT | Kind.CUSTOM_TEXT:
            return _text
        case Kind.EMAIL:
            return _email
        case Kind.AREA:
            return lambda cell: _filled(join_area(_text(cell)), cell)
        case Kind.TAGS:
            return lambda cell: ",".join(_tags(cell, known, trust))
        case Kind.GENDER:
            return _gender
        case Kind.BIRTHDAY:
            return lambda cell: _birthday(cell, 1000 if rules.birthday_unit == "ms" else 1)
        case Kind.INTEGER:
            return _integer
        case Kind.FLAG:
            return _flag
        case Kind.SINGLE | Kind.MULTIPLE | Kind.CASCADE:
            return lambda cell: _choices(cell, custom, known, trust)
        case Kind.DATE:
            return lambda cell: _midnight(cell).date().isoformat()
        case Kind.DATETIME:
            return lambda cell: _moment(cell).isoformat(sep=" ", timespec="seconds")


@lru_cache
def _marker(text: str) -> str:
    return narrow(text).strip().casefold()


def _unquoted(text: str) -> str:
    """``text`` without what keeps Excel from taking it for a number: a leading ``'``, the CSV trick ``="…"``."""
    if text.startswith('="') and text.endswith('"'):
        text = text[2:-1]
    return text.removeprefix("'").strip(EDGES)


def _filled(text: str, cell: Cell) -> str:
    """``text``, of which something must be left: no filled cell may empty a field."""
    if not text:
        raise BadCell("cell.nothing_left", value=cell_text(cell))
    return text


def _lists_marker(cell: str, marker: str) -> bool:
    return any(is_marker(trimmed(part), marker) for part in SEPARATORS.split(_unquoted(narrow(cell))))


def _refuse_spoilt(text: str) -> None:
    """Raises for a text that is a long number without all its digits."""
    if is_shortened(text):
        raise BadCell("cell.number_too_long", value=text)
    if re.fullmatch("[1-9][0-9]*", text) and is_rounded(text):
        raise BadCell("cell.rounded", value=text)


def join_area(text: str) -> str:
    """Returns an area with one ``-`` between its parts, whatever stands between them."""
    return _AREA_BREAK.sub("-", text).strip("-")


def _text(cell: Cell) -> str:
    if isinstance(cell, float) and not abs(cell) < EXACT_DOUBLE:
        raise BadCell("cell.number_too_long", value=cell_text(cell))
    text = cell_text(cell)
    if _HALF_CHARACTER.search(text):
        raise BadCell("cell.broken_text", value=text.encode(errors="replace").decode())
    return text


def _digits(cell: Cell) -> str:
    """The text of a cell in which digits are expected: NFKC, without a leading ``'`` and the CSV trick ``="…"``."""
    return _unquoted(narrow(_text(cell)))


def _id_digits(cell: Cell, trust: bool, otherwise: Callable[[Cell], BadCell]) -> str:
    """The digits of an id; ``otherwise`` says what is wrong with a cell that holds something else."""
    if isinstance(cell, float):
        raise BadCell("cell.id_float", value=cell_text(cell))
    digits = _digits(cell)
    if _SCIENTIFIC.fullmatch(digits):
        raise BadCell("cell.id_float", value=cell_text(cell))
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= 19 and int(digits) <= MAX_LONG):
        raise otherwise(cell)
    if is_rounded(digits) and not trust:
        raise BadCell("cell.rounded", value=digits)
    return digits


def _id(cell: Cell, known: Choices | None, trust: bool) -> str:
    def otherwise(cell: Cell) -> BadCell:
        if known is None or _digits(cell).isdecimal():
            return BadCell("cell.not_id", value=cell_text(cell))
        return _unknown(cell_text(cell), known)

    return _named(cell, known) or _id_digits(cell, trust, otherwise)


def _person(cell: Cell, known: Choices | None) -> str:
    if person := _named(cell, known):
        return person
    text = _filled(_unquoted(_text(cell)), cell)
    if is_error_text(text):
        raise BadCell("cell.error", value=text)
    if known and not known.passes(text):
        raise _unknown(text, known)
    return text


def _named(cell: Cell, known: Choices | None) -> str | None:
    """The id that a cell names, None if it holds no known name. Raises ``BadCell`` where the name may mean several."""
    if known is None or isinstance(cell, float):
        return None
    text = _text(cell)
    ids = known.find(text) or known.find(_unquoted(narrow(text)))
    if len(ids) > 1:
        raise BadCell("cell.ambiguous", value=text, ids=", ".join(ids))
    return ids[0] if ids else None


def _unknown(text: str, known: Choices) -> BadCell:
    near = known.near(text)
    if near is None:
        return BadCell("cell.unknown", value=text, names=known.listed)
    return BadCell("cell.unknown_near", value=text, near=near)


def _email(cell: Cell) -> str:
    text = _text(cell)
    letters = "".join(char for char in text if not unicodedata.category(char).startswith("M"))  # vowel signs and accents
    if not _EMAIL.fullmatch(letters):
        raise BadCell("cell.email", value=text)
    return text


def _gender(cell: Cell) -> str:
    value = {"0": "0", "1": "1", "男": "0", "女": "1", "male": "0", "female": "1"}.get(_digits(cell).casefold())
    if value is None or isinstance(cell, bool):
        raise BadCell("cell.gender", value=cell_text(cell))
    return value


def _flag(cell: Cell) -> int:
    value = {"0": 0, "1": 1, "否": 0, "是": 1}.get(_digits(cell))
    if value is None or isinstance(cell, bool):
        raise BadCell("cell.flag", value=cell_text(cell))
    return value


def _integer(cell: Cell) -> int:
    if isinstance(cell, int) and not isinstance(cell, bool) and cell in INT_RANGE:
        return cell
    text = _digits(cell)
    if not re.fullmatch(r"[+-]?[0-9]+", text):
        raise BadCell("cell.integer", value=cell_text(cell))
    if len(text) > len(str(INT_RANGE.start)) or int(text) not in INT_RANGE:
        raise BadCell("cell.integer_range", value=cell_text(cell), least=INT_RANGE.start, most=INT_RANGE.stop - 1)
    return int(text)


def _parts(cell: Cell) -> list[str]:
    """The parts of a list in a cell, in order, without blanks and duplicates."""
    pieces = (trimmed(piece) for piece in SEPARATORS.split(_text(cell)))
    parts = list(dict.fromkeys(piece for piece in pieces if isinstance(piece, str)))
    if not parts:
        raise BadCell("cell.no_parts", value=cell_text(cell))
    return parts


def _tags(cell: Cell, known: Choices | None, trust: bool) -> list[str]:
    """The tag ids in a cell, by name or id: any text, but not one that lost digits when a spreadsheet took it for a number."""
    text = narrow(_text(cell))
    if known is None or not known.find(_parts(text)[0]):  # else a sign against Excel is a part of the first name
        text = _unquoted(text)
    return list(dict.fromkeys(_named(part, known) or _tag(part, known, trust) for part in _parts(text)))


def _tag(text: str, known: Choices | None, trust: bool) -> str:
    if _EXCEL_NUMBER.fullmatch(text) or is_shortened(text):
        raise BadCell("cell.id_float", value=text)
    if text.isdecimal() and is_rounded(text) and not trust:
        raise BadCell("cell.rounded", value=text)
    if known and not known.passes(text):
        raise _unknown(text, known)
    return text


def _choices(cell: Cell, custom: CustomField, known: Choices | None, trust: bool) -> Json:
    """The ids of the option or options that the cell names, in the shape that the field is declared to want."""
    if isinstance(cell, float):
        raise BadCell("cell.id_float", value=cell_text(cell))
    if custom.type == "cascade":
        option_ids = _path(_text(cell), custom, known, trust)
    elif custom.type == "multiple":
        option_ids = list(dict.fromkeys(_option(part, known, trust) for part in _parts(cell)))
    else:
        option_ids = [_option(_text(cell), known, trust)]
    ids: list[str] | list[int] = list(map(int, option_ids)) if custom.ids == "integer" else option_ids
    return ids[0] if custom.type == "single" and custom.choice_shape == "scalar" else ids


def _option(text: str, known: Choices | None, trust: bool) -> str:
    """The id of an option given by name or id; without declared options only an id can be meant."""
    if known is None:
        return _id_digits(text, trust, _undeclared)
    digits = _digits(text)
    if option_id := _named(text, known):
        return option_id
    if not known.has(digits):
        raise _no_option(text, known)
    return digits


def _undeclared(cell: Cell) -> BadCell:
    return BadCell("cell.option_undeclared", value=cell_text(cell))


def _no_option(text: str, known: Choices | None) -> BadCell:
    if known is None:
        return _undeclared(text)
    near = known.near(text)
    if near is None:
        return BadCell("cell.option", value=text, options=known.listed)
    return BadCell("cell.option_near", value=text, near=near)


def _path(text: str, custom: CustomField, known: Choices | None, trust: bool) -> list[str]:
    """The ids along a cascade's path: ``一级/二级`` (or ``>``, or ``-`` where no name holds one), or the ids themselves."""
    for breaks in (r"[/\uff0f>\uff1e]", r"[-/\uff0f>\uff1e]", SEPARATORS):
        names = [part.strip() for part in re.split(breaks, text)]
        paths = ["/".join(names[: depth + 1]) for depth in range(len(names))]
        if all(path in custom.options for path in paths):
            return [custom.options[path] for path in paths]
        digits = [_digits(name) for name in names]
        if all(map(str.isdecimal, digits)) and (known is None or all(map(known.has, digits))):
            return [_id_digits(part, trust, _undeclared) for part in digits]
    raise _no_option(text, known)


def _moment(cell: Cell) -> datetime:
    """A day, with a time if there is one, as the CRM's clock at +08:00 shows it (naive)."""
    if isinstance(cell, datetime):
        try:
            return cell.astimezone(CHINA).replace(tzinfo=None) if cell.tzinfo else cell
        except OverflowError:  # within hours of the year 10000
            raise BadCell("cell.date", value=cell_text(cell)) from None
    text = _digits(cell)  # of a day without a time too, whose text has one form
    if re.fullmatch(r"\d{5}(\.\d+)?", text):
        raise BadCell("cell.serial_date", value=text)
    if _AMBIGUOUS.fullmatch(text):
        raise BadCell("cell.ambiguous_date", value=text)
    if re.fullmatch(r"[0-9]{8}", text):
        text = f"{text[:4]}-{text[4:6]}-{text[6:]}"
    day = _DAY.match(text)
    clock = _CLOCK.fullmatch(text[day.end() :]) if day else None
    if not day or (clock is None and day.end() < len(text)):
        raise BadCell("cell.date", value=cell_text(cell))
    numbers = [int(part) for part in day.groups() if part] + [int(part or 0) for part in (clock.groups() if clock else ())]
    try:
        return datetime(*numbers)  # type: ignore[arg-type]  # noqa: DTZ001  # a clock on the wall, 3 to 6 numbers
    except ValueError:
        raise BadCell("cell.date", value=cell_text(cell)) from None


def _is_midnight(moment: datetime) -> bool:
    return not (moment.hour or moment.minute or moment.second or moment.microsecond)


def _midnight(cell: Cell) -> datetime:
    moment = _moment(cell)
    if not _is_midnight(moment):
        raise BadCell("cell.has_time", value=cell_text(cell))
    return moment


def _birthday(cell: Cell, unit: int) -> int:
    """Seconds (``unit`` 1) or milliseconds (1000) since 1970 of that day's midnight at +08:00, or of the moment given."""
    if isinstance(cell, (str, int, float)):
        digits = _digits(cell)
        if re.fullmatch(r"[0-9]{12,13}", digits):
            if unit == 1 and int(digits) % 1000:
                raise BadCell("cell.not_whole_second", value=digits)
            return int(digits) if unit == 1000 else int(digits) // 1000
        if re.fullmatch(r"[0-9]{9,10}", digits):
            return int(digits) * unit
    days = _midnight(cell).toordinal() - _EPOCH.toordinal()
    return (days * _DAY_SECONDS - _CHINA_SECONDS) * unit
