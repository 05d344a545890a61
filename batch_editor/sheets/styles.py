"""Tells what the numbers of a workbook are by the formats of its cells: dates and which, or numbers that are shown otherwise.

It hands on ``Formats``, ``Moments`` and ``Figures``. What a format shows is said in ``number_formats``; which cell has which
format is left to the readers of the workbooks.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import IO, NamedTuple

from ..cell_values import Cell, CellError
from .marks import FontReader, Mark
from .markup import Attributes, TooLargeError, walk, whole_number
from .number_formats import NumberFormat, formatted, in_general, number_format

#: The days from which workbooks count: day 60 is the 29th of February 1900, which never was.
WINDOWS_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  # a cell knows of no zone
MAC_EPOCH = datetime(1904, 1, 1)  # noqa: DTZ001
#: The formats that need not be written down, by their numbers.
_BUILT_IN = {
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    9: "0%",
    10: "0.00%",
    11: "0.00E+00",
    12: "# ?/?",
    13: "# ??/??",
    18: "h:mm AM/PM",
    19: "h:mm:ss AM/PM",
    20: "h:mm",
    21: "h:mm:ss",
    45: "mm:ss",
    46: "[h]:mm:ss",
    48: "##0.0E+0",
    49: "@",
}
#: Those of which a computer makes what is usual in the country that it is set to; the ones of East Asia are dates and times in
#: each of their languages.
_BY_COUNTRY = {
    5: '"$"#,##0_);("$"#,##0)',
    6: '"$"#,##0_);[Red]("$"#,##0)',
    7: '"$"#,##0.00_);("$"#,##0.00)',
    8: '"$"#,##0.00_);[Red]("$"#,##0.00)',
    14: "mm-dd-yy",
    15: "d-mmm-yy",
    16: "d-mmm",
    17: "mmm-yy",
    22: "m/d/yy h:mm",
    37: "#,##0_);(#,##0)",
    38: "#,##0_);[Red](#,##0)",
    39: "#,##0.00_);(#,##0.00)",
    40: "#,##0.00_);[Red](#,##0.00)",
    41: '_(* #,##0_);_(* (#,##0);_(* "-"_);_(@_)',
    42: '_("$"* #,##0_);_("$"* (#,##0);_("$"* "-"_);_(@_)',
    43: '_(* #,##0.00_);_(* (#,##0.00);_(* "-"??_);_(@_)',
    44: '_("$"* #,##0.00_);_("$"* (#,##0.00);_("$"* "-"??_);_(@_)',
    47: "mmss.0",
} | dict.fromkeys((*range(27, 37), *range(50, 59)), "yyyy/m/d")
#: Of these only negative numbers, and nothing, are shown in each country its own way.
_SIGNS_BY_COUNTRY = (37, 38, 39, 40, 41, 43)
_ISO_DAY = "yyyy-mm-dd"
#: What in a format's code does not ask for a part of the number: a text in quotes, a character that is escaped, left as
#: wide a blank or filled up with, and all in brackets (colours, conditions, languages) but hours that go on counting.
_SHOWN = re.compile(r'"[^"]*"?|[\\_*].|\[(?!(?:h+|m+|s+)\])[^\]]*\]|General|G/通用格式|E[+-]', re.IGNORECASE | re.DOTALL)
_DATE = re.compile(r"[dmyhse]|a{3}|b{2}", re.IGNORECASE)
_DURATION = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_ISO = re.compile(r"(?:\d{4}-\d\d-\d\d)?T?(?:\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:[+-]\d\d:?\d\d)?)?", re.ASCII)
_ISO_DAY_FIRST = re.compile("[0-9]{4}-")
#: The days of which Strict workbooks write a time that has no day.
_NO_DAYS = (WINDOWS_EPOCH, WINDOWS_EPOCH + timedelta(1))
_ISO_DURATION = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d{1,3})?)S)?")
_FIRST = WINDOWS_EPOCH + timedelta(2)
#: How many values are kept ready, each by a text of no more characters than this.
_READY, _READY_LENGTH = 1 << 15, 40
#: Fewer of those that know what they are shown as, which take some hundred bytes each; those of days are many.
_READY_SHOWN, _READY_DAYS = 1 << 12, 1 << 14
#: Whole numbers that are shown with an exponent in the format General, and with all digits in the format 0.
_SHORT_IN_GENERAL = range(10**11, 10**15)
#: Excel takes 65,490 formats of cells, and shows its own dates from 1900-01-01, but the 29th of February 1900 that never was.
_MOST_FORMATS = 100_000
_NO_DAY = 60


def number(text: str) -> int | float | None:
    """Returns a cell's number: an int if all its digits are written, a float if some may be lost; None for no text.

    Raises ValueError for anything else, and for what is no finite number.
    """
    text = text.strip()
    if not text:
        return None
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"{text!r} is no number")
    if text.lstrip("+-").isdigit():
        return int(text)
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text!r} is too large")
    return value


class Numbers(dict[str, Cell]):
    """Numbers by the text that is written for them; the last few are kept ready."""

    def __missing__(self, text: str) -> Cell:
        if len(self) >= _READY:
            self.clear()
        value = int(text) if text.isdigit() and text.isascii() else in_general(number(text))
        if len(text) <= _READY_LENGTH:
            self[text] = value
        return value


class CodedFormat(NamedTuple):
    """A format of a cell by its code: ``is_certain`` if all computers show the same, ``by_sign`` if they do so above zero."""

    code: str
    is_certain: bool = True
    by_sign: bool = False

    def shown(self, number: float, day: Callable[[int], date]) -> tuple[str, bool]:
        """Returns what a number is shown as, and whether that is certain."""
        text, is_certain = number_format(self.code).number(number, day)
        return text, is_certain and (self.is_certain or (self.by_sign and number > 0))


class Moments(dict[str, Cell]):
    """Dates and times by the number that is written for them, or durations; the last few are kept ready.

    What Excel shows as ######## is an error, whatever its number: before its first day, or after the year 9999.
    """

    def __init__(self, epoch: datetime, *, durations: bool, coded: CodedFormat | None = None) -> None:
        self._epoch, self._durations, self._coded = epoch, durations, coded
        self._is_whole = coded is None or number_format(coded.code).has_whole_date
        self._is_iso = coded is None or coded == CodedFormat(_ISO_DAY)

    def __missing__(self, text: str) -> Cell:
        value = number(text)
        if value is None:
            return None
        if len(self) >= _READY_DAYS:
            self.clear()
        moment = self.of(value)
        if len(text) <= _READY_LENGTH:
            self[text] = moment
        return moment

    def of(self, value: float) -> Cell:
        """Returns what a number stands for."""
        outside = value < 0 or (self._epoch == WINDOWS_EPOCH and math.floor(value) == _NO_DAY)
        if outside and not self._durations:
            return CellError("#VALUE!")
        try:
            if value > _NO_DAY and value.__class__ is int and not self._durations:
                moment: datetime | time | timedelta = self._epoch + timedelta(value)  # as below, in a third of the time
                if self._is_iso:
                    return moment
            else:
                moment = _duration(value) if self._durations else _moment(value, self._epoch)
        except (OverflowError, ValueError):
            return CellError("#VALUE!")
        return self._formatted(moment, value)

    def dated(self, cell: Cell) -> Cell:
        """Returns a moment that was written as a text."""
        match cell:
            case datetime() if cell.tzinfo is None and cell >= _FIRST:
                days = (cell - self._epoch) / timedelta(1)
            case time():
                days = (datetime.combine(_FIRST, cell) - _FIRST) / timedelta(1)
            case timedelta():
                days = cell / timedelta(1)
            case _:
                return cell
        return self._formatted(cell, days)

    def _formatted(self, moment: datetime | time | timedelta, value: float) -> Cell:
        if self._coded is None:
            return moment
        return formatted(moment, partial(self._coded.shown, value, partial(_day, self._epoch)), is_whole=self._is_whole)


class Figures(dict[str, Cell]):
    """Numbers in a format other than General, by the text that is written for them; the last few are kept ready."""

    def __init__(self, epoch: datetime, coded: CodedFormat) -> None:
        self._epoch, self._coded = epoch, coded
        self._is_whole = coded == CodedFormat("0")

    def __missing__(self, text: str) -> Cell:
        value = number(text)
        if value is None:
            return None
        if len(self) >= _READY_SHOWN:
            self.clear()
        figure = self.of(value)
        if len(text) <= _READY_LENGTH:
            self[text] = figure
        return figure

    def of(self, value: float) -> Cell:
        """Returns a number with what it is shown as."""
        if self._is_whole and value.__class__ is int and abs(value) not in _SHORT_IN_GENERAL:
            return value
        return formatted(value, partial(self._coded.shown, value, partial(_day, self._epoch)))


class Formats(dict[str | None, Moments | Figures | None]):
    """By a cell's format, as it is written (``formats["3"]``, None where it is not): dates, durations, figures, or None for
    numbers of which nothing is made; ``texts`` has those formats that make something of a text. ``marks`` are those of the
    formats in which people may overlook a cell.

    A workbook without any formats has numbers only. What a number in a format that is not there is shown as, is not certain.
    """

    def __init__(
        self,
        kinds: Sequence[Moments | Figures | None],
        texts: Mapping[int, NumberFormat] | None = None,
        marks: Mapping[str, Mark] | None = None,
    ) -> None:
        super().__init__((str(place), kind) for place, kind in enumerate(kinds))
        self._any = bool(kinds)
        self[None] = self["0"] if kinds else None
        self.texts = texts or {}
        self.marks = marks or {}

    def __missing__(self, place: str | None) -> Moments | Figures | None:
        normal = str(whole_number(place or ""))
        if not self._any:
            return None
        return self.get(normal, _UNKNOWN)

    def dated(self, place: str | None, cell: Cell) -> Cell:
        """Returns a date, a time or a duration in this format."""
        kind = self[place]
        return kind.dated(cell) if isinstance(kind, Moments) else cell

    def keeps_texts(self, place: str | None) -> bool:
        """Returns whether this format shows a text as it is."""
        return whole_number(place or "0") not in self.texts

    def text(self, place: str | None, text: str) -> Cell:
        """Returns a text in this format; None for a blank."""
        coded = self.texts.get(whole_number(place or "0")) if self.texts else None
        if coded is None or not text:
            return text or None
        return formatted(text, partial(coded.text, text))


#: What a number is in a format that the workbook does not have.
_UNKNOWN = Figures(WINDOWS_EPOCH, CodedFormat("General", is_certain=False))


def read_formats(source: IO[bytes] | None, *, from_1904: bool) -> Formats:
    """Returns the formats of a workbook's cells, from its styles if it has any."""
    codes: dict[int, str] = {}
    used: list[int] = []
    fonts = FontReader()

    def visit(above: str, name: str, attributes: Attributes) -> None:
        fonts.visit(above, name, attributes)
        if name == "xf" and above == "cellXfs":
            used.append(whole_number(attributes.get("numFmtId", "0")))
        elif name == "numFmt" and above == "numFmts":
            codes[whole_number(attributes["numFmtId"])] = attributes.get("formatCode", "")
        if len(used) > _MOST_FORMATS or len(codes) > _MOST_FORMATS:
            raise TooLargeError("more formats than a workbook has")

    if source:
        walk(source, visit)
    return Formats(moments(used, codes, from_1904=from_1904), text_formats(used, codes), fonts.marks())


