"""What drives runs for the page: a thread for each run that is being sent or read, which goes on whoever looks or leaves.

``Drivers`` starts, goes on with, stops and watches runs. A thread opens the run itself and calls the job; what goes wrong
before anything is done with its rows is raised to whoever started it, and everything later is kept for whoever looks. How a
``Snapshot`` is shown is left to ``progress_step``.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import secrets
import threading
import time
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field, replace
from itertools import count

from .. import job
from ..errors import BatchEditorError, Refused, UnderWay
from ..events import ClueProgress, Event, Notice, SendProgress
from ..model import Message, RunState
from ..runs.progress import Progress, ProgressMeter, progress_in_journal
from ..runs.report import Report
from ..settings.settings import Settings
from ..stop import Stop

_log = logging.getLogger(__name__)
#: Seconds between two snapshots of a run that is driven here, and of one that another process drives.
EVERY, EVERY_ELSEWHERE = 0.25, 1.0
#: To count the rows of a large run takes its time: there are so many times as long between two looks at the least.
SPARING = 20
#: So many runs that have ended are remembered with their reports.
MOST_ENDED = 50


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One run at one moment, made once for all who watch it.

    ``state`` is that of the journal, but ``READING`` also while the clues of a run that is planned are read. ``is_here`` says
    that this process drives it, ``is_stopping`` that it was asked to stop and finishes what is in flight. ``report`` is that of
    the run's last end here; ``error`` says why reading or sending came to nothing, if it did. ``version`` is another one
    whenever anything else is.
    """

    run: str
    state: RunState
    progress: Progress
    is_here: bool = False
    is_stopping: bool = False
    report: Report | None = field(default=None, compare=False)
    error: Message | None = None
    version: str = field(default="", compare=False)

    @property
    def is_at_work(self) -> bool:
        """Whether somebody reads or sends the run now."""
        return self.state.is_at_work


