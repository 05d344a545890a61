"""A run that several workers send, in one process: what each of them has on its way when it stands still or is killed.

``Owners`` drives shards as workers do, over a real journal and to a real CRM on loopback, and breaks a drive off where a test
says so. It knows what the CRM has got from whom, and says what of that nobody may ever do.
"""

from __future__ import annotations

import itertools
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import psycopg

from batch_editor import Settings, Stop, UnderWay, job
from batch_editor.crm.client import Client
from batch_editor.crm.connection import tenant_key
from batch_editor.journal.leases import Lease
from batch_editor.journal.run_journal import RunJournal
from batch_editor.journal.times import now
from batch_editor.model import Edit, Outcome, Reply, Status
from batch_editor.runs.closing import close_if_over
from batch_editor.runs.handing_out import hand_out
from batch_editor.runs.journal_file import open_journal
from batch_editor.runs.shard_drive import ShardEnd, drive_shard
from batch_editor.settings.settings import app_of
from support import jobs
from support.crm import CONFIRMED, Call, Crm, envelope, status

#: What the CRM says to one request of a row.
Said = Literal["yes", "no", "nothing"]
#: How a drive ends: of itself; broken off; its process is to end; somebody else has its shard meanwhile.
Ending = Literal["whole", "broken off", "asked to end", "overtaken"]
_ANSWERS = {"yes": CONFIRMED, "no": envelope(40001, "no such clue"), "nothing": status(500)}


_NUMBERS = itertools.count(1)


class BrokenOff(BaseException):
    """A process stands still, or is gone, at this moment."""


@dataclass(eq=False)
class Worker:
    """A process by its ``name``; ``lease`` is what it had when it was broken off, ``held`` the rows that it had on their way,
    each with what the CRM has said of it to nobody but this process (None: nothing was sent)."""

    name: str
    alive: ExitStack
    lease: Lease | None = None
    held: dict[int, Reply | None] = field(default_factory=dict)


@dataclass
class _Drive:
    """The drive under way: it ends as ``ending`` says at request ``at``, ``before`` or after that was sent."""

    worker: Worker
    ending: Ending
    at: int
    before: bool
    stop: Stop
    requests: int = 0
    is_broken: bool = False


