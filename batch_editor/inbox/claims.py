"""Who has taken which sheet out of an inbox: a sheet is taken by moving it into a folder of whoever took it.

``DIR/taken/OWNER/CLAIM/NAME`` is a sheet that is at work. To move it there is one step, which succeeds for one process alone,
on a share as well: of two machines one gets it. The owner is a journal, since only who has the journal of a run can go on with
it; its name begins with that of the machine, so that people know where to look.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ..journal.machine import machine_name
from .looks import FileState
from .names import Kind, kind_of
from .places import move

TAKEN = "taken"
_OWNER = "inbox-owner.txt"


@dataclass(frozen=True, slots=True)
class Claim:
    """A sheet that was taken: it is the file ``sheet`` now; ``marker`` is the file that said it was finished, if one did."""

    sheet: Path
    marker: Path | None = None

    @property
    def name(self) -> str:
        """What the sheet is called."""
        return self.sheet.name

    @property
    def files(self) -> Sequence[Path]:
        """All files of the claim."""
        return [self.sheet, self.marker] if self.marker else [self.sheet]

    def state(self) -> FileState | None:
        """Returns what the sheet looks like now; None where it is gone."""
        return state_of(self.sheet)

    def close(self) -> None:
        """Removes the folder of the claim, once nothing is in it."""
        with suppress(OSError):
            self.sheet.parent.rmdir()


@dataclass(frozen=True, slots=True)
class Held:
    """A sheet that somebody else has taken: the ``owner``, and the file, where it lies."""

    owner: str
    sheet: Path


class Claims:
    """The sheets that were taken out of the ``inbox``, for the one ``owner`` that this process is."""

    def __init__(self, inbox: Path, owner: str, marker: str | None = None) -> None:
        self._inbox = inbox
        self._folder = inbox / TAKEN
        self._owner = owner
        self._marker = marker

    def take(self, name: str, marker: str | None = None) -> Claim | None:
        """Takes the sheet called ``name``, and its ``marker`` first, if it has one; returns None where somebody else was
        quicker. Raises ``OSError`` where it cannot be moved."""
        folder = self._folder / self._owner / f"{datetime.now().astimezone():%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
        folder.mkdir(parents=True)
        claim = Claim(folder / name, folder / marker if marker else None)
        try:
            if marker:
                (self._inbox / marker).rename(folder / marker)
            (self._inbox / name).rename(claim.sheet)
        except OSError as error:
            if not claim.sheet.exists():  # a share may say that it failed where it was only asked twice
                self.put_back(claim)
                if isinstance(error, FileNotFoundError):
                    return None
                raise
        return claim

    def put_back(self, claim: Claim) -> None:
        """Lays a sheet back into the inbox, where its name may be taken by a newer one by now; its marker last."""
        for path in claim.files:
            if path.exists():
                move(path, self._inbox, path.name)
        claim.close()

    def ours(self) -> list[Claim]:
        """Returns the sheets that this owner has taken and that have not been moved on yet, the first one first. What a process
        that was killed has left of a claim is put in order."""
        claims = list[Claim]()
        for folder in _folders(self._folder / self._owner):
            if claim := self._claim_in(folder):
                claims.append(claim)
            else:
                with suppress(OSError):
                    for path in _files(folder):
                        move(path, self._inbox, path.name)  # a marker, whose sheet was not taken yet
                    folder.rmdir()
        return claims

    def of_others(self) -> list[Held]:
        """Returns the sheets that other owners have taken."""
        return [
            Held(owner.name, claim.sheet)
            for owner in _folders(self._folder)
            if owner.name != self._owner
            for folder in _folders(owner)
            if (claim := self._claim_in(folder))
        ]

    def _claim_in(self, folder: Path) -> Claim | None:
        files = _files(folder)
        sheet = next((path for path in files if kind_of(path.name, self._marker) is Kind.SHEET), None)
        if sheet is None:
            return None
        return Claim(sheet, next((path for path in files if path != sheet), None))


def owner_of(state_dir: Path) -> str:
    """Returns the name by which the journal in ``state_dir`` takes sheets: that of the machine on which it was first asked for,
    and some letters of its own. Raises ``OSError``."""
    file = state_dir / _OWNER
    with suppress(FileNotFoundError):
        if name := file.read_text(encoding="utf-8").strip():
            return name
    machine = re.sub(r"[^\w-]", "-", machine_name())[:40] or "machine"
    name = f"{machine}-{secrets.token_hex(4)}"
    state_dir.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    part.write_text(name, encoding="utf-8")
    part.replace(file)
    return name


def state_of(path: Path) -> FileState | None:
    """Returns the state of the file at ``path``, by which a change is noticed; None where there is no file."""
    try:
        state = path.lstat()
    except OSError:
        return None
    return FileState(state.st_size, state.st_mtime_ns, state.st_dev, state.st_ino)


def _folders(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.is_dir() and not path.is_symlink())
    except OSError:
        return []


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.is_file() or path.is_symlink())
    except OSError:
        return []
