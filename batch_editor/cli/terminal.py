"""What a terminal holds: how wide and high it is, how texts are broken and cut to fit it, and what was typed too early."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import TextIO

from ..messages.widths import broken, width

#: A line that is a command, with variables before it or not.
_COMMAND = re.compile(r"\s*(\w+=\S+ )*batch-editor ")


def terminal_size(stream: TextIO) -> os.terminal_size:
    """Returns the columns and lines of the terminal that ``stream`` leads to; 80 and 24 where nobody says so."""
    size = shutil.get_terminal_size()  # the variables COLUMNS and LINES count before the terminal of stdout
    if stream is sys.stdout or {"COLUMNS", "LINES"} & os.environ.keys():
        return size
    with suppress(OSError, ValueError):
        own_size = os.get_terminal_size(stream.fileno())
        if own_size.columns and own_size.lines:
            return own_size
    return size


def wrapped(text: str, columns: int) -> list[str]:
    """Returns ``text`` in lines that fit so many columns: what does not fit goes on below, two columns further in."""
    lines = list[str]()
    for line in text.splitlines():
        if _COMMAND.match(line):  # to be copied as it is
            lines.append(line)
            continue
        indent = " " * (len(line) - len(line.lstrip()))
        first, *more = broken(line.lstrip(), columns - len(indent) - 2)
        lines += [f"{indent}{first}", *(f"{indent}  {part}" for part in more)]
    return lines


def fitting(paragraphs: Sequence[Sequence[str]], room: int, columns: int) -> tuple[list[Sequence[str]], list[Sequence[str]]]:
    """Returns the paragraphs that do not fit so many lines as they are, and then those that are shown there: the longest ones
    are cut first, and where each has no more than a line, the first ones are left out."""
    left_out = max(0, len(paragraphs) - max(0, room))
    heights = [len(lines) for lines in paragraphs[left_out:]]
    while sum(heights) > max(0, room):
        heights[heights.index(max(heights))] -= 1
    whole = list(paragraphs[:left_out])
    shown = list[Sequence[str]]()
    for lines, height in zip(paragraphs[left_out:], heights, strict=True):
        if height < len(lines):
            whole.append(lines)
        shown.append(lines if height == len(lines) else _with_mark(lines[:height], columns))
    return whole, shown


def _with_mark(lines: Sequence[str], columns: int) -> list[str]:
    """Returns ``lines`` with a mark at their end that more is left out there."""
    *before, last = lines
    while last and width(f"{last} …") > columns:
        last = last[:-1]
    return [*before, f"{last} …"]


def forget_typed() -> None:
    """Forgets what was typed before there was a question: nobody has agreed to what was not to be seen yet."""
    if sys.platform == "win32":
        import msvcrt

        while msvcrt.kbhit():
            msvcrt.getwch()
    else:
        import termios

        termios.tcflush(sys.stdin, termios.TCIFLUSH)
