"""Sends one shard of a run, which this process has a lease on: what a worker does, and whoever has planned the run as well.

The shard is sent like a run of its own, with what the journal holds of the run and the settings of its tenant. Rows that a
former owner of the shard has left on their way are dealt with first, or last. How the shard ends is written down, and
whoever ends the last one of a run that nobody drives closes it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from ..crm.grants import Grants
from ..errors import Halted, Refused
from ..events import Event, Waiting
from ..journal.journal import Journal
from ..journal.leases import Lease
from ..journal.machine import machine_name
from ..journal.sending import CURRENT, InFlight
from ..journal.times import seconds_of
from ..model import HaltReason, Message, Status, Stoppage
from ..settings.row_rules import RowRules
from ..settings.settings import Settings, app_of
from ..states import WaitReason
from ..stop import Stop
from .closing import close_if_over
from .clue_queue import Streaks
from .cut_off import CutOff
from .earlier_runs import settings_for
from .lease_keeper import LeaseKeeper
from .making_room import MakingRoom
from .merging import merger_of
from .options import RunOptions
from .session import Session
from .shard_counts import ShardCounts, waiting_to_json
from .stop_watch import StopWatch

#: Seconds after which somebody looks again at rows that a former owner has on their way, at most.
_LOOK_AGAIN = 10.0


@dataclass(frozen=True, slots=True)
class ShardEnd:
    """How the drive of a shard ended: what the shard has come to, and why it stopped early, if it did.

    ``is_lost`` says that the lease was lost, so that somebody else sends what is left, ``is_given_back`` that this process was
    to end before the shard had ended, ``is_put_off`` that a former owner, which stands still, may know of the rest. One that
    was given back since the CRM cannot be reached from here is for others: for ``rest`` seconds nothing of its tenant is to be
    taken. For ``room`` seconds it is not either, where nothing went out of it while shards of other tenants waited.
    """

    counts: ShardCounts
    stoppage: Stoppage | None = None
    is_lost: bool = False
    is_given_back: bool = False
    is_put_off: bool = False
    rest: float = 0.0
    room: float = 0.0


@dataclass(frozen=True, slots=True)
class _Sent:
    """What sending has come to, and why it stopped early, if it did.

    For ``pause`` seconds nothing of the shard can be sent, since a former owner may still know what became of the rest. For
    ``rest`` seconds its tenant is left to those who reach the CRM, for ``room`` seconds its place to other tenants.
    """

    counts: ShardCounts
    stoppage: Stoppage | None = None
    pause: float = 0.0
    rest: float = 0.0
    room: float = 0.0


def drive_shard(
    journal: Journal,
    lease: Lease,
    settings: Settings,
    stop: Stop,
    on_event: Callable[[Event], None] = lambda event: None,
    grants: Grants | None = None,
) -> ShardEnd:
    """Sends the edits of the shard of ``lease``, by the ``settings`` of its tenant, and ends the shard.

    ``stop`` asks this process to end: the shard is given back then, unless the whole run was asked to stop. ``grants`` is the
    token that all shards have in common which this process sends for the tenant. Raises ``Refused``
    where nothing can be sent by these settings; the shard is given back then as well.
    """
    leases, run = journal.leases, journal.of(lease.run)
    shards = leases.progress(lease.run_id)
    earlier = next((ShardCounts.of(shard) for shard in shards if shard.part.shard == lease.shard), ShardCounts())
    with stop.within() as within, LeaseKeeper(leases, lease, within, earlier, on_event) as keeper:
        try:
            with StopWatch(run.sending.stop_asked, within):
                if run.sending.stop_asked():  # right after the shard was taken
                    within.soft.set()
                sent = _send(journal, lease, settings, within, keeper, earlier, grants)
        except Refused:
            leases.give_back(lease, earlier.as_json())
            raise
        except Halted as error:  # the journal can no longer be read or written
            sent = _Sent(keeper.counts, error.stoppage)
        except Exception as error:
            crashed = Message("halt.crashed", {"kind": type(error).__name__})
            with suppress(Halted):
                _end(journal, lease, keeper.counts, Stoppage(HaltReason.OTHER, crashed))
            raise
    counts, stoppage = sent.counts, sent.stoppage
    if lease.clock.is_lost:  # what nobody may send any more by this lease ends nothing
        return ShardEnd(counts, is_lost=True)
    try:
        if sent.pause:
            waiting = waiting_to_json(Waiting(WaitReason.OTHER_WORKER))
            is_put_off = leases.put_off(lease, counts.as_json(), waiting, sent.pause)
            return ShardEnd(counts, is_lost=not is_put_off, is_put_off=is_put_off)
        if stoppage is not None and _is_of_process(stoppage, stop_asked=run.sending.stop_asked()):
            counts = _to_go_on(sent, maybe_applied=settings.retry.ambiguous)
            is_given_back = leases.give_back(lease, counts.as_json())
            return ShardEnd(counts, is_lost=not is_given_back, is_given_back=is_given_back, rest=sent.rest, room=sent.room)
        if not _end(journal, lease, counts, stoppage):
            return ShardEnd(counts, is_lost=True)
        close_if_over(journal, lease.run, settings)
    except Halted as error:  # the lease ends by itself, and somebody else takes the shard up
        return ShardEnd(counts, error.stoppage, is_lost=True)
    return ShardEnd(counts, stoppage)


def _is_of_process(stoppage: Stoppage, *, stop_asked: bool) -> bool:
    """Whether a shard stopped for what is no matter of its run, which was asked to stop or not: its process is to end, or
    cannot reach the database. That a row of it is damaged would stop anybody else as well."""
    if stoppage.reason is HaltReason.ASKED:
        return not stop_asked
    return stoppage.message.key.startswith("journal.") and stoppage.message.key != "journal.damaged"


def _to_go_on(sent: _Sent, *, maybe_applied: bool) -> ShardCounts:
    """Returns the counts of a shard with which others go on: rows that failed have not ended, where also those are sent once
    more that may have been applied. Whoever watches is told of it where the CRM cannot be reached from here."""
    counts = sent.counts
    if maybe_applied:
        counts = replace(counts, ended={status: rows for status, rows in counts.ended.items() if status != Status.FAILED})
    return counts.with_notice(Message("notice.cut_off", {"host": machine_name()})) if sent.rest else counts


def _end(journal: Journal, lease: Lease, counts: ShardCounts, stoppage: Stoppage | None) -> bool:
    """Writes down that the shard has ended; returns whether it was still this process's. What stops it stops the whole run."""
    is_ended = journal.leases.finish(lease, counts.as_json(), stoppage)
    if is_ended and stoppage is not None:
        journal.of(lease.run).ask_to_stop()
    return is_ended


