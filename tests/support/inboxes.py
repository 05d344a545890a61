"""An inbox of a test: a folder, a stand-in of the CRM, and a clock of looks that goes on when the inbox waits."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from batch_editor.inbox.outcomes import Pass
from batch_editor.inbox.passes import Inbox
from support import jobs


class Box:
    """The inbox ``folder`` below ``place``; ``machine`` names the state of the one that works at it.

    ``meanwhile`` is called with the seconds whenever the inbox waits, after the clock has gone on.
    """

    def __init__(self, place: Path, url: str, *, machine: str = "state", **over: Any) -> None:
        self.folder = (place / "in").resolve()
        self.folder.mkdir(exist_ok=True)
        self.clock = 0.0
        self.waited = list[float]()
        self.meanwhile: Callable[[float], None] = lambda seconds: None
        self.settings = jobs.settings(place, url, **{"state_dir": place / machine, **over})

    def inbox(self, **options: Any) -> Inbox:
        """Returns it as somebody looks at it."""
        return Inbox(self.folder, self.settings, clock=lambda: self.clock, wait=self._wait, **options)

    def one_pass(self, **options: Any) -> Pass:
        """Makes one pass."""
        return self.inbox(**options).one_pass()

    def put(self, clues: range | list[int], name: str = "edits.csv", *, age: float = 0) -> Path:
        """Puts a sheet with a row for each clue into the inbox, that was changed so many seconds ago."""
        return self.aged(jobs.sheet(self.folder, clues, name), age)

    def aged(self, path: Path, age: float) -> Path:
        """Makes a file look as if it was changed so many seconds ago."""
        state = path.stat()
        os.utime(path, (state.st_atime, state.st_mtime - age))
        return path

    def files(self) -> list[str]:
        """Returns the paths of all files of the inbox."""
        paths = [path for path in self.folder.rglob("*") if path.is_file()]
        return sorted(path.relative_to(self.folder).as_posix() for path in paths)

    def _wait(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.clock += seconds
        self.meanwhile(seconds)
