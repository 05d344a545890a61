"""The tables that a journal in PostgreSQL has beside those of ``schema``, and the functions that several hosts rely on.

Statements alone: ``migrating`` executes them, in this order, and all of them anew when the program has become another one. A
shard is a part of a run that a worker drives while it holds a lease; what the permits need is in ``pace_schema``. Each
function is one statement of its caller: nobody holds a row lock between two round trips, so that a process that stands still
keeps nobody else waiting. Moments are seconds since 1970 by the clock of the database, which all hosts share; the clocks of
the workers are of no account.
"""

from __future__ import annotations

from .pace_schema import PACE_FUNCTIONS, PACE_TABLES

#: Leases are given in ``leases``.
_SHARDS = """CREATE TABLE IF NOT EXISTS shards (
    run BIGINT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    shard INTEGER NOT NULL,        -- counted from 1
    tenant TEXT COLLATE "C" NOT NULL,
    first BIGINT NOT NULL,         -- its rows: from this one
    last BIGINT NOT NULL,          -- to this one, but for those of clues that have a row above
    most BIGINT,                   -- at most so many edits are sent; NULL: all
    rows BIGINT NOT NULL,          -- how many there were to be sent when it was cut
    cut DOUBLE PRECISION NOT NULL, -- when
    epoch BIGINT NOT NULL DEFAULT 0, -- of the latest taking; 0: it was never taken
    worker TEXT COLLATE "C",       -- who has taken it last; NULL: nobody, or whoever did has given it back
    lease DOUBLE PRECISION NOT NULL DEFAULT 0, -- for how many seconds it is taken at a time
    leased_until DOUBLE PRECISION, -- NULL: it is not taken
    done BOOLEAN NOT NULL DEFAULT FALSE,
    counts TEXT NOT NULL DEFAULT '{}', -- JSON: how many of its rows have which status
    waiting TEXT,                  -- JSON: what its worker waits for
    halt_reason TEXT,              -- model.HaltReason: why it ended early
    halted TEXT,                   -- JSON message: the same for people
    PRIMARY KEY (run, shard)
) WITH (fillfactor = 70)"""
#: No two takings have the same epoch, be it of another shard, or of one that was cut anew since.
_EPOCHS = "CREATE SEQUENCE IF NOT EXISTS lease_epochs"
#: By the epoch, which is the mark of the rows that are being sent, who is sending them: also long after the shard was taken by
#: somebody else, and after the run has ended.
_TAKINGS = """CREATE TABLE IF NOT EXISTS takings (
    run BIGINT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    epoch BIGINT NOT NULL,
    worker TEXT COLLATE "C" NOT NULL,
    lost DOUBLE PRECISION,         -- since when the worker cannot send by it any more; NULL: it may be able to
    PRIMARY KEY (run, epoch)
)"""
_WORKERS = """CREATE TABLE IF NOT EXISTS workers (
    name TEXT COLLATE "C" PRIMARY KEY,
    host TEXT NOT NULL,
    pid INTEGER NOT NULL,
    version TEXT NOT NULL,         -- of the program
    tenants TEXT NOT NULL DEFAULT '[]', -- JSON: the keys of those for whom it sends
    seen DOUBLE PRECISION NOT NULL
)"""
_CLOCK = """CREATE OR REPLACE FUNCTION clock_seconds() RETURNS DOUBLE PRECISION LANGUAGE sql VOLATILE AS $$
    SELECT extract(epoch FROM clock_timestamp())::DOUBLE PRECISION
$$"""
#: While the database was away, nobody could renew a lease: after its start all of them last for once their length.
_LEASE_END = """CREATE OR REPLACE FUNCTION lease_end(leased_until DOUBLE PRECISION, lease DOUBLE PRECISION)
RETURNS DOUBLE PRECISION LANGUAGE sql STABLE AS $$
    SELECT greatest(leased_until, extract(epoch FROM pg_postmaster_start_time())::DOUBLE PRECISION + lease)
$$"""
#: The shards that somebody has: nobody else may take them, nor drive their run.
_LIVE_SHARDS = """CREATE OR REPLACE VIEW live_shards AS
    SELECT * FROM shards
    WHERE leased_until IS NOT NULL AND NOT done AND lease_end(leased_until, lease) > clock_seconds()"""
