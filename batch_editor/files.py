"""Opens what can be read to its end: files, and neither a pipe nor a device, at which a program could wait for ever. Writes
what others may read at any moment: a file that appears whole or not at all.

Everything that is read by a name which somebody has given, or can have made, is opened here. What to say where that is not
possible is left to those who ask.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
import time
from collections.abc import Callable
from io import BufferedReader
from pathlib import Path

IS_WINDOWS = os.name == "nt"
#: Seconds between the tries to replace a file that somebody reads, which Windows does not permit meanwhile.
_WHILE_READ = (0.05, 0.1, 0.2, 0.4, 0.8)
#: What the system says where there is no more room: none on the disk, for this user, or for a file of this size.
NO_ROOM = frozenset({errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)})


class NotRegular(OSError):
    """A pipe, a socket or a device: to open it, or to read it, may take for ever."""


def open_regular(path: Path) -> BufferedReader:
    """Opens the file at ``path`` to read its bytes. Raises ``OSError``, also as ``require_regular`` does."""
    require_regular(path)
    return path.open("rb")


def require_regular(path: Path) -> None:
    """Raises ``OSError`` unless there is a file at ``path``: ``FileNotFoundError`` for nothing, ``IsADirectoryError`` for a
    folder, ``NotRegular`` for what is neither."""
    try:
        mode = path.stat().st_mode
    except ValueError:  # a NUL in it, which no name of a file has
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path)) from None
    if stat.S_ISDIR(mode):  # to open it is a lack of permission on Windows
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(mode):
        raise NotRegular(errno.EINVAL, "Not a regular file", str(path))


def write_whole(path: Path, content: bytes, *, mode: int | None = None, wait: Callable[[float], object] = time.sleep) -> None:
    """Writes a file in one step in the place of the one at ``path``, if there is one, so that whoever reads it reads either.

    It may be read by whoever might read the one before; a new one has the ``mode``, else that of any file of this user. Of
    several that write at once, the file is whole that comes last.
    Raises ``OSError``, also where there is something else than a file at ``path``; then what was there stays as it was.
    """
    path = Path(os.path.realpath(path)) if path.is_symlink() else path
    try:
        require_regular(path)
        mode = stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        pass
    part = path.with_name(f".{path.name[:40]}.{secrets.token_hex(8)}.part")
    try:
        with open(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0), 0o666), "wb") as file:  # noqa: PTH123
            if mode is not None and not IS_WINDOWS:
                part.chmod(mode)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        _replace(part, path, wait)
    finally:
        part.unlink(missing_ok=True)


def _replace(part: Path, path: Path, wait: Callable[[float], object]) -> None:
    if IS_WINDOWS:
        for pause in _WHILE_READ:
            try:
                part.replace(path)
                return
            except PermissionError:
                wait(pause)
    part.replace(path)
