"""A run whose journal is in a database that goes away while it is sent: it waits, says so, and goes on where it was."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from support import jobs, postgres
from support.crm import CONFIRMED, Answer, Call, Crm
from support.proxies import Proxy

from batch_editor import Settings, job
from batch_editor.events import Event, Notice, SendProgress
from batch_editor.journal import postgres_store
from batch_editor.journal.kept_facts import files
from batch_editor.states import WaitReason

pytestmark = pytest.mark.usefixtures("results_as_csv")


@pytest.fixture
def line(journal_server: str) -> Iterator[Proxy]:
    known = psycopg.conninfo.conninfo_to_dict(journal_server)
    with Proxy((str(known["host"]), int(str(known["port"])))) as proxy:
        yield proxy


def settings(folder: Path, url: str, journal_server: str, line: Proxy, **over: object) -> Settings:
    dsn = postgres.dsn_with(journal_server, host="127.0.0.1", port=line.port)
    return jobs.settings(folder, url, journal=dsn, **over)


def test_a_run_waits_for_its_database_and_sends_nothing_twice(
    tmp_path: Path, journal_server: str, line: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_store, "_TELL_AFTER", 0.1)
    monkeypatch.setattr(postgres_store, "_KEEP_AFTER", 0.2)
    rows = list[int]()
    events = list[Event]()
    kept = list[int]()

    def answer(call: Call) -> Answer:
        rows.append(1)
        if len(rows) == 3:
            line.cut()
            threading.Timer(0.8, lambda: (kept.append(len(files(tmp_path / "state"))), line.mend())).start()
        return CONFIRMED

    sheet = jobs.sheet(tmp_path, range(11, 17))
    with Crm(answer) as crm:
        report = job.run(sheet, settings(tmp_path, crm.url, journal_server, line), on_event=events.append)
    assert report.exit_code == 0 and report.counts["updated"] == 6 and len(rows) == 6
    notices = [event.message.key for event in events if isinstance(event, Notice) and "journal" in event.message.key]
    assert notices == ["notice.journal_away", "notice.journal_back"]
    waits = [event.waiting for event in events if isinstance(event, SendProgress)]
    assert WaitReason.JOURNAL in [waiting.reason for waiting in waits if waiting]
    assert kept == [1] and files(tmp_path / "state") == []
