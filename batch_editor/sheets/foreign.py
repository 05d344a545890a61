"""Reads a workbook of another kind (.xls, .xlsb, .ods) into exact rows, by calamine in a process of its own.

Numbers are doubles in these files: a whole number below 2^53 is handed on as an int, any other as a float, which is never
taken for an id. The process ends with its reader, however that ends, and whatever ends the process is a ``SheetError`` here.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

from ..cell_values import Cell, CellError, Row, Uncomputed
from ..errors import SheetError, reason_in
from ..model import Message
from .format_codes import Shown
from .layout import Layout, Range
from .number_formats import formatted, in_general
from .sheet import Sheet, open_file, row_of

#: So many seconds without progress are enough: the largest file that fits into the memory takes a few.
PATIENCE = 120.0
#: What the process writes behind the list of sheets.
LISTED = "listed"
#: How the names of variables with settings begin, of which some are secrets.
_SETTINGS = ("BATCH_EDITOR_", "WSHOTO_")
_FROM_JSON: dict[str, Callable[[Any], Cell]] = {
    "datetime": datetime.fromisoformat,
    "time": time.fromisoformat,
    "timedelta": lambda microseconds: timedelta(microseconds=microseconds),
    "error": CellError,
    "uncomputed": lambda _: Uncomputed(),
}


@dataclass(frozen=True, slots=True)
class _Head:
    """The top rows of a sheet, as the process writes them, its layout, and whether it has no other rows."""

    rows: Sequence[Any]
    is_whole: bool
    layout: Layout


def read_foreign(path: Path, kind: str, *, patience: float = PATIENCE) -> tuple[Sheet, ...]:
    """Returns the worksheets of a workbook of ``kind`` xls, xlsb or ods, in order.

    One process reads the top of all visible ones; another one is started for the rows below, or for a sheet that it could not
    read. Raises ``SheetError`` if the file has a password, is damaged or too large, or takes more than ``patience`` seconds to
    open.
    """
    listed: list[list[Any]] = []
    heads: dict[int, _Head] = {}
    is_listed = False
    try:
        for message in _messages(path, kind, "", patience):
            if message == LISTED:
                is_listed = True
            elif is_listed:
                heads[message[0]] = _head(message)
            else:
                listed.append(message)
    except SheetError:
        if not is_listed:
            raise
    if not listed:
        raise SheetError("foreign.no_sheet", path=path)
    return tuple(
        Sheet(
            name,
            visible,
            partial(_rows, path, kind, index, heads.get(index), patience),
            partial(_layout, path, kind, index, heads.get(index), patience),
        )
        for index, name, visible in listed
    )


def _rows(path: Path, kind: str, index: int, head: _Head | None, patience: float) -> Iterator[Row]:
    top = head.rows if head else ()
    beyond = top[-1][0] if top else 0
    more = () if head and head.is_whole else _messages(path, kind, f"rows {index}", patience)
    for number, hidden, cells in chain(top, (row for row in more if row[0] > beyond)):
        if row := row_of(number, [_cell(cell) for cell in cells], hidden=hidden):
            yield row


def _layout(path: Path, kind: str, index: int, head: _Head | None, patience: float) -> Layout:
    if head is None:
        (message,) = _messages(path, kind, f"head {index}", patience)
        head = _head(message)
    return head.layout


def _head(message: list[Any]) -> _Head:
    _, rows, is_whole, (merged, hidden_columns, damaged, struck, white) = message
    columns = tuple((first, last) for first, last in hidden_columns)
    layout = Layout(_ranges(merged), columns, damaged, _ranges(struck), _ranges(white))
    return _Head(rows, is_whole, layout)


def _ranges(ranges: list[list[int]]) -> tuple[Range, ...]:
    return tuple(Range(*cells) for cells in ranges)


def _cell(value: Any) -> Cell:
    if isinstance(value, list) and value[0] == "formatted":
        held, shown, is_certain, is_whole = value[1]
        return formatted(_cell(held), partial(Shown, shown, is_certain), is_whole=is_whole)
    if isinstance(value, list):
        return _FROM_JSON[value[0]](value[1])
    cell: Cell = in_general(value) if isinstance(value, float) else value
    return cell


def _messages(path: Path, kind: str, what: str, patience: float) -> Iterator[Any]:
    """Yields what the process of ``foreign_child`` writes of a file, until the caller stops."""
    with open_file(path):
        pass  # a file that is not there, or locked, is refused as such
    try:
        process = _start(path, kind, what, patience)
    except OSError as error:
        raise SheetError("foreign.not_started", path=path, reason=reason_in(error)) from error
    with process:
        try:
            for line in process.stdout or ():
                try:
                    message = json.loads(line)
                except ValueError:  # the last line of a process that was killed
                    break
                if message is True:
                    return
                if isinstance(message, dict):
                    kind_key = message["kind"]
                    raise SheetError(message["key"], path=path, kind=Message(kind_key) if kind_key else "")
                yield message
        finally:
            process.kill()
    raise SheetError("foreign.damaged", path=path)


def _start(path: Path, kind: str, what: str, patience: float) -> subprocess.Popen[bytes]:
    """Starts the process in a group of its own: Ctrl-C is meant for its parent, which decides what becomes of it.

    It imports its modules from where this process does, and not from the folder in which the command was given. It reads what
    strangers have made, and so it is given no secret.
    """
    module = f"{__package__}.foreign_child"
    command = [sys.executable, "-P", "-m", module, str(path.absolute()), kind, what, str(patience)]
    paths = os.pathsep.join(str(Path(entry).absolute()) for entry in sys.path)
    variables = {name: value for name, value in os.environ.items() if not name.upper().startswith(_SETTINGS)}
    group: dict[str, Any] = {"creationflags": 0x0800_0000} if os.name == "nt" else {"process_group": 0}  # CREATE_NO_WINDOW
    return subprocess.Popen(  # noqa: S603  # this Python, and a module of this package
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=variables | {"PYTHONPATH": paths},
        **group,
    )
