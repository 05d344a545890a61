"""Opens and reads, within bounds, a zip that somebody else has made.

A small file may unpack to gigabytes, and its directory may be large or lie. What its parts mean is left to the readers.
"""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote

from ..errors import SheetError

#: A directory of this many bytes lists tens of thousands of parts, and takes ten times as much memory.
_DIRECTORY = 4 << 20
#: A part of which only the beginning matters is read so far.
_HEAD = 1 << 20
#: What a workbook that is not .xlsx may unpack to in all.
_UNPACKED = 1 << 29
#: A part above this size must not be packed tighter than this ratio: the XML of real cells reaches 100 or so.
_SUSPECT, _RATIO = 100 << 20, 1000
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # all that spreadsheets use; the others unpack without a bound
_CHUNK = 1 << 18


class _Bounded:
    """The file, refusing the one read that is as large as the archive says: that of its directory."""

    def __init__(self, file: BinaryIO) -> None:
        self.seek, self.tell, self.seekable, self._read = file.seek, file.tell, file.seekable, file.read

    def read(self, size: int = -1) -> bytes:
        if size > _DIRECTORY:
            raise zipfile.BadZipFile("the directory of the archive is too large")
        return self._read(size)


@contextmanager
def open_archive(file: BinaryIO) -> Iterator[zipfile.ZipFile]:
    """Opens the archive in ``file``. Raises BadZipFile if its directory is too large, or a part exceeds its bounds."""
    with zipfile.ZipFile(_Bounded(file)) as archive:
        for part in archive.infolist():
            if part.compress_type not in _METHODS:
                raise zipfile.BadZipFile(f"{part.filename} is packed in a way that no spreadsheet uses")
        yield archive


def plain_name(name: str) -> str:
    """Returns the name of a part without its case, and with the slashes of one system."""
    return posixpath.normpath(unquote(name).replace("\\", "/")).lstrip("/").casefold()


def parts_by_name(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Returns the parts of the archive by their plain names.

    Raises BadZipFile where two have the same one, since nobody can say which of them is meant.
    """
    parts = {plain_name(part.filename): part for part in archive.infolist()}
    if len(parts) < len(archive.infolist()):
        raise zipfile.BadZipFile("two parts have the same name")
    return parts


def head_of(archive: zipfile.ZipFile, name: str) -> bytes:
    """Returns the beginning of a part, whatever the case and the slashes of its name, without the NULs of UTF-16; nothing if
    there is no such part."""
    entry = next((part for part in archive.infolist() if plain_name(part.filename) == plain_name(name)), None)
    if entry is None:
        return b""
    with archive.open(entry) as part:
        return part.read(_HEAD).replace(b"\0", b"")


def read_chunks(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """Yields the whole part, piece by piece. Raises BadZipFile where it is not what the directory says."""
    with archive.open(name) as part:
        while chunk := part.read(_CHUNK):
            yield chunk


def unpacks_to_much(archive: zipfile.ZipFile, most: int) -> bool:
    """Whether it holds more than ``most`` bytes in all, or a large part that is packed tighter than that of any workbook."""
    parts = archive.infolist()
    return sum(part.file_size for part in parts) > most or any(
        part.file_size > _SUSPECT and part.file_size > _RATIO * part.compress_size for part in parts
    )


def check_sizes(path: Path, archive: zipfile.ZipFile) -> None:
    """Reads every part once, so that whoever unpacks them without a bound meets the sizes that the directory names.

    Raises ``SheetError`` where they are too large and BadZipFile where they are not true.
    """
    parts = archive.infolist()
    if unpacks_to_much(archive, _UNPACKED):
        raise SheetError("xlsx.too_large", path=path)
    if len(parts) != len(archive.NameToInfo):
        raise zipfile.BadZipFile("two parts have the same name")
    for part in parts:
        for _ in read_chunks(archive, part.filename):
            pass
