"""What Ctrl-C, SIGTERM and SIGHUP (Ctrl-Break on Windows) do: they interrupt a command, until it has another use for them.

A run that was begun stops in its own way, see ``sending``.
"""

from __future__ import annotations

import signal
from collections.abc import Callable
from types import FrameType


class Interruption:
    """The handler that interrupts a command: it raises ``KeyboardInterrupt``, also for SIGTERM, so that the rows that a check
    keeps while it runs do not stay behind.

    ``came`` says that it did: a library in the middle of which it comes may make another error of it. Once it ``is_over``
    nothing is interrupted any more: the command has said how it ended, and must not say it twice.
    """

    def __init__(self) -> None:
        self.came = False
        self.is_over = False

    def __call__(self, number: int, frame: FrameType | None) -> None:
        if not self.is_over:
            self.came = True
            raise KeyboardInterrupt


def on_signals(handler: Callable[[int, FrameType | None], object]) -> None:
    """From here on Ctrl-C, SIGTERM and SIGHUP (Ctrl-Break on Windows) call ``handler``; SIGHUP, the end of the terminal, not
    where somebody has it ignored, as ``nohup`` does."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"):
        if hasattr(signal, name) and (name != "SIGHUP" or signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN):
            signal.signal(getattr(signal, name), handler)
