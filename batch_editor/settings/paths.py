"""Paths of files and folders as people write them in the settings, with ``~`` for the home folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError


def from_home(path: str) -> str:
    """``path`` with the home folder for its first ``~``; as it is where there is no such person (``~names.xlsx``)."""
    return os.path.expanduser(path)  # noqa: PTH111  # Path raises RuntimeError there


def _file(value: object) -> Path:
    return _path(value, PydanticCustomError("file_path", "must be the path of a file"))


def _folder(value: object) -> Path:
    return _path(value, PydanticCustomError("path_type", "must be the path of a folder"))


def _path(value: object, mistake: PydanticCustomError) -> Path:
    """The path that ``value`` says; raises ``mistake`` where it can say none."""
    if not isinstance(value, str | Path):
        raise mistake
    if not str(value).strip() or value == Path():
        raise PydanticCustomError("string_too_short", "must not be empty")
    path = from_home(str(value))
    if path.startswith("~"):
        raise PydanticCustomError("path_user", "begins with ~ and the name of a user whom this computer does not know")
    return Path(path)


#: The path of a file, and that of a folder.
FilePath = Annotated[Path, BeforeValidator(_file)]
FolderPath = Annotated[Path, BeforeValidator(_folder)]
