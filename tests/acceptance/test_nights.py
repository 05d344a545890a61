"""Commands that nobody watches: what each start tells the targets of the settings, and that it changes no exit code."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from support import jobs
from support.commands import Commands, finished
from support.crm import Crm
from support.mail_server import MailServer
from support.servers import Answer, Server

from batch_editor.model import Run
from batch_editor.runs.journal_file import open_journal
from batch_editor.sandbox import Sandbox

TOLD = Answer(body=b'{"errcode":0,"errmsg":"ok"}')
KEY = "9e8d5c1e-the-key"


def night_settings(robot: Server, check: Server | None = None, **more: Any) -> dict[str, Any]:
    heartbeat = {"heartbeat": f"{check.url}/{KEY}"} if check else {}
    return {
        "notify": [{"kind": "wecom", "url": f"{robot.url}/send?key={KEY}", "format": "text"}],
        "lang": "zh",
        **heartbeat,
        **more,
    }


def contents(robot: Server) -> list[str]:
    return [json.loads(request.body)["text"]["content"] for request in robot.requests]


def test_a_bad_night_is_told_with_what_to_do_and_the_next_one_that_is_well_again(tmp_path: Path) -> None:
    jobs.text_file(tmp_path / "edits.csv", "clue_id,email\n11,a@b.cn\n12,no-address\n")
    with Crm() as crm, Server(TOLD) as robot, Server() as check:
        command = Commands(tmp_path, crm.url, **night_settings(robot, check))
        bad = command("run", "edits.csv", "--yes", "--json")
        assert bad.code == 1
        jobs.sheet(tmp_path, [11])
        assert command("run", "edits.csv", "--yes").code == 0
        jobs.sheet(tmp_path, [12])
        assert command("run", "edits.csv", "--yes").code == 0
        first, second = contents(robot)
        pings = [request.target for request in check.requests]
    lines = first.split("\n")
    assert lines[0] == "edits.csv：有 1 行没有成功，请处理"
    assert lines[1] == "共 2 行：已更新 1、内容有误（未发送） 1"
    assert "edits.csv!B3：邮箱" in first or "B3：" in first
    assert f"结果表：{tmp_path}/edits.results.xlsx" in lines and lines[-1].startswith("怎么办：在结果表中改好标出的行")
    assert second.split("\n")[0] == "edits.csv：恢复正常（上一次没有正常结束）"
    assert pings == [f"/{KEY}{place}" for place in ("/start", "/fail", "/start", "", "/start", "")]


def test_a_refusal_is_told_and_a_target_that_is_not_told_changes_no_exit_code(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("batch_editor.notify.telling.AGAIN", 0.001)
    jobs.sheet(tmp_path, [11, 12])
    with Server(Answer(body=b'{"errcode":45009,"errmsg":"too fast"}')) as robot, Server(Answer(500)) as check:
        command = Commands(tmp_path, **night_settings(robot, check, guards={"max_rows": 1}))
        done = command("run", "edits.csv", "--yes", "--json")
        assert done.code == done.json["exit_code"] == 2
        assert [text.split("\n")[0] for text in contents(robot)] == ["edits.csv：没有发送任何内容，请处理"] * 2
    assert "没能通知 notify 的第 1 个目标（wecom）：机器人拒绝了，返回码 45009" in done.err and "心跳没有送达" in done.err
    assert KEY not in done.out + done.err


def test_a_sheet_that_is_not_there_and_a_token_that_is_not_there_are_told_as_well(tmp_path: Path) -> None:
    with Server(TOLD) as robot:
        command = Commands(tmp_path, **night_settings(robot))
        assert command("run", "edits.csv", "--yes").code == 2
        jobs.sheet(tmp_path, [11])
        assert command("run", "edits.csv", "--yes", WSHOTO_ACCESS_TOKEN="").code == 2
        assert command("resume", "20260101-000000-0000", "--yes").code == 2
        assert len(robot.requests) == 3


@pytest.mark.parametrize("words", [("run", "edits.csv", "--yes"), ("resume", "20260101-000000-0000", "--yes"), ("inbox", ".")])
def test_settings_that_cannot_be_used_are_told_as_far_as_they_can_be_read(tmp_path: Path, words: tuple[str, ...]) -> None:
    jobs.sheet(tmp_path, [11])
    with Server(TOLD) as robot, Server() as check:
        wrong = {"kind": "wecom", "url": "http://crm.example.com/key"}
        settings = night_settings(robot, check, rate={"concurency": 3})
        settings["notify"] = [wrong, *settings["notify"]]
        done = Commands(tmp_path, **settings)(*words)
        assert done.code == 2
        (said,) = contents(robot)
        assert "concurency" in said and "没有发送任何内容" in said.split("\n")[0]
        assert [request.target for request in check.requests] == [f"/{KEY}/start", f"/{KEY}/fail"]


def test_a_resume_names_the_sheet_of_its_run(tmp_path: Path) -> None:
    jobs.sheet(tmp_path, [11, 12])
    with Sandbox([{"clue_id": 11}, {"clue_id": 12}], access_token=jobs.TOKEN) as crm, Server(TOLD) as robot:
        command = Commands(tmp_path, crm.url, **night_settings(robot))
        stopped = command("run", "edits.csv", "--yes", "--json", WSHOTO_ACCESS_TOKEN="expired")
        assert stopped.code == 3
        assert command("resume", stopped.json["run"], "--yes", WSHOTO_ACCESS_TOKEN="expired").code == 3
        first, second = (text.split("\n")[0] for text in contents(robot))
    assert first == second and second.startswith("edits.csv：")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere no file has such a name")
def test_a_name_that_is_no_text_is_told_and_changes_no_exit_code(tmp_path: Path) -> None:
    name = os.fsdecode(b"n\xff\r\nBcc: a@b.cn <@all>.csv")
    jobs.text_file(tmp_path / name, "clue_id,email\n11,no-address\n")
    with Server(TOLD) as robot, Server() as hook, MailServer() as mails, Server() as check:
        settings = night_settings(robot, check)
        addresses = {"host": "127.0.0.1", "port": mails.port, "starttls": False, "from": "a@b.cn", "to": "c@d.cn"}
        settings["notify"] += [{"kind": "webhook", "url": hook.url}, {"kind": "email", **addresses}]
        done = Commands(tmp_path, **settings)("run", name, "--yes", "--json")
        assert (done.code, done.json["reason"]) == (1, "rows") and "notify" not in done.err
        shown = r"n\xff\r\nBcc: a＠b．cn ＜＠all＞.csv：有 1 行没有成功，请处理"
        assert contents(robot)[0].split("\n")[0] == shown
        (mail,) = mails.mails
        assert (
            mail.message["Subject"] == r"n\xff\r\nBcc: a@b．cn <@all>.csv：有 1 行没有成功，请处理"
            and "Bcc" not in mail.message
        )
        assert json.loads(hook.requests[0].body)["source"].endswith(name) and len(check.requests) == 2


def test_where_somebody_is_asked_or_only_looks_nobody_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs.sheet(tmp_path, [11])
    with Server(TOLD) as robot, Server() as check:
        command = Commands(tmp_path, **night_settings(robot, check, guards={"max_rows": 0}))
        assert command("check", "edits.csv").code == 2
        monkeypatch.setattr("batch_editor.cli.screen.Screen.can_ask", lambda screen: True)
        assert command("run", "edits.csv").code == 2
        assert robot.requests == check.requests == []


def test_the_runs_of_nights_know_their_series(tmp_path: Path) -> None:
    jobs.sheet(tmp_path, [11])
    with Crm() as crm:
        command = Commands(tmp_path, crm.url)
        assert command("run", "edits.csv", "--yes").code == 0
    with open_journal(jobs.settings(tmp_path)) as journal:
        night = journal.nights.last(str(tmp_path / "config.yaml"))
        runs: list[Run] = journal.runs()
    assert night and (night.exit_code, night.run) == (0, runs[0].name)
    assert night.counts["updated"] == 1


@pytest.mark.slow
def test_a_night_that_is_ended_by_a_signal_is_told_and_does_not_wait(tmp_path: Path) -> None:
    jobs.sheet(tmp_path, range(11, 31))
    with Crm(lambda call: Answer(silent=True)) as crm, Server(Answer(500)) as robot, Server() as check:
        command = Commands(tmp_path, crm.url, **night_settings(robot, check))
        process = command.start("run", "edits.csv", "--yes")
        while not crm.calls:
            time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGTERM)
        done = finished(process)
        assert done.code == 3 and len(robot.requests) == 1
        assert [request.target for request in check.requests] == [f"/{KEY}/start", f"/{KEY}/fail"]


def test_a_sample_is_sent_to_each_target(tmp_path: Path) -> None:
    with Server(TOLD) as robot, Server(Answer(body=f'{{"code":19024,"msg":"Key Words Not Found {KEY}"}}'.encode())) as feishu:
        command = Commands(tmp_path, **night_settings(robot))
        done = command("notify", "test", "--lang", "zh")
        assert done.code == 0 and done.out == "1. wecom：成功\n" and done.err == ""
        assert contents(robot)[0].startswith("batch-editor 测试消息：夜间任务的结果会发到这里\n由 ")
        targets = [*night_settings(robot)["notify"], {"kind": "feishu", "url": f"{feishu.url}/hook/{KEY}"}]
        command.configure(notify=targets)
        done = command("notify", "test", "--json", "--lang", "en")
        assert done.code == 1 and KEY not in done.out + done.err
        assert done.json["exit_code"] == 1 and [target["ok"] for target in done.json["targets"]] == [True, False]
        assert done.json["targets"][1]["error"].startswith("the robot refused it with 19024 (Key Words Not Found ***)")
        done = command("notify", "test", "--lang", "en")
        assert done.out == "1. wecom: ok\n" and done.err.startswith("2. feishu: The robot refused it with 19024")


def test_without_targets_there_is_nobody_to_send_a_sample_to(tmp_path: Path) -> None:
    done = Commands(tmp_path)("notify", "test")
    assert done.code == 2 and "name no target" in done.err
