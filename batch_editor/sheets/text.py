"""Reads a CSV (or any text with comma, semicolon or tab between its fields) into exact rows, as a stream.

The encoding and the delimiter are determined before the first row: a wrong guess would write mojibake into the CRM, so
what is not certain is refused with the way out.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from ..errors import SheetError
from ..model import Row
from .sheet import Sheet, open_file, row_of

_CHUNK = 1 << 18
#: So many characters beyond ASCII that decode as UTF-8 are no accident: GB18030 text does that once in a million.
_PROOF = 8
#: A row of this many characters, or columns, is no row of a sheet, and a file of one row would not fit into bounded memory.
_LONGEST_LINE = 1 << 22
_MOST_COLUMNS = 16_384
_DELIMITERS = (",", ";", "\t")
_SEPARATOR_LINE = re.compile(r'sep=([^"\r\n])[\r\n]*', re.IGNORECASE)
_ASCII = re.compile(r"[\x00-\x7f]+")


@dataclass(frozen=True, slots=True)
class _Layout:
    encoding: str
    delimiter: str
    skipped: int  # lines before the first row: 1 if there is a line "sep=;"


def read_text(path: Path) -> Sheet:
    """Returns the sheet of a text file. Raises ``SheetError`` if its encoding is not certain."""
    with open_file(path) as file:
        encoding = _encoding(path, file)
    return Sheet("", True, partial(_rows, path, _layout(path, encoding)))


def _rows(path: Path, layout: _Layout) -> Iterator[Row]:
    line = 1 + layout.skipped  # where the record begins: the line on which an unclosed quote ends is no help
    try:
        with open_file(path) as file, io.TextIOWrapper(file, encoding=layout.encoding, newline="") as text:
            lines = _lines(path, text)
            records = _records(islice(lines, layout.skipped, None), layout.delimiter)
            for number, (ended, record) in enumerate(records, 1):
                if len(record) > _MOST_COLUMNS:
                    raise SheetError("csv.too_wide", path=path, line=line, columns=len(record), most=_MOST_COLUMNS)
                if row := row_of(number, [cell or None for cell in record]):
                    yield row
                line = 1 + layout.skipped + ended
    except csv.Error as error:
        key = "csv.long_cell" if "field larger" in str(error) else "csv.quotes"
        raise SheetError(key, path=path, line=line) from error
    except UnicodeDecodeError as error:  # it was written to since its encoding was determined
        raise SheetError("csv.encoding", path=path) from error


def _records(lines: Iterator[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yields each record with the number of the line on which it ends. Raises csv.Error for one that has no end in bounds."""
    size = 0

    def counted() -> Iterator[str]:
        nonlocal size
        for line in lines:
            size += len(line)
            if size > _LONGEST_LINE:
                raise csv.Error("field larger than a whole row may be")
            yield line

    reader = csv.reader(counted(), delimiter=delimiter, strict=True)
    for record in reader:
        yield reader.line_num, record
        size = 0


def _lines(path: Path, text: io.TextIOWrapper) -> Iterator[str]:
    number = 0
    while line := text.readline(_LONGEST_LINE):
        number += 1
        if len(line) == _LONGEST_LINE:
            raise SheetError("csv.long_cell", path=path, line=number)
        yield line


def _layout(path: Path, encoding: str) -> _Layout:
    with open_file(path) as file, io.TextIOWrapper(file, encoding=encoding, newline="") as text:
        if match := _SEPARATOR_LINE.fullmatch(next(_lines(path, text), "")):
            return _Layout(encoding, match[1], 1)
    return _Layout(encoding, max(_DELIMITERS, key=partial(_agreement, path, encoding)), 0)


def _agreement(path: Path, encoding: str, delimiter: str) -> tuple[float, int, int]:
    """Returns what share of the first ten records has several fields, how many of them have the same number, and which.

    The mere number of fields would mislead: a cell may hold more of another delimiter (``11;12;13``) than its row has
    fields. But a heading does not, and so not every record falls apart at a delimiter that is none.
    """
    widths: Counter[int] = Counter()
    with open_file(path) as file, io.TextIOWrapper(file, encoding=encoding, newline="") as text:
        try:
            for _, record in islice(_records(_lines(path, text), delimiter), 10):
                widths[len(record)] += 1
        except csv.Error:
            widths[1] += 1  # quotes that make no sense with this delimiter; if with none, the rows say so
    several = {width: count for width, count in widths.items() if width > 1}
    records = widths.total() - widths[0]  # without blank lines
    best = max(((count, width) for width, count in several.items()), default=(0, 0))
    return (sum(several.values()) / records if records else 0, *best)


def _encoding(path: Path, file: BinaryIO) -> str:
    head = file.read(4)
    marked = head.startswith(codecs.BOM_UTF8)
    even, odd, size = _nuls(file)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        candidate = "utf-16"
    elif not even and not odd:
        return _encoding_without_nuls(path, file, marked)
    elif marked or (even + odd) * 20 < size:  # a stray NUL would turn a text of bytes into Chinese of no meaning
        raise SheetError("csv.encoding", path=path)
    else:
        candidate = "utf-16-le" if odd > even else "utf-16-be"
    if not _decodes(file, candidate):
        raise SheetError("csv.encoding", path=path)
    return candidate


def _encoding_without_nuls(path: Path, file: BinaryIO, marked: bool) -> str:
    is_utf8, seen = _read_as_utf8(file)
    if is_utf8 and (marked or not seen or len(seen) >= _PROOF or max(seen) >= "\u0800"):
        return "utf-8-sig" if marked else "utf-8"
    if is_utf8:  # a few characters of two bytes each: 小伟 in GB18030 is such a text as well
        raise SheetError("csv.uncertain", path=path)
    if marked or len(seen) >= _PROOF:
        raise SheetError("csv.damaged", path=path, line=_first_damaged_line(path))
    if _decodes(file, "gb18030"):
        return "gb18030"
    raise SheetError("csv.encoding", path=path)


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    file.seek(0)
    return iter(partial(file.read, _CHUNK), b"")


def _nuls(file: BinaryIO) -> tuple[int, int, int]:
    """Returns how many NUL bytes there are at even and at odd places, and how many bytes."""
    even = odd = size = 0
    for chunk in _chunks(file):  # of an even length, all but the last
        even += chunk[::2].count(0)
        odd += chunk[1::2].count(0)
        size += len(chunk)
    return even, odd, size


def _decodes(file: BinaryIO, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for chunk in _chunks(file):
            if "\0" in decoder.decode(chunk):
                return False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _read_as_utf8(file: BinaryIO) -> tuple[bool, str]:
    """Returns whether the whole file is UTF-8, and the first few characters beyond ASCII, up to the first failure."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    seen = ""
    try:
        for chunk in _chunks(file):
            text = decoder.decode(chunk)
            if len(seen) < _PROOF and not text.isascii():
                seen += _ASCII.sub("", text)[:_PROOF]
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        return False, seen + _ASCII.sub("", error.object[: error.start].decode())
    return True, seen


def _first_damaged_line(path: Path) -> int:
    with open_file(path) as file, io.TextIOWrapper(file, encoding="utf-8", errors="surrogateescape", newline="") as text:
        for number, line in enumerate(_lines(path, text), 1):
            if not line.isascii() and any("\ud800" <= character <= "\udfff" for character in line):
                return number
    return 1  # mended since
