"""stdout and stderr as streams that may fail: a full disk, or a pipe that nobody reads any more, ends no command.

What can no longer be written is left out, and the first error is kept. What follows from that is left to those who show
something.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

from ..errors import Refused

#: By which name a program opens the terminal from which it was started, whatever its streams are.
_TERMINAL = "CONIN$" if os.name == "nt" else "/dev/tty"


class OutputStream:
    """A text stream of which what follows the first ``error`` goes nowhere. All else is that of the stream beneath."""

    def __init__(self, stream: TextIO) -> None:
        self.error: OSError | None = None
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Writes ``text``, as far as that can be done."""
        if self.error is None:
            try:
                return self._stream.write(text)
            except OSError as error:
                self._give_up(error)
        return len(text)

    def flush(self) -> None:
        """Writes out what is still buffered."""
        if self.error is None:
            try:
                self._stream.flush()
            except OSError as error:
                self._give_up(error)

    @property
    def is_cut(self) -> bool:
        """Whether something is lacking that somebody may be waiting for: whoever has closed a pipe has seen enough."""
        return self.error is not None and self.error.errno != errno.EPIPE

    def _give_up(self, error: OSError) -> None:
        self.error = error
        with suppress(OSError, ValueError):  # what is still buffered would fail once more when the interpreter ends
            os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())


def guard_streams() -> None:
    """Makes of stdout and stderr streams that may fail; what was closed by whoever started this program leads nowhere."""
    for name in ("stdin", "stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            stream = Path(os.devnull).open("r" if name == "stdin" else "w")  # noqa: SIM115  # to the end
            setattr(sys, name, stream)
        elif isinstance(stream, io.TextIOWrapper) and name != "stdin":
            stream.reconfigure(errors="replace")  # a console that lacks a character must not end the run
        if name != "stdin":
            setattr(sys, name, OutputStream(stream))


def piped_sheet(path: Path) -> Any:
    """Returns the sheet that somebody means by ``path``: for "-" what another program writes to stdin, as if it were a file
    ``stdin`` in the current folder.

    A question is then asked at the terminal itself, which takes the place of stdin. Raises ``Refused`` where stdin is that
    terminal.
    """
    if str(path) != "-":
        return path
    from ..runs.source import Piped

    if sys.stdin.isatty():
        raise Refused("stdin.terminal")
    piped = Piped(sys.stdin.buffer, Path.cwd() / "stdin")
    try:
        sys.stdin = Path(_TERMINAL).open()  # noqa: SIM115  # to the end
    except OSError:  # nobody is there
        sys.stdin = io.StringIO()
    return piped


def trouble(stream: TextIO | OutputStream) -> OSError | None:
    """Returns why what was written to stdout or stderr last was not, or None."""
    return stream.error if isinstance(stream, OutputStream) else None
