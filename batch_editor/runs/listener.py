"""Whoever called the job, as far as a run is concerned: it is told events, and finds the run's name on whatever is raised.

An event is for somebody to look at: an error of the function that is given for it stops no run. The errors are counted, and the
report names the first of them. What is worth a warning is kept as well, for the report or for what is raised.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from types import TracebackType
from typing import Self

from ..errors import BatchEditorError
from ..events import Event, Notice, Started
from ..model import Message
from .report import Report

_log = logging.getLogger(__name__)


class Listener:
    """Hands events on to ``on_event``. As a context manager it sets ``run``, the name of the run or None, on what is raised,
    and adds to the notes of an error of this package what was worth a warning.

    ``on_event`` is called for each event, also after it has raised an error. What asks a program to end, such as
    ``KeyboardInterrupt``, is no such error, and is raised.
    """

    def __init__(self, on_event: Callable[[Event], None] | None = None, run: str | None = None) -> None:
        self.run = run
        self._on_event = on_event
        self._errors = 0
        self._first_error: Exception | None = None
        self._warnings = list[Message]()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if error is not None:
            with suppress(AttributeError):  # a class of somebody else may not let itself be written to
                error.run = self.run  # type: ignore[attr-defined]  # whatever class it is
        if isinstance(error, BatchEditorError):
            error.notes = [*error.notes, *self._warnings]

    def __call__(self, event: Event) -> None:
        """Tells an event."""
        if isinstance(event, Notice) and event.is_warning:
            self._warnings.append(event.message)
        if self._on_event is None:
            return
        try:
            self._on_event(event)
        except Exception as error:  # noqa: BLE001  # whatever the function of somebody else raises
            self._errors += 1
            if self._first_error is None:
                self._first_error = error
                _log.warning("on_event has raised an error; the run goes on", exc_info=error)

    def start(self, run: str) -> None:
        """Tells that the ``run`` of this name has begun, or is gone on with."""
        self.run = run
        self(Started(run))

    def noted(self, report: Report) -> Report:
        """Returns ``report`` with what was worth a warning on the way, and with what ``on_event`` has raised."""
        return replace(report, warned=self._warnings, event_error=self._first_error, event_errors=self._errors)
