"""Reads a CSV (or any text with comma, semicolon, tab or bar between its fields) into exact rows, as a stream.

The encoding and the delimiter are known before the first row. What is not certain is refused with the way out, and so is what
shows that the file was cut, or put together from others. The encoding is found out in ``encoding``.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from ..cell_values import Row
from ..errors import SheetError
from ..model import Message
from .code_pages import errors_of as errors_of
from .encoding import encoding_of
from .sheet import END_OF_FILE, Sheet, ends_a_line, open_file, row_of
from .text_form import TextForm

#: A row of this many characters, or columns, is no row of a sheet, and a file of one row would not fit into bounded memory.
_LONGEST_LINE = 1 << 22
_MOST_COLUMNS = 16_384
#: Of a line whose fields cannot be told apart, so many characters are shown.
_SHOWN = 60
#: What stands between fields, the first of those that fit best; and, where none of them does, the comma of Chinese.
_DELIMITERS, _WIDE_COMMA = (",", ";", "\t", "|"), "\uff0c"
#: What else may stand between fields; in a text it has a meaning of its own.
_OTHER_DELIMITERS = re.compile(r"[\^~:\uff1a\uff1b\uff5c\u3001\x1c-\x1f\x01]|\S[ \u3000]{2,}\S")
_SEPARATOR_LINE = re.compile(r'"?sep=([^"\r\n])"?[\r\n]*', re.IGNORECASE)
_LINE_END = re.compile(r"\r?\n?\Z")
#: Codecs that take the order of the bytes from the first of them.
_WIDE = ("utf-16", "utf-32")
_MARK = "\ufeff"
_ENDS_OF_FILE = re.compile(r"\x1a+(?=[\r\n]*\Z)")


@dataclass(frozen=True, slots=True)
class _Layout:
    encoding: str
    delimiter: str
    skipped: int  # lines before the first row: 1 if there is a line "sep=;"


class _Record(NamedTuple):
    """One record: the number of the line on which it begins, its fields, and its lines as the file has them."""

    line: int
    fields: list[str]
    lines: tuple[str, ...]

    @property
    def end(self) -> str:
        """What ends its last line: nothing where the file ends with it."""
        match = _LINE_END.search(self.lines[-1])
        return match[0] if match else ""


def read_text(path: Path, form: TextForm) -> Sheet:
    """Returns the sheet of a text file. Raises ``SheetError`` if its encoding or its delimiter is not certain."""
    with open_file(path) as file:
        encoding = encoding_of(path, file, form)
    layout = _layout(path, encoding, form)
    notes = () if _has_whole_lines(path, encoding) else (Message("note.no_line_end"),)
    return Sheet("", True, partial(_rows, path, layout), read_as=f"{layout.encoding} {layout.delimiter}", notes=notes)


class WrittenRecord(NamedTuple):
    """One record as the file has it: its ``number`` among the rows (0 for what stands before and behind them), its ``fields``,
    its ``text`` and its ``raw`` bytes, which ``codec`` reads."""

    number: int
    fields: list[str]
    text: str
    raw: bytes
    codec: str
    delimiter: str


def written_records(path: Path, read_as: str) -> Iterator[WrittenRecord]:
    """Yields all that stands in a text file, record by record; ``read_as`` is that of its ``Sheet``.

    The numbers are those of the rows that the sheet hands on. Raises ``SheetError`` as these do.
    """
    encoding, delimiter = read_as[:-2], read_as[-1]
    layout = _layout(path, encoding, TextForm(encoding, delimiter))
    with _lines(path, encoding) as lines, _raw_lines(path, encoding) as (codec, raw):
        yield WrittenRecord(0, [], "", b"".join(islice(raw, layout.skipped)), codec, delimiter)
        for number, record in enumerate(_records(path, lines, delimiter, layout.skipped), 1):
            content = b"".join(islice(raw, len(record.lines)))
            yield WrittenRecord(number, record.fields, "".join(record.lines), content, codec, delimiter)
        yield WrittenRecord(0, [], "", b"".join(raw), codec, delimiter)


@contextmanager
def _raw_lines(path: Path, encoding: str) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Gives the codec that reads the middle of a file, and the bytes of its lines, at the same places as ``_lines``."""
    with open_file(path) as file:
        mark = file.read(4)
        file.seek(0)
        codec = encoding
        if encoding in _WIDE:
            wide = "utf-32" if mark in (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE) else "utf-16"
            codec = f"{wide}-{'be' if mark.startswith((codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)) else 'le'}"
        # Of all other encodings the line ends are bytes that stand for nothing else.
        read_by = codec if codec.startswith(("utf-16", "utf-32")) else "latin-1"
        with io.TextIOWrapper(file, encoding=read_by, newline="") as text:
            yield codec, (line.encode(read_by) for line in text)


def _has_whole_lines(path: Path, encoding: str) -> bool:
    """Whether the last line ends as the first one does, or is the only one."""
    with _lines(path, encoding) as lines:
        is_only = not next(lines, "").endswith(("\r", "\n"))
    return is_only or ends_a_line(path)


