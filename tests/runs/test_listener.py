"""What whoever calls the job is told of a run: its name before anything else, on whatever is raised, and in lists later."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support import jobs
from support.crm import Crm, scripted, status

import batch_editor
from batch_editor import (
    Event,
    Preview,
    Refused,
    Report,
    ReportError,
    SendProgress,
    SettingsError,
    Started,
    Stop,
    UnderWay,
    get_run,
    list_runs,
    open_run,
    plan,
    read_clues,
    resume,
    run,
    say,
    send,
    stop_run,
    undo,
)
from batch_editor.cli.screen import Screen
from batch_editor.cli.summary_text import show_summary
from batch_editor.job import open_journal
from batch_editor.sandbox import Sandbox

pytestmark = pytest.mark.usefixtures("results_as_csv")


class Failing(Exception):
    """An error of a callback."""


def names_told(events: list[Event]) -> list[str]:
    """The runs that were told to have begun; the first event has to be such a one."""
    assert isinstance(events[0], Started)
    return [event.run for event in events if isinstance(event, Started)]


def stopped_after(edits: int, stop: Stop) -> Callable[[Event], None]:
    def on_event(event: Event) -> None:
        if isinstance(event, SendProgress) and event.done >= edits:
            stop.ask()

    return on_event


# --- the first event


def test_the_name_of_a_run_is_the_first_event_whatever_begins_or_goes_on(tmp_path: Path) -> None:
    edits, stop, events = jobs.sheet(tmp_path, range(11, 15)), Stop(), list[Event]()

    def told() -> list[str]:
        names = names_told(events)
        events.clear()
        return names

    with Sandbox(accept_any_clue=True, access_token=jobs.TOKEN) as crm:
        given = jobs.settings(tmp_path, crm.url, compare_columns=[])
        stop.ask()
        begun = run(edits, given, snapshot=True, stop=stop, on_event=events.append)
        assert told() == [begun.run]
        went_on = run(edits, given, snapshot=True, limit=1, on_event=events.append)
        assert went_on.run == begun.run and told() == [begun.run]
        resumed = resume(str(begun.run), given, on_event=events.append)
        assert resumed.run == begun.run and told() == [begun.run]
        undone = undo(str(begun.run), given, on_event=events.append)
        assert undone.run != begun.run and told() == [undone.run]
        with plan(edits, given, only_changed=True, on_event=events.append) as prepared:
            assert told() == [prepared.name]
            read = read_clues(prepared, on_event=events.append)
            assert told() == [prepared.name]
            send(read, confirmed=read.digest(), on_event=events.append)
            assert told() == [prepared.name]
        proved = run(edits, given, prove_only=True, on_event=events.append)
        assert proved.put_back is not None and told() == [proved.run, proved.put_back.run]


def test_what_no_run_comes_of_tells_no_name(tmp_path: Path) -> None:
    edits, events = jobs.sheet(tmp_path, [11]), list[Event]()
    with Crm() as crm:
        batch_editor.check(edits, jobs.settings(tmp_path, crm.url), on_event=events.append)
        batch_editor.diff(edits, jobs.settings(tmp_path, crm.url), on_event=events.append)
    assert not [event for event in events if isinstance(event, Started)]


# --- what is raised


def raising(error: BaseException, only: Callable[[Event], bool] = lambda event: True) -> Callable[[Event], None]:
    def on_event(event: Event) -> None:
        if only(event):
            raise error

    return on_event


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, GeneratorExit])
@pytest.mark.parametrize("when", [Started, SendProgress])
def test_what_ends_a_program_ends_the_run_and_carries_its_name(
    kind: type[BaseException], when: type[Event], tmp_path: Path
) -> None:
    names = list[str]()

    def on_event(event: Event) -> None:
        if isinstance(event, Started):
            names.append(event.run)
        if isinstance(event, when):
            raise kind

    with Crm() as crm, pytest.raises(kind) as caught:
        run(jobs.sheet(tmp_path, [11, 12]), jobs.settings(tmp_path, crm.url), on_event=on_event)
    assert [caught.value.run] == names  # type: ignore[attr-defined]
    states = [one.state for one in list_runs(jobs.settings(tmp_path))]
    assert states == ([] if when is Started else ["stopped"])


def test_an_error_of_confirm_carries_the_name(tmp_path: Path) -> None:
    events = list[Event]()

    def confirm(preview: Preview) -> bool:
        raise Failing

    def declining(preview: Preview) -> bool:
        return False

    with Crm() as crm:
        given = jobs.settings(tmp_path, crm.url)
        for asked, error in ((confirm, Failing), (declining, Refused)):
            with pytest.raises(error) as caught:
                run(jobs.sheet(tmp_path, [11]), given, confirm=asked, on_event=events.append)
            assert caught.value.run == names_told(events)[-1]  # type: ignore[attr-defined]
        assert not crm.calls


def test_a_refusal_carries_the_name_or_none(tmp_path: Path) -> None:
    edits = jobs.sheet(tmp_path, [11])
    with Crm() as crm:
        given = jobs.settings(tmp_path, crm.url)
        with pytest.raises(Refused) as caught:
            run(tmp_path / "nowhere.csv", given)
        assert caught.value.run is None
        calls: list[Callable[[], object]] = [
            lambda: resume("20200101-000000-0000", given),
            lambda: open_run("20200101-000000-0000", given),
            lambda: stop_run("20200101-000000-0000", given),
            lambda: get_run("20200101-000000-0000", given),
        ]
        for call in calls:
            with pytest.raises(SettingsError) as unknown:
                call()
            assert unknown.value.run == "20200101-000000-0000"
        with plan(edits, given) as prepared:
            with pytest.raises(Refused) as changed:
                send(prepared, confirmed="another digest")
            assert changed.value.run == prepared.name
            with open_journal(given) as journal, pytest.raises(UnderWay) as under_way:
                journal.claim(prepared.name)
                send(prepared, confirmed=prepared.digest())
            assert under_way.value.run == prepared.name


def test_an_exception_that_lets_nobody_write_to_it_is_raised_as_it_is(tmp_path: Path) -> None:
    class Closed(KeyboardInterrupt):
        @property
        def run(self) -> str:
            return "its own"

    with Crm() as crm, pytest.raises(Closed) as caught:
        run(jobs.sheet(tmp_path, [11]), jobs.settings(tmp_path, crm.url), on_event=raising(Closed()))
    assert caught.value.run == "its own"


# --- an error of on_event


def test_an_error_of_on_event_stops_nothing_and_is_told_at_the_end(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    calls = list[Event]()

    def on_event(event: Event) -> None:
        calls.append(event)
        raise Failing(f"no {len(calls)}")

    with Crm() as crm, caplog.at_level(logging.WARNING):
        report = run(jobs.sheet(tmp_path, range(11, 31)), jobs.settings(tmp_path, crm.url), on_event=on_event)
    assert (report.counts["updated"], report.exit_code, len(crm.calls)) == (20, 0, 20)
    assert len(calls) >= 2 and report.event_errors == len(calls), "it is called again"
    assert isinstance(report.event_error, Failing) and str(report.event_error) == "no 1"
    told = [say(note, "en") for note in report.notes]
    assert told == [f"on_event has raised {len(calls)} errors, which stopped nothing. The first: Failing: no 1"]
    assert report.summary()["notes"] == told
    (record,) = caplog.records
    assert record.exc_info and record.exc_info[1] is report.event_error


@pytest.mark.parametrize("call", [batch_editor.check, batch_editor.diff, batch_editor.run])
def test_a_report_of_any_kind_tells_it(call: Callable[..., Report], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("batch_editor.runs.planning._READING_STEP", 1)
    with Crm() as crm:
        report = call(jobs.sheet(tmp_path, [11]), jobs.settings(tmp_path, crm.url), on_event=raising(Failing()))
    assert isinstance(report.event_error, Failing)


def test_the_terminal_tells_an_error_of_what_it_shows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Crm() as crm:
        report = run(jobs.sheet(tmp_path, [11]), jobs.settings(tmp_path, crm.url), on_event=raising(Failing("\x1b[2J")))
    show_summary(Screen(lang="en"), report)
    assert "on_event has raised" in (shown := capsys.readouterr().err) and "\\x1b[2J" in shown and "\x1b" not in shown


# --- looking back


def test_runs_are_listed_as_data(tmp_path: Path) -> None:
    with Crm(scripted({12: [status(500), status(500)]})) as crm:
        given = jobs.settings(tmp_path, crm.url)
        assert list_runs(given) == []
        report = run(jobs.sheet(tmp_path, [11, 12]), given)
        with plan(jobs.sheet(tmp_path, [13], "more.csv"), given) as prepared:
            pass
    planned, ended = list_runs(given)
    assert (planned.name, planned.state, planned.counts) == (prepared.name, "planned", None)
    assert (ended.name, ended.state, ended.counts) == (report.run, "finished", report.counts)
    assert ended.results == str(report.results)
    assert get_run(str(report.run), given) == ended
    assert get_run(prepared.name, given).counts == dict.fromkeys(report.counts, 0) | {"not_sent": 1}


def test_a_run_under_way_is_seen_as_it_is(tmp_path: Path) -> None:
    seen = list[Any]()

    def confirm(preview: Preview) -> bool:
        (one,) = list_runs(given)
        seen.append(get_run(one.name, given))
        return True

    with Crm() as crm:
        given = jobs.settings(tmp_path, crm.url)
        run(jobs.sheet(tmp_path, [11, 12]), given, confirm=confirm)
    assert (seen[0].state, seen[0].counts) == ("planning", {"pending": 2})


# --- raise_for_status


def test_raise_for_status_raises_unless_all_is_well(tmp_path: Path) -> None:
    with Crm(scripted({12: [status(500), status(500)]})) as crm:
        given = jobs.settings(tmp_path, crm.url)
        good = run(jobs.sheet(tmp_path, [11]), given)
        assert good.raise_for_status() is good
        bad = run(jobs.sheet(tmp_path, [11, 12], "bad.csv"), given)
        with pytest.raises(ReportError) as caught:
            bad.raise_for_status()
        assert (caught.value.report, caught.value.run) == (bad, bad.run)
        assert str(caught.value) == (
            f"Not every row of the run {bad.run} came to a good end (exit code 1): updated 1, failed 1."
        )
        stop = Stop()
        stop.ask()
        with pytest.raises(ReportError, match=r"\(exit code 3\): not_sent 1\. Stopped on request"):
            run(jobs.sheet(tmp_path, [14], "stopped.csv"), given, stop=stop).raise_for_status()
        checked = batch_editor.check(jobs.text_file(tmp_path / "c.csv", "clue_id,remark\nbad,a\n"), given)
        with pytest.raises(ReportError, match="Not every row of the sheet is well") as of_check:
            checked.raise_for_status()
        assert of_check.value.run is None
