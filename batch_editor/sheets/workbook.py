"""Reads an Excel workbook (.xlsx, .xlsm), a zip of XML parts, into its worksheets, each a stream of exact rows.

The parts are looked up as Excel does it, by their relations and not by their names. openpyxl, with which other programs read
workbooks, would lose much without a word: a formula whose value was never stored looks like a blank, a row that is
hidden like any other, and what is out of order is dropped.
"""

from __future__ import annotations

import posixpath
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO
from xml.parsers import expat

from ..cell_values import Row
from ..errors import SheetError
from .archive import open_archive, parts_by_name, plain_name, unpacks_to_much
from .layout import Layout
from .marks import Mark
from .markup import Attributes, TooLargeError, is_true, walk
from .sheet import Sheet, open_file
from .stream import read_rows
from .strings import SharedTexts
from .styles import Formats, read_formats
from .xlsx_layout import read_layout

#: What a workbook may unpack to in all: a sheet full to Excel's last row with a hundred columns is about this big.
_UNPACKED = 4 << 30
#: Of sheets, and of relations of one part.
_MOST_SHEETS = 10_000
_RELATIONS = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "http://purl.oclc.org/ooxml/officeDocument/relationships",
)

#: What zipfile and expat raise over a workbook that is broken, and what its readers raise over what no workbook holds.
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,  # a part that ends too early
    RuntimeError,  # a part with a password
    expat.ExpatError,
    LookupError,  # a part, a shared text or a format that is not there; an unknown encoding
    ValueError,  # text where a number should be; anything out of place
    ArithmeticError,
)


@dataclass(frozen=True, slots=True)
class _Relation:
    kind: str
    target: str


class Package:
    """The parts of the zip by their names, whatever their case and their slashes."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        self._parts = parts_by_name(archive)

    def has(self, name: str) -> bool:
        return name in self._parts

    def open(self, name: str) -> IO[bytes]:
        """Returns the content of a part, unpacked as it is read, and never to more than the zip's directory says.

        Raises KeyError if there is no such part.
        """
        return self.archive.open(self._parts[name])

    def relations(self, name: str) -> dict[str, _Relation]:
        """Returns what the part (the package itself: "") relates to, by the ids of the relations."""
        relations: dict[str, _Relation] = {}
        folder, _, base = name.rpartition("/")

        def visit(above: str, local: str, attributes: Attributes) -> None:
            if local == "Relationship" and attributes.get("TargetMode", "").casefold() != "external":
                kind = attributes["Type"].rpartition("/")[2].casefold()
                target = plain_name(posixpath.join("/" + folder, attributes["Target"].replace("\\", "/")))
                relations[attributes["Id"]] = _Relation(kind, target)
                if len(relations) > _MOST_SHEETS:
                    raise TooLargeError("more relations than a workbook has")

        with self.open(f"{folder}/_rels/{base}.rels".lstrip("/")) as source:
            walk(source, visit)
        return relations


@dataclass(frozen=True, slots=True)
class WorkbookParts:
    """Where in its package a workbook keeps what belongs together: the ``main`` part with its list of sheets, the worksheets by
    their names, the shared texts, and the order of calculation. ``formats`` are those of its cells."""

    main: str
    worksheets: tuple[tuple[Attributes, str], ...]
    texts: str | None
    calculation: str | None
    formats: Formats


def read_workbook(path: Path) -> tuple[Sheet, ...]:
    """Returns the worksheets of a workbook, in order, without its sheets of charts, dialogs and macros.

    Raises ``SheetError`` if it is damaged, unpacks to too much, or has no worksheet.
    """
    with open_package(path) as package:
        parts = parts_of_workbook(package)
        sheets = tuple(
            Sheet(
                name=sheet["name"],
                visible=sheet.get("state", "visible") == "visible",
                rows=partial(_rows, path, part, parts.texts, parts.formats),
                layout=partial(_layout, path, part, parts.formats.marks),
            )
            for sheet, part in parts.worksheets
        )
    if not sheets:
        raise SheetError("xlsx.no_sheet", path=path)
    return sheets


def parts_of_workbook(package: Package) -> WorkbookParts:
    """Returns the parts of a workbook. Raises what its damage raises."""
    main = {relation.kind: relation.target for relation in package.relations("").values()}["officedocument"]
    relations = package.relations(main)
    by_kind = {relation.kind: relation.target for relation in relations.values()}
    listed: list[Attributes] = []
    from_1904 = False

    def visit(above: str, name: str, attributes: Attributes) -> None:
        nonlocal from_1904
        if name == "sheet" and above == "sheets":
            listed.append(attributes)
            if len(listed) > _MOST_SHEETS:
                raise TooLargeError("more sheets than a workbook has")
        elif name == "workbookPr" and above == "workbook":
            from_1904 = is_true(attributes.get("date1904"))

    with package.open(main) as source:
        walk(source, visit)
    with ExitStack() as stack:
        styles = by_kind.get("styles", "")
        has_styles = package.has(styles)
        formats = read_formats(stack.enter_context(package.open(styles)) if has_styles else None, from_1904=from_1904)
    related = [(sheet, relations[_relation_id(sheet)]) for sheet in listed if _relation_id(sheet)]
    worksheets = tuple((sheet, relation.target) for sheet, relation in related if relation.kind == "worksheet")
    return WorkbookParts(main, worksheets, by_kind.get("sharedstrings"), by_kind.get("calcchain"), formats)


def _relation_id(sheet: Attributes) -> str:
    """The id by which a sheet names its part; nothing where it has none, as the modules of old macros are kept."""
    return next((sheet[f"{namespace} id"] for namespace in _RELATIONS if f"{namespace} id" in sheet), "").strip()


def _rows(path: Path, part: str, texts: str | None, formats: Formats) -> Iterator[Row]:
    with open_package(path) as package, ExitStack() as stack:
        shared = stack.enter_context(package.open(texts)) if texts and package.has(texts) else None
        source = stack.enter_context(package.open(part))
        with closing(SharedTexts(shared)) as shared_texts:
            yield from read_rows(source, shared_texts, formats)
            shared_texts.drain()


def _layout(path: Path, part: str, marks: Mapping[str, Mark]) -> Layout:
    with open_package(path) as package:
        return read_layout(partial(package.open, part), marks)


@contextmanager
def open_package(path: Path) -> Iterator[Package]:
    """Opens the package of a workbook. Turns what its damage raises into a ``SheetError``, and so for one that unpacks to too
    much."""
    with open_file(path) as file, damage(path), open_archive(file) as archive:
        if unpacks_to_much(archive, _UNPACKED):
            raise TooLargeError("a workbook that unpacks to very much")
        yield Package(archive)


@contextmanager
def damage(path: Path) -> Iterator[None]:
    """Turns what a broken workbook raises into a ``SheetError``."""
    try:
        yield
    except TooLargeError as error:
        raise SheetError("xlsx.too_large", path=path) from error
    except _DAMAGE as error:
        raise SheetError("xlsx.damaged", path=path) from error
