"""Machines whose clocks are an hour apart and that share a journal: all of its times are those of the database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
import time_machine
from support import jobs
from support.crm import Crm

from batch_editor import job

pytestmark = pytest.mark.usefixtures("results_as_csv")


def test_all_times_of_a_shared_journal_are_those_of_the_database(tmp_path: Path, journal_server: str) -> None:
    began = datetime.now(UTC)
    with Crm() as crm:
        for number, hours in enumerate((1, -1)):
            folder = tmp_path / f"machine {number}"
            folder.mkdir()
            with time_machine.travel(began + timedelta(hours=hours), tick=True):
                given = jobs.settings(folder, crm.url, journal=journal_server)
                report = job.run(jobs.sheet(folder, [11, 12]), given)
                assert report.exit_code == 0 and report.counts["updated"] == 2
            for row in jobs.results(report.results):
                assert abs(datetime.fromisoformat(row["result_time"]) - began) < timedelta(minutes=5)
    with psycopg.connect(journal_server) as connection:
        moments = connection.execute(
            "SELECT time FROM rows UNION ALL SELECT started FROM runs UNION ALL SELECT finished FROM runs"
        )
        apart = [abs(moment - began.timestamp()) for (moment,) in moments.fetchall()]
        ordered = connection.execute("SELECT time FROM rows ORDER BY run, row").fetchall()
    assert len(apart) == 8 and max(apart) < 300, apart
    assert ordered == sorted(ordered), "what was sent later is later"
