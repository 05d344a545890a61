"""Forgetting runs: in parts that keep nobody waiting, each row once, and nothing of what somebody is still to do."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from support.dispatching import new_run
from support.journals import execute

from batch_editor.journal.journal import Journal
from batch_editor.model import RunState


def tomorrow() -> datetime:
    return datetime.now().astimezone() + timedelta(days=1)


def test_rows_are_forgotten_in_parts_of_which_each_begins_behind_the_last(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is deleted is not gone through once more, however long the run: the time grows with its rows."""
    monkeypatch.setattr(type(journal._store), "deleted_at_once", 10)
    run, other = new_run(journal, range(11, 46)), new_run(journal, [11])
    deleted, change = list[tuple[object, ...]](), journal._store.change

    def noting(sql: str, values: Any) -> None:
        if sql.startswith("DELETE FROM rows"):
            deleted.extend(values)
        change(sql, values)

    monkeypatch.setattr(journal._store, "change", noting)
    run_id = journal._run_id(run)
    journal.discard(run)
    assert deleted == [(run_id, -1, 11), (run_id, 11, 21), (run_id, 21, 31), (run_id, 31, 36)]
    assert [one.name for one in journal.runs()] == [other]
    assert execute(journal.address, "SELECT count(*) FROM rows") == [(1,)]


SHARD = "run, shard, tenant, first, last, rows, cut, done"


@pytest.mark.parametrize("address", ["database"], indirect=True)
@pytest.mark.parametrize("done", [False, True])
def test_a_run_whose_shards_wait_for_a_worker_stays(journal: Journal, done: bool) -> None:
    run = new_run(journal, [11])
    journal.of(run).set_state(RunState.SENDING)
    execute(journal.address, f"INSERT INTO shards ({SHARD}) SELECT id, 1, 't', 2, 2, 1, 0, {done} FROM runs")  # noqa: S608
    journal.of(run).set_state(RunState.FINISHED if done else RunState.SENDING)
    journal.let_go(run)
    assert journal.forgetting.purge(tomorrow()) == done
    shards = execute(journal.address, "SELECT count(*) FROM shards")
    assert shards == [(0,)] if done else [(1,)]


@pytest.mark.parametrize("address", ["database"], indirect=True)
def test_permits_that_count_are_kept_and_those_of_tenants_that_are_gone_are_not(journal: Journal) -> None:
    moment = "extract(epoch FROM clock_timestamp())"
    for tenant, days in (("gone", 3), ("late", 1), ("busy", 0)):
        execute(journal.address, f"INSERT INTO pace (tenant, seen) VALUES (?, {moment} - ? * 86400)", tenant, days)  # noqa: S608
        execute(journal.address, f"INSERT INTO permits VALUES (?, 1, {moment}, {moment})", tenant)  # noqa: S608
    journal.forgetting.purge(tomorrow())
    for table in ("pace", "permits"):
        assert execute(journal.address, f"SELECT tenant FROM {table} ORDER BY 1") == [("busy",), ("late",)]  # noqa: S608
    journal.forgetting.purge(datetime.now().astimezone() - timedelta(days=90))
    assert execute(journal.address, "SELECT count(*) FROM pace") == [(2,)]


def test_what_the_last_of_them_leaves_is_that_of_a_new_journal(journal: Journal) -> None:
    run = new_run(journal, range(11, 20))
    journal.of(run).set_state(RunState.FINISHED)
    journal.let_go(run)
    assert journal.forgetting.purge(tomorrow()) == 1
    for table in ("runs", "rows", "mends", "nights", "files"):
        assert execute(journal.address, f"SELECT count(*) FROM {table}") == [(0,)]  # noqa: S608
    assert not journal.is_driven(run)
