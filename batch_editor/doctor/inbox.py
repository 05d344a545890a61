"""Looks at the folder in which sheets land: whether it can be read, written to, and sheets moved within it.

What is made there to find out is removed again; no sheet is touched.
"""

from __future__ import annotations

import os
from pathlib import Path

from ..errors import reason_in
from ..inbox.claims import TAKEN
from ..inbox.destinations import DONE, REFUSED, RESULTS
from ..inbox.names import Kind, kind_of
from .checks import Check, bad, warning, well
from .shares import share_of
from .storage import write_probe

NAME = "inbox"
#: The folders into which sheets and results are moved.
_WITHIN = (TAKEN, RESULTS, DONE, REFUSED)


def look(folder: Path) -> list[Check]:
    """Returns what is to be said of an inbox."""
    values: dict[str, object] = {"folder": folder}
    try:
        if not folder.exists():
            return [bad(NAME, "doctor.inbox.missing", **values)]
        if not folder.is_dir():
            return [bad(NAME, "doctor.inbox.no_folder", **values)]
        kinds = [kind_of(entry.name) for entry in os.scandir(folder) if entry.is_file(follow_symlinks=False)]
    except OSError as error:
        return [bad(NAME, "doctor.inbox.unreadable", **values, reason=reason_in(error))]
    for place in (folder, *(folder / name for name in _WITHIN)):
        try:
            if place.exists():
                write_probe(place)
        except OSError as error:
            return [bad(NAME, "doctor.inbox.unwritable", folder=place, reason=reason_in(error))]
    try:
        _move_probe(folder)
    except OSError as error:
        return [bad(NAME, "doctor.inbox.no_moves", **values, reason=reason_in(error))]
    values |= {"sheets": kinds.count(Kind.SHEET), "others": kinds.count(Kind.STRANGE)}
    if share := share_of(folder):
        return [well(NAME, "doctor.inbox.share", **values, kind=share)]
    return [well(NAME, "doctor.inbox.good", **values)]


def _move_probe(folder: Path) -> None:
    """Makes a file, moves it into a folder within ``folder``, and removes both. Raises ``OSError``."""
    name = f".move-probe-{os.getpid()}-{os.urandom(4).hex()}"
    file = folder / name
    within = folder / f"{name}-folder"
    try:
        file.touch(exist_ok=False)
        within.mkdir()
        file.replace(within / name)
    finally:
        (within / name).unlink(missing_ok=True)
        file.unlink(missing_ok=True)
        if within.is_dir():
            within.rmdir()


def settings_of(folder: Path, read: Path | None) -> list[Check]:
    """Returns a warning if the folder holds a settings file and another file is ``read``."""
    config = folder / "config.yaml"
    if not os.path.lexists(config) or (read is not None and read.exists() and read.samefile(config)):
        return []
    return [warning(NAME, "doctor.inbox.other_settings", file=config, read=read or "-")]
