"""How a command ended, in words: what to do next is told as a command that can be typed, on the right stream."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import jobs
from support.commands import Commands
from support.crm import CONFIRMED, Crm, envelope, scripted, status

import batch_editor
from batch_editor import Report
from batch_editor.cli.screen import Screen
from batch_editor.cli.summary_text import show_summary
from batch_editor.messages import say
from batch_editor.model import Message
from batch_editor.sandbox import Sandbox

#: A row that is updated, one that is rejected, one that fails and may be sent again, and one that is invalid.
MIXED = "clue_id,remark,性别\n11,a,\n12,b,\n13,c,\n14,d,先生\n"


def told(report: Report, capsys: pytest.CaptureFixture[str], options: tuple[str, str] | None = ("", "")) -> str:
    capsys.readouterr()
    show_summary(Screen(lang="en"), report, options)
    shown = capsys.readouterr()
    return shown.out + shown.err


def text(key: str, **values: object) -> str:
    return say(Message(key, values), "en")


def test_after_the_rows_that_are_left_those_that_are_wrong_are_to_be_mended(tmp_path: Path) -> None:
    jobs.text_file(tmp_path / "edits.csv", MIXED)
    with Crm(scripted({12: [envelope(7, "no")], 13: [status(503)]})) as crm:
        done = Commands(tmp_path, crm.url)("run", "edits.csv", "--rate", "9")
    go_on, then = done.out.rindex("Still to be sent: 1 row."), done.out.rindex("After that, mend what is wrong with 2 rows")
    assert go_on < then and done.code == 1
    assert (
        done.err.startswith("1 row failed without a usable answer. In a moment this is tried once more.")
        and done.err.count("\n") == 1
    )
    assert "  batch-editor resume " in done.out[go_on:then] and " --rate 9\n" in done.out[go_on:then]
    assert "--only-failed" not in done.out


def test_a_run_that_stopped_tells_on_stderr_how_to_go_on(tmp_path: Path) -> None:
    jobs.sheet(tmp_path, [11, 12])
    with Crm(lambda call: status(401)) as crm:
        done = Commands(tmp_path, crm.url)("run", "edits.csv")
    assert done.code == 3 and "Still to be sent: 2 rows." in done.err and "Still to be sent" not in done.out


def test_a_row_in_conflict_is_told_on_the_terminal_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Crm(scripted({11: [envelope(7, "不行"), CONFIRMED]})) as crm:
        given = jobs.settings(tmp_path, crm.url)
        older = batch_editor.run(jobs.text_file(tmp_path / "older.csv", "clue_id,remark\n11,old\n"), given)
        batch_editor.run(jobs.sheet(tmp_path, [11]), given)
        report = batch_editor.run(older.results or Path(), given, only_failed=True)
    assert report.counts["conflict"] == 1
    assert text("book.look", rows=1) in told(report, capsys)


def test_the_rows_of_an_undo_that_the_crm_refuses_are_to_be_looked_at(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Sandbox([{"clue_id": 11, "remark": "old"}], access_token=jobs.TOKEN, faults=["code=7@2"]) as crm:
        given = jobs.settings(tmp_path, crm.url)
        first = batch_editor.run(jobs.sheet(tmp_path, [11]), given, snapshot=True)
        undone = batch_editor.undo(str(first.run), given)
    assert undone.counts["rejected"] == 1
    shown = told(undone, capsys)
    assert text("book.look", rows=1) in shown and "--only-failed" not in shown


def test_without_a_results_sheet_nothing_is_said_of_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import pandas as pd

    with Crm(scripted({11: [envelope(7, "no")]})) as crm:
        report = batch_editor.run(pd.DataFrame({"clue_id": ["11"], "remark": ["a"]}), jobs.settings(tmp_path, crm.url))
    shown = told(report, capsys)
    assert report.results is None and "1  rejected by the CRM" in shown and "result_message" not in shown


def test_an_undo_is_offered_unless_nobody_wants_to_read_of_it(tmp_path: Path) -> None:
    jobs.sheet(tmp_path, [11])
    with Sandbox([{"clue_id": 11, "remark": "old"}], access_token=jobs.TOKEN) as crm:
        command = Commands(tmp_path, crm.url)
        plain, quiet, as_json = (
            command("run", "edits.csv", "--snapshot", "--new", *option) for option in ((), ("--quiet",), ("--json",))
        )
    assert "  batch-editor undo " in plain.out
    assert "batch-editor undo" not in quiet.output + as_json.err and as_json.json["undoable"] is True


def test_a_summary_alone_tells_no_next_step(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As in the demonstration, which goes on by itself."""
    with Crm(scripted({11: [envelope(7, "no")]})) as crm:
        report = batch_editor.run(jobs.sheet(tmp_path, [11]), jobs.settings(tmp_path, crm.url))
    assert "--only-failed" in told(report, capsys) and "--only-failed" not in told(report, capsys, None)
