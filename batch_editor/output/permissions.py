"""Who may read what is written beside a sheet: nobody who may not read the sheet itself.

A file is made empty, narrowed, and only then written, so that it is at no time open to more people. On Windows the folder
decides, and nothing is done here.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

#: The bits of the owner, of the group and of all others.
_OWNER, _GROUP, _OTHERS = stat.S_IRUSR | stat.S_IWUSR, stat.S_IRGRP | stat.S_IWGRP, stat.S_IROTH | stat.S_IWOTH


def make_file(path: Path, *, as_private_as: tuple[Path, ...]) -> None:
    """Makes an empty file, which must not be there, for its owner and for those who may read or write all of ``as_private_as``.

    Of them a file that is not there is private to its owner. Raises ``OSError``.
    """
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    if os.name == "nt":
        return
    made = path.stat()
    mode = stat.S_IMODE(made.st_mode)
    for other in as_private_as:
        mode &= _allowed(other, made.st_gid)
    path.chmod(mode | _OWNER)


def _allowed(path: Path, group: int) -> int:
    """Returns the bits that a file of ``group`` may have beside the one at ``path``."""
    try:
        state = path.stat()
    except OSError:
        return _OWNER
    others = state.st_mode & _OTHERS
    return _OWNER | others | (state.st_mode & _GROUP if state.st_gid == group else others << 3)
