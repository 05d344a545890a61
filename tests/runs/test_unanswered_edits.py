"""Edits whose answer was lost: whatever became of them later, an undo takes them in, and nothing repeats them that must not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest
from support import jobs
from support.crm import Crm, envelope
from support.records import EDIT, calls

import batch_editor
from batch_editor import Settings
from batch_editor.errors import Refused
from batch_editor.messages import say
from batch_editor.model import NextStep, RunState, Step
from batch_editor.sandbox import Sandbox

CLUES = range(11, 14)


def sandbox(*faults: str) -> Sandbox:
    clues = [{"clue_id": clue, "remark": f"old {clue}"} for clue in CLUES]
    return Sandbox(clues, access_token=jobs.TOKEN, faults=faults)


def given(folder: Path, crm: Sandbox, **over: Any) -> Settings:
    return jobs.settings(folder, crm.url, **jobs.merged({"rate": {"concurrency": 1}}, over))


def remarks(crm: Sandbox) -> list[object]:
    return [crm.clue(clue)["remark"] for clue in CLUES]


def test_a_row_that_was_applied_before_it_was_rejected_is_put_back(tmp_path: Path) -> None:
    with sandbox("lost-after@1", "code=7@2") as crm:
        settings = given(tmp_path, crm)
        first = batch_editor.run(jobs.sheet(tmp_path, [11, 12]), settings, snapshot=True)
        assert jobs.statuses(first.results) == ["rejected", "updated"] and remarks(crm)[0] == "row 2"
        undo = batch_editor.undo(str(first.run), settings)
        assert (undo.exit_code, undo.counts["updated"]) == (0, 2) and remarks(crm)[:2] == ["old 11", "old 12"]


def test_a_run_of_which_nothing_is_confirmed_can_be_undone(tmp_path: Path) -> None:
    with sandbox("lost-after@1", "code=7@2") as crm:
        settings = given(tmp_path, crm)
        first = batch_editor.run(jobs.sheet(tmp_path, [11]), settings, snapshot=True)
        assert first.undoable and NextStep(Step.UNDO) in first.next_steps
        assert batch_editor.undo(str(first.run), settings).counts["updated"] == 1 and remarks(crm)[0] == "old 11"


def test_a_rejected_row_of_which_nothing_is_known_is_named(tmp_path: Path) -> None:
    with sandbox("lost-after@2", "code=7@3") as crm:
        settings = given(tmp_path, crm)
        first = batch_editor.run(jobs.sheet(tmp_path, [11, 12]), settings)
        with pytest.raises(Refused, match=f"1 row of {first.run} failed, and may have been applied all the same"):
            batch_editor.undo(str(first.run), settings)


@pytest.mark.parametrize(("status", "data"), [(201, True), (202, None)])
def test_a_row_whose_answer_has_another_status_than_200_is_not_called_refused(
    status: int, data: object, tmp_path: Path
) -> None:
    with Crm(lambda call: envelope(0, "ok", data, status=status)) as crm:
        settings = jobs.settings(tmp_path, crm.url)
        first = batch_editor.run(jobs.sheet(tmp_path, [11]), settings)
        (row,) = jobs.results(first.results)
        assert (row["result_status"], row["result_code"]) == ("rejected", "0") and len(crm.calls) == 1
        assert f"HTTP {status}" in row["result_message"] and row["result_message"].count("may have been applied") == 1
        assert "refused" not in row["result_message"] and "earlier try" not in row["result_message"].lower()
        with pytest.raises(Refused, match="may have been applied all the same"):
            batch_editor.undo(str(first.run), settings)


# --- what must not be repeated


def test_nothing_is_offered_that_repeats_an_edit_which_may_have_been_applied(tmp_path: Path) -> None:
    with sandbox("lost-after@clue:11", "code=7@clue:12") as crm:
        settings = given(tmp_path, crm, retry={"ambiguous": False})
        first = batch_editor.run(jobs.sheet(tmp_path, [11, 12]), settings)
        assert jobs.statuses(first.results) == ["failed", "rejected"]
        assert first.next_steps == [NextStep(Step.MEND, 1), NextStep(Step.COMPARE, 1)]
        alone = batch_editor.run(jobs.sheet(tmp_path, [11], "alone.csv"), settings)
        assert alone.next_steps == [NextStep(Step.COMPARE, 1)]
        assert alone.results is not None
        book = openpyxl.load_workbook(alone.results)
        texts = " ".join(str(cell) for row in book.worksheets[1].iter_rows(values_only=True) for cell in row if cell)
        assert "may have been applied and will not be sent once more" in texts and "--only-failed" not in texts


def test_only_failed_leaves_such_a_row_as_it_is(tmp_path: Path) -> None:
    with sandbox("lost-after@clue:11*1", "code=7@clue:12*1") as crm:
        settings = given(tmp_path, crm, retry={"ambiguous": False})
        first = batch_editor.run(jobs.sheet(tmp_path, CLUES), settings)
        assert jobs.statuses(first.results) == ["failed", "rejected", "updated"] and first.results
        second = batch_editor.run(first.results, settings, only_failed=True)
        assert jobs.statuses(second.results) == ["failed", "updated", "updated"]
        assert [call["clue_id"] for call in calls(crm, EDIT)] == [11, 12, 13, 12]
        assert "may have been applied" in jobs.results(second.results)[0]["result_message"]
        assert second.next_steps == [NextStep(Step.COMPARE, 1)]
        assert batch_editor.resume(str(second.run), settings).left == 0
        again = settings.model_copy(update={"retry": settings.retry.model_copy(update={"ambiguous": True})})
        batch_editor.resume(str(second.run), again)
        assert len(calls(crm, EDIT)) == 4, "it belongs to the run that has sent it"
        assert second.results
        assert batch_editor.run(second.results, again, only_failed=True).counts["updated"] == 3


def test_a_cell_that_was_changed_is_another_edit(tmp_path: Path) -> None:
    with sandbox("lost-after@clue:11*1") as crm:
        settings = given(tmp_path, crm, retry={"ambiguous": False})
        first = batch_editor.run(jobs.sheet(tmp_path, [11]), settings, output=tmp_path / "out.csv")
        path = jobs.text_file(tmp_path / "mended.csv", (tmp_path / "out.csv").read_text("utf-8-sig").replace("row 2", "mine"))
        assert first.counts["failed"] == 1
        assert batch_editor.run(path, settings, only_failed=True).counts["updated"] == 1 and remarks(crm)[0] == "mine"


def test_the_same_sheet_once_more_offers_no_resume_that_sends_nothing(tmp_path: Path) -> None:
    with sandbox("lost-after@clue:11*1") as crm:
        settings = given(tmp_path, crm, retry={"ambiguous": False})
        path = jobs.sheet(tmp_path, [11])
        batch_editor.run(path, settings)
        again = batch_editor.run(path, settings)
        assert again.preview.circumstances.earlier and "resume" not in say(again.preview.circumstances.earlier, "en")


# --- the proof alone


def test_a_resume_says_whether_the_edit_of_a_proof_was_put_back(tmp_path: Path) -> None:
    with sandbox("lost-after@1") as crm:
        settings = given(tmp_path, crm, retry={"attempts": 1})
        path = jobs.sheet(tmp_path, CLUES)
        proof = batch_editor.run(path, settings, prove_only=True)
        assert (proof.exit_code, remarks(crm)[0]) == (3, "row 2")
        with pytest.raises(Refused, match=f"NOT put back(.|\n)*batch-editor undo {proof.run}"):
            batch_editor.resume(str(proof.run), settings)
        with pytest.raises(Refused, match="was not put back"):
            batch_editor.run(path, settings)
        batch_editor.undo(str(proof.run), settings)
        assert remarks(crm)[0] == "old 11"
        with pytest.raises(Refused, match="which was put back"):
            batch_editor.resume(str(proof.run), settings)


def test_a_proof_that_was_applied_and_then_rejected_is_put_back(tmp_path: Path) -> None:
    with sandbox("lost-after@1", "code=7@2", "code=7@3") as crm:
        settings = given(tmp_path, crm, retry={"attempts": 2})
        proof = batch_editor.run(jobs.sheet(tmp_path, [11, 12]), settings, prove_only=True)
        assert proof.put_back and remarks(crm)[:2] == ["old 11", "old 12"]


def test_a_resume_says_that_a_proof_has_changed_nothing(tmp_path: Path) -> None:
    with sandbox("code=7") as crm:
        settings = given(tmp_path, crm)
        proof = batch_editor.run(jobs.sheet(tmp_path, [11]), settings, prove_only=True)
        with pytest.raises(Refused, match="changed nothing"):
            batch_editor.resume(str(proof.run), settings)


def test_an_undo_of_a_proof_that_stopped_is_to_be_gone_on_with(tmp_path: Path) -> None:
    with sandbox("lost-after@1") as crm:
        settings = given(tmp_path, crm, retry={"attempts": 1})
        proof = batch_editor.run(jobs.sheet(tmp_path, [11]), settings, prove_only=True)
        stop = batch_editor.Stop()
        undo = batch_editor.undo(str(proof.run), settings, stop=stop, confirm=lambda preview: not stop.ask())
        with batch_editor.job.open_journal(settings) as journal:
            assert journal.run(str(undo.run)).state is RunState.STOPPED
        with pytest.raises(Refused, match=f"batch-editor resume {undo.run}"):
            batch_editor.resume(str(proof.run), settings)
