"""What a number, a date, a time or a text is shown as in the number format of its cell: ``0.5`` as ``50%`` in ``0%``.

A format is compiled once. Its answer says whether it is certain: what depends on the country that a computer is set to, on
the width of a column, or on rules that spreadsheets do not share, is not. The dates and numbers themselves are left to
``styles``.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from functools import lru_cache, partial

from ..cell_values import Cell, FormattedDatetime, FormattedDuration, FormattedFloat, FormattedInt, FormattedText, FormattedTime
from .format_codes import Section, Shown, section_of, sections_of
from .shown_dates import moment
from .shown_figures import GENERAL_WIDTH, MOST_PLACES, figures, general_figures, plain

#: A spreadsheet knows so many digits of a number.
_DIGITS = Context(prec=15, rounding=ROUND_HALF_UP)
_FIGURES = Context(prec=MOST_PLACES + 400, rounding=ROUND_HALF_UP)
#: More than anybody formats, and what could cost time.
_LONGEST_CODE = 1000
_MOST_SECTIONS = 4


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


def _decimal(number: float) -> Decimal:
    return Decimal(number) if isinstance(number, int) else _DIGITS.create_decimal(repr(number))


class NumberFormat:
    """A format that is compiled. ``shows_texts_as_they_are`` says that it makes nothing of a text; ``has_whole_date``, that it
    shows day, month and year, if it shows dates."""

    def __init__(self, code: str) -> None:
        pieces = sections_of(code[:_LONGEST_CODE])
        sections = [section_of(piece) for piece in pieces[:_MOST_SECTIONS]]
        self._is_sound = len(code) <= _LONGEST_CODE and len(pieces) <= _MOST_SECTIONS
        has_text = len(sections) == _MOST_SECTIONS or sections[-1].has("text")
        self._text = sections[-1] if has_text else None
        self._numbers = sections[: -1 if has_text else None]
        self._is_bare_text = has_text and _is_only(sections[-1], "text")
        self.is_general = len(sections) == 1 and (self._is_bare_text or _is_only(sections[0], "general"))
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
                shown = moment(section, value, day)
            elif section.has("general"):
                shown = general_figures(section, abs(value))
            else:
                shown = figures(section, abs(value))
        sign = "-" if value < 0 and not is_negative and not section.has("date", "elapsed", "clock") else ""
        if value < 0 and (section.has("places") or not is_negative):
            is_certain = is_certain and not _shows_nothing(shown.text)
        return Shown(sign + shown.text, shown.is_certain and is_certain and section.is_certain and self._is_sound)

    def _section_for(self, value: Decimal) -> tuple[Section | None, bool, bool]:
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


def _is_only(section: Section, kind: str) -> bool:
    """Whether a section says nothing but a number or a text as it is."""
    return [token.kind for token in section.tokens] == [kind] and section.condition is None and section.is_certain


def _shows_nothing(text: str) -> bool:
    """Whether no digit but 0 is in a text: spreadsheets differ in the sign of what is rounded to nothing."""
    return not any(character in "123456789" for character in text)


def _holds(condition: tuple[str, Decimal], value: Decimal) -> bool:
    sign, bound = condition
    comparisons = {"<": value < bound, "<=": value <= bound, ">": value > bound, ">=": value >= bound}
    return {**comparisons, "=": value == bound, "<>": value != bound}[sign]
