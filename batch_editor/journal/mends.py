"""What people have put into the cells of a run that waits: a layer over its sheet, which the journal keeps beside it.

The rows of such a run hold the mended texts; what the sheet shows in their place, who has mended it and when, is kept here.
What a mended row becomes is left to ``edits/``; it is written down here, with its mends, in one transaction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

from ..model import Plan
from .columns import PLAN_COLUMNS, from_json, plan_to_columns, to_json
from .schema import ASIDE
from .store import BATCH, Store, Transaction, places
from .times import moment_of, text_of

#: How many rows are asked for by their numbers at once.
_AT_ONCE = 500
#: Rows whose clue was read, or should have been.
_WAS_READ = "(before IS NOT NULL OR clue_name IS NOT NULL OR draft IS NOT NULL OR equal <> '' OR reads > 0)"
#: How many characters of a text are looked for: a pattern has a bound.
_LOOKED_FOR = 1000


class HeldRow(NamedTuple):
    """A row as a run holds it, to be read again: its cells as texts, the mended ones among them, and ``typed``, which says what
    the sheet holds where that is no text. ``was`` are the texts of the sheet at the places that were mended."""

    row: int
    clue: int | None
    texts: list[str]
    typed: str | None
    was: Mapping[int, str]


class KeptMend(NamedTuple):
    """A cell that was mended: the text of the sheet, the one that counts, who has put it there, and when (ISO 8601 with its
    offset)."""

    row: int
    place: int
    was: str
    value: str
    person: str
    time: str


class Mends:
    """The run with the id ``run_id``, for those who mend it."""

    def __init__(self, store: Store, run_id: int) -> None:
        self._store = store
        self._run_id = run_id

    # --- what was known of the whole sheet

    def keep_whole_sheet(self, known: Mapping[str, Any]) -> None:
        """Keeps what only the whole sheet tells of its rows: without it, none can be mended."""
        self._store.change(_KEEP_WHOLE_SHEET, [(to_json(known), self._run_id)])

    def whole_sheet(self) -> dict[str, Any] | None:
        """Returns what ``keep_whole_sheet`` was given; None where the rows of the run cannot be mended."""
        ((text,),) = self._store.find("SELECT whole_sheet FROM runs WHERE id = ?", self._run_id)
        known: dict[str, Any] | None = from_json(text) if text else None
        return known

    # --- rows to be read again

    def rows(self, numbers: Iterable[int]) -> Iterator[HeldRow]:
        """Yields the rows of these numbers, in sheet order if the numbers are."""
        remaining = iter(numbers)
        while some := list(islice(remaining, _AT_ONCE)):
            yield from self._held(f"row IN ({places(len(some))}) ORDER BY row", *some)

    def rows_below(self, row: int) -> Iterator[HeldRow]:
        """Yields the rows below ``row``, in sheet order."""
        while held := self._held(f"row > ? ORDER BY row LIMIT {_AT_ONCE}", row):
            yield from held
            row = held[-1].row

    def rows_between(self, first: int, last: int, *, below: int) -> Iterator[HeldRow]:
        """Yields the rows from ``first`` to ``last`` whose clue has an id smaller than ``below``, or none."""
        row = first - 1
        where = f"row > ? AND row <= ? AND (clue IS NULL OR clue < ?) ORDER BY row LIMIT {BATCH}"
        while held := self._held(where, row, last, below):
            yield from held
            row = held[-1].row

    def rows_from(self, clue: int) -> Iterator[int]:
        """Yields the rows whose clue has this id or a larger one, in sheet order."""
        row = 0
        sql = f"SELECT row FROM rows WHERE run = ? AND row > ? AND clue >= ? ORDER BY row LIMIT {_AT_ONCE}"  # noqa: S608
        while rows := self._store.find(sql, self._run_id, row, clue):
            for (row,) in rows:
                yield row

    def rows_of_clues(self, clues: Iterable[int], *, read: bool) -> Iterator[HeldRow]:
        """Yields the rows of these clues; with ``read`` only of those whose record was read for one of their rows."""
        remaining = iter(clues)
        while some := list(islice(remaining, _AT_ONCE)):
            if read:
                sql = f"SELECT DISTINCT clue FROM rows WHERE run = ? AND clue IN ({places(len(some))}) AND {_WAS_READ}"  # noqa: S608
                some = [clue for (clue,) in self._store.find(sql, self._run_id, *some)]
            if some:
                yield from self._held(f"clue IN ({places(len(some))}) ORDER BY row", *some)

    def rows_with(self, text: str) -> Iterator[HeldRow]:
        """Yields the rows that may hold ``text`` in one of their cells, in sheet order."""
        inside, row = f"%{_pattern(text)}%", 0
        while held := self._held(f"row > ? AND cells LIKE ? ESCAPE '!' ORDER BY row LIMIT {BATCH}", row, inside):
            yield from held
            row = held[-1].row

    def invalid_rows(self) -> Iterator[HeldRow]:
        """Yields the rows that are invalid, in sheet order."""
        row = 0
        while held := self._held(f"row > ? AND status = 'invalid' AND {ASIDE} ORDER BY row LIMIT {BATCH}", row):
            yield from held
            row = held[-1].row

    def _held(self, where: str, *values: object) -> list[HeldRow]:
        sql = f"SELECT row, clue, cells, typed FROM rows WHERE run = ? AND {where}"  # noqa: S608  # names of ours
        rows = self._store.find(sql, self._run_id, *values)
        was = self._was([row for row, *_ in rows])
        return [HeldRow(row, clue, from_json(cells), typed, was.get(row, {})) for row, clue, cells, typed in rows]

    def _was(self, rows: Sequence[int]) -> dict[int, dict[int, str]]:
        """What the sheet shows in the cells of these rows that were mended."""
        was = defaultdict[int, dict[int, str]](dict)
        if rows:
            sql = "SELECT row, place, was FROM mends WHERE run = ? AND row BETWEEN ? AND ?"
            for row, place, text in self._store.find(sql, self._run_id, min(rows), max(rows)):
                was[row][place] = from_json(text)
        return was

    # --- what is written down

    def write(
        self,
        plans: Iterable[Plan],
        mended: Sequence[KeptMend],
        withdrawn: Sequence[tuple[int, int]],
        whole_sheet: Iterable[Mapping[str, Any]],
    ) -> None:
        """Writes down at once what has become of rows, which cells of them were mended, which mends were ``withdrawn``, and
        what is known of the ``whole_sheet`` then, if that is something else: all of it, or nothing. ``plans`` are asked for
        while they are written, and ``whole_sheet`` after them."""
        rows = ((*_row_columns(plan), self._run_id, plan.row) for plan in plans)
        moment = moment_of(self._store.now())[:2]
        kept = [
            (self._run_id, mend.row, mend.place, to_json(mend.was), to_json(mend.value), mend.person, *moment)
            for mend in mended
        ]
        gone = [(self._run_id, row, place) for row, place in withdrawn]
        whole = ((to_json(known), self._run_id) for known in whole_sheet)
        statements = [(_READ_AGAIN, rows), (_KEEP_WHOLE_SHEET, whole), (_KEEP, kept), (_WITHDRAW, gone)]
        self._store.commit(Transaction(statements))

    # --- what was mended

    def count(self) -> int:
        """Returns how many cells are mended."""
        return int(self._store.find("SELECT count(*) FROM mends WHERE run = ?", self._run_id)[0][0])

    def all(self, after: tuple[int, int] = (0, -1), limit: int = BATCH) -> list[KeptMend]:
        """Returns the next ``limit`` cells that are mended behind the cell ``after``, a row and a place, in sheet order."""
        return self._kept("(row, place) > (?, ?) ORDER BY row, place LIMIT ?", *after, limit)

    def of_rows(self, rows: Sequence[int]) -> list[KeptMend]:
        """Returns the cells of these rows that are mended, in sheet order if the rows are."""
        kept = list[KeptMend]()
        for start in range(0, len(rows), _AT_ONCE):
            some = rows[start : start + _AT_ONCE]
            kept += self._kept(f"row IN ({places(len(some))}) ORDER BY row, place", *some)
        return kept

    def _kept(self, where: str, *values: object) -> list[KeptMend]:
        sql = f"SELECT row, place, was, value, person, time, time_offset FROM mends WHERE run = ? AND {where}"  # noqa: S608
        return [
            KeptMend(row, place, from_json(was), from_json(value), person, text_of(*moment, ""))
            for row, place, was, value, person, *moment in self._store.find(sql, self._run_id, *values)
        ]

    def in_order(self) -> Iterator[KeptMend]:
        """Yields all cells that are mended, in sheet order."""
        after = (0, -1)
        while some := self.all(after):
            yield from some
            after = (some[-1].row, some[-1].place)

    def of(self, cells: Iterable[tuple[int, int]]) -> list[KeptMend]:
        """Returns what was put into those of these cells, given as row and place, that are mended."""
        return [mend for cell in cells for mend in self._kept("row = ? AND place = ?", *cell)]


#: What a planned row is made of, but for its cells as they were read, and for what an undo alone has.
_SET = tuple(name for name in PLAN_COLUMNS if name not in ("row", "typed", "written", "undoes", "time", "time_offset"))
_PLACES = [PLAN_COLUMNS.index(name) for name in (*_SET, "time", "time_offset")]
#: When its clue was last read stays known, as long as the row is one of this run: those requests count.
_READ_AGAIN = (
    f"UPDATE rows SET {', '.join(f'{name} = ?' for name in _SET)},"  # noqa: S608  # names of ours
    " time = CASE WHEN kept_run IS NULL THEN coalesce(?, time) ELSE ? END,"
    " time_offset = CASE WHEN kept_run IS NULL THEN coalesce(?, time_offset) ELSE ? END,"
    " before = NULL, draft = NULL, lost = NULL, equal = '', clue_name = NULL, names = NULL WHERE run = ? AND row = ?"
)
_KEEP_WHOLE_SHEET = "UPDATE runs SET whole_sheet = ? WHERE id = ?"
_KEEP = (
    "INSERT INTO mends (run, row, place, was, value, person, time, time_offset) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (run, row, place) DO UPDATE SET value = excluded.value, person = excluded.person,"
    " time = excluded.time, time_offset = excluded.time_offset"
)
_WITHDRAW = "DELETE FROM mends WHERE run = ? AND row = ? AND place = ?"


def _row_columns(plan: Plan) -> tuple[object, ...]:
    columns = plan_to_columns(plan)
    *values, time, offset = (columns[place] for place in _PLACES)
    return (*values, time, time, offset, offset)


def _pattern(text: str) -> str:
    """Returns a pattern of LIKE for what stands for ``text``, or its beginning, inside a JSON text."""
    inside = to_json(text[:_LOOKED_FOR])[1:-1]
    return "".join(f"!{character}" if character in "!%_" else character for character in inside)
