"""Whether what a file holds looks like the whole of it: its end is where such a file ends.

It says nothing about whether the file is a good sheet, which its reader says. A file that another program has open for itself
alone counts as broken off, since it cannot be read now.
"""

from __future__ import annotations

import os
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
#: A compound file is read whole; larger ones are left to their reader.
_MOST = 64 << 20


class Ending(Enum):
    """How a file ends."""

    WHOLE = auto()
    WITHIN_A_LINE = auto()  # a text without a line end behind its last line, or an empty file
    BROKEN = auto()  # a workbook whose directory cannot be read, or a file that cannot be opened


def ending_of(path: Path) -> Ending:
    """Returns how the file ends."""
    try:
        if not _is_free(path):
            return Ending.BROKEN
        with open_regular(path) as file:
            return _ending(file)
    except (OSError, zipfile.BadZipFile, ValueError, IndexError, struct.error, NotImplementedError):
        return Ending.BROKEN


def _ending(file: BinaryIO) -> Ending:
    head = file.read(8)
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _TAIL))
    tail = file.read()
    file.seek(0)
    if head.startswith(_ZIP):
        with open_archive(file):
            return Ending.WHOLE
    if head == SIGNATURE:
        return Ending.WHOLE if size > _MOST or CompoundFile(file.read()).is_whole() else Ending.BROKEN
    if head.startswith(PARQUET):
        return Ending.WHOLE if size > 8 and tail.endswith(PARQUET) else Ending.BROKEN
    is_json = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \r\n\t")[:1] in (b"[", b"{")
    if is_json and tail.replace(b"\0", b"").rstrip()[-1:] in (b"]", b"}"):
        return Ending.WHOLE
    return Ending.WHOLE if tail.endswith(_LINE_ENDS) else Ending.WITHIN_A_LINE


def _is_free(path: Path) -> bool:
    """Whether no program has the file open; elsewhere than on Windows nobody can tell."""
    if sys.platform != "win32":
        return True
    import ctypes
    from ctypes import wintypes

    kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    kernel.CreateFileW.restype = wintypes.HANDLE
    read, nobody_else, existing = 0x80000000, 0, 3
    handle = kernel.CreateFileW(str(path), read, nobody_else, None, existing, 0, None)
    if handle in (None, wintypes.HANDLE(-1).value):
        return False
    kernel.CloseHandle(wintypes.HANDLE(handle))
    return True
