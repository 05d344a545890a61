"""``snapshot: auto``: where somebody is asked old values are read before, as far as the CRM shows them, and that is said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support import jobs
from support.records import EDIT, INFO, calls

import batch_editor
from batch_editor import Report, Settings
from batch_editor.cli.preview_text import preview_lines
from batch_editor.errors import Declined, Refused
from batch_editor.events import Event, Notice
from batch_editor.messages import say
from batch_editor.messages.command_line import typed_options
from batch_editor.runs.options import RunOptions, with_snapshot
from batch_editor.runs.preview import Preview
from batch_editor.sandbox import Sandbox

CLUES = [{"clue_id": clue, "remark": f"old {clue}"} for clue in range(11, 17)]


def given(folder: Path, crm: Sandbox, **over: Any) -> Settings:
    return jobs.settings(folder, crm.url, **jobs.merged({"compare_columns": [], "prove": False}, over))


class Asked:
    """Somebody who is asked: what was ``told`` before, what the preview said, and how many requests there were by then."""

    def __init__(self, crm: Sandbox, *, says: bool = True) -> None:
        self.told, self.lines = list[str](), list[str]()
        self.reads = self.edits = -1
        self._crm, self._says = crm, says

    def confirm(self, preview: Preview) -> bool:
        self.lines = [say(line, "en") for line in preview_lines(preview)]
        self.reads, self.edits = len(calls(self._crm, INFO)), len(calls(self._crm, EDIT))
        return self._says

    def on_event(self, event: Event) -> None:
        if isinstance(event, Notice):
            assert self.reads == -1, "the time is told before"
            self.told.append(say(event.message, "en"))

    def run(self, path: Path, settings: Settings, **options: Any) -> Report:
        return batch_editor.run(path, settings, attended=True, confirm=self.confirm, on_event=self.on_event, **options)


@pytest.mark.parametrize(
    ("setting", "option", "attended", "reads"),
    [
        ("auto", None, True, True),
        ("auto", None, False, False),
        ("auto", False, True, False),
        ("auto", True, False, True),
        (True, None, False, True),
        (True, False, True, False),
        (False, None, True, False),
        (False, True, True, True),
    ],
)
def test_what_is_said_counts_and_else_whether_somebody_is_asked(
    tmp_path: Path, setting: Any, option: bool | None, attended: bool, reads: bool
) -> None:
    with Sandbox(CLUES, access_token=jobs.TOKEN) as crm:
        settings = given(tmp_path, crm, snapshot=setting)
        report = batch_editor.run(jobs.sheet(tmp_path, [11, 12]), settings, snapshot=option, attended=attended)
        assert (len(calls(crm, INFO)), len(calls(crm, EDIT)), report.undoable) == (2 * reads, 2, reads)
        if reads:
            batch_editor.undo(report.run or "", settings)
            assert [crm.clue(clue)["remark"] for clue in (11, 12)] == ["old 11", "old 12"]


def test_it_is_said_before_the_reading_and_at_the_question(tmp_path: Path) -> None:
    with Sandbox(CLUES, access_token=jobs.TOKEN) as crm:
        asked = Asked(crm, says=False)
        with pytest.raises(Declined):
            asked.run(jobs.sheet(tmp_path, range(11, 17)), given(tmp_path, crm, rate={"limits": ["100/second"]}))
        assert (asked.reads, asked.edits, len(calls(crm, EDIT))) == (6, 0, 0)
    (told,) = asked.told
    assert told.startswith("Reading the old values of 6 clues first, so that this run can be undone: a moment")
    assert "Ctrl-C ends it; --no-snapshot leaves the reading out" in told
    (line,) = [line for line in asked.lines if "undone" in line]
    assert line.startswith("The old values of 6 clues were read, so this run can be undone. --no-snapshot leaves")


def test_only_what_is_sent_is_read(tmp_path: Path) -> None:
    with Sandbox(CLUES, access_token=jobs.TOKEN) as crm:
        settings, path = given(tmp_path, crm), jobs.sheet(tmp_path, range(11, 17))
        asked = Asked(crm)
        report = asked.run(path, settings, limit=2)
        assert (asked.reads, report.counts["updated"], report.counts["not_sent"]) == (2, 2, 4)
        again = Asked(crm)
        second = again.run(path, settings)
        assert second.run == report.run and again.reads == 6 and second.counts["updated"] == 6
        batch_editor.undo(report.run or "", settings)
        assert [crm.clue(clue["clue_id"])["remark"] for clue in CLUES] == [clue["remark"] for clue in CLUES]


@pytest.mark.parametrize("first", [True, False])
def test_a_run_is_gone_on_with_whoever_was_asked(tmp_path: Path, first: bool) -> None:
    """The choice of its beginning holds for its rest."""
    with Sandbox(CLUES, access_token=jobs.TOKEN) as crm:
        settings, path = given(tmp_path, crm), jobs.sheet(tmp_path, range(11, 17))
        begun = batch_editor.run(path, settings, attended=first, limit=2)
        ended = batch_editor.run(path, settings, attended=not first)
        assert ended.run == begun.run and ended.counts["updated"] == 6 and len(calls(crm, EDIT)) == 6
        assert len(calls(crm, INFO)) == (6 if first else 0)


@pytest.mark.parametrize("how", ["resume", "open_run"])
def test_a_run_that_somebody_was_asked_for_is_resumed_as_it_was_begun(tmp_path: Path, how: str) -> None:
    with Sandbox(CLUES, access_token=jobs.TOKEN) as crm:
        settings = given(tmp_path, crm)
        begun = batch_editor.run(jobs.sheet(tmp_path, range(11, 17)), settings, attended=True, limit=2)
        if how == "resume":
            report = batch_editor.resume(begun.run or "", settings)
        else:
            with batch_editor.open_run(begun.run or "", settings) as prepared:
                prepared = batch_editor.read_clues(prepared)
                report = batch_editor.send(prepared, confirmed=prepared.digest())
        assert (report.counts["updated"], len(calls(crm, INFO))) == (6, 6)


def test_who_says_otherwise_starts_anew(tmp_path: Path) -> None:
    with Sandbox(CLUES, access_token=jobs.TOKEN) as crm:
        settings, path = given(tmp_path, crm), jobs.sheet(tmp_path, range(11, 17))
        begun = batch_editor.run(path, settings, limit=2)
        assert batch_editor.run(path, settings, snapshot=True).run != begun.run


def test_a_resume_offers_no_option_that_it_does_not_have(tmp_path: Path) -> None:
    with Sandbox(CLUES, access_token=jobs.TOKEN) as crm:
        settings, asked = given(tmp_path, crm), Asked(crm)
        begun = batch_editor.run(jobs.sheet(tmp_path, range(11, 17)), settings, limit=2)
        batch_editor.resume(begun.run or "", settings, attended=True, confirm=asked.confirm)
    assert "This run cannot be undone." in asked.lines


@pytest.mark.parametrize("option", [{"only_changed": True}, {"prove_only": True}])
def test_nothing_is_read_twice_for_it(tmp_path: Path, option: dict[str, Any]) -> None:
    options = with_snapshot(RunOptions(**option), None, "auto", attended=True)
    assert not options.snapshot and options.auto_snapshot


# --- a CRM that does not show its clues


@pytest.mark.parametrize(
    ("fault", "halt"),
    [
        ("read:code=90013@1-999", {"after_rejections": 3}),
        ("read:code=90013@1-999", {"after_rejections": None}),
        ("read:500@1-999", {"after_failures": 3}),
    ],
)
def test_without_a_right_to_read_a_run_is_sent_all_the_same(tmp_path: Path, fault: str, halt: dict[str, Any]) -> None:
    with Sandbox(CLUES, access_token=jobs.TOKEN, faults=[fault]) as crm:
        settings, asked = given(tmp_path, crm, halt=halt, rate={"concurrency": 1}, retry={"attempts": 1}), Asked(crm)
        report = asked.run(jobs.sheet(tmp_path, range(11, 17)), settings)
        assert (report.counts["updated"], report.exit_code, report.undoable) == (6, 0, False)
        assert asked.reads == (3 if any(halt.values()) else 6) and asked.edits == 0
    assert "This run cannot be undone." in asked.lines
    (line,) = [line for line in asked.lines if line.startswith("Old values could not be read")]
    assert "90013" in line or "500" in line


def test_what_is_asked_for_is_as_strict_as_ever(tmp_path: Path) -> None:
    with Sandbox(CLUES, access_token=jobs.TOKEN, faults=["read:code=90013@1-999"]) as crm:
        settings = given(tmp_path, crm, halt={"after_rejections": 3}, rate={"concurrency": 1})
        with pytest.raises(Refused):
            batch_editor.run(jobs.sheet(tmp_path, range(11, 17)), settings, snapshot=True, attended=True)
        assert calls(crm, EDIT) == []


def test_of_one_clue_that_cannot_be_read_the_row_alone_is_without_old_values(tmp_path: Path) -> None:
    with Sandbox(CLUES, access_token=jobs.TOKEN, faults=["read:code=7@clue:13"]) as crm:
        settings, asked = given(tmp_path, crm), Asked(crm)
        report = asked.run(jobs.sheet(tmp_path, range(11, 17)), settings)
        assert report.counts["updated"] == 6 and "1 row cannot be undone." in asked.lines
        assert not any("were read, so this run can be undone" in line for line in asked.lines), "not all of them were"
        second = batch_editor.undo(report.run or "", settings)
        assert [clue["clue_id"] for clue in CLUES if crm.clue(clue["clue_id"])["remark"] != clue["remark"]] == [13]
        assert (second.counts["updated"], second.counts["skipped"]) == (5, 1)


def test_what_a_row_lacks_is_not_done_without(tmp_path: Path) -> None:
    """It is read for more than its old values."""
    with Sandbox(CLUES, access_token=jobs.TOKEN, faults=["read:code=7@1-999"]) as crm:
        settings = given(tmp_path, crm, fill=True, ids=jobs.SHORT_IDS)
        settings = settings.model_copy(update={"defaults": {"user_id": "op", "clue_pool_id": "5"}})
        path = jobs.text_file(tmp_path / "edits.csv", "clue_id,clue_name,follow_user_id,remark\n11,,,x\n12,name,wo,y\n")
        report = batch_editor.run(path, settings, edit_keys=["remark"], attended=True)
        assert jobs.statuses(report.results) == ["invalid", "updated"]


def test_tags_that_are_added_are_not_done_without(tmp_path: Path) -> None:
    with Sandbox(CLUES, access_token=jobs.TOKEN, faults=["read:code=7@1-999"]) as crm:
        path = jobs.text_file(tmp_path / "edits.csv", "clue_id,label,remark\n11,t1,x\n12,,y\n")
        report = batch_editor.run(path, given(tmp_path, crm), tags="add", attended=True)
        assert jobs.statuses(report.results) == ["invalid", "updated"]


def test_who_stops_the_reading_has_sent_nothing(tmp_path: Path) -> None:
    with Sandbox(CLUES, access_token=jobs.TOKEN) as crm:
        settings = given(tmp_path, crm, rate={"concurrency": 1})

        def interrupt(event: Event) -> None:
            if calls(crm, INFO):
                raise KeyboardInterrupt

        sheet = jobs.sheet(tmp_path, range(11, 17))
        with batch_editor.plan(sheet, settings, snapshot=True) as planned, pytest.raises(KeyboardInterrupt):
            batch_editor.read_clues(planned, on_event=interrupt)
        assert calls(crm, EDIT) == []


def test_what_is_chosen_is_kept() -> None:
    options = with_snapshot(RunOptions(), None, "auto", attended=True)
    assert options.reads_if_it_can and RunOptions.from_json(options.as_json()) == options
    assert not with_snapshot(RunOptions(), True, "auto").reads_if_it_can


def test_nobody_is_told_to_have_typed_it(tmp_path: Path) -> None:
    with Sandbox(CLUES, access_token=jobs.TOKEN) as crm:
        report = batch_editor.run(jobs.sheet(tmp_path, [11]), given(tmp_path, crm), attended=True)
        with batch_editor.job.open_journal(given(tmp_path, crm)) as journal:
            assert "--snapshot" not in typed_options(journal.run(report.run or "").options)
