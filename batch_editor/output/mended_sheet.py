"""Replaces cells in the XML of one worksheet, as a stream; whatever else the part holds stays as it is, byte for byte.

A cell gets its text where it stands, or a cell of its own at its place. Its style is kept, its formula is not. Where other
cells share that formula, the next of them holds it from then on. What the package has to know of it is left to
``mended_workbook``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO, cast
from xml.sax.saxutils import escape

from ..errors import SheetError
from ..sheets.markup import Attributes, deeper, feed, new_parser, prefix_of, whole_number
from ..sheets.sheet import COLUMNS, address, column_of
from .moved_formula import moved
from .text_book import UNWRITABLE
from .xml_places import codec_of, end_of

#: The texts that cells get, by their rows as Excel shows them, and their columns counted from 0.
Mends = Mapping[int, Mapping[int, str]]
#: Says whether a cell of this style shows a text as it is.
ShowsText = Callable[[str | None, str], bool]

_START_TAG = re.compile(r"""<(?:[^"'>]|"[^"]*"|'[^']*')*>""")
_SPANS = re.compile(r"""\s+spans\s*=\s*(?:"[^"]*"|'[^']*')""")
_CELL_ADDRESS = re.compile("([A-Z]{1,3})[0-9]+")
_AREA = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]+)(?::\$?([A-Z]{1,3})\$?([0-9]+))?")
#: What XML cannot hold, or would change, and what would be read as such an escape.
_ESCAPED = re.compile("[\x00-\x08\x0b-\x1f]|_(?=x[0-9A-Fa-f]{4}_)")
_BLANK_AROUND = re.compile(r"\A\s|\s\Z|[\n\t]|\s{2}")
#: Formulas of several cells at once, of which none can be replaced alone.
_OF_SEVERAL = ("array", "dataTable")
_QUOTES = {'"': "&quot;"}


@dataclass(slots=True)
class _Formula:
    """The formula of a cell: its attributes, its text, and where its element stands."""

    attributes: Attributes
    start: int
    text: str = ""
    end: int = 0


@dataclass(slots=True)
class _Cell:
    """A cell of a row that may be written anew: where it stands in the part and in the sheet."""

    column: int
    attributes: Attributes
    start: int
    end: int = 0
    formula: _Formula | None = None


@dataclass(slots=True)
class _Row:
    number: int
    start: int
    cells: list[_Cell] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Shared:
    """A formula that other cells share, and that has lost the cell in which it stood."""

    text: str
    area: str
    row: int
    column: int


