"""Reads the content.xml of an .ods into its sheets and their rows: as a stream, with what each cell shows.

calamine is not asked: it refuses XML with line ends between the elements, drops those within a text, and knows of no layout.
"""

from __future__ import annotations

import re
import zipfile
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import NamedTuple
from xml.parsers import expat

from ..cell_values import Cell, CellError, Uncomputed
from ..errors import SheetError
from ..spoilt_text import is_error_text
from .archive import head_of, read_chunks
from .format_codes import Shown
from .layout import MOST_RANGES, Layout, Range, layout_of
from .look import LAST_COLUMN, LAST_ROW
from .marks import Font, Mark, MarkedCells, with_marks
from .number_formats import formatted
from .styles import WINDOWS_EPOCH

_URN = "urn:oasis:names:tc:opendocument:xmlns:"
_OFFICE, _TABLE, _TEXT, _STYLE = (f"{_URN}{name}:1.0 " for name in ("office", "table", "text", "style"))
_FO = f"{_URN}xsl-fo-compatible:1.0 "
_EXTENSION = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0 "
_KIND, _STRING, _FORMULA = _OFFICE + "value-type", _OFFICE + "string-value", _TABLE + "formula"
_ERROR = _EXTENSION + "value-type"
_NUMBERS = ("float", "percentage", "currency")
_SHEET, _ROW, _ROW_GROUP = _TABLE + "table", _TABLE + "table-row", _TABLE + "table-row-group"
_COLUMN, _COLUMN_GROUP = _TABLE + "table-column", _TABLE + "table-column-group"
_CELLS = (_TABLE + "table-cell", _TABLE + "covered-table-cell")
_PARAGRAPHS, _SPACES = (_TEXT + "p", _TEXT + "h"), _TEXT + "s"
_BREAKS = {_TEXT + "line-break": "\n", _TEXT + "tab": "\t"}
#: Elements of text that the cell itself does not show. What else stands there, a comment or a drawing, is no text at all.
_ASIDE = (_TEXT + "note", _TEXT + "ruby-text", _TEXT + "tracked-changes")
#: What a style says of its sheet, column or row, and when that means that nobody sees it.
_UNSEEN = {_TABLE + "display": "false", _STYLE + "column-width": None, _STYLE + "row-height": None}
_STYLE_NAME, _DEFAULT_STYLE = _TABLE + "style-name", _TABLE + "default-cell-style-name"
_LINES = (_STYLE + "text-line-through-style", _STYLE + "text-line-through-type")
_WHITE, _NO_FILLS = "#ffffff", ("#ffffff", "transparent")
_NO_LENGTH = re.compile(r"0*\.?0*[a-z]*")
_SPAN = re.compile(r"(-?)P(?:([0-9]+)D)?T?(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+(?:\.[0-9]+)?)S)?")
_DAY = timedelta(days=1)
_EXACT = 2**53
_BLANKS = re.compile(r"[ \t\r\n]+")
_MOST_SPACES = 32_767  # the most characters that a cell holds
#: A stray cell far to the right or far below makes a sheet of more cells: that of 100,000 rows and 20 columns has half of them.
_MOST_CELLS = 1 << 22
_MOST_SHEETS, _MOST_STYLES = 10_000, 100_000


class OdsRow(NamedTuple):
    """A row of the sheet of this number: where it begins, counted from 0, how often it stands there, and its cells."""

    sheet: int
    row: int
    times: int
    hidden: bool
    cells: list[Cell]


@dataclass(slots=True)
class OdsSheet:
    """What is known of a sheet; its layout once its end is reached."""

    name: str
    visible: bool
    layout: Layout | None = None


@dataclass(slots=True)
class _OpenCell:
    """A cell whose end has not been reached: how deep within it a paragraph, or something that is no text, has begun."""

    attributes: dict[str, str]
    depth: int = 0
    in_paragraph: int = 0
    aside: int = 0
    after_blank: bool = True  # or where a paragraph begins: another blank adds nothing
    paragraphs: list[list[str]] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\n".join("".join(parts) for parts in self.paragraphs)


