"""What the commands of the live record say to whoever gives them something that they cannot use, and how they exit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support import jobs
from support.commands import Commands, Done
from support.records import EDIT, calls
from support.servers import closed_port

from batch_editor.sandbox import Sandbox

CLUES = [{"clue_id": clue, "remark": "old", "label": "a"} for clue in range(11, 14)]


@pytest.fixture
def crm() -> Iterator[Sandbox]:
    with Sandbox(CLUES, access_token=jobs.TOKEN) as running:
        yield running


def is_refused(done: Done, *words: str, code: int = 2) -> None:
    """Exit ``code``, a paragraph in English on stderr, and nothing on stdout."""
    assert done.code == code and done.out == "", done
    assert all(word in done.err for word in words), done.err


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*.xlsx"))


@pytest.mark.parametrize("command", ["run", "check", "diff"])
@pytest.mark.parametrize("how", ["add", "remove"])
def test_tags_without_a_column_of_tags(tmp_path: Path, crm: Sandbox, command: str, how: str) -> None:
    jobs.sheet(tmp_path, [11, 12])
    batch_editor = Commands(tmp_path, crm.url)
    is_refused(batch_editor(command, "edits.csv", "--tags", how), "--tags adds or removes tags", "has no column 标签")
    assert crm.requests == [] and files(tmp_path) == [] and batch_editor("runs").out == "There are no runs yet.\n"


def test_tags_that_are_context_are_no_column_of_tags(tmp_path: Path, crm: Sandbox) -> None:
    jobs.text_file(tmp_path / "edits.csv", "clue_id,remark,label\n11,new,b\n")
    done = Commands(tmp_path, crm.url)("run", "edits.csv", "--tags", "add", "--edit", "remark")
    is_refused(done, "has no column 标签")
    assert crm.requests == []


def test_tags_are_added_or_removed_and_nothing_else(tmp_path: Path, crm: Sandbox) -> None:
    jobs.sheet(tmp_path, [11])
    done = Commands(tmp_path, crm.url)("run", "edits.csv", "--tags", "replace")
    assert done.code == 2 and "'replace' is not one of 'add', 'remove'" in done.err and crm.requests == []


def test_runs_that_nobody_knows(tmp_path: Path, crm: Sandbox) -> None:
    command = Commands(tmp_path, crm.url)
    is_refused(command("undo", "20260101-000000-dead"), 'There is no run "20260101-000000-dead". The command runs lists them.')
    is_refused(command("undo", "20260101-000000-dead", "--force"), "There is no run")
    assert "Missing argument 'RUN'." in command("undo").err
    is_refused(command("diff", "20260101-000000-dead"), "20260101-000000-dead")
    refused = command("undo", "x", "--json")
    assert (refused.code, refused.json["exit_code"], refused.json["run"]) == (2, 2, None)
    assert crm.requests == [] and files(tmp_path) == []


def test_outputs_that_cannot_be(tmp_path: Path, crm: Sandbox) -> None:
    jobs.sheet(tmp_path, [11])
    command = Commands(tmp_path, crm.url)
    run = command("run", "edits.csv", "--snapshot", "--json").json["run"]
    seen = len(crm.requests)
    for words in (["undo", run, "--yes"], ["diff", "edits.csv"]):
        is_refused(command(*words, "--output", "x.doc"), "the name must end in .xlsx or .csv")
        is_refused(command(*words, "--output", "nowhere/x.csv"), "nowhere")
    assert len(crm.requests) == seen and crm.clue(11)["remark"] == "row 2"


def test_a_diff_of_a_sheet_with_rows_that_are_invalid(tmp_path: Path, crm: Sandbox) -> None:
    """Exit 1: the cell that is wrong and the clue that is not there are named; what differs is shown all the same."""
    jobs.text_file(tmp_path / "edits.csv", "clue_id,remark,gender\n11,new,\n12,old,x\n99,new,\n13,old,\n")
    command = Commands(tmp_path, crm.url)
    done = command("diff", "edits.csv")
    assert done.code == 1 and "Compared only; nothing was sent." in done.out and calls(crm, EDIT) == []
    assert (
        "C3" in done.out and "A4" in done.out and "90007" in done.out and "row 2 (线索11)  描述 (remark): old → new" in done.out
    )
    rows = jobs.raw_results(tmp_path / "edits.diff.xlsx")
    assert [row[0] for row in rows] == ["row", "2", "3", "4"] and rows[1][1:6] == [
        "11",
        "线索11",
        "描述 (remark)",
        "old",
        "new",
    ]
    assert "gender" in rows[2][6] or "x" in rows[2][6]
    machine = command("diff", "edits.csv", "--json")
    assert machine.code == 1 and (machine.json["invalid"], machine.json["unchanged"], machine.json["changed"]) == (2, 1, 1)
    assert machine.json["changes"] == [
        {"row": 2, "clue_id": 11, "name": "线索11", "field": "描述 (remark)", "old": "old", "new": "new"}
    ]
    assert command("runs").out == "There are no runs yet.\n"


def test_a_diff_of_a_sheet_that_is_none(tmp_path: Path, crm: Sandbox) -> None:
    command = Commands(tmp_path, crm.url)
    is_refused(command("diff", "missing.csv"), "missing.csv")
    jobs.text_file(tmp_path / "edits.csv", "name,remark\n11,new\n")
    is_refused(command("diff", "edits.csv"), "clue")
    assert crm.requests == [] and files(tmp_path) == []


@pytest.mark.parametrize("rows", [1, 3, 40])
@pytest.mark.parametrize("how", ["nobody listens", "500", "token"])
def test_a_diff_that_cannot_read(tmp_path: Path, rows: int, how: str) -> None:
    """Nothing could be read at all, however long the sheet: no workbook that says so row by row, and exit 3 where the CRM
    alone was in the way."""
    jobs.sheet(tmp_path, range(11, 11 + rows))
    faults = {"500": ["read:500"], "token": ["read:token-expired"]}.get(how, [])
    with Sandbox(access_token=jobs.TOKEN, accept_any_clue=True, faults=faults) as crm:
        url = f"http://127.0.0.1:{closed_port()}" if how == "nobody listens" else crm.url
        command = Commands(tmp_path, url, halt={"after_failures": 20})
        code = 2 if how == "token" else 3
        is_refused(command("diff", "edits.csv"), "The clues could not be read, and nothing was sent.", code=code)
        assert calls(crm, EDIT) == [] and files(tmp_path) == [] and command("runs").out == "There are no runs yet.\n"


def test_a_diff_of_which_some_clues_cannot_be_read(tmp_path: Path) -> None:
    jobs.sheet(tmp_path, [11, 12, 13])
    with Sandbox(CLUES, access_token=jobs.TOKEN, faults=["read:500@clue:12"]) as crm:
        done = Commands(tmp_path, crm.url)("diff", "edits.csv")
    assert done.code == 1 and "1  failed" in done.out and "1 ×  the clue could not be read" in done.out
    rows = jobs.raw_results(tmp_path / "edits.diff.xlsx")
    assert [row[0] for row in rows] == ["row", "2", "3", "4"] and "could not be read" in rows[2][-1]


def test_a_run_that_must_read_first_and_cannot(tmp_path: Path) -> None:
    jobs.sheet(tmp_path, range(11, 51))
    command = Commands(tmp_path, f"http://127.0.0.1:{closed_port()}", halt={"after_failures": 20})
    done = command("run", "edits.csv", "--only-changed", "--strict")
    is_refused(done, "The clues could not be read, and nothing was sent.", code=3)
    assert files(tmp_path) == []
    (kept,) = command("runs", "--json").json["runs"]  # the same command goes on with it, and reads no clue twice
    assert (kept["state"], kept["stopped"], kept["reason"]) == ("stopped", True, "crm_down")
    assert kept["counts"]["not_sent"] == 40 and sum(kept["counts"].values()) == 40


def test_who_undoes_with_another_app(tmp_path: Path, crm: Sandbox) -> None:
    jobs.sheet(tmp_path, [11])
    command = Commands(tmp_path, crm.url)
    run = command("run", "edits.csv", "--snapshot", "--json").json["run"]
    del command.env["WSHOTO_ACCESS_TOKEN"]
    done = command("undo", run, WSHOTO_APP_ID="demo-app", WSHOTO_APP_SECRET="demo-secret")
    is_refused(done, f"The run {run} belongs to another app", "(demo-app)")
    assert crm.clue(11)["remark"] == "row 2" and files(tmp_path) == ["edits.results.xlsx"]


def test_strict_names_what_is_wrong(tmp_path: Path, crm: Sandbox) -> None:
    jobs.sheet(tmp_path, [11, 99])
    done = Commands(tmp_path, crm.url)("run", "edits.csv", "--only-changed", "--strict")
    is_refused(done, "A3", "90007")
    assert calls(crm, EDIT) == [] and files(tmp_path) == ["edits.check.xlsx"]
