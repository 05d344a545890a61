"""How wide a text is where every character has its place: a Chinese one takes two columns of a terminal or of a sheet."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from .visible import visible

#: What is kept on one line: a word of letters, or a single character; with the signs before it that end no line, and those after
#: it that begin none.
_UNBROKEN = re.compile("[（“《【]*(?:[!-~]+|.)[，。；：、？！）”》】…]* *", re.DOTALL)


def width(text: str) -> int:
    """Returns how many columns the widest line of ``text`` takes."""
    lines = text.split("\n")
    if text.isascii():
        return max(map(len, lines))
    return max(sum(map(_columns, line)) for line in lines)


def padded(text: str, columns: int) -> str:
    """Returns ``text`` with spaces after it, so that it takes at least so many columns."""
    return text + " " * (columns - width(text))


def fitted(text: str, columns: int) -> str:
    """Returns as much of ``text`` as so many columns hold, on one line and ``visible``, with … for what is left out."""
    text = visible(" ".join(text.split()))
    if width(text) <= columns:
        return text
    room, end = columns - 1, 0
    while (room := room - _columns(text[end])) >= 0:
        end += 1
    return f"{text[:end].rstrip()}…"


def broken(text: str, columns: int) -> list[str]:
    """Returns ``text`` as lines of at most so many columns: broken between words, and within a word that is wider than a line."""
    lines = [""]
    for word in _UNBROKEN.findall(text):
        for part in (word,) if width(word.rstrip()) <= columns else word:
            if lines[-1] and width(lines[-1] + part.rstrip()) > columns:
                lines.append("")
            lines[-1] += part
    return [line.rstrip() for line in lines]


def height(text: str, columns: int) -> int:
    """Returns how many lines ``text`` takes where so many columns fit on one."""
    return sum(len(broken(line, columns)) for line in text.split("\n"))


@lru_cache(4096)
def _columns(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