_INDEXES = (
    "CREATE INDEX IF NOT EXISTS shards_to_do ON shards (run, shard) WHERE NOT done",
    "CREATE INDEX IF NOT EXISTS shards_leased ON shards (run) WHERE leased_until IS NOT NULL AND NOT done",
)

#: Rows of a clue that stand in several shards go to the first of them: few, so that nearly no row is written.
_CUT = """CREATE OR REPLACE FUNCTION cut_shards(
    of_run BIGINT, of_tenant TEXT, firsts BIGINT[], lasts BIGINT[], numbers BIGINT[], most_edits BIGINT
) RETURNS INTEGER LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM live_shards WHERE run = of_run) THEN
        RETURN NULL;
    END IF;
    DELETE FROM shards WHERE run = of_run;
    UPDATE takings SET lost = clock_seconds() WHERE run = of_run AND lost IS NULL;
    UPDATE rows SET shard = NULL WHERE run = of_run AND shard IS NOT NULL;
    IF cardinality(firsts) > 1 THEN
        WITH repeated AS (
            SELECT clue, width_bucket(min(row)::BIGINT, firsts) AS shard FROM rows
            WHERE run = of_run AND status IN ('pending', 'failed', 'sending') GROUP BY clue HAVING count(*) > 1
        )
        UPDATE rows SET shard = repeated.shard FROM repeated
        WHERE rows.run = of_run AND rows.clue = repeated.clue AND rows.status IN ('pending', 'failed', 'sending')
            AND width_bucket(rows.row::BIGINT, firsts) <> repeated.shard;
    END IF;
    INSERT INTO shards (run, shard, tenant, first, last, most, rows, cut)
    SELECT of_run, place, of_tenant, span.first, span.last, most_edits, span.number, clock_seconds()
    FROM unnest(firsts, lasts, numbers) WITH ORDINALITY AS span (first, last, number, place);
    RETURN cardinality(firsts);
END
$$"""

#: The tenant with the fewest shards that somebody has comes first, then the run with the fewest, then the oldest shard.
#: Claims are made one after the other: of two at once, both would find the same tenant to be the one with the fewest.
_CLAIM = """CREATE OR REPLACE FUNCTION claim_shard(
    of_worker TEXT, of_tenants TEXT[], of_version INTEGER, seconds DOUBLE PRECISION, of_run BIGINT,
    OUT run BIGINT, OUT shard INTEGER, OUT epoch BIGINT, OUT tenant TEXT, OUT first BIGINT, OUT last BIGINT, OUT most BIGINT,
    OUT former TEXT, OUT name TEXT, OUT again BOOLEAN
) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    clock DOUBLE PRECISION;
BEGIN
    IF NOT EXISTS (SELECT 1 FROM journal_version WHERE version = of_version) THEN
        RETURN;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended(current_schema() || ' claims', 0));
    clock := clock_seconds();
    UPDATE shards SET leased_until = clock + lease -- that clock has been set back since
    WHERE leased_until > clock + lease + 1 AND NOT done;
    WITH RECURSIVE waiting (run, tenant, cut) AS (
        (SELECT shards.run, shards.tenant, shards.cut FROM shards
        WHERE NOT done AND (of_run IS NULL OR shards.run = of_run) ORDER BY shards.run LIMIT 1)
        UNION ALL
        SELECT following.* FROM waiting, LATERAL (
            SELECT shards.run, shards.tenant, shards.cut FROM shards
            WHERE NOT done AND shards.run > waiting.run AND of_run IS NULL ORDER BY shards.run LIMIT 1
        ) AS following
    ), free AS (
        SELECT waiting.run, waiting.tenant, waiting.cut, next.shard FROM waiting JOIN runs ON runs.id = waiting.run, LATERAL (
            SELECT shards.shard FROM shards
            WHERE NOT done AND shards.run = waiting.run
                AND (leased_until IS NULL OR lease_end(leased_until, lease) <= clock)
            ORDER BY shards.shard LIMIT 1
        ) AS next
        WHERE waiting.tenant = ANY (of_tenants) AND NOT runs.stop_asked AND runs.state = 'sending'
    ), live AS (
        SELECT live_shards.run, live_shards.tenant FROM live_shards
    )
    SELECT free.run, free.shard INTO claim_shard.run, claim_shard.shard FROM free ORDER BY
        (SELECT count(*) FROM live WHERE live.tenant = free.tenant),
        (SELECT count(*) FROM live WHERE live.run = free.run),
        free.cut, free.run
    LIMIT 1;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    SELECT shards.worker, runs.name, shards.epoch > 0 INTO former, name, again FROM shards JOIN runs ON runs.id = shards.run
    WHERE shards.run = claim_shard.run AND shards.shard = claim_shard.shard;
    UPDATE takings SET lost = clock FROM shards
    WHERE shards.run = claim_shard.run AND shards.shard = claim_shard.shard
        AND takings.run = shards.run AND takings.epoch = shards.epoch AND lost IS NULL;
    UPDATE shards SET epoch = nextval('lease_epochs'), worker = of_worker, lease = seconds, waiting = NULL,
        leased_until = clock_seconds() + seconds
    WHERE shards.run = claim_shard.run AND shards.shard = claim_shard.shard
    RETURNING shards.epoch, shards.tenant, shards.first, shards.last, shards.most
    INTO claim_shard.epoch, claim_shard.tenant, claim_shard.first, claim_shard.last, claim_shard.most;
    INSERT INTO takings (run, epoch, worker) VALUES (claim_shard.run, claim_shard.epoch, of_worker);
END
$$"""
_LEASE_LEFT = """CREATE OR REPLACE FUNCTION lease_left(of_run BIGINT, of_shard INTEGER, of_epoch BIGINT)
RETURNS DOUBLE PRECISION LANGUAGE sql VOLATILE AS $$
    SELECT lease_end(leased_until, lease) - clock_seconds() FROM shards
    WHERE run = of_run AND shard = of_shard AND epoch = of_epoch AND leased_until IS NOT NULL AND NOT done
$$"""