def _rows(path: Path, layout: _Layout) -> Iterator[Row]:
    swallowed = _swallowed(layout.delimiter)
    before: _Record | None = None
    line_end = ""
    with _lines(path, layout.encoding) as lines:
        for number, record in enumerate(_records(path, lines, layout.delimiter, layout.skipped), 1):
            width = len(record.fields)
            if not width:
                continue
            if width > _MOST_COLUMNS:
                raise SheetError("csv.too_wide", path=path, line=record.line, columns=width, most=_MOST_COLUMNS)
            if len(record.lines) > 1 and any(len(cell.splitlines()) > 1 and swallowed.search(cell) for cell in record.fields):
                raise SheetError("csv.quotes", path=path, line=record.line)
            if before is None:
                line_end = record.end
            elif width < len(before.fields):
                if not record.end:
                    raise SheetError("csv.cut", path=path, line=record.line, columns=width, expected=len(before.fields))
                if not line_end == before.end == record.end:
                    raise SheetError("csv.line_ends", path=path, line=record.line)
            if row := row_of(number, [cell or None for cell in record.fields]):
                yield row
            before = record


def _swallowed(delimiter: str) -> re.Pattern[str]:
    """Matches an id with a delimiter beside it, which a cell of several lines holds where it has swallowed other rows."""
    beside = re.escape(delimiter)
    an_id = '"?[0-9]{15,19}"?'
    return re.compile(rf"(?:\A|[\r\n]){an_id}{beside}|{beside}{an_id}(?:{beside}|[\r\n]|\Z)")


def _records(path: Path, lines: Iterator[str], delimiter: str, skipped: int = 0) -> Iterator[_Record]:
    """Yields the records behind so many lines. Raises ``SheetError`` where quotation marks make no sense, or one has no end."""
    parts: list[str] = []
    size = 0

    def counted() -> Iterator[str]:
        nonlocal size
        for line in islice(lines, skipped, None):
            parts.append(line)
            size += len(line)
            if size > _LONGEST_LINE:
                raise csv.Error("field larger than a whole row may be")
            yield line

    reader = csv.reader(counted(), delimiter=delimiter, strict=True)
    begin = 1 + skipped  # the line on which an unclosed quote ends is no help
    try:
        for fields in reader:
            yield _Record(begin, fields, tuple(parts))
            begin = 1 + skipped + reader.line_num
            parts.clear()
            size = 0
    except csv.Error as error:
        raise SheetError(_flaw(str(error), "".join(parts), delimiter), path=path, line=begin) from error


def _flaw(error: str, record: str, delimiter: str) -> str:
    """Returns the key of what is wrong with a record."""
    if "field larger" in error:
        return "csv.long_cell"
    if re.search(rf'"[ \u3000]+(?:{re.escape(delimiter)}|[\r\n])', record) and "expected after" in error:
        return "csv.blank_behind_quote"
    return "csv.quotes" if delimiter in ",;" else "csv.plain_quotes"


@contextmanager
def _lines(path: Path, encoding: str) -> Iterator[Iterator[str]]:
    """Gives the lines of a file, without the mark before the first one, and the character that ends a file behind the last."""
    with (
        open_file(path) as file,
        io.TextIOWrapper(file, encoding=encoding, errors=errors_of(encoding), newline="") as text,
    ):
        try:
            yield _lines_of(path, text)
        except UnicodeError as error:  # it was written to since its encoding was determined
            raise SheetError("file.changed", path=path) from error


def _lines_of(path: Path, text: io.TextIOWrapper) -> Iterator[str]:
    number = 0
    last_line = ""  # what may be the end of the file
    while line := text.readline(_LONGEST_LINE):
        number += 1
        if len(line) == _LONGEST_LINE:
            raise SheetError("csv.long_cell", path=path, line=number)
        if number == 1:
            line = line.removeprefix(_MARK)
        if last_line:
            yield last_line
        last_line = line if END_OF_FILE in line else ""
        if not last_line:
            yield line
    if line := _ENDS_OF_FILE.sub("", last_line):
        yield line


def _layout(path: Path, encoding: str, form: TextForm) -> _Layout:
    with _lines(path, encoding) as lines:
        first = next(lines, "")
    if match := _SEPARATOR_LINE.fullmatch(first):
        return _Layout(encoding, form.delimiter or match[1], 1)
    if form.delimiter:
        return _Layout(encoding, form.delimiter, 0)
    agreements = {candidate: _agreement(path, encoding, candidate) for candidate in _DELIMITERS}
    most = max(agreements.values())
    best = [candidate for candidate in _DELIMITERS if agreements[candidate] == most]
    if not most[0]:
        best = [_WIDE_COMMA if _agreement(path, encoding, _WIDE_COMMA)[0] else _DELIMITERS[0]]
    splits = most[0] or best == [_WIDE_COMMA]
    if len(best) > 1 or (not splits and '"' not in first and _OTHER_DELIMITERS.search(first)):
        raise SheetError("csv.delimiter", path=path, text=first.strip()[:_SHOWN], option=form.delimiter_key)
    return _Layout(encoding, best[0], 0)


def _agreement(path: Path, encoding: str, delimiter: str) -> tuple[float, int, int]:
    """Returns what share of the first ten records has several fields, how many of them have the same number, and which.

    The mere number of fields would mislead: a cell may hold more of another delimiter (``11;12;13``) than its row has
    fields. But a heading does not, and so not every record falls apart at a delimiter that is none.
    """
    widths: Counter[int] = Counter()
    with _lines(path, encoding) as lines, suppress(SheetError):  # quotes that make no sense; if with none, the rows say so
        for record in islice(_records(path, lines, delimiter), 10):
            widths[len(record.fields)] += 1
    several = {width: count for width, count in widths.items() if width > 1}
    records = widths.total() - widths[0]  # without blank lines
    best = max(((count, width) for width, count in several.items()), default=(0, 0))
    return (sum(several.values()) / records if records else 0, *best)
