"""Moves what a journal's file holds into a journal in PostgreSQL: its runs with all of their rows, and what belongs to them.

A run is there as a whole or not at all, with its rows, its mends and what it has left in the memory of what was applied, so
that a move that was cut off is begun anew. A run that is there already is passed over. The file is only read; one of an older
version is brought up to this one in a copy. Runs get other numbers there (``run_numbers``), and all that names a run by its
number follows. How it is told is left to whoever asks for it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from ..errors import Halted, SettingsError
from .connections import Connection, connect, words_of
from .file_to_move import FileToMove, file_to_move
from .migrating import version_of
from .run_numbers import FIRST, NoRoom, RunNumbers, Tenant
from .schema import VERSION
from .server import Server

#: Seconds for which another move into the same journal is waited for.
_BUSY = 60
#: More than the number of any run of a file.
_ANY = 2**31
#: What of the memory is moved, and what tells a night from another one.
_KNOWN = ("clue", "run", "seen", "fields", "whole", "sums")
_SAME_NIGHT = ("series", "began", "source")


@dataclass(slots=True)
class Moved:
    """What was moved to ``place``: how many runs with how many rows, nights, files, choices, and clues of the memory.

    ``there`` says how many runs were there already, ``gone_on`` which of these have gone on in the file since, and
    ``foreign`` which are not moved since another run has their name. ``nights_aside`` began between nights that are there.
    """

    place: str
    runs: int = 0
    rows: int = 0
    nights: int = 0
    files: int = 0
    choices: int = 0
    clues: int = 0
    there: int = 0
    nights_aside: int = 0
    gone_on: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Run:
    """A run of the file, and what tells it from another one of the same name."""

    id: int
    name: str
    began: int
    tenant: Tenant
    digest: str
    driven: int

    def is_same(self, other: _Run) -> bool:
        return (self.began, self.tenant, self.digest) == (other.began, other.tenant, other.digest)


#: Of what is known of a clue there and here, that of the later run stays.
_TAKE_BROUGHT = (
    "INSERT INTO applied SELECT * FROM brought ON CONFLICT (memory, clue) DO UPDATE SET run = excluded.run,"
    " seen = excluded.seen, fields = excluded.fields, whole = excluded.whole, sums = excluded.sums"
    " WHERE excluded.run > applied.run"
)
_RUNS = "SELECT id, name, started, base_url, app, digest, driven FROM runs ORDER BY id"


def move(file: Path, server: Server, begins: Callable[[int, int], None] = lambda runs, rows: None) -> Moved:
    """Moves the runs of ``file`` into the journal of ``server``; ``begins`` is told how many runs and rows those are.

    Raises ``SettingsError`` where the file or the journal there cannot be used, ``UnderWay`` while somebody drives a run of
    the file, and ``Halted`` where something goes wrong on the way: what is there by then is whole.
    """
    with file_to_move(file) as source, closing(connect(server)) as target, closing(connect(server)) as aside:
        if version_of(target) != VERSION:
            raise SettingsError("journal.not_migrated" if not version_of(target) else "journal.older_there", path=str(server))
        try:
            target.execute(f"SET lock_timeout = '{_BUSY}s'")
            target.execute("SELECT pg_advisory_lock(hashtextextended(current_schema() || ' ' || 'copy', 0))")
            return _Move(source, target, aside, Moved(str(server))).execute(begins)
        except NoRoom:
            raise SettingsError("copy.no_room", path=file) from None
        except psycopg.errors.LockNotAvailable:
            raise SettingsError("journal.busy", path=str(server)) from None
        except psycopg.Error as error:
            raise Halted("copy.unwritten", path=str(server), reason=words_of(error)) from None


class _Move:
    """One move from ``source``, a file, to ``target``; ``aside`` is a second connection there, for what is asked on the way."""

    def __init__(self, source: FileToMove, target: Connection, aside: Connection, moved: Moved) -> None:
        self._source = source
        self._target = target
        self._aside = aside
        self._moved = moved
        self._field_ids: dict[int, int] = {}
        self._numbers: dict[int, int] = {}
        runs = [_run(row) for row in source.read(_RUNS)]
        there = {run.name: run for run in map(_run, target.execute(_RUNS).fetchall())}
        self._new = [run for run in runs if run.name not in there]
        self._runs = [run for run in runs if run.name not in there or run.is_same(there[run.name])]
        self._by_tenant = defaultdict[Tenant, list[_Run]](list)
        for run in self._runs:
            self._by_tenant[run.tenant].append(run)
        self._place = RunNumbers(
            [(run.id, run.began, run.tenant) for run in there.values()], is_free=self._is_free, following=self._following
        )
        moved.foreign = [run.name for run in runs if run not in self._runs]
        moved.there = len(self._runs) - len(self._new)
        moved.gone_on = [run.name for run in self._runs if run.name in there and run.driven > there[run.name].driven]
        self._give_numbers(there)

    def execute(self, begins: Callable[[int, int], None]) -> Moved:
        rows = sum(
            number for run in self._new for (number,) in self._source.read("SELECT count(*) FROM rows WHERE run = ?", run.id)
        )
        begins(len(self._new), rows)
        if self._new or not self._runs:  # what is there already may be forgotten there by now, on purpose
            with self._target.transaction():
                self._move_choices()
                self._move_files()
                self._move_nights()
        for run in self._new:
            with self._target.transaction():
                self._move_run(run)
        return self._moved

    # --- numbers

    def _give_numbers(self, there: dict[str, _Run]) -> None:
        latest = defaultdict[Tenant, int](int)
        for run in self._runs:
            if run.name in there:
                number = there[run.name].id
            else:
                number = self._place.of_run(run.tenant, run.began, after=latest[run.tenant])
            self._numbers[run.id] = latest[run.tenant] = number

    def _number(self, run: int | None, tenant: Tenant) -> int | None:
        """Returns the number there of a run of the file, which may be forgotten."""
        if not run:  # 0 is nobody's here as well
            return run
        if run not in self._numbers:
            others = [other.id for other in self._by_tenant[tenant]]
            place = bisect_left(others, run)
            low = self._numbers[others[place - 1]] if place else 0
            high = self._numbers[others[place]] if place < len(others) else FIRST
            self._numbers[run] = self._place.of_forgotten(low, high)
        return self._numbers[run]

    def _is_free(self, number: int) -> bool:
        named = ("SELECT 1 FROM rows WHERE origin_run = %s LIMIT 1", "SELECT 1 FROM applied WHERE run = %s LIMIT 1")
        return not any(self._aside.execute(sql, [number]).fetchall() for sql in named)

    def _following(self) -> int:
        return int(self._aside.execute("SELECT nextval(pg_get_serial_sequence('runs', 'id'))").fetchall()[0][0])

    # --- what is moved

    def _move_run(self, run: _Run) -> None:
        columns = self._source.columns("runs", but="id")
        ((*values,),) = self._source.read(_select("runs", columns, "WHERE id = ?"), run.id)
        values[columns.index("stop_asked")] = False
        sql = _insert("runs", ["id", *columns])
        self._target.execute(sql, [self._numbers[run.id], *values])
        self._moved.rows += self._copy_rows(run)
        self._copy_mends(run)
        for (memory,) in self._source.read("SELECT id FROM memories WHERE base_url = ? AND app = ?", *run.tenant):
            self._moved.clues += self._move_applied(run, memory)
        self._moved.runs += 1

    def _copy_rows(self, run: _Run) -> int:
        columns = self._source.columns("rows", but="shard")  # of a file, all rows are sent by its process
        named = [place for place, name in enumerate(columns) if name in ("run", "origin_run", "trusted_run")]
        sums = columns.index("sums")
        number = 0
        with self._copy_into("rows", columns) as copy:
            for row in self._source.read(_select("rows", columns, "WHERE run = ? ORDER BY row"), run.id):
                values = [*row]
                for place in named:
                    values[place] = self._number(values[place], run.tenant)
                if values[sums]:
                    fields, _, rest = values[sums].partition(":")
                    values[sums] = f"{self._field_id(int(fields))}:{rest}"
                copy.write_row(values)
                number += 1
        return number

    def _copy_mends(self, run: _Run) -> None:
        columns = self._source.columns("mends", but="run")
        with self._copy_into("mends", ["run", *columns]) as copy:
            for row in self._source.read(_select("mends", columns, "WHERE run = ?"), run.id):
                copy.write_row((self._numbers[run.id], *row))

    def _move_applied(self, run: _Run, memory: int) -> int:
        """Moves what the memory of a run's tenant has from the run, and from forgotten runs beside it; returns of how many
        clues."""
        others = [other.id for other in self._by_tenant[run.tenant]]
        place = others.index(run.id)
        before = others[place - 1] if place else 0
        until = run.id if place + 1 < len(others) else _ANY
        self._target.execute(
            "INSERT INTO memories (base_url, app) VALUES (%s, %s) ON CONFLICT (base_url, app) DO NOTHING", run.tenant
        )
        sql = "SELECT id FROM memories WHERE base_url = %s AND app = %s"
        ((there,),) = self._target.execute(sql, run.tenant).fetchall()
        self._target.execute("CREATE TEMPORARY TABLE IF NOT EXISTS brought (LIKE applied) ON COMMIT DELETE ROWS")
        with self._copy_into("brought", ("memory", *_KNOWN)) as copy:
            sql = _select("applied", _KNOWN, "WHERE memory = ? AND run > ? AND run <= ?")
            for clue, of_run, seen, fields, whole, sums in self._source.read(sql, memory, before, until):
                if number := self._number(of_run, run.tenant):
                    copy.write_row((there, clue, number, seen, self._field_id(fields), whole, sums))
        return self._target.execute(_TAKE_BROUGHT).rowcount

    def _move_nights(self) -> None:
        """Moves the nights, each between those of its series that began before and after it."""
        columns = self._source.columns("nights", but="id")
        there = self._target.execute("SELECT id, began, series FROM nights").fetchall()
        known = {*self._target.execute(_select("nights", _SAME_NIGHT)).fetchall()}
        placed = [(id_, began, (series, "")) for id_, began, series in there]
        numbers = RunNumbers(placed, is_free=lambda number: True, following=_no_number)
        sql = _insert("nights", ["id", *columns])
        latest = defaultdict[str, int](int)
        for values in self._source.read(_select("nights", columns, "ORDER BY id")):
            night = dict(zip(columns, values, strict=True))
            series = night["series"]
            if tuple(night[name] for name in _SAME_NIGHT) in known:
                continue
            try:
                latest[series] = numbers.of_run((series, ""), night["began"], after=latest[series])
            except NoRoom:
                self._moved.nights_aside += 1
                continue
            self._target.execute(sql, [latest[series], *values])
            self._moved.nights += 1

    def _move_files(self) -> None:
        columns = self._source.columns("files")
        latest = f"ON CONFLICT (path) DO UPDATE SET {_replaced(columns)} WHERE excluded.written > files.written"
        sql = _insert("files", columns, latest)
        self._moved.files = self._write_all(sql, self._source.read(_select("files", columns)))

    def _move_choices(self) -> None:
        columns = self._source.columns("choices")
        latest = f"ON CONFLICT (kind, app, name) DO UPDATE SET {_replaced(columns)} WHERE excluded.time > choices.time"
        sql = _insert("choices", columns, latest)
        self._moved.choices = self._write_all(sql, self._source.read(_select("choices", columns)))

    # --- below

    def _field_id(self, fields: int) -> int:
        """Returns the number there of fields of which checksums are kept."""
        if fields not in self._field_ids:
            ((keys,),) = self._source.read("SELECT keys FROM applied_fields WHERE id = ?", fields)
            self._aside.execute("INSERT INTO applied_fields (keys) VALUES (%s) ON CONFLICT (keys) DO NOTHING", [keys])
            rows = self._aside.execute("SELECT id FROM applied_fields WHERE keys = %s", [keys]).fetchall()
            self._field_ids[fields] = rows[0][0]
        return self._field_ids[fields]

    @contextmanager
    def _copy_into(self, table: str, columns: Sequence[str]) -> Iterator[psycopg.Copy]:
        with self._target.cursor() as cursor, cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
            yield copy

    def _write_all(self, sql: str, rows: Iterable[tuple[Any, ...]]) -> int:
        with self._target.cursor() as cursor:
            cursor.executemany(sql, rows)
            return max(0, cursor.rowcount)


def _run(columns: tuple[Any, ...]) -> _Run:
    id_, name, began, base_url, app, digest, driven = columns
    return _Run(id_, name, began, (base_url, app), digest, driven)


def _no_number() -> int:
    raise NoRoom


def _select(table: str, columns: Iterable[str], rest: str = "") -> str:
    return f"SELECT {', '.join(columns)} FROM {table} {rest}"  # noqa: S608  # names of the tables


def _insert(table: str, columns: Sequence[str], rest: str = "") -> str:
    places = ", ".join(["%s"] * len(columns))
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places}) {rest}"  # noqa: S608  # names of the tables


def _replaced(columns: Iterable[str]) -> str:
    return ", ".join(f"{name} = excluded.{name}" for name in columns)
