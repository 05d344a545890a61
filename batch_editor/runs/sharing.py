"""Sends a run together with workers on any number of machines, for the process that has planned it and drives it.

It hands the run out in shards, takes shards itself so that a run needs no worker, tells how far all of them are, and adds up
what they came to. How one shard is sent is left to ``shard_drive``.
"""

from __future__ import annotations

import math
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from contextlib import suppress

from ..crm.connection import tenant_key
from ..errors import Halted, UnderWay, stopped
from ..events import Event, Notice, SendProgress, Waiting
from ..journal.journal import Journal
from ..journal.leases import ShardState
from ..model import HaltReason, Message, Stoppage
from ..settings.settings import Settings, app_of
from ..states import WaitReason
from ..stop import Stop
from .handing_out import hand_out
from .session import Session
from .shard_counts import ShardCounts, added, are_over, stoppage_of, waiting_from_json
from .shard_drive import drive_shard
from .workers import LOOK_UP

#: Seconds between two looks at the shards of the run, and between two tries to take one.
_LOOK_AGAIN = 0.5
#: For so many seconds what several shards have to tell in the same words is told once.
_SAME_NEWS = 10.0
#: For so many seconds it is waited that this process abandons what it has in flight.
_ABANDONING = 5.0
_STOPPING = Message("notice.stopping")
_OF_JOURNAL = ("notice.journal_away", "notice.journal_back")


