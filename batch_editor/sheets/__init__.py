"""Reads a file into exact rows: what a sheet of edits holds, cell by cell, with nothing guessed, rounded or trimmed.

A file is known by its content and not by its name; what cannot be read is refused with a ``SheetError`` that says what
to do. What the rows mean is left to ``edits``.
"""

from .frame import digest_of_frame, is_frame, read_frame
from .layout import Layout, Range
from .open_files import read_open_file
from .python_values import shown_label
from .recognise import read_file
from .records import spool_records
from .sheet import Sheet, address, cell_of, column_of, open_file
from .text_form import TextForm
from .typed_cells import typed_cells, typed_row

__all__ = [
    "Layout",
    "Range",
    "Sheet",
    "TextForm",
    "address",
    "cell_of",
    "column_of",
    "digest_of_frame",
    "is_frame",
    "open_file",
    "read_file",
    "read_frame",
    "read_open_file",
    "shown_label",
    "spool_records",
    "typed_cells",
    "typed_row",
]
