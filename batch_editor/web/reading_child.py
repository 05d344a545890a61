"""The process in which sheets are read: it takes one task after the other from its pipe, and sends back what came of it.

What strangers have made is read here, so that neither a long sheet nor a hostile one holds up the page. The settings come
by the pipe. The process ends when its parent does, and may take only so much memory.
"""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO, Any

from .. import job
from ..errors import BatchEditorError
from ..events import Event, SheetProgress
from ..model import Message
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

    def run(self, tell: Callable[[int], None]) -> SheetLook:
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

    def run(self, tell: Callable[[int], None]) -> Planned:
        """Returns the run that waits for somebody to agree; tells meanwhile how many rows were read."""

        def on_event(event: Event) -> None:
            if isinstance(event, SheetProgress):
                tell(event.rows)

        with job.plan(self.path, self.settings, **self.options, attended=True, on_event=on_event) as prepared:
            return Planned(prepared.name, prepared.preview.counts.statuses["invalid"])


Task = Look | PlanSheet


def write_frame(pipe: IO[bytes], value: object) -> None:
    """Writes a value to a pipe between this package and itself."""
    content = pickle.dumps(value)
    pipe.write(len(content).to_bytes(8, "big") + content)
    pipe.flush()


def read_frame(pipe: IO[bytes]) -> Any:
    """Returns the next value of such a pipe. Raises ``EOFError`` at its end."""
    head = pipe.read(8)
    if len(head) < 8:
        raise EOFError
    return pickle.loads(pipe.read(int.from_bytes(head, "big")))  # noqa: S301  # both ends are this package


def serve(tasks: IO[bytes], answers: IO[bytes]) -> None:
    """Does the tasks that come through one pipe until it is closed, and answers each through the other one.

    An answer is what the task came to, or the message of an error; numbers of rows come before it.
    """
    while True:
        try:
            task: Task = read_frame(tasks)
        except EOFError:
            return
        try:
            answer: object = task.run(partial(write_frame, answers))
        except BatchEditorError as error:
            answer = error.message
        except MemoryError:
            answer = Message("reading.too_large")
        write_frame(answers, answer)


def _limit_memory() -> None:
    if sys.platform == "win32":
        return
    import resource

    most = resource.getrlimit(resource.RLIMIT_AS)[1]
    if most == resource.RLIM_INFINITY or most > MEMORY:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, most))


def main() -> None:
    """Serves the process that has started this one: nothing else that is printed reaches its pipe."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    _limit_memory()
    serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
