"""A small private file of the state folder: read anew when it has changed, replaced whole, and by one process at a time.

What stands in it is left to those who keep it: the people of the page, their sessions, and the key of the cookies.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from ..errors import SettingsError, reason_in
from ..files import open_regular

#: Another process may keep such a file for itself so long, in seconds.
_BUSY = 10.0
#: What tells a file from the one that was read: its number, size and time.
_Stamp = tuple[int, int, int]


class KeptFile:
    """The file at ``path``, an object of JSON. Raises ``SettingsError`` where it cannot be read or written, or is damaged."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._read: tuple[_Stamp, dict[str, Any]] | None = None

    def read(self) -> dict[str, Any]:
        """Returns what the file holds, nothing where there is none. Nobody may change what is returned."""
        try:
            stamp = _stamp(self.path)
            if stamp is None:
                return {}
            if self._read is None or self._read[0] != stamp:
                with open_regular(self.path) as file:
                    self._read = stamp, _object(file.read())
        except OSError as error:
            raise SettingsError("page.file_unusable", path=self.path, reason=reason_in(error)) from None
        except ValueError:
            raise SettingsError("page.file_damaged", path=self.path) from None
        return self._read[1]

    def replace(self, content: dict[str, Any]) -> None:
        """Writes ``content``, durably and private to its owner: whoever reads meanwhile reads the old whole or the new."""
        try:
            handle, name = tempfile.mkstemp(prefix=f"{self.path.name}.", dir=self.path.parent)  # private to its owner
            try:
                with os.fdopen(handle, "w", encoding="utf-8") as file:
                    json.dump(content, file, ensure_ascii=False, indent=1)
                    file.flush()
                    os.fsync(file.fileno())
                Path(name).replace(self.path)
            except BaseException:
                with suppress(OSError):
                    Path(name).unlink()
                raise
        except OSError as error:
            raise SettingsError("page.file_unusable", path=self.path, reason=reason_in(error)) from None

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Lets nobody else replace the file while something is done that begins with reading it."""
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = FileLock(f"{self.path}.lock", timeout=_BUSY, mode=0o600)
            lock.acquire()
        except (OSError, Timeout) as error:
            raise SettingsError("page.file_unusable", path=self.path, reason=reason_in(error)) from None
        try:
            yield
        finally:
            lock.release()


def _stamp(path: Path) -> _Stamp | None:
    try:
        state = path.stat()
    except FileNotFoundError:
        return None
    return state.st_ino, state.st_size, state.st_mtime_ns


def _object(data: bytes) -> dict[str, Any]:
    content = json.loads(data.decode("utf-8"))
    if not isinstance(content, dict):
        raise ValueError("not an object")
    return content
