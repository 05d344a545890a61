"""The permitted rate over several hosts, with a real database and real threads in a time that the test holds in its hands."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import time
from functools import partial
from itertools import count, pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.paces import World, new_pace
from support.steered import FIRST, SteeredStore, add_run, steered_store

from batch_editor.crm.counting import SKEW
from batch_editor.crm.shared_pace import FRESH, JITTER, SharedPace
from batch_editor.crm.waits import Waits
from batch_editor.errors import DatabaseAway, Halted, LeaseLost
from batch_editor.journal.leases import Lease, Leases
from batch_editor.journal.permits import Permits
from batch_editor.settings.hours import Hours
from batch_editor.settings.limits import Limit
from batch_editor.states import WaitReason

if TYPE_CHECKING:
    from support.postgres import Databases

ROUNDING = 1e-6
FIVE = Limit(5, 1.0)
PATIENCE = 60.0
LEASE = 15.0
_tenants = count(1)


@pytest.fixture(scope="module")
def store(databases: Databases) -> Iterator[SteeredStore]:
    with steered_store(databases) as store:
        yield store


class Tenant:
    """A tenant in a world whose database goes by another clock than its hosts, each of which has one of its own."""

    def __init__(self, store: SteeredStore, limits: Sequence[Limit] = (FIVE,)) -> None:
        self.name = f"tenant-{next(_tenants)}"
        self.world = World()
        self.limits = limits
        self.store = store
        self.stop = threading.Event()
        self.sent = list[float]()
        store.now_there = lambda: FIRST + self.world.now
        store.before = store.behind = lambda: None

    def pace(self, *, ahead: float = 0.0, run: int = 1, lease: Lease | None = None, **more: object) -> SharedPace:
        return SharedPace(
            self.limits,
            permits=Permits(self.store, self.name, lease.run_id if lease else run, lease),
            stop=self.stop,
            patience=PATIENCE,
            clock=self.clock(ahead),
            wait=self.world.wait,
            **more,  # type: ignore[arg-type]
        )

    def clock(self, ahead: float = 0.0) -> Callable[[], float]:
        return lambda: self.world.now + ahead

    def send(self, pace: SharedPace) -> None:
        assert pace.acquire(self.stop) and pace.confirm(self.stop)
        self.sent.append(self.world.now)
        pace.used()

    def lease(self, ahead: float = 0.0) -> tuple[Leases, Lease]:
        leases = Leases(self.store, clock=self.clock(ahead))
        run = add_run(self.store, self.name, [1, 2])
        leases.cut(run, self.name, self.name, leases.spans(run, 10, maybe_applied=True))
        lease = leases.claim("w", [self.name], LEASE)
        assert lease is not None
        return leases, lease

    def assert_kept(self) -> None:
        self.sent.sort()
        for limit in self.limits:
            spans = [later - first for first, later in zip(self.sent, self.sent[limit.count :], strict=False)]
            assert not spans or min(spans) >= limit.window - ROUNDING


def away() -> None:
    raise DatabaseAway("journal.closed", path="x")


# --- the promise


@settings(deadline=None)
@given(
    limits=st.lists(st.builds(Limit, st.integers(1, 7), st.sampled_from([1.0, 3.0])), min_size=1, max_size=3),
    senders=st.integers(1, 5),
    holds=st.booleans(),
    seed=st.integers(0, 1 << 30),
)
def test_no_window_is_crowded_whatever_the_limits_holds_and_hosts_are(
    store: SteeredStore, limits: list[Limit], senders: int, holds: bool, seed: int
) -> None:
    """The hosts' clocks are hours apart, the way to the database takes its time, connections are made, and whoever knows that
    a permit is good may take the jitter to send."""
    tenant, chance = Tenant(store, limits), random.Random(seed)
    world, ends = tenant.world, 1012.0
    held = list[tuple[float, float]]()
    store.before = store.behind = lambda: world.sleep(chance.choice([0.0, 0.0, 0.001, 0.004]))

    def sender(pace: SharedPace) -> Callable[[], None]:
        def send() -> None:
            while world.now < ends:
                assert pace.acquire(tenant.stop)
                world.sleep(chance.choice([0.0, 0.0, 0.005, 0.05, 0.7]))
                assert pace.confirm(tenant.stop)
                confirmed = world.now
                world.sleep(chance.choice([0.0, 0.0, 0.002, JITTER]))
                tenant.sent.append(world.now)
                assert not any(asked < confirmed - FRESH - 0.1 and confirmed < until - ROUNDING for asked, until in held)
                pace.used()
                world.sleep(chance.choice([0.0, 0.0, 0.02, 1.5]))

        return send

    def holder() -> None:
        pace = tenant.pace()
        while world.now < ends:
            world.sleep(chance.uniform(0.5, 6.0))
            pace.hold(seconds := chance.choice([0.05, 0.5, 3.0]))
            held.append((world.now, world.now + seconds - 0.01))

    paces = [tenant.pace(ahead=chance.choice([-3600.0, 0.0, 5000.0])) for _ in range(senders)]
    world.run(*map(sender, paces), *([holder] if holds else []))
    assert len(tenant.sent) >= senders
    tenant.assert_kept()


def test_as_many_go_out_as_from_one_machine_with_its_file(store: SteeredStore) -> None:
    limits = (FIVE, Limit(40, 10.0))
    tenant = Tenant(store, limits)

    def send(pace: SharedPace) -> None:
        while tenant.world.now < 1060.0:
            tenant.send(pace)

    tenant.world.run(*(partial(send, tenant.pace()) for _ in range(3)))
    alone, sent = World(), list[float]()
    pace = new_pace(limits, clock=alone.clock, wait=alone.wait)

    def send_alone() -> None:
        while alone.now < 1060.0:
            assert pace.acquire(tenant.stop)
            sent.append(alone.now)
            pace.used()

    alone.run(send_alone)
    tenant.assert_kept()
    assert len(tenant.sent) >= 0.97 * len(sent)
    steps = [later - first for first, later in pairwise(tenant.sent[:20])]
    assert steps == pytest.approx([(1.0 + JITTER) / 5] * 19, abs=0.001)


# --- the fence


def test_a_host_that_stood_still_for_longer_than_its_lease_sends_nothing_more(store: SteeredStore) -> None:
    tenant = Tenant(store)
    leases, lease = tenant.lease()
    pace = tenant.pace(lease=lease)
    assert pace.acquire(tenant.stop)
    tenant.world.now += 7.0
    assert leases.renew(lease, {}, None) == LEASE
    tenant.send(pace)
    assert pace.acquire(tenant.stop)
    tenant.world.now += LEASE
    with pytest.raises(LeaseLost):
        pace.confirm(tenant.stop)
    assert lease.clock.is_lost
    store.before = away
    with pytest.raises(LeaseLost):  # a database that is away is not asked about that
        pace.acquire(tenant.stop)


def test_nothing_goes_out_by_a_permit_that_is_good_where_the_lease_is_not(store: SteeredStore) -> None:
    """A permit that was asked for right before the end of the lease."""
    tenant = Tenant(store, [Limit(1, 0.4)])
    _, lease = tenant.lease()
    pace = tenant.pace(lease=lease)
    tenant.send(pace)
    tenant.world.now += LEASE - 0.005
    assert pace.acquire(tenant.stop)
    tenant.world.now += 0.006
    with pytest.raises(LeaseLost):
        pace.confirm(tenant.stop)


def test_a_lease_lasts_no_longer_here_than_in_the_database_however_slow_the_way_there_is(store: SteeredStore) -> None:
    tenant = Tenant(store)
    _, lease = tenant.lease(ahead=500.0)
    pace = tenant.pace(ahead=500.0, lease=lease)
    store.before = store.behind = lambda: tenant.world.sleep(0.1)

    def act() -> None:
        while tenant.world.now < 1012.0:
            assert pace.acquire(tenant.stop)
            assert 14.5 < tenant.world.now - 1000.0 + lease.clock.left <= LEASE + ROUNDING

    tenant.world.run(act)


def test_somebody_else_who_has_the_shard_ends_it_here_at_the_next_permit(store: SteeredStore) -> None:
    tenant = Tenant(store)
    leases, lease = tenant.lease()
    pace = tenant.pace(lease=lease)
    tenant.send(pace)
    leases.drop(lease.run_id)
    with pytest.raises(LeaseLost):
        tenant.send(pace)


def test_without_limits_the_lease_and_a_hold_count_all_the_same(store: SteeredStore) -> None:
    tenant = Tenant(store, ())
    leases, lease = tenant.lease()
    pace, other = tenant.pace(lease=lease), tenant.pace()
    for _ in range(20):
        tenant.send(pace)
    assert tenant.sent == [1000.0] * 20 and pace.too_fast() is None
    other.hold(4.0)
    tenant.world.run(lambda: tenant.send(pace))
    assert tenant.world.now == pytest.approx(1004.0)
    leases.drop(lease.run_id)
    with pytest.raises(LeaseLost):
        tenant.send(pace)


# --- a permit is used in time


def test_a_permit_is_never_used_before_its_moment_by_the_clock_of_the_database(store: SteeredStore) -> None:
    tenant = Tenant(store, [Limit(1, 1.0)])
    pace = tenant.pace(ahead=-7200.0)
    store.before = store.behind = lambda: tenant.world.sleep(0.03)
    tenant.world.run(lambda: [tenant.send(pace) for _ in range(4)])
    moments = [at for (at,) in store.execute("SELECT at FROM permits WHERE tenant = %s ORDER BY number", tenant.name)]
    assert [FIRST + sent >= at for sent, at in zip(tenant.sent, moments[-4:], strict=True)] == [True] * 4
    tenant.assert_kept()


def test_a_permit_that_became_overdue_while_a_connection_was_made_is_used_later_and_others_move_on(
    store: SteeredStore,
) -> None:
    tenant = Tenant(store)
    pace, other = tenant.pace(), tenant.pace()

    def connect_first() -> None:
        assert pace.acquire(tenant.stop)
        tenant.world.sleep(0.3)
        assert pace.confirm(tenant.stop)
        tenant.sent.append(tenant.world.now)

    tenant.world.run(connect_first, lambda: [tenant.send(other) for _ in range(7)])
    tenant.assert_kept()
    assert store.execute("SELECT count(*) FROM permits WHERE tenant = %s", tenant.name) == [(8,)]


def test_a_use_that_was_late_counts_from_then_also_without_a_lease(store: SteeredStore) -> None:
    tenant = Tenant(store, [Limit(2, 1.0)])
    leases, lease = tenant.lease()
    frozen, other = tenant.pace(lease=lease), tenant.pace()
    assert frozen.acquire(tenant.stop) and frozen.confirm(tenant.stop)
    tenant.world.now += 20.0
    leases.drop(lease.run_id)
    tenant.sent.append(tenant.world.now)
    frozen.used()
    tenant.world.run(lambda: [tenant.send(other) for _ in range(5)])
    tenant.assert_kept()


# --- pauses, and slowing down


def test_a_pause_of_one_host_reaches_all_that_wait_already(store: SteeredStore) -> None:
    tenant = Tenant(store, [Limit(1, 2.0)])
    first, second = tenant.pace(), tenant.pace(ahead=3600.0)

    def pause() -> None:
        tenant.world.sleep(1.0)
        first.hold(9.0)

    tenant.world.run(lambda: [tenant.send(second) for _ in range(2)], pause)
    assert tenant.sent == [1000.0, pytest.approx(1010.0)]


def test_a_pause_holds_at_once_whoever_of_this_host_has_a_permit(store: SteeredStore) -> None:
    tenant = Tenant(store)
    pace = tenant.pace()
    store.before = lambda: tenant.world.sleep(0.001)

    def act() -> None:
        assert pace.acquire(tenant.stop)
        pace.hold(5.0)
        assert pace.confirm(tenant.stop)

    tenant.world.run(act)
    assert tenant.world.now == pytest.approx(1005.0, abs=0.01)


def test_confirmed_edits_are_told_with_the_next_permit_and_the_share_is_that_of_all(store: SteeredStore) -> None:
    tenant = Tenant(store)
    first, second = tenant.pace(), tenant.pace()
    assert first.too_fast() is None
    tenant.world.now += 2.0
    assert second.too_fast() == 0.5 and second.share == second.lowest == 0.5
    tenant.world.run(lambda: tenant.send(first))
    assert (first.share, first.lowest) == (0.5, 0.5)
    asked_before = store.asked
    for _ in range(100):
        first.went_well()
    assert store.asked == asked_before
    tenant.world.run(lambda: tenant.send(first), lambda: (tenant.world.sleep(3.0), tenant.send(second)))
    assert (second.share, second.lowest) == (pytest.approx(0.6), 0.5)


# --- why, and for how long


def reasons(tenant: Tenant, pace: SharedPace, waits: Waits) -> list[WaitReason]:
    seen = list[WaitReason]()

    def watch() -> None:
        for _ in range(8):
            tenant.world.sleep(1.3)
            if waiting := waits.now():
                seen.append(waiting.reason)

    tenant.world.run(lambda: [tenant.send(pace) for _ in range(3)], watch)
    return seen


def test_it_is_told_why_nothing_goes_out(store: SteeredStore) -> None:
    for reason, prepare in {
        WaitReason.RATE: lambda tenant: None,
        WaitReason.TOO_FAST: lambda tenant: tenant.pace().hold(20.0),
        WaitReason.RATE_SHARED: lambda tenant: tenant.send(tenant.pace(run=2)),
    }.items():
        tenant = Tenant(store, [Limit(1, 4.0)])
        waits = Waits(tenant.clock())
        pace = tenant.pace(waits=waits)
        prepare(tenant)
        seen = reasons(tenant, pace, waits)
        assert seen and seen[0] is reason


def test_a_long_window_that_is_full_is_told_once_in_a_while(store: SteeredStore) -> None:
    tenant, waits_told = Tenant(store, [Limit(5, 1.0), Limit(6, 200.0)]), list[float]()
    waits = Waits(tenant.clock())
    pace = tenant.pace(on_wait=waits_told.append, waits=waits)
    seen = list[WaitReason | None]()
    tenant.world.run(
        lambda: [tenant.send(pace) for _ in range(7)],
        lambda: (tenant.world.sleep(50.0), seen.append(getattr(waits.now(), "reason", None))),
    )
    tenant.assert_kept()
    assert seen == [WaitReason.RATE_FULL] and waits_told == [pytest.approx(199.0, abs=7.0)]


def test_limits_with_hours_count_by_the_clock_of_the_database(store: SteeredStore) -> None:
    zone = ZoneInfo("Asia/Shanghai")  # where it is 11:50 at first
    noon = (
        1000.0
        + next(begins for begins, _ in Hours(time(12), time(13), zone).around(FIRST + 1000.0) if begins > FIRST + 1000)
        - (FIRST + 1000.0)
    )
    limits = [Limit(1, 10.0, Hours(time(12), time(13), zone)), Limit(10, 1.0, Hours(time(13), time(12), zone))]
    tenant = Tenant(store, limits)
    pace = tenant.pace(ahead=-80000.0)
    pace.take_up()
    tenant.world.now = noon - 30.0

    def send() -> None:
        while tenant.world.now < noon + 60.0:
            tenant.send(pace)

    tenant.world.run(send)
    by_night = [sent for sent in tenant.sent if sent < noon - 10.0 - SKEW - 1.0]
    by_day = [sent for sent in tenant.sent if sent > noon - 10.0]
    assert len(by_night) > 100 and all(later - first >= 10.0 for first, later in pairwise(by_day)) and len(by_day) >= 5


# --- the database is away


def test_a_database_that_is_away_is_waited_for(store: SteeredStore) -> None:
    tenant = Tenant(store)
    pace, back = tenant.pace(), 1030.0
    tries = list[float]()

    def away_until_then() -> None:
        tries.append(tenant.world.now)
        if tenant.world.now < back:
            away()

    store.before = away_until_then
    tenant.world.run(lambda: tenant.send(pace))
    assert back <= tenant.sent[0] <= back + 5.0 and len(tries) < 15
    back = 1e9
    with pytest.raises(Halted):
        tenant.world.run(lambda: tenant.send(pace))
    assert tenant.world.now - tenant.sent[0] == pytest.approx(PATIENCE, abs=6.0)


def test_nobody_waits_any_longer_once_the_run_is_to_stop(store: SteeredStore) -> None:
    tenant = Tenant(store, [Limit(1, 5.0)])
    pace = tenant.pace()
    ended = list[bool]()
    tenant.world.run(
        lambda: (tenant.send(pace), ended.append(pace.acquire(tenant.stop))),
        lambda: (tenant.world.sleep(1.0), tenant.stop.set()),
    )
    assert ended == [False]
    tenant.stop.clear()

    def away_at_the_end() -> None:
        tenant.stop.set()
        away()

    store.before = away_at_the_end
    tenant.world.run(lambda: ended.append(pace.acquire(tenant.stop)))
    store.before = lambda: None
    tenant.stop.clear()
    pace.close()
    assert ended == [False, False] and not pace.acquire(tenant.stop)
