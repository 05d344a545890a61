"""What a file is that is no sheet, known by how it begins: each kind is told with what to do about it."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

from ..errors import SheetError
from ..model import Message

#: How the files begin in which Excel, WPS and LibreOffice say who has a workbook open; they are short.
_OWNER = ("~$", ".~lock.")
#: Names of files that are never empty, as a CSV may be.
_WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".et", ".parquet")
#: The first records of workbooks of Excel 2 to 95 that are in no compound file.
_OLD_XLS = (b"\x09\0\x04\0", b"\x09\x02\x06\0", b"\x09\x04\x06\0", b"\x09\x08\x08\0", b"\x09\x08\x10\0")
#: What stands at the top of files that the software of a company has encrypted: E-SafeNet (亿赛通), and Tipray (绿盾).
_GUARDS = (b"E-SafeNet", b"%TSD-Header-###%")
_CONTROLS = re.compile(rb"[\0-\x08\x0e-\x1f]")
_PACKED = (b"\x1f\x8b", b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"BZh", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd", b"MSCF")
_TAR, _TAR_AT = b"ustar", 257
#: By its first bytes: the key of what is said, and the kind of file in it.
_SIGNATURES = {
    b"%PDF-": ("file.not_sheet", "kind.pdf"),
    b"\x89PNG": ("file.not_sheet", "kind.picture"),
    b"\xff\xd8\xff": ("file.not_sheet", "kind.picture"),
    b"GIF8": ("file.not_sheet", "kind.picture"),
    b"II*\0": ("file.not_sheet", "kind.picture"),
    b"MM\0*": ("file.not_sheet", "kind.picture"),
    b"{\\rtf": ("file.not_sheet", "kind.document"),
    b"MZ\x90\0": ("file.not_sheet", "kind.program"),
    b"BEGIN:VCARD": ("file.not_sheet", "kind.contacts"),
    b"SQLite format 3\0": ("file.database", "kind.sqlite"),
    b"\0\x01\0\0Standard Jet DB": ("file.database", "kind.access"),
    b"\0\x01\0\0Standard ACE DB": ("file.database", "kind.access"),
    b"ARROW1": ("file.data", "kind.arrow"),
    b"FEA1": ("file.data", "kind.arrow"),
    b"Obj\x01": ("file.data", "kind.avro"),
    b"\x89HDF\r\n": ("file.data", "kind.hdf"),
    b"\x93NUMPY": ("file.data", "kind.numpy"),
    b"L\0\0\0\x01\x14\x02\0": ("file.shortcut", ""),
    b"[InternetShortcut]": ("file.shortcut", ""),
    b"ID;P": ("file.other_sheet", "kind.sylk"),
    b"TABLE\r\n0,1": ("file.other_sheet", "kind.dif"),
    b"TABLE\n0,1": ("file.other_sheet", "kind.dif"),
}
_PICTURES = re.compile(rb"BM.{4}\0{4}|RIFF.{4}WEBP|.{4}ftyp(hei[cx]|mif1|avif)", re.DOTALL)
_FILM = re.compile(rb".{4}ftyp", re.DOTALL)
_ORC = re.compile(rb"ORC[^\0-\x08]{0,200}[\0-\x08]")
_PICKLE = re.compile(rb"\x80[\x02-\x05][\x00-\xff]{0,10}(\x95|c|\}|\]|\()")
#: The head of a mail, a line of which comes first and others below.
_MAIL = re.compile(
    rb"(Return-Path|Received|Delivered-To|Message-ID|From|To|Subject|Date|DKIM-Signature|ARC-[\w-]+|X-[\w-]+): [^\n]*\n"
    rb"(.*\n)?(From|To|Subject|Date|Message-ID|MIME-Version): ",
    re.IGNORECASE | re.DOTALL,
)
_MARKUP = re.compile(rb"\s*(<\?xml|<!--|<!doctype|mime-version:|<(html|head|meta|body|table|style|div|xml)\b)", re.I)
#: What the folder of an online drive holds in the place of a document: its address as JSON.
_ONLINE = re.compile(rb'\s*\{.{0,400}("doc_id"|https://docs\.google\.com/)', re.DOTALL)


def refuse_other_kinds(path: Path, head: bytes, *, is_whole: bool) -> None:
    """Raises ``SheetError`` if the file whose first bytes are ``head`` is known for something else than a sheet; ``is_whole``
    says that it has no more bytes."""
    if not head and path.suffix.lower() in _WORKBOOKS:
        raise SheetError("file.no_bytes", path=path)
    if head.startswith(_OLD_XLS):
        raise SheetError("file.old_xls", path=path)
    if path.name.startswith(_OWNER) and is_whole:
        raise SheetError("file.owner", path=path)
    if path.suffix.lower() == ".icloud":
        raise SheetError("file.not_here", path=path)
    if _CONTROLS.search(head, 0, 256) and any(guard in head[:256] for guard in _GUARDS):
        raise SheetError("file.guarded", path=path)
    if head.startswith(_PACKED) or head[_TAR_AT : _TAR_AT + len(_TAR)] == _TAR:
        raise SheetError("file.packed", path=path)
    for signature, (key, kind) in _SIGNATURES.items():
        if head.startswith(signature):
            raise SheetError(key, path=path, kind=Message(kind) if kind else "")
    for pattern, key, kind in (
        (_PICTURES, "file.not_sheet", "kind.picture"),
        (_FILM, "file.not_sheet", "kind.film"),
        (_PICKLE, "file.data", "kind.pickle"),
        (_ORC, "file.data", "kind.orc"),
        (_MAIL, "file.not_sheet", "kind.mail"),
    ):
        if pattern.match(head):
            raise SheetError(key, path=path, kind=Message(kind))
    if is_whole and _ONLINE.match(head):
        raise SheetError("file.online", path=path)
    # Without its NULs and its mark, UTF-16 of ASCII reads like ASCII.
    if _MARKUP.match(head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe")):
        raise SheetError("file.markup", path=path)


def refusal_of_compound_file(path: Path, streams: Collection[str]) -> SheetError:
    """Returns the refusal of a compound file without a workbook, by the names of its ``streams`` in small letters."""
    kind = "kind.document"
    if "powerpoint document" in streams:
        kind = "kind.slides"
    elif any(name.startswith("__properties_version") for name in streams):
        kind = "kind.mail"
    return SheetError("file.not_sheet", path=path, kind=Message(kind))
