"""The process that reads an .xls, .xlsb or .ods with calamine, and writes to its parent what is in it.

calamine ends the whole process where memory runs out, which a stray cell far away is enough for: so that is a process of its
own, with a bound on its memory. It writes one JSON value to a line: a list for each sheet, head or row, ``true`` at the end, or
instead of it an object with the key of a refusal. Any other end, whatever caused it, says that the file cannot be read.
"""

from __future__ import annotations

import faulthandler
import io
import json
import os
import struct
import sys
import threading
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date, datetime, time, timedelta
from math import isfinite
from pathlib import Path
from typing import IO, Any

import python_calamine as calamine

from ..cell_values import Cell, CellError, Formatted, FormattedText, Uncomputed
from ..errors import SheetError
from ..model import Message
from .archive import check_sizes, open_archive
from .foreign import LISTED
from .layout import Layout
from .look import Look
from .look_xls import look_xls, open_xls
from .look_xlsb import look_xlsb
from .ods import OdsReader, refuse_password

#: How much memory of its own this process may take, in bytes; 100,000 rows of 20 columns take most of that.
_MEMORY = 470 << 20
_BLOCK = 1 << 16
#: No line is longer than this: its reader holds it whole.
_LONGEST = 1 << 24
_EXACT = 2**53
#: The head of a sheet has its rows up to this one, in which its headings stand, and the next: choosing a sheet needs no more.
_TOP_ROWS = 10
#: All heads take so many characters at most.
_HEADS = 1 << 22


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
    """Writes what is asked of a file: the arguments are path, kind, "", "head 0" or "rows 0" (of that sheet), and patience."""
    path, kind, (what, _, index), patience = Path(sys.argv[1]), sys.argv[2], sys.argv[3].partition(" "), float(sys.argv[4])
    _bound_memory()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    lines = _Lines(patience)
    try:
        if what == "rows":
            for row in _rows(path, kind, int(index)):
                lines.write(row)
        elif what == "head":
            lines.write(_head(path, kind, int(index)))
        else:
            for value in _listed(path, kind):
                lines.write(value)
                lines.flush()
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


def _listed(path: Path, kind: str) -> Iterator[object]:
    """Yields index, name and visibility of each worksheet, then a text that says so, then the heads of those that are visible.

    A sheet without a head is read when somebody asks for it, and whatever is wrong with it is told then.
    """
    if kind != "xls":
        with path.open("rb") as file, open_archive(file) as archive:
            check_sizes(path, archive)
            refuse_password(path, archive)
    heads: Iterator[list[object]]
    if kind == "ods":
        sheets, heads = _ods_heads(path)
    else:
        with _open_book(path, kind) as book:
            sheets = [
                (index, sheet.name, sheet.visible == calamine.SheetVisibleEnum.Visible)
                for index, sheet in enumerate(book.sheets_metadata)
                if sheet.typ == calamine.SheetTypeEnum.WorkSheet
            ]
            names = book.sheet_names
        if len(set(names)) < len(names):
            raise ValueError("two sheets have the same name")
        heads = _sound(path, kind, [index for index, _, visible in sheets if visible])
    yield from map(list, sheets)
    yield LISTED
    size = 0
    for head in heads:
        size += len(json.dumps(head))
        if size > _HEADS:
            return
        yield head


def _sound(path: Path, kind: str, indexes: Sequence[int]) -> Iterator[list[object]]:
    """Yields the heads of those of these sheets that can be read."""
    for index in indexes:
        with suppress(ValueError, LookupError, struct.error, zipfile.BadZipFile, zlib.error, EOFError, calamine.CalamineError):
            yield _head(path, kind, index)


def _head(path: Path, kind: str, index: int) -> list[object]:
    """Returns index, top rows and layout of a sheet, and whether it has no other rows."""
    if kind == "ods":
        return next(head for head in _ods_heads(path)[1] if head[0] == index)
    look = _look(path, kind, index)
    layout = _layout_to_json(look.layout())
    top: list[list[Any]] = []
    for row in _rows_by_calamine(path, kind, index, look):
        if top and top[-1][0] > _TOP_ROWS:
            return [index, top, False, layout]
        top.append(row)
    return [index, top, True, layout]


def _ods_heads(path: Path) -> tuple[list[tuple[int, str, bool]], Iterator[list[object]]]:
    """Returns the sheets of an .ods, and the heads of all of them: it is read once for that."""
    tops: dict[int, list[list[Any]]] = {}
    longer = set[int]()
    with path.open("rb") as file, open_archive(file) as archive:
        reader = OdsReader(archive)
        for row in reader.rows():
            top = tops.setdefault(row.sheet, [])
            for number in range(row.row + 1, row.row + row.times + 1):
                if top and top[-1][0] > _TOP_ROWS:
                    longer.add(row.sheet)
                    break
                top.append([number, row.hidden, [_to_json(cell) for cell in row.cells]])
    sheets = [(index, sheet.name, sheet.visible) for index, sheet in enumerate(reader.sheets)]
    if len({name for _, name, _ in sheets}) < len(sheets):
        raise ValueError("two sheets have the same name")
    layouts = (_layout_to_json(sheet.layout or Layout()) for sheet in reader.sheets)
    return sheets, ([index, tops.get(index, []), index not in longer, layout] for index, layout in enumerate(layouts))


def _rows(path: Path, kind: str, index: int) -> Iterator[list[Any]]:
    """Yields number, whether hidden, and cells of each row that is not empty."""
    if kind != "ods":
        yield from _rows_by_calamine(path, kind, index, _look(path, kind, index))
        return
    with path.open("rb") as file, open_archive(file) as archive:
        reader = OdsReader(archive)
        for row in reader.rows():
            if row.sheet == index:
                cells = [_to_json(cell) for cell in row.cells]
                for number in range(row.row + 1, row.row + row.times + 1):
                    yield [number, row.hidden, cells]
            elif row.sheet > index:
                return


def _rows_by_calamine(path: Path, kind: str, index: int, look: Look) -> Iterator[list[Any]]:
    with _open_book(path, kind) as book:
        sheet = book.get_sheet_by_index(index)
        first = sheet.start[1] if sheet.start else 0
        for row, values in enumerate(_padded_rows(sheet, look.height)):
            look.check(row, sum(value != "" for value in values))
            cells = look.cells_of(row, [None] * first + [None if value == "" else value for value in values])
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
        return look_xlsb(archive, index)


def _layout_to_json(layout: Layout) -> list[object]:
    return [layout.merged, layout.hidden_columns, layout.damaged, layout.struck, layout.white]


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
