"""The permitted rate as the CRM sees it: two commands at once, two windows at once, also when it says "too fast" itself."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from benchmarks.server import Server
from support import jobs
from support.commands import Commands
from support.records import EDIT, INFO

from batch_editor.sandbox import Sandbox
from batch_editor.sandbox.reference import TOKEN_PATH

pytestmark = pytest.mark.slow

LATENCY = 0.02
#: Seconds after which a test is given up; nothing that goes well comes near.
PATIENCE = 250


def fullest(arrivals: Sequence[float], seconds: float) -> int:
    """The most arrivals in any sliding window of so many seconds."""
    within, most = deque[float](), 0
    for moment in arrivals:
        within.append(moment)
        while within[0] <= moment - seconds:
            within.popleft()
        most = max(most, len(within))
    return most


def two_at_once(folder: Path, server: Server, rows: int, **rate: object) -> list[float]:
    """When the requests of two commands arrived that were started at once, each with ``rows`` rows; all were updated."""
    command = Commands(folder, server.url, rate={"concurrency": 8, **rate}, retry={"attempts": 5})
    for name, first in (("a.csv", 1000), ("b.csv", 5000)):
        jobs.sheet(folder, range(first, first + rows), name)
    processes = [command.start("run", name, "--quiet", "--json") for name in ("a.csv", "b.csv")]
    try:
        for process in processes:
            out, err = process.communicate(timeout=PATIENCE)
            assert process.returncode == 0 and json.loads(out)["updated"] == rows, err
    finally:
        for process in processes:
            process.kill()
            process.communicate()
    return sorted(server.arrivals())


def test_two_commands_and_two_windows_at_once(tmp_path: Path) -> None:
    """A third of a second's worth more than the minute holds: the last ones wait for the next. Three tenants at a time, since
    what takes a minute is to wait."""

    def a_minute(rate: int, minute: int) -> tuple[int, list[float]]:
        folder = tmp_path / f"{rate} a second"
        folder.mkdir()
        rows = minute // 2 + max(1, rate // 6)
        with Server(LATENCY) as server:
            return rows, two_at_once(folder, server, rows, limits=[f"{rate}/second", f"{minute}/minute"])

    cases = [(5, 60), (50, 300), (200, 1000)]
    with ThreadPoolExecutor(len(cases)) as pool:
        for (rate, minute), (rows, arrivals) in zip(cases, pool.map(a_minute, *zip(*cases, strict=True)), strict=True):
            assert len(arrivals) == 2 * rows and arrivals[-1] - arrivals[0] >= 60
            assert fullest(arrivals, 1) <= rate and fullest(arrivals, 60) <= minute


@pytest.mark.parametrize("rate", [5, 50, 200])
def test_also_when_one_answer_in_five_is_too_fast(tmp_path: Path, rate: int) -> None:
    """Everything that is sent again needs a permit too, and so does what comes after a pause."""
    rows = max(rate // 2, 15)
    with Server(LATENCY, refuse=5) as server:
        arrivals = two_at_once(tmp_path, server, rows, limits=[f"{rate}/second"], pause=0.05)
    assert len(arrivals) > 2 * rows * 6 // 5
    assert fullest(arrivals, 1) <= rate


def test_reads_count_like_edits_and_token_calls(tmp_path: Path) -> None:
    """Three seconds' worth: every clue is read, sent, and the first one proved, by two commands at once, the second an undo."""
    rows, rate = 14, 20
    with Sandbox([{"clue_id": clue} for clue in range(1000, 1000 + 2 * rows)], app_id="app", app_secret="app-secret") as crm:
        command = Commands(tmp_path, crm.url, rate={"limits": [f"{rate}/second"], "concurrency": 8})
        del command.env["WSHOTO_ACCESS_TOKEN"]
        command.env |= {"WSHOTO_APP_ID": "app", "WSHOTO_APP_SECRET": "app-secret"}
        for number, name in enumerate(("a.csv", "b.csv")):
            jobs.sheet(tmp_path, range(1000 + number * rows, 1000 + (number + 1) * rows), name)
        first = command("run", "a.csv", "--snapshot", "--json")
        processes = [
            command.start(*words)
            for words in (("undo", first.json["run"], "--yes"), ("run", "b.csv", "--only-changed", "--prove"))
        ]
        try:
            for process in processes:
                _, err = process.communicate(timeout=PATIENCE)
                assert process.returncode == 0, err
        finally:
            for process in processes:
                process.kill()
                process.communicate()
        paths = [request.path for request in crm.requests]
        arrivals = [request.at for request in crm.requests]
    assert (paths.count(INFO), paths.count(EDIT), paths.count(TOKEN_PATH)) == (3 * rows + 1, 3 * rows, 3)
    assert fullest(arrivals, 1) <= rate and arrivals[-1] - arrivals[0] >= 3
