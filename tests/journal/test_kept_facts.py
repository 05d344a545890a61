"""The file in which a process keeps what it knows while the database is away."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from batch_editor.journal.kept_facts import KeptFacts, KeptTransaction, files, left_behind
from batch_editor.journal.owner import Owner
from batch_editor.journal.store import State

JOURNAL, OTHER = "journal-1", "journal-2"


def transaction(number: int, row: int = 2, owner: Owner | None = None) -> KeptTransaction:
    state: State = (
        1,
        row,
        "updated",
        "0",
        '{"key":"verbatim","values":{"text":"请求成功"}}',
        1,
        1_795_000_000,
        28_800,
        False,
        0,
    )
    return KeptTransaction(7, number, [state], owner)


def test_what_a_process_that_has_ended_has_kept_comes_back_whole_and_once(tmp_path: Path) -> None:
    kept = KeptFacts(tmp_path, JOURNAL, 7)
    assert not kept.is_there and not files(tmp_path)
    transactions = [transaction(3, 2, Owner(1 << 61, 1, 4, 9)), transaction(5, 3)]
    for known in transactions:
        kept.keep([known])
    assert kept.is_there and kept.last == 5
    if os.name == "posix":
        assert stat.S_IMODE(kept.path.stat().st_mode) == 0o600
    with left_behind(tmp_path, JOURNAL) as found:
        assert found == [], "its process is there still"
    kept.leave()
    with left_behind(tmp_path, JOURNAL) as found:
        assert found == transactions
    with left_behind(tmp_path, JOURNAL) as found:
        assert found == []
    assert list(tmp_path.iterdir()) == []


def test_what_could_not_be_written_down_stays(tmp_path: Path) -> None:
    kept = KeptFacts(tmp_path, JOURNAL, 7)
    kept.keep([transaction(1)])
    kept.leave()
    with pytest.raises(ConnectionError), left_behind(tmp_path, JOURNAL):
        raise ConnectionError
    with left_behind(tmp_path, OTHER) as found:
        assert found == [], "it is of another journal"
    with left_behind(tmp_path, JOURNAL) as found:
        assert found == [transaction(1)]


def test_a_line_that_was_cut_off_and_one_that_somebody_has_damaged_hide_no_other(tmp_path: Path) -> None:
    kept = KeptFacts(tmp_path, JOURNAL, 7)
    kept.keep([transaction(1)])
    with kept.path.open("ab") as file:
        file.write(b"{damaged}\n")
    kept.keep([transaction(2)])
    with kept.path.open("r+b") as file:
        file.truncate(kept.path.stat().st_size - 9)
    kept.leave()
    with left_behind(tmp_path, JOURNAL) as found:
        assert found == [transaction(1)]


def test_it_is_removed_once_it_is_in_the_journal_and_made_anew_later(tmp_path: Path) -> None:
    kept = KeptFacts(tmp_path, JOURNAL, 7)
    kept.keep([transaction(1)])
    kept.remove()
    assert list(tmp_path.iterdir()) == [] and not kept.is_there
    kept.keep([transaction(9)])
    kept.leave()
    with left_behind(tmp_path, JOURNAL) as found:
        assert found == [transaction(9)]