#: Whether the process of a worker holds its lock of ``advisory_locks``.
_HOLDS_LOCK = """CREATE OR REPLACE FUNCTION holds_worker_lock(worker TEXT) RETURNS BOOLEAN LANGUAGE sql VOLATILE AS $$
    SELECT EXISTS (
        SELECT 1 FROM pg_locks, (SELECT hashtextextended(current_schema() || ' worker ' || worker, 0) AS key) AS lock
        WHERE locktype = 'advisory' AND granted AND objsubid = 1
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            AND classid::BIGINT = (key >> 32) & 4294967295 AND objid::BIGINT = key & 4294967295
    )
$$"""
#: Whether the process of a worker is there still: it holds its lock. When the database was restarted since it was seen with the
#: lock, it is given a minute to take it anew.
_IS_ALIVE = """CREATE OR REPLACE FUNCTION is_worker_alive(worker TEXT) RETURNS BOOLEAN LANGUAGE sql VOLATILE AS $$
    SELECT holds_worker_lock(worker) OR EXISTS (
        SELECT 1 FROM workers, (SELECT extract(epoch FROM pg_postmaster_start_time())::DOUBLE PRECISION AS start) AS server
        WHERE name = worker AND seen < start AND clock_seconds() < start + 60
    )
$$"""

#: The functions of an earlier version, which may have other parameters or results: they are made anew.
_DROP_FUNCTIONS = """DO $$
DECLARE
    made TEXT;
BEGIN
    FOR made IN SELECT pg_proc.oid::REGPROCEDURE::TEXT FROM pg_proc WHERE pronamespace = current_schema()::REGNAMESPACE
        AND proname IN ('clock_seconds', 'lease_end', 'cut_shards', 'claim_shard', 'lease_left', 'locked_pace', 'take_permit',
            'use_later', 'forget_permits', 'hold_pace', 'complain', 'holds_worker_lock', 'is_worker_alive')
    LOOP
        EXECUTE 'DROP FUNCTION IF EXISTS ' || made || ' CASCADE';
    END LOOP;
END
$$"""

#: What makes of an empty database, once it has the tables of ``schema``, one that several hosts can share.
CLUSTER_SCHEMA = (
    _DROP_FUNCTIONS,
    *(_SHARDS, _EPOCHS, _TAKINGS, *PACE_TABLES, _WORKERS, _CLOCK, _LEASE_END, _LIVE_SHARDS, *_INDEXES),
    *(_CUT, _LEASE_LEFT, _CLAIM, *PACE_FUNCTIONS, _HOLDS_LOCK, _IS_ALIVE),
)
