"""What a number, a date, a time or a text is shown as in the number format of its cell: ``0.5`` as ``50%`` in ``0%``.

A format is compiled once. Its answer says whether it is certain: what depends on the country that a computer is set to, on
the width of a column, or on rules that spreadsheets do not share, is not. The dates and numbers themselves are left to
``styles``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from functools import lru_cache, partial
from typing import NamedTuple

from ..model import (
    Cell,
    FormattedDatetime,
    FormattedDuration,
    FormattedFloat,
    FormattedInt,
    FormattedText,
    FormattedTime,
)

#: More places than anybody asks for.
_MOST_PLACES = 100
#: A spreadsheet knows so many digits of a number.
_DIGITS = Context(prec=15, rounding=ROUND_HALF_UP)
_FIGURES = Context(prec=_MOST_PLACES + 400, rounding=ROUND_HALF_UP)
#: In a cell of the format General so many characters of a number are shown at most.
GENERAL_WIDTH = 11
#: More than anybody formats, and what could cost time.
_LONGEST_CODE = 1000
_MOST_SECTIONS = 4
_DAY_SECONDS = 86_400
#: What a number of days may lack of a second, and the days of 1900 that Excel counts in another way than the others.
_NOISE, _FIRST_DAYS = Decimal("0.001"), 60
#: Names of days and months are certain only where the format says whose they are.
_ENGLISH, _CHINESE = frozenset({0x09}), frozenset({0x04})
#: Above these are the dates and times of the system, and calendars and figures of other kinds.
_LARGEST_LANGUAGE = 0xEFFF
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_CHINESE_NUMBERS = "一二三四五六日"

_TOKEN = re.compile(
    r"""
    "(?P<quoted>[^"]*)"?
    | [\\!](?P<escaped>.)
    | _(?P<space>.)
    | \*(?P<fill>.)
    | \[(?P<bracket>[^\]]*)\]
    | (?P<general>General|G/通用格式)
    | (?P<clock>AM/PM|A/P|上午/下午)
    | (?P<exponent>E[+-])
    | (?P<date>y+|m+|d+|h+|s+|a{3,}|g+|e+|b+)
    | (?P<places>[0#?])
    | (?P<other>.)
    """,
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*([+-]?[0-9]+(?:\.[0-9]+)?)")
_ELAPSED = re.compile(r"h+|m+|s+", re.IGNORECASE)
_COLOUR = re.compile(
    r"black|blue|cyan|green|magenta|red|white|yellow|color ?[0-9]+|[黑蓝青绿洋红白黄]色?|颜色 ?[0-9]+", re.IGNORECASE
)
_LOCALE = re.compile(r"\$([^-]*)(?:-([0-9A-F]{1,8}))?(?:,[0-9A-F]{1,8})?", re.IGNORECASE)


class Shown(NamedTuple):
    """The text that a cell shows; ``is_certain`` says whether every spreadsheet shows this."""

    text: str
    is_certain: bool = True


class _Once:
    """Asks once what a value is shown as."""

    __slots__ = ("_ask", "_shown")

    def __init__(self, ask: Callable[[], tuple[str, bool]]) -> None:
        self._ask = ask
        self._shown: tuple[str, bool] | None = None

    def __call__(self) -> tuple[str, bool]:
        if self._shown is None:
            self._shown = self._ask()
        return self._shown


def formatted(value: Cell, shown: Callable[[], tuple[str, bool]], *, is_whole: bool = True) -> Cell:
    """Returns a value in a format that shows as ``shown`` says; a value that no format changes is returned as it is."""
    made: FormattedInt | FormattedFloat | FormattedDatetime | FormattedTime | FormattedDuration | FormattedText
    match value:
        case bool():
            return value
        case int():
            made = FormattedInt(value)
        case float():
            made = FormattedFloat(value)
        case datetime():
            made = FormattedDatetime.combine(value.date(), value.time())
        case time():
            made = FormattedTime(value.hour, value.minute, value.second, value.microsecond)
        case timedelta():
            made = FormattedDuration(value.days, value.seconds, value.microseconds)
        case str():
            made = FormattedText(value)
        case _:
            return value
    made.shown, made.is_whole = _Once(shown), is_whole
    return made


class _Token(NamedTuple):
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class _Section:
    """One of the sections of a format: its tokens, the condition on its numbers, whose names it shows, and whether it is one
    that nobody can be certain of."""

    tokens: tuple[_Token, ...]
    condition: tuple[str, Decimal] | None
    language: int | None
    is_certain: bool

    def has(self, *kinds: str) -> bool:
        return any(token.kind in kinds for token in self.tokens)


@lru_cache(4096)
def number_format(code: str) -> NumberFormat:
    """Returns the format of this code, compiled."""
    return NumberFormat(code)


def general(number: float) -> str:
    """Returns a number with all digits that a spreadsheet knows of it, 15: what stands in the bar above its cells."""
    return plain(_decimal(number))


def in_general(number: float | None) -> Cell:
    """Returns a number in the format General, of which no spreadsheet shows more digits than 15: 0.30000000000000004 as 0.3."""
    if not isinstance(number, float) or number.is_integer():
        return number
    text = general(number)
    if text == repr(number):
        return number
    return formatted(number, partial(Shown, text), is_whole=len(text.lstrip("-")) <= GENERAL_WIDTH)


def plain(value: Decimal) -> str:
    """Returns a number without an exponent, unless it is one that a spreadsheet writes with one."""
    if not value:
        return "0"
    exponent = value.adjusted()
    if -10 < exponent < 21:
        text = format(value, "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    digits = "".join(map(str, value.as_tuple().digits)).rstrip("0")
    mantissa = digits[0] + ("." + digits[1:] if digits[1:] else "")
    return f"{'-' if value < 0 else ''}{mantissa}E{'-' if exponent < 0 else '+'}{abs(exponent):02d}"


def _decimal(number: float) -> Decimal:
    return Decimal(number) if isinstance(number, int) else _DIGITS.create_decimal(repr(number))


class NumberFormat:
    """A format that is compiled. ``shows_texts_as_they_are`` says that it makes nothing of a text; ``has_whole_date``, that it
    shows day, month and year, if it shows dates."""

    def __init__(self, code: str) -> None:
        pieces = _sections(code[:_LONGEST_CODE])
        sections = [_section(piece) for piece in pieces[:_MOST_SECTIONS]]
        self._is_sound = len(code) <= _LONGEST_CODE and len(pieces) <= _MOST_SECTIONS
        has_text = len(sections) == _MOST_SECTIONS or sections[-1].has("text")
        self._text = sections[-1] if has_text else None
        self._numbers = sections[: -1 if has_text else None]
        self.is_general = not self._numbers or (
            len(sections) == 1 and [token.kind for token in sections[0].tokens] == ["general"]
        )
        self._is_bare_text = has_text and [token.kind for token in sections[-1].tokens] == ["text"]
        self.shows_texts_as_they_are = not has_text or self._is_bare_text
        dates = [section for section in self._numbers if section.has("date", "elapsed", "clock")]
        letters = {token.text[0] for section in dates for token in section.tokens if token.kind == "date"}
        self.has_whole_date = not dates or letters >= {"d", "m", "y"} or letters >= {"d", "m", "e"}

    def text(self, text: str) -> Shown:
        """Returns what a text is shown as."""
        if self._text is None:
            return Shown(text)
        pieces = [text if token.kind == "text" else token.text for token in self._text.tokens if token.kind != "fill"]
        return Shown("".join(pieces), self._text.is_certain and self._is_sound and not self._text.has("date", "places"))

    def number(self, number: float, day: Callable[[int], date] | None = None) -> Shown:
        """Returns what a number is shown as. ``day`` tells which date a whole number of days is; it raises ValueError
        where that is none."""
        value = _decimal(number)
        if not self._numbers:  # of texts alone
            return Shown(general(number), self._is_bare_text)
        section, is_negative, is_certain = self._section_for(value)
        if section is None:
            return Shown("", False)
        with localcontext(_FIGURES):
            if section.has("date", "elapsed", "clock"):
                shown = _date(section, value, day)
            elif section.has("general"):
                shown = _general(section, abs(value))
            else:
                shown = _figures(section, abs(value))
        sign = "-" if value < 0 and not is_negative and not section.has("date", "elapsed", "clock") else ""
        if value < 0 and (section.has("places") or not is_negative):
            is_certain = is_certain and not _shows_nothing(shown.text)
        return Shown(sign + shown.text, shown.is_certain and is_certain and section.is_certain and self._is_sound)

    def _section_for(self, value: Decimal) -> tuple[_Section | None, bool, bool]:
        """The section for a number, whether it is for negative ones alone, and whether that is certain."""
        sections = self._numbers
        if any(section.condition for section in sections):
            for section in sections:
                if section.condition is None or _holds(section.condition, value):
                    return section, False, value >= 0
            return None, False, False
        if len(sections) == 1:
            return sections[0], False, True
        if value < 0:
            # An empty second section of two hides a number for some, and shows a sign for others.
            return sections[1], True, len(sections) > 2 or bool(sections[1].tokens)
        if value == 0 and len(sections) > 2:
            return sections[2], False, True
        return sections[0], False, True


def _shows_nothing(text: str) -> bool:
    """Whether no digit but 0 is in a text: spreadsheets differ in the sign of what is rounded to nothing."""
    return not any(character in "123456789" for character in text)


# --- a code


def _sections(code: str) -> list[str]:
    """The sections of a code; a semicolon in quotes or brackets, or escaped, ends none."""
    sections = [""]
    for match in _TOKEN.finditer(code):
        if match.lastgroup == "other" and match[0] == ";":
            sections.append("")
        else:
            sections[-1] += match[0]
    return sections


def _section(piece: str) -> _Section:
    tokens: list[_Token] = []
    condition, language, is_certain = None, None, True
    for match in _TOKEN.finditer(piece):
        kind = match.lastgroup or ""
        text = match[kind]
        if kind == "bracket":
            if held := _CONDITION.fullmatch(text):
                condition = (held[1], Decimal(held[2]))
            elif _ELAPSED.fullmatch(text):
                tokens.append(_Token("elapsed", text.lower()))
            elif named := _LOCALE.fullmatch(text):
                tokens += [_Token("literal", named[1])] if named[1] else []
                language = int(named[2], 16) if named[2] else language
                is_certain = is_certain and (language is None or language <= _LARGEST_LANGUAGE)
            elif not _COLOUR.fullmatch(text):
                is_certain = False
        elif kind in ("quoted", "escaped"):
            tokens.append(_Token("literal", text))
        elif kind == "space":
            tokens.append(_Token("literal", " "))
        elif kind == "fill":
            is_certain = is_certain and text == " "
        elif kind == "date":
            is_certain = is_certain and text[0] not in "gGbBeE"
            tokens.append(_Token("date", text.lower()))
        elif kind in ("general", "clock", "places"):
            tokens.append(_Token(kind, text))
        elif kind == "exponent":
            tokens.append(_Token("exponent", text[1]))
        elif text == "@":
            tokens.append(_Token("text", text))
        elif text in ".,%/":
            tokens.append(_Token(text, text))
        else:
            tokens.append(_Token("literal", text))
    return _Section(tuple(tokens), condition, language, is_certain)


def _holds(condition: tuple[str, Decimal], value: Decimal) -> bool:
    sign, bound = condition
    comparisons = {"<": value < bound, "<=": value <= bound, ">": value > bound, ">=": value >= bound}
    return {**comparisons, "=": value == bound, "<>": value != bound}[sign]


# --- numbers


def _general(section: _Section, value: Decimal) -> Shown:
    text = plain(value)
    pieces = [text if token.kind == "general" else token.text for token in section.tokens]
    return Shown("".join(pieces), len(text) <= GENERAL_WIDTH or len(section.tokens) == 1)


def _figures(section: _Section, value: Decimal) -> Shown:
    """A number, which is not negative, by its places: ``#,##0.00``, ``0%``, ``0.00E+00``, ``000-0000``."""
    if section.has("/") and section.has("places"):
        return Shown(plain(value), False)  # spreadsheets differ in fractions
    tokens = list(section.tokens)
    kinds = [token.kind for token in tokens]
    if kinds.count(".") > 1 or kinds.count("exponent") > 1 or kinds.count("%") > 1 or kinds.count("places") > _MOST_PLACES:
        return Shown(plain(value), False)
    value *= Decimal(100) ** kinds.count("%")
    places = [index for index, kind in enumerate(kinds) if kind == "places"]
    if not places:
        return Shown("".join(token.text for token in tokens), not section.has(".", ",", "exponent", "text"))
    tokens, is_grouped, thousands = _without_commas(tokens, kinds, places)
    value /= Decimal(1000) ** thousands
    kinds = [token.kind for token in tokens]
    power = kinds.index("exponent") if "exponent" in kinds else len(tokens)
    point = kinds.index(".") if "." in kinds[:power] else power
    whole, decimals = tokens[:point], tokens[point:power]
    count = [token.kind for token in decimals].count("places")
    exponent_text = ""
    if power < len(tokens):
        value, exponent = _scaled(value, [token.kind for token in whole].count("places"), count)
        exponent_text = _exponent(tokens[power:], exponent)
    rounded = value.quantize(Decimal(1).scaleb(-count))
    whole_digits, _, decimal_digits = format(rounded, "f").partition(".")
    before = _whole(whole, whole_digits.lstrip("0"), is_grouped=is_grouped)
    behind = _decimals(decimals, decimal_digits)
    has_bare_point = bool(count) and not any(map(str.isdigit, behind))  # Excel shows "5." in 0.##, others "5"
    is_certain = not section.has("text") and not has_bare_point and not (is_grouped and _is_broken(whole))
    return Shown(before + behind + exponent_text, is_certain)


def _without_commas(tokens: Sequence[_Token], kinds: Sequence[str], places: Sequence[int]) -> tuple[list[_Token], bool, int]:
    """The tokens without the commas that group digits or leave out thousands; whether there are such, and how many of these."""
    point = kinds.index(".") if "." in kinds else len(kinds)
    whole_places = [place for place in places if place < point]
    first, last = (whole_places[0], whole_places[-1]) if whole_places else (0, -1)
    kept: list[_Token] = []
    is_grouped, thousands = False, 0
    for index, token in enumerate(tokens):
        if token.kind != ",":
            kept.append(token)
        elif first < index < last:
            is_grouped = True
        elif kinds[places[-1] + 1 : index + 1] == [","] * (index - places[-1]) or (
            whole_places and kinds[last + 1 : index + 1] == [","] * (index - last)
        ):
            thousands += 1
        else:
            kept.append(_Token("literal", ","))
    return kept, is_grouped, thousands


def _is_broken(whole: Sequence[_Token]) -> bool:
    """Whether something stands between the places of a number."""
    kinds = [token.kind for token in whole]
    first, last = kinds.index("places"), len(kinds) - kinds[::-1].index("places")
    return set(kinds[first:last]) != {"places"}


def _whole(tokens: Sequence[_Token], digits: str, *, is_grouped: bool) -> str:
    """The digits before the point, in their places from the right; the first place takes all that are left over."""
    places = [index for index, token in enumerate(tokens) if token.kind == "places"]
    if not places:
        return "".join(token.text for token in tokens) + digits
    pieces: list[str] = []
    count = 0

    def put(digit: str) -> None:
        nonlocal count
        if is_grouped and count and count % 3 == 0:
            pieces.append("," if digit != " " else " ")
        pieces.append(digit)
        count += 1

    for index in range(len(tokens) - 1, -1, -1):
        token = tokens[index]
        if token.kind != "places":
            pieces.append(token.text[::-1])
            continue
        if digits:
            put(digits[-1])
            digits = digits[:-1]
        elif token.text == "0":
            put("0")
        elif token.text == "?":
            put(" ")
        while index == places[0] and digits:
            put(digits[-1])
            digits = digits[:-1]
    return "".join(pieces)[::-1]


def _decimals(tokens: Sequence[_Token], digits: str) -> str:
    """The digits behind the point; zeros at the end only where the places ask for them."""
    significant = len(digits.rstrip("0"))
    pieces: list[str] = []
    place = 0
    for token in tokens:
        if token.kind != "places":
            pieces.append(token.text)
            continue
        if place < significant or token.text == "0" or any(later.text == "0" for later in _places(tokens)[place:]):
            pieces.append(digits[place])
        elif token.text == "?":
            pieces.append(" ")
        place += 1
    return "".join(pieces)


def _places(tokens: Sequence[_Token]) -> list[_Token]:
    return [token for token in tokens if token.kind == "places"]


def _scaled(value: Decimal, whole_places: int, decimals: int) -> tuple[Decimal, int]:
    """A number and a power of ten, as ``0.00E+00`` or ``##0.0E+0`` shows them."""
    if not value:
        return value, 0
    step = max(whole_places, 1)
    exponent = value.adjusted() // step * step if step > 1 else value.adjusted()
    scaled = value.scaleb(-exponent)
    if scaled.quantize(Decimal(1).scaleb(-decimals)).adjusted() >= step:
        exponent += step
        scaled = value.scaleb(-exponent)
    return scaled, exponent


def _exponent(tokens: Sequence[_Token], exponent: int) -> str:
    sign = "-" if exponent < 0 else "+" if tokens[0].text == "+" else ""
    return "E" + sign + _whole(tokens[1:], str(abs(exponent)).lstrip("0"), is_grouped=False)


# --- dates and times


def _date(section: _Section, value: Decimal, day: Callable[[int], date] | None) -> Shown:
    tokens = section.tokens
    is_certain = (value >= 0 and not section.has("places", "exponent", "%", "text", "general")) or _is_time(section)
    is_certain = is_certain and (section.language or 0) & 0xFF in {0, *_ENGLISH, *_CHINESE}
    kinds = [token.kind for token in tokens]
    fractions = _fractions(tokens)
    exact = value * _DAY_SECONDS
    seconds = exact.quantize(Decimal(1).scaleb(-fractions))
    is_certain = is_certain and seconds - exact < _NOISE  # others do not round up
    days, since_midnight = divmod(seconds, _DAY_SECONDS)
    letters = {token.text[0] for token in tokens if token.kind == "date"}
    has_elapsed = "elapsed" in kinds
    shows_day = bool(letters & set("ydaebg")) or any(
        token.kind == "date" and token.text[0] == "m" and not _is_minute(tokens, index) for index, token in enumerate(tokens)
    )
    shown_day = None
    if shows_day:
        try:
            shown_day = day(int(days)) if day else None
        except (ValueError, OverflowError):
            shown_day = None
        if shown_day is None:
            return Shown("", False)
        is_certain = is_certain and days > _FIRST_DAYS and not has_elapsed
    pieces: list[str] = []
    place = 0
    while place < len(tokens):
        token = tokens[place]
        if token.kind == "elapsed":
            unit = {"h": 3600, "m": 60, "s": 1}[token.text[0]]
            pieces.append(str(int(seconds // unit)).zfill(len(token.text)))
        elif token.kind == "date":
            shown, is_sure = _part(section, place, shown_day, since_midnight)
            pieces.append(shown)
            is_certain = is_certain and is_sure
        elif token.kind == "clock":
            morning, _, afternoon = token.text.partition("/")
            pieces.append(morning if since_midnight < _DAY_SECONDS // 2 else afternoon)
        elif token.kind == "." and _fraction_places(tokens, place):
            count = _fraction_places(tokens, place)
            pieces.append("." + str(since_midnight % 1).partition(".")[2].ljust(count, "0")[:count])
            place += count
        else:
            pieces.append(token.text)
        place += 1
    return Shown("".join(pieces), is_certain and value >= 0)


def _is_time(section: _Section) -> bool:
    """Whether places in a section are those of a second's fraction, and of nothing else."""
    places = sum(token.kind == "places" for token in section.tokens)
    return places == _fractions(section.tokens) and not section.has("exponent", "%", "text", "general")


def _fractions(tokens: Sequence[_Token]) -> int:
    return max((_fraction_places(tokens, index) for index in range(len(tokens))), default=0)


def _fraction_places(tokens: Sequence[_Token], place: int) -> int:
    """How many zeros stand behind a point that follows the seconds."""
    if tokens[place].kind != "." or not place or tokens[place - 1].text[:1] != "s":
        return 0
    count = 0
    while place + count + 1 < len(tokens) and tokens[place + count + 1] == ("places", "0"):
        count += 1
    return count


def _is_minute(tokens: Sequence[_Token], place: int) -> bool:
    """Whether an m stands for minutes: behind hours, or before seconds."""
    if len(tokens[place].text) > 2:
        return False
    parts = [index for index, token in enumerate(tokens) if token.kind in ("date", "elapsed")]
    position = parts.index(place)
    before = tokens[parts[position - 1]].text[0] if position else ""
    behind = tokens[parts[position + 1]].text[0] if position + 1 < len(parts) else ""
    return before == "h" or behind == "s"


def _part(section: _Section, place: int, day: date | None, since_midnight: Decimal) -> tuple[str, bool]:
    """What a part of a date or a time is shown as, and whether that is certain."""
    text = section.tokens[place].text
    letter, length = text[0], len(text)
    if letter == "h":
        hour = int(since_midnight // 3600)
        if section.has("clock"):
            hour = hour % 12 or 12
        return str(hour).zfill(min(length, 2)), length <= 2
    if letter == "s":
        return str(int(since_midnight % 60)).zfill(min(length, 2)), length <= 2
    if letter == "m" and _is_minute(section.tokens, place):
        return str(int(since_midnight // 60 % 60)).zfill(length), True
    if day is None:
        return "", False
    if letter in "ye":
        return (str(day.year)[-2:] if letter == "y" and length <= 2 else str(day.year)), length in (2, 4)
    if letter == "m" and length <= 2:
        return str(day.month).zfill(length), True
    if letter == "d" and length <= 2:
        return str(day.day).zfill(length), True
    return _name(section.language, letter, length, day)


def _name(language: int | None, letter: str, length: int, day: date) -> tuple[str, bool]:
    """The name of a month or of a day of the week, which is certain in English and in Chinese if the format says so."""
    primary = (language or 0) & 0xFF
    if letter == "m":
        name = _MONTHS[day.month - 1]
        texts = {3: name[:3], 4: name, 5: name[:1]}
        return texts.get(length, name), primary in _ENGLISH and length in texts
    if letter == "d":
        name = _DAYS[day.weekday()]
        return (name[:3] if length == 3 else name), primary in _ENGLISH and length in (3, 4)
    number = _CHINESE_NUMBERS[day.weekday()]
    return (f"星期{number}" if length == 4 else f"周{number}"), primary in _CHINESE and length == 4
