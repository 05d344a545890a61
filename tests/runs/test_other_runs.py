"""Two runs that change the same clues at a time: an older value never lands on a newer one, while either is under way.

What a clue holds at the end is what is looked at. The older run is held by the answer to its first edit, or by whoever is
asked, while the newer one is sent.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from support import jobs
from support.records import EDIT, calls, clues_of

import batch_editor
from batch_editor import Report, Settings, job
from batch_editor.journal.newer_values import NewerValues
from batch_editor.runs.preview import Preview
from batch_editor.sandbox import Sandbox
from batch_editor.sandbox.wire import Answer

pytestmark = pytest.mark.usefixtures("results_as_csv")

CLUES = range(11, 15)


class Holding(Sandbox):
    """Holds the first edit, if it ``holds``, before it is applied and answered, until it is ``opened``."""

    def __init__(self, faults: Sequence[str], *, holds: bool) -> None:
        clues = [{"clue_id": clue, "remark": "old", "label": "etA-tag-of-the-tests", "gender": "1"} for clue in CLUES]
        super().__init__(clues, access_token=jobs.TOKEN, faults=faults)
        self.arrived, self.opened = threading.Event(), threading.Event()
        self._holds = holds

    def _decide(self, method: str, target: str, body: bytes) -> Answer:
        if self._holds and target.startswith(EDIT):
            self._holds = False
            self.arrived.set()
            assert self.opened.wait(60)
        return super()._decide(method, target, body)


@contextmanager
def sandbox(*faults: str, holds: bool = False) -> Iterator[Holding]:
    with Holding(faults, holds=holds) as crm:
        yield crm


def given(folder: Path, crm: Sandbox, **over: Any) -> Settings:
    return jobs.settings(folder, crm.url, **jobs.merged({"rate": {"concurrency": 1}, "retry": {"attempts": 1}}, over))


def sheet(folder: Path, name: str, clues: Sequence[int], key: str = "remark", value: str = "") -> Path:
    lines = [f"clue_id,{key}", *(f"{clue},{value or name}" for clue in clues)]
    return jobs.text_file(folder / f"{name}.csv", "\n".join(lines) + "\n")


class UnderWay:
    """The older run, in a thread of its own; within the block its first edit has arrived, and is not answered yet."""

    def __init__(self, crm: Holding, send: Callable[[], Report]) -> None:
        self._crm, self._send = crm, send
        self.reports: list[Report] = []

    def __enter__(self) -> list[Report]:
        self._thread = threading.Thread(target=lambda: self.reports.append(self._send()))
        self._thread.start()
        assert self._crm.arrived.wait(60)
        return self.reports

    def __exit__(self, *error: object) -> None:
        self._crm.opened.set()
        self._thread.join(60)
        assert self.reports


def remarks(crm: Sandbox) -> list[object]:
    return [crm.clue(clue)["remark"] for clue in CLUES]


def named(report: Report, run: str | None) -> list[bool]:
    return [f"the run {run} has set the same field" in row["result_message"] for row in jobs.results(report.results)]


@pytest.mark.parametrize(
    ("fault", "older", "end"),
    [
        ("", "conflict", "newer"),
        ("lost-after@clue:13", "conflict", "newer"),
        ("lost-before@clue:13", "conflict", "old"),  # nobody knows that it was not applied
        ("code=7@clue:13*1", "updated", "older"),
    ],
)
def test_what_a_later_run_has_set_or_may_have_is_left_alone(tmp_path: Path, fault: str, older: str, end: str) -> None:
    with sandbox(*([fault] if fault else []), holds=True) as crm:
        settings = given(tmp_path, crm)
        with UnderWay(crm, lambda: batch_editor.run(sheet(tmp_path, "older", CLUES), settings)) as reports:
            newer = batch_editor.run(sheet(tmp_path, "newer", [13]), settings)
            assert not reports
        assert remarks(crm) == ["older", "older", end, "older"]
        assert jobs.statuses(reports[0].results) == ["updated", "updated", older, "updated"]
        assert named(reports[0], newer.run) == [False, False, older == "conflict", False]
        assert (reports[0].exit_code, reports[0].halted) == (older == "conflict", None)


def test_other_fields_of_the_clue_are_sent(tmp_path: Path) -> None:
    with sandbox(holds=True) as crm:
        settings = given(tmp_path, crm)
        with UnderWay(crm, lambda: batch_editor.run(sheet(tmp_path, "older", CLUES), settings)) as reports:
            batch_editor.run(sheet(tmp_path, "newer", CLUES, "address"), settings)
        assert remarks(crm) == ["older"] * 4 and reports[0].counts["updated"] == 4
        assert [crm.clue(clue)["address"] for clue in CLUES] == ["newer"] * 4


def test_a_run_of_another_app_is_of_no_concern(tmp_path: Path) -> None:
    with sandbox(holds=True) as crm:
        app = {**jobs.APP, "app_id": "demo-app", "app_secret": "demo-secret"}
        with UnderWay(crm, lambda: batch_editor.run(sheet(tmp_path, "older", CLUES), given(tmp_path, crm))) as reports:
            batch_editor.run(sheet(tmp_path, "newer", [13]), given(tmp_path, crm, api=app))
        assert reports[0].counts["updated"] == 4


def test_of_two_edits_on_their_way_the_newer_one_waits_and_lands_last(tmp_path: Path) -> None:
    with sandbox(holds=True) as crm:
        settings = given(tmp_path, crm)
        with UnderWay(crm, lambda: batch_editor.run(sheet(tmp_path, "older", [11]), settings)) as reports:
            threading.Timer(0.3, crm.opened.set).start()
            newer = batch_editor.run(sheet(tmp_path, "newer", [11, 12]), settings)
            assert newer.counts["updated"] == 2
        assert [call["remark"] for call in calls(crm, EDIT)] == ["older", "newer", "newer"]
        assert reports[0].counts["updated"] == 1 and remarks(crm)[:2] == ["newer", "newer"]


def test_whoever_waits_for_an_older_edit_can_be_stopped(tmp_path: Path) -> None:
    with sandbox(holds=True) as crm:
        settings, stop = given(tmp_path, crm), batch_editor.Stop()
        with UnderWay(crm, lambda: batch_editor.run(sheet(tmp_path, "older", [11]), settings)):
            threading.Timer(0.3, stop.ask).start()
            newer = batch_editor.run(sheet(tmp_path, "newer", [11]), settings, stop=stop)
        assert (newer.exit_code, newer.counts["not_sent"]) == (3, 1) and remarks(crm)[0] == "older"
        again = batch_editor.resume(str(newer.run), settings)
        assert again.counts["updated"] == 1 and remarks(crm)[0] == "newer"


def test_a_row_that_a_killed_run_was_sending_is_waited_for_by_nobody(tmp_path: Path) -> None:
    with sandbox() as crm:
        settings = given(tmp_path, crm)
        older = job.plan(sheet(tmp_path, "older", [11]), settings)
        with older, older.driven():
            older.run.set_state(batch_editor.model.RunState.SENDING)
            older.run.sending.advance(None, 2)
        assert batch_editor.run(sheet(tmp_path, "newer", [11]), settings).counts["updated"] == 1
        again = batch_editor.resume(older.name, settings)
        assert jobs.statuses(again.results) == ["conflict"] and remarks(crm)[0] == "newer"
        assert "may have been applied" in jobs.results(again.results)[0]["result_message"]


def test_what_is_planned_and_not_sent_yet_is_sent_later(tmp_path: Path) -> None:
    with sandbox() as crm:
        settings = given(tmp_path, crm)
        planned = list[Any]()

        def plan(preview: Preview) -> bool:
            planned.append(job.plan(sheet(tmp_path, "newer", [11]), settings))
            return True

        older = batch_editor.run(sheet(tmp_path, "older", [11]), settings, confirm=plan)
        assert older.counts["updated"] == 1
        with planned[0] as newer:
            assert job.send(newer, confirmed=newer.digest()).counts["updated"] == 1
        assert remarks(crm)[0] == "newer"


# --- clues that are read first


def meanwhile(send: Callable[[], Report]) -> Callable[[Preview], bool]:
    """Agrees once another run was sent."""
    return lambda preview: send().exit_code == 0


def test_a_value_that_a_later_run_finds_there_already_stays(tmp_path: Path) -> None:
    """It has sent nothing; but what its sheet says is what is meant last."""
    with sandbox() as crm:
        settings = given(tmp_path, crm)
        later = meanwhile(
            lambda: batch_editor.run(sheet(tmp_path, "newer", [11], "remark", "old"), settings, only_changed=True)
        )
        older = batch_editor.run(sheet(tmp_path, "older", [11, 12]), settings, confirm=later)
        assert jobs.statuses(older.results) == ["conflict", "updated"] and remarks(crm)[:2] == ["old", "older"]


def test_a_clue_is_compared_once_an_older_edit_of_it_has_landed(tmp_path: Path) -> None:
    """What the newer run wants stands there until then."""
    with sandbox(holds=True) as crm:
        settings = given(tmp_path, crm)
        with UnderWay(crm, lambda: batch_editor.run(sheet(tmp_path, "older", [11]), settings)):
            threading.Timer(0.3, crm.opened.set).start()
            path = sheet(tmp_path, "newer", [11], "remark", "old")
            assert batch_editor.run(path, settings, only_changed=True).counts["updated"] == 1
        assert remarks(crm)[0] == "old"


@pytest.mark.parametrize("tags", ["add", "remove"])
def test_tags_that_both_runs_add_or_both_remove_are_merged(tmp_path: Path, tags: str) -> None:
    with sandbox() as crm:
        crm.change(11, label="etA-tag-of-the-tests,etB-tag-of-the-tests,etC-tag-of-the-tests")
        settings = given(tmp_path, crm)
        later = meanwhile(
            lambda: batch_editor.run(
                sheet(tmp_path, "newer", [11], "label", "etB-tag-of-the-tests" if tags == "remove" else "etY-tag-of-the-tests"),
                settings,
                tags=tags,
            )
        )
        first = sheet(tmp_path, "older", [11], "label", "etA-tag-of-the-tests" if tags == "remove" else "etX-tag-of-the-tests")
        older = batch_editor.run(first, settings, tags=tags, attended=True, confirm=later)
        assert older.counts["updated"] == 1
        assert {*str(crm.clue(11)["label"]).split(",")} == (
            {"etC-tag-of-the-tests"}
            if tags == "remove"
            else {
                *[
                    "etA-tag-of-the-tests",
                    "etB-tag-of-the-tests",
                    "etC-tag-of-the-tests",
                    "etX-tag-of-the-tests",
                    "etY-tag-of-the-tests",
                ]
            }
        )


@pytest.mark.parametrize(
    ("theirs", "value"), [("add", "#CLEAR"), ("remove", "etX-tag-of-the-tests"), (None, "etY-tag-of-the-tests")]
)
def test_tags_that_a_later_run_sets_in_another_way_are_a_conflict(tmp_path: Path, theirs: str | None, value: str) -> None:
    with sandbox() as crm:
        settings = given(tmp_path, crm)
        later = meanwhile(lambda: batch_editor.run(sheet(tmp_path, "newer", [11], "label", value), settings, tags=theirs))
        older = batch_editor.run(
            sheet(tmp_path, "older", [11], "label", "etX-tag-of-the-tests"), settings, tags="add", confirm=later
        )
        assert jobs.statuses(older.results) == ["conflict"]


def test_two_runs_that_add_tags_at_the_same_time_lose_none(tmp_path: Path) -> None:
    with sandbox(holds=True) as crm:
        settings = given(tmp_path, crm)
        first = sheet(tmp_path, "older", [11, 12], "label", "etX-tag-of-the-tests")
        with UnderWay(crm, lambda: batch_editor.run(first, settings, tags="add")) as reports:
            threading.Timer(0.3, crm.opened.set).start()
            newer = batch_editor.run(sheet(tmp_path, "newer", [12, 11], "label", "etY-tag-of-the-tests"), settings, tags="add")
        assert (reports[0].counts["updated"], newer.counts["updated"]) == (2, 2)
        assert [{*str(crm.clue(clue)["label"]).split(",")} for clue in (11, 12)] == [
            {"etA-tag-of-the-tests", "etX-tag-of-the-tests", "etY-tag-of-the-tests"}
        ] * 2


def test_an_undo_under_way_leaves_what_a_later_run_sets(tmp_path: Path) -> None:
    with sandbox() as crm:
        settings = given(tmp_path, crm)
        first = batch_editor.run(sheet(tmp_path, "first", [11, 12]), settings, snapshot=True)
        later = meanwhile(lambda: batch_editor.run(sheet(tmp_path, "newer", [11]), settings))
        undo = batch_editor.undo(str(first.run), settings, attended=True, confirm=later)
        assert jobs.statuses(undo.results) == ["conflict", "updated"] and remarks(crm)[:2] == ["newer", "old"]


# --- what it costs


def test_while_no_other_run_is_there_nothing_is_asked_of_any_clue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> bool:
        raise AssertionError

    monkeypatch.setattr(NewerValues, "_is_newer", refuse)
    with sandbox() as crm:
        settings = given(tmp_path, crm)
        batch_editor.run(sheet(tmp_path, "earlier", CLUES), settings)
        assert batch_editor.run(sheet(tmp_path, "older", CLUES), settings).counts["updated"] == 4
        assert clues_of(crm, EDIT) == [*CLUES, *CLUES]