def moments(used: Sequence[int], codes: Mapping[int, str], *, from_1904: bool) -> list[Moments | Figures | None]:
    """Returns for each of the ``used`` formats dates, durations, figures, or None for numbers of which nothing is made.
    ``codes`` are those of the file."""
    epoch = MAC_EPOCH if from_1904 else WINDOWS_EPOCH
    kinds = {number: _kind(number, codes, epoch) for number in set(used)}
    return [kinds[number] for number in used]


def text_formats(used: Sequence[int], codes: Mapping[int, str]) -> dict[int, NumberFormat]:
    """Returns those of the ``used`` formats that make something of a text, by their places. ``codes`` are those of the file."""
    coded = {place: number_format(codes[number]) for place, number in enumerate(used) if number in codes}
    return {place: code for place, code in coded.items() if not code.shows_texts_as_they_are}


def _kind(number: int, codes: Mapping[int, str], epoch: datetime) -> Moments | Figures | None:
    if number in codes:
        coded = CodedFormat(codes[number])
    elif number in _BY_COUNTRY:
        coded = CodedFormat(_BY_COUNTRY[number], is_certain=False, by_sign=number in _SIGNS_BY_COUNTRY)
    else:
        coded = CodedFormat(_BUILT_IN.get(number, "General"))
    if is_duration(coded.code):
        return Moments(epoch, durations=True, coded=coded)
    if is_date(coded.code):
        return Moments(epoch, durations=False, coded=coded)
    return None if number_format(coded.code).is_general else Figures(epoch, coded)


