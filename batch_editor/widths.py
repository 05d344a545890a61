"""How wide a text is where every character has its place: a Chinese one takes two columns of a terminal or of a sheet."""

from __future__ import annotations

import unicodedata


def width(text: str) -> int:
    """How many columns the widest line of ``text`` takes."""
    return max(sum(map(_columns, line)) for line in text.split("\n"))


def padded(text: str, columns: int) -> str:
    """``text`` with spaces after it, so that it takes at least so many columns."""
    return text + " " * (columns - width(text))


def fitted(text: str, columns: int) -> str:
    """``text`` on one line, as much of it as so many columns hold, with … for the rest."""
    text = " ".join(text.split())
    if width(text) <= columns:
        return text
    room, end = columns - 1, 0
    while (room := room - _columns(text[end])) >= 0:
        end += 1
    return f"{text[:end].rstrip()}…"


def _columns(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) == "Cf":
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
