"""Commands whose journal is a PostgreSQL database: each does there what it does with a file, and says where the journal is."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from support import jobs
from support.commands import TOKEN, Commands
from support.crm import Crm
from support.servers import Answer, Server

from batch_editor.sandbox import Sandbox

CLUES = [{"clue_id": clue, "remark": "old", **jobs.DEFAULTS} for clue in (11, 12, 13)]


@pytest.fixture
def crm() -> Iterator[Sandbox]:
    with Sandbox(CLUES, access_token=TOKEN) as sandbox:
        yield sandbox


@pytest.fixture
def command(tmp_path: Path, crm: Sandbox, postgres: str) -> Commands:
    """Commands whose journal is in an empty database."""
    commands = Commands(tmp_path, crm.url)
    commands.env["BATCH_EDITOR_JOURNAL"] = postgres
    jobs.sheet(tmp_path, [11, 12, 13])
    return commands


def test_a_database_is_made_ready_once(command: Commands, postgres: str) -> None:
    refused = command("run", "edits.csv")
    assert refused.code == 2 and "holds no journal yet. Make it once: batch-editor journal migrate" in refused.err
    made = command("journal", "migrate")
    assert made.code == 0 and made.out == f"The journal {postgres} was made. It is ready for use.\n"
    migrated = command("journal", "migrate")
    assert migrated.code == 0 and "There was nothing to do." in migrated.out
    assert command("run", "edits.csv").code == 0


@pytest.mark.parametrize("words", [["runs"], ["run", "edits.csv"], ["check", "edits.csv"], ["journal", "migrate"]])
def test_where_the_driver_is_not_installed_it_is_told_how_to(
    command: Commands, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    for module in ("advisory_locks", "migrating"):
        monkeypatch.setitem(sys.modules, f"batch_editor.journal.{module}", None)
    done = command(*words)
    assert done.code == 2 and "pip install 'batch-editor[cluster]'" in done.err.replace("\n", " ")


def test_nobody_who_names_no_database_waits_for_its_driver(tmp_path: Path, crm: Sandbox) -> None:
    command = Commands(tmp_path, crm.url)
    jobs.sheet(tmp_path, [11])
    program = (
        "import sys\n"
        "from batch_editor.cli import main\n"
        "try:\n    main()\n"
        "finally:\n    assert not {'psycopg', 'psycopg_pool', 'procrastinate'} & {*sys.modules}\n"
    )
    words = [sys.executable, "-c", program, "run", "edits.csv"]
    done = subprocess.run(words, cwd=tmp_path, env=command.env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_a_file_is_brought_up_as_well(tmp_path: Path) -> None:
    command = Commands(tmp_path)
    assert "was made" in command("journal", "migrate").out
    assert "There was nothing to do." in command("journal", "migrate").out
    (tmp_path / "state" / "journal.sqlite3").write_bytes(
        (Path(__file__).parents[1] / "journal" / "files" / "v7.sqlite3").read_bytes()
    )
    brought_up = command("journal", "migrate")
    assert brought_up.code == 0 and "was brought up to this version" in brought_up.out
    assert str(tmp_path / "state" / "journal.sqlite3.before-v9") in brought_up.out.replace("\n", "")


def test_nights_are_told_counted_and_removed_as_with_a_file(tmp_path: Path, journal_server: str) -> None:
    accepted = Answer(body=b'{"errcode":0,"errmsg":"ok"}')
    with Crm() as crm, Server(accepted) as robot:
        notify = [{"kind": "wecom", "url": f"{robot.url}/send", "format": "text"}]
        command = Commands(tmp_path, crm.url, notify=notify, results_dir="results", keep="90d", journal=journal_server)
        night = ("run", "edits.csv", "--yes", "--json", "--metrics", "night.prom")
        jobs.text_file(tmp_path / "edits.csv", "clue_id,email\n11,a@b.cn\n12,no-address\n")
        bad = command(*night)
        jobs.sheet(tmp_path, [11])
        assert (bad.code, command(*night).code) == (1, 0)
        first, second = (json.loads(request.body)["text"]["content"].split("\n")[0] for request in robot.requests)
        assert "1 row" in first and "well again" in second  # the night before is known
        assert "batch_editor_last_success_timestamp_seconds" in (tmp_path / "night.prom").read_text("utf-8")
        results = Path(bad.json["results"])
        assert results.exists()
        with psycopg.connect(journal_server) as database:  # a hundred days pass
            for column in ("runs SET started", "nights SET began", "files SET written"):
                table, _, name = column.partition(" SET ")
                database.execute(f"UPDATE {table} SET {name} = {name} - 8640000")  # noqa: S608
        jobs.sheet(tmp_path, [13])
        later = command(*night)
        assert later.code == 0 and not results.exists()
        assert [held["run"] for held in command("runs", "--json").json["runs"]] == [later.json["run"]]
