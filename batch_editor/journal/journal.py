"""Every run and every row's state, durable: what resume, results and history read.

A method that changes something returns when the change is on disk, and only then may anything depend on it. It holds no rule
of rows or replies: it keeps what it is told. How that becomes durable is left to ``store.py``.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from sqlite3 import Cursor
from types import TracebackType
from typing import Any, Self

from ..errors import SettingsError, UnderWay
from ..model import Draft, Edit, Message, Outcome, Plan, Record, Resolved, Run, Status, Values, Written
from .columns import (
    DRAFT_COLUMNS,
    EDIT_COLUMNS,
    PLAN_COLUMNS,
    ROW_COLUMNS,
    RUN_COLUMNS,
    WRITTEN_COLUMNS,
    as_json,
    columns_of,
    draft_of,
    edit_of,
    packed,
    packed_draft,
    record_of,
    run_of,
    split,
    unpacked,
    written_of,
)
from .locks import Claims
from .store import Change, State, Store

#: What has become of a run in whose state somebody should be at work on it, where nobody is.
_BROKEN_OFF = {"planning": "abandoned", "reading": "interrupted", "sending": "interrupted"}
_BATCH = 1000
#: What is to be sent: rows that were not, and failed ones. Its parameter says whether also those that may have been applied.
#: A failed row whose clue has a later one that is updated is left as it is: an old value would land on a newer one.
_TO_SEND = (
    "(rows.status = 'pending' OR (rows.status = 'failed' AND (rows.unsure = 0 OR ?) AND NOT EXISTS (SELECT 1 FROM rows AS later"
    " WHERE later.run = rows.run AND later.clue = rows.clue AND later.row > rows.row AND later.status = 'updated')))"
)


class Journal:
    """The journal in the file ``path``, created private to its owner if it is not there. Use it as a context manager.

    Raises ``SettingsError`` where the file cannot be opened, and ``Halted`` from any method that finds that it can no
    longer write or read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._store = Store(path)
        self._keys: dict[str, int] = {}
        self._claims = Claims(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Wait for what is being written, then close the file. Changes that come later are refused with ``Halted``."""
        self._store.close()
        self._claims.let_all_go()

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

        It is driven by this process from here on, see ``claim``.
        """
        name = f"{datetime.now():%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"  # noqa: DTZ005  # local time is what a person looks for
        self.claim(name)
        told = (as_json(headings), as_json(settings), as_json(options))
        self._change(
            "INSERT INTO runs (name, state, started, base_url, app, source, sheet, digest, headings, settings, options)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [(name, "planning", now(), base_url, app, source, sheet, digest, *told)],
        )
        return name

    def claim(self, run: str) -> None:
        """Drive ``run`` from here on; raise ``UnderWay`` where another process does.

        Until the journal is closed, or its process ends however it may, everybody can see that somebody drives it.
        """
        self._claims.take(run)

    def let_go(self, run: str) -> None:
        """Stop driving ``run``."""
        self._claims.let_go(run)

    def alone(self) -> AbstractContextManager[None]:
        """What is done within is done by one process at a time: to look for a run and start one, say."""
        return self._store.alone()

    def plan(self, run: str, plans: Iterable[Plan]) -> None:
        """Write down what is to become of every row, in batches, so that a sheet of any length fits."""
        key, batch = self._key(run), []
        for plan in plans:
            batch.append((key, *columns_of(plan)))
            if len(batch) == _BATCH:
                self._change(_INSERT_ROW, batch)
                batch = []
        if batch:
            self._change(_INSERT_ROW, batch)

    def set_headings(self, run: str, headings: Sequence[str]) -> None:
        """Change the headings of a run that is being planned."""
        self._change("UPDATE runs SET headings = ? WHERE name = ?", [(as_json(headings), run)])

    def set_options(self, run: str, options: Mapping[str, object]) -> None:
        """Change what a run that is being planned was told."""
        self._change("UPDATE runs SET options = ? WHERE name = ?", [(as_json(options), run)])

    def clues(self, run: str, most: int, *, ambiguous: bool) -> int:
        """How many clues the first ``most`` edits are about that ``pending`` would give."""
        first = f"SELECT clue FROM rows WHERE run = ? AND {_TO_SEND} ORDER BY row LIMIT ?"  # noqa: S608
        with self._select(f"SELECT count(DISTINCT clue) FROM ({first})", run, ambiguous, most) as found:  # noqa: S608
            return int(next(found)[0])

    def doubtful(self, run: str) -> Iterator[Plan]:
        """The planned rows that have doubts, for a second judgement once their column is known."""
        with self._select(
            "SELECT row, status, cells, doubts FROM rows WHERE run = ? AND doubts IS NOT NULL ORDER BY row", run
        ) as rows:
            for row, status, cells, doubts in rows:
                yield Plan(
                    row, Status(status), tuple(json.loads(cells)), doubts=tuple(unpacked(one) for one in json.loads(doubts))
                )

    def refuse(self, run: str, plans: Iterable[Plan]) -> None:
        """Make planned rows invalid, for the problems that ``plans`` hold; in batches, like ``plan``."""
        sql = (
            "UPDATE rows SET status = ?, body = NULL, fields = '', cleared = '', message = ?, code = '', attempts = 0,"
            " time = '' WHERE run = ? AND row = ?"
        )
        key, remaining = self._key(run), iter(plans)
        while batch := list(islice(remaining, _BATCH)):
            said = [as_json([packed(problem) for problem in plan.problems]) for plan in batch]
            self._change(sql, [(Status.INVALID, text, key, plan.row) for text, plan in zip(said, batch, strict=True)])

    def discard(self, run: str) -> None:
        """Forget a run that this process drives."""
        key = self._key(run)
        self._change("UPDATE runs SET state = 'planning' WHERE id = ?", [(key,)])  # what is left if this is cut short
        while self._store.find("SELECT 1 FROM rows WHERE run = ? LIMIT 1", key):  # in parts: another run may be waiting
            self._change(_DELETE_SOME, [(key,)])
        self._change("DELETE FROM runs WHERE id = ?", [(key,)])
        self._claims.forget(run)

    def purge(self, before: datetime) -> int:
        """Forget the runs that were started ``before`` and that nobody drives, and leave nothing of them in the file.

        Returns how many those were.
        """
        purged = 0
        for run in self.runs():
            if datetime.fromisoformat(run.started) < before:
                with suppress(UnderWay):
                    self.claim(run.name)
                    self.discard(run.name)
                    purged += 1
        busy = any(self.is_driven(run.name) for run in self.runs())
        self._store.shrink(whole=not busy)
        return purged

    # --- sending

    def state(self, run: str, state: str, *, halted: Message | None = None, when: str | None = None) -> None:
        """Set a run's state and why it stopped early; ``finished`` and ``stopped`` also set the counts and ``when``."""
        ended = state in ("finished", "stopped")
        when, counts = (when or now(), as_json(self.counts(run))) if ended else (None, None)
        self._change(
            "UPDATE runs SET state = ?, finished = ?, counts = ?, halted = ? WHERE name = ?",
            [(state, when, counts, as_json(packed(halted)) if halted else None, run)],
        )

    def remember_results(self, run: str, path: str, stamp: str) -> None:
        """Keep where the results sheet of the run was written, and what the file looks like."""
        self._change("UPDATE runs SET results = ?, stamp = ? WHERE name = ?", [(path, stamp, run)])

    def pending(self, run: str, after: int, most: int, *, ambiguous: bool) -> list[Edit]:
        """The next edits to send below row ``after``, in sheet order, ``most`` at a time: those that were not sent and those
        that failed, with ``ambiguous`` also those of them that may have been applied."""
        sql = f"{_SELECT_EDITS} WHERE run = ? AND row > ? AND {_TO_SEND} ORDER BY row LIMIT ?"
        return [edit_of(found) for found in self._store.find(sql, self._key(run), after, ambiguous, most)]

    def edit(self, run: str, row: int) -> Edit | None:
        """The edit of a row that is to be sent; None if it no longer is, since another row of its clue had that read."""
        sql = f"{_SELECT_EDITS} WHERE run = ? AND row = ? AND status IN ('pending', 'failed')"
        found = self._store.find(sql, self._key(run), row)
        return edit_of(found[0]) if found else None

    def drafts(self, run: str, clue: int) -> list[Draft]:
        """The rows of a clue that want its live record, in sheet order."""
        sql = (
            f"SELECT {', '.join(DRAFT_COLUMNS)} FROM rows WHERE run = ? AND clue = ? AND unread"  # noqa: S608
            " AND status IN ('pending', 'failed') ORDER BY row"
        )
        return [draft_of(found) for found in self._store.find(sql, self._key(run), clue)]

    def unread(self, run: str) -> int:
        """How many clues are still to be read."""
        sql = "SELECT count(DISTINCT clue) FROM rows WHERE run = ? AND unread AND status IN ('pending', 'failed')"
        found: int = self._store.find(sql, self._key(run))[0][0]
        return found

    def read_again(self, run: str, clue: int | None = None) -> int:
        """Make drafts again of the rows, or those of one clue, that depend on what the record holds; how many those were."""
        key, drafts, last = self._key(run), 0, 0
        sql, values = (
            "SELECT row, draft FROM rows WHERE run = ? AND draft IS NOT NULL AND status IN ('pending', 'failed')",
            [key],
        )
        if clue is not None:
            sql, values = f"{sql} AND clue = ?", [key, clue]
        while found := self._store.find(f"{sql} AND row > ? ORDER BY row LIMIT {_BATCH}", *values, last):
            again = [(*json.loads(draft), key, row) for row, draft in found]
            self._change("UPDATE rows SET body = ?, fields = ?, cleared = ?, unread = 1 WHERE run = ? AND row = ?", again)
            drafts, last = drafts + len(again), found[-1][0]
        return drafts

    def blind(self, run: str) -> int:
        """How many rows are to be sent of whose fields nothing is known from before."""
        sql = "SELECT count(*) FROM rows WHERE run = ? AND status IN ('pending', 'failed') AND NOT unread AND before IS NULL"
        found: int = self._store.find(sql, self._key(run))[0][0]
        return found

    def undoable(self, run: str) -> bool:
        """Whether of an updated row something is known from before."""
        sql = "SELECT 1 FROM rows WHERE run = ? AND status = 'updated' AND length(before) > 2 LIMIT 1"
        return bool(self._store.find(sql, self._key(run)))

    def keep(self, run: str, row: int, before: Values, requests: int) -> None:
        """Keep what is known of the fields of a row from ``before`` it is sent, which took so many requests to read."""
        sql = "UPDATE rows SET before = coalesce(before, ?), reads = reads + ? WHERE run = ? AND row = ?"
        self._change(sql, [(as_json(before), requests, self._key(run), row)])

    def resolve(self, run: str, resolved: Sequence[Resolved], *, read: int, requests: int, sending: int | None) -> None:
        """Write down at once what its live record has made of a clue's drafts, and which of them is ``sending`` from now on.

        It was read for the row ``read``, by so many requests.
        """
        key, moment = self._key(run), now()
        values, split_off = [], []
        for one in resolved:
            status = Status.SENDING if one.row == sending else one.status
            message = as_json([packed(note) for note in one.notes]) if one.notes else None
            if one.split:
                split_off.append((one.row, status, ",".join(one.fields), message, moment, key, one.row - 1))
                continue
            listed, cleared = ",".join(one.fields), ",".join(one.cleared)
            draft = packed_draft(one.draft) if one.draft else None
            told = (status, one.body or None, listed, cleared, as_json(one.before), message, one.code, moment, draft)
            values.append((*told, requests if one.row == read else 0, key, one.row))
        self._store.commit(Change([(_RESOLVE, values), (_SPLIT_OFF, split_off)]))

    def left(self, run: str, *, ambiguous: bool) -> int:
        """How many edits ``pending`` would give in all."""
        sql = f"SELECT count(*) FROM rows WHERE run = ? AND {_TO_SEND}"  # noqa: S608
        found: int = self._store.find(sql, self._key(run), ambiguous)[0][0]
        return found

    def advance(self, run: str, outcome: Outcome | None, sending: int | None) -> None:
        """Record an outcome and mark the next row as ``sending``, both or neither; returns when they are on disk.

        A sender calls it once a row, between two sends: at any moment a run has at most one ``sending`` row for each sender.
        """
        key = self._key(run)
        states: list[State] = []
        if outcome:
            message = as_json(packed(outcome.message)) if outcome.message else None
            told = (outcome.code, message, outcome.attempts, outcome.time, outcome.maybe_applied)
            states.append((key, outcome.row, outcome.status, *told, outcome.reads))
        if sending is not None:
            states.append((key, sending, Status.SENDING, "", None, 0, now(), False, 0))
        if states:
            self._store.commit(Change(states=states))

    def release(self, run: str, row: int, attempts: int, reads: int = 0) -> None:
        """Put a row that was begun but cannot have been applied back to ``pending``, after so many attempts, and requests that
        read its clue."""
        self._store.commit(Change(states=[(self._key(run), row, Status.PENDING, "", None, attempts, now(), False, reads)]))

    def abandon(self, run: str, message: Message) -> int:
        """Make every row that is still ``sending`` ``failed``, since nobody will wait for its answer; how many there were."""
        key = self._key(run)
        found: int = self._store.find("SELECT count(*) FROM rows WHERE run = ? AND status = 'sending'", key)[0][0]
        sql = (
            "UPDATE rows SET status = ?, message = ?, attempts = attempts + 1, unsure = 1 WHERE run = ? AND status = 'sending'"
        )
        self._change(sql, [(Status.FAILED, as_json(packed(message)), key)])
        return found

    def conflict(self, run: str, rows: Iterable[tuple[int, Message]]) -> None:
        """Make rows ``conflict``, each for a reason of its own; in batches, like ``plan``."""
        sql, key, remaining = "UPDATE rows SET status = ?, message = ? WHERE run = ? AND row = ?", self._key(run), iter(rows)
        while batch := list(islice(remaining, _BATCH)):
            self._change(sql, [(Status.CONFLICT, as_json(packed(reason)), key, row) for row, reason in batch])

    # --- reading

    def runs(self) -> list[Run]:
        """All runs, the latest first."""
        with self._store.select(_SELECT_RUNS) as rows:
            found = [run_of(row) for row in rows]
        return [
            replace(run, state=_BROKEN_OFF[run.state]) if run.state in _BROKEN_OFF and not self.is_driven(run.name) else run
            for run in found
        ]

    def is_driven(self, run: str) -> bool:
        """Whether a process, this one or another, is at work on the run."""
        return self._claims.driven(run)

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
        return self._records("status", run)

    def remaining(self, run: str, *, ambiguous: bool) -> Iterator[Record]:
        """Every row of the run in sheet order, those that ``pending`` would give in the status ``pending``."""
        return self._records(f"CASE WHEN {_TO_SEND} THEN 'pending' ELSE status END", run, ambiguous)

    def _records(self, status: str, run: str, *values: object) -> Iterator[Record]:
        sql = f"SELECT row, {status}, {', '.join(ROW_COLUMNS)} FROM rows WHERE run = ? ORDER BY row"  # noqa: S608
        with self._store.select(sql, *values, self._key(run)) as rows:
            for row, found, *rest in rows:
                yield record_of(row, found, tuple(rest))

    def fields(self, run: str, *statuses: Status) -> list[str]:
        """The fields that rows of these statuses list, each once."""
        places = ", ".join("?" * len(statuses))
        sql = f"SELECT fields FROM rows WHERE run = ? AND status IN ({places}) GROUP BY fields ORDER BY min(row)"  # noqa: S608
        with self._select(sql, run, *statuses) as rows:
            return list(dict.fromkeys(key for (listed,) in rows for key in split(listed)))

    def written(self, run: str, clue: int | None = None) -> Iterator[Written]:
        """Every row of the run, or those of one clue, with what it sends or has sent, in sheet order, streamed."""
        sql = f"SELECT {', '.join(WRITTEN_COLUMNS)} FROM rows WHERE run = ?"  # noqa: S608  # names of ours
        if clue is not None:
            yield from map(written_of, self._store.find(f"{sql} AND clue = ? ORDER BY row", self._key(run), clue))
            return
        with self._select(f"{sql} ORDER BY row", run) as rows:
            yield from map(written_of, rows)

    def reasons(self, run: str, most: int) -> list[tuple[int, Message]]:
        """Why rows were rejected or failed: the ``most`` commonest messages, each with its number of rows."""
        sql = (
            "SELECT count(*) AS rows, message FROM rows WHERE run = ? AND status IN ('rejected', 'failed')"
            " AND message IS NOT NULL GROUP BY message ORDER BY rows DESC, min(row) LIMIT ?"
        )
        with self._select(sql, run, most) as found:
            return [(rows, unpacked(json.loads(message))) for rows, message in found]

    def answered(self, run: str) -> tuple[int, float]:
        """How many rows were sent and have an outcome, and the seconds from the first of those to the last."""
        second = _SECOND.format("time")
        sql = (
            f"SELECT count(*), coalesce(max({second}) - min({second}), 0) FROM rows"  # noqa: S608
            " WHERE run = ? AND status IN ('updated', 'rejected', 'failed') AND attempts > 0 AND body IS NOT NULL"
        )
        with self._select(sql, run) as found:
            rows, seconds = found.fetchone()
            return rows, float(seconds)

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

    def sent_before(self, run: str, other: str) -> int:
        """How many rows to be sent the run ``other`` has updated with the very same call."""
        sql = (
            "SELECT count(*) FROM rows WHERE run = ? AND status = 'pending' AND EXISTS (SELECT 1 FROM rows AS theirs"
            " WHERE theirs.run = ? AND theirs.clue = rows.clue AND theirs.body = rows.body AND theirs.status = 'updated')"
        )
        return int(self._store.find(sql, self._key(run), self._key(other))[0][0])

    def kept(self, run: str) -> Iterator[tuple[int, list[str], list[Mapping[str, str]]]]:
        """The rows that stay as an earlier run has left them, with their cells; and the cells by heading of the rows that they
        can stem from, which have the same clue, outcome and time."""
        mine = "SELECT row, cells FROM rows WHERE run = ? AND status IN ('updated', 'unchanged') ORDER BY row"
        # CROSS JOIN keeps the order, in which the index by clue serves; SQLite chose to go through all rows for each of them.
        theirs = (
            "SELECT rows.row, other.headings, theirs.cells FROM rows CROSS JOIN runs AS mine ON mine.id = rows.run"
            " CROSS JOIN runs AS other ON other.id < mine.id AND other.base_url = mine.base_url AND other.app = mine.app"
            " CROSS JOIN rows AS theirs ON theirs.run = other.id AND theirs.clue = rows.clue"
            " AND theirs.status = rows.status AND theirs.time = rows.time"
            " WHERE rows.run = ? AND rows.status IN ('updated', 'unchanged') ORDER BY rows.row"
        )
        with self._select(mine, run) as rows, self._select(theirs, run) as found:
            ahead = next(found, None)
            for row, cells in rows:
                wrote: list[Mapping[str, str]] = []
                while ahead and ahead[0] == row:
                    headings, texts = json.loads(ahead[1]), json.loads(ahead[2])  # blank cells at the end of a row are left out
                    wrote.append(dict.fromkeys(headings, "") | dict(zip(headings, texts, strict=False)))
                    ahead = next(found, None)
                if wrote:
                    yield row, json.loads(cells), wrote

    def changed_since(self, run: str, since: str | None, *, ambiguous: bool) -> Iterator[tuple[int, str]]:
        """The rows to be sent some of whose fields another run, to the same address and app, has set since: each with its name.

        "Since" is after the time ``since`` (ISO 8601 with offset) that the rows' values stem from, else: in a later run.
        """
        key = self._key(run)
        others = (
            "SELECT other.id, other.name FROM runs AS other JOIN runs AS mine ON other.base_url = mine.base_url"
            " AND other.app = mine.app WHERE mine.id = ? AND "
        )
        if since is None:
            found = self._store.find(f"{others} other.id > ? ORDER BY other.id", key, key)
        else:  # runs whose end is not known may have ended since
            end = f"coalesce({_SECOND.format('other.finished')}, 1e99) > {_SECOND.format('?')}"
            found = self._store.find(f"{others} other.id != ? AND {end} ORDER BY other.id", key, key, since)
        for other, name in found:
            sql = (
                "SELECT rows.row, rows.fields, theirs.fields FROM rows JOIN rows AS theirs ON theirs.run = ?"  # noqa: S608
                f" AND theirs.clue = rows.clue WHERE rows.run = ? AND {_TO_SEND}"
                f" AND theirs.status = 'updated' AND {_SECOND.format('theirs.time')} > coalesce({_SECOND.format('?')}, -1)"
            )
            with self._store.select(sql, other, key, ambiguous, since) as rows:
                for row, mine, theirs in rows:
                    if not {*split(mine)}.isdisjoint(split(theirs)):
                        yield row, name

    def requests(self, run: str, seconds: float) -> list[tuple[float, int]]:
        """The requests of all runs to the address and app of ``run`` within the last ``seconds``, oldest first: how many
        seconds ago, and how many. They count from when their row's last one was answered."""
        moment = now()
        sql = (
            f"SELECT {_SECOND.format('rows.time')} AS second, sum(rows.attempts + rows.reads + (rows.status = 'sending'))"  # noqa: S608
            " FROM rows JOIN runs ON runs.id = rows.run"
            " JOIN runs AS mine ON runs.base_url = mine.base_url AND runs.app = mine.app"
            f" WHERE mine.id = ? AND rows.time != '' AND second > {_SECOND.format('?')} - ? GROUP BY second ORDER BY second"
        )
        with self._store.select(sql, self._key(run), moment, seconds) as found:
            this = datetime.fromisoformat(moment).timestamp()
            return [(max(0.0, this - second), number) for second, number in found]

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

    def _key(self, run: str) -> int:
        if run not in self._keys:
            self._keys[run] = self._store.find("SELECT id FROM runs WHERE name = ?", run)[0][0]
        return self._keys[run]

    def _select(self, sql: str, run: str, *values: object) -> AbstractContextManager[Cursor]:
        return self._store.select(sql, self._key(run), *values)

    def _change(self, sql: str, values: Sequence[tuple[object, ...]]) -> None:
        self._store.commit(Change([(sql, values)]))


_INSERT_ROW = f"INSERT INTO rows (run, {', '.join(PLAN_COLUMNS)}) VALUES (?{', ?' * len(PLAN_COLUMNS)})"  # noqa: S608  # names of ours
_DELETE_SOME = f"DELETE FROM rows WHERE rowid IN (SELECT rowid FROM rows WHERE run = ? LIMIT {_BATCH})"  # noqa: S608
#: A time of ISO 8601 with offset as whole seconds since 1970.
_SECOND = "CAST(strftime('%s', {}) AS INTEGER)"
_SELECT_EDITS = f"SELECT {', '.join(EDIT_COLUMNS)} FROM rows"  # noqa: S608  # names of ours
_RESOLVE = (
    "UPDATE rows SET status = ?, body = ?, fields = ?, cleared = ?, before = ?, message = ?, code = ?, time = ?, draft = ?,"
    " unread = 0, reads = reads + ? WHERE run = ? AND row = ?"
)
_SPLIT_OFF = (
    "INSERT INTO rows (row, status, fields, message, time, run, clue, cells, cleared)"
    " SELECT ?, ?, ?, ?, ?, run, clue, cells, '' FROM rows WHERE run = ? AND row = ?"
)
_SELECT_RUNS = f"SELECT {', '.join(RUN_COLUMNS)} FROM runs ORDER BY id DESC"  # noqa: S608  # names of ours


def now() -> str:
    """This moment as ISO 8601 with the local offset, to the second."""
    return datetime.now().astimezone().isoformat(timespec="seconds")
