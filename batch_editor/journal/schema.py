"""The journal's tables, and what makes of a file of an older version one of this version.

Statements and functions alone: ``store`` executes them. The tables are in the SQL that SQLite and PostgreSQL share.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from ..model import HaltReason
from .times import moment_of

#: The version of the tables below; a file says of which it is.
VERSION = 9

_RUNS = """CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL,           -- model.RunState, but for those that say that its process ended
    started BIGINT NOT NULL,       -- seconds since 1970
    started_offset INTEGER NOT NULL, -- from UTC, of the clock that was looked at, in seconds
    finished BIGINT,
    finished_offset INTEGER,
    base_url TEXT NOT NULL,
    app TEXT NOT NULL,             -- app_id, or empty for a fixed token
    source TEXT NOT NULL,          -- path of the sheet's file
    sheet TEXT NOT NULL,           -- name of the sheet within it
    digest TEXT NOT NULL,          -- SHA-256 of the file
    headings TEXT NOT NULL,        -- JSON list
    settings TEXT NOT NULL,        -- JSON, without secrets
    options TEXT NOT NULL,         -- JSON: what the command was told beside the settings
    halt_reason TEXT,              -- model.HaltReason: why it stopped early
    halted TEXT,                   -- JSON message: the same for people
    results TEXT,                  -- path of the results sheet
    stamp TEXT,                    -- what that file looked like when it was written
    counts TEXT,                   -- JSON: how many rows had which status when it ended
    stop_asked BOOLEAN NOT NULL DEFAULT FALSE, -- whoever drives it is to stop
    title TEXT,                    -- what people call the sheet, if that is not what its source says
    planned_by TEXT,               -- who has planned it, by name; NULL: whoever was at the command line, or in Python
    confirmed_by TEXT,             -- who has agreed that it is sent
    whole_sheet TEXT,              -- JSON: what only the whole sheet tells of its rows; NULL: its rows cannot be mended
    driven BIGINT NOT NULL DEFAULT 0, -- how often somebody has begun to drive it: only then its rows change
    series TEXT NOT NULL DEFAULT '', -- path of what its nights have in common; empty: of no series
    dismissed BIGINT,              -- seconds since 1970: somebody has said that it is not to be gone on with; NULL: nobody has
    in_inbox TEXT,                 -- path of the sheet in the inbox from which it was taken; NULL: from none
    taken_in BIGINT                -- what driven was when its rows were taken into the memory of what was applied; NULL: never
)"""
_ROWS = """CREATE TABLE rows (
    run INTEGER NOT NULL,
    row INTEGER NOT NULL,          -- as the sheet counts
    status TEXT NOT NULL,          -- model.Status
    clue BIGINT,
    body TEXT,                     -- what is sent
    cells TEXT NOT NULL,           -- JSON list: the row's own values
    fields TEXT NOT NULL,          -- listed keys, comma-separated
    cleared TEXT NOT NULL,         -- those of them that are emptied
    doubts TEXT,                   -- JSON list of problems
    code TEXT NOT NULL DEFAULT '',
    message TEXT,                  -- JSON: one message, or the list of problems of an invalid row
    attempts INTEGER NOT NULL DEFAULT 0,
    time BIGINT,                   -- of its last change while it was sent, in seconds since 1970
    time_offset INTEGER,           -- from UTC, of the clock that was looked at, in seconds
    time_text TEXT NOT NULL DEFAULT '', -- what an earlier results sheet says instead, if that is no such time
    maybe_applied BOOLEAN NOT NULL DEFAULT FALSE, -- it was sent and not answered
    unread BOOLEAN NOT NULL DEFAULT FALSE, -- a draft: the live record of its clue is still to be read
    written TEXT,                  -- JSON, in an undo: what the run that is undone wrote
    undoes TEXT,                   -- JSON, in an undo: by its key, the rows of that run of which it puts back a field
    before TEXT,                   -- JSON: what its fields were before, as far as that was read
    draft TEXT,                    -- JSON: the body, fields and cleared of a row that is to be resolved anew in time
    reads INTEGER NOT NULL DEFAULT 0, -- requests that were made to read its clue
    kept_run TEXT,                 -- name of the run that set the row, where this one only keeps it; '': nobody knows which
    kept_row INTEGER,              -- the row's number in that run
    origin_run INTEGER,            -- id of the run in which its values came first, if that is another; 0: nobody knows which
    origin_row INTEGER,            -- the row's number in that run
    lost TEXT,                     -- JSON list: body and cleared of tries that were not answered, where it has another body now
    equal TEXT NOT NULL DEFAULT '', -- keys that are not sent, since the CRM had their values already
    clue_name TEXT,                -- the name of its clue, as the CRM showed it
    names TEXT,                    -- JSON: by their field, the names of ids in it, as the CRM showed them
    typed TEXT,                    -- JSON: its cells as they were read; NULL: as the texts in cells
    trusted BIGINT,                -- when what it asks for was last seen there, by the memory; NULL: that was not asked
    trusted_run INTEGER,           -- id of the run that has set it, or seen it, then
    verifies BOOLEAN NOT NULL DEFAULT FALSE, -- it has its values by that memory, and its clue is read all the same
    sums TEXT,                     -- checksums of what it asks for, where its run takes part in that memory
    shard INTEGER                  -- which part of its run sends it, where its number does not say so: a clue above it is there
)"""
_FILES = """CREATE TABLE files (
    path TEXT PRIMARY KEY,
    stamp TEXT NOT NULL,           -- SHA-256 of what was written
    written BIGINT NOT NULL,       -- seconds since 1970
    run TEXT,                      -- name of the run that it is about; NULL: of none
    series TEXT NOT NULL DEFAULT '' -- as that of a run, of what a night has written or moved; empty: of no night
)"""
_MENDS = """CREATE TABLE mends (
    run INTEGER NOT NULL,
    row INTEGER NOT NULL,
    place INTEGER NOT NULL,        -- which cell of the row, counted from 0
    was TEXT NOT NULL,             -- JSON text: what the sheet shows there
    value TEXT NOT NULL,           -- JSON text: what somebody has put there instead
    person TEXT NOT NULL,          -- who, by name; '': nobody knows
    time BIGINT NOT NULL,          -- in seconds since 1970
    time_offset INTEGER NOT NULL   -- from UTC, of the clock that was looked at, in seconds
)"""
_CHOICES = """CREATE TABLE choices (
    kind TEXT NOT NULL,            -- 'columns': what the headings of a sheet mean; 'value': what a value in a field means
    app TEXT NOT NULL,             -- as that of a run
    name TEXT NOT NULL,            -- JSON text: of which headings, or of which field and value
    value TEXT NOT NULL,           -- JSON
    person TEXT NOT NULL,
    time BIGINT NOT NULL,
    time_offset INTEGER NOT NULL
)"""
_NIGHTS = """CREATE TABLE nights (
    id INTEGER PRIMARY KEY,
    series TEXT NOT NULL,          -- as that of a run
    began BIGINT NOT NULL,         -- seconds since 1970
    began_offset INTEGER NOT NULL, -- from UTC, of the clock that was looked at, in seconds
    ended BIGINT,                  -- NULL: it is under way, or its process ended without a word
    ended_offset INTEGER,
    source TEXT NOT NULL,          -- path of the sheet, or of the folder in which none was
    run TEXT,                      -- name of its run, if it came to one
    exit_code INTEGER,
    reason TEXT,                   -- the stable word for why it did not go well
    counts TEXT,                   -- JSON: how many rows had which status
    told TEXT NOT NULL DEFAULT ''  -- JSON: to which targets it was told
)"""
_MEMORIES = """CREATE TABLE memories (
    id INTEGER PRIMARY KEY,
    base_url TEXT NOT NULL,        -- as that of a run
    app TEXT NOT NULL
)"""
_APPLIED = """CREATE TABLE applied (
    memory INTEGER NOT NULL,
    clue BIGINT NOT NULL,
    run INTEGER NOT NULL,          -- id of the latest run that had to do with the clue
    seen BIGINT NOT NULL,          -- when its values were last set, or seen to stand there, in seconds since 1970
    fields INTEGER NOT NULL,       -- the fields of which something is known
    whole TEXT NOT NULL,           -- checksum of the latest row, if nothing else is known; empty: of none
    sums TEXT NOT NULL             -- the checksums of these fields, one behind the other
)"""
_APPLIED_FIELDS = """CREATE TABLE applied_fields (
    id INTEGER PRIMARY KEY,
    keys TEXT NOT NULL             -- comma-separated
)"""
#: Rows of another status than most rows have before, while and after they are sent: an index of all rows by status would have
#: to be changed twice for each row that is sent.
ASIDE = "status NOT IN ('pending', 'sending', 'updated')"
_INDEXES = (
    "CREATE UNIQUE INDEX rows_by_row ON rows (run, row)",
    "CREATE INDEX rows_by_clue ON rows (run, clue, row)",
    f"CREATE INDEX rows_aside ON rows (run, status, row) WHERE {ASIDE}",
    "CREATE INDEX rows_kept ON rows (kept_run, kept_row) WHERE kept_run IS NOT NULL",
    "CREATE INDEX rows_by_origin ON rows (origin_run, origin_row) WHERE origin_run IS NOT NULL",
    "CREATE INDEX rows_by_shard ON rows (run, shard, row) WHERE shard IS NOT NULL",
    "CREATE INDEX runs_under_way ON runs (id) WHERE state = 'sending'",  # each edit asks for them
)
_BY_PEOPLE = (
    _MENDS,
    _CHOICES,
    "CREATE UNIQUE INDEX mends_by_cell ON mends (run, row, place)",
    "CREATE UNIQUE INDEX choices_by_name ON choices (kind, app, name)",
)
_OF_NIGHTS = (_NIGHTS, "CREATE INDEX nights_by_series ON nights (series, id)")
_OF_MEMORY = (
    _MEMORIES,
    _APPLIED,
    _APPLIED_FIELDS,
    "CREATE UNIQUE INDEX memories_by_tenant ON memories (base_url, app)",
    "CREATE UNIQUE INDEX applied_by_clue ON applied (memory, clue)",
    "CREATE INDEX applied_by_run ON applied (run)",
    "CREATE UNIQUE INDEX applied_fields_by_keys ON applied_fields (keys)",
)
SCHEMA = (_RUNS, _ROWS, _FILES, *_INDEXES, *_BY_PEOPLE, *_OF_NIGHTS, *_OF_MEMORY)

_KEPT_OF_RUNS = "id, name, state, base_url, app, source, sheet, digest, headings, settings, options, halted, results, stamp"
_KEPT_OF_ROWS = "run, row, status, clue, body, cells, fields, cleared, doubts, code, message, attempts"
_KEPT_OF_ROWS += ", unread, written, before, draft, reads"
_ROWS_OF_4 = f"{_KEPT_OF_ROWS}, maybe_applied, time, time_offset, time_text"
_ROWS_OF_5 = f"{_ROWS_OF_4}, kept_run, kept_row, origin_run, origin_row, lost, equal"
_ROWS_OF_6 = f"{_ROWS_OF_5}, undoes, clue_name, names"
_RUNS_OF_6 = f"{_KEPT_OF_RUNS}, started, started_offset, finished, finished_offset, halt_reason, counts, stop_asked"
_RUNS_OF_7 = f"{_RUNS_OF_6}, title, planned_by, confirmed_by, whole_sheet, driven"
_ROWS_OF_7 = f"{_ROWS_OF_6}, typed"
_ROWS_OF_8 = f"{_ROWS_OF_7}, trusted, trusted_run, verifies, sums"
#: Where rows that version 4 kept from a results sheet were set: in the latest run before that has them with the same outcome.
_ORIGINS_OF_4 = (
    "FROM runs AS this, runs AS other, rows AS origin WHERE this.id = rows.run AND other.id < this.id"
    " AND other.base_url = this.base_url AND other.app = this.app AND origin.run = other.id AND origin.clue = rows.clue"
    " AND origin.kept_run IS NULL AND origin.status = rows.status AND origin.time_text = rows.time_text"
    " AND coalesce(origin.time, 0) = coalesce(rows.time, 0) ORDER BY other.id DESC, origin.row DESC LIMIT 1"
)
#: What makes of a file of an older version one of the next.
UPGRADES = {
    1: (
        "ALTER TABLE runs ADD COLUMN counts TEXT",
        "ALTER TABLE rows ADD COLUMN unsure INTEGER NOT NULL DEFAULT 0",
        "UPDATE rows SET unsure = 1 WHERE status = 'failed'",  # nobody wrote down whether they can have been applied
    ),
    2: (
        "ALTER TABLE rows ADD COLUMN unread INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE rows ADD COLUMN written TEXT",
        "ALTER TABLE rows ADD COLUMN before TEXT",
        "ALTER TABLE rows ADD COLUMN draft TEXT",
        "ALTER TABLE rows ADD COLUMN reads INTEGER NOT NULL DEFAULT 0",
    ),
    3: (  # times become numbers, numbers truth values, and why a run stopped is no longer told from a text alone
        "ALTER TABLE runs RENAME TO runs_3",
        "ALTER TABLE rows RENAME TO rows_3",
        "DROP INDEX rows_by_row",
        "DROP INDEX rows_by_clue",
        _RUNS,
        _ROWS,
        f"INSERT INTO runs ({_KEPT_OF_RUNS}, counts, halt_reason, started, started_offset, finished, finished_offset)"  # noqa: S608
        f" SELECT {_KEPT_OF_RUNS}, counts, halt_reason_of(halted), coalesce(seconds_of(started), 0),"
        " coalesce(offset_of(started), 0), seconds_of(finished), offset_of(finished) FROM runs_3",
        f"INSERT INTO rows ({_KEPT_OF_ROWS}, maybe_applied, time, time_offset, time_text)"  # noqa: S608
        f" SELECT {_KEPT_OF_ROWS}, unsure, seconds_of(time), offset_of(time), odd_text_of(time) FROM rows_3 ORDER BY run, row",
        "DROP TABLE runs_3",
        "DROP TABLE rows_3",
        *_INDEXES,
    ),
    4: (  # rows that a run only keeps are told from those that it set, and every row has an age of its own
        "ALTER TABLE rows RENAME TO rows_4",
        *(f"DROP INDEX {name}" for name in ("rows_by_row", "rows_by_clue", "rows_aside")),
        "DROP INDEX IF EXISTS rows_kept",  # a file of version 3 has these three by now
        "DROP INDEX IF EXISTS rows_by_origin",
        "DROP INDEX IF EXISTS runs_under_way",
        _ROWS,
        f"INSERT INTO rows ({_ROWS_OF_4}, kept_run)"  # noqa: S608
        f" SELECT {_ROWS_OF_4}, CASE WHEN status IN ('updated', 'unchanged') AND body IS NULL AND before IS NULL THEN '' END"
        " FROM rows_4 ORDER BY run, row",
        "DROP TABLE rows_4",
        *_INDEXES,
        f"UPDATE rows SET kept_run = coalesce((SELECT other.name {_ORIGINS_OF_4}), ''),"  # noqa: S608
        f" kept_row = (SELECT origin.row {_ORIGINS_OF_4}) WHERE kept_run = ''",
    ),
    5: (  # a row knows the name of its clue, and of the ids that stood there; and every file that was written is known
        "ALTER TABLE rows RENAME TO rows_5",
        *(f"DROP INDEX {name}" for name in ("rows_by_row", "rows_by_clue", "rows_aside", "rows_kept", "rows_by_origin")),
        _ROWS,
        f"INSERT INTO rows ({_ROWS_OF_5}) SELECT {_ROWS_OF_5} FROM rows_5 ORDER BY run, row",  # noqa: S608
        "DROP TABLE rows_5",
        *(statement for statement in _INDEXES if " ON rows " in statement),
        _FILES,
        "INSERT INTO files (path, stamp, written) SELECT results, stamp, coalesce(finished, started) FROM runs"
        " WHERE stamp IS NOT NULL AND id IN (SELECT max(id) FROM runs WHERE results IS NOT NULL GROUP BY results)",
    ),
    6: (  # people mend the cells of a run that waits, and keep what they have chosen
        "ALTER TABLE runs RENAME TO runs_6",
        "ALTER TABLE rows RENAME TO rows_6",
        *(f"DROP INDEX {name}" for name in ("rows_by_row", "rows_by_clue", "rows_aside", "rows_kept", "rows_by_origin")),
        "DROP INDEX runs_under_way",
        _RUNS,
        _ROWS,
        f"INSERT INTO runs ({_RUNS_OF_6}) SELECT {_RUNS_OF_6} FROM runs_6 ORDER BY id",  # noqa: S608
        f"INSERT INTO rows ({_ROWS_OF_6}) SELECT {_ROWS_OF_6} FROM rows_6 ORDER BY run, row",  # noqa: S608
        "DROP TABLE runs_6",
        "DROP TABLE rows_6",
        *_INDEXES,
        *_BY_PEOPLE,
    ),
    7: (  # nights are known, and of which series a run is; and what was applied is remembered
        "ALTER TABLE runs RENAME TO runs_7",
        "ALTER TABLE rows RENAME TO rows_7",
        *(f"DROP INDEX {name}" for name in ("rows_by_row", "rows_by_clue", "rows_aside", "rows_kept", "rows_by_origin")),
        "DROP INDEX runs_under_way",
        _RUNS,
        _ROWS,
        f"INSERT INTO runs ({_RUNS_OF_7}) SELECT {_RUNS_OF_7} FROM runs_7 ORDER BY id",  # noqa: S608
        f"INSERT INTO rows ({_ROWS_OF_7}) SELECT {_ROWS_OF_7} FROM rows_7 ORDER BY run, row",  # noqa: S608
        "DROP TABLE runs_7",
        "DROP TABLE rows_7",
        *_INDEXES,
        *_OF_NIGHTS,
        "ALTER TABLE files RENAME TO files_7",
        _FILES,
        "INSERT INTO files (path, stamp, written) SELECT path, stamp, written FROM files_7",
        "DROP TABLE files_7",
        *_OF_MEMORY,
    ),
    8: (  # the rows of one run may be sent in several parts
        "ALTER TABLE rows RENAME TO rows_8",
        *(f"DROP INDEX {name}" for name in ("rows_by_row", "rows_by_clue", "rows_aside", "rows_kept", "rows_by_origin")),
        "DROP INDEX IF EXISTS rows_by_shard",
        _ROWS,
        f"INSERT INTO rows ({_ROWS_OF_8}) SELECT {_ROWS_OF_8} FROM rows_8 ORDER BY run, row",  # noqa: S608
        "DROP TABLE rows_8",
        *(statement for statement in _INDEXES if " ON rows " in statement),
    ),
}


def _halt_reason_of(message: str | None) -> str | None:
    """Returns why a run stopped early, of which an older version has kept the message alone."""
    if message is None:
        return None
    key = str(json.loads(message)["key"])
    if key in _HALT_REASONS:
        return _HALT_REASONS[key]
    return {"token": HaltReason.TOKEN, "proof": HaltReason.PROOF_FAILED}.get(key.partition(".")[0], HaltReason.OTHER)


_HALT_REASONS = {
    "halt.asked": HaltReason.ASKED,
    "halt.held_back": HaltReason.HELD_BACK,
    "halt.failures": HaltReason.FAILURES,
    "halt.rejections": HaltReason.REJECTIONS,
    "halt.patience": HaltReason.PATIENCE,
    "proof.asked": HaltReason.PROOF_PENDING,
    "proof.refuted": HaltReason.PROOF_REFUTED,
}
#: Functions of one value that the statements of ``UPGRADES`` use.
FUNCTIONS: dict[str, Callable[[str | None], str | int | None]] = {
    "seconds_of": lambda text: moment_of(text or "")[0],
    "offset_of": lambda text: moment_of(text or "")[1],
    "odd_text_of": lambda text: moment_of(text or "")[2],
    "halt_reason_of": _halt_reason_of,
}
