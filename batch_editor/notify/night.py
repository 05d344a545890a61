"""One night, from its beginning to its end: what is written down of it, and whom its outcome is told.

A night never changes what becomes of its run: what goes wrong here is told as a message, and that is all.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from types import TracebackType
from typing import Self

from ..errors import BatchEditorError
from ..journal.journal import Journal
from ..messages import say
from ..model import Message
from ..runs.journal_file import open_journal
from ..runs.keeping import remove_old
from ..runs.report import Report
from ..settings.settings import Settings
from .outcome import Outcome, of_error, of_report

_log = logging.getLogger(__name__)


def _now() -> datetime:
    return datetime.now().astimezone()


class Night:
    """A night of a ``series``, about a ``source``: one sheet, or a folder in which none was. Use it as a context manager.

    ``ended`` takes what its run came to; whatever leaves it as an exception is an outcome as well, and is raised on.
    ``on_trouble`` is told what goes wrong with telling.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        series: str,
        source: str,
        on_trouble: Callable[[Message], None],
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self.outcome: Outcome | None = None
        self._settings = settings
        self._series, self._source = series, source
        self._on_trouble = on_trouble
        self._clock = clock
        self._opened = ExitStack()
        self._journal: Journal | None = None
        self._number = 0
        self._unrecorded: Message | None = None

    def __enter__(self) -> Self:
        try:
            journal = self._opened.enter_context(open_journal(self._settings))
            self._number = journal.nights.begin(self._series, self._source, self._clock())
            self._journal = journal
        except BatchEditorError as error:
            self._unrecorded = error.message
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self.outcome is None and error is not None:
            self.outcome = of_error(error)
        with self._opened:
            outcome = self.outcome
            if outcome is not None:
                self._record(outcome)
            if self._journal is not None:
                for message in remove_old(self._journal, self._settings, self._series, self._clock()):
                    self._trouble(message)
            if self._unrecorded is not None and (outcome is None or outcome.why != self._unrecorded):  # which is told anyway
                self._trouble(Message("night.unrecorded", {"reason": self._unrecorded}))

    def ended(self, report: Report) -> Report:
        """Takes the report of the night's run, and returns it."""
        self.outcome = of_report(report)
        return report

    def failed(self, error: BaseException) -> None:
        """Takes the error by which the night has ended."""
        self.outcome = of_error(error)

    def _record(self, outcome: Outcome) -> None:
        if self._journal is None:
            return
        try:
            self._journal.nights.end(
                self._number,
                self._clock(),
                exit_code=outcome.exit_code,
                reason=outcome.reason,
                run=outcome.run,
                counts=outcome.counts,
            )
        except BatchEditorError as error:
            self._unrecorded = error.message

    def _trouble(self, message: Message) -> None:
        _log.info("%s", say(message, "en"))
        self._on_trouble(message)
