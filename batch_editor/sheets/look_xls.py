"""Looks at the records of an .xls (BIFF8, that of Excel 97 and later) in their compound file for what calamine loses of them.

It hands on a ``Look``, and the records of the workbook once they are known to be readable.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from struct import pack, unpack_from

from ..cell_values import CellError, Uncomputed
from ..errors import SheetError
from .compound import CompoundFile
from .look import ERRORS, Look, moment
from .marks import Font, marks_of
from .other_kinds import refusal_of_compound_file
from .styles import Figures, Moments, moments, text_formats

_BIFF8 = 0x0600
_UTF_16 = 1200
#: Streams of the root that hold a document which somebody has encrypted.
_ENCRYPTED = {"encryptedpackage", "\tdrmcontent"}
# The records that matter.
_FORMULA, _END, _DATE_1904, _PASSWORD, _CONTINUE = 0x0006, 0x000A, 0x0022, 0x002F, 0x003C
_SHEET, _MULTIPLE_RK, _RICH_TEXT, _XF, _SHARED_TEXT = 0x0085, 0x00BD, 0x00D6, 0x00E0, 0x00FD
_CALCULATED, _NUMBER, _TEXT, _BOOL_OR_ERROR, _FORMULA_TEXT = 0x01C1, 0x0203, 0x0204, 0x0205, 0x0207
_ROW, _RK, _FORMAT, _BEGIN, _CODE_PAGE = 0x0208, 0x027E, 0x041E, 0x0809, 0x0042
_COLUMNS, _MERGED, _FONT = 0x007D, 0x00E5, 0x0031
#: There is no font of this number.
_NO_FONT = 4
_LONG_STYLE = 20  # a style without its fill is shorter
_STRUCK, _WHITE_COLOURS = 0x0008, (0x0001, 0x0009)
#: Formulas of Excel 97, 3 and 4: some programs write the older ones, and Excel reads them.
_FORMULAS = (_FORMULA, 0x0206, 0x0406)


@dataclass(slots=True)
class _Book:
    """What holds for all sheets: where each begins, its formats, and whether a program that calculates has saved the file."""

    sheets: list[int] = field(default_factory=list)
    styles: list[int] = field(default_factory=list)
    codes: dict[int, str] = field(default_factory=dict)
    fonts: list[Font] = field(default_factory=list)
    looks: list[tuple[int, int]] = field(default_factory=list)  # the font of each style, and whether it is filled
    calculated: bool = False
    from_1904: bool = False


@dataclass(frozen=True, slots=True)
class XlsBook:
    """The records of a workbook, and the whole file for calamine: None where it reads that as it is."""

    stream: bytes
    mended: bytes | None


def open_xls(path: Path) -> XlsBook:
    """Returns the workbook. Raises ``SheetError`` if it has a password, predates Excel 97, or is no workbook.

    calamine takes the first stream of a name at any depth, and believes a code page that says of the texts what no text of this
    version is: then the file that it is given is another one.
    """
    file = CompoundFile(path.read_bytes())
    children = file.children()
    entry = children.get("workbook") or children.get("book")
    if _ENCRYPTED & children.keys():
        raise SheetError("file.encrypted", path=path)
    if entry is None or not entry.is_stream:
        raise refusal_of_compound_file(path, children.keys())
    stream = file.stream(entry)
    kind, _, body = next(_places(stream, 0))
    if kind != _BEGIN or unpack_from("<H", body)[0] != _BIFF8:
        raise SheetError("file.old_xls", path=path)
    changes = []
    for kind, place, body in _places(stream, 0):
        if kind == _PASSWORD:
            raise SheetError("file.encrypted", path=path)
        if kind == _CODE_PAGE and unpack_from("<H", body)[0] != _UTF_16:
            changes.append((place + 4, pack("<H", _UTF_16)))
    is_plain = not changes and file.is_only(entry)
    return XlsBook(stream, None if is_plain else file.with_only(entry, changes))


def look_xls(stream: bytes, index: int) -> Look:
    """Returns a look at one sheet. Raises ValueError, IndexError or struct.error where the file is damaged."""
    book = _book(stream)
    kinds = moments(book.styles, book.codes, from_1904=book.from_1904)
    texts = text_formats(book.styles, book.codes)
    look = Look(marks_of(book.looks, book.fonts, (0,)))
    place = (0, 0, 0)  # of the last formula: row, column and style
    long_text = of_old_kind = False
    for kind, body in _records(stream, book.sheets[index]):
        if long_text and kind == _CONTINUE:
            raise ValueError("the text of a formula is so long that calamine would cut it")
        if kind == _FORMULA_TEXT and of_old_kind:
            raise ValueError("calamine would take the text of this formula for that of another one")
        long_text = kind == _FORMULA_TEXT
        if kind == _ROW:
            row, height, flags = unpack_from("<H4xH4xH", body)
            if flags & 0x20 or (flags & 0x40 and not height & 0x7FFF):
                look.hidden.add(row)
        elif kind == _COLUMNS:
            first, last, width, options = unpack_from("<HHH2xH", body)
            if options & 1 or not width:
                look.hidden_columns.append((first, last))
        elif kind == _MERGED:
            for at in range(2, 2 + 8 * unpack_from("<H", body)[0], 8):
                *rows, first, last = unpack_from("<HHHH", body, at)
                look.merge((rows[0], rows[1]), (first, last))
        elif kind in (_NUMBER, _RK, _MULTIPLE_RK):
            row, column = unpack_from("<HH", body)
            for offset, style, number in _numbers(kind, body):
                look.count(row, column + offset, style, sure=True)
                if (value := moment(kinds, style, number)) is not None:
                    look.correct(row, column + offset, value)
        elif kind in (_TEXT, _RICH_TEXT):
            row, column, style, length = unpack_from("<HHHH", body)
            look.count(row, column, style, sure=length > 0)
            look.format_text(row, column, texts.get(style))
        elif kind == _SHARED_TEXT:
            row, column, style = unpack_from("<HHH", body)
            look.count(row, column, style, sure=False)
            look.format_text(row, column, texts.get(style))
        elif kind == _FORMULA_TEXT:
            row, column, style = place
            look.count(row, column, style, sure=unpack_from("<H", body)[0] > 0)
            look.format_text(row, column, texts.get(style))
        elif kind == _BOOL_OR_ERROR:
            row, column, style, value, is_error = unpack_from("<HHHBB", body)
            look.count(row, column, style, sure=not is_error)
            if is_error:
                look.correct(row, column, CellError(ERRORS[value]))
        elif kind in _FORMULAS:
            row, column, style = unpack_from("<HHH", body)
            place, of_old_kind = (row, column, style), kind != _FORMULA
            _look_at_formula(look, body, kinds, book.calculated, of_old_kind)
    return look


def _look_at_formula(
    look: Look, body: bytes, kinds: Sequence[Moments | Figures | None], calculated: bool, of_old_kind: bool
) -> None:
    """Counts a formula, and corrects it where calamine loses its value, as it does with all that are ``of_old_kind``.

    Who writes a formula without its value stores an empty text, or zero and a mark that it is still to be calculated: any other
    value was calculated.
    """
    row, column, style, number, flags = unpack_from("<HHHdH", body)
    kind, value = (body[6], body[8]) if body[12:14] == b"\xff\xff" else (None, 0)
    is_zero = (kind is None and number == 0) or (kind == 1 and not value)
    if not calculated and ((flags & 2 and is_zero) or kind == 3):
        look.count(row, column, style, sure=False)
        look.correct(row, column, Uncomputed())
    elif of_old_kind and kind in (None, 1):
        look.count(row, column, style, sure=False)
        shown = moment(kinds, style, number)
        look.correct(row, column, bool(value) if kind else number if shown is None else shown)
    elif kind == 2:
        look.count(row, column, style, sure=False)
        look.correct(row, column, CellError(ERRORS[value]))
    elif kind in (None, 1):
        look.count(row, column, style, sure=True)
        if kind is None and (shown := moment(kinds, style, number)) is not None:
            look.correct(row, column, shown)


def _numbers(kind: int, body: bytes) -> Iterator[tuple[int, int, float]]:
    """Yields the numbers of a record: how far right of its first column each stands, its style, and its value."""
    if kind == _NUMBER:
        yield 0, *unpack_from("<4xHd", body)
        return
    for offset in range(1 if kind == _RK else (len(body) - 6) // 6):
        style, packed = unpack_from("<HI", body, 4 + 6 * offset)
        yield offset, style, rk(packed)


def rk(packed: int) -> float:
    """Returns the number in the four bytes in which Excel packs those that fit: an integer, or the upper half of a double."""
    if packed & 2:
        number: float = (packed >> 2) - ((packed >> 31) << 30)
    else:
        number = unpack_from("<d", bytes(4) + (packed & ~3).to_bytes(4, "little"))[0]
    return number / 100 if packed & 1 else number


def _book(stream: bytes) -> _Book:
    book = _Book()
    for kind, body in _records(stream, 0):
        if kind == _SHEET:
            book.sheets.append(unpack_from("<I", body)[0])
        elif kind == _XF:
            font, number = unpack_from("<HH", body)
            book.styles.append(number)
            is_filled = len(body) >= _LONG_STYLE and unpack_from("<I", body, 14)[0] >> 26 != 0
            book.looks.append((font - (font > _NO_FONT), is_filled))
        elif kind == _FONT:
            options, colour = unpack_from("<2xHH", body)
            book.fonts.append(Font(bool(options & _STRUCK), colour in _WHITE_COLOURS))
        elif kind == _FORMAT:
            number, length, wide = unpack_from("<HHB", body)
            book.codes[number] = body[5 : 5 + 2 * length].decode("utf-16-le") if wide & 1 else body[5:].decode("latin-1")
        elif kind == _DATE_1904:
            book.from_1904 = body[:1] == b"\1"
        book.calculated |= kind == _CALCULATED
    return book


def _records(stream: bytes, start: int) -> Iterator[tuple[int, bytes]]:
    """Yields the records from ``start`` to the end of what begins there: kind and content of each."""
    return ((kind, body) for kind, _, body in _places(stream, start))


def _places(stream: bytes, start: int) -> Iterator[tuple[int, int, bytes]]:
    """Yields the records from ``start`` to the end of what begins there: kind, place and content of each.

    Charts that stand within a sheet are passed over. Raises struct.error if there is no end.
    """
    depth = 0
    while True:
        kind, size = unpack_from("<HH", stream, start)
        depth += (kind == _BEGIN) - (kind == _END)
        if depth <= 1:
            yield kind, start, stream[start + 4 : start + 4 + size]
        if depth <= 0:
            return
        start += 4 + size
