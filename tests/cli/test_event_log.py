"""``--log-format json``: each line of stderr is an event, with ids and numbers, and without what people wrote."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support import jobs
from support.commands import TOKEN, Commands, Done
from support.crm import CONFIRMED, Crm, envelope, status

from batch_editor import job
from batch_editor.cli.event_log import REQUESTS
from batch_editor.output import placing
from batch_editor.runs.result_places import day_folder
from batch_editor.settings.settings import Settings


@pytest.fixture(autouse=True)
def _no_events_afterwards() -> Iterator[None]:
    yield
    REQUESTS.handlers.clear()
    REQUESTS.setLevel(logging.CRITICAL)


def events(done: Done) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in done.err.splitlines()]
    assert lines and all(list(line)[:2] == ["time", "event"] for line in lines), done.err
    return lines


def test_each_line_is_an_event_of_the_run(tmp_path: Path) -> None:
    jobs.sheet(tmp_path, [1591005521987921929, 12])
    with Crm(lambda call: status(502) if call.clue == 12 and call.number == 1 else CONFIRMED) as crm:
        command = Commands(tmp_path, crm.url)
        done = command("run", "edits.csv", "--json", "--log-format", "json")
    lines = events(done)
    run = done.json["run"]
    requests = [line for line in lines if line["event"] == "request"]
    assert {(line["row"], line["clue"], line["attempt"], line["verdict"]) for line in requests} == {
        (2, "1591005521987921929", 1, "done"),
        (3, "12", 1, "again"),
        (3, "12", 2, "done"),
    }
    assert all(line["run"] == run and line["kind"] == "edit" and line["ms"] >= 0 for line in requests)
    (ended,) = [line for line in lines if line["event"] == "ended"]
    assert (ended["exit_code"], ended["updated"], ended["run"]) == (0, 2, run)
    assert TOKEN not in done.err


def test_what_people_wrote_is_in_it_only_where_that_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "edits.csv").write_text("clue_id,remark,gender\n11,张三的备注,\n12,,张三丰\n", "utf-8")
    refusal = envelope(90001, "张三 is not yours")
    with Crm(lambda call: refusal) as crm:
        command = Commands(tmp_path, crm.url)
        for words in (["run", "edits.csv"], ["run", "edits.csv", "--strict"], ["check", "edits.csv", "--json"]):
            for also in ([], ["--json"], ["--quiet"]):
                done = (
                    command(*words, *also, "--log-format", "json", "--new")
                    if words[0] == "run"
                    else command(*words, "--log-format", "json")
                )
                assert done.code in (1, 2) and "张三" not in json.dumps(events(done), ensure_ascii=False), done.err
        asked = command("run", "edits.csv", "--new", "--log-format", "json", "--verbose")
    assert "张三 is not yours" in json.dumps(events(asked), ensure_ascii=False)


def test_a_code_of_the_crm_that_is_a_text_is_withheld_as_well(tmp_path: Path) -> None:
    jobs.sheet(tmp_path, [11, 12])
    with Crm(lambda call: envelope("E-1042" if call.clue == 11 else "张三 138", status=404)) as crm:
        command = Commands(tmp_path, crm.url, rate={"concurrency": 1})
        lines = events(command("run", "edits.csv", "--log-format", "json"))
        asked = events(command("run", "edits.csv", "--new", "--log-format", "json", "--verbose"))
    codes = [[line.get("code") for line in of if line["event"] == "request"] for of in (lines, asked)]
    assert codes == [["E-1042", None], ["E-1042", "张三 138"]]


@pytest.mark.parametrize("words", [["run", "nowhere.csv"], ["run", "edits.csv", "--tags", "all"], ["run"], ["resume", "none"]])
def test_refusals_are_events_too(words: list[str], tmp_path: Path) -> None:
    jobs.sheet(tmp_path, [11])
    done = Commands(tmp_path)(words[0], "--log-format", "json", *words[1:])
    lines = events(done)
    assert done.code == 2 and lines[-1]["event"] == "ended" and lines[-1]["exit_code"] == 2
    assert any(line.get("text") for line in lines if line["event"] == "message")


@pytest.mark.parametrize("form", ["json", "text"])
def test_the_log_of_the_day_holds_the_same_and_is_known_as_ours(form: str, tmp_path: Path) -> None:
    jobs.sheet(tmp_path, [11])
    with Crm(lambda call: status(400)) as crm:
        command = Commands(tmp_path, crm.url, results_dir="results")
        done = command("run", "edits.csv", "--log-format", form)
    day = day_folder(Settings(results_dir=tmp_path / "results"))
    assert done.code == 1 and day
    log = (day / "nights.log").read_text("utf-8")
    if form == "json":
        assert [json.loads(line)["event"] for line in log.splitlines()][-1] == "ended"
    else:
        assert all(line[:4].isdigit() for line in log.splitlines())
        fields = dict(word.split("=") for word in log.splitlines()[-1].split(" ended ")[1].split())
        assert fields.pop("seconds") and fields == {"exit_code": "1", "rows": "1", "rejected": "1", "reason": "rows"}
    with job.open_journal(jobs.settings(tmp_path)) as journal:
        assert journal.files.stamp_of(str(day / "nights.log")) == placing.stamp(day / "nights.log")


def test_a_log_that_cannot_be_written_is_told_and_changes_nothing(tmp_path: Path) -> None:
    jobs.sheet(tmp_path, [11])
    with Crm() as crm:
        command = Commands(tmp_path, crm.url, results_dir="results")
        day = day_folder(Settings(results_dir=tmp_path / "results"))
        assert day
        (day / "nights.log").mkdir()
        done = command("run", "edits.csv", "--log-format", "json")
    assert done.code == 0 and any(line.get("key") == "screen.log_unwritten" for line in events(done))


@pytest.mark.parametrize("form", ["json", "text"])
def test_the_log_of_the_day_says_why_nothing_was_sent(form: str, tmp_path: Path) -> None:
    jobs.sheet(tmp_path, [11])
    command = Commands(tmp_path, results_dir="results", guards={"min_rows": 5})
    done = command("run", "edits.csv", "--log-format", form, "--quiet")
    day = day_folder(Settings(results_dir=tmp_path / "results"))
    assert done.code == 2 and day
    log = (day / "nights.log").read_text("utf-8")
    assert "min_rows" in log and "ended" in log if form == "json" else "min_rows" in log and "exit_code=2" in log
    with job.open_journal(jobs.settings(tmp_path)) as journal:
        assert journal.files.stamp_of(str(day / "nights.log")) == placing.stamp(day / "nights.log")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a file on which there is never room")
@pytest.mark.parametrize("form", ["text", "json"])
def test_a_log_of_the_day_without_room_changes_nothing(form: str, tmp_path: Path) -> None:
    jobs.sheet(tmp_path, [11])
    (tmp_path / "nights").mkdir()
    with Crm() as crm:
        command = Commands(tmp_path, crm.url, results_dir=str(tmp_path / "nights"))
        done = command("run", "edits.csv", "--json")
        (log,) = (tmp_path / "nights").rglob("nights.log")
        log.unlink()
        log.symlink_to("/dev/full")
        done = command("run", "edits.csv", "--new", "--json", "--log-format", form)
    assert (done.code, done.json["updated"], done.err.count("log_unwritten" if form == "json" else "log of the day")) == (
        0,
        1,
        1,
    )
