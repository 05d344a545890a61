"""Where the rows of a run come from: a file or a DataFrame, what people call it, and by which digest it is known again."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from ..errors import SheetError
from ..sheets import Sheet, TextForm, open_file, read_file, read_frame

if TYPE_CHECKING:
    from pandas import DataFrame

#: What a sheet may be: the path of a file, or a DataFrame.
SheetSource: TypeAlias = "str | Path | DataFrame"
#: What stands for the name of a sheet that came as a DataFrame.
DATA_FRAME = "DataFrame"


@dataclass(frozen=True, slots=True)
class Source:
    """The ``sheets`` of one file, or the one of a DataFrame.

    ``name`` is what people see, ``digest`` the SHA-256 of the file's bytes in hexadecimal, by which an earlier run of the same
    file is found (empty where nothing can be found again), ``place`` the file's path, beside which results are written (None
    where there is none).
    """

    name: str
    digest: str
    place: Path | None
    sheets: tuple[Sheet, ...]


def open_source(sheet: SheetSource, *, encoding: str | None = None, delimiter: str | None = None) -> Source:
    """Returns the sheets of a file or a DataFrame. Raises ``SheetError``.

    ``encoding`` and ``delimiter`` are those of a text file, for which None is found out; ``SettingsError`` if they are none.
    """
    form = TextForm.named(encoding, delimiter)
    if not isinstance(sheet, str | Path):
        if form.is_named:
            raise SheetError("text.not_text", path=DATA_FRAME, encoding=form.encoding_key, delimiter=form.delimiter_key)
        return Source(DATA_FRAME, "", None, (read_frame(sheet),))
    path = Path(sheet).absolute()
    sheets = read_file(path, form)
    with open_file(path) as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Source(str(path), digest, path, sheets)