class _Driver:
    """One run that this process drives, or has driven. ``work`` is called in a thread of its own, with this driver."""

    def __init__(self, run: str, state: RunState, confirmed: str, work: Callable[[_Driver], Report | None]) -> None:
        self.run = run
        self.state = state  # in which it is while it is driven
        self.confirmed = confirmed
        self.stop = Stop()
        self.begun = threading.Event()  # set once something is done with its rows, or it has ended
        self.meter: ProgressMeter | None = None
        self.report: Report | None = None
        self.error: Exception | None = None
        self.last = Progress()  # how far it had come when it ended
        self.over = threading.Event()
        self._is_early = False  # the error came before anything was done with the rows
        self._work = work
        self._thread = threading.Thread(target=self._drive, name=f"driver-{run}", daemon=True)

    def start(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def await_begin(self) -> None:
        """Waits until something is done with the rows. Raises what has kept it from that."""
        self.begun.wait()
        if self._is_early and self.error is not None:
            raise self.error

    def _drive(self) -> None:
        try:
            self.report = self._work(self)
        except Exception as error:  # noqa: BLE001  # raised again, or told, by whoever looks
            self.error = error
            self._is_early = not self.begun.is_set()
            if not isinstance(error, BatchEditorError):
                _log.error("driving %s has failed", self.run, exc_info=error)
        finally:
            if self.meter is not None:
                self.last = self.meter.progress()
            self.over.set()
            self.begun.set()

    def note(self, event: Event) -> None:
        """Takes notice of an event of the run."""
        if self.meter is not None:
            self.meter(event)
        if isinstance(event, SendProgress | ClueProgress | Notice):
            self.begun.set()

    def join(self) -> None:
        """Waits until the run is driven no more."""
        self.over.wait()

    @property
    def is_done_with(self) -> str | None:
        """What it sends, or has sent, so that to confirm the same once more changes nothing; None for one that came to
        nothing."""
        return None if self.over.is_set() and self.report is None else self.confirmed

    @property
    def trouble(self) -> Message | None:
        """Why reading or sending came to nothing, for people."""
        if self.error is None:
            return None
        if isinstance(self.error, BatchEditorError):
            return self.error.message
        return Message("progress.crashed", {"kind": type(self.error).__name__})


class Drivers:
    """Drives runs for as long as the server lives. Its methods may be called by any thread.

    ``settings`` gives those by which the journal is found where a run is only looked at. ``clock`` gives seconds.
    """

    def __init__(self, settings: Callable[[], Settings], clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._clock = clock
        self._lock = threading.Lock()
        self._drivers: dict[str, _Driver] = {}
        self._feeds: dict[tuple[int, str], _Feed] = {}
        self._id = secrets.token_hex(4)
        self._versions = count(1)
        self._ending = self._ended = False

    # --- driving

    def start(self, run: str, *, confirmed: str, settings: Settings, prove: bool | None = None, person: str = "") -> None:
        """Sends a run that is planned or that stopped early, if it is still what ``person`` has ``confirmed``; returns once the
        sending has begun.

        Raises what ``job.send`` raises before the first row: ``Refused`` if the plan is another one by now, among others, and
        ``UnderWay`` where somebody drives it. To confirm the same once more, as a double click does, changes nothing.
        """

        def work(driver: _Driver) -> Report:
            with job.open_run(run, settings) as prepared:
                driver.meter = ProgressMeter(prepared.preview.counts, settings.limits, self._clock)
                return job.send(
                    prepared, confirmed=confirmed, prove=prove, person=person, on_event=driver.note, stop=driver.stop
                )

        self._start(_Driver(run, RunState.SENDING, confirmed, work))

    def resume(self, run: str, *, confirmed: str, settings: Settings, person: str = "") -> None:
        """Goes on with a run that stopped early; otherwise as ``start``."""
        self.start(run, confirmed=confirmed, settings=settings, person=person)

    def read(self, run: str, *, settings: Settings) -> None:
        """Reads the clues of a run that is to be sent, so that its preview says what differs; returns once that has begun."""

        def work(driver: _Driver) -> None:
            with job.open_run(run, settings) as prepared:
                driver.meter = ProgressMeter(prepared.preview.counts, settings.limits, self._clock)
                job.read_clues(prepared, on_event=driver.note, stop=driver.stop)

        self._start(_Driver(run, RunState.READING, "", work))

    def _start(self, driver: _Driver) -> None:
        with self._lock:
            if self._ending:
                raise Refused("progress.server_ends")
            before = self._drivers.get(driver.run)
            if before is not None and not before.over.is_set() and before.confirmed != driver.confirmed:
                raise UnderWay("run.under_way", run=driver.run)
            if before is None or before.is_done_with != driver.confirmed:
                self._drivers[driver.run] = driver
                self._forget_some()
                driver.start()
                before = None
        try:
            (before or driver).await_begin()
        except BaseException:
            with self._lock:
                if self._drivers.get(driver.run) is driver:
                    del self._drivers[driver.run]
            raise

    def _forget_some(self) -> None:
        ended = [run for run, driver in self._drivers.items() if driver.over.is_set()]
        for run in ended[:-MOST_ENDED]:
            del self._drivers[run]

    def stop(self, run: str) -> None:
        """Asks whoever drives ``run``, here or elsewhere, to stop after what is in flight; asked again it changes nothing.

        Raises ``Refused`` if there is no such run, or nobody drives it.
        """
        driver = self._drivers.get(run)
        if driver is not None and not driver.over.is_set():
            driver.stop.soft.set()
        else:
            job.stop_run(run, self._settings())

    def stop_all(self) -> list[str]:
        """Asks everything that is driven here to stop, and returns when what was in flight has finished; nothing starts any
        more. Returns the names of the runs of which rows were not sent."""
        with self._lock:
            self._ending = True
            drivers = [driver for driver in self._drivers.values() if not driver.over.is_set()]
        for driver in drivers:
            driver.stop.soft.set()
        for driver in drivers:
            driver.join()
        self._ended = True
        return [driver.run for driver in drivers if driver.report is None or driver.report.counts["not_sent"]]

    def abandon_all(self) -> None:
        """Asks everything that is driven here to stop at once, without waiting for what is in flight. May be called by a signal
        handler, after ``stop_all`` was."""
        for driver in list(self._drivers.values()):
            driver.stop.soft.set()
            driver.stop.hard.set()

    # --- looking

    def snapshot(self, run: str) -> Snapshot:
        """Returns ``run`` as it is now. Raises ``Refused`` if there is no such run."""
        driver = self._drivers.get(run)
        if driver is not None and not driver.over.is_set() and driver.meter is not None:
            progress = driver.meter.progress()
            state = RunState.READING if progress.is_reading else driver.state
            return Snapshot(run, state, progress, is_here=True, is_stopping=driver.stop.soft.is_set())
        record, shared = job.look_at_run(run, self._settings())
        progress = progress_in_journal(record.counts or {})
        if shared is not None:
            progress = replace(progress, waiting=shared.waiting, notices=shared.messages())
        if driver is None or not driver.over.is_set():
            return Snapshot(run, record.state, progress, is_stopping=record.stop_asked and record.state.is_at_work)
        last = driver.last
        progress = replace(progress, points=last.points, rate=last.rate, seconds=last.seconds, notices=last.notices)
        return Snapshot(run, record.state, progress, report=driver.report, error=driver.trouble)

    def watch(self, run: str) -> AsyncGenerator[Snapshot]:
        """Yields ``run`` as it is now, and whenever that changes, at most four times a second, until nobody is at work on it or
        the server ends. What is made is made once for all who watch. Raises ``Refused`` if there is no such run.

        It is to be called in the event loop in which the generator is used.
        """
        key = (id(asyncio.get_running_loop()), run)
        feed = self._feeds.get(key)
        if feed is None or feed.is_over:
            self._feeds = {place: other for place, other in self._feeds.items() if not other.is_over}
            feed = self._feeds[key] = _Feed(self, run)
        return feed.watched()

    def watchers(self, run: str) -> int:
        """Returns how many watch ``run``."""
        return sum(feed.watchers for (_, name), feed in self._feeds.items() if name == run)

    @property
    def has_ended(self) -> bool:
        """Whether the server ends, and everything that was driven here has stopped."""
        return self._ended

    def is_here(self, run: str) -> bool:
        """Whether this process drives ``run`` now."""
        driver = self._drivers.get(run)
        return driver is not None and not driver.over.is_set() and driver.meter is not None

    def next_version(self) -> str:
        """Returns a version that no other snapshot has, of this server or of one before."""
        return f"{self._id}-{next(self._versions)}"


class _Feed:
    """The snapshots of one run for all who watch it in one event loop. Its methods are called in that loop."""

    def __init__(self, drivers: Drivers, run: str) -> None:
        self.watchers = 0
        self.is_over = False
        self._drivers = drivers
        self._run = run
        self._latest: Snapshot | None = None
        self._error: BatchEditorError | None = None
        self._changed = asyncio.Event()
        self._task = asyncio.create_task(self._make(), name=f"watch-{run}")

    async def watched(self) -> AsyncGenerator[Snapshot]:
        """Yields each snapshot from the latest one on."""
        self.watchers += 1
        seen: Snapshot | None = None
        try:
            while True:
                changed, latest = self._changed, self._latest
                if latest is not None and latest is not seen:
                    seen = latest
                    yield latest
                elif self._error is not None:
                    raise self._error
                elif self.is_over:
                    return
                else:
                    await changed.wait()
        finally:
            self.watchers -= 1

    async def _make(self) -> None:
        try:
            while True:
                has_ended = self._drivers.has_ended
                is_here = self._drivers.is_here(self._run)
                began = time.monotonic()
                snapshot = await self._look()
                took = time.monotonic() - began
                if snapshot != self._latest:
                    version = self._drivers.next_version() if snapshot.is_at_work else _version_over(snapshot)
                    self._latest = replace(snapshot, version=version)
                    self._tell()
                if has_ended or not snapshot.is_at_work:
                    break
                await self._pause(EVERY if is_here else max(EVERY_ELSEWHERE, SPARING * took))
                if not self.watchers:
                    break
        except BatchEditorError as error:
            self._error = error
        finally:
            self.is_over = True
            self._tell()

    async def _look(self) -> Snapshot:
        if self._drivers.is_here(self._run):  # it is in memory
            return self._drivers.snapshot(self._run)
        return await asyncio.to_thread(self._drivers.snapshot, self._run)

    async def _pause(self, seconds: float) -> None:
        """Waits, but not longer than until the server ends, or the run is driven here or no more."""
        is_here = self._drivers.is_here(self._run)
        for _ in range(round(seconds / EVERY)):
            await asyncio.sleep(EVERY)
            if self._drivers.has_ended or self._drivers.is_here(self._run) != is_here:
                return

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


def _version_over(snapshot: Snapshot) -> str:
    """Returns the version of a run that nobody is at work on: as long as nothing happens to it, it is the same for all."""
    record = json.dumps([snapshot.state, sorted(snapshot.progress.counts.items()), repr(snapshot.error)])
    return f"over-{hashlib.sha256(record.encode()).hexdigest()[:16]}"
