"""Recognises a file by its content: a text sheet, a workbook, or something that is refused with the way out.

Names lie: exports call HTML pages ``.xls``, and people rename. What is no sheet is told by ``other_kinds``; the reading itself
is left to the module of each kind.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from pathlib import Path

from ..errors import SheetError
from ..model import Message
from .archive import head_of, open_archive
from .compound import SIGNATURE
from .foreign import read_foreign
from .json_text import JSON, read_json
from .other_kinds import refuse_other_kinds
from .parquet import PARQUET, read_parquet
from .sheet import Sheet, open_file, state_of, unchanged
from .text import read_text
from .text_form import UNNAMED, TextForm

_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_TYPES = "[Content_Types].xml"
_ODS, _MANIFEST = b"opendocument.spreadsheet", "META-INF/manifest.xml"
#: Which workbook a zip is: a name in it, and a text in that part. Not every .ods has the part that should be its first.
_FOREIGN = (
    ("xlsb", _TYPES, b"ms-excel.sheet.binary"),
    ("ods", "mimetype", _ODS),
    ("ods", _MANIFEST, _ODS),
    ("ods", "content.xml", b"<office:spreadsheet"),
)
_TEXT, _FOREIGN_KINDS = "text", ("xls", "xlsb", "ods")
#: What else a zip is: a name in it, a text in that part, and what to say.
_OTHERS = (
    (_TYPES, b"wordprocessingml", "file.not_sheet", "kind.document"),
    (_TYPES, b"presentationml", "file.not_sheet", "kind.slides"),
    ("mimetype", b"opendocument", "file.not_sheet", "kind.document"),
    (_MANIFEST, b"opendocument.presentation", "file.not_sheet", "kind.slides"),
    (_MANIFEST, b"opendocument.", "file.not_sheet", "kind.document"),
    ("Index/Document.iwa", b"", "file.other_sheet", "kind.numbers"),
)
_WORKBOOK = re.compile(rb"(spreadsheetml\.(sheet|template)|ms-excel\.(sheet|template)\.macroEnabled)\.main\+xml")


def read_file(path: Path, form: TextForm = UNNAMED) -> tuple[Sheet, ...]:
    """Returns all sheets of the file, in order: one of a text file, which is of this ``form``, or the worksheets of a workbook.

    Raises ``SheetError`` if there is no such file, if it cannot be opened, if it is not a sheet that can be read, or if a form
    is named and the file is no text. So do the rows if the file is written to, or replaced, before all of them are read.
    """
    with open_file(path) as file:
        state = state_of(file)
    sheets = _read(path, form)
    return tuple(replace(sheet, rows=partial(unchanged, path, state, sheet.rows)) for sheet in sheets)


def _read(path: Path, form: TextForm) -> tuple[Sheet, ...]:
    kind = kind_of(path)
    if kind == _TEXT:
        return (read_text(path, form),)
    if kind == "json":
        return (read_json(path, form),)
    if form.is_named:
        raise SheetError("text.not_text", path=path, encoding=form.encoding_key, delimiter=form.delimiter_key)
    if kind in _FOREIGN_KINDS:
        return read_foreign(path, kind)
    if kind == "parquet":
        return (read_parquet(path),)
    from .workbook import read_workbook  # a CSV does without it

    return read_workbook(path)


def kind_of(path: Path) -> str:
    """Returns what the file is: text, json, xlsx, xls, xlsb, ods or parquet. Raises ``SheetError`` if it is none of these."""
    with open_file(path) as file:
        head = file.read(4096)
        is_whole = not file.read(1)
    if head.startswith(SIGNATURE):
        return "xls"
    if head.startswith(_ZIP):
        from .workbook import damage  # a CSV does without it

        with damage(path):
            return _kind_of_zip(path)
    if head.startswith(PARQUET):
        return "parquet"
    refuse_other_kinds(path, head, is_whole=is_whole)
    # Without its NULs and its mark, UTF-16 of ASCII reads like ASCII.
    return "json" if JSON.match(head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe")) else _TEXT


def _kind_of_zip(path: Path) -> str:
    """Returns which workbook this zip is: xlsx, xlsb or ods. Raises ``SheetError`` if none, BadZipFile if it is damaged."""
    with open_file(path) as file, open_archive(file) as archive:
        if _WORKBOOK.search(head_of(archive, _TYPES)):
            return "xlsx"
        for kind, name, text in _FOREIGN:
            if text in head_of(archive, name):
                return kind
        for name, text, refusal, kind_key in _OTHERS:
            if name in archive.NameToInfo and text in head_of(archive, name):
                raise SheetError(refusal, path=path, kind=Message(kind_key))
    raise SheetError("file.packed", path=path)
