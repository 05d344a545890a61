"""The time zone by which nights are counted, as the setting ``timezone`` names it.

A zone has the name that the tz database gives it, such as Asia/Shanghai. People write other things as well (a city, ``UTC+8``,
北京时间); none is guessed at, since a wrong zone moves a whole night, but the refusal names the zone that is meant most likely.
"""

from __future__ import annotations

import difflib
import zoneinfo
from datetime import datetime
from functools import cache

from pydantic_core import PydanticCustomError

#: What people write for the commonest zone, without spaces, in lower case.
_FOR_CHINA = frozenset({"beijing", "asia/beijing", "北京", "北京时间", "china", "中国", "上海", "cst", "prc"})
_OFFSETS_OF_CHINA = frozenset({"+8", "+08", "+08:00", "+0800", "+8:00"})


@cache
def zone(name: str) -> zoneinfo.ZoneInfo:
    """Returns the zone called ``name``. Raises ``zoneinfo.ZoneInfoNotFoundError`` where there is none."""
    try:
        return zoneinfo.ZoneInfo(name)
    except (ValueError, OSError):  # an absolute path, a NUL, or the name of a folder such as "Asia"
        raise zoneinfo.ZoneInfoNotFoundError(name) from None


def minute_in(zone: zoneinfo.ZoneInfo, moment: datetime | str) -> str:
    """Returns a moment (or its text of ISO 8601 with an offset) as people read it, by the clocks of ``zone``."""
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment)
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


def checked(name: object) -> str:
    """The name of a zone without blanks around it; raises an error of pydantic that names the nearest zone."""
    if not isinstance(name, str):
        raise PydanticCustomError("zone", "must be the name of a time zone")
    name = name.strip()
    try:
        zone(name)
    except zoneinfo.ZoneInfoNotFoundError:
        if near := _nearest(name):
            raise PydanticCustomError("zone_near", "is no time zone; is {near} meant?", {"near": near}) from None
        raise PydanticCustomError("zone", "must be the name of a time zone") from None
    return name


def _nearest(name: str) -> str:
    """The zone whose name, or whose city, is most like ``name``; "" if none is."""
    plain = "".join(name.split()).casefold().replace("_", "")
    if plain in _FOR_CHINA or plain.removeprefix("utc").removeprefix("gmt") in _OFFSETS_OF_CHINA:
        return "Asia/Shanghai"
    known: dict[str, str] = {}
    for zone_name in sorted(zoneinfo.available_timezones()):
        spelt = zone_name.casefold().replace("_", "")
        area, _, city = spelt.partition("/")
        if city and area not in ("etc", "posix", "right"):
            known[spelt] = zone_name
            known.setdefault(city, zone_name)
    near = difflib.get_close_matches(plain, known, n=1, cutoff=0.8)
    return known[near[0]] if near else ""
