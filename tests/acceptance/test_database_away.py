"""Commands whose journal is in a database that is away: they say so in plain words, and what is known outlives a kill."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from support import jobs, postgres
from support.commands import Commands
from support.crm import CONFIRMED, Answer, Call, Crm
from support.proxies import Proxy

from batch_editor.journal.journal import Journal
from batch_editor.journal.kept_facts import files

_PASSWORD = "pass-word-of-the-journal"
_PATIENCE = 30.0


@pytest.fixture
def line(journal_server: str) -> Iterator[Proxy]:
    """The line to the database."""
    known = psycopg.conninfo.conninfo_to_dict(journal_server)
    with Proxy((str(known["host"]), int(str(known["port"])))) as proxy:
        yield proxy


def over(line: Proxy, journal_server: str) -> str:
    return postgres.dsn_with(journal_server, host="127.0.0.1", port=line.port, password=_PASSWORD)


@pytest.mark.parametrize("trouble", ["cut", "gone"])
def test_without_the_database_every_command_says_so_and_ends(
    tmp_path: Path, journal_server: str, line: Proxy, trouble: str
) -> None:
    """Nobody sees a password, or what only a programmer understands."""
    command = Commands(tmp_path)
    command.env["BATCH_EDITOR_JOURNAL"] = over(line, journal_server)
    sheet = jobs.sheet(tmp_path, [11])
    if trouble == "cut":
        line.cut()
    else:
        command.env["BATCH_EDITOR_JOURNAL"] = command.env["BATCH_EDITOR_JOURNAL"].replace("/batch_editor_", "/no_such_")
    of_run = [[name, "20261129-080000-0000"] for name in ("show", "results", "resume", "undo")]
    for args in (["runs"], *of_run, ["run", sheet], ["journal", "migrate"]):
        done = command(*args)
        assert done.code == 2, (args, done.output)
        assert "cannot be reached" in done.output and "Traceback" not in done.output, (args, done.output)
        assert _PASSWORD not in done.output
        assert len(done.output.splitlines()) < 8, done.output


def test_a_command_that_loses_the_database_in_the_middle_says_so(
    tmp_path: Path, journal_server: str, line: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("batch_editor.journal.link._SHORT", 0.2)
    command = Commands(tmp_path)
    command.env["BATCH_EDITOR_JOURNAL"] = over(line, journal_server)
    runs = Journal.runs

    def runs_then(journal: Journal) -> object:
        line.cut()
        return runs(journal)

    monkeypatch.setattr(Journal, "runs", runs_then)
    done = command("runs")
    assert done.code == 2 and "could not be reached for" in done.output and _PASSWORD not in done.output


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="kills a process")
def test_what_is_known_outlives_a_kill_while_the_database_is_away(tmp_path: Path, journal_server: str, line: Proxy) -> None:
    """Some 8 seconds: the real command, the line to its database cut while rows are on their way, and a real kill."""
    senders = 3
    answered = list[Call]()
    is_cut = threading.Event()

    def answer(call: Call) -> Answer:
        answered.append(call)
        if len(answered) == 9:
            line.cut()
            is_cut.set()
        return CONFIRMED

    with Crm(answer) as crm:
        command = Commands(tmp_path, crm.url, rate={"concurrency": senders}, worker={"lease": 2})
        command.env["BATCH_EDITOR_JOURNAL"] = over(line, journal_server)
        sheet = jobs.sheet(tmp_path, range(11, 41))
        process = command.start("run", sheet, "--yes")
        assert is_cut.wait(_PATIENCE)
        _until(lambda: bool(files(tmp_path / "state")))
        time.sleep(0.5)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=_PATIENCE)
        sent = [call.clue for call in answered]
        line.mend()
        shown = command("runs")
        assert shown.code == 0 and files(tmp_path / "state") == []
        with psycopg.connect(journal_server) as connection:
            ((run,),) = connection.execute("SELECT name FROM runs").fetchall()
            rows: dict[int, str] = dict(connection.execute("SELECT clue, status || ' ' || attempts FROM rows").fetchall())
        assert {clue for clue, row in rows.items() if row == "updated 1"} == {*sent}, "nothing that was answered is lost"
        _until(lambda: command("resume", run, "--yes").code == 0)  # once the lease of the process that was killed is over
        assert Counter(call.clue for call in answered) == dict.fromkeys(range(11, 41), 1), "and nothing is sent twice"


def _until(holds: Callable[[], bool]) -> None:
    for _ in range(int(_PATIENCE / 0.05)):
        if holds():
            return
        time.sleep(0.05)
    raise AssertionError("it does not come about")
