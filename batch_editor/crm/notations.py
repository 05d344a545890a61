"""Reads a text in the notations of URLs, log lines, mails and pages, and knows where each byte of what it reads comes from.

Each step is one look through the text from its beginning to its end. What is looked for in it is left to ``secrets``.
"""

from __future__ import annotations

import html
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator

#: How often one notation is looked for in what another one has come to.
MOST_LAYERS = 6

_HEX = rb"[0-9A-Fa-f]"
_PERCENT = rb"%%(?:25)*(?P<percent>%(hex)b{2})" % {b"hex": _HEX}
#: However many backslashes stand before it; those that escape nothing that is known are left out.
_BACKSLASH = (
    rb"\\+(?:u(?P<high>[dD][89abAB]%(hex)b{2})\\+u(?P<low>[dD][c-fC-F]%(hex)b{2})|x(?P<byte>%(hex)b{2})|u(?P<unit>%(hex)b{4})"
    rb"|U(?P<point>%(hex)b{8})|u\{(?P<braced>%(hex)b{1,8})\}|(?P<short>[nrtbf]))?" % {b"hex": _HEX}
)
_ENTITY = (
    rb"&(?:\#0{0,9}(?P<decimal>[0-9]{1,7});?|\#[xX]0{0,9}(?P<hexadecimal>%(hex)b{1,6});?|(?P<name>[A-Za-z][A-Za-z0-9]{1,31};?))"
    % {b"hex": _HEX}
)
#: Full-width letters, digits and signs, in UTF-8.
_WIDE = rb"\xef(?P<wide>\xbc[\x81-\xbf]|\xbd[\x80-\x9e])"
_QUOTED_PRINTABLE = rb"=(?:(?P<printable>%(hex)b{2})|[ \t]*\r?\n)" % {b"hex": _HEX}

_ESCAPES = re.compile(b"|".join((_PERCENT, _BACKSLASH, _ENTITY, _WIDE)))
_ESCAPES_OF_MAIL = re.compile(b"|".join((_PERCENT, _BACKSLASH, _ENTITY, _WIDE, _QUOTED_PRINTABLE)))
#: What is an escape in the notation of mails alone, and what says one thing of bytes and another of characters.
_MAIL = re.compile(_QUOTED_PRINTABLE)
_BYTE_OR_CHARACTER = re.compile(rb"\\x[89a-fA-F]")
_BLANKS = re.compile(rb"[\s>]+")
_BETWEEN_HEX = re.compile(rb"[\s:,;'\"-]+|0[xX]")
_SHORT = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


class Reading:
    """A text as bytes in UTF-8, and where in the text that it was read from each of them stands."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._parent: Reading | None = None
        self._starts: list[int] = []  # of each stretch: where it starts here,
        self._origins: list[int] = []  # where it starts there,
        self._ends: list[int | None] = []  # and, where it was read as something else, its end there

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """Returns where the bytes from ``start`` to ``end`` stand in the first text, whole escapes at a time."""
        if self._parent is None:
            return start, end
        first, last = bisect_right(self._starts, start) - 1, bisect_right(self._starts, end - 1) - 1
        begins = self._origins[first] + (start - self._starts[first] if self._ends[first] is None else 0)
        ends = self._ends[last]
        return self._parent.origin(begins, self._origins[last] + end - self._starts[last] if ends is None else ends)

    def read(self, escapes: re.Pattern[bytes], value: Callable[[re.Match[bytes]], bytes]) -> Reading | None:
        """Returns the text with the ``value`` of each escape in its place; None if there is none."""
        pieces: list[bytes] = []
        result = Reading(b"")
        result._parent = self
        here = there = 0
        for match in escapes.finditer(self.data):
            start, end = match.span()
            if start > there:
                result._add(here, there, None)
                pieces.append(self.data[there:start])
                here += start - there
            read = value(match)
            result._add(here, start, end)
            pieces.append(read)
            here += len(read)
            there = end
        if not result._starts:
            return None
        result._add(here, there, None)
        pieces.append(self.data[there:])
        result.data = b"".join(pieces)
        return result

    def without_blanks(self) -> Reading:
        """Returns the text without what breaks a long word over several lines."""
        return self.read(_BLANKS, _nothing) or self

    def without_signs_between_bytes(self) -> Reading:
        """Returns the text without what stands between the bytes of a dump in hexadecimal digits."""
        return self.read(_BETWEEN_HEX, _nothing) or self

    def _add(self, start: int, origin: int, end: int | None) -> None:
        self._starts.append(start)
        self._origins.append(origin)
        self._ends.append(end)


def readings(text: bytes) -> Iterator[Reading]:
    """Yields ``text`` as it is, then in every notation that occurs in it, and in that which occurs in what this comes to."""
    first = Reading(text)
    yield first
    for escapes in (_ESCAPES, _ESCAPES_OF_MAIL) if _MAIL.search(text) else (_ESCAPES,):
        for value in (_bytes_of, _characters_of) if _BYTE_OR_CHARACTER.search(text) else (_bytes_of,):
            reading: Reading | None = first
            for _ in range(MOST_LAYERS):
                before = reading
                reading = reading.read(escapes, value) if reading else None
                if reading is None or (before and reading.data == before.data):
                    break
                yield reading


def _nothing(_: re.Match[bytes]) -> bytes:
    return b""


def _bytes_of(match: re.Match[bytes]) -> bytes:
    """Returns what an escape stands for; ``\\xe9`` is a byte."""
    kind, digits = match.lastgroup, match[match.lastgroup] if match.lastgroup else b""
    if kind in ("percent", "byte", "printable"):
        return bytes([int(digits, 16)])
    if kind == "low":
        pair = bytes.fromhex((match["high"] + digits).decode())
        return pair.decode("utf-16-be").encode()
    if kind in ("unit", "point", "braced", "hexadecimal", "decimal"):
        number = int(digits, 10 if kind == "decimal" else 16)
        return chr(number).encode("utf-8", "surrogatepass") if number < 0x110000 else match[0]
    if kind == "short":
        return _SHORT[digits]
    if kind == "name":
        return html.unescape(match[0].decode()).encode()
    if kind == "wide":
        return bytes([digits[1] - 0x60 if digits[0] == 0xBC else digits[1] - 0x20])
    return b""  # backslashes before nothing that is known, or the soft end of a line


def _characters_of(match: re.Match[bytes]) -> bytes:
    """Returns what an escape stands for; ``\\xe9`` is a character."""
    if match.lastgroup == "byte":
        return chr(int(match["byte"], 16)).encode()
    return _bytes_of(match)
