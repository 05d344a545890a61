"""The progress of a run on stderr: a bar on a terminal, elsewhere a line every few seconds. Notices are written at once."""

from __future__ import annotations

import time
from collections.abc import Callable

from ..events import ClueProgress, Notice, SendProgress, SheetProgress
from ..messages import Lang, say
from ..messages.visible import visible_lines
from ..model import Message

#: Seconds between two lines of progress where there is no terminal to draw a bar on.
LINE_EVERY = 5.0
#: The events that are shown.
Shown = SheetProgress | ClueProgress | SendProgress | Notice


class Lines:
    """Progress as lines that are handed to ``put``, the first one after a few seconds; notices at once."""

    def __init__(self, lang: Lang, put: Callable[[str], None]) -> None:
        self._lang = lang
        self._put = put
        self._last = time.monotonic()

    def show(self, event: Shown) -> None:
        if isinstance(event, Notice) or time.monotonic() - self._last >= LINE_EVERY:
            self._last = time.monotonic()
            self._put(visible_lines(say(_event_text(event, self._lang), self._lang)))

    def settle(self) -> None:
        """Lines leave nothing to take away."""


class Bar:
    """Progress as a bar on the terminal, which disappears when something else is to be seen."""

    def __init__(self, lang: Lang) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self._lang = lang
        columns = (BarColumn(bar_width=20), TextColumn("{task.description}", markup=False), TimeRemainingColumn())
        self._bar = Progress(*columns, console=Console(stderr=True, emoji=False), transient=True)
        self._task = self._bar.add_task("", total=None)

    def show(self, event: Shown) -> None:
        text = visible_lines(say(_event_text(event, self._lang), self._lang))
        if isinstance(event, Notice):
            self._bar.console.print(text, markup=False, highlight=False)
            return
        done, total = (0, None) if isinstance(event, SheetProgress) else (event.done, event.total)
        self._bar.update(self._task, description=text, total=total, completed=done)
        self._bar.start()

    def settle(self) -> None:
        self._bar.stop()


def _event_text(event: Shown, lang: Lang) -> Message:
    match event:
        case Notice():
            return event.message
        case SheetProgress():
            return Message("progress.reading", {"rows": event.rows})
        case ClueProgress():
            return Message("progress.comparing", {"done": event.done, "total": event.total})
        case SendProgress():
            counts = ", ".join(
                f"{say(Message(f'status.{status}'), lang)} {number}" for status, number in sorted(event.counts.items())
            )
            return Message("progress.sending", {"done": event.done, "total": event.total, "counts": counts or "-"})
