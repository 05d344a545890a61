"""``batch-editor worker`` as it is typed: its lines, its events, its signals and its exit codes."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from support import jobs
from support.commands import Commands, Done, finished
from support.recording import RecordingCrm, Tenant

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


@pytest.fixture
def crm() -> Iterator[RecordingCrm]:
    with RecordingCrm(*(Tenant(name, f"token-of-{name}", latency=0.02) for name in ("acme", "globex"))) as crm:
        yield crm


def workplace(folder: Path, dsn: str, crm: RecordingCrm, *names: str, **over: Any) -> Commands:
    """The commands in a folder with the settings of a worker and of its tenants."""
    tenants = {}
    for name in names:
        api = {"base_url": crm.url, "access_token": f"token-of-{name}", "tenant": name}
        quick = {key: value for key, value in jobs.QUICK.items() if key not in ("api", "lang")}
        given = {**quick, "api": api, "journal": dsn, "state_dir": str(folder / "state"), "worker": {"rows_per_shard": 20}}
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(given), encoding="utf-8")
        tenants[name] = f"{name}.yaml"
    return Commands(folder, journal=dsn, tenants=tenants, **over)


def lines_until(process: subprocess.Popen[str], is_last: Callable[[str], bool] = lambda line: False) -> list[str]:
    """What a worker says on stderr up to a line, or to its end."""
    assert process.stderr is not None
    lines = []
    for line in process.stderr:
        lines.append(line)
        if is_last(line):
            break
    return lines


def test_it_sends_what_is_left_to_it_until_a_signal_comes(tmp_path: Path, journal_server: str, crm: RecordingCrm) -> None:
    commands = workplace(tmp_path, journal_server, crm, "acme", "globex")
    for name, first in (("acme", 100), ("globex", 200)):
        sheet = jobs.sheet(tmp_path, range(first, first + 40), f"{name}.csv")
        ran = commands("run", sheet, "--config", f"{name}.yaml", "--detach", "--yes", WSHOTO_ACCESS_TOKEN="")
        assert ran.code == 0, ran
    process = commands.start("worker", "--log-format", "json")
    shards_to_come = iter(range(3, -1, -1))
    lines = lines_until(process, lambda line: '"shard_ended"' in line and next(shards_to_come) == 0)
    events = [json.loads(line) for line in lines]
    process.send_signal(signal.SIGTERM)
    events += [json.loads(line) for line in lines_until(process)]
    done = finished(process)
    assert (done.code, done.out) == (0, ""), done
    assert [events[0]["event"], events[-1]["event"]] == ["worker_started", "worker_ended"]
    ended = [(event["tenant"], event["rows"]) for event in events if event["event"] == "shard_ended"]
    assert sorted(ended) == [("acme", 20), ("acme", 20), ("globex", 20), ("globex", 20)]
    assert all({"time", "event"} <= event.keys() for event in events)
    assert (crm["acme"].twice, crm["globex"].twice, crm.strays) == (0, 0, [])


@pytest.mark.slow
@pytest.mark.parametrize(("lang", "ready"), [("en", "is ready"), ("zh", "已就绪")])
def test_its_lines_are_for_people_in_their_language(
    tmp_path: Path, journal_server: str, crm: RecordingCrm, lang: str, ready: str
) -> None:
    commands = workplace(tmp_path, journal_server, crm, "acme")
    process = commands.start("worker", "--lang", lang)
    assert ready in lines_until(process, lambda line: ready in line)[-1]
    process.send_signal(signal.SIGINT)
    assert "0" in lines_until(process)[-1]
    done = finished(process)
    assert (done.code, done.out) == (0, "")


@pytest.mark.slow
def test_quiet_tells_nothing_but_what_somebody_may_have_to_look_after(
    tmp_path: Path, journal_server: str, crm: RecordingCrm
) -> None:
    commands = workplace(tmp_path, journal_server, crm, "acme", "globex")
    (tmp_path / "globex.yaml").write_text("api: [", encoding="utf-8")
    process = commands.start("worker", "--quiet")
    lines = lines_until(process, lambda line: "globex" in line)
    process.send_signal(signal.SIGTERM)
    lines += lines_until(process)
    assert finished(process).code == 0
    assert "Nothing is sent for the tenant globex" in "".join(lines)
    assert not {"ready", "ended"} & {*"".join(lines).split()}


def refused(done: Done) -> str:
    assert (done.code, done.out) == (2, "")
    return done.err


def test_what_it_cannot_work_with_is_told_with_what_to_do(tmp_path: Path, postgres: str, crm: RecordingCrm) -> None:
    commands = workplace(tmp_path, postgres, crm, "acme")
    assert "batch-editor journal migrate" in refused(commands("worker"))
    commands.configure(tenants={"acme": "acme.yaml"})
    assert "journal:" in refused(commands("worker"))
    commands.configure(journal=postgres)
    assert "no access token" in refused(commands("worker", WSHOTO_ACCESS_TOKEN=""))
