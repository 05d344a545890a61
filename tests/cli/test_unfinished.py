"""Runs of earlier nights that stopped: told every night until they are gone on with, undone or dismissed; and runs as JSON."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from support import jobs
from support.commands import TOKEN, Commands
from support.crm import Crm, envelope, scripted

from batch_editor import Settings, dismiss_runs, job
from batch_editor.errors import Refused, UnderWay
from batch_editor.model import RunState
from batch_editor.sandbox import Sandbox

REFUSED, DONE = envelope(7, "no"), envelope(0, "ok", True)


def stopped_night(command: Commands, folder: Path, name: str = "night1.csv") -> str:
    """A night of two sheets' worth of rows that the CRM stopped, and whose sheet is gone by now."""
    sheet = jobs.sheet(folder, [11, 12, 13, 14])
    sheet.rename(folder / name)
    done = command("run", name, "--json")
    assert (done.code, done.json["reason"], done.json["stopped"], done.json["left"]) == (3, "rejections", True, 2)
    (folder / name).unlink()
    (folder / "night1.results.xlsx").unlink(missing_ok=True)
    return str(done.json["run"])


def commands(folder: Path, crm: Crm) -> Commands:
    return Commands(folder, crm.url, halt={"after_rejections": 2}, rate={"concurrency": 1})


def night(command: Commands, folder: Path, *options: str) -> Any:
    jobs.sheet(folder, [21])
    return command("run", "edits.csv", "--new", "--json", *options)


def test_a_run_that_stopped_is_told_every_night_until_it_is_dismissed(tmp_path: Path) -> None:
    with Crm(scripted({11: [REFUSED], 12: [REFUSED]})) as crm:
        command = commands(tmp_path, crm)
        run = stopped_night(command, tmp_path)
        for _ in range(2):
            done = night(command, tmp_path, "--quiet")
            (told,) = done.json["unfinished"]
            assert (told["run"], told["state"], told["left"]) == (run, "stopped", 2) and done.code == 0
            assert told["source"] == str(tmp_path / "night1.csv") and told["started"]
            began = datetime.fromisoformat(told["started"]).astimezone(ZoneInfo("Asia/Shanghai"))
            assert f"begun at {began:%Y-%m-%d %H:%M}, 2 rows" in done.err.replace("\n ", "")
            assert f"batch-editor resume {run}\n" in done.err and f"batch-editor runs --dismiss {run}\n" in done.err
        refused = command("run", "none.csv", "--json")
        assert refused.json["unfinished"] == done.json["unfinished"] and run in refused.err
        assert "to go on: batch-editor resume" in command("runs").out
        dismissed = command("runs", "--dismiss", run)
        assert dismissed.code == 0 and f"Dismissed: {run}." in dismissed.out
        assert f"{run} was dismissed before." in command("runs", "--dismiss", run).out
        done = night(command, tmp_path)
        assert done.json["unfinished"] == [] and run not in done.err
        listed = command("runs").out
        assert f"{run}  stopped early, dismissed\n" in listed and "to go on" not in listed
        assert "Dismissed: nobody is told of it any more." in command("show", run).out


def test_a_run_that_is_gone_on_with_or_sent_anew_is_not_told(tmp_path: Path) -> None:
    with Crm(scripted({11: [REFUSED], 12: [REFUSED]})) as crm:
        command = commands(tmp_path, crm)
        run = stopped_night(command, tmp_path)
        command("runs", "--dismiss", run)
        assert command("resume", run, "--yes").code == 1  # two rows stay rejected, and the others are sent
        assert not json.loads(command("show", run, "--json").out)["dismissed"]
        assert night(command, tmp_path).json["unfinished"] == []
    with Crm(scripted({11: [REFUSED, DONE], 12: [REFUSED, DONE]})) as crm:
        command = commands(tmp_path, crm)
        other = stopped_night(command, tmp_path)
        assert [told["run"] for told in night(command, tmp_path).json["unfinished"]] == [other]
        jobs.sheet(tmp_path, [11, 12, 13, 14])
        assert command("run", "edits.csv", "--new", "--json").code == 0
        assert night(command, tmp_path).json["unfinished"] == []


def test_a_dismissed_run_is_not_gone_on_with_unasked(tmp_path: Path) -> None:
    with Crm(scripted({11: [REFUSED, DONE], 12: [REFUSED, DONE]})) as crm:
        command = commands(tmp_path, crm)
        run = stopped_night(command, tmp_path)
        command("runs", "--dismiss", run)
        jobs.sheet(tmp_path, [11, 12, 13, 14])
        done = command("run", "edits.csv", "--json")
    assert done.json["run"] != run and done.json["updated"] == 4
    assert any(f"({run}) was dismissed" in note for note in done.json["notes"])


