"""A CRM that cannot be reached for a while: what the waits outlast, and the rows that are tried once more before a run ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest
from support import jobs, virtual_time
from support.dispatching import CONFIRMED, FakeTime

import batch_editor
from batch_editor import Report
from batch_editor.crm import connection
from batch_editor.messages import say
from batch_editor.model import Edit, Event, Message, Notice, Reply, Sent
from batch_editor.stop import Stop

pytestmark = pytest.mark.usefixtures("results_as_csv")

UNREACHED = Reply(Sent.NO, trouble=Message("net.refused"))
LOST = Reply(Sent.MAYBE, trouble=Message("net.lost"))
#: What five attempts take at least: 0.75 × (1 + 2 + 4 + 8) seconds.
FIVE_ATTEMPTS = 11.25


class Outage:
    """Stands in for the client: ``answer`` says what comes back for a clue at a moment. ``sent`` are the remarks that got
    through, in their order, ``asked`` the clues of all requests."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, answer: Callable[[int, float], Reply]) -> None:
        self.time, self.asked, self.sent = FakeTime(), list[int](), list[str]()
        self._answer = answer
        virtual_time.use(monkeypatch, self.time)
        clocks: dict[str, Any] = {"clock": self.time.clock, "wait": self.time.wait, "jitter": lambda low, high: low}
        monkeypatch.setattr(connection, "Retries", partial(connection.Retries, **clocks))
        monkeypatch.setattr(connection, "Client", lambda *args, **more: self)

    def edit(self, edit: Edit) -> Reply:
        self.asked.append(edit.clue_id)
        reply = self._answer(edit.clue_id, self.time.now - 1000.0)
        if reply is CONFIRMED:
            self.sent.append(edit.body.split('"remark":')[1].split('"')[1])
        return reply

    def info(self, clue_id: int) -> Reply:
        self.asked.append(clue_id)
        reply = self._answer(clue_id, self.time.now - 1000.0)
        record = {"clue_id": clue_id, "remark": "old"}
        return Reply(Sent.YES, status=200, code=0, data=record) if reply is CONFIRMED else reply

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        pass


def until(end: float) -> Callable[[int, float], Reply]:
    """Nothing gets through before ``end``."""
    return lambda clue, now: CONFIRMED if now >= end else UNREACHED


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Callable[..., tuple[Report, list[str]]]]:
    def play(clues: list[int], stop_at: str = "", attempts: int = 5, **options: Any) -> tuple[Report, list[str]]:
        stop, notices = Stop(), list[str]()

        def on_event(event: Event) -> None:
            if isinstance(event, Notice):
                notices.append(say(event.message, "en"))
                if event.message.key == stop_at:
                    stop.ask()

        rate, retry = {"concurrency": 1, "limits": []}, {"attempts": attempts, "max_wait": 60}
        given = jobs.settings(tmp_path, rate=rate, retry=retry | options.pop("retry", {}))
        path = jobs.sheet(tmp_path, clues)
        return batch_editor.run(path, given, on_event=on_event, stop=stop, **options), notices

    yield play


Run = Callable[..., tuple[Report, list[str]]]


def test_an_outage_of_ten_seconds_fails_no_row(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even with the shortest waits that are drawn, and without trying anything once more."""
    Outage(monkeypatch, until(10.0))
    report, notices = run([11, 12, 13])
    assert report.counts["updated"] == 3 and notices == []


def test_what_never_reached_the_crm_is_tried_once_more_before_the_run_ends(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three rows fail one after the other, the last one gets through; rows of their clues follow them in their order."""
    crm = Outage(monkeypatch, until(3 * FIVE_ATTEMPTS + 1))
    report, notices = run([11, 12, 13, 14, 12, 11, 12])
    assert crm.sent == ["row 5", "row 2", "row 3", "row 4", "row 6", "row 7", "row 8"]
    assert (report.exit_code, report.counts["updated"], report.halted) == (0, 7, None)
    assert len(notices) == 1
    assert notices[0].startswith("3 rows never reached the CRM. In about 24 seconds this is tried once more.")


def test_what_still_does_not_reach_it_has_failed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    crm = Outage(monkeypatch, until(1e9))
    report, _ = run([11, 12, 11])
    assert (report.exit_code, report.counts["failed"], report.counts["not_sent"]) == (3, 2, 1)
    assert crm.asked == [11] * 5 + [12] * 5 + [11] * 5 + [12] * 5
    assert "never reached the CRM" in say(report.reasons[0][1], "en")


def test_only_once_and_only_what_surely_did_not_arrive(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """An edit whose answer was lost is not tried once more, and rows of its clue stay held back."""
    answers = {11: LOST, 12: UNREACHED, 13: Reply(Sent.YES, status=503)}
    crm = Outage(monkeypatch, lambda clue, now: answers[clue] if now < 100 else CONFIRMED)
    report, _ = run([11, 12, 13, 11], stop_at="never")
    assert crm.asked == [11] * 5 + [12] * 5 + [13] * 5 + [12] * 5
    assert (report.counts["failed"], report.counts["not_sent"]) == (3, 1)


def test_a_limit_holds(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    crm = Outage(monkeypatch, until(2 * FIVE_ATTEMPTS - 1))
    report, _ = run([11, 12, 11, 13, 14], limit=3)
    assert crm.sent == ["row 3", "row 2", "row 4"]
    assert (report.exit_code, report.counts["updated"], report.counts["not_sent"]) == (0, 3, 2)


def test_whoever_stops_in_the_pause_goes_on_later(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    crm = Outage(monkeypatch, until(FIVE_ATTEMPTS + 0.5))
    report, _ = run([11, 12, 11], stop_at="notice.once_more")
    assert (report.exit_code, report.counts["not_sent"], report.left) == (3, 2, 2) and crm.sent == ["row 3"]
    again, _ = run([11, 12, 11])
    assert again.exit_code == 0 and crm.sent == ["row 3", "row 2", "row 4"]


def test_clues_that_could_not_be_read_are_tried_once_more(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    crm = Outage(monkeypatch, until(FIVE_ATTEMPTS + 0.5))
    report, _ = run([11, 12], only_changed=True)
    assert report.exit_code == 0 and crm.sent == ["row 3", "row 2"]


def test_whoever_wants_one_attempt_gets_one(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    crm = Outage(monkeypatch, until(1.0))
    report, notices = run([11, 12], attempts=1)
    assert report.counts["failed"] == 2 and crm.asked == [11, 12] and notices == []
