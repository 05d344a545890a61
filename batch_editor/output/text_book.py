"""A workbook of texts: XlsxWriter's, but for how the cell of a text becomes XML.

XlsxWriter copies a text that begins with ``<r>`` and ends with ``</r>`` into the file as it is, for XML of its own: here every
text stays a text. And half of what a large sheet costs is what XlsxWriter does for each of its cells, which for texts can be
had at less than half. Only a book that is written row by row has its cells from here.
"""

from __future__ import annotations

import re
from functools import cache
from xml.sax.saxutils import escape

from xlsxwriter import Workbook
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import CellBlankTuple, CellStringTuple, Worksheet

#: What XML cannot hold at all: halves of characters.
UNWRITABLE = re.compile("[\ud800-\udfff\ufffe\uffff]")
#: What a text holds that is not written as it stands: XML's signs, control characters, what looks like an escaped one of
#: these, and blanks at an end, which are lost unless they are asked for.
_WANTS_CARE = re.compile(r"[&<>\x00-\x1f\ud800-\udfff\ufffe\uffff]|_x[0-9a-fA-F]{4}_|^\s|\s\Z").search
_column_name = cache(xl_col_to_name)


class TextSheet(Worksheet):  # type: ignore[misc]  # XlsxWriter has no types
    """A sheet whose texts are written as they are."""

    def _write_cell(self, row: int, col: int, cell: object) -> None:
        kind, style = type(cell), getattr(cell, "format", None)
        if style is None or kind not in _OURS:
            super()._write_cell(row, col, cell)
            return
        opened = f'<c r="{_column_name(col)}{row + 1}" s="{style._get_xf_index()}"'
        if kind is CellBlankTuple:
            self.fh.write(f"{opened}/>")
            return
        text, space = cell.string, ""  # type: ignore[attr-defined]
        if _WANTS_CARE(text):
            text = escape(self._escape_control_characters(UNWRITABLE.sub("\ufffd", text)))
            space = ' xml:space="preserve"'
        self.fh.write(f'{opened} t="inlineStr"><is><t{space}>{text}</t></is></c>')


class TextBook(Workbook):  # type: ignore[misc]  # as above
    """A workbook whose sheets are ``TextSheet``."""

    worksheet_class = TextSheet


_OURS = {CellBlankTuple, CellStringTuple}
