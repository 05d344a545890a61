"""What the journal does for a run grows with its rows, and not with their square, whatever the run does with each row."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from support import jobs

import batch_editor
from batch_editor.journal.sqlite_store import SqliteStore
from batch_editor.sandbox import Sandbox

FEW, MANY = 20, 100
NAME, OTHER_NAME = "王小明", "李娟"


def work(folder: Path, rows: int, monkeypatch: pytest.MonkeyPatch, how: dict[str, Any]) -> int:
    """How much SQLite works, in instructions of its machine, for a run of so many rows after another one."""
    folder.mkdir()
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    connect = SqliteStore._connect

    def counting(store: SqliteStore) -> sqlite3.Connection:
        connection = connect(store)
        connection.set_progress_handler(count, 100)
        return connection

    clues = [{"clue_id": number, "clue_name": NAME, "remark": "old"} for number in range(1, rows + 1)]
    with Sandbox(clues, access_token=jobs.TOKEN) as crm, monkeypatch.context() as patched:
        patched.setattr(SqliteStore, "_connect", counting)
        settings = jobs.settings(folder, crm.url, context_columns=["clue_name"], rate={"concurrency": 2})
        # All rows but one name somebody else: what runs have put there is then looked up.
        lines = [f"{number},{OTHER_NAME if number > 1 else NAME},%s" for number in range(1, rows + 1)]
        for value, options in (("first", {}), ("second", how)):
            sheet = jobs.text_file(folder / f"{value}.csv", "\n".join(["clue_id,clue_name,remark", *lines]) % ((value,) * rows))
            report = batch_editor.run(sheet, settings, **options)
        assert report.run and report.results
        batch_editor.run(report.results, settings, only_failed=True)
        if how:
            batch_editor.undo(report.run, settings)
    return steps


@pytest.mark.parametrize("how", [{}, {"only_changed": True}], ids=["sent", "only changed"])
def test_five_times_the_rows_are_about_five_times_the_work(
    how: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = work(tmp_path / "few", FEW, monkeypatch, how)
    many = work(tmp_path / "many", MANY, monkeypatch, how)
    assert 0 < many < 6 * few