def _send(
    journal: Journal,
    lease: Lease,
    settings: Settings,
    stop: Stop,
    keeper: LeaseKeeper,
    earlier: ShardCounts,
    grants: Grants | None,
) -> _Sent:
    """Sends what is to be sent of the shard."""
    run = journal.run(lease.run)
    settings = settings_for(run, settings)
    options, rules = RunOptions.from_json(run.options), RowRules.from_record(run.settings)
    held = journal.of(lease.run, lease)
    merger = merger_of(run, held, options, rules)
    streaks = Streaks(settings.halt, _latest_streaks(journal, lease))
    way = Session(
        journal, run.name, merger, settings, app_of(settings), stop, keeper, lease=lease, streaks=streaks, grants=grants
    )
    with way as session:
        patience = session.settings.rate.patience
        part = _Part(journal, lease, session)
        outage = session.connection.retries.outage
        with (
            CutOff(journal, lease, outage, patience, stop, earlier.unreached) as cut_off,
            MakingRoom(journal, lease, keeper, stop) as making_room,
        ):
            halted = part.send()
        session.tell()
    counts = replace(
        keeper.counts,
        ended=Counter(earlier.ended) + session.counts,
        dropped=earlier.dropped + session.dropped,
        held_back=part.held_back,
        failures=len(session.failures),
        lost=sum(outcome.is_lost for outcome in session.failures),
        last=session.failures[-1].message if session.failures else None,
        slowed=min(earlier.slowed, session.slowed),
        streaks=session.streaks.as_json(),
        unreached=cut_off.unreached or keeper.counts.unreached,
    )
    if making_room.rest and not cut_off.rest:
        lasts = outage.lasts  # the patience with an outage goes on
        since = seconds_of(journal.now()) - lasts if lasts else None
        counts = replace(counts, unreached=counts.unreached or since)
    return _Sent(counts, halted, part.pause, cut_off.rest, making_room.rest)


