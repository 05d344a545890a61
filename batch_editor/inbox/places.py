"""Moves a file to where it belongs, under the first name that is free there: nothing is replaced, and nothing is lost.

A move is one step where both places are on one disk. Where they are not, the file is copied under a hidden name first, and
removed only when its copy is there for good.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path, PurePath

from ..output.permissions import make_file
from ..output.placing import rename

#: Bytes, and on Windows letters, that a name may have.
_LONGEST = 255


def move(source: Path, folder: Path, name: str) -> Path:
    """Moves the file ``source`` into ``folder``, which is made if need be, under ``name`` or the first free name like it.

    A file that has that name there already stays as it is. Returns where it is. Raises ``OSError``; the file is then where it
    was.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for target in free_names(folder, name):
        if _is_there(source, target):
            return source
        if is_same(target, source):  # a program that was killed has given it two names
            source.unlink()
            return target
        try:
            rename(source, target)
        except FileExistsError:
            continue
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            return _move_copy(source, folder, name)
        return target
    raise AssertionError("there is always a free name")


def write(folder: Path, name: str, text: str, *, beside: Path | None = None) -> Path:
    """Writes a text of ours into ``folder``, under ``name`` or the first free name like it; nobody may read it who may not read
    the file ``beside``. Returns where it is. Raises ``OSError``."""
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f".{secrets.token_hex(8)}.part"
    try:
        make_file(part, as_private_as=(beside,) if beside else ())
        part.write_text(text, encoding="utf-8-sig", newline="\r\n")
        return move(part, folder, name)
    finally:
        part.unlink(missing_ok=True)


def is_same(target: Path, source: Path) -> bool:
    """Whether both are one file."""
    try:
        return os.path.lexists(target) and target.samefile(source)
    except OSError:
        return False


def _is_there(source: Path, target: Path) -> bool:
    """Whether ``source`` has the name ``target`` already, in the same folder, by whichever path."""
    return os.path.normcase(source.name) == os.path.normcase(target.name) and source.parent.samefile(target.parent)


def free_names(folder: Path, name: str) -> Iterator[Path]:
    """Yields the paths in ``folder`` that a file may have that is called ``name``: ``NAME.csv``, ``NAME-2.csv``, …"""
    path = PurePath(name)
    yield folder / fitting(path.stem, path.suffix)
    yield from (folder / fitting(path.stem, f"-{number}{path.suffix}") for number in count(2))


def fitting(stem: str, ending: str, *, room: int = 0) -> str:
    """Returns ``stem`` and ``ending`` as one name, the stem as short as it must be; ``room`` more bytes are left free."""
    while stem and len(os.fsencode(f"{stem}{ending}")) + room > _LONGEST:
        stem = stem[:-1]
    return f"{stem}{ending}"


def _move_copy(source: Path, folder: Path, name: str) -> Path:
    part = folder / f".{secrets.token_hex(8)}.part"
    try:
        make_file(part, as_private_as=(source,))
        with source.open("rb") as read, part.open("r+b") as written:
            shutil.copyfileobj(read, written, 1 << 20)
            written.flush()
            os.fsync(written.fileno())
        shutil.copystat(source, part)
        moved = move(part, folder, name)
    finally:
        part.unlink(missing_ok=True)
    source.unlink()
    return moved
