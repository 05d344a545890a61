"""A new file for what cannot be read twice: it is written once, and a disk that is full is told in words."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self

from ..errors import SettingsError, reason_in


class Spool:
    """The file at ``path``, which must not be there, to write to within a ``with`` block.

    Raises ``SettingsError`` where it cannot be written, and leaves every other error as it is.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("xb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            self._file.close()
        except OSError as failure:
            if error is None:
                raise _no_room(failure) from None

    def write(self, content: bytes) -> None:
        """Writes ``content``."""
        try:
            self._file.write(content)
        except OSError as error:
            raise _no_room(error) from None


def _no_room(error: OSError) -> SettingsError:
    return SettingsError("journal.no_room", reason=reason_in(error))
