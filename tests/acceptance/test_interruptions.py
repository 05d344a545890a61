"""The question on a terminal, and signals: what is asked to stop stops whole, and nothing is lost or sent twice."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import jobs
from support.commands import Commands, Terminal, finished
from support.crm import CONFIRMED, Call, Crm, scripted
from support.servers import Answer

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals and terminals of POSIX")

SLOW = Answer(delay=0.02)


def slow(*values: object) -> object:
    """More of the same: each is a process of its own."""
    return pytest.param(*values, marks=pytest.mark.slow)


def told(process: subprocess.Popen[str], text: str) -> str:
    """What the command says on stderr up to the line that holds ``text``."""
    assert process.stderr
    lines = []
    for line in process.stderr:
        lines.append(line)
        if text in line:
            return "".join(lines)
    raise AssertionError("".join(lines))


# --- the question


@pytest.fixture
def crm() -> Iterator[Crm]:
    with Crm() as running:
        yield running


def test_enter_sends(tmp_path: Path, crm: Crm) -> None:
    jobs.sheet(tmp_path, [11, 12])
    terminal = Terminal(Commands(tmp_path, crm.url, snapshot=False), "run", "edits.csv")
    terminal.read_until("Send now? Edits: 2. [Y/n]")
    assert crm.connections == 0 and "Sets:" in terminal.seen and crm.url in terminal.seen
    terminal.type("\n")
    assert terminal.end() == 0 and len(crm.calls) == 2


@pytest.mark.parametrize(
    ("args", "question", "answer"), [((), "Send now?", "n\n"), slow(("--lang", "zh"), "现在发送这 2 次编辑吗", "no\n")]
)
def test_declined(tmp_path: Path, crm: Crm, args: tuple[str, ...], question: str, answer: str) -> None:
    jobs.sheet(tmp_path, [11, 12])
    terminal = Terminal(Commands(tmp_path, crm.url, snapshot=False), "run", "edits.csv", *args)
    terminal.read_until(question)
    terminal.type(answer)
    assert terminal.end() == 2 and crm.connections == 0
    assert terminal.seen.rstrip().endswith("未发送任何数据。" if args else "Nothing was sent.")
    assert not (tmp_path / "edits.results.xlsx").exists()
    assert Commands(tmp_path, crm.url)("runs").out == "There are no runs yet.\n"


def test_ctrl_c_at_the_question(tmp_path: Path, crm: Crm) -> None:
    jobs.sheet(tmp_path, [11, 12])
    terminal = Terminal(Commands(tmp_path, crm.url, snapshot=False), "run", "edits.csv")
    terminal.read_until("[Y/n]")
    time.sleep(0.3)  # a signal just before Python waits for a key is noticed at the next key only
    terminal.process.send_signal(signal.SIGINT)
    assert terminal.end() == 2 and crm.connections == 0
    assert "Interrupted before anything was sent." in terminal.seen


def test_the_end_of_input_at_the_question(tmp_path: Path, crm: Crm) -> None:
    jobs.sheet(tmp_path, [11, 12])
    terminal = Terminal(Commands(tmp_path, crm.url, snapshot=False), "run", "edits.csv")
    terminal.read_until("Send now?")
    terminal.type("\x04")
    assert terminal.end() == 2 and crm.connections == 0


def test_yes_on_a_terminal(tmp_path: Path, crm: Crm) -> None:
    jobs.sheet(tmp_path, [11, 12])
    terminal = Terminal(Commands(tmp_path, crm.url, snapshot=False), "run", "edits.csv", "--yes")
    assert terminal.end() == 0 and len(crm.calls) == 2 and "Send now?" not in terminal.seen


def test_json_on_a_terminal_still_asks(tmp_path: Path, crm: Crm) -> None:
    jobs.sheet(tmp_path, [11])
    terminal = Terminal(Commands(tmp_path, crm.url, snapshot=False), "run", "edits.csv", "--json")
    terminal.read_until("Send now?")
    terminal.type("y\n")
    assert terminal.end() == 0 and '"updated": 1' in terminal.seen


@pytest.mark.parametrize(
    ("cell", "typed", "sends"),
    [
        slow("x", "\n", True),
        ("#CLEAR", "\n", False),
        slow("#CLEAR", "y\n", True),
        slow("x", "否\n", False),
        ("#CLEAR", "maybe\n是\n", True),
    ],
)
def test_answers_in_both_languages_and_enter_only_where_nothing_is_lost(
    tmp_path: Path, crm: Crm, cell: str, typed: str, sends: bool
) -> None:
    jobs.text_file(tmp_path / "edits.csv", f"clue_id,remark\n11,{cell}\n")
    terminal = Terminal(Commands(tmp_path, crm.url, snapshot=False), "run", "edits.csv", "--lang", "zh")
    terminal.read_until("现在发送这 1 次编辑吗？" if cell == "x" else "1 个字段被清空：发送吗？（是/否，直接回车：否）[y/N]")
    for line in typed.splitlines(keepends=True):
        terminal.type(line)
        if line == "maybe\n":
            terminal.read_until("请回答 是（y）或 否（n）。")
    assert terminal.end() == (0 if sends else 2)
    assert len(crm.calls) == sends


def test_whoever_is_not_understood_three_times_has_not_agreed(tmp_path: Path, crm: Crm) -> None:
    """Half of a character, which a terminal leaves where one was deleted, is no answer either, and no error."""
    jobs.sheet(tmp_path, [11])
    terminal = Terminal(Commands(tmp_path, crm.url), "run", "edits.csv")
    for number, answer in enumerate((b"\xe6\x98\n", b"maybe\n", "是吗？\n".encode()), 1):
        while terminal.seen.count("[Y/n]") < number:
            terminal.read_more()
        terminal.type(answer)
    assert terminal.end() == 2 and not crm.calls
    assert "Three answers were not understood, which counts as a no." in terminal.seen and "Nothing was sent." in terminal.seen


def test_a_terminal_is_asked_where_it_can_see(tmp_path: Path, crm: Crm) -> None:
    """``run edits.csv --quiet > log``: the question, and what is at stake, come to the terminal and not into the file."""
    jobs.text_file(tmp_path / "edits.csv", "clue_id,remark\n11,#CLEAR\n")
    with (tmp_path / "log").open("w") as log:
        terminal = Terminal(Commands(tmp_path, crm.url, snapshot=False), "run", "edits.csv", "--quiet", stdout=log)
        terminal.read_until("1 field is emptied: send? [y/N]")
        assert "CLEARS 1 cell:" in terminal.seen
        terminal.type("n\n")
        assert terminal.end() == 2 and crm.connections == 0


# --- signals


@pytest.mark.parametrize("number", [signal.SIGINT, slow(signal.SIGTERM)])
def test_a_check_that_is_ended_leaves_no_row_behind(tmp_path: Path, number: signal.Signals) -> None:
    jobs.sheet(tmp_path, range(1001, 101_001))
    command = Commands(tmp_path)
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    command.env["TMPDIR"] = str(temporary)
    process = command.start("check", "edits.csv")
    while process.poll() is None and not list(temporary.rglob("journal.sqlite3")):
        time.sleep(0.01)
    process.send_signal(number)
    done = finished(process)
    assert done.code == 2 and "Traceback" not in done.err and not list(temporary.iterdir())


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_lets_what_is_on_its_way_finish(tmp_path: Path, number: signal.Signals) -> None:
    jobs.sheet(tmp_path, range(1001, 1501))
    begun = threading.Event()

    def decide(call: Call) -> Answer:
        if len(crm.calls) > 12:
            begun.set()
        return SLOW

    with Crm(decide) as crm:
        command = Commands(tmp_path, crm.url, rate={"concurrency": 4})
        process = command.start("run", "edits.csv", "--json", "--quiet")
        assert begun.wait(30)
        process.send_signal(number)
        done = finished(process)
        sent = len(crm.calls)
        assert done.code == 3 and done.json["updated"] == sent < 500
        assert done.json["not_sent"] == 500 - sent and done.json["failed"] == 0
        assert done.err.splitlines()[0] == "Stopped on request."
        assert f"batch-editor resume {done.json['run']}" in done.err
        rows = jobs.results(tmp_path / "edits.results.xlsx")
        assert {row["remark"] for row in rows if row["result_status"] == "updated"} == set(crm.sent())
        assert [row["remark"] for row in rows] == [f"row {number}" for number in range(2, 502)]
        again = command("run", "edits.results.xlsx", "--only-failed", "--json")
    assert again.json["updated"] == 500 and again.code == 0
    assert sorted(crm.sent()) == sorted(f"row {number}" for number in range(2, 502))  # each of them once


@pytest.mark.slow
def test_the_second_signal_abandons_what_is_on_its_way(tmp_path: Path) -> None:
    jobs.sheet(tmp_path, range(1001, 1011))
    together = threading.Barrier(5)

    def decide(call: Call) -> Answer:
        together.wait(30)
        return Answer(silent=True)

    with Crm(decide) as crm:
        process = Commands(tmp_path, crm.url, rate={"concurrency": 4}).start("run", "edits.csv", "--json")
        together.wait(30)
        process.send_signal(signal.SIGINT)
        told(process, "Stopping: what is on its way finishes first")
        process.send_signal(signal.SIGINT)
        done = finished(process)
        assert len(crm.calls) == 4
    assert (done.code, done.json["failed"], done.json["not_sent"]) == (3, 4, 6)
    rows = jobs.results(tmp_path / "edits.results.xlsx")
    assert [row["result_status"] for row in rows] == ["failed"] * 4 + ["not_sent"] * 6
    assert {row["result_message"] for row in rows[:4]} == {
        "the run was broken off while this edit was on its way; it may have been applied"
    }


@pytest.mark.slow
def test_a_signal_during_a_pause_of_the_run_is_obeyed_at_once(tmp_path: Path) -> None:
    jobs.sheet(tmp_path, range(11, 21))
    with Crm(lambda call: Answer(status=429, headers=[("Retry-After", "600")])) as crm:
        process = Commands(tmp_path, crm.url, rate={"patience": 900}).start("run", "edits.csv", "--json")
        told(process, "everything waits for 600 seconds")
        process.send_signal(signal.SIGTERM)
        done = finished(process)
    assert (done.code, done.json["not_sent"]) == (3, 10)


@pytest.mark.slow
def test_after_a_kill_the_journal_knows_what_was_on_its_way(tmp_path: Path) -> None:
    """No handler runs any more: what was confirmed is there, and at most ``concurrency`` rows are in doubt."""
    jobs.sheet(tmp_path, range(1001, 1201))
    begun = threading.Event()

    def decide(call: Call) -> Answer:
        if len(crm.calls) > 20:
            begun.set()
        return SLOW

    with Crm(decide) as crm:
        command = Commands(tmp_path, crm.url, rate={"concurrency": 4})
        process = command.start("run", "edits.csv", "--json")
        assert begun.wait(30)
        process.kill()
        process.communicate(timeout=30)
        run, state = command("runs").out.split()[:2]
        assert state == "interrupted:" and "State: interrupted" in command("show", run).out
        assert command("results", run).code == 0
        sent = set(crm.sent())
    rows = jobs.results(tmp_path / "edits.results.xlsx")
    by_status = {
        status: {row["remark"] for row in rows if row["result_status"] == status}
        for status in ("updated", "failed", "not_sent")
    }
    assert len(rows) == 200 == sum(map(len, by_status.values()))
    assert len(by_status["failed"]) <= 4
    assert by_status["updated"] <= sent <= by_status["updated"] | by_status["failed"]
    assert {row["result_message"] for row in rows if row["result_status"] == "failed"} <= {
        "the program ended while this edit was on its way; it may have been applied"
    }


def size(path: Path) -> int:
    """In bytes; nothing for a file that is not there, or is just being taken away."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


