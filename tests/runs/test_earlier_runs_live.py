"""What the live record means for going on: after an undo, after a proof that found something, and with results fed in again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support import jobs

import batch_editor
from batch_editor import job
from batch_editor.cli.preview_text import preview_lines
from batch_editor.messages import say
from batch_editor.runs.first_edit import FirstEdit
from batch_editor.runs.preview import Preview
from batch_editor.sandbox import EDIT_PATH, INFO_PATH, Sandbox
from batch_editor.settings.settings import Settings

pytestmark = pytest.mark.usefixtures("results_as_csv")

FIRST = 1591005521987920963
ROWS = range(4)


@pytest.fixture
def crm() -> Iterator[Sandbox]:
    clues = [{"clue_id": FIRST + row, "remark": "old", "email": "a@example.com"} for row in ROWS]
    with Sandbox(clues, access_token=jobs.TOKEN) as sandbox:
        yield sandbox


def given(folder: Path, crm: Sandbox, **over: object) -> Settings:
    return jobs.settings(folder, crm.url, rate={"concurrency": 1}, **over)


def remarks(crm: Sandbox) -> list[object]:
    return [crm.clue(FIRST + row)["remark"] for row in ROWS]


def test_a_run_that_was_undone_is_not_gone_on_with(tmp_path: Path, crm: Sandbox) -> None:
    sheet, settings = jobs.sheet(tmp_path, [FIRST + row for row in ROWS]), given(tmp_path, crm)
    stopped = batch_editor.run(sheet, settings, snapshot=True, limit=2)
    assert stopped.exit_code == 0 and stopped.counts["not_sent"] == 2 and stopped.run
    assert batch_editor.undo(stopped.run, settings).counts["updated"] == 2
    again = batch_editor.run(sheet, settings, snapshot=True)
    assert (again.run != stopped.run, again.counts["updated"], again.preview.circumstances.earlier) == (True, 4, None)
    assert remarks(crm) == ["row 2", "row 3", "row 4", "row 5"]


@pytest.mark.parametrize(("prove", "updated"), [(None, 2), (False, 4)])
def test_after_a_proof_that_found_something_the_next_edit_is_proved_as_well(
    tmp_path: Path, prove: bool | None, updated: int
) -> None:
    """Nobody has to know that: resume does as it is suggested, without an option."""
    clues = [{"clue_id": FIRST + row, "email": "a@example.com"} for row in ROWS]
    with Sandbox(clues, access_token=jobs.TOKEN, quirks=["clears-unsent"]) as crm:
        sheet = jobs.sheet(tmp_path, [FIRST + row for row in ROWS])
        refuted = batch_editor.run(sheet, given(tmp_path, crm, prove=True))
        assert refuted.halted and refuted.halted.key == "proof.refuted" and refuted.run
        report = batch_editor.resume(refuted.run, given(tmp_path, crm, prove=prove))
        assert (report.counts["updated"], report.exit_code) == (updated, 3 if prove is None else 0)


def test_rows_that_had_their_values_are_kept_with_only_failed(tmp_path: Path, crm: Sandbox) -> None:
    sheet = jobs.text_file(tmp_path / "x.csv", f"clue_id,remark\n{FIRST},old\n{FIRST + 1},new\n{FIRST + 9},new\n")
    report = batch_editor.run(sheet, given(tmp_path, crm), only_changed=True)
    assert jobs.statuses(report.results) == ["unchanged", "updated", "invalid"] and report.results
    crm.change(FIRST, remark="somebody's")
    before = len(crm.requests)
    again = batch_editor.run(report.results, given(tmp_path, crm), only_failed=True)
    assert jobs.statuses(again.results) == ["unchanged", "updated", "rejected"]
    assert len(crm.requests) == before + 1 and crm.clue(FIRST)["remark"] == "somebody's"


def test_a_sheet_that_was_finished_is_compared_without_a_warning(tmp_path: Path, crm: Sandbox) -> None:
    sheet, settings, shown = jobs.sheet(tmp_path, [FIRST]), given(tmp_path, crm), list[Preview]()
    for _ in range(2):
        batch_editor.run(sheet, settings, only_changed=True, confirm=lambda preview: not shown.append(preview))
    assert [preview.circumstances.earlier for preview in shown] == [None, None]
    assert all(preview.is_harmless for preview in shown)
    assert [request.path == INFO_PATH for request in crm.requests] == [True, False, True]


def test_an_undo_asks_with_what_it_puts_back(tmp_path: Path, crm: Sandbox) -> None:
    settings, shown = given(tmp_path, crm), list[str]()
    report = batch_editor.run(jobs.sheet(tmp_path, [FIRST]), settings, snapshot=True)
    assert report.undoable and report.run

    def confirm(preview: Preview) -> bool:
        shown.extend(say(line, "en") for line in preview_lines(preview))
        return True

    batch_editor.undo(report.run, settings, attended=True, confirm=confirm)
    assert shown[0] == f"Puts back what the run {report.run} changed."
    assert f"  clue {FIRST} (线索{FIRST % 10_000})  描述 (remark): row 2 → old" in shown


@pytest.mark.parametrize(("only", "told"), [(False, "the others follow if"), (True, "its old values are put back")])
def test_who_is_asked_is_told_what_becomes_of_the_first_edit(tmp_path: Path, crm: Sandbox, only: bool, told: str) -> None:
    shown = list[str]()

    def confirm(preview: Preview) -> bool:
        shown.extend(say(line, "en") for line in preview_lines(preview))
        return False

    with pytest.raises(batch_editor.Refused):
        batch_editor.run(
            jobs.sheet(tmp_path, [FIRST]),
            given(tmp_path, crm, prove=True, snapshot=False),
            prove_only=only,
            attended=True,
            confirm=confirm,
        )
    assert sum(told in line for line in shown) == 1 and crm.requests == []


def test_a_run_that_ends_before_its_first_edit_is_read_back_is_still_to_be_proved(
    tmp_path: Path, crm: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever ends it: at a kill nothing more can be written down, so it stands there before."""
    settings, meanwhile = given(tmp_path, crm), list[str]()

    def ends(*_: object) -> None:
        with job.open_journal(settings) as journal:
            halted = journal.runs()[0].halted
            meanwhile.append(halted.key if halted else "")
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(FirstEdit, "_compare", ends)
        batch_editor.run(jobs.sheet(tmp_path, [FIRST + row for row in ROWS]), given(tmp_path, crm, prove=True))
    with job.open_journal(settings) as journal:
        (run,) = journal.runs()
        assert (meanwhile, run.state, run.halted and run.halted.key) == (["proof.asked"], "stopped", "proof.asked")
    before = len(crm.requests)
    assert batch_editor.resume(run.name, settings).counts["updated"] == 4
    assert [one.path for one in crm.requests[before:]][:3] == [INFO_PATH, EDIT_PATH, INFO_PATH]
    with job.open_journal(settings) as journal:
        assert journal.run(run.name).halted is None


