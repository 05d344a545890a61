"""The process in which sheets are read: it takes one task after the other from its pipe, and sends back what came of it.

What strangers have made is read here, so that neither a long sheet nor a hostile one holds up the page. The settings come
by the pipe. The process ends when its parent does, and may take only so much memory.
"""

from __future__ import annotations

import signal
import sys
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from .. import job
from ..errors import BatchEditorError
from ..model import Event, Message, SheetProgress
from ..runs.sheet_choices import SheetChoices
from ..runs.sheet_look import SheetLook
from ..settings.settings import Settings

#: How much memory the process may take, in bytes: far more than a sheet of a million rows needs.
MEMORY = 2 << 30


@dataclass(frozen=True, slots=True)
class Look:
    """Looks at a sheet, see ``look_at``."""

    path: Path
    settings: Settings = field(repr=False)
    sheet_name: str | None = None
    choices: SheetChoices = SheetChoices()  # noqa: RUF009  # it is frozen
    encoding: str | None = None
    delimiter: str | None = None

    def run(self, pipe: Connection) -> SheetLook:
        """Returns what the sheet is taken for."""
        options: dict[str, Any] = {"encoding": self.encoding, "delimiter": self.delimiter}
        return job.look_at(self.path, self.settings, sheet_name=self.sheet_name, choices=self.choices, **options)


@dataclass(frozen=True, slots=True)
class Planned:
    """A run that was planned: its name, and how many of its rows are wrong."""

    run: str
    wrong_rows: int


@dataclass(frozen=True, slots=True)
class PlanSheet:
    """Plans a sheet, see ``plan``; ``options`` are its keyword arguments."""

    path: Path
    settings: Settings = field(repr=False)
    options: dict[str, Any]

    def run(self, pipe: Connection) -> Planned:
        """Returns the run that waits for somebody to agree; tells meanwhile how many rows were read."""

        def tell(event: Event) -> None:
            if isinstance(event, SheetProgress):
                pipe.send(event.rows)

        with job.plan(self.path, self.settings, **self.options, attended=True, on_event=tell) as prepared:
            return Planned(prepared.name, prepared.preview.counts.statuses["invalid"])


Task = Look | PlanSheet


def serve(pipe: Connection) -> None:
    """Does the tasks that come through ``pipe`` until it is closed.

    It answers each with what it came to, or with the message of an error, and with numbers of rows before that.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is meant for the server
    _limit_memory()
    while True:
        try:
            task: Task = pipe.recv()
        except EOFError:
            return
        try:
            answer: object = task.run(pipe)
        except BatchEditorError as error:
            answer = error.message
        except MemoryError:
            answer = Message("reading.too_large")
        pipe.send(answer)


def _limit_memory() -> None:
    if sys.platform == "win32":
        return
    import resource

    most = resource.getrlimit(resource.RLIMIT_AS)[1]
    if most == resource.RLIM_INFINITY or most > MEMORY:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, most))