@pytest.mark.slow
def test_ctrl_c_while_reading_sends_nothing(tmp_path: Path) -> None:
    jobs.sheet(tmp_path, range(10**6, 10**6 + 60_000))
    with Crm() as crm:
        process = Commands(tmp_path, crm.url).start("run", "edits.csv")
        journal = tmp_path / "state" / "journal.sqlite3-wal"
        while size(journal) < 500_000:
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        done = finished(process)
        assert crm.connections == 0
    assert (done.code, done.err) == (2, "\nInterrupted before anything was sent.\n")


@pytest.mark.slow
def test_a_run_that_is_under_way_is_told_from_one_that_is_over(tmp_path: Path) -> None:
    jobs.sheet(tmp_path, range(1001, 1011))
    begun, over = threading.Barrier(5), threading.Event()

    def decide(call: Call) -> Answer:
        if not over.is_set():
            begun.wait(30)
            assert over.wait(30)
        return Answer()

    with Crm(decide) as crm:
        command = Commands(tmp_path, crm.url, rate={"concurrency": 4})
        process = command.start("run", "edits.csv", "--json")
        begun.wait(30)
        run = command("runs").out.split()[0]
        shown, refused = command("show", run), command("results", run)
        over.set()
        assert finished(process).json["updated"] == 10
    assert "State: sending" in shown.out and "4  on their way" in shown.out and "6  still to be sent" in shown.out
    assert refused.code == 4 and f"The run {run} is still under way." in refused.err
    assert command("results", run).code == 0


