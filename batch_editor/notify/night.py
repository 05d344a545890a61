"""One night, from its beginning to its end: what is written down of it, and whom its outcome is told.

A night never changes what becomes of its run: what goes wrong here is told as a message, and that is all.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from ..errors import BatchEditorError
from ..journal.journal import Journal
from ..messages import language, say
from ..model import Message
from ..runs.journal_file import open_journal
from ..runs.keeping import remove_old
from ..runs.report import Report
from ..settings.settings import Settings
from ..stop import Stop
from .circumstances import Circumstances, News
from .earlier import news_of, with_earlier
from .heartbeat import Heartbeat
from .in_time import fault_of
from .outcome import Outcome, of_error, of_report
from .telling import Telling
from .words import text_of

_log = logging.getLogger(__name__)


def _now() -> datetime:
    return datetime.now().astimezone()


def telling_of(settings: Settings, stop: Stop) -> Telling:
    """Returns what tells the targets of ``settings``, until the process is to ``stop``."""
    return Telling(settings.notify, language(settings.lang), stop=stop, ca_file=settings.api.ca_file)


def heartbeat_of(settings: Settings) -> Heartbeat | None:
    """Returns the heartbeat of ``settings``, if there is one."""
    if settings.heartbeat is None:
        return None
    return Heartbeat(settings.heartbeat.get_secret_value(), ca_file=settings.api.ca_file)


@dataclass(slots=True)
class Tonight:
    """What the nights of one pass over an inbox have in common: the numbers of the ``nights``, of which the first alone
    can be well again, and the ``runs`` of which nobody is told once more that they wait."""

    nights: set[int] = field(default_factory=set)
    runs: set[str] = field(default_factory=set)


class Night:
    """A night of a ``series``, about a ``source``: one sheet, or a folder in which none was. Use it as a context manager.

    ``ended`` takes what its run came to; whatever leaves it as an exception is an outcome as well, and is raised on.
    ``on_trouble`` is told what goes wrong with telling. ``telling`` is shared by the nights of one pass; ``heartbeat`` is
    that of a command of which this is the only night. Once ``stop`` is asked nobody is told a second time. ``tonight``
    is shared by the nights of one pass over an inbox; ``in_inbox`` says that this is one, of a sheet or of the folder.
    ``config`` is the settings file of the job. What was told of the same source within the time ``once_in``, for the
    same reason, is not told again.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        series: str,
        source: str,
        on_trouble: Callable[[Message], None],
        telling: Telling | None = None,
        heartbeat: Heartbeat | None = None,
        stop: Stop | None = None,
        tonight: Tonight | None = None,
        in_inbox: bool = False,
        config: Path | None = None,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self.outcome: Outcome | None = None
        self.once_in: timedelta | None = None
        self._settings = settings
        self._lang = language(settings.lang)
        self._series = series
        self._source = source
        self._in_inbox = in_inbox
        self._config = config.resolve() if config is not None else None
        self._on_trouble = on_trouble
        self._telling = telling or telling_of(settings, stop or Stop())
        self._heartbeat = heartbeat
        self._tonight = tonight or Tonight()
        self._clock = clock
        self._began = clock()
        self._opened = ExitStack()
        self._journal: Journal | None = None
        self._number = 0
        self._is_tidy = False
        self._unrecorded: Message | None = None

    def __enter__(self) -> Self:
        try:
            self._begin()
        except BaseException as error:  # such as a signal: that is how this night ends
            self.__exit__(type(error), error, error.__traceback__)
            raise
        return self

    def _begin(self) -> None:
        if self._heartbeat is not None:
            self._unheard(self._heartbeat.start())
        try:
            journal = self._opened.enter_context(open_journal(self._settings))
            self._number = journal.nights.begin(self._series, self._source, self._began)
            self._journal = journal
        except BatchEditorError as error:
            self._unrecorded = error.message

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with self._opened:
            try:
                self._close(self.outcome or (of_error(error) if error is not None else None))
            except Exception as fault:  # noqa: BLE001  # a night is what its run came to, whatever becomes of telling it
                self._trouble(Message("night.broken", {"kind": fault_of(fault)}))

    def _close(self, outcome: Outcome | None) -> None:
        ended = self._clock()
        if outcome is not None:
            self._end(outcome, ended)
        self._remove_old()
        if self._unrecorded is not None and (outcome is None or outcome.why != self._unrecorded):  # which is told anyway
            self._trouble(Message("night.unrecorded", {"reason": self._unrecorded}))

    def ended(self, report: Report) -> Report:
        """Takes the report of the night's run, and returns it. What old nights have left is removed now, so that whoever shows
        the report can show that as well."""
        self.outcome = of_report(report)
        self._remove_old()
        return report

    def _remove_old(self) -> None:
        """Removes what old nights have left, once in a night."""
        if self._journal is None or self._is_tidy:
            return
        self._is_tidy = True
        for message in remove_old(self._journal, self._settings, self._series, self._clock()):
            self._trouble(message)

    def _end(self, outcome: Outcome, ended: datetime) -> None:
        try:
            if self._journal is not None:
                self._journal.nights.end(
                    self._number,
                    ended,
                    exit_code=outcome.exit_code,
                    reason=outcome.reason,
                    run=outcome.run,
                    counts=outcome.counts,
                )
        except BatchEditorError as error:
            self._unrecorded = error.message
        if outcome.run is not None:
            self._tonight.runs.add(outcome.run)
        night = self._circumstances(ended)
        if self._heartbeat is not None:
            text = text_of(news_of(outcome, night) or News.WELL, outcome, night, self._lang)
            words = "\n".join([text.title, *text.lines, *text.problems, *text.ending])
            self._unheard(self._heartbeat.end(words, is_well=outcome.is_well))
        news = news_of(outcome, night)
        if self._telling.targets and news is not None and not self._was_told(news, outcome):
            self._tell(news, outcome, night)

    def _was_told(self, news: News, outcome: Outcome) -> bool:
        if self.once_in is None or self._journal is None:
            return False
        try:
            nights = self._journal.nights.since(self._series, self._began - self.once_in)
        except BatchEditorError as error:
            self._unrecorded = error.message
            return False
        same = [night for night in nights if (night.source, night.reason) == (self._source, outcome.reason)]
        return any(news in night.told for night in same)

    def _circumstances(self, ended: datetime) -> Circumstances:
        """Returns what the journal knows of the nights before; nothing where it cannot be read."""
        places = self._series, self._source, self._began, ended, self._settings.zone
        night = Circumstances(*places, config=self._config, in_inbox=self._in_inbox)
        if self._journal is None:
            return night
        try:
            night = with_earlier(self._journal, night, self._number, self._settings, self._tonight.runs)
        except BatchEditorError as error:
            self._unrecorded = error.message
            return night
        is_first = not self._tonight.nights
        self._tonight.nights.add(self._number)
        return night if is_first else replace(night, last=None, trouble=None)

    def _tell(self, news: News, outcome: Outcome, night: Circumstances) -> None:
        troubles = self._telling.tell(text_of(news, outcome, night, self._lang), weekly=news is News.WEEKLY)
        for number, trouble in troubles.items():
            if trouble is not None:
                values = {"number": number, "kind": dict(self._telling.targets)[number].kind, "reason": trouble}
                self._trouble(Message("telling.untold", values))
        if self._journal is None or None not in troubles.values():
            return
        try:
            self._journal.nights.mark_told(self._number, [news.value])
            self._tonight.runs.update(of.run.name for of in night.unfinished)
            for before in night.cut_off:
                self._journal.nights.mark_told(before.id, [News.UNFINISHED.value])
        except BatchEditorError as error:
            self._unrecorded = error.message

    def _unheard(self, trouble: Message | None) -> None:
        if trouble is not None:
            self._trouble(Message("telling.unheard", {"reason": trouble}))

    def _trouble(self, message: Message) -> None:
        _log.info("%s", say(message, "en"))
        self._on_trouble(message)
