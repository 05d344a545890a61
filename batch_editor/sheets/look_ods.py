"""Looks at the content.xml of an .ods for what calamine loses of it, and hands on a ``Look``."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from xml.parsers import expat

from ..errors import SheetError
from ..model import Cell, CellError, Uncomputed
from ..spoilt_text import is_error_text
from .archive import head_of, read_chunks
from .look import LAST_COLUMN, LAST_ROW, Look

_OFFICE, _TABLE, _TEXT = (f"urn:oasis:names:tc:opendocument:xmlns:{name}:1.0 " for name in ("office", "table", "text"))
_EXTENSION = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0 "
_VALUES = tuple(_OFFICE + name for name in ("value", "date-value", "time-value", "boolean-value"))
_KIND, _STRING, _FORMULA = _OFFICE + "value-type", _OFFICE + "string-value", _TABLE + "formula"
_ERROR = _EXTENSION + "value-type"
_PLAIN_KINDS = ("string", "float")
_SHEET, _ROW, _GROUP = (_TABLE + name for name in ("table", "table-row", "table-row-group"))
_CELLS = (_TABLE + "table-cell", _TABLE + "covered-table-cell")
_PARAGRAPH, _SPACES = _TEXT + "p", _TEXT + "s"
_BREAKS = {_TEXT + "line-break": "\n", _TEXT + "tab": "\t"}
#: What the text of a cell may hold without calamine losing, or adding, some of it.
_PLAIN = (_PARAGRAPH, _SPACES, _TEXT + "span", _TEXT + "a")
_SPAN = re.compile(r"(-?)P(?:([0-9]+)D)?T(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+(?:\.[0-9]+)?)S)?")
_DAY = timedelta(days=1)
_MOST_SPACES = 32_767  # the most characters that a cell holds


@dataclass(slots=True)
class _OpenCell:
    """A cell whose end has not been reached: how far its elements are nested, and whether they are all plain text."""

    attributes: dict[str, str]
    depth: int = 0
    in_text: int = 0  # how deep, 0 outside of the cell's own paragraphs
    paragraphs: int = 0
    odd: bool = False
    text: list[str] = field(default_factory=list)


def look_ods(archive: zipfile.ZipFile, index: int) -> Look:
    """Returns a look at one sheet. Raises ValueError, LookupError or an error of the archive or expat where it is damaged."""
    reader = _Reader(index)
    for chunk in read_chunks(archive, "content.xml"):
        reader.parser.Parse(chunk)
        if reader.done:
            return reader.look
    raise ValueError(f"there is no sheet {index}")


def refuse_password(path: Path, archive: zipfile.ZipFile) -> None:
    """Raises ``SheetError`` if the parts of the workbook are encrypted."""
    if b"encryption-data" in head_of(archive, "META-INF/manifest.xml"):
        raise SheetError("file.encrypted", path=path)


class _Reader:
    """Follows the XML up to the end of the sheet of this ``index``."""

    def __init__(self, index: int) -> None:
        self.look = Look()
        self.done = False
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters
        self.parser.StartDoctypeDeclHandler = self._doctype
        self._index = index
        self._sheet = -1  # the index of the sheet that was entered last
        self._inside = False
        self._groups: list[bool] = []  # whether each group of rows that is open is folded
        self._row = self._rows = self._column = 0
        self._hidden = False
        self._cells: list[tuple[int, int, bool, Cell]] = []  # column, how many, whether filled for sure, what it really holds
        self._cell: _OpenCell | None = None

    def _doctype(self, *_: object) -> None:
        raise ValueError("no spreadsheet declares types and entities of its own")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if self._cell:
            self._start_within_cell(self._cell, name, attributes)
        elif name == _SHEET and _TABLE + "name" in attributes:
            if self._inside:
                raise ValueError("a sheet within a sheet")
            self._sheet += 1
            self._inside = True
        elif not self._inside or self._sheet != self._index:
            return
        elif name == _GROUP:
            self._groups.append(attributes.get(_TABLE + "display") == "false")
        elif name == _ROW:
            self._rows = _repeated(attributes, "number-rows-repeated")
            self._hidden = attributes.get(_TABLE + "visibility", "visible") != "visible" or any(self._groups)
            self._column = 0
        elif name in _CELLS:
            self._cell = _OpenCell(attributes)

    def _start_within_cell(self, cell: _OpenCell, name: str, attributes: dict[str, str]) -> None:
        cell.depth += 1
        cell.odd |= name not in _PLAIN
        if cell.in_text:
            cell.in_text += 1
        elif name == _PARAGRAPH and cell.depth == 1:
            cell.in_text = 1
            cell.text += ["\n"] if cell.paragraphs else []
            cell.paragraphs += 1
        if cell.in_text and name == _SPACES:
            cell.text.append(" " * min(int(attributes.get(_TEXT + "c", 1)), _MOST_SPACES))
        elif cell.in_text:
            cell.text.append(_BREAKS.get(name, ""))

    def _characters(self, text: str) -> None:
        if self._cell and self._cell.in_text:
            self._cell.text.append(text)

    def _end(self, name: str) -> None:
        if self._cell and self._cell.depth:
            self._cell.depth -= 1
            self._cell.in_text -= self._cell.in_text > 0
        elif self._cell:
            self._end_cell(self._cell)
            self._cell = None
        elif name == _SHEET:
            self.done |= self._sheet == self._index
            self._inside = False
        elif name == _GROUP and self._groups:
            self._groups.pop()
        elif name == _ROW and self._inside and self._sheet == self._index:
            self._end_row()

    def _end_cell(self, cell: _OpenCell) -> None:
        many = _repeated(cell.attributes, "number-columns-repeated")
        kind = cell.attributes.get(_KIND)
        if kind == "string":
            sure = not cell.odd and bool(cell.attributes.get(_STRING, any(cell.text)))
        else:
            sure = any(name in cell.attributes for name in _VALUES)
        plain = kind in _PLAIN_KINDS and not (cell.odd or _FORMULA in cell.attributes or cell.attributes.get(_ERROR) == "error")
        correction = None if plain else _correction(cell)  # saves half of the time
        if sure or correction is not None or kind == "string":
            if self._column + many > LAST_COLUMN:
                raise ValueError("a cell is beyond the last column")
            self._cells.append((self._column, many, sure, correction))
        self._column += many

    def _end_row(self) -> None:
        if self._cells and self._row + self._rows > LAST_ROW:
            raise ValueError("a row is beyond the last")
        for row in range(self._row, self._row + self._rows) if self._cells else ():
            if self._hidden:
                self.look.hidden.add(row)
            for first, many, sure, correction in self._cells:
                for column in range(first, first + many):
                    self.look.count(row, column, sure=sure)
                    if correction is not None:
                        self.look.correct(row, column, correction)
        self._row += self._rows
        self._cells.clear()


def _correction(cell: _OpenCell) -> Cell:
    """Returns what the cell holds where calamine does not give that; None where it does."""
    attributes, text = cell.attributes, "".join(cell.text)
    kind, formula = attributes.get(_KIND), _FORMULA in attributes
    if attributes.get(_ERROR) == "error" or (formula and is_error_text(text)):
        return CellError(text or "#N/A")
    if formula and kind is None and not cell.paragraphs:
        return Uncomputed()
    if kind == "time":
        return _span(attributes.get(_OFFICE + "time-value", ""))
    if kind is None or (kind == "string" and cell.odd and _STRING not in attributes):
        return text or None
    return None


def _span(text: str) -> Cell:
    """Returns a length of time of a day or more (calamine reads the shorter ones, as times of the day); None for any other."""
    match = _SPAN.fullmatch(text)
    if not match:
        return CellError("#VALUE!")
    days, hours, minutes, seconds = (float(part or 0) for part in match.groups()[1:])
    length = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    if match[1]:
        return -length
    return length if length >= _DAY else None


def _repeated(attributes: dict[str, str], name: str) -> int:
    times = int(attributes.get(_TABLE + name, 1))
    if times < 1:
        raise ValueError(f"{name} is {times}")
    return times
