"""Where the settings file is looked for if nobody names one, and files that were meant to be it and have another name.

It is looked for in the current folder, and then in that of the sheet. What a file says is read in ``settings.py``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..model import Message

#: The name of the settings file, and that of the file in which each setting is explained.
NAME, EXAMPLE = "config.yaml", "config.example.yaml"
#: What people and programs make of that name, once it is narrow and in small letters: another end, two ends, a copy.
_NEAR = re.compile(r"config[\s_-]*(\(\d+\)|\d+|-?\s*copy|-?\s*副本)?\s*\.ya?ml(\.(ya?ml|txt))*")
#: How many such files are named.
_MOST_NEAR = 3


@dataclass(frozen=True, slots=True)
class Search:
    """Which settings file is read, None for none: ``is_beside`` says that it lies beside the sheet, and not in this folder.

    ``folders`` are those that were looked through, ``near`` the files there that look as if they were meant.
    """

    file: Path | None = None
    folders: tuple[Path, ...] = ()
    near: tuple[Path, ...] = ()
    is_beside: bool = False

    @property
    def lines(self) -> list[Message]:
        """What a person is told: a file that is not the one of this folder, or that there is none; and what is near it."""
        if self.is_beside:
            lines = [Message("settings.used", {"path": self.file})]
        elif self.file is None and self.folders:
            values = {"folder": self.folders[0], "beside": self.folders[-1]}
            lines = [Message("settings.none" if len(self.folders) == 1 else "settings.none_beside", values)]
        else:
            lines = []
        return lines + self.near_lines

    @property
    def near_lines(self) -> list[Message]:
        """What is told of each file that looks as if it were meant."""
        return [Message(_near_text(path), {"path": path}) for path in self.near]


def search(folder: Path | None = None) -> Search:
    """Looks for the settings file in the current folder, and then in ``folder``, that of the sheet."""
    here = Path()
    folders = [here] if folder is None or _is_same(folder, here) else [here, folder]
    near: list[Path] = []
    for place in folders:
        if _is_there(place / NAME):
            return Search(place / NAME, (), tuple(near[:_MOST_NEAR]), is_beside=place is not here)
        near += _near(place)
    named = [path for path in near if path.name != EXAMPLE]  # the example is meant by nobody who has another file
    return Search(None, tuple(place.absolute() for place in folders), tuple((named or near)[:_MOST_NEAR]))


def _near(folder: Path) -> Sequence[Path]:
    try:
        names = sorted(path.name for path in folder.iterdir())
    except (OSError, ValueError):
        return []
    return [folder / name for name in names if _NEAR.fullmatch(_plain(name)) or name == EXAMPLE]


def _plain(name: str) -> str:
    return unicodedata.normalize("NFKC", name).replace("。", ".").casefold().strip()


def _near_text(path: Path) -> str:
    if path.name == EXAMPLE:
        return "settings.near_example"
    return "settings.near_text" if _plain(path.name).endswith(".txt") else "settings.near"


def _is_same(folder: Path, here: Path) -> bool:
    try:
        return folder.samefile(here)
    except (OSError, ValueError):  # there is no such folder
        return folder.absolute() == here.absolute()


def _is_there(path: Path) -> bool:
    """Returns whether there is anything at ``path``, be it a link that leads nowhere: what was meant is not passed over."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return False
    except OSError:
        return True
    return True
