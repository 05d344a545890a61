"""A signal at each moment of a night, in a process of its own: one whole object says so, and the run is gone on with."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from support import jobs
from support.commands import Commands
from support.crm import CONFIRMED, Call, Crm, granted, status
from support.servers import Answer, Request

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGHUP")]
CLUES = range(11, 19)


def waited_for(seen: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    while not seen():
        assert process.poll() is None, process.communicate()
        time.sleep(0.005)


@pytest.mark.parametrize(
    ("moment", "number"),
    [("token", signal.SIGINT), ("sending", signal.SIGHUP), ("outage", signal.SIGTERM), ("edits fail", signal.SIGINT)],
)
def test_a_signal_leaves_a_whole_object_and_a_run_to_go_on_with(moment: str, number: signal.Signals, tmp_path: Path) -> None:
    is_well = False

    def decide(call: Call) -> Answer:
        return CONFIRMED if is_well else status(503) if moment in ("outage", "edits fail") else Answer(delay=0.2)

    def grant(number: int) -> Answer:
        return granted(number) if is_well or moment != "token" else Answer(delay=0.7, body=granted(number).body)

    jobs.sheet(tmp_path, CLUES)

    class WithProbes(Crm):
        """Answers the probes as well: in an outage like all else, otherwise that there is no such thing."""

        def answer_to(self, request: Request) -> Answer:
            answer = super().answer_to(request)
            return status(503) if moment == "outage" and not is_well and answer.status == 404 else answer

    with WithProbes(decide, grant) as crm:
        command = Commands(tmp_path, crm.url, rate={"patience": 900}, retry={"attempts": 2})
        command.env |= {"WSHOTO_ACCESS_TOKEN": "", "WSHOTO_APP_ID": "app", "WSHOTO_APP_SECRET": "hidden"}
        process = command.start("run", "edits.csv", "--json", "--json-file", "night.json")
        arrivals = {"token": lambda: crm.token_calls, "sending": lambda: crm.calls, "outage": lambda: crm.strays}
        waited_for(lambda: bool(arrivals.get(moment, lambda: crm.strays)()), process)
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
        value = json.loads(out)
        assert (process.returncode, value["exit_code"], value["reason"], value["stopped"]) == (3, 3, "interrupted", True), err
        assert json.loads((tmp_path / "night.json").read_text("utf-8")) == value and "Traceback" not in err
        assert value["updated"] + value["failed"] + value["not_sent"] == len(CLUES) and value["left"]
        is_well = True
        again = command("run", "edits.csv", "--json").json
        assert (again["run"], again["exit_code"], again["updated"]) == (value["run"], 0, len(CLUES))
        assert {call.clue for call in crm.calls} == {*CLUES}
