"""Spans of time as people write them in the settings: ``90m``, ``20h``, ``2d``; and spans of whole days alone, ``90d``."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from ..spoilt_text import narrow

_SPAN = re.compile(r"([0-9]{1,6})\s*([mhd])")
_DAYS = re.compile("([0-9]{1,5})d")
_SECONDS = {"m": 60, "h": 3600, "d": 86_400}


def _span(text: object) -> str:
    """Returns a span of at least a minute in its usual form, ``20h``."""
    match = _SPAN.fullmatch(narrow(text).strip().casefold()) if isinstance(text, str) else None
    if match is None or not int(match[1]):
        raise PydanticCustomError("span", "must be a span of time such as 90m, 20h or 2d")
    return f"{int(match[1])}{match[2]}"


#: A span of time in minutes, hours or days.
Span = Annotated[str, BeforeValidator(_span)]


def _days(text: object) -> str:
    """Returns a span of at least one day."""
    match = _DAYS.fullmatch(narrow(text).strip().casefold()) if isinstance(text, str) else None
    if match is None or not int(match[1]):
        raise PydanticCustomError("days", "must be a number of days such as 90d")
    return match[0]


#: A number of whole days.
Days = Annotated[str, BeforeValidator(_days)]


def seconds_in(span: str) -> int:
    """Returns how many seconds a ``Span`` has."""
    return int(span[:-1]) * _SECONDS[span[-1]]
