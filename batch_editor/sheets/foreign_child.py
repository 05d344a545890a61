"""The process that reads an .xls, .xlsb or .ods with calamine, and writes to its parent what is in it.

calamine ends the whole process where memory runs out, which a stray cell far away is enough for: so that is a process of its
own, with a bound on its memory. It writes one JSON value to a line: a list for each sheet or row, ``true`` at the end, or
instead of it an object with the key of a refusal. Any other end, whatever caused it, says that the file cannot be read.
"""

from __future__ import annotations

import faulthandler
import io
import json
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from math import isfinite
from pathlib import Path
from typing import IO

import python_calamine as calamine

from ..errors import SheetError
from ..model import Cell, CellError, Formatted, FormattedText, Message, Uncomputed
from .archive import check_sizes, open_archive
from .look import Look
from .look_ods import look_ods, refuse_password
from .look_xls import look_xls, open_xls
from .look_xlsb import look_xlsb

#: How much memory of its own this process may take, in bytes; 100,000 rows of 20 columns take most of that.
_MEMORY = 470 << 20
_BLOCK = 1 << 16
#: No line is longer than this: its reader holds it whole.
_LONGEST = 1 << 24
_EXACT = 2**53


class _Lines:
    """Writes lines to the parent. The process ends if ``patience`` seconds pass between two blocks of them; the time for which
    the parent makes it wait does not count."""

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._file = open(1, "wb")  # noqa: SIM115  # open to the end of the process
        self._waiting: list[str] = []
        self._size = 0
        self._watch()

    def write(self, value: object) -> None:
        line = json.dumps(value, separators=(",", ":"))
        if len(line) > _LONGEST:
            raise MemoryError("a row is too long")
        self._waiting.append(line)
        self._size += len(line)
        if self._size > _BLOCK:
            self.flush()

    def flush(self) -> None:
        faulthandler.cancel_dump_traceback_later()
        self._file.write("".join(f"{line}\n" for line in self._waiting).encode("ascii"))
        self._file.flush()
        self._waiting.clear()
        self._size = 0
        self._watch()

    def _watch(self) -> None:
        faulthandler.dump_traceback_later(self._patience, exit=True)  # a thread that needs no turn of the interpreter


def main() -> None:
    """Writes the sheets of a file, or the rows of one of them: the arguments are path, kind, index or "", and patience."""
    path, kind, index, patience = Path(sys.argv[1]), sys.argv[2], sys.argv[3], float(sys.argv[4])
    _bound_memory()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    lines = _Lines(patience)
    try:
        for value in _rows(path, kind, int(index)) if index else _sheets(path, kind):
            lines.write(value)
        lines.write(True)
    except SheetError as error:
        kind_of_file = error.message.values.get("kind")
        key = kind_of_file.key if isinstance(kind_of_file, Message) else None
        lines.write({"key": error.message.key, "kind": key})
    lines.flush()


def _bound_memory() -> None:
    """Bounds the memory of this process. Windows has no simple way to do that, and macOS heeds it little: there the process may
    take what the machine has."""
    if sys.platform == "win32":
        import msvcrt

        msvcrt.SetErrorMode(msvcrt.SEM_FAILCRITICALERRORS | msvcrt.SEM_NOGPFAULTERRORBOX)  # no window when it is aborted
    else:
        import resource

        for limit, value in ((resource.RLIMIT_DATA, _MEMORY), (resource.RLIMIT_CORE, 0)):
            hard = resource.getrlimit(limit)[1]
            resource.setrlimit(limit, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))


def _end_with_parent() -> None:
    """Ends this process once its parent is gone: that holds the other end of stdin and never writes, so a read returns then."""
    os.read(0, 1)
    os._exit(1)


def _sheets(path: Path, kind: str) -> Iterator[list[object]]:
    """Yields index, name and visibility of each worksheet."""
    if kind == "xls":
        open_xls(path)
    else:
        with path.open("rb") as file, open_archive(file) as archive:
            check_sizes(path, archive)
            refuse_password(path, archive)
    with _open_book(path, kind) as book:
        if len(set(book.sheet_names)) < len(book.sheet_names):
            raise ValueError("two sheets have the same name")
        for index, sheet in enumerate(book.sheets_metadata):
            if sheet.typ == calamine.SheetTypeEnum.WorkSheet:
                yield [index, sheet.name, sheet.visible == calamine.SheetVisibleEnum.Visible]


def _rows(path: Path, kind: str, index: int) -> Iterator[list[object]]:
    """Yields number, whether hidden, and cells of each row that is not empty."""
    look = _look(path, kind, index)
    with _open_book(path, kind) as book:
        sheet = book.get_sheet_by_index(index)
        first = sheet.start[1] if sheet.start else 0
        for row, values in enumerate(_padded_rows(sheet, look.height)):
            look.check(row, sum(value != "" for value in values))
            cells = [None] * first + [None if value == "" else value for value in values]
            for column, cell in look.cells.pop(row, {}).items():
                cells += [None] * (column + 1 - len(cells))
                cells[column] = cell
            if cells.count(None) < len(cells):
                yield [row + 1, row in look.hidden, [_to_json(cell) for cell in cells]]


@contextmanager
def _open_book(path: Path, kind: str) -> Iterator[calamine.CalamineWorkbook]:
    """Opens the workbook. calamine believes a file's name; given only the content it recognises it, which takes more memory."""
    with path.open("rb") as file:
        source: Path | IO[bytes] = path if path.suffix.lower() == f".{kind}" else file
        if kind == "xls" and (mended := open_xls(path).mended):
            source = io.BytesIO(mended)
        with calamine.load_workbook(source) as book:
            yield book


def _padded_rows(sheet: calamine.CalamineSheet, height: int) -> Iterator[list[Cell]]:
    """Yields the rows that calamine has, from the first of the sheet on, and empty ones up to ``height``."""
    given = 0
    for values in sheet.iter_rows() if sheet.start else ():  # of no rows, some versions can tell none
        yield [*values]
        given += 1
    for _ in range(given, height):
        yield []


def _look(path: Path, kind: str, index: int) -> Look:
    if kind == "xls":
        return look_xls(open_xls(path).stream, index)
    with path.open("rb") as file, open_archive(file) as archive:
        return (look_xlsb if kind == "xlsb" else look_ods)(archive, index)


def _to_json(cell: Cell) -> object:
    """Returns a cell as JSON: as it is where JSON has its like, else a list of its kind and what it holds."""
    if isinstance(cell, Formatted):
        return ["formatted", [_value_to_json(cell), *cell.shown(), cell.is_whole]]
    return _value_to_json(cell)


def _value_to_json(cell: object) -> object:
    """Returns what a cell holds as JSON, whatever its format makes of it.

    All numbers are doubles in these files; a whole one is exact as long as each of its neighbours is a double as well.
    """
    match cell:
        case float() if not isfinite(cell):
            return ["error", "#NUM!"]
        case float() if cell.is_integer() and abs(cell) < _EXACT:
            return int(cell)
        case datetime():
            return ["datetime", cell.isoformat()]
        case time():
            return ["time", cell.isoformat()]
        case date():
            return ["datetime", datetime.combine(cell, time()).isoformat()]
        case timedelta():
            return ["timedelta", cell // timedelta(microseconds=1)]
        case CellError():
            return ["error", cell.text]
        case FormattedText():
            return cell.text
        case Uncomputed():
            return ["uncomputed", None]
        case _:
            return cell


if __name__ == "__main__":
    main()
