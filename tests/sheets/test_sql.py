"""What a database answers, as a DataFrame whose ids are exact."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from support import jobs

import batch_editor

IDS = (1591005521987920963, 1591005521987920967)


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE edits (clue_id INTEGER, clue_pool_id INTEGER, text_id TEXT, remark TEXT)")
        rows = [(IDS[0], None, str(IDS[0]), "a"), (IDS[1], IDS[0], None, None), (None, 7, "x", "c")]
        connection.executemany("INSERT INTO edits VALUES (?, ?, ?, ?)", rows)
        yield connection


def test_whole_numbers_keep_their_digits_beside_missing_ones(connection: sqlite3.Connection) -> None:
    frame = batch_editor.read_sql("SELECT * FROM edits", connection)
    assert frame["clue_id"].tolist()[:2] == list(IDS)
    assert frame["clue_pool_id"].dropna().tolist() == [IDS[0], 7]
    assert frame["text_id"].dropna().tolist() == [str(IDS[0]), "x"]
    assert frame.isna().sum().tolist() == [1, 1, 1, 1]


def test_what_it_reads_is_a_sheet(connection: sqlite3.Connection, tmp_path: Path) -> None:
    query = "SELECT clue_id, clue_pool_id, remark FROM edits WHERE clue_id IS NOT NULL ORDER BY clue_id"
    loaded = batch_editor.load_edits(batch_editor.read_sql(query, connection), jobs.settings(tmp_path))
    assert [edit.clue_id for edit in loaded.edits] == list(IDS) and not loaded.problems
    assert f'"clue_pool_id":{IDS[0]}' in loaded.edits[1].body.replace(": ", ":")


class OtherDriver:
    """A connection of another driver: pandas does not know its class."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


def test_a_connection_of_another_driver_is_read_without_a_warning(connection: sqlite3.Connection) -> None:
    frame = batch_editor.read_sql("SELECT clue_id FROM edits WHERE clue_id > 0", OtherDriver(connection))
    assert frame["clue_id"].tolist() == list(IDS)
