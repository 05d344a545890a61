"""What a day, a time or a duration is shown as by a format: ``yyyy-mm-dd``, ``[h]:mm``, ``dddd``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal

from .format_codes import Section, Shown, Token

_DAY_SECONDS = 86_400
#: What a number of days may lack of a second, and the days of 1900 that Excel counts in another way than the others.
_NOISE, _FIRST_DAYS = Decimal("0.001"), 60
#: Names of days and months are certain only where the format says whose they are.
_ENGLISH, _CHINESE = frozenset({0x09}), frozenset({0x04})
_CHINESE_NUMBERS = "一二三四五六日"
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def moment(section: Section, value: Decimal, day: Callable[[int], date] | None) -> Shown:
    """Returns what a number of days is shown as in a section of dates or times."""
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


def _is_time(section: Section) -> bool:
    """Whether places in a section are those of a second's fraction, and of nothing else."""
    places = sum(token.kind == "places" for token in section.tokens)
    return places == _fractions(section.tokens) and not section.has("exponent", "%", "text", "general")


def _fractions(tokens: Sequence[Token]) -> int:
    return max((_fraction_places(tokens, index) for index in range(len(tokens))), default=0)


def _fraction_places(tokens: Sequence[Token], place: int) -> int:
    """How many zeros stand behind a point that follows the seconds."""
    if tokens[place].kind != "." or not place or tokens[place - 1].text[:1] != "s":
        return 0
    count = 0
    while place + count + 1 < len(tokens) and tokens[place + count + 1] == ("places", "0"):
        count += 1
    return count


def _is_minute(tokens: Sequence[Token], place: int) -> bool:
    """Whether an m stands for minutes: behind hours, or before seconds."""
    if len(tokens[place].text) > 2:
        return False
    parts = [index for index, token in enumerate(tokens) if token.kind in ("date", "elapsed")]
    position = parts.index(place)
    before = tokens[parts[position - 1]].text[0] if position else ""
    behind = tokens[parts[position + 1]].text[0] if position + 1 < len(parts) else ""
    return before == "h" or behind == "s"


def _part(section: Section, place: int, day: date | None, since_midnight: Decimal) -> tuple[str, bool]:
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
