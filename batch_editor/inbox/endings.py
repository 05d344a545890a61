"""Whether a file looks whole: it ends as a file of its kind ends.

It says nothing about whether the file is a good sheet, which its reader says. A file that another program has open for itself
alone counts as broken off, since it cannot be read now; so does one of which the room is there and the end is not written yet.
"""

from __future__ import annotations

import os
import signal
import struct
import sys
import zipfile
from enum import Enum, auto
from pathlib import Path
from typing import BinaryIO

from ..files import open_regular
from ..sheets.archive import open_archive
from ..sheets.compound import SIGNATURE, CompoundFile
from ..sheets.parquet import PARQUET

_ZIP = b"PK"
_TAIL = 64
_LINE_ENDS = (b"\n", b"\r", b"\n\0", b"\r\0")
#: No text ends like this in any encoding: a program has made room for the file and has not filled it yet.
_UNFILLED = bytes(4)
#: A compound file is read whole; larger ones are left to their reader.
_MOST = 64 << 20


class Ending(Enum):
    """How a file ends."""

    WHOLE = auto()
    WITHIN_A_LINE = auto()  # a text without a line end behind its last line
    OPEN = auto()  # it looks whole, and a program of this machine has it open to write to it
    EMPTY = auto()  # nothing is in it yet: a program has made it, and may fill it much later
    BROKEN = auto()  # a workbook whose directory cannot be read, room that is not filled, or a file that cannot be opened
    FORBIDDEN = auto()  # this program may not read it


def ending_of(path: Path) -> Ending:
    """Returns how the file ends."""
    try:
        if not _is_free(path):
            return Ending.BROKEN
        with open_regular(path) as file:
            ending = _ending(file)
            return Ending.OPEN if ending is Ending.WHOLE and _is_written_to(file) else ending
    except PermissionError:
        return Ending.BROKEN if sys.platform == "win32" else Ending.FORBIDDEN  # there it says as well that somebody has it open
    except (OSError, zipfile.BadZipFile, ValueError, IndexError, struct.error, NotImplementedError):
        return Ending.BROKEN


def _ending(file: BinaryIO) -> Ending:
    head = file.read(8)
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _TAIL))
    tail = file.read()
    file.seek(0)
    if not size:
        return Ending.EMPTY
    if head.startswith(_ZIP):
        with open_archive(file):
            return Ending.WHOLE
    if head == SIGNATURE:
        return Ending.WHOLE if size > _MOST or CompoundFile(file.read()).is_whole() else Ending.BROKEN
    if head.startswith(PARQUET):
        return Ending.WHOLE if size > 8 and tail.endswith(PARQUET) else Ending.BROKEN
    if tail.endswith(_UNFILLED):
        return Ending.BROKEN
    is_json = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \r\n\t")[:1] in (b"[", b"{")
    if is_json and tail.replace(b"\0", b"").rstrip()[-1:] in (b"]", b"}"):
        return Ending.WHOLE
    return Ending.WHOLE if tail.endswith(_LINE_ENDS) else Ending.WITHIN_A_LINE


def _is_written_to(file: BinaryIO) -> bool:
    """Whether a program of this machine has the file open to write to it, as far as the system can tell: Linux does not give a
    lease then. A share may refuse one for reasons of its own, so that it says no more than that one should wait."""
    if sys.platform != "linux":
        return False
    import fcntl

    try:
        fcntl.fcntl(file, fcntl.F_SETSIG, signal.SIGURG)  # which nobody heeds, where somebody else opens the file meanwhile
        fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except BlockingIOError:
        return True
    except OSError:  # another user's file, or a disk that knows no leases
        pass
    return False  # the lease ends as soon as this process closes the file


def _is_free(path: Path) -> bool:
    """Whether no program has the file open; elsewhere than on Windows it can be opened all the same."""
    if sys.platform != "win32":
        return True
    import ctypes
    from ctypes import wintypes

    kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    kernel.CreateFileW.restype = wintypes.HANDLE
    read = 0x80000000
    nobody_else = 0
    existing = 3
    handle = kernel.CreateFileW(str(path), read, nobody_else, None, existing, 0, None)
    if handle in (None, wintypes.HANDLE(-1).value):
        return False
    kernel.CloseHandle(wintypes.HANDLE(handle))
    return True
