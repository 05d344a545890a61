"""The page beside other processes: a server that ends, or is killed, while it sends, and a run of the command line."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import jobs
from support.commands import Commands
from support.crm import Call, Crm
from support.pages import Client, Markup, PageServer, site_with
from support.servers import Answer

from batch_editor import job
from batch_editor.model import RunState
from batch_editor.settings.settings import Settings

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")]
ROWS, CONCURRENCY = 200, 4


class Slow:
    """A CRM that takes its time, and says when it has begun with so many edits."""

    def __init__(self, enough: int) -> None:
        self.reached = threading.Event()
        self._left = enough

    def __call__(self, call: Call) -> Answer:
        self._left -= 1
        if self._left <= 0:
            self.reached.set()
        return Answer(delay=0.05)


@pytest.fixture
def slow() -> Slow:
    return Slow(60)


@pytest.fixture
def crm(slow: Slow) -> Iterator[Crm]:
    with Crm(slow) as serving:
        yield serving


@pytest.fixture
def commands(tmp_path: Path, crm: Crm) -> Commands:
    return Commands(tmp_path, crm.url, rate={"concurrency": CONCURRENCY}, snapshot=False, lang="en")


@pytest.fixture
def given(tmp_path: Path, crm: Crm) -> Settings:
    return jobs.settings(tmp_path, crm.url)


def served(commands: Commands) -> tuple[subprocess.Popen[str], Client]:
    """A server of the page in a process of its own, and a browser."""
    process = commands.start("serve", "--port", "0", "--no-browser")
    assert process.stdout
    line = process.stdout.readline()
    found = re.search(r"http://127\.0\.0\.1:\d+", line)
    assert found, line
    return process, Client(base_url=found[0], trust_env=False, timeout=30)


def sent(client: Client, given: Settings, tmp_path: Path) -> str:
    """The name of a run that is being sent from the page."""
    with job.plan(jobs.sheet(tmp_path, range(101, 101 + ROWS)), given) as prepared:
        run, digest = prepared.name, prepared.digest()
    answer = client.submit(f"/runs/{run}/send", {"digest": digest, "prove": "no"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/runs/{run}/progress")
    return run


def gone_on(client: Client, run: str) -> None:
    """Presses the button that the page offers, and waits for the end."""
    page = Markup(client.get(f"/runs/{run}/progress").text)
    (digest,) = [values["value"] for values in page.all("input") if values.get("name") == "digest"]
    assert client.submit(f"/runs/{run}/resume", {"digest": digest}).status_code == 303
    end = time.monotonic() + 60
    while client.get(f"/runs/{run}/progress.json").json()["is_at_work"]:
        assert time.monotonic() < end
        time.sleep(0.1)


def test_a_server_that_is_killed_while_it_sends(
    commands: Commands, given: Settings, crm: Crm, slow: Slow, tmp_path: Path
) -> None:
    process, client = served(commands)
    with client:
        run = sent(client, given, tmp_path)
        assert slow.reached.wait(60)
        process.kill()
        process.wait(20)
    assert job.get_run(run, given).state is RunState.INTERRUPTED
    process, client = served(commands)
    with client:
        calls = len(crm.calls)
        texts = {*Markup(client.get(f"/runs/{run}/progress").text).texts}
        assert {"The program ended in the middle", "unknown"} <= texts
        assert any(text.startswith("Go on: send ") for text in texts)
        time.sleep(0.5)
        assert len(crm.calls) == calls  # nothing goes on by itself
        gone_on(client, run)
        process.terminate()
        assert process.wait(20) == 0
    times = Counter(call.clue for call in crm.calls)
    assert len(times) == ROWS and sum(times.values()) - ROWS <= CONCURRENCY
    assert job.get_run(run, given).counts == dict.fromkeys(job.get_run(run, given).counts or {}, 0) | {"updated": ROWS}


def test_a_server_that_ends_lets_what_is_in_flight_finish_whoever_watches(
    commands: Commands, given: Settings, crm: Crm, slow: Slow, tmp_path: Path
) -> None:
    process, client = served(commands)
    with client:
        run = sent(client, given, tmp_path)
        with client.stream("GET", f"/runs/{run}/events") as answer:
            lines = answer.iter_lines()
            assert next(lines)
            assert slow.reached.wait(60)
            process.send_signal(signal.SIGTERM)
            assert any(line == "event: end" for line in lines)
        assert process.wait(20) == 0
    found = job.get_run(run, given)
    updated = (found.counts or {})["updated"]
    assert found.state is RunState.STOPPED and updated == len(crm.calls) < ROWS
    process, client = served(commands)
    with client:
        gone_on(client, run)
        process.terminate()
        assert process.wait(20) == 0
    assert sorted(call.clue for call in crm.calls) == list(range(101, 101 + ROWS))


def test_a_run_of_the_command_line_is_shown_and_can_be_stopped(
    commands: Commands, given: Settings, crm: Crm, slow: Slow, tmp_path: Path
) -> None:
    jobs.sheet(tmp_path, range(101, 101 + ROWS))
    process = commands.start("run", "edits.csv", "--yes")
    assert slow.reached.wait(60)
    with PageServer(site_with(given)) as server, server.client() as client:
        (found,) = job.list_runs(given)
        address = f"/runs/{found.name}/progress"
        assert "Another program of this computer" in client.get(address).text
        assert client.submit(f"/runs/{found.name}/stop").status_code == 303
        with client.stream("GET", f"/runs/{found.name}/events") as answer:
            assert any(line == "event: end" for line in answer.iter_lines())
        assert process.wait(20) == 3
        texts = Markup(client.get(address).text).texts
        assert {"Stopped before the end", "Stopped on request.", f"Go on: send {ROWS - len(crm.calls)} rows"} <= {*texts}
