"""Leases of shards in PostgreSQL: how a run is cut, who gets which shard, until when, and what a lost lease is worth."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import TYPE_CHECKING

import pytest
from support.steered import FIRST, SteeredStore, add_run, steered_store

from batch_editor.errors import UnderWay
from batch_editor.journal.leases import Lease, Leases
from batch_editor.model import HaltReason, Message, Stoppage

if TYPE_CHECKING:
    from support.postgres import Databases

LEASE = 15.0
HOUR = 3600.0
_names = count(1)


@pytest.fixture(scope="module")
def store(databases: Databases) -> Iterator[SteeredStore]:
    with steered_store(databases) as store:
        yield store


@pytest.fixture(autouse=True)
def _from_the_start(store: SteeredStore) -> None:
    store.moment = FIRST
    store.execute("DELETE FROM runs")
    store.execute("DELETE FROM rows")


@pytest.fixture
def leases(store: SteeredStore) -> Leases:
    return Leases(store, clock=lambda: store.moment)


def cut(store: SteeredStore, leases: Leases, tenant: str, clues: list[int], size: int = 1, most: int | None = None) -> int:
    name = f"run-{next(_names)}"
    run = add_run(store, name, clues)
    leases.cut(run, name, tenant, leases.spans(run, size, maybe_applied=True, most=most), most=most)
    return run


def claimed(leases: Leases, *tenants: str, worker: str = "w", run_id: int | None = None) -> Lease:
    lease = leases.claim(worker, tenants, LEASE, run_id=run_id)
    assert lease is not None
    return lease


# --- cutting


def rows_of_parts(store: SteeredStore, leases: Leases, run: int) -> dict[int, list[int]]:
    sql = "SELECT row FROM rows WHERE run = %s AND ((row BETWEEN %s AND %s AND shard IS NULL) OR shard = %s) ORDER BY row"
    parts = [state.part for state in leases.progress(run)]
    return {part.shard: [row for (row,) in store.execute(sql, run, part.first, part.last, part.shard)] for part in parts}


@pytest.mark.parametrize("size", [1, 3, 10, 100])
def test_every_row_is_of_one_shard_and_all_rows_of_a_clue_are_of_the_same(
    store: SteeredStore, leases: Leases, size: int
) -> None:
    chance = random.Random(size)
    clues = [chance.randrange(1000, 1040) if chance.random() < 0.3 else 5000 + number for number in range(60)]
    run = cut(store, leases, "a", clues, size)
    parts = rows_of_parts(store, leases, run)
    assert sorted(row for rows in parts.values() for row in rows) == [*range(2, 62)]
    shards_of = {clue: {shard for shard, rows in parts.items() for row in rows if clues[row - 2] == clue} for clue in clues}
    assert all(len(shards) == 1 for shards in shards_of.values())
    first = {clue: min(row for row in range(2, 62) if clues[row - 2] == clue) for clue in clues}
    spans = {state.part.shard: state.part for state in leases.progress(run)}
    assert all(spans[shard].first <= first[clue] <= spans[shard].last for clue, (shard,) in shards_of.items())
    assert sum(state.rows for state in leases.progress(run)) == 60


def test_rows_are_written_only_where_a_clue_stands_in_several_shards(store: SteeredStore, leases: Leases) -> None:
    run = cut(store, leases, "a", [1, 2, 1, 3, 4, 2, 5, 6], 2)
    assert store.execute("SELECT row, shard FROM rows WHERE run = %s AND shard IS NOT NULL ORDER BY row", run) == [
        (4, 1),
        (7, 1),
    ]
    leases.cut(run, "again", "a", leases.spans(run, 100, maybe_applied=True))
    assert store.execute("SELECT count(*) FROM rows WHERE run = %s AND shard IS NOT NULL", run) == [(0,)]


def test_a_row_that_is_split_off_behind_the_last_one_is_of_a_shard_and_rows_that_have_an_end_are_of_none_to_come(
    store: SteeredStore, leases: Leases
) -> None:
    name = f"run-{next(_names)}"
    run = add_run(store, name, [1, 2, 3, 4, 5])
    store.execute("UPDATE rows SET status = 'updated' WHERE run = %s AND row IN (2, 4)", run)
    spans = leases.spans(run, 2, maybe_applied=True)
    assert [(span.first, span.rows) for span in spans] == [(0, 2), (6, 1)]
    leases.cut(run, name, "a", spans)
    store.execute(
        "INSERT INTO rows (run, row, status, clue, cells, fields, cleared) VALUES (%s, 7, 'pending', 5, '[]', '', '')", run
    )
    assert rows_of_parts(store, leases, run) == {1: [2, 3, 4, 5], 2: [6, 7]}


def test_a_run_with_a_limit_is_one_shard(store: SteeredStore, leases: Leases) -> None:
    run = cut(store, leases, "a", [1, 2, 3, 4], 1, most=2)
    assert [(state.part.most, state.rows) for state in leases.progress(run)] == [(2, 4)]
    assert claimed(leases, "a").part.most == 2


def test_a_run_is_not_cut_anew_while_a_worker_has_a_shard_of_it(store: SteeredStore, leases: Leases) -> None:
    run = cut(store, leases, "a", [1, 2])
    lease = claimed(leases, "a")
    with pytest.raises(UnderWay):
        leases.cut(run, "x", "a", leases.spans(run, 1, maybe_applied=True))
    assert leases.is_at_work(run) and leases.renew(lease, {}, None) == LEASE


# --- claiming


def test_the_tenant_with_the_fewest_shards_at_work_comes_first_then_the_run_then_the_oldest(
    store: SteeredStore, leases: Leases
) -> None:
    old, new = cut(store, leases, "a", [1, 2, 3, 4]), cut(store, leases, "a", [1, 2])
    other = cut(store, leases, "b", [1, 2])
    order = [claimed(leases, "a", "b") for _ in range(8)]
    assert [(lease.run_id, lease.part.shard) for lease in order] == [
        *[(old, 1), (other, 1), (new, 1), (other, 2), (old, 2), (new, 2), (old, 3), (old, 4)]
    ]
    assert leases.claim("w", ["a", "b"], LEASE) is None


def test_only_shards_of_the_given_tenants_and_of_the_given_run_are_taken(store: SteeredStore, leases: Leases) -> None:
    first, second = cut(store, leases, "a", [1]), cut(store, leases, "b", [1, 2])
    assert leases.claim("w", ["c"], LEASE) is None and leases.claim("w", [], LEASE) is None
    assert leases.claim("w", ["a"], LEASE, run_id=second) is None
    assert claimed(leases, "b", "a", run_id=second).run_id == second
    assert claimed(leases, "a").run_id == first and leases.claim("w", ["a"], LEASE) is None


def test_no_shard_is_taken_of_a_run_that_is_to_stop_nor_by_a_program_of_another_version(
    store: SteeredStore, leases: Leases
) -> None:
    run = cut(store, leases, "a", [1])
    store.execute("UPDATE runs SET stop_asked = TRUE WHERE id = %s", run)
    assert leases.claim("w", ["a"], LEASE) is None and leases.has_more(run)
    store.execute("UPDATE runs SET stop_asked = FALSE WHERE id = %s", run)
    store.execute("UPDATE journal_version SET version = version + 1")
    assert leases.claim("w", ["a"], LEASE) is None
    store.execute("UPDATE journal_version SET version = version - 1")
    assert leases.claim("w", ["a"], LEASE) is not None


def test_twenty_who_claim_at_once_get_a_shard_each_and_every_tenant_its_share(
    store: SteeredStore, leases: Leases, databases: Databases
) -> None:
    for tenant in ("a", "b", "c", "d"):
        cut(store, leases, tenant, [*range(10)])
    stores = [SteeredStore(store._server.dsn) for _ in range(20)]
    try:
        with ThreadPoolExecutor(20) as pool:
            taken = [*pool.map(lambda one: Leases(one).claim("w", ["a", "b", "c", "d"], LEASE), stores)]
    finally:
        for one in stores:
            one.close()
    assert len({(lease.run_id, lease.shard) for lease in taken if lease}) == 20
    assert Counter(lease.tenant for lease in taken if lease) == dict.fromkeys("abcd", 5)


# --- how long it lasts


def test_a_lease_that_is_over_is_taken_by_somebody_else_and_worth_nothing_then(store: SteeredStore, leases: Leases) -> None:
    run = cut(store, leases, "a", [1])
    first = claimed(leases, "a", worker="first")
    assert (first.is_again, first.former, first.clock.left) == (False, None, LEASE)
    store.moment += LEASE - 1
    assert leases.claim("second", ["a"], LEASE) is None and not leases.free(10)
    store.moment += 1
    assert first.clock.is_over and [stalled.worker for stalled in leases.free(10)] == ["first"]
    second = claimed(leases, "a", worker="second")
    assert (second.is_again, second.former, second.run_id) == (True, "first", run) and second.epoch > first.epoch
    assert leases.renew(first, {"updated": 1}, None) is None and first.clock.is_lost
    assert not leases.finish(first, {}) and not leases.give_back(first, {})
    (state,) = leases.progress(run)
    assert (state.worker, state.is_live, state.is_done, state.counts) == ("second", True, False, {})


def test_a_lease_that_is_renewed_goes_on_and_tells_how_far_it_is(store: SteeredStore, leases: Leases) -> None:
    run = cut(store, leases, "a", [1, 2])
    lease = claimed(leases, "a")
    for _ in range(10):
        store.moment += 10
        assert leases.renew(lease, {"updated": 7}, {"reason": "rate"}) == LEASE
    states = leases.progress(run)
    assert [(state.is_live, state.counts, state.waiting) for state in states] == [
        *[(True, {"updated": 7}, {"reason": "rate"}), (False, {}, None)]
    ]
    stoppage = Stoppage(HaltReason.TOKEN, Message("halt.asked"))
    assert leases.finish(lease, {"updated": 9}, stoppage) and lease.clock.is_over
    assert leases.finish(lease, {"updated": 9}, stoppage)  # the answer may have been lost
    assert leases.progress(run)[0].stoppage == stoppage and leases.progress(run)[0].is_done
    assert leases.has_more(run) and not leases.is_at_work(run)
    leases.drop(run)
    assert not leases.has_more(run) and leases.progress(run) == []


def test_what_is_given_back_can_be_taken_at_once_and_has_no_former_worker(store: SteeredStore, leases: Leases) -> None:
    cut(store, leases, "a", [1])
    first = claimed(leases, "a", worker="first")
    assert leases.give_back(first, {"updated": 1})
    assert [stalled.worker for stalled in leases.free(10)] == [None]
    second = claimed(leases, "a", worker="second")
    assert (second.is_again, second.former) == (True, None) and second.epoch > first.epoch


def test_a_lease_of_before_a_run_was_cut_anew_is_worth_nothing_however_often_its_shard_was_taken(
    store: SteeredStore, leases: Leases
) -> None:
    run = cut(store, leases, "a", [1, 2])
    former = claimed(leases, "a", worker="frozen")
    store.moment += LEASE
    leases.cut(run, "run", "a", leases.spans(run, 1, maybe_applied=True))
    latter = claimed(leases, "a", worker="second")
    assert (latter.run_id, latter.shard, latter.is_again) == (former.run_id, former.shard, False)
    assert leases.renew(former, {}, None) is None and not leases.finish(former, {})
    assert leases.renew(latter, {}, None) == LEASE


def test_after_a_restart_of_the_database_a_lease_lasts_for_once_its_length(store: SteeredStore, leases: Leases) -> None:
    ((start,),) = store.execute("SELECT extract(epoch FROM pg_postmaster_start_time())::FLOAT8")
    store.moment = start - HOUR
    cut(store, leases, "a", [1])
    lease = claimed(leases, "a")
    store.moment = start + LEASE - 1
    assert leases.claim("w", ["a"], LEASE) is None and leases.renew(lease, {}, None) == LEASE
    store.moment = start + 3 * LEASE
    assert claimed(leases, "a").is_again


def test_a_lease_does_not_last_for_an_hour_since_the_clock_of_the_database_is_set_back_by_one(
    store: SteeredStore, leases: Leases
) -> None:
    cut(store, leases, "a", [1])
    claimed(leases, "a", worker="first")
    store.moment -= HOUR
    assert leases.claim("second", ["a"], LEASE) is None
    store.moment += LEASE
    assert claimed(leases, "a", worker="second").former == "first"


# --- workers


def test_a_worker_exists_as_long_as_it_holds_its_lock(store: SteeredStore, leases: Leases) -> None:
    key = "hashtextextended(current_schema() || ' worker ' || 'w-1', 0)"
    assert not leases.is_alive("w-1")
    store.execute(f"SELECT pg_advisory_lock({key})")
    assert leases.is_alive("w-1") and not leases.is_alive("w-2")
    store.execute(f"SELECT pg_advisory_unlock({key})")
    assert not leases.is_alive("w-1")


def test_a_worker_that_was_seen_before_a_restart_of_the_database_has_a_minute_to_come_back(
    store: SteeredStore, leases: Leases
) -> None:
    ((start,),) = store.execute("SELECT extract(epoch FROM pg_postmaster_start_time())::FLOAT8")
    store.execute("INSERT INTO workers (name, host, pid, version, seen) VALUES ('w-3', 'h', 1, '1', %s)", start - 5)
    for seconds, is_alive in ((59.0, True), (61.0, False)):
        store.moment = start + seconds
        leases.note_worker("w-3", "h", 1, "1")  # by a connection that is there again before that of its lock
        assert leases.is_alive("w-3") is is_alive
    store.execute("SELECT pg_advisory_lock(hashtextextended(current_schema() || ' worker ' || 'w-3', 0))")
    leases.note_worker("w-3", "h", 1, "1")
    assert leases.is_alive("w-3") and leases.workers()[0].ago == 0
