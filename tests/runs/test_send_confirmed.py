"""A prepared run that somebody on the page has planned and agreed to: kept, proved or not, and by whom."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support import jobs
from support.commands import Commands
from support.records import EDIT, INFO, calls

from batch_editor import Settings, job
from batch_editor.errors import GuardTripped, Refused
from batch_editor.model import HaltReason, RunState, Stoppage
from batch_editor.model import Message as Text
from batch_editor.runs.first_edit import PROOF_PENDING
from batch_editor.sandbox import Sandbox

CLUES = [{"clue_id": clue, "remark": f"old {clue}"} for clue in range(11, 41)]


@pytest.fixture
def crm() -> Iterator[Sandbox]:
    with Sandbox(CLUES, access_token=jobs.TOKEN) as serving:
        yield serving


@pytest.fixture
def given(tmp_path: Path, crm: Sandbox) -> Settings:
    return jobs.settings(tmp_path, crm.url, compare_columns=[])


def sent(given: Settings, tmp_path: Path, rows: int, **how: Any) -> tuple[dict[str, int], Any]:
    """The counts of a plan of so many rows that is sent as ``how`` says, and what the journal keeps of it."""
    with job.plan(jobs.sheet(tmp_path, range(11, 11 + rows)), given, snapshot=False) as prepared:
        report = job.send(prepared, confirmed=prepared.digest(), **how)
        return {status: number for status, number in report.counts.items() if number}, prepared.journal.run(prepared.name)


@pytest.mark.parametrize(
    ("setting", "prove", "proves"),
    [
        (None, None, False),  # nobody is asked
        (None, True, True),
        (None, False, False),
        (True, None, True),
        (True, False, False),
        (False, None, False),
        (False, True, True),
    ],
)
def test_the_first_edit_is_proved_as_is_said_else_as_the_settings_say(
    given: Settings, crm: Sandbox, tmp_path: Path, setting: bool | None, prove: bool | None, proves: bool
) -> None:
    counts, _ = sent(given.model_copy(update={"prove": setting}), tmp_path, 3, prove=prove)
    assert counts == {"updated": 3} and len(calls(crm, EDIT)) == 3 and len(calls(crm, INFO)) == (2 if proves else 0)


@pytest.mark.parametrize(("prove", "proves"), [(None, True), (False, False)])
def test_a_proof_that_did_not_succeed_is_made_up_for_unless_somebody_says_otherwise(
    given: Settings, crm: Sandbox, tmp_path: Path, prove: bool | None, proves: bool
) -> None:
    with job.plan(jobs.sheet(tmp_path, [11, 12]), given, snapshot=False) as prepared:
        prepared.run.set_state(RunState.STOPPED, stoppage=PROOF_PENDING)
    with job.open_run(prepared.name, given) as left:
        job.send(left, confirmed=left.digest(), prove=prove)
    assert len(calls(crm, INFO)) == (2 if proves else 0)


def test_the_journal_keeps_who_has_agreed_and_says_it(given: Settings, crm: Sandbox, tmp_path: Path) -> None:
    _, run = sent(given, tmp_path, 2, person="王芳 <b>")
    assert (run.planned_by, run.confirmed_by) == (None, "王芳 <b>")
    shown = Commands(tmp_path, crm.url)("show", run.name).out
    assert "Agreed by: 王芳 <b>\n" in shown and "Planned by" not in shown


def test_whoever_goes_on_without_a_name_leaves_the_name_of_who_has_agreed(given: Settings, tmp_path: Path) -> None:
    with job.plan(jobs.sheet(tmp_path, [11, 12]), given, person="planner") as prepared:
        prepared.run.confirmed("first")
        prepared.run.set_state(RunState.STOPPED, stoppage=Stoppage(HaltReason.ASKED, Text("halt.asked")))
    job.resume(prepared.name, given)
    run = job.get_run(prepared.name, given)
    assert (run.state, run.planned_by, run.confirmed_by) == (RunState.FINISHED, "planner", "first")


def test_nobody_has_agreed_to_what_is_refused(given: Settings, crm: Sandbox, tmp_path: Path) -> None:
    with job.plan(jobs.sheet(tmp_path, [11]), given) as prepared:
        with pytest.raises(Refused):
            job.send(prepared, confirmed="another", person="somebody")
        assert prepared.journal.run(prepared.name).confirmed_by is None and crm.requests == []


@pytest.mark.parametrize(("setting", "reads"), [("auto", True), (True, True), (False, False)])
def test_where_somebody_looks_old_values_are_read_unless_the_settings_say_no(
    given: Settings, crm: Sandbox, tmp_path: Path, setting: Any, reads: bool
) -> None:
    settings = given.model_copy(update={"snapshot": setting})
    with job.plan(jobs.sheet(tmp_path, [11, 12]), settings, attended=True) as prepared:
        assert prepared.preview.reads == (2 if reads else 0) and crm.requests == []
        report = job.send(prepared, confirmed=prepared.digest())
    assert report.undoable is reads and report.counts["updated"] == 2


def test_a_plan_that_guards_speak_against_is_kept_for_whoever_can_mend_it_and_not_sent(
    given: Settings, crm: Sandbox, tmp_path: Path
) -> None:
    guarded = given.model_copy(update={"guards": given.guards.model_copy(update={"max_rows": 1})})
    with job.plan(jobs.sheet(tmp_path, [11, 12]), guarded, attended=True) as prepared:
        with pytest.raises(GuardTripped):
            job.send(prepared, confirmed=prepared.digest())
        assert prepared.journal.run(prepared.name).state is RunState.PLANNED and crm.requests == []
