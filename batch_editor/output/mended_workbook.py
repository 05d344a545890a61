"""Writes a copy of a workbook (.xlsx, .xlsm) in which some cells of one sheet hold other texts.

Every part of the package is copied as it is, but the sheet. Where there are formulas, the workbook also asks to be calculated
when it is opened, since what the file holds for them may come from a cell that was replaced; where a formula was replaced, the
order of calculation goes, which every program makes anew.
"""

from __future__ import annotations

import io
import re
import shutil
import zipfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import IO

from ..errors import SheetError
from ..journal.temporary import temporary_folder
from ..sheets.archive import plain_name
from ..sheets.markup import Attributes, TooLargeError
from ..sheets.sheet import address
from ..sheets.workbook import Package, WorkbookParts, open_package, parts_of_workbook, read_workbook
from .mended_sheet import MendedSheet, Mends
from .xml_places import codec_of, elements_of

_CHUNK = 1 << 18
#: The parts that are changed beside the sheet are small.
_SMALL = 8 << 20
_TYPES = "[content_types].xml"
#: A part that may grow beyond what the zip can say in four bytes.
_LARGE = 1 << 30
#: What stands behind the settings of the calculation in the list of a workbook.
_BEHIND_CALCULATION = {
    "oleSize",
    "customWorkbookViews",
    "pivotCaches",
    "smartTagPr",
    "smartTagTypes",
    "webPublishing",
    "fileRecoveryPr",
    "webPublishObjects",
    "extLst",
}
#: Changes the content of a part.
_Change = Callable[[bytes], bytes]


def write_workbook(source: Path, sheet_name: str, mends: Mends, target: Path) -> None:
    """Writes the workbook ``source`` to ``target`` with ``mends`` in its sheet of this name.

    Raises ``SheetError`` where the workbook is damaged, or a cell cannot be replaced alone: it has a part in a formula of
    several cells, or lies under others that are merged.
    """
    _require_shown(source, sheet_name, mends)
    with temporary_folder() as folder, open_package(source) as package:
        parts = parts_of_workbook(package)
        part = next(part for sheet, part in parts.worksheets if sheet["name"] == sheet_name)
        with package.open(part) as content, (folder / "sheet").open("w+b") as mended:
            sheet = MendedSheet(content, mends, lambda style, text: parts.formats.text(style, text) == text)
            for chunk in sheet.chunks():
                mended.write(chunk)
            mended.seek(0)
            _copy(package, target, {part: mended}, _changes(package, parts, sheet))


def _require_shown(source: Path, sheet_name: str, mends: Mends) -> None:
    """Raises ``SheetError`` for a cell that nobody would see."""
    layout = next(sheet for sheet in read_workbook(source) if sheet.name == sheet_name).layout()
    for merged in layout.merged:
        rows = range(merged.first_row, merged.last_row + 1)
        for row in (row for row in mends if row in rows) if len(mends) < len(rows) else rows:
            for column in mends.get(row, ()):
                if merged.first_column <= column <= merged.last_column and (row, column) != merged[:2]:
                    raise SheetError("mended_copy.merged", cell=address("", row, column))


def _changes(package: Package, parts: WorkbookParts, sheet: MendedSheet) -> dict[str, _Change | None]:
    """Returns what is changed beside the sheet, by the names of the parts; None for one that goes."""
    calculation = parts.calculation if parts.calculation and package.has(parts.calculation) else None
    if not sheet.has_formulas and not calculation:
        return {}
    changes: dict[str, _Change | None] = {parts.main: _calculated}
    if sheet.lost_formulas and calculation:
        folder, _, base = parts.main.rpartition("/")
        changes[calculation] = None
        changes[f"{folder}/_rels/{base}.rels".lstrip("/")] = lambda content: _without(
            content, lambda element: element.get("Type", "").rpartition("/")[2].casefold() == "calcchain"
        )
        changes[_TYPES] = lambda content: _without(
            content, lambda element: plain_name(element.get("PartName", "")) == calculation
        )
    return changes


def _copy(package: Package, target: Path, replaced: dict[str, IO[bytes]], changes: dict[str, _Change | None]) -> None:
    with zipfile.ZipFile(target, "w") as copy:
        copy.comment = package.archive.comment
        for entry in package.archive.infolist():
            name = plain_name(entry.filename)
            change = changes.get(name)
            if name in changes and change is None:
                continue
            info = zipfile.ZipInfo(entry.filename, entry.date_time)
            info.compress_type, info.external_attr = entry.compress_type, entry.external_attr
            info.create_system, info.comment = entry.create_system, entry.comment
            with ExitStack() as opened:
                if change:
                    content: IO[bytes] = io.BytesIO(change(_small(package, name)))
                elif name in replaced:
                    content = replaced[name]
                else:
                    content = opened.enter_context(package.archive.open(entry))
                part = opened.enter_context(copy.open(info, "w", force_zip64=entry.file_size > _LARGE))
                shutil.copyfileobj(content, part, _CHUNK)


def _small(package: Package, name: str) -> bytes:
    with package.open(name) as content:
        read = content.read(_SMALL + 1)
    if len(read) > _SMALL:
        raise TooLargeError("a part larger than that of a workbook")
    return read


def _without(content: bytes, is_meant: Callable[[Attributes], bool]) -> bytes:
    """Returns a part without those of its elements, right below the outermost one, that are meant."""
    for element in reversed(elements_of(content)):
        if element.depth == 1 and is_meant(element.attributes):
            content = content[: element.start] + content[element.end :]
    return content


def _calculated(content: bytes) -> bytes:
    """Returns the list of a workbook that asks to be calculated when it is opened."""
    codec, elements = codec_of(content), elements_of(content)
    prefix, colon, _ = elements[0].name.rpartition(":")
    prefix += colon
    listed = {element.name.removeprefix(prefix): element for element in elements[1:] if element.depth == 1}
    asks = 'fullCalcOnLoad="1"'
    if "calcPr" in listed:
        asked = listed["calcPr"]
        written = content[asked.start : asked.end].decode(codec)
        if "fullCalcOnLoad" in asked.attributes:
            changed = re.sub(r"""fullCalcOnLoad\s*=\s*(?:"[^"]*"|'[^']*')""", asks, written)
        else:
            changed = written.replace("calcPr", f"calcPr {asks}", 1)
        return content[: asked.start] + changed.encode(codec) + content[asked.end :]
    later = [element.start for name, element in listed.items() if name in _BEHIND_CALCULATION]
    place = min(later) if later else content.rindex("</".encode(codec))
    return content[:place] + f"<{prefix}calcPr {asks}/>".encode(codec) + content[place:]
