"""A sheet as it came, with what people have mended in it: the workbook or text file itself, in which only those cells differ.

Of what cannot be changed cell by cell (.xls, .xlsb, .ods, JSON, and what no file holds any more) a plain workbook is made of
the rows as they were read. Which cells were mended is handed in; where the file is, is left to whoever asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import closing, suppress
from pathlib import Path

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from ..errors import SheetError
from ..journal.temporary import temporary_folder
from ..model import RowState
from ..sheets.recognise import kind_of, read_file
from .mended_sheet import Mends as Mends
from .mended_text import write_text
from .result_rows import shortened
from .text_book import TextBook

_WIDTH = 20


def can_be_mended(source: Path) -> bool:
    """Returns whether single cells of this file can be changed: whether it is an .xlsx, an .xlsm or a text file. Raises
    ``SheetError`` where it is no sheet."""
    return kind_of(source) in ("xlsx", "text")


def write_mended(source: Path, mends: Mends, target: Path, *, sheet_name: str, read_as: str) -> None:
    """Writes to ``target`` what ``source`` holds, with ``mends`` in its sheet of this name; ``can_be_mended`` has said that
    this is possible. ``read_as`` is that of the ``Sheet`` of a text file.

    Raises ``SheetError`` where a cell cannot be changed alone, and where the file is not what it was.
    """
    try:
        if kind_of(source) == "text":
            write_text(source, read_as, mends, target)
            _require_certain(source, target, read_as)
        else:
            from .mended_workbook import write_workbook  # a text does without it

            write_workbook(source, sheet_name, mends, target)
    except (LookupError, ValueError) as error:  # cells that are not where they were
        raise SheetError("file.changed", path=source) from error


def _require_certain(source: Path, target: Path, read_as: str) -> None:
    """Raises ``SheetError`` where a text file is not read any more as it was: its few characters may have decided that."""
    try:
        if read_file(source)[0].read_as != read_as:  # somebody has said how it is read, and will say so again
            return
    except SheetError:
        return
    with suppress(SheetError):
        if read_file(target)[0].read_as == read_as:
            return
    raise SheetError("mended_copy.uncertain")


def write_plain(headings: Sequence[str], rows: Iterable[RowState], target: Path) -> None:
    """Writes a workbook with the rows of a run as they were read, each in its own row of the sheet, and every cell a text."""
    with temporary_folder() as folder, closing(TextBook(target, {"constant_memory": True, "tmpdir": str(folder)})) as book:
        sheet = book.add_worksheet()
        text = book.add_format({"num_format": "@"})
        sheet.set_column(0, max(len(headings) - 1, 0), _WIDTH, text)
        is_headed = False
        for row in rows:
            if not is_headed:
                _write(sheet, max(row.row - 2, 0), headings, text)
                is_headed = True
            _write(sheet, row.row - 1, row.cells, text)


def _write(sheet: Worksheet, number: int, cells: Sequence[str], text: Format) -> None:
    for column, value in enumerate(cells):
        if value:
            sheet.write_string(number, column, shortened(value), text)
