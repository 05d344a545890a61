"""``keep`` by the real command, in processes with a time of their own: what is left of nights months later."""

from __future__ import annotations

import signal
import time
from datetime import timedelta
from pathlib import Path

import pytest
from support import jobs
from support.commands import Commands
from support.crm import Crm
from support.nights import FIRST, in_its_time
from support.servers import Answer

pytestmark = pytest.mark.slow


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def at(day: int) -> dict[str, str]:
    return in_its_time(FIRST + timedelta(days=day), speed=1.0)


def test_after_its_days_nothing_is_left_of_nights_but_what_somebody_needs(tmp_path: Path) -> None:
    results = tmp_path / "results"
    with Crm(lambda call: Answer(delay=1.0 if call.clue == 21 else 0.0)) as crm:
        command = Commands(tmp_path, crm.url, results_dir="results", keep="90d", guards={"repeat": "allow", "max_rows": 3})
        run = ("run", "edits.csv", "--json", "--log-format", "json")
        jobs.sheet(tmp_path, [11, 12])
        good = command.process(*run, **at(0))
        jobs.sheet(tmp_path, range(11, 16))
        refused = command.process(*run, **at(1))
        assert (good.code, refused.code) == (0, 2)
        jobs.sheet(tmp_path, [21, 22])
        cut_off = command.start(*run, env=command.env | at(2))
        while 21 not in [call.clue for call in crm.calls]:
            time.sleep(0.01)
        cut_off.send_signal(signal.SIGKILL)
        cut_off.communicate()
        days = [f"{FIRST + timedelta(days=day):%Y-%m-%d}" for day in (0, 1, 2, 95)]
        (results / days[0] / "mine.txt").write_text("mine", "utf-8")
        assert files(results) == [
            f"{days[0]}/edits.results.xlsx",
            f"{days[0]}/mine.txt",
            f"{days[0]}/nights.log",
            f"{days[1]}/edits.check.xlsx",
            f"{days[1]}/nights.log",
            f"{days[2]}/nights.log",
        ]
        jobs.sheet(tmp_path, [31])
        later = command.process(*run, **at(95))
        assert (later.code, len(later.json["unfinished"])) == (0, 1), later.err
        assert files(results) == [f"{days[0]}/mine.txt", f"{days[3]}/edits.results.xlsx", f"{days[3]}/nights.log"]
        assert not (results / days[1]).exists()
        runs = command.process("runs", "--json", **at(95)).json["runs"]
    assert [held["run"] for held in runs] == [later.json["run"], later.json["unfinished"][0]["run"]]
