"""A CRM that goes away in the middle of a run: the real command in a process of its own, and a server that closes its port."""

from __future__ import annotations

import json
import subprocess
import time
from collections import Counter
from pathlib import Path

import pytest
from support import jobs
from support.commands import TOKEN, Commands, finished

from batch_editor.sandbox import EDIT_PATH, Sandbox

pytestmark = pytest.mark.slow

CLUES = range(1591005521987920001, 1591005521987920041)
SENDERS = 2


def crm_of_clues() -> Sandbox:
    return Sandbox([{"clue_id": clue} for clue in CLUES], access_token=TOKEN, latency=0.02)


def command_for(crm: Sandbox, folder: Path, *, patience: float) -> Commands:
    """The command in ``folder``, with a sheet of all clues, which waits so many seconds for the CRM."""
    jobs.sheet(folder, CLUES)
    return Commands(folder, crm.url, rate={"concurrency": SENDERS, "patience": patience})


def edits(crm: Sandbox) -> Counter[int]:
    """How often each clue was edited."""
    return Counter(json.loads(asked.body)["clue_id"] for asked in crm.requests if asked.path == EDIT_PATH and asked.applied)


def close_after_ten(crm: Sandbox, process: subprocess.Popen[str]) -> None:
    """Closes the port in the middle of the run, and waits until the command has said that nobody answers there."""
    while edits(crm).total() < 10:
        assert process.poll() is None, process.communicate()
        time.sleep(0.005)
    crm.stop()
    assert process.stderr is not None
    lines = [process.stderr.readline()]
    while "The CRM cannot be reached" not in lines[-1]:
        assert lines[-1], lines
        lines.append(process.stderr.readline())


def test_a_crm_that_comes_back_costs_no_row_and_no_second_edit(tmp_path: Path) -> None:
    with crm_of_clues() as crm:
        process = command_for(crm, tmp_path, patience=60).start("run", "edits.csv", "--json")
        close_after_ten(crm, process)
        crm.start()
        done = finished(process)
    assert (done.code, done.json["updated"], done.json["reason"]) == (0, len(CLUES), None), done.err
    assert "The CRM can be reached again" in done.err
    assert set(edits(crm)) == set(CLUES)
    assert edits(crm).total() - len(CLUES) <= SENDERS  # what was on its way when the port was closed


def test_one_that_stays_away_ends_the_run_which_is_gone_on_with_later(tmp_path: Path) -> None:
    with crm_of_clues() as crm:
        command = command_for(crm, tmp_path, patience=2)
        process = command.start("run", "edits.csv", "--json")
        close_after_ten(crm, process)
        done = finished(process)
        summary = done.json
        assert (done.code, summary["reason"], summary["stopped"]) == (3, "crm_down", True), done.err
        assert summary["failed"] <= SENDERS and summary["rejected"] == 0  # what was on its way may have been applied
        assert summary["left"] == summary["failed"] + summary["not_sent"] == len(CLUES) - summary["updated"] > 0
        assert f"batch-editor resume {summary['run']}" in done.err and "batch-editor doctor" in done.err
        crm.start()
        again = command.process("resume", summary["run"], "--json")
    assert (again.code, again.json["updated"]) == (0, len(CLUES)), again.err
    assert set(edits(crm)) == set(CLUES)
    assert edits(crm).total() - len(CLUES) <= SENDERS