def _day(epoch: datetime, days: int) -> date:
    """Returns the date so many days after ``epoch``."""
    moment = _moment(days, epoch)
    if not isinstance(moment, datetime):
        raise ValueError("a time alone")  # day 0 of January 1900
    return moment.date()


def is_date(code: str) -> bool:
    """Whether a number in this format is shown as a date or a time."""
    return _DATE.search(_first(code)) is not None


def is_duration(code: str) -> bool:
    """Whether a number in this format is shown as hours, minutes or seconds that go on counting: ``[h]:mm``."""
    return _DURATION.search(_first(code)) is not None


def _first(code: str) -> str:
    """Returns the first of the code's sections that asks for anything, without what is only shown."""
    return next(filter(None, _SHOWN.sub("", code).split(";")), "")


def from_iso(text: str) -> Cell:
    """Returns the date, time or duration of a cell that holds it as a text; a date is its midnight. Raises ValueError for
    anything else.

    A time may be written as one of the day before the first: Strict workbooks have such.
    """
    text = text.strip().removesuffix("Z")
    if text.startswith("PT"):
        return _iso_duration(text)
    if not _ISO.fullmatch(text):
        raise ValueError(f"{text!r} is no date")
    if not _ISO_DAY_FIRST.match(text):
        return time.fromisoformat(text.removeprefix("T"))
    moment = datetime.fromisoformat(text)
    is_time = moment.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None) in _NO_DAYS
    return moment.timetz() if is_time else moment


def _iso_duration(text: str) -> timedelta:
    """Returns a duration such as ``PT1H30M`` or ``PT0.5S``. Raises ValueError where it has no part at all."""
    match = _ISO_DURATION.match(text)
    if match is None or not any(match.groups()):
        raise ValueError(f"{text!r} is no duration")
    hours, minutes, seconds = (float(part or 0) for part in match.groups())
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)


def _duration(days: float) -> timedelta:
    """Returns so many days, to the millisecond."""
    exact = timedelta(days)
    if not exact.microseconds:
        return exact
    return timedelta(seconds=exact.total_seconds() // 1, microseconds=round(exact.microseconds, -3))


def _moment(days: float, epoch: datetime) -> datetime | time:
    """Returns the moment so many days after ``epoch``, to the millisecond: a time of the day for less than one."""
    day, fraction = divmod(days, 1)
    since_midnight = timedelta(milliseconds=round(fraction * 86_400_000))
    if 0 <= days < 1 and not since_midnight.days:
        return (epoch + since_midnight).time()
    if 0 < days < _NO_DAY and epoch == WINDOWS_EPOCH:
        day += 1  # before the day that never was
    return epoch + timedelta(day) + since_midnight
