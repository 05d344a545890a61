"""Where the rows of a run come from: what a sheet may be, what people call it, and by which digest it is known again.

What cannot be read twice, such as a generator or a pipe, is written to a private folder first; that folder is there until the
``Source`` is closed. The rows of a run are in its journal by then, so that nothing else is needed to go on with it.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, NamedTuple, Self, TypeAlias, Union

from ..errors import SettingsError, SheetError, reason_in
from ..journal.temporary import clear_abandoned, temporary_folder
from ..sheets import Sheet, TextForm, digest_of_frame, is_frame, open_file, read_file, read_frame, read_open_file, spool_records
from .labels import FIRST_ROW, Level, levels_of

if TYPE_CHECKING:
    from pandas import DataFrame, Index

#: What a sheet may be: the path of a file; a DataFrame; an open file, of text or of bytes; dicts one after the other, whose
#: keys are the headings; lists one after the other, of which the first one holds the headings.
SheetSource: TypeAlias = Union[  # a name in quotation marks has no operator |
    str, Path, "DataFrame", IO[str], IO[bytes], Iterable[Mapping[str, Any]], Iterable[Sequence[Any]]
]


class Piped(NamedTuple):
    """An open file that is called by a ``place`` where no file is: its results are written as if one were there."""

    file: IO[bytes]
    place: Path


_ADDRESS = re.compile(r"([a-z][a-z0-9+.-]+):[/\\]+(\w.*)", re.IGNORECASE)
#: What Python can go through, and what is no series of records for all that.
_NO_RECORDS = (bytes, bytearray, memoryview, Mapping)


@dataclass(frozen=True, slots=True)
class Source:
    """The ``sheets`` of one file, or the one of a DataFrame or of records. Use it as a context manager, or ``close`` it.

    ``name`` is what people see, ``digest`` the SHA-256, in hexadecimal, by which an earlier run of the same sheet is found:
    over the bytes of a file, else over the cells. ``place`` is the file's path, beside which results are written (None where
    there is none). ``index`` holds the labels of a DataFrame. ``modified`` is when the file was changed last, in seconds since
    1970; None where the sheet is no file, or was piped in.
    """

    name: str
    digest: str
    place: Path | None
    sheets: tuple[Sheet, ...]
    folders: ExitStack = field(default_factory=ExitStack)
    index: Index[Any] | None = None
    modified: int | None = None

    @property
    def levels(self) -> tuple[Level, ...] | None:
        """The levels of the index before the columns of a DataFrame; none of records that are counted only; None where the
        sheet is no such thing."""
        if self.index is not None:
            return levels_of(self.index, self.sheets[0].index_columns)
        return None if self.sheets[0].label is None else ()

    @property
    def first_label(self) -> str | None:
        """What the first record is called where records are counted; None where the sheet is no such thing."""
        label = self.sheets[0].label
        if label is None or self.levels != ():
            return None
        return label(FIRST_ROW) if self.index is None else "0"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Removes what was written of a sheet to read it again. Its rows cannot be read any more."""
        self.folders.close()


def open_source(sheet: SheetSource, *, encoding: str | None = None, delimiter: str | None = None) -> Source:
    """Returns the sheets of what somebody has given as one. Raises ``SheetError``, and whatever an iterable raises.

    ``encoding`` and ``delimiter`` are those of a text file, for which None is found out; ``SettingsError`` if they are none.
    """
    form = TextForm.named(encoding, delimiter)
    if isinstance(sheet, str | PurePath):
        _require_no_address(str(sheet))
        path = Path(sheet).absolute()
        sheets = read_file(path, form)
        with open_file(path) as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            modified = int(os.fstat(file.fileno()).st_mtime)
        return Source(str(path), digest, path, sheets, modified=modified)
    if isinstance(sheet, Piped):
        read = _spooled_file(sheet.file, form, name=sheet.place.name)
        return replace(read, name=str(sheet.place), place=sheet.place)
    if hasattr(sheet, "read"):
        name = getattr(sheet, "name", None)  # <stdin> is no name of a file, and 3 none at all
        name = PurePath(name).name.strip("<>") if isinstance(name, str) else type(sheet).__name__
        return _spooled_file(sheet, form, name=name)
    name = type(sheet).__name__
    if form.is_named:
        raise SheetError("text.not_text", path=name, encoding=form.encoding_key, delimiter=form.delimiter_key)
    if is_frame(sheet):
        read = read_frame(sheet)
        return Source(name, digest_of_frame(sheet), None, (read,), index=sheet.index)
    if isinstance(sheet, _NO_RECORDS) or not isinstance(sheet, Iterable):
        raise SheetError("sheet.no_sheet", kind=name)
    with ExitStack() as opened:
        read, digest = spool_records(sheet, _folder(opened) / "records")
        return Source(name, digest, None, (read,), opened.pop_all())


def place_of(source: str) -> Path | None:
    """Returns the path of the file that a run of this ``source`` was read from; None where that was no file of its own."""
    path = Path(source)
    return path if path.is_absolute() else None


def _spooled_file(file: Any, form: TextForm, *, name: str) -> Source:
    """The rest of an open file, from where it stands: it may be a pipe, and nobody knows what becomes of it."""
    with ExitStack() as opened:
        path = _folder(opened) / "file"
        sheets = read_open_file(file, path, form, name=name)
        return Source(name, _digest(path), None, sheets, opened.pop_all())


def _digest(path: Path) -> str:
    with open_file(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _folder(opened: ExitStack) -> Path:
    clear_abandoned()
    try:
        return opened.enter_context(temporary_folder())
    except OSError as error:
        raise SettingsError("journal.no_room", reason=reason_in(error)) from None


def _require_no_address(name: str) -> None:
    """Raises ``SheetError`` for what is the address of a file on another machine, also as a path has it, with one slash."""
    if match := _ADDRESS.match(name):
        raise SheetError("file.address", path=f"{match[1]}://{match[2]}", scheme=match[1])
