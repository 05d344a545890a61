"""Tells which numbers of a workbook are dates, by the formats of its cells, and which dates they are.

It hands on ``Formats`` and ``Moments``. Which cell has which format is left to the readers of the workbooks.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import IO

from ..model import Cell, CellError
from .markup import Attributes, TooLargeError, walk, whole_number

#: The days from which workbooks count: day 60 is the 29th of February 1900, which never was.
WINDOWS_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  # a cell knows of no zone
MAC_EPOCH = datetime(1904, 1, 1)  # noqa: DTZ001
#: The formats of dates, times and durations that need not be written down, by their numbers. Those of East Asia are dates and
#: times in each of their languages.
_BUILT_IN = {
    14: "mm-dd-yy",
    15: "d-mmm-yy",
    16: "d-mmm",
    17: "mmm-yy",
    18: "h:mm AM/PM",
    19: "h:mm:ss AM/PM",
    20: "h:mm",
    21: "h:mm:ss",
    22: "m/d/yy h:mm",
    45: "mm:ss",
    46: "[h]:mm:ss",
    47: "mmss.0",
} | dict.fromkeys((*range(27, 37), *range(50, 59)), "yyyy/m/d")
#: What in a format's code does not ask for a part of the number: a text in quotes, a character that is escaped, left as
#: wide a blank or filled up with, and all in brackets (colours, conditions, languages) but hours that go on counting.
_SHOWN = re.compile(r'"[^"]*"?|[\\_*].|\[(?!(?:h+|m+|s+)\])[^\]]*\]|General|G/通用格式|E[+-]', re.IGNORECASE | re.DOTALL)
_DATE = re.compile(r"[dmyhse]|a{3}|b{2}", re.IGNORECASE)
_DURATION = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_ISO = re.compile(r"(?:\d{4}-\d\d-\d\d)?T?(?:\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?", re.ASCII)
_ISO_DURATION = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d{1,3})?)S)?")
_FIRST = WINDOWS_EPOCH + timedelta(2)
_READY = 1 << 15
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
        value = self[text] = int(text) if text.isdigit() and text.isascii() else number(text)
        return value


class Moments(dict[str, Cell]):
    """Dates and times by the number that is written for them, or durations; the last few are kept ready.

    What Excel shows as ######## is an error, whatever its number: before its first day, or after the year 9999.
    """

    def __init__(self, epoch: datetime, *, durations: bool) -> None:
        self._epoch, self._durations = epoch, durations

    def __missing__(self, text: str) -> Cell:
        value = number(text)
        if value is None:
            return None
        if len(self) >= _READY:
            self.clear()
        moment = self[text] = self.of(value)
        return moment

    def of(self, value: float) -> Cell:
        """Returns what a number stands for."""
        outside = value < 0 or (self._epoch == WINDOWS_EPOCH and math.floor(value) == _NO_DAY)
        if outside and not self._durations:
            return CellError("#VALUE!")
        try:
            if value > _NO_DAY and value.__class__ is int and not self._durations:
                return self._epoch + timedelta(value)  # what follows would say the same, and takes three times as long
            return _duration(value) if self._durations else _moment(value, self._epoch)
        except (OverflowError, ValueError):
            return CellError("#VALUE!")


class Formats(dict[str | None, Moments | None]):
    """By a cell's format, as it is written (``formats["3"]``, None where it is not): dates, durations, or None for numbers.

    A workbook without any formats has numbers only. LookupError for a format that is not there.
    """

    def __init__(self, kinds: Sequence[Moments | None]) -> None:
        super().__init__((str(place), kind) for place, kind in enumerate(kinds))
        self._any = bool(kinds)
        self[None] = self["0"] if kinds else None

    def __missing__(self, place: str | None) -> Moments | None:
        normal = str(whole_number(place or ""))
        if self._any and normal not in self:
            raise KeyError(place)
        return self[normal] if self._any else None


def read_formats(source: IO[bytes] | None, *, from_1904: bool) -> Formats:
    """Returns the formats of a workbook's cells, from its styles if it has any."""
    codes: dict[int, str] = {}
    used: list[int] = []

    def visit(above: str, name: str, attributes: Attributes) -> None:
        if name == "xf" and above == "cellXfs":
            used.append(whole_number(attributes.get("numFmtId", "0")))
        elif name == "numFmt" and above == "numFmts":
            codes[whole_number(attributes["numFmtId"])] = attributes.get("formatCode", "")
        if len(used) > _MOST_FORMATS or len(codes) > _MOST_FORMATS:
            raise TooLargeError("more formats than a workbook has")

    if source:
        walk(source, visit)
    return Formats(moments(used, codes, from_1904=from_1904))


def moments(used: Sequence[int], codes: Mapping[int, str], *, from_1904: bool) -> list[Moments | None]:
    """Returns for each of the ``used`` formats dates, durations, or None for numbers. ``codes`` are those of the file."""
    epoch = MAC_EPOCH if from_1904 else WINDOWS_EPOCH
    dates, durations = Moments(epoch, durations=False), Moments(epoch, durations=True)
    known = _BUILT_IN | dict(codes)
    kinds: dict[int, Moments | None] = {}
    for place in set(used):
        code = known.get(place, "General")
        kinds[place] = durations if is_duration(code) else dates if is_date(code) else None
    return [kinds[place] for place in used]


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
    if "-" not in text:
        return time.fromisoformat(text)
    moment = datetime.fromisoformat(text)
    return moment if moment >= _FIRST else moment.time()


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
