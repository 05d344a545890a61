"""What is to be done after a run: one rule for the terminal, the summary in the workbook and a page."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import jobs
from support.crm import Crm, envelope, scripted, status

import batch_editor
from batch_editor.model import SUMMARY_STATUSES, NextStep, RunState, Step
from batch_editor.runs.next_steps import next_steps
from batch_editor.runs.options import RunOptions

PLAIN, UNDO, PROOF = RunOptions(), RunOptions(undo="20261124-093000-7f3a"), RunOptions(prove_only=True)


def steps(
    options: RunOptions = PLAIN,
    *,
    left: int = 0,
    undoable: bool = False,
    halted: bool = False,
    state: RunState = RunState.FINISHED,
    **counts: int,
) -> list[tuple[Step, int]]:
    by_status = dict.fromkeys(SUMMARY_STATUSES, 0) | counts
    found = next_steps(options, by_status, left=left, undoable=undoable, halted=halted, state=state)
    return [(step.step, step.rows) for step in found]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (steps(updated=3, unchanged=1, skipped=1), [(Step.NOTHING, 0)]),
        (steps(updated=3, undoable=True), [(Step.NOTHING, 0), (Step.UNDO, 0)]),
        (steps(invalid=1, rejected=2, failed=3, conflict=4), [(Step.MEND, 6), (Step.LOOK, 4)]),
        (steps(conflict=4), [(Step.LOOK, 4)]),
        (steps(failed=1, left=1), [(Step.GO_ON, 1)]),
        (steps(failed=1, conflict=4, left=1), [(Step.GO_ON, 1)]),
        (steps(failed=1, invalid=2, rejected=3, left=1), [(Step.GO_ON, 1), (Step.MEND_AFTERWARDS, 5)]),
        (steps(not_sent=1, left=1, undoable=True, halted=True), [(Step.GO_ON, 1), (Step.UNDO, 0)]),
        (steps(not_sent=2, left=2, state=RunState.ABANDONED), [(Step.RUN_SHEET, 0)]),
        (steps(not_sent=2, left=2, state=RunState.PLANNED), [(Step.CONFIRM, 0)]),
        (steps(not_sent=2, left=2, state=RunState.INTERRUPTED), [(Step.GO_ON, 2)]),
    ],
)
def test_every_end_of_a_run_has_its_next_step(found: list[tuple[Step, int]], expected: list[tuple[Step, int]]) -> None:
    assert found == expected


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (steps(UNDO, invalid=1, conflict=2), [(Step.LOOK, 3)]),
        (steps(UNDO, rejected=1), [(Step.LOOK, 1)]),
        (steps(UNDO, failed=1, left=1), [(Step.GO_ON, 1)]),
    ],
)
def test_the_rows_of_an_undo_are_in_no_sheet_that_could_be_mended(
    found: list[tuple[Step, int]], expected: list[tuple[Step, int]]
) -> None:
    assert found == expected


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (steps(PROOF, updated=1, not_sent=9, left=9, undoable=True), [(Step.SEND_SHEET, 0)]),
        (steps(PROOF, rejected=1, not_sent=9), [(Step.SEND_SHEET, 0)]),
        (steps(PROOF, updated=1, not_sent=9, undoable=True, halted=True), [(Step.SEND_SHEET, 0), (Step.UNDO, 0)]),
    ],
)
def test_a_proof_alone_puts_its_edit_back_by_itself_unless_it_halts(
    found: list[tuple[Step, int]], expected: list[tuple[Step, int]]
) -> None:
    assert found == expected


def test_a_report_tells_the_steps_of_its_run_and_a_check_none(tmp_path: Path) -> None:
    edits = jobs.text_file(tmp_path / "edits.csv", "clue_id,remark,性别\n11,a,\n12,b,\n13,c,\n14,d,先生\n")
    with Crm(scripted({12: [envelope(7, "no")], 13: [status(503)]})) as crm:
        given = jobs.settings(tmp_path, crm.url)
        report = batch_editor.run(edits, given)
    assert report.next_steps == [NextStep(Step.GO_ON, 1), NextStep(Step.MEND_AFTERWARDS, 2)]
    assert batch_editor.check(edits, given).next_steps == ()
