"""A journal in which something was damaged: every command says so in words, and what else is whole is sent all the same."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from support import jobs
from support.commands import Commands

from batch_editor.errors import Halted
from batch_editor.journal.columns import from_json, message_from_json, row_values_from_columns, status_from_column
from batch_editor.sandbox import Sandbox

SHEET = "clue_id,clue_name,remark\n101,王一,a\n101,王一,b\n102,王二,c\n103,王三,d\n"
DAMAGED = "The journal is damaged"


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Sandbox]]:
    """A run of which two rows of four are sent, its clues read, and the CRM that it went to."""
    folder = tmp_path_factory.mktemp("stopped")
    clues = [{"clue_id": 100 + place, "clue_name": f"王{name}", "remark": "old"} for place, name in enumerate("一二三", 1)]
    with Sandbox(clues, access_token="fixed-token") as crm:
        jobs.text_file(folder / "edits.csv", SHEET)
        command = Commands(folder, crm.url, context_columns=["clue_name"])
        assert command("run", "edits.csv", "--yes", "--limit", "2", "--snapshot").code == 0
        yield folder, crm


class Damaged:
    """A copy of that run, in which ``column`` of ``table`` is set to ``value`` where ``where`` says."""

    def __init__(self, folder: Path, stopped: tuple[Path, Sandbox], table: str, column: str, value: object, where: str) -> None:
        self.crm = stopped[1]
        self.command = Commands(folder, self.crm.url, context_columns=["clue_name"])
        shutil.copytree(stopped[0] / "state", folder / "state")
        for name in ("edits.csv", "edits.results.xlsx"):
            shutil.copy(stopped[0] / name, folder / name)
        with closing(sqlite3.connect(folder / "state" / "journal.sqlite3")) as database:
            changed = database.execute(f"UPDATE {table} SET {column} = ? WHERE {where}", (value,))  # noqa: S608
            assert changed.rowcount == 1
            database.commit()
            self.run = database.execute("SELECT name FROM runs").fetchone()[0]


@pytest.mark.parametrize(
    ("table", "column", "value", "words"),
    [
        ("rows", "cells", '["101","王一","a', "results RUN"),
        ("rows", "cells", "7", "results RUN"),
        ("rows", "status", "updatee", "resume RUN --yes"),
        ("rows", "status", "updatee", "results RUN"),
        ("rows", "status", "updatee", "undo RUN --yes"),
        ("rows", "message", '{"kez":"verbatim","values":{}}', "results RUN"),
        ("rows", "message", '{"key"', "run edits.results.xlsx --only-failed --yes"),
        ("rows", "before", '{"remark":"old', "undo RUN --yes"),
        ("runs", "headings", '["clue_id","remark', "resume RUN --yes"),
        ("runs", "settings", '{"api":{', "runs"),
        ("runs", "options", '{"limit":', "run edits.csv --yes"),
        ("runs", "state", "stoppee", "runs"),
    ],
)
def test_every_command_says_so_and_sends_nothing(
    tmp_path: Path, stopped: tuple[Path, Sandbox], table: str, column: str, value: object, words: str
) -> None:
    damaged = Damaged(tmp_path, stopped, table, column, value, "row = 2" if table == "rows" else "TRUE")
    requests = len(damaged.crm.requests)
    done = damaged.command(*words.replace("RUN", damaged.run).split())
    assert done.code in (2, 3) and DAMAGED in done.err
    assert len(damaged.crm.requests) == requests


def test_a_damaged_body_stops_no_row_but_its_own(tmp_path: Path, stopped: tuple[Path, Sandbox]) -> None:
    """The rows of its clue are compared with what is known of the clue, and the next run with what this one has set."""
    damaged = Damaged(tmp_path, stopped, "rows", "body", '{"clue_id":101,"remark', "row = 2")
    jobs.text_file(tmp_path / "later.csv", "clue_id,clue_name,remark\n101,王六,other\n101,王一,later\n")
    assert damaged.command("run", "later.csv", "--yes", "--snapshot").code == 1
    assert jobs.statuses(tmp_path / "later.results.xlsx") == ["conflict", "updated"]
    assert damaged.command("resume", damaged.run, "--yes").code == 0
    assert [damaged.crm.clue(clue)["remark"] for clue in (101, 102, 103)] == ["later", "c", "d"]
    assert damaged.command("undo", damaged.run, "--yes").code == 0
    assert [damaged.crm.clue(clue)["remark"] for clue in (101, 102, 103)] == ["later", "old", "old"]


def test_what_nobody_has_written_there_is_damage() -> None:
    readings: list[tuple[Callable[[Any], object], object]] = [
        (from_json, "x"),
        (status_from_column, "updatee"),
        (message_from_json, {"of": "no kind"}),
        (row_values_from_columns, (2, 101)),
    ]
    for reads, columns in readings:
        with pytest.raises(Halted, match=DAMAGED):
            reads(columns)


def test_a_damaged_table_of_contents_is_told(tmp_path: Path, stopped: tuple[Path, Sandbox]) -> None:
    """What SQLite quotes of it need be no text."""
    damaged = Damaged(tmp_path, stopped, "rows", "code", "", "row = 2")
    file = tmp_path / "state" / "journal.sqlite3"
    content = file.read_bytes()
    assert content.count(b"CREATE TABLE runs (") == 1
    file.write_bytes(content.replace(b"CREATE TABLE runs (", b"CREATE TABLE runs \xce"))
    done = damaged.command("runs")
    assert done.code == 2 and "journal.sqlite3" in done.err
