"""The page where several machines share the journal: any of them shows, stops and undoes what was handed in on another one."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from support import jobs
from support.page_runs import CLUE, CLUES, RunsOnPage
from support.pages import PageServer, site_with

from batch_editor import job
from batch_editor.sandbox import Sandbox
from batch_editor.web.site import Site

SHEET = "clue_id,remark\n" + "".join(f"{CLUE + number},new {number}\n" for number in range(6))


@dataclass
class Machine(RunsOnPage):
    """The page of a machine, and what is behind it."""

    site: Site

    def is_at_work(self, run: str) -> bool:
        return self.site.drivers.snapshot(run).is_at_work


@pytest.fixture
def machines(tmp_path: Path, journal_server: str) -> Iterator[tuple[Machine, Machine]]:
    """The pages of two machines with one journal."""
    with ExitStack() as stack:
        crm = stack.enter_context(Sandbox(CLUES, access_token=jobs.TOKEN))
        pages = []
        for name in ("one", "two"):
            folder = tmp_path / name
            folder.mkdir()
            given = jobs.settings(folder, crm.url, journal=journal_server, prove=False, worker={"rows_per_shard": 2})
            site = site_with(given)
            server = stack.enter_context(PageServer(site))
            pages.append(Machine(stack.enter_context(server.client()), crm, given, folder, server, site))
        yield pages[0], pages[1]


def until(what: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not what():
        assert time.monotonic() < end
        time.sleep(0.05)


def sent(page: Machine, run: str) -> None:
    """Reads what a review shows, and sends it."""
    (digest,) = {*re.findall(r'name="digest" value="(\w+)"', page.get(f"/runs/{run}/review"))}
    assert page.submit(f"/runs/{run}/send", {"digest": digest}) == f"/runs/{run}/progress"
    until(lambda: not page.is_at_work(run))


def test_a_sheet_goes_its_whole_way_and_another_machine_shows_and_undoes_it(machines: tuple[Machine, Machine]) -> None:
    here, there = machines
    address = here.client.submit("/sheets", files={"file": ("客户.csv", SHEET.encode())}).headers["location"]
    reading = here.client.submit(f"{address}/plan", {}).headers["location"]
    until(lambda: here.client.get(reading).status_code == 303)
    run = here.client.get(reading).headers["location"].split("/")[2]
    assert "客户.csv" in there.texts("/history") and "new 0" in there.texts(f"/runs/{run}/review")
    here.submit(f"/runs/{run}/read")
    until(lambda: not here.is_at_work(run))
    sent(here, run)
    assert [here.crm.clue(CLUE + number)["remark"] for number in range(6)] == [f"new {number}" for number in range(6)]
    assert "客户.csv" in there.texts("/history") and "Updated" in there.texts(f"/runs/{run}/results").title()
    assert there.client.get(f"/runs/{run}/results.xlsx").status_code == 200
    undo = there.submit(f"/runs/{run}/undo", {"do": "all"}).split("/")[2]
    sent(there, undo)
    assert [here.crm.clue(CLUE + number)["remark"] for number in range(6)] == [f"old {number}" for number in range(6)]


def test_a_run_that_was_left_to_the_workers_is_shown_and_stopped_by_any_page(machines: tuple[Machine, Machine]) -> None:
    here, there = machines
    report = job.run(jobs.text_file(here.folder / "a.csv", SHEET), here.settings, detach=True)
    assert report.detached
    text = there.texts(f"/runs/{report.run}/progress")
    assert "0 of 6 rows done; 0 of 3 shards ended" in text and "none was seen within the last minute" in text
    assert there.submit(f"/runs/{report.run}/stop") == f"/runs/{report.run}/progress"
    assert not here.is_at_work(str(report.run))
    assert "Stopped before the end" in there.texts(f"/runs/{report.run}/progress")
