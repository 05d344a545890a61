"""What a run has sent before counts when it goes on: the values from before, and what earlier rows of a clue have set.

What a clue holds at the end is what is looked at, against the sandbox, whose answers are lost and whose runs are stopped.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support import jobs
from support.records import EDIT, calls

import batch_editor
from batch_editor import Report, Settings
from batch_editor.runs.preview import Preview
from batch_editor.sandbox import Sandbox

pytestmark = pytest.mark.usefixtures("results_as_csv")

CLUE = 1591005521987920963
BEFORE = {"label": "etA-tag-of-the-tests", "remark": "old", "gender": "1"}
HOW = [{"snapshot": True}, {"only_changed": True}]


def sandbox(*faults: str) -> Sandbox:
    return Sandbox([{"clue_id": CLUE, **BEFORE}], access_token=jobs.TOKEN, faults=faults)


@pytest.fixture
def crm() -> Iterator[Sandbox]:
    with sandbox() as running:
        yield running


def given(folder: Path, crm: Sandbox, **over: Any) -> Settings:
    return jobs.settings(folder, crm.url, **jobs.merged({"rate": {"concurrency": 1}, "retry": {"attempts": 1}}, over))


def sheet(folder: Path, *rows: str, headings: str = "label,remark") -> Path:
    lines = [f"clue_id,{headings}", *(f"{CLUE},{row}" for row in rows)]
    return jobs.text_file(folder / "edits.csv", "\n".join(lines) + "\n")


def values(crm: Sandbox, *keys: str) -> list[object]:
    return [crm.clue(CLUE)[key] for key in keys or BEFORE]


def undone(report: Report, settings: Settings) -> Report:
    return batch_editor.undo(str(report.run), settings)


# --- the values from before


@pytest.mark.parametrize("fault", ["lost-after@1", "lost-before@1"])
@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("tags", ["add", "remove"])
def test_an_undo_brings_back_what_was_there_before_a_try_that_was_not_answered(
    tmp_path: Path, how: dict[str, Any], tags: str, fault: str
) -> None:
    """The clue is read a second time when the edit may have been applied already: that is not what was there before."""
    with sandbox(fault) as crm:
        crm.change(CLUE, label="etA-tag-of-the-tests,etX-tag-of-the-tests")
        settings, path = (
            given(tmp_path, crm),
            sheet(tmp_path, "etX-tag-of-the-tests,new" if tags == "remove" else "etY-tag-of-the-tests,new"),
        )
        first = batch_editor.run(path, settings, tags=tags, **how)
        second = batch_editor.resume(str(first.run), settings)
        assert (first.counts["failed"], second.counts["updated"], second.undoable) == (1, 1, True)
        assert values(crm, "label", "remark") == [
            "etA-tag-of-the-tests" if tags == "remove" else "etA-tag-of-the-tests,etX-tag-of-the-tests,etY-tag-of-the-tests",
            "new",
        ]
        third = undone(first, settings)
        assert (third.exit_code, third.counts["updated"]) == (0, 1)
        assert sorted(str(crm.clue(CLUE)["label"]).split(",")) == ["etA-tag-of-the-tests", "etX-tag-of-the-tests"] and values(
            crm, "remark"
        ) == ["old"]


@pytest.mark.parametrize("how", HOW)
def test_tags_that_others_add_between_two_tries_outlive_an_undo(tmp_path: Path, how: dict[str, Any]) -> None:
    with sandbox("lost-after@1") as crm:
        settings = given(tmp_path, crm)
        first = batch_editor.run(sheet(tmp_path, "etX-tag-of-the-tests,new"), settings, tags="add", **how)
        crm.change(CLUE, label="etA-tag-of-the-tests,etX-tag-of-the-tests,etTHEIRS-tag-of-the-tests")
        batch_editor.resume(str(first.run), settings)
        assert values(crm, "label", "remark") == ["etA-tag-of-the-tests,etX-tag-of-the-tests,etTHEIRS-tag-of-the-tests", "new"]
        undone(first, settings)
        assert values(crm, "label", "remark") == ["etA-tag-of-the-tests,etTHEIRS-tag-of-the-tests", "old"]


def test_a_row_that_may_have_been_applied_and_then_cannot_be_read_is_put_back(tmp_path: Path) -> None:
    with sandbox("lost-after@1", "read:code=7@2") as crm:
        settings = given(tmp_path, crm)
        first = batch_editor.run(sheet(tmp_path, "etX-tag-of-the-tests,new"), settings, tags="add", snapshot=True)
        second = batch_editor.resume(str(first.run), settings)
        assert (second.counts["invalid"], second.undoable) == (1, True)
        assert "may have been applied" in jobs.results(second.results)[0]["result_message"]
        third = undone(first, settings)
        assert values(crm) == [*BEFORE.values()] and third.counts["updated"] == 1


def test_a_row_that_waits_to_be_read_once_more_is_put_back_as_it_was_sent(tmp_path: Path) -> None:
    """Whoever resumes declines, when the row was made a draft again: what it had sent is known all the same."""
    with sandbox("lost-after@1") as crm:
        settings = given(tmp_path, crm)
        first = batch_editor.run(sheet(tmp_path, "etX-tag-of-the-tests,new"), settings, tags="add", snapshot=True)
        with pytest.raises(batch_editor.Refused):
            batch_editor.resume(str(first.run), settings, confirm=lambda preview: False)
        undone(first, settings)
        assert values(crm) == [*BEFORE.values()]


def test_of_two_values_that_may_stand_there_both_are_put_back(tmp_path: Path) -> None:
    """The second row of the clue was not answered: what stands there is its value, or that of the first row."""
    for fault in ("lost-after@2", "lost-before@2"):
        folder = tmp_path / fault[:10]
        folder.mkdir()
        with sandbox(fault) as crm:
            settings = given(folder, crm)
            first = batch_editor.run(sheet(folder, ",first", ",second"), settings, snapshot=True)
            assert (first.counts["updated"], first.counts["failed"]) == (1, 1)
            third = undone(first, settings)
            assert values(crm) == [*BEFORE.values()] and third.counts["updated"] == 1


# --- what earlier rows of a clue set


@pytest.mark.parametrize("attended", [True, False])
def test_what_a_row_sets_that_is_still_to_be_sent_counts_when_a_later_one_is_read_again(
    tmp_path: Path, crm: Sandbox, attended: bool
) -> None:
    """The first reading has made the second row ready, and the third one is read again: 女 is what the CRM shows by then."""
    settings, path = (
        given(tmp_path, crm),
        sheet(tmp_path, "etX-tag-of-the-tests,", ",男", "etY-tag-of-the-tests,女", headings="label,gender"),
    )
    crm.change(CLUE, gender=None)
    stopped = batch_editor.run(path, settings, only_changed=True, tags="add", limit=1)
    assert stopped.counts["updated"] == 1
    crm.change(CLUE, gender="1")
    report = batch_editor.run(path, settings, only_changed=True, tags="add", attended=attended)
    assert (report.run, report.counts["updated"]) == (stopped.run, 3)
    assert values(crm, "label", "gender") == ["etA-tag-of-the-tests,etX-tag-of-the-tests,etY-tag-of-the-tests", "1"]


@pytest.mark.parametrize("attended", [True, False])
def test_what_may_have_been_set_before_is_not_dropped_as_equal(tmp_path: Path, attended: bool) -> None:
    """The CRM shows the new value only after a while: the row that sets it back is sent all the same."""
    with sandbox("lost-before@1") as crm:
        settings = given(tmp_path, crm, retry={"ambiguous": False})
        path = sheet(tmp_path, "etX-tag-of-the-tests,男", "etY-tag-of-the-tests,女", headings="label,gender")
        crm.change(CLUE, gender=None)
        stopped = batch_editor.run(path, settings, only_changed=True, tags="add", limit=1)
        crm.change(CLUE, gender="1")
        batch_editor.resume(str(stopped.run), settings, attended=attended)
        assert [call["gender"] for call in calls(crm, EDIT)] == ["0", "1"] and values(crm, "gender") == ["1"]


@pytest.mark.parametrize("attended", [True, False])
def test_what_may_not_be_repeated_is_not_made_ready_by_another_row_of_its_clue(tmp_path: Path, attended: bool) -> None:
    with sandbox("lost-after@1") as crm:
        settings = given(tmp_path, crm, retry={"ambiguous": False})
        first = batch_editor.run(
            sheet(tmp_path, "etX-tag-of-the-tests,one", "etY-tag-of-the-tests,two"), settings, tags="add", limit=1
        )
        second = batch_editor.resume(str(first.run), settings, attended=attended)
        assert jobs.statuses(second.results) == ["failed", "updated"]
        assert [call["remark"] for call in calls(crm, EDIT)] == ["one", "two"]
        assert values(crm, "label", "remark") == ["etA-tag-of-the-tests,etX-tag-of-the-tests,etY-tag-of-the-tests", "two"]
        batch_editor.resume(str(first.run), settings)
        assert len(calls(crm, EDIT)) == 2


def test_what_is_shown_of_a_row_that_may_have_been_applied_is_what_it_changes(tmp_path: Path) -> None:
    shown = list[Preview]()
    with sandbox("lost-before@1") as crm:
        settings = given(tmp_path, crm)
        first = batch_editor.run(sheet(tmp_path, "etX-tag-of-the-tests,new"), settings, tags="add", only_changed=True)
        batch_editor.resume(
            str(first.run), settings, attended=True, confirm=lambda preview: bool(shown.append(preview)) or True
        )
        assert values(crm, "label", "remark") == ["etA-tag-of-the-tests,etX-tag-of-the-tests", "new"]
    (preview,) = shown
    assert [change.new for change in preview.differences.changes] == [
        "标签etA-tag-of-the-tests, etX-tag-of-the-tests",
        "new",
    ]
