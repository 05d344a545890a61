"""Every run and every row's state, durable: what results, history and a later resume read.

One SQLite file (WAL, ``synchronous=FULL``). Of the threads that wait, one writes what all of them wait for as one transaction,
so that eight senders share a sync. A method that changes something returns when the change is on disk, and only then may
anything depend on it. It holds no rule of rows or replies: it keeps what it is told.
"""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, fields, replace
from datetime import datetime
from functools import cache
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from filelock import FileLock, Timeout

from .errors import Halted, SettingsError
from .records import Edit, Message, Outcome, Plan, Problem, Status

_SCHEMA = """
CREATE TABLE IF NOT EXISTS runs (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL,           -- planning, sending, finished, stopped
    started TEXT NOT NULL,         -- ISO 8601 with offset
    finished TEXT,
    base_url TEXT NOT NULL,
    app TEXT NOT NULL,             -- app_id, or empty for a fixed token
    source TEXT NOT NULL,          -- path of the sheet's file
    sheet TEXT NOT NULL,           -- name of the sheet within it
    digest TEXT NOT NULL,          -- SHA-256 of the file
    headings TEXT NOT NULL,        -- JSON list
    settings TEXT NOT NULL,        -- JSON, without secrets
    options TEXT NOT NULL,         -- JSON: what the command was told beside the settings
    halted TEXT,                   -- JSON message: why it stopped early
    results TEXT,                  -- path of the results sheet
    stamp TEXT                     -- what that file looked like when it was written
);
CREATE TABLE IF NOT EXISTS rows (
    run INTEGER NOT NULL,
    row INTEGER NOT NULL,          -- as the sheet counts
    status TEXT NOT NULL,
    clue INTEGER,
    body TEXT,                     -- what is sent
    cells TEXT NOT NULL,           -- JSON list: the row's own values
    fields TEXT NOT NULL,          -- listed keys, comma-separated
    cleared TEXT NOT NULL,         -- those of them that are emptied
    doubts TEXT,                   -- JSON list of problems
    code TEXT NOT NULL DEFAULT '',
    message TEXT,                  -- JSON: one message, or the list of problems of an invalid row
    attempts INTEGER NOT NULL DEFAULT 0,
    time TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX IF NOT EXISTS rows_by_row ON rows (run, row);
CREATE INDEX IF NOT EXISTS rows_by_clue ON rows (run, clue);
"""
_VERSION = 1
#: States in which somebody should be at work on a run.
_UNDER_WAY = ("planning", "sending")
#: A second process that writes the same journal is waited for this long, in seconds.
_BUSY = 60.0
_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Run:
    """One run as the journal knows it; ``started`` and ``finished`` are ISO 8601 with their offset.

    ``state`` is planning, sending, finished, stopped, or interrupted: its process ended without a word.
    """

    name: str
    state: str
    started: str
    finished: str | None
    base_url: str
    app: str
    source: str
    sheet: str
    digest: str
    headings: tuple[str, ...]
    settings: Mapping[str, Any]
    options: Mapping[str, Any]
    halted: Message | None
    results: str | None
    stamp: str | None


@dataclass(frozen=True, slots=True)
class Record:
    """One row of a run with its latest state; ``notes`` are its message, or the problems of an invalid row."""

    row: int
    status: Status
    cells: tuple[str, ...]
    fields: tuple[str, ...]
    cleared: tuple[str, ...]
    notes: tuple[Message | Problem, ...]
    code: str
    attempts: int
    time: str


