"""A workbook of another kind (.xls, .xlsb, .ods) → exact rows, read by calamine in a process of its own.

Numbers are doubles in these files: a whole number below 2^53 is handed on as an int, any other as a float, which is never
taken for an id. The process ends with its reader, however that ends, and whatever ends the process is a ``SheetError`` here.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from ..errors import SheetError
from ..model import Cell, CellError, Message, Row, Uncomputed
from .sheet import Sheet, opened, row_of

#: So many seconds without progress are enough: the largest file that fits into the memory takes a few.
PATIENCE = 120.0
#: How the names of variables with settings begin, of which some are secrets.
_SETTINGS = ("BATCH_EDITOR_", "WSHOTO_")
_MADE: dict[str, Callable[[Any], Cell]] = {
    "datetime": datetime.fromisoformat,
    "time": time.fromisoformat,
    "timedelta": lambda microseconds: timedelta(microseconds=microseconds),
    "error": CellError,
    "uncomputed": lambda _: Uncomputed(),
}


def read_foreign(path: Path, kind: str, *, patience: float = PATIENCE) -> tuple[Sheet, ...]:
    """The worksheets of a workbook of ``kind`` xls, xlsb or ods, in order.

    Raises ``SheetError`` if it has a password, is damaged or too large, or takes more than ``patience`` seconds to open.
    """
    sheets = tuple(
        Sheet(name, visible, partial(_rows, path, kind, index, patience))
        for index, name, visible in _told(path, kind, "", patience)
    )
    if not sheets:
        raise SheetError("foreign.no_sheet", path=path)
    return sheets


def _rows(path: Path, kind: str, index: int, patience: float) -> Iterator[Row]:
    for number, hidden, cells in _told(path, kind, str(index), patience):
        if row := row_of(number, [_cell(cell) for cell in cells], hidden=hidden):
            yield row


def _cell(told: Any) -> Cell:
    if isinstance(told, list):
        return _MADE[told[0]](told[1])
    cell: Cell = told
    return cell


def _told(path: Path, kind: str, index: str, patience: float) -> Iterator[list[Any]]:
    """What the process of ``foreign_child`` tells, as long as somebody listens."""
    with opened(path):
        pass  # a file that is not there, or locked, is told as such
    try:
        process = _start(path, kind, index, patience)
    except OSError as error:
        raise SheetError("foreign.not_started", path=path, reason=error.strerror or error) from error
    with process:
        try:
            for line in process.stdout or ():
                try:
                    told = json.loads(line)
                except ValueError:  # the last line of a process that was killed
                    break
                if told is True:
                    return
                if isinstance(told, dict):
                    raise SheetError(told["key"], path=path, kind=Message(told["kind"]) if told["kind"] else "")
                yield told
        finally:
            process.kill()
    raise SheetError("foreign.damaged", path=path)


def _start(path: Path, kind: str, index: str, patience: float) -> subprocess.Popen[bytes]:
    """The process, in a group of its own: Ctrl-C is meant for its parent, which decides what becomes of it.

    It finds its modules where this process finds them, and not in the folder in which the command was given. It reads what
    strangers have made, and so it is told no secret.
    """
    module = f"{__package__}.foreign_child"
    command = [sys.executable, "-P", "-m", module, str(path.absolute()), kind, index, str(patience)]
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