class OdsReader:
    """Follows the XML: ``sheets`` grows as they begin, and ``rows`` hands on what was read."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.sheets: list[OdsSheet] = []
        self._archive = archive
        self._waiting: list[OdsRow] = []
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._style = ""
        self._unseen = set[str]()  # the styles of what nobody sees
        self._is_of_cells = False
        self._fonts: dict[str, Font] = {}  # the styles of cells in which one may be overlooked
        self._filled = set[str]()  # the styles of cells with a fill
        self._inside = False
        self._cell: _OpenCell | None = None

    def rows(self) -> Iterator[OdsRow]:
        """Yields the rows of all sheets that hold anything. Raises ValueError, LookupError or an error of the archive or expat
        where the file is damaged, or has more cells than a sheet can have."""
        for chunk in read_chunks(self._archive, "content.xml"):
            self._parser.Parse(chunk)
            yield from self._waiting
            self._waiting.clear()
        self._parser.Parse(b"", True)

    def _doctype(self, *_: object) -> None:
        raise ValueError("no spreadsheet declares types and entities of its own")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if self._cell:
            self._start_within_cell(self._cell, name, attributes)
        elif self._inside:
            self._start_within_sheet(name, attributes)
        elif name == _SHEET and _TABLE + "name" in attributes:
            self._start_sheet(attributes)
        elif name == _STYLE + "style":
            self._style = attributes.get(_STYLE + "name", "")
            self._is_of_cells = attributes.get(_STYLE + "family") == "table-cell"
        elif self._is_of_cells and name == _STYLE + "text-properties":
            is_struck = any(attributes.get(line, "none") != "none" for line in _LINES)
            font = Font(is_struck, attributes.get(_FO + "color") == _WHITE)
            if font != Font():
                self._fonts[self._style] = font
        elif self._is_of_cells and attributes.get(_FO + "background-color", _WHITE) not in _NO_FILLS:
            self._filled.add(self._style)
        elif name.startswith(_STYLE) and any(_is_unseen(key, value) for key, value in attributes.items()):
            self._unseen.add(self._style)
        if len(self._unseen) + len(self._fonts) + len(self._filled) > _MOST_STYLES:
            raise ValueError("more styles than a workbook has")

    def _start_sheet(self, attributes: dict[str, str]) -> None:
        self.sheets.append(OdsSheet(attributes[_TABLE + "name"], not self._is_hidden(attributes)))
        if len(self.sheets) > _MOST_SHEETS:
            raise ValueError("more sheets than a workbook has")
        self._inside = True
        self._groups: list[bool] = []  # whether each group of rows or columns that is open is folded
        self._row = self._rows = self._cells_read = self._columns = self._widest = 0
        self._marked = MarkedCells()
        self._row_style = ""
        self._column_styles: list[str] = []  # those of the columns, and behind which column each ends
        self._style_ends: list[int] = []
        self._hidden_columns: list[tuple[int, int]] = []
        self._merged: list[Range] = []
        self._cells: list[Cell] = []

    def _start_within_sheet(self, name: str, attributes: dict[str, str]) -> None:
        if name == _SHEET and _TABLE + "name" in attributes:
            raise ValueError("a sheet within a sheet")
        if name in (_ROW_GROUP, _COLUMN_GROUP):
            self._groups.append(attributes.get(_TABLE + "display") == "false")
        elif name == _COLUMN:
            columns = _repeated(attributes, "number-columns-repeated")
            if any(self._groups) or self._is_hidden(attributes):
                self._hidden_columns.append((self._columns, min(self._columns + columns, LAST_COLUMN) - 1))
                if len(self._hidden_columns) > LAST_COLUMN:
                    raise ValueError("more columns than a sheet has")
            self._columns += columns
            if self._fonts and len(self._style_ends) < LAST_COLUMN:
                self._column_styles.append(attributes.get(_DEFAULT_STYLE, ""))
                self._style_ends.append(self._columns)
        elif name == _ROW:
            self._rows = _repeated(attributes, "number-rows-repeated")
            self._hidden = any(self._groups) or self._is_hidden(attributes)
            self._row_style = attributes.get(_DEFAULT_STYLE, "")
            self._column = 0
            self._cells = []
        elif name in _CELLS:
            self._cell = _OpenCell(attributes)

    def _is_hidden(self, attributes: dict[str, str]) -> bool:
        unseen = attributes.get(_STYLE_NAME) in self._unseen
        return unseen or attributes.get(_TABLE + "visibility", "visible") != "visible"

    def _start_within_cell(self, cell: _OpenCell, name: str, attributes: dict[str, str]) -> None:
        cell.depth += 1
        if cell.aside:
            return
        if name == _SHEET:
            raise ValueError("a sheet within a cell")
        if not name.startswith(_TEXT) or name in _ASIDE:
            cell.aside = cell.depth
        elif name in _PARAGRAPHS and not cell.in_paragraph:
            cell.in_paragraph = cell.depth
            cell.paragraphs.append([])
            cell.after_blank = True
        elif cell.in_paragraph and (name == _SPACES or name in _BREAKS):
            blanks = int(attributes.get(_TEXT + "c", 1))
            if blanks > _MOST_SPACES:
                raise ValueError("more blanks than a cell holds")
            cell.paragraphs[-1].append(_BREAKS.get(name, " " * blanks))
            cell.after_blank = False

    def _characters(self, text: str) -> None:
        """Takes the text of a paragraph, of whose white space a single blank remains, and none where the paragraph begins."""
        cell = self._cell
        if cell and cell.in_paragraph and not cell.aside:
            text = _BLANKS.sub(" ", text)
            cell.paragraphs[-1].append(text.removeprefix(" ") if cell.after_blank else text)
            cell.after_blank = text.endswith(" ")

    def _end(self, name: str) -> None:
        if self._cell and self._cell.depth:
            cell = self._cell
            cell.aside = 0 if cell.aside == cell.depth else cell.aside
            cell.in_paragraph = 0 if cell.in_paragraph == cell.depth else cell.in_paragraph
            cell.depth -= 1
        elif self._cell:
            self._end_cell(self._cell)
            self._cell = None
        elif not self._inside:
            self._is_of_cells = self._is_of_cells and name != _STYLE + "style"
        elif name == _SHEET:
            self.sheets[-1].layout = with_marks(layout_of(self._merged, self._hidden_columns), self._marked)
            self._inside = False
        elif name in (_ROW_GROUP, _COLUMN_GROUP) and self._groups:
            self._groups.pop()
        elif name == _ROW:
            self._end_row()

    def _end_cell(self, cell: _OpenCell) -> None:
        many = _repeated(cell.attributes, "number-columns-repeated")
        columns, rows = (_repeated(cell.attributes, f"number-{what}-spanned") for what in ("columns", "rows"))
        if columns > 1 or rows > 1:
            first = self._row + 1
            last = (min(first + rows, LAST_ROW + 1) - 1, min(self._column + columns, LAST_COLUMN) - 1)
            self._merged.append(Range(first, self._column, *last))
            if len(self._merged) > MOST_RANGES:
                raise ValueError("more merged cells than a sheet has")
        value = _value(cell)
        if value is not None:
            if self._column + many > LAST_COLUMN:
                raise ValueError("a cell is beyond the last column")
            self._cells += [None] * (self._column - len(self._cells)) + [value] * many
            if mark := self._mark(cell):
                self._marked.add(mark, self._row + 1, self._column, rows=self._rows, columns=many)
        self._column += many

    def _mark(self, cell: _OpenCell) -> Mark | None:
        if not self._fonts:
            return None
        style = cell.attributes.get(_STYLE_NAME) or self._row_style
        place = 0 if style else bisect_right(self._style_ends, self._column)
        if not style and place < len(self._style_ends):
            style = self._column_styles[place]
        font = self._fonts.get(style, Font())
        if font.struck:
            return Mark.STRUCK
        return Mark.WHITE if font.white and style not in self._filled else None

    def _end_row(self) -> None:
        if self._cells:
            end = self._row + self._rows
            self._cells_read += len(self._cells) * self._rows
            self._widest = max(self._widest, len(self._cells))
            if end > LAST_ROW or max(self._cells_read, end * self._widest) > _MOST_CELLS:
                raise ValueError("a cell is beyond the last, or far from all others")
            self._waiting.append(OdsRow(len(self.sheets) - 1, self._row, self._rows, self._hidden, self._cells))
        self._row += self._rows


def refuse_password(path: Path, archive: zipfile.ZipFile) -> None:
    """Raises ``SheetError`` if the parts of the workbook are encrypted."""
    if b"encryption-data" in head_of(archive, "META-INF/manifest.xml"):
        raise SheetError("file.encrypted", path=path)


def _is_unseen(key: str, value: str) -> bool:
    if key not in _UNSEEN:
        return False
    return value == _UNSEEN[key] or (_UNSEEN[key] is None and _NO_LENGTH.fullmatch(value) is not None)


def _value(cell: _OpenCell) -> Cell:
    attributes, text = cell.attributes, cell.text
    kind, formula = attributes.get(_KIND), _FORMULA in attributes
    if attributes.get(_ERROR) == "error" or (formula and is_error_text(text)):
        return CellError(text or "#N/A")
    if formula and kind is None and not cell.paragraphs:
        return Uncomputed()
    value = _stored(attributes, kind)
    if kind == "string" and not text and (held := attributes.get(_STRING)):
        return formatted(held, partial(Shown, "")) if cell.paragraphs else held
    if value is None:
        return text or None
    is_inexact = isinstance(value, float) and abs(value) >= _EXACT  # whatever is shown has more digits than the number
    if not cell.paragraphs or isinstance(value, bool | CellError) or is_inexact or text == _usual(value):
        return value
    return formatted(value, partial(Shown, text), is_whole=not isinstance(value, datetime) or _shows_day(value, text))


def _stored(attributes: dict[str, str], kind: str | None) -> Cell:
    """Returns the value that a cell holds beside its text; None where there is none."""
    name = "value" if kind in _NUMBERS else f"{kind}-value"
    stored = attributes.get(_OFFICE + name)
    if stored is None:
        return None
    if kind in _NUMBERS:
        return float(stored)
    if kind == "boolean":
        return stored == "true"
    if kind == "time":
        return _span(stored)
    if kind == "date":
        try:
            return datetime.fromisoformat(stored).replace(tzinfo=None)
        except ValueError:
            return CellError("#VALUE!")
    return None


def _usual(value: Cell) -> str:
    """Returns the text of a value that a column of texts makes of it anyway."""
    match value:
        case float():
            return repr(value).removesuffix(".0")
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case datetime():
            return value.isoformat(" ")
    return str(value)


def _shows_day(day: datetime, text: str) -> bool:
    """Whether a text names the day, the month and the year of a date."""
    numbers = [int(digits) for digits in re.findall("[0-9]{1,8}", text)]
    if int(day.strftime("%Y%m%d")) in numbers:
        return True
    month = day.month in numbers or re.search(r"[A-Za-z]{3}|[一二三四五六七八九十]月", text) is not None
    return month and day.day in numbers and bool({day.year, day.year % 100} & set(numbers))


def _span(text: str) -> Cell:
    """Returns a time of the day, or a length of time of a day or more."""
    match = _SPAN.fullmatch(text)
    if not match:
        return CellError("#VALUE!")
    days, hours, minutes, seconds = (float(part or 0) for part in match.groups()[1:])
    try:
        length = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    except OverflowError:
        return CellError("#VALUE!")
    if match[1] or length >= _DAY:
        return -length if match[1] else length
    return (WINDOWS_EPOCH + length).time()


def _repeated(attributes: dict[str, str], name: str) -> int:
    times = int(attributes.get(_TABLE + name, 1))
    if times < 1:
        raise ValueError(f"{name} is {times}")
    return times
