"""What workers find in a journal that they share: shards that anybody may take, runs that are over, and each other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from batch_editor.journal.leases import Leases, ShardSpan
from batch_editor.journal.postgres_store import PostgresStore
from batch_editor.journal.server import Server


@pytest.fixture
def store(journal_server: str, tmp_path: Path) -> Iterator[PostgresStore]:
    store = PostgresStore(Server(journal_server, tmp_path))
    try:
        yield store
    finally:
        store.close()


@pytest.fixture
def leases(store: PostgresStore) -> Leases:
    return Leases(store)


def run(store: PostgresStore, number: int, shards: int, *, tenant: str = "acme") -> int:
    """A run that is being sent, of so many shards of one row."""
    store.change(
        "INSERT INTO runs (id, name, state, started, started_offset, base_url, app, source, sheet, digest, headings, settings,"
        " options)"
        " VALUES (?, ?, 'sending', 0, 0, '', '', '', '', '', '[]', '{}', '{}')",
        [(number, f"run-{number}")],
    )
    Leases(store).cut(number, f"run-{number}", tenant, [ShardSpan(row, row, 1) for row in range(1, shards + 1)])
    return number


def test_shards_that_nobody_has_may_be_taken_by_anybody_so_many_of_each_tenant(store: PostgresStore, leases: Leases) -> None:
    run(store, 1, 3)
    run(store, 2, 1, tenant="globex")
    assert [(free.run_id, free.shard, free.tenant) for free in leases.free(2)] == [
        (1, 1, "acme"),
        (1, 2, "acme"),
        (2, 1, "globex"),
    ]
    lease = leases.claim("w", ["acme"], 60)
    assert lease is not None
    assert [(free.run_id, free.shard) for free in leases.free(9)] == [(1, 2), (1, 3), (2, 1)]
    leases.give_back(lease, {})
    assert (1, 1) in [(free.run_id, free.shard) for free in leases.free(9)]
    store.change("UPDATE runs SET stop_asked = TRUE WHERE id = ?", [(1,)])
    assert [free.run_id for free in leases.free(9)] == [2]


def test_a_shard_whose_lease_is_over_may_be_taken(store: PostgresStore, leases: Leases) -> None:
    run(store, 1, 1)
    leases.claim("w", ["acme"], 60)
    assert leases.free(9) == []
    store.change("UPDATE shards SET leased_until = 0, lease = -1e9", [()])  # as if the server had been started long ago
    assert [(free.shard, free.worker) for free in leases.free(9)] == [(1, "w")]


def test_a_run_is_over_once_all_its_shards_are_or_it_was_stopped_and_nobody_has_one(
    store: PostgresStore, leases: Leases
) -> None:
    run(store, 1, 2)
    assert leases.over() == []
    first, second = (leases.claim("w", ["acme"], 60, run_id=1) for _ in range(2))
    assert first
    assert second
    leases.finish(first, {})
    assert leases.over() == []
    store.change("UPDATE runs SET stop_asked = TRUE WHERE id = ?", [(1,)])
    assert leases.over() == []  # somebody has the other one
    leases.give_back(second, {})
    assert leases.over() == [("run-1", "acme")]
    store.change("UPDATE runs SET stop_asked = FALSE WHERE id = ?", [(1,)])
    assert leases.over() == []
    following = leases.claim("w", ["acme"], 60)
    assert following
    leases.finish(following, {})
    assert leases.over() == [("run-1", "acme")]


def test_a_worker_is_seen_with_those_for_whom_it_sends(store: PostgresStore, leases: Leases) -> None:
    leases.note_worker("w1", "host", 7, "1.0", ["acme"])
    leases.note_worker("w2", "host", 8, "1.0")
    leases.note_worker("w1", "host", 7, "1.0", ["acme", "globex"])
    assert {worker.name: [*worker.tenants] for worker in leases.workers()} == {"w1": ["acme", "globex"], "w2": []}
    leases.forget_worker("w1")
    assert [worker.name for worker in leases.workers()] == ["w2"]


def test_a_database_that_was_migrated_meanwhile_is_noticed(store: PostgresStore, leases: Leases) -> None:
    assert leases.is_current()
    store.change("UPDATE journal_version SET version = version + 1", [()])
    assert not leases.is_current()
