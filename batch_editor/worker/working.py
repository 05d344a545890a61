"""A worker process from its start to its end: it listens to the queues of its tenants, and sends what there is to be sent."""

from __future__ import annotations

import time
import traceback
from concurrent.futures import Future
from functools import partial
from pathlib import Path

from ..errors import BatchEditorError, Halted, SettingsError
from ..journal import job_queue
from ..journal.journal import Journal
from ..model import Message
from ..runs.journal_file import open_journal
from ..runs.shard_drive import drive_shard
from ..settings.settings import Settings
from ..stop import Stop
from .listening import Listening
from .notes import Note, Tell
from .presence import Presence
from .shards import Drive, Shards
from .slots import Slots, in_background
from .tenants import Tenants
from .tending import tend

#: Seconds between two looks at whether the worker is to end, and between two at its files.
_LOOK_UP, _LOOK_AGAIN = 0.2, 2.0
#: Seconds between two lines that say how much is being sent.
SUMMARY = 60.0
#: Seconds for which whoever is to leave at once is waited for.
_LEAVING = 10.0


def work(settings: Settings, config: Path | None, stop: Stop, tell: Tell, *, drive: Drive = drive_shard) -> None:
    """Sends shards of the runs of the tenants of ``settings``, which were read from ``config``, until ``stop`` is asked.

    Asked once, it takes nothing new, ends what is in flight, and gives its shards back; asked twice, it leaves at once. A
    database that is not there yet is waited for. Raises ``SettingsError`` where there is no journal that several machines
    share, or it is of another version, then or later.
    """
    if settings.journal is None:
        raise SettingsError("worker.no_journal")
    tenants = Tenants(settings, config, tell)
    journal = _opened(settings, stop, tell)
    if journal is None:
        return
    with journal:
        dsn = settings.journal.get_secret_value()
        job_queue.require_schema(dsn)
        with journal.at_work() as name:
            Worker(journal, dsn, name, settings, tenants, stop, tell, drive).run()


def _opened(settings: Settings, stop: Stop, tell: Tell) -> Journal | None:
    """Returns the journal, as soon as its database is there; None where the worker is to end before."""
    reason = None
    while not stop.soft.is_set():
        try:
            return open_journal(settings)
        except SettingsError as error:
            if error.message.key != "journal.no_server":
                raise
            if reason != error.message:
                reason = error.message
                tell(Note("database_away", Message("worker.waits_for_database", {"reason": reason}), is_warning=True))
        stop.soft.wait(_LOOK_AGAIN)
    return None


class Worker:
    """A process that the ``journal`` at the address ``dsn`` knows by ``name``, and that sends for ``tenants`` by its own
    ``settings``."""

    def __init__(
        self,
        journal: Journal,
        dsn: str,
        name: str,
        settings: Settings,
        tenants: Tenants,
        stop: Stop,
        tell: Tell,
        drive: Drive,
    ) -> None:
        number = settings.worker.shards
        self._name = name
        self._tenants = tenants
        self._stop = stop
        self._tell = tell
        self._refused: BatchEditorError | None = None
        self._presence = Presence(journal, name, tenants, self._refuse)
        defer = partial(job_queue.defer_shards, dsn)
        self._shards = Shards(journal, name, tenants, settings.worker.lease, stop, tell, drive=drive, defer=defer)
        self._slots = Slots(number, self._shards.work)
        self._tend = partial(tend, journal, tenants, defer)
        self._listening = Listening(dsn, number, self._fill, self._begin_tending, self._reached)

    def run(self) -> None:
        """Works until it is asked to stop, and what is in flight has ended. Raises ``SettingsError`` where the journal has
        become that of another version."""
        with self._presence:
            self._listening.begin([tenant.key for tenant in self._tenants.served])
            names = ", ".join(tenant.name or tenant.key for tenant in self._tenants.served)
            values = {"worker": self._name, "tenants": names}
            key = "worker.started" if names else "worker.started_for_nobody"
            self._tell(Note("worker_started", Message(key, values), values))
            try:
                self._go_on()
            finally:
                self._stop.soft.set()
                self._listening.end()
            self._finish()
        if self._refused is not None:
            raise self._refused

    def _go_on(self) -> None:
        rows = 0
        looked = told = time.monotonic()
        while not self._stop.soft.wait(_LOOK_UP):
            now = time.monotonic()
            if now - looked >= _LOOK_AGAIN:
                looked = now
                if self._tenants.look_again():
                    self._listening.end()
                    self._listening.begin([tenant.key for tenant in self._tenants.served])
            if now - told >= SUMMARY:
                sent = self._shards.rows - rows
                if sent or self._shards.live:
                    values = {"shards": self._shards.live, "rows": sent, "rate": round(sent / (now - told), 1)}
                    self._tell(Note("summary", Message("worker.summary", values), values))
                rows, told = rows + sent, now

    def _finish(self) -> None:
        """Waits until what is in flight has ended, or everything is left."""
        if live := self._shards.live:
            self._tell(Note("stopping", Message("worker.stopping", {"shards": live}), {"shards": live}))
        while not self._slots.join(_LOOK_UP):
            if self._stop.hard.is_set():
                self._slots.join(_LEAVING)
                break
        self._tell(Note("worker_ended", Message("worker.has_ended", {"rows": self._shards.rows}), {"rows": self._shards.rows}))

    def _refuse(self, error: BatchEditorError) -> None:
        self._refused = error
        self._stop.soft.set()

    def _fill(self) -> Future[None]:
        future = self._slots.fill()
        future.add_done_callback(self._crashed)
        return future

    def _begin_tending(self) -> Future[None]:
        future = in_background(self._tend)
        future.add_done_callback(self._crashed)
        return future

    def _crashed(self, future: Future[None]) -> None:
        """Tells what nobody has foreseen: it ends the shard, or the round, in which it came, and nothing else."""
        error = None if future.cancelled() else future.exception()
        if error is None or isinstance(error, Halted):  # the database is away, which is told by those who listen
            return
        frames = traceback.extract_tb(error.__traceback__)
        place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
        values = {"kind": type(error).__name__, "place": place}
        self._tell(Note("crash", Message("worker.crashed", values), values, is_warning=True))

    def _reached(self, is_reached: bool) -> None:
        key = "worker.database_back" if is_reached else "worker.database_away"
        self._tell(Note("database_back" if is_reached else "database_away", Message(key), is_warning=not is_reached))
