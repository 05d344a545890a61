"""Lets others know that an inbox is looked into: its heartbeat around each pass, and all targets where a pass cannot be made.

What became of a sheet is told as the night of that sheet, see ``handling``.
"""

from __future__ import annotations

from collections.abc import Callable

from ..messages import language, say
from ..model import Message
from ..notify.night import Night, heartbeat_of
from ..notify.outcome import of_error
from ..settings.settings import Settings
from .outcomes import Pass

#: Seconds after which a heartbeat hears at the latest that somebody looks again and again, also where nothing comes.
_PULSE = 60.0


class Pulse:
    """The pulse of one inbox, for as long as a process looks into it."""

    def __init__(self) -> None:
        self._has_begun = False
        self._last: float | None = None
        self._trouble: Message | None = None

    def start(self, settings: Settings, on_trouble: Callable[[Message], None]) -> None:
        """Says that a pass begins, once until it ends."""
        if not self._has_begun:
            self._has_begun = True
            if (heartbeat := heartbeat_of(settings)) is not None:
                _heard(heartbeat.start(), on_trouble)

    def end(self, outcome: Pass, settings: Settings, on_trouble: Callable[[Message], None], now: float) -> None:
        """Says what a pass has come to; of passes to which nothing came, one a minute is said."""
        is_due = self._has_begun or outcome.exit_code or self._trouble or self._last is None or now - self._last >= _PULSE
        self._has_begun = False
        self._trouble = None
        heartbeat = heartbeat_of(settings)
        if is_due and heartbeat is not None:
            self._last = now
            _heard(heartbeat.end(_words(outcome, settings), is_well=outcome.exit_code == 0), on_trouble)

    def fail(
        self,
        error: BaseException,
        night: Night | None,
        settings: Settings,
        on_trouble: Callable[[Message], None],
    ) -> None:
        """Says that a pass could not be made or broke off: the ``night`` has the targets told, None if they were told already.
        What stands in the way of one pass after the other is told once."""
        outcome = of_error(error)
        if self._trouble is not None and outcome.why == self._trouble:
            return
        self._trouble = outcome.why
        self.start(settings, on_trouble)
        self._has_begun = False
        if night is not None:
            with night:
                night.outcome = outcome
        heartbeat = heartbeat_of(settings)
        if heartbeat is not None:
            words = say(outcome.why, language(settings.lang)) if outcome.why else ""
            _heard(heartbeat.end(words, is_well=False), on_trouble)


def _words(outcome: Pass, settings: Settings) -> str:
    """Returns what a pass came to, a line for each of its sheets."""
    lang = language(settings.lang)
    lines = [say(outcome.error.message, lang)] if outcome.error is not None else []
    for handled in outcome.sheets:
        values = {"sheet": handled.name, "exit_code": handled.exit_code, "reason": handled.reason or ""}
        lines.append(say(Message("inbox.beat", values), lang).strip())
    return "\n".join(lines)


def _heard(trouble: Message | None, on_trouble: Callable[[Message], None]) -> None:
    if trouble is not None:
        on_trouble(Message("telling.unheard", {"reason": trouble}))
