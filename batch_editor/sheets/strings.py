"""Reads the texts of a workbook: those that its cells share, in little memory.

Here is also how the runs and escapes of a text become a plain one. Which cell holds which text is left to ``stream``.
"""

from __future__ import annotations

import re
import tempfile
from array import array
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate, islice, pairwise
from typing import IO, Any

from .markup import (
    LONGEST_TEXT,
    Attributes,
    Block,
    Tag,
    TooLargeError,
    feed_beside,
    make_tags,
    new_parser,
    prefix_of,
    skip,
    whole_number,
)
from .plain_rows import TEXT_ENDS, take_texts

#: Texts above this number of bytes in all go to a temporary file; all above the other numbers are refused.
_IN_MEMORY = 32 << 20
_MOST_BYTES, _MOST_TEXTS = (1 << 32) - 1, 1 << 25
#: How many pieces of XML may wait for a text to end.
_MOST_PIECES = 1 << 10
#: How many of the texts last asked for are kept ready, and of what length at most.
_READY, _READY_LENGTH = 4096, 100
#: Texts longer than this, which are never kept ready, are weighed each time they are asked for.
_LONG = 1000

#: Excel writes control characters like _x000D_, and a text that looks so like _x005F_x000D_; of each it shows the character.
_ESCAPED = re.compile(r"(?:_x[0-9A-Fa-f]{4}_)+")


#: What is noted of a start: of a <t>, of an <r>, and of an element that is left out.
TEXT_STARTS, RUN_STARTS, OTHER_STARTS = object(), object(), object()


def unescape(text: str) -> str:
    """Returns the text with the characters that are escaped in it; half of one that stands alone stays as it is written."""
    return _ESCAPED.sub(lambda match: _characters(match[0]), text) if "_x" in text else text


def _characters(escapes: str) -> str:
    units = bytes.fromhex("".join(escapes[place : place + 4] for place in range(2, len(escapes), 7)))
    try:
        return units.decode("utf-16-be")
    except UnicodeDecodeError:
        return escapes


def _unescaped(texts: list[str]) -> list[str]:
    return [unescape(text) for text in texts] if "_x" in "".join(texts) else texts


def text_of(notes: Iterator[Any], text_ends: object, run_ends: object, outer_ends: object) -> str:
    """Returns the text that is noted up to ``outer_ends``: of one text or of runs of it, without how they are spoken.

    A note is TEXT_STARTS, RUN_STARTS, OTHER_STARTS, what is noted of the end of each, or a piece of a text.
    """
    pieces: list[str] = []
    in_text = in_run = False
    for note in notes:
        if note.__class__ is str:
            if in_text:
                pieces.append(note)
        elif note is text_ends:
            in_text = False
        elif note is outer_ends:
            break
        elif in_text:
            raise ValueError("an element in a text")
        elif note is TEXT_STARTS:
            in_text = True
        elif note is run_ends:
            in_run = False
        elif note is RUN_STARTS and not in_run:
            in_run = True
        elif note is not OTHER_STARTS:
            raise ValueError("an element out of place")
    else:
        raise ValueError("a text within a text")
    text = "".join(pieces)
    if len(text) > LONGEST_TEXT:
        raise TooLargeError("a text of more than a cell holds")
    return unescape(text)


