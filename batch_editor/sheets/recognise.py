"""Recognises a file by its content: a text sheet, a workbook, or something that is refused with the way out.

Names lie: exports call HTML pages ``.xls``, and people rename. The reading itself is left to ``text``, ``workbook`` or
``foreign``.
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
from .sheet import Sheet, open_file, state_of, unchanged
from .text import read_text
from .text_form import UNNAMED, TextForm

_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
#: How the files begin in which Excel, WPS and LibreOffice say who has a workbook open; they are short.
_OWNER = ("~$", ".~lock.")
#: The first records of workbooks of Excel 2 to 95 that are in no compound file.
_OLD_XLS = (b"\x09\0\x04\0", b"\x09\x02\x06\0", b"\x09\x04\x06\0", b"\x09\x08\x08\0", b"\x09\x08\x10\0")
#: What stands at the top of files that the software of a company has encrypted: E-SafeNet (亿赛通), and Tipray (绿盾).
_GUARDS = (b"E-SafeNet", b"%TSD-Header-###%")
_CONTROLS = re.compile(rb"[\0-\x08\x0e-\x1f]")
_PACKED = (b"\x1f\x8b", b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07")
_NOT_SHEETS = {
    b"%PDF-": "kind.pdf",
    b"\x89PNG": "kind.picture",
    b"\xff\xd8\xff": "kind.picture",
    b"GIF8": "kind.picture",
    b"{\\rtf": "kind.document",
}
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
_MARKUP = re.compile(rb"\s*(<\?xml|<!--|<!doctype|mime-version:|<(html|head|meta|body|table|style|div|xml)\b)", re.I)


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
    kind = _kind_of(path)
    if kind == _TEXT:
        return (read_text(path, form),)
    if form.is_named:
        raise SheetError("text.not_text", path=path, encoding=form.encoding_key, delimiter=form.delimiter_key)
    if kind in _FOREIGN_KINDS:
        return read_foreign(path, kind)
    from .workbook import read_workbook  # a CSV does without it

    return read_workbook(path)


def _kind_of(path: Path) -> str:
    """Returns what the file is: text, xlsx, xls, xlsb or ods. Raises ``SheetError`` if it is none of these."""
    with open_file(path) as file:
        head = file.read(4096)
        is_short = not file.read(1)
    if head.startswith(SIGNATURE):
        return "xls"
    if head.startswith(_ZIP):
        from .workbook import damage  # a CSV does without it

        with damage(path):
            return _kind_of_zip(path)
    if head.startswith(_OLD_XLS):
        raise SheetError("file.old_xls", path=path)
    if path.name.startswith(_OWNER) and is_short:
        raise SheetError("file.owner", path=path)
    if _CONTROLS.search(head, 0, 256) and any(guard in head[:256] for guard in _GUARDS):
        raise SheetError("file.guarded", path=path)
    if head.startswith(_PACKED):
        raise SheetError("file.packed", path=path)
    for signature, kind in _NOT_SHEETS.items():
        if head.startswith(signature):
            raise SheetError("file.not_sheet", path=path, kind=Message(kind))
    # Without its NULs and its mark, UTF-16 of ASCII reads like ASCII.
    if _MARKUP.match(head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe")):
        raise SheetError("file.markup", path=path)
    return _TEXT


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
