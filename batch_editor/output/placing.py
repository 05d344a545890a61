"""Gives a finished file its name: the first that is free, and never in the place of what somebody else has written.

A file is written under a hidden name beside its target, and takes its own in one step. Whether a file that is there may be
replaced is told by all that it holds, and not by its size and time, which another file can have as well.
"""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from ..files import open_regular

#: What a system answers where a file cannot have two names.
_NO_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK, errno.EACCES, errno.EINVAL}


@dataclass(frozen=True, slots=True)
class OwnFile:
    """A file that was written before and may be replaced, as long as its ``stamp`` is the same; without one in any case."""

    path: Path
    stamp: str | None = None

    def is_replaceable(self) -> bool:
        """Whether it is there, nobody has changed it since, and no program has it open."""
        if _is_open(self.path):
            return False
        return stamp(self.path) == self.stamp if self.stamp is not None else self.path.exists()


def stamp(path: Path) -> str | None:
    """Returns the SHA-256 of a file, by which any change of it is seen; None if the file cannot be read."""
    try:
        with open_regular(path) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def part_of(target: Path, run: str) -> Path:
    """Returns where ``target`` is until all of it is written: a hidden file beside it, named after the run that writes it."""
    return target.with_name(f".{target.stem[:40]}.{run}.part")


def first_free(target: Path, own_file: OwnFile | None, taken: Collection[Path] = ()) -> Path:
    """Returns ``target``, or the first of ``NAME-2`` and so on that is free, or is ``own_file``; none of those ``taken``."""
    return next(name for name in _names(target) if name not in taken and _is_free(name, own_file))


def place(part: Path, name: Path, own_file: OwnFile | None) -> bool:
    """Gives the finished file ``part`` its name, and says whether it could: somebody may have been quicker.

    Raises ``OSError`` where the folder cannot be written.
    """
    if own_file and name == own_file.path and own_file.is_replaceable():
        with suppress(PermissionError):  # Windows: a program holds the file open
            part.replace(name)
            return True
        return False
    try:
        rename(part, name)
    except FileExistsError:
        return False
    return True


def rename(source: Path, name: Path) -> None:
    """Gives a file another name, on the same disk, in one step. Raises ``FileExistsError`` where that is taken."""
    if os.name == "nt":  # where this replaces nothing
        source.rename(name)
        return
    try:
        os.link(source, name, follow_symlinks=False)
    except FileExistsError:
        raise
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        name.touch(exist_ok=False)  # the name is ours from here on: of two that try, one fails
        try:
            source.replace(name)
        except OSError:
            name.unlink(missing_ok=True)
            raise
        return
    source.unlink()


def move(part: Path, target: Path, own_file: OwnFile | None) -> Path:
    """Gives the finished file ``part``, whatever it holds, the first name that it can have; returns that."""
    return next(name for name in _names(target) if place(part, name, own_file))


def _names(target: Path) -> Iterator[Path]:
    yield target
    yield from (target.with_name(f"{target.stem}-{number}{target.suffix}") for number in count(2))


def _is_free(name: Path, own_file: OwnFile | None) -> bool:
    if not os.path.lexists(name):
        return True
    return own_file is not None and name == own_file.path and own_file.is_replaceable()


def _is_open(path: Path) -> bool:
    """Whether Excel, WPS or LibreOffice has left its mark beside ``path`` that it has the file open."""
    return path.with_name(f"~${path.name}").exists() or path.with_name(f".~lock.{path.name}#").exists()
