"""Rows that a sender may not send, since somebody else has taken over, or has dealt with them: they are left out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from support.dispatching import Script, dispatch

from batch_editor.events import SendProgress
from batch_editor.journal.sqlite_store import SqliteStore
from batch_editor.journal.store import Transaction
from batch_editor.model import Status


@pytest.fixture
def refuse(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Makes of the store one that lets nobody send the row of this number."""
    commit_really = SqliteStore.commit

    def refuse(row: int) -> None:
        def commit(store: SqliteStore, transaction: Transaction) -> None:
            refused = [state for state in transaction.states if state[1:3] == (row, Status.SENDING)]
            transaction.states = [state for state in transaction.states if state not in refused]
            resolved = [values for _, rows in transaction.statements for values in rows if [*values][-1] == row]
            if resolved:
                transaction.statements = ()
            commit_really(store, transaction)
            transaction.refused = bool(refused or resolved)

        monkeypatch.setattr(SqliteStore, "commit", commit)

    return refuse


@pytest.mark.parametrize("unread", [False, True], ids=["ready", "to be read"])
def test_a_row_that_was_not_marked_is_not_sent(tmp_path: Path, refuse: Callable[[int], None], unread: bool) -> None:
    crm = Script()
    refuse(3)
    sent = dispatch(tmp_path, [11, 12, 13], crm, unread=unread)
    assert crm.rows == [2, 4]
    assert sent.statuses == {2: "updated", 3: "pending", 4: "updated"}


def test_the_outcome_before_it_is_kept_and_nothing_is_counted_twice(tmp_path: Path, refuse: Callable[[int], None]) -> None:
    refuse(3)
    sent = dispatch(tmp_path, [11, 12, 12], Script())
    assert sent.statuses == {2: "updated", 3: "pending", 4: "updated"}
    last = sent.events[-1]
    assert isinstance(last, SendProgress) and last.counts == {"updated": 2}