class Sharing:
    """The sending of a run by all who take part. ``session`` is that of this process: what the shards come to is added to what
    it has sent.

    ``stop`` asks the whole run to stop, a second time this process alone.
    """

    def __init__(
        self,
        journal: Journal,
        session: Session,
        settings: Settings,
        stop: Stop,
        on_event: Callable[[Event], None],
    ) -> None:
        self._journal = journal
        self._session = session
        self._run = session.run
        self._settings = settings
        self._stop = stop
        self._shards: Sequence[ShardState] = ()
        self._is_stopping = False  # as far as people were told
        self._on_event = on_event
        self._changed = threading.Event()
        self._over = threading.Event()
        self._error: BaseException | None = None
        self._ended = Counter[str]()  # what earlier shards of the run have come to, by status
        self._failed = 0  # how many edits of those have failed that could be tried once more
        self._told = Counter[int]()
        self._latest_news: dict[str, tuple[int, float]] = {}

    def send(self, most: int | None = None) -> Stoppage | None:
        """Sends all that is to be sent, or ``most`` edits. Returns why that halted, if it did, as ``Session.send``."""
        session = self._session
        try:
            rows = hand_out(self._journal, self._run.name, self._settings, most)
            if not rows:
                return None
            session.done -= self._failed  # they are tried once more
            session.total = session.done + (rows if most is None else min(rows, most))
            shards = self._while_taking_part()
        except Halted as error:
            return error.stoppage
        if not shards:  # somebody has ended the run, or taken it over, while the database was away for this process alone
            raise UnderWay("run.taken_over", run=self._run.name)
        total = added(map(ShardCounts.of, shards))
        to_send = rows - total.dropped
        session.dropped += total.dropped
        session.done += (to_send if most is None else min(to_send, most)) - total.held_back
        session.slowest_shard = min(session.slowest_shard, total.slowed)
        self._failed = total.failures
        self._ended += total.ended
        if not any(shard.is_live for shard in shards):
            with suppress(Halted):
                if not all(shard.is_done for shard in shards):
                    self._run.sending.abandon(Message("failed.abandoned"))
                self._journal.leases.drop(self._run.run_id)
        halted = stoppage_of(shards, total)
        if self._stop.soft.is_set() and (halted is None or halted.reason is HaltReason.ASKED):
            return stopped(self._stop).stoppage
        return halted

    def _while_taking_part(self) -> Sequence[ShardState]:
        """Tells how far the shards are, and takes some of them, until all have ended; returns them."""
        self._over.clear()
        self._shards = ()
        thread = threading.Thread(target=self._take_part, name="participant", daemon=True)
        thread.start()
        try:
            self._watch()
        except BaseException:  # Ctrl-C without a handler, or a callback's own error: what is in flight ends before it is raised
            with suppress(Halted):
                self._run.ask_to_stop()
            self._stop.soft.set()
            raise
        finally:
            self._over.set()
            thread.join(_ABANDONING if self._stop.hard.is_set() else None)
        if self._error is not None:
            with suppress(Halted):
                self._run.ask_to_stop()
            raise self._error
        self._shards = self._journal.leases.progress(self._run.run_id)
        self._tell(self._shards)
        self._told.clear()
        return self._shards

    def _watch(self) -> None:
        is_asked = False
        looked = -math.inf
        while not self._stop.hard.is_set() and self._error is None:
            self._session.tell()
            is_asking = self._stop.soft.is_set() and not is_asked
            if self._changed.wait(0 if is_asking else LOOK_UP) or is_asking or time.monotonic() - looked >= _LOOK_AGAIN:
                self._changed.clear()
                looked = time.monotonic()
                shards = self._look()
                if shards is None:
                    return
                self._tell(shards)
                if is_asking:
                    is_asked = True
                    self._run.ask_to_stop()
                if not shards or are_over(shards, stops=is_asked):
                    return

    def _look(self) -> Sequence[ShardState] | None:
        """Returns how far the shards are, and tells meanwhile if the database cannot be reached; None where this process is to
        leave before the database has answered."""
        answer: Future[Sequence[ShardState]] = Future()
        threading.Thread(target=self._ask, args=(answer,), name="look", daemon=True).start()
        while not answer.done():
            self._session.tell_journal()
            if self._journal.is_away:
                self._tell_progress(Waiting(WaitReason.JOURNAL))
            self._tell_stopping()
            if self._stop.hard.is_set():
                return None
            wait([answer], LOOK_UP)
        self._session.tell_journal()
        self._shards = answer.result()
        self._tell_stopping()
        return self._shards

    def _ask(self, answer: Future[Sequence[ShardState]]) -> None:
        try:
            answer.set_result(self._journal.leases.progress(self._run.run_id))
        except BaseException as error:  # noqa: BLE001  # raised again by the thread that waits
            answer.set_exception(error)

    def _tell_stopping(self) -> None:
        stopped_by_itself = any(shard.stoppage and shard.stoppage.reason is not HaltReason.ASKED for shard in self._shards)
        if self._stop.soft.is_set() and not self._is_stopping and not stopped_by_itself:
            self._is_stopping = True
            self._on_event(Notice(_STOPPING))

    def _tell(self, shards: Sequence[ShardState]) -> None:
        """Tells what is new of the shards: their notices, and how far they are together."""
        for shard in shards:
            counts = ShardCounts.of(shard)
            new = counts.told - self._told[shard.part.shard]
            self._told[shard.part.shard] = counts.told
            for notice in counts.notices[-new:] if new > 0 else ():
                self._tell_notice(notice, shard.part.shard)
        self._tell_progress(_waiting(shards))

    def _tell_progress(self, waiting: Waiting | None) -> None:
        """Tells how far the shards are by what was last seen of them, and why nothing goes out of any."""
        ended = self._session.counts + self._ended + Counter(added(map(ShardCounts.of, self._shards)).ended)
        done = ended.total()
        self._on_event(SendProgress(done, max(done, self._session.total), dict(ended), waiting))

    def _tell_notice(self, notice: Message, shard: int) -> None:
        """Tells a notice of a shard, unless another one has told the same just now; that all stop, and whether the database can
        be reached from here, is told by this process."""
        if notice == _STOPPING or notice.key in _OF_JOURNAL:
            return
        now = time.monotonic()
        key = repr(notice)
        by, when = self._latest_news.get(key, (shard, now))
        self._latest_news[key] = shard, now
        if by == shard or now - when > _SAME_NEWS:
            self._on_event(Notice(notice))

    def _take_part(self) -> None:
        """Takes shards of this run, and sends them, until there are no more."""
        settings, leases = self._settings, self._journal.leases
        tenants = [tenant_key(settings, app_of(settings))]
        try:
            with self._journal.at_work() as name:
                while not self._over.is_set() and not self._stop.soft.is_set():
                    lease = leases.claim(name, tenants, settings.worker.lease, run_id=self._run.run_id)
                    if lease is None:
                        self._over.wait(_LOOK_AGAIN)
                    else:
                        grants = self._session.connection.grants
                        end = drive_shard(self._journal, lease, settings, self._stop, grants=grants)
                        self._changed.set()
                        self._over.wait(end.rest)
        except BaseException as error:  # noqa: BLE001  # raised again by the thread that waits
            self._error = error
        finally:
            self._changed.set()


def _waiting(shards: Sequence[ShardState]) -> Waiting | None:
    """Returns why nothing goes out of any shard that somebody drives; None while something goes out of one of them."""
    live = [waiting_from_json(shard.waiting) for shard in shards if shard.is_live]
    if not live or not all(live):
        return None
    return live[0]
