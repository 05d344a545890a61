"""The tables and functions by which all hosts of a tenant keep to one pace: each request has a permit, which is its moment.

Statements alone, as in ``cluster_schema``, of which this is a part. What is asked of them, and when, is in ``permits`` and in
``crm/shared_pace``. That nobody gets a permit without a lease, where a shard is sent, is said here.
"""

from __future__ import annotations

_PACE = """CREATE TABLE IF NOT EXISTS pace (
    tenant TEXT COLLATE "C" PRIMARY KEY,
    number BIGINT NOT NULL DEFAULT 0, -- of the latest permit
    at DOUBLE PRECISION NOT NULL DEFAULT '-infinity', -- its moment
    held_until DOUBLE PRECISION NOT NULL DEFAULT '-infinity',
    share DOUBLE PRECISION NOT NULL DEFAULT 1,
    well BIGINT NOT NULL DEFAULT 100, -- edits confirmed since the CRM last said "too fast"
    complained DOUBLE PRECISION NOT NULL DEFAULT '-infinity', -- when that was
    seen DOUBLE PRECISION NOT NULL DEFAULT '-infinity', -- the clock when a permit was last asked for
    most BIGINT NOT NULL DEFAULT 0, -- so many permits back a limit looks
    span DOUBLE PRECISION NOT NULL DEFAULT 0, -- for so many seconds
    run BIGINT,                    -- of the latest permit
    mixed DOUBLE PRECISION NOT NULL DEFAULT '-infinity' -- when permits last went to another run than the one before
) WITH (fillfactor = 50)"""
_PERMITS = """CREATE TABLE IF NOT EXISTS permits (
    tenant TEXT COLLATE "C" NOT NULL,
    number BIGINT NOT NULL,
    at DOUBLE PRECISION NOT NULL,  -- it is not used before this moment
    counts_from DOUBLE PRECISION NOT NULL, -- nor after this one, from which on it counts
    PRIMARY KEY (tenant, number)
)"""
#: The row of a tenant, held until the end of the statement. If the clock was set back since it was last looked at, all moments
#: are: by what can be seen of it, which is never more than it was, so that no window holds too many for that.
_LOCKED_PACE = """CREATE OR REPLACE FUNCTION locked_pace(of_tenant TEXT) RETURNS pace LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    known pace;
    clock DOUBLE PRECISION;
    back DOUBLE PRECISION;
BEGIN
    SELECT * INTO known FROM pace WHERE tenant = of_tenant FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        INSERT INTO pace (tenant) VALUES (of_tenant) ON CONFLICT (tenant) DO NOTHING;
        SELECT * INTO known FROM pace WHERE tenant = of_tenant FOR NO KEY UPDATE;
    END IF;
    clock := clock_seconds();
    back := known.seen - clock;
    IF back > 1 THEN
        UPDATE permits SET at = at - back, counts_from = counts_from - back WHERE tenant = of_tenant;
        UPDATE pace SET at = at - back, held_until = held_until - back, complained = complained - back, mixed = mixed - back,
            seen = clock
        WHERE tenant = of_tenant RETURNING * INTO known;
    END IF;
    known.seen := clock;
    RETURN known;
END
$$"""
#: A permit that is not before ``earliest``, by limits that count until the moment ``until``: no ``counts[i] + 1`` permits lie
#: within ``windows[i]`` seconds, each of them used up to ``late`` seconds after its moment. Without ``counts`` there are no
#: limits at all; ``looks_back`` and ``span`` say how many permits, and for how long, any limit looks back. ``kept`` is what the
#: caller has and wants to keep; ``used`` are others that have been used, and their ``lateness``, from which on they count then.
#: ``permit`` is NULL where it has to be asked for again: there is none within ``ahead`` seconds.
_TAKE_PERMIT = """CREATE OR REPLACE FUNCTION take_permit(
    of_tenant TEXT, counts BIGINT[], windows DOUBLE PRECISION[], looks_back BIGINT, span DOUBLE PRECISION,
    late DOUBLE PRECISION, earliest DOUBLE PRECISION, until DOUBLE PRECISION, ahead DOUBLE PRECISION, kept BIGINT,
    used BIGINT[], lateness DOUBLE PRECISION[], went_well BIGINT, of_run BIGINT, of_shard INTEGER, of_epoch BIGINT,
    OUT permit BIGINT, OUT wait DOUBLE PRECISION, OUT good_for DOUBLE PRECISION, OUT lease DOUBLE PRECISION, OUT reason TEXT,
    OUT share DOUBLE PRECISION, OUT clock DOUBLE PRECISION
) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    known pace;
    shortest DOUBLE PRECISION := (SELECT min(length) FROM unnest(windows) AS length);
    spacing DOUBLE PRECISION := 0;
    spaced DOUBLE PRECISION;
    longer DOUBLE PRECISION := '-infinity';
    free DOUBLE PRECISION;
BEGIN
    IF of_epoch IS NOT NULL THEN
        lease := lease_left(of_run, of_shard, of_epoch);
        IF lease IS NULL OR lease <= 0 THEN
            reason := 'lost';
            RETURN;
        END IF;
    END IF;
    reason := 'rate';
    IF counts IS NULL OR kept IS NOT NULL THEN -- nothing is to be changed, and nobody to be waited for
        SELECT * INTO known FROM pace WHERE tenant = of_tenant;
        clock := clock_seconds();
        share := coalesce(known.share, 1);
        IF counts IS NULL THEN
            permit := 0;
            wait := coalesce(greatest(known.held_until - clock, 0), 0);
            good_for := wait;
            reason := CASE WHEN wait > 0 THEN 'held' ELSE 'rate' END;
            RETURN;
        END IF;
        SELECT number, at - clock, counts_from - clock INTO permit, wait, good_for FROM permits
        WHERE tenant = of_tenant AND number = kept AND counts_from > clock AND at >= known.held_until
            AND known.seen <= clock + 1;
        IF FOUND THEN
            RETURN;
        END IF;
    END IF;
    known := locked_pace(of_tenant);
    clock := known.seen;
    IF of_epoch IS NOT NULL THEN -- it may have taken long until the tenant's row was free
        lease := lease_left(of_run, of_shard, of_epoch);
        IF lease IS NULL OR lease <= 0 THEN
            reason := 'lost';
            RETURN;
        END IF;
    END IF;
    IF kept IS NOT NULL THEN -- its moment has passed: it counts later, and those that share a window with it move on
        SELECT number, at - clock, late INTO permit, wait, good_for FROM permits
        WHERE tenant = of_tenant AND number = kept AND at >= known.held_until AND at > clock - shortest / 2;
        IF FOUND THEN
            PERFORM use_later(of_tenant, kept, clock + late, counts, windows);
            share := known.share;
            RETURN;
        END IF;
    END IF;
    UPDATE permits SET counts_from = at + use.late FROM unnest(used, lateness) AS use (number, late)
    WHERE tenant = of_tenant AND permits.number = use.number AND counts_from > at + use.late;
    known.share := least(1, round((known.share + 0.1 * ((known.well + went_well) / 100 - known.well / 100))::NUMERIC, 6));
    known.well := known.well + went_well;
    share := known.share;
    IF known.run <> of_run AND known.at > clock - 5 THEN
        known.mixed := clock;
    END IF;
    spaced := greatest(clock, known.held_until, earliest);
    FOR place IN 1 .. cardinality(counts) LOOP
        free := (
            SELECT counts_from + windows[place] FROM permits
            WHERE tenant = of_tenant AND number = known.number + 1 - counts[place]
        );
        IF windows[place] > shortest THEN
            longer := greatest(longer, free);
        ELSE
            spaced := greatest(spaced, free);
            spacing := greatest(spacing, windows[place] / counts[place]);
        END IF;
    END LOOP;
    spaced := greatest(spaced, known.at + spacing / known.share);
    wait := greatest(spaced, longer);
    reason := CASE
        WHEN known.held_until > clock THEN 'held' WHEN longer > spaced THEN 'full'
        WHEN clock - known.mixed < 5 THEN 'shared' ELSE 'rate' END;
    IF wait < until AND wait <= greatest(clock, known.held_until) + ahead THEN
        permit := known.number + 1;
        good_for := wait + late - clock;
        INSERT INTO permits VALUES (of_tenant, permit, wait, wait + late);
        UPDATE pace SET number = permit, at = wait, share = known.share, well = known.well, seen = clock,
            most = greatest(pace.most, looks_back), span = greatest(pace.span, take_permit.span),
            run = of_run, mixed = known.mixed
        WHERE tenant = of_tenant;
        IF permit % 256 = 0 THEN
            PERFORM forget_permits(of_tenant);
        END IF;
    ELSIF went_well > 0 THEN
        UPDATE pace SET share = known.share, well = known.well, seen = clock WHERE tenant = of_tenant;
    END IF;
    wait := wait - clock;
END
$$"""
#: The oldest permits that no limit looks back at any more, nor one that is set to more by and by.
_FORGET_PERMITS = """CREATE OR REPLACE FUNCTION forget_permits(of_tenant TEXT) RETURNS VOID LANGUAGE sql VOLATILE AS $$
    DELETE FROM permits USING pace
    WHERE pace.tenant = of_tenant AND permits.tenant = of_tenant
        AND permits.number <= (
            SELECT max(number) FROM (SELECT number FROM permits WHERE tenant = of_tenant ORDER BY number LIMIT 1024) AS oldest
        )
        AND (permits.counts_from < clock_seconds() - pace.span - 60 OR permits.number <= pace.number - pace.most - 1024)
$$"""
#: A permit that is used later than planned counts from that moment on. Those that were given already and share a window with it
#: now move on, with all that follow them; who waits for one asks again right before its moment.
_USE_LATER = """CREATE OR REPLACE FUNCTION use_later(
    of_tenant TEXT, used BIGINT, moment DOUBLE PRECISION, counts BIGINT[], windows DOUBLE PRECISION[]
) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    first BIGINT;
    later DOUBLE PRECISION;
BEGIN
    PERFORM 1 FROM pace WHERE tenant = of_tenant FOR NO KEY UPDATE;
    UPDATE permits SET counts_from = greatest(counts_from, moment) WHERE tenant = of_tenant AND number = used;
    SELECT min(number), max(moment + length - at) INTO first, later
    FROM unnest(counts, windows) AS bound (count, length) JOIN permits ON tenant = of_tenant AND number = used + count
    WHERE at < moment + length;
    IF first IS NOT NULL THEN
        UPDATE permits SET at = at + later, counts_from = counts_from + later WHERE tenant = of_tenant AND number >= first;
        UPDATE pace SET at = at + later WHERE tenant = of_tenant;
    END IF;
END
$$"""
_HOLD = """CREATE OR REPLACE FUNCTION hold_pace(of_tenant TEXT, seconds DOUBLE PRECISION) RETURNS VOID
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    known pace := locked_pace(of_tenant);
BEGIN
    UPDATE pace SET held_until = greatest(held_until, known.seen + least(seconds, 86400)), seen = known.seen
    WHERE tenant = of_tenant;
END
$$"""
#: Several workers hear of one pause: it counts once. No pause is shorter than a second.
_TOO_FAST = """CREATE OR REPLACE FUNCTION complain(of_tenant TEXT, least_share DOUBLE PRECISION, confirmed BIGINT)
RETURNS DOUBLE PRECISION LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    known pace := locked_pace(of_tenant);
    lower DOUBLE PRECISION := greatest(least_share, known.share / 2);
    well_before BIGINT := known.well + confirmed;
BEGIN
    IF known.held_until > known.seen OR known.seen - known.complained < 1 THEN
        RETURN NULL;
    END IF;
    IF well_before >= 100 OR lower = known.share THEN
        UPDATE pace SET well = 0, complained = known.seen, seen = known.seen WHERE tenant = of_tenant;
        RETURN NULL;
    END IF;
    UPDATE pace SET well = 0, complained = known.seen, seen = known.seen, share = lower WHERE tenant = of_tenant;
    RETURN lower;
END
$$"""

PACE_TABLES = (_PACE, _PERMITS)
PACE_FUNCTIONS = (_LOCKED_PACE, _USE_LATER, _FORGET_PERMITS, _TAKE_PERMIT, _HOLD, _TOO_FAST)