class Owners:
    """Runs of ``clues`` that are left to workers, one after the other: each is planned once and then copied.

    ``crm`` is what all of them are sent to. What is done wrong is kept as ``faults``: threads that send cannot raise it.
    """

    def __init__(self, folder: Path, dsn: str, crm: RecordedCrm, clues: Sequence[int]) -> None:
        self.crm = crm
        self.rows = dict(enumerate(clues, 2))
        self._folder = folder
        self._dsn = dsn
        self._lock = threading.Lock()
        self._drive: _Drive | None = None
        self._opened = ExitStack()
        self._hand = self._opened.enter_context(psycopg.connect(dsn, autocommit=True))
        self.given = self._settings()
        planned = job.run(jobs.sheet(folder, clues), self.given, detach=True)
        self.journal = self._opened.enter_context(open_journal(self.given))
        self._planned = self.journal.of(str(planned.run)).run_id
        self.journal.leases.drop(self._planned)
        self._hand.execute("UPDATE runs SET state = 'planned'")
        self._opened.callback(setattr, Client, "edit", Client.edit)
        real = Client.edit
        Client.edit = lambda client, edit: self._edit(edit, lambda: real(client, edit))  # type: ignore[method-assign]
        self.run = ""

    def begin(self, script: Mapping[int, Sequence[Said]], *, limit: int | None = None, **over: Any) -> None:
        """Begin a run, of which at most ``limit`` edits are sent. ``script`` is what the CRM says to the requests of a row, one
        after the other; yes, where it says nothing of them."""
        self.limit = limit
        self.crm.begin(script)
        self.given = self._settings(**over)
        self.workers: list[Worker] = []
        self.faults: list[str] = []
        self.updated: set[int] = set()
        self.may_repeat: set[int] = set()  # rows of which nobody can know any more what became of them
        self.run = f"copy-{next(_NUMBERS)}"
        self._copy("runs", "id, name, state", "nextval(pg_get_serial_sequence('runs', 'id')), %s, 'sending'", "id", self.run)
        self._copy("rows", "run", "%s", "run", self.of().run_id)
        hand_out(self.journal, self.run, self.given, limit)

    def end(self) -> None:
        """Leave nothing of the run."""
        for worker in self.workers:
            worker.alive.close()
        self._hand.execute("DELETE FROM rows WHERE run <> %s", [self._planned])
        self._hand.execute("DELETE FROM runs WHERE id <> %s", [self._planned])

    def close(self) -> None:
        self._opened.close()

    def _settings(self, **over: Any) -> Settings:
        return jobs.settings(self._folder, self.crm.url, journal=self._dsn, worker={"rows_per_shard": 2}, **over)

    def _copy(self, table: str, set_: str, values: str, key: str, value: object) -> None:
        """Copy what is planned, but for some columns."""
        sql = "SELECT column_name FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = %s"
        names = {name for (name,) in self._hand.execute(sql, [table]).fetchall()}
        same = ", ".join(sorted(names - {*set_.split(", ")}))
        copy = f"INSERT INTO {table} ({set_}, {same}) SELECT {values}, {same} FROM {table} WHERE {key} = %s"  # noqa: S608
        self._hand.execute(copy, [value, self._planned])

    # --- what can happen

    def start_worker(self) -> Worker:
        alive = ExitStack()
        worker = Worker(alive.enter_context(self.journal.at_work()), alive)
        self.workers.append(worker)
        return worker

    def take(self, worker: Worker) -> Lease | None:
        return self.journal.leases.claim(worker.name, [tenant_key(self.given, app_of(self.given))], self.given.worker.lease)

    def drive(self, worker: Worker, ending: Ending = "whole", at: int = 1, *, before: bool = False) -> ShardEnd | None:
        """Take a shard and send it; None where there is none, or the drive was broken off."""
        lease = self.take(worker)
        if lease is None:
            return None
        if at == 0 and ending == "broken off":
            worker.lease = lease
            return None
        self._drive = _Drive(worker, ending, at, before, Stop())
        worker.lease = lease
        if at == 0 and ending == "asked to end":
            self._drive.stop.ask()
        try:
            end = drive_shard(self.journal, lease, self.given, self._drive.stop)
        except BrokenOff:
            return None
        finally:
            self._drive = None
        assert not worker.held
        worker.lease = None
        return end

    def wake(self, worker: Worker) -> None:
        """It goes on: what it knows is written down, it begins no other row of what it has lost, and gives back what it has."""
        assert worker.lease is not None
        sending = self.of(worker.lease).sending
        for row, reply in worker.held.items():
            following = min(self.rows_with("pending"), default=None)
            is_lost = self.is_lost(worker.lease)
            if reply is None:
                sending.release(row, 0)
                continue
            is_marked = sending.advance(self._outcome(row, reply), following)
            if is_lost and following is not None and is_marked:
                self.faults.append(f"row {following} was begun by {worker.name}, which had lost its shard")
            elif following is not None and is_marked:
                sending.release(following, 0)
        worker.held = {}
        shards = self.journal.leases.progress(worker.lease.run_id)
        counts = next((shard.counts for shard in shards if shard.part.shard == worker.lease.shard), {})
        self.journal.leases.give_back(worker.lease, counts)
        worker.lease = None

    def kill(self, worker: Worker) -> None:
        """Nobody will ever know what became of the rows that it had on their way."""
        self.may_repeat |= {row for row, reply in worker.held.items() if reply is not None}
        worker.held = {}
        worker.alive.close()
        self.workers.remove(worker)

    def pass_time(self, seconds: float = 1.0) -> None:
        """All leases, and all that is put off, are over for so many seconds: nobody renews a lease between two steps."""
        over = "leased_until = clock_seconds() - %s, lease = 0"
        self._hand.execute(f"UPDATE shards SET {over} WHERE leased_until IS NOT NULL", [seconds])  # noqa: S608
        self._hand.execute("UPDATE takings SET lost = lost - %s", [seconds])
        if seconds > self.given.rate.patience:
            self.may_repeat |= self.held

    def stop(self) -> None:
        with suppress(job.Refused):
            job.stop_run(self.run, self.given)

    def tend(self) -> None:
        for run, _ in self.journal.leases.over():
            close_if_over(self.journal, run, self.given)

    def resume(self) -> bool:
        try:
            job.resume(self.run, self.given, detach=True)
        except UnderWay:
            return False
        self.limit = None  # who goes on with it sends the rest
        return True

    # --- what is so

    def of(self, lease: Lease | None = None) -> RunJournal:
        return self.journal.of(self.run, lease)

    def rows_with(self, *statuses: str) -> set[int]:
        return {row for row, status in self.statuses().items() if status in statuses}

    def statuses(self) -> dict[int, str]:
        sql = "SELECT row, status FROM rows JOIN runs ON runs.id = rows.run WHERE name = %s"
        return dict(self._hand.execute(sql, [self.run]).fetchall())

    @property
    def state(self) -> str:
        ((state,),) = self._hand.execute("SELECT state FROM runs WHERE name = %s", [self.run]).fetchall()
        return str(state)

    def is_lost(self, lease: Lease) -> bool:
        sql = "SELECT 1 FROM shards WHERE run = %s AND shard = %s AND epoch = %s"
        return not self._hand.execute(sql, [lease.run_id, lease.shard, lease.epoch]).fetchall()

    @property
    def held(self) -> set[int]:
        """The rows of which the CRM has heard, and a worker that stands still knows alone what it has said."""
        return {row for worker in self.workers for row, reply in worker.held.items() if reply is not None}

    def check(self) -> None:
        """Raise what nobody may ever do."""
        assert not self.faults, self.faults
        statuses = self.statuses()
        updated = {row for row, status in statuses.items() if status == "updated"}
        assert self.updated <= updated, f"{self.updated - updated} were updated before"
        self.updated = updated
        assert updated <= self.crm.confirmed, f"{updated - self.crm.confirmed} were never confirmed"
        refused = {row for row, status in statuses.items() if status == "rejected"}
        assert refused <= self.crm.refused

    # --- what is sent

    def _edit(self, edit: Edit, send: Any) -> Reply:
        drive = self._drive
        if drive is None:  # what proves a run, or is sent by whoever resumes it
            return send()  # type: ignore[no-any-return]
        with self._lock:
            drive.requests += 1
            is_last = drive.requests >= drive.at
            breaks = drive.ending == "broken off" and is_last
            if breaks and (drive.before or drive.is_broken):
                drive.is_broken = True
                drive.worker.held.setdefault(edit.row, None)
                raise BrokenOff
            drive.is_broken |= breaks
            was_doubtful = edit.row in self.may_repeat
            self._about_to_send(edit.row)
        if is_last and drive.ending == "asked to end":
            drive.stop.ask()
        try:
            reply: Reply = send()
        except BaseException:  # there was no permit: nothing was sent
            if was_doubtful:
                self.may_repeat.add(edit.row)
            raise
        if is_last and drive.ending == "overtaken":
            self.pass_time()
        if breaks:
            drive.worker.held[edit.row] = reply
            raise BrokenOff
        if reply.status != 200:
            self.may_repeat.add(edit.row)
        return reply

    def _about_to_send(self, row: int) -> None:
        clue = self.rows[row]
        if row in self.crm.heard and row not in self.may_repeat:
            self.faults.append(f"row {row} is sent again by {self._drive and self._drive.worker.name}")
        self.may_repeat.discard(row)
        if later := [other for other in self.crm.heard if self.rows[other] == clue and other > row]:
            self.faults.append(f"row {row} comes after {later}")
        if self.limit is not None and len(self.crm.heard | {row}) > self.limit:
            self.faults.append(f"row {row} is one too many")

    def _outcome(self, row: int, reply: Reply) -> Outcome:
        if reply.data is True:
            return Outcome(row, Status.UPDATED, "0", None, 1, now())
        if reply.status == 200:
            return Outcome(row, Status.REJECTED, str(reply.code), None, 1, now())
        self.may_repeat.add(row)
        return Outcome(row, Status.FAILED, "", None, 1, now(), maybe_applied=True, reached=True)


class RecordedCrm(Crm):
    """A CRM that says what the script of the run says. ``heard``, ``confirmed`` and ``refused`` are the rows of it."""

    def __init__(self) -> None:
        super().__init__(self._say)
        self.begin({})

    def begin(self, script: Mapping[int, Sequence[Said]]) -> None:
        self.script = script
        self.heard: set[int] = set()
        self.confirmed: set[int] = set()
        self.refused: set[int] = set()
        self.times = Counter[int]()

    def _say(self, call: Call) -> Any:
        row = int(call.body["remark"].split()[1])
        script = self.script.get(row, [])
        said = script[self.times[row]] if self.times[row] < len(script) else "yes"
        self.times[row] += 1
        self.heard.add(row)
        if said == "yes":
            self.confirmed.add(row)
        elif said == "no":
            self.refused.add(row)
        return _ANSWERS[said]


@contextmanager
def owners(folder: Path, dsn: str, clues: Sequence[int]) -> Iterator[Owners]:
    """Give such runs, and the CRM that they are sent to."""
    with RecordedCrm() as crm:
        made = Owners(folder, dsn, crm, clues)
        try:
            yield made
        finally:
            made.close()
