"""The moment until which a run works: which one is meant, what counts where a clock is set, and that everything stops then."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from support import jobs
from support.crm import CONFIRMED, Call, Crm, status
from support.servers import Answer

import batch_editor
from batch_editor import HaltReason, Stop
from batch_editor.errors import SettingsError, StopAsked, TimeIsUp, stopped
from batch_editor.events import Event, Notice, SendProgress, SheetProgress
from batch_editor.runs import deadline
from batch_editor.runs.deadline import Deadline, next_moment
from batch_editor.sandbox import Sandbox

CHINA = ZoneInfo("Asia/Shanghai")


def at(text: str, zone: ZoneInfo = CHINA) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("text", "now", "moment"),
    [
        ("06:30", "2026-11-29T02:30", "2026-11-29T06:30"),
        ("6:30", "2026-11-29T02:30", "2026-11-29T06:30"),
        ("０６：３０", "2026-11-29T02:30", "2026-11-29T06:30"),
        (" 06:30 ", "2026-11-29T02:30", "2026-11-29T06:30"),
        ("06:30", "2026-11-28T22:00", "2026-11-29T06:30"),
        ("06:30", "2026-11-29T06:30", "2026-11-30T06:30"),
        ("06:30", "2026-11-29T06:30:01", "2026-11-30T06:30"),
        ("00:00", "2026-12-31T23:59:59", "2027-01-01T00:00"),
        ("23:59", "2026-11-29T00:00", "2026-11-29T23:59"),
    ],
)
def test_the_next_such_time_of_day_is_meant(text: str, now: str, moment: str) -> None:
    assert next_moment(text, CHINA, at(now)) == at(moment)
    assert next_moment(text, CHINA, at(now).astimezone(UTC)) == at(moment)


def test_the_zone_of_the_settings_counts_also_where_the_clocks_change() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    begins, ends = at("2027-03-27T22:00", berlin), at("2027-10-30T22:00", berlin)
    assert next_moment("06:30", berlin, begins).timestamp() - begins.timestamp() == 7.5 * 3600
    assert next_moment("06:30", berlin, ends).timestamp() - ends.timestamp() == 9.5 * 3600
    # The clocks go from 2 to 3: a time of day that does not exist is a moment between them all the same.
    assert next_moment("02:30", berlin, begins).timestamp() - begins.timestamp() == 4.5 * 3600
    assert next_moment("06:30", berlin, at("2026-11-29T13:00", CHINA)) == at("2026-11-29T06:30", berlin)


@pytest.mark.parametrize("text", ["", "half past six", "24:00", "06:60", "06", "630", "06:30:00", "-06:30", "6.30", "06:30pm"])
def test_what_is_no_time_of_day_is_refused_with_words(text: str) -> None:
    with pytest.raises(SettingsError, match="06:30"):
        next_moment(text, CHINA)


def test_a_moment_without_a_zone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no time zone"):
        batch_editor.run(jobs.sheet(tmp_path, [11]), jobs.settings(tmp_path), until=datetime(2026, 11, 29, 6, 30))


class Clocks:
    """Both clocks, which a test moves."""

    def __init__(self) -> None:
        self.steady, self.wall = 5000.0, at("2026-11-29T06:00").timestamp()
        self.stop = Stop()
        until = at("2026-11-29T06:30")
        self.deadline = Deadline(until, self.stop, clock=lambda: self.steady, wall_clock=lambda: self.wall)

    def has_come(self, *, after: float, wall: float | None = None) -> bool:
        self.steady += after
        self.wall += after if wall is None else wall
        return self.deadline.look()


def test_it_stops_when_it_is_time_and_says_so() -> None:
    clocks = Clocks()
    assert not clocks.has_come(after=1799) and not clocks.stop.soft.is_set()
    assert clocks.has_come(after=1) and clocks.stop.soft.is_set() and not clocks.stop.hard.is_set()
    error = stopped(clocks.stop)
    assert isinstance(error, TimeIsUp) and str(error).startswith("Stopped at 06:30")
    assert error.reason is HaltReason.UNTIL


def test_a_clock_that_is_set_lets_nothing_go_on_for_longer() -> None:
    assert Clocks().has_come(after=10, wall=1800)
    back = Clocks()
    assert not back.has_come(after=10, wall=-7200)
    assert back.has_come(after=1790)


def test_a_machine_that_slept_stops_when_it_wakes() -> None:
    assert Clocks().has_come(after=9000)
    assert Clocks().has_come(after=1, wall=9000)  # where the steady clock stood still meanwhile


def test_whoever_has_asked_before_is_the_reason() -> None:
    clocks = Clocks()
    clocks.stop.ask()
    clocks.has_come(after=9000)
    assert isinstance(stopped(clocks.stop), StopAsked) and not clocks.stop.hard.is_set()


@pytest.mark.usefixtures("results_as_csv")
@pytest.mark.parametrize("where", ["before", "planning", "sending", "waiting"])
def test_a_run_stops_whatever_it_is_doing_and_goes_on_with_its_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """It ends as after a signal: what is on its way finishes. In a pause of a minute it does not wait for the end of that."""
    clock = [0.0]
    monkeypatch.setattr(deadline, "steady_clock", lambda: lambda: clock[0])
    monkeypatch.setattr(deadline, "LOOK_EVERY", 0.001)
    stop = Stop()

    def time_passes() -> None:
        clock[0] = 1e9
        assert stop.soft.wait(20)

    def on_event(event: Event) -> None:
        is_pause = isinstance(event, Notice) and event.message.key == "notice.pause"
        if (where == "waiting" and is_pause) or (where == "planning" and isinstance(event, SheetProgress)):
            time_passes()

    def decide(call: Call) -> Answer:
        if where == "sending" and call.clue == 15:
            time_passes()
        return status(429) if where == "waiting" and not clock[0] else CONFIRMED

    path = jobs.sheet(tmp_path, range(11, 1100 if where == "planning" else 41))
    until = datetime.now(CHINA) + timedelta(days=-1 if where == "before" else 1)
    with Crm(decide) as crm:
        given = jobs.settings(tmp_path, crm.url, rate={"concurrency": 2, "limits": [], "pause": 60})
        if where == "planning":
            with pytest.raises(TimeIsUp):
                batch_editor.run(path, given, until=until, stop=stop, on_event=on_event)
            assert crm.calls == []
            return
        report = batch_editor.run(path, given, until=until, stop=stop, on_event=on_event)
        assert (report.exit_code, report.counts["failed"]) == (3, 0) and report.counts["not_sent"] > 0
        assert report.halted and report.halted.key == "halt.until"
        again = batch_editor.run(path, given) if where == "sending" else batch_editor.resume(str(report.run), given)
        assert (again.run, again.exit_code, again.counts["updated"]) == (report.run, 0, 30)
        if where == "sending":
            assert len(crm.calls) == 30


@pytest.mark.usefixtures("results_as_csv")
def test_a_run_that_is_just_done_in_time_is_done(tmp_path: Path) -> None:
    stop = Stop()
    with Crm(lambda call: (stop.end(datetime.now(CHINA)), CONFIRMED)[1]) as crm:
        report = batch_editor.run(jobs.sheet(tmp_path, [11]), jobs.settings(tmp_path, crm.url), stop=stop)
    assert (report.exit_code, report.halted) == (0, None)


def test_a_proof_that_was_cut_off_comes_first_when_the_run_goes_on(tmp_path: Path) -> None:
    """The first edit is sent, and nobody can read it back until the time is up: the next night has to know that."""
    stop = Stop()
    with Sandbox(accept_any_clue=True) as crm:
        app = {"access_token": None, "app_id": "demo-app", "app_secret": "demo-secret"}
        given = jobs.settings(tmp_path, crm.url, prove=True, api=app)
        path = jobs.sheet(tmp_path, range(11, 16))

        def on_event(event: Event) -> None:
            if isinstance(event, SendProgress) and event.done:
                stop.end(datetime.now(CHINA))

        report = batch_editor.run(path, given, stop=stop, on_event=on_event, output=tmp_path / "results.csv")
        assert report.exit_code == 3 and report.counts["updated"] <= 1
        assert report.halted and report.halted.key == "proof.cut_off"
        again = batch_editor.run(path, given, output=tmp_path / "results.csv")
        assert again.exit_code == 0 and again.preview.proves
