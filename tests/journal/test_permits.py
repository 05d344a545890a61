"""Permits in PostgreSQL, by the clock of the database: no window is crowded, whoever is late, frozen or without a lease."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count, pairwise
from typing import TYPE_CHECKING, Any

import pytest
from support.steered import FIRST, SteeredStore, add_run, steered_store

from batch_editor.journal.leases import Lease, Leases
from batch_editor.journal.permits import AHEAD, LEAST_SHARE, Asked, Granted, Permits

if TYPE_CHECKING:
    from support.postgres import Databases

LATE = 0.01
HOUR = 3600.0
ROUNDING = 1e-6
_tenants = count(1)


@pytest.fixture(scope="module")
def store(databases: Databases) -> Iterator[SteeredStore]:
    with steered_store(databases) as store:
        yield store


@pytest.fixture
def tenant(store: SteeredStore) -> str:
    store.moment = FIRST
    return f"tenant-{next(_tenants)}"


def near(expected: Any) -> Any:
    """The same moment, or the same seconds: they are large numbers, of which a share would be much."""
    return pytest.approx(expected, rel=0.0, abs=1e-5)


def asked(*limits: tuple[int, float], late: float = LATE, **more: object) -> Asked:
    counts, windows = [number for number, _ in limits], [window for _, window in limits]
    return Asked(counts, windows, max(counts, default=0), max(windows, default=0.0), late, **more)  # type: ignore[arg-type]


def take(permits: Permits, *limits: tuple[int, float], **more: object) -> Granted:
    granted = permits.take(asked(*limits, **more))
    assert granted is not None
    return granted


def moments(permits: Permits, number: int, *limits: tuple[int, float], store: SteeredStore) -> list[float]:
    """When so many permits may be used that are asked for one after the other, each once the one before was used."""
    used_at = list[float]()
    while len(used_at) < number:
        granted = take(permits, *limits)
        if granted.number is not None:
            used_at.append(granted.clock + granted.wait)
        store.moment += max(0.0, granted.wait if granted.number is not None else granted.wait - AHEAD / 2)
    return used_at


def assert_kept(used_at: Sequence[float], *limits: tuple[int, float]) -> None:
    for number, window in limits:
        assert all(later - first >= window - ROUNDING for first, later in zip(used_at, used_at[number:], strict=False))


def row_of(store: SteeredStore, tenant: str) -> dict[str, float]:
    ((*values,),) = store.execute("SELECT number, at, held_until, share, well FROM pace WHERE tenant = %s", tenant)
    return dict(zip(("number", "at", "held_until", "share", "well"), values, strict=True))


# --- windows


def test_no_window_holds_more_than_its_limit_and_the_shortest_is_filled_evenly(store: SteeredStore, tenant: str) -> None:
    limits = ((5, 1.0), (12, 4.0), (30, 20.0))
    used_at = moments(Permits(store, tenant, None), 70, *limits, store=store)
    assert_kept(used_at, *((number, window + LATE) for number, window in limits))
    steps = [later - first for first, later in pairwise(used_at[:5])]
    assert steps == near([0.2] * 4)
    assert used_at[12] - used_at[0] == near(4.0 + LATE) and used_at[30] - used_at[0] == near(20.0 + LATE)


def test_other_limits_look_back_at_all_permits_there_were(store: SteeredStore, tenant: str) -> None:
    used_at = moments(Permits(store, tenant, None), 10, (10, 1.0), store=store)
    assert take(Permits(store, tenant, 2), (10, 1.0), (7, 60.0)).number is None
    granted = take(Permits(store, tenant, 2), (10, 1.0), (10, 60.0))
    assert granted.number is None and granted.reason == "full"
    assert granted.clock + granted.wait == near(used_at[0] + LATE + 60.0)


def test_tenants_do_not_wait_for_each_other(store: SteeredStore, tenant: str) -> None:
    for _ in range(3):
        take(Permits(store, tenant, None), (1, 1.0))
    assert take(Permits(store, f"{tenant}-other", None), (1, 1.0)).wait == 0.0


def test_a_permit_is_not_taken_long_ahead(store: SteeredStore, tenant: str) -> None:
    permits = Permits(store, tenant, None)
    numbers = [take(permits, (1, 4.0)).number for _ in range(5)]
    assert numbers == [1, 2, 3, None, None] and row_of(store, tenant)["number"] == 3


def test_another_run_that_takes_permits_is_told(store: SteeredStore, tenant: str) -> None:
    first, second = Permits(store, tenant, 1), Permits(store, tenant, 2)
    assert [take(first, (5, 1.0)).reason for _ in range(3)] == ["rate"] * 3
    take(second, (5, 1.0))
    assert take(second, (5, 1.0)).reason == "shared" and take(first, (5, 1.0)).reason == "shared"
    store.moment += 6.0
    take(first, (5, 1.0))
    assert take(first, (5, 1.0)).reason == "rate"


def test_old_permits_are_forgotten_and_those_a_limit_looks_back_at_are_not(store: SteeredStore, tenant: str) -> None:
    permits = Permits(store, tenant, None)
    take(permits, (100, 1.0), (1000, 10.0))
    store.execute(
        "INSERT INTO permits SELECT %s, n, %s + n * 0.5, %s + n * 0.5 FROM generate_series(2, 5119) AS n", tenant, FIRST, FIRST
    )
    store.execute("UPDATE pace SET number = 5119, at = %s WHERE tenant = %s", FIRST + 2560, tenant)
    store.moment += 2560
    oldest = "SELECT min(number) FROM permits WHERE tenant = %s"
    take(permits, (100, 1.0), (1000, 10.0))
    assert store.execute(oldest, tenant) == [(1025,)]
    store.execute("UPDATE pace SET number = 5375, span = 86400, most = 86400 WHERE tenant = %s", tenant)
    take(permits, (100, 1.0), (1000, 10.0))
    assert store.execute(oldest, tenant) == [(1025,)]
    store.execute("UPDATE pace SET number = 5631, most = 3000 WHERE tenant = %s", tenant)
    take(permits, (100, 1.0), (1000, 10.0))
    assert store.execute(oldest, tenant) == [(5632 - 3000 - 1024 + 1,)]


def test_a_permit_that_falls_into_other_hours_is_asked_for_again(store: SteeredStore, tenant: str) -> None:
    permits = Permits(store, tenant, None)
    ends = FIRST + 0.5
    assert [take(permits, (5, 1.0), until=ends).number for _ in range(4)] == [1, 2, 3, None]
    granted = take(permits, (50, 1.0), earliest=ends)
    assert granted.number == 4 and granted.clock + granted.wait == ends


def test_a_permit_counts_from_when_it_was_used_once_that_is_told(store: SteeredStore, tenant: str) -> None:
    permits = Permits(store, tenant, None)
    for _ in range(2):
        take(permits, (2, 1.0), late=0.1)
    store.moment += 0.6
    with_uses = take(permits, (2, 1.0), late=0.1, used=[(1, 0.02), (2, 0.5)])
    assert with_uses.clock + with_uses.wait == near(FIRST + 1.02)
    store.moment = FIRST + 1.1
    without_uses = take(permits, (2, 1.0), late=0.1)
    assert without_uses.clock + without_uses.wait == near(FIRST + 1.6)


# --- a permit that is kept


def test_a_permit_is_kept_for_as_long_as_it_is_good_and_asking_writes_nothing(store: SteeredStore, tenant: str) -> None:
    permits = Permits(store, tenant, None)
    take(permits, (1, 1.0))
    first = take(permits, (1, 1.0))
    before = row_of(store, tenant)
    store.moment += first.wait
    kept = take(permits, (1, 1.0), kept=first.number)
    assert (kept.number, kept.good_for) == (first.number, near(LATE)) and abs(kept.wait) < ROUNDING
    assert row_of(store, tenant) == before


def test_a_permit_that_is_late_is_used_later_and_moves_those_on_that_share_a_window_with_it(
    store: SteeredStore, tenant: str
) -> None:
    permits = Permits(store, tenant, None)
    planned = [take(permits, (3, 1.0)) for _ in range(7)]
    store.moment += 0.3
    late = take(permits, (3, 1.0), kept=1)
    assert (late.number, late.good_for) == (1, LATE) and late.wait < 0
    now = [take(permits, (3, 1.0), kept=number) for number in range(2, 8)]
    at = [granted.clock + granted.wait - FIRST for granted in now]
    before = [granted.clock + granted.wait - FIRST for granted in planned[1:]]
    moved = 0.3 + LATE + 1.0 - before[2]
    assert at == near([*before[:2], *(moment + moved for moment in before[2:])])
    following = take(permits, (3, 1.0))
    assert following.clock + following.wait - FIRST == near(at[3] + LATE + 1.0)


def test_a_permit_that_is_overdue_by_more_than_half_a_window_is_lost(store: SteeredStore, tenant: str) -> None:
    permits = Permits(store, tenant, None)
    take(permits, (3, 1.0))
    store.moment += 0.6
    assert take(permits, (3, 1.0), kept=1).number == 2


def test_a_use_that_was_late_counts_from_then(store: SteeredStore, tenant: str) -> None:
    permits = Permits(store, tenant, None)
    take(permits, (2, 1.0))
    store.moment += 7.0
    permits.used_late(1, [2], [1.0])
    used_at = moments(permits, 3, (2, 1.0), store=store)
    assert_kept([FIRST + 7.0, *used_at], (2, 1.0))
    assert used_at[1] == near(FIRST + 8.0)


# --- the fence


def leased(store: SteeredStore, tenant: str) -> Lease:
    run = add_run(store, tenant, [1, 2])
    leases = Leases(store, clock=lambda: store.moment)
    leases.cut(run, tenant, tenant, leases.spans(run, 10, maybe_applied=True))
    lease = leases.claim("w", [tenant], 15.0)
    assert lease is not None
    return lease


@pytest.mark.parametrize("limits", [((5, 1.0),), None])
def test_without_a_lease_there_is_no_permit(
    store: SteeredStore, tenant: str, limits: tuple[tuple[int, float], ...] | None
) -> None:
    lease = leased(store, tenant)
    permits = Permits(store, tenant, lease.run_id, lease)
    asks = asked(*limits) if limits else Asked(None, [], 0, 0.0, LATE)
    granted = permits.take(asks)
    assert granted is not None and granted.lease == 15.0
    store.moment += 14.9
    assert permits.take(asks) is not None
    store.moment += 0.1
    assert permits.take(asks) is None
    leases = Leases(store, clock=lambda: store.moment)
    assert leases.renew(lease, {}, None) == 15.0 and permits.take(asks) is not None
    store.moment += 20.0
    second = leases.claim("other", [tenant], 15.0)
    assert permits.take(asks) is None and Permits(store, tenant, lease.run_id, second).take(asks) is not None
    before = store.execute("SELECT number FROM pace WHERE tenant = %s", tenant)
    leases.drop(lease.run_id)
    assert Permits(store, tenant, lease.run_id, second).take(asks) is None
    assert store.execute("SELECT number FROM pace WHERE tenant = %s", tenant) == before


def test_the_lease_is_looked_at_once_more_where_the_tenants_row_had_to_be_waited_for(store: SteeredStore, tenant: str) -> None:
    """Somebody else has the shard by the time that the row is free."""
    lease = leased(store, tenant)
    permits = Permits(store, tenant, lease.run_id, lease)
    take(permits, (5, 1.0))
    store.execute(
        "CREATE OR REPLACE FUNCTION taken_meanwhile() RETURNS TRIGGER LANGUAGE plpgsql AS $$ BEGIN"
        " UPDATE shards SET epoch = epoch + 1; RETURN NEW; END $$"
    )
    store.execute("CREATE TRIGGER meanwhile AFTER UPDATE ON pace FOR EACH ROW EXECUTE FUNCTION taken_meanwhile()")
    try:
        store.moment -= 2.0  # so that the row is changed right when it is had
        assert permits.take(asked((5, 1.0))) is None
    finally:
        store.execute("DROP TRIGGER meanwhile ON pace")


# --- holds, and slowing down


def test_a_hold_is_for_all_who_wait_already_and_is_never_shortened(store: SteeredStore, tenant: str) -> None:
    first, second = Permits(store, tenant, 1), Permits(store, tenant, 2)
    take(first, (1, 1.0))
    waiting = take(second, (1, 1.0))
    first.hold(60.0)
    second.hold(5.0)
    held = take(second, (1, 1.0), kept=waiting.number)
    assert held.number != waiting.number and held.wait == near(60.0) and held.reason == "held"
    later = take(first, (1, 1.0))
    assert later.wait == near(61.0 + LATE)
    unlimited = first.take(Asked(None, [], 0, 0.0, LATE))
    assert unlimited is not None and unlimited.wait == near(60.0)
    store.moment += 60.0
    assert take(first, (1, 1.0), kept=held.number).number == held.number


def test_a_hold_lasts_for_a_day_at_most(store: SteeredStore, tenant: str) -> None:
    permits = Permits(store, tenant, None)
    permits.hold(1e9)
    assert row_of(store, tenant)["held_until"] == FIRST + 86400


def test_a_pause_counts_once_whoever_hears_of_it_and_the_share_recovers_by_steps(store: SteeredStore, tenant: str) -> None:
    first, second = Permits(store, tenant, 1), Permits(store, tenant, 2)
    assert first.too_fast(0) is None  # the first one for a good while
    assert second.too_fast(0) is None
    first.hold(2.0)
    store.moment += 1.5
    assert second.too_fast(0) is None  # as long as the pause lasts
    store.moment += 1.0
    assert second.too_fast(99) == 0.5 and first.too_fast(0) is None
    assert take(first, (5, 1.0)).share == 0.5
    assert take(first, (5, 1.0)).wait == near(0.2 / 0.5)
    shares = [first.take(asked((5, 1.0)), 50) for _ in range(12)]
    assert [granted.share for granted in shares if granted] == near([0.5, 0.6, 0.6, 0.7, 0.7, 0.8, 0.8, 0.9, 0.9, 1, 1, 1])


def test_the_share_has_an_end(store: SteeredStore, tenant: str) -> None:
    permits = Permits(store, tenant, None)
    lowered = list[float | None]()
    for _ in range(7):
        store.moment += 2.0
        lowered.append(permits.too_fast(0))
    assert lowered == [None, 0.5, 0.25, 0.125, LEAST_SHARE, None, None]


# --- the clock of the database is set


def test_after_the_clock_was_set_back_by_an_hour_a_tenant_goes_on_and_keeps_its_windows(
    store: SteeredStore, tenant: str
) -> None:
    limits = ((5, 1.0), (20, 60.0))
    permits = Permits(store, tenant, None)
    before = moments(permits, 20, *limits, store=store)
    permits.hold(3.0)
    store.moment += 1.0
    set_back_at = store.moment
    store.moment -= HOUR
    after = [moment + HOUR for moment in moments(permits, 20, *limits, store=store)]
    assert_kept([*before, *after], *limits)
    assert after[0] <= set_back_at + 61.0


def test_a_hold_outlives_that_the_clock_is_set_back(store: SteeredStore, tenant: str) -> None:
    permits = Permits(store, tenant, None)
    take(permits, (5, 1.0))
    store.moment -= HOUR
    permits.hold(30.0)
    assert take(permits, (5, 1.0)).wait == near(30.0)


def test_a_permit_that_was_given_before_the_clock_was_set_back_is_good_by_the_new_one(store: SteeredStore, tenant: str) -> None:
    permits = Permits(store, tenant, None)
    take(permits, (1, 1.0))
    second = take(permits, (1, 1.0))
    store.moment -= HOUR
    third = take(permits, (1, 1.0))
    assert take(permits, (1, 1.0), kept=second.number).wait == near(1.0 + LATE)
    assert third.wait == near(2 * (1.0 + LATE))
