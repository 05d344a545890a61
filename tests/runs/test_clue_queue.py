"""Which edit is next: one of each clue at a time, in the order of the sheet, and none after one that failed."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from support.dispatching import new_run

from batch_editor.journal.journal import Journal
from batch_editor.journal.sending import Sending
from batch_editor.journal.times import now
from batch_editor.model import Edit, HaltReason, Outcome, Status
from batch_editor.runs.clue_queue import WINDOW, ClueQueue, Streaks
from batch_editor.settings.sections import Halt
from batch_editor.stop import Stop


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal(tmp_path / "journal.sqlite3") as opened:
        yield opened


def queue_of(
    journal: Journal,
    clues: Sequence[int],
    total: int | None = None,
    *,
    unread: bool = False,
    stop: Stop | None = None,
    **halt: Any,
) -> tuple[ClueQueue, Sending]:
    """The queue of a run with a row for each clue, from row 2 on."""
    sending = journal.of(new_run(journal, clues)).sending
    total = len(clues) if total is None else total
    streaks = Streaks(Halt(**{"after_failures": None, "after_rejections": None} | halt))
    return ClueQueue(sending, total, maybe_applied=True, stop=stop or Stop(), streaks=streaks), sending


def outcome_of(edit: Edit, status: Status, code: str = "0") -> Outcome:
    return Outcome(edit.row, status, code, None, 1, now())


def taken(queue: ClueQueue) -> Edit:
    edit = queue.take()
    assert edit is not None
    return edit


def settle(
    queue: ClueQueue, sending: Sending, edit: Edit, status: Status, code: str = "0", following: Edit | None = None
) -> Any:
    """Write an outcome down, as a sender does, and settle it; what comes of it."""
    outcome = outcome_of(edit, status, code)
    sending.advance(outcome, None)
    return queue.settle(edit, outcome, None)


def test_a_busy_clue_is_passed_over_until_it_is_free(journal: Journal) -> None:
    queue, sending = queue_of(journal, [11, 11, 12, 11])
    first, second = taken(queue), taken(queue)
    assert (first.row, second.row) == (2, 4)
    settle(queue, sending, first, Status.UPDATED)
    assert taken(queue).row == 3


def test_a_sender_may_go_on_with_its_own_clue_once_that_is_updated(journal: Journal) -> None:
    for status, row in ((Status.UPDATED, 3), (Status.REJECTED, 4), (Status.FAILED, 4)):
        queue, _ = queue_of(journal, [11, 11, 12])
        first = taken(queue)
        following = queue.take_after(first, outcome_of(first, status))
        assert following is not None and following.row == row


def test_it_waits_for_nothing_where_an_outcome_is_to_be_written_down(journal: Journal) -> None:
    queue, _ = queue_of(journal, [11, 11])
    first = taken(queue)
    assert queue.take_after(first, outcome_of(first, Status.FAILED)) is None


@pytest.mark.parametrize("rows", [2, WINDOW * 2])
def test_after_a_failed_row_the_later_ones_of_its_clue_are_held_back(journal: Journal, rows: int) -> None:
    """Also those that are read from the journal later on."""
    queue, sending = queue_of(journal, [11] * rows + [12])
    assert settle(queue, sending, taken(queue), Status.FAILED) is None
    assert taken(queue).clue_id == 12
    assert queue.take() is None


def test_one_that_waits_is_woken_by_a_clue_that_is_let_go(journal: Journal) -> None:
    queue, _ = queue_of(journal, [11, 11])
    first, rows = taken(queue), list[int]()
    waiting = threading.Thread(target=lambda: rows.append(taken(queue).row))
    waiting.start()
    waiting.join(0.05)
    assert rows == []
    queue.release(first.clue_id)
    waiting.join(20)
    assert rows == [3]


def test_a_stop_hands_out_nothing_more_and_wakes_those_that_wait(journal: Journal) -> None:
    stop, edits = Stop(), list[Edit | None]()
    queue, _ = queue_of(journal, [11, 11, 12], stop=stop)
    first = taken(queue)
    taken(queue)
    waiting = threading.Thread(target=lambda: edits.append(queue.take()))
    waiting.start()
    stop.ask()
    queue.wake()
    waiting.join(20)
    assert edits == [None] and queue.take() is None
    assert queue.take_after(first, outcome_of(first, Status.UPDATED)) is None


def test_no_more_than_was_asked_for_but_for_what_is_dropped(journal: Journal) -> None:
    queue, _ = queue_of(journal, [11, 12, 13, 14], total=2)
    assert [taken(queue).row, taken(queue).row] == [2, 3] and queue.take() is None
    queue.replace_dropped()
    assert taken(queue).row == 4 and queue.take() is None


def test_a_streak_of_edits_and_one_of_reads(journal: Journal) -> None:
    queue, sending = queue_of(journal, range(11, 17), after_failures=2, after_rejections=2)
    assert settle(queue, sending, taken(queue), Status.FAILED) is None
    assert queue.count_read(Status.REJECTED, "7", None) is None
    stoppage = settle(queue, sending, taken(queue), Status.FAILED)
    assert stoppage.reason is HaltReason.FAILURES and stoppage.message.values["rows"] == 2
    assert settle(queue, sending, taken(queue), Status.REJECTED, "7") is None
    assert settle(queue, sending, taken(queue), Status.REJECTED, "8") is None
    stoppage = queue.count_read(Status.REJECTED, "7", None)
    assert stoppage is not None and stoppage.reason is HaltReason.REJECTIONS and stoppage.message.values["code"] == "7"
    assert settle(queue, sending, taken(queue), Status.UPDATED) is None
    assert settle(queue, sending, taken(queue), Status.REJECTED, "8") is None
