"""A workbook of texts: XlsxWriter's, but every text that is written into a cell stays that text.

XlsxWriter copies a text that begins with ``<r>`` and ends with ``</r>`` into the file as XML of its own, and writes also
the characters that XML cannot hold: either would break the whole file.
"""

from __future__ import annotations

import re

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

#: What XML cannot hold at all: halves of characters.
UNWRITABLE = re.compile("[\ud800-\udfff\ufffe\uffff]")


class TextSheet(Worksheet):  # type: ignore[misc]  # XlsxWriter has no types
    """A sheet whose texts are written as they are."""

    def write_string(self, row: int, col: int, string: str, cell_format: Format | None = None) -> int:
        """Writes a text as XlsxWriter does, whose answer it returns: 0, or what is wrong with the text."""
        text = UNWRITABLE.sub("\ufffd", string)
        if text.startswith("<r>") and text.endswith("</r>"):  # in two parts, each of which is escaped
            return self.write_rich_string(row, col, text[:1], cell_format, text[1:], cell_format)  # type: ignore[no-any-return]
        return super().write_string(row, col, text, cell_format)  # type: ignore[no-any-return]


class TextBook(Workbook):  # type: ignore[misc]  # as above
    """A workbook whose sheets are ``TextSheet``."""

    def add_worksheet(self, name: str | None = None) -> TextSheet:
        """Adds an empty sheet."""
        return super().add_worksheet(name, TextSheet)  # type: ignore[no-any-return]
