"""Tasks for the processes that read sheets. Such a process imports them by name, so that they stand where it finds them."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from batch_editor.web.reading_child import MEMORY


@dataclass
class Sleep:
    """A task that says nothing for a while."""

    seconds: float
    path: Path = Path()

    def run(self, tell: Callable[[int], None]) -> object:
        time.sleep(self.seconds)
        return None


@dataclass
class Count:
    """A task that tells numbers of rows, and prints."""

    def run(self, tell: Callable[[int], None]) -> object:
        for rows in (1000, 2000):
            tell(rows)
        print("nobody reads this")
        return "done"


@dataclass
class Die:
    """A task in which the process ends."""

    def run(self, tell: Callable[[int], None]) -> object:
        os.kill(os.getpid(), signal.SIGKILL if sys.platform != "win32" else signal.SIGTERM)
        return None


@dataclass
class Grow:
    """A task that takes more memory than there may be."""

    def run(self, tell: Callable[[int], None]) -> object:
        return len(bytearray(MEMORY + 1))
