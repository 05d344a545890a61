"""Defines what every reader hands on: a ``Sheet`` of rows, and the address of a cell as Excel shows it.

Here is also what the readers share: how a row is made, and how the errors of opening a file become a ``SheetError``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO

from ..cell_values import Cell, Row
from ..errors import SheetError, reason_in
from ..files import NotRegular, open_regular
from ..model import Message
from .layout import Layout

# A name outside the first pattern, or inside the second (it looks like a cell: Q1, R1C1), is quoted by Excel.
_PLAIN_NAME = re.compile(r"[^\W\d][\w.]*")
_CELL_NAME = re.compile(r"[A-Z]{1,3}[0-9]+|R[0-9]*|C[0-9]*|R[0-9]*C[0-9]*|TRUE|FALSE", re.IGNORECASE)
_LETTERS = ("", *map(chr, range(ord("A"), ord("Z") + 1)))
#: What the columns of a sheet are called, up to Excel's last.
COLUMNS = tuple(a + b + c for a in _LETTERS for b in _LETTERS for c in _LETTERS[1:] if b or not a)[:16_384]

#: The character that ends a text on some systems, and how many bytes the end of a line takes at most, with those behind it.
END_OF_FILE = "\x1a"
_TAIL = 64
#: What ``state_of`` says of a file.
FileState = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of a file.

    ``name`` is "" for a CSV and for a DataFrame. ``rows()`` may be called again and reads anew each time, in bounded
    memory; it hands on every row with at least one non-blank cell (blank: None, or text of whitespace only), and raises
    ``SheetError`` where the file cannot be read on. ``layout()`` says which cells are merged and which columns nobody sees; it
    reads the file as well. ``read_as`` says by which encoding and delimiter a text file is read: where it differs, the same
    bytes are other rows. ``notes`` say what is odd about the file, though it can be read.

    The first ``index_columns`` columns are the index of a DataFrame, whose names need be no headings. ``label`` says by the
    number of a row what its record is called where nobody shows it as a row of a sheet, such as the label in that index.
    """

    name: str
    visible: bool
    rows: Callable[[], Iterator[Row]]
    layout: Callable[[], Layout] = Layout
    read_as: str = ""
    notes: tuple[Message, ...] = ()
    index_columns: int = 0
    label: Callable[[int], str] | None = None


def address(sheet: str, row: int, column: int) -> str:
    """Returns where a cell is, as Excel shows it, ``column`` counted from 0: ``Sheet1!C12``, ``C12`` where ``sheet`` is ""."""
    letters = ""
    column += 1
    while column:
        column, letter = divmod(column - 1, 26)
        letters = chr(ord("A") + letter) + letters
    if not sheet:
        return f"{letters}{row}"
    if not _PLAIN_NAME.fullmatch(sheet) or _CELL_NAME.fullmatch(sheet):
        sheet = "'" + sheet.replace("'", "''") + "'"
    return f"{sheet}!{letters}{row}"


def cell_of(place: str) -> str:
    """Returns the cell of an ``address`` without its sheet: ``C12``."""
    return place.rpartition("!")[2]


def column_of(letters: str) -> int:
    """Returns the column, counted from 0, that Excel calls by these letters."""
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - ord("A") + 1
    return column - 1


def row_of(number: int, cells: Sequence[Cell], *, hidden: bool = False) -> Row | None:
    """Returns the row without the blank cells at its end, or None if it holds nothing but blanks."""
    for cell in cells:
        if cell is not None and not (isinstance(cell, str) and cell.isspace()):
            break
    else:
        return None
    end = len(cells)
    while cells[end - 1] is None:
        end -= 1
    return Row(number, tuple(cells[:end]), len(cells), hidden)


def unchanged(path: Path, state: FileState, rows: Callable[[], Iterator[Row]]) -> Iterator[Row]:
    """Yields ``rows`` of a file that was in this ``state``. Raises ``SheetError`` if it is another one now, or once all are
    read."""
    _require(path, state)
    yield from rows()
    _require(path, state)


def _require(path: Path, state: FileState) -> None:
    with open_file(path) as file:
        if state_of(file) != state:
            raise SheetError("file.changed", path=path)


def state_of(file: BinaryIO) -> FileState:
    """Returns by what a change of an open file is seen: which file it is, its size, and when it was written to."""
    stat = os.fstat(file.fileno())
    return stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns


@contextmanager
def open_file(path: Path) -> Iterator[BufferedReader]:
    """Opens a file to read its bytes; whatever the system says against opening or reading it becomes a ``SheetError``."""
    try:
        with open_regular(path) as file:
            yield file
    except (FileNotFoundError, NotADirectoryError) as error:
        raise SheetError("file.missing", path=path) from error
    except IsADirectoryError as error:
        raise SheetError("file.folder", path=path) from error
    except NotRegular as error:
        raise SheetError("file.special", path=path) from error
    except PermissionError as error:
        raise SheetError("file.locked", path=path) from error
    except OSError as error:
        raise SheetError("file.unreadable", path=path, reason=reason_in(error)) from error


def ends_a_line(path: Path) -> bool:
    """Returns whether a text file, of whatever encoding, ends with a line end."""
    with open_file(path) as file:
        file.seek(-min(_TAIL, file.seek(0, os.SEEK_END)), os.SEEK_END)
        tail = file.read().replace(b"\0", b"").rstrip(END_OF_FILE.encode())
    return tail.endswith((b"\r", b"\n"))
