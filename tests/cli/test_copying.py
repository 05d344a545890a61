"""What ``journal copy`` says of what it did, in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support import jobs
from support.commands import TOKEN, Commands

from batch_editor import Settings, job
from batch_editor.sandbox import Sandbox


@pytest.fixture
def crm() -> Iterator[Sandbox]:
    with Sandbox(accept_any_clue=True, access_token=TOKEN) as sandbox:
        yield sandbox


@pytest.fixture
def command(tmp_path: Path, crm: Sandbox) -> Commands:
    """The commands of a machine that has sent a sheet, of which one row is still to be sent."""
    jobs.sheet(tmp_path, [11, 12, 13])
    made = Commands(tmp_path, crm.url)
    assert made("run", "edits.csv", "--limit", "2").code == 0
    return made


def test_what_was_copied_is_said_in_numbers(command: Commands, postgres: str) -> None:
    there = {"BATCH_EDITOR_JOURNAL": postgres}
    file = Path("state") / "journal.sqlite3"
    refused = command("journal", "copy", file, **there)
    assert refused.code == 2 and "batch-editor journal migrate" in refused.err
    assert command("journal", "migrate", **there).code == 0
    first = command("journal", "copy", file, **there)
    assert first.code == 0 and "Copying 1 run with 3 rows" in first.out and "1 run with 3 rows." in first.out
    assert postgres.rpartition("/")[2] in first.out
    again = command("journal", "copy", file, "--lang", "zh", **there)
    assert again.code == 0 and "没有需要复制到" in again.out and "保持不变的：1 次运行" in again.out
    run = command("runs", "--json", **there).json["runs"][0]["run"]
    resumed = command("resume", run, "--json", **there)
    assert (resumed.code, resumed.json["updated"]) == (0, 3)
    assert "Copied" not in command("runs").out


def test_a_copy_without_a_database_is_refused_with_what_to_write(command: Commands) -> None:
    done = command("journal", "copy", Path("state") / "journal.sqlite3", "--lang", "zh")
    assert done.code == 2 and "journal: postgresql://" in done.err and "guide cluster" in done.err


def test_a_copy_while_a_run_is_driven_exits_as_wherever_somebody_else_is_at_work(command: Commands, postgres: str) -> None:
    there = {"BATCH_EDITOR_JOURNAL": postgres}
    assert command("journal", "migrate", **there).code == 0
    settings = Settings.load(command.folder / "config.yaml")
    with job.open_journal(settings) as journal:
        journal.claim(journal.runs()[0].name)
        done = command("journal", "copy", Path("state") / "journal.sqlite3", **there)
    assert done.code == 4 and "nothing was copied" in done.err
