"""A database that is restarted while a run is sent, gently and as by a crash: no row is lost, and none is sent twice."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import jobs, postgres
from support.crm import CONFIRMED, Answer, Call, Crm
from support.postgres import Mode, Postgres

from batch_editor import job
from batch_editor.journal.kept_facts import files

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("results_as_csv")]


@pytest.fixture
def server() -> Iterator[Postgres]:
    """A server of its own, which waits for the disk."""
    if reason := postgres.why_there_is_none():
        pytest.skip(reason)
    with Postgres(is_safe=True) as started:
        postgres.migrated(started.dsn)
        yield started


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_a_restart_in_the_middle_costs_nothing_but_time(tmp_path: Path, server: Postgres, mode: Mode) -> None:
    """Some 8 seconds each."""
    asked = Counter[int]()
    restarts = list[threading.Thread]()
    lock = threading.Lock()

    def answer(call: Call) -> Answer:
        with lock:
            asked[call.clue] += 1
            if asked.total() in (40, 160):
                restarts.append(threading.Thread(target=server.restart, args=(mode,)))
                restarts[-1].start()
        return CONFIRMED

    with Crm(answer) as crm:
        given = jobs.settings(tmp_path, crm.url, journal=server.dsn, rate={"concurrency": 4}, worker={"rows_per_shard": 100})
        report = job.run(jobs.sheet(tmp_path, range(1001, 1301)), given)
    for restart in restarts:
        restart.join()
    assert len(restarts) == 2 and report.exit_code == 0
    assert report.counts["updated"] == 300 and asked == dict.fromkeys(range(1001, 1301), 1)
    assert {row["result_attempts"] for row in jobs.results(report.results)} == {"1"}
    assert files(tmp_path / "state") == []
