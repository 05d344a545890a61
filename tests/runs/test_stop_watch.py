"""A stop that comes from elsewhere: through the journal, from another thread or another process."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from support import jobs
from support.crm import CONFIRMED, Call, Crm, envelope
from support.servers import Answer

import batch_editor
from batch_editor import job, stop_run
from batch_editor.errors import Halted, Refused, SettingsError
from batch_editor.events import ClueProgress, Event, Notice
from batch_editor.messages import say
from batch_editor.model import Message, RunState
from batch_editor.runs import stop_watch
from batch_editor.runs.preview import Preview
from batch_editor.runs.stop_watch import StopWatch
from batch_editor.sandbox import Sandbox
from batch_editor.settings.settings import Settings
from batch_editor.stop import Stop

pytestmark = pytest.mark.usefixtures("results_as_csv")


@pytest.fixture(autouse=True)
def _looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stop_watch, "LOOK_EVERY", 0.01)


def run_name(given: Settings) -> str:
    with job.open_journal(given) as journal:
        return journal.runs()[0].name


def test_it_passes_on_a_stop_once_and_softly() -> None:
    stop, looks = Stop(), iter([False, False, True])
    with StopWatch(lambda: next(looks), stop):
        assert stop.soft.wait(20)
    assert not stop.hard.is_set() and next(looks, None) is None
    stop = Stop()
    stop.ask()
    asked = threading.Event()
    with StopWatch(lambda: not asked.set(), stop):
        assert asked.wait(20)
    assert not stop.hard.is_set()  # whoever is at the run has asked once, and somebody elsewhere does not make it twice


def test_it_ends_with_its_block() -> None:
    before = threading.active_count()
    with StopWatch(lambda: False, Stop()):
        pass
    assert threading.active_count() == before


def test_a_journal_that_cannot_be_read_is_left_to_those_who_send() -> None:
    stop, looked = Stop(), threading.Event()

    def fails() -> bool:
        looked.set()
        raise Halted("journal.closed", path="x")

    with StopWatch(fails, stop):
        assert looked.wait(20)
    assert not stop.soft.is_set()


def test_another_thread_stops_a_run_that_sends(tmp_path: Path) -> None:
    stop = Stop()

    def decide(call: Call) -> Answer:
        if call.clue == 13:
            stop_run(run_name(given), given)
            assert stop.soft.wait(20)
        return CONFIRMED

    with Crm(decide) as crm:
        given = jobs.settings(tmp_path, crm.url, rate={"concurrency": 1})
        report = batch_editor.run(jobs.sheet(tmp_path, range(11, 17)), given, stop=stop)
        assert [call.clue for call in crm.calls] == [11, 12, 13]
        assert (report.exit_code, report.halted) == (3, Message("halt.asked"))
        assert (report.counts["updated"], report.counts["not_sent"]) == (3, 3)
        again = batch_editor.resume(str(report.run), given)  # who goes on with it was not asked to stop
    assert (again.exit_code, again.counts["updated"]) == (0, 6)


def test_another_thread_stops_a_run_in_a_pause(tmp_path: Path) -> None:
    def on_event(event: Event) -> None:
        if isinstance(event, Notice) and event.message.key == "notice.pause":
            stop_run(run_name(given), given)

    with Crm(lambda call: envelope(5, "too fast")) as crm:
        given = jobs.settings(tmp_path, crm.url, api={"rate_codes": [5]}, rate={"pause": 600})
        report = batch_editor.run(jobs.sheet(tmp_path, [11, 12]), given, on_event=on_event)
    assert (report.exit_code, report.halted, report.counts["not_sent"]) == (3, Message("halt.asked"), 2)


@pytest.mark.parametrize("command", ["diff", "run"])
def test_another_thread_stops_the_reading_of_clues(tmp_path: Path, command: str) -> None:
    stop = Stop()

    def on_event(event: Event) -> None:
        if isinstance(event, ClueProgress) and event.done and not stop.soft.is_set():
            stop_run(run_name(given), given)
            assert stop.soft.wait(20)

    clues = [{"clue_id": clue, "remark": "old", "clue_name": "线索"} for clue in range(11, 51)]
    with Sandbox(clues, access_token=jobs.TOKEN, latency=0.02) as crm:
        given = jobs.settings(tmp_path, crm.url, rate={"concurrency": 1})
        sheet = jobs.sheet(tmp_path, range(11, 51))
        with pytest.raises(Refused) as caught:
            if command == "diff":
                batch_editor.diff(sheet, given, on_event=on_event, stop=stop)
            else:
                batch_editor.run(sheet, given, only_changed=True, attended=True, on_event=on_event, stop=stop)
        assert caught.value.message == Message("reading.halted", {"reason": Message("halt.asked")})
        assert 0 < len(crm.requests) < 40


def test_a_stop_that_comes_while_somebody_is_asked_sends_nothing(tmp_path: Path) -> None:
    stop = Stop()

    def confirm(preview: Preview) -> bool:
        stop_run(run_name(given), given)
        return stop.soft.wait(20)

    with Crm() as crm:
        given = jobs.settings(tmp_path, crm.url)
        report = batch_editor.run(jobs.sheet(tmp_path, [11]), given, confirm=confirm, stop=stop)
        assert crm.connections == 0 and report.exit_code == 3


def test_there_must_be_somebody_to_stop(tmp_path: Path) -> None:
    with Crm() as crm:
        given = jobs.settings(tmp_path, crm.url)
        with pytest.raises(SettingsError, match="There is no run"):
            stop_run("nothing", given)
        report = batch_editor.run(jobs.sheet(tmp_path, [11]), given)
        with pytest.raises(Refused) as caught:
            stop_run(str(report.run), given)
    assert say(caught.value.message, "zh") == f"运行 {report.run} 未在进行中，没有可停止的内容。"
    with job.open_journal(given) as journal:
        assert not journal.run(str(report.run)).stop_asked and journal.run(str(report.run)).state is RunState.FINISHED


@pytest.mark.slow
def test_another_process_stops_a_run(tmp_path: Path) -> None:
    inside, stop = threading.Event(), Stop()

    def decide(call: Call) -> Answer:
        if call.clue == 13:
            inside.set()
            assert stop.soft.wait(60)
        return CONFIRMED

    program = (
        "import sys\nfrom pathlib import Path\nsys.path.insert(0, sys.argv[1])\nfrom support import jobs\n"
        "from batch_editor import stop_run\nstop_run(sys.argv[2], jobs.settings(Path(sys.argv[3])))\n"
    )
    with Crm(decide) as crm:
        given = jobs.settings(tmp_path, crm.url, rate={"concurrency": 1})
        reports: list[batch_editor.Report] = []
        running = threading.Thread(
            target=lambda: reports.append(batch_editor.run(jobs.sheet(tmp_path, range(11, 17)), given, stop=stop))
        )
        running.start()
        assert inside.wait(60)
        command = [sys.executable, "-c", program, str(Path(__file__).parent.parent), run_name(given), str(tmp_path)]
        asked = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        running.join(60)
    assert (asked.returncode, asked.stderr) == (0, "")
    assert [report.halted for report in reports] == [Message("halt.asked")] and len(crm.calls) == 3
