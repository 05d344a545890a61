"""The journal: every run and every row's state, durable. What resume, results and history read.

``Journal`` is the file of all runs: it starts them, lists them, forgets them and knows who drives which. What it holds of one
run is in ``run_journal``, of nights in ``nights``, of files in ``known_files``, of one row in several runs in ``origins``. A
method that changes something returns when the change is on disk, and only then may anything depend on it. No rule of rows or
replies is held here; how something becomes durable is left to ``store``.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, cast

from ..errors import SettingsError, reason_in
from ..model import Run, RunState
from .applied import Applied
from .choices import Choices
from .columns import RUN_COLUMNS, path_to_text, run_from_columns, to_json
from .forgetting import Forgetting
from .known_files import KnownFiles
from .leases import Lease, Leases
from .locks import RunLocks
from .nights import Nights
from .origins import Origins
from .permits import Permits
from .row_pages import literal, lowered
from .run_journal import RunJournal
from .server import Server, driver_needed
from .server_look import ServerLook
from .sqlite_store import SqliteStore
from .store import Store, places
from .tenant_requests import TenantRequests
from .times import moment_of, seconds_of
from .workers import Workers

if TYPE_CHECKING:
    from .advisory_locks import AdvisoryLocks
    from .postgres_store import PostgresStore

#: What has become of a run in whose state somebody should be at work on it, where nobody is.
_BROKEN_OFF = {
    RunState.PLANNING: RunState.ABANDONED,
    RunState.READING: RunState.INTERRUPTED,
    RunState.SENDING: RunState.INTERRUPTED,
}


class Journal:
    """The journal at ``address``: a file, created private to its owner if it is not there, or the database of a server. Use it
    as a context manager.

    ``place`` is where it is, as people are shown it, ``folder`` where this machine keeps what it has alone. Raises
    ``SettingsError`` where it cannot be opened, and ``Halted`` from any method that finds that it can no longer write or read.
    ``durable=False`` is for a file that ends with its process, such as that of a check.
    """

    def __init__(self, address: Path | Server, *, durable: bool = True) -> None:
        self.address = address
        self._store, self._locks = _opened(address, durable=durable)
        self.place = self._store.place
        self.folder = address.folder if isinstance(address, Server) else address.parent
        self._run_ids: dict[str, int] = {}
        self._claims: dict[str, int] = {}  # how often somebody had begun to drive it when this process did
        self.nights = Nights(self._store, self._locks)
        self.files = KnownFiles(self._store)
        self.origins = Origins(self._store)
        self.forgetting = Forgetting(self, self._store)
        self._workers = (
            Workers(self._store, cast("AdvisoryLocks", self._locks), address) if isinstance(address, Server) else None
        )

    @property
    def path(self) -> Path:
        """The file of a journal that is one."""
        if isinstance(self.address, Server):
            raise TypeError(f"the journal {self.place} is no file")
        return self.address

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Waits for what is being written, then closes the file. Changes that come later are refused with ``Halted``."""
        self._store.close()
        self._locks.release_all()

    # --- runs

    def start(
        self,
        *,
        base_url: str,
        app: str,
        source: str,
        sheet: str,
        digest: str,
        headings: Sequence[str],
        settings: Mapping[str, Any],
        options: Mapping[str, Any],
        title: str = "",
        person: str = "",
        series: str = "",
        in_inbox: str = "",
    ) -> str:
        """Opens a new run in the state ``planning`` and returns its name, such as ``20261124-093000-7f3a``.

        It is driven by this process from here on, see ``claim``. ``title`` is what people call the sheet, ``person`` who plans,
        ``series`` the path of what its nights have in common, ``in_inbox`` that of the sheet before it was taken from an inbox.
        """
        name = self._new_name()
        self.claim(name)
        shape = (to_json(headings), to_json(settings), to_json(options))
        columns = "name, state, started, started_offset, base_url, app, source, sheet, digest, headings, settings, options"
        columns += ", title, planned_by, series, in_inbox"
        about = (base_url, app, path_to_text(source), sheet, digest, *shape, path_to_text(title) or None, person or None)
        night = (path_to_text(series), path_to_text(in_inbox) or None)
        values = (name, RunState.PLANNING, *moment_of(self.now())[:2], *about, *night)
        self._store.change(f"INSERT INTO runs ({columns}) VALUES ({places(16)})", [values])  # noqa: S608  # names of ours
        return name

    def of(self, run: str, lease: Lease | None = None) -> RunJournal:
        """Returns what the journal holds of the run called ``run``, for those who send that shard of it where they have a
        ``lease``. Raises ``SettingsError`` if there is no such run."""
        return RunJournal(self._store, self._run_id(run), run, lease, self._claims.get(run))

    def choices(self, app: str) -> Choices:
        """Returns what people have chosen for an app and want to find again."""
        return Choices(self._store, app)

    def applied(self, base_url: str, app: str) -> Applied:
        """Returns the memory of what was applied to the clues of a tenant, as it was when it was last brought up to date."""
        return Applied(self._store, base_url, app, self.is_driven)

    def take_in(self, applied: Applied) -> None:
        """Brings a memory up to date with the runs that are over; one process at a time does."""
        with self._store.alone_for_long("applied"):
            applied.take_in()

    def runs(self) -> list[Run]:
        """Returns all runs, the latest first."""
        with self._store.select(f"{_SELECT_RUNS} ORDER BY id DESC") as rows:
            return [self._as_it_is(run_from_columns(row)) for row in rows]

    def run(self, name: str) -> Run:
        """Returns the run called ``name``. Raises ``SettingsError`` if there is none."""
        rows = self._store.find(f"{_SELECT_RUNS} WHERE name = ?", name)
        if not rows:
            raise SettingsError("run.unknown", run=name)
        return self._as_it_is(run_from_columns(rows[0]))

    def runs_of(self, source: str) -> list[Run]:
        """Returns the runs that were read from the file that lies at this path now, the latest first."""
        rows = self._store.find(f"{_SELECT_RUNS} WHERE source = ? ORDER BY id DESC", path_to_text(source))
        return [self._as_it_is(run_from_columns(row)) for row in rows]

    def runs_of_series(self, series: str) -> list[Run]:
        """Returns the runs of the nights of a series, the latest first."""
        rows = self._store.find(f"{_SELECT_RUNS} WHERE series = ? ORDER BY id DESC", path_to_text(series))
        return [self._as_it_is(run_from_columns(row)) for row in rows]

    def runs_page(self, limit: int, *, before: str | None = None, text: str = "", clue: int | None = None) -> list[Run]:
        """Returns the next ``limit`` runs, the latest first: those begun before the run called ``before``, whose name, title or
        source holds ``text``, and which have a row of the ``clue``."""
        where, values = "WHERE 1 = 1", list[object]()
        if before is not None:
            where += " AND id < (SELECT id FROM runs WHERE name = ?)"
            values.append(before)
        if text:
            where += " AND (" + " OR ".join(f"lower({name}) LIKE ? {_ESCAPE}" for name in ("name", "title", "source")) + ")"
            values += [f"%{literal(lowered(text))}%"] * 3
        if clue is not None:
            where += " AND EXISTS (SELECT 1 FROM rows WHERE rows.run = runs.id AND rows.clue = ?)"
            values.append(clue)
        rows = self._store.find(f"{_SELECT_RUNS} {where} ORDER BY id DESC LIMIT ?", *values, limit)
        return [self._as_it_is(run_from_columns(row)) for row in rows]

    def waiting(self, option: str, of: str) -> list[Run]:
        """Returns the runs that wait for somebody to agree, and whose ``option`` of this name names the run ``of``; the latest
        first."""
        inside = f"%{literal(to_json({option: of})[1:-1])}%"
        rows = self._store.find(f"{_SELECT_RUNS} WHERE state = 'planned' AND options LIKE ? {_ESCAPE} ORDER BY id DESC", inside)
        return [run_from_columns(row) for row in rows]

    def ended_early(self, series: str | None) -> list[Run]:
        """Returns the runs of a ``series``, or of all (None), that ended before all their rows were sent, and that nobody has
        dismissed; the oldest first."""
        where = "dismissed IS NULL AND state IN ('stopped', 'reading', 'sending') ORDER BY id"
        if series is None:
            rows = self._store.find(f"{_SELECT_RUNS} WHERE {where}")
        else:
            rows = self._store.find(f"{_SELECT_RUNS} WHERE series = ? AND {where}", path_to_text(series))
        runs = [self._as_it_is(run_from_columns(row)) for row in rows]
        return [run for run in runs if run.state.has_ended_early]

    def dismiss(self, runs: Sequence[str]) -> None:
        """Keeps that somebody has decided not to go on with ``runs``."""
        moment = seconds_of(self.now())
        self._store.change("UPDATE runs SET dismissed = ? WHERE name = ?", [(moment, run) for run in runs])

    def _as_it_is(self, run: Run) -> Run:
        """Returns a run in the state that it is in if nobody drives it any more."""
        is_broken_off = run.state in _BROKEN_OFF and not self.is_driven(run.name)
        return replace(run, state=_BROKEN_OFF[run.state]) if is_broken_off else run

    def discard(self, run: str) -> None:
        """Forgets a run that this process drives."""
        run_id = self._run_id(run)
        self._store.change("UPDATE runs SET state = 'planning' WHERE id = ?", [(run_id,)])  # what is left if this is cut short
        last, at_once = -1, self._store.deleted_at_once
        while edge := self._store.find(_EDGE, run_id, last, at_once)[0][0]:  # in parts: another run may be waiting
            self._store.change("DELETE FROM rows WHERE run = ? AND row > ? AND row <= ?", [(run_id, last, edge)])
            last = edge
        self._store.change("DELETE FROM mends WHERE run = ?", [(run_id,)])
        self._store.change("DELETE FROM runs WHERE id = ?", [(run_id,)])
        self._locks.forget(run)

    def copies(self) -> list[Path]:
        """Returns the copies of the file that were made before it was upgraded: a purge removes them."""
        return self._store.copies()

    # --- who drives what

    def claim(self, run: str, *, takes_over: bool = True) -> None:
        """Drives ``run`` from here on. Raises ``UnderWay`` where another process does, or workers are at work on it.

        Until the journal is closed, or its process ends however it may, everybody can see that somebody drives it. Whoever
        drove it before may have been asked to stop; that is over, and shards of it that wait for workers are forgotten. Both
        stay where it ``takes_over`` nothing, but looks after the run for a moment.
        """
        self._locks.acquire(run)
        try:
            if takes_over and self._workers is not None:
                self._workers.take_over(run)
        except BaseException:
            self._locks.release(run)
            raise
        asked = "stop_asked = FALSE, " if takes_over else ""
        self._store.change(f"UPDATE runs SET {asked}driven = driven + 1 WHERE name = ?", [(run,)])  # noqa: S608  # texts of ours
        if self._store.is_shared:
            self._claims[run] = next((driven for (driven,) in self._store.find(_DRIVEN, run)), 0)

    def version(self, run: str) -> int:
        """Returns a number that stays the same for as long as nobody begins to drive ``run``: so long its rows stay the same.

        Raises ``SettingsError`` if there is no such run.
        """
        versions = self._store.find(_DRIVEN, run)
        if not versions:
            raise SettingsError("run.unknown", run=run)
        return int(versions[0][0])

    def let_go(self, run: str) -> None:
        """Stops driving ``run``."""
        self._claims.pop(run, None)
        self._locks.release(run)

    def is_driven(self, run: str) -> bool:
        """Returns whether a process, this one or another, is at work on the run, or workers will be."""
        return self.is_claimed(run) or self.is_queued(run)

    def is_claimed(self, run: str) -> bool:
        """Returns whether a process, this one or another, is at work on the run just now."""
        return self._locks.is_held(run)

    def alone(self) -> AbstractContextManager[None]:
        """Makes that what is done within is done by one process at a time: to look for a run and start one, say."""
        return self._store.alone()

    @property
    def is_away(self) -> bool:
        """Whether nothing can be read or written for a while, and it is waited that it can."""
        return self._store.is_away

    def patient(self, seconds: float, give_up: threading.Event) -> AbstractContextManager[None]:
        """Makes that a database which is away is waited for, within the block, for so many ``seconds``, unless ``give_up`` is
        set."""
        return self._store.patient(seconds, give_up)

    def now(self) -> str:
        """Returns this moment by the clock that all who share the journal go by, as ISO 8601 with the local offset."""
        return self._store.now()

    # --- the tenant

    def requests(self, run: str, seconds: float) -> list[tuple[float, int]]:
        """Returns the requests of all runs of the tenant of ``run`` within the last ``seconds``, oldest first: how many seconds
        ago, and how many."""
        return TenantRequests(self._store).of(self._run_id(run), seconds)

    # --- workers, where many machines share the journal

    @property
    def is_shared(self) -> bool:
        """Whether many machines may use it at once, so that workers can send the runs in it."""
        return self._workers is not None

    @property
    def workers(self) -> Workers:
        """Who sends parts of runs. Raises ``SettingsError`` where nobody shares the journal."""
        if self._workers is None:
            raise SettingsError("journal.not_shared", place=self.place)
        return self._workers

    @property
    def server_look(self) -> ServerLook:
        """What is seen of the database of a journal that many machines share."""
        return ServerLook(self._store)

    @property
    def leases(self) -> Leases:
        """Who sends which part of a run. Raises ``SettingsError`` where nobody shares the journal."""
        return self.workers.leases

    def at_work(self) -> AbstractContextManager[str]:
        """Gives the name of this process as a worker, as ``Workers.at_work``."""
        return self.workers.at_work()

    def is_at_work(self, worker: str) -> bool:
        """Returns whether the process of this name still exists, be it that it stands still."""
        return self.workers.is_at_work(worker)

    def is_queued(self, run: str) -> bool:
        """Returns whether shards of the run wait for workers, or to be closed, whoever is at work on others."""
        return self._workers is not None and self._workers.is_queued(run)

    def may_be_sending(self, run: str) -> bool:
        """Returns whether an edit of the run may be on its way: somebody is at work on it, or stands still."""
        return self.is_claimed(run) or (self._workers is not None and self._workers.may_be_sending(self._run_id(run)))

    def permits(self, tenant: str, run: str | None, lease: Lease | None = None) -> Permits | None:
        """Returns the permits of a ``tenant`` for a run, for requests of no run, or for the shard that a ``lease`` is on; None
        where one machine has them by itself. Raises ``SettingsError`` if there is no such run."""
        if not self._store.is_shared:
            return None
        return Permits(cast("PostgresStore", self._store), tenant, self._run_id(run) if run else None, lease)

    # --- below

    def _new_name(self) -> str:
        """Returns a name that no run has: the local time, which is what a person looks for, and four digits by chance."""
        while True:
            name = f"{datetime.now():%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"  # noqa: DTZ005  # local time
            if not self._store.find("SELECT id FROM runs WHERE name = ?", name) and not self.is_driven(name):
                return name

    def _run_id(self, run: str) -> int:
        if run not in self._run_ids:
            rows = self._store.find("SELECT id FROM runs WHERE name = ?", run)
            if not rows:
                raise SettingsError("run.unknown", run=run)
            self._run_ids[run] = rows[0][0]
        return self._run_ids[run]


def _opened(address: Path | Server, *, durable: bool) -> tuple[Store, RunLocks | AdvisoryLocks]:
    if isinstance(address, Path):
        return SqliteStore(address, durable=durable), RunLocks(address)
    with driver_needed():
        from .advisory_locks import AdvisoryLocks
        from .postgres_store import PostgresStore
    try:
        address.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError("journal.unusable", path=address.folder, reason=reason_in(error)) from None
    store = PostgresStore(address)
    return store, AdvisoryLocks(address, connect=store.connect_again, patience=store.patience)


_DRIVEN = "SELECT driven FROM runs WHERE name = ?"
#: The last of the next rows: what is deleted is not gone through once more.
_EDGE = "SELECT max(row) FROM (SELECT row FROM rows WHERE run = ? AND row > ? ORDER BY row LIMIT ?) AS next_rows"
_SELECT_RUNS = f"SELECT {', '.join(RUN_COLUMNS)} FROM runs"  # noqa: S608  # names of ours
_ESCAPE = "ESCAPE '!'"