class Journal:
    """The journal in the file ``path``, created private to its owner if it is not there. Use it as a context manager.

    Raises ``SettingsError`` where the file cannot be opened, and ``Halted`` from any method that finds that it can no
    longer write or read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # SQLite waits for nobody while a file becomes a WAL one: of two processes that make it, one would fail.
            with FileLock(f"{path}.lock", timeout=_BUSY, mode=0o600):
                self._prepare()
            self._connection, self._reader = self._connect(), self._connect()
        except (OSError, sqlite3.Error) as error:
            raise SettingsError("journal.unusable", path=path, reason=_reason(error)) from None
        self._keys: dict[str, int] = {}
        self._driven: dict[str, FileLock] = {}
        self._reading = threading.Lock()
        self._writing = threading.Lock()
        self._waiting: deque[_Change] = deque()
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Wait for what is being written, then close the file. Changes that come later are refused with ``Halted``."""
        with self._writing:
            self._closed = True
            self._connection.close()
            self._reader.close()
        for name in list(self._driven):
            self._let_go(name)

    # --- planning

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
    ) -> str:
        """Open a new run in the state ``planning`` and return its name, such as ``20261124-093000-7f3a``.

        Until the journal is closed, or its process ends however it may, everybody can see that somebody drives it.
        """
        name = f"{datetime.now():%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"  # noqa: DTZ005  # local time is what a person looks for
        self._driven[name] = FileLock(self._lock_of(name), mode=0o600)
        self._driven[name].acquire()
        told = (_json(headings), _json(settings), _json(options))
        self._change(
            "INSERT INTO runs (name, state, started, base_url, app, source, sheet, digest, headings, settings, options)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [(name, "planning", now(), base_url, app, source, sheet, digest, *told)],
        )
        return name

    def plan(self, run: str, plans: Iterable[Plan]) -> None:
        """Write down what is to become of every row, in batches, so that a sheet of any length fits."""
        key, batch = self._key(run), []
        for plan in plans:
            batch.append((key, *_planned(plan)))
            if len(batch) == _BATCH:
                self._change(_INSERT_ROW, batch)
                batch = []
        if batch:
            self._change(_INSERT_ROW, batch)

    def set_headings(self, run: str, headings: Sequence[str]) -> None:
        """Change the headings of a run that is being planned."""
        self._change("UPDATE runs SET headings = ? WHERE name = ?", [(_json(headings), run)])

    def doubtful(self, run: str) -> Iterator[Plan]:
        """The planned rows that have doubts, for a second judgement once their column is known."""
        with self._select(
            "SELECT row, status, cells, doubts FROM rows WHERE run = ? AND doubts IS NOT NULL ORDER BY row", run
        ) as rows:
            for row, status, cells, doubts in rows:
                yield Plan(
                    row, Status(status), tuple(json.loads(cells)), doubts=tuple(_problem(one) for one in json.loads(doubts))
                )

    def refuse(self, run: str, plans: Iterable[Plan]) -> None:
        """Make planned rows invalid, for the problems that ``plans`` hold; in batches, like ``plan``."""
        sql = "UPDATE rows SET status = ?, body = NULL, fields = '', cleared = '', message = ? WHERE run = ? AND row = ?"
        key, remaining = self._key(run), iter(plans)
        while batch := list(islice(remaining, _BATCH)):
            said = [_json([_packed(problem) for problem in plan.problems]) for plan in batch]
            self._change(sql, [(Status.INVALID, text, key, plan.row) for text, plan in zip(said, batch, strict=True)])

    def discard(self, run: str) -> None:
        """Forget a run that was planned and will not be sent."""
        key = self._key(run)
        self._let_go(run)
        self._commit(_Change([("DELETE FROM rows WHERE run = ?", [(key,)]), ("DELETE FROM runs WHERE id = ?", [(key,)])]))

    # --- sending

    def state(self, run: str, state: str, *, halted: Message | None = None) -> None:
        """Set a run's state and why it stopped early; ``finished`` and ``stopped`` also set when."""
        ended = now() if state in ("finished", "stopped") else None
        self._change(
            "UPDATE runs SET state = ?, finished = coalesce(?, finished), halted = ? WHERE name = ?",
            [(state, ended, _json(_packed(halted)) if halted else None, run)],
        )

    def remember_results(self, run: str, path: str, stamp: str) -> None:
        """Keep where the results sheet of the run was written, and what the file looks like."""
        self._change("UPDATE runs SET results = ?, stamp = ? WHERE name = ?", [(path, stamp, run)])

    def pending(self, run: str, after: int, most: int) -> list[Edit]:
        """The next pending edits below row ``after``, in sheet order, ``most`` at a time."""
        sql = "SELECT row, clue, body FROM rows WHERE run = ? AND row > ? AND status = 'pending' ORDER BY row LIMIT ?"
        key = self._key(run)
        with self._reading, self._readable():
            return [Edit(*found) for found in self._reader.execute(sql, (key, after, most))]

    def advance(self, run: str, outcome: Outcome | None, sending: int | None) -> None:
        """Record an outcome and mark the next row as ``sending``, both or neither; returns when they are on disk.

        A sender calls it once a row, between two sends: at any moment a run has at most one ``sending`` row for each sender.
        """
        key = self._key(run)
        states: list[_State] = []
        if outcome:
            message = _json(_packed(outcome.message)) if outcome.message else None
            states.append((key, outcome.row, outcome.status, outcome.code, message, outcome.attempts, outcome.time))
        if sending is not None:
            states.append((key, sending, Status.SENDING, "", None, 0, ""))
        if states:
            self._commit(_Change(states=states))

    def release(self, run: str, row: int) -> None:
        """Put a row that was marked ``sending`` but cannot have been applied back to ``pending``."""
        self._commit(_Change(states=[(self._key(run), row, Status.PENDING, "", None, 0, "")]))

    def abandon(self, run: str, message: Message) -> None:
        """Make every row that is still ``sending`` ``failed``: nobody will wait for its answer."""
        sql = "UPDATE rows SET status = ?, message = ?, attempts = 1, time = ? WHERE run = ? AND status = 'sending'"
        self._change(sql, [(Status.FAILED, _json(_packed(message)), now(), self._key(run))])

    # --- reading

    def runs(self) -> list[Run]:
        """All runs, the latest first."""
        with self._readable(), closing(self._connect()) as connection:
            found = [_run(row) for row in connection.execute(_SELECT_RUNS)]
        return [
            replace(run, state="interrupted") if run.state in _UNDER_WAY and not self.is_driven(run.name) else run
            for run in found
        ]

    def is_driven(self, run: str) -> bool:
        """Whether a process, this one or another, is at work on the run."""
        if run in self._driven:
            return True
        lock = FileLock(self._lock_of(run), timeout=0, mode=0o600)
        if not Path(lock.lock_file).exists():
            return False
        try:
            with lock:
                return False
        except Timeout:
            return True

    def run(self, name: str) -> Run:
        """The run called ``name``; a ``SettingsError`` if there is none."""
        found = next((run for run in self.runs() if run.name == name), None)
        if found is None:
            raise SettingsError("run.unknown", run=name)
        return found

    def counts(self, run: str) -> dict[str, int]:
        """How many rows of the run have each status (only statuses that occur)."""
        with self._select("SELECT status, count(*) FROM rows WHERE run = ? GROUP BY status", run) as rows:
            return dict(rows.fetchall())

    def rows(self, run: str) -> Iterator[Record]:
        """Every row of the run in sheet order, streamed."""
        sql = "SELECT row, status, cells, fields, cleared, message, code, attempts, time FROM rows WHERE run = ? ORDER BY row"
        with self._select(sql, run) as rows:
            for row, status, cells, fields, cleared, message, code, attempts, time in rows:
                notes = tuple(_unpacked(one) for one in _as_list(message))
                yield Record(
                    row, Status(status), tuple(json.loads(cells)), _split(fields), _split(cleared), notes, code, attempts, time
                )

    def reasons(self, run: str, most: int) -> list[tuple[int, Message]]:
        """Why rows were rejected or failed: the ``most`` commonest messages, each with its number of rows."""
        sql = (
            "SELECT count(*) AS rows, message FROM rows WHERE run = ? AND status IN ('rejected', 'failed')"
            " AND message IS NOT NULL GROUP BY message ORDER BY rows DESC, min(row) LIMIT ?"
        )
        with self._select(sql, run, most) as found:
            return [(rows, _unpacked(json.loads(message))) for rows, message in found]

    def holds_longer(self, run: str, characters: int) -> bool:
        """Whether a cell of the run has more than so many characters."""
        with self._select("SELECT cells FROM rows WHERE run = ? AND length(cells) > ?", run, characters) as rows:
            return any(len(cell) > characters for (cells,) in rows for cell in json.loads(cells))

    def overtaken(self, run: str) -> list[tuple[int, int]]:
        """The pending rows whose clue has a later row that is updated already, each with that row."""
        sql = (
            "SELECT row, (SELECT max(later.row) FROM rows AS later WHERE later.run = rows.run AND later.clue = rows.clue"
            " AND later.row > rows.row AND later.status = 'updated') AS newer"
            " FROM rows WHERE run = ? AND status = 'pending' AND newer IS NOT NULL ORDER BY row"
        )
        with self._select(sql, run) as rows:
            return rows.fetchall()

    def repeated(self, run: str, most: int) -> tuple[int, list[tuple[int, list[int]]]]:
        """How many clues are in several pending rows, and the first ``most`` of them with their row numbers."""
        sql = "SELECT clue, count(*) FROM rows WHERE run = ? AND status = 'pending' GROUP BY clue HAVING count(*) > 1"
        found: list[tuple[int, list[int]]] = []
        total = 0
        with self._select(sql, run) as clues:
            for clue, _ in clues:
                total += 1
                if len(found) < most:
                    where = "SELECT row FROM rows WHERE run = ? AND clue = ? AND status = 'pending' ORDER BY row LIMIT 10"
                    with self._select(where, run, clue) as rows:
                        found.append((clue, [row for (row,) in rows]))
        return total, found

    # --- below

    def _prepare(self) -> None:
        """Make the file if it is not there, private to its owner; refuse one of a newer version."""
        os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
        with closing(self._connect()) as connection:
            if connection.execute("PRAGMA user_version").fetchone()[0] > _VERSION:
                raise SettingsError("journal.newer", path=self.path)
            connection.execute("PRAGMA journal_mode=WAL")
            connection.executescript(_SCHEMA)
            connection.execute(f"PRAGMA user_version={_VERSION}")

    def _lock_of(self, run: str) -> Path:
        return self.path.with_name(f"{run}.lock")

    def _let_go(self, run: str) -> None:
        if lock := self._driven.pop(run, None):
            lock.release()
            with suppress(OSError):
                Path(lock.lock_file).unlink()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=_BUSY, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA synchronous=FULL")
        return connection

    def _key(self, run: str) -> int:
        if run not in self._keys:
            with self._reading, self._readable():
                self._keys[run] = self._reader.execute("SELECT id FROM runs WHERE name = ?", (run,)).fetchone()[0]
        return self._keys[run]

    @contextmanager
    def _readable(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise Halted("journal.unreadable", path=self.path, reason=_reason(error)) from None

    @contextmanager
    def _select(self, sql: str, run: str, *values: object) -> Iterator[sqlite3.Cursor]:
        key = self._key(run)
        with self._readable(), closing(self._connect()) as connection:
            yield connection.execute(sql, (key, *values))

    def _change(self, sql: str, values: Sequence[tuple[object, ...]]) -> None:
        self._commit(_Change([(sql, values)]))

    def _commit(self, change: _Change) -> None:
        """Return once ``change`` is on disk. Whoever gets to write takes along what all others are waiting for."""
        self._waiting.append(change)
        with self._writing:
            if self._closed and not change.done:
                raise Halted("journal.closed", path=self.path)
            if not change.done:
                changes = [self._waiting.popleft() for _ in range(len(self._waiting))]
                self._apply(changes)
        if change.error is not None:
            raise Halted("journal.unwritable", path=self.path, reason=_reason(change.error))

    def _apply(self, changes: Sequence[_Change]) -> None:
        error: BaseException | None = None
        states = [state for change in changes for state in change.states]
        statements = [statement for change in changes for statement in change.statements]
        try:
            if statements:
                self._connection.execute("BEGIN IMMEDIATE")
            if states:  # one statement for all of them: a transaction of its own, for which Python's lock is let go once
                self._connection.execute(_set_states(len(states)), [value for state in states for value in state])
            for sql, values in statements:
                self._connection.executemany(sql, values)
            if statements:
                self._connection.execute("COMMIT")
        except BaseException as caught:
            error = caught
            with suppress(sqlite3.Error):  # there may be nothing to roll back
                self._connection.execute("ROLLBACK")
            if not isinstance(caught, (sqlite3.Error, ValueError, OverflowError)):  # the latter: values that SQLite cannot hold
                raise
        finally:  # a Ctrl-C in here must not let the others believe that theirs is on disk
            for change in changes:
                change.error = error
                change.done = True


#: run, row, status, code, message, attempts, time
_State = tuple[int, int, str, str, str | None, int, str]


@dataclass(slots=True)
class _Change:
    """New states of rows and other statements for one transaction, whether it was tried, and what went wrong then."""

    statements: Sequence[tuple[str, Sequence[tuple[object, ...]]]] = ()
    states: Sequence[_State] = ()
    done: bool = False
    error: BaseException | None = None


@cache
def _set_states(number: int) -> str:
    # UPDATE … FROM would be shorter, but the SQLite of some systems that are in use does not know it yet.
    values = ", ".join(["(?, ?, ?, ?, ?, ?, ?)"] * number)
    return (
        f"WITH new (run, row, status, code, message, attempts, time) AS (VALUES {values})"  # noqa: S608  # places alone
        " UPDATE rows SET (status, code, message, attempts, time) = (SELECT status, code, message, attempts, time"
        " FROM new WHERE new.run = rows.run AND new.row = rows.row) WHERE (run, row) IN (SELECT run, row FROM new)"
    )


_INSERT_ROW = (
    "INSERT INTO rows (run, row, status, clue, body, cells, fields, cleared, doubts, code, message, attempts, time)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_RUN = tuple(field.name for field in fields(Run))
_SELECT_RUNS = f"SELECT {', '.join(_RUN)} FROM runs ORDER BY id DESC"  # noqa: S608  # names of ours


def now() -> str:
    """This moment as ISO 8601 with the local offset, to the second."""
    return datetime.now().astimezone().isoformat(timespec="seconds")


def _planned(plan: Plan) -> tuple[object, ...]:
    """A plan as the columns of ``_INSERT_ROW`` after ``run``."""
    kept = plan.kept
    message: object = [_packed(problem) for problem in plan.problems] or (
        _packed(kept.message) if kept and kept.message else None
    )
    return (
        plan.row,
        plan.status,
        plan.clue_id,
        plan.edit.body if plan.edit else None,
        _json(plan.cells),
        ",".join(plan.fields),
        ",".join(plan.cleared),
        _json([_packed(doubt) for doubt in plan.doubts]) if plan.doubts else None,
        kept.code if kept else "",
        _json(message) if message else None,
        kept.attempts if kept else 0,
        kept.time if kept else "",
    )


def _json(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    # Half of a character, which a DataFrame can hold and SQLite cannot, is kept as the JSON escape that it has anyway.
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def _packed(value: object) -> object:
    """Messages and problems as JSON; texts and numbers as they are, anything else (a path) as text."""
    match value:
        case Message():
            return {"key": value.key, "values": {name: _packed(one) for name, one in value.values.items()}}
        case Problem():
            return {"row": value.row, "at": value.address, "field": value.field, "message": _packed(value.message)}
        case list() | tuple():
            return [_packed(one) for one in value]
        case str() | int() | float() | None:
            return value
        case _:
            return str(value)


def _unpacked(value: Any) -> Any:
    match value:
        case {"key": key, "values": values}:
            return Message(key, {name: _unpacked(one) for name, one in values.items()})
        case {"at": _}:
            return _problem(value)
        case list():
            return [_unpacked(one) for one in value]
        case _:
            return value


def _problem(value: Any) -> Problem:
    return Problem(value["row"], value["at"], value["field"], _unpacked(value["message"]))


def _as_list(text: str | None) -> list[Any]:
    value = json.loads(text) if text else []
    return value if isinstance(value, list) else [value]


def _split(text: str) -> tuple[str, ...]:
    return tuple(text.split(",")) if text else ()


def _run(found: tuple[Any, ...]) -> Run:
    values = dict(zip(_RUN, found, strict=True))
    for name in ("headings", "settings", "options", "halted"):
        values[name] = json.loads(values[name]) if values[name] else None
    return Run(**values | {"headings": tuple(values["headings"]), "halted": values["halted"] and _unpacked(values["halted"])})


def _reason(error: BaseException) -> str:
    return (error.strerror if isinstance(error, OSError) else str(error)) or type(error).__name__
