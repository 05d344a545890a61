"""Writes a copy of a text file (CSV) in which some cells hold other texts: all other bytes are as they were.

The encoding, the delimiter, the ends of lines and the quotation marks of each cell are kept. What a record is, and in which
encoding, is decided where the file is read.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from pathlib import Path

from ..errors import SheetError
from ..sheets.text import WrittenRecord, errors_of, written_records
from .mended_sheet import Mends

_LINE_END = re.compile(r"[\r\n]*\Z")


def write_text(source: Path, read_as: str, mends: Mends, target: Path) -> None:
    """Writes the text file ``source``, which was read as ``read_as`` says, to ``target`` with ``mends`` in it.

    Raises ``SheetError`` where the encoding of the file has no such character.
    """
    remaining = set(mends)
    with target.open("wb") as copy:
        for record in written_records(source, read_as):
            if record.number in remaining:
                remaining.discard(record.number)
                copy.write(_mended(record, mends[record.number]))
            else:
                copy.write(record.raw)
    if remaining:
        raise SheetError("file.changed", path=source)


def _mended(record: WrittenRecord, mends: Mapping[int, str]) -> bytes:
    text, offsets = _decoded(record)
    begin = text.index(record.text) if record.text else 0
    spans = _spans(record.text, record.delimiter)
    if len(spans) != len(record.fields):
        raise SheetError("mended_copy.record", row=record.number)
    end = offsets[begin + spans[-1][1]] if spans else offsets[begin]
    written, place = bytearray(), 0
    for column, (first, last) in enumerate(spans):
        if column in mends:
            start, stop = offsets[begin + first], offsets[begin + last]
            is_quoted = record.text[first:last].startswith('"')
            written += record.raw[place:start] + _field(record, mends[column], is_quoted=is_quoted)
            place = stop
    written += record.raw[place:end]
    for column in range(len(spans), max(mends) + 1):  # the record was too short
        written += _encoded(record, record.delimiter if column else "")
        written += _field(record, mends.get(column, ""), is_quoted=False)
    return bytes(written + record.raw[end:])


def _field(record: WrittenRecord, text: str, *, is_quoted: bool) -> bytes:
    if is_quoted or any(sign in text for sign in (record.delimiter, '"', "\r", "\n")) or (not text and len(record.fields) < 2):
        text = '"' + text.replace('"', '""') + '"'
    return _encoded(record, text)


def _encoded(record: WrittenRecord, text: str) -> bytes:
    try:
        return text.encode(record.codec)
    except UnicodeEncodeError as error:
        raise SheetError(
            "mended_copy.encoding", row=record.number, text=text[error.start : error.end][:1], encoding=record.codec
        ) from error


def _decoded(record: WrittenRecord) -> tuple[str, list[int]]:
    """Returns the characters of a record, and for each, and for the end, where it begins in the bytes."""
    decoder = codecs.getincrementaldecoder(record.codec)(errors_of(record.codec))
    text, offsets, begin = "", list[int](), 0
    for place in range(len(record.raw)):
        if characters := decoder.decode(record.raw[place : place + 1]):
            text += characters
            offsets += [begin] * len(characters)
            begin = place + 1
    return text, [*offsets, len(record.raw)]


def _spans(text: str, delimiter: str) -> list[tuple[int, int]]:
    """Returns where the fields of a record begin and end, their quotation marks included."""
    end = _LINE_END.search(text)
    line = text[: end.start()] if end else text
    if not line:
        return []
    field = re.compile(rf'"(?:[^"]|"")*"|[^{re.escape(delimiter)}]*')
    spans, place = [], 0
    while True:
        match = field.match(line, place)
        stop = match.end() if match else place
        spans.append((place, stop))
        if stop >= len(line):
            return spans
        place = stop + 1
