"""The texts of a workbook: those that its cells share, in little memory, and how runs and escapes become a plain text."""

from __future__ import annotations

import re
import tempfile
from array import array
from collections.abc import Callable
from typing import IO
from xml.parsers import expat

from .markup import LONGEST_TEXT, Attributes, TooLargeError, feed, new_parser, prefix_of, skip, whole

#: Texts above this number of bytes in all go to a temporary file; all above the other numbers are refused.
_IN_MEMORY = 32 << 20
_MOST_BYTES, _MOST_TEXTS = (1 << 32) - 1, 1 << 25
#: How many of the texts last asked for are kept ready, and of what length at most.
_READY, _READY_LENGTH = 4096, 100

#: Control characters in a text are written like _x000D_ by Excel, and a text that looks so like _x005F_x000D_.
_CONTROL = re.compile(r"_x(00[01][0-9A-Fa-f]|005[Ff](?=_x[0-9A-Fa-f]{4}_))_")


def unescaped(text: str) -> str:
    """The text with its control characters."""
    return _CONTROL.sub(lambda match: chr(int(match[1], 16)), text)


class TextReader:
    """Reads what is within ``<si>`` or ``<is>``: one text, or runs of it, without how they are spoken.

    ``start``, ``end`` and ``characters`` are handlers of the parser; ``done`` is told of each text. Where the outermost
    element has begun before they were set, ``begin`` says so.
    """

    def __init__(self, parser: expat.XMLParserType, prefix: str, outermost: str, done: Callable[[str], None]) -> None:
        chars: list[str] = []  # of the text that is read, or what stands between elements
        runs: list[str] = []
        text_tag, run_tag, whole_tag = (prefix + name for name in ("t", "r", outermost))
        level = -1  # 0 in the whole, 1 in a run, 2 and 3 in the text of either

        def begin() -> None:
            nonlocal level
            level = 0
            runs.clear()

        def start(name: str, attributes: Attributes) -> None:
            nonlocal level
            if name == text_tag and 0 <= level <= 1:
                level += 2
                chars.clear()
            elif name == run_tag and level == 0:
                level = 1
            elif name == whole_tag and level == -1:
                begin()
            elif name in (text_tag, run_tag, whole_tag) or level > 1:
                raise ValueError(f"{name} out of place")
            else:
                skip(parser)

        def end(name: str) -> None:
            nonlocal level
            if level > 1:
                level -= 2
                runs.extend(chars)
                chars.clear()
            elif level == 1:
                level = 0
            elif level == 0:
                level = -1
                text = "".join(runs)
                if len(text) > LONGEST_TEXT:
                    raise TooLargeError("a text of more than a cell holds")
                done(unescaped(text) if "_x" in text else text)

        def pending() -> int:
            return sum(map(len, runs)) + sum(map(len, chars))

        self.begin, self.start, self.end, self.characters, self._pending = begin, start, end, chars.append, pending

    def check(self) -> None:
        """After each piece: TooLargeError if a text goes on without an end."""
        if self._pending() > 2 * LONGEST_TEXT:
            raise TooLargeError("a text without an end")


class SharedTexts(dict[str, str]):
    """The texts that cells share, by their number as a cell writes it: ``texts["12"]``; "" for "".

    The part is read on as far as a text is asked for, and to its end by ``drain``. The texts stand one after the other in
    a buffer, the earlier ones in a temporary file once they are many; the dictionary itself holds a few of those last
    asked for. Raises IndexError for a text that is not there, and what the part's damage raises.
    """

    def __init__(self, source: IO[bytes] | None) -> None:
        self._buffer = bytearray()
        self._ends = array("I", [0])
        self._on_disk = 0
        self._file: IO[bytes] | None = None
        self._parser, names = new_parser()
        self._parser.StartElementHandler = self._outermost
        self._reader: TextReader | None = None
        self._pieces = feed(self._parser, names, source) if source else iter(())

    def __missing__(self, number: str) -> str:
        if not number.strip():
            return ""
        place = whole(number)
        while place + 1 >= len(self._ends):
            if not self._read_on():
                raise IndexError(f"shared text {place}")
        text = self._bytes(self._ends[place], self._ends[place + 1]).decode()
        self._make_ready(number, text)
        return text

    def drain(self) -> None:
        """Read the rest of the part, so that its damage is found."""
        while self._read_on():
            pass

    def close(self) -> None:
        """Forget the texts."""
        self._buffer.clear()
        if self._file:
            self._file.close()

    def _read_on(self) -> bool:
        more = next(self._pieces, self) is None
        if self._reader:
            self._reader.check()
        if len(self._buffer) > _IN_MEMORY:
            self._file = self._file or tempfile.TemporaryFile()  # noqa: SIM115 (closed by ``close``)
            self._file.seek(self._on_disk)
            self._file.write(self._buffer)
            self._on_disk += len(self._buffer)
            self._buffer.clear()
        return more

    def _bytes(self, start: int, end: int) -> bytes | bytearray:
        if start >= self._on_disk or not self._file:
            return self._buffer[start - self._on_disk : end - self._on_disk]
        self._file.seek(start)
        return self._file.read(end - start)

    def _outermost(self, name: str, attributes: Attributes) -> None:
        self._reader = reader = TextReader(self._parser, prefix_of(name, attributes, "sst"), "si", self._add)
        self._parser.StartElementHandler = reader.start
        self._parser.EndElementHandler = reader.end
        self._parser.CharacterDataHandler = reader.characters

    def _add(self, text: str) -> None:
        self._buffer += text.encode()
        end = self._on_disk + len(self._buffer)
        if end > _MOST_BYTES or len(self._ends) > _MOST_TEXTS:
            raise TooLargeError("more texts than a sheet holds")
        self._make_ready(str(len(self._ends) - 1), text)  # a text is mostly asked for as soon as it is read
        self._ends.append(end)

    def _make_ready(self, number: str, text: str) -> None:
        if len(text) <= _READY_LENGTH:
            if len(self) >= _READY:
                self.clear()
            self[number] = text
