"""What is read: a file or a DataFrame, with the digest by which it is known again."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..sheets import Sheet, read_file, read_frame

if TYPE_CHECKING:
    from pandas import DataFrame

#: What stands for the path of a sheet that came as a DataFrame.
DATA_FRAME = "DataFrame"


@dataclass(frozen=True, slots=True)
class Source:
    """What is read: ``path`` is None for a DataFrame, ``digest`` the SHA-256 of the file's bytes."""

    sheets: tuple[Sheet, ...]
    path: Path | None
    digest: str


def open_source(sheet: str | Path | DataFrame) -> Source:
    """The sheets of a file or a DataFrame. Raises ``SheetError``."""
    if not isinstance(sheet, str | Path):
        return Source((read_frame(sheet),), None, "")
    path = Path(sheet).absolute()
    sheets = read_file(path)
    with path.open("rb") as file:
        return Source(sheets, path, hashlib.file_digest(file, "sha256").hexdigest())
