"""Looks at the records (BIFF12) of the parts of an .xlsb for what calamine loses of them, and hands on a ``Look``."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from struct import unpack_from

from ..cell_values import CellError
from .archive import read_chunks
from .look import ERRORS, Look, moment
from .look_xls import rk
from .marks import Font, Mark, marks_of
from .markup import Attributes, walk
from .styles import moments, text_formats

# The records that matter.
_ROW, _RK, _ERROR, _BOOL, _NUMBER, _TEXT, _SHARED_TEXT = 0, 2, 3, 4, 5, 6, 7
_FORMULA_TEXT, _FORMULA_NUMBER, _FORMULA_BOOL, _FORMULA_ERROR = 8, 9, 10, 11
_RICH_TEXT, _SHARED, _FORMAT, _STYLE, _PROPERTIES, _SHEET, _STYLES, _STYLES_END = 62, 19, 44, 47, 153, 156, 617, 618
_COLUMNS, _MERGED, _FONT, _FILL = 60, 176, 43, 45
_STRUCK, _BY_INDEX, _BY_RGB, _BY_THEME = 0x0008, 1, 2, 3
_WHITE_INDEXES = (1, 9)
_NO_PART = 0xFFFFFFFF
#: More than any record of a cell, a format or a sheet holds: the longest text has 32,767 characters.
_LONGEST = 1 << 20


def look_xlsb(archive: zipfile.ZipFile, index: int) -> Look:
    """Returns a look at one sheet. Raises ValueError, LookupError, struct.error or an archive's error where it is damaged."""
    parts, from_1904 = _book(archive)
    styles, codes, marks = _formats(archive)
    kinds = moments(styles, codes, from_1904=from_1904)
    texts = text_formats(styles, codes)
    shared = (body for kind, body in _records(archive, "xl/sharedStrings.bin") if kind == _SHARED)
    blanks = {number for number, body in enumerate(shared) if not unpack_from("<xI", body)[0]}
    look = Look(marks)
    row = -1
    for kind, body in _records(archive, parts[index]):
        if kind == _ROW:
            row, height = unpack_from("<I4xH", body)
            if body[11] & 0x10 or (body[11] & 0x20 and not height):
                look.hidden.add(row)
        elif kind == _COLUMNS:
            first, last, width, options = unpack_from("<III4xH", body)
            if options & 1 or not width:
                look.hidden_columns.append((first, last))
        elif kind == _MERGED:
            first_row, last_row, first, last = unpack_from("<IIII", body)
            look.merge((first_row, last_row), (first, last))
        elif kind == _RICH_TEXT:  # calamine passes it over, which the count shows
            look.count(row, *unpack_from("<II", body), sure=True)
        elif _RK <= kind <= _FORMULA_ERROR:
            column, style = unpack_from("<II", body)
            style &= 0xFFFFFF
            filled = kind not in (_ERROR, _FORMULA_ERROR)
            if kind in (_TEXT, _FORMULA_TEXT):
                filled = unpack_from("<I", body, 8)[0] > 0
            elif kind == _SHARED_TEXT:
                filled = unpack_from("<I", body, 8)[0] not in blanks
            look.count(row, column, style, sure=filled)
            if kind in (_TEXT, _SHARED_TEXT, _FORMULA_TEXT):
                look.format_text(row, column, texts.get(style))
            if kind in (_ERROR, _FORMULA_ERROR):
                look.correct(row, column, CellError(ERRORS[body[8]]))
            elif kind in (_RK, _NUMBER, _FORMULA_NUMBER):
                number = rk(unpack_from("<I", body, 8)[0]) if kind == _RK else unpack_from("<d", body, 8)[0]
                if (value := moment(kinds, style, number)) is not None:
                    look.correct(row, column, value)
    return look


def _book(archive: zipfile.ZipFile) -> tuple[list[str], bool]:
    """Returns the parts of the sheets, in order, and whether the workbook counts its days from 1904."""
    targets: dict[str, str] = {}

    def visit(above: str, name: str, attributes: Attributes) -> None:
        if name == "Relationship":
            targets[attributes["Id"]] = attributes["Target"]

    with archive.open("xl/_rels/workbook.bin.rels") as part:
        walk(part, visit)
    parts: list[str] = []
    from_1904 = False
    for kind, body in _records(archive, "xl/workbook.bin"):
        if kind == _PROPERTIES:
            from_1904 = bool(body[0] & 1)
        elif kind == _SHEET and (length := unpack_from("<I", body, 8)[0]) != _NO_PART:
            parts.append("xl/" + targets[body[12 : 12 + 2 * length].decode("utf-16-le")])
    return parts, from_1904


def _formats(archive: zipfile.ZipFile) -> tuple[list[int], dict[int, str], dict[int, Mark]]:
    """Returns the formats of the styles of cells, by their numbers, the codes of those that are written down, and the marks."""
    codes: dict[int, str] = {}
    styles: list[int] = []
    looks: list[tuple[int, int]] = []
    fonts: list[Font] = []
    fills: list[bool] = []
    of_cells = False
    for kind, body in _records(archive, "xl/styles.bin"):
        if kind in (_STYLES, _STYLES_END):
            of_cells = kind == _STYLES
        elif kind == _STYLE and of_cells:
            number, font, fill = unpack_from("<2xHHH", body)
            styles.append(number)
            looks.append((font, fill))
        elif kind == _FONT:
            fonts.append(_font(body))
        elif kind == _FILL:
            fills.append(unpack_from("<I", body)[0] != 0)
        elif kind == _FORMAT:
            number, length = unpack_from("<HI", body)
            codes[number] = body[6 : 6 + 2 * length].decode("utf-16-le")
    unfilled = [place for place, is_filled in enumerate(fills) if not is_filled]
    return styles, codes, marks_of(looks, fonts, unfilled)


def _font(body: bytes) -> Font:
    options, colour_kind, index, red, green, blue = unpack_from("<2xH8xBB2xBBB", body)
    kind = colour_kind >> 1
    is_white = (
        (kind == _BY_INDEX and index in _WHITE_INDEXES)
        or (kind == _BY_RGB and red == green == blue == 0xFF)
        or (kind == _BY_THEME and index == 0)
    )
    return Font(bool(options & _STRUCK), is_white)


def _records(archive: zipfile.ZipFile, part: str) -> Iterator[tuple[int, bytes]]:
    """Yields kind and content of each record of a part: both kind and size stand in bytes of seven bits.

    There is none where there is no such part: not every workbook has shared texts, or styles.
    """
    unread = b""
    for chunk in read_chunks(archive, part) if part in archive.NameToInfo else ():
        unread += chunk
        place = 0
        while record := _record(unread, place):
            kind, start, place = record
            yield kind, unread[start:place]
        unread = unread[place:]
    if unread:
        raise ValueError(f"{part} ends within a record")


def _record(data: bytes, place: int) -> tuple[int, int, int] | None:
    """Returns the kind of the record at ``place``, and where its content begins and ends; None if it is not all there."""
    try:
        kind = data[place]
        if kind & 0x80:
            place += 1
            kind = (kind & 0x7F) | (data[place] & 0x7F) << 7
        size = 0
        for shift in (0, 7, 14, 21):
            place += 1
            size |= (data[place] & 0x7F) << shift
            if not data[place] & 0x80:
                break
    except IndexError:
        return None
    if size > _LONGEST:
        raise ValueError(f"a record of {size} bytes")
    end = place + 1 + size
    return (kind, place + 1, end) if end <= len(data) else None
