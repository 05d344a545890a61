"""``resume``, ``run --new`` and ``journal purge`` as they are typed: what they say, what they send, how they exit."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import jobs
from support.commands import TOKEN, Commands
from support.crm import CONFIRMED, Call, Crm, envelope, scripted, status
from support.servers import Answer


@pytest.fixture
def crm() -> Iterator[Crm]:
    with Crm() as running:
        yield running


@pytest.fixture
def begun(tmp_path: Path, crm: Crm) -> tuple[Commands, str]:
    """The command, and a run of which two of five rows are sent."""
    jobs.sheet(tmp_path, range(11, 16))
    command = Commands(tmp_path, crm.url)
    return command, command("run", "edits.csv", "--limit", "2", "--json").json["run"]


def test_resume_goes_on_and_tells(tmp_path: Path, crm: Crm, begun: tuple[Commands, str]) -> None:
    command, run = begun
    done = command("resume", run)
    assert done.code == 0 and done.err == "" and len(crm.calls) == 5
    assert done.out.startswith(f"Goes on with the run {run}: only the rows that are left are sent.\n")
    assert "Edits to send: 3, to 3 clues" in done.out and "Sets:\n  描述 (remark)  3 ×" in done.out
    assert "Not sent, updated before: 2 rows" in done.out
    results = re.escape(str(tmp_path / "edits.results.xlsx"))
    assert re.search(f"Run {run}: 5 rows in (a moment|\\d+ seconds?)\n        5  updated\nResults: {results}\n", done.out)
    again = command("resume", run)
    assert again.code == 0 and "Nothing to send." in again.out and len(crm.calls) == 5


def test_resume_says_what_is_wrong(begun: tuple[Commands, str]) -> None:
    command, run = begun
    for args, error in (
        (["resume"], "Missing argument 'RUN'."),
        (["resume", "20260101-000000-dead"], 'There is no run "20260101-000000-dead". The command runs lists them.'),
        (["resume", run, "--output", "x.doc"], "the name must end in .xlsx or .csv"),
        (["resume", run, "--config", "missing.yaml"], "There is no settings file"),
        (["resume", run, "--rate", "0"], "Invalid value for '--rate'"),
    ):
        done = command(*args)
        assert done.code == 2 and error in done.err


def test_json_quiet_and_lang_of_resume(begun: tuple[Commands, str]) -> None:
    command, run = begun
    done = command("resume", run, "--json", "--quiet", "--lang", "zh")
    assert (done.json["run"], done.json["updated"], done.json["exit_code"]) == (run, 5, 0) and done.err == ""
    shown = command("resume", run, "--lang", "zh").out
    assert "继续" in shown and "没有要发送的内容" in shown
    refused = command("resume", "x", "--json")
    assert (refused.code, refused.json["exit_code"], refused.json["run"]) == (2, 2, None)


def test_output_verbose_and_rate_of_resume(tmp_path: Path, begun: tuple[Commands, str]) -> None:
    command, run = begun
    command.configure(**jobs.QUICK | {"api": {"base_url": "http://127.0.0.1:9"}, "state_dir": str(tmp_path / "state")})
    (tmp_path / "config.yaml").rename(tmp_path / "other.yaml")
    done = command("resume", run, "--config", "other.yaml", "--output", "out.csv", "--verbose", "--rate", "1")
    assert "Edits to send: 3, to 3 clues, which takes about 3 seconds" in done.out
    assert done.code == 0 and done.err.count("send_request_headers.complete") == 3 and TOKEN not in done.err
    assert jobs.statuses(tmp_path / "out.csv") == ["updated"] * 5


def test_concurrency_of_resume(tmp_path: Path, crm: Crm, begun: tuple[Commands, str]) -> None:
    """Three at once meet at the barrier; with the four of the settings it would be broken as well, with two never reached."""
    command, run = begun
    together = threading.Barrier(3)

    def decide(call: Call) -> Answer:
        together.wait(30)
        return CONFIRMED

    crm._decide = decide
    command.configure(
        **jobs.QUICK
        | {
            "api": {"base_url": crm.url},
            "state_dir": str(tmp_path / "state"),
            "rate": {"limits": [], "concurrency": 1},
        }
    )
    assert command("resume", run, "--concurrency", "3").code == 0


def test_run_goes_on_unless_it_is_told_to_start_over(crm: Crm, begun: tuple[Commands, str]) -> None:
    command, run = begun
    new = command("run", "edits.csv", "--new", "--json").json
    assert new["run"] != run and new["updated"] == 5 and len(crm.calls) == 7
    limited = command("run", "edits.csv", "--limit", "1")
    assert f"THIS SHEET WAS FINISHED BEFORE, by the run {new['run']}" in limited.out and len(crm.calls) == 8
    assert "Goes on with the run" in command("run", "edits.csv").out and len(crm.calls) == 12


def test_a_run_of_the_same_sheet_goes_on_when_nobody_watches(tmp_path: Path) -> None:
    """The nightly job whose token had expired: the next night's command is the same, and sends the rest."""
    jobs.sheet(tmp_path, range(11, 16))
    with Crm(scripted({13: [status(401), CONFIRMED]})) as crm:
        command = Commands(tmp_path, crm.url, rate={"concurrency": 1})
        first = command("run", "edits.csv", "--json", "--quiet")
        second = command("run", "edits.csv", "--json", "--quiet")
        assert crm.sent() == ["row 2", "row 3", "row 4", "row 4", "row 5", "row 6"]
    assert (first.code, second.code, second.json["run"]) == (3, 0, first.json["run"])
    assert second.json["updated"] == 5 and second.json["results"] == first.json["results"]