class _Part:
    """What a ``session`` is to send of the shard that this process has the ``lease`` on.

    A former owner is waited for as long as patience lasts; ``pause`` is for how many seconds nothing can be sent.
    """

    def __init__(self, journal: Journal, lease: Lease, session: Session) -> None:
        self._journal = journal
        self._lease = lease
        self._session = session
        self._sending = session.run.sending
        self._maybe_applied = session.settings.retry.ambiguous
        self._most = lease.part.most
        self._to_send = 0
        self._patience = session.settings.rate.patience
        self.pause = 0.0

    @property
    def held_back(self) -> int:
        """How many edits that were asked for have no outcome."""
        to_send = self._to_send - self._session.dropped
        return (to_send if self._most is None else min(to_send, self._most)) - self._session.done

    def send(self) -> Stoppage | None:
        """Sends what is to be sent. Returns why it stopped early, if it did."""
        awaited = self._take_up()
        clues = {row.clue for row in awaited}
        if self._lease.is_again:  # a limit counts under all who have driven the shard
            since = int(self._journal.leases.cut_at(self._lease))
            self._count_in(-len(awaited) - self._sending.count_since(since, maybe_applied=self._maybe_applied))
        self._to_send = self._sending.count(maybe_applied=self._maybe_applied)
        self._to_send -= self._sending.count(clues, maybe_applied=self._maybe_applied)
        halted = self._send(clues)
        if halted is None and awaited:
            if still_awaited := self._take_up():
                left = self._patience - min(row.lost for row in still_awaited)
                self.pause = min(left, self._lease.seconds, _LOOK_AGAIN)
            self._count_in(sum(self._is_to_be_sent(row) for row in awaited))
            self._to_send += self._sending.count(clues, maybe_applied=self._maybe_applied)
            halted = None if self.pause else self._send(frozenset())
        return halted

    def _send(self, held_clues: Set[int]) -> Stoppage | None:
        to_send = self._sending.count(maybe_applied=self._maybe_applied)
        if self._most is not None:
            to_send = min(to_send, self._most - self._session.done)
        return self._session.send_all(self._session.done + to_send, held_clues) if to_send > 0 else None

    def _count_in(self, edits: int) -> None:
        """Lets so many edits more be sent, or fewer."""
        if self._most is not None:
            self._most = max(0, self._most + edits)

    def _is_to_be_sent(self, awaited: InFlight) -> bool:
        edit = self._sending.refresh_edit(awaited.row)
        return edit is not None and (self._maybe_applied or not edit.maybe_applied)

    def _take_up(self) -> Sequence[InFlight]:
        """Takes up what others have left on their way who will never know how that ended, as a resume does. Returns the rows
        of those who are waited for: their process still exists, and may be suspended."""
        in_flight = self._sending.in_flight()
        lately = [row for row in in_flight if row.worker and row.lost < self._patience]
        alive = {worker for worker in {row.worker for row in lately} if worker and self._journal.is_at_work(worker)}
        awaited = [row for row in lately if row.worker in alive]
        if len(awaited) < len(in_flight):
            self._sending.abandon(Message("failed.interrupted"), but_for={row.mark for row in awaited if row.mark is not None})
            self._sending.read_again(maybe_applied=self._maybe_applied, current=CURRENT)
        return awaited


def _latest_streaks(journal: Journal, lease: Lease) -> Sequence[Sequence[Any]]:
    """Returns how many edits of the run came to nothing one after the other at the end of the last shard that has ended."""
    ended = [shard for shard in journal.leases.progress(lease.run_id) if shard.is_done]
    return ShardCounts.of(ended[-1]).streaks if ended else ()
