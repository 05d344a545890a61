"""What goes on between this program and the CRM during one run: the pace, the token and the connections, and over them
reading clues and sending edits.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Sequence, Set
from dataclasses import replace
from functools import partial
from types import TracebackType
from typing import Self

from ..crm.connection import Connection, tenant_key
from ..crm.grants import Grants
from ..edits.merge import RecordMerger
from ..errors import Halted
from ..events import ClueProgress, Event, Notice, SendProgress, Waiting
from ..journal.journal import Journal
from ..journal.leases import Lease
from ..journal.sending import CURRENT
from ..messages.time import spoken
from ..model import Edit, HaltReason, Message, Outcome, Reply, Resolved, Status, Stoppage
from ..settings.settings import Settings
from ..states import WaitReason
from ..stop import Stop
from .clue_queue import ClueQueue, Streaks
from .dispatcher import Dispatcher
from .other_runs import OtherRuns
from .read_ahead import ReadAhead
from .senders import Senders
from .workers import Workers


class Session:
    """One run's way to the CRM. Use it as a context manager; raises ``SettingsError`` if there cannot be one.

    ``app`` is what, beside the address, all runs have in common that share a rate; ``merger`` makes of a live record what is
    sent. ``done`` is how many edits have an outcome, ``dropped`` how many rows turned out to have nothing to send once their
    clue was read, ``total`` how many edits it is about, ``unreadable`` how many clues gave ``read`` no answer. ``notices`` are
    told as events, whoever adds them. ``failures`` are how edits have failed for good that could be tried once more.

    With a ``lease`` it is about the shard of the run that this process has it on, for as long as it has. ``streaks`` are those
    that the run has come with, ``grants`` the token that other sessions of this process with the same tenant have.
    """

    def __init__(
        self,
        journal: Journal,
        run: str,
        merger: RecordMerger,
        settings: Settings,
        app: str,
        stop: Stop,
        on_event: Callable[[Event], None],
        *,
        lease: Lease | None = None,
        streaks: Streaks | None = None,
        grants: Grants | None = None,
    ) -> None:
        self.done = self.dropped = self.unreadable = self.total = 0
        self.slowest_shard = 1.0  # the share of those that send shards of the run
        self.failures: Sequence[Outcome] = ()
        self.notices = deque[Message]()
        earlier_requests = partial(journal.requests, run)
        permits = journal.permits(tenant_key(settings, app), run, lease)
        self.connection = Connection(journal.folder, earlier_requests, settings, app, stop, self.notices, permits, grants)
        self._journal = journal
        self._is_away = False  # the database of the journal, by what was told of it last
        self._waits = journal.patient(settings.rate.patience, stop.hard)
        self._read_began: float | None = None
        self.run = journal.of(run, lease)
        self._others = OtherRuns(self.run.newer_values, journal.may_be_sending, merger.rules)
        self.merger = merger
        self.settings = settings
        self._stop = stop
        self._on_event = on_event
        self.streaks = streaks or Streaks(settings.halt)
        self._failed_clues: Set[int] = frozenset()  # which are not sent any more
        self._counts = Counter[str]()  # by status, of the rows that senders before those of now have brought to an end

    def __enter__(self) -> Self:
        self._waits.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._waits.__exit__(kind, error, trace)
        self.connection.__exit__(kind, error, trace)

    @property
    def slowed(self) -> float:
        """The least share of the rate that was used because the CRM kept saying "too fast"; 1.0 if it did not."""
        return min(self.slowest_shard, self.connection.pace.lowest)

    @property
    def age(self) -> float:
        """How many seconds ago clues began to be read; 0 if none were."""
        return 0.0 if self._read_began is None else time.monotonic() - self._read_began

    @property
    def is_old(self) -> bool:
        """Whether clues were read so long ago that somebody may well have edited them since."""
        return self.age > CURRENT

    def read(self, total: int) -> Stoppage | None:
        """Reads clues until ``total`` edits are ready to be sent, or no more are left. Returns why that halted, if it did.

        What there is to be sent is counted anew after that, so that no row that turned out to have nothing is ``dropped``.
        """
        self._read_began = time.monotonic()
        halted, self.unreadable = self.read_next(total)
        self.dropped = 0
        self._counts.clear()
        return halted

    @property
    def counts(self) -> Counter[str]:
        """How many rows were brought to an end by now, by status, with those that turned out to have nothing to send."""
        return self._counts.copy()

    def send(self, total: int) -> Stoppage | None:
        """Sends edits until ``total`` have an outcome, or no more are left; those that failed and may be repeated are tried
        once more before that, and then no more. Returns why that halted, if it did, or that not one of them got an answer of
        the CRM."""
        halted = self.send_all(total)
        lost = sum(outcome.is_lost for outcome in self.failures)
        last = self.failures[-1].message if self.failures else None
        return halted or none_answered(self._counts.total(), len(self.failures), lost, last)

    def send_all(self, total: int, held_clues: Set[int] = frozenset()) -> Stoppage | None:
        """Does the same for a part of a run, of which not all edits can tell whether the CRM answers at all; none of the
        ``held_clues`` is sent."""
        self.total = total - len(self._failed_clues)
        held_clues = self._failed_clues | held_clues
        senders = self._senders_for_next(total - self.done, held_clues=held_clues)
        halted, _ = self._send(senders)
        queue = senders.queue
        if halted is None and queue.failures and self.settings.retry.attempts > 1:
            halted, queue = self._send_again(total, queue)
        self._failed_clues = (queue.held_clues | queue.failures.keys()) - (held_clues - self._failed_clues)
        self.failures = [*queue.failures.values()]
        return halted

    def read_next(self, number: int) -> tuple[Stoppage | None, int]:
        """Reads the clues of the next ``number`` edits. Returns why that halted, if it did, and how many gave no answer: they
        are tried again once their edit is to be sent."""
        senders = self._senders_for_next(number)
        reading = ReadAhead(senders)
        try:
            halted = reading.run()
        except Halted as error:
            halted = error.stoppage
        self._drop(senders.reader.dropped)
        return halted, reading.unreadable

    def send_next(self, number: int) -> tuple[Stoppage | None, Counter[str]]:
        """Sends the next ``number`` edits. Returns why that halted, if it did, and how many had which outcome."""
        return self._send(self._senders_for_next(number))

    def _send(self, senders: Senders) -> tuple[Stoppage | None, Counter[str]]:
        dispatcher = Dispatcher(senders, self.connection.client.edit)
        try:
            halted = dispatcher.run()
        except Halted as error:
            halted = error.stoppage
        self._drop(senders.reader.dropped)
        self._counts += dispatcher.counts
        self.done += dispatcher.done
        return halted, dispatcher.counts

    def _send_again(self, total: int, queue: ClueQueue) -> tuple[Stoppage | None, ClueQueue]:
        """Sends the edits again that failed and may be repeated, after a pause, and those that were held back behind them.

        Those that never reached the CRM are pending until then. The others stay ``failed``, so that nobody forgets that they
        may have been applied, and their clues are read anew where what is sent depends on that. Returns why that halted, if it
        did, and the queue that knows what still has failed.
        """
        failures = queue.failures
        retries = self.connection.retries
        unreached = [outcome.row for outcome in failures.values() if not (outcome.reached or outcome.maybe_applied)]
        rows = len(failures)
        seconds = retries.backoff(self.settings.retry.attempts + 1)
        try:
            self.run.sending.put_back(unreached)
            for clue in [clue for clue, outcome in failures.items() if outcome.maybe_applied]:
                self.run.sending.read_again(clue, maybe_applied=self.settings.retry.ambiguous)
        except Halted as error:
            return error.stoppage, queue
        self.done -= rows
        self._counts -= Counter({Status.FAILED: rows})
        key = "notice.once_more" if len(unreached) == rows else "notice.once_more_failed"
        self.notices.append(Message(key, {"rows": rows, "time": spoken(seconds)}))
        self.tell()
        pause = Workers(1, stop=self._stop, notices=self.notices, on_event=self._show, wake=lambda: None)
        halted = pause.run(
            lambda: retries.sleep(seconds, WaitReason.UNREACHABLE),
            lambda: SendProgress(0, 0, {}, retries.waits.now()),
        )
        if halted:
            return halted, queue
        self._streaks = Streaks(self.settings.halt)
        senders = self._senders_for_next(total - self.done, held_clues=queue.held_clues)
        halted, _ = self._send(senders)
        return halted, senders.queue

    def tell_waiting(self, reason: WaitReason) -> None:
        """Tells why nothing goes out, where no senders are at work."""
        self._show(SendProgress(0, 0, {}, Waiting(reason)))

    def _show(self, event: Event) -> None:
        """Tells an event of the senders: how far they are as a part of the whole session, and whether they wait for the
        database of the journal."""
        self.tell_journal()
        if isinstance(event, SendProgress):
            counts = self._counts + Counter(event.counts)
            done = counts.total()
            event = SendProgress(done, max(done, self.total), dict(counts), event.waiting)
        if self._is_away and isinstance(event, SendProgress | ClueProgress):
            event = replace(event, waiting=Waiting(WaitReason.JOURNAL))
        self._on_event(event)

    def tell_journal(self) -> None:
        """Tells that the database of the journal cannot be reached, or can be again, if that is news."""
        if self._journal.is_away is not self._is_away:
            self._is_away = not self._is_away
            away, back = Message("notice.journal_away", {"path": self._journal.place}), Message("notice.journal_back")
            self._on_event(Notice(away if self._is_away else back))

    def _drop(self, dropped: Counter[str]) -> None:
        self.dropped += dropped.total()
        self._counts += dropped

    def tell(self) -> None:
        """Tells the notices that are left."""
        while self.notices:
            self._on_event(Notice(self.notices.popleft()))

    def _senders_for_next(self, number: int, held_clues: Set[int] = frozenset()) -> Senders:
        return Senders.for_next(
            number,
            sending=self.run.sending,
            retries=self.connection.retries,
            read_clue=self.connection.client.info,
            resolve=self._resolve,
            do_without=self._do_without,
            settings=self.settings,
            stop=self._stop,
            notices=self.notices,
            on_event=self._show,
            streaks=self.streaks,
            held_clues=held_clues,
            others=self._others,
        )

    def _resolve(self, edit: Edit, reply: Reply, shown: bool) -> list[Resolved]:
        drafts = self.run.sending.drafts(edit.clue_id, maybe_applied=self.settings.retry.ambiguous)
        among_drafts = {draft.row for draft in drafts}
        others = [row for row in self.run.queries.row_values(edit.clue_id) if row.row not in among_drafts]
        return self.merger.resolve(drafts, edit, reply, shown, others)

    def _do_without(self, edit: Edit, reason: Message) -> list[Resolved]:
        drafts = self.run.sending.drafts(edit.clue_id, maybe_applied=self.settings.retry.ambiguous)
        return self.merger.without_record(drafts, reason)


def none_answered(ended: int, failures: int, lost: int, last: Message | None) -> Stoppage | None:
    """Returns that the CRM was in the way of all edits that have ``ended``, and of nothing else: so many of them are
    ``failures`` that could be repeated, and ``lost`` of those got no answer. Returns None where one was answered, or where
    there is only one: then it may be something about its clue."""
    if failures < 2 or ended > failures or lost < failures:
        return None
    return Stoppage(HaltReason.CRM_DOWN, Message("halt.none_answered", {"rows": failures, "last": last or ""}))
