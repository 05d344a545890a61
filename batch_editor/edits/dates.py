"""Dates in cells: days, moments and birthdays (guide: rules, "Cells").

A date is read only where no second reading of it is possible, or where ``date_order`` says which one is meant. Whatever is
nobody's birthday, or no day that a company plans with, is refused.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone
from typing import Literal

from ..cell_values import Cell
from .texts import BadCell, cell_text, digits_of, is_midnight

Order = Literal["ymd", "dmy", "mdy"]

#: The CRM counts days at this fixed offset; the zone Asia/Shanghai would shift the summers of 1986 to 1991 (guide: rules).
CHINA = timezone(timedelta(hours=8))
_EPOCH = date(1970, 1, 1)
_DAY_SECONDS, _CHINA_SECONDS = 86_400, 8 * 3600
#: Nobody who is a customer today was born before this day.
_EARLIEST = date(1900, 1, 1)
#: The last year of other dates, and the day by which many systems say "without end".
_LAST_YEAR, _NO_END = 2199, date(9999, 12, 31)

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    "(?P<name>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\.?"
)
_WEEKDAY = r"(?:(?:mon|tue|tues|wed|wednes|thu|thur|thurs|fri|sat|satur|sun)(?:day)?\.?,?\s+)?"
_GAP = r"\s*[-/., ]\s*"
_NUMBER = "[0-9]{1,2}"
#: Days of which the year stands first, and those with the name of their month: they can be read in one way only.
_CERTAIN = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?P<year>[0-9]{{4}})\s*(?P<sign>[-/.])\s*(?P<month>{_NUMBER})\s*(?P=sign)\s*(?P<day>{_NUMBER})\.?",
        rf"(?P<year>[0-9]{{4}})\s*年\s*(?P<month>{_NUMBER})\s*月\s*(?P<day>{_NUMBER})\s*[日号]?",
        "(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})(?![0-9])",
        rf"{_WEEKDAY}(?P<day>{_NUMBER})(?:st|nd|rd|th)?(?:{_GAP})?{_MONTH}(?:{_GAP})?(?P<year>[0-9]{{4}})(?![0-9])",
        rf"{_WEEKDAY}{_MONTH}(?:{_GAP})?(?P<day>{_NUMBER})(?:st|nd|rd|th)?{_GAP}(?P<year>[0-9]{{4}})(?![0-9])",
        rf"(?P<year>[0-9]{{4}}){_GAP}{_MONTH}{_GAP}(?P<day>{_NUMBER})(?![0-9])",
    )
)
_YEAR_LAST = re.compile(rf"({_NUMBER})\s*([-/.])\s*({_NUMBER})\s*\2\s*([0-9]{{4}})(?![0-9])")
_SHORT_YEAR = re.compile(
    rf"({_NUMBER})\s*([-/.])\s*({_NUMBER})\s*\2\s*([0-9]{{2}})(?![0-9])|[0-9]{{2}}\s*年\s*{_NUMBER}\s*月\s*{_NUMBER}\s*[日号]?"
    rf"|{_NUMBER}{_GAP}{_MONTH}{_GAP}'?[0-9]{{2}}(?![0-9])",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    r"(?:T|\s+|(?<=[日号]))(?P<half>上午|下午|[ap]m\s)?\s*(?P<hour>[0-9]{1,2})"
    r"(?::(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:\.0+)?)?"
    r"|\s*[时点]\s*(?:(?P<minute_zh>[0-9]{1,2})\s*分\s*(?:(?P<second_zh>[0-9]{1,2})\s*秒)?|(?P<half_hour>半)|整)?)"
    r"(?:\s*(?P<half_last>[ap]m))?",
    re.IGNORECASE,
)
_AFTERNOON = {"上午": False, "am": False, "下午": True, "pm": True}


def moment(cell: Cell, order: Order | None) -> datetime:
    """Returns a day, with a time if there is one, as the CRM's clock at +08:00 shows it (naive).

    Raises ``BadCell`` for a day before 1900, or so far ahead that nobody plans for it.
    """
    result = _moment(cell, order)
    day = result.date()
    if not (day >= _EARLIEST and (day.year <= _LAST_YEAR or day == _NO_END)):
        raise BadCell("cell.date_range", value=cell_text(cell), least=_EARLIEST, most=_LAST_YEAR)
    return result


def day(cell: Cell, order: Order | None) -> date:
    """Returns a day that has no time."""
    return _midnight(cell, moment(cell, order))


def birthday(cell: Cell, unit: int, order: Order | None) -> int:
    """Returns the seconds (``unit`` 1) or milliseconds (1000) since 1970 of that day's midnight at +08:00, or of the moment
    given. Raises ``BadCell`` for a day that is nobody's birthday."""
    if isinstance(cell, (str, int, float)):
        digits = digits_of(cell)
        if re.fullmatch("[0-9]{12,13}", digits):
            if unit == 1 and int(digits) % 1000:
                raise BadCell("cell.not_whole_second", value=digits)
            seconds = _lived(cell, int(digits) // 1000)
            return int(digits) if unit == 1000 else seconds
        if re.fullmatch("[0-9]{9,10}", digits):
            return _lived(cell, int(digits)) * unit
    days = _midnight(cell, _moment(cell, order)).toordinal() - _EPOCH.toordinal()
    return _lived(cell, days * _DAY_SECONDS - _CHINA_SECONDS) * unit


def today() -> date:
    """Returns the day where the CRM is."""
    return datetime.now(CHINA).date()


def _lived(cell: Cell, seconds: int) -> int:
    """``seconds`` since 1970, if that is on a day on which somebody who lives today may have been born."""
    born = _EPOCH.toordinal() + (seconds + _CHINA_SECONDS) // _DAY_SECONDS
    if not _EARLIEST.toordinal() <= born <= today().toordinal():
        raise BadCell("cell.birthday_range", value=cell_text(cell), least=_EARLIEST)
    return seconds


def _midnight(cell: Cell, value: datetime) -> date:
    if not is_midnight(value):
        shown = (
            cell.isoformat(sep=" ") if isinstance(cell, datetime) else cell_text(cell)
        )  # midnight elsewhere is none in China
        raise BadCell("cell.has_time", value=shown)
    return value.date()


def _moment(cell: Cell, order: Order | None) -> datetime:
    if isinstance(cell, datetime):
        try:
            return cell.astimezone(CHINA).replace(tzinfo=None) if cell.tzinfo else cell
        except OverflowError:  # within hours of the year 10000
            raise BadCell("cell.date", value=cell_text(cell)) from None
    text = digits_of(cell)  # of a day without a time too, whose text has one form
    if re.fullmatch(r"[0-9]{5}(\.[0-9]+)?", text):
        raise BadCell("cell.serial_date", value=text)
    numbers, end = _day_of(text, cell, order)
    clock = _time_of(text, end)
    if clock is None:
        raise BadCell("cell.date", value=cell_text(cell))
    try:
        return datetime(*numbers, *clock)  # noqa: DTZ001  # a clock on the wall
    except ValueError:
        raise BadCell("cell.date", value=cell_text(cell)) from None


def _day_of(text: str, cell: Cell, order: Order | None) -> tuple[tuple[int, int, int], int]:
    """The year, month and day that a text begins with, and where in it they end."""
    for pattern in _CERTAIN:
        if match := pattern.match(text):
            parts = match.groupdict()
            month = _MONTHS.index(parts["name"][:3].lower()) + 1 if "name" in parts else int(parts["month"])
            return (int(parts["year"]), month, int(parts["day"])), match.end()
    if match := _YEAR_LAST.match(text):
        return _ordered(int(match[1]), int(match[3]), int(match[4]), cell, order), match.end()
    if match := _SHORT_YEAR.match(text):
        is_uncertain = order is None and match[1] and int(match[1]) <= 12 and int(match[3]) <= 12
        raise BadCell("cell.ambiguous_date" if is_uncertain else "cell.short_year", value=cell_text(cell))
    raise BadCell("cell.date", value=cell_text(cell))


def _ordered(first: int, second: int, year: int, cell: Cell, order: Order | None) -> tuple[int, int, int]:
    """The date of two numbers before a year: in the ``order`` that the settings say, else if there is but one."""
    readings = {"dmy": (year, second, first), "mdy": (year, first, second)}
    possible = {name: reading for name, reading in readings.items() if _exists(*reading)}
    if not possible:
        raise BadCell("cell.date", value=cell_text(cell))
    if order:
        if order not in possible:
            raise BadCell("cell.other_order", value=cell_text(cell), order=order)
        return possible[order]
    if len({*possible.values()}) > 1:
        raise BadCell("cell.ambiguous_date", value=cell_text(cell))
    return next(iter(possible.values()))


def _exists(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _time_of(text: str, start: int) -> tuple[int, int, int] | None:
    """The hour, minute and second that a text goes on with behind a day; None for what is no time."""
    if start == len(text):
        return 0, 0, 0
    match = _CLOCK.fullmatch(text, start)
    if not match:
        return None
    hour = int(match["hour"])
    minute = 30 if match["half_hour"] else int(match["minute"] or match["minute_zh"] or 0)
    second = int(match["second"] or match["second_zh"] or 0)
    halves = [half.strip().lower() for half in (match["half"], match["half_last"]) if half]
    if len(halves) > 1:
        return None
    if halves:
        is_chinese = halves[0] in ("上午", "下午")
        if not (1 <= hour <= 12) and not (is_chinese and 0 <= hour <= 23 and (hour >= 12) == (halves[0] == "下午")):
            return None
        if hour <= 12:
            hour = hour % 12 + 12 * _AFTERNOON[halves[0]]
    return hour, minute, second