@pytest.mark.parametrize("killed", [False, True])
def test_no_guard_bars_the_way_back(tmp_path: Path, killed: bool) -> None:
    """They are about sheets: of a run that filled empty fields the undo empties many."""
    with Sandbox([{"clue_id": FIRST}, {"clue_id": FIRST + 1}], access_token=jobs.TOKEN) as crm:
        settings = given(tmp_path, crm)
        report = batch_editor.run(jobs.sheet(tmp_path, [FIRST, FIRST + 1]), settings, snapshot=True)
        guarded, stop = given(tmp_path, crm, guards={"max_clears": 0, "min_rows": 5}), batch_editor.Stop()
        if killed:
            stop.ask()
        undone = batch_editor.undo(str(report.run), guarded, stop=stop)
        if killed:
            undone = batch_editor.resume(str(undone.run), guarded)
        assert undone.counts["updated"] == 2 and crm.clue(FIRST)["remark"] is None


def test_an_undo_leaves_not_even_another_spelling_of_what_was_there(tmp_path: Path) -> None:
    """The midnight of a summer day of 1988 on the clock of Asia/Shanghai, which to others is that of our own."""
    shanghai, ours = 578415600, 578419200
    with Sandbox([{"clue_id": FIRST, "birthday": shanghai}], access_token=jobs.TOKEN) as crm:
        sheet = jobs.text_file(tmp_path / "x.csv", f"clue_id,birthday\n{FIRST},1988-05-01\n")
        report = batch_editor.run(sheet, given(tmp_path, crm), snapshot=True)
        assert crm.clue(FIRST)["birthday"] == ours
        assert batch_editor.undo(str(report.run), given(tmp_path, crm)).counts["updated"] == 1
        assert crm.clue(FIRST)["birthday"] == shanghai


def test_a_run_that_was_undone_is_not_resumed(tmp_path: Path, crm: Sandbox) -> None:
    """Its results would call rows updated that were put back."""
    settings = given(tmp_path, crm)
    stopped = batch_editor.run(jobs.sheet(tmp_path, [FIRST + row for row in ROWS]), settings, snapshot=True, limit=2)
    undone = batch_editor.undo(str(stopped.run), settings)
    before = len(crm.requests)
    with pytest.raises(batch_editor.Refused, match=f"was undone by the run {undone.run}"):
        batch_editor.resume(str(stopped.run), settings)
    assert len(crm.requests) == before


def test_force_is_told_and_asks_twice_about_it(tmp_path: Path, crm: Sandbox) -> None:
    settings, shown = given(tmp_path, crm), list[Preview]()
    report = batch_editor.run(jobs.sheet(tmp_path, [FIRST]), settings, snapshot=True)
    for force in (False, True):
        with pytest.raises(batch_editor.Refused):
            batch_editor.undo(str(report.run), settings, force=force, confirm=lambda preview: bool(shown.append(preview)))
    told = ["\n".join(say(line, "en") for line in preview_lines(preview)) for preview in shown]
    assert [("OVERWRITES also what somebody has changed since" in one) for one in told] == [False, True]
    assert [preview.is_harmless for preview in shown] == [True, False]


def test_whoever_goes_on_is_shown_what_differs_as_well(tmp_path: Path, crm: Sandbox) -> None:
    """Everything was read before the run stopped, and nothing is read again."""
    settings, shown, stop = given(tmp_path, crm), list[Preview](), batch_editor.Stop()
    path = jobs.sheet(tmp_path, [FIRST + row for row in ROWS])

    def confirm(preview: Preview) -> bool:
        shown.append(preview)
        stop.ask()
        return True

    stopped = batch_editor.run(path, settings, only_changed=True, attended=True, confirm=confirm, stop=stop)
    again = batch_editor.run(
        path, settings, only_changed=True, attended=True, confirm=lambda preview: not shown.append(preview)
    )
    assert (stopped.counts["not_sent"], again.run, again.counts["updated"]) == (4, stopped.run, 4)
    assert [[one.row for one in preview.changes] for preview in shown] == [[2, 3, 4, 5]] * 2
    assert len([one for one in crm.requests if one.path == INFO_PATH]) == 4
