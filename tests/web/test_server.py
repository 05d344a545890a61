"""How the page ends: what is in flight finishes, and a second time it ends at once; nobody who looks on holds it up."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from support import jobs
from support.crm import CONFIRMED, Call, Crm
from support.pages import site_with
from support.servers import Answer

from batch_editor import job
from batch_editor.model import RunState
from batch_editor.web.server import Server
from batch_editor.web.site import Site


class Gate:
    """A CRM that answers once it is let to; ``called`` is set by its first call."""

    def __init__(self) -> None:
        self.called, self.may_answer = threading.Event(), threading.Event()

    def __call__(self, call: Call) -> Answer:
        self.called.set()
        self.may_answer.wait(30)
        return CONFIRMED


@pytest.fixture
def gate() -> Iterator[Gate]:
    gate = Gate()
    yield gate
    gate.may_answer.set()


class Serving:
    """A page in a thread, whose runs go to a CRM."""

    def __init__(self, folder: Path, url: str, clues: int = 5) -> None:
        self.settings = jobs.settings(folder, url, rate={"concurrency": 1})
        self.site: Site = site_with(self.settings)
        self.server = Server(self.site)
        self.ended: list[Any] = []
        self._thread = threading.Thread(target=lambda: self.ended.append(self.server.run(lambda: self.told.set())))
        self.told = threading.Event()
        self._thread.start()
        self.sheet = jobs.sheet(folder, range(11, 11 + clues))

    def send(self) -> str:
        """The name of a run that is on its way."""
        with job.plan(self.sheet, self.settings) as prepared:
            run, digest = prepared.name, prepared.digest()
        threading.Thread(
            target=self.site.drivers.start, args=(run,), kwargs={"confirmed": digest, "settings": self.settings}, daemon=True
        ).start()
        return run

    def join(self) -> list[str]:
        """The runs that stopped, once the page has ended."""
        self._thread.join(30)
        assert not self._thread.is_alive()
        (stopped,) = self.ended
        return list(stopped)


def test_what_is_in_flight_finishes_and_is_written_down(tmp_path: Path, gate: Gate) -> None:
    with Crm(gate) as crm:
        page = Serving(tmp_path, crm.url)
        run = page.send()
        assert gate.called.wait(30)
        page.server.end()
        assert page.told.wait(30)
        assert httpx.get(page.server.url, trust_env=False).status_code == 200  # it tells how far that is
        gate.may_answer.set()
        assert page.join() == [run]
        assert len(crm.calls) == 1
    record = job.get_run(run, page.settings)
    assert record.state is RunState.STOPPED
    assert record.counts is not None and (record.counts["updated"], record.counts["not_sent"]) == (1, 4)


def test_a_run_that_was_all_sent_by_then_is_not_named(tmp_path: Path, gate: Gate) -> None:
    with Crm(gate) as crm:
        page = Serving(tmp_path, crm.url, clues=1)
        page.send()
        assert gate.called.wait(30)
        page.server.end()
        assert page.told.wait(30)
        gate.may_answer.set()
        assert page.join() == []


def test_a_second_time_it_ends_at_once(tmp_path: Path, gate: Gate) -> None:
    with Crm(gate) as crm:
        page = Serving(tmp_path, crm.url)
        run = page.send()
        assert gate.called.wait(30)
        page.server.end()
        page.server.end()
        assert page.join() == [run]  # although the CRM has not answered
        gate.may_answer.set()
    assert job.get_run(run, page.settings).state is RunState.STOPPED


def test_nobody_who_looks_on_holds_it_up(tmp_path: Path, gate: Gate) -> None:
    with Crm(gate) as crm:
        page = Serving(tmp_path, crm.url)
        run = page.send()
        assert gate.called.wait(30)
        with httpx.stream("GET", f"{page.server.url}/runs/{run}/events", trust_env=False, timeout=30) as events:
            assert next(events.iter_lines())
            page.server.end()
            gate.may_answer.set()
            page.join()


def test_what_is_asked_for_is_not_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        page = Serving(tmp_path, "http://127.0.0.1:1")
        for place in ("/?token=s3cr3t", "/nothing?token=s3cr3t", "/runs/s3cr3t"):
            httpx.get(page.server.url + place, trust_env=False)
        page.server.end()
        page.join()
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))]
    assert [line for line in ours if "s3cr3t" in line] == []
