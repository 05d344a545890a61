"""How what is known of rows is written into a database that several machines share: never lost, never twice, never made less.

A transaction of a process has a number, and the database keeps the last one of each process. So one whose end nobody has heard
of is simply written again: what was done is not done twice. What a request has come to is a fact, and written whoever owns the
row by now. To mark a row as being sent, or to decide without a request what becomes of it, is a plan, and needs that nobody
else has taken over (guide: cluster).

- A confirmed edit makes a row ``updated``, and it stays that.
- Another fact (``rejected``, ``failed``) sets the status and the message of a row that is pending or failed, or that is being
  sent by whoever knows the fact; not of one that somebody else is sending, which may end otherwise.
- A row becomes ``sending`` that is pending or failed, and any status without a request comes to such a row, or to one that is
  being sent by whoever decides it.
- Whatever becomes of the status, requests are added up, and that a row may have been applied stays true.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..model import Status
from .owner import Owner
from .store import State

#: What a request has come to: it is true whoever owns the row.
FACTS = frozenset({Status.UPDATED, Status.REJECTED, Status.FAILED})
_CLOCK = "extract(epoch FROM clock_timestamp())::double precision"
#: What the database keeps of each process that writes, and by which number each row is being sent.
TABLES = (
    """CREATE TABLE IF NOT EXISTS writers (
    id BIGINT PRIMARY KEY,
    last BIGINT NOT NULL,          -- number of its last transaction
    at DOUBLE PRECISION NOT NULL   -- when that was, in seconds since 1970
) WITH (fillfactor = 50)""",
    "ALTER TABLE rows ADD COLUMN IF NOT EXISTS mark BIGINT",
    "CREATE TABLE IF NOT EXISTS journal_identity (id TEXT NOT NULL)",
    "INSERT INTO journal_identity SELECT gen_random_uuid()::text WHERE NOT EXISTS (SELECT 1 FROM journal_identity)",
    f"DELETE FROM writers WHERE at < {_CLOCK} - 90 * 86400",  # noqa: S608  # of processes that were killed
)
#: Begins the transaction of this number of a process; finds nothing where it was done before. Whoever writes the same one at
#: the same moment waits for the other.
BEGIN = (
    f"INSERT INTO writers (id, last, at) VALUES (%s, %s, {_CLOCK}) ON CONFLICT (id)"  # noqa: S608
    " DO UPDATE SET last = excluded.last, at = excluded.at WHERE writers.last < excluded.last RETURNING 1"
)
#: Finds something for as long as nobody has taken over from an owner, and keeps others from it until the transaction ends.
HOLDS_SHARD = "SELECT 1 FROM shards WHERE run = %s AND shard = %s AND epoch = %s AND NOT done FOR SHARE"
HOLDS_RUN = "SELECT 1 FROM runs WHERE id = %s AND driven = %s FOR SHARE"
IDENTITY = "SELECT (SELECT id FROM journal_identity), pg_is_in_recovery()"
LAST = "SELECT last FROM writers WHERE id = %s"
FORGET = "DELETE FROM writers WHERE id = %s"

_FACTS = "'updated', 'rejected', 'failed'"
_TO_SEND = "rows.status IN ('pending', 'failed')"
_MINE = "(rows.status = 'sending' AND (new.mark IS NULL OR rows.mark IS NOT DISTINCT FROM new.mark))"
_MAY_SET = (
    f"CASE WHEN new.status = 'updated' THEN TRUE WHEN new.status IN ({_FACTS}) THEN {_TO_SEND} OR {_MINE}"
    f" WHEN new.status = 'sending' THEN new.is_held AND ({_TO_SEND} OR {_MINE})"
    f" ELSE {_MINE} OR (new.is_held AND {_TO_SEND}) END"
)
_ARRAYS: tuple[str, ...] = ("integer", "integer", "text", "text", "text", "integer", "bigint", "integer", "boolean", "integer")
_ARRAYS += ("bigint", "integer", "bigint")
_PLANNED = f"status NOT IN ({_FACTS})"


def _set_states(begun: str) -> str:
    return (
        f"WITH begun AS ({begun}), given AS (SELECT * FROM unnest({', '.join(f'%s::{kind}[]' for kind in _ARRAYS)})"  # noqa: S608
        " AS given (run, row, status, code, message, attempts, time, time_offset, maybe_applied, reads, mark, shard, epoch)),"
        " held_shards AS (SELECT run, shard, epoch FROM shards WHERE (run, shard, epoch) IN"
        f" (SELECT run, shard, epoch FROM given WHERE {_PLANNED}) AND NOT done FOR SHARE),"
        " held_runs AS (SELECT id, driven FROM runs WHERE (id, driven) IN"
        f" (SELECT run, epoch FROM given WHERE {_PLANNED} AND shard IS NULL) FOR SHARE),"
        " new AS (SELECT given.*, (given.epoch IS NULL OR held_shards.run IS NOT NULL OR held_runs.id IS NOT NULL) AS is_held"
        " FROM begun CROSS JOIN given LEFT JOIN held_shards ON held_shards.run = given.run"
        " AND held_shards.shard = given.shard AND held_shards.epoch = given.epoch"
        " LEFT JOIN held_runs ON given.shard IS NULL AND held_runs.id = given.run AND held_runs.driven = given.epoch)"
        " UPDATE rows SET"
        f" status = CASE WHEN {_MAY_SET} THEN new.status ELSE rows.status END,"
        f" code = CASE WHEN {_MAY_SET} THEN new.code ELSE rows.code END,"
        f" message = CASE WHEN {_MAY_SET} THEN new.message ELSE rows.message END,"
        f" mark = CASE WHEN NOT ({_MAY_SET}) THEN rows.mark WHEN new.status = 'sending' THEN new.mark END,"
        " attempts = rows.attempts + new.attempts, reads = rows.reads + new.reads,"
        " maybe_applied = rows.maybe_applied OR new.maybe_applied,"
        f" time_offset = CASE WHEN rows.time > new.time AND NOT {_MINE} THEN rows.time_offset ELSE new.time_offset END,"
        f" time = CASE WHEN {_MINE} THEN new.time ELSE greatest(rows.time, new.time) END, time_text = ''"
        " FROM new WHERE rows.run = new.run AND rows.row = new.row"
        f" AND ({_MAY_SET} OR new.attempts > 0 OR new.reads > 0 OR new.maybe_applied > rows.maybe_applied)"
        " RETURNING rows.run, rows.row,"
        " new.status = 'sending' AND rows.status = 'sending' AND rows.mark IS NOT DISTINCT FROM new.mark"
    )


#: One statement for any number of rows, each of them once: a transaction of its own, or within one that has begun. It finds
#: the rows that it has set, and whether they are ``sending`` from now on.
SET_STATES = _set_states(BEGIN)
SET_STATES_WITHIN = _set_states("SELECT 1")
#: Those of the rows of an owner that are ``sending`` by its mark.
MARKED = (
    "SELECT row FROM rows WHERE run = %s AND row = ANY (%s) AND status = 'sending' AND mark IS NOT DISTINCT FROM %s::bigint"
)


def columns(states: Iterable[tuple[State, Owner | None]]) -> list[list[object]]:
    """Returns states with their owners as the arrays that ``SET_STATES`` is given."""
    rows = [(*state, *((owner.mark, owner.shard, owner.epoch) if owner else (None, None, None))) for state, owner in states]
    return [list(column) for column in zip(*rows, strict=True)]


def is_fact(state: State) -> bool:
    """Returns whether somebody would know less without this state: of what a request has come to, or that there were some."""
    _, _, status, _, _, attempts, _, _, maybe_applied, reads = state
    return status in FACTS or attempts > 0 or reads > 0 or maybe_applied


def facts_of(states: Sequence[State]) -> list[State]:
    """Returns those of the ``states`` that somebody would know less without."""
    return [state for state in states if is_fact(state)]