class MendedSheet:
    """A worksheet's part that is written anew with ``mends``.

    Once ``chunks`` are gone through, ``has_formulas`` says whether the sheet holds any, and ``lost_formulas`` whether a formula
    was replaced.
    """

    def __init__(self, source: IO[bytes], mends: Mends, shows_text: ShowsText) -> None:
        self.has_formulas = self.lost_formulas = False
        self._source = source
        self._mends = {row: dict(cells) for row, cells in sorted(mends.items()) if cells}
        self._shows_text = shows_text
        self._written = bytearray()
        self._buffer = bytearray()
        self._base = 0  # where the buffer begins in the part
        self._codec = "utf-8"
        self._depth = self._number = 0
        self._column = -1
        self._row: _Row | None = None
        self._in_data = False
        self._orphans: dict[str, _Shared] = {}
        self._parser, self._names = new_parser()
        self._parser.StartElementHandler, self._parser.EndElementHandler = self._start, self._end
        self._prefix = ""
        self._pieces: tuple[_Formula, list[str]] | None = None

    def chunks(self) -> Iterator[bytes]:
        """Yields the part, piece by piece. Raises ``SheetError`` where a cell cannot be replaced alone, and what expat does."""
        for _ in feed(self._parser, self._names, cast("IO[bytes]", self)):  # it is only read from
            self._copy_to(self._row.start if self._row else self._parser.CurrentByteIndex)
            yield bytes(self._written)
            self._written.clear()
        self._copy_to(self._base + len(self._buffer))
        yield bytes(self._written)
        if self._mends:
            raise ValueError("rows that the sheet does not have")

    def read(self, size: int) -> bytes:
        """Reads on, and keeps what was read until it is written."""
        piece = self._source.read(size)
        if not self._base and not self._buffer:
            self._codec = codec_of(piece)
        self._buffer += piece
        return piece

    # --- what is noted

    def _start(self, name: str, attributes: Attributes) -> None:
        self._depth = deeper(self._depth)
        if self._depth == 1:
            self._prefix = prefix_of(name, attributes, "worksheet")
            return
        local = name.removeprefix(self._prefix)
        if self._depth == 2:
            self._in_data = local == "sheetData"
        elif self._in_data and local == "row" and self._depth == 3:
            self._start_row(attributes)
        elif self._in_data and local == "c" and self._depth == 4:
            self._start_cell(attributes)
        elif self._in_data and local == "f" and self._depth == 5:
            self._start_formula(attributes)
        elif self._row and local.endswith("AlternateContent"):  # each program takes another of its cells
            raise SheetError("mended_copy.record", row=self._row.number)

    def _start_row(self, attributes: Attributes) -> None:
        self._number = whole_number(attributes["r"]) if "r" in attributes else self._number + 1
        self._column = -1
        self._insert_rows(self._number)
        if self._number in self._mends or self._orphans:
            self._row = _Row(self._number, self._parser.CurrentByteIndex)

    def _start_cell(self, attributes: Attributes) -> None:
        match = _CELL_ADDRESS.fullmatch(attributes.get("r", ""))
        self._column = column_of(match[1]) if match else self._column + 1
        if self._row:
            self._row.cells.append(_Cell(self._column, attributes, self._parser.CurrentByteIndex))

    def _start_formula(self, attributes: Attributes) -> None:
        self.has_formulas = True
        if attributes.get("t") in _OF_SEVERAL and (area := _AREA.fullmatch(attributes.get("ref", ""))):
            self._require_outside(area)
        if self._row:
            self._row.cells[-1].formula = formula = _Formula(attributes, self._parser.CurrentByteIndex)
            pieces: list[str] = []
            self._parser.CharacterDataHandler = pieces.append
            self._pieces = formula, pieces

    def _end(self, name: str) -> None:
        depth, self._depth = self._depth, self._depth - 1
        if not self._row:
            if self._in_data and depth == 2:
                self._insert_rows(None)
                self._in_data = False
            return
        local = name.removeprefix(self._prefix)
        if depth == 5 and local == "f" and self._pieces:
            formula, pieces = self._pieces
            formula.text, formula.end = "".join(pieces), self._end_of(name)
            self._parser.CharacterDataHandler = None
        elif depth == 4 and local == "c":
            self._row.cells[-1].end = self._end_of(name)
        elif depth == 3 and local == "row":
            row, self._row = self._row, None
            self._copy_to(row.start)
            self._write_row(row, name)

    def _end_of(self, name: str) -> int:
        return self._base + end_of(self._buffer, self._parser.CurrentByteIndex - self._base, name, self._codec)

    # --- what is written

    def _copy_to(self, place: int) -> None:
        length = place - self._base
        if length > 0:
            self._written += self._buffer[:length]
            del self._buffer[:length]
            self._base = place

    def _bytes(self, start: int, end: int) -> bytes:
        return bytes(self._buffer[start - self._base : end - self._base])

    def _encoded(self, text: str) -> bytes:
        return text.encode(self._codec, "xmlcharrefreplace")

    def _insert_rows(self, before: int | None) -> None:
        """Writes rows that the sheet does not have yet, and that belong before this one; None at the end of the rows."""
        missing = [number for number in self._mends if before is None or number < before]
        if missing and before is None and not self._number:
            raise ValueError("a sheet without rows")
        for number in missing:
            cells = self._mends.pop(number)
            self._copy_to(self._parser.CurrentByteIndex)
            content = b"".join(self._cell(number, column, None, cells[column]) for column in sorted(cells) if cells[column])
            self._written += (
                self._encoded(f'<{self._prefix}row r="{number}">') + content + self._encoded(f"</{self._prefix}row>")
            )

    def _write_row(self, row: _Row, name: str) -> None:
        """Writes a row with its new cells; the buffer begins with it."""
        end = self._end_of(name)
        mends = self._mends.pop(row.number, {})
        changes: list[tuple[int, int, bytes]] = []
        for cell in row.cells:
            if cell.column in mends:
                if cell.formula:
                    self._lose(cell.formula, row.number, cell.column)
                changes.append((cell.start, cell.end, self._cell(row.number, cell.column, cell.attributes, mends[cell.column])))
            elif cell.formula and (taken := self._taken(cell.formula, row.number, cell.column)):
                changes.append((cell.formula.start, cell.formula.end, taken))
        added = {column: text for column, text in sorted(mends.items()) if text} if mends else {}
        for cell in row.cells:
            added.pop(cell.column, None)
        content_end = self._content_end(row, end, name)
        for column, text in added.items():
            place = next((cell.start for cell in row.cells if cell.column > column), content_end)
            changes.append((place, place, self._cell(row.number, column, None, text)))
        place = row.start
        if added:
            place = self._write_start_tag(row, end)
        for start, stop, content in sorted(changes, key=lambda change: change[:2]):
            self._written += self._bytes(place, start) + content
            place = max(stop, place)
        self._written += self._bytes(place, end)
        if added and content_end == end:  # the row was an empty element
            self._written += self._encoded(f"</{name}>")
        del self._buffer[: end - self._base]
        self._base = end

    def _content_end(self, row: _Row, end: int, name: str) -> int:
        """Returns where the content of a row ends: at its end tag, or where it ends, if it is an empty element."""
        last = row.cells[-1].end if row.cells else row.start
        text = self._bytes(last, end).decode(self._codec)
        place = text.rfind(f"</{name}")
        return end if place < 0 else last + len(text[:place].encode(self._codec))

    def _write_start_tag(self, row: _Row, end: int) -> int:
        """Writes the start tag of a row that gets more cells, without the span of its cells; returns where it ends."""
        first = row.cells[0].start if row.cells else end
        match = _START_TAG.match(self._bytes(row.start, first).decode(self._codec))
        if not match:
            raise ValueError("a row without a start tag")
        tag = _SPANS.sub("", match[0])
        if tag.endswith("/>"):
            tag = f"{tag[:-2].rstrip()}>"
        self._written += self._encoded(tag)
        return row.start + len(match[0].encode(self._codec))

    def _cell(self, row: int, column: int, attributes: Attributes | None, text: str) -> bytes:
        style = (attributes or {}).get("s")
        text = UNWRITABLE.sub("\ufffd", text)
        kept = ""
        if style is not None and (not text or self._shows_text(style, text)):
            kept = f' s="{escape(style, _QUOTES)}"'
        start = f'<{self._prefix}c r="{COLUMNS[column]}{row}"{kept}'
        if not text:
            return self._encoded(f"{start}/>")
        written = escape(_ESCAPED.sub(lambda match: f"_x{ord(match[0]):04X}_", text))
        space = ' xml:space="preserve"' if _BLANK_AROUND.search(text) else ""
        within = f"<{self._prefix}is><{self._prefix}t{space}>{written}</{self._prefix}t></{self._prefix}is>"
        return self._encoded(f'{start} t="inlineStr">{within}</{self._prefix}c>')

    # --- formulas that several cells have

    def _require_outside(self, area: re.Match[str]) -> None:
        first_column, first_row = column_of(area[1]), int(area[2])
        last_column, last_row = (column_of(area[3]), int(area[4])) if area[3] else (first_column, first_row)
        if (first_row, first_column) == (last_row, last_column):
            return
        held = [*self._mends.items()]
        for row, cells in held:
            for column in cells:
                if first_row <= row <= last_row and first_column <= column <= last_column:
                    raise SheetError("mended_copy.formula", cell=address("", row, column))

    def _lose(self, formula: _Formula, row: int, column: int) -> None:
        self.lost_formulas = True
        if formula.attributes.get("t") != "shared":
            return
        group = formula.attributes.get("si", "")
        if formula.text:
            self._orphans[group] = _Shared(formula.text, formula.attributes.get("ref", ""), row, column)

    def _taken(self, formula: _Formula, row: int, column: int) -> bytes | None:
        """Returns the element of a formula that is to be held from here on; None if that of this cell stays as it is."""
        group = formula.attributes.get("si", "")
        if formula.attributes.get("t") != "shared" or formula.text or group not in self._orphans:
            return None
        orphan = self._orphans.pop(group)
        attributes = {key: value for key, value in formula.attributes.items() if key != "ref"}
        area = _AREA.fullmatch(orphan.area)
        if area and area[3]:
            attributes["ref"] = f"{area[1]}{row}:{area[3]}{area[4]}"
        else:
            attributes["ref"] = f"{COLUMNS[column]}{row}"
        listed = "".join(f' {key}="{escape(value, _QUOTES)}"' for key, value in attributes.items())
        text = escape(moved(orphan.text, row - orphan.row, column - orphan.column))
        return self._encoded(f"<{self._prefix}f{listed}>{text}</{self._prefix}f>")
