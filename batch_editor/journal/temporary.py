"""Folders for personal data that is needed for a while alone: what a killed process has left, the next one clears away.

A lock in each folder tells whether its process is still at work.
"""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

_PREFIX, _LOCK = "batch_editor-", "in-use.lock"
#: A folder without a lock, as earlier versions have made them, is of nobody any more after so many seconds.
_OLD = 86400.0


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Makes a folder, private to its owner, and removes it with all in it. Raises ``OSError`` if there is no room for it."""
    folder, lock = _made()
    try:
        yield folder
    finally:
        lock.release()  # a file that is open cannot be removed on Windows
        shutil.rmtree(folder, ignore_errors=True)


def clear_abandoned() -> None:
    """Removes the folders of this user whose process ended without removing them."""
    try:
        folders = list(Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"))
    except OSError:  # there is no room for temporary files: whoever needs some says so
        return
    for folder in folders:
        with suppress(OSError):  # of somebody else, or just being removed
            if _is_ours(folder) and _is_abandoned(folder):
                shutil.rmtree(folder, ignore_errors=True)


def _made() -> tuple[Path, FileLock]:
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
        lock = FileLock(folder / _LOCK, timeout=0, mode=0o600, thread_local=False)
        with suppress(Timeout):  # somebody has just taken the folder for an abandoned one
            lock.acquire()
            if (folder / _LOCK).exists():
                return folder, lock
            lock.release()


def _is_ours(folder: Path) -> bool:
    state = folder.lstat()
    return stat.S_ISDIR(state.st_mode) and (not hasattr(os, "getuid") or state.st_uid == os.getuid())


def _is_abandoned(folder: Path) -> bool:
    """Whether nobody holds the lock of ``folder``. What is in it is removed while nobody else can take it."""
    if not (folder / _LOCK).exists():
        return time.time() - folder.stat().st_mtime > _OLD
    try:
        with FileLock(folder / _LOCK, timeout=0, mode=0o600):
            shutil.rmtree(folder, ignore_errors=True)
    except Timeout:
        return False
    return True
