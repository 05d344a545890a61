"""Every run and every row's state, durable: what results, history and a later resume read.

A method that changes something returns when the change is on disk, and only then may anything depend on it. It holds no rule
of rows or replies: it keeps what it is told. How that becomes durable is left to ``store.py``.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, fields, replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from sqlite3 import Cursor
from types import TracebackType
from typing import Any, Self

from filelock import FileLock, Timeout

from .errors import Halted, SettingsError
from .records import Edit, Message, Outcome, Plan, Problem, Status
from .store import Change, State, Store

#: States in which somebody should be at work on a run.
_UNDER_WAY = ("planning", "sending")
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
        self._store = Store(path)
        self._keys: dict[str, int] = {}
        self._driven: dict[str, FileLock] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Wait for what is being written, then close the file. Changes that come later are refused with ``Halted``."""
        self._store.close()
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
        lock = FileLock(self._lock_of(name), mode=0o600, thread_local=False)
        try:
            lock.acquire()
        except OSError as error:
            raise Halted("journal.unwritable", path=self.path, reason=error.strerror or str(error)) from None
        self._driven[name] = lock
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
        self._store.commit(Change([("DELETE FROM rows WHERE run = ?", [(key,)]), ("DELETE FROM runs WHERE id = ?", [(key,)])]))

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
        return [Edit(*found) for found in self._store.find(sql, self._key(run), after, most)]

    def advance(self, run: str, outcome: Outcome | None, sending: int | None) -> None:
        """Record an outcome and mark the next row as ``sending``, both or neither; returns when they are on disk.

        A sender calls it once a row, between two sends: at any moment a run has at most one ``sending`` row for each sender.
        """
        key = self._key(run)
        states: list[State] = []
        if outcome:
            message = _json(_packed(outcome.message)) if outcome.message else None
            states.append((key, outcome.row, outcome.status, outcome.code, message, outcome.attempts, outcome.time))
        if sending is not None:
            states.append((key, sending, Status.SENDING, "", None, 0, ""))
        if states:
            self._store.commit(Change(states=states))

    def release(self, run: str, row: int) -> None:
        """Put a row that was marked ``sending`` but cannot have been applied back to ``pending``."""
        self._store.commit(Change(states=[(self._key(run), row, Status.PENDING, "", None, 0, "")]))

    def abandon(self, run: str, message: Message) -> None:
        """Make every row that is still ``sending`` ``failed``: nobody will wait for its answer."""
        sql = "UPDATE rows SET status = ?, message = ?, attempts = 1, time = ? WHERE run = ? AND status = 'sending'"
        self._change(sql, [(Status.FAILED, _json(_packed(message)), now(), self._key(run))])

    # --- reading

    def runs(self) -> list[Run]:
        """All runs, the latest first."""
        with self._store.select(_SELECT_RUNS) as rows:
            found = [_run(row) for row in rows]
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

    def _lock_of(self, run: str) -> Path:
        return self.path.with_name(f"{run}.lock")

    def _let_go(self, run: str) -> None:
        if lock := self._driven.pop(run, None):
            lock.release()
            with suppress(OSError):
                Path(lock.lock_file).unlink()

    def _key(self, run: str) -> int:
        if run not in self._keys:
            self._keys[run] = self._store.find("SELECT id FROM runs WHERE name = ?", run)[0][0]
        return self._keys[run]

    def _select(self, sql: str, run: str, *values: object) -> AbstractContextManager[Cursor]:
        return self._store.select(sql, self._key(run), *values)

    def _change(self, sql: str, values: Sequence[tuple[object, ...]]) -> None:
        self._store.commit(Change([(sql, values)]))


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
