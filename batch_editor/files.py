"""Opens what can be read to its end: files, and neither a pipe nor a device, at which a program could wait for ever.

Everything that is read by a name which somebody has given, or can have made, is opened here. What to say where that is not
possible is left to those who ask.
"""

from __future__ import annotations

import errno
import os
import stat
from io import BufferedReader
from pathlib import Path


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
