"""How often somebody is told of a sheet in an inbox: a real folder, and a real target on loopback."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

from support import jobs
from support.inboxes import Box
from support.servers import Server

from batch_editor.sandbox import Sandbox
from batch_editor.settings.settings import Settings

NOW = datetime.now().astimezone()


def told(robot: Server) -> list[tuple[str, str | None]]:
    """What the target was told: of which kind each message was, and for which reason."""
    messages = [json.loads(request.body) for request in robot.requests]
    return [(message["event"], message["reason"]) for message in messages]


def with_target(box: Box, robot: Server) -> Box:
    notify = Settings(notify=[{"kind": "webhook", "url": robot.url}]).notify  # type: ignore[arg-type]
    box.settings = box.settings.model_copy(update={"notify": notify})
    return box


def test_a_sheet_that_stays_where_it_is_is_told_once_a_night_and_not_with_every_pass(tmp_path: Path) -> None:
    with Sandbox([{"clue_id": 11}], access_token="another") as crm, Server() as robot:
        box = with_target(Box(tmp_path, crm.url), robot)
        box.put([11])
        for minutes in (0, 5, 10, 24 * 60):
            moment = NOW + timedelta(minutes=minutes)
            box.one_pass(now=lambda moment=moment: moment)  # type: ignore[misc]
        assert told(robot) == [("bad", "token")] * 2


def test_a_sheet_that_is_refused_again_is_told_again(tmp_path: Path) -> None:
    with Sandbox(access_token=jobs.TOKEN) as crm, Server() as robot:
        box = with_target(Box(tmp_path, crm.url), robot)
        for _ in range(2):
            jobs.text_file(box.folder / "bad.csv", "clue_id,rermark\n11,x\n")
            box.one_pass()
        assert told(robot) == [("bad", "headings")] * 2
