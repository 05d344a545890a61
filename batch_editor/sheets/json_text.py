"""Reads a file of JSON into exact rows: objects one after the other (JSON lines), or one list of objects.

The names of all objects are the headings, as those of records in Python. A whole number has all of its digits; a number with a
fraction is a float, which is never taken for an id, and a text where a float would not hold its digits.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from ..cell_values import Row
from ..errors import SheetError
from ..model import Message
from .code_pages import errors_of
from .encoding import encoding_of
from .frame import FIRST
from .records import Names, heading_row
from .sheet import Sheet, ends_a_line, open_file, row_of
from .text_form import TextForm

#: How JSON begins, once no blanks stand before it. A CSV does not begin like that.
JSON = re.compile(rb"\s*(\[\s*([\[{\]\"0-9]|\Z)|\{\s*([\"}]|\Z))")
_CHUNK = 1 << 16
#: An object of so many characters is no row of a sheet.
_LONGEST = 1 << 22
_BLANKS = re.compile(r"[ \t\r\n]*")
_MARK = "\ufeff"


class _Twice(ValueError):
    """A name stands twice in one object, and nobody knows which of its values is meant."""


def read_json(path: Path, form: TextForm) -> Sheet:
    """Returns the sheet of a file of JSON. Raises ``SheetError`` if it is damaged, or holds something else than objects."""
    if form.delimiter:
        raise SheetError("json.delimiter", path=path, option=form.delimiter_key)
    with open_file(path) as file:
        encoding = encoding_of(path, file, form)
    names = Names()
    place = 0
    for place, record in enumerate(_records(path, encoding)):
        names.add(record, place)
    is_cut = place > 0 and not _is_list(path, encoding) and not ends_a_line(path)
    return Sheet(
        "",
        True,
        partial(_rows, path, encoding, names),
        read_as=f"{encoding} json",
        label=lambda number: f"#{number - FIRST + 1}",
        notes=(Message("note.no_line_end"),) if is_cut else (),
    )


def _rows(path: Path, encoding: str, names: Names) -> Iterator[Row]:
    if top := heading_row(names.headings):
        yield top
    for place, record in enumerate(_records(path, encoding)):
        if row := row_of(place + FIRST, names.cells(record)):
            yield row


def _is_list(path: Path, encoding: str) -> bool:
    """Whether the objects stand in one list, whose end is seen."""
    with _scanned(path, encoding) as scanner:
        return scanner.take("[")


@contextmanager
def _scanned(path: Path, encoding: str) -> Iterator[_Scanner]:
    """Gives what reads a file from its start, behind the mark with which it may begin."""
    with (
        open_file(path) as file,
        io.TextIOWrapper(file, encoding=encoding, errors=errors_of(encoding), newline="") as text,
    ):
        scanner = _Scanner(path, text)
        scanner.skip_mark()
        yield scanner


def _records(path: Path, encoding: str) -> Iterator[dict[str, Any]]:
    with _scanned(path, encoding) as scanner:
        in_list = scanner.take("[")
        if in_list and scanner.take("]"):
            scanner.require_end()
            return
        while in_list or scanner.peek():
            yield scanner.record()
            if in_list and not scanner.take(","):
                if not scanner.take("]"):
                    raise scanner.damage()
                scanner.require_end()
                return


class _Scanner:
    """Reads a text of JSON piece by piece, and holds no more of it than one object."""

    def __init__(self, path: Path, text: io.TextIOWrapper) -> None:
        self._path = path
        self._text = text
        self._held = ""
        self._place = 0
        self._lines = 1  # the line on which what is held begins
        self._is_whole = False
        self._decoder = json.JSONDecoder(object_pairs_hook=_of_pairs, parse_float=_fraction, parse_constant=_constant)

    def skip_mark(self) -> None:
        """Skips the mark with which a text may begin."""
        if self.peek() == _MARK:
            self._place += 1

    def peek(self) -> str:
        """Returns the next character that is no blank; nothing at the end."""
        while True:
            match = _BLANKS.match(self._held, self._place)
            self._place = match.end() if match else self._place
            if self._place < len(self._held):
                return self._held[self._place]
            if not self._read_on():
                return ""

    def take(self, sign: str) -> bool:
        """Goes on behind ``sign`` if it comes next; returns whether it does."""
        if self.peek() != sign:
            return False
        self._place += 1
        return True

    def record(self) -> dict[str, Any]:
        """Returns the next object."""
        if (sign := self.peek()) and sign != "{":
            raise self._refusal("json.no_object")
        while True:
            try:
                with self._told():
                    record, self._place = self._decoder.raw_decode(self._held, self._place)
                    return record  # type: ignore[no-any-return]  # an object begins with its bracket
            except json.JSONDecodeError as error:
                if len(self._held) - self._place > _LONGEST:
                    raise self._refusal("json.long_object") from error
                behind = error.pos - self._place
                if not self._read_on():
                    is_cut = error.msg.startswith("Unterminated string")
                    raise self.damage(len(self._held) if is_cut else self._place + behind) from error

    def require_end(self) -> None:
        """Raises ``SheetError`` where anything follows."""
        if self.peek():
            raise self.damage()

    def damage(self, place: int | None = None) -> SheetError:
        """Returns the refusal of what stands at ``place`` of what is held, or of what comes next."""
        place = self._place if place is None else place
        is_cut = not self._held[place:].strip()
        return self._refusal("json.cut" if is_cut else "json.damaged", place)

    def _refusal(self, key: str, place: int | None = None, **values: object) -> SheetError:
        line = self._lines + self._held.count("\n", 0, self._place if place is None else place)
        return SheetError(key, path=self._path, line=line, **values)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turns what the decoder raises beside a fault of JSON into a refusal."""
        try:
            yield
        except json.JSONDecodeError:
            raise
        except _Twice as error:
            raise self._refusal("json.twice", name=error.args[0]) from error
        except (ValueError, RecursionError) as error:  # a number of thousands of digits, or brackets without end
            raise self._refusal("json.damaged") from error

    def _read_on(self) -> bool:
        """Reads more, and forgets what lies behind; returns whether there was more."""
        if self._is_whole:
            return False
        try:
            more = self._text.read(max(_CHUNK, len(self._held) - self._place))  # twice as much each time
        except UnicodeError as error:  # it was written to since its encoding was determined
            raise SheetError("file.changed", path=self._path) from error
        self._is_whole = not more
        self._lines += self._held.count("\n", 0, self._place)
        self._held, self._place = self._held[self._place :] + more, 0
        return bool(more)


def _of_pairs(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) < len(pairs):
        names = [name for name, _ in pairs]
        raise _Twice(next(name for name in names if names.count(name) > 1))
    return record


def _fraction(text: str) -> float | str:
    number = float(text)
    return number if Decimal(text) == Decimal(repr(number)) else text


def _constant(text: str) -> float | str:
    return float("nan") if text == "NaN" else text
