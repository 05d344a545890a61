"""A workbook of texts: XlsxWriter's, but every text that is written into a cell stays that text.

XlsxWriter copies a text that begins with ``<r>`` and ends with ``</r>`` into the file as XML of its own, and writes also
the characters that XML cannot hold: either would break the whole file.
"""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

#: What XML cannot hold at all: halves of characters.
UNWRITABLE = re.compile("[\ud800-\udfff\ufffe\uffff]")


class PackedFile(io.FileIO):
    """The file at a path that a workbook is packed into, from its beginning.

    The first write that fails is raised, and whatever comes after that, or after the file was closed, does nothing: what packs
    a workbook that was given up ends it by itself when it is forgotten, and nobody could be told that this fails as well.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path, "w")
        self._has_failed = False

    @property
    def _is_over(self) -> bool:
        return self._has_failed or self.closed

    def write(self, content: Any, /) -> int:
        """Writes all bytes of ``content``, and returns how many those are."""
        remaining = memoryview(content).cast("B")
        length = len(remaining)
        try:
            while remaining and not self._is_over:
                remaining = remaining[super().write(remaining) :]
        except OSError:
            self._has_failed = True
            raise
        return length

    def seek(self, place: int, whence: int = 0, /) -> int:
        """Goes to a place, as every file does."""
        return 0 if self._is_over else super().seek(place, whence)

    def tell(self) -> int:
        """Returns where it is, as every file does."""
        return 0 if self._is_over else super().tell()

    def flush(self) -> None:
        """Does nothing: no byte is kept back."""


class TextSheet(Worksheet):  # type: ignore[misc]  # XlsxWriter has no types
    """A sheet whose texts are written as they are."""

    def write_string(self, row: int, col: int, string: str, cell_format: Format | None = None) -> int:
        """Writes a text as XlsxWriter does, whose answer it returns: 0, or what is wrong with the text."""
        text = UNWRITABLE.sub("\ufffd", string)
        if text.startswith("<r>") and text.endswith("</r>"):  # in three parts, the fewest that can be, each of which is escaped
            style = () if cell_format is None else (cell_format,)
            parts = (text[:1], *style, text[1:2], *style, text[2:], *style)
            return self.write_rich_string(row, col, *parts)  # type: ignore[no-any-return]
        return super().write_string(row, col, text, cell_format)  # type: ignore[no-any-return]


class TextBook(Workbook):  # type: ignore[misc]  # as above
    """A workbook whose sheets are ``TextSheet``."""

    def add_worksheet(self, name: str | None = None) -> TextSheet:
        """Adds an empty sheet."""
        return super().add_worksheet(name, TextSheet)  # type: ignore[no-any-return]
