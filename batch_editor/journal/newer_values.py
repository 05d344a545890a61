"""Which other runs have set a field of a row's clue since the row's values came: an older value never lands on a newer one.

The age of a row's values is its own: its place in the run in which they came first. What came in a later run, or in a later
row of that run, is newer. A row that a run only keeps from an earlier one sets nothing, one that may have been applied may have
set what it holds, one whose value stood there already wants it to stay, and what an undo has put back does not stand any more.
Tags that two runs both add, or both take away, are merged with what is read, and neither is newer. What follows from it is left
to ``runs/``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..fields import FIELDS, Kind
from .columns import AGE_COLUMNS, TO_SEND, content_of, from_json, split_keys
from .put_back import PutBack
from .store import Store

#: Rows that have set the fields that they list, or may have.
_MAY_HAVE_SET = "others.kept_run IS NULL AND (others.status IN ('updated', 'sending') OR others.maybe_applied)"
_PAIRS = (
    f"SELECT rows.row, rows.clue, rows.fields, rows.cleared, rows.body, rows.draft, {AGE_COLUMNS}, others.row,"  # noqa: S608
    f" CASE WHEN {_MAY_HAVE_SET} THEN others.fields ELSE '' END, others.equal, others.cleared, others.body,"
    " others.status, coalesce(others.time, 0), others.undoes,"
    " coalesce(others.origin_run, others.run), coalesce(others.origin_row, others.row)"
    " FROM rows JOIN rows AS others ON others.run = ? AND others.clue = rows.clue WHERE rows.run = ?"
    f" AND ({_MAY_HAVE_SET} OR others.equal <> '')"
)
_TAGS = frozenset(field.key for field in FIELDS if field.kind is Kind.TAGS)


class _Pair(NamedTuple):
    """A row, and one of another run that has set something of its clue, each with what it lists and the age of its values."""

    row: int
    clue: int
    fields: str
    cleared: str
    body: str | None
    draft: str | None
    age_run: int
    age_row: int
    other_row: int
    other_fields: str
    other_equal: str
    other_cleared: str
    other_body: str | None
    other_status: str
    other_time: int
    other_undoes: str | None
    other_age_run: int
    other_age_row: int

    def shared(self, *, is_agreed: bool) -> set[str]:
        """The fields of the row that the other one has set, or may have, or, where somebody has agreed to its run, has seen to
        have its values already."""
        others = self.other_fields.split(",") + (self.other_equal.split(",") if is_agreed else [])
        return {*split_keys(self.fields)}.intersection(others)

    def undone_by(self, keys: set[str]) -> set[str]:
        """Those of ``keys`` that the other one, which undoes the run in which the row came, puts back for this very row."""
        undoes = None if self.other_undoes is None else from_json(self.other_undoes)
        return keys if undoes is None else {key for key in keys if self.age_row in undoes.get(key, ())}

    @property
    def read_at(self) -> int:
        """When the clue was read for the tags of the row, in seconds since 1970; 0 where that is not known."""
        kept = from_json(self.draft) if self.draft else []
        return int(kept[3]) if len(kept) > 3 else 0


@dataclass(frozen=True, slots=True)
class Rival:
    """A row of another ``run`` that shares fields with a row of the same clue that is about to be sent.

    ``is_newer`` says that its values for some of them are newer. ``is_on_its_way`` says that it was not answered yet, or never
    will be. ``merges`` says that it shares sets of tags which both change by adding, or by taking away; ``since_read``, that
    it has changed them after they were read, and ``is_of_later_run``, which of the two gives way where both are on their way.
    """

    run: str
    is_newer: bool
    is_on_its_way: bool
    merges: bool
    since_read: bool
    is_of_later_run: bool


@dataclass(frozen=True, slots=True)
class _Run:
    """Another run to the same address and app: its id and name, the name of the run that it undoes, if it is an undo, and
    whether it adds tags or removes them, if it does. ``is_agreed`` says that somebody has agreed to it."""

    id: int
    name: str
    undone: str | None
    tags: str | None
    is_agreed: bool


class NewerValues:
    """What other runs have set since, for the rows of the run with the id ``run_id`` that are to be sent."""

    def __init__(self, store: Store, run_id: int) -> None:
        self._store = store
        self._run_id = run_id
        self._options: dict[str, object] | None = None
        self._later: list[_Run] | None = None
        self._put_back_later: dict[str, PutBack] = {}
        self._met: dict[int, _Run] = {}  # runs that were started later, or were being sent when a row was about to be

    def of_rows(self, *, maybe_applied: bool) -> Iterator[tuple[int, str]]:
        """Yields each row to be sent for which there is a newer value, with the name of a run that has set it.

        ``maybe_applied``: the rows to be sent include failed ones that may have been applied.
        """
        oldest: int | None = self._run_id
        if self._this().get("only_failed"):  # else no row has values that came in another run
            sql = f"SELECT min(coalesce(rows.origin_run, rows.run)) FROM rows WHERE run = ? AND {TO_SEND}"  # noqa: S608
            oldest = self._store.find(sql, self._run_id, maybe_applied)[0][0]
        if oldest is None:
            return
        runs, seen = self._runs_since(oldest), set[int]()
        for run in runs:
            with self._store.select(f"{_PAIRS} AND {TO_SEND}", run.id, self._run_id, maybe_applied) as pairs:
                for pair in map(_Pair._make, pairs):
                    if pair.row not in seen and self._is_newer(pair, run, runs):
                        seen.add(pair.row)
                        yield pair.row, run.name

    def rivals(self, row: int) -> list[Rival]:
        """Returns the rows of other runs that are to be looked at before ``row`` is sent; nearly always none.

        A row that sets the same values is not among them, since it does not matter which of the two comes last.

        What had been set when the run was planned, or gone on with, was asked by ``of_rows``. Since then only runs can have set
        something that were started later or were under way: there are few of them, and where there are none, nothing more
        is asked.
        """
        ids = [id_ for (id_,) in self._store.find(_LATER_OR_UNDER_WAY, self._run_id, self._run_id)]
        for id_ in ids:
            if id_ not in self._met:
                self._met[id_] = _run(*self._store.find("SELECT id, name, options, state FROM runs WHERE id = ?", id_)[0])
        runs = [run for run in self._met.copy().values() if run.id in ids or run.id < self._run_id]
        if self._this().get("only_failed"):
            oldest = self._store.find(f"SELECT {AGE_COLUMNS} FROM rows WHERE run = ? AND row = ?", self._run_id, row)  # noqa: S608
            runs = list({run.id: run for run in [*runs, *self._runs_since(oldest[0][0])]}.values())
        rivals = []
        for run in runs:
            for pair in map(_Pair._make, self._store.find(f"{_PAIRS} AND rows.row = ?", run.id, self._run_id, row)):
                if pair.shared(is_agreed=run.is_agreed) and not self._sets_the_same(pair, run):
                    merges = bool(self._merged(pair, run))
                    sending = pair.other_status == "sending"
                    newer = self._is_newer(pair, run, runs)
                    since_read, is_later = pair.other_time >= pair.read_at, run.id > self._run_id
                    rivals.append(Rival(run.name, newer, sending, merges, since_read, is_later))
        return rivals

    def of_row(self, row: int) -> str | None:
        """Returns the name of a run that has set a newer value for ``row``, whatever its status; None if there is none."""
        ages = self._store.find("SELECT coalesce(origin_run, run) FROM rows WHERE run = ? AND row = ?", self._run_id, row)
        runs = self._runs_since(ages[0][0]) if ages else []
        for run in runs:
            pairs = self._store.find(f"{_PAIRS} AND rows.row = ?", run.id, self._run_id, row)
            if any(self._is_newer(_Pair(*pair), run, runs) for pair in pairs):
                return run.name
        return None

    def values_of(self, row: int, run: str) -> dict[str, tuple[Any, Any]]:
        """Returns the value of ``row`` and that of another ``run``, by the keys of the fields that both have set, or would."""
        ids = self._store.find("SELECT id FROM runs WHERE name = ?", run)
        pairs = self._store.find(f"{_PAIRS} AND rows.row = ?", ids[0][0], self._run_id, row) if ids else []
        both: dict[str, tuple[Any, Any]] = {}
        for pair in map(_Pair._make, pairs):
            if pair.body and pair.other_body:
                values, others = _values(pair.body), _values(pair.other_body)
                both |= {key: (values.get(key), others.get(key)) for key in sorted(pair.shared(is_agreed=False))}
        return both

    def set_since(self, clue: int) -> set[str]:
        """Returns the fields of a clue that later runs have set, or may have, whatever the values: they stand for those runs.

        Undos are none of these runs: what they put back is the value of a run that set it before.
        """
        if self._later is None:
            self._later = self._runs_since(self._run_id)
        fields = set[str]()
        for run in self._later:
            rows = [] if run.undone else self._store.find(_SET_OF_CLUE, run.id, clue)  # by its index, however long the run
            if rows:
                of_run = self._put_back_later.setdefault(run.name, PutBack(self._store, run.name))
                put_back = of_run.of_clue(clue)
                fields |= {key for row, listed in rows for key in split_keys(listed) if not put_back.holds(row, key)}
        return fields

    def _is_newer(self, pair: _Pair, run: _Run, runs: list[_Run]) -> bool:
        """Whether what ``run``, one of ``runs``, has set is newer than the values of the row."""
        shared = pair.shared(is_agreed=run.is_agreed) - self._merged(pair, run)
        if not shared:
            return False
        if run.id == pair.age_run:
            is_newer = pair.other_row > pair.age_row
        elif pair.other_age_run == pair.age_run:
            is_newer = pair.other_age_row >= pair.age_row
        else:
            is_newer = run.id > pair.age_run
        if not is_newer:
            return False
        # What an undo puts back was there before the run that it undoes: it is no news to what is older than that, and in that
        # run to those rows alone that it undoes.
        if run.undone and run.undone == self._name_of(pair.age_run):
            shared = pair.undone_by(shared)
        elif any(other.name == run.undone and other.id > pair.age_run for other in runs):
            return False
        put_back = PutBack(self._store, run.name).of_clue(pair.clue)
        return any(not put_back.holds(pair.other_row, key) for key in shared)

    def _name_of(self, run_id: int) -> str:
        return next((str(name) for (name,) in self._store.find("SELECT name FROM runs WHERE id = ?", run_id)), "")

    def _runs_since(self, oldest: int) -> list[_Run]:
        sql = (
            "SELECT other.id, other.name, other.options, other.state FROM runs AS other JOIN runs AS this"
            " ON other.base_url = this.base_url AND other.app = this.app"
            " WHERE this.id = ? AND other.id <> this.id AND other.id >= ? ORDER BY other.id"
        )
        return [_run(*columns) for columns in self._store.find(sql, self._run_id, oldest)]

    def _merged(self, pair: _Pair, run: _Run) -> set[str]:
        """The sets of tags that both rows change in the same direction: it does not matter then which of them comes first."""
        tags = self._this().get("tags")
        if tags is None or tags != run.tags:
            return set()
        merged = pair.shared(is_agreed=run.is_agreed) & _TAGS
        return merged if tags == "remove" else merged - {*split_keys(pair.cleared), *split_keys(pair.other_cleared)}

    def _sets_the_same(self, pair: _Pair, run: _Run) -> bool:
        shared = pair.shared(is_agreed=run.is_agreed)
        if not pair.body or not pair.other_body or not shared <= {*split_keys(pair.other_fields)}:
            return False
        values, others = _values(pair.body), _values(pair.other_body)
        return all(key in values and key in others and values[key] == others[key] for key in shared)

    def _this(self) -> dict[str, object]:
        """What the run itself was told, which does not change once it is planned."""
        if self._options is None:
            self._options = from_json(self._store.find("SELECT options FROM runs WHERE id = ?", self._run_id)[0][0])
        return self._options


_OF_ONE_TENANT = (
    "SELECT other.id FROM runs AS this JOIN runs AS other ON other.base_url = this.base_url AND other.app = this.app"
    " WHERE this.id = ? AND other.id"
)
_LATER_OR_UNDER_WAY = (
    f"{_OF_ONE_TENANT} > this.id AND other.state IN ('sending', 'finished', 'stopped')"
    f" UNION ALL {_OF_ONE_TENANT} < this.id AND other.state = 'sending'"
)
_SET_OF_CLUE = (
    f"SELECT others.row, others.fields FROM rows AS others WHERE others.run = ? AND others.clue = ? AND {_MAY_HAVE_SET}"  # noqa: S608
)


def _values(body: str) -> dict[str, Any]:
    content = content_of(body)
    custom = content.get("field_map")
    return content | (custom if isinstance(custom, dict) else {})


def _run(id_: int, name: str, options: str, state: str) -> _Run:
    given = from_json(options)
    return _Run(id_, name, given.get("undo"), given.get("tags"), state in ("sending", "finished", "stopped"))
