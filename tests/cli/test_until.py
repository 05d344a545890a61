"""``--until`` of the commands that send: it reaches the run as the moment that is meant, and the same command goes on later."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from support import jobs
from support.commands import Commands

from batch_editor.cli import reconcile, sending
from batch_editor.sandbox import Sandbox
from batch_editor.settings.settings import Settings


def an_hour_ago(until: str | None, settings: Settings) -> datetime:
    assert (until, settings.timezone) == ("06:30", "Asia/Tokyo")
    return datetime.now().astimezone() - timedelta(hours=1)


@pytest.mark.parametrize("command", ["run", "reconcile"])
def test_a_run_ends_at_the_time_that_is_given_and_goes_on_without_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    jobs.sheet(tmp_path, [11, 12])
    with Sandbox([{"clue_id": 11}, {"clue_id": 12}], access_token=jobs.TOKEN) as crm:
        commands = Commands(tmp_path, crm.url, timezone="Asia/Tokyo")
        with monkeypatch.context() as patch:
            patch.setattr(sending, "moment_of", an_hour_ago)
            patch.setattr(reconcile, "moment_of", an_hour_ago)
            stopped = commands(command, "edits.csv", "--until", "06:30", "--json")
            again = commands("resume", stopped.json["run"], "--until", "06:30", "--json")
        for done in (stopped, again):
            assert (done.code, done.json["reason"], done.json["stopped"], done.json["not_sent"]) == (3, "until", True, 2)
        assert commands("resume", stopped.json["run"], "--json").json["updated"] == 2
