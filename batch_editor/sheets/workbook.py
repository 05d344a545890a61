"""An Excel workbook (.xlsx, .xlsm) → exact rows, read as a stream by openpyxl.

openpyxl alone would lose three things without a word: a formula whose value was never stored (it looks like a blank),
rows or cells that are out of order, and rows beyond a wrong dimension. A look at the sheet's XML finds the first two.
"""

from __future__ import annotations

import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date, datetime, time
from functools import partial
from itertools import islice
from pathlib import Path
from typing import IO, Any
from xml.etree import ElementTree
from xml.parsers import expat

from openpyxl import load_workbook
from openpyxl.reader.excel import ExcelReader
from openpyxl.utils import column_index_from_string
from openpyxl.utils.exceptions import CellCoordinatesException, InvalidFileException
from openpyxl.xml.constants import SHEET_MAIN_NS

from ..errors import SheetError
from ..records import Cell, CellError, Row, Uncomputed
from .sheet import Sheet, opened, row_of

#: What a workbook may unpack to in all: a sheet full to Excel's last row with a hundred columns is about this big.
_UNPACKED = 4 << 30
#: A part above this size must not be packed tighter than this ratio: the XML of real cells reaches 100 or so.
_SUSPECT, _RATIO = 100 << 20, 1000
_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384
_CHUNK = 1 << 16
_BLOCK = 256

#: What openpyxl, zipfile and expat raise over a workbook that is broken, or that another program wrote in its own way.
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,  # a part that ends too early
    RuntimeError,  # a part with a password, or packed by an unknown method (NotImplementedError); nested too deeply
    ElementTree.ParseError,
    expat.ExpatError,
    LookupError,  # a part, a shared string or a style that is not there
    ValueError,  # text where a number should be; an unknown character
    TypeError,  # elements and attributes that openpyxl does not expect
    AttributeError,
    ArithmeticError,
    CellCoordinatesException,
    InvalidFileException,
)

#: Control characters in a text are written like _x000D_ by Excel, a text that looks so like _x005F_x000D_, and openpyxl hands
#: them on as they are.
_CONTROL = re.compile(r"_x(00[01][0-9A-Fa-f]|005[Ff](?=_x[0-9A-Fa-f]{4}_))_")


def read_workbook(path: Path) -> tuple[Sheet, ...]:
    """The worksheets of a workbook, in order, without its chart sheets.

    Raises ``SheetError`` if it is damaged, unpacks to too much, or has no worksheet.
    """
    with opened(path) as file, damage(path), zipfile.ZipFile(file) as archive:
        _check_size(path, archive)
        with _quiet():
            reader = ExcelReader(file, read_only=True, keep_links=False)
            reader.read_manifest()
            reader.read_workbook()
            parts = [(sheet, part) for sheet, part in reader.parser.find_sheets() if part.Type.endswith("/worksheet")]
    if not parts:
        raise SheetError("xlsx.no_sheet", path=path)
    return tuple(
        Sheet(name=sheet.name, visible=sheet.state == "visible", rows=partial(_rows, path, sheet.name, part.target))
        for sheet, part in parts
    )


def _rows(path: Path, name: str, part: str) -> Iterator[Row]:
    with opened(path) as file, damage(path):
        with _quiet():
            workbook = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        with closing(workbook), zipfile.ZipFile(file) as archive, archive.open(part) as source:
            sheet: Any = workbook[name]  # openpyxl has no public name for its type
            sheet.reset_dimensions()
            uncomputed = _uncomputed(source)
            found = next(uncomputed, None)
            for number, cells in enumerate(_quietly(sheet.iter_rows()), 1):
                values = [None if cell.value is None else _cell(cell) for cell in cells]
                while found and found[0] == number:
                    values[found[1]] = Uncomputed()
                    found = next(uncomputed, None)
                if row := row_of(number, values):
                    yield row


def _cell(cell: Any) -> Cell:
    value: Cell = cell.value
    if cell.data_type == "e":
        return CellError(str(value))
    if isinstance(value, str):
        return _CONTROL.sub(lambda match: chr(int(match[1], 16)), value) or None
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime.combine(value, time.min)
    return value


def _uncomputed(source: IO[bytes]) -> Iterator[tuple[int, int]]:
    """Where the formulas without a stored value are: (row from 1, column from 0), in the order of the sheet.

    An empty text is a value (``<v></v>`` in a cell of type ``str``). Raises ValueError where rows or cells are not in
    order, twice there, or beyond the last of Excel: openpyxl would drop them, or fill the gap without an end.
    """
    tag = {name: f"{SHEET_MAIN_NS} {name}" for name in ("row", "c", "f", "v")}
    row_tag, cell_tag, formula_tag, value_tag = tag.values()
    found: list[tuple[int, int]] = []
    row = column = 0
    kind: str | None = None
    stored = False

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal row, column, kind, stored
        if name == cell_tag:
            before = column
            address = attributes.get("r")
            column = column_index_from_string(address.rstrip("0123456789")) if address else column + 1
            if not before < column <= _LAST_COLUMN:
                raise ValueError(f"cell {address} of row {row} is out of order")
            kind = attributes.get("t")
        elif name == row_tag:
            before, column = row, 0
            row = int(attributes.get("r", row + 1))
            if not before < row <= _LAST_ROW:
                raise ValueError(f"row {row} is out of order")
        elif name == formula_tag:
            stored = False
            parser.EndElementHandler = end
        elif name == value_tag and parser.EndElementHandler:
            stored = kind == "str"
            parser.CharacterDataHandler = characters

    def characters(text: str) -> None:
        nonlocal stored
        stored = True

    def end(name: str) -> None:
        if name == value_tag:
            parser.CharacterDataHandler = None
        elif name == cell_tag:
            parser.EndElementHandler = None
            if not stored:
                found.append((row, column - 1))

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = start
    while chunk := source.read(_CHUNK):
        parser.Parse(chunk)
        yield from found
        found.clear()
    parser.Parse(b"", True)


def _check_size(path: Path, archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    if sum(part.file_size for part in parts) > _UNPACKED or any(
        part.file_size > _SUSPECT and part.file_size > _RATIO * part.compress_size for part in parts
    ):
        raise SheetError("xlsx.too_large", path=path)


@contextmanager
def damage(path: Path) -> Iterator[None]:
    try:
        yield
    except _DAMAGE as error:
        raise SheetError("xlsx.damaged", path=path) from error


@contextmanager
def _quiet() -> Iterator[None]:
    """openpyxl warns of what it will not write back (rules, extensions, styles); nothing here is written back."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"openpyxl\.")
        yield


def _quietly(rows: Iterator[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    """The same rows, a block at a time: the filters are the process's, and must not stay changed while others run."""
    while True:
        with _quiet():
            block = list(islice(rows, _BLOCK))
        if not block:
            return
        yield from block