def test_failed_rows_are_gone_on_with_and_refused_ones_are_mended(tmp_path: Path) -> None:
    jobs.sheet(tmp_path, [11, 12])
    with Crm(scripted({11: [*[status(500)] * 4, CONFIRMED], 12: [envelope(7, "不行")]})) as crm:
        command = Commands(tmp_path, crm.url)
        first = command("run", "edits.csv")
        (line,) = [line for line in first.out.splitlines() if line.startswith("  batch-editor ")]
        assert "Still to be sent: 1 row. To go on:" in first.out and line.split()[1] == "resume"
        second = command(*line.split()[1:])
    assert "  batch-editor run " in second.out and "--only-failed" in second.out and second.code == 1


# --- the history and its end


def test_the_history_tells_what_is_left_of_a_run(begun: tuple[Commands, str]) -> None:
    command, run = begun
    listed, shown = command("runs").out, command("show", run).out
    assert listed.startswith(f"{run}  stopped early\n    to go on: batch-editor resume {run}; not wanted: batch-editor ")
    assert "\n    updated 2, not sent 3\n" in listed
    assert "        3  not sent\n" in shown and "        2  updated\n" in shown


def test_purge(begun: tuple[Commands, str]) -> None:
    command, run = begun
    (command.folder / "config.yaml").rename(command.folder / "other.yaml")
    kept = command("journal", "purge", "--older-than", "1d", "--config", "other.yaml")
    assert kept.code == 0 and kept.out == "Removed from the journal, since they are older than 1 day: 0 runs.\n"
    assert run in command("runs", "--config", "other.yaml").out
    gone = command("journal", "purge", "--older-than", "0d", "--config", "other.yaml", "--lang", "zh", "--yes")
    assert gone.code == 0 and gone.out.endswith("\n已从运行记录中删除 0 天以前的 1 次运行。\n")
    assert command("runs", "--config", "other.yaml").out == "There are no runs yet.\n"
    assert command("resume", run, "--config", "other.yaml").code == 2


@pytest.mark.parametrize("age", ["90", "d", "-1d", "1.5d", "90 d", ""])
def test_an_age_that_is_none(begun: tuple[Commands, str], age: str) -> None:
    command, run = begun
    done = command("journal", "purge", "--older-than", age)
    assert done.code == 2 and "is not a number of days such as 90d." in done.err and run in command("runs").out