# --- a reader that goes away


def test_who_reads_the_progress_may_go_away(tmp_path: Path) -> None:
    """As with ``batch-editor run … 2>&1 >/dev/null | head -1``: the sheet is sent, and its results are written."""
    jobs.sheet(tmp_path, range(11, 61))
    with Crm(scripted({clue: [Answer(status=429), CONFIRMED] for clue in (15, 25)})) as crm:
        process = Commands(tmp_path, crm.url).start("run", "edits.csv", "--verbose")
        assert process.stderr
        process.stderr.close()
        process.stderr = None
        out, _ = process.communicate(timeout=60)
        assert len(crm.calls) == 52
    assert process.returncode == 0 and "50  updated" in out
    assert jobs.statuses(tmp_path / "edits.results.xlsx") == ["updated"] * 50


@pytest.mark.parametrize("closed", [slow("<&-"), slow(">&-"), slow("2>&-"), "<&- >&- 2>&-"])
@pytest.mark.parametrize("more", ["", slow("--quiet"), slow("--json")])
def test_closed_streams_change_nothing(tmp_path: Path, crm: Crm, closed: str, more: str) -> None:
    jobs.sheet(tmp_path, range(11, 31))
    command = Commands(tmp_path, crm.url)
    line = f"{shlex.quote(sys.executable)} -W error -m batch_editor run edits.csv {more} {closed}"
    done = subprocess.run(["sh", "-c", line], cwd=tmp_path, env=command.env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and "Traceback" not in done.stdout + done.stderr
    assert jobs.statuses(tmp_path / "edits.results.xlsx") == ["updated"] * 20


def test_who_should_see_the_summary_is_gone(tmp_path: Path) -> None:
    jobs.sheet(tmp_path, range(11, 31))
    gone = threading.Event()

    def decide(call: Call) -> Answer:
        assert gone.wait(30)
        return Answer()

    with Crm(decide) as crm:
        process = Commands(tmp_path, crm.url).start("run", "edits.csv")
        assert process.stdout
        while "cannot be undone" not in process.stdout.readline():  # the last line of the preview
            pass
        process.stdout.close()
        process.stdout = None
        gone.set()
        _, err = process.communicate(timeout=60)
    assert process.returncode == 0 and "Traceback" not in err
    assert jobs.statuses(tmp_path / "edits.results.xlsx") == ["updated"] * 20


def test_who_should_see_the_preview_is_gone(tmp_path: Path, crm: Crm) -> None:
    """Nobody can have seen what would be sent, so nothing is."""
    jobs.sheet(tmp_path, range(11, 61))
    process = Commands(tmp_path, crm.url).start("run", "edits.csv")
    assert process.stdout
    process.stdout.close()
    process.stdout = None
    _, err = process.communicate(timeout=60)
    assert process.returncode == 2 and "nobody reads what this command has to show" in err and crm.connections == 0
    assert Commands(tmp_path, crm.url)("runs").out == "There are no runs yet.\n"


# --- an output that is full

FULL = Path("/dev/full")
needs_full = pytest.mark.skipif(not FULL.exists(), reason="this system has no device that is always full")


def _onto_full(command: Commands, args: str, streams: str) -> subprocess.CompletedProcess[str]:
    line = f"{shlex.quote(sys.executable)} -W error -m batch_editor {args} {streams}"
    done = subprocess.run(["sh", "-c", line], cwd=command.folder, env=command.env, capture_output=True, text=True, timeout=60)
    assert "Traceback" not in done.stdout + done.stderr and "Exception" not in done.stderr
    return done


@needs_full
@pytest.mark.parametrize("args", [slow("run edits.csv --quiet"), "run edits.csv --json"])
@pytest.mark.parametrize("streams", [">/dev/full", slow(">/dev/full 2>/dev/full")])
def test_a_summary_that_cannot_be_written_changes_neither_results_nor_exit_code(
    tmp_path: Path, args: str, streams: str
) -> None:
    jobs.sheet(tmp_path, range(11, 14))
    refused = Answer(body=b'{"code": 4, "msg": "no", "data": null}')
    with Crm(scripted({12: [refused]})) as crm:
        done = _onto_full(Commands(tmp_path, crm.url), args, streams)
    assert done.returncode == 1
    assert jobs.statuses(tmp_path / "edits.results.xlsx") == ["updated", "rejected", "updated"]
    assert streams.endswith("2>/dev/full") or done.stderr.count("No space left on device") == 1


@needs_full
@pytest.mark.parametrize("streams", [">/dev/full", slow(">/dev/full 2>/dev/full")])
def test_a_preview_that_cannot_be_written_sends_nothing(tmp_path: Path, crm: Crm, streams: str) -> None:
    jobs.sheet(tmp_path, range(11, 14))
    done = _onto_full(Commands(tmp_path, crm.url), "run edits.csv", streams)
    assert done.returncode == 2 and crm.connections == 0
    assert streams.endswith("2>/dev/full") or "Nothing was sent" in done.stderr


@needs_full
def test_errors_and_progress_that_cannot_be_written_change_nothing(tmp_path: Path, crm: Crm) -> None:
    jobs.sheet(tmp_path, range(11, 14))
    command = Commands(tmp_path, crm.url)
    done = _onto_full(command, "run edits.csv --verbose", "2>/dev/full")
    assert done.returncode == 0 and "3  updated" in done.stdout
    assert _onto_full(command, "run there_is_none.csv --json", "2>/dev/full").returncode == 2


@needs_full
@pytest.mark.parametrize("args", ["runs", slow("guide rules"), slow("guide")])
def test_a_command_that_only_shows_something_says_that_it_could_not(tmp_path: Path, crm: Crm, args: str) -> None:
    done = _onto_full(Commands(tmp_path, crm.url), args, ">/dev/full")
    assert done.returncode == 1 and done.stderr.count("\n") == 1 and "No space left on device" in done.stderr
