"""A field is set only where the CRM has nothing: in a run, a check, a diff and a plan, after a stop, and undone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support import jobs
from support.commands import Commands

import batch_editor
from batch_editor.errors import SettingsError
from batch_editor.messages import say
from batch_editor.sandbox import Sandbox

TEXT = "clue_id,remark,email,工单ID\n11,new,n@n.nn,7\n12,new,n@n.nn,\n12,newer,,\n13,#CLEAR,n@n.nn,\n14,#CLEAR,,\n"
CLUES: list[dict[str, Any]] = [
    {"clue_id": 11, "remark": "theirs", "email": ""},
    {"clue_id": 12, "remark": "", "email": "they@n.nn"},
    {"clue_id": 13, "remark": "theirs", "email": None},
    {"clue_id": 14, "remark": "theirs", "email": "they@n.nn"},
]


def edits_in(crm: Sandbox) -> list[Any]:
    return [request for request in crm.requests if request.path.endswith("clue/edit")]


def test_a_run_sets_what_is_empty_says_what_it_left_and_can_be_undone(tmp_path: Path) -> None:
    edits = jobs.text_file(tmp_path / "a.csv", TEXT)
    with Sandbox(CLUES, access_token=jobs.TOKEN) as crm:
        given, before = jobs.settings(tmp_path, crm.url, rate={"concurrency": 1}), crm.clues()
        check = batch_editor.check(edits, given, only_empty=True)
        assert check.preview.counts.clears == {} and "note.clears_nothing" in [note.key for note in check.preview.notes]
        assert len(batch_editor.diff(edits, given, only_empty=True, output=tmp_path / "d.csv").preview.changes) == 3
        assert edits_in(crm) == []
        report = batch_editor.run(edits, given, only_empty=True)
        after = crm.clues()
        assert [(after[clue]["remark"], after[clue]["email"]) for clue in (11, 12, 13, 14)] == [
            ("theirs", "n@n.nn"),
            ("new", "they@n.nn"),
            ("theirs", "n@n.nn"),
            ("theirs", "they@n.nn"),
        ]
        assert len(edits_in(crm)) == 3
        rows = jobs.results(report.results)
        assert [row["result_status"] for row in rows] == ["updated", "updated", "unchanged", "updated", "unchanged"]
        assert "描述" in rows[0]["result_message"] and "工单ID" in rows[0]["result_message"]
        assert "邮箱" in rows[1]["result_message"] and "描述" in rows[4]["result_message"]
        again = batch_editor.run(edits, given, only_empty=True, new=True)
        assert again.counts["unchanged"] == 5 and len(edits_in(crm)) == 3
        batch_editor.undo(str(report.run), given)
        cleared = crm.clues()
        assert all((cleared[clue][key] or "") == (before[clue][key] or "") for clue in before for key in ("remark", "email"))


def test_a_run_that_goes_on_overwrites_nothing_that_was_put_there_meanwhile(tmp_path: Path) -> None:
    clues = [{"clue_id": clue, "remark": ""} for clue in (11, 12, 13)]
    edits = jobs.sheet(tmp_path, [11, 12, 13])
    with Sandbox(clues, access_token=jobs.TOKEN) as crm:
        given = jobs.settings(tmp_path, crm.url, rate={"concurrency": 1})
        first = batch_editor.run(edits, given, only_empty=True, limit=1)
        assert first.counts["updated"] == 1
        by_hand = jobs.text_file(tmp_path / "by_hand.csv", "clue_id,remark\n12,theirs\n")
        batch_editor.run(by_hand, given)
        report = batch_editor.run(edits, given, only_empty=True)
        assert crm.clues()[12]["remark"] == "theirs" and crm.clues()[13]["remark"] == "row 4"
    assert report.run == first.run and report.counts["updated"] == 2
    assert jobs.statuses(report.results) in (["updated", "unchanged", "updated"], ["updated", "conflict", "updated"])


def test_a_plan_shows_it_and_sends_it(tmp_path: Path) -> None:
    edits = jobs.text_file(tmp_path / "a.csv", TEXT)
    with Sandbox(CLUES, access_token=jobs.TOKEN) as crm:
        given = jobs.settings(tmp_path, crm.url)
        with batch_editor.plan(edits, given, only_empty=True, attended=True) as prepared:
            read = batch_editor.read_clues(prepared)
            assert read.preview.differences.fields == 3
            report = batch_editor.send(read, confirmed=read.digest())
        assert report.counts["updated"] == 3 and crm.clues()[11]["remark"] == "theirs"


def test_a_clue_that_cannot_be_read_is_not_edited_whoever_is_asked(tmp_path: Path) -> None:
    with Sandbox(CLUES[:1], access_token=jobs.TOKEN) as crm:
        given = jobs.settings(tmp_path, crm.url)
        edits = jobs.sheet(tmp_path, [11, 99])
        report = batch_editor.run(edits, given, only_empty=True, attended=True, confirm=lambda preview: True)
        assert report.counts["invalid"] == 1 and report.counts["unchanged"] == 1 and edits_in(crm) == []


def test_tags_are_not_changed_and_set_at_once(tmp_path: Path) -> None:
    edits = jobs.text_file(tmp_path / "a.csv", "clue_id,label\n11,etvvCXcAAAZHYVzWCdeC\n")
    with pytest.raises(SettingsError) as caught:
        batch_editor.run(edits, jobs.settings(tmp_path), only_empty=True, tags="add")
    assert "--tags" in str(caught.value) and say(caught.value.message, "zh")


def test_at_the_command_line(tmp_path: Path) -> None:
    jobs.text_file(tmp_path / "a.csv", TEXT)
    with Sandbox(CLUES, access_token=jobs.TOKEN) as crm:
        command = Commands(tmp_path, crm.url)
        assert "only where the CRM has nothing" in command("check", "a.csv", "--only-empty").out
        done = command("run", "a.csv", "--only-empty", "--yes")
        assert done.code == 0 and len(edits_in(crm)) == 3
        assert "--tags" in command("run", "a.csv", "--only-empty", "--tags", "add", "--yes").err
