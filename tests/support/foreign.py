"""Writes workbooks of other kinds than .xlsx (.xls, .xlsb, .ods), cell by cell, as no library at hand does.

A ``Page`` holds cells as the readers hand them on, by row (from 1) and column (from 0), so that a test compares what went in
with what came out. A ``Formula`` is one whose value is stored.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from pathlib import Path
from struct import pack
from xml.sax.saxutils import escape, quoteattr

from openpyxl.utils.datetime import to_excel

from batch_editor.cell_values import CellError, Uncomputed

PACKAGE = "http://schemas.openxmlformats.org/package/2006/"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
ERRORS = {"#NULL!": 0x00, "#DIV/0!": 0x07, "#VALUE!": 0x0F, "#REF!": 0x17, "#NAME?": 0x1D, "#NUM!": 0x24, "#N/A": 0x2A}
#: The styles of the cells: none, a day, a moment, a time, a time span; by their number formats.
STYLES = (0, 14, 22, 21, 164)
SPAN = "[h]:mm:ss"


@dataclass(frozen=True)
class Formula:
    """A formula and its stored value."""

    value: object


@dataclass(frozen=True)
class Styled:
    """A cell in the number format ``code``, or in a font that is struck through or white.

    ``shown`` is the text that an .ods holds beside the value; ``signs`` are what stands over a text, so that it can be read
    aloud. The first character of a ``rich`` text is in another font than the others.
    """

    value: object
    code: str = ""
    shown: str = ""
    struck: bool = False
    white: bool = False
    signs: str = ""
    rich: bool = False


@dataclass(frozen=True)
class Page:
    """One sheet of a workbook."""

    rows: Mapping[int, Mapping[int, object]]
    name: str = "Sheet1"
    visible: bool = True
    hidden: frozenset[int] = field(default_factory=frozenset)
    flat: frozenset[int] = field(default_factory=frozenset)  # rows of no height
    merged: tuple[tuple[int, int, int, int], ...] = ()  # first row (from 1) and column (from 0), last row and column
    unseen: tuple[tuple[int, int, bool], ...] = ()  # first and last column, and whether it is hidden or has no width
    from_1904: bool = False  # whether its workbook counts the days from there


def page(*rows: Sequence[object], hidden: Sequence[int] = (), name: str = "Sheet1", visible: bool = True) -> Page:
    """A sheet with these rows from A1 on; None is a blank."""
    cells = {
        number: {column: value for column, value in enumerate(row) if value is not None} for number, row in enumerate(rows, 1)
    }
    return Page(cells, name, visible, frozenset(hidden))


def packed(parts: Mapping[str, str | bytes]) -> bytes:
    """A zip that is the same each time."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for part, content in parts.items():
            archive.writestr(zipfile.ZipInfo(part), content, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def bare(cell: object) -> object:
    """The cell without its style."""
    return cell.value if isinstance(cell, Styled) else cell


def styled(*pages: Page) -> list[Styled]:
    """The styles that the cells have, each once and without a value: their places behind ``STYLES`` name them."""
    cells = [cell for page in pages for row in page.rows.values() for cell in row.values() if isinstance(cell, Styled)]
    return list(dict.fromkeys(_style(cell) for cell in cells))


def _style(cell: Styled) -> Styled:
    return Styled(None, cell.code, struck=cell.struck, white=cell.white)


def style_of(cell: object, styles: Sequence[Styled], default: int = 0) -> int:
    return len(STYLES) + styles.index(_style(cell)) if isinstance(cell, Styled) else default


def number_of(value: object, *, from_1904: bool = False) -> tuple[int, float] | None:
    """The style and the number of a cell that holds a number; None if it holds something else."""
    before = 1462 if from_1904 else 0
    match value:
        case bool():
            return None
        case int() | float():
            return 0, float(value)
        case datetime():
            return (1 if value.time() == time() else 2), to_excel(value) - before
        case time():
            return 3, to_excel(value)
        case timedelta():
            return 4, value / timedelta(days=1)
    return None


# --- .xlsb


def record12(kind: int, content: bytes = b"") -> bytes:
    """A record of a part of an .xlsb."""
    size, length = len(content), b""
    while True:
        length += bytes([size & 127 | (128 if size > 127 else 0)])
        size >>= 7
        if not size:
            break
    return (bytes([kind]) if kind < 128 else bytes([kind & 127 | 128, kind >> 7])) + length + content


def _wide(text: str) -> bytes:
    encoded = text.encode("utf-16-le", "surrogatepass")
    return pack("<I", len(encoded) // 2) + encoded


def cell12(column: int, cell: object, texts: list[bytes], styles: Sequence[Styled] = (), *, from_1904: bool = False) -> bytes:
    """A cell of an .xlsb; an integer, and so a day, in the short form that Excel chooses, a text among the shared ones."""
    value = bare(cell)
    formula = isinstance(value, Formula)
    value = value.value if isinstance(value, Formula) else value
    formula_part = pack("<HIBBBI", 0, 3, 0x1E, 1, 0, 0) if formula else b""
    if number := number_of(value, from_1904=from_1904):
        style, amount = number
        place = pack("<II", column, style_of(cell, styles, style))
        if not formula and amount.is_integer() and abs(amount) < 1 << 29:
            return record12(2, place + pack("<i", int(amount) << 2 | 2))
        return record12(9 if formula else 5, place + pack("<d", amount) + formula_part)
    place = pack("<II", column, style_of(cell, styles))
    match value:
        case bool():
            return record12(10 if formula else 4, place + bytes([value]) + formula_part)
        case CellError():
            return record12(11 if formula else 3, place + bytes([ERRORS[value.text]]) + formula_part)
    if formula:
        return record12(8, place + _wide(str(value)) + formula_part)
    signs = cell.signs if isinstance(cell, Styled) else ""
    rich = isinstance(cell, Styled) and cell.rich
    runs = pack("<IHHHH", 2, 0, 0, 1, 0) if rich else b""
    spoken = _wide(signs) + pack("<IHHHHH", 1, 0, 0, len(str(value)), 0, 0) if signs else b""
    texts.append(bytes([rich + 2 * bool(signs)]) + _wide(str(value)) + runs + spoken)
    return record12(7, place + pack("<I", len(texts) - 1))


def sheet12(page: Page, texts: list[bytes], styles: Sequence[Styled] = ()) -> bytes:
    """The part of a sheet, whose texts go to the shared ones."""
    body = b""
    for number, cells in page.rows.items():
        folded, height = 0x10 if number in page.hidden else 0, 0 if number in page.flat else 300
        body += record12(0, pack("<IIHBBBI", number - 1, 0, height, 0, folded | (0 if height else 0x20), 0, 0))
        body += b"".join(cell12(column, value, texts, styles, from_1904=page.from_1904) for column, value in cells.items())
    begin, size = record12(129), record12(148, pack("<IIII", 0, 9, 0, 9))
    for first, last, hidden in page.unseen:
        size += record12(60, pack("<IIIIH", first, last, 2000 if hidden else 0, 0, hidden))
    merged = b"".join(record12(176, pack("<IIII", a - 1, c - 1, b, d)) for a, b, c, d in page.merged)
    return begin + size + record12(145) + body + record12(146) + merged + record12(130)


def xlsb_parts(*pages: Page) -> dict[str, str | bytes]:
    """The parts of an .xlsb."""
    more = styled(*pages)
    styles = record12(278) + record12(615, pack("<I", 1 + len(more))) + record12(44, pack("<H", 164) + _wide(SPAN))
    styles += b"".join(record12(44, pack("<H", number) + _wide(style.code)) for number, style in enumerate(more, 165))
    styles += record12(616) + record12(611, pack("<I", 1 + len(more)))
    for style in (Styled(None), *more):
        colour = pack("<BBhBBBB", *((2 << 1 | 1, 0xFF, 0, 255, 255, 255, 255) if style.white else (3 << 1, 1, 0, 0, 0, 0, 255)))
        styles += record12(43, pack("<HHHHBBBB", 220, 8 * style.struck, 400, 0, 0, 2, 134, 0) + colour + b"\0" + _wide("Arial"))
    styles += record12(612) + record12(603, pack("<I", 1)) + record12(45, pack("<I64x", 0)) + record12(604)
    styles += record12(617, pack("<I", len(STYLES) + len(more)))
    styles += b"".join(record12(47, pack("<HHHHHBBHBB", 0, number, 0, 0, 0, 0, 0, 0, 0, 0)) for number in STYLES)
    styles += b"".join(
        record12(47, pack("<HHHHHBBHBB", 0, 164 + place if style.code else 0, place, 0, 0, 0, 0, 0, 0, 0))
        for place, style in enumerate(more, 1)
    )
    book = record12(131) + record12(153, pack("<III", pages[0].from_1904, 0, 0)) + record12(143)
    for number, page in enumerate(pages, 1):
        book += record12(156, pack("<II", not page.visible, number) + _wide(f"rId{number}") + _wide(page.name))
    numbers = range(1, len(pages) + 1)
    overrides = "".join(
        f'<Override PartName="/xl/worksheets/sheet{number}.bin" ContentType="application/vnd.ms-excel.worksheet"/>'
        for number in numbers
    )
    relations = "".join(
        f'<Relationship Id="rId{number}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{number}.bin"/>'
        for number in numbers
    )
    for number, part in enumerate(("styles", "sharedStrings"), len(pages) + 1):
        relations += f'<Relationship Id="rId{number}" Type="{OFFICE}/{part}" Target="{part}.bin"/>'
    texts: list[bytes] = []
    sheets = {f"xl/worksheets/sheet{number}.bin": sheet12(page, texts, more) for number, page in enumerate(pages, 1)}
    shared = record12(159, pack("<II", len(texts), len(texts)))
    shared += b"".join(record12(19, text) for text in texts) + record12(160)
    return {
        "[Content_Types].xml": (
            f'{HEAD}<Types xmlns="{PACKAGE}content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="bin" ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/>'
            '<Override PartName="/xl/sharedStrings.bin" ContentType="application/vnd.ms-excel.sharedStrings"/>'
            f'<Override PartName="/xl/styles.bin" ContentType="application/vnd.ms-excel.styles"/>{overrides}</Types>'
        ),
        "_rels/.rels": (
            f'{HEAD}<Relationships xmlns="{PACKAGE}relationships">'
            f'<Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.bin"/></Relationships>'
        ),
        "xl/workbook.bin": book + record12(144) + record12(157, bytes(26)) + record12(132),
        "xl/_rels/workbook.bin.rels": f'{HEAD}<Relationships xmlns="{PACKAGE}relationships">{relations}</Relationships>',
        "xl/styles.bin": styles + record12(618) + record12(279),
        "xl/sharedStrings.bin": shared,
    } | sheets


def xlsb(*pages: Page) -> bytes:
    """An .xlsb."""
    return packed(xlsb_parts(*pages))


# --- .ods

NAMES = "".join(
    f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text", "style", "draw")
)
NAMES += ' xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0"'
NAMES += ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0" xmlns:dc="http://purl.org/dc/elements/1.1/"'
_MANIFEST = (
    f'{HEAD}<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
    '<manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/>'
    "</manifest:manifest>"
)


def ods_cell(value: object) -> str:
    """A cell of an .ods, as LibreOffice writes it."""
    style = value if isinstance(value, Styled) else Styled(None)
    value = bare(value)
    formula = ' table:formula="of:=[.A1]"' if isinstance(value, Formula | Uncomputed) else ""
    value = value.value if isinstance(value, Formula) else value
    match value:
        case None:
            return "<table:table-cell/>"
        case Uncomputed():
            return f"<table:table-cell{formula}/>"
        case bool():
            kind, text = f'"boolean" office:boolean-value="{str(value).lower()}"', str(value).upper()
        case int() | float():
            kind, text = f'"float" office:value="{value!r}"', str(value)
        case datetime():
            text = (value.date() if value.time() == time() else value).isoformat()
            kind = f'"date" office:date-value="{text}"'
        case time():
            text = value.isoformat()
            kind = f'"time" office:time-value="{value.strftime("PT%HH%MM%SS")}"'
        case timedelta():
            text = f"PT{value // timedelta(hours=1):02}H{value.seconds // 60 % 60:02}M{value.seconds % 60:02}S"
            kind = f'"time" office:time-value="{text}"'
        case CellError():
            kind, text = '"string" office:string-value="" calcext:value-type="error"', value.text
        case _:
            kind, text = '"string"', str(value)
            kind += f" office:string-value={quoteattr(text)}" if formula else ""
    if style.code:
        kind += f" office:string-value={quoteattr(text)}" if kind == '"string"' else ""
        text = style.shown
    lines = "".join(f"<text:p>{_spaced(line)}</text:p>" for line in text.split("\n"))
    if style.signs:
        spoken = f"<text:ruby-base>{text}</text:ruby-base><text:ruby-text>{style.signs}</text:ruby-text>"
        lines = f"<text:p><text:ruby>{spoken}</text:ruby></text:p>"
    if style.rich:
        lines = f'<text:p><text:span text:style-name="T1">{text[0]}</text:span>{text[1:]}</text:p>'
    look = ' table:style-name="struck"' if style.struck else ' table:style-name="white"' if style.white else ""
    return f"<table:table-cell{look}{formula} office:value-type={kind}>{lines}</table:table-cell>"


def _spaced(line: str) -> str:
    """XML makes one space of several, so that OpenDocument writes them as elements."""
    return escape(line).replace(" ", "<text:s/>").replace("\t", "<text:tab/>")


def ods_parts(tables: str) -> dict[str, str | bytes]:
    """The parts of an .ods with these tables."""
    hidden = '<style:style style:name="ta2" style:family="table"><style:table-properties table:display="false"/></style:style>'
    hidden += '<style:style style:name="co2" style:family="table-column">'
    hidden += '<style:table-column-properties style:column-width="0cm"/></style:style>'
    hidden += '<style:style style:name="ro2" style:family="table-row">'
    hidden += '<style:table-row-properties style:row-height="0in"/></style:style>'
    hidden += '<style:style style:name="struck" style:family="table-cell">'
    hidden += '<style:text-properties style:text-line-through-style="solid"/></style:style>'
    hidden += (
        '<style:style style:name="white" style:family="table-cell"><style:text-properties fo:color="#ffffff"/></style:style>'
    )
    return {
        "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
        "content.xml": (
            f"{HEAD}<office:document-content{NAMES}><office:automatic-styles>{hidden}</office:automatic-styles>"
            f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
        ),
        "META-INF/manifest.xml": _MANIFEST,
    }


def ods_table(rows: str, name: str = "Sheet1", *, visible: bool = True, columns: str = "<table:table-column/>") -> str:
    """A table of an .ods."""
    style = "" if visible else ' table:style-name="ta2"'
    return f"<table:table table:name={quoteattr(name)}{style}>{columns}{rows}</table:table>"


def _ods_columns(page: Page) -> str:
    columns, before = "", 0
    for first, last, hidden in page.unseen:
        if first > before:
            columns += f'<table:table-column table:number-columns-repeated="{first - before}"/>'
        how = 'table:visibility="collapse"' if hidden else 'table:style-name="co2"'
        columns += f'<table:table-column {how} table:number-columns-repeated="{last - first + 1}"/>'
        before = last + 1
    return columns + "<table:table-column/>"


def _ods_page(page: Page) -> str:
    rows, before = "", 0
    for number, cells in page.rows.items():
        if gap := number - before - 1:
            rows += f'<table:table-row table:number-rows-repeated="{gap}"><table:table-cell/></table:table-row>'
        folded = ' table:visibility="collapse"' if number in page.hidden else ""
        folded += ' table:style-name="ro2"' if number in page.flat else ""
        line = "".join(_ods_spanned(page, number, column, cells.get(column)) for column in range(max(cells, default=-1) + 1))
        rows += f"<table:table-row{folded}>{line or '<table:table-cell/>'}</table:table-row>"
        before = number
    return ods_table(rows, page.name, visible=page.visible, columns=_ods_columns(page))


def _ods_spanned(page: Page, row: int, column: int, value: object) -> str:
    """A cell that is merged with others, or covered by one, or neither."""
    cell = ods_cell(value)
    for a, b, c, d in page.merged:
        if (row, column) == (a, b):
            spanned = f' table:number-columns-spanned="{d - b + 1}" table:number-rows-spanned="{c - a + 1}"'
            return cell.replace("<table:table-cell", f"<table:table-cell{spanned}", 1)
        if a <= row <= c and b <= column <= d:
            return cell.replace("table:table-cell", "table:covered-table-cell")
    return cell


def ods(*pages: Page) -> bytes:
    """An .ods."""
    return packed(ods_parts("".join(_ods_page(page) for page in pages)))


# --- .xls


def record8(kind: int, content: bytes = b"") -> bytes:
    """A record of an .xls."""
    return pack("<HH", kind, len(content)) + content


def _text8(text: str, length: str = "<HB") -> bytes:
    encoded = text.encode("utf-16-le", "surrogatepass")
    return pack(length, len(encoded) // 2, 1) + encoded


def _cell8(row: int, column: int, cell: object, styles: Sequence[Styled], *, from_1904: bool) -> bytes:
    value = bare(cell)
    stored = value.value if isinstance(value, Formula) else value
    place = pack("<HH", row, column)
    if isinstance(value, Uncomputed):  # as xlwt writes it
        return record8(0x0006, place + pack("<HBxBxxxHHIHBBB", 0, 3, 0, 0xFFFF, 0, 0, 3, 0x1E, 1, 0))
    number = number_of(stored, from_1904=from_1904)
    style = style_of(cell, styles, number[0] if number else 0)
    if isinstance(value, Formula):
        follows = b""
        if number:
            result = pack("<d", number[1])
        elif isinstance(stored, bool):
            result = pack("<BxBxxxH", 1, stored, 0xFFFF)
        elif isinstance(stored, CellError):
            result = pack("<BxBxxxH", 2, ERRORS[stored.text], 0xFFFF)
        else:
            result = pack("<BxBxxxH", 0 if stored else 3, 0, 0xFFFF)
            follows = record8(0x0207, _text8(str(stored))) if stored else b""
        return record8(0x0006, place + pack("<H", style) + result + pack("<HIHBBB", 0, 0, 3, 0x1E, 1, 0)) + follows
    if number:
        return record8(0x0203, place + pack("<Hd", style, number[1]))
    match stored:
        case bool():
            return record8(0x0205, place + pack("<HBB", style, stored, 0))
        case CellError():
            return record8(0x0205, place + pack("<HBB", style, ERRORS[stored.text], 1))
    if isinstance(cell, Styled) and cell.rich:
        return record8(0x00D6, place + pack("<H", style) + _text8(str(stored)) + pack("<HHHHH", 2, 0, 0, 1, 0))
    return record8(0x0204, place + pack("<H", style) + _text8(str(stored)))


def xls_stream(*pages: Page, calculated: bool = True, version: int = 0x0600, more: bytes = b"") -> bytes:
    """The records of an .xls; ``calculated`` says that a program which calculates has saved it."""
    begin = record8(0x0809, pack("<HHHHII", version, 5, 0, 0, 0, 6)) + more + record8(0x0042, pack("<H", 1200))
    begin += record8(0x01C1, bytes(8)) if calculated else b""
    begin += record8(0x0022, b"\1\0") if pages and pages[0].from_1904 else b""
    begin += record8(0x041E, pack("<H", 164) + _text8(SPAN))
    more = styled(*pages)
    begin += b"".join(record8(0x041E, pack("<H", number) + _text8(style.code)) for number, style in enumerate(more, 165))
    for style in (*[Styled(None)] * 4, *more):  # of fonts there is none of the number 4
        font = pack("<HHHHHBBBB", 220, 8 * style.struck, 9 if style.white else 0x7FFF, 400, 0, 0, 2, 134, 0)
        begin += record8(0x0031, font + _text8("Arial", "<BB"))
    begin += b"".join(record8(0x00E0, pack("<HH16x", 0, number)) for number in STYLES)
    begin += b"".join(
        record8(0x00E0, pack("<HH16x", 4 + place, 164 + place if style.code else 0)) for place, style in enumerate(more, 1)
    )
    bodies = []
    for page in pages:
        body = record8(0x0809, pack("<HHHHII", version, 16, 0, 0, 0, 6))
        for number in page.rows:
            height, folded = 0 if number in page.flat else 255, 0x20 if number in page.hidden else 0
            body += record8(0x0208, pack("<HHHHHHHH", number - 1, 0, 256, height, 0, 0, folded | (0 if height else 0x40), 0))
        for number, cells in page.rows.items():
            body += b"".join(
                _cell8(number - 1, column, value, more, from_1904=page.from_1904) for column, value in cells.items()
            )
        for first, last, hidden in page.unseen:
            body += record8(0x007D, pack("<HHHHHH", first, last, 0 if not hidden else 2000, 0, hidden, 0))
        if page.merged:
            ranges = b"".join(pack("<HHHH", a - 1, c - 1, b, d) for a, b, c, d in page.merged)
            body += record8(0x00E5, pack("<H", len(page.merged)) + ranges)
        bodies.append(body + record8(0x000A))

    def listed(place: int, page: Page) -> bytes:
        return record8(0x0085, pack("<IBB", place, not page.visible, 0) + _text8(page.name, "<BB"))

    place = len(begin) + sum(len(listed(0, page)) for page in pages) + len(record8(0x000A))
    for page, body in zip(pages, bodies, strict=True):
        begin += listed(place, page)
        place += len(body)
    return begin + record8(0x000A) + b"".join(bodies)


def compound(stream: bytes, name: str = "Workbook", *, embedded: bytes = b"", embedded_first: bool = False) -> bytes:
    """A compound file with one stream, and beside it the storage of an ``embedded`` workbook, if there is one.

    ``embedded_first`` puts that before the other one in the directory, whose order means nothing.
    """
    streams = [content.ljust(-(-max(len(content), 4096) // 512) * 512, b"\0") for content in (stream, embedded) if content]
    count = sum(map(len, streams)) // 512
    tables = -(-(count + 2) // 127)  # a sector of the table has room for 128, of which the table itself takes some
    chain = [0xFFFFFFFD] * tables + [0xFFFFFFFE]
    places = []
    for content in streams:
        places.append(len(chain))
        chain += [*range(len(chain) + 1, len(chain) + len(content) // 512), 0xFFFFFFFE]
    chain += [0xFFFFFFFF] * (tables * 128 - len(chain))
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += pack("<IIIIIIIIII", 0, tables, tables, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0, 0)[:-4]
    header += b"".join(pack("<I", number if number < tables else 0xFFFFFFFF) for number in range(109))
    none = 0xFFFFFFFF

    def entry(title: str, kind: int, start: int, length: int, right: int = none, child: int = none) -> bytes:
        encoded = title.encode("utf-16-le")
        padded = encoded.ljust(64, b"\0") + pack("<HBB", len(encoded) + 2 if title else 0, kind, 1)
        return padded + pack("<III", none, right, child) + bytes(36) + pack("<IQ", start, length)

    blank = entry("", 0, none, 0)
    if not streams:
        streams, places = [b""], [0xFFFFFFFE]
    if not embedded:
        entries = entry("Root Entry", 5, 0xFFFFFFFE, 0, child=1) + entry(name, 2, places[0], len(streams[0])) + blank * 2
    else:
        own, other = (3, 2) if embedded_first else (2, 3)
        two = {
            own: entry(name, 2, places[0], len(streams[0])),
            other: entry("Workbook", 2, places[1], len(streams[1])),
        }
        entries = entry("Root Entry", 5, 0xFFFFFFFE, 0, child=1)
        entries += entry("MBD00012A3F", 1, 0, 0, right=own, child=other) + two[2] + two[3]
    return header + b"".join(pack("<I", following) for following in chain) + entries + b"".join(streams)


def xls(*pages: Page, calculated: bool = True) -> bytes:
    """An .xls."""
    return compound(xls_stream(*pages, calculated=calculated))


WRITERS: dict[str, Callable[..., bytes]] = {"xls": xls, "xlsb": xlsb, "ods": ods}


def written(folder: Path, kind: str, *pages: Page) -> Path:
    """A workbook of ``kind`` in ``folder``."""
    path = folder / f"sheet.{kind}"
    path.write_bytes(WRITERS[kind](*pages))
    return path
