"""Reads a file into exact rows: what a sheet of edits holds, cell by cell, with nothing guessed, rounded or trimmed.

A file is known by its content and not by its name; what cannot be read is refused with a ``SheetError`` that says what
to do. What the rows mean is left to ``edits``.
"""

from .frame import read_frame
from .layout import Layout, Range
from .recognise import read_file
from .sheet import Sheet, address, cell_of, column_of, open_file
from .text_form import TextForm

__all__ = ["Layout", "Range", "Sheet", "TextForm", "address", "cell_of", "column_of", "open_file", "read_file", "read_frame"]
