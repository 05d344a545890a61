"""The command ``inbox`` as it is typed: its words, its JSON, its settings and its exit codes."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from support import jobs
from support.commands import TOKEN, Commands, finished
from support.crashes import until

from batch_editor import job
from batch_editor.cli.inbox import require_marker
from batch_editor.errors import CrmDown, Refused, SettingsError, UnderWay
from batch_editor.inbox import watching
from batch_editor.inbox.outcomes import Handled, Pass
from batch_editor.inbox.passes import Inbox
from batch_editor.sandbox import Sandbox
from batch_editor.settings.settings import Settings

command_module = sys.modules[require_marker.__module__]  # the package has the command under the name of its module


@pytest.fixture
def crm() -> Iterator[Sandbox]:
    with Sandbox([{"clue_id": clue} for clue in range(11, 15)], access_token=TOKEN) as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    return (tmp_path / "in").resolve()


def put(folder: Path, name: str, text: str) -> None:
    jobs.text_file(folder / name, text)
    (folder / f"{name}.done").touch()


def test_the_json_of_a_pass_has_the_summary_of_each_sheet(tmp_path: Path, folder: Path, crm: Sandbox) -> None:
    put(folder, "a.csv", "clue_id,remark\n11,x\n")
    put(folder, "b.csv", "clue_id,rermark\n12,x\n")
    done = Commands(tmp_path, crm.url)("inbox", "in", "--marker", ".done", "--json")
    outcome = done.json
    assert (done.code, outcome["exit_code"], outcome["reason"], outcome["stopped"]) == (2, 2, "headings", False)
    assert "rermark" in outcome["error"]
    sheets = {sheet["sheet"]: sheet for sheet in outcome["sheets"]}
    assert [sheets["a.csv"][key] for key in ("went_to", "updated", "exit_code", "reason")] == [
        *(str(folder / "done" / "a.csv"), 1, 0, None)
    ]
    assert [sheets["b.csv"][key] for key in ("went_to", "updated", "exit_code", "reason")] == [
        *(str(folder / "refused" / "b.csv"), 0, 2, "headings")
    ]


def test_the_settings_of_the_folder_come_before_those_of_the_current_one(tmp_path: Path, folder: Path, crm: Sandbox) -> None:
    command = Commands(tmp_path, crm.url)
    (folder / "config.yaml").write_text((tmp_path / "config.yaml").read_text())
    (tmp_path / "config.yaml").write_text("nonsense: 1\n")
    put(folder, "a.csv", "clue_id,remark\n11,x\n")
    done = command("inbox", "in", "--marker", ".done", "--quiet")
    assert (done.code, "updated" in done.out, str(folder / "done" / "a.csv") in done.out) == (0, True, True)
    assert (folder / "config.yaml").exists()


def test_with_a_folder_for_results_everything_of_a_pass_is_in_that_of_the_day(
    tmp_path: Path, folder: Path, crm: Sandbox
) -> None:
    put(folder, "a.csv", "clue_id,remark\n11,x\n")
    put(folder, "b.csv", "clue_id,rermark\n12,x\n")
    put(folder, "c.csv", "clue_id,remark\n13,x\n14,x\n")
    guards = {"repeat": "allow", "max_rows": 1}
    Commands(tmp_path, crm.url, results_dir="out", guards=guards)("inbox", "in", "--marker", ".done", "--quiet")
    (day,) = (tmp_path / "out").iterdir()
    names = {path.name for path in day.iterdir()}
    assert names >= {"a.csv", "a.results.xlsx", "b.csv", "b.csv.reason.txt", "c.csv", "c.check.xlsx", "nights.log"}
    assert "rermark" in (day / "nights.log").read_text("utf-8")
    assert not list(folder.glob("*/*.csv"))
    with job.open_journal(jobs.settings(tmp_path)) as journal:
        known = {Path(file.path).name for file in journal.files.of_nights(str(folder), datetime.max.replace(tzinfo=UTC))}
    assert known == names


@pytest.mark.parametrize("marker", ["done", ".", ".csv", ".a/b", " .done", ""])
def test_a_marker_is_the_end_of_a_name_that_no_sheet_has(tmp_path: Path, folder: Path, marker: str) -> None:
    done = Commands(tmp_path)("inbox", "in", "--marker", marker)
    assert (done.code, "--marker" in done.err) == (2, True)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    done = Commands(tmp_path)("inbox", "nowhere", "--json")
    assert (done.code, done.json["reason"], done.json["sheets"]) == (2, "inbox", [])
    assert "There is no folder" in done.err


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_whoever_watches_takes_what_comes_until_a_signal(tmp_path: Path, folder: Path, crm: Sandbox) -> None:
    process = Commands(tmp_path, crm.url).start("inbox", "in", "--marker", ".done", "--watch", "--every", "1", "--quiet")
    for name in ("a.csv", "b.csv"):
        put(folder, name, "clue_id,remark\n11,x\n" if name == "a.csv" else "clue_id,remark\n12,x\n")
        until((folder / "done" / name).exists, process)
    process.send_signal(signal.SIGTERM)
    assert finished(process).code == 0


def an_hour_ago(until: str | None, settings: Settings) -> datetime:
    assert (until, settings.timezone) == ("06:30", "Asia/Tokyo")
    return datetime.now().astimezone() - timedelta(hours=1)


def test_no_sheet_is_begun_after_the_time_until_which_a_pass_works(
    tmp_path: Path, folder: Path, crm: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(folder, "a.csv", "clue_id,remark\n11,x\n")
    command = Commands(tmp_path, crm.url, timezone="Asia/Tokyo")
    monkeypatch.setattr(command_module, "moment_of", an_hour_ago)
    done = command("inbox", "in", "--marker", ".done", "--until", "06:30", "--json")
    assert (done.code, done.json["exit_code"], done.json["reason"], done.json["stopped"]) == (3, 3, "until", True)
    assert (done.json["sheets"], (folder / "a.csv").exists()) == ([], True)
    monkeypatch.undo()
    assert command("inbox", "in", "--marker", ".done").code == 0
    assert (folder / "done" / "a.csv").exists()


@pytest.mark.parametrize("given", ["25:00", "6.30", "", "half past six"])
def test_a_time_that_is_none_is_refused(tmp_path: Path, folder: Path, given: str) -> None:
    done = Commands(tmp_path)("inbox", "in", "--until", given, "--json")
    assert (done.code, done.json["reason"]) == (2, "usage")


WELL = Pass()
DONE, UNMOVED = (
    Pass([Handled("a.csv")]),
    Pass([Handled("a.csv", unmoved=SettingsError("inbox.no_room", folder="x", reason="y"))]),
)
REFUSED, HALTED = (
    Pass([Handled("a.csv", error=Refused("inbox.dismissed", run="x"))]),
    Pass([Handled("a.csv", error=CrmDown("x"))]),
)


@pytest.mark.parametrize(
    ("outcomes", "code", "by_signal"),
    [
        ([], 0, 0),
        ([DONE, WELL], 0, 0),
        ([UNMOVED, WELL], 1, 0),
        ([REFUSED, DONE, WELL], 2, 0),
        ([HALTED, DONE], 0, 0),  # it was gone on with
        ([DONE, HALTED], 3, 3),
        ([REFUSED, HALTED], 3, 3),
        ([DONE, Refused("inbox.gone", path="x")], 2, 0),
        ([DONE, UnderWay("inbox.under_way", path="x")], 4, 4),
        ([UnderWay("inbox.under_way", path="x"), WELL], 0, 0),
    ],
)
def test_whoever_watches_until_a_time_ends_with_the_exit_code_of_the_night(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, outcomes: list[Any], code: int, by_signal: int
) -> None:
    words = ["inbox", "in", "--watch", "--until", "06:30", "--json", "--json-file", "o.json"]
    for is_signal, expected in ((False, code), (True, by_signal)):

        def passes(inbox: Inbox, every: float, is_signal: bool = is_signal) -> Iterator[object]:
            yield from outcomes
            if is_signal:
                inbox.stop.ask()

        monkeypatch.setattr(watching, "passes", passes)
        done = Commands(tmp_path)(*words)
        lines = [json.loads(line) for line in done.out.splitlines()]
        exit_codes = [outcome.exit_code for outcome in outcomes if isinstance(outcome, Pass) and outcome.sheets]
        assert (done.code, [line["exit_code"] for line in lines]) == (expected, exit_codes)
        if lines:  # each pass that has done something is a line, and the file holds the last one
            assert json.loads((tmp_path / "o.json").read_bytes()) == lines[-1]


def test_commands_that_a_pass_names_find_the_settings_of_the_folder(tmp_path: Path, folder: Path, crm: Sandbox) -> None:
    command = Commands(tmp_path, crm.url)
    (tmp_path / "config.yaml").rename(folder / "config.yaml")
    put(folder, "a.csv", "clue_id,remark\n11,x\n")
    stopped = command("inbox", "in", "--marker", ".done", "--json", WSHOTO_ACCESS_TOKEN="expired").json["sheets"][0]["run"]
    done = command("run", "in/done/none.csv", "--json")  # there is nothing else that the journal knows
    assert done.code == 2
    put(folder, "b.csv", "clue_id,remark\n12,x\n")
    (next(folder.glob("taken/*/*/a.csv"))).unlink()
    done = command("inbox", "in", "--marker", ".done")
    assert f"batch-editor resume {stopped} --config in/config.yaml" in done.err


def test_a_pass_says_in_a_sentence_and_on_stderr_why_it_did_not_end_well(tmp_path: Path, folder: Path, crm: Sandbox) -> None:
    put(folder, "a.csv", "clue_id,remark\n11,x\n99,x\n")
    command = Commands(tmp_path, crm.url)
    done = command("inbox", "in", "--marker", ".done", "--json", "--quiet")
    assert (done.code, done.json["reason"], "rejected 1" in done.json["error"]) == (1, "rows", True)
    put(folder, "b.csv", "clue_id,remark\n11,y\n")
    done = command("inbox", "in", "--marker", ".done", "--json", "--quiet", WSHOTO_ACCESS_TOKEN="expired")
    assert (done.code, done.json["reason"]) == (3, "token")
    assert "access token" in done.err


def test_a_sheet_that_is_refused_is_named_as_people_know_it(tmp_path: Path, folder: Path, crm: Sandbox) -> None:
    command = Commands(tmp_path, crm.url)
    put(folder, "good.csv", "clue_id,remark\n11,z\n")
    command("inbox", "in", "--marker", ".done")
    put(folder, "cut.csv", "clue_id,remark\n11,y\n12,y")
    command("inbox", "in", "--marker", ".done", BATCH_EDITOR_GUARDS__CUT="refuse")
    for name, book in (("good.csv", "results/good.results.xlsx"), ("cut.csv", "refused/cut.check.xlsx")):
        texts = {str(cell.value) for sheet in openpyxl.load_workbook(folder / book) for cells in sheet for cell in cells}
        assert str(folder / name) in texts and not any(f"{folder}/taken" in text for text in texts)
    put(folder, "a.csv", "clue_id,remark\n11,x\n12")
    done = command("inbox", "in", "--marker", ".done")
    reason = (folder / "refused" / "a.csv.reason.txt").read_text(encoding="utf-8-sig")
    assert (done.code, f"{folder}/taken" in reason + done.err) == (2, False)
    assert "\n\na.csv" in reason.replace("\r", "")