class SharedTexts(dict[str, str]):
    """The texts that cells share, by their number as a cell writes it: ``texts["12"]``; "" for "".

    The part is read on as far as a text is asked for, and to its end by ``drain``. The texts stand one after the other in
    a buffer, the earlier ones in a temporary file once they are many; the dictionary itself holds a few: those last read, since
    a text is mostly asked for then, and last asked for. Before a long one is handed on, ``weigh`` is called with it. Raises
    IndexError for a text that is not there, and what the part's damage raises.
    """

    def __init__(self, source: IO[bytes] | None) -> None:
        self.weigh: Callable[[str], None] = lambda text: None
        self._buffer = bytearray()
        self._ends = array("I", [0])
        self._on_disk = 0
        self._file: IO[bytes] | None = None
        self._parser, self._names = new_parser()
        self._parser.StartElementHandler = self._outermost
        self._tags: tuple[Tag, ...] = (Tag(), Tag(), Tag())
        self._notes: list[Any] = []
        self._starts: list[int] = []  # of items, among the notes
        self._waiting = 0  # pieces since an item has ended
        self._note_end = self._notes.append
        self._blocks: Iterator[Block | None] = (
            feed_beside(self._parser, self._names, source, TEXT_ENDS, self._is_at_rest) if source else iter(())
        )

    def __missing__(self, number: str) -> str:
        if not number.strip():
            return ""
        place = whole_number(number)
        while place + 1 >= len(self._ends):
            if not self._read_on() and place + 1 >= len(self._ends):
                raise IndexError(f"shared text {place}")
        text = self._bytes(self._ends[place], self._ends[place + 1]).decode()
        if len(text) > _LONG:
            self.weigh(text)
        if len(text) <= _READY_LENGTH:
            if len(self) >= _READY:
                self.clear()
            self[str(place)] = text
        return text

    def drain(self) -> None:
        """Reads the part to its end, so that its damage is noticed."""
        while self._read_on():
            pass

    def close(self) -> None:
        """Forgets the texts."""
        self._buffer.clear()
        if self._file:
            self._file.close()

    def _read_on(self) -> bool:
        """Reads a piece of the part; False if there is none."""
        notes, starts = self._notes, self._starts
        block = next(self._blocks, self)
        more = block is not self
        if (block or not more) and starts:
            starts.append(len(notes))  # there the last item has ended
        if (starts or not more) and TEXT_STARTS in notes[: starts[0] if starts else None]:
            raise ValueError("a text out of place")
        self._waiting = self._waiting + 1 if block is None else 0
        if len(starts) > 1:
            self._add(self._noted_texts())
            del notes[: starts[-1]]
            starts[:] = [0] if block is None else []
            self._waiting = 0
        elif self._waiting > _MOST_PIECES:
            raise TooLargeError("a text without an end")
        if isinstance(block, Block) and (texts := take_texts(block)):
            self._add(_unescaped(texts))
        if len(self._buffer) > _IN_MEMORY:
            self._file = self._file or tempfile.TemporaryFile()  # noqa: SIM115 (closed by ``close``)
            self._file.seek(self._on_disk)
            self._file.write(self._buffer)
            self._on_disk += len(self._buffer)
            self._buffer.clear()
        return more

    def _noted_texts(self) -> list[str]:
        """Returns the texts of the items that are noted to their end."""
        item_tag, text_tag, run_tag = self._tags
        starts = self._starts
        notes = self._notes[starts[0] : starts[-1]]
        count = len(starts) - 1
        # Most have five notes each; so many at once are taken without a look at each of them.
        if (
            len(notes) == 5 * count
            and notes[1::5].count(TEXT_STARTS) == notes[3::5].count(text_tag) == notes[4::5].count(item_tag) == count
            and set(map(type, notes[2::5])) == {str}
        ):
            return _unescaped(notes[2::5])
        texts = []
        for start, end in pairwise(starts):
            item = iter(self._notes[start + 1 : end])
            texts.append(text_of(item, text_tag, run_tag, item_tag))
            if TEXT_STARTS in item:
                raise ValueError("a text out of place")
        return texts

    def _add(self, texts: list[str]) -> None:
        encoded = [text.encode() for text in texts]
        self._buffer += b"".join(encoded)
        first = len(self._ends) - 1
        if self._on_disk + len(self._buffer) > _MOST_BYTES or first + len(texts) > _MOST_TEXTS:
            raise TooLargeError("more texts than a sheet holds")
        ends = accumulate(map(len, encoded), initial=self._ends[-1])
        self._ends.extend(islice(ends, 1, None))
        self._make_ready(first, texts)

    def _make_ready(self, first: int, texts: list[str]) -> None:
        if len(self) + len(texts) > _READY:
            self.clear()
        numbered: Iterable[tuple[str, str]] = zip(map(str, range(first, first + len(texts))), texts, strict=True)
        if max(map(len, texts)) > _READY_LENGTH:
            numbered = ((number, text) for number, text in numbered if len(text) <= _READY_LENGTH)
        self.update(numbered)

    def _bytes(self, start: int, end: int) -> bytes | bytearray:
        if start >= self._on_disk or not self._file:
            return self._buffer[start - self._on_disk : end - self._on_disk]
        self._file.seek(start)
        return self._file.read(end - start)

    def _is_at_rest(self) -> bool:
        """Whether the last thing that was noted, and not left out, is the end of an item."""
        return bool(self._notes) and self._notes[-1] is self._tags[0] and self._parser.EndElementHandler is self._note_end

    def _outermost(self, name: str, attributes: Attributes) -> None:
        self._tags = make_tags(self._names, prefix_of(name, attributes, "sst"), "si", "t", "r")
        item_tag, text_tag, run_tag = self._tags
        parser, notes, note, note_start = self._parser, self._notes, self._note_end, self._starts.append

        def start(name: str, attributes: Attributes) -> None:
            if name is text_tag:
                note(TEXT_STARTS)
            elif name is item_tag:
                note_start(len(notes))
                note(None)
            elif name is run_tag:
                note(RUN_STARTS)
            else:
                note(OTHER_STARTS)
                skip(parser)

        parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, note, note