def test_only_runs_of_the_same_series_are_told(tmp_path: Path) -> None:
    with Crm(scripted({11: [REFUSED], 12: [REFUSED]})) as crm:
        command = commands(tmp_path, crm)
        run = stopped_night(command, tmp_path)
        (tmp_path / "other.yaml").write_text((tmp_path / "config.yaml").read_text(encoding="utf-8"), encoding="utf-8")
        assert night(command, tmp_path, "--config", "other.yaml").json["unfinished"] == []
        assert [told["run"] for told in night(command, tmp_path).json["unfinished"]] == [run]


def test_only_what_stopped_can_be_dismissed_and_all_or_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Crm(scripted({11: [REFUSED], 12: [REFUSED]})) as crm:
        command = commands(tmp_path, crm)
        run = stopped_night(command, tmp_path)
        finished = str(night(command, tmp_path).json["run"])
        for names, word, code in (
            ([run, finished], "not_dismissed", 2),
            ([run, "20200101-000000-0000"], "run_unknown", 2),
        ):
            done = command("runs", *(part for name in names for part in ("--dismiss", name)), "--json")
            assert (done.code, done.json["reason"]) == (code, word)
        assert len(night(command, tmp_path).json["unfinished"]) == 1
        settings = Settings.load(tmp_path / "config.yaml")
    for state, kind in ((RunState.SENDING, UnderWay), (RunState.PLANNED, Refused)):
        with job.open_journal(settings) as journal:
            if state is RunState.SENDING:
                journal.claim(run)
            journal.of(run).set_state(state)
            with pytest.raises(kind):
                dismiss_runs([run], settings)


def test_runs_and_one_of_them_as_json(tmp_path: Path) -> None:
    with Crm(scripted({11: [REFUSED], 12: [REFUSED]})) as crm:
        command = commands(tmp_path, crm)
        run = stopped_night(command, tmp_path)
        listed = command("runs", "--json").json
        shown = command("show", run, "--json", "--json-file", "show.json").json
        assert json.loads((tmp_path / "show.json").read_text(encoding="utf-8")) == shown
        unknown = command("show", "nothing", "--json")
    assert (listed["exit_code"], listed["reason"], listed["error"], listed["stopped"]) == (0, None, None, False)
    (first,) = listed["runs"]
    assert (first["run"], first["state"], first["reason"]) == (run, "stopped", "rejections")
    assert first["counts"]["rejected"] == 2 and first["counts"]["not_sent"] == 2 and first["series"]
    assert (
        {name: shown[name] for name in first} == first and shown["rows"] == 4 and shown["left"] == 2 and not shown["under_way"]
    )
    assert shown["options"]["edit"] == [] and shown["settings"]["rate"] and shown["mends"] == 0 and not shown["undoable"]
    assert (unknown.code, unknown.json["reason"]) == (2, "run_unknown")


def test_what_a_run_changed_as_json_has_ids_as_texts(tmp_path: Path) -> None:
    big = 1591005280874161218
    jobs.sheet(tmp_path, [big, 12])
    clues = [{"clue_id": clue, "remark": "old"} for clue in (big, 12)]
    with Sandbox(clues, access_token=TOKEN) as crm:
        command = Commands(tmp_path, crm.url)
        run = command("run", "edits.csv", "--snapshot", "--json").json["run"]
        shown = command("show", run, "--changes", "--json").json
    assert [change["clue_id"] for change in shown["changes"]] == [str(big), "12"]
    assert (shown["run"], shown["unread_rows"], shown["exit_code"]) == (run, 0, 0)
    assert set(shown["changes"][0]) == {"row", "clue_id", "name", "field", "old", "new", "maybe_applied"}


def test_a_run_that_is_gone_on_with_belongs_to_the_nights_that_it_began_in(tmp_path: Path) -> None:
    """Also where it is gone on with from elsewhere, by settings of which the first command knew nothing."""
    (tmp_path / "in").mkdir()
    (tmp_path / "elsewhere").mkdir()
    jobs.sheet(tmp_path / "in", [11, 12, 13, 14])
    (tmp_path / "in" / "edits.csv.done").touch()
    with Crm(scripted({11: [REFUSED, DONE], 12: [REFUSED, DONE]})) as crm:
        command = commands(tmp_path, crm)
        done = command("inbox", "in", "--marker", ".done", "--json")
        (sheet,) = done.json["sheets"]
        assert (done.code, sheet["left"]) == (3, 2)
        (tmp_path / "config.yaml").rename(tmp_path / "elsewhere" / "other.yaml")
        assert command("resume", sheet["run"], "--config", "elsewhere/other.yaml", "--json").code == 1
        unknown = command("resume", "nobody", "--config", "elsewhere/other.yaml", "--json")
        assert unknown.json["reason"] == "run_unknown"
    with job.open_journal(jobs.settings(tmp_path, crm.url)) as journal:
        inbox = journal.nights.last(str(tmp_path / "in"))
        other = journal.nights.last(str(tmp_path / "elsewhere" / "other.yaml"))
        assert inbox and other and (inbox.run, other.run, other.reason) == (sheet["run"], "nobody", "run_unknown")
        assert inbox.exit_code == 1
