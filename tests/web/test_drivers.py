"""Runs that the page drives: in threads of their own, one for each run, whoever looks or leaves (guide: rules)."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support import jobs
from support.crm import CONFIRMED, Call, Crm
from support.pages import in_a_loop
from support.servers import Answer

from batch_editor import job
from batch_editor.errors import GuardTripped, Refused, UnderWay
from batch_editor.model import RunState
from batch_editor.sandbox import EDIT_PATH, Sandbox
from batch_editor.settings.settings import Settings
from batch_editor.web.drivers import Drivers, Snapshot

pytestmark = pytest.mark.usefixtures("results_as_csv", "hurried_looks")
ROWS = 12


class Gate:
    """Lets so many calls through, and the others once it is opened."""

    def __init__(self, free: int = 0) -> None:
        self.reached = threading.Semaphore(0)
        self.opened = threading.Event()
        self._free = free

    def __call__(self, call: Call) -> Answer:
        if self._free > 0:
            self._free -= 1
            return CONFIRMED
        self.reached.release()
        assert self.opened.wait(20)
        return CONFIRMED


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
def crm(gate: Gate) -> Iterator[Crm]:
    with Crm(gate) as serving:
        yield serving
        gate.opened.set()


@pytest.fixture
def given(tmp_path: Path, crm: Crm) -> Settings:
    return jobs.settings(tmp_path, crm.url)


@pytest.fixture
def drivers(given: Settings, gate: Gate) -> Iterator[Drivers]:
    made = Drivers(lambda: given)
    yield made
    gate.opened.set()
    made.stop_all()


def planned(given: Settings, tmp_path: Path, rows: int = ROWS, **options: Any) -> tuple[str, str]:
    """The name of a run that is planned, and the digest of what it would send."""
    with job.plan(jobs.sheet(tmp_path, range(101, 101 + rows)), given, **options) as prepared:
        return prepared.name, prepared.digest()


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


def ended(drivers: Drivers, run: str) -> Snapshot:
    until(lambda: not drivers.snapshot(run).is_at_work)
    return drivers.snapshot(run)


# --- sending


def test_a_run_is_sent_in_a_thread_of_its_own_and_its_report_is_kept(
    drivers: Drivers, given: Settings, gate: Gate, tmp_path: Path
) -> None:
    run, digest = planned(given, tmp_path)
    assert drivers.snapshot(run).state is RunState.PLANNED
    drivers.start(run, confirmed=digest, settings=given)
    until(lambda: drivers.snapshot(run).is_here)
    shown = drivers.snapshot(run)
    assert shown.state is RunState.SENDING and shown.progress.counts == {"pending": ROWS} and shown.progress.total == ROWS
    gate.opened.set()
    last = ended(drivers, run)
    assert last.state is RunState.FINISHED and last.report and last.report.counts["updated"] == ROWS
    assert last.progress.counts["updated"] == last.progress.done == last.progress.total == ROWS
    assert sum(point.rows * point.width for point in last.progress.points) == ROWS


def test_what_is_wrong_before_the_first_row_is_raised_and_the_run_stays_as_it_was(
    drivers: Drivers, given: Settings, crm: Crm, tmp_path: Path
) -> None:
    run, digest = planned(given, tmp_path)
    with pytest.raises(Refused) as refused:
        drivers.start(run, confirmed="another", settings=given)
    assert refused.value.message.key == "plan.changed"
    guarded = given.model_copy(update={"guards": given.guards.model_copy(update={"max_rows": 1})})
    with pytest.raises(GuardTripped):
        drivers.start(run, confirmed=digest, settings=guarded)
    with pytest.raises(Refused) as refused:
        drivers.start("20200101-000000-0000", confirmed=digest, settings=given)
    assert refused.value.message.key == "run.unknown"
    shown = drivers.snapshot(run)
    assert (shown.state, shown.error, crm.calls) == (RunState.PLANNED, None, [])


def test_a_double_click_is_one_run(drivers: Drivers, given: Settings, crm: Crm, gate: Gate, tmp_path: Path) -> None:
    run, digest = planned(given, tmp_path)
    clicks = [
        threading.Thread(target=drivers.start, args=(run,), kwargs={"confirmed": digest, "settings": given}) for _ in "12"
    ]
    for click in clicks:
        click.start()
    for click in clicks:
        click.join()
    with pytest.raises(UnderWay):
        drivers.start(run, confirmed="another", settings=given)
    with pytest.raises(UnderWay):
        drivers.read(run, settings=given)
    gate.opened.set()
    assert ended(drivers, run).state is RunState.FINISHED
    drivers.start(run, confirmed=digest, settings=given)  # of somebody who was slow: it is sent already
    assert len(crm.calls) == ROWS


def test_a_run_that_another_process_drives_is_under_way(
    drivers: Drivers, given: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("batch_editor.journal.locks._ENDING", 0.02)
    run, digest = planned(given, tmp_path)
    with job.open_journal(given) as journal:
        journal.claim(run)
        with pytest.raises(UnderWay):
            drivers.start(run, confirmed=digest, settings=given)


def test_a_run_stops_and_goes_on(drivers: Drivers, given: Settings, crm: Crm, gate: Gate, tmp_path: Path) -> None:
    run, digest = planned(given, tmp_path)
    drivers.start(run, confirmed=digest, settings=given)
    assert gate.reached.acquire(timeout=20)
    for _ in range(3):  # somebody who is impatient leaves nothing that is in flight
        drivers.stop(run)
    time.sleep(0.7)  # as long as it takes to leave what is in flight
    assert drivers.snapshot(run).is_stopping and drivers.is_here(run)
    gate.opened.set()
    stopped = ended(drivers, run)
    counts = stopped.progress.counts
    assert stopped.state is RunState.STOPPED and counts["updated"] + counts["not_sent"] == ROWS and counts["not_sent"]
    assert stopped.report and stopped.report.halted and stopped.report.halted.key == "halt.asked"
    with job.open_run(run, given) as prepared:
        digest = prepared.digest()
    drivers.resume(run, confirmed=digest, settings=given)
    whole = ended(drivers, run)
    assert whole.state is RunState.FINISHED and len(crm.calls) == ROWS
    with pytest.raises(Refused):
        drivers.stop(run)


def test_all_stop_when_the_server_ends_and_nothing_begins_any_more(
    drivers: Drivers, given: Settings, gate: Gate, tmp_path: Path
) -> None:
    run, digest = planned(given, tmp_path)
    drivers.start(run, confirmed=digest, settings=given)
    assert gate.reached.acquire(timeout=20)
    ending = threading.Thread(target=drivers.stop_all)
    ending.start()
    until(lambda: drivers.snapshot(run).is_stopping)
    assert ending.is_alive()  # it waits for what is in flight
    gate.opened.set()
    ending.join(20)
    shown = drivers.snapshot(run)
    assert shown.state is RunState.STOPPED and "sending" not in shown.progress.counts and shown.report
    with pytest.raises(Refused) as refused:
        drivers.start(run, confirmed=digest, settings=given)
    assert refused.value.message.key == "progress.server_ends"


def test_an_error_of_this_program_is_told_and_kept(
    drivers: Drivers, given: Settings, gate: Gate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate.opened.set()

    def break_down(*_: object, **__: object) -> None:
        raise MemoryError

    run, digest = planned(given, tmp_path)
    monkeypatch.setattr("batch_editor.runs.drive.write_results", break_down)
    drivers.start(run, confirmed=digest, settings=given)
    shown = ended(drivers, run)
    assert shown.error and shown.error.key == "progress.crashed" and shown.error.values == {"kind": "MemoryError"}


# --- reading


def test_clues_are_read_and_what_keeps_that_from_being_done_is_kept(tmp_path: Path) -> None:
    with Sandbox(access_token=jobs.TOKEN, accept_any_clue=True, faults=["read:code=999*3"]) as crm:
        given = jobs.settings(tmp_path, crm.url, halt={"after_rejections": 3}, rate={"concurrency": 1})
        drivers = Drivers(lambda: given)
        run, digest = planned(given, tmp_path, rows=5, only_changed=True)
        drivers.read(run, settings=given)
        until(lambda: drivers.snapshot(run).error is not None)
        shown = drivers.snapshot(run)
        assert shown.state is RunState.PLANNED and shown.error and shown.error.key == "reading.halted"
        drivers.read(run, settings=given)
        until(lambda: not drivers.is_here(run))
        shown = drivers.snapshot(run)
        assert (shown.state, shown.error) == (RunState.PLANNED, None) and not any(
            request.path == EDIT_PATH for request in crm.requests
        )
        with job.open_run(run, given) as prepared:
            assert prepared.digest() != digest


# --- looking


async def _watched(drivers: Drivers, run: str, watchers: int, meanwhile: Callable[[], None]) -> list[list[Snapshot]]:
    seen: list[list[Snapshot]] = [[] for _ in range(watchers)]

    async def look(place: int) -> None:
        async for snapshot in drivers.watch(run):
            seen[place].append(snapshot)

    looking = [asyncio.create_task(look(place)) for place in range(watchers)]
    while not all(seen):
        await asyncio.sleep(0.01)
    assert drivers.watchers(run) == watchers
    meanwhile()
    await asyncio.wait_for(asyncio.gather(*looking), 20)
    return seen


def test_all_who_watch_see_the_same_snapshots_until_the_run_has_ended(
    drivers: Drivers, given: Settings, gate: Gate, tmp_path: Path
) -> None:
    run, digest = planned(given, tmp_path)
    drivers.start(run, confirmed=digest, settings=given)
    first, *others = in_a_loop(_watched(drivers, run, 5, gate.opened.set))
    for other in others:
        assert all(one is another for one, another in zip(first, other, strict=True))
    assert [first[0].state, first[-1].state] == [RunState.SENDING, RunState.FINISHED]
    assert len({snapshot.version for snapshot in first}) == len(first) and drivers.watchers(run) == 0


@pytest.mark.slow
def test_a_run_that_another_process_drives_is_seen_and_can_be_stopped(
    drivers: Drivers, given: Settings, gate: Gate, tmp_path: Path
) -> None:
    run, digest = planned(given, tmp_path)
    with job.open_run(run, given) as prepared:  # another journal, as another process has
        sending = threading.Thread(target=job.send, args=(prepared,), kwargs={"confirmed": digest})
        sending.start()
        assert gate.reached.acquire(timeout=20)
        shown = drivers.snapshot(run)
        assert shown.state is RunState.SENDING and not shown.is_here and shown.progress.total == ROWS

        def stop() -> None:
            drivers.stop(run)
            assert drivers.snapshot(run).is_stopping
            until(lambda: job.get_run(run, given).stop_asked)
            time.sleep(1.2)  # the run looks once a second
            gate.opened.set()

        ((*_, last),) = in_a_loop(_watched(drivers, run, 1, stop))
        sending.join()
    assert last.state is RunState.STOPPED and last.progress.counts["not_sent"]


def test_who_watches_no_run_is_told_so(drivers: Drivers) -> None:
    async def look() -> None:
        async for _ in drivers.watch("20200101-000000-0000"):
            pass

    with pytest.raises(Refused):
        in_a_loop(look())


def test_nobody_who_watches_holds_up_the_end_of_the_server(
    drivers: Drivers, given: Settings, gate: Gate, tmp_path: Path
) -> None:
    run, digest = planned(given, tmp_path)
    drivers.start(run, confirmed=digest, settings=given)

    def end() -> None:
        gate.opened.set()
        drivers.stop_all()

    ((*_, last),) = in_a_loop(_watched(drivers, run, 1, end))
    assert last.state is RunState.STOPPED
