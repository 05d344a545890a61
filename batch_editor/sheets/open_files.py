"""Reads an open file, of text or of bytes, into the sheets that a file with the same content has.

It may be a pipe, which can be read once, and somebody else may read on in it: so what is left in it is copied first.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from ..cell_values import Row
from ..errors import SheetError
from .layout import Layout
from .recognise import read_file
from .sheet import Sheet
from .spool import Spool
from .text_form import TextForm

_CHUNK = 1 << 18


def read_open_file(file: Any, path: Path, form: TextForm, *, name: str) -> tuple[Sheet, ...]:
    """Copies what is left of ``file`` to a new file at ``path``. Returns the sheets in it; people know them by ``name``.

    Raises ``SheetError``, and whatever the file raises.
    """
    if _copy(file, path, form, name=name):
        form = replace(form, encoding="utf-8")
    with _called(path, name):
        sheets = read_file(path, form)
    return tuple(
        replace(sheet, rows=partial(_rows, sheet, path, name), layout=partial(_layout, sheet, path, name)) for sheet in sheets
    )


def _copy(file: Any, path: Path, form: TextForm, *, name: str) -> bool:
    """Copies a file; returns whether it is one of text, which is UTF-8 from then on."""
    is_text = is_empty = True
    with Spool(path) as spool:
        while content := _read(file, name):
            is_empty = False
            is_text = isinstance(content, str)
            if is_text and form.encoding:
                raise SheetError("text.decoded", path=name, encoding=form.encoding_key)
            spool.write(content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content)
    if is_empty:
        raise SheetError("file.at_end" if _was_read(file) else "file.nothing_came", path=name)
    return is_text


def _read(file: Any, name: str) -> str | bytes:
    try:
        content: str | bytes = file.read(_CHUNK)
    except UnicodeError as error:
        raise SheetError("text.undecoded", path=name) from error
    return content


def _was_read(file: Any) -> bool:
    try:
        return bool(file.seekable() and file.tell())
    except OSError:  # somebody goes through its lines
        return True


def _rows(sheet: Sheet, path: Path, name: str) -> Iterator[Row]:
    with _called(path, name):
        yield from sheet.rows()


def _layout(sheet: Sheet, path: Path, name: str) -> Layout:
    with _called(path, name):
        return sheet.layout()


@contextmanager
def _called(path: Path, name: str) -> Iterator[None]:
    """Within the block whatever is said of the file at ``path`` is said of ``name``."""
    try:
        yield
    except SheetError as error:
        if error.message.values.get("path") != path:
            raise
        raise SheetError(error.message.key, **{**error.message.values, "path": name}) from error
