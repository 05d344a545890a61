"""The sheets that people hand in: received in parts and counted while they arrive, and kept privately under names of ours.

Each upload is a folder in the state folder, called by a random number: the sheet, and a record of what its person has chosen.
What people call the file is a text in the record, and never the name of anything. Uploads of which no run has come are cleared
away after a day.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Self

from ..errors import Refused, reason_in
from ..files import open_regular
from ..sheets.clipboard import clipboard_rows

#: In which folder of the state folder uploads are, and what the files of one are called.
FOLDER, _SHEET, _RECORD = "uploads", "sheet", "record.json"
#: How long an upload is kept of which no run has come, in seconds.
KEPT = 24 * 3600
_ID = re.compile(r"[0-9a-f]{32}")
#: The ends of names by which a kind of sheet is known, or a file that is none.
_SUFFIX = re.compile(r"\.[a-z0-9]{1,8}", re.ASCII)
_OWNER = ("~$", ".~lock.")
#: So many characters are kept of what people call a file.
_LONGEST_NAME = 300
#: Under what name a pasted text is kept, in the form that the reader of text files knows for certain.
_PASTED = ".tsv"


@dataclass(frozen=True, slots=True)
class Upload:
    """A sheet that was handed in, by its ``number``.

    ``name`` is what its person calls the file, "" where the rows were pasted; ``choices`` is what they have chosen so far, as
    the page has kept it. ``problem`` is the reason why the last try to plan it failed, and ``run`` the run that came of it.
    """

    number: str
    path: Path
    name: str
    person: str
    time: float
    choices: Mapping[str, Any] = field(default_factory=dict)
    problem: Any = None
    run: str | None = None

    @property
    def is_pasted(self) -> bool:
        """Whether the rows came from the clipboard."""
        return not self.name


class Uploads:
    """The uploads below the state folder ``state_dir``; ``clock`` counts seconds since 1970."""

    def __init__(self, state_dir: Path, clock: Callable[[], float] = time.time) -> None:
        self.folder = state_dir / FOLDER
        self._clock = clock

    def begin(self, name: str, person: str) -> Arriving:
        """Returns a new upload that is about to arrive. Raises ``Refused`` where nothing can be written."""
        number = secrets.token_hex(16)
        folder = self.folder / number
        try:
            folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.mkdir(mode=0o700)
            path = folder / _name_of_ours(name)
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        except OSError as error:
            raise _no_room(error) from None
        return Arriving(Upload(number, path, name[:_LONGEST_NAME], person, self._clock()), os.fdopen(handle, "wb"))

    def find(self, number: str) -> Upload | None:
        """Returns the upload of this number; None if there is none, or none any more."""
        if not _ID.fullmatch(number):
            return None
        try:
            with open_regular(self.folder / number / _RECORD) as file:
                record = json.load(file)
            upload = Upload(number, self.folder / number / record.pop("file"), **record)
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None
        return upload if upload.path.is_file() else None

    def tidy(self, sources: Collection[str]) -> None:
        """Removes the uploads of which no run has come within a day; ``sources`` are what the runs of the journal were read
        from."""
        with suppress(OSError):
            for folder in self.folder.iterdir():
                if not _ID.fullmatch(folder.name) or self._clock() - folder.stat().st_mtime < KEPT:
                    continue
                if not any(str(path) in sources for path in folder.iterdir()):
                    shutil.rmtree(folder, ignore_errors=True)


class Arriving:
    """An upload while it arrives: it is written part by part, and is either complete or gone."""

    def __init__(self, upload: Upload, file: BinaryIO) -> None:
        self._upload = upload
        self._file = file

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._file.close()
        if not (self._upload.path.parent / _RECORD).exists():
            shutil.rmtree(self._upload.path.parent, ignore_errors=True)

    def write(self, part: bytes) -> None:
        """Writes the next part. Raises ``Refused`` where there is no room."""
        try:
            self._file.write(part)
        except OSError as error:
            raise _no_room(error) from None

    def complete(self) -> Upload:
        """Returns the upload, of which all has arrived."""
        try:
            self._file.close()
        except OSError as error:
            raise _no_room(error) from None
        return keep(self._upload)

    def complete_pasted(self) -> Upload:
        """Returns the upload of rows from the clipboard, which has no name of its own."""
        self._upload = replace(self._upload, name="")
        return self.complete()


def keep(upload: Upload) -> Upload:
    """Writes the record of an upload, and returns it. Raises ``Refused`` where there is no room."""
    names = ("name", "person", "time", "choices", "problem", "run")
    record = {name: getattr(upload, name) for name in names} | {"file": upload.path.name}
    place = upload.path.parent / f"{_RECORD}.{secrets.token_hex(4)}"
    try:
        place.touch(mode=0o600)
        place.write_text(json.dumps(record), encoding="utf-8")  # ASCII, whatever half of a character a name holds
        place.replace(upload.path.parent / _RECORD)
    except OSError as error:
        with suppress(OSError):
            place.unlink()
        raise _no_room(error) from None
    return upload


def pasted(text: bytes) -> bytes:
    """Returns what was copied from a spreadsheet as a text file that is read for certain: UTF-8, with tabs between cells.

    Raises ``Refused`` where nothing was pasted.
    """
    written = io.StringIO(newline="")
    writer = csv.writer(written, delimiter="\t", lineterminator="\n", quoting=csv.QUOTE_MINIMAL)
    is_blank = True
    for row in clipboard_rows(text.decode("utf-8", "replace")):
        is_blank = is_blank and not any(cell.strip() for cell in row)
        writer.writerow(row)
    if is_blank:
        raise Refused("upload.nothing_pasted")
    return written.getvalue().encode("utf-8")


def paste_name() -> str:
    """Returns the name by which a pasted text is begun."""
    return _PASTED


def in_words(size: int) -> str:
    """Returns a number of bytes as people write it: ``50 MB``."""
    return f"{size >> 10} KB" if size % (1 << 20) else f"{size >> 20} MB"


def _name_of_ours(name: str) -> str:
    """Under what name a file is kept: one of ours, with the end and the beginning that tell a kind of file by its name."""
    last = PurePosixPath(name.replace("\\", "/")).name
    suffix = PurePosixPath(last).suffix.lower() if last != _PASTED else _PASTED
    begin = next((begin for begin in _OWNER if last.startswith(begin)), "")
    return f"{begin}{_SHEET}{suffix if _SUFFIX.fullmatch(suffix) else ''}"


def _no_room(error: OSError) -> Refused:
    return Refused("upload.no_room", reason=reason_in(error))
