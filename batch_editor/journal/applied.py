"""The memory of what was applied: for each clue of a tenant, checksums of the values that stand in its fields, and since when.

A value stands in a field where the CRM has confirmed an edit with it, or has shown it when the clue was read. What a run has
done is taken in when somebody asks for the memory, and before the run is forgotten; until then it costs nothing. What may not
stand there (any) more is forgotten: to forget too much costs a reading, to remember too much would leave a clue as it is. No
value can be read out of it, but a checksum lets a guess be tried, so that it is as private as the journal. Who trusts it, and
what follows, is left to ``runs/``.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple

from ..fields import FIELDS, Kind
from .columns import content_of, from_json, split_keys, to_json
from .store import BATCH, Store, Transaction, places
from .times import seconds_of

#: How many characters a checksum has, of a whole row and of one value: of 72 and of 48 bits.
_WHOLE = 12
_PART = 8
#: How many clues are asked for at once.
_AT_ONCE = 500
_TAGS = frozenset(field.key for field in FIELDS if field.kind is Kind.TAGS)
_SUMS = re.compile(r"(\d+):(.*)", re.DOTALL)


def values_of(body: str | None) -> dict[str, Any]:
    """Returns the values that a body sends, by the keys of their fields, custom ones among them."""
    content = content_of(body)
    custom = content.get("field_map")
    return content | (custom if isinstance(custom, dict) else {})


def sum_of(clue: int, key: str, value: object) -> str:
    """Returns the checksum of a value in the shape in which it is sent: two clues never have the same for the same value."""
    return _sum(f"{clue}\0{key}\0{to_json(value)}", _PART)


def whole_sum_of(body: str, context: Iterable[str]) -> str:
    """Returns the checksum of all that a row asks for: the body of its call, and the cells that say whose clue it is."""
    return _sum("\0".join((body, *context)), _WHOLE)


def _sum(text: str, characters: int) -> str:
    content = text.encode("utf-8", "surrogatepass")
    return b64encode(blake2b(content, digest_size=characters * 3 // 4).digest()).decode("ascii")


class Known(NamedTuple):
    """What is known of a clue: since when, the checksum of a ``whole`` row (empty: of none), and those of values by their keys.

    ``run`` is the id of the latest run that had to do with it.
    """

    run: int
    seen: int
    whole: str
    keys: tuple[str, ...]
    sums: str

    def by_key(self) -> dict[str, str]:
        """Returns the checksum of each value that is known."""
        return {key: self.sums[place * _PART : (place + 1) * _PART] for place, key in enumerate(self.keys)}

    def holds(self, sums: Mapping[str, str]) -> bool:
        """Returns whether all these values stand there."""
        known = self.by_key()
        return bool(sums) and all(known.get(key) == value for key, value in sums.items())


class Applied:
    """The memory of the tenant with this address and app; ``is_driven`` says whether somebody is at work on a run.

    One process at a time may take runs in; see ``Journal.applied``.
    """

    def __init__(self, store: Store, base_url: str, app: str, is_driven: Callable[[str], bool]) -> None:
        self._store = store
        self._tenant = (base_url, app)
        self._is_driven = is_driven
        self._id: int | None = None
        self._field_ids: dict[str, int] = {}
        self._fields: dict[int, tuple[str, ...]] = {}

    @property
    def is_kept(self) -> bool:
        """Whether anybody has asked for this memory before."""
        return bool(self._store.find("SELECT 1 FROM memories WHERE base_url = ? AND app = ?", *self._tenant))

    def take_in(self) -> None:
        """Takes in what runs have done that are over, as far as they have changed since that was done last."""
        for run_id, name, options, driven, taken_in in self._store.find(_RUNS_OVER, *self._tenant):
            if driven != taken_in and not self._is_driven(name):
                self._take_in(run_id, tags=from_json(options).get("tags") is not None)
                self._store.change("UPDATE runs SET taken_in = ? WHERE id = ?", [(driven, run_id)])

    def not_taken_in(self, run_id: int) -> list[int]:
        """Returns the ids of the runs, but for the run ``run_id``, that may set something, or have since ``take_in``."""
        return [
            id_
            for id_, state, driven, taken_in in self._store.find(_RUNS_OF_TENANT, *self._tenant)
            if id_ != run_id and state != "planned" and driven != taken_in
        ]

    def known(self, clues: Sequence[int]) -> dict[int, Known]:
        """Returns what is known of these clues."""
        known_clues: dict[int, Known] = {}
        for start in range(0, len(clues), _AT_ONCE):
            some = clues[start : start + _AT_ONCE]
            sql = f"SELECT clue, run, seen, fields, whole, sums FROM applied WHERE memory = ? AND clue IN ({places(len(some))})"  # noqa: S608
            for clue, run, seen, fields, whole, sums in self._store.find(sql, self._memory(), *some):
                known_clues[clue] = Known(run, seen, whole, self._keys(fields), sums)
        return known_clues

    def sums_as_text(self, whole: str, sums: Mapping[str, str]) -> str:
        """Returns the checksums of a row as its column ``sums`` holds them."""
        return f"{self._field_id(tuple(sums))}:{whole}{''.join(sums.values())}"

    # --- what a run has done

    def _take_in(self, run_id: int, *, tags: bool) -> None:
        """Takes in the rows of a run, in the order of the sheet: what stands below has the last word."""
        lost: set[int] = set()  # clues of which an edit of this run may be applied at any time
        last = 0
        while rows := self._store.find(_ROWS, run_id, last):
            last = rows[-1][0]
            changed = [row for row in map(_Done._make, rows) if row.has_done_something]
            known = self.known(list({row.clue for row in changed}))
            news: dict[int, Known] = {}
            for row in changed:
                before = news.get(row.clue) or known.get(row.clue) or Known(0, 0, "", (), "")
                if row.is_uncertain:
                    lost.add(row.clue)
                news[row.clue] = self._after(before, row, run_id, tags=tags, is_lost=row.clue in lost)
            self._write(news)

    def _after(self, before: Known, row: _Done, run_id: int, *, tags: bool, is_lost: bool) -> Known:
        """Returns what is known of a clue once a row of the run ``run_id`` has done what it has."""
        seen = row.time if row.time is not None else seconds_of(self._store.now())
        whole, sums, gone = self._effect(row, tags=tags)
        if is_lost or gone is None:
            return Known(max(before.run, run_id), max(before.seen, seen), "", (), "")
        known = before.by_key()
        if before.run > run_id:  # a later run had to do with the clue: which of the two was there last, nobody can say
            contradicted = {key for key in {*sums, *gone} if known.get(key) != sums.get(key)}
            known = {key: value for key, value in known.items() if key not in contradicted}
            return Known(before.run, before.seen, "" if contradicted else before.whole, tuple(known), "".join(known.values()))
        known = {key: value for key, value in known.items() if key not in gone} | sums
        return Known(run_id, seen, whole, tuple(known), "".join(known.values()))

    def _effect(self, row: _Done, *, tags: bool) -> tuple[str, dict[str, str], set[str] | None]:
        """Returns the checksum of the whole row, if all of it stands there, those of the values that do, and the fields of
        which nothing is known any more: None stands for all of them."""
        if row.status not in ("updated", "unchanged") or row.lost:
            return "", {}, None
        if row.sums is None:
            if row.status != "updated":
                return "", {}, None
            values = values_of(row.body)
            listed = split_keys(row.fields)
            unknown = {*split_keys(row.equal)} | (_TAGS.intersection(listed) if tags else set())
            sums = {key: sum_of(row.clue, key, values[key]) for key in listed if key in values and key not in unknown}
            return "", sums, unknown | ({*listed} - sums.keys())
        whole, sums = self._sums(row.sums)
        if row.message and row.status == "unchanged":  # another row of the clue stands for it
            return "", {}, {*sums}
        if tags and (changed := _TAGS & sums.keys()):
            return "", {key: value for key, value in sums.items() if key not in changed}, {*changed}
        return whole, sums, set()

    def _sums(self, text: str) -> tuple[str, dict[str, str]]:
        match = _SUMS.fullmatch(text)
        if match is None:
            return "", {}
        keys = self._keys(int(match[1]))
        sums = match[2]
        parts = Known(0, 0, "", keys, sums[_WHOLE:])
        return sums[:_WHOLE], parts.by_key()

    def _write(self, news: Mapping[int, Known]) -> None:
        memory = self._memory()
        rows = [
            (memory, clue, known.run, known.seen, self._field_id(known.keys), known.whole, known.sums)
            for clue, known in news.items()
        ]
        if rows:
            self._store.commit(Transaction([(_REMEMBER, rows)]))

    # --- below

    def _memory(self) -> int:
        if self._id is None:
            insert = "INSERT INTO memories (base_url, app) VALUES (?, ?) ON CONFLICT (base_url, app) DO NOTHING"
            self._store.change(insert, [self._tenant])
            self._id = int(self._store.find("SELECT id FROM memories WHERE base_url = ? AND app = ?", *self._tenant)[0][0])
        return self._id

    def _field_id(self, keys: tuple[str, ...]) -> int:
        joined = ",".join(keys)
        if joined not in self._field_ids:
            self._store.change("INSERT INTO applied_fields (keys) VALUES (?) ON CONFLICT (keys) DO NOTHING", [(joined,)])
            self._field_ids[joined] = self._store.find("SELECT id FROM applied_fields WHERE keys = ?", joined)[0][0]
        return self._field_ids[joined]

    def _keys(self, id_: int) -> tuple[str, ...]:
        if id_ not in self._fields:
            rows = self._store.find("SELECT keys FROM applied_fields WHERE id = ?", id_)
            self._fields[id_] = split_keys(rows[0][0]) if rows else ()
        return self._fields[id_]


class _Done(NamedTuple):
    """A row of a run that is over, with what became of it."""

    row: int
    clue: int
    status: str
    fields: str
    equal: str
    body: str | None
    sums: str | None
    maybe_applied: bool
    lost: str | None
    message: str | None
    time: int | None

    @property
    def has_done_something(self) -> bool:
        """Whether its clue was read or edited, or an edit was on its way when the run broke off."""
        if self.status == "pending":
            return bool(self.maybe_applied)
        return self.time is not None or bool(self.maybe_applied) or self.status in _SETTLED

    @property
    def is_uncertain(self) -> bool:
        """Whether an edit of it may have been applied, or may still be."""
        return self.status == "sending" or bool(self.lost) or (bool(self.maybe_applied) and self.status != "updated")


_SETTLED = ("updated", "sending", "unchanged")
_RUNS_OF_TENANT = "SELECT id, state, driven, taken_in FROM runs WHERE base_url = ? AND app = ? ORDER BY id"
_RUNS_OVER = (
    "SELECT id, name, options, driven, taken_in FROM runs WHERE base_url = ? AND app = ?"
    " AND state IN ('sending', 'finished', 'stopped') ORDER BY id"
)
_ROWS = (
    "SELECT row, clue, status, fields, equal, body, sums, maybe_applied, lost, message, time FROM rows"  # noqa: S608
    " WHERE run = ? AND row > ? AND trusted IS NULL AND kept_run IS NULL AND clue IS NOT NULL"
    " AND (status <> 'pending' OR maybe_applied)"
    f" ORDER BY row LIMIT {BATCH}"
)
_REMEMBER = (
    "INSERT INTO applied (memory, clue, run, seen, fields, whole, sums) VALUES (?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (memory, clue) DO UPDATE SET run = excluded.run, seen = excluded.seen, fields = excluded.fields,"
    " whole = excluded.whole, sums = excluded.sums"
)
