"""What a worker sends: it takes the fairest shard of its tenants, sends it, and takes the next one until there is none.

Which shard that is is decided by ``journal/leases``, how a shard is sent by ``runs/shard_drive``. Here is what is told of it,
and that nothing of one shard stops another one.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from ..crm.grants import Grants
from ..errors import BatchEditorError, Halted, Refused
from ..events import Event, Notice, SendProgress
from ..journal.journal import Journal
from ..journal.leases import Lease
from ..messages.time import spoken
from ..model import Message
from ..settings.settings import Settings
from ..stop import Stop
from .notes import Note, Tell
from .tenants import Tenant, Tenants

if TYPE_CHECKING:
    from ..runs.shard_drive import ShardEnd

#: For so many seconds what several shards of a tenant have to tell in the same words is told once.
_SAME_NEWS = 10.0

#: Seconds after which a slot takes the next shard where the one before could not be sent now.
_PAUSE = 1.0

#: Sends one shard: of a journal, by the settings and the token of its tenant, until it ends or is to stop.
Drive = Callable[[Journal, Lease, Settings, Stop, Callable[[Event], None], Grants], "ShardEnd"]


class Shards:
    """The shards that the worker called ``name`` sends for its ``tenants``, until ``stop`` is asked.

    ``defer`` puts a job into the queue for a shard of a tenant that somebody else is to take. ``clock`` gives seconds.
    """

    def __init__(
        self,
        journal: Journal,
        name: str,
        tenants: Tenants,
        seconds: float,
        stop: Stop,
        tell: Tell,
        *,
        drive: Drive,
        defer: Callable[[str, Iterable[tuple[int, int]]], object],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._journal = journal
        self._name = name
        self._tenants = tenants
        self._seconds = seconds
        self._stop = stop
        self._tell = tell
        self._drive = drive
        self._defer = defer
        self._clock = clock
        self._lock = threading.Lock()
        self._live: dict[tuple[int, int], Lease] = {}
        self._told: dict[tuple[str, str], float] = {}
        self.rows = 0

    @property
    def live(self) -> int:
        """How many shards are being sent."""
        return len(self._live)

    def work(self) -> None:
        """Takes shards and sends them, until none can be taken, or the worker is to end."""
        try:
            while not self._stop.soft.is_set() and (lease := self._take()) is not None:
                with self._lock:
                    self._live[lease.run_id, lease.shard] = lease
                try:
                    self._send(lease)
                finally:
                    with self._lock:
                        del self._live[lease.run_id, lease.shard]
        except Halted as error:  # the database cannot be reached: whatever is to be sent waits for it
            self._tell(Note("halted", error.message, is_warning=True))

    def _take(self) -> Lease | None:
        keys = self._tenants.keys()
        return self._journal.leases.claim(self._name, keys, self._seconds) if keys else None

    def _send(self, lease: Lease) -> None:
        tenant = self._tenants.of(lease.tenant)
        if tenant is None:  # its file has been changed just now
            shards = self._journal.leases.progress(lease.run_id)
            counts = next((shard.counts for shard in shards if shard.part.shard == lease.shard), {})
            self._journal.leases.give_back(lease, counts)
            return
        about = _about(lease, tenant)
        self._tell(Note("shard_taken", Message("worker.taken", about), about | {"from": lease.former}))
        try:
            end = self._drive(self._journal, lease, tenant.settings, self._stop, _Watch(self, about), tenant.grants)
        except Refused as error:  # the shard was given back
            self._tenants.rest(lease.tenant)
            self._tell(_trouble("tenant_refused", "worker.refused", about, error))
            return
        self._tell(_ended(about, end))
        if rest := end.rest or end.room:
            self._tenants.rest(lease.tenant, rest)
            self._defer(lease.tenant, [(lease.run_id, lease.shard)])
        elif end.is_given_back and not self._stop.soft.is_set():
            self._stop.soft.wait(_PAUSE)  # for what it was given back is still so: another worker may take it meanwhile
        elif end.is_given_back:
            self._defer(lease.tenant, [(lease.run_id, lease.shard)])

    def heard(self, about: Mapping[str, object], message: Message) -> None:
        """Tells a notice of a shard, unless another shard of its tenant has told the same just now; that a shard stops is told
        once it has, with the reason."""
        if message.key == "notice.stopping":
            return
        news = str(about["tenant"]), repr(message)
        now = self._clock()
        with self._lock:
            if now - self._told.get(news, now - _SAME_NEWS) < _SAME_NEWS:
                return
            self._told = {key: when for key, when in self._told.items() if now - when < _SAME_NEWS} | {news: now}
        self._tell(Note("notice", Message("worker.notice", {"tenant": about["tenant"], "notice": message}), about))

    def count(self, rows: int) -> None:
        """Counts rows that have an end."""
        with self._lock:
            self.rows += rows


class _Watch:
    """Takes the events of one shard."""

    def __init__(self, shards: Shards, about: Mapping[str, object]) -> None:
        self._shards = shards
        self._about = about
        self._done = 0

    def __call__(self, event: Event) -> None:
        if isinstance(event, Notice):
            self._shards.heard(self._about, event.message)
        elif isinstance(event, SendProgress):
            self._shards.count(event.done - self._done)
            self._done = event.done


def _about(lease: Lease, tenant: Tenant) -> dict[str, object]:
    return {"run": lease.run, "shard": lease.shard, "tenant": tenant.name or lease.tenant}


def _ended(about: dict[str, object], end: ShardEnd) -> Note:
    """Returns what is told of a shard that is not sent any more, at least not here."""
    rows = sum(end.counts.ended.values())
    values = about | {"rows": rows}
    if end.is_lost:
        return Note("shard_lost", Message("worker.lost", about), about, is_warning=True)
    if end.is_put_off:
        return Note("shard_put_off", Message("worker.put_off", values), values)
    if end.rest:
        values |= {"seconds": round(end.rest)}
        return Note("shard_cut_off", Message("worker.cut_off", values | {"time": spoken(end.rest)}), values, is_warning=True)
    if end.room:
        values |= {"seconds": round(end.room)}
        return Note("shard_made_room", Message("worker.made_room", values | {"time": spoken(end.room)}), values)
    if end.is_given_back:
        return Note("shard_given_back", Message("worker.given_back", values), values)
    if end.stoppage is not None:
        halted = Message("worker.shard_halted", values | {"reason": end.stoppage.message})
        return Note("shard_halted", halted, values | {"reason": end.stoppage.reason.value}, is_warning=True)
    return Note("shard_ended", Message("worker.ended", values), values | dict(end.counts.ended))


def _trouble(word: str, key: str, about: dict[str, object], error: BatchEditorError) -> Note:
    return Note(word, Message(key, about | {"reason": error.message}), about, is_warning=True)
